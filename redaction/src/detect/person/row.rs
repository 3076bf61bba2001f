//! Rows of words that may be one name, and their weights.

use super::super::super::scan::Scan;
use super::cue::{self, everyday, grammar, particle};
use super::weight::{after, before, weigh};
use super::word::{Gap, Shape, Word, gap};

/// The most words of one name.
const WORDS: usize = 6;

/// How many words to either side tell in what tone a text is written.
const BEFORE: usize = 12;
const AFTER: usize = 5;

/// A row of words with what it weighs.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its first and last word.
    pub(super) first: usize,
    pub(super) last: usize,
    /// By its words alone.
    pub(super) base: i32,
    /// With what stands around it.
    pub(super) weight: i32,
    pub(super) reason: &'static str,
}

/// All rows, in order.
pub(super) fn rows(scan: &Scan<'_>, words: &[Word]) -> Vec<Row> {
    let tones = tones(scan, words);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        scan.spend(1);
        let (shouting, german) = tone(&tones, at);
        let last = if opens(scan, word) {
            Some(close(scan, words, at))
        } else if word.shape == Shape::Lower || shouting {
            lower(scan, words, at)
        } else {
            None
        };
        let Some(last) = last else {
            at += 1;
            continue;
        };
        out.push(weigh(scan, words, at..last + 1, shouting || german));
        at = last + 1;
    }
    out
}

/// How many words up to each are in capitals, are not, and are German grammar.
fn tones(scan: &Scan<'_>, words: &[Word]) -> Vec<[usize; 3]> {
    let mut sums = [0; 3];
    let mut out = Vec::with_capacity(words.len() + 1);
    out.push(sums);
    for word in words {
        scan.spend(1);
        let short = word.end - word.start < 8;
        let counts = [
            word.shape == Shape::Upper,
            matches!(word.shape, Shape::Lower | Shape::Capital),
            short && cue::german(scan.lower(word.start, word.end)),
        ];
        for (sum, one) in sums.iter_mut().zip(counts) {
            *sum += usize::from(one);
        }
        out.push(sums);
    }
    out
}

/// Whether the words around word `at` are in capitals, and whether they are German, where every
/// noun has one: a capital says nothing there.
fn tone(tones: &[[usize; 3]], at: usize) -> (bool, bool) {
    let from = tones.get(at.saturating_sub(BEFORE));
    let to = tones.get((at + AFTER).min(tones.len().saturating_sub(1)));
    let (Some(from), Some(to)) = (from, to) else {
        return (false, false);
    };
    let [upper, other, german] = [0, 1, 2]
        .map(|n: usize| to.get(n).copied().unwrap_or(0) - from.get(n).copied().unwrap_or(0));
    (upper > 4 && upper > 2 * other, german > 1)
}

/// Whether a row may begin here.
fn opens(scan: &Scan<'_>, word: &Word) -> bool {
    let nameless = word.class.ordinary() || word.class.place() && !word.class.name();
    let short = || word.end - word.start < 10 && grammar(scan.lower(word.start, word.end));
    word.shape == Shape::Initial || word.cased() && !nameless && !short()
}

/// The last word of the row that begins at `first`.
fn close(scan: &Scan<'_>, words: &[Word], first: usize) -> usize {
    let mut last = first;
    let mut at = first;
    while let (Some(word), Some(next)) = (words.get(at), words.get(at + 1)) {
        scan.spend(2);
        let gap = gap(scan, word.end, next.start);
        let tied = gap == Gap::Space || (gap == Gap::Stop && word.shape == Shape::Initial);
        if !tied || at + 1 - first >= WORDS {
            break;
        }
        if opens(scan, next) {
            last = at + 1;
        } else if !(next.shape == Shape::Lower && particle(scan.lower(next.start, next.end))) {
            break;
        }
        at += 1;
    }
    // "plan B": an initial ends no name.
    while last > first && words.get(last).is_some_and(|w| w.shape == Shape::Initial) {
        last -= 1;
    }
    last
}

/// The last word of a name without capitals that begins at `first`.
fn lower(scan: &Scan<'_>, words: &[Word], first: usize) -> Option<usize> {
    let word = words.get(first)?;
    let name = |w: &Word| {
        !w.class.ordinary() && w.end - w.start > 2 && (w.class.strong() || w.class.unknown())
    };
    let next = |n: usize| {
        let (w, next) = (words.get(n)?, words.get(n + 1)?);
        let tied = matches!(gap(scan, w.end, next.start), Gap::Space) && next.shape != Shape::Other;
        tied.then_some(next)
    };
    scan.spend(2);
    let introduced = || introduced(scan, words, first);
    if word.class.given() && word.class.strong() && word.end - word.start > 2 {
        if let Some(second) = next(first) {
            let letter = second.end - second.start == 1 && second.shape != Shape::Other;
            if letter && next(first + 1).is_some_and(name) {
                return Some(first + 2);
            }
            let everyday = || everyday(scan.lower(second.start, second.end));
            let surname = second.class.surname() && !everyday();
            if (name(second) || surname) && !second.class.place() {
                return Some(first + 1);
            }
        }
        let told = || {
            before(scan, words, first).is_some_and(|w| w >= 2)
                || after(scan, words, first).is_some_and(|w| w >= 5)
        };
        return (introduced() || told()).then_some(first);
    }
    if word.class.ordinary() || word.class.place() || word.end - word.start < 3 || !introduced() {
        return None;
    }
    let second = next(first).filter(|w| name(w));
    Some(first + usize::from(second.is_some()))
}

/// Whether an introduction that settles it stands right before.
fn introduced(scan: &Scan<'_>, words: &[Word], first: usize) -> bool {
    before(scan, words, first).is_some_and(|w| w >= 8)
}
