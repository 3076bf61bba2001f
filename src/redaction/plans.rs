//! Plans kept per policy version, operation and treatments, so that a call compiles nothing.

use super::plan::{Filter, Plan};
use super::{Attribute, Clean, Known, Projected, Treated};
use crate::catalog::{Class, Operation, Ownership, Place};
use crate::identity::{AttributeKind, Caller};
use crate::policy::{Permit, Treatment, Treatments};
use quick_cache::Equivalent;
use quick_cache::sync::Cache;
use serde_json::Value;
use std::sync::Arc;

/// The plans in use.
pub struct Plans(Cache<Key, Arc<Plan>>);

/// What a plan is made for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    version: Arc<str>,
    operation: Box<str>,
    treatments: Treatments,
}

/// The same, borrowed, so that a look-up copies nothing.
#[derive(Hash)]
struct Sought<'a> {
    version: &'a str,
    operation: &'a str,
    treatments: Treatments,
}

impl Equivalent<Key> for Sought<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.version == *key.version
            && *self.operation == *key.operation
            && self.treatments == key.treatments
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self(Cache::new(4_096))
    }
}

impl std::fmt::Debug for Plans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plans")
            .field("plans", &self.0.len())
            .finish()
    }
}

impl Plans {
    /// The plan of a permit: its operation's fields under its treatments.
    pub(crate) fn of(&self, permit: &Permit) -> Arc<Plan> {
        let operation = permit.operation();
        let sought = Sought {
            version: permit.version(),
            operation: &operation.name,
            treatments: permit.treatments(),
        };
        if let Some(plan) = self.0.get(&sought) {
            return plan;
        }
        let filter = operation.only.as_ref().map(|only| Filter {
            path: only.path.clone(),
            one_of: only.one_of.clone(),
        });
        let plan = Plan::compile(
            &operation.fields,
            permit.treatments(),
            &proof(operation),
            filter,
        );
        let plan = Arc::new(plan.unfolding(&operation.json));
        let key = Key {
            version: Arc::clone(permit.version()),
            operation: operation.name.as_str().into(),
            treatments: permit.treatments(),
        };
        self.0.insert(key, Arc::clone(&plan));
        plan
    }
}

/// How an answer must prove whose it is. One that names the subject as the request does must name
/// the right one, whatever else proves it: a write's answer may be somebody else's too.
fn proof(operation: &Operation) -> Ownership {
    let bound = operation.subject.as_ref().map(Place::name);
    let named = bound.filter(|name| operation.field(name).is_some());
    match (&operation.ownership, named) {
        (Ownership::Bound | Ownership::Listed { .. }, Some(name)) => Ownership::Checked {
            path: name.to_owned(),
        },
        (stated, _) => stated.clone(),
    }
}

/// What a caller's token states about its subject.
pub(crate) fn known(caller: &Caller) -> Arc<Known> {
    caller.ready(|| stated(caller))
}

fn stated(caller: &Caller) -> Known {
    let uid = caller
        .subject()
        .map(|subject| (Attribute::Uid, subject.uid.as_str()));
    Known::new(
        uid.into_iter()
            .chain(caller.known().iter().map(|attribute| {
                let kind = match attribute.kind {
                    AttributeKind::Name => Attribute::Name,
                    AttributeKind::Email => Attribute::Email,
                    AttributeKind::Phone => Attribute::Phone,
                    AttributeKind::Uid => Attribute::Uid,
                };
                (kind, attribute.value.as_str())
            })),
    )
}

/// A text without anything that must never be stored (I8).
pub(crate) fn storable(text: &str) -> String {
    super::never_stored(text).0.into_string()
}

impl Clean {
    /// What was shown before, from its own record: it was clean then, for the same caller.
    pub(crate) fn shown_before(shown: &Value, treated: Option<&Value>) -> Option<Self> {
        let rows = treated.and_then(Value::as_array);
        let treated = rows.into_iter().flatten().map(|row| {
            let text = |name: &str| row.get(name).and_then(Value::as_str);
            Some(Treated {
                path: Arc::from(text("path")?),
                class: Class::ALL
                    .into_iter()
                    .find(|c| Some(c.as_str()) == text("class"))?,
                treatment: Treatment::parse(text("treatment")?)?,
                count: 1,
            })
        });
        Some(Self {
            projected: Projected {
                json: serde_json::to_vec(shown).ok()?,
                treated: treated.collect::<Option<Vec<_>>>()?,
                dropped: 0,
                forbidden: Vec::new(),
                hidden: 0,
                // Only reads are compared, and only changes are repeated.
                compared: Vec::new(),
                ids: Vec::new(),
            },
        })
    }
}
