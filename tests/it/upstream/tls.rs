//! Who is who in TLS: the upstream by its authority, the gateway by its certificate.

use super::server::{Server, says};
use super::{One, settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::PrivateKeyDer;
use std::path::PathBuf;
use std::sync::Arc;
use tidewaiter::clock::Clock;
use tidewaiter::config::upstream::auth::Mtls;
use tidewaiter::config::{Auth, Secret, Upstream};
use tidewaiter::upstream::{Failed, Misconfigured, SignFailed, Upstreams};
use tokio_rustls::TlsAcceptor;

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    dir: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, dir }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        roots
    }

    /// A server that lets in who has a certificate of `clients`.
    fn acceptor(&self, clients: &Self) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(clients.roots());
        let asks = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider));
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(asks.build().unwrap())
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// A client's certificate in a file, and its key.
    fn client(&self) -> Mtls {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["gateway.example".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.file("client.pem"), certificate.pem()).unwrap();
        Mtls {
            cert: self.file("client.pem"),
            key: Secret::given(key.serialize_pem()),
        }
    }
}

fn to(server: &Server, trusted: &Authority, mtls: Option<Mtls>) -> Upstream {
    let mut settings = settings(&format!("https://localhost:{}", server.address.port()));
    settings.ca = Some(trusted.file("ca.pem"));
    settings.auth = mtls.into_iter().map(Auth::Mtls).collect();
    settings.retries = 0;
    settings
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_ours_and_only_takes_ours() {
    let (servers, ours, theirs) = (Authority::new(), Authority::new(), Authority::new());
    let acceptor = servers.acceptor(&ours);
    for (mtls, good) in [
        (Some(ours.client()), true),
        (None, false),
        (Some(theirs.client()), false),
    ] {
        let server = Server::with(vec![says(200, "")], Some(acceptor.clone())).await;
        let one = One::of(to(&server, &servers, mtls), &Clock::System);
        let answer = one.read().await;
        assert_eq!(answer.is_ok(), good);
        assert_eq!(
            server.count(),
            usize::from(good),
            "who is not let in asks nothing"
        );
        if let Err(failed) = answer {
            // With TLS 1.3 the client learns of the refusal only when it reads.
            assert!(matches!(failed, Failed::Unreachable | Failed::Broken));
        }
    }
}

#[tokio::test]
async fn our_certificate_is_shown_to_nobody_else_and_goes_with_a_token() {
    let (servers, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let acceptor = servers.acceptor(&clients);
    let server = Server::with(vec![says(200, "")], Some(acceptor)).await;
    let one = One::of(
        to(&server, &strangers, Some(clients.client())),
        &Clock::System,
    );
    assert_eq!(one.read().await.unwrap_err(), Failed::Unreachable);
    assert_eq!(server.count(), 0);
    let mut both = to(&server, &servers, Some(clients.client()));
    both.credential = Some(Secret::given("and-a-token"));
    One::of(both, &Clock::System).read().await.unwrap();
    assert!(server.seen()[0].contains("authorization: Bearer and-a-token"));
}

#[tokio::test]
async fn a_certificate_that_cannot_be_shown_is_refused_at_the_start() {
    let ours = Authority::new();
    let server = Server::new(vec![says(200, "")]).await;
    let good = ours.client();
    let other = Authority::new().client();
    for mtls in [
        Mtls {
            key: other.key.clone(),
            ..good.clone()
        },
        Mtls {
            key: Secret::given("no key"),
            ..good.clone()
        },
        Mtls {
            cert: ours.file("nowhere.pem"),
            ..good.clone()
        },
        Mtls {
            cert: PathBuf::from("/dev/null"),
            ..good.clone()
        },
    ] {
        let settings = to(&server, &ours, Some(mtls));
        let name = settings.name.clone();
        let refused = Upstreams::new(&[settings], &Clock::System).unwrap_err();
        let why = SignFailed::Certificate;
        assert_eq!(refused, Misconfigured::Credential(name, why));
    }
}
