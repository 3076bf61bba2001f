//! The encrypted, hash-chained ledger: nothing is answered before it is durable here.
//!
//! Promises I1 (an answer needs [`Recorded`], and only [`Ledger::append`] makes one), I5 (a ledger
//! behind its anchor is refused at start, and a database that lost what was acknowledged is
//! refused while running), I6 (destroyed keys stay destroyed) and I9 (intents end in an outcome or
//! a recovery record). The format is `audit/README.md`; this module decides when and where.
//!
//! Leaves what a record says to its callers.

use crate::clock::Clock;
use crate::db::Store;
use crate::telemetry::metric;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tidewaiter_audit::{Hash, Kind, Leaf, seal};
use tokio::sync::{mpsc, oneshot, watch};

pub mod anchor;
pub mod checkpoint;
mod draft;
pub mod effect;
pub mod guess;
pub mod intent;
pub mod keys;
pub mod read;
pub mod revocation;
mod sequencer;
mod share;
mod start;
pub mod store;
pub mod switch;
pub mod vault;

pub use draft::{Draft, Guard};
pub use effect::Effect;
pub use keys::{KeyError, Keys, Owner, OwnerId};
pub use start::{Settings, StartError};

/// Proof that a record is durable. Only the ledger makes one.
///
/// ```compile_fail,E0451
/// let forged = tidewaiter::ledger::Recorded { seq: 1, rid: [0; 16], time_us: 0 };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    seq: u64,
    rid: [u8; 16],
    time_us: i64,
}

impl Recorded {
    fn committed(seq: u64, rid: [u8; 16], time_us: i64) -> Self {
        Self { seq, rid, time_us }
    }

    /// Its index. For officers; agents and customers see [`Self::rid`].
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Its public name: 32 lower-case hex digits.
    pub fn rid(&self) -> String {
        hex::encode(self.rid)
    }

    /// When it was recorded, microseconds.
    pub fn time_us(&self) -> i64 {
        self.time_us
    }
}

/// Why there is no record. The outcome of the call is dropped with it (I1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unrecorded {
    /// The commit failed, or its result is unknown.
    #[error("the record was not committed")]
    Failed,
    /// The queue is full.
    #[error("the ledger's queue is full")]
    Full,
    /// It took too long.
    #[error("the ledger did not answer in time")]
    TimedOut,
    /// The body is larger than the format allows.
    #[error("the record is too large")]
    TooLarge,
    /// A key is destroyed, or the vault is out of reach.
    #[error("there is no key to seal the record under")]
    KeyGone,
    /// The subject was erased after the token was issued.
    #[error("the token is older than the subject's erasure")]
    Erased,
    /// Something else holds what an effect needs.
    #[error("the state is not as the record requires")]
    Conflict,
    /// Too many wrong guesses about one of the facts that this record answers about.
    #[error("the budget of wrong guesses is spent")]
    GuessesSpent,
    /// A switch was thrown between the decision and the record.
    #[error("stopped since it was decided")]
    Stopped,
    /// The conversation it belongs to is closed or gone.
    #[error("the conversation is not open any more")]
    Closed,
    /// The token was revoked between the decision and the record.
    #[error("revoked since it was decided")]
    Revoked,
}

/// Gives the day until which a record of a class and month (`YYYY-MM`) is kept, `YYYY-MM-DD`;
/// none for an unknown class.
pub type RetainUntil = Arc<dyn Fn(&str, &str) -> Option<String> + Send + Sync>;

/// The running ledger. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

struct Inner {
    log: String,
    writer: String,
    store: Store,
    keys: Keys,
    clock: Clock,
    retain_until: RetainUntil,
    shared: Arc<sequencer::Shared>,
    queue: mpsc::Sender<sequencer::Sealed>,
    shares: Arc<share::Shares>,
    patience: Duration,
    changed: watch::Receiver<i64>,
    checkpoints: checkpoint::Published,
    signers: Arc<checkpoint::Signers>,
    checkpoint_now: mpsc::Sender<oneshot::Sender<bool>>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("log", &self.inner.log)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Seals a draft, commits it, and returns the proof. The record is durable when this returns
    /// `Ok`; on `Err` nothing may be answered but that it was not recorded.
    pub async fn append(&self, draft: Draft) -> Result<Recorded, Unrecorded> {
        let place = self.inner.shares.take(draft.agent.as_deref(), &draft.owner);
        if place.is_none() {
            return Err(full());
        }
        self.enqueue(draft, place).await
    }

    /// The same for officers, erasures, revocations and recovery, which may use the queue's last
    /// places.
    pub async fn append_reserved(&self, draft: Draft) -> Result<Recorded, Unrecorded> {
        self.enqueue(draft, None).await
    }

    async fn enqueue(
        &self,
        mut draft: Draft,
        place: Option<share::Place>,
    ) -> Result<Recorded, Unrecorded> {
        if self.inner.shared.stopped.load(Ordering::SeqCst) {
            return Err(Unrecorded::Failed);
        }
        // What only the sealed body says is counted now, and committed with the record.
        draft
            .effects
            .extend(crate::privacy::figures::counts(&draft));
        let (reply, answer) = oneshot::channel();
        let mut sealed = self.seal(draft, reply).await?;
        sealed.place = place;
        self.inner
            .queue
            .try_send(sealed)
            .map_err(|_full_or_closed| full())?;
        let waited = std::time::Instant::now();
        let outcome = tokio::time::timeout(self.inner.patience, answer).await;
        metrics::histogram!(metric::APPEND_SECONDS).record(waited.elapsed().as_secs_f64());
        match outcome {
            Ok(Ok(Err(Unrecorded::KeyGone))) => {
                // A cache still had it; the next call makes or finds another.
                self.inner.keys.forget();
                Err(Unrecorded::KeyGone)
            }
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_sequencer_gone)) => Err(Unrecorded::Failed),
            Err(_elapsed) => {
                self.inner.shared.failing.store(true, Ordering::SeqCst);
                Err(Unrecorded::TimedOut)
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "a leaf, field by field")]
    async fn seal(
        &self,
        draft: Draft,
        reply: oneshot::Sender<Result<Recorded, Unrecorded>>,
    ) -> Result<sequencer::Sealed, Unrecorded> {
        let inner = &*self.inner;
        let rid = crate::random::bytes::<16>().map_err(|_none| Unrecorded::Failed)?;
        let salt = crate::random::bytes::<32>().map_err(|_none| Unrecorded::Failed)?;
        let now_us = inner.clock.now_us();
        let period = month(now_us);
        let retain_until = (inner.retain_until)(&draft.class, &period).ok_or(Unrecorded::Failed)?;
        let (subject, period_key) = self
            .keys_for(&draft, &period)
            .await
            .map_err(|error| no_key(&error))?;
        let tag = seal::tag(&subject.key, &period_key, &inner.log);
        let json = draft.json()?;
        let binding = seal::Binding {
            log: &inner.log,
            rid: &rid,
            tag: &tag,
            kind: draft.kind,
            class: &draft.class,
        };
        let sealed = seal::seal(&json, &subject.key, &period_key, salt, binding)
            .map_err(|_too_long| Unrecorded::TooLarge)?;
        let sealed = sequencer::Sealed {
            stored: sealed.stored,
            key_id: subject.id,
            generation: draft.generation,
            guard: draft.guard,
            marks: draft.marks,
            place: None,
            effects: draft.effects,
            reply,
            // `n`, `prev`, `seq` and `time` are the sequencer's to fill in.
            leaf: Leaf {
                agent: draft.agent,
                body: sealed.body,
                body_len: sealed.body_len,
                class: draft.class,
                decision: draft.decision,
                kc: sealed.kc,
                kind: draft.kind,
                log: inner.log.clone(),
                n: 1,
                operation: draft.operation,
                period,
                policy: draft.policy,
                prev: Hash::ZERO,
                purpose: draft.purpose,
                request: draft.request,
                retain_until,
                rid,
                seq: 1,
                tag,
                time_us: now_us,
                writer: inner.writer.clone(),
                x: draft.x,
            },
        };
        // A leaf that breaks the format fails here, alone, and not a whole batch.
        if sealed.leaf.kind != Kind::CheckpointKey && sealed.leaf.to_line().is_err() {
            tracing::error!(code = "not_of_the_format", "a record was refused");
            return Err(Unrecorded::Failed);
        }
        Ok(sealed)
    }

    /// The two keys a draft is sealed under.
    async fn keys_for(
        &self,
        draft: &Draft,
        period: &str,
    ) -> Result<(Arc<keys::SubjectKey>, Arc<vault::Key>), KeyError> {
        let keys = &self.inner.keys;
        let subject = if let Some(id) = draft.key_id {
            Arc::new(keys.by_id(&id, &draft.class).await?)
        } else {
            let owner = keys.owner_id(&draft.owner);
            keys.subject(&owner, &draft.class, draft.issued_at_s)
                .await?
        };
        Ok((subject, keys.period(&draft.class, period, true)?))
    }

    /// The log's origin.
    pub fn log(&self) -> &str {
        &self.inner.log
    }

    /// This replica and build, as in `writer` of its leaves.
    pub fn writer(&self) -> &str {
        &self.inner.writer
    }

    /// The generation decisions are made under now.
    pub fn generation(&self) -> i64 {
        self.inner.shared.generation.load(Ordering::SeqCst)
    }

    /// Sees every change of the generation: reload switches and forget caches then.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.inner.changed.clone()
    }

    /// How many records there are, as far as this process knows.
    pub fn size(&self) -> i64 {
        self.inner.shared.size.load(Ordering::SeqCst)
    }

    /// Whether records can be written: not stopped, the anchor moving, the database answering, the
    /// last commit done. A lease that is renewed says so too, so it recovers without calls.
    pub async fn is_ready(&self) -> bool {
        if self.is_failing() {
            return false;
        }
        let read = async {
            self.inner
                .store
                .log
                .read()
                .await?
                .ledger_head()
                .await
                .map(|head| head.is_some())
        };
        matches!(
            tokio::time::timeout(Duration::from_secs(2), read).await,
            Ok(Ok(true))
        )
    }

    /// Whether the last write failed: then nobody should be asked for what may not be answered.
    pub fn is_failing(&self) -> bool {
        let shared = &self.inner.shared;
        shared.stopped.load(Ordering::SeqCst) || shared.failing.load(Ordering::SeqCst)
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// The databases.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Signs a checkpoint over everything committed so far, and waits until it is anchored.
    pub async fn checkpoint(&self) -> Result<(), Unrecorded> {
        let (done, signed) = oneshot::channel();
        self.inner
            .checkpoint_now
            .send(done)
            .await
            .map_err(|_checkpointer_gone| Unrecorded::Failed)?;
        match tokio::time::timeout(Duration::from_secs(10), signed).await {
            Ok(Ok(true)) => Ok(()),
            Ok(_) => Err(Unrecorded::Failed),
            Err(_elapsed) => Err(Unrecorded::TimedOut),
        }
    }

    /// The newest signed checkpoint, as a signed note.
    pub fn latest_checkpoint(&self) -> Option<Arc<str>> {
        self.inner.checkpoints.latest()
    }

    /// The log's signing keys.
    pub fn signers(&self) -> &checkpoint::Signers {
        &self.inner.signers
    }
}

fn full() -> Unrecorded {
    metrics::counter!(metric::QUEUE_FULL).increment(1);
    Unrecorded::Full
}

fn no_key(error: &KeyError) -> Unrecorded {
    if matches!(error, KeyError::Erased) {
        return Unrecorded::Erased;
    }
    tracing::error!(code = "no_key", %error, "a record could not be sealed");
    Unrecorded::KeyGone
}

/// The UTC month of a time, `YYYY-MM`.
pub fn month(at_us: i64) -> String {
    crate::clock::rfc3339(at_us).chars().take(7).collect()
}
