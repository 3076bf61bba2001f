//! `[server]` and `[log]`.

use super::fault::Faults;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Where and how to listen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address agents, officers and customers reach.
    pub listen: SocketAddr,
    /// The address of health checks and metrics; none without it.
    pub health_listen: Option<SocketAddr>,
    /// Certificate and key. Needed unless `listen` is loopback or `plain_http` is set.
    pub tls: Option<Tls>,
    /// Listens without TLS where others can reach it: something in front must bring TLS.
    #[serde(default)]
    pub plain_http: bool,
    /// Our URL as clients write it, without a trailing slash; the default audience of tokens.
    pub public_url: String,
    /// Browser origins that may call; none by default.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Longest request body, bytes.
    #[serde(default = "body_limit")]
    pub body_limit_bytes: usize,
    /// How long a client may take to send a request's head, and may stay idle.
    #[serde(
        rename = "header_read_timeout_ms",
        default = "header_read_timeout",
        deserialize_with = "super::duration::ms"
    )]
    pub header_read_timeout: Duration,
    /// How long an answer may take.
    #[serde(
        rename = "request_timeout_ms",
        default = "request_timeout",
        deserialize_with = "super::duration::ms"
    )]
    pub request_timeout: Duration,
    /// How long requests in flight may finish at shutdown.
    #[serde(
        rename = "drain_s",
        default = "drain",
        deserialize_with = "super::duration::s"
    )]
    pub drain: Duration,
    /// Connections at once; more wait in the kernel's queue.
    #[serde(default = "connections")]
    pub max_connections: usize,
}

fn body_limit() -> usize {
    262_144
}
fn header_read_timeout() -> Duration {
    Duration::from_secs(10)
}
fn request_timeout() -> Duration {
    Duration::from_secs(30)
}
fn drain() -> Duration {
    Duration::from_secs(20)
}
fn connections() -> usize {
    4_096
}

/// Files of the server's certificate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM: the certificate, then its intermediates.
    pub cert: PathBuf,
    /// PEM: the private key, readable by its owner only.
    pub key: PathBuf,
}

impl Server {
    /// Whether agents reach it without TLS of its own.
    pub fn is_plain(&self) -> bool {
        self.tls.is_none()
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        faults.unless(
            self.tls.is_some() || self.plain_http || self.listen.ip().is_loopback(),
            "server.tls",
            "is needed: the address can be reached by others, and plain_http is not set",
        );
        if let Some(health) = self.health_listen {
            let clash = health.port() != 0
                && health.port() == self.listen.port()
                && (health.ip() == self.listen.ip()
                    || health.ip().is_unspecified()
                    || self.listen.ip().is_unspecified());
            faults.unless(
                !clash,
                "server.health_listen",
                "is the same address as listen",
            );
        }
        self.check_url(faults);
        for (at, origin) in self.allowed_origins.iter().enumerate() {
            let same = Url::parse(origin).is_ok_and(|url| {
                url.origin().is_tuple() && url.origin().ascii_serialization() == *origin
            });
            faults.unless(
                same,
                format!("server.allowed_origins[{at}]"),
                "is not an origin such as https://app.example, without a path",
            );
        }
        let body = 1_024..=16_777_216;
        faults.unless(
            body.contains(&self.body_limit_bytes),
            "server.body_limit_bytes",
            "is not between 1 KiB and 16 MiB",
        );
        let positive = [
            (self.header_read_timeout, "server.header_read_timeout_ms"),
            (self.request_timeout, "server.request_timeout_ms"),
        ];
        for (limit, at) in positive {
            faults.unless(!limit.is_zero(), at, "is zero");
        }
        faults.unless(
            (1..=1_000_000).contains(&self.max_connections),
            "server.max_connections",
            "is not between 1 and 1000000",
        );
    }

    fn check_url(&self, faults: &mut Faults) {
        let at = "server.public_url";
        let Ok(url) = Url::parse(&self.public_url) else {
            faults.add(at, "is not a URL");
            return;
        };
        faults.unless(
            url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)),
            at,
            "is not https, nor http on loopback",
        );
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && !self.public_url.ends_with('/');
        faults.unless(
            bare,
            at,
            "has a user, query, fragment or trailing slash, which it must not",
        );
    }
}

/// Whether `url`'s host is `localhost` or a loopback address. A name that merely resolves to one
/// does not count: what it resolves to can change.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// What is logged and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Directives of `tracing`'s filter: `info`, or `info,tidewaiter=debug`.
    #[serde(default = "level")]
    pub level: String,
    /// How a line looks.
    #[serde(default)]
    pub format: Format,
}

fn level() -> String {
    "info".to_owned()
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: level(),
            format: Format::default(),
        }
    }
}

impl Log {
    fn is_known(&self) -> bool {
        tracing_subscriber::EnvFilter::builder()
            .parse(&self.level)
            .is_ok()
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        faults.unless(
            !self.level.is_empty() && self.is_known(),
            "log.level",
            "is not a level or a list of target=level",
        );
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people.
    Text,
}
