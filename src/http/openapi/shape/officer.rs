//! What officers are answered.

use super::customer::Erasure;
use super::{Id, Instant};
use utoipa::ToSchema;

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
