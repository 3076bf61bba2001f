//! The lines of the small `.jsonl` files (README §6.5), without their line feeds.

use zeroize::{Zeroize, Zeroizing};

use crate::calendar::format_time;
use crate::hash::Hash;
use crate::json::{self, JsonError, quote};

/// `keys.jsonl`: one record's key, released.
#[derive(Clone)]
pub struct KeyLine {
    /// Key commitment, as in the leaf.
    pub kc: Hash,
    /// The record key.
    pub key: Zeroizing<[u8; 32]>,
    /// The record.
    pub seq: u64,
}

impl KeyLine {
    /// Reads a line.
    pub fn parse(line: &[u8]) -> Result<Self, JsonError> {
        let mut fields = json::parse(line)?;
        let mut key = fields.hex("key")?;
        let out = Self {
            kc: Hash(fields.hex("kc")?),
            key: key.into(),
            seq: fields.dec("seq")?,
        };
        key.zeroize();
        fields.finish()?;
        Ok(out)
    }

    /// Writes it.
    pub fn to_line(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(hex::encode(self.key.as_slice()));
        let kc = self.kc.to_hex();
        Zeroizing::new(format!(
            r#"{{"kc":"{kc}","key":"{}","seq":"{}"}}"#,
            *key, self.seq
        ))
    }
}

/// `erasures.jsonl`: a record whose body, or leaf, is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// On what ground.
    pub ground: String,
    /// The record that says so.
    pub record: [u8; 16],
    /// What is gone.
    pub seq: u64,
}

impl Erasure {
    /// Reads a line.
    pub fn parse(line: &[u8]) -> Result<Self, JsonError> {
        let mut f = json::parse(line)?;
        let out = Self {
            ground: f.text("ground")?,
            record: f.hex("record")?,
            seq: f.dec("seq")?,
        };
        f.finish().map(|()| out)
    }

    /// Writes it.
    pub fn to_line(&self) -> String {
        let (ground, record) = (quote(&self.ground), hex::encode(self.record));
        format!(
            r#"{{"ground":{ground},"record":"{record}","seq":"{}"}}"#,
            self.seq
        )
    }
}

/// `redactions.jsonl`: what is withheld from this bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// Why.
    pub reason: String,
    /// Under which rule.
    pub rule: String,
    /// What is withheld.
    pub seq: u64,
}

impl Redaction {
    /// Reads a line.
    pub fn parse(line: &[u8]) -> Result<Self, JsonError> {
        let mut f = json::parse(line)?;
        let out = Self {
            reason: f.text("reason")?,
            rule: f.text("rule")?,
            seq: f.dec("seq")?,
        };
        f.finish().map(|()| out)
    }

    /// Writes it.
    pub fn to_line(&self) -> String {
        let (reason, rule) = (quote(&self.reason), quote(&self.rule));
        format!(
            r#"{{"reason":{reason},"rule":{rule},"seq":"{}"}}"#,
            self.seq
        )
    }
}

/// `custody.jsonl`: who had the bundle in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custody {
    /// What was done.
    pub act: String,
    /// By whom.
    pub actor: String,
    /// When, in microseconds since 1970.
    pub time_us: i64,
}

impl Custody {
    /// Reads a line.
    pub fn parse(line: &[u8]) -> Result<Self, JsonError> {
        let mut f = json::parse(line)?;
        let out = Self {
            act: f.text("act")?,
            actor: f.text("actor")?,
            time_us: f.time("time")?,
        };
        f.finish().map(|()| out)
    }

    /// Writes it.
    pub fn to_line(&self) -> Result<String, JsonError> {
        let time = format_time(self.time_us).ok_or(JsonError::Member("time"))?;
        let (act, actor) = (quote(&self.act), quote(&self.actor));
        Ok(format!(
            r#"{{"act":{act},"actor":{actor},"time":"{time}"}}"#
        ))
    }
}

/// `identities.jsonl`: whom a pseudonym in the leaves stands for, by office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The pseudonym.
    pub id: String,
    /// Agent or officer.
    pub kind: String,
    /// Their office.
    pub title: String,
}

impl Identity {
    /// Reads a line.
    pub fn parse(line: &[u8]) -> Result<Self, JsonError> {
        let mut f = json::parse(line)?;
        let out = Self {
            id: f.text("id")?,
            kind: f.text("kind")?,
            title: f.text("title")?,
        };
        f.finish().map(|()| out)
    }

    /// Writes it.
    pub fn to_line(&self) -> String {
        let (id, kind, title) = (quote(&self.id), quote(&self.kind), quote(&self.title));
        format!(r#"{{"id":{id},"kind":{kind},"title":{title}}}"#)
    }
}
