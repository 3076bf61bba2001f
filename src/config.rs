//! The one configuration file: read once, checked as a whole, then handed out in parts.
//!
//! Promises that a file with an unknown key, an inline secret, a readable secret file or a
//! connection in the clear is refused before anything starts, that all such faults are named at
//! once with their place, and that no message repeats a value of the file.
//! Leaves reading keys, certificates and policies to those who use them.

use crate::identity::{Agent, Setup};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

pub mod claim;
pub mod database;
mod duration;
pub mod exchange;
mod fault;
pub mod issuer;
pub mod ledger;
pub mod quota;
pub mod redaction;
pub mod secret;
pub mod server;
pub mod token;
pub mod traces;
pub mod upstream;

pub use claim::ClaimPath;
pub use database::{Database, Engine};
pub use exchange::TokenExchange;
pub use fault::{Fault, Invalid};
pub use issuer::{ActorClaim, Issuer, Issues};
pub use ledger::{Exports, Ledger, Policies};
pub use quota::{OperationQuota, Quota};
pub use redaction::Redaction;
pub use secret::Secret;
pub use server::{Format, Log, Server, Tls};
pub use token::{Officers, Tokens};
pub use traces::Traces;
pub use upstream::{Auth, Upstream};

use fault::Faults;

/// Everything a running gateway is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where and how to listen.
    pub server: Server,
    /// What is logged and how.
    #[serde(default)]
    pub log: Log,
    /// Where spans of calls go; nowhere without it.
    pub traces: Option<Traces>,
    /// Where records are.
    pub database: Database,
    /// The ledger's name, vault, anchor and pace.
    pub ledger: Ledger,
    /// Where the policies are.
    pub policies: Policies,
    /// Who signs tokens.
    #[serde(default)]
    pub issuers: Vec<Issuer>,
    /// What holds of every token.
    #[serde(default)]
    pub tokens: Tokens,
    /// What holds of every officer.
    #[serde(default)]
    pub officers: Officers,
    /// Which agents are registered.
    #[serde(default)]
    pub agents: Vec<Agent>,
    /// Delegated tokens of our own; none without it.
    pub token_exchange: Option<TokenExchange>,
    /// The exchange's internal APIs.
    #[serde(default)]
    pub upstreams: Vec<Upstream>,
    /// How often may be asked.
    #[serde(default)]
    pub quota: Quota,
    /// What free text is read with.
    #[serde(default)]
    pub redaction: Redaction,
    /// Where bundles are written, and who releases them.
    pub exports: Exports,
    /// Whether keys of the built-in issuer are accepted. For demonstrations and tests.
    #[serde(default)]
    pub allow_local_issuer: bool,
}

impl Config {
    /// Reads `path`, resolves its relative paths against its folder, and reads its secrets.
    pub fn load(path: &Path) -> Result<Self, Invalid> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Invalid::one(&name, "", format!("cannot be read: {}", error.kind()))
        })?;
        let mut config = Self::parse(&text, &name)?;
        if let Some(folder) = path.parent() {
            config.resolve(folder);
        }
        let mut faults = Faults::default();
        config.ledger.check_places(&config.database, &mut faults);
        config.read_secrets(&mut faults);
        config.look_for_files(&mut faults);
        faults.into_result(&name)?;
        Ok(config)
    }

    /// Checks `text`, called `name` in messages, without touching any other file: secrets stay
    /// unread and paths as they are.
    pub fn parse(text: &str, name: &str) -> Result<Self, Invalid> {
        let mut config: Self =
            toml::from_str(text).map_err(|error| Invalid::from_toml(name, text, &error))?;
        let mut faults = Faults::default();
        config.check(&mut faults);
        faults.into_result(name)?;
        // A client of MCP may ask for a token by the address it speaks to (RFC 8707).
        let url = &config.server.public_url;
        let audience = [url.clone(), format!("{url}/mcp")];
        for issuer in &mut config.issuers {
            if issuer.audience.is_empty() {
                issuer.audience.extend(audience.clone());
            }
        }
        Ok(config)
    }

    /// What [`crate::identity::Identity::new`] needs of it.
    pub fn identity(&self) -> Setup {
        Setup {
            issuers: self.issuers.clone(),
            agents: self.agents.clone(),
            tokens: self.tokens.clone(),
            officers: self.officers.clone(),
            allow_local_issuer: self.allow_local_issuer,
            public_url: self.server.public_url.clone(),
            token_exchange: self.token_exchange.clone(),
        }
    }

    fn check(&self, faults: &mut Faults) {
        self.server.check(faults);
        self.log.check(faults);
        if let Some(traces) = &self.traces {
            traces.check(faults);
        }
        self.database.check(faults);
        self.ledger.check(&self.database, faults);
        self.tokens.check(faults);
        self.quota.check(faults);
        let mut seen = HashSet::new();
        for (at, issuer) in self.issuers.iter().enumerate() {
            let at = format!("issuers[{at}]");
            issuer.check(&at, faults);
            if !seen.insert(&issuer.issuer) {
                faults.add(format!("{at}.issuer"), "is named twice");
            }
        }
        self.check_agents(faults);
        if let Some(exchange) = &self.token_exchange {
            exchange.check(&self.agents, faults);
            faults.unless(
                !seen.contains(&self.server.public_url),
                "token_exchange",
                "signs as server.public_url, which is also the name of one of the issuers",
            );
        }
        let mut seen = HashSet::new();
        for (at, upstream) in self.upstreams.iter().enumerate() {
            let at = format!("upstreams[{at}]");
            upstream.check(&at, faults);
            if !seen.insert(&upstream.name) {
                faults.add(format!("{at}.name"), "is used twice");
            }
        }
    }

    fn check_agents(&self, faults: &mut Faults) {
        let mut seen = HashSet::new();
        for (at, agent) in self.agents.iter().enumerate() {
            if !seen.insert(&agent.id) {
                faults.add(format!("agents[{at}].id"), "is registered twice");
            }
            if agent.title.trim().is_empty() {
                faults.add(format!("agents[{at}].title"), "is empty");
            }
            for (of, recipient) in agent.recipients.iter().enumerate() {
                let country = recipient.country.as_bytes();
                if country.len() != 2 || !country.iter().all(u8::is_ascii_uppercase) {
                    faults.add(
                        format!("agents[{at}].recipients[{of}].country"),
                        "is not two capital letters of ISO 3166-1",
                    );
                }
            }
        }
    }

    fn resolve(&mut self, folder: &Path) {
        let mut paths: Vec<&mut PathBuf> = vec![
            &mut self.ledger.vault,
            &mut self.ledger.anchor,
            &mut self.policies.dir,
            &mut self.exports.dir,
        ];
        if let Some(tls) = &mut self.server.tls {
            paths.extend([&mut tls.cert, &mut tls.key]);
        }
        paths.extend(self.redaction.models.as_mut());
        for issuer in &mut self.issuers {
            paths.extend(issuer.jwks_file.as_mut());
            paths.extend(issuer.jwks_ca.as_mut());
        }
        paths.extend(self.agents.iter_mut().filter_map(|a| a.jwks_file.as_mut()));
        for upstream in &mut self.upstreams {
            paths.extend(upstream.paths());
        }
        for path in paths {
            *path = folder.join(&*path);
        }
        for (_, secret) in self.secrets() {
            secret.resolve(folder);
        }
        self.database.resolve(folder);
    }

    fn secrets(&mut self) -> Vec<(String, &mut Secret)> {
        let mut secrets = Vec::new();
        if let Some(password) = &mut self.database.password {
            secrets.push(("database.password".to_owned(), password));
        }
        if let Some(exchange) = &mut self.token_exchange {
            secrets.push(("token_exchange.key".to_owned(), &mut exchange.key));
        }
        for (at, upstream) in self.upstreams.iter_mut().enumerate() {
            secrets.extend(upstream.secrets(&format!("upstreams[{at}]")));
        }
        secrets
    }

    fn read_secrets(&mut self, faults: &mut Faults) {
        for (at, secret) in self.secrets() {
            if let Err(unread) = secret.read() {
                faults.add(at, unread.to_string());
            }
        }
    }

    fn look_for_files(&self, faults: &mut Faults) {
        let mut expect = |at: String, path: &Path, folder: bool| {
            let found = if folder {
                path.is_dir()
            } else {
                path.is_file()
            };
            if !found {
                let kind = if folder { "folder" } else { "file" };
                faults.add(at, format!("the {kind} is not there"));
            }
        };
        expect("policies.dir".to_owned(), &self.policies.dir, true);
        for (at, issuer) in self.issuers.iter().enumerate() {
            for (key, file) in [
                ("jwks_file", &issuer.jwks_file),
                ("jwks_ca", &issuer.jwks_ca),
            ] {
                if let Some(file) = file {
                    expect(format!("issuers[{at}].{key}"), file, false);
                }
            }
        }
        for (at, agent) in self.agents.iter().enumerate() {
            if let Some(file) = &agent.jwks_file {
                expect(format!("agents[{at}].jwks_file"), file, false);
            }
        }
        for (at, upstream) in self.upstreams.iter().enumerate() {
            for (key, path) in upstream.files() {
                expect(format!("upstreams[{at}].{key}"), path, false);
            }
        }
        if let Some(tls) = &self.server.tls {
            expect("server.tls.cert".to_owned(), &tls.cert, false);
            if let Err(unread) = secret::read_private(&tls.key) {
                faults.add("server.tls.key", unread.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests;
