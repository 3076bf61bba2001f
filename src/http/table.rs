//! The table of routes: a router that remembers which paths it was given.
//!
//! A router cannot be asked what it serves. This one can, so that the published document names
//! what is there and nothing else.

use super::Site;
use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, Route};
use std::collections::BTreeSet;
use std::convert::Infallible;
use tower::{Layer, Service};

/// Routes, and their paths.
pub(super) struct Table {
    router: Router<Site>,
    paths: BTreeSet<String>,
}

impl Table {
    /// Without routes.
    pub(super) fn new() -> Self {
        Self {
            router: Router::new(),
            paths: BTreeSet::new(),
        }
    }

    /// With one path more.
    pub(super) fn route(mut self, path: &str, methods: MethodRouter<Site>) -> Self {
        self.paths.insert(path.to_owned());
        self.router = self.router.route(path, methods);
        self
    }

    /// With all of another's.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        self.router = self.router.merge(other.router);
        self
    }

    /// With a layer around what is there.
    pub(super) fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error: Into<Infallible>, Response: IntoResponse, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        self.router = self.router.layer(layer);
        self
    }

    /// With a layer around what is there, and not around what is not.
    pub(super) fn route_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error: Into<Infallible>, Response: IntoResponse, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        self.router = self.router.route_layer(layer);
        self
    }

    /// The paths as they are served.
    pub(super) fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }

    /// The router.
    pub(super) fn into_router(self) -> Router<Site> {
        self.router
    }
}
