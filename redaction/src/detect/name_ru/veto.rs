//! What a model calls a person and the lists know better.
//!
//! The Russian model was taught on news: a coin, a shop or the imperative that opens a question is
//! a person to it. Words that name nobody are cut from the ends of what it says; a lone word that
//! opens a sentence must look like a name.

use super::super::super::scan::Scan;
use super::lexicon::{GIVEN, NAMELIKE, PLAIN, RARE, WORD, plain, traits};
use std::ops::Range;

/// The part of what a model calls a person that may be one.
pub(crate) fn person(scan: &Scan<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let (mut start, mut end) = (range.start, range.end);
    scan.spend(end - start);
    loop {
        let text = scan.lower(start, end);
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        if plain(first) {
            if rest.is_empty() {
                return None;
            }
            start = end - rest.len();
            continue;
        }
        if let Some((rest, last)) = text.rsplit_once(' ')
            && plain(last)
        {
            end = start + rest.trim_end().len();
            continue;
        }
        break;
    }
    let lone = !scan.slice(start, end).contains(' ');
    let stands = !lone || !opens(scan, start) || fits(scan, start, end);
    (start < end && stands).then_some(start..end)
}

/// Whether a sentence begins at `at`.
fn opens(scan: &Scan<'_>, at: usize) -> bool {
    let before = scan
        .slice(0, at)
        .trim_end_matches([' ', '\t', '"', '«', '-', '—']);
    before
        .chars()
        .next_back()
        .is_none_or(|c| ".!?…\n".contains(c))
}

/// Whether a lone word that opens a sentence looks like a name there.
fn fits(scan: &Scan<'_>, start: usize, end: usize) -> bool {
    let word = scan.lower(start, end);
    let found = traits(word);
    if found & NAMELIKE == 0 {
        return !VERBS.iter().any(|e| word.ends_with(e));
    }
    if found & WORD == 0 || found & GIVEN != 0 {
        return found & (PLAIN | RARE) != PLAIN;
    }
    // "Надежда, когда", "Роман пришёл", and not "Надежда на вас", "Роза ветров".
    let after = scan.ahead(end, 48);
    let mut next = after
        .trim_start_matches(' ')
        .split(|c: char| !c.is_alphanumeric());
    let next = next.next().unwrap_or_default();
    next.is_empty() || FINITE.iter().any(|e| next.ends_with(e))
}

const VERBS: &[&str] = &[
    "ите", "йте", "ьте", "ись", "ться", "ишь", "ешь", "ил", "ила", "или", "ало",
];
const FINITE: &[&str] = &[
    "л", "ла", "ло", "ли", "ет", "ит", "ют", "ут", "лся", "лась", "ется", "ится",
];
