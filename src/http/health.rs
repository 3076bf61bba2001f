//! Health and metrics, on a listener of their own.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

/// `/healthz`: the process runs. `/readyz`: `ready` says that records can be written.
/// `/metrics`: what `metrics` renders, in Prometheus' text format.
pub fn health_router<R, F, M>(ready: R, metrics: M) -> Router
where
    R: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output = bool> + Send + 'static,
    M: Fn() -> String + Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route(
            "/readyz",
            get(move || {
                let ready = ready();
                async move { readiness(ready.await) }
            }),
        )
        .route(
            "/metrics",
            get(move || {
                let text = metrics();
                async move { prometheus(text) }
            }),
        )
}

fn readiness(ready: bool) -> Response {
    if ready {
        (StatusCode::OK, "ready\n").into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

fn prometheus(text: String) -> Response {
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(CONTENT_TYPE, format)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    #[tokio::test]
    async fn ready_is_what_the_ledger_says() {
        for (ready, status) in [(true, 200), (false, 503)] {
            let router = health_router(move || async move { ready }, || "a 1\n".to_owned());
            let request = |path: &str| Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request("/readyz")).await.unwrap();
            assert_eq!(response.status(), status);
            let response = router.clone().oneshot(request("/healthz")).await.unwrap();
            assert_eq!(response.status(), 200);
            let response = router.oneshot(request("/metrics")).await.unwrap();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, "a 1\n");
        }
    }
}
