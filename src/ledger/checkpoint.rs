//! Signing the tree: about once a second, when it has grown, and on demand.
//!
//! Before a head is signed, every new leaf is hashed again from its stored bytes and its chain
//! checked; the new head extends the last one by construction, because the frontier does. Then the
//! anchor moves by compare-and-swap, and only then is the checkpoint published. A crash between
//! leaves an anchor ahead of the published checkpoints and never ahead of the ledger.

use super::Ledger;
use super::anchor::{Anchor, AnchorError};
use super::sequencer::Shared;
use super::store::LeafRow;
use super::vault::{Slot, Vault, VaultError};
use crate::clock::Clock;
use crate::db::Store;
use crate::telemetry::metric;
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tidewaiter_audit::checkpoint::{Checkpoint, Note, NoteError, SigningKey, sign_note};
use tidewaiter_audit::tree::{self, Frontier};
use tidewaiter_audit::{Hash, Leaf};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// For how long the anchor may refuse to move before lookups stop.
const ANCHOR_PATIENCE_US: i64 = 30_000_000;
/// How often a head is signed anew when other replicas move the anchor meanwhile.
const TURNS: u32 = 16;
/// Leaves read at a time.
const PAGE: i64 = 1_000;

/// The log's signing keys: three, with names of their own, so that no signature serves for another
/// statement.
pub struct Signers {
    /// Signs checkpoints.
    pub checkpoint: SigningKey,
    /// Signs manifests of bundles.
    pub manifest: SigningKey,
    /// Signs receipts of erasures.
    pub receipt: SigningKey,
}

impl std::fmt::Debug for Signers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signers")
            .field("checkpoint", &self.checkpoint.vkey())
            .finish_non_exhaustive()
    }
}

impl Signers {
    /// Takes the keys from the vault, made first if there are none.
    pub fn open(log: &str, vault: &dyn Vault) -> Result<Self, VaultError> {
        let key = |slot: &Slot, name: String| {
            let seed = vault.key_or_new(slot)?;
            SigningKey::from_seed(&name, &seed).map_err(|_refused| VaultError::Damaged)
        };
        Ok(Self {
            checkpoint: key(&Slot::Checkpoint, log.to_owned())?,
            manifest: key(&Slot::Manifest, format!("{log}/manifest"))?,
            receipt: key(&Slot::Receipt, format!("{log}/receipt"))?,
        })
    }
}

/// The newest checkpoint, for readers.
#[derive(Debug, Clone, Default)]
pub(super) struct Published(Arc<ArcSwapOption<Arc<str>>>);

impl Published {
    pub(super) fn latest(&self) -> Option<Arc<str>> {
        self.0.load_full().map(|note| Arc::clone(&*note))
    }
}

/// Why no checkpoint was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The database refused.
    #[error("the ledger's database refused")]
    Store(#[from] sqlx::Error),
    /// The anchor refused.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// A stored leaf is not what was committed.
    #[error("record {0} is not what was committed")]
    Damaged(i64),
    /// The anchor holds a head that this database does not lead to.
    #[error("the anchor holds another history")]
    Diverged,
    /// The anchor's text is not a checkpoint of this log.
    #[error("the anchor does not hold a checkpoint of this log")]
    NotACheckpoint(#[from] NoteError),
}

/// The tree as far as it was read, and the last head signed over it.
#[derive(Clone)]
pub(super) struct Tree {
    pub(super) frontier: Frontier,
    last_hash: Hash,
    /// Subtree hashes not stored yet: level, index, hash.
    nodes: Vec<(u32, u64, Hash)>,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self {
            frontier: Frontier::new(),
            last_hash: Hash::ZERO,
            nodes: Vec::new(),
        }
    }

    /// The hash of the last leaf read.
    pub(super) fn last_hash(&self) -> &Hash {
        &self.last_hash
    }

    /// How many leaves were read.
    pub(super) fn size(&self) -> i64 {
        i64::try_from(self.frontier.size()).unwrap_or(i64::MAX)
    }

    fn push(&mut self, row: &LeafRow) -> Result<(), SignError> {
        let damaged = || SignError::Damaged(row.seq);
        let leaf = Leaf::parse(row.line.as_bytes()).map_err(|_why| damaged())?;
        let hash = tree::leaf_hash(row.line.as_bytes());
        let in_place = u64::try_from(row.seq) == Ok(leaf.seq) && leaf.seq == self.frontier.size();
        if !in_place || hash.as_ref() != row.hash || leaf.prev != self.last_hash {
            return Err(damaged());
        }
        let nodes = &mut self.nodes;
        self.frontier.push_with(hash, &mut |level, index, hash| {
            if level % 8 == 0 {
                nodes.push((level, index, hash));
            }
        });
        self.last_hash = hash;
        Ok(())
    }

    /// Reads and checks leaves up to `size`.
    pub(super) async fn extend(&mut self, store: &Store, size: i64) -> Result<(), SignError> {
        while self.size() < size {
            let mut tx = store.log.read().await?;
            let limit = PAGE.min(size - self.size());
            let page = tx.ledger_leaf_page(self.size(), limit).await?;
            drop(tx);
            if page.is_empty() {
                return Err(SignError::Damaged(self.size()));
            }
            for row in &page {
                self.push(row)?;
            }
        }
        Ok(())
    }
}

pub(super) struct Checkpointer {
    pub(super) store: Store,
    pub(super) anchor: Anchor,
    pub(super) signers: Arc<Signers>,
    pub(super) clock: Clock,
    pub(super) shared: Arc<Shared>,
    pub(super) published: Published,
    pub(super) tree: Tree,
    /// What the anchor held when it was last seen.
    pub(super) anchored: Option<String>,
    pub(super) moved_us: i64,
    pub(super) requests: mpsc::Receiver<oneshot::Sender<bool>>,
}

impl Checkpointer {
    /// Runs until `shutdown`, and signs once more then.
    pub(super) async fn run(
        mut self,
        every: Duration,
        shutdown: CancellationToken,
        ledger: Ledger,
    ) {
        let mut tick = tokio::time::interval(every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => { self.once().await; }
                request = self.requests.recv() => {
                    let Some(done) = request else { break };
                    let signed = self.once().await;
                    let _hung_up = done.send(signed);
                    continue;
                }
                () = shutdown.cancelled() => break,
            }
            let age_s = (self.clock.now_us() - self.moved_us).max(0) / 1_000_000;
            metrics::gauge!(metric::CHECKPOINT_AGE).set(super::sequencer::gauge(age_s));
            ledger.follow().await;
        }
        self.once().await;
    }

    /// Signs if the ledger has grown; true if everything committed is under a signed head.
    async fn once(&mut self) -> bool {
        match self.sign().await {
            Ok(()) => {
                self.moved_us = self.clock.now_us();
                true
            }
            Err(error) => {
                tracing::error!(code = "checkpoint_failed", %error, "no checkpoint was signed");
                metrics::counter!(metric::CHECKPOINT_FAILURES).increment(1);
                let fatal = matches!(error, SignError::Damaged(_) | SignError::Diverged);
                let stuck = self.clock.now_us() - self.moved_us > ANCHOR_PATIENCE_US;
                if fatal || stuck {
                    self.shared.stopped.store(true, Ordering::SeqCst);
                }
                false
            }
        }
    }

    async fn sign(&mut self) -> Result<(), SignError> {
        let mut turn = 1;
        while let Err(error) = self.sign_next().await {
            // Another replica was faster; its head is what ours extends then.
            if turn == TURNS || !matches!(error, SignError::Anchor(AnchorError::Moved)) {
                return Err(error);
            }
            turn += 1;
        }
        self.publish().await
    }

    async fn sign_next(&mut self) -> Result<(), SignError> {
        self.catch_up().await?;
        let mut tx = self.store.log.read().await?;
        let size = tx.ledger_head().await?.map_or(0, |head| head.size);
        drop(tx);
        if size > self.tree.size() || self.anchored.is_none() && size > 0 {
            // On a copy: the tree stays where the anchor is, or another replica's next head, which
            // may be shorter than what was read here, would look like another history.
            let mut tree = self.tree.clone();
            tree.extend(&self.store, size).await?;
            let head = Checkpoint {
                origin: self.signers.checkpoint.name().to_owned(),
                size: tree.frontier.size(),
                root: tree.frontier.root(),
            };
            let note = sign_note(&head.text(), &[&self.signers.checkpoint]);
            self.anchor.swap(self.anchored.as_deref(), &note)?;
            self.tree = tree;
            self.anchored = Some(note);
        }
        Ok(())
    }

    /// If another replica moved the anchor, reads up to its head and compares.
    async fn catch_up(&mut self) -> Result<(), SignError> {
        let found = self.anchor.read()?;
        if found == self.anchored {
            return Ok(());
        }
        let text = found.as_deref().ok_or(SignError::Diverged)?;
        let head = read_anchor(text, &self.signers)?;
        let size = i64::try_from(head.size).map_err(|_range| SignError::Diverged)?;
        if size < self.tree.size() {
            return Err(SignError::Diverged);
        }
        let mut tree = self.tree.clone();
        tree.extend(&self.store, size).await?;
        if tree.frontier.root() != head.root {
            return Err(SignError::Diverged);
        }
        self.tree = tree;
        self.anchored = found;
        Ok(())
    }

    /// Stores nodes and the anchored checkpoint, then shows it.
    async fn publish(&mut self) -> Result<(), SignError> {
        let Some(note) = &self.anchored else {
            return Ok(());
        };
        if self.published.latest().as_deref() == Some(note.as_str()) && self.tree.nodes.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.writer.begin().await?;
        for (level, index, hash) in &self.tree.nodes {
            let index = i64::try_from(*index).map_err(|_range| SignError::Diverged)?;
            tx.ledger_node_put(i64::from(*level), index, hash.as_ref())
                .await?;
        }
        tx.ledger_checkpoint_put(self.tree.size(), note, self.clock.now_us())
            .await?;
        tx.commit().await?;
        self.tree.nodes.clear();
        self.published
            .0
            .store(Some(Arc::new(Arc::from(note.as_str()))));
        Ok(())
    }
}

/// The checkpoint in an anchor's text, signed by this log's key.
pub(super) fn read_anchor(text: &str, signers: &Signers) -> Result<Checkpoint, SignError> {
    let note = Note::parse(text.as_bytes())?;
    note.verify(signers.checkpoint.verifier())?;
    let head = Checkpoint::parse_text(&note.text)?;
    if head.origin != signers.checkpoint.name() {
        return Err(SignError::Diverged);
    }
    Ok(head)
}
