//! The token endpoint's half of the path: who asks, for whom, and the record before the token.
//!
//! Promises I1: a token leaves only with its record, and so does a refusal of a known agent.
//! Strangers and floods are counted, as everywhere. What a token may say is decided in
//! [`crate::identity`].

use super::{Gateway, strangers, trail};
use crate::gateway::Refusal;
use crate::gateway::refuse::unrecorded;
use crate::identity::{Acting, Credentials, Minted, NotMinted, Scopes, Session, Unknown};
use crate::ledger::{Draft, Guard, Owner, Unrecorded};
use crate::telemetry::metric;
use serde_json::{Value, json};
use std::sync::Arc;
use tidewaiter_audit::{Decision, Kind};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The parameters of a request to the token endpoint (RFC 8693 §2.1), as they came.
#[derive(Default)]
pub struct TokenRequest {
    /// `grant_type`.
    pub grant_type: Option<String>,
    /// `subject_token`: the customer's.
    pub subject_token: Option<String>,
    /// `subject_token_type`.
    pub subject_token_type: Option<String>,
    /// `actor_token`: the agent's.
    pub actor_token: Option<String>,
    /// `actor_token_type`.
    pub actor_token_type: Option<String>,
    /// `requested_token_type`.
    pub requested_token_type: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// Every `resource` and `audience`.
    pub targets: Vec<String>,
    /// `client_id`.
    pub client_id: Option<String>,
    /// `client_assertion`: the agent's.
    pub client_assertion: Option<String>,
    /// `client_assertion_type`.
    pub client_assertion_type: Option<String>,
    /// Whether it came with credentials of another kind, which none but these may stand beside.
    pub other_authentication: bool,
}

impl std::fmt::Debug for TokenRequest {
    /// Nothing of what was sent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRequest").finish_non_exhaustive()
    }
}

/// A token that may leave: its record is durable.
#[derive(Debug)]
pub struct Issued {
    minted: Minted,
    record: String,
}

impl Issued {
    /// The token and what is said of it.
    pub fn minted(&self) -> &Minted {
        &self.minted
    }
    /// The public name of its record.
    pub fn record(&self) -> &str {
        &self.record
    }
}

/// Why there is no token: the errors of RFC 6749 §5.2 and RFC 8693 §2.2.2, and ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotIssued {
    /// A parameter is missing, given twice, or not of a form it may have.
    Malformed,
    /// The customer's token is not accepted.
    Subject,
    /// The agent did not prove itself.
    Client,
    /// The agent may not exchange, or is stopped.
    Unauthorized,
    /// Another grant than token exchange.
    GrantType,
    /// The scope is not theirs to give.
    Scope,
    /// A token for somebody else.
    Target,
    /// Too many requests.
    OverQuota,
    /// The record could not be written, so there is no token.
    Unrecorded,
    /// Our own fault.
    Internal,
}

impl NotIssued {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::Subject,
        Self::Client,
        Self::Unauthorized,
        Self::GrantType,
        Self::Scope,
        Self::Target,
        Self::OverQuota,
        Self::Unrecorded,
        Self::Internal,
    ];

    /// `error`, the HTTP status, and `error_description`.
    pub fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::Malformed => (
                "invalid_request",
                400,
                "a parameter is missing, given twice, or not of the form it must have",
            ),
            Self::Subject => (
                "invalid_request",
                400,
                "the subject token is not accepted for this agent",
            ),
            Self::Client => ("invalid_client", 401, "the agent did not prove itself"),
            Self::Unauthorized => (
                "unauthorized_client",
                400,
                "this agent may not exchange tokens now",
            ),
            Self::GrantType => (
                "unsupported_grant_type",
                400,
                "only token exchange is supported",
            ),
            Self::Scope => (
                "invalid_scope",
                400,
                "the scope is unknown, or more than the tokens have",
            ),
            Self::Target => (
                "invalid_target",
                400,
                "tokens are issued for this service only",
            ),
            Self::OverQuota => ("temporarily_unavailable", 429, "too many requests"),
            Self::Unrecorded => (
                "temporarily_unavailable",
                503,
                "the record could not be written, so there is no token",
            ),
            Self::Internal => ("server_error", 500, "an error on our side"),
        }
    }
}

/// A refusal, and the public name of its record if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoToken {
    /// Why.
    pub why: NotIssued,
    /// Its record.
    pub record: Option<String>,
}

impl From<NotIssued> for NoToken {
    fn from(why: NotIssued) -> Self {
        Self { why, record: None }
    }
}

/// Why a known agent gets no token, with what only the record says.
struct Cause(NotIssued, &'static str);

/// A known agent's attempt.
struct Attempt {
    acting: Acting,
    /// That of the switches when it began.
    generation: i64,
}

impl Attempt {
    fn agent(&self) -> String {
        self.acting.caller().agent().id.to_string()
    }
}

impl Gateway {
    /// The public keys of the tokens issued here as a JWKS; none if none are.
    pub fn exchange_jwks(&self) -> Option<String> {
        self.identity.exchange_jwks()
    }

    /// Counts a request for a token that could not be read.
    pub(crate) fn count_malformed(&self) {
        self.strangers.count(Unknown::Malformed.as_str());
    }

    /// Issues a token, in a task that the connection does not own. `targets` are the names under
    /// which a token may be asked for.
    pub async fn exchange(
        self: &Arc<Self>,
        request: TokenRequest,
        targets: Arc<[String]>,
    ) -> Result<Issued, NoToken> {
        let gateway = Arc::clone(self);
        let peer = strangers::peer();
        let work = async move { gateway.issue(&request, &targets).await };
        let issued = self.tracker.spawn(strangers::with_peer(peer, work)).await;
        issued.unwrap_or(Err(NotIssued::Internal.into()))
    }

    async fn issue(&self, request: &TokenRequest, targets: &[String]) -> Result<Issued, NoToken> {
        let (now_s, generation) = (self.clock.now_s(), self.switches.generation());
        let acting = self.acting(request, now_s)?;
        let attempt = Attempt { acting, generation };
        // The flood of an agent is not recorded call by call, here as elsewhere.
        self.within_quota(Arc::clone(attempt.acting.caller()))
            .map_err(|_over| NotIssued::OverQuota)?;
        let mut session = None;
        let outcome = self.decide(request, targets, &attempt.acting, &mut session, now_s);
        let recorded = match (outcome, &session) {
            (Ok(minted), Some(session)) => self.hand_over(&attempt, session, minted).await,
            (Ok(_), None) => Err(NotIssued::Internal.into()),
            (Err(Cause(NotIssued::OverQuota, _)), _) => Err(NotIssued::OverQuota.into()),
            (Err(cause), session) => {
                Err(self.refuse_token(&attempt, session.as_ref(), cause).await)
            }
        };
        let outcome = recorded.as_ref().err().map_or("ok", |no| no.why.row().0);
        let agent = attempt.agent();
        metrics::counter!(metric::TOKENS, "agent" => agent, "outcome" => outcome).increment(1);
        recorded
    }

    /// The agent that asks. Whoever does not prove to be one is a stranger.
    fn acting(&self, request: &TokenRequest, now_s: i64) -> Result<Acting, NotIssued> {
        let typed = |given: &Option<String>, typ: &Option<String>, known: &[&str]| match given {
            None => typ.is_none(),
            Some(_) => typ.as_deref().is_some_and(|typ| known.contains(&typ)),
        };
        let fits = typed(
            &request.client_assertion,
            &request.client_assertion_type,
            &[ASSERTION],
        ) && typed(
            &request.actor_token,
            &request.actor_token_type,
            &[ACCESS_TOKEN, JWT],
        );
        if !fits {
            self.count_malformed();
            return Err(NotIssued::Malformed);
        }
        if request.other_authentication {
            self.count_malformed();
            return Err(NotIssued::Client);
        }
        let by = Credentials {
            actor_token: request.actor_token.as_deref(),
            assertion: request.client_assertion.as_deref(),
            client_id: request.client_id.as_deref(),
        };
        self.identity.acting(by, now_s).map_err(|unknown| {
            self.strangers.count(unknown.as_str());
            NotIssued::Client
        })
    }

    /// Whether there is a token, and which. Once the customer is known they are left in `session`.
    fn decide(
        &self,
        request: &TokenRequest,
        targets: &[String],
        acting: &Acting,
        session: &mut Option<Session>,
        now_s: i64,
    ) -> Result<Minted, Cause> {
        if !self.identity.may_exchange(acting) {
            return Err(Cause(
                NotIssued::Unauthorized,
                "not among token_exchange.agents",
            ));
        }
        if self.switches.stops_agent(&acting.caller().agent().id) {
            return Err(Cause(NotIssued::Unauthorized, "a switch stops the agent"));
        }
        let scopes = checked(request, targets)?;
        let token = request.subject_token.as_deref().unwrap_or_default();
        let found = self
            .identity
            .session(token, now_s)
            .map_err(|unknown| Cause(NotIssued::Subject, unknown.as_str()))?;
        let subject = found.customer().subject();
        self.person(&subject.issuer, &subject.sub)
            .map_err(|_over| Cause(NotIssued::OverQuota, "over_quota"))?;
        let found = session.insert(found);
        let minted = self.identity.mint(acting, found, scopes, now_s);
        minted.map_err(|why| match why {
            NotMinted::Ended => Cause(NotIssued::Subject, "expired"),
            NotMinted::MayNotAct => Cause(NotIssued::Subject, "may_act names another"),
            NotMinted::Scope => Cause(NotIssued::Scope, "scope"),
            NotMinted::TooLong => Cause(NotIssued::Subject, "too_long"),
            NotMinted::Unsigned => Cause(NotIssued::Internal, "unsigned"),
        })
    }

    /// Records that the agent may act for the customer now; only then is there a token.
    async fn hand_over(
        &self,
        attempt: &Attempt,
        session: &Session,
        minted: Minted,
    ) -> Result<Issued, NoToken> {
        let customer = session.customer();
        let body = json!({
            "act": "token.issued",
            "interface": "oauth",
            "proof": attempt.acting.proof(),
            "jti": minted.jti,
            "expires_in": minted.expires_in_s.to_string(),
            "scope": minted.scope,
            "assurance": customer.assurance(),
            "session": customer.session().map(crate::redaction::storable),
        });
        let mut draft = Self::token_draft(Kind::Agent, attempt, Some(session), body);
        draft.decision = Some(Decision::Allow);
        // A switch thrown meanwhile is looked at again when it is recorded.
        draft.guard = Some(Guard {
            targets: vec![format!("agent:{}", attempt.agent())],
        });
        match self.ledger.append(draft).await {
            Ok(recorded) => Ok(Issued {
                minted,
                record: recorded.rid(),
            }),
            Err(Unrecorded::Erased) => {
                // Their token is older than their erasure: this is the log's own record.
                let cause = Cause(NotIssued::Subject, Refusal::SignInAgain.code());
                Err(self.refuse_token(attempt, None, cause).await)
            }
            Err(Unrecorded::Stopped) => {
                let cause = Cause(NotIssued::Unauthorized, "a switch stops the agent");
                Err(self.refuse_token(attempt, Some(session), cause).await)
            }
            Err(why) => Err(withheld(why)),
        }
    }

    /// Records that a known agent got no token.
    async fn refuse_token(
        &self,
        attempt: &Attempt,
        session: Option<&Session>,
        Cause(why, cause): Cause,
    ) -> NoToken {
        let (error, ..) = why.row();
        let body = json!({
            "act": "token.refused",
            "interface": "oauth",
            "proof": attempt.acting.proof(),
            "refused": error,
            "rule": cause,
        });
        let mut draft = Self::token_draft(Kind::Refusal, attempt, session, body);
        let ours = why == NotIssued::Internal;
        draft.decision = Some(if ours {
            Decision::Error
        } else {
            Decision::Deny
        });
        match self.ledger.append(draft).await {
            Ok(recorded) => NoToken {
                why,
                record: Some(recorded.rid()),
            },
            Err(Unrecorded::Erased) if session.is_some() => {
                Box::pin(self.refuse_token(attempt, None, Cause(why, cause))).await
            }
            Err(unrecorded) => withheld(unrecorded),
        }
    }

    fn token_draft(kind: Kind, attempt: &Attempt, session: Option<&Session>, body: Value) -> Draft {
        let owner = match session {
            Some(session) => Owner::Subject(Arc::clone(session.customer().subject())),
            None => Owner::Log,
        };
        let mut draft = Draft::new(kind, owner, trail::SUPPORT, body);
        draft.agent = Some(attempt.agent());
        draft.generation = attempt.generation;
        if let Some(session) = session {
            draft.issued_at_s = session.customer().issued_at_s();
        }
        draft
    }
}

/// What is asked for, if it is of the form it must have: the scopes.
fn checked(request: &TokenRequest, targets: &[String]) -> Result<Option<Scopes>, Cause> {
    if request.grant_type.as_deref() != Some(GRANT_TYPE) {
        let why = match request.grant_type {
            Some(_) => NotIssued::GrantType,
            None => NotIssued::Malformed,
        };
        return Err(Cause(why, "grant_type"));
    }
    let is_token = |typ: &str| [ACCESS_TOKEN, JWT].contains(&typ);
    let subject_type = request.subject_token_type.as_deref();
    if request.subject_token.is_none() || !subject_type.is_some_and(is_token) {
        return Err(Cause(NotIssued::Malformed, "subject_token"));
    }
    let wanted = request.requested_token_type.as_deref();
    if !wanted.is_none_or(is_token) {
        return Err(Cause(NotIssued::Malformed, "requested_token_type"));
    }
    if !request.targets.iter().all(|one| targets.contains(one)) {
        return Err(Cause(NotIssued::Target, "resource or audience"));
    }
    match request.scope.as_deref() {
        None => Ok(None),
        Some(text) => match Scopes::asked(text) {
            Some(scopes) => Ok(Some(scopes)),
            None => Err(Cause(NotIssued::Scope, "scope")),
        },
    }
}

/// What is said when there is no record.
fn withheld(why: Unrecorded) -> NoToken {
    metrics::counter!(metric::UNRECORDED).increment(1);
    tracing::error!(code = "unrecorded", cause = %why, "a token was withheld");
    if unrecorded(why) == Refusal::SignInAgain {
        NotIssued::Subject.into()
    } else {
        NotIssued::Unrecorded.into()
    }
}
