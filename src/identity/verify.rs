//! From verified claims to a caller, an officer or a customer: exactly one of them, or nobody.

use super::agent::Agent;
use super::claim::{Claims, Times, is_name};
use super::customer::Customer;
use super::officer::{Officer, Role, RoleSet};
use super::unknown::Unknown;
use super::{Assurance, Attribute, AttributeKind, Caller, Subject, Verified};
use crate::config::{ActorClaim, Issuer, Issues};
use std::collections::HashMap;
use std::sync::Arc;

/// What a token's claims are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) agents: &'a HashMap<String, Arc<Agent>>,
    pub(super) apart: &'a [[Role; 2]],
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
        let sub = claims.text("sub")?;
        let alone = client.is_some() && client == sub;
        match self.issuer.actor_claim {
            ActorClaim::Act => match claims.actor()? {
                Some(actor) => Ok(Some(actor)),
                None => Ok(client.filter(|_| alone)),
            },
            ActorClaim::Azp | ActorClaim::ClientId => {
                if claims.has("act") {
                    return Err(Unknown::Actor);
                }
                let claim = match self.issuer.actor_claim {
                    ActorClaim::Azp => claims.text("azp")?,
                    ActorClaim::Act | ActorClaim::ClientId => claims.text("client_id")?,
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
        let sub = claims.subject()?;
        let guest = sub == agent.id.as_str();
        let mut caller = Caller {
            agent,
            subject: None,
            assurance: Assurance::Low,
            session: session(claims)?,
            known: Vec::new(),
            issued_at_s: times.issued_at_s,
            token,
            token_id: token_id(claims),
        };
        if guest {
            // A guest has no account: an id here would be somebody else's.
            if claims.has(&self.issuer.uid_claim) || claims.has("act") {
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
            caller.known = known(claims, &subject.uid)?;
            caller.subject = Some(Arc::new(subject));
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
        self.must_issue(Issues::Customers)?;
        let clients = &self.issuer.customer_clients;
        let through = client.is_some_and(|client| clients.iter().any(|c| c == client));
        if !clients.is_empty() && !through {
            return Err(Unknown::NotDelegated);
        }
        let sub = claims.subject()?;
        if self.agents.contains_key(sub) {
            return Err(Unknown::Subject);
        }
        Ok(Verified::Customer(Arc::new(Customer {
            subject: Arc::new(self.subject(claims, sub)?),
            assurance: self.assurance(claims)?,
            session: session(claims)?,
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
        let sub = claims.subject()?;
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
            session: session(claims)?,
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
        let words = claims.texts(&self.issuer.roles_claim)?;
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
        Ok(Subject {
            issuer: self.issuer.issuer.clone(),
            sub: sub.to_owned(),
            uid: claims.uid(&self.issuer.uid_claim)?.to_owned(),
        })
    }

    fn assurance(self, claims: &Claims) -> Result<Assurance, Unknown> {
        let acr = claims.text("acr")?.and_then(|acr| self.issuer.acr.get(acr));
        Ok(acr.copied().unwrap_or(Assurance::Low))
    }
}

fn session(claims: &Claims) -> Result<Option<String>, Unknown> {
    match claims.text("sid")? {
        Some(sid) if !is_name(sid) => Err(Unknown::Malformed),
        sid => Ok(sid.map(str::to_owned)),
    }
}

/// The token's own name (RFC 7519 §4.1.7), by which it can be revoked. One of another form is none:
/// the token can still be revoked by its digest.
fn token_id(claims: &Claims) -> Option<String> {
    let jti = claims.text("jti").ok().flatten();
    jti.filter(|jti| is_name(jti)).map(str::to_owned)
}

/// What the token says about its subject. Only matched against, so any text is taken as it is.
fn known(claims: &Claims, uid: &str) -> Result<Vec<Attribute>, Unknown> {
    let mut known = vec![Attribute {
        kind: AttributeKind::Uid,
        value: uid.to_owned(),
    }];
    for (name, kind) in [
        ("name", AttributeKind::Name),
        ("given_name", AttributeKind::Name),
        ("middle_name", AttributeKind::Name),
        ("family_name", AttributeKind::Name),
        ("email", AttributeKind::Email),
        ("phone_number", AttributeKind::Phone),
    ] {
        if let Some(value) = claims.text(name)?.filter(|value| !value.trim().is_empty()) {
            known.push(Attribute {
                kind,
                value: value.to_owned(),
            });
        }
    }
    Ok(known)
}
