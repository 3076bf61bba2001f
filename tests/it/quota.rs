//! Quotas over the wire: what is refused, what is said of it, and what is not recorded.

use crate::harness::Place;
use crate::harness::stand::{Stand, metrics};
use crate::wire::{FLOW, Got, Wire};
use serde_json::json;
use std::time::Duration;
use tidewaiter::config::Config;
use tidewaiter::running::Running;
use tidewaiter_audit::Kind;

/// A stand with quotas of the test's own, from the lines of `[quota]`.
async fn stand(place: Place, quota: &str) -> Stand {
    let mut stand = Stand::on(place).await;
    let mut config = Config::load(&stand.house.dir.join("tidewaiter.toml")).unwrap();
    config.quota = toml::from_str(quota).unwrap();
    stand.house.running.stop().await;
    let clock = tidewaiter::clock::Clock::System;
    stand.house.running = Running::start(&config, metrics(), clock).await.unwrap();
    stand
}

/// Sends once, whatever comes of it.
async fn once(who: &Wire, path: &str, body: &serde_json::Value) -> Got {
    let version = [("mcp-protocol-version", "2025-11-25")];
    who.raw(&who.request("POST", path, &version, body.to_string().as_bytes()))
        .await
}

fn tool(name: &str, chat: &str) -> serde_json::Value {
    let meta = json!({"tidewaiter/conversation": chat});
    let params = json!({"name": name, "arguments": {}, "_meta": meta});
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
}

/// How many calls over quota the records since `from` count.
async fn counted(stand: &Stand, from: i64) -> u64 {
    let ledger = stand.house.running.gateway.ledger();
    let mut sum = 0;
    for seq in from..stand.size() {
        let entry = ledger.entry(seq).await.unwrap();
        if entry.leaf.kind != Kind::Refusals {
            continue;
        }
        let body = ledger.open_body(&entry).await.unwrap();
        for row in body["refusals"].as_array().unwrap() {
            if row["reason"] == "over_quota" {
                sum += row["count"].as_str().unwrap().parse::<u64>().unwrap();
            }
        }
    }
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_an_operation_over_its_quota_is_refused_and_counted() {
    for place in Place::each().await {
        let quota = "per_subject = 100\n\
             [operations]\n\
             \"withdrawals.list\" = { per_subject = \"3/day\" }";
        let stand = stand(place, quota).await;
        let cast = stand.exchange().cast().clone();
        let bot = stand.assistant(&cast.queued);
        let chat = bot.open(&stand, "en").await;
        let path = "/v1/operations/withdrawals.list";
        let body = json!({"arguments": {}, "conversation": chat});
        let policy = r#""subject";q=100;w=1, "agent";q=1000;w=1, "subject-operation";q=3;w=86400"#;
        for left in [2, 1, 0] {
            let got = once(&bot, path, &body).await;
            got.is(200, "");
            assert_eq!(got.header("ratelimit-policy"), Some(policy));
            let limit = got.header("ratelimit").unwrap();
            let own = format!(r#""subject-operation";r={left};t="#);
            assert!(limit.contains(&own), "{limit}");
            assert_eq!(got.header("retry-after"), None);
        }
        let from = stand.size();
        stand.exchange().forget_seen();
        let got = once(&bot, path, &body).await;
        got.is(429, "over_quota");
        assert_eq!(got.rid(), "");
        assert_eq!(got.header("ratelimit-policy"), Some(policy));
        let wait: u64 = got.header("retry-after").unwrap().parse().unwrap();
        assert!(
            (28_700..=28_800).contains(&wait),
            "a third of a day: {wait}"
        );
        let limit = got.header("ratelimit").unwrap();
        let own = format!(r#""subject-operation";r=0;t={wait}"#);
        assert!(limit.contains(&own), "{limit}");
        // Over MCP the model gets the sentence, and the client the same fields.
        let told = once(&bot, "/mcp", &tool("withdrawals_list", &chat)).await;
        told.is(200, "over_quota");
        assert_eq!(told.json()["result"]["isError"], true);
        assert_eq!(told.header("ratelimit-policy"), Some(policy));
        assert!(told.header("retry-after").is_some());
        // Another agent of the same customer has no more of it; another customer has.
        let flow = stand.agent(FLOW, &cast.queued, "low");
        let other = stand.assistant(&cast.victim);
        let body_of = async |who: &Wire| {
            let chat = who.open(&stand, "en").await;
            json!({"arguments": {}, "conversation": chat})
        };
        let (flows, others) = (body_of(&flow).await, body_of(&other).await);
        once(&flow, path, &flows).await.is(429, "over_quota");
        once(&other, path, &others).await.is(200, "");
        // Nothing was asked of the exchange but that, and what was refused has no record.
        let kinds: Vec<Kind> = stand
            .records_from(from)
            .await
            .iter()
            .map(|entry| entry.leaf.kind)
            .collect();
        assert_eq!(
            kinds,
            [Kind::Conversation, Kind::Conversation, Kind::Lookup]
        );
        assert_eq!(stand.exchange().count(), 1);
        let all = async {
            while counted(&stand, from).await < 3 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), all)
            .await
            .expect("they are counted");
        stand.close().await;
    }
}

/// Whether an operation has a quota of its own is not told to who may not call it.
#[tokio::test(flavor = "multi_thread")]
async fn i10_an_operations_quota_is_looked_at_once_it_is_granted() {
    let quota = "per_subject = 100\nper_operation = { per_agent = \"1/day\" }";
    let stand = stand(Place::sqlite(), quota).await;
    let bot = stand.assistant(&stand.exchange().cast().queued);
    let chat = bot.open(&stand, "en").await;
    let body = json!({"arguments": {}, "conversation": chat});
    for _ in 0..3 {
        let denied = once(&bot, "/v1/operations/margin.add", &body).await;
        let missing = once(&bot, "/v1/operations/none.such", &body).await;
        denied.is(403, "denied");
        assert_eq!(denied.blind(), missing.blind());
        assert!(!denied.header("ratelimit").unwrap().contains("operation"));
    }
    once(&bot, "/v1/operations/fees.tier", &body)
        .await
        .is(200, "");
    once(&bot, "/v1/operations/fees.tier", &body)
        .await
        .is(429, "over_quota");
    once(&bot, "/v1/operations/withdrawals.list", &body)
        .await
        .is(200, "");
    stand.close().await;
}

/// One customer asks without end; the agent's others are answered as if there were no such one.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_floods_is_stopped_alone() {
    let quota = "per_agent = \"40/day\"\nper_subject = \"10/day\"";
    let stand = stand(Place::sqlite(), quota).await;
    let cast = stand.exchange().cast().clone();
    let (loud, calm) = (stand.assistant(&cast.queued), stand.assistant(&cast.victim));
    let from = stand.size();
    let mut admitted = 0;
    for _ in 0..60 {
        let got = once(&loud, "/v1/operations/none.such", &json!({})).await;
        if got.status == 429 {
            assert_eq!(got.code(), "over_quota");
            assert!(got.header("retry-after").is_some());
        } else {
            admitted += 1;
        }
    }
    assert_eq!(admitted, 10);
    for _ in 0..10 {
        once(&calm, "/v1/operations/none.such", &json!({}))
            .await
            .is(403, "denied");
    }
    assert_eq!(stand.records_from(from).await.len(), 20);
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_of_an_operation_that_is_not_there_is_refused_at_the_start() {
    let stand = Stand::sqlite().await;
    let mut config = Config::load(&stand.house.dir.join("tidewaiter.toml")).unwrap();
    config.quota = toml::from_str("[operations]\n\"kyc.profil\" = { per_subject = 1 }").unwrap();
    config.database.url = format!("sqlite:{}", stand.place.path("other.db").display());
    let clock = tidewaiter::clock::Clock::System;
    let refused = Running::start(&config, metrics(), clock).await.unwrap_err();
    assert!(
        refused.to_string().contains("quota.operations"),
        "{refused}"
    );
    stand.close().await;
}
