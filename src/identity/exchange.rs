//! Exchanging a customer's session token for a delegated one (RFC 8693), for issuers that know no
//! `act`.
//!
//! Two proofs go in: the customer's token, from an issuer that may issue `customers` or `sessions`,
//! and the agent's own credential. What comes out says of both what they proved and no more: the
//! subject is the customer's, the assurance and the session are carried over, scopes only get
//! fewer, and it ends before either of them and within five minutes.
//! Leaves quotas, switches and the record to [`crate::gateway`].

use super::assertion::{Assertion, Replays};
use super::authenticate::{Checked, Trusted, sha256};
use super::customer::Customer;
use super::key::{self, Keys};
use super::scope::Scopes;
use super::signer::Signer;
use super::token::Parsed;
use super::unknown::Unknown;
use super::verify::{Shown, own};
use super::{Agent, Assurance, Attribute, Caller, Identity, Unready, Verified};
use crate::config::issuer::own_words;
use crate::config::{ClaimPath, Issuer, Issues, TokenExchange};
use arc_swap::ArcSwap;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

mod mint;

/// Where tokens are exchanged, below our URL.
pub(crate) const ENDPOINT: &str = "/oauth/token";

/// The longest a token of ours is believed: five minutes.
const LONGEST_LIFETIME: Duration = Duration::from_mins(5);

/// What exchanging needs.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Who signs: our URL.
    name: String,
    signer: Signer,
    lifetime_s: i64,
    /// Agents that may exchange.
    agents: HashMap<String, Registered>,
    /// What an agent's assertion may name as its audience.
    audience: Vec<String>,
    replays: Replays,
}

/// The keys an agent proves itself with.
#[derive(Debug)]
struct Registered {
    /// Which agent, counted as in the configuration.
    at: usize,
    keys: ArcSwap<Keys>,
}

/// With what an agent proves itself at the token endpoint.
#[derive(Debug, Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// A token of the agent alone (`actor_token`).
    pub actor_token: Option<&'a str>,
    /// A JWT signed with its registered key (`client_assertion`).
    pub assertion: Option<&'a str>,
    /// Who it says to be (`client_id`).
    pub client_id: Option<&'a str>,
}

/// An agent that has proved itself at the token endpoint.
#[derive(Debug)]
pub struct Acting {
    caller: Arc<Caller>,
    proof: &'static str,
    until_s: i64,
}

impl Acting {
    /// The agent, acting for nobody yet.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
    /// How it proved itself: `actor_token`, `private_key_jwt` or both.
    pub fn proof(&self) -> &'static str {
        self.proof
    }
}

/// A customer's session, from the token that is to be exchanged.
#[derive(Debug)]
pub struct Session {
    customer: Arc<Customer>,
    known: Vec<Attribute>,
    scopes: Option<Scopes>,
    auth_time_s: Option<i64>,
    may_act: Option<Value>,
    expires_at_s: i64,
}

impl Session {
    /// The customer.
    pub fn customer(&self) -> &Arc<Customer> {
        &self.customer
    }
}

/// A signed token that nobody has been given yet.
pub struct Minted {
    /// The token.
    pub token: String,
    /// Its `jti`.
    pub jti: String,
    /// For how many seconds it is good.
    pub expires_in_s: i64,
    /// Its scopes, as they stand in it.
    pub scope: String,
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Minted")
            .field("jti", &self.jti)
            .finish_non_exhaustive()
    }
}

/// No token for this agent and session; the agent's fault but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMinted {
    /// The session has ended, or ends with this second.
    #[error("the session has ended")]
    Ended,
    /// The customer's token says who may act for them (`may_act`), and it is somebody else.
    #[error("another may act for them")]
    MayNotAct,
    /// More is asked for than both tokens have, or nothing is left.
    #[error("the scope is not theirs to give")]
    Scope,
    /// The token would be longer than one may be.
    #[error("the token would be too long")]
    TooLong,
    /// It could not be signed.
    #[error("it could not be signed")]
    Unsigned,
}

impl Exchange {
    pub(super) fn new(
        config: &TokenExchange,
        url: &str,
        registered: &[Agent],
    ) -> Result<Self, Unready> {
        let signer = Signer::from_pem(config.key.expose()).map_err(|_error| Unready::Signer)?;
        let mut agents = HashMap::new();
        for (at, agent) in registered.iter().enumerate() {
            if config.agents.contains(&agent.id) {
                let keys = registered_keys(agent).map_err(|keys| Unready::Agent { at, keys })?;
                let keys = ArcSwap::from_pointee(keys);
                agents.insert(agent.id.to_string(), Registered { at, keys });
            }
        }
        Ok(Self {
            name: url.to_owned(),
            signer,
            lifetime_s: i64::try_from(config.lifetime.as_secs()).unwrap_or_default(),
            agents,
            audience: vec![url.to_owned(), format!("{url}{ENDPOINT}")],
            replays: Replays::default(),
        })
    }

    /// Ourselves as an issuer.
    pub(super) fn trusted(&self) -> Result<Trusted, Unready> {
        let mut config = Issuer::named(&self.name, &self.name, vec![Issues::Agents]);
        config.scopes = true;
        config.max_lifetime = LONGEST_LIFETIME;
        config.acr = own_words();
        let ours = |name: &str| vec![ClaimPath::new(&format!("{}.{name}", own::BEHIND))];
        config.name_claims = ours("names");
        config.email_claims = ours("emails");
        config.phone_claims = ours("phones");
        let keys = key::keys(self.signer.jwks().as_bytes(), false);
        Ok(Trusted::ours(
            config,
            keys.map_err(|_unusable| Unready::Signer)?,
        ))
    }

    /// Agents' keys, read again.
    pub(super) fn reread(
        &self,
        agents: &HashMap<String, Arc<Agent>>,
    ) -> Result<Vec<(&ArcSwap<Keys>, Keys)>, Unready> {
        let mut fresh = Vec::new();
        for (id, registered) in &self.agents {
            let at = registered.at;
            if let Some(agent) = agents.get(id) {
                let keys = registered_keys(agent).map_err(|keys| Unready::Agent { at, keys })?;
                fresh.push((&registered.keys, keys));
            }
        }
        Ok(fresh)
    }
}

fn registered_keys(agent: &Agent) -> Result<Keys, key::BadKeys> {
    match &agent.jwks_file {
        None => Ok(Keys::new()),
        Some(file) => {
            let bytes = std::fs::read(file).map_err(|_error| key::BadKeys::Unreadable)?;
            key::keys(&bytes, false)
        }
    }
}

impl Identity {
    /// The public keys of our own tokens as a JWKS; none if we issue none.
    pub fn exchange_jwks(&self) -> Option<String> {
        Some(self.exchange.as_ref()?.signer.jwks())
    }

    /// The agent that asks for a token. Everything it brings must prove the same agent. An
    /// assertion is used up by this.
    pub fn acting(&self, by: Credentials<'_>, now_s: i64) -> Result<Acting, Unknown> {
        let exchange = self.exchange.as_ref().ok_or(Unknown::Kind)?;
        let asserted = match by.assertion {
            Some(assertion) => Some(self.asserted(exchange, assertion, now_s)?),
            None => None,
        };
        let shown = match by.actor_token {
            Some(token) => Some(self.actor(token, now_s)?),
            None => None,
        };
        let acting = match (asserted, shown) {
            (Some(one), Some(other)) => {
                if one.caller.agent().id != other.caller.agent().id {
                    return Err(Unknown::Actor);
                }
                Acting {
                    proof: "private_key_jwt actor_token",
                    ..other
                }
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return Err(Unknown::Missing),
        };
        let id = acting.caller.agent().id.as_str();
        if by.client_id.is_some_and(|client| client != id) {
            return Err(Unknown::Actor);
        }
        Ok(acting)
    }

    /// Whether an agent is one of those that may exchange.
    pub fn may_exchange(&self, acting: &Acting) -> bool {
        let id = acting.caller.agent().id.as_str();
        let exchange = self.exchange.as_ref();
        exchange.is_some_and(|exchange| exchange.agents.contains_key(id))
    }

    fn asserted(
        &self,
        exchange: &Exchange,
        assertion: &str,
        now_s: i64,
    ) -> Result<Acting, Unknown> {
        let parsed = Parsed::parse(assertion)?;
        let maker = Assertion::maker(&parsed).ok_or(Unknown::Agent)?;
        let agent = self.agents.get(maker).ok_or(Unknown::Agent)?;
        let keys = exchange.agents.get(maker).ok_or(Unknown::Agent)?;
        let keys = keys.keys.load();
        let times = (self.leeway_s, now_s);
        let proved = Assertion::verify(parsed, &keys, &exchange.audience, times)?;
        exchange.replays.spend(&proved, now_s)?;
        let caller = Caller {
            marks: std::sync::OnceLock::new(),
            ready: std::sync::OnceLock::new(),
            agent: Arc::clone(agent),
            subject: None,
            assurance: Assurance::Low,
            session: None,
            known: Vec::new(),
            scopes: None,
            issued_at_s: proved.times.issued_at_s,
            token: sha256(assertion),
            token_id: None,
            behind: None,
        };
        Ok(Acting {
            caller: Arc::new(caller),
            proof: "private_key_jwt",
            // It proves who asks, and is no session that could end.
            until_s: i64::MAX,
        })
    }

    fn actor(&self, token: &str, now_s: i64) -> Result<Acting, Unknown> {
        let checked = self.check(token, now_s)?;
        let until_s = checked.times.expires_at_s;
        match self.judge(&checked, Shown::In, sha256(token))? {
            Verified::Agent(caller) if caller.subject().is_none() => Ok(Acting {
                caller,
                proof: "actor_token",
                until_s,
            }),
            Verified::Agent(_) | Verified::Officer(_) | Verified::Customer(_) => Err(Unknown::Kind),
        }
    }

    /// The customer's session behind a token that is to be exchanged.
    pub fn session(&self, token: &str, now_s: i64) -> Result<Session, Unknown> {
        let checked = self.check(token, now_s)?;
        let verified = self.judge(&checked, Shown::ForAnother, sha256(token))?;
        let Verified::Customer(customer) = verified else {
            return Err(Unknown::Kind);
        };
        let Checked {
            claims,
            times,
            trusted,
        } = checked;
        let bench = self.bench(trusted, Shown::ForAnother);
        Ok(Session {
            known: bench.known(&claims, &customer.subject().uid)?,
            scopes: bench.scopes(&claims)?,
            auth_time_s: claims.seconds("auth_time")?,
            may_act: claims.0.get("may_act").cloned(),
            expires_at_s: times.expires_at_s,
            customer,
        })
    }
}
