//! Words one slip of the finger away from a long name.
//!
//! One letter too many, too few, another, or two swapped (optimal string alignment distance 1),
//! found by symmetric deletion: every form of a name is filed under itself less any one symbol,
//! and a word is looked up the same way. Source: the method of `SymSpell`; the distance is then
//! measured. Limit: ASCII skeletons, so English and Russian.

use super::skeleton::{OFFSET, step};
use std::fmt;
use zeroize::Zeroizing;

/// The shortest form that may have a slip in it, in symbols.
pub(super) const SHORTEST: usize = 5;
/// Looked at per key; more share one only where a value repeats a letter.
const CANDIDATES: usize = 6;

/// Long forms of names, by their deletions.
#[derive(Default)]
pub(super) struct Near {
    forms: Vec<(Zeroizing<String>, (usize, usize))>,
    keys: Vec<(u64, usize)>,
}

impl fmt::Debug for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Near({})", self.forms.len())
    }
}

impl Near {
    /// Adds a form of part `whose`.
    pub(super) fn put(&mut self, form: &str, whose: (usize, usize)) {
        if form.len() < SHORTEST || !form.is_ascii() {
            return;
        }
        let place = self.forms.len();
        self.forms.push((Zeroizing::new(form.to_owned()), whose));
        deletions(form, |key| self.keys.push((key, place)));
    }

    /// To be called once after the last form.
    pub(super) fn settle(&mut self) {
        self.keys.sort_unstable();
    }

    /// Whose form `word` is but for one slip, and the steps this took.
    pub(super) fn find(&self, word: &str) -> (Option<(usize, usize)>, usize) {
        let mut steps = 0;
        if word.len() + 1 < SHORTEST || !word.is_ascii() || self.keys.is_empty() {
            return (None, steps);
        }
        let mut best: Option<(usize, usize)> = None;
        deletions(word, |key| {
            steps += word.len() / 4 + 1;
            let from = self.keys.partition_point(|(k, _)| *k < key);
            let same = self.keys.get(from..).unwrap_or_default().iter();
            for (_, place) in same.take_while(|(k, _)| *k == key).take(CANDIDATES) {
                if best.is_some() {
                    break;
                }
                if let Some((form, whose)) = self.forms.get(*place) {
                    steps += word.len();
                    best = one_slip(form, word).then_some(*whose);
                }
            }
        });
        (best, steps)
    }
}

/// The digests of `word` and of `word` less any one symbol.
fn deletions(word: &str, mut each: impl FnMut(u64)) {
    let bytes = word.as_bytes();
    for left_out in 0..=bytes.len() {
        let kept = bytes.iter().enumerate().filter(|(at, _)| *at != left_out);
        each(kept.fold(OFFSET, |hash, (_, byte)| step(hash, *byte)));
    }
}

/// Whether one insertion, deletion, substitution or swap of neighbours makes one of the other.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let front = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (
        a.get(front..).unwrap_or_default(),
        b.get(front..).unwrap_or_default(),
    );
    let back = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let a = a.get(..a.len() - back).unwrap_or_default();
    let b = b.get(..b.len() - back).unwrap_or_default();
    match (a, b) {
        ([], [_]) | ([_], [] | [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Near;

    #[test]
    fn one_slip_and_no_more() {
        let mut near = Near::default();
        near.put("konstantin", (0, 0));
        near.put("volkova", (0, 1));
        near.settle();
        for word in [
            "konstatin",
            "konstanntin",
            "konstantim",
            "konstanitn",
            "onstantin",
        ] {
            assert_eq!(near.find(word).0, Some((0, 0)), "{word}");
        }
        assert_eq!(near.find("volkoma").0, Some((0, 1)));
        for word in ["konstant", "konsatnitn", "malkova", "volk"] {
            assert_eq!(near.find(word).0, None, "{word}");
        }
    }
}
