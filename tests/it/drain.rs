//! Stopping, starting and being watched: what an operator relies on.

mod copy;

use crate::harness::Place;
use crate::harness::child::Site;
use crate::harness::stand::{call, open};
use crate::harness::whole::Whole;
use copy::Copy;
use serde_json::json;
use std::time::{Duration, Instant};
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::db::Store;
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter::ledger::anchor::Anchor;
use tidewaiter_audit::Kind;
use tidewaiter_audit::checkpoint::{Checkpoint, Note};
use tokio::net::TcpStream;

fn now() -> String {
    rfc3339(Clock::System.now_us())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
async fn i9_sigterm_drains_what_is_under_way_and_signs_over_it() {
    for place in Place::each().await {
        let site = Site::on(place, "").await;
        let mut child = site.serve().await;
        let mut chats = Vec::new();
        for person in site.people() {
            let assistant = site.assistant(&person);
            let chat = open(&assistant, &now()).await;
            chats.push((assistant, chat));
        }
        site.exchange
            .misbehave(Misbehaviour::Slow(Duration::from_millis(1_500)));
        let mut under_way = tokio::task::JoinSet::new();
        for (at, (assistant, chat)) in chats.into_iter().enumerate() {
            under_way.spawn(async move {
                if at % 2 == 0 {
                    return call(
                        &assistant,
                        &chat,
                        "balances.balance",
                        json!({"currency": "btc"}),
                    )
                    .await;
                }
                let arguments = json!({"topic": "other", "summary": format!("drain {at}")});
                let body = json!({"arguments": arguments, "conversation": chat});
                let headers = [("idempotency-key", "drain")];
                let path = "/v1/operations/support.open_case";
                assistant
                    .send(http::Method::POST, path, &headers, Some(&body))
                    .await
                    .unwrap()
            });
        }
        let began = Instant::now();
        while site.exchange.count() < 8 {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "the calls did not arrive"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        child.terminate();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let address = site.url.strip_prefix("http://").unwrap();
        assert!(
            TcpStream::connect(address).await.is_err(),
            "nobody new is let in"
        );
        let replies = under_way.join_all().await;
        for reply in &replies {
            assert_eq!(reply.status, 200, "{}", reply.json());
        }
        let status = child.ended().await;
        assert!(status.success(), "{status}: {}", child.stderr());

        assert_signed_to_the_end(&site.place).await;
        let open = site.place.open().await.unwrap();
        let whole = Whole::of(&open.ledger, &site.place).await;
        for reply in &replies {
            let rid = reply.json()["record"].as_str().unwrap().to_owned();
            assert!(whole.named(&rid).is_some(), "answered and not recorded");
        }
        let intents = whole.intents();
        assert_eq!(intents.len(), 4);
        assert!(
            intents.values().all(|ends| *ends == [Kind::Outcome]),
            "{intents:?}"
        );
        open.close().await;
    }
}

/// Before anything opens the ledger again, the anchor covers every record.
async fn assert_signed_to_the_end(place: &Place) {
    let store = Store::open(&place.url).await.unwrap();
    let head = store
        .log
        .read()
        .await
        .unwrap()
        .ledger_head()
        .await
        .unwrap()
        .unwrap();
    store.close().await;
    let anchor = Anchor::open(&place.path("anchor/checkpoint")).unwrap();
    let note = Note::parse(anchor.read().unwrap().unwrap().as_bytes()).unwrap();
    let signed = Checkpoint::parse_text(&note.text).unwrap().size;
    assert_eq!(
        i64::try_from(signed).unwrap(),
        head.size,
        "the last checkpoint covers all"
    );
}

/// Strangers of the last second are counted in a record, and that record is signed over too.
#[tokio::test(flavor = "multi_thread")]
async fn i5_the_last_checkpoint_covers_the_last_count_of_strangers() {
    for place in Place::each().await {
        let site = Site::on(place, "").await;
        for _ in 0..5 {
            let child = site.serve().await;
            for _ in 0..3 {
                assert_eq!(
                    site.client().get("/v1/operations").await.unwrap().status,
                    401
                );
            }
            child.stop().await;
            assert_signed_to_the_end(&site.place).await;
        }
        let open = site.place.open().await.unwrap();
        assert!(
            Whole::of(&open.ledger, &site.place)
                .await
                .count(Kind::Refusals)
                >= 5
        );
        open.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_have_a_listener_of_their_own() {
    let site = Site::on(Place::sqlite(), "").await;
    let child = site.serve().await;
    let person = site.people()[0].clone();
    let assistant = site.assistant(&person);
    let chat = open(&assistant, &now()).await;
    call(
        &assistant,
        &chat,
        "balances.balance",
        json!({"currency": "btc"}),
    )
    .await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let reply = site.health().get(path).await.unwrap();
        assert_eq!(
            (reply.status.as_u16(), &*reply.body),
            (200, text.as_bytes()),
            "{path}"
        );
    }
    let metrics = site.health().get("/metrics").await.unwrap();
    let text = String::from_utf8(metrics.body.to_vec()).unwrap();
    let calls = "tidewaiter_calls_total{operation=\"balances.balance\",outcome=\"ok\"} 1";
    assert!(text.contains(calls), "{text}");
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(
            site.client().get(path).await.unwrap().status,
            404,
            "{path} among the callers"
        );
    }
    for path in ["/v1/operations", "/mcp", "/v1/ledger/checkpoint"] {
        assert_eq!(
            site.health().get(path).await.unwrap().status,
            404,
            "{path} without a token"
        );
    }
    child.stop().await;
}

/// Another process holds the database's write lock: nothing can be committed. Callers learn
/// nothing, probes say so, and all is well again when the lock is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i1_not_ready_while_the_ledger_cannot_commit() {
    for place in Place::each().await {
        let site = Site::on(place, "").await;
        let child = site.serve().await;
        let person = site.people()[0].clone();
        let assistant = site.assistant(&person);
        let chat = open(&assistant, &now()).await;
        let store = Store::open(&site.place.url).await.unwrap();
        let mut held = store.log.begin().await.unwrap();
        held.ledger_head_lock().await.unwrap();
        let reply = call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await;
        assert_eq!(reply.status, 503, "{}", reply.json());
        assert_eq!(reply.json()["code"], "unrecorded");
        assert!(reply.json().get("result").is_none() && reply.json().get("record").is_none());
        assert_eq!(
            ready_within(&site, 503, 10).await,
            503,
            "it cannot append and says it is ready"
        );
        drop(held);
        assert_eq!(ready_within(&site, 200, 30).await, 200, "it recovers");
        let reply = call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        store.close().await;
        child.stop().await;
    }
}

/// The anchor is put back behind the process's back: another history may be signed, so it stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_not_ready_once_the_anchor_holds_another_head() {
    let site = Site::on(Place::sqlite(), "").await;
    let child = site.serve().await;
    let anchor = site.place.path("anchor/checkpoint");
    let older = std::fs::read(&anchor).unwrap();
    let person = site.people()[0].clone();
    let assistant = site.assistant(&person);
    let chat = open(&assistant, &now()).await;
    let began = Instant::now();
    while std::fs::read(&anchor).unwrap() == older {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "nothing was signed"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ready_within(&site, 200, 5).await, 200);
    std::fs::write(&anchor, &older).unwrap();
    assert_eq!(ready_within(&site, 503, 10).await, 503);
    let reply = call(
        &assistant,
        &chat,
        "balances.balance",
        json!({"currency": "btc"}),
    )
    .await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["code"]),
        (503, &json!("unrecorded"))
    );
    drop(child);
}

async fn ready_within(site: &Site, wanted: u16, seconds: u64) -> u16 {
    let began = Instant::now();
    loop {
        let status = site.health().get("/readyz").await.unwrap().status.as_u16();
        if status == wanted || began.elapsed() > Duration::from_secs(seconds) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_file_is_refused() {
    let site = Site::on(Place::sqlite(), "").await;
    let child = site.serve().await;
    let (status, said) = site.refused().await;
    assert_eq!(status.code(), Some(1));
    assert!(
        said.contains("another process has this database open"),
        "{said}"
    );
    assert_eq!(
        ready_within(&site, 200, 5).await,
        200,
        "the first one does not mind"
    );
    child.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_an_older_copy_of_the_database_is_refused() {
    for place in Place::each().await {
        let site = Site::on(place, "").await;
        site.serve().await.stop().await;
        let copy = Copy::take(&site.place).await;
        site.serve().await.stop().await;
        copy.put_back(&site.place).await;
        let (status, said) = site.refused().await;
        assert_eq!(status.code(), Some(1));
        assert!(
            said.contains("the ledger is refused") && said.contains("rolled back"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_a_missing_or_foreign_anchor_is_refused() {
    for place in Place::each().await {
        let site = Site::on(place, "").await;
        site.serve().await.stop().await;
        let anchor = site.place.path("anchor/checkpoint");
        let text = std::fs::read_to_string(&anchor).unwrap();
        std::fs::remove_file(&anchor).unwrap();
        let (status, said) = site.refused().await;
        assert_eq!(status.code(), Some(1));
        assert!(said.contains("the anchor is gone"), "{said}");
        for foreign in [
            "",
            "nonsense",
            &text.replace("test.example", "best.example"),
            text.split_at(40).0,
        ] {
            std::fs::write(&anchor, foreign).unwrap();
            let (status, said) = site.refused().await;
            assert_eq!(status.code(), Some(1), "{foreign:?}: {said}");
            assert!(
                said.contains("the ledger is refused"),
                "{foreign:?}: {said}"
            );
        }
        std::fs::write(&anchor, text).unwrap();
        site.serve().await.stop().await;
    }
}
