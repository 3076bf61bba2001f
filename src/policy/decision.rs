//! One decision, reduced to the lines a call can still depend on.

use crate::policy::condition::Condition;
use crate::policy::line::{Grant, Rule};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What is decided for an agent, an operation, a purpose and an assurance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decision {
    denials: Vec<Clause>,
    grants: Vec<Clause>,
}

#[derive(Debug, Clone)]
struct Clause {
    rule: Arc<Rule>,
    condition: Option<Arc<Condition>>,
}

/// Why a decision refuses, and the argument to blame if another value would do.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) rule: Option<Arc<Rule>>,
    pub(crate) argument: Option<String>,
}

impl Decision {
    /// From all lines that match: a denial without condition stands alone, a grant without
    /// condition makes other grants needless.
    pub(crate) fn of<'a>(matched: impl Iterator<Item = &'a Grant>) -> Self {
        let (mut denials, mut grants) = (Vec::new(), Vec::new());
        for line in matched {
            let side = if line.allow {
                &mut grants
            } else {
                &mut denials
            };
            side.push(Clause {
                rule: Arc::clone(&line.rule),
                condition: line.condition.clone(),
            });
        }
        for side in [&mut denials, &mut grants] {
            if let Some(at) = side.iter().position(|c| c.condition.is_none()) {
                *side = vec![side.swap_remove(at)];
            }
        }
        if denials.iter().any(|c| c.condition.is_none()) {
            grants.clear();
        }
        Self { denials, grants }
    }

    /// Whether some arguments are granted.
    pub(crate) fn possible(&self) -> bool {
        !self.grants.is_empty()
    }

    /// The first line that denies, if one does.
    pub(crate) fn denial(&self) -> Option<Arc<Rule>> {
        self.denials.first().map(|c| Arc::clone(&c.rule))
    }

    /// How many lines are left to look at.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.denials.len() + self.grants.len()
    }

    /// The granting line for these arguments, or why not.
    pub(crate) fn judge(&self, given: &Map<String, Value>) -> Result<&Arc<Rule>, Refused> {
        if let Some(denial) = self.denials.iter().find(|c| c.applies(given, false)) {
            let condition = denial.condition.as_deref();
            return Err(Refused {
                rule: Some(Arc::clone(&denial.rule)),
                argument: condition.and_then(Condition::subject).map(str::to_owned),
            });
        }
        if let Some(grant) = self.grants.iter().find(|c| c.applies(given, true)) {
            return Ok(&grant.rule);
        }
        let nearest = self.grants.first();
        let blamed = nearest.and_then(|c| c.condition.as_deref()?.blames(given));
        Err(Refused {
            rule: nearest.map(|c| Arc::clone(&c.rule)),
            argument: blamed.map(str::to_owned),
        })
    }
}

impl Clause {
    fn applies(&self, given: &Map<String, Value>, allow: bool) -> bool {
        let condition = self.condition.as_deref();
        condition.is_none_or(|c| c.applies(given, allow))
    }
}
