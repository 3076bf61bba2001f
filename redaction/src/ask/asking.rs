//! One sentence, and what its words are to each other: clauses, classes, places.

use super::super::scan::Scan;
use super::REACH;
use super::sentence::{Sentence, Word};
use super::word;
use std::ops::Range;

/// One sentence under judgement.
pub(super) struct Asking<'a, 't> {
    pub(super) scan: &'a Scan<'t>,
    pub(super) words: &'a [Word],
    pub(super) sentence: &'a Sentence,
}

impl Asking<'_, '_> {
    pub(super) fn range(&self) -> Range<usize> {
        let start = self.words.get(self.sentence.start).map_or(0, |w| w.start);
        let end = self.sentence.end.checked_sub(1);
        let end = end.and_then(|n| self.words.get(n)).map_or(start, |w| w.end);
        start..end
    }

    pub(super) fn word(&self, at: usize) -> Option<&Word> {
        self.scan.spend(1);
        self.words
            .get(at)
            .filter(|_| (self.sentence.start..self.sentence.end).contains(&at))
    }

    pub(super) fn is(&self, at: usize, class: word::Class) -> bool {
        self.word(at).is_some_and(|w| w.is(class))
    }

    pub(super) fn text(&self, at: usize) -> &str {
        self.word(at)
            .map_or("", |w| self.scan.lower(w.start, w.end))
    }

    /// The words within reach around a place.
    pub(super) fn around(&self, at: usize, reach: usize) -> Range<usize> {
        let from = at.saturating_sub(reach).max(self.sentence.start);
        from..at.saturating_add(reach + 1).min(self.sentence.end)
    }

    pub(super) fn any(&self, mut range: Range<usize>, class: word::Class) -> bool {
        range.any(|at| self.is(at, class))
    }

    pub(super) fn all(&self, mut range: Range<usize>, class: word::Class) -> bool {
        range.all(|at| self.is(at, class))
    }

    pub(super) fn same_clause(&self, a: usize, b: usize) -> bool {
        self.word(a).map(|w| w.clause) == self.word(b).map(|w| w.clause)
    }

    pub(super) fn clause_start(&self, at: usize) -> usize {
        let clause = self.word(at).map(|w| w.clause);
        let from = self.around(at, REACH).start;
        (from..at)
            .rev()
            .find(|n| self.word(*n).map(|w| w.clause) != clause)
            .map_or(from, |n| n + 1)
    }

    pub(super) fn german(&self, at: usize) -> bool {
        self.word(at).is_some_and(|w| {
            let text = self.scan.lower(w.start, w.end);
            text.is_ascii() && text.ends_with("en") || text.contains(['ü', 'ä', 'ö'])
        })
    }

    pub(super) fn russian(&self, at: usize) -> bool {
        self.word(at).is_some_and(|w| {
            self.scan
                .lower(w.start, w.end)
                .starts_with(|c: char| ('а'..='я').contains(&c))
        })
    }

    /// "Here", "in this window".
    pub(super) fn here(&self, at: usize) -> bool {
        self.is(at, word::HERE) || self.this(at)
    }

    pub(super) fn this(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|p| self.text(p) == "this")
            && matches!(self.text(at), "window" | "box" | "form" | "field")
    }

    pub(super) fn there(&self, at: usize) -> bool {
        self.is(at, word::THERE) && !self.this(at)
    }
}
