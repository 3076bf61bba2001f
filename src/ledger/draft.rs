//! A record as its callers give it: not sealed, without a place.

use super::{Effect, Owner, Unrecorded};
use crate::revocation::Marks;
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
    /// What was shown, as the JSON that left: the member `shown` of the body, byte for byte.
    pub shown: Option<Vec<u8>>,
    /// What becomes true with it. Those that can be refused come first.
    pub effects: Vec<Effect>,
    /// The generation the decision was made under.
    pub generation: i64,
    /// What to look at again if the generation has moved on.
    pub guard: Option<Guard>,
    /// By what the token could be revoked that it was decided for; looked at again likewise.
    pub marks: Option<Marks>,
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
            shown: None,
            effects: Vec::new(),
            generation: 0,
            guard: None,
            marks: None,
        }
    }

    /// The body as it is sealed. What was shown is put in as it is: it is not read once more, and
    /// its numbers keep every digit.
    pub(super) fn json(&self) -> Result<Vec<u8>, Unrecorded> {
        let mut json = serde_json::to_vec(&self.body).map_err(|_unprintable| Unrecorded::Failed)?;
        if let Some(shown) = &self.shown
            && json.last() == Some(&b'}')
        {
            json.pop();
            let first = json.len() == 1;
            json.reserve(shown.len() + 16);
            json.extend_from_slice(if first { b"\"shown\":" } else { b",\"shown\":" });
            json.extend_from_slice(shown);
            json.push(b'}');
        }
        Ok(json)
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

#[cfg(test)]
mod tests {
    use super::{Draft, Kind, Owner};
    use serde_json::json;

    #[test]
    fn what_was_shown_is_sealed_byte_for_byte() {
        let sealed = |body, shown: Option<&[u8]>| {
            let mut draft = Draft::new(Kind::Lookup, Owner::Log, "service", body);
            draft.shown = shown.map(<[u8]>::to_vec);
            String::from_utf8(draft.json().unwrap()).unwrap()
        };
        let shown = br#"{"z":0.300000000000000000001,"a":1.10}"#.as_slice();
        assert_eq!(
            sealed(json!({"a": "b"}), Some(shown)),
            r#"{"a":"b","shown":{"z":0.300000000000000000001,"a":1.10}}"#
        );
        assert_eq!(sealed(json!({}), Some(b"null")), r#"{"shown":null}"#);
        assert_eq!(sealed(json!({"a": "b"}), None), r#"{"a":"b"}"#);
    }
}
