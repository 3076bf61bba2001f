//! Words that are part of no name, address or known value, and a row of which ends what came
//! before.
//!
//! The detectors of [`detect::LOCAL`](super::super::detect) and of known values take a word for
//! what it is and for a few words to either side: none reaches over [`ENOUGH`] of such words. So
//! after a row of them nothing before it changes, and they themselves never do.

use super::super::detect::{name_ru, person, postal};
use super::super::known::Known;
use super::super::scan::{Scan, Token};

/// What a row of words must weigh.
const ENOUGH: u32 = 32;
/// An English word that names nobody: four of them. Of Russian ones, of which less is known, seven.
const ENGLISH: u32 = 8;
const RUSSIAN: u32 = 5;
/// How far a word for "is called" reaches.
const CALLED: usize = 4;

/// In the stretch that begins at `from`, the offset before which nothing changes whatever follows.
pub(super) fn settled(scan: &Scan<'_>, known: &Known, from: usize) -> usize {
    let first = scan.tokens.partition_point(|t| t.end <= from);
    let mut upto = from;
    let mut sum = 0;
    let mut called = 0_usize;
    for (at, token) in scan.tokens.iter().enumerate().skip(first) {
        called = called.saturating_sub(1);
        if name_ru::calls(scan.lower(token.start, token.end)) {
            called = CALLED;
        }
        match weight(scan, known, at, token, called > 0) {
            None => sum = 0,
            Some(0) => {}
            Some(more) => {
                sum += more;
                if sum >= ENOUGH {
                    upto = scan.tokens.get(at + 1).map_or(scan.len(), |t| t.start);
                }
            }
        }
    }
    upto
}

/// What a word weighs: nothing if it says nothing, `None` if it may be part of a finding.
fn weight(scan: &Scan<'_>, known: &Known, at: usize, token: &Token, called: bool) -> Option<u32> {
    let text = scan.slice(token.start, token.end);
    scan.spend(8);
    if text.len() > 40 || !text.chars().all(char::is_lowercase) || !ends(scan, at, token) {
        return None;
    }
    if known.takes(scan, token) || postal::plays(scan, token) {
        return None;
    }
    let small = text.chars().nth(2).is_none() || matches!(text, "the" | "and");
    if small {
        return Some(0);
    }
    if text.is_ascii() {
        return person::ordinary(scan, token.start, token.end).then_some(ENGLISH);
    }
    let russian = text.chars().all(|c| matches!(c, 'а'..='я' | 'ё'));
    (russian && name_ru::inert(text, called)).then_some(RUSSIAN)
}

/// Whether the word has ended, and stands by itself.
fn ends(scan: &Scan<'_>, at: usize, token: &Token) -> bool {
    let next = scan.tokens.get(at + 1).map_or(scan.len(), |t| t.start);
    let gap = scan.slice(token.end, next);
    let before = scan.char_before(token.start);
    gap.contains(char::is_whitespace)
        && gap.len() <= 8
        && gap
            .chars()
            .all(|c| c.is_whitespace() || ",.;:!?()\"«»“”—–".contains(c))
        && before.is_none_or(|c| c.is_whitespace() || "(\"«“".contains(c))
}
