//! Answers of upstreams: what the catalog names and the policy grants leaves, nothing else.
//!
//! The bytes are walked once beside a [`Plan`], without building a tree. A member, element or
//! scalar that the plan does not lead to, or that has another JSON type than was declared, is
//! read past and counted. An answer that is not strict JSON, or does not prove whose it is, is
//! withheld whole.
//!
//! Promises I2; I8 for every string that leaves, declared as free text or not; I10 by withholding
//! a foreign answer whole. Leaves to others: comparing (`compare` is dropped here), and one public
//! text for everything withheld.

mod reader;
mod walk;

use super::kind::Kind;
use super::plan::{Leaf, Plan, Proof};
use crate::catalog::Class;
use crate::policy::Treatment;
use std::sync::Arc;
use walk::Walk;

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
        let mut walk = Walk::new(self, input, subject_uid, text)?;
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
            ids: walk.ids,
        })
    }
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
