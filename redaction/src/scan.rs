//! One text laid out for all detectors: tokens, runs, context; and the work they did on it.
//!
//! Every detector walks these lists and looks a bounded way to either side, so the whole is
//! linear in the length of the text. It says so itself: each step is counted, and the tests
//! bound the count on hostile input.

use super::cue::{self, Cue, Sense};
use super::detect::phone::Region;
use super::kind::{Confidence, Kind};
use super::memory::Memory;
use super::normal::Normal;
use super::segment;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// A maximal run of letters and digits of any script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Only ASCII digits.
    pub(crate) digits: bool,
}

/// A maximal run of ASCII bytes of one class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Run {
    pub(crate) fn len(self) -> usize {
        self.end - self.start
    }
}

/// Something found, in offsets of the normalised text.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    pub(crate) detector: &'static str,
    pub(crate) confidence: Confidence,
    pub(crate) reason: &'static str,
    /// The value as numbered; `None` for the characters of the span.
    pub(crate) canonical: Option<String>,
}

/// The text and its lists.
#[derive(Debug)]
pub(crate) struct Scan<'t> {
    text: &'t str,
    lower: &'t str,
    /// Words and numbers.
    pub(crate) tokens: Vec<Token>,
    /// ASCII letters and digits, at least 20 of them.
    pub(crate) runs: Vec<Run>,
    /// The same with `_` and `-`, at least 16.
    pub(crate) wide: Vec<Run>,
    /// Context phrases.
    pub(crate) cues: Vec<Cue>,
    /// Whose national forms are read without context.
    pub(crate) regions: Vec<Region>,
    /// The stretches that are looked at each for itself.
    pub(crate) segments: Vec<Range<usize>>,
    /// Whether the text goes on.
    pub(crate) streams: bool,
    /// The names found so far.
    pub(crate) memory: RefCell<Memory>,
    work: Cell<usize>,
}

impl<'t> Scan<'t> {
    pub(crate) fn new(normal: &'t Normal) -> Self {
        let (text, lower) = (normal.text(), normal.lower());
        let scan = Self {
            text,
            lower,
            tokens: tokens(text),
            runs: runs(text, 20, |b| b.is_ascii_alphanumeric()),
            wide: runs(text, 16, |b| {
                b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
            }),
            cues: cue::find(lower),
            regions: Region::ALL.to_vec(),
            segments: segment::segments(text, 0),
            streams: false,
            memory: RefCell::default(),
            work: Cell::new(0),
        };
        scan.spend(text.len() * 5);
        scan
    }

    /// The same, reading the national forms of these regions.
    pub(crate) fn of(self, regions: &[Region]) -> Self {
        Self {
            regions: regions.to_vec(),
            ..self
        }
    }

    /// The same as the end of a text, of which the first stretch that is whole begins at `from`.
    pub(crate) fn segmented_from(mut self, from: usize) -> Self {
        self.streams = true;
        if from > 0 {
            self.segments = segment::segments(self.text, from);
        }
        self
    }

    /// The same, knowing the names of what came before.
    pub(crate) fn remembering(self, memory: Memory) -> Self {
        Self {
            memory: RefCell::new(memory),
            ..self
        }
    }

    /// One stretch as a text of its own, with the words that speak of it; its long runs are left
    /// out.
    pub(crate) fn part(&self, range: &Range<usize>) -> Self {
        let from = self.tokens.partition_point(|t| t.end <= range.start);
        let upto = self.tokens.partition_point(|t| t.start < range.end);
        let tokens = self.tokens.get(from..upto).unwrap_or_default().iter();
        let inside = |at: usize| at.clamp(range.start, range.end) - range.start;
        let first = self.cues.partition_point(|c| c.start < range.start);
        let cues = self.cues.get(first..).unwrap_or_default().iter();
        Self {
            text: self.slice(range.start, range.end),
            lower: self.lower(range.start, range.end),
            tokens: tokens
                .map(|t| Token {
                    start: inside(t.start),
                    end: inside(t.end),
                    digits: t.digits,
                })
                .collect(),
            runs: Vec::new(),
            wide: Vec::new(),
            cues: cues
                .take_while(|c| c.end <= range.end)
                .map(|c| Cue {
                    start: inside(c.start),
                    end: inside(c.end),
                    ..*c
                })
                .collect(),
            regions: self.regions.clone(),
            segments: Vec::new(),
            streams: false,
            memory: RefCell::default(),
            work: Cell::new(0),
        }
    }

    /// The same without the phrases that end after `at`.
    pub(crate) fn said_until(mut self, at: usize) -> Self {
        self.cues.retain(|c| c.end <= at);
        self
    }

    /// Counts `steps` of work.
    pub(crate) fn spend(&self, steps: usize) {
        self.work.set(self.work.get().saturating_add(steps));
    }

    /// What has been counted.
    pub(crate) fn work(&self) -> usize {
        self.work.get()
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The text between two offsets; empty if they do not fit it.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The same in lower case.
    pub(crate) fn lower(&self, start: usize, end: usize) -> &'t str {
        self.lower.get(start..end).unwrap_or_default()
    }

    /// At most `reach` bytes after `at`, ending on a character.
    pub(crate) fn ahead(&self, at: usize, reach: usize) -> &'t str {
        let mut end = at.saturating_add(reach).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.slice(at, end)
    }

    pub(crate) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes().get(at).copied()
    }

    pub(crate) fn char_before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    pub(crate) fn char_after(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// The index of the first token that starts at or after `at`.
    pub(crate) fn token_at(&self, at: usize) -> usize {
        self.spend(8);
        self.tokens.partition_point(|t| t.start < at)
    }

    /// The phrases that end within `reach` bytes before `at`, nearest first.
    pub(crate) fn cues_before(&self, at: usize, reach: usize) -> impl Iterator<Item = &Cue> {
        let upto = self.cues.partition_point(|c| c.end <= at);
        self.cues
            .get(..upto)
            .unwrap_or_default()
            .iter()
            .rev()
            .inspect(|_| self.spend(1))
            .take_while(move |c| c.end.saturating_add(reach) >= at)
    }

    /// The phrases that start within `reach` bytes after `at`, nearest first.
    pub(crate) fn cues_after(&self, at: usize, reach: usize) -> impl Iterator<Item = &Cue> {
        let from = self.cues.partition_point(|c| c.start < at);
        self.cues
            .get(from..)
            .unwrap_or_default()
            .iter()
            .inspect(|_| self.spend(1))
            .take_while(move |c| c.start <= at.saturating_add(reach))
    }

    /// Whether one of `senses` is within reach before `at`.
    pub(crate) fn said_before(&self, senses: &[Sense], at: usize, reach: usize) -> bool {
        self.cues_before(at, reach)
            .any(|c| senses.contains(&c.sense))
    }

    /// Whether one of `senses` is within reach after `at`.
    pub(crate) fn said_after(&self, senses: &[Sense], at: usize, reach: usize) -> bool {
        self.cues_after(at, reach)
            .any(|c| senses.contains(&c.sense))
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(text.len() / 6);
    let mut open: Option<Token> = None;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            let digit = c.is_ascii_digit();
            let token = open.get_or_insert(Token {
                start: at,
                end: at,
                digits: true,
            });
            token.end = at + c.len_utf8();
            token.digits &= digit;
        } else if let Some(token) = open.take() {
            out.push(token);
        }
    }
    out.extend(open);
    out
}

fn runs(text: &str, least: usize, class: impl Fn(u8) -> bool) -> Vec<Run> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, byte) in text.bytes().enumerate() {
        if class(byte) {
            start.get_or_insert(at);
        } else if let Some(start) = start.take()
            && at - start >= least
        {
            out.push(Run { start, end: at });
        }
    }
    if let Some(start) = start
        && text.len() - start >= least
    {
        out.push(Run {
            start,
            end: text.len(),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Normal, Scan, Sense};

    #[test]
    fn tokens_and_runs_are_cut_where_their_class_ends() {
        let normal = Normal::new("адрес1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2, код 4821");
        let scan = Scan::new(&normal);
        assert_eq!(scan.tokens.len(), 3);
        assert_eq!(scan.runs.len(), 1);
        assert!(scan.tokens[2].digits && !scan.tokens[0].digits);
    }

    #[test]
    fn context_is_near_or_not_at_all() {
        let normal = Normal::new("the private key and then a long way to go");
        let scan = Scan::new(&normal);
        assert!(scan.said_before(&[Sense::Key], 20, 10));
        assert!(!scan.said_before(&[Sense::Key], 40, 10));
    }
}
