//! Who calls: the first step, and the refusals that come before anything is asked.
//!
//! Strangers and floods are counted; a verified caller's formless request is recorded (I1). Whose
//! token is revoked is a stranger, whatever was remembered of the token.

use super::{Call, Gateway, Refusal, Refused, strangers, trail, unrecorded};
use crate::identity::{Caller, Customer, Officer, Unknown, Verified};
use crate::ledger::{Draft, Owner};
use crate::quota::{Admitted, OverQuota};
use crate::revocation::Marks;
use crate::telemetry::metric;
use std::sync::Arc;
use tidewaiter_audit::{Decision, Kind};

impl Gateway {
    /// Who calls, if they are an agent within their quota. Others are counted, not recorded.
    pub(super) fn admit(&self, call: &Call) -> Result<Admitted, Refusal> {
        let caller = self.caller(call.bearer.as_deref())?;
        self.within_quota(caller)
    }

    pub(super) fn within_quota(&self, caller: Arc<Caller>) -> Result<Admitted, Refusal> {
        let agent = caller.agent().id.to_string();
        let admitted = self.quota.admit(caller);
        admitted.map_err(|over| self.over_quota(agent, over))
    }

    /// Counts a call that is over its quota; there is no record of it.
    pub(super) fn over_quota(&self, agent: String, over: OverQuota) -> Refusal {
        let scope = over.scope.as_str();
        metrics::counter!(metric::OVER_QUOTA, "agent" => agent, "scope" => scope).increment(1);
        self.strangers.count(strangers::OVER_QUOTA);
        Refusal::OverQuota
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
                self.strangers.count("wrong_kind");
                Err(Refusal::WrongKind)
            }
        }
    }

    /// The officer behind a token.
    pub fn officer(&self, bearer: Option<&str>) -> Result<Arc<Officer>, Refusal> {
        match self.verified(bearer)? {
            Verified::Officer(officer) => {
                self.person(officer.issuer(), officer.sub())?;
                Ok(officer)
            }
            Verified::Agent(_) | Verified::Customer(_) => {
                self.strangers.count("wrong_kind");
                Err(Refusal::WrongKind)
            }
        }
    }

    /// The customer behind a token.
    pub fn customer(&self, bearer: Option<&str>) -> Result<Arc<Customer>, Refusal> {
        match self.verified(bearer)? {
            Verified::Customer(customer) => {
                let subject = customer.subject();
                self.person(&subject.issuer, &subject.sub)?;
                Ok(customer)
            }
            Verified::Agent(_) | Verified::Officer(_) => {
                self.strangers.count("wrong_kind");
                Err(Refusal::WrongKind)
            }
        }
    }

    /// Whether a person is within their own quota.
    pub(super) fn person(&self, issuer: &str, sub: &str) -> Result<(), Refusal> {
        self.quota.admit_person(issuer, sub).map_err(|_over| {
            self.strangers.count(strangers::OVER_QUOTA);
            Refusal::OverQuota
        })
    }

    /// Records a refusal of an officer's or customer's request that has no record yet; strangers
    /// and floods stay as they are.
    pub(crate) async fn refused_request(&self, bearer: Option<&str>, refused: Refused) -> Refused {
        let why = refused.refusal;
        let counted = matches!(
            why,
            Refusal::Unauthenticated
                | Refusal::WrongKind
                | Refusal::OverQuota
                | Refusal::Unrecorded
        );
        if refused.record.is_some() || counted {
            return refused;
        }
        match self.known(bearer) {
            Ok(Verified::Officer(officer)) => {
                crate::privacy::refuse_request(&self.ledger, &officer, why).await
            }
            Ok(Verified::Customer(customer)) => {
                let body = serde_json::json!({"act": "request", "refused": why.code()});
                let owner = Owner::Subject(Arc::clone(customer.subject()));
                let mut draft = Draft::new(Kind::Refusal, owner, trail::SUPPORT, body);
                draft.decision = Some(Decision::Deny);
                draft.issued_at_s = customer.issued_at_s();
                draft.marks = Some(Marks::of_customer(self.ledger.keys(), &customer));
                match self.ledger.append(draft).await {
                    Ok(recorded) => Refused {
                        record: Some(recorded.rid()),
                        ..refused
                    },
                    Err(why) => unrecorded(why).into(),
                }
            }
            Ok(Verified::Agent(_)) | Err(_) => refused,
        }
    }

    fn verified(&self, bearer: Option<&str>) -> Result<Verified, Refusal> {
        self.known(bearer).map_err(|reason| {
            self.strangers.count(reason);
            Refusal::Unauthenticated
        })
    }

    /// Whom a token makes known, if it is not revoked; else the reason they are counted under.
    fn known(&self, bearer: Option<&str>) -> Result<Verified, &'static str> {
        let now_s = self.clock.now_s();
        let verified = self.identity.authenticate(bearer, now_s);
        let verified = verified.map_err(Unknown::as_str)?;
        let marks = || Marks::of(self.ledger.keys(), &verified);
        if self.revocations.refuse(now_s, marks) {
            return Err(strangers::REVOKED);
        }
        Ok(verified)
    }

    /// Whether a caller was revoked since it was let in.
    pub(crate) fn is_revoked(&self, caller: &Caller) -> bool {
        let marks = || Marks::of_caller(self.ledger.keys(), caller);
        self.revocations.refuse(self.clock.now_s(), marks)
    }

    /// Whether a customer's session is revoked.
    pub(crate) fn is_revoked_customer(&self, customer: &Customer) -> bool {
        let marks = || Marks::of_customer(self.ledger.keys(), customer);
        self.revocations.refuse(self.clock.now_s(), marks)
    }

    /// Counts somebody whose token was revoked while they were served.
    pub(crate) fn count_revoked(&self) {
        self.strangers.count(strangers::REVOKED);
    }
}
