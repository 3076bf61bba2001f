//! Deposits and withdrawals, as Peatio's management API shows them.

use serde::Serialize;
use serde_json::{Value, json};

use super::amount::Amount;
use super::chance::Chance;
use super::currency::Currency;
use super::name::Locale;
use super::time::{DAY_US, HOUR_US, MINUTE_US, iso};
use super::wallet;

/// `Withdraw`.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Peatio's interface file"
)]
pub struct Withdraw {
    pub tid: String,
    pub uid: String,
    pub currency: Currency,
    pub note: Option<String>,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub amount: Amount,
    pub fee: Amount,
    pub rid: String,
    pub state: &'static str,
    pub created_at: String,
    pub blockchain_txid: Option<String>,
    pub transfer_type: &'static str,
    /// The network it leaves by: `bitcoin`, `trc20`…
    pub network: &'static str,
    /// Why it was refused, in words for the customer.
    pub reason: Option<&'static str>,
    /// What staff wrote about it.
    pub remarks: Option<&'static str>,
    /// What the node said; JSON.
    pub error: Option<Value>,
    /// When it was made; not part of the answer.
    #[serde(skip)]
    pub at_us: i64,
}

/// `Deposit`, with the memo the sender wrote.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Peatio's interface file"
)]
pub struct Deposit {
    pub tid: String,
    pub currency: Currency,
    pub address: Option<String>,
    pub uid: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub amount: Amount,
    pub state: &'static str,
    pub created_at: String,
    pub completed_at: Option<String>,
    pub blockchain_txid: Option<String>,
    pub blockchain_confirmations: Option<String>,
    pub transfer_type: &'static str,
    /// The network it came by.
    pub network: &'static str,
    /// Confirmations after which it is credited; a number in a string, as its neighbour.
    pub confirmations_required: Option<String>,
    /// What keeps it from being credited: `memo_missing`, `wrong_network`, `below_minimum`.
    pub problem: Option<&'static str>,
    /// Free text of whoever sent it.
    pub memo: Option<String>,
    /// What the examiners of money laundering wrote.
    pub aml_note: Option<&'static str>,
    /// When it was made; not part of the answer.
    #[serde(skip)]
    pub at_us: i64,
}

/// Why withdrawals are refused, as the app tells it.
const REFUSALS: &[&str] = &[
    "The destination needs a tag or memo and none was given. Ask the receiving service for it and try again.",
    "The destination is a contract that cannot receive this coin. Use an address of a wallet.",
    "The name of the bank account's holder is not yours. Withdrawals go to accounts in your own name only.",
    "The amount is over what is left of the daily limit. It starts anew 24 hours after the last withdrawal.",
];

/// Every state of a withdrawal, as `POST /withdraws` takes it.
pub const WITHDRAW_STATES: &[&str] = &[
    "prepared",
    "submitted",
    "rejected",
    "accepted",
    "skipped",
    "processing",
    "succeed",
    "canceled",
    "failed",
    "errored",
    "confirming",
];

/// Every state of a deposit, as `POST /deposits` takes it.
pub const DEPOSIT_STATES: &[&str] = &[
    "submitted",
    "canceled",
    "rejected",
    "accepted",
    "aml_processing",
    "aml_suspicious",
    "processing",
    "skipped",
    "collected",
    "fee_processing",
];

impl Withdraw {
    /// A withdrawal in this state, with whatever that state brings.
    pub(super) fn new(
        uid: &str,
        (currency, amount, state): (Currency, Amount, &'static str),
        at_us: i64,
        chance: &mut Chance,
    ) -> Self {
        let mut rid = wallet::address(currency, chance);
        if currency == Currency::Xrp {
            rid = format!("{rid}?dt={}", chance.digits(7));
        }
        let sent = currency.is_coin() && matches!(state, "confirming" | "succeed");
        Self {
            tid: tid(chance),
            uid: uid.to_owned(),
            currency,
            note: None,
            kind: currency.kind(),
            amount,
            fee: currency.withdraw_fee(),
            rid,
            state,
            created_at: iso(at_us),
            blockchain_txid: sent.then(|| wallet::txid(currency, chance)),
            transfer_type: currency.transfer_type(),
            network: currency.network(),
            reason: (state == "rejected").then(|| chance.pick(REFUSALS)),
            remarks: (state == "rejected").then_some("Refused by rule 14; ask second line before a retry."),
            error: (state == "errored").then(|| json!([{ "class": "Peatio::Wallet::ClientError", "message": "insufficient hot wallet balance" }])),
            at_us,
        }
    }

    /// Whether the money is locked for it.
    pub fn is_pending(&self) -> bool {
        matches!(
            self.state,
            "submitted" | "accepted" | "skipped" | "processing" | "confirming" | "errored"
        )
    }
}

impl Deposit {
    /// A deposit in this state, with whatever that state brings.
    pub(super) fn new(
        uid: &str,
        (currency, amount, state): (Currency, Amount, &'static str),
        at_us: i64,
        chance: &mut Chance,
    ) -> Self {
        let coin = currency.is_coin();
        let done = matches!(
            state,
            "accepted" | "collected" | "processing" | "fee_processing"
        );
        let seen = match state {
            "submitted" => chance.between(0, currency.confirmations().saturating_sub(1)),
            _ => currency
                .confirmations()
                .saturating_add(chance.between(0, 900)),
        };
        let delay_us = chance.between(4, 55) * MINUTE_US;
        Self {
            tid: tid(chance),
            currency,
            address: coin.then(|| wallet::address(currency, chance)),
            uid: uid.to_owned(),
            kind: currency.kind(),
            amount,
            state,
            created_at: iso(at_us),
            completed_at: done.then(|| iso(at_us.saturating_add(delay_us))),
            blockchain_txid: coin.then(|| wallet::txid(currency, chance)),
            blockchain_confirmations: coin.then(|| seen.to_string()),
            transfer_type: currency.transfer_type(),
            network: currency.network(),
            confirmations_required: coin.then(|| currency.confirmations().to_string()),
            problem: None,
            memo: None,
            aml_note: state
                .starts_with("aml")
                .then_some("exposure to a sanctioned service above threshold; do not tip off"),
            at_us,
        }
    }
}

/// Peatio's shared transaction id: `TID` and ten hexadecimal capitals.
fn tid(chance: &mut Chance) -> String {
    format!("TID{}", chance.hex::<5>().to_uppercase())
}

/// None to six withdrawals, newest first.
pub(super) fn withdraws(
    uid: &str,
    locale: Locale,
    base_us: i64,
    phone: &str,
    chance: &mut Chance,
) -> Vec<Withdraw> {
    let mut out: Vec<_> = (0..chance.below(7))
        .map(|_| {
            let state = chance.pick(&[
                "succeed",
                "succeed",
                "succeed",
                "succeed",
                "succeed",
                "confirming",
                "processing",
                "accepted",
                "rejected",
                "canceled",
                "failed",
                "skipped",
                "prepared",
                "errored",
            ]);
            let past_us = match state {
                "confirming" | "processing" | "accepted" => chance.between(3, 90) * MINUTE_US,
                "skipped" | "errored" => chance.between(2, 30) * HOUR_US,
                _ => chance.between(1, 240) * DAY_US + chance.between(0, 1_439) * MINUTE_US,
            };
            let currency = used(locale, chance);
            let amount = sum(currency, chance);
            let at_us = base_us.saturating_sub(past_us);
            let mut withdraw = Withdraw::new(uid, (currency, amount, state), at_us, chance);
            withdraw.note = note(locale, phone, chance);
            withdraw
        })
        .collect();
    out.sort_by_key(|it| std::cmp::Reverse(it.at_us));
    out
}

/// One to six deposits, newest first.
pub(super) fn deposits(
    uid: &str,
    locale: Locale,
    base_us: i64,
    chance: &mut Chance,
) -> Vec<Deposit> {
    let mut out: Vec<_> = (0..chance.between(1, 6))
        .map(|_| {
            let state = chance.pick(&[
                "collected",
                "collected",
                "collected",
                "accepted",
                "accepted",
                "submitted",
                "rejected",
                "canceled",
                "aml_processing",
                "skipped",
            ]);
            let past_us = match state {
                "submitted" | "aml_processing" => chance.between(5, 300) * MINUTE_US,
                _ => chance.between(1, 400) * DAY_US + chance.between(0, 1_439) * MINUTE_US,
            };
            let currency = used(locale, chance);
            let amount = sum(currency, chance);
            let at_us = base_us.saturating_sub(past_us);
            let mut deposit = Deposit::new(uid, (currency, amount, state), at_us, chance);
            deposit.memo = memo(currency, chance);
            if state == "rejected" {
                deposit.problem = Some("below_minimum");
            }
            deposit
        })
        .collect();
    out.sort_by_key(|it| std::cmp::Reverse(it.at_us));
    out
}

/// Between 20 and 9,000 dollars' worth.
fn sum(currency: Currency, chance: &mut Chance) -> Amount {
    currency.worth(Amount::units(
        chance.between(2_000, 900_000).saturating_mul(1_000_000),
    ))
}

/// A currency somebody of this language is likely to use.
fn used(locale: Locale, chance: &mut Chance) -> Currency {
    match (locale, chance.pick(&Currency::ALL)) {
        (Locale::En, Currency::Rub) => Currency::Usd,
        (Locale::De, Currency::Rub | Currency::Usd) => Currency::Eur,
        (Locale::Ru, Currency::Usd | Currency::Eur) => Currency::Rub,
        (_, currency) => currency,
    }
}

fn note(locale: Locale, phone: &str, chance: &mut Chance) -> Option<String> {
    match (locale, chance.below(8)) {
        (Locale::En, 0) => Some("to my Ledger".to_owned()),
        (Locale::En, 1) => Some(format!("call me if anything is wrong: +{phone}")),
        (Locale::De, 0) => Some("auf mein Hardware-Wallet".to_owned()),
        (Locale::De, 1) => Some(format!("bei Fragen bitte anrufen: +{phone}")),
        (Locale::Ru, 0) => Some("на ипотеку".to_owned()),
        (Locale::Ru, 1) => Some(format!("если что, звоните: +{phone}")),
        (_, _) => None,
    }
}

fn memo(currency: Currency, chance: &mut Chance) -> Option<String> {
    match (currency, chance.below(4)) {
        (Currency::Xrp, _) => Some(chance.digits(8)),
        (_, 0) => Some(format!("ref {}", chance.digits(6))),
        (Currency::Rub, 1) => Some("Перевод собственных средств, НДС не облагается".to_owned()),
        (_, _) => None,
    }
}
