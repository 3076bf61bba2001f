//! `[[issuers]]`: whom to believe, where their keys are, and which claim says what.

use super::claim::ClaimPath;
use super::fault::Faults;
use super::server::is_loopback;
use crate::identity::{Assurance, Role};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Who signs tokens, with which keys, and for whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The tokens' `iss`, byte for byte.
    pub issuer: String,
    /// A file of its public keys, RFC 7517: Ed25519, P-256 and RSA, each with a `kid`.
    pub jwks_file: Option<PathBuf>,
    /// The endpoint of its public keys, in place of a file: https, or http on loopback.
    pub jwks_url: Option<String>,
    /// PEM of the only authorities to trust for the endpoint; the public ones without it.
    pub jwks_ca: Option<PathBuf>,
    /// The longest time between two fetches of the endpoint; what it says of caching may make it
    /// shorter.
    #[serde(
        rename = "jwks_refresh_s",
        default = "jwks_refresh",
        deserialize_with = "super::duration::s"
    )]
    pub jwks_refresh: Duration,
    /// The shortest time between two fetches, whatever asks for one.
    #[serde(
        rename = "jwks_gap_s",
        default = "jwks_gap",
        deserialize_with = "super::duration::s"
    )]
    pub jwks_gap: Duration,
    /// How long keys are used after the endpoint was last reached.
    #[serde(
        rename = "jwks_max_stale_s",
        default = "jwks_max_stale",
        deserialize_with = "super::duration::s"
    )]
    pub jwks_max_stale: Duration,
    /// One of these must be in a token's `aud`; `server.public_url`, with and without `/mcp`, when
    /// there are none.
    #[serde(default)]
    pub audience: Vec<String>,
    /// Whose tokens it may issue.
    pub issues: Vec<Issues>,
    /// Also takes access tokens whose `typ` is `JWT` or missing, for an issuer that does not keep
    /// to RFC 9068.
    #[serde(default)]
    pub plain_typ: bool,
    /// Whether the scopes of an agent's token limit what it may do.
    #[serde(default)]
    pub scopes: bool,
    /// Where the agent stands in a delegated token.
    #[serde(default)]
    pub actor_claim: ActorClaim,
    /// The claim with the subject: 1 to 256 printable characters, never given to another.
    #[serde(default = "subject_claim")]
    pub subject_claim: ClaimPath,
    /// The claim with the upstreams' id for the subject.
    #[serde(default = "uid_claim")]
    pub uid_claim: ClaimPath,
    /// The claim with the chat session.
    #[serde(default = "session_claim")]
    pub session_claim: ClaimPath,
    /// The claim with an officer's roles: a string or an array of strings.
    #[serde(default = "roles_claim")]
    pub roles_claim: ClaimPath,
    /// The claim with the scopes: words with spaces between, or an array.
    #[serde(default = "scope_claim")]
    pub scope_claim: ClaimPath,
    /// The claim that says how the subject signed in.
    #[serde(default = "acr_claim")]
    pub acr_claim: ClaimPath,
    /// The claims with the subject's names, whole or in part.
    #[serde(default = "name_claims")]
    pub name_claims: Vec<ClaimPath>,
    /// The claims with the subject's e-mail addresses.
    #[serde(default = "email_claims")]
    pub email_claims: Vec<ClaimPath>,
    /// The claims with the subject's telephone numbers.
    #[serde(default = "phone_claims")]
    pub phone_claims: Vec<ClaimPath>,
    /// The claims with the subject's date of birth.
    #[serde(default = "birth_claims")]
    pub birth_claims: Vec<ClaimPath>,
    /// The claims with the numbers of the subject's documents.
    #[serde(default)]
    pub document_claims: Vec<ClaimPath>,
    /// The claims with the subject's postal addresses.
    #[serde(default = "address_claims")]
    pub address_claims: Vec<ClaimPath>,
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

fn jwks_refresh() -> Duration {
    Duration::from_mins(10)
}
fn jwks_gap() -> Duration {
    Duration::from_secs(10)
}
fn jwks_max_stale() -> Duration {
    Duration::from_hours(24)
}
fn subject_claim() -> ClaimPath {
    ClaimPath::new("sub")
}
fn uid_claim() -> ClaimPath {
    ClaimPath::new("uid")
}
fn session_claim() -> ClaimPath {
    ClaimPath::new("sid")
}
fn roles_claim() -> ClaimPath {
    ClaimPath::new("roles")
}
fn scope_claim() -> ClaimPath {
    ClaimPath::new("scope")
}
fn acr_claim() -> ClaimPath {
    ClaimPath::new("acr")
}
fn name_claims() -> Vec<ClaimPath> {
    let names = ["name", "given_name", "middle_name", "family_name"];
    names.map(ClaimPath::new).to_vec()
}
fn email_claims() -> Vec<ClaimPath> {
    vec![ClaimPath::new("email")]
}
fn phone_claims() -> Vec<ClaimPath> {
    vec![ClaimPath::new("phone_number")]
}
fn birth_claims() -> Vec<ClaimPath> {
    vec![ClaimPath::new("birthdate")]
}
fn address_claims() -> Vec<ClaimPath> {
    let parts = ["address.formatted", "address.street_address"];
    parts.map(ClaimPath::new).to_vec()
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
    /// A customer, in a token that is good for nothing but to be exchanged.
    Sessions,
}

/// Where the agent stands in a delegated token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ActorClaim {
    /// `act`: in `act.sub`, RFC 8693 §4.1.
    #[default]
    Act,
    /// `azp`, for an issuer that knows no `act`.
    Azp,
    /// `client_id`, for an issuer that knows no `act`.
    ClientId,
    /// A claim of the issuer's own, which is in delegated tokens and in no other.
    Own(ClaimPath),
}

impl<'de> Deserialize<'de> for ActorClaim {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let path = ClaimPath::deserialize(from)?;
        Ok(match path.names() {
            [name] if name == "act" => Self::Act,
            [name] if name == "azp" => Self::Azp,
            [name] if name == "client_id" => Self::ClientId,
            _ => Self::Own(path),
        })
    }
}

impl Issuer {
    /// One that may issue `issues`, with the defaults of everything else.
    pub(crate) fn named(name: &str, audience: &str, issues: Vec<Issues>) -> Self {
        Self {
            issuer: name.to_owned(),
            jwks_file: None,
            jwks_url: None,
            jwks_ca: None,
            jwks_refresh: jwks_refresh(),
            jwks_gap: jwks_gap(),
            jwks_max_stale: jwks_max_stale(),
            audience: vec![audience.to_owned()],
            issues,
            plain_typ: false,
            scopes: false,
            actor_claim: ActorClaim::Act,
            subject_claim: subject_claim(),
            uid_claim: uid_claim(),
            session_claim: session_claim(),
            roles_claim: roles_claim(),
            scope_claim: scope_claim(),
            acr_claim: acr_claim(),
            name_claims: name_claims(),
            email_claims: email_claims(),
            phone_claims: phone_claims(),
            birth_claims: birth_claims(),
            document_claims: Vec::new(),
            address_claims: address_claims(),
            roles: BTreeMap::new(),
            acr: BTreeMap::new(),
            customer_clients: Vec::new(),
            max_lifetime: max_lifetime(),
        }
    }

    /// One that may issue every kind of token and is believed whatever `acr` it states: the
    /// built-in issuer's.
    pub(crate) fn of_everything(name: &str, audience: &str, jwks_file: &Path) -> Self {
        let issues = vec![
            Issues::Agents,
            Issues::Guests,
            Issues::Customers,
            Issues::Officers,
        ];
        Self {
            jwks_file: Some(jwks_file.to_owned()),
            acr: own_words(),
            ..Self::named(name, audience, issues)
        }
    }

    /// Whether it may issue tokens of this kind.
    pub fn may_issue(&self, kind: Issues) -> bool {
        self.issues.contains(&kind)
    }

    /// Whether any of its tokens is good without being exchanged.
    pub(crate) fn is_believed_directly(&self) -> bool {
        self.issues.iter().any(|kind| *kind != Issues::Sessions)
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
        let longest = Duration::from_hours(24);
        faults.unless(
            !self.max_lifetime.is_zero() && self.max_lifetime <= longest,
            format!("{at}.max_lifetime_s"),
            "is not between 1 second and 24 hours",
        );
        // Where the agent is only a client's id, a customer's token and a delegated one look
        // alike: an agent that is no longer registered would pass for the customer.
        faults.unless(
            !matches!(self.actor_claim, ActorClaim::Azp | ActorClaim::ClientId)
                || !(self.may_issue(Issues::Customers) || self.may_issue(Issues::Sessions))
                || !self.customer_clients.is_empty(),
            format!("{at}.customer_clients"),
            "is needed: without `act`, only its client tells a customer's token from an agent's",
        );
        self.check_keys(at, faults);
        self.check_claims(at, faults);
    }

    fn check_keys(&self, at: &str, faults: &mut Faults) {
        let file = format!("{at}.jwks_file");
        match (&self.jwks_file, &self.jwks_url) {
            (Some(_), Some(_)) => faults.add(file, "and jwks_url: one of the two is enough"),
            (None, None) => faults.add(file, "is missing, and so is jwks_url"),
            (Some(_), None) => faults.unless(
                self.jwks_ca.is_none(),
                format!("{at}.jwks_ca"),
                "is for jwks_url, and there is none",
            ),
            (None, Some(url)) => {
                if let Err(wrong) = endpoint(url) {
                    faults.add(format!("{at}.jwks_url"), wrong);
                }
            }
        }
        let day = Duration::from_hours(24);
        let (gap, refresh, stale) = (self.jwks_gap, self.jwks_refresh, self.jwks_max_stale);
        faults.unless(
            (Duration::from_secs(1)..=Duration::from_hours(1)).contains(&gap),
            format!("{at}.jwks_gap_s"),
            "is not between 1 second and 1 hour",
        );
        faults.unless(
            (gap..=day).contains(&refresh),
            format!("{at}.jwks_refresh_s"),
            "is not between jwks_gap_s and 24 hours",
        );
        faults.unless(
            (refresh..=day.saturating_mul(7)).contains(&stale),
            format!("{at}.jwks_max_stale_s"),
            "is not between jwks_refresh_s and 7 days",
        );
    }

    fn check_claims(&self, at: &str, faults: &mut Faults) {
        const WRONG: &str = "is not 1 to 6 names of 1 to 128 printable characters";
        for (key, claim) in [
            ("subject_claim", &self.subject_claim),
            ("uid_claim", &self.uid_claim),
            ("session_claim", &self.session_claim),
            ("roles_claim", &self.roles_claim),
            ("scope_claim", &self.scope_claim),
            ("acr_claim", &self.acr_claim),
        ] {
            faults.unless(claim.is_sound(), format!("{at}.{key}"), WRONG);
        }
        if let ActorClaim::Own(claim) = &self.actor_claim {
            faults.unless(claim.is_sound(), format!("{at}.actor_claim"), WRONG);
        }
        for (key, claims) in [
            ("name_claims", &self.name_claims),
            ("email_claims", &self.email_claims),
            ("phone_claims", &self.phone_claims),
            ("birth_claims", &self.birth_claims),
            ("document_claims", &self.document_claims),
            ("address_claims", &self.address_claims),
        ] {
            let sound = claims.len() <= 8 && claims.iter().all(ClaimPath::is_sound);
            faults.unless(
                sound,
                format!("{at}.{key}"),
                "has more than 8 entries, or one that names no claim",
            );
        }
    }
}

/// What `acr` is worth in tokens of our own.
pub(crate) fn own_words() -> BTreeMap<String, Assurance> {
    let all = [Assurance::Low, Assurance::Substantial, Assurance::High];
    let words = ["low", "substantial", "high"].map(str::to_owned);
    words.into_iter().zip(all).collect()
}

/// The endpoint's URL, if it is one that keys can safely be had from.
pub(crate) fn endpoint(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_error| "is not a URL")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => return Err("is not https, nor http on loopback"),
    }
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !bare || text.len() > 1_024 {
        return Err("holds a user, a password or a fragment, or is longer than 1024 bytes");
    }
    Ok(url)
}
