//! The currencies the exchange lists, with what they cost and what moving them costs.

use serde::{Serialize, Serializer};

use super::amount::Amount;

/// A listed currency; its lower-case code in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Currency {
    /// Bitcoin.
    #[default]
    Btc,
    /// Ether.
    Eth,
    /// Tether, on Tron.
    Usdt,
    /// XRP: shared deposit address, told apart by destination tag.
    Xrp,
    /// Litecoin.
    Ltc,
    /// US dollar.
    Usd,
    /// Euro.
    Eur,
    /// Rouble.
    Rub,
}

/// What is fixed about a currency.
struct Terms {
    code: &'static str,
    coin: bool,
    decimals: u32,
    price_usd: Amount,
    withdraw_fee: Amount,
    confirmations: i64,
}

impl Currency {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Btc,
        Self::Eth,
        Self::Usdt,
        Self::Xrp,
        Self::Ltc,
        Self::Usd,
        Self::Eur,
        Self::Rub,
    ];

    fn terms(self) -> Terms {
        let (code, coin, decimals, price_usd, fee, confirmations) = match self {
            Self::Btc => ("btc", true, 8, Amount::whole(97_250), 50_000, 3),
            Self::Eth => ("eth", true, 6, Amount::whole(3_412), 300_000, 12),
            Self::Usdt => ("usdt", true, 2, Amount::whole(1), 100_000_000, 20),
            Self::Xrp => ("xrp", true, 6, Amount::milli(2_140), 25_000_000, 1),
            Self::Ltc => ("ltc", true, 8, Amount::milli(92_400), 100_000, 6),
            Self::Usd => ("usd", false, 2, Amount::whole(1), 500_000_000, 0),
            Self::Eur => ("eur", false, 2, Amount::milli(1_080), 300_000_000, 0),
            Self::Rub => ("rub", false, 2, Amount::units(1_080_000), 5_000_000_000, 0),
        };
        Terms {
            code,
            coin,
            decimals,
            price_usd,
            withdraw_fee: Amount::units(fee),
            confirmations,
        }
    }

    /// Its code, as in paths and fields: `btc`.
    pub fn code(self) -> &'static str {
        self.terms().code
    }

    /// The currency of a code in either case, as Peatio takes it.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|it| it.code().eq_ignore_ascii_case(code))
    }

    /// On a blockchain, or at a bank.
    pub fn is_coin(self) -> bool {
        self.terms().coin
    }

    /// `coin` or `fiat`, Peatio's `type`.
    pub fn kind(self) -> &'static str {
        if self.is_coin() { "coin" } else { "fiat" }
    }

    /// `crypto` or `fiat`, Peatio's `transfer_type`.
    pub fn transfer_type(self) -> &'static str {
        if self.is_coin() { "crypto" } else { "fiat" }
    }

    /// Decimals an amount is given with.
    pub fn decimals(self) -> u32 {
        self.terms().decimals
    }

    /// What one costs in dollars.
    pub fn price_usd(self) -> Amount {
        self.terms().price_usd
    }

    /// What a withdrawal costs.
    pub fn withdraw_fee(self) -> Amount {
        self.terms().withdraw_fee
    }

    /// Its full name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Btc => "Bitcoin",
            Self::Eth => "Ethereum",
            Self::Usdt => "Tether",
            Self::Xrp => "XRP",
            Self::Ltc => "Litecoin",
            Self::Usd => "US Dollar",
            Self::Eur => "Euro",
            Self::Rub => "Russian Rouble",
        }
    }

    /// The network it is moved on by default.
    pub fn network(self) -> &'static str {
        match self {
            Self::Btc => "bitcoin",
            Self::Eth => "erc20",
            Self::Usdt => "trc20",
            Self::Xrp => "xrpl",
            Self::Ltc => "litecoin",
            Self::Usd => "swift",
            Self::Eur => "sepa",
            Self::Rub => "sbp",
        }
    }

    /// Confirmations after which a deposit counts.
    pub fn confirmations(self) -> i64 {
        self.terms().confirmations
    }

    /// The amount of this currency that so many dollars buy, in its own decimals.
    pub fn worth(self, usd: Amount) -> Amount {
        usd.over(self.price_usd()).cut(self.decimals())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_finds_its_currency_in_either_case() {
        for currency in Currency::ALL {
            assert_eq!(Currency::of_code(currency.code()), Some(currency));
            assert_eq!(
                Currency::of_code(&currency.code().to_uppercase()),
                Some(currency)
            );
            assert!(currency.price_usd() > Amount::default());
        }
        assert_eq!(Currency::of_code("doge"), None);
        assert_eq!(Currency::Btc.price_usd().to_string(), "97250.0");
        assert_eq!(Currency::Rub.price_usd().to_string(), "0.0108");
    }
}
