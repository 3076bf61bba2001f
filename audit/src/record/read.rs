//! From a line's members to a leaf.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{Leaf, LeafError, VERSION};
use crate::calendar::parse_time;
use crate::grammar::{dec, hex_array};
use crate::hash::Hash;
use crate::line::{self, Value};

/// The members not yet taken.
struct Members<'a>(BTreeMap<&'a str, Value<'a>>);

impl<'a> Members<'a> {
    fn optional(&mut self, name: &'static str) -> Result<Option<&'a str>, LeafError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Object(_)) => Err(LeafError::Member(name)),
        }
    }

    fn text(&mut self, name: &'static str) -> Result<&'a str, LeafError> {
        self.optional(name)?.ok_or(LeafError::Missing(name))
    }

    fn owned(&mut self, name: &'static str) -> Result<String, LeafError> {
        self.text(name).map(String::from)
    }

    fn hex<const N: usize>(&mut self, name: &'static str) -> Result<[u8; N], LeafError> {
        hex_array(self.text(name)?).ok_or(LeafError::Member(name))
    }

    fn dec(&mut self, name: &'static str) -> Result<u64, LeafError> {
        dec(self.text(name)?).ok_or(LeafError::Member(name))
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        read: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, LeafError> {
        let text = self.optional(name)?;
        text.map(|text| read(text).ok_or(LeafError::Member(name)))
            .transpose()
    }

    fn extra(&mut self) -> Result<BTreeMap<String, String>, LeafError> {
        match self.0.remove("x") {
            None => Ok(BTreeMap::new()),
            Some(Value::Object(x)) if !x.is_empty() => {
                Ok(x.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
            }
            Some(_) => Err(LeafError::Member("x")),
        }
    }
}

impl Leaf {
    /// Reads the members; [`Leaf::check`] judges them.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut m = Members(line::read(bytes)?.into_iter().collect());
        if m.text("v")? != VERSION {
            return Err(LeafError::Member("v"));
        }
        let leaf = Self {
            agent: m.optional("agent")?.map(String::from),
            body: Hash(m.hex("body")?),
            body_len: m.dec("body_len")?,
            class: m.owned("class")?,
            decision: m.read("decision", parse_word)?,
            kc: Hash(m.hex("kc")?),
            kind: parse_word(m.text("kind")?).ok_or(LeafError::Member("kind"))?,
            log: m.owned("log")?,
            n: m.dec("n")?,
            operation: m.optional("operation")?.map(String::from),
            period: m.owned("period")?,
            policy: m.read("policy", Hash::from_hex)?,
            prev: Hash(m.hex("prev")?),
            purpose: m.optional("purpose")?.map(String::from),
            request: m.read("request", hex_array)?,
            retain_until: m.owned("retain_until")?,
            rid: m.hex("rid")?,
            seq: m.dec("seq")?,
            tag: m.hex("tag")?,
            time_us: parse_time(m.text("time")?).ok_or(LeafError::Member("time"))?,
            writer: m.owned("writer")?,
            x: m.extra()?,
        };
        if m.0.is_empty() {
            Ok(leaf)
        } else {
            Err(LeafError::Unknown)
        }
    }
}

fn parse_word<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
