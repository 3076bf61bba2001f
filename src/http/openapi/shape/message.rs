//! JSON-RPC messages, as far as they are ours. The protocol's own specification says the rest.

use crate::http::problem::Problem;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

/// A message of MCP 2026-07-28 or 2025-11-25. With `tools/call`, `params._meta` may hold
/// `tidewaiter/purpose`, `tidewaiter/conversation` and `tidewaiter/idempotency-key`.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = McpMessage, examples(
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "withdrawals_list", "arguments": {}}}),
))]
pub(in crate::http) struct Message {
    jsonrpc: Version,
    id: Option<MessageId>,
    #[schema(example = "tools/list")]
    method: String,
    #[schema(value_type = Option<Object>)]
    params: Option<serde_json::Value>,
}

/// The version of JSON-RPC.
#[derive(ToSchema)]
#[schema(as = JsonRpcVersion)]
pub(in crate::http) enum Version {
    #[serde(rename = "2.0")]
    Two,
}

/// A request's id.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = McpId)]
pub(in crate::http) enum MessageId {
    #[schema(title = "number")]
    Number(i64),
    #[schema(title = "text")]
    Text(String),
}

/// An answer: a result, or an error with a fixed text.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = McpAnswer)]
pub(in crate::http) struct Spoken {
    jsonrpc: Version,
    #[schema(nullable = false)]
    id: Option<MessageId>,
    /// For a tool: `content` and `structuredContent` are the same document as over REST, and a
    /// refusal is `isError` with `code` and `say`.
    #[schema(value_type = Option<Object>, nullable = false)]
    result: Option<serde_json::Value>,
    #[schema(nullable = false)]
    error: Option<Fault>,
}

/// Why there is no result.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = McpError)]
pub(in crate::http) struct Fault {
    code: i32,
    message: String,
    /// The versions that are served, if another was asked for.
    #[schema(value_type = Option<Object>, nullable = false)]
    data: Option<serde_json::Value>,
}

/// What refuses a message: the protocol, with an error, or the gateway, with a problem document.
pub(in crate::http) struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let spoken = Ref::from_schema_name(Spoken::name());
        let spoken = ContentBuilder::new().schema(Some(spoken)).build();
        let problem = Ref::from_schema_name(Problem::name());
        let problem = ContentBuilder::new().schema(Some(problem)).build();
        let response = |description| {
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/json", spoken.clone())
                .content("application/problem+json", problem.clone());
            RefOr::T(response.build())
        };
        let fault = response("Not a message that can be answered.");
        let internal = response("An error on our side.");
        BTreeMap::from([("400".to_owned(), fault), ("500".to_owned(), internal)])
    }
}
