//! What is lost on the way: the ledger's disk, the client.

use super::Cast;
use crate::harness::stand::{Stand, metrics};
use crate::harness::verify_whole;
use serde_json::json;
use std::time::Duration;
use tidewaiter::demo::exchange::{CANARY, Misbehaviour};
use tidewaiter::demo::house::House;
use tidewaiter_audit::{Decision, Kind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const SLOW: Misbehaviour = Misbehaviour::Slow(Duration::from_millis(1_000));

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
        stand.house.exchange.forget_seen();
        stand.house.exchange.misbehave(SLOW);
        let btc = json!({"currency": "btc"});
        let (tid, theirs) = (json!({"tid": cast.own}), json!({"tid": cast.foreign}));
        let case = json!({"topic": "other", "summary": CANARY});
        let key = [("idempotency-key", "k-1")];
        let breaking = async {
            until("all are asked", async || stand.house.exchange.count() >= 4).await;
            // The intent of the write is durable; nothing else will be.
            until("the intent", async || stand.size() > before).await;
            match &stand.house.running.gateway.ledger().store().log {
                tidewaiter::db::Db::Sqlite(pool) => pool.close().await,
                tidewaiter::db::Db::Postgres(pool) => pool.close().await,
            }
        };
        let (rest, refused, mcp, write, ()) = tokio::join!(
            cast.bot.call("balances.balance", &cast.chat, &btc, &[]),
            cast.bot
                .call("withdrawals.status", &cast.chat, &theirs, &[]),
            cast.bot.tool("withdrawals_status", &cast.chat, &tid, None),
            cast.bot.call("support.open_case", &cast.chat, &case, &key),
            breaking,
        );
        for got in [&rest, &refused, &write] {
            assert_eq!(
                (got.status, &*got.code()),
                (503, "unrecorded"),
                "{}",
                got.text()
            );
            assert_eq!(got.header("retry-after"), Some("5"));
        }
        assert_eq!(rest.blind(), write.blind());
        assert_eq!(
            rest.blind(),
            refused.blind(),
            "allowed or not: it cannot be told"
        );
        assert_eq!(
            (mcp.status, &*mcp.code()),
            (200, "unrecorded"),
            "{}",
            mcp.text()
        );
        assert_eq!(mcp.json()["result"]["isError"], true);
        assert!(mcp.json()["result"].get("structuredContent").is_none());
        for got in [&rest, &refused, &mcp, &write] {
            assert_eq!(got.rid(), "");
            for hidden in [
                "BTC", "btc", "balance", "locked", "TID", "state", "CS-", &cast.own,
            ] {
                assert!(!got.text().contains(hidden), "{hidden}: {}", got.text());
            }
        }
        // While it lasts, everything else is refused alike, and nothing is asked upstream.
        let asked = stand.house.exchange.count();
        let later = cast
            .bot
            .call("balances.balance", &cast.chat, &btc, &[])
            .await;
        assert_eq!(later.blind(), rest.blind());
        let turn = json!({"speaker": "customer", "text": "hello"});
        let turn = cast
            .bot
            .post(&format!("/v1/conversations/{}/turns", cast.chat), &turn)
            .await;
        assert_eq!(turn.blind(), rest.blind());
        assert_eq!(stand.house.exchange.count(), asked);
        i9_recovers(stand, before).await;
    }
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
    verify_whole(stand.house.running.gateway.ledger()).await;
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_client_that_hangs_up_is_recorded_all_the_same() {
    for stand in Stand::each().await {
        let cast = Cast::of(&stand).await;
        let rest = json!({"arguments": {"currency": "btc"}, "conversation": cast.chat});
        let case =
            json!({"arguments": {"topic": "other", "summary": "x"}, "conversation": cast.chat});
        let meta = json!({"tidewaiter/conversation": cast.chat});
        let tool = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params":
            {"name": "balances_balance", "arguments": {"currency": "btc"}, "_meta": meta}});
        let key = [("idempotency-key", "k-1")];
        for (path, headers, body, kinds) in [
            (
                "/v1/operations/balances.balance",
                &[][..],
                &rest,
                &[Kind::Lookup][..],
            ),
            ("/mcp", &[], &tool, &[Kind::Lookup]),
            (
                "/v1/operations/support.open_case",
                &key,
                &case,
                &[Kind::Intent, Kind::Outcome],
            ),
        ] {
            let from = stand.size();
            stand.house.exchange.forget_seen();
            stand
                .house
                .exchange
                .misbehave_next(Misbehaviour::Slow(Duration::from_millis(300)), 1);
            let bytes = cast
                .bot
                .request("POST", path, headers, body.to_string().as_bytes());
            let mut stream = TcpStream::connect(cast.bot.address).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            until("the exchange is asked", async || {
                stand.house.exchange.count() == 1
            })
            .await;
            stream.set_zero_linger().unwrap();
            drop(stream);
            until("the record", async || {
                stand.records_from(from).await.len() == kinds.len()
            })
            .await;
            let records = stand.records_from(from).await;
            let found: Vec<_> = records.iter().map(|r| r.leaf.kind).collect();
            assert_eq!(found, kinds, "{path}");
            let last = &records.last().unwrap().leaf;
            assert_eq!(last.decision, Some(Decision::Allow), "{path}");
            let sealed = stand.sealed(&hex::encode(last.rid)).await;
            assert!(sealed["shown"].is_object(), "{sealed}");
        }
        // Nobody got an answer, and still the case is there once, under its key.
        assert_eq!(stand.house.exchange.cases().await.unwrap().len(), 1);
        let again = cast
            .bot
            .call("support.open_case", &cast.chat, &case["arguments"], &key)
            .await;
        assert_eq!(again.status, 200, "{}", again.text());
        assert_eq!(stand.house.exchange.cases().await.unwrap().len(), 1);
        stand.close().await;
    }
}
