//! HTTP: REST and MCP turned into calls, and answers into responses.
//!
//! Translates and decides nothing: who may call what, and what is recorded, is the gateway's
//! business. One route table, one list of layers, fixed texts for everything that is refused.
//! Promises that no byte of a request is repeated in a refusal (I8, I10), that a body is strict
//! JSON before anything reads it, and that a request to a known path that is of no form at all
//! still reaches the gateway, to be authenticated and recorded (I1).
//! Leaves connections and TLS to the accept loop.

use crate::gateway::Gateway;
use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use http::uri::Authority;
use std::sync::Arc;
use std::time::Duration;
use table::Table;
use tower_http::catch_panic::CatchPanicLayer;

mod asked;
mod health;
pub mod json;
mod layers;
mod ledger;
mod mcp;
mod me;
mod officer;
pub mod openapi;
mod outcome;
mod problem;
pub mod rejection;
mod rest;
pub mod serve;
mod table;
pub mod tls;

pub use health::health_router;

/// What the interfaces are told.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Our URL as clients write it, without a trailing slash: the audience of tokens.
    pub public_url: String,
    /// Hosts that may stand in `Host`, with or without a port; that of `public_url` always may.
    pub allowed_hosts: Vec<String>,
    /// Browser origins that may call; none by default.
    pub allowed_origins: Vec<String>,
    /// Who issues tokens for us, for the protected resource metadata.
    pub authorization_servers: Vec<String>,
    /// The `acr` values that satisfy a step-up, for its challenge.
    pub acr_values: Vec<String>,
    /// Longest body, bytes.
    pub body_limit: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long an answer may take, body included.
    pub request_timeout: Duration,
}

impl HttpSettings {
    /// Settings for `public_url`, and defaults.
    pub fn new(public_url: &str) -> Self {
        Self {
            public_url: public_url.to_owned(),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            authorization_servers: Vec::new(),
            acr_values: Vec::new(),
            body_limit: 262_144,
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
        }
    }

    /// Every host that may stand in `Host`.
    fn hosts(&self) -> Vec<String> {
        let mut hosts = self.allowed_hosts.clone();
        let public: Option<http::Uri> = self.public_url.parse().ok();
        hosts.extend(public.and_then(|url| Some(url.authority()?.as_str().to_owned())));
        hosts
    }

    /// Where the protected resource metadata is: the well-known part stands before the path
    /// (RFC 9728 §3.1).
    fn metadata_url(&self) -> String {
        let url = &self.public_url;
        let host_from = url.find("://").map_or(0, |at| at + 3);
        let (scheme, rest) = url.split_at_checked(host_from).unwrap_or(("", url));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let slash = if path.is_empty() { "" } else { "/" };
        format!("{scheme}{host}{METADATA_PATH}{slash}{path}")
    }
}

const METADATA_PATH: &str = "/.well-known/oauth-protected-resource";

/// What every route can reach.
#[derive(Clone)]
struct Site {
    gateway: Arc<Gateway>,
    settings: Arc<HttpSettings>,
    mcp: Arc<mcp::Service>,
    hosts: Arc<[Authority]>,
    document: Arc<openapi::Served>,
}

/// Everything agents, officers, customers and the public reach.
pub fn router(gateway: Arc<Gateway>, settings: HttpSettings) -> Router {
    let (table, site) = served(gateway, settings);
    let settings = Arc::clone(&site.settings);
    // Read from the bottom: the last layer is the outermost.
    let router = table.into_router();
    router
        .method_not_allowed_fallback(layers::method)
        .fallback(layers::no_route)
        .layer(from_fn_with_state(site.clone(), layers::host))
        .layer(axum::middleware::from_fn(layers::bounds))
        .layer(CatchPanicLayer::custom(move |_cause| {
            layers::panicked(&settings)
        }))
        .layer(axum::middleware::from_fn(layers::finish))
        .layer(axum::middleware::from_fn(layers::measure))
        .with_state(site)
}

/// The table of routes, and what they can reach.
fn served(gateway: Arc<Gateway>, settings: HttpSettings) -> (Table, Site) {
    let mut site = Site {
        mcp: Arc::new(mcp::service(Arc::clone(&gateway), &settings)),
        hosts: settings
            .hosts()
            .iter()
            .flat_map(|host| host.parse())
            .collect(),
        gateway,
        settings: Arc::new(settings),
        document: Arc::default(),
    };
    let table = routes(&site);
    let url = &site.settings.public_url;
    site.document = Arc::new(openapi::Served::new(url, table.paths()));
    (table, site)
}

/// The table of routes.
fn routes(site: &Site) -> Table {
    let called = Table::new()
        .route("/v1/conversations", post(rest::conversation::open))
        .route(
            "/v1/conversations/{id}/turns",
            post(rest::conversation::turn),
        )
        .route(
            "/v1/conversations/{id}/close",
            post(rest::conversation::close),
        )
        .route("/v1/operations", get(rest::operation::list))
        .route("/v1/operations/{name}", post(rest::operation::call))
        .route("/mcp", post(mcp::answer))
        .route("/v1/records/{which}", get(officer::record::read))
        .route("/v1/switches", get(officer::switch::list))
        .route(
            "/v1/switches/{target}",
            get(officer::switch::read)
                .put(officer::switch::put)
                .delete(officer::switch::resume),
        )
        .route(
            "/v1/exports",
            get(officer::export::list).post(officer::export::ask),
        )
        .route("/v1/exports/{id}/approve", post(officer::export::approve))
        .route(
            "/v1/erasures",
            get(officer::erasure::list).post(officer::erasure::file),
        )
        .route("/v1/me/lookups", get(me::lookups))
        .route("/v1/me/erasures", post(me::erase))
        .route("/v1/me/erasures/{id}", get(me::erasure))
        .layer(from_fn_with_state(site.clone(), layers::deadline));
    // These take as long as the ledger is large, and go on without their client.
    let patient = Table::new()
        .route("/v1/exports/{id}/bundle", get(officer::export::bundle))
        .route("/v1/erasures/{id}/approve", post(officer::erasure::approve));
    let called = called
        .merge(patient)
        .route_layer(from_fn_with_state(site.clone(), layers::origin));
    let public = Table::new()
        .route(openapi::PATH, get(openapi::read))
        .route("/v1/ledger/checkpoint", get(ledger::checkpoint))
        .route("/v1/ledger/key", get(ledger::key))
        .route("/v1/ledger/tile/{level}/{*index}", get(ledger::tile))
        .route(METADATA_PATH, get(ledger::metadata))
        .layer(from_fn_with_state(site.clone(), layers::deadline));
    called.merge(public)
}

#[cfg(test)]
mod tests;
