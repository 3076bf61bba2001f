//! Admission: what a caller may ask per second, before anything costs.
//!
//! Leaves per-operation quotas to the policy and fair queue shares to the ledger.

use crate::identity::{Caller, Subject};
use governor::{DefaultKeyedRateLimiter, Quota as Rate, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;

/// What one officer or customer may ask per second by themselves.
const PER_PERSON: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// A caller within its quota. Only [`Quota::admit`] makes one.
#[derive(Debug)]
pub struct Admitted {
    caller: Arc<Caller>,
}

impl Admitted {
    /// Who was admitted.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
}

/// The caller asked too often; its own doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("over quota")]
pub struct OverQuota;

/// Requests per second, per agent and per subject, with a burst of one second.
pub struct Quota {
    agents: DefaultKeyedRateLimiter<String>,
    subjects: DefaultKeyedRateLimiter<Arc<Subject>>,
    people: DefaultKeyedRateLimiter<(String, String)>,
}

impl std::fmt::Debug for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quota").finish_non_exhaustive()
    }
}

impl Quota {
    /// Limits in requests per second.
    pub fn new(per_agent: NonZeroU32, per_subject: NonZeroU32) -> Self {
        Self {
            agents: RateLimiter::keyed(Rate::per_second(per_agent)),
            subjects: RateLimiter::keyed(Rate::per_second(per_subject)),
            people: RateLimiter::keyed(Rate::per_second(PER_PERSON)),
        }
    }

    /// Lets a caller through, or refuses it without a record (it is counted instead).
    pub fn admit(&self, caller: Arc<Caller>) -> Result<Admitted, OverQuota> {
        self.agents
            .check_key(&caller.agent().id.to_string())
            .map_err(|_until| OverQuota)?;
        if let Some(subject) = caller.subject() {
            self.subjects
                .check_key(subject)
                .map_err(|_until| OverQuota)?;
        }
        Ok(Admitted { caller })
    }

    /// Lets an officer's or customer's own request through, or refuses it.
    pub fn admit_person(&self, issuer: &str, sub: &str) -> Result<(), OverQuota> {
        let who = (issuer.to_owned(), sub.to_owned());
        self.people.check_key(&who).map_err(|_until| OverQuota)
    }

    /// Forgets keys that are back at their full quota. Called now and then, so memory stays bounded.
    pub fn sweep(&self) {
        self.agents.retain_recent();
        self.subjects.retain_recent();
        self.people.retain_recent();
    }
}
