//! Those whom no token makes known: counted, not recorded one by one.

use crate::harness::stand::Stand;
use crate::wire::Wire;
use serde_json::json;
use std::time::Duration;
use tidewaiter::demo::AGENT;
use tidewaiter::identity::Role;
use tidewaiter_audit::Kind;

const UNKNOWN: &str = "unauthenticated";

/// Tokens that are none of an agent's, and what each is called.
fn strangers(stand: &Stand) -> Vec<(Option<String>, &'static str)> {
    let person = &stand.house.exchange.cast().queued;
    let (issuer, now_s) = (&stand.house.issuer, stand.now_s());
    let token = |iat: i64| issuer.agent_token(AGENT, &person.sub, &person.uid, iat);
    let good = token(now_s).sign().unwrap();
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(86));
    let old = token(now_s - 3_600).sign().unwrap();
    let elsewhere = token(now_s).claim("aud", "https://elsewhere.example");
    let nobody = token(now_s).claim("act", json!({"sub": "nobody"}));
    let officer = issuer.officer_token("olga", &[Role::Officer], now_s);
    let customer = issuer.customer_token(&person.sub, &person.uid, now_s);
    vec![
        (None, UNKNOWN),
        (Some("e.e.e".to_owned()), UNKNOWN),
        (Some(forged), UNKNOWN),
        (Some(old), UNKNOWN),
        (Some(elsewhere.sign().unwrap()), UNKNOWN),
        (Some(nobody.sign().unwrap()), UNKNOWN),
        (Some(officer.sign().unwrap()), "wrong_kind"),
        (Some(customer.sign().unwrap()), "wrong_kind"),
    ]
}

/// How many refusals the records since `from` count; there is nothing else.
async fn counted(stand: &Stand, from: i64) -> usize {
    let ledger = stand.house.running.gateway.ledger();
    let mut sum = 0;
    for seq in from..stand.size() {
        let entry = ledger.entry(seq).await.unwrap();
        assert_eq!(entry.leaf.kind, Kind::Refusals);
        let body = ledger.open_body(&entry).await.unwrap();
        for row in body["refusals"].as_array().unwrap() {
            sum += row["count"].as_str().unwrap().parse::<usize>().unwrap();
        }
    }
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_strangers_are_counted_and_not_recorded_one_by_one() {
    let stand = Stand::sqlite().await;
    let from = stand.size();
    let mut refused = 0;
    for (token, code) in strangers(&stand) {
        let wire = Wire {
            token,
            ..stand.wire()
        };
        for got in [
            wire.call("balances.balance", "", &json!({}), &[]).await,
            wire.tool("balances_balance", "", &json!({}), None).await,
            wire.get("/v1/operations").await,
            wire.post("/v1/conversations", &json!({})).await,
        ] {
            assert_eq!(got.code(), code, "{}", got.text());
            assert_eq!(got.rid(), "");
            refused += 1;
        }
    }
    assert!(
        stand.records_from(from).await.is_empty(),
        "none of them has a record"
    );
    let all = async {
        while counted(&stand, from).await < refused {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all)
        .await
        .expect("they are counted");
    assert_eq!(counted(&stand, from).await, refused);
    assert!(stand.size() - from < 8, "at most one record a second");
    stand.close().await;
}
