//! A record as its callers give it: not sealed, without a place.

use super::{Effect, Owner};
use std::collections::BTreeMap;
use tidewaiter_audit::{Decision, Hash, Kind};

/// A record before it is sealed.
#[derive(Debug)]
pub struct Draft {
    /// What happened.
    pub kind: Kind,
    /// Whose keys it is sealed under.
    pub owner: Owner,
    /// Seals under the key with this id instead of the owner's: recovery, where only the key is
    /// known.
    pub key_id: Option<[u8; 16]>,
    /// Retention class.
    pub class: String,
    /// The token's `iat`: an erased subject needs a younger token. `i64::MAX` for the log itself.
    pub issued_at_s: i64,
    /// The agent, where there is one.
    pub agent: Option<String>,
    /// The operation, where there is one.
    pub operation: Option<String>,
    /// The purpose, where there is one.
    pub purpose: Option<String>,
    /// What was decided, where something was.
    pub decision: Option<Decision>,
    /// SHA-256 of the policy that decided.
    pub policy: Option<Hash>,
    /// Ties intent, outcome and recovery.
    pub request: Option<[u8; 16]>,
    /// Public strings of the leaf.
    pub x: BTreeMap<String, String>,
    /// What is sealed: one JSON object.
    pub body: serde_json::Value,
    /// What becomes true with it. Those that can be refused come first.
    pub effects: Vec<Effect>,
    /// The generation the decision was made under.
    pub generation: i64,
    /// What to look at again if the generation has moved on.
    pub guard: Option<Guard>,
}

impl Draft {
    /// A record of `kind` with nothing but an owner, a class and a body.
    pub fn new(kind: Kind, owner: Owner, class: &str, body: serde_json::Value) -> Self {
        Self {
            kind,
            owner,
            key_id: None,
            class: class.to_owned(),
            issued_at_s: i64::MAX,
            agent: None,
            operation: None,
            purpose: None,
            decision: None,
            policy: None,
            request: None,
            x: BTreeMap::new(),
            body,
            effects: Vec::new(),
            generation: 0,
            guard: None,
        }
    }
}

/// What must hold when the record is committed: none of these switches is thrown, and the
/// conversation is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// `topic:…`, `operation:…`, `agent:…`.
    pub targets: Vec<String>,
    /// The conversation that must still be open, and a guest's or not, whatever the generation.
    pub conversation: Option<([u8; 16], bool)>,
}
