//! What leaves over MCP: the library's envelope with our content, and our texts for its errors.

use super::server::VERSIONS;
use super::{Spoken, json, problem};
use crate::gateway::{Answer, Refusal, Refused};
use crate::http::asked::Asked;
use crate::http::rejection::Rejection;
use crate::http::{Site, outcome};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// A header and the body differ (MCP 2026-07-28).
pub(super) const HEADER_MISMATCH: i32 = -32_020;
/// The parameters are not of the form they must have (JSON-RPC 2.0 §5.1).
pub(super) const INVALID_PARAMS: i32 = -32_602;
const UNSUPPORTED_VERSION: i32 = -32_022;

/// The library's response with its body, if that is JSON. A stream would have no end, and there is
/// nothing that we stream.
pub(super) async fn gather<B>(response: http::Response<B>) -> Spoken
where
    B: hyper::body::Body<Data = Bytes, Error = Infallible>,
{
    let (parts, body) = response.into_parts();
    let media_type = parts
        .headers
        .get(CONTENT_TYPE)
        .map(http::HeaderValue::as_bytes);
    let json = if media_type == Some(b"application/json") {
        body.collect()
            .await
            .ok()
            .map(http_body_util::Collected::to_bytes)
    } else {
        None
    };
    Spoken {
        status: parts.status,
        json,
    }
}

#[derive(Deserialize, Serialize)]
struct Envelope<'a> {
    jsonrpc: &'a str,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result: Option<BTreeMap<String, Box<RawValue>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Fault>,
}

#[derive(Deserialize, Serialize)]
struct Fault {
    code: i32,
    #[serde(skip_deserializing)]
    message: &'static str,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    data: Option<Supported>,
}

/// What a client needs to choose another version. It names ours, never what was asked for.
#[derive(Serialize)]
struct Supported {
    supported: Vec<&'static str>,
}

/// The response to a call that was made.
pub(super) fn to_call(site: &Site, asked: &Asked, answer: &Answer, spoken: &Spoken) -> Response {
    let internal = || asked.refuse_answer(&site.settings, answer, &Refusal::Internal.into());
    let (document, refused) = match answer.outcome() {
        Ok(clean) => (outcome::of(clean, answer), None),
        Err(refused) if refused.refusal == Refusal::Unauthenticated => {
            return asked.refuse_answer(&site.settings, answer, refused);
        }
        Err(refused) => (refusal(answer, refused), Some(refused.refusal)),
    };
    let filled = document.and_then(|document| fill(spoken, document, refused.is_some()));
    let Some(filled) = filled else {
        tracing::error!(code = "mcp_envelope", "an answer did not fit its envelope");
        return internal();
    };
    let mut response = json(StatusCode::OK, filled);
    if let Some(refusal) = refused {
        // A challenge may accompany any status (RFC 9110 §11.6.1); the model needs the sentence.
        problem::add_headers(asked.asker(&site.settings), refusal, response.headers_mut());
    }
    response
}

/// Puts `document` into the library's result: once as text, and for a success once more as it is.
pub(super) fn fill(spoken: &Spoken, document: Vec<u8>, is_error: bool) -> Option<Vec<u8>> {
    let text = String::from_utf8(document).ok()?;
    let mut envelope: Envelope<'_> = serde_json::from_slice(spoken.json.as_ref()?).ok()?;
    let result = envelope.result.as_mut()?;
    let content = [BTreeMap::from([("type", "text"), ("text", text.as_str())])];
    let content = serde_json::value::to_raw_value(&content).ok()?;
    result.insert("content".to_owned(), content);
    let flag = serde_json::value::to_raw_value(&is_error).ok()?;
    result.insert("isError".to_owned(), flag);
    if !is_error {
        let structured = RawValue::from_string(text).ok()?;
        result.insert("structuredContent".to_owned(), structured);
    }
    serde_json::to_vec(&envelope).ok()
}

#[derive(Serialize)]
struct RefusalView<'a> {
    code: &'static str,
    say: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

fn refusal(answer: &Answer, refused: &Refused) -> Option<Vec<u8>> {
    let (argument, detail) = match &refused.argument {
        Some((name, why)) => (Some(name.as_str()), Some(*why)),
        None => (None, None),
    };
    let view = RefusalView {
        code: refused.refusal.code(),
        say: refused.refusal.say(answer.language()),
        record: answer.rid(),
        argument,
        detail,
    };
    serde_json::to_vec(&view).ok()
}

/// The response to anything but a call that was made.
pub(super) fn to_other(asked: &Asked, spoken: Spoken) -> Response {
    let Spoken { status, json: body } = spoken;
    let Some(body) = body else {
        return without_body(asked, status);
    };
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(&body) else {
        return without_body(asked, StatusCode::INTERNAL_SERVER_ERROR);
    };
    match envelope.error {
        Some(fault) => fixed(envelope.id, fault.code, status),
        None => json(status, body),
    }
}

/// The library's plain texts, and its streams, which it has no reason to send.
fn without_body(asked: &Asked, status: StatusCode) -> Response {
    let rejection = match status {
        StatusCode::ACCEPTED => {
            let mut response = Response::default();
            *response.status_mut() = status;
            return response;
        }
        StatusCode::NOT_ACCEPTABLE => Some(Rejection::NotAcceptable),
        StatusCode::FORBIDDEN => Some(Rejection::Origin),
        _ => None,
    };
    if let Some(rejection) = rejection {
        return problem::rejected(rejection, asked.language, None);
    }
    if status.is_client_error() {
        return fixed(None, INVALID_REQUEST, StatusCode::BAD_REQUEST);
    }
    fixed(None, INTERNAL, StatusCode::INTERNAL_SERVER_ERROR)
}

/// An error of ours, with status 400.
pub(super) fn error(id: Option<&RawValue>, code: i32) -> Response {
    fixed(id, code, StatusCode::BAD_REQUEST)
}

const INVALID_REQUEST: i32 = -32_600;
const INTERNAL: i32 = -32_603;

/// An error with the text that belongs to its code.
fn fixed(id: Option<&RawValue>, code: i32, status: StatusCode) -> Response {
    let (code, message) = match code {
        -32_700 => (code, "The message is not JSON."),
        INVALID_REQUEST => (code, "The message is not a valid request."),
        -32_601 => (code, "There is no such method here."),
        INVALID_PARAMS | -32_002 => (INVALID_PARAMS, "The parameters are not as they must be."),
        HEADER_MISMATCH => (code, "The headers do not agree with the message."),
        -32_021 => (code, "The client lacks a capability this needs."),
        UNSUPPORTED_VERSION => (code, "This protocol version is not served."),
        _ => (INTERNAL, "An error on our side."),
    };
    let data = (code == UNSUPPORTED_VERSION).then(|| Supported {
        supported: VERSIONS
            .iter()
            .map(rmcp::model::ProtocolVersion::as_str)
            .collect(),
    });
    let envelope = Envelope {
        jsonrpc: "2.0",
        id,
        result: None,
        error: Some(Fault {
            code,
            message,
            data,
        }),
    };
    json(status, serde_json::to_vec(&envelope).unwrap_or_default())
}
