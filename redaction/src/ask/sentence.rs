//! Words, clauses and sentences, as far as judging a request needs them.

use super::super::scan::Scan;
use super::word::{self, Class};

/// A word with its classes and where it belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    class: Class,
    pub(super) clause: usize,
    sentence: usize,
}

impl Word {
    /// Whether it is of any of these classes.
    pub(super) fn is(&self, class: Class) -> bool {
        self.class & class != 0
    }
}

/// A sentence, by its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence {
    pub(super) start: usize,
    pub(super) end: usize,
    /// It ends with a question mark.
    pub(super) question: bool,
}

/// The words of a text, with clauses and sentences numbered through.
pub(super) fn words(scan: &Scan<'_>) -> Vec<Word> {
    let mut out = Vec::with_capacity(scan.tokens.len());
    let (mut clause, mut sentence, mut end) = (0, 0, 0);
    for token in &scan.tokens {
        scan.spend(2);
        let gap = scan.slice(end, token.start);
        let class = word::class(scan.lower(token.start, token.end));
        if ends_sentence(gap) {
            sentence += 1;
            clause += 1;
        } else if gap.contains([',', ';', '—', '–', '(', ')', ':']) || class & word::BUT != 0 {
            clause += 1;
        }
        end = token.end;
        out.push(Word {
            start: token.start,
            end,
            class,
            clause,
            sentence,
        });
    }
    out
}

/// A full stop inside an address or a number ends nothing.
fn ends_sentence(gap: &str) -> bool {
    gap.contains(['!', '?', '\n', '…'])
        || gap.contains(". ")
        || gap.contains(".\"")
        || gap.contains("...")
}

/// The sentences of `words`.
pub(super) fn sentences(scan: &Scan<'_>, words: &[Word]) -> Vec<Sentence> {
    let mut out = Vec::new();
    let mut start = 0;
    for part in words.chunk_by(|a, b| a.sentence == b.sentence) {
        let end = start + part.len();
        let from = part.last().map_or(0, |w| w.end);
        let to = words.get(end).map_or(scan.len(), |w| w.start);
        scan.spend(2);
        out.push(Sentence {
            start,
            end,
            question: scan.slice(from, to).contains('?'),
        });
        start = end;
    }
    out
}
