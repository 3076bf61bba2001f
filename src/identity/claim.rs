//! What a token claims, typed, and the claims that every token must get right.

use super::unknown::Unknown;
use crate::config::ClaimPath;
use serde_json::{Map, Value};

/// Claims whose signature holds.
#[derive(Debug)]
pub(super) struct Claims(pub(super) Map<String, Value>);

/// When a token is good, seconds.
#[expect(clippy::struct_field_names, reason = "the unit is in the name")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) issued_at_s: i64,
    /// The token's `exp`.
    pub(super) expires_at_s: i64,
    /// The first second at which it is no longer accepted, leeway included.
    pub(super) until_s: i64,
}

/// How far a token's times may go.
#[expect(clippy::struct_field_names, reason = "the unit is in the name")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) now_s: i64,
    pub(super) leeway_s: i64,
    /// The longest time between `iat` and `exp`.
    pub(super) longest_s: i64,
}

impl Claims {
    /// A string that may be absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Unknown> {
        text(self.0.get(name))
    }

    /// The same, somewhere else.
    pub(super) fn text_at(&self, path: &ClaimPath) -> Result<Option<&str>, Unknown> {
        text(self.at(path))
    }

    /// What is at a place. There is nothing below a value that is no object.
    fn at(&self, path: &ClaimPath) -> Option<&Value> {
        let (first, rest) = path.names().split_first()?;
        let mut at = self.0.get(first)?;
        for name in rest {
            at = at.as_object()?.get(name)?;
        }
        Some(at)
    }

    pub(super) fn has_at(&self, path: &ClaimPath) -> bool {
        self.at(path).is_some()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A string, or the strings of an array.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, Unknown> {
        texts(self.0.get(name))
    }

    /// The same, somewhere else.
    pub(super) fn texts_at(&self, path: &ClaimPath) -> Result<Vec<&str>, Unknown> {
        texts(self.at(path))
    }

    pub(super) fn subject(&self, path: &ClaimPath) -> Result<&str, Unknown> {
        let sub = self.text_at(path)?.filter(|sub| is_name(sub));
        sub.ok_or(Unknown::Subject)
    }

    /// The agent in `act`: one actor, with a `sub`, of the same issuer if it says which.
    pub(super) fn actor(&self) -> Result<Option<&str>, Unknown> {
        let act = match self.0.get("act") {
            None => return Ok(None),
            Some(act) => act.as_object().ok_or(Unknown::Actor)?,
        };
        let elsewhere = act
            .get("iss")
            .is_some_and(|iss| Some(iss) != self.0.get("iss"));
        if act.contains_key("act") || elsewhere {
            return Err(Unknown::Actor);
        }
        let sub = act.get("sub").and_then(Value::as_str);
        sub.map(Some).ok_or(Unknown::Actor)
    }

    /// The upstreams' id for the subject: a string of 1 to 64 of `A-Z a-z 0-9 _ -`.
    pub(super) fn uid(&self, path: &ClaimPath) -> Result<&str, Unknown> {
        let uid = self.at(path).and_then(Value::as_str).ok_or(Unknown::Uid)?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if uid.is_empty() || uid.len() > 64 || !uid.bytes().all(fits) {
            return Err(Unknown::Uid);
        }
        Ok(uid)
    }

    /// Checks that it is bound to no key: a bound token is only as good as the check of its
    /// binding, and there is none here.
    pub(super) fn unbound(&self) -> Result<(), Unknown> {
        if self.has("cnf") {
            return Err(Unknown::Bound);
        }
        Ok(())
    }

    /// Checks that it is for one of `ours`.
    pub(super) fn is_for(&self, ours: &[String]) -> Result<(), Unknown> {
        let audience = self.texts("aud").map_err(|_error| Unknown::Audience)?;
        if audience.iter().any(|aud| ours.iter().any(|us| us == aud)) {
            return Ok(());
        }
        Err(Unknown::Audience)
    }

    /// Checks that it is in time, and not good for too long.
    pub(super) fn times(&self, span: Span) -> Result<Times, Unknown> {
        let Span {
            now_s,
            leeway_s,
            longest_s,
        } = span;
        let issued_at_s = self.seconds("iat")?.ok_or(Unknown::Lifetime)?;
        let expires_at_s = self.seconds("exp")?.ok_or(Unknown::Lifetime)?;
        let starts_at_s = self.seconds("nbf")?.unwrap_or(issued_at_s);
        let until_s = expires_at_s.saturating_add(leeway_s);
        if now_s >= until_s {
            return Err(Unknown::Expired);
        }
        if issued_at_s.max(starts_at_s) > now_s.saturating_add(leeway_s) {
            return Err(Unknown::NotYet);
        }
        let lifetime_s = expires_at_s.saturating_sub(issued_at_s);
        if lifetime_s <= 0 || lifetime_s > longest_s {
            return Err(Unknown::Lifetime);
        }
        Ok(Times {
            issued_at_s,
            expires_at_s,
            until_s,
        })
    }

    /// A `NumericDate` (RFC 7519 §2) in whole seconds, from 1970 on.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<i64>, Unknown> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let seconds = value.as_i64().filter(|seconds| *seconds >= 0);
        seconds.map(Some).ok_or(Unknown::Lifetime)
    }
}

fn text(value: Option<&Value>) -> Result<Option<&str>, Unknown> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Unknown::Malformed)
        }
    }
}

fn texts(value: Option<&Value>) -> Result<Vec<&str>, Unknown> {
    let each = |value| Value::as_str(value).ok_or(Unknown::Malformed);
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(all)) => all.iter().map(each).collect(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Err(Unknown::Malformed),
    }
}

/// Whether `text` is 1 to 256 characters that a person can see: no control characters, no line
/// breaks, nothing that turns the writing direction or has no width.
pub(super) fn is_name(text: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || (c.is_whitespace() && c != ' ')
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    !text.is_empty()
        && text.len() <= 1_024
        && text.chars().count() <= 256
        && !text.chars().any(hidden)
}
