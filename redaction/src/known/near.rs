//! Words one slip of the finger away from a long name.
//!
//! One letter too many, too few, another, or two swapped (optimal string alignment distance 1),
//! found by symmetric deletion: every form of a name is filed under itself less any one symbol,
//! and a word is looked up the same way. Source: the method of `SymSpell`; the distance is then
//! measured. Limit: English and Russian letters.

use super::skeleton::{OFFSET, step};
use std::fmt;
use zeroize::Zeroizing;

/// The shortest form that may have a slip in it, in symbols.
pub(super) const SHORTEST: usize = 5;
/// The same by itself, and of a case.
const TELLING: usize = 6;
const TELLING_CASE: usize = 8;
/// Looked at per key; more share one only where a value repeats a letter.
const CANDIDATES: usize = 6;

/// A name and a part of it, and whether the form is telling by itself.
pub(super) type Whose = ((usize, usize), bool);

/// Long forms of names, by their deletions.
#[derive(Default)]
pub(super) struct Near {
    forms: Vec<(Zeroizing<Vec<u8>>, Whose)>,
    keys: Vec<(u64, usize)>,
}

impl fmt::Debug for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Near({})", self.forms.len())
    }
}

impl Near {
    /// Adds a form of part `whose`; `nominative`, if it is the part itself and no case of it.
    pub(super) fn put(&mut self, form: &str, whose: (usize, usize), nominative: bool) {
        let Some(form) = letters(form).filter(|f| f.len() >= SHORTEST) else {
            return;
        };
        let place = self.forms.len();
        deletions(&form, |key| self.keys.push((key, place)));
        let telling = form.len() >= if nominative { TELLING } else { TELLING_CASE };
        self.forms.push((form, (whose, telling)));
    }

    /// To be called once after the last form.
    pub(super) fn settle(&mut self) {
        self.keys.sort_unstable();
    }

    /// Whose form `word` is but for one slip, and the steps this took.
    pub(super) fn find(&self, word: &str) -> (Option<Whose>, usize) {
        let mut steps = 0;
        let Some(word) = letters(word).filter(|w| w.len() + 1 >= SHORTEST) else {
            return (None, steps);
        };
        let mut best: Option<Whose> = None;
        deletions(&word, |key| {
            steps += word.len() / 4 + 1;
            let from = self.keys.partition_point(|(k, _)| *k < key);
            let same = self.keys.get(from..).unwrap_or_default().iter();
            for (_, place) in same.take_while(|(k, _)| *k == key).take(CANDIDATES) {
                if best.is_some() {
                    break;
                }
                if let Some((form, whose)) = self.forms.get(*place) {
                    steps += word.len();
                    best = one_slip(form, &word).then_some(*whose);
                }
            }
        });
        (best, steps)
    }
}

/// One byte a letter; nothing for a word of other alphabets.
fn letters(word: &str) -> Option<Zeroizing<Vec<u8>>> {
    let byte = |c: char| match c {
        'ё' => byte_of('е'),
        _ if c.is_ascii() => u8::try_from(c).ok(),
        _ => byte_of(c),
    };
    word.chars()
        .map(byte)
        .collect::<Option<Vec<u8>>>()
        .map(Zeroizing::new)
}

fn byte_of(c: char) -> Option<u8> {
    let place = u32::from(c).checked_sub(u32::from('а'))?;
    u8::try_from(place)
        .ok()
        .filter(|n| *n < 32)
        .map(|n| n + 128)
}

/// The digests of `word` and of `word` less any one symbol.
fn deletions(bytes: &[u8], mut each: impl FnMut(u64)) {
    for left_out in 0..=bytes.len() {
        let kept = bytes.iter().enumerate().filter(|(at, _)| *at != left_out);
        each(kept.fold(OFFSET, |hash, (_, byte)| step(hash, *byte)));
    }
}

/// Whether one insertion, deletion, substitution or swap of neighbours makes one of the other.
fn one_slip(a: &[u8], b: &[u8]) -> bool {
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
        near.put("konstantin", (0, 0), true);
        near.put("volkova", (0, 1), true);
        near.settle();
        for word in [
            "konstatin",
            "konstanntin",
            "konstantim",
            "konstanitn",
            "onstantin",
        ] {
            assert_eq!(near.find(word).0, Some(((0, 0), true)), "{word}");
        }
        assert_eq!(near.find("volkoma").0, Some(((0, 1), true)));
        for word in ["konstant", "konsatnitn", "malkova", "volk"] {
            assert_eq!(near.find(word).0, None, "{word}");
        }
    }
}
