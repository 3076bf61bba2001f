//! What can be asked for: operations as data, one TOML file per upstream.
//!
//! Promises I2 (nothing the catalog does not name) and I4 (the subject is bound by the gateway).
//! Leaves who may ask to [`crate::policy`], and what is done to an answer's fields to the
//! redaction.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

mod argument;
mod bind;
mod check;
mod compile;
pub(crate) mod decimal;
mod example;
pub(crate) mod fault;
mod field;
mod files;
mod mask;
pub(crate) mod name;
pub mod operation;
pub mod path;
pub mod purpose;
mod request;
pub mod retention;
mod schema;
mod source;

pub use argument::{ArgumentError, Reason};
pub(crate) use bind::EXPECT;
pub use check::check;
pub use fault::{Fault, Faults};
pub use files::Files;
pub use mask::Mask;
pub use operation::{
    Argument, Class, Effect, Encoding, Example, Field, Only, Operation, Ownership, Place, Risk,
    Shape, SubjectBinding,
};
pub use purpose::{Purpose, Purposes};
pub(crate) use request::header as header_value;
pub use request::{RequestError, UpstreamRequest};
pub use retention::{Retention, RetentionClass};
pub(crate) use schema::EXPECTED_MOST;

/// All operations, with the purposes and retention classes they name. Immutable.
#[derive(Debug)]
pub struct Catalog {
    operations: Vec<Arc<Operation>>,
    names: HashMap<String, usize>,
    tools: HashMap<String, usize>,
    purposes: Purposes,
    retention: Retention,
}

impl Catalog {
    /// Reads and checks the catalog of a policy directory.
    pub fn load(dir: &std::path::Path) -> Result<Self, Faults> {
        Self::parse(&Files::read(dir)?)
    }

    /// Checks the catalog in these files; every fault of every file, or a catalog without any.
    pub fn parse(files: &Files) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let purposes = faults.keep(Purposes::parse(files));
        let retention = faults.keep(Retention::parse(files));
        let known = compile::Known {
            purposes: purposes.as_ref(),
            retention: retention.as_ref(),
        };
        let operations = faults.keep(check::operations(files, known));
        let (Some(mut operations), Some(purposes), Some(retention)) =
            (operations, purposes, retention)
        else {
            return Err(faults);
        };
        operations.sort_by(|a, b| a.name.cmp(&b.name));
        let index = |key: fn(&Operation) -> &String| {
            let named = operations.iter().enumerate();
            named.map(|(at, o)| (key(o).clone(), at)).collect()
        };
        Ok(Self {
            names: index(|o| &o.name),
            tools: index(|o| &o.tool),
            operations: operations.into_iter().map(Arc::new).collect(),
            purposes,
            retention,
        })
    }

    /// The operation of this name: `withdrawals.status`.
    pub fn operation(&self, name: &str) -> Option<&Arc<Operation>> {
        self.names.get(name).and_then(|at| self.operations.get(*at))
    }

    /// The operation of this tool name: `withdrawals_status`.
    pub fn tool(&self, name: &str) -> Option<&Arc<Operation>> {
        self.tools.get(name).and_then(|at| self.operations.get(*at))
    }

    /// All operations, by name.
    pub fn operations(&self) -> &[Arc<Operation>] {
        &self.operations
    }

    /// The upstreams that operations need, by name: the configuration must know each.
    pub fn upstreams(&self) -> BTreeSet<&str> {
        self.operations
            .iter()
            .map(|o| o.upstream.as_str())
            .collect()
    }

    /// The topics of all operations, by name.
    pub fn topics(&self) -> BTreeSet<&str> {
        self.operations.iter().map(|o| o.topic.as_str()).collect()
    }

    /// The closed list of purposes.
    pub fn purposes(&self) -> &Purposes {
        &self.purposes
    }

    /// The retention classes.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }
}

#[cfg(test)]
mod tests;
