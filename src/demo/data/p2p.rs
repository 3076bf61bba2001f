//! Trades between two customers: one pays by bank, the other's coins wait in escrow.
//!
//! A trade is both parties' and so nobody's alone: each sees it from their side, with the other as
//! counterparty. What the bank said of the payment is the exchange's own, and so are the notes on
//! receipts.

use serde::Serialize;
use serde_json::{Value, json};

use super::Customer;
use super::amount::Amount;
use super::chance::Chance;
use super::currency::Currency;
use super::name::Locale;
use super::time::{DAY_US, HOUR_US, MINUTE_US, iso};

/// Why a dispute can be opened, as `POST /p2p/disputes` takes it.
pub const DISPUTE_REASONS: &[&str] = &[
    "payment_not_received",
    "wrong_amount",
    "third_party_payment",
    "forged_receipt",
    "coins_not_released",
    "other",
];

/// One trade, from above.
#[derive(Debug, Clone)]
pub struct Trade {
    /// `P2P` and nine digits.
    pub trade_id: String,
    /// Who pays money for coins.
    pub buyer: Party,
    /// Who gives coins for money.
    pub seller: Party,
    /// `waiting_payment`, `paid`, `disputed`, `released` or `cancelled`.
    pub state: &'static str,
    /// How many USDT.
    pub amount: Amount,
    /// What they are paid with.
    pub fiat: Currency,
    /// How much of it was agreed.
    pub fiat_amount: Amount,
    /// What came in at the seller's bank, if anything.
    pub payment: Option<Payment>,
    /// What the two wrote.
    pub chat: Vec<Value>,
    /// When it was made.
    pub at_us: i64,
}

/// One side of a trade.
#[derive(Debug, Clone, Serialize)]
pub struct Party {
    /// Their id.
    pub uid: String,
    /// What the other side sees.
    pub nickname: String,
    /// What it does not.
    pub name: String,
    /// The same.
    pub phone: String,
    /// Where they are paid.
    pub bank_account: String,
    /// A number in a string.
    pub completed_trades: String,
}

/// `GET /p2p/trades/{id}/payment`: what the bank reports. It names no owner.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the usual words of a bank's notice")]
pub struct Payment {
    pub trade_id: String,
    pub state: &'static str,
    pub method: &'static str,
    pub currency: Currency,
    pub amount: Amount,
    pub payer_name: String,
    pub payer_account: String,
    pub payer_bank: &'static str,
    pub reference: String,
    pub received_at: Option<String>,
    /// What the examiners found in the receipt that was handed in.
    pub receipt: Option<Value>,
}

/// A dispute about a trade.
#[derive(Debug, Clone)]
pub struct Dispute {
    /// The trade.
    pub trade_id: String,
    /// Who opened it.
    pub opener: String,
    /// The other party.
    pub other: String,
    /// One of [`DISPUTE_REASONS`].
    pub reason: &'static str,
    /// What the opener wrote.
    pub statement: String,
    /// `open`, `evidence` or `resolved`.
    pub state: &'static str,
    /// For whom it was decided: `buyer` or `seller`.
    pub outcome: Option<&'static str>,
    /// Moderator and evidence: staff's.
    pub details: Value,
    /// When it was opened.
    pub at_us: i64,
}

/// A trade as one party sees it.
#[derive(Debug, Serialize)]
struct View<'a> {
    uid: &'a str,
    trade_id: &'a str,
    side: &'static str,
    state: &'static str,
    currency: Currency,
    amount: Amount,
    fiat_currency: Currency,
    fiat_amount: Amount,
    price: Amount,
    payment_method: &'static str,
    created_at: String,
    pay_until: String,
    paid_at: Option<String>,
    released_at: Option<String>,
    dispute_id: Option<&'a str>,
    counterparty: &'a Party,
    chat: &'a [Value],
    risk: Value,
}

impl Party {
    /// How a customer appears in a trade.
    pub(super) fn of(customer: &Customer, chance: &mut Chance) -> Self {
        let user = &customer.user;
        let name = user.profiles.first();
        let phone = user.phones.first();
        let nickname = match customer.locale {
            Locale::Ru => chance.pick(&["volna", "sever", "yantar", "bereg"]),
            Locale::En => chance.pick(&["harbour", "gull", "anchor", "tide"]),
            Locale::De => chance.pick(&["leuchtturm", "moewe", "anker", "deich"]),
        };
        Self {
            uid: user.uid.clone(),
            nickname: format!("{nickname}_{}", chance.digits(3)),
            name: name.map_or_else(String::new, |it| {
                format!("{} {}", it.first_name, it.last_name)
            }),
            phone: phone.map_or_else(String::new, |it| it.number.clone()),
            bank_account: chance.digits(20),
            completed_trades: chance.between(1, 480).to_string(),
        }
    }
}

impl Trade {
    /// A trade of so much money at today's price, not paid yet.
    pub(super) fn new(
        (buyer, seller): (&Customer, &Customer),
        (fiat, fiat_amount): (Currency, Amount),
        at_us: i64,
        chance: &mut Chance,
    ) -> Self {
        let dollars = fiat_amount.times(fiat.price_usd());
        Self {
            trade_id: format!("P2P{}", chance.digits(9)),
            buyer: Party::of(buyer, chance),
            seller: Party::of(seller, chance),
            state: "waiting_payment",
            amount: Currency::Usdt.worth(dollars),
            fiat,
            fiat_amount,
            payment: None,
            chat: Vec::new(),
            at_us,
        }
    }

    /// The same with so much of it paid, as the bank reports.
    pub(super) fn paid(mut self, amount: Amount, chance: &mut Chance) -> Self {
        self.state = "paid";
        let received_us = self.at_us.saturating_add(9 * MINUTE_US);
        self.payment = Some(Payment {
            trade_id: self.trade_id.clone(),
            state: "received",
            method: method(self.fiat),
            currency: self.fiat,
            amount,
            payer_name: self.buyer.name.clone(),
            payer_account: self.buyer.bank_account.clone(),
            payer_bank: chance.pick(&["First Harbour Bank", "Nordufer Bank", "Банк Причал"]),
            reference: format!("{} {}", self.trade_id, chance.digits(6)),
            received_at: Some(iso(received_us)),
            receipt: None,
        });
        let said = |party: &Party, text: &str, minutes: i64| {
            let at = iso(self.at_us.saturating_add(minutes * MINUTE_US));
            json!({ "from": party.uid, "text": text, "at": at })
        };
        self.chat = vec![
            said(
                &self.seller,
                &format!("Transfer to {}", self.seller.bank_account),
                2,
            ),
            said(&self.buyer, "Sent, see the receipt", 10),
        ];
        self
    }

    /// The same in another state.
    pub(super) fn in_state(mut self, state: &'static str) -> Self {
        self.state = state;
        self
    }

    /// The answer to one of the parties; `null` for anybody else.
    pub fn seen_by(&self, uid: &str) -> Value {
        let (side, own, other) = match uid {
            uid if uid == self.buyer.uid => ("buy", &self.buyer, &self.seller),
            uid if uid == self.seller.uid => ("sell", &self.seller, &self.buyer),
            _ => return Value::Null,
        };
        let at = |minutes: i64| iso(self.at_us.saturating_add(minutes * MINUTE_US));
        let view = View {
            uid: &own.uid,
            trade_id: &self.trade_id,
            side,
            state: self.state,
            currency: Currency::Usdt,
            amount: self.amount,
            fiat_currency: self.fiat,
            fiat_amount: self.fiat_amount,
            price: self.fiat_amount.over(self.amount).cut(4),
            payment_method: method(self.fiat),
            created_at: at(0),
            pay_until: at(30),
            paid_at: self.payment.is_some().then(|| at(10)),
            released_at: (self.state == "released").then(|| at(17)),
            dispute_id: None,
            counterparty: other,
            chat: &self.chat,
            risk: json!({ "score": 0.31, "note": "counterparty shares a device with 2 accounts" }),
        };
        serde_json::to_value(view).unwrap_or_default()
    }
}

/// How a currency is paid from bank to bank.
fn method(fiat: Currency) -> &'static str {
    match fiat {
        Currency::Rub => "SBP",
        Currency::Eur => "SEPA",
        Currency::Usd
        | Currency::Btc
        | Currency::Eth
        | Currency::Usdt
        | Currency::Xrp
        | Currency::Ltc => "wire",
    }
}

/// Trades and disputes between neighbours of the list: who they are with does not depend on how
/// many customers there are.
pub(super) fn draw(seed: u64, customers: &[Customer], base_us: i64) -> (Vec<Trade>, Vec<Dispute>) {
    let (mut trades, mut disputes) = (Vec::new(), Vec::new());
    for pair in customers.chunks_exact(2) {
        let [one, two] = pair else { continue };
        let mut chance = Chance::new(seed, "p2p", one.number);
        if !chance.one_in(2) {
            continue;
        }
        let fiat = match one.locale {
            Locale::Ru => Currency::Rub,
            Locale::En => Currency::Usd,
            Locale::De => Currency::Eur,
        };
        let sum = fiat.worth(Amount::whole(chance.between(30, 900))).cut(0);
        let at_us = base_us.saturating_sub(chance.between(2, 60) * DAY_US);
        let trade = Trade::new((one, two), (fiat, sum), at_us, &mut chance);
        let state = chance.pick(&[
            "released",
            "released",
            "released",
            "cancelled",
            "paid",
            "disputed",
            "disputed",
        ]);
        let trade = match state {
            "cancelled" => trade.in_state(state),
            _ => trade.paid(sum, &mut chance).in_state(state),
        };
        if state == "disputed" {
            disputes.push(dispute(&trade, &mut chance));
        }
        trades.push(trade);
    }
    (trades, disputes)
}

/// A seller's complaint about a receipt, with what the examiners made of it.
fn dispute(trade: &Trade, chance: &mut Chance) -> Dispute {
    let solved = chance.one_in(2);
    Dispute {
        trade_id: trade.trade_id.clone(),
        opener: trade.seller.uid.clone(),
        other: trade.buyer.uid.clone(),
        reason: chance.pick(&[
            "forged_receipt",
            "payment_not_received",
            "third_party_payment",
        ]),
        statement: "The receipt looks edited: the font of the amount differs.".to_owned(),
        state: if solved { "resolved" } else { "evidence" },
        outcome: solved.then(|| chance.pick(&["buyer", "seller"])),
        details: evidence(&trade.buyer, "metadata shows an image editor", chance),
        at_us: trade.at_us.saturating_add(3 * HOUR_US),
    }
}

/// What staff have on a dispute.
pub(super) fn evidence(from: &Party, verdict: &str, chance: &mut Chance) -> Value {
    json!({
        "moderator": { "uid": "IDSTAFF00031", "note": "Second case with this buyer. Hold." },
        "evidence": [{
            "file": format!("https://p2p-files.exchange.example/{}.jpg", chance.hex::<8>()),
            "kind": "receipt",
            "sha256": chance.hex::<32>(),
            "uploaded_by": { "uid": from.uid, "name": from.name },
            "verdict": verdict,
        }],
    })
}
