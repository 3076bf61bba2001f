//! Who calls: the first step, and the refusals that come before anything is asked.
//!
//! Strangers and floods are counted; a verified caller's formless request is recorded (I1).

use super::{Call, Gateway, Refusal, Refused, strangers, trail, unrecorded};
use crate::identity::{Caller, Customer, Officer, Verified};
use crate::ledger::{Draft, Owner};
use crate::quota::Admitted;
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
        self.quota.admit(caller).map_err(|crate::quota::OverQuota| {
            metrics::counter!(metric::OVER_QUOTA, "agent" => agent).increment(1);
            self.strangers.count(strangers::OVER_QUOTA);
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
        self.quota
            .admit_person(issuer, sub)
            .map_err(|crate::quota::OverQuota| {
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
        self.identity
            .authenticate(bearer, self.clock.now_s())
            .map_err(|unknown| {
                self.strangers.count(unknown.as_str());
                Refusal::Unauthenticated
            })
    }
}
