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
use axum::routing::{delete, get, post};
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
mod oauth;
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
    /// Whether tokens may be limited by scopes.
    pub scopes: bool,
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
            scopes: false,
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
}

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
    let exchanges = gateway.exchange_jwks().is_some();
    let (table, site) = served(gateway, settings, exchanges);
    dressed(table, site)
}

/// The routes with every layer around them.
fn dressed(table: Table, site: Site) -> Router {
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

/// The table of routes, and what they can reach; with a token endpoint if tokens are exchanged.
fn served(gateway: Arc<Gateway>, settings: HttpSettings, exchanges: bool) -> (Table, Site) {
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
    let table = routes(&site, exchanges);
    let url = &site.settings.public_url;
    site.document = Arc::new(openapi::Served::new(url, table.paths()));
    (table, site)
}

/// The table of routes.
fn routes(site: &Site, exchanges: bool) -> Table {
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
        .route(
            "/v1/conversations/{id}/attach",
            post(rest::conversation::attach),
        )
        .route("/v1/conversations/{id}/reveal", post(me::reveal))
        .route("/v1/operations", get(rest::operation::list))
        .route("/v1/operations/{name}", post(rest::operation::call))
        .route("/mcp", post(mcp::answer))
        .merge(of_officers())
        .route("/v1/me/lookups", get(me::lookups))
        .route("/v1/me/data", get(me::data))
        .route("/v1/me/portable", get(me::portable))
        .route("/v1/me/erasures", post(me::erase))
        .route(
            "/v1/me/erasures/{id}",
            get(me::erasure).delete(me::withdraw),
        )
        .layer(from_fn_with_state(site.clone(), layers::deadline));
    // These take as long as the ledger is large, and go on without their client.
    let patient = Table::new()
        .route("/v1/exports/{id}/bundle", get(officer::export::bundle))
        .route("/v1/erasures/{id}/approve", post(officer::erasure::approve))
        .route("/v1/holds/{id}/release", post(officer::hold::release));
    let called = called
        .merge(patient)
        .route_layer(axum::middleware::from_fn(layers::quotas))
        .route_layer(from_fn_with_state(site.clone(), layers::origin));
    let public = Table::new()
        .route(openapi::PATH, get(openapi::read))
        .route("/v1/ledger/checkpoint", get(ledger::checkpoint))
        .route("/v1/ledger/key", get(ledger::key))
        .route("/v1/ledger/tile/{level}/{*index}", get(ledger::tile))
        .merge(oauth_routes(site, exchanges))
        .layer(from_fn_with_state(site.clone(), layers::deadline));
    called.merge(public)
}

/// What officers ask that is answered at once.
fn of_officers() -> Table {
    Table::new()
        .route("/v1/conversations/{id}", get(officer::conversation::read))
        .route("/v1/records", get(officer::record::search))
        .route("/v1/records/{which}", get(officer::record::read))
        .route("/v1/figures", get(officer::overview::figures))
        .route("/v1/policy", get(officer::overview::policy))
        .route(
            "/v1/assignments",
            get(officer::assignment::list).post(officer::assignment::make),
        )
        .route("/v1/assignments/{id}", delete(officer::assignment::end))
        .route(
            "/v1/holds",
            get(officer::hold::list).post(officer::hold::place),
        )
        .route("/v1/holds/{id}", get(officer::hold::read))
        .route("/v1/holds/{id}/records", get(officer::hold::kept))
        .route("/v1/switches", get(officer::switch::list))
        .route(
            "/v1/switches/{target}",
            get(officer::switch::read)
                .put(officer::switch::put)
                .delete(officer::switch::resume),
        )
        .route(
            "/v1/revocations",
            get(officer::revocation::list).post(officer::revocation::put),
        )
        .route("/v1/revocations/{id}", delete(officer::revocation::lift))
        .route(
            "/v1/exports",
            get(officer::export::list).post(officer::export::ask),
        )
        .route("/v1/exports/{id}", get(officer::export::show))
        .route("/v1/exports/{id}/approve", post(officer::export::approve))
        .route("/v1/exports/{id}/refuse", post(officer::export::refuse))
        .route(
            "/v1/erasures",
            get(officer::erasure::list).post(officer::erasure::file),
        )
        .route("/v1/erasures/{id}", get(officer::erasure::show))
        .route("/v1/erasures/{id}/refuse", post(officer::erasure::refuse))
}

/// Metadata, and the token endpoint where tokens are exchanged.
fn oauth_routes(site: &Site, exchanges: bool) -> Table {
    let metadata = Table::new()
        .route(oauth::RESOURCE, get(oauth::resource))
        .route(&below(oauth::RESOURCE), get(oauth::resource_at));
    if !exchanges {
        return metadata;
    }
    let token = Table::new()
        .route(oauth::TOKEN, post(oauth::token))
        .route_layer(from_fn_with_state(site.clone(), layers::origin));
    metadata
        .merge(token)
        .route(oauth::JWKS, get(oauth::jwks))
        .route(oauth::SERVER, get(oauth::server))
        .route(&below(oauth::SERVER), get(oauth::server_at))
}

fn below(path: &str) -> String {
    format!("{path}/{{*rest}}")
}

#[cfg(test)]
mod tests;
