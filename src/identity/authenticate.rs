//! Authentication itself: a token once verified is remembered by its digest until it expires.

use super::Caller;
use super::agent::Agent;
use super::claim::Claims;
use super::customer::Customer;
use super::key::{self, BadKeys, Key};
use super::officer::{Officer, Role};
use super::token::Parsed;
use super::unknown::Unknown;
use super::verify::Bench;
use crate::config::{Issuer, Issues, Officers, Tokens};
use arc_swap::ArcSwap;
use quick_cache::sync::Cache;
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
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
}

/// An issuer's keys cannot be used, so nobody it vouches for could be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("issuers[{at}].jwks_file: {keys}")]
pub struct Unready {
    /// Which issuer, counted from 0 as in the configuration.
    pub at: usize,
    /// What is wrong with its keys.
    #[source]
    pub keys: BadKeys,
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
    issuers: HashMap<String, Trusted>,
    agents: HashMap<String, Arc<Agent>>,
    apart: Vec<[Role; 2]>,
    leeway_s: i64,
    allow_local: bool,
    remembered: Cache<[u8; 32], Remembered>,
    /// Counts what was forgotten, so that a token verified meanwhile is not remembered.
    forgotten: AtomicU64,
}

struct Trusted {
    at: usize,
    config: Issuer,
    keys: ArcSwap<HashMap<String, Key>>,
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
    /// Reads the issuers' keys. The built-in issuer's are refused unless `setup` allows them.
    pub fn new(setup: Setup) -> Result<Self, Unready> {
        let mut issuers = HashMap::new();
        for (at, config) in setup.issuers.into_iter().enumerate() {
            let keys =
                read(&config, setup.allow_local_issuer).map_err(|keys| Unready { at, keys })?;
            let name = config.issuer.clone();
            let keys = ArcSwap::from_pointee(keys);
            issuers.insert(name, Trusted { at, config, keys });
        }
        let agents = setup.agents.into_iter();
        Ok(Self {
            issuers,
            agents: agents
                .map(|agent| (agent.id.to_string(), Arc::new(agent)))
                .collect(),
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
        let parsed = Parsed::parse(token)?;
        let trusted = parsed.issuer().and_then(|name| self.issuers.get(name));
        let trusted = trusted.ok_or(Unknown::Issuer)?;
        let keys = trusted.keys.load();
        let key = keys.get(parsed.kid()).ok_or(Unknown::Key)?;
        let claims = Claims(parsed.verify(key)?);
        let times = claims.times(&trusted.config, self.leeway_s, now_s)?;
        let bench = Bench {
            issuer: &trusted.config,
            agents: &self.agents,
            apart: &self.apart,
        };
        Ok(Remembered {
            verified: bench.judge(&claims, times, digest)?,
            until_s: times.until_s,
        })
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

    /// Reads every issuer's keys again and forgets every token. If a file is bad, all keys stay
    /// as they were.
    pub fn reload(&self) -> Result<(), Unready> {
        let mut fresh = Vec::new();
        for trusted in self.issuers.values() {
            let at = trusted.at;
            let keys =
                read(&trusted.config, self.allow_local).map_err(|keys| Unready { at, keys })?;
            fresh.push((trusted, keys));
        }
        for (trusted, keys) in fresh {
            trusted.keys.store(Arc::new(keys));
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

fn read(config: &Issuer, allow_local: bool) -> Result<HashMap<String, Key>, BadKeys> {
    let bytes = std::fs::read(&config.jwks_file).map_err(|_error| BadKeys::Unreadable)?;
    key::keys(&bytes, allow_local)
}

fn sha256(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    let digest = digest(&SHA256, token.as_bytes());
    for (to, from) in out.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    out
}
