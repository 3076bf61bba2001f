//! What a model calls a person and the lists know better.
//!
//! The Russian model was taught on news: a coin, a shop or the imperative that opens a question is
//! a person to it. Words that name nobody are cut from the ends of what it says; a lone word that
//! opens a sentence must look like a name.

use super::super::super::kind::{Confidence, Kind};
use super::super::super::scan::{Hit, Scan};
use super::lexicon::{GIVEN, LOOSE, NAMELIKE, PLAIN, RARE, SAY, WORD, plain, stem, traits};
use std::collections::HashSet;
use std::ops::Range;

/// Whom else the text names. Where people have first and last names, as news have it, a lone word
/// that looks like no name may be one; in a line of chat it is a coin or a shop.
pub(crate) struct Company<'t> {
    whole: bool,
    once: HashSet<&'t str>,
    again: HashSet<&'t str>,
    surnames: HashSet<&'t str>,
}

impl<'t> Company<'t> {
    /// Of what models call people and rules found.
    pub(crate) fn new(
        scan: &Scan<'t>,
        people: impl Iterator<Item = Range<usize>>,
        hits: &[Hit],
    ) -> Self {
        let named = |h: &&Hit| h.kind == Kind::Name && h.confidence != Confidence::Possible;
        let mut out = Self {
            whole: false,
            once: HashSet::new(),
            again: HashSet::new(),
            surnames: HashSet::new(),
        };
        let found = hits.iter().filter(named).map(|h| h.start..h.end);
        for range in people.chain(found) {
            let text = scan.lower(range.start, range.end);
            scan.spend(1 + text.len() / 8);
            if let Some((first, last)) = text.rsplit_once(' ') {
                out.whole = true;
                if surname(first, last) {
                    out.surnames.insert(stem(last));
                }
            }
            let stem = stem(text);
            if !out.once.insert(stem) {
                out.again.insert(stem);
            }
        }
        out
    }

    fn trusts(&self, word: &str) -> bool {
        self.whole || self.again.contains(stem(word))
    }
}

/// The part of what a model calls a person that may be one. Names in other alphabets are left to
/// the model.
pub(crate) fn person(
    scan: &Scan<'_>,
    range: Range<usize>,
    company: &Company<'_>,
) -> Option<Range<usize>> {
    let (mut start, mut end) = (range.start, range.end);
    let russian = |c: char| ('а'..='ё').contains(&c);
    if !scan.lower(start, end).contains(russian) {
        return Some(range);
    }
    scan.spend(end - start);
    loop {
        let text = scan.lower(start, end);
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        if plain(first) {
            if rest.is_empty() {
                let known = company.surnames.contains(stem(first));
                return known.then_some(start..end);
            }
            start = end - rest.len();
            continue;
        }
        if let Some((rest, last)) = text.rsplit_once(' ')
            && plain(last)
            && !surname(rest, last)
        {
            end = start + rest.trim_end().len();
            continue;
        }
        break;
    }
    let lone = !scan.slice(start, end).contains(' ');
    let word = scan.lower(start, end);
    let known =
        company.trusts(word) || traits(word) & NAMELIKE != 0 || traits(next(scan, end)) & SAY != 0;
    let stands = !lone || known && (!opens(scan, start) || fits(scan, start, end));
    (start < end && stands).then_some(start..end)
}

/// Whether a word that is plain by its beginning alone is a surname after a given name.
fn surname(before: &str, word: &str) -> bool {
    let given = before
        .rsplit(' ')
        .next()
        .is_some_and(|b| traits(b) & GIVEN != 0);
    given && traits(word) & (PLAIN | LOOSE) != PLAIN
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
    let called = { scan.char_after(end) }.is_none_or(|c| !c.is_alphanumeric() && c != ' ');
    called || FINITE.iter().any(|e| next(scan, end).ends_with(e))
}

/// The word after `end`.
fn next<'t>(scan: &Scan<'t>, end: usize) -> &'t str {
    let to = end + scan.ahead(end, 48).len();
    let after = scan.lower(end, to).trim_start_matches(' ');
    let mut words = after.split(|c: char| !c.is_alphanumeric());
    words.next().unwrap_or_default()
}

const VERBS: &[&str] = &[
    "ите", "йте", "ьте", "ись", "ться", "ишь", "ешь", "ил", "ила", "или", "ало", "аю", "яю", "ую",
    "ею", "ишу", "ажу",
];
const FINITE: &[&str] = &[
    "л", "ла", "ло", "ли", "ет", "ит", "ют", "ут", "лся", "лась", "ется", "ится",
];
