//! The ledger on both databases: order, proofs, refusal of what was rolled back.

use crate::harness::Place;
use std::sync::Arc;
use tidewaiter::identity::Subject;
use tidewaiter::ledger::{Draft, Effect, Owner, StartError, Unrecorded};
use tidewaiter_audit::{Decision, Kind};

pub(crate) fn subject(n: u32) -> Owner {
    Owner::Subject(Arc::new(Subject {
        issuer: "https://id.example".into(),
        sub: format!("customer-{n}"),
        uid: format!("ID{n}"),
    }))
}

pub(crate) fn lookup(n: u32) -> Draft {
    let body = serde_json::json!({"arguments": {"n": n.to_string()}});
    let mut draft = Draft::new(Kind::Lookup, subject(n % 7), "support", body);
    draft.agent = Some("support-bot".into());
    draft.operation = Some("withdrawals.status".into());
    draft.purpose = Some("support.withdrawal".into());
    draft.decision = Some(Decision::Allow);
    draft
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_concurrent_records_form_one_gapless_log() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..300 {
            let ledger = open.ledger.clone();
            tasks.spawn(async move { ledger.append(lookup(n)).await.unwrap().seq() });
        }
        let mut seqs: Vec<u64> = tasks.join_all().await;
        seqs.sort_unstable();
        // Genesis and `started` come first.
        assert_eq!(seqs, (2..302).collect::<Vec<_>>());
        open.ledger.checkpoint().await.unwrap();
        assert!(
            open.ledger
                .latest_checkpoint()
                .unwrap()
                .contains("test.example/log\n302\n")
        );
        open.close().await;
        let again = place.open().await.unwrap();
        assert_eq!(again.ledger.size(), 303);
        again.close().await;
    }
}

#[tokio::test]
async fn i5_a_database_behind_its_anchor_is_refused() {
    let place = Place::sqlite();
    let open = place.open().await.unwrap();
    open.ledger.append(lookup(1)).await.unwrap();
    open.close().await;
    let db = place.path("ledger.db");
    let copy = place.path("older.db");
    std::fs::copy(&db, &copy).unwrap();
    let open = place.open().await.unwrap();
    open.ledger.append(lookup(2)).await.unwrap();
    open.close().await;
    for file in ["ledger.db-wal", "ledger.db-shm"] {
        drop(std::fs::remove_file(place.path(file)));
    }
    std::fs::copy(&copy, &db).unwrap();
    let refused = place.open().await.err().unwrap();
    assert!(
        matches!(refused, StartError::RolledBack { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn i5_a_changed_leaf_is_refused_at_start() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        open.ledger.append(lookup(1)).await.unwrap();
        open.close().await;
        let store = tidewaiter::db::Store::open(&place.url).await.unwrap();
        match &store.log {
            tidewaiter::db::Db::Sqlite(pool) => {
                let update =
                    "UPDATE ledger_leaf SET line = replace(line, '\"allow\"', '\"error\"')";
                let denied = sqlx::query(update).execute(pool).await.unwrap_err();
                assert!(denied.to_string().contains("append-only"), "{denied}");
                sqlx::query("DROP TRIGGER ledger_leaf_no_update")
                    .execute(pool)
                    .await
                    .unwrap();
                sqlx::query(update).execute(pool).await.unwrap();
            }
            tidewaiter::db::Db::Postgres(pool) => {
                let update =
                    "UPDATE ledger_leaf SET line = replace(line, '\"allow\"', '\"error\"')";
                let denied = sqlx::query(update).execute(pool).await.unwrap_err();
                assert!(denied.to_string().contains("append-only"), "{denied}");
                sqlx::query("DROP TRIGGER ledger_leaf_append_only ON ledger_leaf")
                    .execute(pool)
                    .await
                    .unwrap();
                sqlx::query(update).execute(pool).await.unwrap();
            }
        }
        store.close().await;
        let refused = place.open().await.err().unwrap();
        assert!(matches!(refused, StartError::Check(_)), "{refused}");
    }
}

#[tokio::test]
async fn i1_append_failure_hides_the_record() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        open.ledger.append(lookup(1)).await.unwrap();
        open.ledger.store().close().await;
        let failed = open.ledger.append(lookup(2)).await.unwrap_err();
        assert!(
            matches!(failed, Unrecorded::Failed | Unrecorded::KeyGone),
            "{failed}"
        );
    }
}

/// What a cache of conversations says is looked at where the record is committed.
#[tokio::test]
async fn a_record_of_a_conversation_that_is_not_open_is_refused() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        let ledger = &open.ledger;
        let about = async |customer: u32, chat: u8, guest: bool| {
            let mut draft = lookup(customer);
            draft.generation = ledger.generation();
            draft.guard = Some(tidewaiter::ledger::Guard {
                targets: Vec::new(),
                conversation: Some(([chat; 16], guest)),
            });
            ledger.append(draft).await
        };
        let act = async |effect: Effect| {
            let body = serde_json::json!({});
            let mut draft = Draft::new(Kind::Conversation, Owner::Log, "service", body);
            draft.effects = vec![effect];
            ledger.append(draft).await.unwrap();
        };
        let chat = |id: u8, guest: bool| tidewaiter::conversation::Row {
            id: vec![id; 16],
            owner: vec![id; 32],
            agent: "support-bot".into(),
            session: None,
            guest,
            locale: "en".into(),
            closed: false,
            turns: 0,
            opened_us: 1,
            attached: false,
        };
        assert_eq!(about(1, 1, false).await, Err(Unrecorded::Closed), "unknown");
        act(Effect::ConversationOpen(chat(1, false))).await;
        act(Effect::ConversationOpen(chat(2, true))).await;
        about(1, 1, false).await.unwrap();
        about(2, 2, true).await.unwrap();
        assert_eq!(
            about(2, 2, false).await,
            Err(Unrecorded::Closed),
            "a guest's"
        );
        assert_eq!(
            about(1, 1, true).await,
            Err(Unrecorded::Closed),
            "no guest's"
        );
        // Beside others in one batch it is refused alone.
        let all = tokio::join!(
            about(1, 1, false),
            about(2, 9, false),
            about(3, 2, true),
            about(4, 1, false)
        );
        assert!(all.0.is_ok() && all.2.is_ok() && all.3.is_ok(), "{all:?}");
        assert_eq!(all.1, Err(Unrecorded::Closed));
        act(Effect::ConversationClose { id: [1; 16] }).await;
        assert_eq!(about(1, 1, false).await, Err(Unrecorded::Closed), "closed");
        about(2, 2, true).await.unwrap();
        open.close().await;
    }
}

/// Batches in one text and batches step by step take turns, and the counters go on.
#[tokio::test(flavor = "multi_thread")]
async fn i5_both_ways_of_writing_a_batch_form_one_log() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        for round in 0..6_i64 {
            let mut all = tokio::task::JoinSet::new();
            for at in 0..150_u32 {
                let ledger = open.ledger.clone();
                all.spawn(async move {
                    let mut draft = lookup(at);
                    // Every other round is of an older generation, which is looked at in steps.
                    draft.generation = ledger.generation() - round % 2;
                    ledger.append(draft).await.unwrap();
                });
            }
            all.join_all().await;
        }
        assert!(open.ledger.size() >= 900);
        open.close().await;
    }
}

#[tokio::test]
async fn a_switch_thrown_after_the_decision_stops_the_record() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        let decided_under = open.ledger.generation();
        let row = tidewaiter::ledger::switch::Row {
            target: "topic:withdrawals".into(),
            reason: "complaints rise".into(),
            officer: "o-1".into(),
            since_us: 1,
        };
        let mut stop = Draft::new(Kind::Switch, Owner::Log, "service", serde_json::json!({}));
        stop.effects = vec![Effect::SwitchPut(row)];
        open.ledger.append_reserved(stop).await.unwrap();
        let mut late = lookup(3);
        late.generation = decided_under;
        late.guard = Some(tidewaiter::ledger::Guard {
            conversation: None,
            targets: vec!["topic:withdrawals".into()],
        });
        assert_eq!(
            open.ledger.append(late).await.unwrap_err(),
            Unrecorded::Stopped
        );
        open.close().await;
    }
}
