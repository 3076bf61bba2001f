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
use crate::identity::{Caller, Customer, Identity, Officer, Verified};
use crate::ledger::{Draft, Ledger, Owner, Unrecorded};
use crate::policy::{Ask, Denied, Snapshot, Switches, authorize};
use crate::quota::{Admitted, Quota};
use crate::redaction::{Clean, Plans};
use crate::telemetry::metric;
use crate::upstream::{Upstreams, forward};
use arc_swap::ArcSwap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tidewaiter_audit::{Decision, Kind};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub mod answer;
pub mod call;
mod follow;
mod intend;
mod project;
pub mod refusal;
mod strangers;
mod trail;

pub use crate::conversation::{Found, Opened, Opening, Saying, Speaker, Turned};
pub use answer::{Answer, Refused};
pub use call::{Call, Interface, Language, Malformed};
pub use intend::Intended;
pub use refusal::Refusal;

use intend::Intent;
use project::Kept;
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
    upstreams: Upstreams,
    plans: Plans,
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
    /// Decides.
    pub policy: Snapshot,
    /// Reaches the exchange.
    pub upstreams: Upstreams,
    /// Remembers.
    pub ledger: Ledger,
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
    /// JSON Schema of `{"result", "treated", "record"}`, projected for this agent.
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
            upstreams: parts.upstreams,
            plans: Plans::default(),
            ledger: parts.ledger,
            clock: parts.clock,
            exports: parts.exports,
            strangers: strangers::Strangers::default(),
            tracker: parts.tracker,
            shutdown: parts.shutdown.clone(),
        });
        gateway.record_policy().await?;
        gateway.load_switches().await?;
        let terms = gateway.erasure_terms();
        let finished = crate::privacy::erasure::resume_unfinished(&gateway.ledger, &terms).await;
        finished.map_err(|_refused| StartError::Erasures)?;
        let reporter = Arc::clone(&gateway);
        let shutdown = parts.shutdown.clone();
        gateway.tracker.spawn(async move {
            reporter
                .strangers
                .report(reporter.ledger.clone(), shutdown)
                .await;
        });
        let follower = Arc::clone(&gateway);
        gateway
            .tracker
            .spawn(async move { follower.follow(parts.shutdown).await });
        Ok(gateway)
    }

    /// Handles one call, from its first byte to the answer that may leave.
    pub async fn handle(self: &Arc<Self>, call: Call) -> Answer {
        let language = call.language;
        let gateway = Arc::clone(self);
        match self
            .tracker
            .spawn(async move { gateway.handle_to_the_end(call).await })
            .await
        {
            Ok(answer) => answer,
            // The steps below are guarded against panics; this one would be in the guard itself.
            Err(_panic) => Answer::unrecorded(Refusal::Unrecorded, language),
        }
    }

    async fn handle_to_the_end(self: Arc<Self>, call: Call) -> Answer {
        let began = std::time::Instant::now();
        let answer = self.attend(call).await;
        metrics::histogram!(metric::CALL_SECONDS).record(began.elapsed().as_secs_f64());
        answer
    }

    async fn attend(self: &Arc<Self>, call: Call) -> Answer {
        let language = call.language;
        let generation = self.ledger.generation();
        let admitted = match self.admit(&call) {
            Ok(admitted) => admitted,
            Err(refusal) => return Answer::unrecorded(refusal, language),
        };
        let trail = Trail::new(Arc::clone(admitted.caller()), &call, generation);
        let trail = Arc::new(Mutex::new(trail));
        let gateway = Arc::clone(self);
        let noted = Arc::clone(&trail);
        // A task of its own, so that a panic in a step still ends in a record.
        let attempt = self
            .tracker
            .spawn(async move { gateway.attempt(admitted, call, &noted).await });
        let outcome = match attempt.await {
            Ok(outcome) => outcome,
            Err(_panic) => Err(Refusal::Internal.into()),
        };
        self.settle(outcome, &trail, language).await
    }

    /// Who calls, if they are an agent within their quota. Others are counted, not recorded.
    fn admit(&self, call: &Call) -> Result<Admitted, Refusal> {
        let caller = self.caller(call.bearer.as_deref())?;
        self.within_quota(caller)
    }

    fn within_quota(&self, caller: Arc<Caller>) -> Result<Admitted, Refusal> {
        let agent = caller.agent().id.to_string();
        self.quota.admit(caller).map_err(|crate::quota::OverQuota| {
            metrics::counter!(metric::OVER_QUOTA, "agent" => agent).increment(1);
            self.strangers.count(strangers::OVER_QUOTA, None);
            Refusal::OverQuota
        })
    }

    /// The agent behind a token, within its quota.
    pub(crate) fn admitted(&self, bearer: Option<&str>) -> Result<Arc<Caller>, Refusal> {
        let caller = self.caller(bearer)?;
        Ok(Arc::clone(self.within_quota(caller)?.caller()))
    }

    /// The agent behind a token.
    pub(crate) fn caller(&self, bearer: Option<&str>) -> Result<Arc<Caller>, Refusal> {
        match self.verified(bearer)? {
            Verified::Agent(caller) => Ok(caller),
            Verified::Officer(_) | Verified::Customer(_) => {
                self.strangers.count("wrong_kind", None);
                Err(Refusal::WrongKind)
            }
        }
    }

    /// The officer behind a token.
    pub fn officer(&self, bearer: Option<&str>) -> Result<Arc<Officer>, Refusal> {
        match self.verified(bearer)? {
            Verified::Officer(officer) => Ok(officer),
            Verified::Agent(_) | Verified::Customer(_) => {
                self.strangers.count("wrong_kind", None);
                Err(Refusal::WrongKind)
            }
        }
    }

    /// The customer behind a token.
    pub fn customer(&self, bearer: Option<&str>) -> Result<Arc<Customer>, Refusal> {
        match self.verified(bearer)? {
            Verified::Customer(customer) => Ok(customer),
            Verified::Agent(_) | Verified::Officer(_) => {
                self.strangers.count("wrong_kind", None);
                Err(Refusal::WrongKind)
            }
        }
    }

    /// Records a refusal of an officer's or customer's request that was of no form at all; what
    /// has a record already, and strangers, stay as they are.
    pub(crate) async fn refused_request(&self, bearer: Option<&str>, refused: Refused) -> Refused {
        let why = refused.refusal;
        let formless =
            matches!(why, Refusal::Malformed | Refusal::TooLarge | Refusal::MediaType);
        if refused.record.is_some() || !formless {
            return refused;
        }
        match self.identity.authenticate(bearer, self.clock.now_s()) {
            Ok(Verified::Officer(officer)) => {
                crate::privacy::refuse_request(&self.ledger, &officer, why).await
            }
            Ok(Verified::Customer(customer)) => {
                let body = serde_json::json!({"act": "request", "refused": why.code()});
                let owner = Owner::Subject(Arc::clone(customer.subject()));
                let mut draft = Draft::new(Kind::Refusal, owner, trail::SUPPORT, body);
                draft.decision = Some(Decision::Deny);
                draft.issued_at_s = customer.issued_at_s();
                match self.ledger.append(draft).await {
                    Ok(recorded) => Refused { record: Some(recorded.rid()), ..refused },
                    Err(why) => unrecorded(why).into(),
                }
            }
            Ok(Verified::Agent(_)) | Err(_) => refused,
        }
    }

    fn verified(&self, bearer: Option<&str>) -> Result<Verified, Refusal> {
        self.identity
            .authenticate(bearer, self.clock.now_s())
            .map_err(|unknown| {
                self.strangers.count(unknown.as_str(), None);
                Refusal::Unauthenticated
            })
    }

    /// The steps that can refuse. Whatever they learn is noted in the trail.
    async fn attempt(
        &self,
        admitted: Admitted,
        call: Call,
        trail: &Mutex<Trail>,
    ) -> Result<Clean, Refused> {
        let caller = Arc::clone(admitted.caller());
        let arguments = call.arguments.map_err(Refusal::from)?;
        let named = call.conversation.as_deref();
        let conversation = self.conversation_of(&caller, named).await?;
        let snapshot = self.policy.load_full();
        note(trail, |trail| {
            trail.conversation = conversation.as_ref().map(|c| (c.id, c.guest));
            trail.policy = Some(Arc::clone(snapshot.version()));
            trail.operation = snapshot.catalog().operation(&call.operation).cloned();
        });
        let ask = Ask {
            operation: call.operation,
            arguments,
            purpose: call.purpose,
            conversation_disclosed: conversation.is_some(),
        };
        let permit = authorize(admitted, ask, &snapshot, &self.switches).map_err(|denied| {
            because(trail, denied.trace());
            refuse_denied(&denied)
        })?;
        note(trail, |trail| {
            trail.purpose = Some(permit.purpose().to_owned())
        });
        because(trail, permit.rule().to_string());
        let permit = self.own(permit, &snapshot, trail).await?;
        let key = call.idempotency_key.as_deref();
        match intend::intend(&self.ledger, permit, key, trail).await? {
            Intent::Go(intended) => {
                self.fetch(intended, conversation.map(|c| c.id), trail)
                    .await
            }
            Intent::Repeat(clean) => {
                because(trail, "repeat of a recorded outcome".to_owned());
                Ok(clean)
            }
        }
    }

    /// Goes upstream and makes the answer fit to leave. Whatever goes wrong from here on is one
    /// refusal (I10).
    async fn fetch(
        &self,
        intended: Intended,
        conversation: Option<[u8; 16]>,
        trail: &Mutex<Trail>,
    ) -> Result<Clean, Refused> {
        note(trail, |trail| trail.forwarded = true);
        let raw = forward(&self.upstreams, intended).await.map_err(|failed| {
            because(trail, format!("upstream: {failed}"));
            Refusal::NotFound
        })?;
        let digest = hex::encode(self.ledger.keys().digest("source", &[raw.bytes()]));
        note(trail, |trail| {
            trail.source = Some((digest, raw.bytes().len()))
        });
        let redacted = self.redact(&raw, conversation).await;
        redacted.map_err(|kept| match kept {
            Kept::Withheld(why) => {
                because(trail, format!("withheld: {why}"));
                Refusal::NotFound.into()
            }
            Kept::Refused(refusal) => refusal.into(),
        })
    }

    /// Proves that the object an argument names is in the subject's own list, where the catalog
    /// asks for that. A foreign object and a missing one end alike.
    async fn own(
        &self,
        permit: crate::policy::Permit,
        snapshot: &Snapshot,
        trail: &Mutex<Trail>,
    ) -> Result<crate::policy::Permit, Refusal> {
        match crate::upstream::is_listed(&self.upstreams, &permit, snapshot.catalog()).await {
            Ok(true) => Ok(permit),
            Ok(false) => {
                note(trail, |trail| trail.forwarded = true);
                because(trail, "the object is not in the subject's list".to_owned());
                Err(Refusal::NotFound)
            }
            Err(failed) => {
                note(trail, |trail| trail.forwarded = true);
                because(trail, format!("the subject's list: {failed}"));
                Err(Refusal::NotFound)
            }
        }
    }

    /// Makes the outcome durable, and only then an answer.
    async fn settle(
        self: &Arc<Self>,
        outcome: Result<Clean, Refused>,
        trail: &Arc<Mutex<Trail>>,
        language: Language,
    ) -> Answer {
        let (outcome, argument) = match outcome {
            Ok(clean) => (Ok(clean), None),
            Err(refused) => (Err(refused.refusal), refused.argument),
        };
        let draft = match trail.lock() {
            Ok(trail) => trail.draft(&outcome),
            Err(poisoned) => poisoned.into_inner().draft(&outcome),
        };
        let outcome_code = outcome
            .as_ref()
            .map_or_else(|refusal| refusal.code(), |_clean| "ok");
        let operation = draft.operation.clone().unwrap_or_else(|| "none".to_owned());
        metrics::counter!(metric::CALLS, "operation" => operation, "outcome" => outcome_code)
            .increment(1);
        match self.ledger.append(draft).await {
            Ok(recorded) => {
                let outcome = outcome.map_err(|refusal| Refused {
                    refusal,
                    argument,
                    record: None,
                });
                Answer::recorded(outcome, recorded, language)
            }
            // The outcome is dropped here: what is not written down was never said.
            Err(Unrecorded::Stopped) => self.stopped_late(trail, language).await,
            Err(why) => {
                metrics::counter!(metric::UNRECORDED).increment(1);
                tracing::error!(code = "unrecorded", cause = %why, "an answer was withheld");
                self.close_later(trail, outcome);
                Answer::unrecorded(not_recorded(why), language)
            }
        }
    }

    /// Goes on trying to record the outcome of an open intent, so that it does not stay open while
    /// this process lives. What became of it is not said any more, only recorded.
    fn close_later(self: &Arc<Self>, trail: &Arc<Mutex<Trail>>, outcome: Result<Clean, Refusal>) {
        let mut is_open = false;
        note(trail, |trail| is_open = trail.intent.is_some());
        if !is_open {
            return;
        }
        let (gateway, trail) = (Arc::clone(self), Arc::clone(trail));
        self.tracker.spawn(async move {
            while !gateway.shutdown.is_cancelled() {
                tokio::time::sleep(CLOSE_AGAIN).await;
                let draft = match trail.lock() {
                    Ok(trail) => trail.draft(&outcome),
                    Err(poisoned) => poisoned.into_inner().draft(&outcome),
                };
                // A conflict says that it was never opened, or is closed already.
                match gateway.ledger.append_reserved(draft).await {
                    Ok(_) | Err(Unrecorded::Conflict) => return,
                    Err(_still_failing) => {}
                }
            }
        });
    }

    /// A switch was thrown between the decision and the record: the refusal is what is recorded.
    async fn stopped_late(&self, trail: &Mutex<Trail>, language: Language) -> Answer {
        let draft = {
            let mut trail = match trail.lock() {
                Ok(trail) => trail,
                Err(poisoned) => poisoned.into_inner(),
            };
            trail.forwarded = false;
            trail.cause = Some("a switch was thrown while it was answered".to_owned());
            trail.draft(&Err(Refusal::Stopped))
        };
        match self.ledger.append(draft).await {
            Ok(recorded) => Answer::recorded(Err(Refusal::Stopped.into()), recorded, language),
            Err(why) => Answer::unrecorded(unrecorded(why), language),
        }
    }

    /// What this token may call now.
    pub fn operations(&self, bearer: Option<&str>) -> Result<Vec<Listed>, Refusal> {
        let caller = self.caller(bearer)?;
        let snapshot = self.policy.load();
        let listed = snapshot
            .allowed(&caller)
            .into_iter()
            .map(|operation| Listed {
                operation: Arc::clone(operation),
                input_schema: operation.input_schema(),
                output_schema: operation
                    .tool_output_schema(snapshot.treatments(&caller, operation)),
            });
        Ok(listed.collect())
    }

    /// The operation behind an MCP tool's name.
    pub fn operation_of_tool(&self, tool: &str) -> Option<String> {
        self.policy
            .load()
            .catalog()
            .tool(tool)
            .map(|operation| operation.name.clone())
    }

    /// Who may ask how often.
    pub(crate) fn quota(&self) -> &Quota {
        &self.quota
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Snapshot> {
        self.policy.load_full()
    }

    /// The switches in force.
    pub fn switches(&self) -> &Switches {
        &self.switches
    }

    /// The registered agents.
    pub fn agents(&self) -> Vec<Arc<crate::identity::Agent>> {
        self.identity.agents().cloned().collect()
    }

    /// What an erasure goes by.
    pub fn erasure_terms(&self) -> crate::privacy::erasure::Terms {
        crate::privacy::erasure::Terms {
            retention: self.policy.load().catalog().retention().clone(),
            agents: self.agents(),
            restore_days: RESTORE_DAYS,
        }
    }

    /// Reads the issuers' keys again and forgets every token; if a file is bad, all stay.
    pub fn reload_keys(&self) -> Result<(), crate::identity::Unready> {
        self.identity.reload()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where bundles are written.
    pub fn exports(&self) -> &Path {
        &self.exports
    }

    /// Where tasks run that a connection must not own.
    pub fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}

/// A gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An approved erasure could not be finished.
    #[error("an approved erasure could not be finished")]
    Erasures,
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

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::Body | Malformed::Header => Self::Malformed,
            Malformed::TooLarge => Self::TooLarge,
            Malformed::MediaType => Self::MediaType,
        }
    }
}

fn refuse_denied(denied: &Denied) -> Refused {
    match denied {
        Denied::UnknownOperation | Denied::NotGranted { .. } | Denied::Purpose { .. } => {
            Refusal::Denied.into()
        }
        Denied::Stopped { .. } => Refusal::Stopped.into(),
        Denied::SubjectRequired => Refusal::SignInRequired.into(),
        Denied::Assurance { .. } => Refusal::StepUp.into(),
        Denied::ConversationRequired => Refusal::ConversationRequired.into(),
        Denied::Argument { error, .. } => Refused {
            refusal: Refusal::InvalidArguments,
            argument: error
                .argument
                .clone()
                .map(|name| (name, error.reason.as_str())),
            record: None,
        },
    }
}

/// The same for a call: only an intent or its outcome can conflict, and then nobody knows what
/// became of it.
fn not_recorded(why: Unrecorded) -> Refusal {
    let refusal = unrecorded(why);
    if refusal == Refusal::Conflict {
        Refusal::Unrecorded
    } else {
        refusal
    }
}

/// What a caller is told when there is no record.
pub(crate) fn unrecorded(why: Unrecorded) -> Refusal {
    match why {
        Unrecorded::Erased => Refusal::SignInAgain,
        Unrecorded::Conflict => Refusal::Conflict,
        Unrecorded::Stopped => Refusal::Stopped,
        Unrecorded::Failed
        | Unrecorded::Full
        | Unrecorded::TimedOut
        | Unrecorded::TooLarge
        | Unrecorded::KeyGone => Refusal::Unrecorded,
    }
}
