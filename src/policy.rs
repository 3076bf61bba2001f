//! What is allowed: casbin's model and lines, compiled once per version into a snapshot.
//!
//! Promises I3: deny by default, at every level. Only [`authorize`] makes a [`Permit`].
//! Leaves the persistence of switches to the ledger, and what treatments do to the redaction.

use crate::catalog::{Class, Operation};
use crate::identity::{Assurance, Caller};
use crate::quota::Admitted;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub mod cases;
pub mod check;
mod compile;
mod condition;
mod decide;
mod decision;
mod engine;
mod explain;
mod line;
mod snapshot;
pub mod switch;

pub use decide::{Ask, Denied, Who};
pub use explain::explain;
pub use line::Rule;
pub use snapshot::Snapshot;
pub use switch::Switches;

/// What happens to a field, weakest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// It does not leave.
    #[default]
    Drop,
    /// It does not leave, but may be compared with a given value.
    Compare,
    /// It leaves shortened.
    Mask,
    /// It leaves.
    Reveal,
}

impl Treatment {
    /// All treatments, weakest first.
    pub const ALL: [Self; 4] = [Self::Drop, Self::Compare, Self::Mask, Self::Reveal];

    /// Its name in files and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Compare => "compare",
            Self::Mask => "mask",
            Self::Reveal => "reveal",
        }
    }

    /// The treatment of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == name)
    }
}

/// A treatment for every class; [`Treatment::Drop`] unless the policy says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Treatments([Treatment; 8]);

impl Treatments {
    /// The treatment of `class`.
    pub fn of(&self, class: Class) -> Treatment {
        let at = Class::ALL.iter().position(|c| *c == class);
        at.and_then(|i| self.0.get(i)).copied().unwrap_or_default()
    }

    /// These treatments with `class` set to `treatment`.
    #[must_use]
    pub fn with(mut self, class: Class, treatment: Treatment) -> Self {
        if let Some(slot) = Class::ALL
            .iter()
            .position(|c| *c == class)
            .and_then(|i| self.0.get_mut(i))
        {
            *slot = treatment;
        }
        self
    }
}

/// Leave to make one call. Only [`authorize`] makes one, and `forward` consumes it.
#[derive(Debug)]
pub struct Permit {
    caller: Arc<Caller>,
    operation: Arc<Operation>,
    arguments: serde_json::Map<String, serde_json::Value>,
    purpose: String,
    treatments: Treatments,
    rule: Arc<Rule>,
    version: Arc<str>,
}

impl Permit {
    /// Who may.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
    /// What they may call.
    pub fn operation(&self) -> &Arc<Operation> {
        &self.operation
    }
    /// With which arguments, checked against the catalog.
    pub fn arguments(&self) -> &serde_json::Map<String, serde_json::Value> {
        &self.arguments
    }
    /// Why.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }
    /// What they may see.
    pub fn treatments(&self) -> Treatments {
        self.treatments
    }
    /// The line that granted it.
    pub fn rule(&self) -> &Arc<Rule> {
        &self.rule
    }
    /// Lower-case hex SHA-256 of the policy that decided.
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }
}

/// Decides one call: the catalog, the policy, the switches, the assurance and the arguments.
///
/// The caller must answer [`Denied::UnknownOperation`] and [`Denied::NotGranted`] alike.
pub fn authorize(
    admitted: Admitted,
    ask: Ask,
    snapshot: &Snapshot,
    switches: &Switches,
) -> Result<Permit, Denied> {
    let caller = Arc::clone(admitted.caller());
    // One admission is good for one decision.
    drop(admitted);
    let verdict = decide::decide(&Who::of(&caller), ask, snapshot, switches)?;
    Ok(Permit {
        caller,
        operation: verdict.operation,
        arguments: verdict.arguments,
        purpose: verdict.purpose,
        treatments: verdict.treatments,
        rule: verdict.rule,
        version: Arc::clone(snapshot.version()),
    })
}

/// An assurance's name in files.
pub(crate) fn assurance_str(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Low => "low",
        Assurance::Substantial => "substantial",
        Assurance::High => "high",
    }
}

#[cfg(test)]
mod tests;
