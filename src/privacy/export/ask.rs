//! What an officer asks for, checked; and as it is kept until it is approved.

use crate::ledger::Ledger;
use crate::privacy::duty::{Fault, Knows, is_text, owner_of};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use tidewaiter_audit::bundle::Recipient;
use tidewaiter_audit::grammar;

/// Recipients of one bundle.
const RECIPIENTS_MAX: usize = 10;
/// Classes that can be withheld at once.
const WITHHOLD_MAX: usize = 8;

/// An export as an officer asks for it. Power, reference and purpose stand in the manifest; they
/// are 3 to 300 characters and must name no customer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// Which records.
    pub scope: Scope,
    /// The legal power that is named.
    pub power: String,
    /// The reader's reference.
    pub reference: String,
    /// What for.
    pub purpose: String,
    /// age recipients (`age1…`) to whom the record keys are encrypted; at most ten.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// Whether the record keys go out in the clear instead. With neither, no key goes out.
    #[serde(default)]
    pub released_clear: bool,
    /// Retention classes that the power does not cover: their records are cut to their hashes.
    #[serde(default)]
    pub withhold: Vec<String>,
    /// Whether keys of officers' own acts go out too.
    #[serde(default)]
    pub duty: bool,
}

/// Which records an export is of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Scope {
    /// The whole ledger.
    All {},
    /// Every record from `from` up to but not including `to`.
    Range {
        /// The first.
        from: u64,
        /// The first beyond.
        to: u64,
    },
    /// Every record from a moment up to but not including another, RFC 3339.
    Time {
        /// The first moment.
        from: String,
        /// The first beyond.
        to: String,
    },
    /// One customer's.
    Subject {
        /// Who vouches for them.
        issuer: String,
        /// Their `sub`.
        sub: String,
    },
    /// One operation's.
    Operation {
        /// Its name.
        operation: String,
    },
}

/// What is kept of a request: no customer is named, by their keyed look-up alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    pub(super) power: String,
    pub(super) reference: String,
    pub(super) purpose: String,
    pub(super) recipients: Vec<String>,
    pub(super) clear: bool,
    pub(super) withhold: Vec<String>,
    pub(super) duty: bool,
    pub(super) roles: String,
    /// How many records there were when it was asked for: what came later is not in it.
    pub(super) size: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Wanted {
    All {},
    Range { from: u64, to: u64 },
    Time { from_us: i64, to_us: i64 },
    Owner { owner: String },
    Operation { operation: String },
}

impl Asked {
    /// A request that can be met; else which part of it does not fit, and why.
    pub(super) fn check(
        ledger: &Ledger,
        request: &ExportRequest,
        roles: String,
        knows: Knows<'_>,
    ) -> Result<Self, Fault> {
        for (name, text) in [
            ("power", &request.power),
            ("reference", &request.reference),
            ("purpose", &request.purpose),
        ] {
            if !is_text(text, 3, 300) {
                return Err((name, "3 to 300 characters, and no secret"));
            }
        }
        let recipient = |text: &String| text.len() <= 80 && Recipient::from_str(text).is_ok();
        if request.recipients.len() > RECIPIENTS_MAX || !request.recipients.iter().all(recipient) {
            return Err(("recipients", "at most ten age recipients (age1…)"));
        }
        if request.released_clear && !request.recipients.is_empty() {
            return Err(("released_clear", "not together with recipients"));
        }
        let class = |text: &String| grammar::is_class(text);
        if request.withhold.len() > WITHHOLD_MAX || !request.withhold.iter().all(class) {
            return Err(("withhold", "at most eight names of retention classes"));
        }
        Ok(Self {
            wanted: wanted(ledger, &request.scope, knows)?,
            power: request.power.trim().to_owned(),
            reference: request.reference.trim().to_owned(),
            purpose: request.purpose.trim().to_owned(),
            recipients: request.recipients.clone(),
            clear: request.released_clear,
            withhold: request.withhold.clone(),
            duty: request.duty,
            roles,
            size: ledger.size(),
        })
    }

    /// The age recipients.
    pub(super) fn recipients(&self) -> Vec<Recipient> {
        let each = self.recipients.iter().map(|text| Recipient::from_str(text));
        each.filter_map(Result::ok).collect()
    }
}

fn wanted(ledger: &Ledger, scope: &Scope, knows: Knows<'_>) -> Result<Wanted, Fault> {
    match scope {
        Scope::All {} => Ok(Wanted::All {}),
        Scope::Range { from, to } => {
            let (from, to) = (*from, *to);
            let fits = (from <= to).then_some(Wanted::Range { from, to });
            fits.ok_or(("scope.to", "not before from"))
        }
        Scope::Time { from, to } => {
            let us = |name: &'static str, text: &str| {
                let at = jiff::Timestamp::from_str(text).map(jiff::Timestamp::as_microsecond);
                at.map_err(|_why| (name, "a moment in RFC 3339, such as 2026-11-22T00:00:00Z"))
            };
            let (from_us, to_us) = (us("scope.from", from)?, us("scope.to", to)?);
            let fits = (from_us <= to_us).then_some(Wanted::Time { from_us, to_us });
            fits.ok_or(("scope.to", "not before from"))
        }
        Scope::Subject { issuer, sub } => {
            if !knows(issuer) {
                let why = "no issuer of customers that is configured here";
                return Err(("scope.issuer", why));
            }
            if !is_text(sub, 1, 500) {
                return Err(("scope.sub", "1 to 500 characters, and no secret"));
            }
            let owner = hex::encode(owner_of(ledger, issuer, sub));
            Ok(Wanted::Owner { owner })
        }
        Scope::Operation { operation } => {
            let operation = operation.clone();
            let fits = grammar::is_dotted(&operation).then_some(Wanted::Operation { operation });
            fits.ok_or(("scope.operation", "the name of an operation"))
        }
    }
}
