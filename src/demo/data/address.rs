//! Where a customer's money comes in and goes out: deposit addresses and whitelisted destinations.

use serde::Serialize;
use serde_json::{Value, json};

use super::chance::Chance;
use super::currency::Currency;
use super::name::Name;
use super::time::{DAY_US, iso};
use super::wallet;

/// `PaymentAddress`, with what the network wants beside it.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Peatio's interface file"
)]
pub struct PaymentAddress {
    pub currencies: Vec<Currency>,
    pub address: String,
    pub state: &'static str,
    pub uid: String,
    pub remote: bool,
    pub network: &'static str,
    /// The tag without which a deposit to a shared address is nobody's.
    pub memo: Option<String>,
}

/// `Beneficiary`; what is in `data` depends on the currency.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Peatio's interface file"
)]
pub struct Beneficiary {
    pub id: u64,
    pub currency: Currency,
    pub uid: String,
    pub name: &'static str,
    pub description: Option<&'static str>,
    pub data: Value,
    pub state: &'static str,
    pub sent_at: Option<String>,
}

/// One address for every coin. XRP has one address for everybody, told apart by tag.
pub(super) fn addresses(seed: u64, uid: &str, chance: &mut Chance) -> Vec<PaymentAddress> {
    let mut shared = Chance::new(seed, "shared address", 0);
    let coins = Currency::ALL.into_iter().filter(|it| it.is_coin());
    coins
        .map(|currency| {
            let tagged = currency == Currency::Xrp;
            let from = if tagged { &mut shared } else { &mut *chance };
            PaymentAddress {
                currencies: vec![currency],
                address: wallet::address(currency, from),
                state: "active",
                uid: uid.to_owned(),
                remote: false,
                network: currency.network(),
                memo: tagged.then(|| chance.digits(9)),
            }
        })
        .collect()
}

/// None to three destinations.
pub(super) fn beneficiaries(
    (number, uid): (u64, &str),
    name: &Name,
    base_us: i64,
    chance: &mut Chance,
) -> Vec<Beneficiary> {
    let count = chance.below(4);
    (0..count)
        .map(|at| {
            let currency = chance.pick(&[
                Currency::Btc,
                Currency::Eth,
                Currency::Usdt,
                Currency::Eur,
                Currency::Rub,
            ]);
            let sent_us = base_us.saturating_sub(chance.between(1, 300) * DAY_US);
            let state = chance.pick(&["active", "active", "active", "pending", "archived"]);
            Beneficiary {
                id: number * 10 + at,
                currency,
                uid: uid.to_owned(),
                name: chance.pick(&["Hardware wallet", "Savings", "Main account", "Cold storage"]),
                description: chance.one_in(3).then_some("checked by the customer"),
                data: destination(currency, name, chance),
                state,
                sent_at: (state != "pending").then(|| iso(sent_us)),
            }
        })
        .collect()
}

fn destination(currency: Currency, name: &Name, chance: &mut Chance) -> Value {
    if currency.is_coin() {
        return json!({ "address": wallet::address(currency, chance) });
    }
    json!({
        "full_name": format!("{} {}", name.first, name.last),
        "account_number": chance.digits(20),
        "bank_name": chance.pick(&["First Harbour Bank", "Nordufer Bank", "Банк Причал"]),
        "bank_swift_code": null,
    })
}
