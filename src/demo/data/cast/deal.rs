//! The cast's trades with each other.

use serde_json::{Value, json};

use super::SIZE;
use crate::demo::data::Customer;
use crate::demo::data::amount::Amount;
use crate::demo::data::chance::Chance;
use crate::demo::data::currency::Currency;
use crate::demo::data::p2p::{Dispute, Payment, Trade, evidence};
use crate::demo::data::time::{DAY_US, HOUR_US, MINUTE_US};

/// Who paid how much less than the receipt says, and everyday trades beside it.
pub(in crate::demo::data) fn deal(
    customers: &[Customer],
    seed: u64,
    base_us: i64,
) -> (Vec<Trade>, Vec<Dispute>) {
    let Some(
        [
            queued,
            refused,
            memoless,
            called,
            injected,
            victim,
            receipt,
            leaving,
            payer,
            stuck,
            ..,
            newcomer,
        ],
    ) = customers.first_chunk::<SIZE>()
    else {
        return (Vec::new(), Vec::new());
    };
    let mut chance = Chance::new(seed, "deal", 0);
    let rub = Currency::Rub;
    let mut paid = |pair, what: (Currency, i64), ago_us: i64, state| {
        let (fiat, sum) = (what.0, Amount::whole(what.1));
        let at_us = base_us.saturating_sub(ago_us);
        let trade = Trade::new(pair, (fiat, sum), at_us, &mut chance);
        trade.paid(sum, &mut chance).in_state(state)
    };
    let mut trades = vec![
        paid((payer, receipt), (rub, 58_500), 21 * MINUTE_US, "paid"),
        paid((queued, stuck), (rub, 21_000), 50 * MINUTE_US, "paid"),
        paid((called, victim), (rub, 37_200), 70 * MINUTE_US, "paid"),
        paid((memoless, leaving), (rub, 12_300), 4 * DAY_US, "released"),
        paid(
            (refused, injected),
            (Currency::Usd, 640),
            3 * DAY_US,
            "disputed",
        ),
        paid(
            (newcomer, victim),
            (Currency::Usd, 90),
            9 * DAY_US,
            "released",
        ),
    ];
    if let Some(payment) = trades.first_mut().and_then(|it| it.payment.as_mut()) {
        forge(payment, receipt, &mut chance);
    }
    let disputes = trades.iter().filter(|it| it.state == "disputed");
    let disputes = disputes.map(|it| complain(it, &mut chance)).collect();
    (trades, disputes)
}

/// The seller says that nothing came.
fn complain(trade: &Trade, chance: &mut Chance) -> Dispute {
    Dispute {
        trade_id: trade.trade_id.clone(),
        opener: trade.seller.uid.clone(),
        other: trade.buyer.uid.clone(),
        reason: "payment_not_received",
        statement: "Two days and nothing has come in.".to_owned(),
        state: "evidence",
        outcome: None,
        details: evidence(&trade.buyer, "bank confirms the transfer", chance),
        at_us: trade.at_us.saturating_add(48 * HOUR_US),
    }
}

/// 48,500 came in; the receipt says 58,500. The bank's reference is the memo of the deposit.
fn forge(payment: &mut Payment, seller: &Customer, chance: &mut Chance) {
    payment.amount = Amount::whole(48_500);
    let memo = seller.deposits.first().and_then(|it| it.memo.clone());
    payment.reference = memo.unwrap_or_default();
    let receipt: Value = json!({
        "file": format!("https://p2p-files.exchange.example/{}.jpg", chance.hex::<8>()),
        "claimed_amount": "58500.0",
        "verdict": "edited: the amount's font differs, metadata names an image editor",
    });
    payment.receipt = Some(receipt);
}
