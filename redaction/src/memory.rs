//! The names that were found so far in one text, so that a part of one counts where it stands alone
//! later on.
//!
//! Digests only, and at most [`MOST`]: the oldest are forgotten, so that a text without an end
//! takes no more room than any other. What comes later in a text says nothing of what came before.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The most words that are remembered.
const MOST: usize = 512;

/// Words of names, each of one detector.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    words: HashSet<u64>,
    order: VecDeque<u64>,
}

/// Who remembers a word, and what is kept of it.
pub(crate) fn digest(detector: &'static str, word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (detector, word).hash(&mut hasher);
    hasher.finish()
}

impl Memory {
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(crate) fn holds(&self, digest: u64) -> bool {
        self.words.contains(&digest)
    }

    /// Adds a word; whether it is new.
    pub(crate) fn put(&mut self, digest: u64) -> bool {
        let new = self.words.insert(digest);
        if new {
            self.order.push_back(digest);
            if self.order.len() > MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.words.remove(&oldest);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Memory};

    #[test]
    fn the_oldest_is_forgotten() {
        let mut memory = Memory::default();
        let words = || (0_u64..).take(MOST + 1);
        assert!(words().all(|word| memory.put(word)));
        assert!(!memory.holds(0) && words().skip(1).all(|word| memory.holds(word)));
        assert!(!memory.put(1));
    }
}
