//! Opening a ledger: everything is checked before anything is served.
//!
//! The whole chain is hashed again from the stored bytes, the anchor compared, tombstones
//! enforced and half-done destructions finished. The time this takes grows with the log.

use super::anchor::{Anchor, AnchorError};
use super::checkpoint::{Checkpointer, Published, SignError, Signers, Tree, read_anchor};
use super::intent::IntentRow;
use super::keys::{KeyError, Keys, Owner};
use super::sequencer::{Sequencer, Shared};
use super::share::Shares;
use super::vault::{Vault, VaultError};
use super::{Draft, Inner, Ledger, RetainUntil, Unrecorded};
use crate::clock::Clock;
use crate::db::Store;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tidewaiter_audit::{Decision, Hash, Kind};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a replica's lease lasts, microseconds.
const LEASE_US: i64 = 15_000_000;

/// What a ledger needs to run.
pub struct Settings {
    /// The log's origin.
    pub log: String,
    /// The databases.
    pub store: Store,
    /// The vault.
    pub vault: Arc<dyn Vault>,
    /// The anchor.
    pub anchor: Anchor,
    /// The clock.
    pub clock: Clock,
    /// Until when a record is kept.
    pub retain_until: RetainUntil,
    /// How many records may wait.
    pub queue: usize,
    /// How long a caller waits for its record.
    pub patience: Duration,
    /// How often a grown ledger is signed.
    pub checkpoint_every: Duration,
    /// Whether no other process can have this database open (SQLite under its lock): then leases
    /// of others have ended.
    pub alone: bool,
    /// Where the tasks run.
    pub tracker: TaskTracker,
    /// Ends them.
    pub shutdown: CancellationToken,
}

/// Why a ledger is not opened. Each is the operator's concern.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database refused.
    #[error("the ledger's database refused")]
    Store(#[from] sqlx::Error),
    /// The keys refused.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The anchor refused.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// A record is not what was committed, or the anchor's text is no checkpoint of this log.
    #[error(transparent)]
    Check(#[from] SignError),
    /// The database belongs to another log.
    #[error("the database holds the log {found:?}, the configuration says {wanted:?}")]
    OtherLog {
        /// In the database.
        found: String,
        /// In the configuration.
        wanted: String,
    },
    /// The database has fewer records than were signed.
    #[error(
        "the database holds {size} records, the anchor was signed over {anchored}: it was rolled back"
    )]
    RolledBack {
        /// Records found.
        size: i64,
        /// Records signed.
        anchored: u64,
    },
    /// The database has another history than was signed.
    #[error("the database and the anchor hold different histories")]
    Diverged,
    /// The head row does not fit the records.
    #[error("the head does not fit the records")]
    Head,
    /// Checkpoints were signed, and the anchor is gone.
    #[error("checkpoints were signed before, and the anchor is gone")]
    AnchorGone,
    /// The first records could not be written.
    #[error("the ledger cannot be written: {0}")]
    Unwritable(#[from] Unrecorded),
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] crate::random::NoRandomness),
}

impl Ledger {
    /// Opens and checks a ledger, and starts its sequencer and checkpoints.
    #[expect(clippy::too_many_lines, reason = "the order of a start, step by step")]
    pub async fn open(settings: Settings) -> Result<Self, StartError> {
        let Settings {
            log,
            store,
            vault,
            anchor,
            clock,
            tracker,
            shutdown,
            ..
        } = settings;
        let signers = Arc::new(Signers::open(&log, vault.as_ref())?);
        let keys = Keys::open(&log, store.clone(), Arc::clone(&vault), clock.clone()).await?;
        let (tree, anchored) = check(&log, &store, &anchor, &signers).await?;
        finish_destructions(&keys, &store).await?;

        let replica = hex::encode(crate::random::bytes::<4>()?);
        let writer = format!("{replica}/{}", env!("CARGO_PKG_VERSION"));
        let shared = Arc::new(Shared::default());
        let mut tx = store.log.begin().await?;
        let head = tx.ledger_head_lock().await?.ok_or(StartError::Head)?;
        if settings.alone {
            tx.writer_end_leases().await?;
        }
        tx.writer_put(&writer, clock.now_us() + LEASE_US).await?;
        tx.commit().await?;
        shared.generation.store(head.generation, Ordering::SeqCst);
        shared.size.store(head.size, Ordering::SeqCst);

        let (queue, inbox) = mpsc::channel(settings.queue);
        let (moved, changes) = watch::channel(head.generation);
        let (checkpoint_now, requests) = mpsc::channel(16);
        let published = Published::default();
        tracker.spawn(
            Sequencer {
                db: store.writer.clone(),
                clock: clock.clone(),
                shared: Arc::clone(&shared),
                inbox,
                changed: moved,
                acknowledged: (head.size, head.hash),
                known: super::sequencer::Known::default(),
            }
            .run(),
        );
        let ledger = Self {
            inner: Arc::new(Inner {
                log,
                writer,
                store: store.clone(),
                keys,
                clock: clock.clone(),
                retain_until: settings.retain_until,
                shared: Arc::clone(&shared),
                shares: Shares::new(settings.queue.saturating_sub((settings.queue / 20).max(1))),
                queue,
                patience: settings.patience,
                changed: changes,
                checkpoints: published.clone(),
                signers: Arc::clone(&signers),
                checkpoint_now,
            }),
        };
        tracker.spawn(store.clone().settle(shutdown.clone()));
        let checkpointer = Checkpointer {
            store,
            anchor,
            signers,
            moved_us: clock.now_us(),
            clock,
            shared,
            published,
            tree,
            anchored,
            requests,
        };
        tracker.spawn(checkpointer.run(settings.checkpoint_every, shutdown, ledger.clone()));
        ledger.first_records().await?;
        Ok(ledger)
    }

    async fn first_records(&self) -> Result<(), StartError> {
        if self.size() == 0 {
            let signers = self.signers();
            let mut genesis = Draft::new(
                Kind::CheckpointKey,
                Owner::Log,
                SERVICE,
                serde_json::json!({"what": "first record; the log's verifier keys"}),
            );
            genesis.x = [
                ("checkpoint", signers.checkpoint.vkey()),
                ("manifest", signers.manifest.vkey()),
                ("receipt", signers.receipt.vkey()),
            ]
            .into_iter()
            .map(|(name, vkey)| (name.to_owned(), vkey))
            .collect();
            genesis.effects = vec![super::Effect::LogBegin];
            match self.append_reserved(genesis).await {
                // Another replica began the log at the same time.
                Ok(_) | Err(Unrecorded::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let body = serde_json::json!({"build": env!("CARGO_PKG_VERSION")});
        self.append_reserved(Draft::new(Kind::Started, Owner::Log, SERVICE, body))
            .await?;
        self.checkpoint().await?;
        Ok(())
    }

    /// Keeps the lease, the index and the recovery of other replicas' intents going.
    pub(super) async fn follow(&self) {
        let followed = self.follow_once().await;
        // The lease is a write: it shows when the database takes none, and when it does again.
        self.inner
            .shared
            .failing
            .store(followed.is_err(), Ordering::SeqCst);
        if let Err(error) = followed {
            tracing::warn!(code = "follower_failed", %error, "the index or recovery fell behind");
        }
    }

    async fn follow_once(&self) -> Result<(), sqlx::Error> {
        let now_us = self.inner.clock.now_us();
        // Under the head's lock, as an append is: whether it succeeds tells whether one would.
        let renew = async {
            let mut tx = self.inner.store.writer.begin().await?;
            tx.ledger_head_lock().await?;
            tx.writer_put(&self.inner.writer, now_us + LEASE_US).await?;
            tx.commit().await
        };
        let renewed = tokio::time::timeout(self.inner.patience, renew).await;
        self.inner
            .shared
            .failing
            .store(!matches!(renewed, Ok(Ok(()))), Ordering::SeqCst);
        renewed.map_err(|_elapsed| sqlx::Error::PoolTimedOut)??;
        self.index().await?;
        let mut tx = self.inner.store.log.read().await?;
        let orphans = tx.intent_orphans(now_us).await?;
        drop(tx);
        for orphan in orphans {
            self.recover(&orphan).await;
        }
        Ok(())
    }

    /// Records that nobody will learn what became of an intent.
    async fn recover(&self, orphan: &IntentRow) {
        let Ok(request) = <[u8; 16]>::try_from(orphan.request.as_slice()) else {
            return;
        };
        let body = serde_json::json!({
            "what": "outcome unknown: the replica that wrote the intent is gone",
            "intent": orphan.seq.to_string(),
            "writer": orphan.writer,
        });
        let mut draft = Draft::new(Kind::Recovery, Owner::Log, SERVICE, body);
        if self
            .inner
            .keys
            .by_id(&orphan.key_id, &orphan.class)
            .await
            .is_ok()
        {
            draft.class.clone_from(&orphan.class);
            draft.key_id = <[u8; 16]>::try_from(orphan.key_id.as_slice()).ok();
        }
        draft.agent = Some(orphan.agent.clone());
        draft.operation = Some(orphan.operation.clone());
        draft.purpose = Some(orphan.purpose.clone());
        draft.decision = Some(Decision::Error);
        draft.policy = Hash::from_hex(&orphan.policy);
        draft.request = Some(request);
        draft.effects = vec![super::Effect::IntentClose { request }];
        match self.append_reserved(draft).await {
            // Another replica was faster, or its writer came back in time.
            Ok(_) | Err(Unrecorded::Conflict) => {}
            Err(error) => {
                tracing::error!(code = "recovery_failed", %error, "an intent has no outcome yet");
            }
        }
    }
}

/// The retention class of the log's own records.
pub(super) const SERVICE: &str = "service";

/// Hashes every record again and compares with the head row and the anchor.
async fn check(
    log: &str,
    store: &Store,
    anchor: &Anchor,
    signers: &Signers,
) -> Result<(Tree, Option<String>), StartError> {
    let mut tx = store.log.begin().await?;
    tx.ledger_head_insert(log).await?;
    let signed_before = tx.ledger_checkpoint_at(i64::MAX, i64::MAX).await?.is_some();
    tx.commit().await?;
    // Checkpoints, then the anchor, then the head: another replica may be moving all three, each
    // of them after the next.
    let anchored = anchor.read()?;
    let mut tx = store.log.read().await?;
    let head = tx.ledger_head().await?.ok_or(StartError::Head)?;
    drop(tx);
    if head.log != log {
        return Err(StartError::OtherLog {
            found: head.log,
            wanted: log.to_owned(),
        });
    }
    let mut tree = Tree::new();
    match &anchored {
        None if signed_before => return Err(StartError::AnchorGone),
        None => {}
        Some(text) => {
            let signed = read_anchor(text, signers)?;
            let size = i64::try_from(signed.size).map_err(|_range| StartError::Diverged)?;
            if head.size < size {
                return Err(StartError::RolledBack {
                    size: head.size,
                    anchored: signed.size,
                });
            }
            tree.extend(store, size).await?;
            if tree.frontier.root() != signed.root {
                return Err(StartError::Diverged);
            }
        }
    }
    // The tree stays where the anchor is, so that the first checkpoint extends it.
    let at_anchor = tree.clone();
    tree.extend(store, head.size).await?;
    // The rest under the head's lock, or what another replica writes now would lie beyond the head.
    let mut tx = store.log.begin().await?;
    let head = tx.ledger_head_lock().await?.ok_or(StartError::Head)?;
    tree.extend(store, head.size).await?;
    let fits = tree.last_hash().as_ref() == head.hash;
    let beyond = tx.ledger_leaf_page(head.size, 1).await?;
    if !fits || !beyond.is_empty() {
        return Err(StartError::Head);
    }
    Ok((at_anchor, anchored))
}

/// Ends what a crash left of destructions, and of keys that a restored database brought back.
async fn finish_destructions(keys: &Keys, store: &Store) -> Result<(), StartError> {
    let revived = keys.enforce_tombstones().await?;
    if revived > 0 {
        tracing::warn!(
            code = "tombstones_enforced",
            revived,
            "destroyed keys had come back"
        );
    }
    let mut tx = store.log.read().await?;
    let open = tx.destroyed_key_open().await?;
    drop(tx);
    for id in open {
        let key = <[u8; 16]>::try_from(id.as_slice()).map_err(|_length| StartError::Head)?;
        keys.destroy(&[key]).await?;
        let mut tx = store.log.begin().await?;
        tx.ledger_body_purge(&id).await?;
        tx.destroyed_key_done(&id).await?;
        tx.commit().await?;
        store.log.scrub().await?;
    }
    Ok(())
}
