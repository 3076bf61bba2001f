//! Whether a value is what the caller says it is, without showing it.
//!
//! Promises I3 (only a declared field whose class the policy lets the caller compare; all others
//! are refused alike, whether they are there or not) and that nothing but yes, no or "cannot be
//! told" leaves. It cannot be told where there is not exactly one value: what an `only` filter
//! dropped is not there, and of two values none is picked, for "one of them is so" would be a
//! guess at both.
//!
//! Leaves to others: counting wrong guesses ([`crate::ledger::guess`]) and recording what was
//! asked (gateway).

mod equal;

use super::plan::Leaf;
use crate::catalog::{ArgumentError, EXPECT, EXPECTED_MOST, Effect, Operation, Reason};
use crate::policy::Treatments;
use serde_json::Value;
use std::sync::Arc;
use tidewaiter_redaction::Attribute;
use tidewaiter_redaction::never_stored;
use zeroize::Zeroizing;

/// The longest value that can be expected, characters.
const LONGEST: usize = 256;

/// What a caller expects a field to be.
#[derive(Clone)]
pub struct Expected {
    path: Arc<str>,
    text: Zeroizing<String>,
    /// Whether wrong guesses count, and under which name.
    fact: Option<String>,
}

impl std::fmt::Debug for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expected")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// What became of an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The declared path.
    pub path: Arc<str>,
    /// Whether it is so; none if it cannot be told.
    pub is_match: Option<bool>,
}

impl Expected {
    /// Reads `expect` of a call: an object from paths to strings or numbers.
    pub fn read(
        expect: Option<&Value>,
        operation: &Operation,
        treatments: Treatments,
    ) -> Result<Vec<Self>, ArgumentError> {
        let fields = match expect {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(fields)) => fields,
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                return Err(unfit(EXPECT, Reason::Type));
            }
        };
        if fields.len() > EXPECTED_MOST {
            return Err(unfit(EXPECT, Reason::TooMany));
        }
        let may = operation.effect == Effect::Read && operation.needs_subject();
        let mut expected = Vec::with_capacity(fields.len());
        for (path, value) in fields {
            // A path that is not declared and one that is dropped are one: neither is named.
            let field = operation
                .field(path)
                .filter(|field| may && field.is_comparable(treatments))
                .ok_or_else(|| unfit(EXPECT, Reason::NotComparable))?;
            let named = || format!("{EXPECT}.{path}");
            expected.push(Self {
                path: path.as_str().into(),
                text: text_of(value).map_err(|why| unfit(&named(), why))?,
                fact: field.is_guessed(treatments).then(|| field.fact.clone()),
            });
        }
        Ok(expected)
    }

    /// The declared path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is expected there. It is the customer's word, or a guess: personal data either way.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name under which a wrong guess counts; none for what is shown anyway.
    pub fn fact(&self) -> Option<&str> {
        self.fact.as_deref()
    }

    /// Whether `actual`, a value of the field `leaf`, is what was expected.
    pub(super) fn is(&self, leaf: &Leaf, actual: &str) -> Option<bool> {
        // About what must never be stored nothing is said, not even this.
        if !never_stored(actual).1.is_empty() {
            return None;
        }
        equal::equal(leaf.class, leaf.shape, &self.text, actual)
    }

    pub(super) fn compared(&self, is_match: Option<bool>) -> Compared {
        Compared {
            path: Arc::clone(&self.path),
            is_match,
        }
    }
}

/// The fact behind what a token states about its subject, under which a probe of free text counts
/// together with comparisons of that fact.
pub fn fact_of(attribute: Attribute) -> String {
    super::Kind::Known(attribute).label().to_ascii_lowercase()
}

fn text_of(value: &Value) -> Result<Zeroizing<String>, Reason> {
    let text = match value {
        Value::String(text) => Zeroizing::new(text.clone()),
        Value::Number(number) => Zeroizing::new(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(Reason::Type);
        }
    };
    // Bytes first: counting the characters of a huge string is work an agent must not buy.
    let fits = text.len() <= LONGEST * 4 && text.chars().count() <= LONGEST;
    if !fits || text.trim().is_empty() {
        return Err(Reason::Length);
    }
    Ok(text)
}

fn unfit(argument: &str, reason: Reason) -> ArgumentError {
    ArgumentError {
        argument: Some(argument.to_owned()),
        reason,
    }
}
