//! What may leave, and what may be stored.
//!
//! Two layers. Structured answers pass an allow-list ([`plan`], [`structured`], [`treat`]): fields
//! by class and treatment, nothing the catalog does not name; what is not shown may be
//! compared ([`compare`]). Free text passes detectors with
//! validators ([`tidewaiter_redaction`]): every finding is replaced by a typed placeholder. Strings
//! inside answers pass both.
//!
//! Promises I2 (an upstream that grows a field leaks nothing: [`Clean`] is made from a plan and by
//! nothing else) and I8 ([`Sealable`] and [`Clean`] hold nothing that must not be stored).
//! Leaves to others: which treatment a caller has (policy), the public text for what is withheld
//! (gateway), counting wrong guesses (ledger).

pub mod compare;
pub mod models;
pub mod plan;
mod plans;
pub mod structured;
mod treat;

pub use compare::{Compared, Expected};
pub use models::{ModelError, Profiles};
pub use plan::{Filter, Plan};
pub use plans::Plans;
pub(crate) use plans::{known, storable};
pub use structured::{Projected, Treated, Withheld};
pub use tidewaiter_redaction::evaluation;
pub use tidewaiter_redaction::{
    Attribute, Confidence, Finding, Forbidden, JsonlError, Kind, Known, Language, Length, Names,
    Numbering, Placeholders, Profile, Redacted, Region, Request, Sealable, Segment, Stream,
    code_points, findings, hides, never_stored, numbered_in, redact, redact_jsonl, request,
    warning,
};

/// An upstream's answer as it may leave. Only a plan makes one.
///
/// ```compile_fail,E0451
/// fn forge(projected: tidewaiter::redaction::Projected) -> tidewaiter::redaction::Clean {
///     tidewaiter::redaction::Clean { projected }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean {
    projected: Projected,
}

impl Clean {
    /// The JSON that leaves.
    pub fn json(&self) -> &[u8] {
        &self.projected.json
    }

    /// How every declared field that occurred was treated.
    pub fn treated(&self) -> &[Treated] {
        &self.projected.treated
    }

    /// How much was not declared and so dropped.
    pub fn dropped(&self) -> u64 {
        self.projected.dropped
    }

    /// What must not be stored and was removed from its strings.
    pub fn forbidden(&self) -> &[Kind] {
        &self.projected.forbidden
    }

    /// How many of its strings carried characters that show nothing, which were removed.
    pub fn hidden(&self) -> u64 {
        self.projected.hidden
    }

    /// What became of each expectation, in the order it was given.
    pub fn compared(&self) -> &[Compared] {
        &self.projected.compared
    }

    /// The ids listed for another operation's proof of ownership.
    pub fn ids(&self) -> &[String] {
        &self.projected.ids
    }
}

/// Makes an upstream's answer fit to leave, or withholds it.
pub(crate) fn clean(
    bytes: &[u8],
    plan: &Plan,
    subject_uid: Option<&str>,
    expected: &[Expected],
    text: &mut dyn FnMut(&str) -> String,
) -> Result<Clean, Withheld> {
    let projected = plan.compare(bytes, subject_uid, expected, text)?;
    Ok(Clean { projected })
}
