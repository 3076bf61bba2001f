//! Refusals in the document: one response for each status, with the codes it can have.
//!
//! Made from the closed lists [`Refusal::ALL`] and [`Rejection::ALL`]. What can befall every
//! request of a kind is added here; annotations name only what is special to their route.

use crate::gateway::Refusal;
use crate::http::problem::Problem;
use crate::http::rejection::Rejection;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Header, Ref, RefOr};
use utoipa::{IntoResponses, Modify, PartialSchema, ToSchema};

/// Whatever is asked: how it comes, and what may break.
const ALWAYS: &[u16] = &[414, 421, 431, 500];
/// With a token.
const KNOWN: &[u16] = &[401, 403, 429, 503, 504];
/// With a body.
const SENT: &[u16] = &[400, 408, 413, 415];

/// A `404` of its own.
pub(in crate::http) struct Missing;
/// A `406` of its own.
pub(in crate::http) struct NotAcceptable;
/// A `409` of its own.
pub(in crate::http) struct Conflicts;
/// A `422` of its own.
pub(in crate::http) struct Unfit;
/// A `400` of its own, where there is no body.
pub(in crate::http) struct Malformed;

macro_rules! responses {
    ($($kind:ty: $status:literal),+ $(,)?) => {$(
        impl IntoResponses for $kind {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([named($status)])
            }
        }
    )+};
}

responses!(Malformed: 400, Missing: 404, NotAcceptable: 406, Conflicts: 409, Unfit: 422);

fn named(status: u16) -> (String, RefOr<Response>) {
    let place = Ref::from_response_name(format!("Problem{status}"));
    (status.to_string(), RefOr::Ref(place))
}

/// Adds the responses, and to each operation those that it shares with others.
pub(super) struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
        Problem::schemas(&mut schemas);
        components.schemas.extend(schemas);
        for (status, codes) in codes() {
            let response = RefOr::T(response(status, &codes));
            components
                .responses
                .insert(format!("Problem{status}"), response);
        }
        for item in document.paths.paths.values_mut() {
            for operation in operations(item) {
                share(operation);
            }
        }
    }
}

/// The operations of a path.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
    ];
    all.into_iter().flatten()
}

fn share(operation: &mut Operation) {
    let known = operation.security.is_some();
    let sent = operation.request_body.as_ref().is_some_and(takes_json);
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        unless_null(body);
    }
    if known {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                response.headers.extend(limits());
            }
        }
    }
    let groups = [(true, ALWAYS), (known, KNOWN), (sent, SENT)];
    let all = groups.into_iter().filter(|(applies, _)| *applies);
    for status in all.flat_map(|(_, statuses)| statuses) {
        let (status, response) = named(*status);
        let responses = &mut operation.responses.responses;
        responses.entry(status).or_insert(response);
    }
}

/// What an answer says about quotas (draft-ietf-httpapi-ratelimit-headers).
fn limits() -> [(String, RefOr<Header>); 2] {
    [
        (
            "RateLimit-Policy",
            "How often may be asked, in all quotas that were looked at.",
        ),
        ("RateLimit", "What is left of them."),
    ]
    .map(|(name, says)| (name.to_owned(), RefOr::T(header(text(), says))))
}

fn takes_json(body: &RefOr<RequestBody>) -> bool {
    matches!(body, RefOr::T(body) if body.content.contains_key("application/json"))
}

/// A body that may be left out is not `null`.
fn unless_null(body: &mut RequestBody) {
    for content in body.content.values_mut() {
        let RefOr::T(content) = content else { continue };
        if let Some(RefOr::T(Schema::OneOf(either))) = &content.schema {
            let mut items = either.items.iter();
            content.schema = items.find(|item| matches!(item, RefOr::Ref(_))).cloned();
        }
    }
}

/// The codes of every status, with what they mean.
fn codes() -> BTreeMap<u16, BTreeSet<(&'static str, &'static str)>> {
    let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let refusals = Refusal::ALL.map(|r| (r.status().as_u16(), (r.code(), r.title())));
    let rejections = Rejection::ALL.map(|r| (r.status().as_u16(), (r.code(), r.title())));
    for (status, code) in refusals.into_iter().chain(rejections) {
        all.entry(status).or_default().insert(code);
    }
    all
}

fn response(status: u16, codes: &BTreeSet<(&'static str, &'static str)>) -> Response {
    let lines: Vec<_> = codes
        .iter()
        .map(|(code, title)| format!("- `{code}`: {title}"))
        .collect();
    let own = ObjectBuilder::new()
        .property("status", integer().enum_values(Some([status])))
        .property(
            "code",
            text().enum_values(Some(codes.iter().map(|(code, _)| *code))),
        );
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name(Problem::name()))
        .item(own);
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description(lines.join("\n"))
        .content("application/problem+json", content);
    let response = match status {
        401 => response.header(
            "WWW-Authenticate",
            header(text(), "A challenge (RFC 6750, RFC 9728, RFC 9470)."),
        ),
        409 | 429 | 503 => response.header(
            "Retry-After",
            header(integer(), "In how many seconds to ask again."),
        ),
        _ => response,
    };
    response.build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn integer() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer)
}

fn header(schema: ObjectBuilder, description: &str) -> Header {
    let mut header = Header::new(schema.build());
    header.description = Some(description.to_owned());
    header
}
