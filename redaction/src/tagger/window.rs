//! Which words a tagger is asked about.
//!
//! A word is a candidate if it begins with a capital letter, nothing found covers it, and it is no
//! plain English word. A window
//! is the candidates of one language with as many words of their sentence to either side as the
//! tagger depends on; windows that touch are one, so no word is in two. A window of more than
//! [`LONGEST`] words is cut.

use super::super::detect::person;
use super::super::scan::Scan;
use super::token::{Class, Word, words};
use std::ops::Range;

/// The most words a tagger is given at once.
pub(super) const LONGEST: usize = 512;

/// The candidates of a text.
pub(super) struct Windows {
    /// Index of the word, the language of its sentence, and the words of that.
    candidates: Vec<(usize, &'static str, Range<usize>)>,
}

impl Windows {
    pub(super) fn new(scan: &Scan<'_>, words: &[Word], settled: &[Range<usize>]) -> Self {
        let mut candidates = Vec::new();
        let mut covered = settled.iter().peekable();
        let mut first = 0;
        for sentence in sentences(scan, words) {
            let part = words.get(sentence.clone()).unwrap_or_default();
            let language = language(part);
            for (n, word) in part.iter().enumerate() {
                scan.spend(2);
                while covered.next_if(|r| r.end <= word.start).is_some() {}
                let open = covered.peek().is_none_or(|r| r.start >= word.end);
                if open && capital(scan, word) && !person::nobody(scan, word.start, word.end) {
                    candidates.push((first + n, language, sentence.clone()));
                }
            }
            first = sentence.end;
        }
        Self { candidates }
    }

    /// The windows in these languages, in order.
    pub(super) fn of(&self, languages: &[&str], reach: usize) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for (at, language, sentence) in &self.candidates {
            if !languages.contains(language) {
                continue;
            }
            let start = at.saturating_sub(reach).max(sentence.start);
            let end = at.saturating_add(reach + 1).min(sentence.end);
            match out.last_mut() {
                Some(last) if start <= last.end && last.end > sentence.start => {
                    if end - last.start <= LONGEST {
                        last.end = end;
                    } else if end > last.end {
                        let start = last.end;
                        out.push(start..end);
                    }
                }
                _ => out.push(start..end),
            }
        }
        out
    }
}

/// A letter, not a sign: a capital one.
fn capital(scan: &Scan<'_>, word: &Word) -> bool {
    !matches!(word.class, Class::Sign | Class::Number)
        && scan.char_after(word.start).is_some_and(char::is_uppercase)
}

/// The language of most of the words, by their alphabet.
fn language(words: &[Word]) -> &'static str {
    let count = |class| words.iter().filter(|w| w.class == class).count();
    let (cyrillic, latin) = (count(Class::Cyrillic), count(Class::Latin));
    if cyrillic > 0 && cyrillic >= latin {
        "ru"
    } else if latin > 0 {
        "en"
    } else {
        ""
    }
}

/// Where the sentence of `text` begins in which `at` lies.
pub(crate) fn sentence_at(scan: &Scan<'_>, at: usize) -> usize {
    let words = words(scan.slice(0, scan.len()));
    scan.spend(scan.len());
    let starts = { sentences(scan, &words).into_iter() }.filter_map(|s| words.get(s.start));
    starts
        .map(|w| w.start)
        .take_while(|start| *start <= at)
        .last()
        .unwrap_or(0)
}

/// The sentences of `words`: ranges of them that follow each other.
fn sentences(scan: &Scan<'_>, words: &[Word]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (n, pair) in words.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        scan.spend(1 + right.start - left.end);
        if ends(scan, left, right) {
            out.push(start..n + 1);
            start = n + 1;
        }
    }
    if start < words.len() {
        out.push(start..words.len());
    }
    out
}

/// Whether a sentence ends between the two. The full stop after a short word is that of an
/// initial or an abbreviation.
fn ends(scan: &Scan<'_>, left: &Word, right: &Word) -> bool {
    let gap = scan.slice(left.end, right.start);
    let before = scan.slice(0, left.start).chars().rev().take(3);
    let short = before.filter(|c| c.is_alphabetic()).count() < 3;
    if short && scan.slice(left.start, left.end) == "." && !gap.contains('\n') {
        return false;
    }
    gap.contains('\n')
        || (!gap.is_empty()
            && left.class == Class::Sign
            && scan
                .slice(left.start, left.end)
                .ends_with(['.', '!', '?', '…'])
            && capital(scan, right))
}
