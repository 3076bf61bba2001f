//! The shapes of answers, for the document.
//!
//! Answers are written by whoever knows them; here is only what they look like. A run against a
//! real gateway holds every answer against its shape, in which no member may be that is not
//! declared.

#![expect(dead_code, reason = "only their schemas are used")]

use utoipa::ToSchema;

pub(in crate::http) mod agent;
pub(in crate::http) mod customer;
pub(in crate::http) mod message;
pub(in crate::http) mod officer;
pub(in crate::http) mod public;

/// A name of 32 lower-case hex digits: of a record, a conversation or a case.
#[derive(ToSchema)]
#[schema(
    pattern = "^[0-9a-f]{32}$",
    example = "00112233445566778899aabbccddeeff"
)]
pub(in crate::http) struct Id(String);

/// An instant (RFC 3339), in UTC.
#[derive(ToSchema)]
#[schema(format = DateTime, example = "2026-11-22T10:04:00Z")]
pub(in crate::http) struct Instant(String);

/// Why somebody acts: 3 to 500 characters without those around it, no control characters, and
/// nothing that must never be stored.
#[derive(ToSchema)]
#[schema(
    max_length = 500,
    example = "the customer complained",
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[!-~][^\x00-\x1f\x7f-\x9f]+[!-~][^\x00-\x1f\x7f-\x9f]*$"
)]
pub(in crate::http) struct Reason(String);

/// A text for the record: 3 to 300 characters, as a reason.
#[derive(ToSchema)]
#[schema(
    max_length = 300,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[!-~][^\x00-\x1f\x7f-\x9f]+[!-~][^\x00-\x1f\x7f-\x9f]*$"
)]
pub(in crate::http) struct Text(String);

/// In which case somebody acts.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Za-z0-9._/-]{1,64}$", example = "C-1")]
pub(in crate::http) struct Case(String);

/// A person's `sub`.
#[derive(ToSchema)]
#[schema(
    max_length = 500,
    example = "nobody-7",
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[!-~][^\x00-\x1f\x7f-\x9f]*$"
)]
pub(in crate::http) struct Name(String);

/// What there is no more to say of than its record.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Noted {
    record: Id,
}

/// A record's index: a number, or its digits.
pub(in crate::http) fn index() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let digits = ObjectBuilder::new().schema_type(Type::String);
    OneOfBuilder::new()
        .item(number.minimum(Some(0_i64)))
        .item(digits.pattern(Some("^(0|[1-9][0-9]{0,17})$")))
        .into()
}
