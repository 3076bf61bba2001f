//! `serve` behind a certificate: only TLS 1.2 and up, only for who trusts its authority.

use crate::harness::Place;
use crate::harness::child::{Child, Site};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::config::secret::write_private;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    /// PEM of a certificate for localhost and of its key.
    fn certify(&self) -> (String, String) {
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        (
            params.signed_by(&key, &self.issuer).unwrap().pem(),
            key.serialize_pem(),
        )
    }

    /// A client that trusts this authority and no other.
    fn client(&self) -> reqwest::Client {
        // Another test may have installed it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let root = reqwest::Certificate::from_pem(self.certificate.pem().as_bytes()).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([root])
            .build()
            .unwrap()
    }
}

async fn behind_tls() -> (Site, Child, Authority) {
    let authority = Authority::new();
    let place = Place::sqlite();
    let (certificate, key) = authority.certify();
    std::fs::write(place.path("cert.pem"), certificate).unwrap();
    write_private(&place.path("key.pem"), key.as_bytes()).unwrap();
    let tls = "tls = { cert = \"cert.pem\", key = \"key.pem\" }";
    let site = Site::with(place, "https", tls, "").await;
    let child = site.serve().await;
    (site, child, authority)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_over_tls_is_answered_and_recorded() {
    let (site, child, authority) = behind_tls().await;
    let person = site.people()[0].clone();
    let token = site.token(&person).sign().unwrap();
    let client = authority.client();
    let post = async |path: &str, body: Value| {
        let request = client
            .post(format!("{}{path}", site.url))
            .bearer_auth(&token)
            .json(&body);
        let reply = request.send().await.unwrap();
        (
            reply.status().as_u16(),
            reply.json::<Value>().await.unwrap(),
        )
    };
    let shown = rfc3339(Clock::System.now_us());
    let opening = json!({"channel": "web", "locale": "en",
        "disclosure": {"version": "3", "shown_at": shown}});
    let (status, opened) = post("/v1/conversations", opening).await;
    assert_eq!(status, 201, "{opened}");
    let body = json!({"arguments": {"currency": "btc"}, "conversation": opened["conversation"]});
    let (status, answer) = post("/v1/operations/balances.balance", body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["record"].as_str().unwrap().len(), 32);
    child.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authority_or_none_is_not_believed() {
    let (site, child, _authority) = behind_tls().await;
    let url = format!("{}/v1/operations", site.url);
    let failed = Authority::new()
        .client()
        .get(&url)
        .send()
        .await
        .unwrap_err();
    assert!(failed.is_connect(), "{failed:?}");
    // Our own client of the commands trusts the web's authorities, or the file it is given.
    let other = site.place.path("other-ca.pem");
    std::fs::write(&other, Authority::new().certificate.pem()).unwrap();
    for ca in [None, Some(other.as_path())] {
        let client = tidewaiter::cli::Client::new(&site.url, ca).unwrap();
        assert!(client.get("/v1/operations").await.is_err(), "{ca:?}");
    }
    child.stop().await;
}

/// Everything that comes back on the port for these bytes.
async fn answer_to(site: &Site, bytes: &[u8]) -> Vec<u8> {
    let address = site.url.strip_prefix("https://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // Cut off or closed: what came before is what counts.
    drop(tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut answer)).await);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_the_tls_port_gets_no_answer() {
    let (site, child, authority) = behind_tls().await;
    let request = b"GET /v1/ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let answer = answer_to(&site, request).await;
    let text = String::from_utf8_lossy(&answer);
    assert!(
        !text.contains("HTTP/") && !text.contains("test.example"),
        "{text}"
    );
    let url = format!("{}/v1/ledger/checkpoint", site.url);
    let reply = authority.client().get(url).send().await.unwrap();
    assert_eq!(
        reply.status().as_u16(),
        200,
        "the same over TLS is answered"
    );
    child.stop().await;
}

/// A `ClientHello` of the given version that knows no newer one, as old clients send it.
fn hello(version: [u8; 2]) -> Vec<u8> {
    let suites: [u8; 8] = [0xC0, 0x2B, 0xC0, 0x2F, 0xC0, 0x09, 0xC0, 0x13];
    let mut extensions = Vec::new();
    extensions.extend([0, 10, 0, 6, 0, 4, 0, 29, 0, 23]); // groups: X25519, P-256
    extensions.extend([0, 11, 0, 2, 1, 0]); // points: uncompressed
    extensions.extend([0, 13, 0, 6, 0, 4, 4, 3, 8, 4]); // signatures: ECDSA-P256, RSA-PSS
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(u16::try_from(suites.len()).unwrap().to_be_bytes());
    body.extend(suites);
    body.extend([1, 0]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut handshake = vec![1];
    handshake.extend(&length[1..]);
    handshake.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(handshake.len()).unwrap().to_be_bytes());
    record.extend(handshake);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_1_is_refused_and_1_2_is_not() {
    let (site, child, _authority) = behind_tls().await;
    let (alert, handshake) = (21, 22);
    for old in [[3, 1], [3, 2]] {
        let answer = answer_to(&site, &hello(old)).await;
        assert_eq!(answer.first(), Some(&alert), "{old:?}: {answer:?}");
        assert_eq!(answer[5..7], [2, 70], "fatal, protocol_version: {answer:?}");
    }
    // The control: the same bytes but for the version are agreed to.
    let answer = answer_to(&site, &hello([3, 3])).await;
    assert_eq!(answer.first(), Some(&handshake), "{answer:?}");
    child.stop().await;
}

/// One connection that is kept, if the certificate is of this authority.
async fn connected(
    site: &Site,
    authority: &Authority,
) -> Option<SendRequest<Empty<&'static [u8]>>> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(site.url.strip_prefix("https://").unwrap());
    let name = "localhost".try_into().unwrap();
    let tls = TlsConnector::from(Arc::new(config)).connect(name, stream.await.unwrap());
    let (asking, talk) = handshake(TokioIo::new(tls.await.ok()?)).await.unwrap();
    drop(tokio_util::task::TaskTracker::new().spawn(talk));
    Some(asking)
}

/// Whether the public key of the log is answered on this connection.
async fn answers(connection: &mut SendRequest<Empty<&'static [u8]>>, site: &Site) -> bool {
    let host = site.url.strip_prefix("https://").unwrap();
    let request = http::Request::get("/v1/ledger/key").header("host", host);
    let sent = connection.send_request(request.body(Empty::new()).unwrap());
    let answer = sent.await.unwrap();
    let status = answer.status();
    answer.into_body().collect().await.unwrap();
    status.as_u16() == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown_and_no_connection_is_dropped() {
    let (site, child, old) = behind_tls().await;
    let mut kept = connected(&site, &old).await.unwrap();
    assert!(answers(&mut kept, &site).await);
    let new = Authority::new();
    let (certificate, key) = new.certify();
    // A key that is not the certificate's yet: the files are replaced one after the other.
    std::fs::write(site.place.path("cert.pem"), certificate).unwrap();
    child.reload();
    let refused = async || child.stderr().contains("certificate is refused");
    until(refused).await;
    assert!(connected(&site, &old).await.is_some());
    std::fs::remove_file(site.place.path("key.pem")).unwrap();
    write_private(&site.place.path("key.pem"), key.as_bytes()).unwrap();
    child.reload();
    until(async || connected(&site, &new).await.is_some()).await;
    assert!(connected(&site, &old).await.is_none());
    assert!(answers(&mut kept, &site).await, "it goes on as it was");
    child.stop().await;
}

/// Waits until it is so.
async fn until(mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..2_000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came about");
}
