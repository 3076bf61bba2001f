//! `[[upstreams]]`: the exchange's internal APIs.

use super::fault::Faults;
use super::secret::Secret;
use super::server::is_loopback;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

pub mod auth;
pub mod canonical;

pub use auth::Auth;

/// One internal API: where it is, how to be sure it is the one, who we are to it, how long to
/// wait for it, and when to leave it in peace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its name in the catalog: 1 to 64 of `a-z 0-9 - _`.
    pub name: String,
    /// Scheme, host, port and base path. https, or http on loopback.
    pub url: String,
    /// PEM of the only authorities to trust for it; the public ones without it.
    pub ca: Option<PathBuf>,
    /// A bearer token: the short form of `auth = { kind = "bearer", token = … }`.
    pub credential: Option<Secret>,
    /// Who the gateway is to it. One, or a client's certificate and another.
    #[serde(default, deserialize_with = "auth::one_or_two")]
    pub auth: Vec<Auth>,
    /// How long a connection may take, TLS included.
    #[serde(
        rename = "connect_timeout_ms",
        default = "connect_timeout",
        deserialize_with = "super::duration::ms"
    )]
    pub connect_timeout: Duration,
    /// How long the whole exchange may take, to the last byte of the answer, waiting for a place
    /// and repeats included.
    #[serde(
        rename = "timeout_ms",
        default = "timeout",
        deserialize_with = "super::duration::ms"
    )]
    pub timeout: Duration,
    /// Longest answer, bytes.
    #[serde(default = "max_response")]
    pub max_response_bytes: usize,
    /// Requests at a time.
    #[serde(default = "max_concurrent")]
    pub max_concurrent: usize,
    /// Requests that may wait for their turn; more are refused at once.
    #[serde(default = "max_waiting")]
    pub max_waiting: usize,
    /// How often a read that found the upstream away is repeated at most. Writes never are.
    #[serde(default = "retries")]
    pub retries: u8,
    /// When an upstream that fails is left in peace.
    #[serde(default)]
    pub breaker: Breaker,
}

/// When an upstream counts as down, and for how long it is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// The share of requests that failed, in percent.
    pub failed_percent: u8,
    /// Among at least so many.
    pub at_least: u32,
    /// Within so long.
    #[serde(rename = "window_s", deserialize_with = "super::duration::s")]
    pub window: Duration,
    /// How long nothing is sent before one request tries again.
    #[serde(rename = "open_s", deserialize_with = "super::duration::s")]
    pub open: Duration,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            failed_percent: 50,
            at_least: 20,
            window: Duration::from_secs(10),
            open: Duration::from_secs(5),
        }
    }
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
fn max_concurrent() -> usize {
    128
}
fn max_waiting() -> usize {
    512
}
fn retries() -> u8 {
    2
}

impl Upstream {
    /// An upstream at `url` with the defaults of everything else.
    pub fn at(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            ca: None,
            credential: None,
            auth: Vec::new(),
            connect_timeout: connect_timeout(),
            timeout: timeout(),
            max_response_bytes: max_response(),
            max_concurrent: max_concurrent(),
            max_waiting: max_waiting(),
            retries: retries(),
            breaker: Breaker::default(),
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
        faults.unless(
            (1..=4_096).contains(&self.max_concurrent),
            format!("{at}.max_concurrent"),
            "is not between 1 and 4096",
        );
        faults.unless(
            self.max_waiting <= 65_536,
            format!("{at}.max_waiting"),
            "is more than 65536",
        );
        faults.unless(self.retries <= 5, format!("{at}.retries"), "is more than 5");
        self.breaker.check(&format!("{at}.breaker"), faults);
        self.check_auth(at, faults);
    }

    fn check_auth(&self, at: &str, faults: &mut Faults) {
        let https = self.url.starts_with("https:");
        for (of, auth) in self.auth.iter().enumerate() {
            auth.check(&self.auth_at(at, of), https, faults);
        }
        let kinds = self.auth.iter();
        let (tls, other): (Vec<_>, Vec<_>) = kinds.partition(|one| matches!(one, Auth::Mtls(_)));
        let others = other
            .len()
            .saturating_add(usize::from(self.credential.is_some()));
        faults.unless(
            tls.len() <= 1 && others <= 1,
            format!("{at}.auth"),
            "says twice who we are: one kind, or mtls and one other; `credential` is a bearer's",
        );
    }

    fn auth_at(&self, at: &str, of: usize) -> String {
        if self.auth.len() == 1 {
            format!("{at}.auth")
        } else {
            format!("{at}.auth[{of}]")
        }
    }

    /// Whether what it is sent is wrapped in a token, so that there must be a JSON body.
    pub fn wraps_bodies(&self) -> bool {
        self.auth.iter().any(|auth| matches!(auth, Auth::Jws(_)))
    }

    /// Its secrets, each with its place in the file.
    pub(super) fn secrets(&mut self, at: &str) -> Vec<(String, &mut Secret)> {
        let places: Vec<_> = (0..self.auth.len())
            .map(|of| self.auth_at(at, of))
            .collect();
        let credential = self.credential.as_mut();
        let mut secrets: Vec<_> = credential
            .map(|credential| (format!("{at}.credential"), credential))
            .into_iter()
            .collect();
        for (place, auth) in places.iter().zip(&mut self.auth) {
            let each = auth.secrets().into_iter();
            secrets.extend(each.map(|(name, secret)| (format!("{place}{name}"), secret)));
        }
        secrets
    }

    /// The files it names that are no secrets.
    pub(super) fn files(&self) -> Vec<(&'static str, &PathBuf)> {
        let certs = self.auth.iter().filter_map(|auth| match auth {
            Auth::Mtls(mtls) => Some(("auth.cert", &mtls.cert)),
            Auth::Bearer(_) | Auth::Header(_) | Auth::Basic(_) | Auth::Hmac(_) | Auth::Jws(_) => {
                None
            }
        });
        self.ca.iter().map(|ca| ("ca", ca)).chain(certs).collect()
    }

    /// The same, to be resolved.
    pub(super) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths: Vec<_> = self.ca.as_mut().into_iter().collect();
        for auth in &mut self.auth {
            if let Auth::Mtls(mtls) = auth {
                paths.push(&mut mtls.cert);
            }
        }
        paths
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

impl Breaker {
    fn check(&self, at: &str, faults: &mut Faults) {
        faults.unless(
            (1..=100).contains(&self.failed_percent),
            format!("{at}.failed_percent"),
            "is not between 1 and 100",
        );
        faults.unless(
            (1..=1_000_000).contains(&self.at_least),
            format!("{at}.at_least"),
            "is not between 1 and 1000000",
        );
        let short = 1..=600;
        for (key, value) in [("window_s", self.window), ("open_s", self.open)] {
            faults.unless(
                short.contains(&value.as_secs()),
                format!("{at}.{key}"),
                "is not between 1 and 600",
            );
        }
    }
}

#[cfg(test)]
mod tests;
