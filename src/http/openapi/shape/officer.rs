//! What officers are answered.

use super::customer::Erasure;
use super::{Id, Instant};
use std::collections::BTreeMap;
use utoipa::ToSchema;

mod hold;
mod revocation;

pub(in crate::http) use hold::{
    Assigned, AssignmentEnded, Assignments, Hold, HoldMoved, HoldPlaced, HoldState, Holds, Kept,
};
pub(in crate::http) use revocation::{Lifted, Revocation, Revocations};

/// A record, opened.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Record {
    record: Id,
    /// Its index.
    #[schema(pattern = "^(0|[1-9][0-9]*)$")]
    seq: String,
    /// What the ledger's tree is over.
    #[schema(value_type = Object)]
    leaf: serde_json::Value,
    /// What was sealed; null once its key is gone.
    body: serde_json::Value,
    #[schema(required)]
    erased: Option<Erased>,
    /// The record of this reading.
    reading: Id,
}

/// Under which record a body went, and what remains.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Erased {
    #[schema(required)]
    record: Option<Id>,
    remains: String,
}

/// What is stopped.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Switches {
    switches: Vec<Switch>,
    record: Id,
}

/// A switch; who, why and since when only if it is off.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Switch {
    target: String,
    state: SwitchState,
    #[schema(nullable = false)]
    reason: Option<String>,
    /// A pseudonym.
    #[schema(nullable = false)]
    officer: Option<String>,
    #[schema(nullable = false)]
    since: Option<Instant>,
}

/// Whether it stops.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum SwitchState {
    Stopped,
    On,
}

/// A switch that was turned.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SwitchTurned {
    target: String,
    state: SwitchMove,
    record: Id,
}

/// What became of it: `asked` until a second person asks that it go on.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum SwitchMove {
    Stopped,
    Asked,
    On,
}

/// The newest exports.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Exports {
    exports: Vec<Export>,
    record: Id,
}

/// An export, without its content. People are pseudonyms.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Export {
    export: Id,
    state: String,
    requested: Instant,
    requester: String,
    #[schema(required)]
    approver: Option<String>,
    #[schema(required)]
    approved: Option<Instant>,
    #[schema(required)]
    released: Option<Instant>,
    /// What was asked for; a customer stands in it as a keyed digest.
    #[schema(value_type = Object)]
    asked: serde_json::Value,
    /// The record of this reading, where it is asked for alone.
    #[schema(nullable = false)]
    record: Option<Id>,
}

/// An export that was moved on.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ExportMoved {
    export: Id,
    state: String,
    record: Id,
}

/// Erasures in one state, oldest first.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Erasures {
    cases: Vec<Erasure>,
    record: Id,
}

/// Who may decrypt the keys: an age recipient.
#[derive(ToSchema)]
#[schema(pattern = "^age1[02-9ac-hj-np-z]{58}$")]
pub(in crate::http) struct AgeRecipient(String);

/// The name of a retention class.
#[derive(ToSchema)]
#[schema(pattern = "^[a-z][a-z0-9_]{0,31}$", example = "support")]
pub(in crate::http) struct RetentionClass(String);

/// Why a request to be erased is refused.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Ground {
    NotVerified,
    Unfounded,
    Excessive,
}

/// A page of a search.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Found {
    records: Vec<Line>,
    /// What to go on with; none at the end.
    #[schema(required)]
    next: Option<String>,
    ended: PageEnd,
    /// How many records were looked at.
    looked_at: String,
    /// The record of this search.
    reading: Id,
}

/// Why a page ends: there is no more, it is full, or it has looked at as much as one may.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum PageEnd {
    Range,
    Page,
    Bound,
}

/// What a record's leaf says; with content, what it holds.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Line {
    record: Id,
    seq: String,
    time: Instant,
    kind: String,
    class: String,
    #[schema(required)]
    agent: Option<String>,
    #[schema(required)]
    operation: Option<String>,
    #[schema(required)]
    purpose: Option<String>,
    #[schema(required)]
    decision: Option<String>,
    /// As of a record that is read alone.
    body: Option<serde_json::Value>,
    erased: Option<Erased>,
}

/// A page of a conversation.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Transcript {
    conversation: Id,
    view: View,
    agent: String,
    guest: bool,
    locale: String,
    opened: Instant,
    closed: bool,
    entries: Vec<Entry>,
    #[schema(required)]
    next: Option<String>,
    ended: PageEnd,
    /// The record of this reading.
    reading: Id,
}

/// What was said, or what the assistant was shown of it.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum View {
    Original,
    Masked,
}

/// A record of a conversation; the other members are those of its kind.
#[derive(ToSchema)]
pub(in crate::http) struct Entry {
    record: Id,
    seq: String,
    time: Instant,
    kind: String,
}

/// A policy, every file word for word.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Policy {
    #[schema(pattern = "^[0-9a-f]{64}$")]
    version: String,
    in_force: bool,
    since: Instant,
    sources: BTreeMap<String, String>,
    record: Id,
}

/// Counts, as decimal digits.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Figures {
    hours: i64,
    from: Instant,
    to: Instant,
    records: String,
    /// Since when everything is counted, where not all of the hours could be.
    #[schema(required)]
    counted_since: Option<Instant>,
    calls: Decisions,
    operations: BTreeMap<String, Decisions>,
    agents: BTreeMap<String, String>,
    turns: String,
    strangers: String,
    erasures_requested: String,
    erasures_executed: String,
    refused: BTreeMap<String, String>,
    removed: BTreeMap<String, String>,
    acts: BTreeMap<String, String>,
    officers_refused: BTreeMap<String, String>,
    record: Id,
}

/// How calls ended.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Decisions {
    allow: String,
    deny: String,
    error: String,
}
