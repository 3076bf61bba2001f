//! All that REST and MCP can turn into a response.

use super::call::Language;
use super::refusal::Refusal;
use crate::ledger::Recorded;
use crate::redaction::Clean;

/// An answer that may leave. An outcome in it has been recorded; only the gateway makes one.
///
/// ```compile_fail,E0451
/// let unrecorded = tidewaiter::gateway::Answer { outcome: Err(tidewaiter::gateway::Refusal::Denied.into()), record: None, language: Default::default() };
/// ```
#[derive(Debug)]
pub struct Answer {
    outcome: Result<Clean, Refused>,
    record: Option<Recorded>,
    language: Language,
}

/// A refusal, and which declared argument it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The declared argument that did not fit, and a fixed text on why.
    pub argument: Option<(String, &'static str)>,
    /// The public name of its record, where it was made apart from an [`Answer`].
    pub record: Option<String>,
    /// The conversation's language, where it is known; else the request's counts.
    pub language: Option<Language>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            argument: None,
            record: None,
            language: None,
        }
    }
}

impl Answer {
    /// What was recorded may be said.
    pub(super) fn recorded(
        outcome: Result<Clean, Refused>,
        record: Recorded,
        language: Language,
    ) -> Self {
        Self {
            outcome,
            record: Some(record),
            language,
        }
    }

    /// A refusal that needs no record: strangers, floods, and what could not be recorded.
    pub(super) fn unrecorded(refusal: Refusal, language: Language) -> Self {
        Self {
            outcome: Err(refusal.into()),
            record: None,
            language,
        }
    }

    /// What to say.
    pub fn outcome(&self) -> Result<&Clean, &Refused> {
        self.outcome.as_ref()
    }

    /// The record's public name.
    pub fn rid(&self) -> Option<String> {
        self.record.map(|record| record.rid())
    }

    /// The language of `say`.
    pub fn language(&self) -> Language {
        self.language
    }
}
