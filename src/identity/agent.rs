//! Agents: programs with an identity of their own, registered in the configuration.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// An agent's id: 1 to 64 of `a-z 0-9 - _`, as in its token's `act.sub`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgentId(String);

/// The id is not 1 to 64 of `a-z 0-9 - _`.
#[derive(Debug, thiserror::Error)]
#[error("an agent's id is 1 to 64 of a-z 0-9 - _")]
pub struct BadAgentId;

impl TryFrom<String> for AgentId {
    type Error = BadAgentId;
    fn try_from(id: String) -> Result<Self, BadAgentId> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if id.is_empty() || id.len() > 64 || !id.bytes().all(fits) {
            return Err(BadAgentId);
        }
        Ok(Self(id))
    }
}

impl From<AgentId> for String {
    fn from(id: AgentId) -> Self {
        id.0
    }
}

impl AgentId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What drives the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentKind {
    /// A language model decides what to ask.
    Llm,
    /// A deterministic scenario decides.
    Flow,
}

impl AgentKind {
    /// `llm` or `flow`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Llm => "llm",
            Self::Flow => "flow",
        }
    }
}

/// A registered agent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Its id, `act.sub` in tokens.
    pub id: AgentId,
    /// What drives it.
    pub kind: AgentKind,
    /// Its name for people.
    pub title: String,
    /// Who else receives what it is shown.
    #[serde(default)]
    pub recipients: Vec<Recipient>,
    /// A file of its public keys, RFC 7517, with which it proves itself when it asks for a token
    /// (`private_key_jwt`, RFC 7523).
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
}

/// Somebody who receives what an agent is shown (GDPR Art. 15(1)(c), 19).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Its name: a model provider, a ticket system.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where to send an erasure notice.
    pub contact: String,
    /// How long it keeps what it receives, in days.
    pub retention_days: u32,
}
