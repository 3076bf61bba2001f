//! Quotas: how often an agent, a customer and anybody else may ask, and for which operation.
//!
//! Admission comes before anything costs; what an operation allows is looked at once it is
//! granted, so that a refusal tells nothing of operations that are not. Refusals of both are
//! counted and not recorded: nobody can fill the ledger by asking too often.
//!
//! A customer's own quota is taken first: one who floods is stopped by it, and takes nothing of
//! what the agent may ask for others. Each process counts by itself. What is kept is bounded by
//! who asked within a limit's period, and forgotten by [`Quota::sweep`].
//!
//! Leaves fair shares of the queue to the ledger.

use crate::clock::Clock;
use crate::config;
use crate::identity::{Caller, Subject};
use bucket::Buckets;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

mod bucket;
pub(crate) mod meter;
mod rate;

pub use rate::{BadRate, Rate};

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

/// Whose quota it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// An agent's, for all its customers.
    Agent,
    /// A customer's, over all agents.
    Subject,
    /// An agent's, for one operation.
    AgentOperation,
    /// A customer's, for one operation.
    SubjectOperation,
    /// An officer's or a customer's own.
    Person,
}

impl Scope {
    /// Its name in headers and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Subject => "subject",
            Self::AgentOperation => "agent-operation",
            Self::SubjectOperation => "subject-operation",
            Self::Person => "person",
        }
    }
}

/// The caller asked too often; its own doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("over quota")]
pub struct OverQuota {
    /// Which quota it was.
    pub scope: Scope,
    /// In how many seconds it may ask again; at least 1.
    pub wait_s: u64,
}

/// Every quota of a running gateway.
pub struct Quota {
    agents: Buckets,
    subjects: Buckets,
    people: Buckets,
    each: Operation,
    operations: HashMap<String, Operation>,
}

/// The limits of one operation, where it has any.
struct Operation {
    agents: Option<Buckets>,
    subjects: Option<Buckets>,
}

impl std::fmt::Debug for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quota").finish_non_exhaustive()
    }
}

impl Quota {
    /// The configured limits, every bucket full.
    pub fn new(config: &config::Quota, clock: &Clock) -> Self {
        let operation = |limits: config::OperationQuota| Operation {
            agents: limits
                .per_agent
                .map(|rate| Buckets::new(Scope::AgentOperation, rate, clock)),
            subjects: limits
                .per_subject
                .map(|rate| Buckets::new(Scope::SubjectOperation, rate, clock)),
        };
        let listed = config.operations.iter();
        Self {
            agents: Buckets::new(Scope::Agent, config.per_agent, clock),
            subjects: Buckets::new(Scope::Subject, config.per_subject, clock),
            people: Buckets::new(Scope::Person, Rate::per_second(PER_PERSON), clock),
            each: operation(config.per_operation),
            operations: listed
                .map(|(name, own)| (name.clone(), operation(own.or(config.per_operation))))
                .collect(),
        }
    }

    /// Lets a caller through, or refuses it without a record (it is counted instead).
    pub fn admit(&self, caller: Arc<Caller>) -> Result<Admitted, OverQuota> {
        let subject = caller.subject().map(|subject| who(subject));
        let within = subject.map_or(Ok(()), |subject| self.subjects.take(subject));
        let within = within.and_then(|()| self.agents.take(caller.agent().id.as_str()));
        refusal_noted(within)?;
        Ok(Admitted { caller })
    }

    /// Lets a granted call of an operation through, or refuses it likewise.
    pub fn admit_operation(&self, caller: &Caller, operation: &str) -> Result<(), OverQuota> {
        let limits = self.operations.get(operation).unwrap_or(&self.each);
        let subject = caller.subject().zip(limits.subjects.as_ref());
        let within = subject.map_or(Ok(()), |(subject, buckets)| {
            buckets.take((operation, who(subject)))
        });
        let agent = caller.agent().id.as_str();
        refusal_noted(within.and_then(|()| match &limits.agents {
            Some(buckets) => buckets.take((operation, agent)),
            None => Ok(()),
        }))
    }

    /// Lets an officer's or customer's own request through, or refuses it.
    pub fn admit_person(&self, issuer: &str, sub: &str) -> Result<(), OverQuota> {
        refusal_noted(self.people.take((issuer, sub)))
    }

    /// Forgets keys that are back at their full quota. Called now and then, so memory stays bounded.
    pub fn sweep(&self) {
        self.all().for_each(Buckets::sweep);
    }

    fn all(&self) -> impl Iterator<Item = &Buckets> {
        let operations = self.operations.values().chain([&self.each]);
        let operations = operations.flat_map(|o| o.agents.iter().chain(&o.subjects));
        [&self.agents, &self.subjects, &self.people]
            .into_iter()
            .chain(operations)
    }
}

/// A customer, whatever the upstreams call them.
fn who(subject: &Subject) -> (&str, &str) {
    (&subject.issuer, &subject.sub)
}

fn refusal_noted(outcome: Result<(), OverQuota>) -> Result<(), OverQuota> {
    outcome.inspect_err(|over| meter::note_refusal(*over))
}

#[cfg(test)]
mod tests;
