//! OAuth as far as we take part in it: metadata of the resource (RFC 9728), and, where tokens are
//! exchanged, the token endpoint (RFC 8693), its metadata (RFC 8414) and its keys (RFC 7517).
//!
//! Promises that nothing of a request is repeated (I10), and that no answer of the token endpoint
//! may be kept by anybody.
//! Leaves who gets a token to [`crate::gateway`].

use super::rest::{Named, json, name_of};
use super::{HttpSettings, Site, layers};
use crate::gateway::exchange::{Issued, NoToken, NotIssued};
use crate::identity::scope;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{CONNECTION, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

mod form;

use form::Unfit;

pub(super) const RESOURCE: &str = "/.well-known/oauth-protected-resource";
pub(super) const SERVER: &str = "/.well-known/oauth-authorization-server";
pub(super) const TOKEN: &str = crate::identity::TOKEN_ENDPOINT;
pub(super) const JWKS: &str = "/oauth/jwks";
/// Where MCP is, below our URL: a resource of its own to its clients.
pub(super) const MCP: &str = "/mcp";

/// What scopes there are; topics are nobody's business who has no token.
pub(super) const SCOPES: [&str; 2] = [scope::READ, scope::WRITE];

impl HttpSettings {
    /// Where metadata about `mount` below our URL is: the well-known part stands before the path
    /// (RFC 9728 §3.1, RFC 8414 §3.1).
    pub(super) fn well_known(&self, word: &str, mount: &str) -> String {
        let (origin, path) = self.origin_and_path();
        let slash = if path.is_empty() { "" } else { "/" };
        format!("{origin}{word}{slash}{path}{mount}")
    }

    /// Our URL's scheme and host, and its path without the slash before it.
    fn origin_and_path(&self) -> (&str, &str) {
        let url = &self.public_url;
        let host_from = url.find("://").map_or(0, |at| at + 3);
        let slash = url.get(host_from..).and_then(|rest| rest.find('/'));
        let Some(at) = slash.map(|at| host_from + at) else {
            return (url, "");
        };
        let (origin, path) = url.split_at_checked(at).unwrap_or((url, ""));
        (origin, path.trim_start_matches('/'))
    }

    /// What the rest of a well-known path is about: us, or MCP.
    fn mount_of(&self, rest: &str) -> Option<&'static str> {
        let (_, path) = self.origin_and_path();
        if rest.is_empty() || rest == path {
            return Some("");
        }
        let is_mcp = rest == "mcp" || rest.strip_suffix(MCP) == Some(path);
        is_mcp.then_some(MCP)
    }
}

/// `GET /.well-known/oauth-protected-resource` (RFC 9728 §2).
pub(super) async fn resource(State(site): State<Site>) -> Response {
    about_resource(&site, "")
}

/// The same below it, with the resource's own path.
pub(super) async fn resource_at(
    State(site): State<Site>,
    rest: Named,
    headers: HeaderMap,
) -> Response {
    match site.settings.mount_of(&name_of(rest)) {
        Some(mount) => about_resource(&site, mount),
        None => layers::no_route(headers).await,
    }
}

fn about_resource(site: &Site, mount: &str) -> Response {
    let settings = &site.settings;
    let mut view = Map::new();
    let mut put = |name: &str, value: Value| view.insert(name.to_owned(), value);
    let url = &settings.public_url;
    put("resource", format!("{url}{mount}").into());
    put("resource_name", "Tidewaiter".into());
    put(
        "authorization_servers",
        settings.authorization_servers.as_slice().into(),
    );
    put("bearer_methods_supported", json!(["header"]));
    if settings.scopes {
        put("scopes_supported", json!(SCOPES));
    }
    if site.gateway.exchange_jwks().is_some() {
        put("jwks_uri", format!("{url}{JWKS}").into());
    }
    json(StatusCode::OK, Value::Object(view).to_string())
}

/// `GET /.well-known/oauth-authorization-server` (RFC 8414 §2).
pub(super) async fn server(State(site): State<Site>) -> Response {
    let url = &site.settings.public_url;
    let view = json!({
        "issuer": url,
        "token_endpoint": format!("{url}{TOKEN}"),
        "jwks_uri": format!("{url}{JWKS}"),
        "scopes_supported": SCOPES,
        "response_types_supported": [],
        "grant_types_supported": ["urn:ietf:params:oauth:grant-type:token-exchange"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["EdDSA", "ES256", "RS256"],
    });
    json(StatusCode::OK, view.to_string())
}

/// The same below it, with our own path.
pub(super) async fn server_at(
    State(site): State<Site>,
    rest: Named,
    headers: HeaderMap,
) -> Response {
    match site.settings.mount_of(&name_of(rest)) {
        Some("") => server(State(site)).await,
        Some(_) | None => layers::no_route(headers).await,
    }
}

/// `GET /oauth/jwks`: the keys our tokens are signed with.
pub(super) async fn jwks(State(site): State<Site>, headers: HeaderMap) -> Response {
    match site.gateway.exchange_jwks() {
        Some(keys) => json(StatusCode::OK, keys),
        None => layers::no_route(headers).await,
    }
}

/// `POST /oauth/token`.
pub(super) async fn token(State(site): State<Site>, request: Request) -> Response {
    let url = &site.settings.public_url;
    let targets: Arc<[String]> = Arc::new([url.clone(), format!("{url}{MCP}")]);
    let scheme = form::scheme(request.headers());
    let answer = match form::read(request, &site.settings).await {
        Ok(request) => site.gateway.exchange(request, targets).await,
        Err(unfit) => {
            site.gateway.count_malformed();
            return refused_unread(unfit);
        }
    };
    match answer {
        Ok(issued) => handed_over(&issued),
        Err(no) => refused(&no, scheme),
    }
}

/// RFC 8693 §2.2.1.
fn handed_over(issued: &Issued) -> Response {
    let minted = issued.minted();
    let view = json!({
        "access_token": minted.token,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": minted.expires_in_s,
        "scope": minted.scope,
        "record": issued.record(),
    });
    no_cache(json(StatusCode::OK, view.to_string()))
}

/// RFC 6749 §5.2.
fn refused(no: &NoToken, scheme: &'static str) -> Response {
    let (_, status, _) = no.why.row();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, document(no));
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    }
    let wait = match no.why {
        NotIssued::OverQuota => Some("1"),
        NotIssued::Unrecorded => Some("5"),
        NotIssued::Malformed
        | NotIssued::Subject
        | NotIssued::Client
        | NotIssued::Unauthorized
        | NotIssued::GrantType
        | NotIssued::Scope
        | NotIssued::Target
        | NotIssued::Internal => None,
    };
    if let Some(seconds) = wait {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    no_cache(response)
}

/// A body nobody could read: who sent it is not known.
fn refused_unread(unfit: Unfit) -> Response {
    let status = match unfit {
        Unfit::Form => StatusCode::BAD_REQUEST,
        Unfit::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Unfit::Slow => StatusCode::REQUEST_TIMEOUT,
    };
    let mut response = json(status, document(&NotIssued::Malformed.into()));
    if unfit == Unfit::Slow {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    no_cache(response)
}

fn document(no: &NoToken) -> String {
    let (error, _, description) = no.why.row();
    let mut view = json!({ "error": error, "error_description": description });
    if let (Some(record), Some(view)) = (&no.record, view.as_object_mut()) {
        view.insert("record".to_owned(), record.as_str().into());
    }
    view.to_string()
}

fn no_cache(mut response: Response) -> Response {
    let no_cache = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(PRAGMA, no_cache);
    response
}

#[cfg(test)]
mod tests;
