//! What is allowed: casbin's model and lines, compiled once per version into a snapshot.
//!
//! Promises I3: deny by default, at every level.

use crate::catalog::{Class, Operation};
use crate::identity::Caller;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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
    /// Lower-case hex SHA-256 of the policy that decided.
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }
}
