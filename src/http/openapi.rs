//! The OpenAPI 3.1 document: generated from the annotations of handlers and forms, and served.
//!
//! Promises that it names the paths that are served and no others, that every refusal in it is one
//! of the closed lists, and that it says nothing of a deployment but its address. What operations
//! there are and what they take is the catalog's: `GET /v1/operations` shows that to each agent.

use super::Site;
use super::{ledger, mcp, me, oauth, officer, rest};
use crate::clock::{Clock, rfc3339};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use std::collections::BTreeSet;
use tidewaiter_audit::Hash;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::server::Server;
use utoipa::{Modify, OpenApi};

pub(super) mod parameter;
pub(super) mod problem;
#[expect(clippy::struct_field_names, reason = "names of members are the wire's")]
pub(super) mod shape;

use parameter::Language;
use problem::Problems;

/// Where it is served.
pub(super) const PATH: &str = "/openapi.json";

/// Everything there can be; a deployment may serve less of it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tidewaiter",
        description = "The gateway between an AI assistant and an exchange's internals. Every answer \
            has a record in the ledger, which it names; every refusal is a problem document \
            (RFC 9457) with a code of a closed list and a sentence for the customer.",
    ),
    paths(
        rest::conversation::open,
        rest::conversation::turn,
        rest::conversation::attach,
        rest::conversation::close,
        rest::operation::list,
        rest::operation::call,
        mcp::answer,
        officer::conversation::read,
        officer::record::search,
        officer::record::read,
        officer::overview::figures,
        officer::overview::policy,
        officer::assignment::list,
        officer::assignment::make,
        officer::assignment::end,
        officer::hold::list,
        officer::hold::place,
        officer::hold::read,
        officer::hold::kept,
        officer::hold::release,
        officer::revocation::list,
        officer::revocation::put,
        officer::revocation::lift,
        officer::switch::list,
        officer::switch::read,
        officer::switch::put,
        officer::switch::resume,
        officer::export::list,
        officer::export::ask,
        officer::export::show,
        officer::export::approve,
        officer::export::refuse,
        officer::export::bundle,
        officer::erasure::list,
        officer::erasure::file,
        officer::erasure::show,
        officer::erasure::approve,
        officer::erasure::refuse,
        me::lookups,
        me::data,
        me::portable,
        me::reveal,
        me::erase,
        me::erasure,
        me::withdraw,
        ledger::checkpoint,
        ledger::key,
        ledger::tile,
        oauth::resource,
        oauth::resource_at,
        oauth::server,
        oauth::server_at,
        oauth::jwks,
        oauth::token,
        read,
    ),
    components(schemas(shape::public::NoToken)),
    tags(
        (name = "agents", description = "For the assistant: a token names one agent and one customer."),
        (name = "customers", description = "For the exchange's app, with the customer's own token."),
        (name = "officers", description = "For members of staff. Every reading is recorded."),
        (name = "public", description = "For anybody: what the ledger publishes, and where to get a token."),
    ),
    modifiers(&Security, &Problems, &Language),
)]
pub(super) struct Everything;

/// One scheme for each kind of token.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, description) in [
            (
                "agent",
                "A delegated token: `sub` the customer, `act.sub` the agent (RFC 8693 §4.1).",
            ),
            ("customer", "The customer's own token, without `act`."),
            ("officer", "A member of staff, with roles."),
        ] {
            let scheme = HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT (RFC 9068)")
                .description(Some(description));
            components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
        }
    }
}

/// The document for a service at `url` that serves `paths`; all of it if none are named.
pub fn document(url: &str, paths: Option<&BTreeSet<String>>) -> String {
    let mut document = Everything::openapi();
    document.servers = Some(vec![Server::new(url)]);
    if let Some(paths) = paths {
        let served: BTreeSet<_> = paths.iter().map(|path| as_written(path)).collect();
        document
            .paths
            .paths
            .retain(|path, _item| served.contains(path));
    }
    // Members are texts and numbers with names of their own; nothing in it can fail to be JSON.
    document.to_json().unwrap_or_default()
}

/// A path as the document writes it: the rest of a path is a parameter like any other.
pub(super) fn as_written(path: &str) -> String {
    path.replace("{*", "{")
}

/// An instant of this hour, for examples that must be of today.
pub(super) fn lately() -> String {
    rfc3339(this_hour_us())
}

/// The same a day later, for examples that must lie ahead.
pub(super) fn tomorrow() -> String {
    rfc3339(this_hour_us().saturating_add(24 * HOUR_US))
}

const HOUR_US: i64 = 3_600_000_000;

fn this_hour_us() -> i64 {
    let now_us = Clock::System.now_us();
    now_us - now_us.rem_euclid(HOUR_US)
}

/// The document as it is served, made once.
#[derive(Default)]
pub(super) struct Served {
    body: Bytes,
    tag: Option<HeaderValue>,
}

impl Served {
    /// For a service at `url` with these paths.
    pub(super) fn new(url: &str, paths: &BTreeSet<String>) -> Self {
        let body = Bytes::from(document(url, Some(paths)));
        let tag = format!("\"{}\"", hex::encode(Hash::of(&[&body]).0));
        Self {
            body,
            tag: HeaderValue::try_from(tag).ok(),
        }
    }
}

/// This document.
#[utoipa::path(get, path = PATH, tag = "public", operation_id = "openapi",
    params(parameter::IfNoneMatch),
    responses(
        (status = 200, description = "The document.", body = serde_json::Value,
            headers(("ETag" = String, description = "Changes with the document."))),
        (status = 304, description = "It is still the one named in `If-None-Match`."),
    ))]
pub(super) async fn read(State(site): State<Site>, headers: HeaderMap) -> Response {
    let served = &site.document;
    let mut response = served.body.clone().into_response();
    if served
        .tag
        .as_ref()
        .is_some_and(|tag| is_known(&headers, tag))
    {
        response = StatusCode::NOT_MODIFIED.into_response();
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    if let Some(tag) = &served.tag {
        headers.insert(ETAG, tag.clone());
    }
    response
}

/// Whether the client has it (RFC 9110 §13.1.2; the comparison is weak).
fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter();
    let mut known = known.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    known.any(|one| {
        let one = one.trim_ascii();
        let one = one.strip_prefix(b"W/").unwrap_or(one);
        one == b"*" || one == tag.as_bytes()
    })
}
