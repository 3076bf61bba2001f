//! The router as strangers and agents meet it, in process and over a socket, before a whole
//! gateway with an exchange behind it.

use super::{HttpSettings, router};
use crate::clock::Clock;
use crate::demo::AGENT;
use crate::demo::data::Person;
use crate::demo::house::House;
use crate::telemetry::Metrics;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tidewaiter_audit::checkpoint::{Checkpoint, Note, VerifierKey};
use tidewaiter_audit::{Hash, tree};
use tower::ServiceExt;

mod agent;
mod client;
mod officer;

/// What no response may repeat.
const MARK: &str = "4bartered7";

static METRICS: LazyLock<Metrics> = LazyLock::new(|| Metrics::start().unwrap());

/// A router with settings of the test's own, before the demonstration's gateway.
struct Door {
    router: Router,
    house: House,
    _dir: tempfile::TempDir,
}

async fn door() -> Door {
    door_with(|_| ()).await
}

async fn door_with(change: impl FnOnce(&mut HttpSettings)) -> Door {
    let dir = tempfile::tempdir().unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let house = House::build(dir.path(), listen, 7, METRICS.clone())
        .await
        .unwrap();
    let mut settings = HttpSettings::new("https://tide.example");
    settings.allowed_origins = vec!["https://app.example".to_owned()];
    settings.body_limit = 4_096;
    change(&mut settings);
    Door {
        router: router(Arc::clone(&house.running.gateway), settings),
        house,
        _dir: dir,
    }
}

/// A response as far as tests look at it.
struct Seen {
    status: u16,
    code: String,
    body: String,
    response: Response<()>,
}

impl Door {
    async fn ask(&self, request: Request<Body>) -> Seen {
        seen(self.router.clone().oneshot(request).await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Seen {
        self.ask(ask(Method::GET, path, "")).await
    }
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

async fn seen(response: Response) -> Seen {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    let json: Value = serde_json::from_str(&body).unwrap_or_default();
    Seen {
        status: parts.status.as_u16(),
        code: json["code"].as_str().unwrap_or_default().to_owned(),
        body,
        response: Response::from_parts(parts, ()),
    }
}

fn ask(method: Method, path: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "tide.example")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().append(name, value.parse().unwrap());
    request
}

/// Every route that needs a token, with a body of its form.
const CALLS: [(&str, &str, &str); 7] = [
    ("GET", "/v1/operations", ""),
    (
        "POST",
        "/v1/conversations",
        r#"{"channel":"web","locale":"en","disclosure":{"version":"1","shown_at":"2026-11-22T10:00:00Z"}}"#,
    ),
    (
        "POST",
        "/v1/conversations/00112233445566778899aabbccddeeff/turns",
        r#"{"speaker":"customer","text":"hello"}"#,
    ),
    (
        "POST",
        "/v1/conversations/00112233445566778899aabbccddeeff/close",
        r#"{"outcome":"resolved","rating":5}"#,
    ),
    (
        "POST",
        "/v1/operations/withdrawals.status",
        r#"{"arguments":{}}"#,
    ),
    (
        "POST",
        "/mcp",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"withdrawals_status","arguments":{}}}"#,
    ),
    (
        "POST",
        "/mcp",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
    ),
];

#[tokio::test]
async fn strangers_are_challenged_on_every_route() {
    let door = door().await;
    for (method, path, body) in CALLS {
        let method: Method = method.parse().unwrap();
        let seen = door.ask(ask(method, path, body)).await;
        assert_eq!(seen.status, 401, "{path}: {}", seen.body);
        assert_eq!(seen.code, "unauthenticated");
        let headers = seen.response.headers();
        assert!(
            headers[WWW_AUTHENTICATE]
                .to_str()
                .unwrap()
                .starts_with("Bearer realm=")
        );
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(headers[CONTENT_TYPE], "application/problem+json");
    }
}

#[tokio::test]
async fn i1_what_is_of_no_form_reaches_the_gateway_before_it_is_refused() {
    let door = door().await;
    let large = format!("{{\"a\":\"{}\"}}", MARK.repeat(1_000));
    let deep = "[".repeat(40);
    let twice = format!("{{\"{MARK}\":1,\"{MARK}\":2}}");
    for (method, path, _) in CALLS.iter().filter(|(method, ..)| *method == "POST") {
        for body in ["", "{", MARK, "[]", &large, &deep, &twice, "{}{}"] {
            let method: Method = method.parse().unwrap();
            let seen = door.ask(ask(method, path, body)).await;
            assert_eq!(seen.code, "unauthenticated", "{path}: {body}");
            assert!(!seen.body.contains(MARK));
        }
        let mut typed = ask(Method::POST, path, "{}");
        typed
            .headers_mut()
            .insert(CONTENT_TYPE, "text/plain".parse().unwrap());
        assert_eq!(door.ask(typed).await.code, "unauthenticated", "{path}");
    }
}

#[tokio::test]
async fn what_http_refuses_is_fixed_and_repeats_nothing() {
    let door = door().await;
    for (request, status, code) in refused_by_http()
        .into_iter()
        .chain(refused_for_where_it_comes_from())
    {
        let what = format!("{} {}", request.method(), request.uri());
        let seen = door.ask(request).await;
        assert_eq!((seen.status, &*seen.code), (status, code), "{what}");
        assert!(!seen.body.contains(MARK), "{what}");
        assert_eq!(seen.response.headers()[CACHE_CONTROL], "no-store", "{what}");
        let allows = seen.response.headers().contains_key(ALLOW);
        assert!(status != 405 || allows, "{what}");
    }
    let allowed = ask(Method::POST, "/mcp", "{}");
    let allowed = with(allowed, "origin", "https://app.example");
    assert_eq!(door.ask(allowed).await.code, "unauthenticated");
}

fn refused_by_http() -> Vec<(Request<Body>, u16, &'static str)> {
    let get = |path: &str| ask(Method::GET, path, "");
    vec![
        (get(&format!("/{MARK}")), 404, "no_route"),
        (get("/"), 404, "no_route"),
        (get("/v1/"), 404, "no_route"),
        (get("/v1/operations/"), 404, "no_route"),
        (get("/healthz"), 404, "no_route"),
        (get("/metrics"), 404, "no_route"),
        (
            ask(Method::DELETE, "/v1/operations", MARK),
            405,
            "method_not_allowed",
        ),
        (get("/mcp"), 405, "method_not_allowed"),
        (ask(Method::DELETE, "/mcp", ""), 405, "method_not_allowed"),
        (
            ask(Method::OPTIONS, "/v1/conversations", ""),
            405,
            "method_not_allowed",
        ),
        (
            ask(Method::POST, "/v1/exports/7/bundle", ""),
            405,
            "method_not_allowed",
        ),
        (
            get(&format!("/v1/operations/{}", MARK.repeat(300))),
            414,
            "uri_too_long",
        ),
        (
            with(get("/v1/operations"), "x-big", &MARK.repeat(3_000)),
            431,
            "headers_too_large",
        ),
    ]
}

fn refused_for_where_it_comes_from() -> Vec<(Request<Body>, u16, &'static str)> {
    let get = |path: &str| ask(Method::GET, path, "");
    let post = || ask(Method::POST, "/mcp", "{}");
    let from = |origin: &str| with(post(), "origin", origin);
    let mut elsewhere = post();
    let host = format!("{MARK}.example");
    elsewhere
        .headers_mut()
        .insert("host", host.parse().unwrap());
    vec![
        (elsewhere, 421, "host"),
        (with(post(), "host", "tide.example"), 421, "host"),
        (from(&format!("https://{MARK}.example")), 403, "origin"),
        (from("null"), 403, "origin"),
        (from("https://app.example:444"), 403, "origin"),
        (
            with(get("/v1/operations"), "origin", "https://evil.example"),
            403,
            "origin",
        ),
        (
            with(
                get("/v1/exports/7/bundle"),
                "origin",
                "https://evil.example",
            ),
            403,
            "origin",
        ),
    ]
}

#[tokio::test]
async fn texts_are_in_the_language_asked_for() {
    let door = door().await;
    let request = with(
        ask(Method::GET, "/v1/operations", ""),
        "accept-language",
        "ru-RU,en;q=0.5",
    );
    assert!(door.ask(request).await.body.contains("Пожалуйста"));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let door = door_with(|settings| {
        settings.request_timeout = Duration::from_millis(50);
        settings.body_timeout = Duration::from_mins(1);
    })
    .await;
    let mut request = ask(Method::POST, "/mcp", "");
    *request.body_mut() = Body::new(Endless);
    assert_eq!(door.ask(request).await.code, "timeout");
}

/// A body of which nothing comes.
struct Endless;

impl hyper::body::Body for Endless {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;
    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

#[tokio::test]
async fn the_public_ledger_is_what_was_signed() {
    let door = door().await;
    let ledger = door.house.running.gateway.ledger();
    ledger.checkpoint().await.unwrap();

    let keys = door.get("/v1/ledger/key").await;
    let keys: Vec<_> = keys
        .body
        .lines()
        .map(|key| VerifierKey::parse(key).unwrap())
        .collect();
    assert_eq!(keys.len(), 3);
    let checkpoint = door.get("/v1/ledger/checkpoint").await;
    let note = Note::parse(checkpoint.body.as_bytes()).unwrap();
    note.verify(&keys[0]).unwrap();
    let head = Checkpoint::parse_text(&note.text).unwrap();
    assert!(head.size >= 1);

    let path = format!("/v1/ledger/tile/0/000.p/{}", head.size);
    let response = door
        .router
        .clone()
        .oneshot(ask(Method::GET, &path, ""))
        .await
        .unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/octet-stream");
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let (hashes, rest) = bytes.as_chunks::<32>();
    assert!(rest.is_empty());
    let hashes: Vec<_> = hashes.iter().map(|hash| Hash(*hash)).collect();
    assert_eq!(tree::root(&hashes), head.root);

    for beyond in [
        "0/000".to_owned(),
        format!("0/000.p/{}", head.size + 1),
        "1/000.p/1".to_owned(),
        "0/001.p/1".to_owned(),
        "0/%ff".to_owned(),
        "0/..".to_owned(),
    ] {
        let seen = door.get(&format!("/v1/ledger/tile/{beyond}")).await;
        assert_eq!(seen.code, "not_found", "{beyond}");
    }
}

#[tokio::test]
async fn tokens_are_for_the_issuers_in_the_metadata() {
    let door = door_with(|settings| {
        settings.authorization_servers = vec!["https://id.example".to_owned()];
    })
    .await;
    let seen = door.get("/.well-known/oauth-protected-resource").await;
    insta::assert_snapshot!(seen.body, @r#"{"authorization_servers":["https://id.example"],"bearer_methods_supported":["header"],"resource":"https://tide.example","resource_name":"Tidewaiter"}"#);
    let mut settings = HttpSettings::new("https://tide.example/gate/way");
    assert_eq!(
        settings.well_known(super::oauth::RESOURCE, ""),
        "https://tide.example/.well-known/oauth-protected-resource/gate/way"
    );
    settings.allowed_hosts = vec!["inside.example:8443".to_owned()];
    assert_eq!(settings.hosts(), ["inside.example:8443", "tide.example"]);
}

#[tokio::test]
async fn a_slow_body_and_a_hang_up_cost_a_bounded_time_over_a_socket() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let door = door_with(|settings| settings.body_timeout = Duration::from_millis(100)).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tracker = tokio_util::task::TaskTracker::new();
    let router = door.router.clone();
    tracker.spawn(async move { axum::serve(listener, router).await });

    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = "POST /mcp HTTP/1.1\r\nhost: tide.example\r\ncontent-type: application/json\r\n\
         authorization: Bearer x\r\ncontent-length: 10\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(5), read)
        .await
        .expect("the connection is closed")
        .unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"),
        "{answer}"
    );

    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let large = client
        .post(format!("http://{address}/v1/conversations"))
        .header("host", "tide.example")
        .header("content-type", "application/json")
        .body("x".repeat(5_000));
    let large = large.send().await.unwrap();
    assert_eq!(large.status(), StatusCode::UNAUTHORIZED);
    let route = client
        .get(format!("http://{address}/nothing"))
        .header("host", "tide.example");
    let route = route.send().await.unwrap();
    assert_eq!(route.status(), StatusCode::NOT_FOUND);
    assert_eq!(route.headers()["x-content-type-options"], "nosniff");
}

#[test]
fn i10_no_path_makes_it_repeat_or_panic() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let door = runtime.block_on(door());
    let ask = |path: &str| {
        let request = Request::builder().uri(format!("{path}{MARK}"));
        let request = request.header("host", "tide.example").body(Body::empty());
        // A path that is none does not come this far.
        let Ok(request) = request else { return Ok(()) };
        let seen = runtime.block_on(door.ask(request));
        prop_assert!(
            [401, 404, 405, 421].contains(&seen.status),
            "{}",
            seen.status
        );
        prop_assert!(!seen.body.contains(MARK));
        Ok(())
    };
    let mut runner = proptest::test_runner::TestRunner::default();
    runner.run(&"/[ -~]{0,40}", |path| ask(&path)).unwrap();
}
