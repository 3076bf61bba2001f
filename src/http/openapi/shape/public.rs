//! What anybody is answered.

use utoipa::ToSchema;

/// Where to get a token for this service (RFC 9728 §2).
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Resource {
    resource: String,
    resource_name: String,
    authorization_servers: Vec<String>,
    bearer_methods_supported: Vec<String>,
}
