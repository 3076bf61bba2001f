//! The leaf of a record (README §1): what may be read of it without any key.
//!
//! A leaf is checked whole when it is written and when it is read, by the same code, so that
//! nothing can be written that a reader refuses.

mod check;
mod kind;
mod read;

use std::collections::BTreeMap;

use thiserror::Error;

pub use self::kind::{Decision, Kind, UnknownWord};
use crate::calendar::format_time;
use crate::hash::Hash;
use crate::line::{LINE_MAX, LineError, Writer};

/// The format's name, in every leaf.
pub const VERSION: &str = "tw/1";

/// One leaf. README §1 gives each member's grammar and meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "README §1 is the one list of members")]
pub struct Leaf {
    pub agent: Option<String>,
    pub body: Hash,
    pub body_len: u64,
    pub class: String,
    pub decision: Option<Decision>,
    pub kc: Hash,
    pub kind: Kind,
    pub log: String,
    pub n: u64,
    pub operation: Option<String>,
    pub period: String,
    pub policy: Option<Hash>,
    pub prev: Hash,
    pub purpose: Option<String>,
    pub request: Option<[u8; 16]>,
    pub retain_until: String,
    pub rid: [u8; 16],
    pub seq: u64,
    pub tag: [u8; 16],
    pub time_us: i64,
    pub writer: String,
    pub x: BTreeMap<String, String>,
}

/// Why a leaf is refused. Names members, never their values.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LeafError {
    /// Not restricted JSON.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A member that the format does not know.
    #[error("the leaf has a member that the format does not know")]
    Unknown,
    /// A member that must be there is not.
    #[error("the leaf has no `{0}`")]
    Missing(&'static str),
    /// A member breaks its grammar.
    #[error("`{0}` is not as the format says")]
    Member(&'static str),
    /// `period` is a month after that of `time`.
    #[error("`period` is later than `time`")]
    Period,
    /// A duty leaf says more than it may.
    #[error("a `duty` leaf must not have `{0}`")]
    Duty(&'static str),
    /// The first leaf does not name the log's keys.
    #[error("the first leaf does not name the log's three keys")]
    Genesis,
    /// The same members would be written otherwise.
    #[error("the leaf would not be written back to the same bytes")]
    Reprint,
}

impl Leaf {
    /// The line that is hashed and stored, without a line feed. Refuses whatever
    /// [`Leaf::parse`] would refuse.
    pub fn to_line(&self) -> Result<String, LeafError> {
        self.check()?;
        let line = self.write()?;
        if line.len() > LINE_MAX {
            Err(LineError::TooLong.into())
        } else {
            Ok(line)
        }
    }

    /// Reads a line strictly: `to_line` of what it returns is the same bytes.
    pub fn parse(line: &[u8]) -> Result<Self, LeafError> {
        let leaf = Self::read(line)?;
        leaf.check()?;
        if leaf.write()?.as_bytes() == line {
            Ok(leaf)
        } else {
            Err(LeafError::Reprint)
        }
    }

    /// `time` as it is written.
    pub fn time(&self) -> Option<String> {
        format_time(self.time_us)
    }

    fn write(&self) -> Result<String, LeafError> {
        let mut line = Writer::new();
        let request = self.request.map(hex::encode);
        let policy = self.policy.map(|hash| hash.to_hex());
        line.optional("agent", self.agent.as_deref());
        line.text("body", &self.body.to_hex());
        line.text("body_len", &self.body_len.to_string());
        line.text("class", &self.class);
        line.optional("decision", self.decision.map(Decision::as_str));
        line.text("kc", &self.kc.to_hex());
        line.text("kind", self.kind.as_str());
        line.text("log", &self.log);
        line.text("n", &self.n.to_string());
        line.optional("operation", self.operation.as_deref());
        line.text("period", &self.period);
        line.optional("policy", policy.as_deref());
        line.text("prev", &self.prev.to_hex());
        line.optional("purpose", self.purpose.as_deref());
        line.optional("request", request.as_deref());
        line.text("retain_until", &self.retain_until);
        line.text("rid", &hex::encode(self.rid));
        line.text("seq", &self.seq.to_string());
        line.text("tag", &hex::encode(self.tag));
        line.text("time", &self.time().ok_or(LeafError::Member("time"))?);
        line.text("v", VERSION);
        line.text("writer", &self.writer);
        if !self.x.is_empty() {
            let mut x = Writer::new();
            for (name, value) in &self.x {
                x.text(name, value);
            }
            line.object("x", x);
        }
        Ok(line.finish())
    }
}
