//! The token endpoint's half of the path: who asks, for whom, and the record before the token.
//!
//! Promises I1: a token leaves only with its record, and so does a refusal of a known agent.
//! Strangers and floods are counted, as everywhere. What a token may say is decided in
//! [`crate::identity`].

use super::{Gateway, strangers, trail};
use crate::gateway::Refusal;
use crate::gateway::refuse::unrecorded;
use crate::identity::{Acting, Credentials, Minted, NotMinted, Session, Unknown};
use crate::ledger::{Draft, Guard, Owner, Unrecorded};
use crate::revocation::Marks;
use crate::telemetry::metric;
use serde_json::{Value, json};
use std::sync::Arc;
use tidewaiter_audit::{Decision, Kind};

mod refused;
mod request;

pub use refused::{NoToken, NotIssued};
pub use request::TokenRequest;

use request::{checked, proofs_fit};

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
        if !proofs_fit(request) {
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
        let acting = self.identity.acting(by, now_s).map_err(|unknown| {
            self.strangers.count(unknown.as_str());
            NotIssued::Client
        })?;
        if self.is_revoked(acting.caller()) {
            self.count_revoked();
            return Err(NotIssued::Client);
        }
        Ok(acting)
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
        if self.is_revoked_customer(found.customer()) {
            return Err(Cause(NotIssued::Subject, strangers::REVOKED));
        }
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
            conversation: None,
            targets: vec![format!("agent:{}", attempt.agent())],
        });
        // And so is whether the session was revoked meanwhile.
        draft.marks = Some(Marks::of_customer(self.ledger.keys(), customer));
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
            Err(Unrecorded::Revoked) => {
                let cause = Cause(NotIssued::Subject, strangers::REVOKED);
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
