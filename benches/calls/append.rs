//! The ledger by itself: records as large as those of the reads, from as many callers, with
//! nothing around them. A call with audit off would cost what is left.

use super::plan::answer;
use super::process::cpu;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidewaiter::clock::Clock;
use tidewaiter::config::Config;
use tidewaiter::conversation::Row;
use tidewaiter::identity::Subject;
use tidewaiter::ledger::anchor::Anchor;
use tidewaiter::ledger::vault::Directory;
use tidewaiter::ledger::{Draft, Ledger, Owner, Settings};
use tidewaiter::policy::Snapshot;
use tidewaiter::running;
use tidewaiter_audit::{Decision, Kind};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the process is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) config: PathBuf,
    pub(crate) callers: usize,
    /// Records per second over all callers; as fast as they go without it.
    pub(crate) rate: Option<f64>,
    pub(crate) seconds: f64,
}

/// What it found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Appended {
    pub(crate) per_second: f64,
    /// Seconds of CPU per 1,000 records.
    pub(crate) cpu: f64,
}

/// Measures in another process.
pub(crate) fn in_a_process(told: &Told) -> Appended {
    let me = std::env::current_exe().expect("a path");
    let mut command = Command::new(me);
    command.args(["--role", "append", "--told"]);
    command.arg(serde_json::to_string(told).expect("JSON"));
    let out = command.stderr(Stdio::inherit()).output().expect("it runs");
    serde_json::from_slice(&out.stdout).expect("figures")
}

pub(crate) async fn run(told: Option<&str>) {
    let told: Told = serde_json::from_str(told.unwrap_or_default()).expect("what to do");
    let opened = Opened::open(&told.config).await;
    let between = told
        .rate
        .map(|rate| Duration::from_secs_f64(told.callers as f64 / rate));
    let (began, spent) = (Instant::now(), cpu(std::process::id()));
    let mut all = JoinSet::new();
    for caller in 0..told.callers {
        let ledger = opened.ledger.clone();
        all.spawn(async move {
            let mut count = 0_u64;
            let mut due = began;
            while began.elapsed().as_secs_f64() < told.seconds {
                if let Some(between) = between {
                    due += between;
                    tokio::time::sleep_until(due.into()).await;
                }
                let customer = count * told.callers as u64 + caller as u64;
                ledger
                    .append(lookup(customer % 2_000))
                    .await
                    .expect("a record");
                count += 1;
            }
            count
        });
    }
    let count: u64 = all.join_all().await.into_iter().sum();
    let (took, spent) = (
        began.elapsed().as_secs_f64(),
        cpu(std::process::id()) - spent,
    );
    let found = Appended {
        per_second: count as f64 / took,
        cpu: spent / (count as f64 / 1e3),
    };
    opened.close().await;
    println!("{}", serde_json::to_string(&found).expect("JSON"));
}

/// Grows the store of `config`: customers with keys and conversations, and records.
pub(crate) async fn fill(config: &Path, customers: u64, records: u64) {
    let opened = Opened::open(config).await;
    conversations(&opened.ledger, customers).await;
    let mut all = JoinSet::new();
    let share = records.div_ceil(256);
    for caller in 0..256 {
        let ledger = opened.ledger.clone();
        all.spawn(async move {
            for at in 0..share {
                let customer = (at * 256 + caller) % customers;
                ledger.append(lookup(customer)).await.expect("a record");
            }
        });
    }
    all.join_all().await;
    opened.close().await;
}

/// Rows as `POST /v1/conversations` leaves them, of customers who are not in a chat now.
async fn conversations(ledger: &Ledger, customers: u64) {
    let mut tx = ledger.store().log.begin().await.expect("a transaction");
    for customer in super::plan::ACTIVE..customers {
        let id = tidewaiter::random::bytes::<16>().expect("randomness");
        let row = Row {
            id: id.to_vec(),
            owner: ledger.keys().owner_id(&owner(customer)).to_vec(),
            agent: "agent-0".to_owned(),
            session: Some(
                tidewaiter::random::bytes::<32>()
                    .expect("randomness")
                    .to_vec(),
            ),
            guest: false,
            locale: "en".to_owned(),
            closed: true,
            turns: 0,
            attached: false,
            opened_us: 0,
        };
        assert!(tx.conversation_open(&row).await.expect("a row"));
    }
    tx.commit().await.expect("a commit");
}

fn owner(customer: u64) -> Owner {
    Owner::Subject(Arc::new(Subject {
        issuer: "bench".to_owned(),
        sub: format!("customer-{customer}"),
        uid: super::plan::uid(customer),
    }))
}

/// A record as large as a read's.
fn lookup(customer: u64) -> Draft {
    static SHOWN: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    let shown = SHOWN.get_or_init(|| {
        let (before, after) = answer();
        serde_json::from_str(&format!("{before}ID{after}")).expect("JSON")
    });
    let body = json!({"interface": "rest", "asked": "bench.op1", "arguments": {"currency": "btc"}, "shown": shown});
    let mut draft = Draft::new(Kind::Lookup, owner(customer), "regulated", body);
    draft.agent = Some("agent-1".to_owned());
    draft.operation = Some("bench.op1".to_owned());
    draft.purpose = Some("support.balance".to_owned());
    draft.decision = Some(Decision::Allow);
    draft
}

struct Opened {
    ledger: Ledger,
    tracker: TaskTracker,
    shutdown: CancellationToken,
    store: tidewaiter::db::Store,
    _alone: Option<std::fs::File>,
}

impl Opened {
    async fn open(config: &Path) -> Self {
        let config = Config::load(config).expect("a configuration");
        let alone = running::take_lock(&config).expect("the lock");
        let policy = Snapshot::load(&config.policies.dir, &running::agents(&config))
            .await
            .expect("policies");
        let retention = policy.catalog().retention().clone();
        let store = running::open_store(&config).await.expect("a database");
        let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let ledger = Ledger::open(Settings {
            log: config.ledger.origin.clone(),
            store: store.clone(),
            vault: Arc::new(Directory::open(&config.ledger.vault).expect("a vault")),
            anchor: Anchor::open(&config.ledger.anchor).expect("an anchor"),
            clock: Clock::System,
            retain_until: Arc::new(move |class, month| {
                let day = retention.retain_until(class, month);
                day.map(|day| day.to_string())
            }),
            queue: config.ledger.queue,
            patience: Duration::from_secs(30),
            checkpoint_every: config.ledger.checkpoint_interval,
            alone: alone.is_some(),
            tracker: tracker.clone(),
            shutdown: shutdown.clone(),
        });
        let ledger = ledger.await.expect("a ledger");
        Self {
            ledger,
            tracker,
            shutdown,
            store,
            _alone: alone,
        }
    }

    async fn close(self) {
        self.shutdown.cancel();
        drop(self.ledger);
        self.tracker.close();
        self.tracker.wait().await;
        self.store.close().await;
    }
}
