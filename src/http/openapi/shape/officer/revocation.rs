//! Revocations.

use crate::http::openapi::shape::{Id, Instant};
use utoipa::ToSchema;

/// A page of what is revoked.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Revocations {
    revocations: Vec<Revocation>,
    #[schema(required)]
    next: Option<Id>,
    record: Id,
}

/// A revocation. People are pseudonyms; whom it is about is told of agents alone.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Revocation {
    revocation: Id,
    kind: RevocationKind,
    #[schema(nullable = false)]
    agent: Option<String>,
    reason: String,
    officer: String,
    since: Instant,
    /// None for an agent: that lasts until it is lifted.
    #[schema(required)]
    until: Option<Instant>,
    /// Who asked first that it be lifted, and when.
    #[schema(nullable = false)]
    lift_asked: Option<LiftAsked>,
    /// Its record, when it is made.
    #[schema(nullable = false)]
    record: Option<Id>,
}

/// What was revoked.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum RevocationKind {
    Agent,
    Subject,
    Session,
    Token,
}

/// A wish that waits for a second person's.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LiftAsked {
    officer: String,
    since: Instant,
}

/// A revocation that somebody wants lifted.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Lifted {
    revocation: Id,
    state: LiftState,
    record: Id,
}

/// `asked` until a second person asks the same, where that is needed.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum LiftState {
    Asked,
    Lifted,
}
