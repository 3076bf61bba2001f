//! Answers of upstreams: what the catalog names and the policy grants leaves, nothing else.
//!
//! The bytes are walked once beside a [`Plan`], without building a tree; a string that holds JSON
//! is walked where it stands, and leaves as what it holds. A member, element or
//! scalar that the plan does not lead to, or that has another JSON type than was declared, is
//! read past and counted. An answer that is not strict JSON, or does not prove whose it is, is
//! withheld whole.
//!
//! Promises I2; I8 for every string that leaves, declared as free text or not; I10 by withholding
//! a foreign answer whole. Leaves to others: which expectations may be asked, and one public text
//! for everything withheld.

mod reader;
mod show;
mod walk;

use super::compare::{Compared, Expected};
use super::plan::{Leaf, Plan, Proof};
use crate::catalog::Class;
use crate::policy::Treatment;
use std::sync::Arc;
use tidewaiter_redaction::Kind;
use walk::{Asked, Walk};

/// Why an answer does not leave. Never with anything of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// The upstream's fault.
    #[error("the upstream's answer is not UTF-8")]
    NotUtf8,
    /// The upstream's fault.
    #[error("the upstream's answer is not JSON")]
    NotJson,
    /// The upstream's fault: two readers could see two answers.
    #[error("the upstream's answer repeats a member")]
    DuplicateKey,
    /// The upstream's fault.
    #[error("the upstream's answer is nested too deep")]
    TooDeep,
    /// The upstream's fault.
    #[error("the upstream's answer goes on after its end")]
    TrailingBytes,
    /// The caller asked for something that is not the subject's, or the upstream did not say.
    #[error("the upstream's answer does not prove whose it is")]
    NotOwned,
    /// The answer is of a kind this operation does not show.
    #[error("the upstream's answer does not pass the operation's filter")]
    Filtered,
}

/// How a declared field was treated, where it occurred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treated {
    /// The declared path.
    pub path: Arc<str>,
    /// Its class.
    pub class: Class,
    /// What was done: [`Treatment::Mask`] and [`Treatment::Reveal`] left, the others did not.
    pub treatment: Treatment,
    /// How often it occurred.
    pub count: u64,
}

/// What may leave of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projected {
    /// JSON; `null` if nothing may.
    pub json: Vec<u8>,
    /// Every declared field that occurred, in the order of declaration.
    pub treated: Vec<Treated>,
    /// How many values were not declared, or not as what they were; what stood inside them is
    /// not counted again.
    pub dropped: u64,
    /// Kinds that must not be stored (I8) and were removed from strings, each once.
    pub forbidden: Vec<Kind>,
    /// How many strings that left carried characters that show nothing; they were removed.
    pub hidden: u64,
    /// What became of each expectation.
    pub compared: Vec<Compared>,
    /// The values at the path of [`Plan::listing`], strings and integers as text.
    pub ids: Vec<String>,
}

impl Plan {
    /// Walks `input`. `subject_uid` is the subject's id at this upstream; `text` redacts the
    /// strings declared as free text. Work is linear in the length of the input.
    pub fn apply(
        &self,
        input: &[u8],
        subject_uid: Option<&str>,
        text: &mut dyn FnMut(&str) -> String,
    ) -> Result<Projected, Withheld> {
        self.compare(input, subject_uid, &[], text)
    }

    /// The same, and says of each expectation whether it is so.
    pub(crate) fn compare(
        &self,
        input: &[u8],
        subject_uid: Option<&str>,
        expected: &[Expected],
        text: &mut dyn FnMut(&str) -> String,
    ) -> Result<Projected, Withheld> {
        let asked: Vec<Asked<'_>> = expected
            .iter()
            .map(|e| (self.leaf_at(e.path()), e))
            .collect();
        let mut walk = Walk::new(self, input, subject_uid, &asked, text)?;
        let wrote = walk.whole()?;
        if !walk.owned || (self.proof == Proof::Path && subject_uid.is_none()) {
            return Err(Withheld::NotOwned);
        }
        if self.whole && walk.kept.first() != Some(&true) {
            return Err(Withheld::Filtered);
        }
        if !wrote {
            walk.out = b"null".to_vec();
        }
        Ok(Projected {
            treated: tally(self.leaves(), &walk.log),
            json: walk.out,
            dropped: walk.dropped,
            forbidden: walk.forbidden,
            hidden: walk.hidden,
            compared: told(&asked, &walk.found),
            ids: walk.ids,
        })
    }
}

/// Of each expectation what its only value said; of none or several, nothing.
fn told(asked: &[Asked<'_>], found: &[(usize, Option<bool>)]) -> Vec<Compared> {
    let mut told: Vec<(u32, Option<bool>)> = vec![(0, None); asked.len()];
    for (at, is_match) in found {
        if let Some((count, only)) = told.get_mut(*at) {
            *count = count.saturating_add(1);
            *only = *is_match;
        }
    }
    asked
        .iter()
        .zip(told)
        .map(|((_leaf, expected), (count, only))| expected.compared(only.filter(|_| count == 1)))
        .collect()
}

fn tally(leaves: &[Leaf], log: &[usize]) -> Vec<Treated> {
    let mut counts = vec![0_u64; leaves.len()];
    for leaf in log {
        if let Some(count) = counts.get_mut(*leaf) {
            *count += 1;
        }
    }
    leaves
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(leaf, count)| Treated {
            path: Arc::clone(&leaf.path),
            class: leaf.class,
            treatment: leaf.treatment,
            count,
        })
        .collect()
}

#[cfg(test)]
#[expect(
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "as short as it can be said: it is what the fast one is compared with"
)]
mod reference;
#[cfg(test)]
mod tests;
