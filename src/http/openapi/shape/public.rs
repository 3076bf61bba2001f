//! What anybody is answered.

use super::Id;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

/// Where to get a token for this service (RFC 9728 §2).
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Resource {
    resource: String,
    resource_name: String,
    authorization_servers: Vec<String>,
    bearer_methods_supported: Vec<String>,
    #[schema(nullable = false)]
    scopes_supported: Option<Vec<String>>,
    #[schema(nullable = false)]
    jwks_uri: Option<String>,
}

/// How tokens are exchanged here (RFC 8414 §2).
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Server {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<String>,
    response_types_supported: Vec<String>,
    grant_types_supported: Vec<String>,
    token_endpoint_auth_methods_supported: Vec<String>,
    token_endpoint_auth_signing_alg_values_supported: Vec<String>,
}

/// Public keys (RFC 7517).
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Keys {
    #[schema(value_type = Vec<Object>)]
    keys: Vec<serde_json::Value>,
}

/// What is exchanged (RFC 8693 §2.1), and how the agent proves itself (RFC 7523 §2.2, or with an
/// actor token). Each parameter is there once.
#[derive(ToSchema)]
pub(in crate::http) struct TokenForm {
    #[schema(example = "urn:ietf:params:oauth:grant-type:token-exchange")]
    grant_type: String,
    /// The customer's token.
    subject_token: String,
    #[schema(example = "urn:ietf:params:oauth:token-type:access_token")]
    subject_token_type: String,
    #[schema(nullable = false)]
    actor_token: Option<String>,
    #[schema(nullable = false)]
    actor_token_type: Option<String>,
    #[schema(nullable = false)]
    requested_token_type: Option<String>,
    #[schema(nullable = false)]
    scope: Option<String>,
    #[schema(nullable = false)]
    resource: Option<String>,
    #[schema(nullable = false)]
    audience: Option<String>,
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(nullable = false)]
    client_assertion: Option<String>,
    #[schema(nullable = false)]
    client_assertion_type: Option<String>,
}

/// A token for this service (RFC 8693 §2.2.1).
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Issued {
    access_token: String,
    issued_token_type: String,
    token_type: String,
    /// Seconds.
    expires_in: u32,
    scope: String,
    record: Id,
}

/// Why there is no token (RFC 6749 §5.2).
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NoToken {
    error: String,
    error_description: String,
    #[schema(nullable = false)]
    record: Option<Id>,
}

/// What the token endpoint refuses with.
pub(in crate::http) struct NotIssued;

impl IntoResponses for NotIssued {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let of = |(status, description): (u16, &str)| {
            let schema = Ref::from_schema_name(NoToken::name());
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/json", content);
            (status.to_string(), RefOr::T(response.build()))
        };
        let all = [
            (400, "The request is not one that can be granted."),
            (401, "The agent did not prove itself."),
            (408, "The body did not arrive in time."),
            (413, "The body is too large."),
            (429, "Too many requests."),
            (500, "An error on our side."),
            (
                503,
                "The record could not be written, so there is no token.",
            ),
        ];
        all.into_iter().map(of).collect()
    }
}
