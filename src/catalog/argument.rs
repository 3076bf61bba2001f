//! What an agent gives, held against what the catalog declares.
//!
//! Promises I3 for arguments: what is not declared, or not in its bounds, is refused. A refusal
//! names a declared argument and a fixed reason, never a value.

use crate::catalog::decimal::Decimal;
use crate::catalog::request;
use crate::catalog::{Argument, Operation, Place, Shape};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// An argument is not as the catalog or the policy wants it; the agent's doing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .argument.as_deref().map(|a| format!("`{a}` ")).unwrap_or_default(), .reason.as_str())]
pub struct ArgumentError {
    /// Which, if it is one the catalog declares. A name the agent made up is not repeated.
    pub argument: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// Why an argument is refused. Each has one fixed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The operation declares none of that name.
    Unknown,
    /// It must be given.
    Missing,
    /// Another JSON type.
    Type,
    /// A string too short or too long.
    Length,
    /// A string that does not match, or has control characters.
    Form,
    /// A number out of its bounds.
    Range,
    /// Not in the closed list.
    NotListed,
    /// The policy allows the operation, but not with this argument.
    NotAllowed,
    /// A field that is not there, or that the policy does not let this caller compare.
    NotComparable,
    /// More fields at once than are compared.
    TooMany,
}

impl Reason {
    /// The fixed text, to follow an argument's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "an argument is not one of this operation",
            Self::Missing => "is required",
            Self::Type => "has the wrong type",
            Self::Length => "is too short or too long",
            Self::Form => "does not have the required form",
            Self::Range => "is out of its range",
            Self::NotListed => "is not one of the values allowed",
            Self::NotAllowed => "is not allowed by the policy with this value",
            Self::NotComparable => "names a field that cannot be compared here",
            Self::TooMany => "names more fields than are compared at once",
        }
    }
}

impl Operation {
    /// The arguments of a call, each as declared; none more, none missing.
    pub fn check(&self, given: &Map<String, Value>) -> Result<Map<String, Value>, ArgumentError> {
        if given.keys().any(|name| self.argument(name).is_none()) {
            return Err(ArgumentError {
                argument: None,
                reason: Reason::Unknown,
            });
        }
        let mut checked = Map::new();
        for argument in &self.arguments {
            match given.get(&argument.name) {
                Some(value) => {
                    argument.check(value).map_err(|r| argument.error(r))?;
                    checked.insert(argument.name.clone(), value.clone());
                }
                None if argument.required => return Err(argument.error(Reason::Missing)),
                None => {}
            }
        }
        Ok(checked)
    }
}

impl Argument {
    fn error(&self, reason: Reason) -> ArgumentError {
        ArgumentError {
            argument: Some(self.name.clone()),
            reason,
        }
    }

    fn check(&self, value: &Value) -> Result<(), Reason> {
        match (self.shape, value) {
            (Shape::String, Value::String(text)) => self.check_text(text),
            (Shape::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                self.check_range(value)
            }
            (Shape::Number, Value::Number(_)) => self.check_range(value),
            (Shape::Boolean, Value::Bool(_)) => Ok(()),
            (Shape::String | Shape::Integer | Shape::Number | Shape::Boolean, _) => {
                Err(Reason::Type)
            }
        }
    }

    fn check_text(&self, text: &str) -> Result<(), Reason> {
        let (least, most) = self.length;
        // Bytes first: counting the characters of a huge string is work an agent must not buy.
        if text.len() > most.saturating_mul(4) {
            return Err(Reason::Length);
        }
        let length = text.chars().count();
        if length < least || length > most {
            return Err(Reason::Length);
        }
        if !self.one_of.is_empty() && !self.one_of.iter().any(|one| one == text) {
            return Err(Reason::NotListed);
        }
        if self.pattern.as_ref().is_some_and(|p| !p.is_match(text)) {
            return Err(Reason::Form);
        }
        let fits = match &self.place {
            Place::Path(_) => request::segment(text).is_some(),
            Place::Header(_) => request::header(text).is_some(),
            Place::Query(_) => !text.chars().any(char::is_control),
            Place::Body(_) => !text
                .chars()
                .any(|c| c.is_control() && c != '\n' && c != '\t'),
        };
        if fits { Ok(()) } else { Err(Reason::Form) }
    }

    fn check_range(&self, value: &Value) -> Result<(), Reason> {
        let Some((least, most)) = self.range else {
            return Ok(());
        };
        // A number with an exponent has no exact decimal reading and is refused.
        let number = Decimal::of(value).ok_or(Reason::Range)?;
        let below = number.compare(&Decimal::from(least)) == Ordering::Less;
        let above = number.compare(&Decimal::from(most)) == Ordering::Greater;
        if below || above {
            return Err(Reason::Range);
        }
        Ok(())
    }
}
