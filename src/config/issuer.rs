//! `[[issuers]]`, `[tokens]` and `[officers]`: whom to believe, and how far.

use super::fault::Faults;
use crate::identity::{Assurance, Role};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who signs tokens, with which keys, and for whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The tokens' `iss`, byte for byte.
    pub issuer: String,
    /// Its public keys, RFC 7517: Ed25519 and P-256, each with a `kid`.
    pub jwks_file: PathBuf,
    /// One of these must be in a token's `aud`; `server.public_url` when there are none.
    #[serde(default)]
    pub audience: Vec<String>,
    /// Whose tokens it may issue.
    pub issues: Vec<Issues>,
    /// Where the agent stands in a delegated token.
    #[serde(default)]
    pub actor_claim: ActorClaim,
    /// The claim with the upstreams' id for the subject.
    #[serde(default = "uid_claim")]
    pub uid_claim: String,
    /// The claim with an officer's roles: a string or an array of strings.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    /// The issuer's words for roles. Where none are given, the roles' own names are.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// What an `acr` is worth; what is not listed is `low`.
    #[serde(default)]
    pub acr: BTreeMap<String, Assurance>,
    /// The `client_id`s customers sign in through. Where any are given, a customer's token must
    /// name one.
    #[serde(default)]
    pub customer_clients: Vec<String>,
    /// The longest time between `iat` and `exp`.
    #[serde(
        rename = "max_lifetime_s",
        default = "max_lifetime",
        deserialize_with = "super::duration::s"
    )]
    pub max_lifetime: Duration,
}

fn uid_claim() -> String {
    "uid".to_owned()
}
fn roles_claim() -> String {
    "roles".to_owned()
}
fn max_lifetime() -> Duration {
    Duration::from_hours(1)
}

/// Whose tokens an issuer may issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Issues {
    /// An agent acting for a customer.
    Agents,
    /// An agent alone, in a guest's chat.
    Guests,
    /// A customer.
    Customers,
    /// A member of staff.
    Officers,
}

/// Where the agent stands in a delegated token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorClaim {
    /// `act.sub`, RFC 8693 §4.1.
    #[default]
    Act,
    /// `azp`, for an issuer that knows no `act`.
    Azp,
    /// `client_id`, for an issuer that knows no `act`.
    ClientId,
}

impl Issuer {
    /// One that may issue every kind of token and is believed whatever `acr` it states: the
    /// built-in issuer's.
    pub(crate) fn of_everything(issuer: &str, audience: &str, jwks_file: &Path) -> Self {
        let acr = [Assurance::Low, Assurance::Substantial, Assurance::High];
        let names = ["low", "substantial", "high"];
        Self {
            issuer: issuer.to_owned(),
            jwks_file: jwks_file.to_owned(),
            audience: vec![audience.to_owned()],
            issues: vec![
                Issues::Agents,
                Issues::Guests,
                Issues::Customers,
                Issues::Officers,
            ],
            actor_claim: ActorClaim::Act,
            uid_claim: uid_claim(),
            roles_claim: roles_claim(),
            roles: BTreeMap::new(),
            acr: names.map(str::to_owned).into_iter().zip(acr).collect(),
            customer_clients: Vec::new(),
            max_lifetime: max_lifetime(),
        }
    }

    /// Whether it may issue tokens of this kind.
    pub fn may_issue(&self, kind: Issues) -> bool {
        self.issues.contains(&kind)
    }

    pub(super) fn check(&self, at: &str, faults: &mut Faults) {
        faults.unless(
            !self.issuer.is_empty() && self.issuer.len() <= 512,
            format!("{at}.issuer"),
            "is empty or longer than 512 bytes",
        );
        faults.unless(!self.issues.is_empty(), format!("{at}.issues"), "is empty");
        faults.unless(
            self.audience.iter().all(|audience| !audience.is_empty()),
            format!("{at}.audience"),
            "has an empty entry",
        );
        for (key, claim) in [
            ("uid_claim", &self.uid_claim),
            ("roles_claim", &self.roles_claim),
        ] {
            faults.unless(!claim.is_empty(), format!("{at}.{key}"), "is empty");
        }
        let longest = Duration::from_hours(24);
        faults.unless(
            !self.max_lifetime.is_zero() && self.max_lifetime <= longest,
            format!("{at}.max_lifetime_s"),
            "is not between 1 second and 24 hours",
        );
        // Where the agent is only a client's id, a customer's token and a delegated one look
        // alike: an agent that is no longer registered would pass for the customer.
        faults.unless(
            self.actor_claim == ActorClaim::Act
                || !self.may_issue(Issues::Customers)
                || !self.customer_clients.is_empty(),
            format!("{at}.customer_clients"),
            "is needed: without `act`, only its client tells a customer's token from an agent's",
        );
    }
}

/// What holds of every token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// How far an issuer's clock may be off ours, at most 60.
    #[serde(default = "leeway")]
    pub leeway_s: u32,
    /// Verified tokens remembered at once.
    #[serde(default = "remembered")]
    pub remembered: usize,
}

fn leeway() -> u32 {
    60
}
fn remembered() -> usize {
    16_384
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            leeway_s: leeway(),
            remembered: remembered(),
        }
    }
}

impl Tokens {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.unless(self.leeway_s <= 60, "tokens.leeway_s", "is more than 60");
        faults.unless(
            (16..=1_000_000).contains(&self.remembered),
            "tokens.remembered",
            "is not between 16 and 1000000",
        );
    }
}

/// What holds of every officer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officers {
    /// Pairs of roles that must not meet in one person. As shipped: `admin` with any that sees
    /// content.
    #[serde(default = "apart")]
    pub apart: Vec<[Role; 2]>,
}

fn apart() -> Vec<[Role; 2]> {
    let others = Role::ALL.into_iter().filter(|role| *role != Role::Admin);
    others.map(|role| [Role::Admin, role]).collect()
}

impl Default for Officers {
    fn default() -> Self {
        Self { apart: apart() }
    }
}
