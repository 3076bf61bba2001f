//! Which words a tagger is asked about.
//!
//! A word is a candidate if it begins with a capital letter and nothing found covers it. A window
//! is the candidates of one language with as many words to either side as the tagger depends on;
//! windows that touch are one, so no word is in two. A window of more than [`LONGEST`] words is
//! cut.

use super::super::scan::Scan;
use super::token::{Class, Word};
use std::ops::Range;

/// The most words a tagger is given at once.
pub(super) const LONGEST: usize = 512;

/// The candidates of a text.
pub(super) struct Windows {
    /// Index of the word and language of its sentence.
    candidates: Vec<(usize, &'static str)>,
    words: usize,
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
                if open && capital(scan, word) {
                    candidates.push((first + n, language));
                }
            }
            first = sentence.end;
        }
        Self {
            candidates,
            words: words.len(),
        }
    }

    /// The windows in these languages, in order.
    pub(super) fn of(&self, languages: &[&str], reach: usize) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for (at, language) in &self.candidates {
            if !languages.contains(language) {
                continue;
            }
            let end = at.saturating_add(reach + 1).min(self.words);
            match out.last_mut() {
                Some(last) if at.saturating_sub(reach) <= last.end => {
                    if end - last.start <= LONGEST {
                        last.end = end;
                    } else if end > last.end {
                        let start = last.end;
                        out.push(start..end);
                    }
                }
                _ => out.push(at.saturating_sub(reach)..end),
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

/// Whether a sentence ends between the two. An initial's full stop ends one here, too: only the
/// language of the sentence depends on it.
fn ends(scan: &Scan<'_>, left: &Word, right: &Word) -> bool {
    let gap = scan.slice(left.end, right.start);
    gap.contains('\n')
        || (!gap.is_empty()
            && left.class == Class::Sign
            && scan
                .slice(left.start, left.end)
                .ends_with(['.', '!', '?', '…'])
            && capital(scan, right))
}
