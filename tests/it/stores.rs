//! The tables behave alike on both databases.

mod append_only;

use crate::harness::Place;
use tidewaiter::conversation::Row as Chat;
use tidewaiter::db::{Db, Store, Tx};
use tidewaiter::ledger::intent::IntentRow;
use tidewaiter::ledger::switch::Row as Stop;
use tidewaiter::privacy::store::{ErasedTag, ErasureRow, ExportRow, ResumeRow};

/// An open, migrated store on every database there is.
async fn stores() -> Vec<(Place, Store)> {
    let mut stores = Vec::new();
    for place in Place::each().await {
        let store = Store::open(&place.url).await.unwrap();
        stores.push((place, store));
    }
    stores
}

async fn begin(store: &Store) -> Tx {
    store.log.begin().await.unwrap()
}

fn intent(n: u8) -> IntentRow {
    IntentRow {
        request: vec![n; 16],
        idempotency: vec![n; 32],
        arguments: vec![9; 32],
        key_id: vec![8; 16],
        class: "support".into(),
        writer: "replica/1".into(),
        seq: 4,
        agent: "support-bot".into(),
        operation: "support.open_case".into(),
        purpose: "support.case".into(),
        policy: "00".repeat(32),
        outcome_seq: None,
        opened_us: 1_000,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_an_idempotency_key_opens_one_intent_and_one_end_closes_it() {
    for (_place, store) in stores().await {
        let mut tx = begin(&store).await;
        assert!(tx.intent_open(&intent(1)).await.unwrap());
        let same_key = IntentRow {
            request: vec![2; 16],
            ..intent(1)
        };
        assert!(!tx.intent_open(&same_key).await.unwrap());
        assert_eq!(tx.intent_by_key(&[1; 32]).await.unwrap(), Some(intent(1)));
        assert_eq!(tx.intent_by_key(&[3; 32]).await.unwrap(), None);
        // Of a writer that never had a lease, of one whose lease runs, of one whose lease ended.
        assert_eq!(tx.intent_orphans(10).await.unwrap(), [intent(1)]);
        tx.writer_put("replica/1", 50).await.unwrap();
        assert!(tx.intent_orphans(50).await.unwrap().is_empty());
        assert_eq!(tx.intent_orphans(51).await.unwrap(), [intent(1)]);
        tx.writer_put("replica/1", 500).await.unwrap();
        assert!(tx.intent_orphans(51).await.unwrap().is_empty());
        tx.writer_end_leases().await.unwrap();
        assert_eq!(tx.intent_orphans(51).await.unwrap(), [intent(1)]);
        assert!(tx.intent_close(&[1; 16], 7).await.unwrap());
        assert!(
            !tx.intent_close(&[1; 16], 8).await.unwrap(),
            "a second outcome"
        );
        assert!(
            !tx.intent_close(&[5; 16], 8).await.unwrap(),
            "an outcome of nothing"
        );
        let closed = tx.intent_by_key(&[1; 32]).await.unwrap().unwrap();
        assert_eq!(closed.outcome_seq, Some(7));
        assert!(tx.intent_orphans(i64::MAX).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        store.close().await;
    }
}

fn chat(n: u8, session: Option<u8>) -> Chat {
    Chat {
        id: vec![n; 16],
        owner: vec![7; 32],
        agent: "support-bot".into(),
        session: session.map(|s| vec![s; 32]),
        guest: false,
        locale: "ru".into(),
        closed: false,
        turns: 0,
        opened_us: 1,
        attached: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
async fn conversations_count_turns_once_and_are_forgotten_whole() {
    for (_place, store) in stores().await {
        let mut tx = begin(&store).await;
        assert!(tx.conversation_open(&chat(1, Some(1))).await.unwrap());
        assert!(
            !tx.conversation_open(&chat(2, Some(1))).await.unwrap(),
            "a session opens one"
        );
        assert!(tx.conversation_open(&chat(2, None)).await.unwrap());
        assert!(
            tx.conversation_open(&chat(3, None)).await.unwrap(),
            "no session, no limit"
        );
        assert_eq!(
            tx.conversation(&[1; 16]).await.unwrap(),
            Some(chat(1, Some(1)))
        );
        assert_eq!(
            tx.conversation_by_session(&[1; 32]).await.unwrap(),
            Some(chat(1, Some(1)))
        );
        assert_eq!(tx.conversation_by_session(&[9; 32]).await.unwrap(), None);
        assert!(tx.conversation_turn(&[1; 16], 1).await.unwrap());
        assert!(!tx.conversation_turn(&[1; 16], 1).await.unwrap(), "taken");
        assert!(
            !tx.conversation_turn(&[1; 16], 3).await.unwrap(),
            "one too far"
        );
        assert!(tx.conversation_turn(&[1; 16], 2).await.unwrap());
        assert!(tx.conversation_close(&[1; 16]).await.unwrap());
        assert!(!tx.conversation_close(&[1; 16]).await.unwrap());
        assert!(!tx.conversation_turn(&[1; 16], 3).await.unwrap(), "closed");
        assert!(tx.conversation_lock(&[2; 16]).await.unwrap());
        assert!(!tx.conversation_lock(&[9; 16]).await.unwrap());
        for (kind, digest) in [("EMAIL", 1), ("EMAIL", 2), ("PHONE", 1), ("EMAIL", 1)] {
            tx.placeholder_put(&[2; 16], kind, &[digest; 32])
                .await
                .unwrap();
        }
        let given = tx.placeholders(&[2; 16]).await.unwrap();
        let expected = [("EMAIL", 1), ("EMAIL", 2), ("PHONE", 1)]
            .map(|(kind, digest)| (kind.to_owned(), vec![digest; 32]));
        assert_eq!(given, expected, "in the order they were given, each once");
        let other = Chat {
            owner: vec![6; 32],
            ..chat(4, None)
        };
        assert!(tx.conversation_open(&other).await.unwrap());
        tx.placeholder_put(&[4; 16], "EMAIL", &[1; 32])
            .await
            .unwrap();
        tx.conversations_forget(&[7; 32]).await.unwrap();
        for gone in 1..=3 {
            assert_eq!(tx.conversation(&[gone; 16]).await.unwrap(), None);
            assert!(tx.placeholders(&[gone; 16]).await.unwrap().is_empty());
        }
        assert_eq!(tx.conversation(&[4; 16]).await.unwrap(), Some(other));
        assert_eq!(
            tx.placeholders(&[4; 16]).await.unwrap().len(),
            1,
            "others' stay"
        );
        tx.commit().await.unwrap();
        store.close().await;
    }
}

/// Two replicas number placeholders of one conversation at once: no number twice, none lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn placeholders_of_two_replicas_get_numbers_of_their_own() {
    for (place, store) in stores().await {
        let mut tx = begin(&store).await;
        assert!(tx.conversation_open(&chat(1, None)).await.unwrap());
        tx.commit().await.unwrap();
        let other = Store::open(&place.url).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..40_u8 {
            let store = if n % 2 == 0 {
                store.clone()
            } else {
                other.clone()
            };
            tasks.spawn(async move {
                let mut tx = begin(&store).await;
                assert!(tx.conversation_lock(&[1; 16]).await.unwrap());
                tx.placeholder_put(&[1; 16], "EMAIL", &[n / 2; 32])
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
            });
        }
        tasks.join_all().await;
        let sql = "SELECT 1 WHERE (SELECT COUNT(DISTINCT n) FROM placeholder) = 20 \
                   AND (SELECT MAX(n) FROM placeholder) = 19 \
                   AND (SELECT COUNT(*) FROM placeholder) = 20";
        let found: Option<(i32,)> = match &store.log {
            Db::Sqlite(pool) => sqlx::query_as(sql).fetch_optional(pool).await.unwrap(),
            Db::Postgres(pool) => sqlx::query_as(sql).fetch_optional(pool).await.unwrap(),
        };
        assert!(found.is_some(), "twenty values, numbered 0 to 19");
        store.close().await;
        other.close().await;
    }
}

fn stop(target: &str, since_us: i64) -> Stop {
    Stop {
        target: target.into(),
        reason: "complaints".into(),
        officer: "o-1".into(),
        since_us,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_need_the_stop_that_is_in_force() {
    for (_place, store) in stores().await {
        let mut tx = begin(&store).await;
        tx.switch_put(&stop("topic:kyc", 5)).await.unwrap();
        tx.switch_put(&stop("agent:support-bot", 6)).await.unwrap();
        tx.switch_put(&stop("topic:kyc", 7)).await.unwrap();
        let all = [stop("agent:support-bot", 6), stop("topic:kyc", 7)];
        assert_eq!(
            tx.switch_all().await.unwrap(),
            all,
            "a second stop renews the first"
        );
        let ask = |since_us| ResumeRow {
            target: "topic:kyc".into(),
            since_us,
            reason: "solved".into(),
            officer: "o-2".into(),
            asked_us: 9,
        };
        assert!(
            !tx.resume_ask(&ask(5)).await.unwrap(),
            "that stop is not in force"
        );
        assert!(tx.resume_ask(&ask(7)).await.unwrap());
        assert_eq!(tx.resume("topic:kyc").await.unwrap(), Some(ask(7)));
        assert!(!tx.resume_grant("topic:kyc", 5).await.unwrap());
        assert!(tx.resume_grant("topic:kyc", 7).await.unwrap());
        assert!(
            !tx.resume_grant("topic:kyc", 7).await.unwrap(),
            "it goes on already"
        );
        assert_eq!(tx.resume("topic:kyc").await.unwrap(), None);
        assert!(tx.switch_delete("agent:support-bot").await.unwrap());
        assert!(!tx.switch_delete("agent:support-bot").await.unwrap());
        assert!(tx.switch_all().await.unwrap().is_empty());
        tx.policy_version_put("aa", "{}", 1).await.unwrap();
        tx.policy_version_put("aa", "{\"changed\":1}", 2)
            .await
            .unwrap();
        let kept = tx.policy_version("aa").await.unwrap();
        assert_eq!(
            kept.as_deref(),
            Some("{}"),
            "a version's text never changes"
        );
        tx.commit().await.unwrap();
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
async fn i6_erasures_move_forward_only_and_name_nobody_in_the_end() {
    for (_place, store) in stores().await {
        let mut tx = begin(&store).await;
        let row = ErasureRow::requested([1; 16], &[7; 32], "who".into(), 10);
        assert!(tx.erasure_put(&row).await.unwrap());
        assert!(!tx.erasure_put(&row).await.unwrap(), "the id is taken");
        let again = ErasureRow::requested([2; 16], &[7; 32], "who".into(), 11);
        assert!(
            !tx.erasure_put(&again).await.unwrap(),
            "one open case a subject"
        );
        assert_eq!(tx.erasure_of(&[7; 32]).await.unwrap(), Some(row.clone()));
        assert!(
            !tx.erasure_keys_gone(&[1; 16], &[], 3).await.unwrap(),
            "not approved yet"
        );
        assert!(!tx.erasure_done(&[1; 16], "receipt", 20).await.unwrap());
        assert!(
            tx.erasure_move(&[1; 16], "requested", "executing", Some("dpo"), 4)
                .await
                .unwrap()
        );
        assert!(
            !tx.erasure_move(&[1; 16], "requested", "executing", Some("x"), 5)
                .await
                .unwrap()
        );
        let tag = ErasedTag {
            tag: [3; 16],
            key_id: [4; 16],
            class: "support".into(),
        };
        assert!(
            tx.erasure_keys_gone(&[1; 16], std::slice::from_ref(&tag), 6)
                .await
                .unwrap()
        );
        assert!(
            !tx.erasure_keys_gone(&[1; 16], &[], 7).await.unwrap(),
            "once"
        );
        assert_eq!(tx.erased_tags(6).await.unwrap(), [tag]);
        assert_eq!(tx.erased_tag(&[3; 16]).await.unwrap(), Some(6));
        assert_eq!(tx.erased_tag(&[5; 16]).await.unwrap(), None);
        tx.erasure_gone_at(&[1; 16], 15).await.unwrap();
        tx.erasure_gone_at(&[1; 16], 16).await.unwrap();
        assert!(tx.erasure_done(&[1; 16], "receipt", 20).await.unwrap());
        assert!(!tx.erasure_done(&[1; 16], "another", 21).await.unwrap());
        let done = tx.erasure(&[1; 16]).await.unwrap().unwrap();
        let expected = ErasureRow {
            owner: None,
            state: "done".into(),
            requester: String::new(),
            approver: Some("dpo".into()),
            done_us: Some(20),
            receipt: Some("receipt".into()),
            executed_seq: Some(4),
            gone_seq: Some(6),
            gone_us: Some(15),
            ..row
        };
        assert_eq!(done, expected);
        assert_eq!(tx.erasure_of(&[7; 32]).await.unwrap(), None);
        assert!(
            tx.erasure_put(&again).await.unwrap(),
            "who comes back may ask again"
        );
        assert_eq!(tx.erasures("requested", 9).await.unwrap(), [again]);
        tx.commit().await.unwrap();
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_exports_move_forward_only() {
    for (_place, store) in stores().await {
        let mut tx = begin(&store).await;
        let row = |n: u8, at: i64| ExportRow {
            id: vec![n; 16],
            state: "requested".into(),
            request: "{}".into(),
            requested_us: at,
            requester: "olga".into(),
            approver: None,
            done_us: None,
            approved_us: None,
        };
        assert!(tx.export_put(&row(1, 10)).await.unwrap());
        assert!(!tx.export_put(&row(1, 11)).await.unwrap());
        assert!(tx.export_put(&row(2, 12)).await.unwrap());
        assert_eq!(
            tx.exports(9).await.unwrap(),
            [row(2, 12), row(1, 10)],
            "newest first"
        );
        assert_eq!(tx.exports(1).await.unwrap(), [row(2, 12)]);
        assert!(
            !tx.export_move(&[1; 16], "approved", "done", None, 20)
                .await
                .unwrap()
        );
        assert!(
            tx.export_move(&[1; 16], "requested", "approved", Some("ivan"), 21)
                .await
                .unwrap()
        );
        assert!(
            !tx.export_move(&[1; 16], "requested", "approved", Some("x"), 22)
                .await
                .unwrap()
        );
        assert!(
            tx.export_move(&[1; 16], "approved", "done", None, 23)
                .await
                .unwrap()
        );
        let done = ExportRow {
            state: "done".into(),
            approver: Some("ivan".into()),
            approved_us: Some(21),
            done_us: Some(23),
            ..row(1, 10)
        };
        assert_eq!(tx.export(&[1; 16]).await.unwrap(), Some(done));
        assert_eq!(tx.export(&[3; 16]).await.unwrap(), None);
        tx.commit().await.unwrap();
        store.close().await;
    }
}
