//! One task that puts sealed records in order and commits them in batches.
//!
//! There is no timer: a batch is whatever waited while the commit before it ran. The steps of one
//! batch, and what a crash after each leaves behind:
//!
//! 1. lock the head row: nothing;
//! 2. check it against what this process acknowledged last; a database that lacks it is refused;
//! 3. re-check drafts made under another generation; apply each draft's effects: nothing;
//! 4. counters, leaves, bodies, head: nothing, the transaction is not committed;
//! 5. commit: records without an answer. They are true (the call was made) and harmless;
//! 6. acknowledge.
//!
//! Plain records on `SQLite` go through all of it as one text ([`quick`]).
//!
//! A commit whose result is unknown is answered as failed: what is shown is recorded, what is
//! recorded need not have been shown.

use super::effect::Effect;
use super::share::Place;
use super::store::Head;
use super::{Guard, Recorded, Unrecorded};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::revocation::{Mark, Marks, Term};
use crate::telemetry::metric;
use batch::{Batch, link, number};
pub(super) use known::Known;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tidewaiter_audit::Leaf;
use tokio::sync::{mpsc, oneshot};

mod batch;
mod known;
mod quick;

/// The most records of one commit.
const BATCH: usize = 512;

/// A sealed record on its way; `seq`, `prev`, `time_us` and `n` of its leaf are filled in here.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) leaf: Leaf,
    pub(super) stored: Vec<u8>,
    pub(super) key_id: [u8; 16],
    pub(super) generation: i64,
    pub(super) guard: Option<Guard>,
    pub(super) marks: Option<Marks>,
    /// Its place in the queue, given back when its batch is through.
    pub(super) place: Option<Place>,
    pub(super) effects: Vec<Effect>,
    pub(super) reply: oneshot::Sender<Result<Recorded, Unrecorded>>,
}

/// What other tasks may know of the sequencer.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) generation: AtomicI64,
    pub(super) size: AtomicI64,
    /// Set when the ledger must not be written any more: rollback, fork, a stuck anchor.
    pub(super) stopped: AtomicBool,
    /// Whether the last write failed: a commit, or the lease that is renewed every second.
    pub(super) failing: AtomicBool,
}

pub(super) struct Sequencer {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: mpsc::Receiver<Sealed>,
    pub(super) changed: tokio::sync::watch::Sender<i64>,
    /// Size and last hash of the newest batch this process acknowledged.
    pub(super) acknowledged: (i64, Vec<u8>),
    /// The head that the newest batch left, and counters as of it.
    pub(super) known: Known,
}

/// A batch that cannot be committed.
#[derive(Debug, thiserror::Error)]
enum BatchError {
    #[error("the ledger's database refused")]
    Store(#[from] sqlx::Error),
    #[error("the database lacks what this process acknowledged: it was rolled back")]
    RolledBack,
    #[error("a leaf broke the format")]
    Format(#[from] tidewaiter_audit::LeafError),
    #[error("the ledger is stopped")]
    Stopped,
}

/// What became of each record, by its name.
type Outcomes = HashMap<[u8; 16], Result<Recorded, Unrecorded>>;

impl Sequencer {
    /// Runs until every sender is gone, then returns.
    pub(super) async fn run(mut self) {
        let mut waiting = Vec::with_capacity(BATCH);
        while self.inbox.recv_many(&mut waiting, BATCH).await > 0 {
            // Whoever is ready to seal a record does so first. That is no wait: with nobody ready
            // it goes on at once.
            tokio::task::yield_now().await;
            while waiting.len() < BATCH
                && let Ok(draft) = self.inbox.try_recv()
            {
                waiting.push(draft);
            }
            let drafts = std::mem::take(&mut waiting);
            metrics::histogram!(metric::BATCH_RECORDS)
                .record(f64::from(u32::try_from(drafts.len()).unwrap_or(u32::MAX)));
            self.batch(drafts).await;
        }
    }

    async fn batch(&mut self, drafts: Vec<Sealed>) {
        let mut replies = Vec::with_capacity(drafts.len());
        let mut kept = Vec::with_capacity(drafts.len());
        for mut draft in drafts {
            let (unused, _closed) = oneshot::channel();
            replies.push((draft.leaf.rid, std::mem::replace(&mut draft.reply, unused)));
            kept.push(draft);
        }
        let committed = self.commit(kept).await;
        self.shared
            .failing
            .store(committed.is_err(), Ordering::SeqCst);
        match committed {
            Ok(outcomes) => {
                for (rid, reply) in replies {
                    let outcome = outcomes
                        .get(&rid)
                        .copied()
                        .unwrap_or(Err(Unrecorded::Failed));
                    // The caller may have hung up; its record stands.
                    let _hung_up = reply.send(outcome);
                }
            }
            Err(error) => {
                tracing::error!(code = "append_failed", %error, "records were not committed");
                metrics::counter!(metric::APPEND_FAILURES).increment(1);
                if matches!(error, BatchError::RolledBack) {
                    self.shared.stopped.store(true, Ordering::SeqCst);
                }
                for (_rid, reply) in replies {
                    let _hung_up = reply.send(Err(Unrecorded::Failed));
                }
            }
        }
    }

    async fn commit(&mut self, drafts: Vec<Sealed>) -> Result<Outcomes, BatchError> {
        let (mut drafts, mut outcomes) = (drafts, Outcomes::new());
        while !drafts.is_empty() {
            if self.shared.stopped.load(Ordering::SeqCst) {
                return Err(BatchError::Stopped);
            }
            let rest = drafts.split_off(self.share(&drafts));
            let batch = match self.commit_at_once(drafts).await? {
                Ok(batch) => batch,
                Err(drafts) => self.commit_in_steps(drafts).await?,
            };
            self.acknowledge(&batch);
            outcomes.extend(batch.accepted.iter().map(|d| {
                let recorded = Recorded::committed(d.leaf.seq, d.leaf.rid, d.leaf.time_us);
                (d.leaf.rid, Ok(recorded))
            }));
            outcomes.extend(batch.refused.iter().map(|(d, why)| (d.leaf.rid, Err(*why))));
            drafts = rest;
        }
        Ok(outcomes)
    }

    /// How many of the drafts go into the next transaction.
    fn share(&self, drafts: &[Sealed]) -> usize {
        match &self.db {
            Db::Sqlite(_) => quick::fitting(drafts.len()),
            Db::Postgres(_) => drafts.len(),
        }
    }

    /// Commits plain records as one text; gives them back where that cannot be.
    async fn commit_at_once(
        &mut self,
        drafts: Vec<Sealed>,
    ) -> Result<Result<Batch, Vec<Sealed>>, BatchError> {
        let (Db::Sqlite(pool), Some(from)) = (&self.db, self.known.head.clone()) else {
            return Ok(Err(drafts));
        };
        let plain = |d: &Sealed| d.effects.is_empty() && d.generation == from.generation;
        if !drafts.iter().all(plain) {
            return Ok(Err(drafts));
        }
        let conditions = quick::Conditions::of(&drafts);
        let mut batch = Batch::new(from, drafts.len());
        batch.to.time_us = self.clock.now_us().max(batch.from.time_us);
        batch.to.size += i64::try_from(drafts.len()).map_err(|_many| BatchError::RolledBack)?;
        batch.accepted = drafts;
        let tags = quick::tags(batch.accepted.iter().map(|d| &d.leaf));
        let mut counters = self.known.counters(&self.db, &tags).await?;
        for draft in &mut batch.accepted {
            let n = counters.entry(draft.leaf.tag).or_default();
            *n += 1;
            draft.leaf.n = u64::try_from(*n).map_err(|_negative| BatchError::RolledBack)?;
        }
        let (leaves, mut bodies) = link(&mut batch)?;
        let counters: Vec<([u8; 16], i64)> = counters.into_iter().collect();
        let (rows, heads) = ((&*leaves, &*bodies), (&batch.from, &batch.to));
        if !quick::write(pool, &conditions, &counters, rows, heads).await? {
            for (draft, body) in batch.accepted.iter_mut().zip(&mut bodies) {
                draft.stored = std::mem::take(&mut body.stored);
            }
            return Ok(Err(batch.accepted));
        }
        batch.counters = counters;
        Ok(Ok(batch))
    }

    async fn commit_in_steps(&mut self, drafts: Vec<Sealed>) -> Result<Batch, BatchError> {
        let mut tx = self.db.begin().await?;
        let from = tx.ledger_head_lock().await?.ok_or(BatchError::RolledBack)?;
        if self.known.head.as_ref() != Some(&from) {
            // Somebody else wrote, or a commit of ours whose result we did not learn.
            self.known.tags.clear();
        }
        self.check_head(&mut tx, &from).await?;
        let mut batch = self.admit(&mut tx, from, drafts).await?;
        if !batch.accepted.is_empty() {
            number(&mut tx, &mut batch).await?;
            let (leaves, bodies) = link(&mut batch)?;
            let (from, to) = (&batch.from, &batch.to);
            if !tx.ledger_append(&leaves, &bodies, from, to).await? {
                return Err(BatchError::RolledBack);
            }
        }
        tx.commit().await?;
        Ok(batch)
    }

    /// What others may know of a batch that is committed.
    fn acknowledge(&mut self, batch: &Batch) {
        let to = &batch.to;
        self.known.head = Some(to.clone());
        for (tag, n) in &batch.counters {
            self.known.tags.insert(*tag, *n);
        }
        self.acknowledged = (to.size, to.hash.clone());
        self.shared.size.store(to.size, Ordering::SeqCst);
        metrics::gauge!(metric::RECORDS).set(gauge(to.size));
        let waiting = i64::try_from(self.inbox.len()).unwrap_or(i64::MAX);
        metrics::gauge!(metric::QUEUE).set(gauge(waiting));
        let before = self.shared.generation.swap(to.generation, Ordering::SeqCst);
        if before != to.generation {
            self.changed.send_replace(to.generation);
        }
    }

    /// Refuses a database that lacks the last acknowledged record.
    async fn check_head(&self, tx: &mut Tx, head: &Head) -> Result<(), BatchError> {
        let (size, hash) = &self.acknowledged;
        if head.size == *size {
            return if head.hash == *hash {
                Ok(())
            } else {
                Err(BatchError::RolledBack)
            };
        }
        if head.size < *size {
            return Err(BatchError::RolledBack);
        }
        // Another replica wrote since, or a commit of ours whose result we did not learn.
        let Some(last) = size.checked_sub(1).filter(|last| *last >= 0) else {
            return Ok(());
        };
        let found = tx.ledger_leaf_page(last, 1).await?;
        match found.first() {
            Some(row) if row.seq == last && row.hash == *hash => Ok(()),
            _ => Err(BatchError::RolledBack),
        }
    }

    /// Decides which drafts may be written, and applies their effects.
    async fn admit(
        &self,
        tx: &mut Tx,
        from: Head,
        drafts: Vec<Sealed>,
    ) -> Result<Batch, BatchError> {
        let mut batch = Batch::new(from, drafts.len());
        batch.to.time_us = self.clock.now_us().max(batch.from.time_us);
        let mut again = Again::default();
        let mut ids: Vec<[u8; 16]> = drafts.iter().map(|draft| draft.key_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut dead = tx.destroyed_keys_among(&ids).await?;
        let open = open_chats(tx, &drafts).await?;
        let mut drafts = drafts.into_iter();
        while let Some(draft) = drafts.next() {
            // Whatever a cache said: a record sealed under a destroyed key is not written.
            if dead.iter().any(|id| id.as_slice() == draft.key_id) {
                batch.refused.push((draft, Unrecorded::KeyGone));
                continue;
            }
            let chat = draft.guard.as_ref().and_then(|guard| guard.conversation);
            if chat.is_some_and(|chat| !open.contains(&chat)) {
                batch.refused.push((draft, Unrecorded::Closed));
                continue;
            }
            let stale = draft.generation != batch.from.generation || batch.raised;
            if stale {
                let rest = drafts.as_slice();
                let why = again.refuse(tx, &draft, rest, batch.to.time_us).await?;
                if let Some(why) = why {
                    batch.refused.push((draft, why));
                    continue;
                }
            }
            let mut unfit = None;
            for effect in &draft.effects {
                if unfit.is_none() && !effect.apply(tx, batch.to.size, batch.to.time_us).await? {
                    unfit = Some(effect.unfit());
                }
            }
            if let Some(why) = unfit {
                batch.refused.push((draft, why));
                continue;
            }
            for effect in &draft.effects {
                if let Effect::KeyDestroyed { ids } = effect {
                    dead.extend(ids.iter().map(|id| id.to_vec()));
                }
            }
            if draft.effects.iter().any(Effect::raises_generation) {
                batch.raised = true;
                again = Again::default();
            }
            batch.to.size += 1;
            batch.accepted.push(draft);
        }
        if batch.raised {
            batch.to.generation += 1;
        }
        Ok(batch)
    }
}

/// Which of the conversations that drafts belong to are open, and whether a guest's.
async fn open_chats(
    tx: &mut Tx,
    drafts: &[Sealed],
) -> Result<HashSet<([u8; 16], bool)>, BatchError> {
    let guards = drafts.iter().filter_map(|draft| draft.guard.as_ref());
    let mut ids: Vec<[u8; 16]> = guards
        .filter_map(|guard| guard.conversation.map(|(id, _guest)| id))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(tx.conversations_open(&ids).await?.into_iter().collect())
}

/// A count as a gauge takes it; exact up to 2^32, which is enough to look at.
pub(super) fn gauge(count: i64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What is looked at again in the transaction, read once until it changes.
#[derive(Default)]
struct Again {
    switches: Option<Vec<super::switch::Row>>,
    revoked: Option<HashMap<Mark, Term>>,
}

impl Again {
    /// Why a draft that was decided under an older generation is refused, if it is: its token was
    /// revoked since, or a switch was thrown. `rest` are the drafts that come after it.
    async fn refuse(
        &mut self,
        tx: &mut Tx,
        draft: &Sealed,
        rest: &[Sealed],
        now_us: i64,
    ) -> Result<Option<Unrecorded>, BatchError> {
        if let Some(marks) = &draft.marks {
            let revoked = match self.revoked.take() {
                Some(revoked) => revoked,
                None => tx.revocation_among(&marks_of(draft, rest)).await?,
            };
            let seconds = now_us.div_euclid(1_000_000);
            let is_revoked = marks.are_refused(seconds, |mark| revoked.get(mark).copied());
            self.revoked = Some(revoked);
            if is_revoked {
                return Ok(Some(Unrecorded::Revoked));
            }
        }
        let targets = draft.guard.as_ref().map(|guard| &guard.targets);
        let Some(targets) = targets.filter(|targets| !targets.is_empty()) else {
            return Ok(None);
        };
        if self.switches.is_none() {
            self.switches = Some(tx.switch_all().await?);
        }
        let mut stopped = self.switches.iter().flatten();
        let is_stopped = stopped.any(|row| targets.contains(&row.target));
        Ok(is_stopped.then_some(Unrecorded::Stopped))
    }
}

/// The marks of a draft and of those after it.
fn marks_of(draft: &Sealed, rest: &[Sealed]) -> Vec<Mark> {
    let all = std::iter::once(draft).chain(rest);
    let marks = all.filter_map(|draft| draft.marks.as_ref());
    let mut marks: Vec<Mark> = marks.flat_map(Marks::iter).copied().collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}
