//! MCP at `POST /mcp`: protocol 2026-07-28, and 2025-11-25 with its handshake, without sessions.
//!
//! The library speaks the protocol; this layer stands around it. It reads the message strictly
//! before the library does, refuses headers that name something else than the body, authenticates
//! whatever is not a tool call, and puts its own fixed texts in place of the library's.
//! Promises that every tool call, however malformed, reaches the gateway and is recorded (I1), and
//! that `content` and `structuredContent` are the same bytes, so that neither is a way round
//! redaction.

use super::asked::Asked;
use super::rest::json;
use super::{HttpSettings, Site, problem};
use crate::gateway::{Answer, Call, Gateway, Interface, Malformed, Refusal};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http_body_util::Full;
use message::Message;
use passage::Passage;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use server::Server;
use std::sync::Arc;

mod message;
mod passage;
mod reply;
mod server;

/// The library's service. It keeps no state between requests.
pub(super) type Service = StreamableHttpService<Server, NeverSessionManager>;

/// Builds the library's service.
pub(super) fn service(gateway: Arc<Gateway>, settings: &HttpSettings) -> Service {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        .with_sse_retry(None)
        .with_max_request_body_bytes(settings.body_limit)
        .with_allowed_hosts(settings.hosts())
        .with_allowed_origins(settings.allowed_origins.clone())
        .enforce_origin_validation();
    let server = Server::new(gateway);
    StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    )
}

/// `POST /mcp`.
pub(super) async fn answer(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let message = match asked.json::<Message<'_>>().and_then(Message::checked) {
        Ok(message) => message,
        Err(why) => return unreadable(&site, &asked, why).await,
    };
    match message.tool() {
        Some(tool) => call(&site, &asked, &message, tool).await,
        None => speak(&site, &asked, &message).await,
    }
}

/// A tool call.
async fn call(site: &Site, asked: &Asked, message: &Message<'_>, tool: &str) -> Response {
    let mut call = blank(asked, operation(&site.gateway, tool));
    if message.contradicts(&asked.parts.headers) {
        call.arguments = Err(Malformed::Header);
        let answer = site.gateway.handle(call).await;
        let mismatch = reply::error(message.id(), reply::HEADER_MISMATCH);
        return unless_malformed(site, asked, &answer, mismatch);
    }
    let Some(meta) = message.meta().filter(|_| message.has_arguments()) else {
        call.arguments = Err(Malformed::Body);
        let answer = site.gateway.handle(call).await;
        let invalid = reply::error(message.id(), reply::INVALID_PARAMS);
        return unless_malformed(site, asked, &answer, invalid);
    };
    call.purpose = meta.purpose;
    call.conversation = meta.conversation;
    call.idempotency_key = meta.idempotency_key;
    let passage = Arc::new(Passage::call(call));
    let spoken = speak_through(site, asked, &passage).await;
    if let Some(answer) = passage.answer() {
        return reply::to_call(site, asked, answer, &spoken);
    }
    // The library refused it before it became a call; then it becomes one here.
    match passage.take_call() {
        Some(mut call) => {
            call.arguments = Err(Malformed::Header);
            let answer = site.gateway.handle(call).await;
            unless_malformed(site, asked, &answer, reply::to_other(asked, spoken))
        }
        None => asked.refuse(&site.settings, &Refusal::Internal.into(), None),
    }
}

/// Everything but a tool call: handshake, discovery, lists, notifications.
async fn speak(site: &Site, asked: &Asked, message: &Message<'_>) -> Response {
    let listed = match site.gateway.operations(asked.bearer.as_deref()) {
        Ok(listed) => listed,
        Err(refusal) => return asked.refuse(&site.settings, &refusal.into(), None),
    };
    if message.contradicts(&asked.parts.headers) {
        return reply::error(message.id(), reply::HEADER_MISMATCH);
    }
    let passage = Arc::new(Passage::list(listed));
    let spoken = speak_through(site, asked, &passage).await;
    reply::to_other(asked, spoken)
}

/// A body that is no message: what it asks is not known, and it is a call all the same.
async fn unreadable(site: &Site, asked: &Asked, why: Malformed) -> Response {
    let mut call = blank(asked, String::new());
    call.arguments = Err(why);
    let answer = site.gateway.handle(call).await;
    match answer.outcome() {
        Err(refused) => asked.refuse_answer(&site.settings, &answer, refused),
        Ok(_) => asked.refuse_answer(&site.settings, &answer, &Refusal::Internal.into()),
    }
}

fn unless_malformed(site: &Site, asked: &Asked, answer: &Answer, malformed: Response) -> Response {
    match answer.outcome() {
        Err(refused) if refused.refusal == Refusal::Malformed => malformed,
        Err(refused) => asked.refuse_answer(&site.settings, answer, refused),
        Ok(_) => asked.refuse_answer(&site.settings, answer, &Refusal::Internal.into()),
    }
}

fn blank(asked: &Asked, operation: String) -> Call {
    Call {
        interface: Interface::Mcp,
        bearer: asked.bearer.clone(),
        operation,
        arguments: Err(Malformed::Body),
        expect: None,
        purpose: None,
        conversation: None,
        idempotency_key: None,
        language: asked.language,
    }
}

/// The operation behind a tool; for a tool that is not there a name that no operation can have,
/// so that it is denied and recorded as it was asked.
fn operation(gateway: &Gateway, tool: &str) -> String {
    gateway
        .operation_of_tool(tool)
        .unwrap_or_else(|| format!("tool:{tool}"))
}

/// What the library answered: status and JSON, or no JSON.
struct Spoken {
    status: StatusCode,
    json: Option<Bytes>,
}

async fn speak_through(site: &Site, asked: &Asked, passage: &Arc<Passage>) -> Spoken {
    let mut parts = asked.parts.clone();
    // The library may log what it is given.
    parts.headers.remove(AUTHORIZATION);
    parts.extensions.insert(Arc::clone(passage));
    let body = asked.bytes().cloned().unwrap_or_default();
    let request = Request::from_parts(parts, Full::new(body));
    reply::gather(site.mcp.handle(request).await).await
}

#[cfg(test)]
mod tests;
