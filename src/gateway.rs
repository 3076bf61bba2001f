//! The request path: one function from a call to an answer that may leave.
//!
//! Each step consumes a proof value that only the step before it can make: a verified token gives
//! a `Caller`, quota an `Admitted`, the policy a `Permit`, the ledger an [`Intended`], the
//! upstream a `Raw`, redaction a `Clean`, and the ledger again a `Recorded`. Only a `Clean` or a
//! [`Refusal`] together with a `Recorded` makes an [`Answer`].
//!
//! Promises I1, I9 and I10. The work runs in a task that the connection does not own, so a client
//! that hangs up changes nothing.

use crate::catalog::Operation;
use crate::clock::Clock;
use crate::conversation::recent::Recent;
use crate::identity::Identity;
use crate::ledger::{Ledger, Unrecorded};
use crate::policy::{Snapshot, Switches};
use crate::quota::Quota;
use crate::quota::meter::Meter;
use crate::redaction::{Plans, Profiles};
use crate::revocation::{Horizon, Marks, Revocations};
use crate::telemetry::metric;
use crate::telemetry::span::step;
use crate::upstream::Upstreams;
use arc_swap::ArcSwap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

pub mod answer;
pub mod call;
pub mod exchange;
mod expect;
mod follow;
mod guard;
mod house;
mod intend;
mod project;
pub mod refusal;
mod refuse;
mod steps;
pub(crate) mod strangers;
mod trail;
mod who;

pub use crate::conversation::{Found, Opened, Opening, Saying, Speaker, Turned};
pub use answer::{Answer, Refused};
pub use call::{Call, Interface, Language, Malformed};
pub use intend::Intended;
pub use refusal::Refusal;
pub(crate) use refuse::unrecorded;

use guard::{Guarded, Panicked};
use refuse::not_recorded;
use trail::Trail;

/// For how many days backups of the database are kept, as receipts of erasures say.
const RESTORE_DAYS: u32 = 35;
/// How long to wait before an outcome that was not recorded is tried again.
const CLOSE_AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

/// Everything the request path needs.
pub struct Gateway {
    identity: Identity,
    quota: Quota,
    policy: ArcSwap<Snapshot>,
    switches: Switches,
    revocations: Revocations,
    horizon: Horizon,
    upstreams: Upstreams,
    plans: Plans,
    profiles: Profiles,
    recent: Recent,
    ledger: Ledger,
    clock: Clock,
    strangers: strangers::Strangers,
    exports: PathBuf,
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

/// What a gateway is made of.
pub struct Parts {
    /// Verifies tokens.
    pub identity: Identity,
    /// Admits callers.
    pub quota: Quota,
    /// How long a revocation must last.
    pub horizon: Horizon,
    /// Decides.
    pub policy: Snapshot,
    /// Reaches the exchange.
    pub upstreams: Upstreams,
    /// Remembers.
    pub ledger: Ledger,
    /// How free text is read.
    pub profiles: Profiles,
    /// Where bundles are written.
    pub exports: PathBuf,
    /// Tells the time.
    pub clock: Clock,
    /// Runs the tasks.
    pub tracker: TaskTracker,
    /// Ends them.
    pub shutdown: CancellationToken,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway")
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

/// An operation as `GET /v1/operations` and `tools/list` show it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The operation.
    pub operation: Arc<Operation>,
    /// JSON Schema of the arguments.
    pub input_schema: serde_json::Value,
    /// JSON Schema of what this agent may expect of the answer, if there is anything to compare.
    pub expect_schema: Option<serde_json::Value>,
    /// JSON Schema of `{"result", "treated", "compared", "record"}`, projected for this agent.
    pub output_schema: serde_json::Value,
}

impl Gateway {
    /// Starts a gateway: loads the switches, records the policy if it is new, and follows changes
    /// that other replicas make.
    pub async fn start(parts: Parts) -> Result<Arc<Self>, StartError> {
        let gateway = Arc::new(Self {
            identity: parts.identity,
            quota: parts.quota,
            policy: ArcSwap::from_pointee(parts.policy),
            switches: Switches::new(),
            revocations: Revocations::new(),
            horizon: parts.horizon,
            upstreams: parts.upstreams,
            plans: Plans::default(),
            profiles: parts.profiles,
            recent: Recent::default(),
            ledger: parts.ledger,
            clock: parts.clock,
            exports: parts.exports,
            strangers: strangers::Strangers::default(),
            tracker: parts.tracker,
            shutdown: parts.shutdown.clone(),
        });
        gateway.record_policy(&gateway.policy()).await?;
        gateway.load_switches().await?;
        gateway.finish_erasures().await;
        let reporter = Arc::clone(&gateway);
        let shutdown = parts.shutdown.clone();
        gateway.tracker.spawn(async move {
            reporter
                .strangers
                .report(reporter.ledger.clone(), shutdown)
                .await;
        });
        let follower = Arc::clone(&gateway);
        let shutdown = parts.shutdown.clone();
        gateway
            .tracker
            .spawn(async move { follower.follow(shutdown).await });
        for issuer in gateway.identity.endpoints() {
            let (fetcher, shutdown) = (Arc::clone(&gateway), parts.shutdown.clone());
            gateway
                .tracker
                .spawn(async move { fetcher.identity.follow(&issuer, shutdown).await });
        }
        gateway.identity.asked_once().await;
        Ok(gateway)
    }

    /// Handles one call, from its first byte to the answer that may leave.
    pub async fn handle(self: &Arc<Self>, call: Call) -> Answer {
        let language = call.language;
        let gateway = Arc::clone(self);
        let (peer, meter) = (strangers::peer(), Meter::current());
        let handled = async move { gateway.handle_to_the_end(call).await };
        match self
            .tracker
            .spawn(strangers::with_peer(peer, meter.measure(handled)))
            .await
        {
            Ok(answer) => answer,
            // The steps below are guarded against panics; this one would be in the guard itself.
            Err(_panic) => Answer::unrecorded(Refusal::Unrecorded, language),
        }
    }

    async fn handle_to_the_end(self: Arc<Self>, call: Call) -> Answer {
        let began = std::time::Instant::now();
        let span = step!(
            "call",
            operation = tracing::field::Empty,
            outcome = tracing::field::Empty
        );
        let answer = self.attend(call).instrument(span).await;
        metrics::histogram!(metric::CALL_SECONDS).record(began.elapsed().as_secs_f64());
        answer
    }

    async fn attend(self: &Arc<Self>, call: Call) -> Answer {
        let language = call.language;
        let generation = self.switches.generation();
        let admitted = match self.admit(&call) {
            Ok(admitted) => admitted,
            Err(refusal) => return Answer::unrecorded(refusal, language),
        };
        let caller = Arc::clone(admitted.caller());
        let marks = Marks::of_caller(self.ledger.keys(), &caller);
        let trail = Trail::new(caller, marks, &call, generation);
        let trail = Arc::new(Mutex::new(trail));
        let attempt = Guarded::new(self.attempt(admitted, call, &trail));
        let outcome = attempt.await.unwrap_or_else(|Panicked| {
            let mut writes = false;
            note(&trail, |trail| writes = trail.intent.is_some());
            let refusal = if writes {
                Refusal::OutcomeUnknown
            } else {
                Refusal::Internal
            };
            Err(refusal.into())
        });
        let mut spoken = None;
        note(&trail, |trail| spoken = trail.language);
        if matches!(&outcome, Err(refused) if refused.refusal == Refusal::OverQuota) {
            // Counted, not recorded: nobody fills the ledger by asking too often.
            return Answer::unrecorded(Refusal::OverQuota, spoken.unwrap_or(language));
        }
        self.settle(outcome, &trail, spoken.unwrap_or(language))
            .await
    }
}

/// A gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The policy could not be recorded.
    #[error("the policy could not be recorded: {0}")]
    Unrecorded(#[from] Unrecorded),
    /// The switches could not be read.
    #[error("the switches could not be read")]
    Store(#[from] sqlx::Error),
}

fn note(trail: &Mutex<Trail>, change: impl FnOnce(&mut Trail)) {
    match trail.lock() {
        Ok(mut trail) => change(&mut trail),
        Err(poisoned) => change(&mut poisoned.into_inner()),
    }
}

/// Notes why it was decided as it was.
fn because(trail: &Mutex<Trail>, cause: String) {
    note(trail, |trail| trail.cause = Some(cause));
}
