//! Keys and two gateways at once: one key a subject, one chain, and what was destroyed stays so.

use crate::harness::whole::Whole;
use crate::harness::{Open, Place, vault};
use crate::ledger::{lookup, subject};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tidewaiter::clock::Clock;
use tidewaiter::db::{Db, Store};
use tidewaiter::ledger::keys::Keys;
use tidewaiter::ledger::{Draft, Effect, Guard, KeyError, Ledger, Owner, Unrecorded};
use tidewaiter_audit::Kind;
use tokio::task::JoinSet;

async fn keys(place: &Place) -> (Store, Arc<Keys>) {
    let store = Store::open(&place.url).await.unwrap();
    let vault = vault(&place.path("vault"));
    let keys = Keys::open("test.example/log", store.clone(), vault, Clock::System)
        .await
        .unwrap();
    (store, Arc::new(keys))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i6_two_replicas_that_need_the_same_key_at_once_get_one() {
    for place in Place::each().await {
        let ((one, first), (two, second)) = (keys(&place).await, keys(&place).await);
        let mut tasks = JoinSet::new();
        for n in 0..80_u32 {
            let keys = Arc::clone(if n % 2 == 0 { &first } else { &second });
            tasks.spawn(async move {
                let owner = keys.owner_id(&subject(n / 8));
                let key = keys.subject(&owner, "support", i64::MAX).await.unwrap();
                (n / 8, key.id, *key.key)
            });
        }
        let mut found = tasks.join_all().await;
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 10, "ten subjects, ten keys");
        one.close().await;
        two.close().await;
    }
}

/// Id, owner, class, epoch, wrapped key.
type KeyTuple = (Vec<u8>, Vec<u8>, String, i64, Vec<u8>);

/// The rows of `subject_key`, as a backup would bring them back.
async fn restore(db: &Db, rows: &[KeyTuple]) {
    let sql = "INSERT INTO subject_key (id, owner, class, epoch, wrapped) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    for (id, owner, class, epoch, wrapped) in rows {
        match db {
            Db::Sqlite(pool) => {
                let row = sqlx::query(sql)
                    .bind(id)
                    .bind(owner)
                    .bind(class)
                    .bind(epoch);
                row.bind(wrapped).execute(pool).await.map(drop).unwrap();
            }
            Db::Postgres(pool) => {
                let row = sqlx::query(sql)
                    .bind(id)
                    .bind(owner)
                    .bind(class)
                    .bind(epoch);
                row.bind(wrapped).execute(pool).await.map(drop).unwrap();
            }
        }
    }
}

async fn backup(db: &Db) -> Vec<KeyTuple> {
    let sql = "SELECT id, owner, class, epoch, wrapped FROM subject_key";
    match db {
        Db::Sqlite(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i6_a_destroyed_key_does_not_come_back_with_a_backup() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        let (erased, other) = (subject(1), subject(2));
        let record = open.ledger.append(lookup(1)).await.unwrap();
        open.ledger.append(lookup(2)).await.unwrap();
        let keys = open.ledger.keys();
        let owner = keys.owner_id(&erased);
        let (id, class) = keys.of_owner(&owner).await.unwrap()[0].clone();
        let entry = open
            .ledger
            .entry(i64::try_from(record.seq()).unwrap())
            .await
            .unwrap();
        open.ledger
            .open_body(&entry)
            .await
            .expect("it opens while the key lives");
        let saved = backup(&open.ledger.store().keys).await;

        let mut gone = Draft::new(
            Kind::KeyDestroyed,
            Owner::Log,
            "service",
            serde_json::json!({}),
        );
        gone.effects = vec![Effect::KeyDestroyed { ids: vec![id] }];
        open.ledger.append_reserved(gone).await.unwrap();
        keys.erase_from_now(&owner).await.unwrap();
        keys.destroy(&[id]).await.unwrap();
        assert!(matches!(keys.by_id(&id, &class).await, Err(KeyError::Gone)));
        assert!(
            open.ledger.open_body(&entry).await.is_err(),
            "its record is shut"
        );
        assert!(keys.of_owner(&owner).await.unwrap().is_empty());
        // Even sealed with the key from somewhere, nothing is written under it any more.
        let mut late = lookup(1);
        late.issued_at_s = 1;
        assert_eq!(
            open.ledger.append(late).await.unwrap_err(),
            Unrecorded::Erased
        );

        // The backup comes back under the running service, and at the next start it is dead.
        restore(&open.ledger.store().keys, &saved).await;
        assert_eq!(keys.enforce_tombstones().await.unwrap(), 1);
        restore(&open.ledger.store().keys, &saved).await;
        open.crash().await;
        let open = place.open().await.unwrap();
        assert!(matches!(
            open.ledger.keys().by_id(&id, &class).await,
            Err(KeyError::Gone)
        ));
        let left = open.ledger.keys().owner_id(&other);
        assert_eq!(
            open.ledger.keys().of_owner(&left).await.unwrap().len(),
            1,
            "others live"
        );
        // Who comes back with a younger token gets another key.
        open.ledger.append(lookup(1)).await.unwrap();
        let (fresh, _class) = open.ledger.keys().of_owner(&owner).await.unwrap()[0].clone();
        assert_ne!(fresh, id);
        open.crash().await;
    }
}

/// Two gateways share a PostgreSQL database, its vault and its anchor.
async fn two() -> Option<(Place, Open, Open)> {
    let place = Place::postgres().await?;
    let first = place.open().await.unwrap();
    let second = place.open().await.unwrap();
    Some((place, first, second))
}

async fn append_many(ledger: &Ledger, from: u32, to: u32) -> Vec<u64> {
    let mut tasks = JoinSet::new();
    for n in from..to {
        let ledger = ledger.clone();
        tasks.spawn(async move { ledger.append(lookup(n)).await.unwrap().seq() });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_two_gateways_make_one_gapless_chain() {
    let Some((place, first, second)) = two().await else {
        return;
    };
    let (one, other) = tokio::join!(
        append_many(&first.ledger, 0, 300),
        append_many(&second.ledger, 300, 600),
    );
    let mut seqs: Vec<u64> = one.into_iter().chain(other).collect();
    seqs.sort_unstable();
    let start = seqs[0];
    assert!(
        seqs.iter()
            .zip(start..)
            .all(|(seq, expected)| *seq == expected),
        "no gap, none twice"
    );
    // A checkpoint by either continues the other's.
    for (signer, reader) in [(&first, &second), (&second, &first), (&first, &second)] {
        signer.ledger.append(lookup(1)).await.unwrap();
        signer.ledger.checkpoint().await.unwrap();
        reader.ledger.append(lookup(2)).await.unwrap();
        reader.ledger.checkpoint().await.unwrap();
    }
    assert!(first.ledger.is_ready().await && second.ledger.is_ready().await);
    second.close().await;
    let whole = Whole::of(&first.ledger, &place).await;
    let writers: std::collections::HashSet<&str> = whole
        .entries
        .iter()
        .map(|(entry, _)| entry.leaf.writer.as_str())
        .collect();
    assert_eq!(writers.len(), 2, "both wrote");
    first.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_switch_thrown_on_one_gateway_stops_the_next_record_of_the_other() {
    let Some((_place, first, second)) = two().await else {
        return;
    };
    let decided_under = second.ledger.generation();
    let row = tidewaiter::ledger::switch::Row {
        target: "topic:withdrawals".into(),
        reason: "complaints rise".into(),
        officer: "o-1".into(),
        since_us: 1,
    };
    let mut stop = Draft::new(Kind::Switch, Owner::Log, "service", serde_json::json!({}));
    stop.effects = vec![Effect::SwitchPut(row)];
    first.ledger.append_reserved(stop).await.unwrap();
    let late = |target: &str| {
        let mut late = lookup(3);
        late.generation = decided_under;
        late.guard = Some(Guard {
            conversation: None,
            targets: vec![target.into()],
        });
        late
    };
    let stopped = second
        .ledger
        .append(late("topic:withdrawals"))
        .await
        .unwrap_err();
    assert_eq!(stopped, Unrecorded::Stopped);
    second
        .ledger
        .append(late("topic:orders"))
        .await
        .expect("others go on");
    let mut changes = second.ledger.changes();
    let known = changes.wait_for(|generation| *generation > decided_under);
    tokio::time::timeout(Duration::from_secs(5), known)
        .await
        .unwrap()
        .unwrap();
    second.close().await;
    first.close().await;
}

/// Under load on both, with both signing as fast as they can, neither stops the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_two_gateways_sign_in_turns_and_neither_is_stopped() {
    let Some((place, first, second)) = two().await else {
        return;
    };
    let over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for (at, open) in [&first, &second].into_iter().enumerate() {
        for lane in 0..3_u32 {
            let (ledger, over) = (open.ledger.clone(), Arc::clone(&over));
            tasks.spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    let n = u32::try_from(at).unwrap() * 3 + lane;
                    if ledger.append(lookup(n)).await.is_err() {
                        return (1, 0);
                    }
                }
                (0, 0)
            });
        }
        let (ledger, over) = (open.ledger.clone(), Arc::clone(&over));
        tasks.spawn(async move {
            while !over.load(Ordering::SeqCst) {
                if ledger.checkpoint().await.is_err() {
                    return (0, 1);
                }
            }
            (0, 0)
        });
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    over.store(true, Ordering::SeqCst);
    let ended = tasks.join_all().await;
    let failed: u32 = ended.iter().map(|(failed, _)| failed).sum();
    let unsigned: u32 = ended.iter().map(|(_, unsigned)| unsigned).sum();
    assert_eq!(
        (failed, unsigned),
        (0, 0),
        "appends refused, checkpoints refused"
    );
    assert!(first.ledger.is_ready().await && second.ledger.is_ready().await);
    second.close().await;
    Whole::of(&first.ledger, &place).await;
    first.close().await;
}

/// A replica is added while another is busy: it starts, however the other writes and signs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_a_gateway_starts_beside_one_under_load() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let first = place.open().await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for n in 0..4 {
        let (ledger, over) = (first.ledger.clone(), Arc::clone(&over));
        tasks.spawn(async move {
            while !over.load(Ordering::SeqCst) {
                ledger.append(lookup(n)).await.unwrap();
            }
        });
    }
    let (ledger, signing) = (first.ledger.clone(), Arc::clone(&over));
    tasks.spawn(async move {
        while !signing.load(Ordering::SeqCst) {
            ledger.checkpoint().await.unwrap();
        }
    });
    let began = Instant::now();
    let mut starts = 0;
    while starts < 12 && began.elapsed() < Duration::from_secs(20) {
        let second = place
            .open()
            .await
            .unwrap_or_else(|why| panic!("start {starts}: {why}"));
        second.ledger.append(lookup(7)).await.unwrap();
        second.crash().await;
        starts += 1;
    }
    over.store(true, Ordering::SeqCst);
    tasks.join_all().await;
    Whole::of(&first.ledger, &place).await;
    first.close().await;
}

/// Two gateways start on an empty database at once: one first record, one set of keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_two_gateways_begin_one_log() {
    for _ in 0..5 {
        let Some(place) = Place::postgres().await else {
            return;
        };
        let (first, second) = tokio::join!(place.open(), place.open());
        let (first, second) = (first.unwrap(), second.unwrap());
        second.close().await;
        let whole = Whole::of(&first.ledger, &place).await;
        assert_eq!(whole.count(Kind::CheckpointKey), 1, "the log begins once");
        assert_eq!(whole.entries[0].0.leaf.kind, Kind::CheckpointKey);
        first.close().await;
    }
}
