//! What a model of English is not asked about, and what is not believed of its answer.
//!
//! Taught on news, it takes a coin, a product or any word with a capital for a person now and then.

use super::super::super::lexicon;
use super::super::super::scan::Scan;
use super::cue;
use super::word::{Shape, folded, shape};
use std::ops::Range;

/// Whether a word is plainly no part of a name: a word of English, a town, letters in capitals.
pub(crate) fn nobody(scan: &Scan<'_>, start: usize, end: usize) -> bool {
    let text = scan.slice(start, end);
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return false;
    }
    scan.spend(2);
    // Of "Anna's" and "Smith-Jones" the first part.
    let first = text.split(['\'', '’', '-']).next().unwrap_or_default();
    let class = lexicon::word(&folded(scan, start, start + first.len()));
    let shape = shape(scan, start, start + first.len());
    class.ordinary()
        || class.place() && !class.name()
        || class.dull() && first.len() < 4
        || matches!(
            shape,
            Shape::Upper | Shape::Mixed | Shape::Initial | Shape::Other
        ) && !class.strong()
}

/// The part of what a model calls a person that may be one.
pub(crate) fn person(scan: &Scan<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let text = scan.slice(range.start, range.end);
    scan.spend(text.len());
    if !text
        .chars()
        .all(|c| c.is_ascii() || !('\u{400}'..='\u{52f}').contains(&c))
    {
        return Some(range);
    }
    let (mut start, mut end, mut at) = (range.end, range.start, range.start);
    let (mut strong, mut words) = (false, 0);
    for word in text.split_inclusive(' ') {
        let from = at;
        at += word.len();
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let to = from + bare.len().max(usize::from(bare.is_empty()));
        if bare.is_empty()
            || !bare.starts_with(char::is_uppercase)
            || nobody(scan, from, to) && bare.chars().count() > 1
        {
            continue;
        }
        let class = lexicon::word(&folded(scan, from, from + bare.len()));
        strong |= bare.chars().count() > 2 && !class.dull();
        words += 1;
        start = start.min(from);
        end = end.max(to);
    }
    let next = scan.ahead(range.end, 24);
    let next = next
        .trim_start_matches([' ', ','])
        .split(|c: char| !c.is_alphanumeric())
        .next();
    let firm = next.is_some_and(|w| cue::after(&w.to_lowercase()).is_some_and(|w| w < -6));
    let fits = (strong || words > 1) && !firm && !text.contains(['/', '@', '_', '\n']);
    (start < end && fits && !cue::never(scan.lower(start, end))).then_some(start..end)
}
