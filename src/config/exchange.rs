//! `[token_exchange]`: delegated tokens of our own, for issuers that know no `act`.

use super::fault::Faults;
use super::secret::Secret;
use crate::identity::{Agent, AgentId};
use serde::Deserialize;
use std::time::Duration;

/// The longest a token of ours may be good for.
const LONGEST: Duration = Duration::from_mins(5);

/// How the gateway exchanges a customer's session token for a delegated one (RFC 8693).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenExchange {
    /// The key that signs: an Ed25519 or P-256 private key, PKCS#8 in PEM.
    pub key: Secret,
    /// Which agents may exchange.
    pub agents: Vec<AgentId>,
    /// How long a token is good, at most 300 seconds; never longer than what it was given for.
    #[serde(
        rename = "lifetime_s",
        default = "lifetime",
        deserialize_with = "super::duration::s"
    )]
    pub lifetime: Duration,
}

fn lifetime() -> Duration {
    LONGEST
}

impl TokenExchange {
    pub(super) fn check(&self, registered: &[Agent], faults: &mut Faults) {
        faults.unless(
            !self.lifetime.is_zero() && self.lifetime <= LONGEST,
            "token_exchange.lifetime_s",
            "is not between 1 and 300",
        );
        faults.unless(!self.agents.is_empty(), "token_exchange.agents", "is empty");
        for (at, agent) in self.agents.iter().enumerate() {
            faults.unless(
                registered.iter().any(|known| known.id == *agent),
                format!("token_exchange.agents[{at}]"),
                "is not registered in [[agents]]",
            );
        }
    }
}
