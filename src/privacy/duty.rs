//! The record of an officer's act: written before anything is shown, and alike for all acts.
//!
//! Kind `duty`, class `duty`, sealed under the officer's own key, always of one size; so a leaf
//! tells neither what was done nor about whom. A refused act is recorded too.

use crate::gateway::{Refusal, Refused};
use crate::identity::{Officer, Role, Subject};
use crate::ledger::{Draft, Effect, Ledger, Owner, OwnerId, Recorded, Unrecorded};
use crate::revocation::Marks;
use serde_json::{Map, Value, json};
use std::fmt::Display;
use std::sync::Arc;
use tidewaiter_audit::Kind;

/// Retention class of duty records, and of the log's own records about erasures.
pub(super) const CLASS: &str = "duty";

/// Every act's body has this many bytes of JSON: under a bucket of 8 KiB, over one of 4.
const BODY_LEN: usize = 8_000;

/// Roles that may read content.
pub(super) const CONTENT: &[Role] = &[Role::Officer, Role::Dpo, Role::Legal, Role::Auditor];

/// Roles that may see counts and the policy: everybody but support, for there is no content in it.
pub(super) const OVERVIEW: &[Role] = &[
    Role::Lead,
    Role::Officer,
    Role::Dpo,
    Role::Legal,
    Role::Auditor,
    Role::Admin,
];

/// Whether an issuer is one that vouches for customers here.
pub type Knows<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// What is wrong with an argument: its declared name, and a fixed text on why.
pub(super) type Fault = (&'static str, &'static str);

/// Why an officer wants to know, and in which case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    reason: String,
    case: String,
}

impl Access {
    /// A reason of 3 to 500 characters and a case of `[A-Za-z0-9._/-]{1,64}`; none if they are
    /// missing or of another form.
    pub fn new(reason: &str, case: &str) -> Option<Self> {
        (Self::is_reason(reason) && Self::is_case(case)).then(|| Self {
            reason: reason.trim().to_owned(),
            case: case.to_owned(),
        })
    }

    /// Whether a text is of a reason's form.
    pub fn is_reason(text: &str) -> bool {
        is_text(text, 3, 500)
    }

    /// Whether a text is of a case's form.
    pub fn is_case(text: &str) -> bool {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._/-".contains(&b);
        is_text(text, 1, 64) && text.bytes().all(plain)
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// In which case.
    pub fn case(&self) -> &str {
        &self.case
    }
}

/// Whether a text has from `least` to `most` characters, trimmed, and no control characters.
pub(super) fn is_text(text: &str, least: usize, most: usize) -> bool {
    let count = text.trim().chars().count();
    (least..=most).contains(&count)
        && text.len() <= most * 4 + 64
        && !text.contains(char::is_control)
        // What must never be stored is refused, not stored without it (I8).
        && crate::redaction::storable(text) == text
}

/// A person's pseudonym: stable, and nobody's without the vault's index key. The same for all
/// tokens of one person, so that no one approves their own request.
pub fn pseudonym(ledger: &Ledger, issuer: &str, sub: &str) -> String {
    let digest = ledger
        .keys()
        .digest("pseudonym", &[issuer.as_bytes(), sub.as_bytes()]);
    format!(
        "person-{}",
        hex::encode(digest.get(..12).unwrap_or_default())
    )
}

/// An officer's pseudonym.
pub(super) fn of_officer(ledger: &Ledger, officer: &Officer) -> String {
    pseudonym(ledger, officer.issuer(), officer.sub())
}

/// The keyed look-up of a customer by the names others know them by.
pub(super) fn owner_of(ledger: &Ledger, issuer: &str, sub: &str) -> OwnerId {
    let subject = Subject {
        issuer: issuer.to_owned(),
        sub: sub.to_owned(),
        uid: String::new(),
    };
    ledger.keys().owner_id(&Owner::Subject(Arc::new(subject)))
}

/// A customer as an officer names them, if the issuer is one whose customers we know.
pub(super) fn customer(issuer: &str, sub: &str, knows: Knows<'_>) -> Result<(), Fault> {
    if !knows(issuer) {
        return Err(("issuer", "no issuer of customers that is configured here"));
    }
    if !is_text(sub, 1, 500) {
        return Err(("sub", "1 to 500 characters, and no secret"));
    }
    Ok(())
}

/// The officer's roles, joined, as in records and bundles.
pub(super) fn roles(officer: &Officer) -> String {
    let names: Vec<&str> = officer.roles().iter().map(Role::as_str).collect();
    names.join(", ")
}

/// One act of one officer.
#[derive(Debug)]
pub(super) struct Act<'a> {
    ledger: &'a Ledger,
    officer: &'a Officer,
    body: Map<String, Value>,
}

impl<'a> Act<'a> {
    /// An act by its name in records: `record.read`.
    pub(super) fn new(ledger: &'a Ledger, officer: &'a Officer, name: &'static str) -> Self {
        let mut body = Map::new();
        body.insert("act".to_owned(), json!(name));
        body.insert("officer".to_owned(), json!(of_officer(ledger, officer)));
        body.insert("roles".to_owned(), json!(roles(officer)));
        Self {
            ledger,
            officer,
            body,
        }
    }

    /// With something to know about it.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.body.insert(name.to_owned(), value.into());
        self
    }

    /// With its reason and case.
    pub(super) fn because(self, access: &Access) -> Self {
        self.with("reason", access.reason())
            .with("case", access.case())
    }

    /// By what the officer's token could be revoked: looked at again with every record of theirs,
    /// for these have no generation.
    pub(super) fn marks(&self) -> Marks {
        Marks::of_officer(self.ledger.keys(), self.officer)
    }

    /// The officer's pseudonym.
    pub(super) fn who(&self) -> String {
        of_officer(self.ledger, self.officer)
    }

    /// Whether the officer has one of these roles; a refusal is recorded.
    pub(super) async fn demand(self, allowed: &[Role]) -> Result<Self, Refused> {
        if self.officer.roles().has_any(allowed) {
            Ok(self)
        } else {
            Err(self.refuse(Refusal::Denied).await)
        }
    }

    /// Goes on with what was looked for; if it is not there, or the search failed, that is
    /// recorded.
    pub(super) async fn found<T>(
        self,
        outcome: Result<Option<T>, Refused>,
    ) -> Result<(Self, T), Refused> {
        let why = match outcome {
            Ok(Some(found)) => return Ok((self, found)),
            Ok(None) => Refusal::NotFound,
            Err(failed) => failed.refusal,
        };
        Err(self.refuse(why).await)
    }

    /// Whether there is a reason; a refusal is recorded. Goes on with it.
    pub(super) async fn reason(self, access: Option<&Access>) -> Result<Self, Refused> {
        match access {
            Some(access) => Ok(self.because(access)),
            None => Err(self.refuse(Refusal::ReasonRequired).await),
        }
    }

    /// Goes on with what was checked; what did not fit is named in the answer, and recorded.
    pub(super) async fn fitting<T>(self, checked: Result<T, Fault>) -> Result<(Self, T), Refused> {
        match checked {
            Ok(fits) => Ok((self, fits)),
            Err((name, why)) => {
                let refused = self.with("argument", name);
                let refused = refused.refuse(Refusal::InvalidArguments).await;
                Err(Refused {
                    argument: Some((name.to_owned(), why)),
                    ..refused
                })
            }
        }
    }

    /// Records that it was refused; the refusal to answer with, which is
    /// [`Refusal::Unrecorded`] if that failed.
    pub(super) async fn refuse(self, why: Refusal) -> Refused {
        let refused = self.with("refused", why.code());
        match refused.record(Vec::new()).await {
            Ok(recorded) => Refused {
                record: Some(recorded.rid()),
                ..why.into()
            },
            Err(unrecorded) => unrecorded,
        }
    }

    /// Records it with what becomes true by it. What it shows may be shown after this.
    pub(super) async fn record(self, effects: Vec<Effect>) -> Result<Recorded, Refused> {
        let owner = Owner::Officer {
            issuer: self.officer.issuer().to_owned(),
            sub: self.officer.sub().to_owned(),
        };
        let marks = self.marks();
        let mut draft = Draft::new(Kind::Duty, owner, CLASS, pad(self.body));
        draft.effects = effects;
        draft.marks = Some(marks);
        self.ledger.append_reserved(draft).await.map_err(unrecorded)
    }
}

/// Records that an officer's request was refused before it was known what it asks.
pub(crate) async fn refuse_request(ledger: &Ledger, officer: &Officer, why: Refusal) -> Refused {
    Act::new(ledger, officer, "request").refuse(why).await
}

/// Brings a body to [`BODY_LEN`] bytes of JSON.
fn pad(mut body: Map<String, Value>) -> Value {
    body.insert("pad".to_owned(), json!(""));
    let len = serde_json::to_vec(&body).map_or(BODY_LEN, |bytes| bytes.len());
    let pad = " ".repeat(BODY_LEN.saturating_sub(len));
    body.insert("pad".to_owned(), json!(pad));
    Value::Object(body)
}

/// What to answer when there is no record.
pub(super) fn unrecorded(error: Unrecorded) -> Refused {
    match error {
        Unrecorded::Conflict => Refusal::Conflict.into(),
        Unrecorded::Erased => Refusal::SignInAgain.into(),
        Unrecorded::TooLarge => Refusal::TooLarge.into(),
        Unrecorded::Revoked => Refusal::Unauthenticated.into(),
        Unrecorded::Failed
        | Unrecorded::Full
        | Unrecorded::TimedOut
        | Unrecorded::KeyGone
        | Unrecorded::GuessesSpent
        | Unrecorded::Stopped
        | Unrecorded::Closed => Refusal::Unrecorded.into(),
    }
}

/// Our own fault: the cause goes to the log.
pub(super) fn internal(error: impl Display) -> Refused {
    tracing::error!(code = "privacy_failed", %error, "an officer's or a customer's request failed");
    Refusal::Internal.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i7_a_reason_and_a_case_are_needed() {
        assert!(Access::new("complaint about a payout", "C-2026/11.4").is_some());
        for (reason, case) in [
            ("", "C-1"),
            ("  a ", "C-1"),
            ("a reason", ""),
            ("a reason", "C 1"),
            ("a reason", "ü"),
            ("a\nreason", "C-1"),
            (&"x".repeat(501), "C-1"),
            ("a reason", &"x".repeat(65)),
        ] {
            assert!(Access::new(reason, case).is_none(), "{reason:?} {case:?}");
        }
    }

    #[test]
    fn all_acts_have_one_size() {
        let small = Map::new();
        let mut large = Map::new();
        large.insert("reason".to_owned(), json!("\u{10ffff}".repeat(500)));
        for body in [small, large] {
            let json = serde_json::to_vec(&pad(body)).unwrap();
            assert_eq!(tidewaiter_audit::seal::bucket(json.len()), Some(8_192));
        }
    }
}
