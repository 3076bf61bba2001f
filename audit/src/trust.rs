//! The keys a reader trusts, in C2SP's *tlog-policy* syntax (README §7).
//!
//! A trust file comes to the reader by another way than the bundle. No key that a bundle carries
//! is ever added to it.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::checkpoint::{Algorithm, Note, NoteError, VerifierKey};

/// The longest trust file that is read.
const LEN_MAX: usize = 1 << 20;
/// The most logs, witnesses and groups, of each.
const NAMES_MAX: usize = 256;

/// What stands in a trust file.
#[derive(Clone, Debug)]
pub struct Trust {
    logs: Vec<VerifierKey>,
    /// In order of definition: a rule refers only to those before it.
    rules: Vec<Rule>,
    quorum: Quorum,
}

#[derive(Clone, Copy, Debug)]
enum Quorum {
    /// No witness is asked for.
    None,
    /// This rule must hold.
    Rule(usize),
}

#[derive(Clone, Debug)]
enum Rule {
    Witness(VerifierKey),
    Group {
        threshold: usize,
        members: Vec<usize>,
    },
}

/// Why a trust file is refused: the line, from 1, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line} of the trust file: {reason}")]
pub struct TrustError {
    /// The line; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Why a checkpoint is not one that the trust file bears out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Distrust {
    /// The log's key is not in the trust file.
    #[error("the key that signs this log is not in the trust file")]
    Log,
    /// The trusted key has not signed, or wrongly.
    #[error("the log's signature on the checkpoint is missing or wrong")]
    Signature,
    /// A line by a trusted witness does not verify.
    #[error("a witness's signature on the checkpoint is wrong")]
    Witness,
    /// Too few witnesses.
    #[error("the checkpoint has not the witnesses that the trust file asks for")]
    Quorum,
}

impl Trust {
    /// Reads a trust file.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let whole = |reason| TrustError { line: 0, reason };
        if text.len() > LEN_MAX {
            return Err(whole("it is too long"));
        }
        let mut reader = Reader::default();
        for (n, line) in text.split('\n').enumerate() {
            let at = |reason| TrustError {
                line: n + 1,
                reason,
            };
            if line
                .chars()
                .any(|c| u32::from(c) < 0x20 && c != '\t' || c == '\u{7f}')
            {
                return Err(at("there is a control character"));
            }
            let words: Vec<&str> = line.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
            if words.first().is_some_and(|word| !word.starts_with('#')) {
                reader.line(&words).map_err(at)?;
            }
        }
        let quorum = reader.quorum.ok_or(whole("there is no `quorum` line"))?;
        Ok(Self {
            logs: reader.logs,
            rules: reader.rules,
            quorum,
        })
    }

    /// Judges a checkpoint by itself: signed by a trusted key of the log `origin`?
    pub fn judge_origin(&self, checkpoint: &Note, origin: &str) -> Result<(), Distrust> {
        let mut keys = self.logs.iter().filter(|key| key.name() == origin);
        let signed = keys.find(|key| checkpoint.verify(key).is_ok());
        let known = self.logs.iter().any(|key| key.name() == origin);
        let why = if known {
            Distrust::Signature
        } else {
            Distrust::Log
        };
        self.judge(checkpoint, signed.ok_or(why)?)
    }

    /// Judges a checkpoint that the key `log` should have signed.
    pub fn judge(&self, checkpoint: &Note, log: &VerifierKey) -> Result<(), Distrust> {
        if !self.logs.contains(log) {
            return Err(Distrust::Log);
        }
        checkpoint
            .verify(log)
            .map_err(|_note| Distrust::Signature)?;
        let mut others = self.logs.iter().map(|key| checkpoint.verify(key));
        if others.any(|signed| !matches!(signed, Ok(()) | Err(NoteError::Missing))) {
            return Err(Distrust::Signature);
        }
        // Rules refer to those before them only, so one pass settles all.
        let mut holds: Vec<bool> = Vec::new();
        for rule in &self.rules {
            let held = match rule {
                Rule::Witness(key) => match checkpoint.verify(key) {
                    Ok(()) => true,
                    Err(NoteError::Missing) => false,
                    Err(_) => return Err(Distrust::Witness),
                },
                Rule::Group { threshold, members } => {
                    let held = members.iter().filter(|i| holds.get(**i) == Some(&true));
                    held.count() >= *threshold
                }
            };
            holds.push(held);
        }
        match self.quorum {
            Quorum::Rule(index) if holds.get(index) != Some(&true) => Err(Distrust::Quorum),
            Quorum::Rule(_) | Quorum::None => Ok(()),
        }
    }
}

#[derive(Default)]
struct Reader<'a> {
    logs: Vec<VerifierKey>,
    rules: Vec<Rule>,
    names: BTreeMap<&'a str, usize>,
    grouped: BTreeSet<usize>,
    public: BTreeSet<[u8; 32]>,
    quorum: Option<Quorum>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, words: &[&'a str]) -> Result<(), &'static str> {
        match words {
            ["log", vkey] | ["log", vkey, _] => {
                let key = self.key(vkey, Algorithm::Ed25519)?;
                self.logs.push(key);
                bounded(self.logs.len())
            }
            ["witness", name, vkey] | ["witness", name, vkey, _] => {
                let key = self.key(vkey, Algorithm::Cosignature)?;
                self.define(name, Rule::Witness(key))
            }
            ["group", name, threshold, members @ ..] => {
                let rule = self.group(threshold, members)?;
                self.define(name, rule)
            }
            ["quorum", name] => {
                if self.quorum.is_some() {
                    return Err("there is a second `quorum` line");
                }
                let none = *name == "none";
                let quorum = if none {
                    Quorum::None
                } else {
                    Quorum::Rule(self.known(name)?)
                };
                self.quorum = Some(quorum);
                Ok(())
            }
            _ => Err("not a log, witness, group or quorum line"),
        }
    }

    fn key(&mut self, vkey: &str, algorithm: Algorithm) -> Result<VerifierKey, &'static str> {
        let key = VerifierKey::parse(vkey).map_err(|_key| "not a verifier key")?;
        if key.algorithm() != algorithm {
            return Err("a key of another type than this line asks for");
        }
        if !self.public.insert(*key.public()) {
            return Err("a key that stands in the file already");
        }
        Ok(key)
    }

    fn group(&mut self, threshold: &str, members: &[&'a str]) -> Result<Rule, &'static str> {
        let mut indexes = Vec::new();
        for name in members {
            let index = self.known(name)?;
            if !self.grouped.insert(index) {
                return Err("a member that is in a group already");
            }
            indexes.push(index);
        }
        let threshold = match threshold {
            "all" => Some(indexes.len()),
            "any" => Some(1),
            k => crate::grammar::dec(k).and_then(|k| usize::try_from(k).ok()),
        };
        match threshold {
            Some(k) if (1..=indexes.len()).contains(&k) => Ok(Rule::Group {
                threshold: k,
                members: indexes,
            }),
            _ => Err("a threshold that the group cannot have"),
        }
    }

    fn define(&mut self, name: &'a str, rule: Rule) -> Result<(), &'static str> {
        if name == "none" || self.names.insert(name, self.rules.len()).is_some() {
            return Err("a name that is taken");
        }
        let witness = matches!(rule, Rule::Witness(_));
        self.rules.push(rule);
        let same = |rule: &&Rule| matches!(rule, Rule::Witness(_)) == witness;
        bounded(self.rules.iter().filter(same).count())
    }

    fn known(&self, name: &str) -> Result<usize, &'static str> {
        self.names
            .get(name)
            .copied()
            .ok_or("a name that no line before defines")
    }
}

fn bounded(count: usize) -> Result<(), &'static str> {
    if count > NAMES_MAX {
        return Err("one of its sort more than this verifier reads");
    }
    Ok(())
}
