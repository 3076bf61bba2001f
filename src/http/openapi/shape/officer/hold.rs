//! Holds and assignments.

use crate::http::openapi::shape::{Id, Instant};
use utoipa::ToSchema;

/// A hold that was placed.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct HoldPlaced {
    hold: Id,
    state: HoldState,
    review: Instant,
    record: Id,
}

/// A hold that was moved on.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct HoldMoved {
    hold: Id,
    state: HoldState,
    record: Id,
}

/// How far it is: in force until a second person asks that it end.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum HoldState {
    Placed,
    Asked,
    Released,
}

/// Holds in one state.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Holds {
    holds: Vec<Hold>,
    record: Id,
}

/// A hold. People are pseudonyms.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Hold {
    hold: Id,
    state: HoldState,
    /// Whose records, why, and by what right; null once it is released.
    #[schema(required, value_type = Option<Object>)]
    says: Option<serde_json::Value>,
    placed: Instant,
    placed_by: String,
    review: Instant,
    /// Whether somebody should have looked again by now.
    overdue: bool,
    #[schema(required)]
    asked_by: Option<String>,
    #[schema(required)]
    released: Option<Instant>,
    #[schema(required)]
    released_by: Option<String>,
    /// The record of this reading, where it is asked for alone.
    #[schema(nullable = false)]
    record: Option<Id>,
}

/// What a hold keeps of erased records, a page.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Kept {
    records: Vec<KeptRecord>,
    #[schema(required)]
    next: Option<String>,
    /// The record of this reading.
    reading: Id,
}

/// An erased record that is kept.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct KeptRecord {
    record: Id,
    seq: String,
    #[schema(value_type = Object)]
    leaf: serde_json::Value,
    body: serde_json::Value,
}

/// An assignment that was made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Assigned {
    assignment: Id,
    until: Instant,
    record: Id,
}

/// An assignment that was ended.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AssignmentEnded {
    assignment: Id,
    record: Id,
}

/// The assignments in force.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Assignments {
    assignments: Vec<Assignment>,
    record: Id,
}

/// An assignment. People are pseudonyms.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Assignment {
    assignment: Id,
    officer: String,
    case: String,
    until: Instant,
    made: Instant,
    made_by: String,
    conversations: Vec<Id>,
}
