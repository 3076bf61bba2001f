//! Layers around every route: they measure, bound and label, and decide nothing.

use super::asked::{language, single};
use super::problem::{self, Asker};
use super::rejection::Rejection;
use super::{HttpSettings, Request, Response, Site};
use crate::gateway::strangers::with_peer;
use crate::gateway::{Language, Refusal};
use crate::quota::meter::Meter;
use crate::telemetry::metric;
use axum::extract::ConnectInfo;
use axum::extract::{MatchedPath, State};
use axum::middleware::Next;
use http::header::{CACHE_CONTROL, HOST, ORIGIN, X_CONTENT_TYPE_OPTIONS};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};
use std::net::SocketAddr;
use std::time::Instant;

/// Longest path with its query, bytes.
const URI_MAX: usize = 2_048;
/// Largest headers, names and values, bytes.
const HEADERS_MAX: usize = 24_576;

/// Counts and times what every route answers.
pub(super) async fn measure(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let from = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|from| from.0.ip());
    let response = with_peer(from, next.run(request)).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!(metric::HTTP_REQUESTS, "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!(metric::HTTP_SECONDS, "route" => route)
        .record(began.elapsed().as_secs_f64());
    response
}

/// Says on the answer what is left of the caller's quotas.
pub(super) async fn quotas(request: Request, next: Next) -> Response {
    let meter = Meter::default();
    let mut response = meter.clone().measure(next.run(request)).await;
    meter.write(response.headers_mut());
    response
}

/// Nothing that leaves is kept by anybody on the way, or taken for what it does not say it is.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What a panic becomes.
pub(super) fn panicked(settings: &HttpSettings) -> Response {
    let asker = Asker {
        language: Language::En,
        credentials: false,
        mount: "",
        settings,
    };
    problem::refused(asker, &Refusal::Internal.into(), None)
}

/// Bounds path and headers.
pub(super) async fn bounds(request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query();
    if path.is_some_and(|path| path.as_str().len() > URI_MAX) {
        return reject(Rejection::UriTooLong, request.headers());
    }
    let headers = request.headers().iter();
    let size: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if size > HEADERS_MAX {
        return reject(Rejection::HeadersTooLarge, request.headers());
    }
    next.run(request).await
}

/// Refuses hosts that are not ours: a page elsewhere whose name was made to resolve to us is a
/// stranger.
pub(super) async fn host(State(site): State<Site>, request: Request, next: Next) -> Response {
    if is_our_host(request.uri(), request.headers(), &site.hosts) {
        return next.run(request).await;
    }
    reject(Rejection::Host, request.headers())
}

fn is_our_host(uri: &Uri, headers: &HeaderMap, ours: &[Authority]) -> bool {
    let Ok(header) = single(headers, HOST) else {
        return false;
    };
    let named = uri.authority().map(Authority::as_str);
    // Where a request has both, both must be ours.
    let mut hosts = header.into_iter().chain(named).peekable();
    hosts.peek().is_some() && hosts.all(|host| ours.iter().any(|own| is_same_host(own, host)))
}

/// An entry without a port stands for every port.
fn is_same_host(own: &Authority, host: &str) -> bool {
    let Ok(host) = host.parse::<Authority>() else {
        return false;
    };
    own.host().eq_ignore_ascii_case(host.host())
        && (own.port_u16().is_none() || own.port_u16() == host.port_u16())
        && !host.as_str().contains('@')
}

/// Refuses browsers' requests from pages that may not call.
pub(super) async fn origin(State(site): State<Site>, request: Request, next: Next) -> Response {
    let allowed = match single(request.headers(), ORIGIN) {
        Ok(None) => true,
        Ok(Some(origin)) => {
            let mut origins = site.settings.allowed_origins.iter();
            origins.any(|allowed| allowed.eq_ignore_ascii_case(origin))
        }
        Err(_) => false,
    };
    if allowed {
        return next.run(request).await;
    }
    reject(Rejection::Origin, request.headers())
}

/// Bounds the time of an answer. A call that has begun goes on without its connection and is
/// recorded as it ends.
pub(super) async fn deadline(State(site): State<Site>, request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let answer = tokio::time::timeout(site.settings.request_timeout, next.run(request));
    match answer.await {
        Ok(response) => response,
        Err(_elapsed) => problem::rejected(Rejection::Elapsed, language, None),
    }
}

/// A path that is not ours.
pub(super) async fn no_route(headers: HeaderMap) -> Response {
    reject(Rejection::NoRoute, &headers)
}

/// A method that the path does not know.
pub(super) async fn method(headers: HeaderMap) -> Response {
    reject(Rejection::Method, &headers)
}

fn reject(rejection: Rejection, headers: &HeaderMap) -> Response {
    problem::rejected(rejection, language(headers), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_hosts_are_ours() {
        let ours = ["tide.example", "127.0.0.1:8443"].map(|host| host.parse().unwrap());
        let is = |uri: &str, host: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(host) = host {
                headers.insert(HOST, HeaderValue::from_static(host));
            }
            is_our_host(&uri.parse().unwrap(), &headers, &ours)
        };
        assert!(is("/", Some("tide.example")));
        assert!(is("/", Some("Tide.Example:444")));
        assert!(is("https://tide.example/", None));
        assert!(is("/", Some("127.0.0.1:8443")));
        assert!(!is("/", Some("127.0.0.1:8444")));
        assert!(!is("/", Some("127.0.0.1")));
        assert!(!is("/", None));
        assert!(!is("/", Some("evil.example")));
        assert!(!is("/", Some("tide.example.evil.example")));
        assert!(!is("/", Some("evil@tide.example")));
        assert!(!is("https://tide.example/", Some("evil.example")));
        assert!(!is("https://evil.example/", Some("tide.example")));
    }
}
