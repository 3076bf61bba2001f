//! The promises, over a real ledger on disk.

use super::Access;
use super::access::{Which, read_record};
use super::erasure::Terms;
use crate::catalog::{Catalog, Files};
use crate::clock::Clock;
use crate::db::Store;
use crate::gateway::{Refusal, Refused};
use crate::identity::{Agent, Assurance, Customer, Officer, Role, Subject};
use crate::ledger::anchor::Anchor;
use crate::ledger::vault::Directory;
use crate::ledger::{Draft, Ledger, Owner, Recorded, Settings};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tidewaiter_audit::{Decision, Hash, Kind};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod erasure;
mod export;
mod hold;
mod lookups;
mod reading;
mod search;
mod switches;

const NOVEMBER_2026_US: i64 = 1_795_000_000_000_000;
const CANARY: &str = "canary-sentence-that-must-vanish";

struct Harness {
    dir: tempfile::TempDir,
    ledger: Ledger,
    clock: Clock,
    catalog: Catalog,
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

impl Harness {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::open(dir, Clock::manual(NOVEMBER_2026_US)).await
    }

    async fn open(dir: tempfile::TempDir, clock: Clock) -> Self {
        let catalog = Catalog::parse(&Files::shipped()).unwrap();
        let retention = catalog.retention().clone();
        let url = format!("sqlite:{}", dir.path().join("log.db").display());
        let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let ledger = Ledger::open(Settings {
            log: "tests/privacy".to_owned(),
            store: Store::open(&url).await.unwrap(),
            vault: Arc::new(Directory::open(&dir.path().join("vault")).unwrap()),
            anchor: Anchor::open(&dir.path().join("anchor").join("head")).unwrap(),
            clock: clock.clone(),
            retain_until: Arc::new(move |class, month| {
                retention.retain_until(class, month).map(|d| d.to_string())
            }),
            queue: 64,
            patience: Duration::from_secs(10),
            checkpoint_every: Duration::from_mins(10),
            alone: true,
            tracker: tracker.clone(),
            shutdown: shutdown.clone(),
        })
        .await
        .unwrap();
        Self {
            dir,
            ledger,
            clock,
            catalog,
            tracker,
            shutdown,
        }
    }

    /// Stops the ledger and opens it again, as after a crash.
    async fn restart(self) -> Self {
        self.shutdown.cancel();
        self.tracker.close();
        self.ledger.store().close().await;
        let Self { dir, clock, .. } = self;
        Self::open(dir, clock).await
    }

    fn terms(&self) -> Terms {
        Terms {
            retention: self.catalog.retention().clone(),
            agents: agents(),
            restore_days: 35,
        }
    }

    async fn record(&self, sub: &str, class: &str, kind: Kind, body: Value) -> Recorded {
        self.clock.advance(1_000_000);
        let owner = Owner::Subject(Arc::new(subject(sub)));
        let mut draft = Draft::new(kind, owner, class, body);
        draft.agent = Some("support-bot".to_owned());
        if kind == Kind::Lookup {
            draft.operation = Some("withdrawals.status".to_owned());
            draft.purpose = Some("support.withdrawal".to_owned());
            draft.decision = Some(Decision::Allow);
            draft.policy = Some(Hash([7; 32]));
        }
        self.ledger.append(draft).await.unwrap()
    }

    /// A customer with a chat (`support`) and a lookup that law keeps (`regulated`).
    async fn customer(&self, sub: &str) -> (Recorded, Recorded) {
        let chat = json!({"text": format!("{CANARY} of {sub}")});
        let chat = self.record(sub, "support", Kind::Turn, chat).await;
        let lookup = json!({
            "disclosed": {"status": format!("kept words of {sub}")},
            "treated": [{"path": "status", "class": "account", "treatment": "reveal"}],
            "recipients": ["Model Works", "Gone Desk"],
        });
        let lookup = self.record(sub, "regulated", Kind::Lookup, lookup).await;
        (chat, lookup)
    }

    async fn leaf(&self, rid: &str) -> tidewaiter_audit::Leaf {
        let rid = tidewaiter_audit::grammar::hex_array(rid).unwrap();
        let seq = self.ledger.find(&rid).await.unwrap();
        self.ledger.entry(seq).await.unwrap().leaf
    }

    async fn body(&self, rid: &str) -> Value {
        let rid = tidewaiter_audit::grammar::hex_array(rid).unwrap();
        let seq = self.ledger.find(&rid).await.unwrap();
        let entry = self.ledger.entry(seq).await.unwrap();
        self.ledger.open_body(&entry).await.unwrap()
    }

    /// The newest record, which must be of this kind.
    async fn newest(&self, kind: Kind) -> (tidewaiter_audit::Leaf, Value) {
        let entry = self.ledger.entry(self.ledger.size() - 1).await.unwrap();
        assert_eq!(entry.leaf.kind, kind);
        let body = self.ledger.open_body(&entry).await.unwrap();
        (entry.leaf, body)
    }

    /// Every file of database, journal and keys, by name, as bytes. The vault is apart.
    fn raw(&self) -> Vec<(String, Vec<u8>)> {
        let files = std::fs::read_dir(self.dir.path()).unwrap();
        let files = files
            .map(|file| file.unwrap().path())
            .filter(|path| path.is_file());
        let read = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        };
        let files: Vec<_> = files.map(read).collect();
        assert!(files.len() >= 2);
        files
    }

    fn raw_has(&self, needle: &[u8]) -> bool {
        self.raw().iter().any(|(_, bytes)| has(bytes, needle))
    }

    /// The same for the log alone, without the keys' file.
    fn raw_log_has(&self, needle: &[u8]) -> bool {
        let files = self.raw();
        let mut log = files.iter().filter(|(name, _)| !name.contains("keys"));
        log.any(|(_, bytes)| has(bytes, needle))
    }

    /// The database stops answering, as on a dead disk.
    async fn break_down(&self) {
        self.ledger.store().writer.close().await;
        self.ledger.store().log.close().await;
    }
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn subject(sub: &str) -> Subject {
    Subject {
        issuer: "https://login.test".to_owned(),
        sub: sub.to_owned(),
        uid: format!("uid-{sub}"),
    }
}

fn customer(sub: &str) -> Customer {
    Customer::for_test(subject(sub), Assurance::Substantial)
}

fn officer(sub: &str, roles: &[Role]) -> Officer {
    Officer::for_test(sub, roles)
}

fn access() -> Access {
    Access::new("complaint about a payout", "C-2026/11").unwrap()
}

fn agents() -> Vec<Arc<Agent>> {
    let agent = json!({
        "id": "support-bot", "kind": "llm", "title": "Support assistant",
        "recipients": [{"name": "Model Works", "country": "IE",
                        "contact": "privacy@model.test", "retention_days": 30}],
    });
    vec![Arc::new(serde_json::from_value(agent).unwrap())]
}

/// Every issuer of customers that these tests know.
fn known(issuer: &str) -> bool {
    issuer == "https://login.test"
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Refused>) -> Refusal {
    outcome.unwrap_err().refusal
}
