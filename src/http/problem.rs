//! Problem documents (RFC 9457): one fixed text for every refusal, and the headers that go with it.
//!
//! Promises I10 on the wire: two refusals of one kind differ in nothing but the record's name,
//! which has one length. Nothing of the request is repeated; an argument is named only if the
//! catalog declares it.

use super::HttpSettings;
use super::oauth::RESOURCE;
use super::rejection::Rejection;
use crate::gateway::{Language, Refusal, Refused};
use crate::identity::scope;
use axum::body::Body;
use axum::response::Response;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// A problem document (RFC 9457): why there is no answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Problem<'a> {
    /// `urn:tidewaiter:problem:` and the code.
    #[schema(pattern = "^urn:tidewaiter:problem:[a-z_]+$")]
    r#type: String,
    /// A sentence for the developer.
    title: &'static str,
    status: u16,
    code: &'static str,
    /// The refusal's record, if it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::openapi::shape::Id>, nullable = false)]
    record: Option<&'a str>,
    /// A sentence for the customer, with the next step.
    say: &'static str,
    /// The argument that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    argument: Option<&'a str>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<&'static str>,
}

/// What is known of the request that a refusal answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'a> {
    /// The language of `say`.
    pub(super) language: Language,
    /// Whether it came with credentials: a challenge without them names no error (RFC 6750 §3.1).
    pub(super) credentials: bool,
    /// Which resource it asked, below our URL.
    pub(super) mount: &'static str,
    /// For challenges.
    pub(super) settings: &'a HttpSettings,
}

/// The response to what the gateway refused.
pub(super) fn refused(asker: Asker<'_>, refused: &Refused, rid: Option<&str>) -> Response {
    let refusal = refused.refusal;
    let (argument, detail) = match &refused.argument {
        Some((name, why)) => (Some(name.as_str()), Some(*why)),
        None => (None, None),
    };
    let mut response = respond(&Problem {
        r#type: kind(refusal.code()),
        title: refusal.title(),
        status: refusal.status().as_u16(),
        code: refusal.code(),
        record: rid,
        say: refusal.say(refused.language.unwrap_or(asker.language)),
        argument,
        detail,
    });
    add_headers(asker, refusal, response.headers_mut());
    response
}

/// The same as a document inside a stream.
pub(super) fn document(refused: &Refused, language: Language) -> serde_json::Value {
    let refusal = refused.refusal;
    let problem = Problem {
        r#type: kind(refusal.code()),
        title: refusal.title(),
        status: refusal.status().as_u16(),
        code: refusal.code(),
        record: refused.record.as_deref(),
        say: refusal.say(refused.language.unwrap_or(language)),
        argument: None,
        detail: None,
    };
    serde_json::to_value(&problem).unwrap_or_default()
}

/// The response to what HTTP refused.
pub(super) fn rejected(rejection: Rejection, language: Language, rid: Option<&str>) -> Response {
    let mut response = respond(&Problem {
        r#type: kind(rejection.code()),
        title: rejection.title(),
        status: rejection.status().as_u16(),
        code: rejection.code(),
        record: rid,
        say: rejection.say(language),
        argument: None,
        detail: None,
    });
    if rejection == Rejection::Slow {
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// `Retry-After` and `WWW-Authenticate`, where a refusal has them.
pub(super) fn add_headers(asker: Asker<'_>, refusal: Refusal, headers: &mut HeaderMap) {
    if let Some(seconds) = retry_after(refusal) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    if let Some(challenge) = challenge(asker, refusal)
        && let Ok(challenge) = HeaderValue::try_from(challenge)
    {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few refusals pass by themselves; a new one does not until somebody says so"
)]
fn retry_after(refusal: Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::OverQuota | Refusal::StillOpen => Some("1"),
        Refusal::Unrecorded => Some("5"),
        // When exactly a guess is free again would tell when the others were made.
        Refusal::GuessesSpent => Some("3600"),
        _ => None,
    }
}

/// RFC 6750 §3, with where to find who issues tokens (RFC 9728 §5.1), which scope would do, and
/// what sign-in is needed (RFC 9470 §3).
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few refusals have a challenge, as the table in the tests shows"
)]
fn challenge(asker: Asker<'_>, refusal: Refusal) -> Option<String> {
    let error = match refusal {
        Refusal::Unauthenticated if !asker.credentials => "",
        Refusal::Unauthenticated | Refusal::SignInAgain => ", error=\"invalid_token\"",
        Refusal::StepUp => ", error=\"insufficient_user_authentication\"",
        Refusal::InsufficientScope(_) => ", error=\"insufficient_scope\"",
        _ => return None,
    };
    let mut challenge = format!("Bearer realm=\"tidewaiter\"{error}");
    let scope = match refusal {
        Refusal::InsufficientScope(effect) => Some(scope::needed(effect)),
        Refusal::Unauthenticated if asker.settings.scopes => Some(scope::READ),
        _ => None,
    };
    if let Some(scope) = scope {
        challenge.push_str(", scope=\"");
        challenge.push_str(scope);
        challenge.push('"');
    }
    let acr = asker.settings.acr_values.join(" ");
    if refusal == Refusal::StepUp && is_quotable(&acr) {
        challenge.push_str(", acr_values=\"");
        challenge.push_str(&acr);
        challenge.push('"');
    }
    challenge.push_str(", resource_metadata=\"");
    challenge.push_str(&asker.settings.well_known(RESOURCE, asker.mount));
    challenge.push('"');
    Some(challenge)
}

fn is_quotable(text: &str) -> bool {
    let fits = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(fits)
}

fn kind(code: &str) -> String {
    format!("urn:tidewaiter:problem:{code}")
}

fn respond(problem: &Problem<'_>) -> Response {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

#[cfg(test)]
mod tests;
