//! Temporary databases and ledgers, verified whole when a test ends.

pub(crate) mod canary;
pub(crate) mod child;
pub(crate) mod dice;
pub(crate) mod postgres;
pub(crate) mod stand;
pub(crate) mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tidewaiter::clock::Clock;
use tidewaiter::db::Store;
use tidewaiter::ledger::anchor::Anchor;
use tidewaiter::ledger::vault::{Directory, Vault};
use tidewaiter::ledger::{Ledger, Settings, StartError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The origin of every test's log.
pub(crate) const LOG: &str = "test.example/log";

/// A place for one ledger: database, vault, anchor. The same place can be opened again.
pub(crate) struct Place {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) url: String,
    _postgres: Option<postgres::Database>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("ledger.db").display());
        Self {
            dir,
            url,
            _postgres: None,
        }
    }

    /// None where PostgreSQL is not installed (then the test says so and passes).
    pub(crate) async fn postgres() -> Option<Self> {
        let database = postgres::Database::create().await?;
        let dir = tempfile::tempdir().unwrap();
        Some(Self {
            dir,
            url: database.url.clone(),
            _postgres: Some(database),
        })
    }

    /// One place on every database there is.
    pub(crate) async fn each() -> Vec<Self> {
        let mut places = vec![Self::sqlite()];
        places.extend(Self::postgres().await);
        places
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) async fn open(&self) -> Result<Open, StartError> {
        self.open_at(Clock::System).await
    }

    pub(crate) async fn open_at(&self, clock: Clock) -> Result<Open, StartError> {
        self.open_with(clock, 4096).await
    }

    /// With a queue of that many places.
    pub(crate) async fn open_with(&self, clock: Clock, queue: usize) -> Result<Open, StartError> {
        let tracker = TaskTracker::new();
        let shutdown = CancellationToken::new();
        let store = Store::open(&self.url).await?;
        let ledger = Ledger::open(Settings {
            log: LOG.into(),
            store,
            vault: vault(&self.path("vault")),
            anchor: Anchor::open(&self.path("anchor/checkpoint"))?,
            clock,
            retain_until: Arc::new(|_class, _month| Some("2031-12-31".into())),
            queue,
            patience: Duration::from_secs(10),
            checkpoint_every: Duration::from_millis(200),
            alone: self.url.starts_with("sqlite"),
            tracker: tracker.clone(),
            shutdown: shutdown.clone(),
        })
        .await?;
        Ok(Open {
            ledger,
            tracker,
            shutdown,
        })
    }
}

pub(crate) fn vault(path: &Path) -> Arc<dyn Vault> {
    Arc::new(Directory::open(path).unwrap())
}

/// A running ledger.
pub(crate) struct Open {
    pub(crate) ledger: Ledger,
    pub(crate) tracker: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

impl Open {
    /// Stops it in order, and checks every record from genesis to head.
    pub(crate) async fn close(self) {
        verify_whole(&self.ledger).await;
        let store = self.ledger.store().clone();
        self.shutdown.cancel();
        drop(self.ledger);
        self.tracker.close();
        tokio::time::timeout(Duration::from_secs(10), self.tracker.wait())
            .await
            .expect("tasks end");
        store.close().await;
    }

    /// Leaves everything as a crash would.
    pub(crate) async fn crash(self) {
        let store = self.ledger.store().clone();
        store.close().await;
        drop(self.ledger);
    }
}

/// Every leaf parses, is chained, counted without a gap in its tag, and has a body that opens or
/// a destroyed key; intents are paired.
pub(crate) async fn verify_whole(ledger: &Ledger) {
    use std::collections::HashMap;
    use tidewaiter_audit::{Hash, Kind, tree};
    let mut prev = Hash::ZERO;
    let mut time = 0;
    let mut tags: HashMap<[u8; 16], u64> = HashMap::new();
    let mut open: HashMap<[u8; 16], u64> = HashMap::new();
    for seq in 0..ledger.size() {
        let entry = ledger.entry(seq).await.expect("every record is there");
        assert_eq!(entry.leaf.prev, prev, "chain at {seq}");
        assert!(entry.leaf.time_us >= time, "time at {seq}");
        let n = tags.entry(entry.leaf.tag).or_default();
        *n += 1;
        assert_eq!(entry.leaf.n, *n, "counter at {seq}");
        if entry.body.is_some() {
            ledger.open_body(&entry).await.expect("every body opens");
        }
        match (entry.leaf.kind, entry.leaf.request) {
            (Kind::Intent, Some(request)) => {
                assert!(
                    open.insert(request, entry.leaf.seq).is_none(),
                    "intent twice"
                );
            }
            (Kind::Outcome | Kind::Recovery, Some(request)) => {
                assert!(
                    open.remove(&request).is_some(),
                    "outcome without intent at {seq}"
                );
            }
            _ => {}
        }
        prev = tree::leaf_hash(entry.line.as_bytes());
        time = entry.leaf.time_us;
    }
}
