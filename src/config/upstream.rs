//! `[[upstreams]]`: the exchange's internal APIs.

use super::fault::Faults;
use super::secret::Secret;
use super::server::is_loopback;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// One internal API: where it is, how to be sure it is the one, and how long to wait for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its name in the catalog: 1 to 64 of `a-z 0-9 - _`.
    pub name: String,
    /// Scheme, host, port and base path. https, or http on loopback.
    pub url: String,
    /// PEM of the only authorities to trust for it; the public ones without it.
    pub ca: Option<PathBuf>,
    /// The gateway's own credential for it, sent as a bearer token.
    pub credential: Option<Secret>,
    /// How long a connection may take, TLS included.
    #[serde(
        rename = "connect_timeout_ms",
        default = "connect_timeout",
        deserialize_with = "super::duration::ms"
    )]
    pub connect_timeout: Duration,
    /// How long the whole exchange may take, to the last byte of the answer.
    #[serde(
        rename = "timeout_ms",
        default = "timeout",
        deserialize_with = "super::duration::ms"
    )]
    pub timeout: Duration,
    /// Longest answer, bytes.
    #[serde(default = "max_response")]
    pub max_response_bytes: usize,
}

fn connect_timeout() -> Duration {
    Duration::from_secs(2)
}
fn timeout() -> Duration {
    Duration::from_secs(10)
}
fn max_response() -> usize {
    1_048_576
}

impl Upstream {
    /// An upstream at `url` with the defaults of everything else.
    pub fn at(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            ca: None,
            credential: None,
            connect_timeout: connect_timeout(),
            timeout: timeout(),
            max_response_bytes: max_response(),
        }
    }

    pub(super) fn check(&self, at: &str, faults: &mut Faults) {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        faults.unless(
            (1..=64).contains(&self.name.len()) && self.name.bytes().all(fits),
            format!("{at}.name"),
            "is not 1 to 64 of a-z 0-9 - _",
        );
        if let Err(wrong) = self.base() {
            faults.add(format!("{at}.url"), wrong);
        }
        faults.unless(
            !self.connect_timeout.is_zero() && self.connect_timeout <= self.timeout,
            format!("{at}.connect_timeout_ms"),
            "is zero or longer than timeout_ms",
        );
        let bytes = 1_024..=67_108_864;
        faults.unless(
            bytes.contains(&self.max_response_bytes),
            format!("{at}.max_response_bytes"),
            "is not between 1 KiB and 64 MiB",
        );
    }

    /// Its URL, if it is one that requests can safely be built on.
    pub(crate) fn base(&self) -> Result<Url, &'static str> {
        let url = Url::parse(&self.url).map_err(|_error| "is not a URL")?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err("is not https, nor http on loopback"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a user or password: the credential is a secret of its own");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("has a query or fragment");
        }
        Ok(url)
    }
}
