//! Real connections on loopback, good and bad.

use super::*;
use axum::routing::get;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

struct Running {
    at: SocketAddr,
    shutdown: CancellationToken,
    ended: JoinHandle<Drained>,
    /// A request to `/slow` has arrived.
    arrived: mpsc::UnboundedReceiver<()>,
    /// Lets `/slow` answer.
    go: Arc<Notify>,
}

async fn run(limits: Limits, tls: Option<Arc<ServerConfig>>) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let (tell, arrived) = mpsc::unbounded_channel();
    let go = Arc::new(Notify::new());
    let slow = {
        let go = Arc::clone(&go);
        get(move || async move {
            tell.send(()).unwrap();
            go.notified().await;
            "slow"
        })
    };
    let from = get(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.to_string() });
    let router = Router::new().route("/slow", slow).route("/from", from);
    let serving = serve(listener, tls, router, limits, shutdown.clone());
    Running {
        at,
        shutdown,
        ended: TaskTracker::new().spawn(serving),
        arrived,
        go,
    }
}

fn quick() -> Limits {
    Limits {
        handshake: Duration::from_millis(300),
        header_read: Duration::from_millis(300),
        drain: Duration::from_secs(5),
        ..Limits::default()
    }
}

/// All that comes back for `bytes`, until the server closes.
async fn say(at: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    // The server may have heard enough before the end.
    drop(stream.write_all(bytes).await);
    hear(&mut stream).await
}

async fn hear(stream: &mut TcpStream) -> String {
    let mut back = Vec::new();
    let mut piece = [0; 1_024];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        back.extend_from_slice(&piece[..count]);
    }
    String::from_utf8(back).unwrap()
}

const FROM: &[u8] = b"GET /from HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
const SLOW: &[u8] = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_request_is_served_and_knows_where_it_comes_from() {
    let running = run(quick(), None).await;
    let mut stream = TcpStream::connect(running.at).await.unwrap();
    let us = stream.local_addr().unwrap();
    stream.write_all(FROM).await.unwrap();
    let answer = hear(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with(&us.to_string()), "{answer}");
}

#[tokio::test]
async fn who_says_nothing_or_too_slowly_is_let_go() {
    let running = run(quick(), None).await;
    for start in [
        "",
        "G",
        "PRI * HTTP/2.0\r\n",
        "GET /from HTTP/1.1\r\nhost: x\r\nx: ",
    ] {
        let started = Instant::now();
        let mut stream = TcpStream::connect(running.at).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        drop(hear(&mut stream).await);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(3), "{start:?} took {took:?}");
    }
    // Idle after a good request, too.
    let keep = b"GET /from HTTP/1.1\r\nhost: x\r\n\r\n";
    let started = Instant::now();
    let answer = say(running.at, keep).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn who_says_too_much_is_refused() {
    let running = run(quick(), None).await;
    let long = format!("GET /from HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    let answer = say(running.at, long.as_bytes()).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    let many = format!("GET /from HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(65));
    let answer = say(running.at, many.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn connections_are_bounded_and_the_rest_wait() {
    let mut running = run(
        Limits {
            connections: 1,
            ..quick()
        },
        None,
    )
    .await;
    let mut first = TcpStream::connect(running.at).await.unwrap();
    first.write_all(SLOW).await.unwrap();
    running.arrived.recv().await.unwrap();
    let mut second = TcpStream::connect(running.at).await.unwrap();
    second.write_all(FROM).await.unwrap();
    let mut byte = [0];
    let waits = timeout(Duration::from_millis(300), second.read(&mut byte)).await;
    assert!(waits.is_err());
    running.go.notify_one();
    drop(hear(&mut first).await);
    assert!(hear(&mut second).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn i9_at_shutdown_requests_in_flight_finish_and_no_new_ones_come() {
    let mut running = run(quick(), None).await;
    let idle = TcpStream::connect(running.at).await.unwrap();
    let mut stream = TcpStream::connect(running.at).await.unwrap();
    stream.write_all(SLOW).await.unwrap();
    running.arrived.recv().await.unwrap();
    running.shutdown.cancel();
    while let Ok(late) = TcpStream::connect(running.at).await {
        drop(late);
        sleep(Duration::from_millis(10)).await;
    }
    assert!(!running.ended.is_finished());
    running.go.notify_one();
    let answer = hear(&mut stream).await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("slow"),
        "{answer}"
    );
    let started = Instant::now();
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 0 });
    assert!(started.elapsed() < Duration::from_secs(2));
    drop(idle);
}

#[tokio::test]
async fn who_outlasts_the_drain_is_cut() {
    let drain = Duration::from_millis(200);
    let mut running = run(Limits { drain, ..quick() }, None).await;
    let mut stream = TcpStream::connect(running.at).await.unwrap();
    stream.write_all(SLOW).await.unwrap();
    running.arrived.recv().await.unwrap();
    running.shutdown.cancel();
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 1 });
    assert_eq!(hear(&mut stream).await, "");
}

#[tokio::test]
async fn an_old_connection_ends_between_requests() {
    let age = Duration::from_millis(200);
    let mut running = run(Limits { age, ..quick() }, None).await;
    let mut stream = TcpStream::connect(running.at).await.unwrap();
    stream.write_all(SLOW).await.unwrap();
    running.arrived.recv().await.unwrap();
    sleep(age * 2).await;
    running.go.notify_one();
    let answer = hear(&mut stream).await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("slow"),
        "{answer}"
    );
}

fn certificates() -> (Arc<ServerConfig>, RootCertStore) {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let tls = crate::config::Tls {
        cert: dir.path().join("cert.pem"),
        key: dir.path().join("key.pem"),
    };
    std::fs::write(&tls.cert, own.cert.pem()).unwrap();
    std::fs::write(&tls.key, own.signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(&tls.key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    let certificate = crate::http::tls::Certificate::load(&tls).unwrap();
    (certificate.server_config().unwrap(), roots)
}

type Secured = tokio_rustls::client::TlsStream<TcpStream>;

async fn secured(at: SocketAddr, roots: &RootCertStore, alpn: &[&[u8]]) -> Secured {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(at).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

#[tokio::test]
async fn over_tls_the_client_has_the_version_it_negotiates() {
    let (tls, roots) = certificates();
    let running = run(quick(), Some(tls)).await;
    for alpn in [&[b"http/1.1".as_slice()][..], &[]] {
        let mut stream = secured(running.at, &roots, alpn).await;
        stream.write_all(FROM).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    let stream = secured(running.at, &roots, &[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let us = stream.get_ref().0.local_addr().unwrap();
    let (mut send, talk) = h2(stream).await;
    let client = TaskTracker::new().spawn(talk);
    let request = Request::get("https://localhost/from")
        .body(Empty::new())
        .unwrap();
    let answer = send.send_request(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, us.to_string());
    running.shutdown.cancel();
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 0 });
    client.await.unwrap();
}

async fn h2(
    stream: Secured,
) -> (
    hyper::client::conn::http2::SendRequest<Empty<Bytes>>,
    impl Future<Output = ()> + Send,
) {
    let executor = hyper_util::rt::TokioExecutor::new();
    let (send, talk) = hyper::client::conn::http2::handshake(executor, TokioIo::new(stream))
        .await
        .unwrap();
    (send, async move { drop(talk.await) })
}

#[tokio::test]
async fn i9_streams_of_http2_finish_or_are_cut_like_connections() {
    let (tls, roots) = certificates();
    for (lets_go, drain_ms) in [(true, 5_000), (false, 200)] {
        let drain = Duration::from_millis(drain_ms);
        let mut running = run(Limits { drain, ..quick() }, Some(Arc::clone(&tls))).await;
        let (mut send, talk) = h2(secured(running.at, &roots, &[b"h2"]).await).await;
        drop(TaskTracker::new().spawn(talk));
        let request = Request::get("https://localhost/slow")
            .body(Empty::new())
            .unwrap();
        let answer = TaskTracker::new().spawn(send.send_request(request));
        running.arrived.recv().await.unwrap();
        running.shutdown.cancel();
        sleep(Duration::from_millis(50)).await;
        if lets_go {
            running.go.notify_one();
        }
        assert_eq!(answer.await.unwrap().is_ok(), lets_go);
        let cut = usize::from(!lets_go);
        assert_eq!(running.ended.await.unwrap(), Drained { cut });
    }
}

#[tokio::test]
async fn who_does_not_shake_hands_is_let_go() {
    let (tls, roots) = certificates();
    let running = run(
        Limits {
            connections: 1,
            ..quick()
        },
        Some(tls),
    )
    .await;
    for bytes in [&b""[..], &[0x16, 3, 1], FROM] {
        let started = Instant::now();
        let mut stream = TcpStream::connect(running.at).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut all = Vec::new();
        drop(stream.read_to_end(&mut all).await);
        assert!(!all.starts_with(b"HTTP"), "no plain answer");
        assert!(started.elapsed() < Duration::from_secs(3));
    }
    // Their place is free again.
    drop(secured(running.at, &roots, &[b"h2"]).await);
}
