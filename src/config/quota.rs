//! `[quota]`: how often agents and customers may ask.

use super::fault::Faults;
use crate::quota::Rate;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// How often may be asked, by each process. A rate is a number, in a second, or a text such as
/// `"600/min"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// By one agent.
    #[serde(default = "per_agent")]
    pub per_agent: Rate,
    /// For one customer, over all agents.
    #[serde(default = "per_subject")]
    pub per_subject: Rate,
    /// Of any one operation; no limit of its own unless it is given.
    #[serde(default)]
    pub per_operation: OperationQuota,
    /// Of these operations, by name. What one does not say is as in `per_operation`.
    #[serde(default)]
    pub operations: BTreeMap<String, OperationQuota>,
}

/// How often one operation may be asked.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationQuota {
    /// By one agent.
    pub per_agent: Option<Rate>,
    /// For one customer, over all agents.
    pub per_subject: Option<Rate>,
}

impl OperationQuota {
    /// What this does not say is as `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            per_agent: self.per_agent.or(other.per_agent),
            per_subject: self.per_subject.or(other.per_subject),
        }
    }
}

fn per_agent() -> Rate {
    Rate::per_second(NonZeroU32::MIN.saturating_add(999))
}
fn per_subject() -> Rate {
    Rate::per_second(NonZeroU32::MIN.saturating_add(9))
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            per_agent: per_agent(),
            per_subject: per_subject(),
            per_operation: OperationQuota::default(),
            operations: BTreeMap::new(),
        }
    }
}

impl Quota {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.unless(
            self.per_subject.is_within(&self.per_agent),
            "quota.per_subject",
            "is more than one agent may ask for all its customers",
        );
    }
}
