use std::collections::HashSet;

use super::*;
use serde_json::json;

const BASE_US: i64 = 1_795_352_700_000_000;

fn data() -> Dataset {
    Dataset::generate(42, CUSTOMERS, BASE_US)
}

fn fingerprint(customer: &Customer) -> String {
    format!("{customer:?}")
}

#[test]
fn the_same_seed_makes_the_same_data() {
    let (one, two) = (data(), data());
    assert_eq!(format!("{one:?}"), format!("{two:?}"));
    let other = Dataset::generate(43, CUSTOMERS, BASE_US);
    assert_ne!(one.cast, other.cast);
}

#[test]
fn the_first_customers_stay_who_they_are_when_there_are_more() {
    let (few, many) = (Dataset::generate(42, 40, BASE_US), data());
    assert_eq!(many.customers.len(), 300);
    assert_eq!(few.cast, many.cast);
    for (one, two) in few.customers.iter().zip(&many.customers) {
        assert_eq!(fingerprint(one), fingerprint(two));
    }
    for (one, two) in few.trades.iter().zip(&many.trades) {
        assert_eq!(format!("{one:?}"), format!("{two:?}"));
    }
}

#[test]
fn ids_mailboxes_and_telephones_are_nobody_else_s() {
    let data = Dataset::generate(42, 300, BASE_US);
    let all = &data.customers;
    let count = |of: HashSet<String>| of.len();
    assert_eq!(
        count(all.iter().map(|it| it.user.uid.clone()).collect()),
        300
    );
    assert_eq!(count(all.iter().map(|it| it.sub.clone()).collect()), 300);
    assert_eq!(
        count(all.iter().map(|it| it.user.email.clone()).collect()),
        300
    );
    assert_eq!(
        count(
            all.iter()
                .map(|it| it.user.phones[0].number.clone())
                .collect()
        ),
        300
    );
    let tids: Vec<_> = all
        .iter()
        .flat_map(|it| {
            it.withdraws
                .iter()
                .map(|it| &it.tid)
                .chain(it.deposits.iter().map(|it| &it.tid))
        })
        .collect();
    assert_eq!(tids.iter().collect::<HashSet<_>>().len(), tids.len());
    for it in all {
        assert!(
            it.user.uid.starts_with("ID") && it.user.uid.len() == 12,
            "{}",
            it.user.uid
        );
    }
    for tid in tids {
        assert!(tid.starts_with("TID") && tid.len() == 13, "{tid}");
    }
}

#[test]
fn customers_write_russian_english_and_german() {
    let data = data();
    let count = |locale| {
        data.customers
            .iter()
            .filter(|it| it.locale == locale)
            .count()
    };
    assert!((100..=140).contains(&count(Locale::Ru)));
    assert!((100..=140).contains(&count(Locale::En)));
    assert!((50..=80).contains(&count(Locale::De)));
    for it in &data.customers {
        let cyrillic = it.user.profiles[0]
            .last_name
            .chars()
            .any(|it| ('а'..='я').contains(&it));
        assert_eq!(cyrillic, it.locale == Locale::Ru);
        assert!(it.user.email.is_ascii() && it.user.email.ends_with(".example"));
    }
}

#[test]
fn every_trouble_that_support_hears_of_is_there() {
    let data = data();
    let all = &data.customers;
    let some = |what: &dyn Fn(&Customer) -> bool| all.iter().filter(|it| what(it)).count();
    for state in [
        "accepted", "errored", "rejected", "succeed", "skipped", "canceled",
    ] {
        assert!(
            some(&|it| it.withdraws.iter().any(|it| it.state == state)) > 5,
            "{state}"
        );
    }
    for problem in ["memo_missing", "wrong_network", "below_minimum"] {
        assert!(
            some(&|it| it.deposits.iter().any(|it| it.problem == Some(problem))) > 0,
            "{problem}"
        );
    }
    assert!(some(&|it| it.deposits.iter().any(|it| it.aml_note.is_some())) > 5);
    for value in ["rejected", "pending", "verified"] {
        let labelled = |it: &Customer| it.user.labels.iter().any(|it| it.value == value);
        assert!(some(&labelled) > 5, "{value}");
    }
    assert!(some(&|it| it.margin.call) > 0 && some(&|it| !it.margin.positions.is_empty()) > 30);
    assert!(some(&|it| !it.liquidations.liquidations.is_empty()) > 15);
    assert!(some(&|it| !it.beneficiaries.is_empty()) > 150);
    assert!(some(&|it| it.security.otp.state == "disabled") > 40);
    assert!(some(&|it| it.activities.iter().any(|it| it.result == "failed")) > 60);
    for state in ["released", "cancelled", "paid", "disputed"] {
        assert!(data.trades.iter().any(|it| it.state == state), "{state}");
    }
    assert!(data.disputes.iter().any(|it| it.state == "resolved"));
}

#[test]
fn withdrawals_refused_say_why_and_others_do_not() {
    for it in data().customers.iter().flat_map(|it| &it.withdraws) {
        assert_eq!(it.reason.is_some(), it.state == "rejected", "{}", it.tid);
        assert_eq!(it.error.is_some(), it.state == "errored", "{}", it.tid);
    }
}

#[test]
fn both_parties_see_a_trade_and_nobody_else() {
    let data = data();
    for trade in &data.trades {
        let (buyer, seller) = (
            trade.seen_by(&trade.buyer.uid),
            trade.seen_by(&trade.seller.uid),
        );
        assert_eq!(
            (&buyer["side"], &seller["side"]),
            (&json!("buy"), &json!("sell"))
        );
        assert_eq!(buyer["counterparty"]["uid"], json!(trade.seller.uid));
        assert!(trade.seen_by("ID0000000000").is_null());
        assert!(data.customer(&trade.buyer.uid).is_some() && trade.buyer.uid != trade.seller.uid);
    }
}

#[test]
fn what_is_locked_is_what_waits() {
    for it in &data().customers {
        for balance in &it.balances {
            assert_eq!(balance.locked, it.locked(balance.currency));
            assert!(balance.balance >= Amount::default());
        }
        for withdraw in &it.withdraws {
            let sent = matches!(withdraw.state, "confirming" | "succeed");
            let expected = sent && withdraw.currency.is_coin();
            assert_eq!(
                withdraw.blockchain_txid.is_some(),
                expected,
                "{}",
                withdraw.state
            );
            assert!(transfer::WITHDRAW_STATES.contains(&withdraw.state));
            assert!(withdraw.amount > Amount::default());
        }
        for deposit in &it.deposits {
            assert!(transfer::DEPOSIT_STATES.contains(&deposit.state));
        }
        for order in &it.orders {
            assert!(trading::ORDER_STATES.contains(&order.state));
            assert_eq!(
                order.origin_volume,
                order.remaining_volume.plus(order.executed_volume)
            );
        }
    }
}

#[test]
fn the_cast_is_as_the_tour_tells_it() {
    let data = data();
    let cast = &data.cast;
    let of = |it: &Person| data.customer(&it.uid).unwrap();

    let queued = &of(&cast.queued).withdraws[0];
    assert_eq!(Some(&queued.tid), cast.queued.tid.as_ref());
    assert_eq!(
        (queued.amount, queued.state),
        (Amount::milli(400), "accepted")
    );
    assert_eq!(queued.blockchain_txid, None);
    assert!(queued.rid.starts_with("bc1q"));
    let locked = of(&cast.queued)
        .balances
        .iter()
        .find(|it| it.currency == Currency::Btc)
        .unwrap();
    assert!(locked.locked >= Amount::milli(400));

    let refused = &of(&cast.refused).user;
    let label = refused
        .labels
        .iter()
        .find(|it| it.key == "document")
        .unwrap();
    assert_eq!(
        (label.value.as_str(), label.scope.as_str()),
        ("rejected", "public")
    );
    assert!(
        refused
            .labels
            .iter()
            .any(|it| it.key == "aml_risk" && it.scope == "private")
    );
    assert_eq!(refused.comments.len(), 2);
    assert_eq!(refused.documents[0].doc_type, "passport");

    let memoless = &of(&cast.memoless).deposits[0];
    assert_eq!(
        (memoless.currency, memoless.memo.as_ref()),
        (Currency::Xrp, None)
    );
    assert_eq!(memoless.state, "submitted");

    let margin = &of(&cast.called).margin;
    assert!(margin.call);
    assert!(margin.positions[0].mark_price > margin.positions[0].liquidation_price);

    let injected = &of(&cast.injected).deposits[0];
    assert!(injected.memo.as_ref().unwrap().contains(&cast.victim.uid));
    assert_ne!(cast.victim.uid, cast.injected.uid);

    assert_eq!(of(&cast.receipt).deposits[0].amount, Amount::whole(48_500));
    assert_eq!(cast.leaving.withdraws.len(), 4);
    assert!(cast.leaving.phone.starts_with("+7"));
}

#[test]
fn the_rest_of_the_cast_is_as_the_tour_tells_it() {
    let data = data();
    let cast = &data.cast;
    let of = |it: &Person| data.customer(&it.uid).unwrap();

    let trade = data.trade(&cast.receipt.trades[0]).unwrap();
    assert_eq!(
        (&trade.seller.uid, &trade.buyer.uid),
        (&cast.receipt.uid, &cast.payer.uid)
    );
    let payment = trade.payment.as_ref().unwrap();
    assert_eq!(
        (trade.fiat_amount, payment.amount),
        (Amount::whole(58_500), Amount::whole(48_500))
    );
    assert_eq!(payment.payer_name, cast.payer.name);
    assert_eq!(
        Some(&payment.reference),
        of(&cast.receipt).deposits[0].memo.as_ref()
    );

    assert_eq!(of(&cast.stuck).withdraws[0].state, "errored");
    assert!(
        of(&cast.rejected).withdraws[0]
            .reason
            .unwrap()
            .contains("tag or memo")
    );
    assert!(of(&cast.sent).withdraws[0].blockchain_txid.is_some());
    assert_eq!(
        of(&cast.misrouted).deposits[0].problem,
        Some("wrong_network")
    );
    let lost = &of(&cast.liquidated).liquidations.liquidations[0];
    assert!(lost.margin_lost > Amount::default());
    assert!(of(&cast.locked).security.withdraw_lock.is_some());
    assert_eq!(of(&cast.locked).activities[0].result, "failed");
    assert_eq!(of(&cast.newcomer).limits.tier, "basic");
    for person in [&cast.queued, &cast.victim] {
        assert!(!person.orders.is_empty() && !person.trades.is_empty());
        assert!(!person.withdraws.is_empty() && !person.deposits.is_empty());
    }
}

#[test]
fn odd_times_and_sizes_make_no_trouble() {
    for base_us in [i64::MIN, 0, i64::MAX] {
        assert_eq!(Dataset::generate(1, 0, base_us).customers.len(), 16);
    }
}

#[test]
fn answers_have_the_fields_of_the_interface_files() {
    let data = data();
    let keys = |value: serde_json::Value| {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    let customer = data.customer(&data.cast.leaving.uid).unwrap();
    assert_eq!(
        keys(serde_json::to_value(&customer.withdraws[0]).unwrap()),
        "amount blockchain_txid created_at currency error fee network note reason remarks rid state \
         tid transfer_type type uid"
    );
    assert_eq!(
        keys(serde_json::to_value(&customer.deposits[0]).unwrap()),
        "address aml_note amount blockchain_confirmations blockchain_txid completed_at \
         confirmations_required created_at currency memo network problem state tid transfer_type \
         type uid"
    );
    assert_eq!(
        keys(serde_json::to_value(&customer.user).unwrap()),
        "comments created_at data data_storages documents email labels level otp phones profiles \
         referral_uid role state uid updated_at"
    );
    let order = data
        .customers
        .iter()
        .find_map(|it| it.orders.first())
        .unwrap();
    assert_eq!(
        keys(serde_json::to_value(order).unwrap()),
        "avg_price created_at executed_volume id maker_fee market market_type member_id ord_type \
         origin_volume price remaining_volume side state taker_fee trades trades_count updated_at \
         uuid"
    );
    assert_eq!(
        keys(serde_json::to_value(&customer.balances[0]).unwrap()),
        "balance locked uid"
    );
}
