//! Against real servers on loopback, plain and over TLS.

use super::*;
use crate::catalog::{Effect, Encoding};
use crate::clock::Clock;
use crate::config::{Secret, Upstream};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// What a server does with each request.
#[derive(Clone)]
enum Does {
    Says(String),
    SaysThenHangs(&'static str),
    HangsUp,
    Floods,
}

#[derive(Clone, Default)]
struct Seen {
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Seen {
    fn last(&self) -> String {
        self.requests
            .lock()
            .unwrap()
            .last()
            .cloned()
            .unwrap_or_default()
    }
    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

fn says(status: &str, more: &str, body: &str) -> Does {
    let length = body.len();
    Does::Says(format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    ))
}

fn json(body: &str) -> Does {
    says("200 OK", "content-type: application/json\r\n", body)
}

async fn server(does: Does, tls: Option<TlsAcceptor>) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let seen = Seen::default();
    let (tasks, ours) = (TaskTracker::new(), seen.clone());
    TaskTracker::new().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            ours.connections.fetch_add(1, Ordering::SeqCst);
            let (does, seen, tls) = (does.clone(), ours.clone(), tls.clone());
            tasks.spawn(async move {
                match tls {
                    None => answer(stream, does, seen).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => answer(stream, does, seen).await,
                        Err(_) => None,
                    },
                }
            });
        }
    });
    (at, seen)
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut s: S, does: Does, seen: Seen) -> Option<()> {
    loop {
        let mut request = Vec::new();
        while !request.windows(4).any(|four| four == b"\r\n\r\n") {
            request.push(s.read_u8().await.ok()?);
        }
        let head = String::from_utf8(request).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        s.read_exact(&mut body).await.ok()?;
        let whole = format!("{head}{}", String::from_utf8(body).unwrap());
        seen.requests.lock().unwrap().push(whole);
        match &does {
            Does::Says(text) => s.write_all(text.as_bytes()).await.ok()?,
            Does::SaysThenHangs(text) => {
                s.write_all(text.as_bytes()).await.ok()?;
                std::future::pending::<()>().await;
            }
            Does::HangsUp => return None,
            Does::Floods => {
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                s.write_all(head.as_bytes()).await.ok()?;
                let chunk = format!("1000\r\n{}\r\n", "x".repeat(4_096));
                loop {
                    s.write_all(chunk.as_bytes()).await.ok()?;
                }
            }
        }
    }
}

fn core(at: SocketAddr) -> Upstream {
    let mut settings = Upstream::at("core", format!("http://{at}/api"));
    settings.connect_timeout = Duration::from_millis(500);
    settings.timeout = Duration::from_millis(500);
    settings
}

async fn ask(settings: Upstream, path: &str) -> Result<Response, Failed> {
    fetch(&set_up(&[settings]).unwrap(), path).await
}

fn set_up(settings: &[Upstream]) -> Result<Upstreams, Misconfigured> {
    Upstreams::new(settings, &Clock::System)
}

async fn fetch(upstreams: &Upstreams, path: &str) -> Result<Response, Failed> {
    upstreams.send("core", Outgoing::read(path)).await
}

#[tokio::test]
async fn i2_a_request_is_what_the_operation_built_and_no_more() {
    let (at, seen) = server(json(r#"{"ok":1}"#), None).await;
    let mut settings = core(at);
    settings.credential = Some(Secret::given("own-token"));
    let upstreams = set_up(&[settings]).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("x-tenant", HeaderValue::from_static("eu"));
    let body = Bytes::from_static(b"{\"uid\":\"IDA1\"}");
    let asked = Outgoing {
        method: Method::POST,
        path_and_query: "/w?a=b",
        headers,
        body: Some((Encoding::Json, body)),
        idempotency_key: Some("key-1"),
        effect: Effect::Write,
    };
    let response = upstreams.send("core", asked).await.unwrap();
    assert_eq!(
        (response.status, &*response.body),
        (200, br#"{"ok":1}"#.as_slice())
    );
    let seen = seen.last();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().map(str::to_owned).collect();
    lines.sort();
    let mut expected = vec![
        "POST /api/w?a=b HTTP/1.1".to_owned(),
        "accept: application/json".to_owned(),
        "authorization: Bearer own-token".to_owned(),
        "content-length: 14".to_owned(),
        "content-type: application/json".to_owned(),
        format!("host: {at}"),
        "idempotency-key: key-1".to_owned(),
        "user-agent: tidewaiter".to_owned(),
        "x-tenant: eu".to_owned(),
    ];
    expected.sort();
    assert_eq!(lines, expected);
    assert_eq!(body, "{\"uid\":\"IDA1\"}");
    assert_eq!(response.json().unwrap(), r#"{"ok":1}"#);
}

#[tokio::test]
async fn headers_that_are_not_the_operations_are_never_sent() {
    let (at, seen) = server(json("{}"), None).await;
    let upstreams = set_up(&[core(at)]).unwrap();
    for name in [
        "authorization",
        "host",
        "cookie",
        "connection",
        "content-length",
        "transfer-encoding",
        "x-forwarded-for",
        "forwarded",
        "proxy-authorization",
        "user-agent",
        "idempotency-key",
        "te",
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        let asked = Outgoing {
            headers,
            ..Outgoing::read("/")
        };
        let sent = upstreams.send("core", asked).await;
        assert_eq!(sent.unwrap_err(), Failed::Misconfigured, "{name}");
    }
    let split = Outgoing {
        idempotency_key: Some("a\r\nb: c"),
        ..Outgoing::read("/")
    };
    let split = upstreams.send("core", split).await;
    assert_eq!(split.unwrap_err(), Failed::Misconfigured);
    assert_eq!(
        fetch(&upstreams, "/../x").await.unwrap_err(),
        Failed::Misconfigured
    );
    let other = upstreams.send("other", Outgoing::read("/")).await;
    assert_eq!(other.unwrap_err(), Failed::Misconfigured);
    assert_eq!(seen.count(), 0);
}

#[tokio::test]
async fn one_connection_serves_many_requests_also_after_a_refusal() {
    let long = "no such thing ".repeat(1_000);
    for does in [json("{}"), says("404 Not Found", "", &long)] {
        let (at, seen) = server(does, None).await;
        let upstreams = set_up(&[core(at)]).unwrap();
        for _ in 0..5 {
            drop(fetch(&upstreams, "/").await);
        }
        assert_eq!(seen.count(), 5);
        assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn i2_a_redirect_is_not_followed() {
    let (elsewhere, never) = server(json(r#"{"secret":1}"#), None).await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let to = format!("location: http://{elsewhere}/\r\n");
        let (at, _) = server(says(status, &to, ""), None).await;
        assert_eq!(
            ask(core(at), "/").await.unwrap_err(),
            Failed::Redirected,
            "{status}"
        );
    }
    assert_eq!(never.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_too_long_is_given_up() {
    let exact = format!("\"{}\"", "x".repeat(1_022));
    let longer = format!("\"{}\"", "x".repeat(1_023));
    for (body, fits) in [(&exact, true), (&longer, false)] {
        let (at, _) = server(json(body), None).await;
        let mut settings = core(at);
        settings.max_response_bytes = 1_024;
        let answer = ask(settings, "/").await;
        assert_eq!(answer.as_ref().err(), (!fits).then_some(&Failed::TooLarge));
    }
    // With a length, before a byte of it has come.
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
    let (at, _) = server(Does::SaysThenHangs(head), None).await;
    assert_eq!(ask(core(at), "/").await.unwrap_err(), Failed::TooLarge);
    // Without a length, given up on the way: the flood never ends by itself.
    let (at, _) = server(Does::Floods, None).await;
    let mut settings = core(at);
    settings.timeout = Duration::from_secs(30);
    assert_eq!(ask(settings, "/").await.unwrap_err(), Failed::TooLarge);
}

#[tokio::test]
async fn an_answer_in_pieces_is_put_together() {
    let text = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
                2\r\n[1\r\n3\r\n,22\r\n1\r\n]\r\n0\r\n\r\n";
    let (at, _) = server(Does::Says(text.to_owned()), None).await;
    let answer = ask(core(at), "/").await.unwrap();
    assert_eq!(&*answer.json().unwrap(), b"[1,22]");
}

#[tokio::test]
async fn an_answer_too_slow_is_given_up() {
    for text in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{",
    ] {
        let (at, _) = server(Does::SaysThenHangs(text), None).await;
        let failed = ask(core(at), "/").await.unwrap_err();
        assert_eq!(failed, Failed::TimedOut, "{text}");
        assert!(failed.maybe_happened());
    }
    // A refusal whose text never comes is a refusal.
    let half = "HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\n\r\n{";
    let (at, _) = server(Does::SaysThenHangs(half), None).await;
    let mut settings = core(at);
    settings.timeout = Duration::from_secs(5);
    assert_eq!(ask(settings, "/").await.unwrap_err(), Failed::Status(404));
}

#[tokio::test]
async fn whether_a_write_may_have_happened_is_told() {
    let (at, seen) = server(Does::HangsUp, None).await;
    let broken = ask(core(at), "/").await.unwrap_err();
    assert_eq!((broken, broken.maybe_happened()), (Failed::Broken, true));
    assert_eq!(seen.count(), 1, "a request that was sent is not sent again");
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let never = ask(core(nobody), "/").await.unwrap_err();
    assert_eq!(
        (never, never.maybe_happened()),
        (Failed::Unreachable, false)
    );
    for (status, maybe) in [
        (400, false),
        (404, false),
        (409, true),
        (422, false),
        (500, true),
        (503, true),
    ] {
        let (at, _) = server(says(&format!("{status} X"), "", "{}"), None).await;
        let failed = ask(core(at), "/").await.unwrap_err();
        assert_eq!(
            (failed, failed.maybe_happened()),
            (Failed::Status(status), maybe)
        );
    }
}

#[tokio::test]
async fn only_json_is_json() {
    for (head, is) in [
        ("content-type: application/json\r\n", true),
        ("content-type: Application/JSON; charset=utf-8\r\n", true),
        ("content-type: application/problem+json\r\n", true),
        ("content-type: text/html\r\n", false),
        ("content-type: text/json-ish\r\n", false),
        ("content-type: application/jsonp\r\n", false),
        (
            "content-type: application/json\r\ncontent-type: text/html\r\n",
            false,
        ),
        (
            "content-type: application/json\r\ncontent-encoding: gzip\r\n",
            false,
        ),
        ("", false),
    ] {
        let (at, _) = server(says("200 OK", head, "{}"), None).await;
        let answer = ask(core(at), "/").await.unwrap();
        assert_eq!(answer.content_type_json, is, "{head}");
        assert_eq!(answer.json().is_ok(), is);
    }
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), issuer.pem()).unwrap();
        Self { issuer, file }
    }

    fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = rustls_pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

#[tokio::test]
async fn tls_is_believed_only_from_the_configured_authority_and_for_the_name() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for (authority, name, trusted, good) in [
        (&ours, "localhost", Some(&ours), true),
        (&theirs, "localhost", Some(&ours), false),
        (&ours, "other.example", Some(&ours), false),
        (&ours, "localhost", None, false),
    ] {
        let (at, seen) = server(json("{}"), Some(authority.acceptor(name))).await;
        let mut settings = core(at);
        settings.url = format!("https://localhost:{}/api", at.port());
        settings.ca = trusted.map(|authority| authority.file.path().to_owned());
        let answer = ask(settings, "/").await;
        assert_eq!(
            answer.as_ref().err(),
            (!good).then_some(&Failed::Unreachable)
        );
        assert_eq!(seen.count(), usize::from(good));
    }
    // A server that never shakes hands takes no longer than a connection may.
    let (at, _) = server(Does::SaysThenHangs(""), None).await;
    let mut settings = core(at);
    settings.url = format!("https://localhost:{}/", at.port());
    settings.timeout = Duration::from_secs(30);
    settings.connect_timeout = Duration::from_millis(200);
    assert_eq!(ask(settings, "/").await.unwrap_err(), Failed::Unreachable);
}

#[test]
fn what_cannot_be_set_up_is_refused() {
    for url in [
        "http://core.example",
        "ftp://core.example",
        "core",
        "https://u:p@core.example",
        "https://core.example/?a=b",
    ] {
        let refused = set_up(&[Upstream::at("core", url)]).unwrap_err();
        assert_eq!(refused, Misconfigured::Url("core".to_owned()), "{url}");
    }
    let good = || Upstream::at("core", "https://core.example/api");
    assert!(set_up(&[good()]).unwrap().has("core"));
    assert_eq!(
        set_up(&[good(), good()]).unwrap_err(),
        Misconfigured::Name("core".to_owned())
    );
    for token in ["", "a b", "a\r\nx: y", "ü"] {
        let mut settings = good();
        settings.credential = Some(Secret::given(token));
        let refused = set_up(&[settings]).unwrap_err();
        let why = SignFailed::Token;
        assert_eq!(refused, Misconfigured::Credential("core".to_owned(), why));
    }
    let empty = tempfile::NamedTempFile::new().unwrap();
    for ca in [empty.path(), std::path::Path::new("/nowhere")] {
        let mut settings = good();
        settings.ca = Some(ca.to_owned());
        let refused = set_up(&[settings]).unwrap_err();
        assert_eq!(refused, Misconfigured::Ca("core".to_owned()));
    }
}

/// Does one thing to a request.
struct Changes(fn(&mut http::Request<Bytes>));

impl Sign for Changes {
    fn sign(&self, request: &mut http::Request<Bytes>) -> Result<(), SignFailed> {
        (self.0)(request);
        Ok(())
    }
}

struct Fails;

impl Sign for Fails {
    fn sign(&self, _: &mut http::Request<Bytes>) -> Result<(), SignFailed> {
        Err(SignFailed::Request)
    }
}

#[tokio::test]
async fn a_signature_adds_to_a_request_and_does_not_divert_it() {
    let (at, seen) = server(json("{}"), None).await;
    let mut upstreams = set_up(&[core(at)]).unwrap();
    let diverts: [fn(&mut http::Request<Bytes>); 5] = [
        |request| *request.uri_mut() = "http://203.0.113.1/api/x?a=b".parse().unwrap(),
        |request| {
            let other = request.uri().to_string().replace("/api/x", "/api/y");
            *request.uri_mut() = other.parse().unwrap();
        },
        |request| {
            let other = request.uri().to_string().replace("a=b", "a=c");
            *request.uri_mut() = other.parse().unwrap();
        },
        |request| {
            let longer = format!("{}c", request.uri());
            *request.uri_mut() = longer.parse().unwrap();
        },
        |request| *request.method_mut() = Method::DELETE,
    ];
    for divert in diverts {
        upstreams = upstreams
            .signed_by("core", Box::new(Changes(divert)))
            .unwrap();
        let sent = fetch(&upstreams, "/x?a=b").await;
        assert_eq!(sent.unwrap_err(), Failed::Misconfigured);
    }
    let upstreams = upstreams.signed_by("core", Box::new(Fails)).unwrap();
    let sent = fetch(&upstreams, "/x?a=b").await;
    assert_eq!(sent.unwrap_err(), Failed::Misconfigured);
    assert_eq!(seen.count(), 0);
    let adds: fn(&mut http::Request<Bytes>) = |request| {
        let more = format!("{}&signed=1", request.uri());
        *request.uri_mut() = more.parse().unwrap();
        let signed = HeaderValue::from_static("signed");
        request.headers_mut().insert("x-signature", signed);
    };
    let upstreams = upstreams
        .signed_by("core", Box::new(Changes(adds)))
        .unwrap();
    fetch(&upstreams, "/x?a=b").await.unwrap();
    assert!(seen.last().contains("x-signature: signed"));
    assert!(seen.last().starts_with("GET /api/x?a=b&signed=1 "));
    assert!(upstreams.signed_by("other", Box::new(Fails)).is_err());
}
