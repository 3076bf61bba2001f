//! Authentication itself: a token once verified is remembered by its digest until it expires.

use super::Caller;
use super::agent::Agent;
use super::claim::{Claims, Span, Times};
use super::customer::Customer;
use super::endpoint::Endpoint;
use super::exchange::Exchange;
use super::fetch::Fetch;
use super::key::{self, BadKeys, Keys};
use super::officer::{Officer, Role};
use super::token::Parsed;
use super::unknown::Unknown;
use super::verify::{Bench, Shown};
use crate::config::{Issuer, Issues, Officers, TokenExchange, Tokens};
use arc_swap::ArcSwap;
use quick_cache::sync::Cache;
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an [`Identity`] is made of; [`crate::config::Config::identity`] gives it.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Who signs tokens.
    pub issuers: Vec<Issuer>,
    /// Which agents are registered.
    pub agents: Vec<Agent>,
    /// What holds of every token.
    pub tokens: Tokens,
    /// What holds of every officer.
    pub officers: Officers,
    /// Whether keys of the built-in issuer are accepted.
    pub allow_local_issuer: bool,
    /// Our URL: the name we sign tokens of our own with.
    pub public_url: String,
    /// Whether and how we do.
    pub token_exchange: Option<TokenExchange>,
}

/// Keys cannot be used, so nobody they vouch for could be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// An issuer's.
    #[error("issuers[{at}].jwks_file: {keys}")]
    Issuer {
        /// Which issuer, counted from 0 as in the configuration.
        at: usize,
        /// What is wrong with its keys.
        #[source]
        keys: BadKeys,
    },
    /// An issuer's endpoint cannot be asked.
    #[error("issuers[{at}].jwks_url: it or its jwks_ca cannot be used")]
    Endpoint {
        /// Which issuer.
        at: usize,
    },
    /// An agent's own.
    #[error("agents[{at}].jwks_file: {keys}")]
    Agent {
        /// Which agent, counted from 0 as in the configuration.
        at: usize,
        /// What is wrong with its keys.
        #[source]
        keys: BadKeys,
    },
    /// The key for tokens of our own.
    #[error("token_exchange.key: no Ed25519 or P-256 private key, PKCS#8 in PEM")]
    Signer,
}

/// Whoever a token makes known: one of these and no other.
#[derive(Debug, Clone)]
pub enum Verified {
    /// An agent, acting for a customer or in a guest's chat.
    Agent(Arc<Caller>),
    /// A member of staff.
    Officer(Arc<Officer>),
    /// A customer.
    Customer(Arc<Customer>),
}

/// Knows callers by their tokens.
pub struct Identity {
    pub(super) issuers: HashMap<String, Trusted>,
    pub(super) agents: HashMap<String, Arc<Agent>>,
    pub(super) exchange: Option<Exchange>,
    apart: Vec<[Role; 2]>,
    pub(super) leeway_s: i64,
    pub(super) allow_local: bool,
    remembered: Cache<[u8; 32], Remembered>,
    /// Counts what was forgotten, so that a token verified meanwhile is not remembered.
    forgotten: AtomicU64,
}

/// An issuer and its keys.
pub(super) struct Trusted {
    at: usize,
    pub(super) config: Issuer,
    pub(super) keys: ArcSwap<Keys>,
    source: Source,
}

/// Where an issuer's keys come from.
enum Source {
    File(PathBuf),
    Endpoint(Box<Endpoint>),
    /// They are ours.
    Ours,
}

impl Trusted {
    fn new(at: usize, config: Issuer, allow_local: bool) -> Result<Self, Unready> {
        let (source, keys) = if let Some(url) = &config.jwks_url {
            let url = crate::config::issuer::endpoint(url);
            let url = url.map_err(|_wrong| Unready::Endpoint { at })?;
            let fetch = Fetch::new(&url, config.jwks_ca.as_deref());
            let fetch = fetch.map_err(|_unusable| Unready::Endpoint { at })?;
            (
                Source::Endpoint(Box::new(Endpoint::new(fetch))),
                Keys::new(),
            )
        } else {
            let file = config.jwks_file.clone().unwrap_or_default();
            let keys = read(&file, allow_local).map_err(|keys| Unready::Issuer { at, keys })?;
            (Source::File(file), keys)
        };
        Ok(Self {
            at,
            config,
            keys: ArcSwap::from_pointee(keys),
            source,
        })
    }

    /// Ourselves.
    pub(super) fn ours(config: Issuer, keys: Keys) -> Self {
        Self {
            at: 0,
            config,
            keys: ArcSwap::from_pointee(keys),
            source: Source::Ours,
        }
    }

    /// Its endpoint, if its keys come from one.
    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        match &self.source {
            Source::Endpoint(endpoint) => Some(endpoint),
            Source::File(_) | Source::Ours => None,
        }
    }

    fn shown(&self) -> Shown {
        match self.source {
            Source::Ours => Shown::InByUs,
            Source::File(_) | Source::Endpoint(_) => Shown::In,
        }
    }
}

/// A token whose signature, audience and times hold.
pub(super) struct Checked<'i> {
    pub(super) trusted: &'i Trusted,
    pub(super) claims: Claims,
    pub(super) times: Times,
}

#[derive(Clone)]
struct Remembered {
    verified: Verified,
    until_s: i64,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads the issuers' keys; those of an endpoint come later, by [`Self::follow`]. The built-in
    /// issuer's are refused unless `setup` allows them.
    pub fn new(setup: Setup) -> Result<Self, Unready> {
        let mut issuers = HashMap::new();
        for (at, config) in setup.issuers.into_iter().enumerate() {
            let name = config.issuer.clone();
            issuers.insert(name, Trusted::new(at, config, setup.allow_local_issuer)?);
        }
        let exchange = match &setup.token_exchange {
            Some(config) => Some(Exchange::new(config, &setup.public_url, &setup.agents)?),
            None => None,
        };
        if let Some(exchange) = &exchange {
            issuers.insert(setup.public_url, exchange.trusted()?);
        }
        let agents = setup.agents.into_iter();
        Ok(Self {
            issuers,
            agents: agents
                .map(|agent| (agent.id.to_string(), Arc::new(agent)))
                .collect(),
            exchange,
            apart: setup.officers.apart,
            leeway_s: i64::from(setup.tokens.leeway_s),
            allow_local: setup.allow_local_issuer,
            remembered: Cache::new(setup.tokens.remembered),
            forgotten: AtomicU64::new(0),
        })
    }

    /// Who shows the token `bearer` (the token alone, see [`super::bearer()`]) at `now_s`.
    ///
    /// A token seen before costs a digest and a look-up. One that was revoked is still known
    /// here: the caller checks revocation, by [`Caller::token`] and the like.
    pub fn authenticate(&self, bearer: Option<&str>, now_s: i64) -> Result<Verified, Unknown> {
        let token = bearer.ok_or(Unknown::Missing)?;
        if token.is_empty() {
            return Err(Unknown::Missing);
        }
        let digest = sha256(token);
        if let Some(known) = self.remembered.get(&digest) {
            if now_s < known.until_s {
                return Ok(known.verified);
            }
            self.remembered.remove(&digest);
            return Err(Unknown::Expired);
        }
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let known = self.verify(token, digest, now_s)?;
        self.remembered.insert(digest, known.clone());
        // Keys or grants that went while we verified must not leave what we found behind.
        if self.forgotten.load(Ordering::SeqCst) != forgotten {
            self.remembered.remove(&digest);
        }
        Ok(known.verified)
    }

    fn verify(&self, token: &str, digest: [u8; 32], now_s: i64) -> Result<Remembered, Unknown> {
        let checked = self.check(token, now_s)?;
        Ok(Remembered {
            verified: self.judge(&checked, checked.trusted.shown(), digest)?,
            until_s: checked.times.until_s,
        })
    }

    /// A token's claims, if it is an access token for us, signed by its issuer, and in time.
    pub(super) fn check(&self, token: &str, now_s: i64) -> Result<Checked<'_>, Unknown> {
        let parsed = Parsed::parse(token)?;
        let trusted = parsed.issuer().and_then(|name| self.issuers.get(name));
        let trusted = trusted.ok_or(Unknown::Issuer)?;
        if !parsed.is_access(trusted.config.plain_typ) {
            return Err(Unknown::WrongType);
        }
        let keys = trusted.keys.load();
        let Some(key) = parsed.kid().and_then(|kid| keys.get(kid)) else {
            // It may be one that the endpoint lists by now.
            if let Some(endpoint) = trusted.endpoint() {
                endpoint.wake();
            }
            return Err(Unknown::Key);
        };
        let claims = Claims(parsed.verify(key)?);
        claims.unbound()?;
        claims.is_for(&trusted.config.audience)?;
        let longest = trusted.config.max_lifetime.as_secs();
        let times = claims.times(Span {
            now_s,
            leeway_s: self.leeway_s,
            longest_s: i64::try_from(longest).unwrap_or(i64::MAX),
        })?;
        Ok(Checked {
            trusted,
            claims,
            times,
        })
    }

    /// Whom a checked token makes known.
    pub(super) fn judge(
        &self,
        checked: &Checked<'_>,
        shown: Shown,
        digest: [u8; 32],
    ) -> Result<Verified, Unknown> {
        let bench = self.bench(checked.trusted, shown);
        bench.judge(&checked.claims, checked.times, digest)
    }

    pub(super) fn bench<'a>(&'a self, trusted: &'a Trusted, shown: Shown) -> Bench<'a> {
        Bench {
            issuer: &trusted.config,
            agents: &self.agents,
            apart: &self.apart,
            shown,
        }
    }

    /// Forgets one token, by its digest: it is verified anew when it comes again.
    pub fn forget(&self, digest: &[u8; 32]) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.remembered.remove(digest);
    }

    /// Forgets every token.
    pub fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.remembered.clear();
    }

    /// Reads every key file again and forgets every token; endpoints are asked again soon. If a
    /// file is bad, all keys stay as they were.
    pub fn reload(&self) -> Result<(), Unready> {
        let mut fresh = Vec::new();
        for trusted in self.issuers.values() {
            let at = trusted.at;
            match &trusted.source {
                Source::File(file) => {
                    let keys = read(file, self.allow_local);
                    let keys = keys.map_err(|keys| Unready::Issuer { at, keys })?;
                    fresh.push((&trusted.keys, keys));
                }
                Source::Endpoint(endpoint) => endpoint.wake(),
                Source::Ours => {}
            }
        }
        if let Some(exchange) = &self.exchange {
            fresh.extend(exchange.reread(&self.agents)?);
        }
        for (keys, read) in fresh {
            keys.store(Arc::new(read));
        }
        self.forget_all();
        Ok(())
    }

    /// Whether an issuer is one that vouches for customers.
    pub fn knows_customers_of(&self, issuer: &str) -> bool {
        let of_customers = |issues: &Issues| matches!(issues, Issues::Agents | Issues::Customers);
        let trusted = self.issuers.get(issuer);
        trusted.is_some_and(|trusted| trusted.config.issues.iter().any(of_customers))
    }

    /// The registered agents, in no order.
    pub fn agents(&self) -> impl Iterator<Item = &Arc<Agent>> {
        self.agents.values()
    }
}

fn read(file: &Path, allow_local: bool) -> Result<Keys, BadKeys> {
    let bytes = std::fs::read(file).map_err(|_error| BadKeys::Unreadable)?;
    key::keys(&bytes, allow_local)
}

pub(super) fn sha256(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    let digest = digest(&SHA256, token.as_bytes());
    for (to, from) in out.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    out
}
