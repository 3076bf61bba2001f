//! What customers are answered.

use super::agent::Treated;
use super::{Id, Instant};
use utoipa::ToSchema;

/// An answer of the assistant, completed.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Revealed {
    text: String,
    /// Placeholders that stayed as they are: the conversation has no value for them.
    unknown: Vec<String>,
    record: Id,
}

/// A page of consultations.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Lookups {
    lookups: Vec<Lookup>,
    /// What to ask on with; none at the end.
    #[schema(required)]
    next: Option<Id>,
    record: Id,
}

/// One consultation: who, when, why, what.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Lookup {
    record: Id,
    time: Instant,
    kind: String,
    #[schema(required)]
    agent: Option<Titled>,
    #[schema(required)]
    purpose: Option<Purpose>,
    #[schema(required)]
    operation: Option<NamedTitle>,
    #[schema(required)]
    decision: Option<String>,
    fields: Vec<Treated>,
    recipients: Vec<Recipient>,
}

/// An agent.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Titled {
    id: String,
    title: String,
}

/// A purpose, in the customer's words.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Purpose {
    name: String,
    say: String,
}

/// An operation.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NamedTitle {
    name: String,
    title: String,
}

/// Somebody else who received what was shown.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Recipient {
    name: String,
    #[schema(nullable = false)]
    country: Option<String>,
    #[schema(nullable = false)]
    contact: Option<String>,
    #[schema(nullable = false)]
    retention_days: Option<u32>,
}

/// An erasure.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Erasure {
    case: Id,
    state: ErasureState,
    requested: Instant,
    /// The day it is due (GDPR Art. 12(3)).
    #[schema(required, format = Date)]
    due: Option<String>,
    #[schema(required)]
    done: Option<Instant>,
    #[schema(required)]
    receipt: Option<Receipt>,
    /// Why it was not carried out, if it was refused or withdrawn.
    #[schema(required)]
    ended: Option<Ended>,
    #[schema(required)]
    record: Option<Id>,
}

/// How far it is.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum ErasureState {
    Requested,
    Executing,
    Done,
    Refused,
    Withdrawn,
}

/// Why a request was not carried out, and what the customer is told.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Ended {
    ground: String,
    /// By language.
    #[schema(value_type = Object)]
    say: serde_json::Value,
}

/// A copy of what is held, a page.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Data {
    /// What holds of all of it; on the first page.
    #[schema(required, value_type = Option<Object>)]
    about: Option<serde_json::Value>,
    records: Vec<Held>,
    #[schema(required)]
    next: Option<String>,
    record: Id,
}

/// A record as its customer sees it; the other members are those of its kind.
#[derive(ToSchema)]
pub(in crate::http) struct Held {
    record: Id,
    time: Instant,
    kind: String,
}

/// What the customer said, a page.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Portable {
    #[schema(example = "tidewaiter-portable/1")]
    format: String,
    messages: Vec<Message>,
    #[schema(required)]
    next: Option<String>,
    record: Id,
}

/// A message of the customer's.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Message {
    time: Instant,
    conversation: Id,
    text: String,
}

/// A receipt: what was erased, what is kept and why; signed.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Receipt {
    /// The receipt, as the JSON text that is signed.
    json: String,
    /// The signed note over its digest.
    note: String,
}
