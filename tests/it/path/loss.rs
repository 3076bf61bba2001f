//! What is lost on the way: the ledger's disk, the client.

use super::Cast;
use super::conversation::say;
use crate::harness::stand::{Stand, metrics};
use crate::wire::Got;
use serde_json::json;
use std::time::Duration;
use tidewaiter::demo::exchange::{CANARY, Misbehaviour};
use tidewaiter::demo::house::House;
use tidewaiter_audit::{Decision, Kind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const SLOW: Misbehaviour = Misbehaviour::Slow(Duration::from_secs(1));

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect(what);
}

/// The exchange has answered, and the ledger's database is gone before the record is written.
#[tokio::test(flavor = "multi_thread")]
async fn i1_append_failure_hides_the_answer() {
    for stand in Stand::each().await {
        let cast = Cast::of(&stand).await;
        let before = stand.size();
        let [allowed, foreign, write, tool] = answers_of_a_lost_ledger(&stand, &cast).await;
        for got in [&allowed, &foreign, &write] {
            got.is(503, "unrecorded");
            assert_eq!(got.header("retry-after"), Some("5"));
            assert_eq!(
                got.blind(),
                allowed.blind(),
                "allowed or not: it cannot be told"
            );
        }
        tool.is(200, "unrecorded");
        let result = &tool.json()["result"];
        assert!(result["isError"] == true && result.get("structuredContent").is_none());
        for got in [&allowed, &foreign, &write, &tool] {
            assert_eq!(got.rid(), "");
            for hidden in "btc BTC balance locked TID state CS-".split(' ') {
                assert!(!got.text().contains(hidden), "{hidden}: {}", got.text());
            }
        }
        // While it lasts, everything else is refused alike, and nothing is asked upstream.
        let asked = stand.exchange().count();
        let later = cast
            .bot
            .call("fees.tier", &cast.chat, &json!({}), &[])
            .await;
        assert_eq!(later.blind(), allowed.blind());
        let turn = say(&cast.bot, &cast.chat, "hello").await;
        assert_eq!(turn.blind(), allowed.blind());
        assert_eq!(stand.exchange().count(), asked);
        i9_recovers(stand, before).await;
    }
}

/// Four calls that are under way upstream while the log's database goes.
async fn answers_of_a_lost_ledger(
    stand: &Stand,
    Cast {
        bot,
        chat,
        own,
        foreign,
        ..
    }: &Cast,
) -> [Got; 4] {
    let before = stand.size();
    stand.exchange().forget_seen();
    stand.exchange().misbehave(SLOW);
    let btc = json!({"currency": "btc"});
    let (own, foreign) = (json!({"tid": own}), json!({"tid": foreign}));
    let case = json!({"topic": "other", "summary": CANARY});
    let key = [("idempotency-key", "k-1")];
    let lose = async {
        until("all are asked", async || stand.exchange().count() >= 4).await;
        // The intent of the write is durable; nothing else will be.
        until("the intent", async || stand.size() > before).await;
        let store = stand.house.running.gateway.ledger().store();
        store.writer.close().await;
        store.log.close().await;
    };
    let (allowed, refused, write, tool, ()) = tokio::join!(
        bot.call("balances.balance", chat, &btc, &[]),
        bot.call("withdrawals.status", chat, &foreign, &[]),
        bot.call("support.open_case", chat, &case, &key),
        bot.tool("withdrawals_status", chat, &own, None),
        lose,
    );
    [allowed, refused, write, tool]
}

/// After a restart the ledger is whole, and says that nobody will learn what became of the write.
async fn i9_recovers(stand: Stand, before: i64) {
    let Stand { house, place } = stand;
    house.close().await;
    let listen = "127.0.0.1:0".parse().unwrap();
    let house = House::build_on(&place.url, place.dir.path(), listen, 7, metrics())
        .await
        .unwrap();
    let stand = Stand { house, place };
    let kinds = async || {
        let records = stand.records_from(before).await;
        records
            .iter()
            .map(|r| (r.leaf.kind, r.leaf.request))
            .collect::<Vec<_>>()
    };
    until("the recovery", async || {
        kinds()
            .await
            .iter()
            .any(|(kind, _)| *kind == Kind::Recovery)
    })
    .await;
    let kinds = kinds().await;
    let of = |kind: Kind| kinds.iter().filter(|(k, _)| *k == kind).collect::<Vec<_>>();
    assert_eq!(of(Kind::Intent).len(), 1, "{kinds:?}");
    assert_eq!(of(Kind::Intent)[0].1, of(Kind::Recovery)[0].1);
    for kind in [Kind::Lookup, Kind::Refusal, Kind::Outcome, Kind::Turn] {
        assert!(
            of(kind).is_empty(),
            "what was not answered was not recorded: {kinds:?}"
        );
    }
    // Under its key the write is not tried again: nobody knows whether it was done.
    let Cast { bot, chat, .. } = Cast::of(&stand).await;
    let case = json!({"topic": "other", "summary": CANARY});
    let key = [("idempotency-key", "k-1")];
    let again = bot.call("support.open_case", &chat, &case, &key).await;
    again.is(409, "outcome_unknown");
    stand.close().await;
}

/// Sends a request, goes away once the exchange has it, and gives the kinds that are recorded.
async fn hang_up(stand: &Stand, request: &[u8], kinds: usize) -> Vec<Kind> {
    let from = stand.size();
    stand.exchange().forget_seen();
    let slow = Misbehaviour::Slow(Duration::from_millis(300));
    stand.exchange().misbehave_next(slow, 1);
    let mut stream = TcpStream::connect(stand.wire().address).await.unwrap();
    stream.write_all(request).await.unwrap();
    until("the exchange is asked", async || {
        stand.exchange().count() == 1
    })
    .await;
    stream.set_zero_linger().unwrap();
    drop(stream);
    until("the record", async || {
        stand.records_from(from).await.len() >= kinds
    })
    .await;
    let records = stand.records_from(from).await;
    let last = &records.last().unwrap().leaf;
    assert_eq!(last.decision, Some(Decision::Allow));
    let sealed = stand.sealed(&hex::encode(last.rid)).await;
    assert!(sealed["shown"].is_object(), "{sealed}");
    records.iter().map(|record| record.leaf.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_client_that_hangs_up_is_recorded_all_the_same() {
    for stand in Stand::each().await {
        let Cast { bot, chat, .. } = Cast::of(&stand).await;
        let btc = json!({"currency": "btc"});
        let body = json!({"arguments": btc, "conversation": chat}).to_string();
        let path = "/v1/operations/balances.balance";
        let rest = bot.request("POST", path, &[], body.as_bytes());
        assert_eq!(hang_up(&stand, &rest, 1).await, [Kind::Lookup]);

        let meta = json!({"tidewaiter/conversation": chat});
        let params = json!({"name": "balances_balance", "arguments": btc, "_meta": meta});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let tool = bot.request("POST", "/mcp", &[], body.to_string().as_bytes());
        assert_eq!(hang_up(&stand, &tool, 1).await, [Kind::Lookup]);

        let case = json!({"topic": "other", "summary": "x"});
        let body = json!({"arguments": case, "conversation": chat}).to_string();
        let key = [("idempotency-key", "k-1")];
        let path = "/v1/operations/support.open_case";
        let write = bot.request("POST", path, &key, body.as_bytes());
        assert_eq!(
            hang_up(&stand, &write, 2).await,
            [Kind::Intent, Kind::Outcome]
        );
        // Nobody got an answer, and still the case is there once, under its key.
        bot.call("support.open_case", &chat, &case, &key)
            .await
            .is(200, "");
        assert_eq!(stand.exchange().cases().await.unwrap().len(), 1);
        stand.close().await;
    }
}
