//! `[database]`: `SQLite` embedded, or PostgreSQL that nobody can listen to or stand in for.

use super::fault::Faults;
use super::secret::Secret;
use super::server::is_loopback;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use url::Url;

/// Where records are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH`, or `postgres://user@host/name?sslmode=verify-full` without a password.
    pub url: String,
    /// PostgreSQL's password.
    pub password: Option<Secret>,
    /// Permits PostgreSQL over TCP without TLS on loopback.
    #[serde(default)]
    pub allow_plain_loopback: bool,
    /// Connections at once.
    #[serde(default = "connections")]
    pub max_connections: u32,
}

fn connections() -> u32 {
    16
}

/// Which database it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The file of an embedded database.
    Sqlite(PathBuf),
    /// A URL for the driver, without a password.
    Postgres(String),
}

/// What may stand in the URL's query. Anything else, twice the same, or another spelling of one
/// of these could say something different to the driver than to this check.
const PARAMETERS: [&str; 9] = [
    "application_name",
    "dbname",
    "host",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

impl Database {
    /// Which database it is; none if the URL is neither (which [`super::Config::parse`] refuses).
    pub fn engine(&self) -> Option<Engine> {
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Some(Engine::Sqlite(PathBuf::from(path)));
        }
        let postgres = ["postgres:", "postgresql:"]
            .iter()
            .any(|scheme| self.url.starts_with(scheme));
        postgres.then(|| Engine::Postgres(self.url.clone()))
    }

    pub(super) fn resolve(&mut self, folder: &Path) {
        if let Some(Engine::Sqlite(path)) = self.engine() {
            self.url = format!("sqlite:{}", folder.join(path).display());
        }
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        faults.unless(
            (1..=1_000).contains(&self.max_connections),
            "database.max_connections",
            "is not between 1 and 1000",
        );
        match self.engine() {
            None => faults.add("database.url", "starts with neither sqlite: nor postgres:"),
            Some(Engine::Sqlite(path)) => {
                let path = path.to_string_lossy();
                faults.unless(
                    !path.is_empty() && !path.starts_with(':') && !path.contains('?'),
                    "database.url",
                    "is not the path of a file: a ledger in memory is no ledger",
                );
                faults.unless(
                    self.password.is_none(),
                    "database.password",
                    "is of no use to SQLite",
                );
            }
            Some(Engine::Postgres(_)) => self.check_postgres(faults),
        }
    }

    fn check_postgres(&self, faults: &mut Faults) {
        let at = "database.url";
        let Ok(url) = Url::parse(&self.url) else {
            faults.add(at, "is not a URL");
            return;
        };
        if url.password().is_some() {
            faults.add(at, "holds a password: it belongs in database.password");
        }
        faults.unless(url.fragment().is_none(), at, "has a fragment");
        let mut query = HashMap::new();
        for (key, value) in url.query_pairs() {
            if !PARAMETERS.contains(&&*key) {
                faults.add(
                    at,
                    "has a parameter that is not one of those that are known",
                );
            } else if query.insert(key, value).is_some() {
                faults.add(at, "names a parameter twice");
            }
        }
        let socket = |host: &str| {
            host.starts_with('/') || host.starts_with("%2F") || host.starts_with("%2f")
        };
        // The driver lets the parameter win over the authority.
        let host = query.get("host").map(ToString::to_string);
        let host = host.or_else(|| url.host_str().map(str::to_owned));
        let Some(host) = host.filter(|host| !host.is_empty()) else {
            faults.add(
                at,
                "names no host: the driver would take one from its environment",
            );
            return;
        };
        if socket(&host) {
            return;
        }
        let loopback = Url::parse(&format!("http://{host}/")).is_ok_and(|url| is_loopback(&url));
        let verified = query
            .get("sslmode")
            .is_some_and(|mode| mode == "verify-full");
        faults.unless(
            verified || (self.allow_plain_loopback && loopback),
            at,
            "is over TCP without sslmode=verify-full (on loopback, allow_plain_loopback permits it)",
        );
    }
}
