//! What the support desk's own service knows: limits, fees, and the state of the networks.

use serde::Serialize;

use super::amount::Amount;
use super::currency::Currency;
use super::time::DAY_US;
use super::transfer::Withdraw;

/// A customer's withdrawal limit over a day.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// Whose.
    pub uid: String,
    /// `basic`, `verified` or `full`, by verification level.
    pub tier: &'static str,
    /// What may leave in 24 hours, in `currency`.
    pub withdraw_24h_limit: Amount,
    /// What has left or is leaving.
    pub withdraw_24h_used: Amount,
    /// What the two are counted in.
    pub currency: Currency,
}

/// A customer's trading fees, as fractions.
#[derive(Debug, Clone, Serialize)]
pub struct Fees {
    /// Whose.
    pub uid: String,
    /// The fee group: `vip-0`…
    pub group: &'static str,
    /// Paid by who makes liquidity.
    pub maker: Amount,
    /// Paid by who takes it.
    pub taker: Amount,
}

/// The networks a currency can be moved on.
#[derive(Debug, Clone, Serialize)]
pub struct Networks {
    /// The currency.
    pub currency: Currency,
    /// Its networks.
    pub networks: Vec<Network>,
}

/// One network's state.
#[derive(Debug, Clone, Serialize)]
pub struct Network {
    /// Its usual name: `Bitcoin`, `TRC20`…
    pub network: &'static str,
    /// Whether deposits are credited.
    pub deposit_enabled: bool,
    /// Whether withdrawals are sent.
    pub withdraw_enabled: bool,
    /// How late withdrawals are.
    pub delay_minutes: u32,
    /// What the status page says.
    pub notice: Option<&'static str>,
}

/// The limit of a verification level, with the last day's withdrawals counted in dollars.
pub(super) fn limits(uid: &str, level: u8, withdraws: &[Withdraw], base_us: i64) -> Limits {
    let (tier, limit) = match level {
        0 | 1 => ("basic", 1_000),
        2 => ("verified", 20_000),
        _ => ("full", 100_000),
    };
    let used: Amount = withdraws
        .iter()
        .filter(|it| it.at_us > base_us.saturating_sub(DAY_US))
        .filter(|it| it.is_pending() || it.state == "succeed")
        .map(|it| it.amount.times(it.currency.price_usd()))
        .sum();
    Limits {
        uid: uid.to_owned(),
        tier,
        withdraw_24h_limit: Amount::whole(limit),
        withdraw_24h_used: used.cut(2),
        currency: Currency::Usd,
    }
}

/// The fees of a group.
pub(super) fn fees(uid: &str, group: usize) -> Fees {
    let (group, maker, taker) = match group {
        0 => ("vip-0", 200_000, 200_000),
        1 => ("vip-1", 160_000, 180_000),
        _ => ("vip-2", 100_000, 140_000),
    };
    Fees {
        uid: uid.to_owned(),
        group,
        maker: Amount::units(maker),
        taker: Amount::units(taker),
    }
}

/// Today's networks; public, the same for everyone.
pub(super) fn networks() -> Vec<Networks> {
    Currency::ALL
        .into_iter()
        .map(|currency| Networks {
            currency,
            networks: networks_of(currency),
        })
        .collect()
}

fn networks_of(currency: Currency) -> Vec<Network> {
    let network = |network, delay_minutes, notice| Network {
        network,
        deposit_enabled: true,
        withdraw_enabled: true,
        delay_minutes,
        notice,
    };
    match currency {
        Currency::Btc => vec![
            network(
                "Bitcoin",
                95,
                Some("High network load: withdrawals are queued and sent within about two hours."),
            ),
            Network {
                withdraw_enabled: false,
                ..network("Lightning", 0, Some("Maintenance."))
            },
        ],
        Currency::Eth => vec![
            network("Ethereum", 2, None),
            network("Arbitrum One", 1, None),
        ],
        Currency::Usdt => vec![
            network("TRC20", 3, None),
            Network {
                deposit_enabled: false,
                ..network("ERC20", 5, Some("Deposits paused."))
            },
        ],
        Currency::Xrp => vec![network(
            "XRP Ledger",
            1,
            Some("A destination tag is required. Without it a deposit waits for a manual claim."),
        )],
        Currency::Ltc => vec![network("Litecoin", 10, None)],
        Currency::Usd => vec![network("SWIFT", 1_440, None)],
        Currency::Eur => vec![network("SEPA", 60, None)],
        Currency::Rub => vec![network("SBP", 5, None)],
    }
}
