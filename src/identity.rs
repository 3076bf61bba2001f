//! Who is calling: agents with the customer they act for, customers, officers.
//!
//! Promises I4: the subject comes from a verified token and from nowhere else. Every reason not
//! to know a caller looks the same from outside ([`Unknown`]).
//! Leaves rights to [`crate::policy`], and what has been revoked to [`crate::revocation`]: it is
//! looked up on every request, whatever is remembered here.

use crate::revocation::Marks;
use std::sync::{Arc, OnceLock};
use tidewaiter_redaction::Known;

pub mod agent;
mod assertion;
mod authenticate;
mod bearer;
mod claim;
mod customer;
mod endpoint;
mod exchange;
mod fetch;
mod issuer;
mod json;
mod key;
mod officer;
pub mod scope;
mod signer;
mod token;
mod unknown;
mod verify;

pub use agent::{Agent, AgentId, AgentKind};
pub use authenticate::{Identity, Setup, Unready, Verified};
pub use bearer::bearer;
pub use customer::Customer;
pub(crate) use exchange::ENDPOINT as TOKEN_ENDPOINT;
pub use exchange::{Acting, Credentials, Minted, NotMinted, Session};
pub use issuer::{LocalIssuer, TokenDraft};
pub use key::BadKeys;
pub use officer::{Officer, Role, RoleSet};
pub use scope::Scopes;
pub use signer::{Signer, SigningAlgorithm, Unsigned};
pub use unknown::Unknown;

/// The customer whose data it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Who vouches for them: the token's `iss`.
    pub issuer: String,
    /// The token's `sub`.
    pub sub: String,
    /// The upstreams' id for them, from the claim the issuer's configuration names.
    pub uid: String,
}

/// How sure the issuer was of the subject (from `acr`, mapped by the issuer's configuration).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// Signed in, one factor or unknown.
    Low,
    /// Two factors.
    Substantial,
    /// Two factors, one of them hardware or fresh.
    High,
}

/// An agent and the subject it acts for. Only `authenticate` makes one.
#[derive(Debug)]
pub struct Caller {
    agent: Arc<Agent>,
    subject: Option<Arc<Subject>>,
    assurance: Assurance,
    session: Option<String>,
    known: Vec<Attribute>,
    scopes: Option<Scopes>,
    issued_at_s: i64,
    token: [u8; 32],
    behind: Option<[u8; 32]>,
    token_id: Option<String>,
    /// By what it can be revoked: keyed digests, made once for a token.
    marks: OnceLock<Marks>,
    /// What is known of the subject, ready to be looked for; made once for a token.
    ready: OnceLock<Arc<Known>>,
}

/// A value the token states about its subject, for redaction by exact match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its kind: `name`, `email`, `phone`, `uid`.
    pub kind: AttributeKind,
    /// The value.
    pub value: String,
}

/// What an [`Attribute`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributeKind {
    /// Full or part name.
    Name,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// The upstreams' id.
    Uid,
}

impl Caller {
    /// The agent.
    pub fn agent(&self) -> &Arc<Agent> {
        &self.agent
    }
    /// The customer it acts for; none in a guest's chat.
    pub fn subject(&self) -> Option<&Arc<Subject>> {
        self.subject.as_ref()
    }
    /// By what it can be revoked, by `make` when it is asked for first.
    pub(crate) fn marks(&self, make: impl FnOnce() -> Marks) -> Marks {
        self.marks.get_or_init(make).clone()
    }
    /// What is known of the subject, ready to be looked for, by `make` when it is asked for first.
    pub(crate) fn ready(&self, make: impl FnOnce() -> Known) -> Arc<Known> {
        Arc::clone(self.ready.get_or_init(|| Arc::new(make())))
    }
    /// How sure the issuer was of the subject.
    pub fn assurance(&self) -> Assurance {
        self.assurance
    }
    /// The token's `sid`: the chat session.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }
    /// What the token says about the subject.
    pub fn known(&self) -> &[Attribute] {
        &self.known
    }
    /// What its scopes let the agent do; none if they do not limit it.
    pub fn scopes(&self) -> Option<&Scopes> {
        self.scopes.as_ref()
    }
    /// The token's `iat`, seconds; of an exchanged token, that of the token it was given for.
    pub fn issued_at_s(&self) -> i64 {
        self.issued_at_s
    }
    /// SHA-256 of the token.
    pub fn token(&self) -> &[u8; 32] {
        &self.token
    }
    /// SHA-256 of the customer's token that this one was given for, if it was exchanged.
    pub fn behind(&self) -> Option<&[u8; 32]> {
        self.behind.as_ref()
    }
    /// The token's `jti`.
    pub fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }

    /// A caller for unit tests elsewhere, acting for `subject`, its token issued at 0.
    #[cfg(test)]
    pub(crate) fn for_test(
        agent: Agent,
        subject: Option<Subject>,
        assurance: Assurance,
        known: Vec<Attribute>,
    ) -> Self {
        Self {
            agent: Arc::new(agent),
            subject: subject.map(Arc::new),
            assurance,
            session: None,
            known,
            scopes: None,
            issued_at_s: 0,
            token: [0; 32],
            behind: None,
            token_id: None,
            marks: OnceLock::new(),
            ready: OnceLock::new(),
        }
    }
}

#[cfg(test)]
mod tests;
