//! From verified claims to a caller, an officer or a customer: exactly one of them, or nobody.

use super::agent::Agent;
use super::claim::{Claims, Times, is_name};
use super::customer::Customer;
use super::officer::{Officer, Role, RoleSet};
use super::scope::Scopes;
use super::unknown::Unknown;
use super::{Assurance, Attribute, AttributeKind, Caller, Subject, Verified};
use crate::config::{ActorClaim, Issuer, Issues};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What a token's claims are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) agents: &'a HashMap<String, Arc<Agent>>,
    pub(super) apart: &'a [[Role; 2]],
    /// What the token is shown for.
    pub(super) shown: Shown,
}

/// What a token is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// To be let in.
    In,
    /// To be let in with a token that we issued ourselves.
    InByUs,
    /// To be exchanged.
    ForAnother,
}

/// What our own tokens say beside what others' do.
pub(super) mod own {
    /// `sub_id`, of the format `iss_sub` (RFC 9493 §3.2.3): who vouched for the subject.
    pub(in crate::identity) const SUBJECT: &str = "sub_id";
    /// When the token was issued that ours was given for, and its SHA-256.
    pub(in crate::identity) const BEHIND: &str = "tidewaiter";
}

impl Bench<'_> {
    pub(super) fn judge(
        self,
        claims: &Claims,
        times: Times,
        token: [u8; 32],
    ) -> Result<Verified, Unknown> {
        let roles = self.roles(claims)?;
        let delegated = self.actor(claims)?;
        if let Some(actor) = delegated {
            // An officer does not work through an agent; who tries has mixed up two tokens.
            if !roles.is_empty() && self.issuer.may_issue(Issues::Officers) {
                return Err(Unknown::Kind);
            }
            let agent = self.agents.get(actor).ok_or(Unknown::Agent)?;
            return self.caller(claims, Arc::clone(agent), times, token);
        }
        let client = Self::client(claims)?;
        if client.is_some_and(|client| self.agents.contains_key(client)) {
            return Err(Unknown::NotDelegated);
        }
        if roles.is_empty() {
            self.customer(claims, client, times, token)
        } else {
            self.officer(claims, roles, times, token)
        }
    }

    /// The agent that shows the token, if one does by the issuer's rules.
    fn actor(self, claims: &Claims) -> Result<Option<&str>, Unknown> {
        let client = Self::client(claims)?;
        let sub = claims.text_at(&self.issuer.subject_claim)?;
        let alone = client.is_some() && client == sub;
        match &self.issuer.actor_claim {
            ActorClaim::Own(_) if claims.has("act") => Err(Unknown::Actor),
            ActorClaim::Own(path) => match claims.text_at(path)? {
                Some(actor) => Ok(Some(actor)),
                None => Ok(client.filter(|_| alone)),
            },
            ActorClaim::Act => match claims.actor()? {
                Some(actor) => Ok(Some(actor)),
                None => Ok(client.filter(|_| alone)),
            },
            ActorClaim::Azp | ActorClaim::ClientId => {
                if claims.has("act") {
                    return Err(Unknown::Actor);
                }
                let claim = match &self.issuer.actor_claim {
                    ActorClaim::Azp => claims.text("azp")?,
                    ActorClaim::Act | ActorClaim::ClientId | ActorClaim::Own(_) => {
                        claims.text("client_id")?
                    }
                };
                let listed =
                    |client: &&str| self.issuer.customer_clients.iter().any(|c| c == client);
                let staff = self.issuer.may_issue(Issues::Officers);
                // A client that is no agent is a customer's or officer's own sign-in, where the
                // issuer's configuration knows of such; else it is an agent nobody registered.
                let own =
                    |client: &&str| !self.agents.contains_key(*client) && (listed(client) || staff);
                match claim {
                    Some(client) if own(&client) && !alone => Ok(None),
                    other => Ok(other),
                }
            }
        }
    }

    /// `client_id` or `azp`, which must agree where both are given.
    fn client(claims: &Claims) -> Result<Option<&str>, Unknown> {
        match (claims.text("client_id")?, claims.text("azp")?) {
            (Some(client), Some(azp)) if client != azp => Err(Unknown::Actor),
            (client, azp) => Ok(client.or(azp)),
        }
    }

    fn caller(
        self,
        claims: &Claims,
        agent: Arc<Agent>,
        times: Times,
        token: [u8; 32],
    ) -> Result<Verified, Unknown> {
        let sub = claims.subject(&self.issuer.subject_claim)?;
        let guest = sub == agent.id.as_str();
        let mut caller = Caller {
            marks: std::sync::OnceLock::new(),
            ready: std::sync::OnceLock::new(),
            agent,
            subject: None,
            assurance: Assurance::Low,
            session: self.session(claims)?,
            known: Vec::new(),
            scopes: self.scopes(claims)?,
            issued_at_s: times.issued_at_s,
            token,
            behind: None,
            token_id: token_id(claims),
        };
        if guest {
            // A guest has no account: an id here would be somebody else's.
            if claims.has_at(&self.issuer.uid_claim) || claims.has("act") {
                return Err(Unknown::Subject);
            }
            self.must_issue(Issues::Guests)?;
        } else {
            self.must_issue(Issues::Agents)?;
            if self.agents.contains_key(sub) {
                return Err(Unknown::Subject);
            }
            let subject = self.subject(claims, sub)?;
            caller.assurance = self.assurance(claims)?;
            caller.known = self.known(claims, &subject.uid)?;
            caller.subject = Some(Arc::new(subject));
            if self.shown == Shown::InByUs {
                let (issued_at_s, token) = behind(claims)?;
                caller.issued_at_s = issued_at_s.min(times.issued_at_s);
                caller.behind = Some(token);
            }
        }
        Ok(Verified::Agent(Arc::new(caller)))
    }

    fn customer(
        self,
        claims: &Claims,
        client: Option<&str>,
        times: Times,
        token: [u8; 32],
    ) -> Result<Verified, Unknown> {
        if self.shown != Shown::ForAnother || !self.issuer.may_issue(Issues::Sessions) {
            self.must_issue(Issues::Customers)?;
        }
        let clients = &self.issuer.customer_clients;
        let through = client.is_some_and(|client| clients.iter().any(|c| c == client));
        if !clients.is_empty() && !through {
            return Err(Unknown::NotDelegated);
        }
        let sub = claims.subject(&self.issuer.subject_claim)?;
        if self.agents.contains_key(sub) {
            return Err(Unknown::Subject);
        }
        Ok(Verified::Customer(Arc::new(Customer {
            subject: Arc::new(self.subject(claims, sub)?),
            assurance: self.assurance(claims)?,
            session: self.session(claims)?,
            issued_at_s: times.issued_at_s,
            token,
            token_id: token_id(claims),
        })))
    }

    fn officer(
        self,
        claims: &Claims,
        roles: RoleSet,
        times: Times,
        token: [u8; 32],
    ) -> Result<Verified, Unknown> {
        self.must_issue(Issues::Officers)?;
        let sub = claims.subject(&self.issuer.subject_claim)?;
        if self.agents.contains_key(sub) {
            return Err(Unknown::Subject);
        }
        let meet = |pair: &[Role; 2]| pair.iter().all(|role| roles.has(*role));
        if self.apart.iter().any(meet) {
            return Err(Unknown::RolesApart);
        }
        let name = claims.text("name")?.filter(|name| is_name(name));
        Ok(Verified::Officer(Arc::new(Officer {
            issuer: self.issuer.issuer.clone(),
            sub: sub.to_owned(),
            roles,
            name: name.map(str::to_owned),
            session: self.session(claims)?,
            issued_at_s: times.issued_at_s,
            token,
            token_id: token_id(claims),
        })))
    }

    fn must_issue(self, kind: Issues) -> Result<(), Unknown> {
        if self.issuer.may_issue(kind) {
            Ok(())
        } else {
            Err(Unknown::Kind)
        }
    }

    /// The roles that are ours; others in the claim are other systems'.
    fn roles(self, claims: &Claims) -> Result<RoleSet, Unknown> {
        let words = claims.texts_at(&self.issuer.roles_claim)?;
        let role = |word: &str| {
            if self.issuer.roles.is_empty() {
                Role::named(word)
            } else {
                self.issuer.roles.get(word).copied()
            }
        };
        Ok(words.into_iter().filter_map(role).collect())
    }

    fn subject(self, claims: &Claims, sub: &str) -> Result<Subject, Unknown> {
        let issuer = match self.shown {
            Shown::InByUs => voucher(claims, sub)?,
            Shown::In | Shown::ForAnother => &self.issuer.issuer,
        };
        Ok(Subject {
            issuer: issuer.to_owned(),
            sub: sub.to_owned(),
            uid: claims.uid(&self.issuer.uid_claim)?.to_owned(),
        })
    }

    fn assurance(self, claims: &Claims) -> Result<Assurance, Unknown> {
        let acr = claims.text_at(&self.issuer.acr_claim)?;
        let worth = acr.and_then(|acr| self.issuer.acr.get(acr));
        Ok(worth.copied().unwrap_or(Assurance::Low))
    }

    fn session(self, claims: &Claims) -> Result<Option<String>, Unknown> {
        match claims.text_at(&self.issuer.session_claim)? {
            Some(sid) if !is_name(sid) => Err(Unknown::Malformed),
            sid => Ok(sid.map(str::to_owned)),
        }
    }

    /// What the token's scopes let its agent do, where the issuer's scopes count.
    pub(super) fn scopes(self, claims: &Claims) -> Result<Option<Scopes>, Unknown> {
        if !self.issuer.scopes {
            return Ok(None);
        }
        let texts = claims.texts_at(&self.issuer.scope_claim)?;
        let words = texts.iter().flat_map(|text| text.split(' '));
        Ok(Some(Scopes::among(words)))
    }

    /// What the token says about its subject. Only matched against, so any text is taken as it is.
    pub(super) fn known(self, claims: &Claims, uid: &str) -> Result<Vec<Attribute>, Unknown> {
        let mut known = vec![Attribute {
            kind: AttributeKind::Uid,
            value: uid.to_owned(),
        }];
        for (paths, kind) in [
            (&self.issuer.name_claims, AttributeKind::Name),
            (&self.issuer.email_claims, AttributeKind::Email),
            (&self.issuer.phone_claims, AttributeKind::Phone),
        ] {
            for path in paths {
                for value in claims.texts_at(path)? {
                    if !value.trim().is_empty() && known.len() < KNOWN_MOST {
                        let value = value.to_owned();
                        known.push(Attribute { kind, value });
                    }
                }
            }
        }
        Ok(known)
    }
}

/// Attributes of one subject.
const KNOWN_MOST: usize = 64;

/// Who vouched for the subject of a token of ours.
fn voucher<'c>(claims: &'c Claims, sub: &str) -> Result<&'c str, Unknown> {
    let id = claims.0.get(own::SUBJECT).and_then(Value::as_object);
    let id = id.ok_or(Unknown::Subject)?;
    let said = |name: &str| id.get(name).and_then(Value::as_str);
    if said("format") != Some("iss_sub") || said("sub") != Some(sub) {
        return Err(Unknown::Subject);
    }
    said("iss").ok_or(Unknown::Subject)
}

/// The token's own name (RFC 7519 §4.1.7), by which it can be revoked. One of another form is none:
/// the token can still be revoked by its digest.
fn token_id(claims: &Claims) -> Option<String> {
    let jti = claims.text("jti").ok().flatten();
    jti.filter(|jti| is_name(jti)).map(str::to_owned)
}

/// When the token behind one of ours was issued, and its digest.
fn behind(claims: &Claims) -> Result<(i64, [u8; 32]), Unknown> {
    let behind = claims.0.get(own::BEHIND).and_then(Value::as_object);
    let behind = behind.ok_or(Unknown::Malformed)?;
    let issued_at_s = behind.get("iat").and_then(Value::as_i64);
    let mut token = [0; 32];
    let hex_digest = behind.get("token").and_then(Value::as_str);
    hex::decode_to_slice(hex_digest.unwrap_or_default(), &mut token)
        .map_err(|_error| Unknown::Malformed)?;
    Ok((issued_at_s.ok_or(Unknown::Malformed)?, token))
}
