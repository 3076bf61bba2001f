//! Where a text that goes on may be cut: what stands before is settled.

use super::super::cue;
use super::super::detect::{date, seed};
use super::super::normal::{Normal, is_invisible, joins};
use super::super::scan::{Scan, Token};
use super::super::tagger;
use super::super::text::Pass;
use super::LEFT;

/// The offset in the original up to which the text can leave, if nothing changes before `settled`.
pub(super) fn frontier(scan: &Scan<'_>, normal: &Normal, pass: &Pass<'_>, settled: usize) -> usize {
    let Some(at) = seam(scan, normal, pass, settled) else {
        return 0;
    };
    normal.original(at..at + 1).start
}

/// Where the sentence begins that is not settled: a model may think otherwise of all of it.
pub(super) fn sentence(scan: &Scan<'_>, upto: usize) -> usize {
    let at = scan.segments.partition_point(|s| s.start <= upto);
    let segment = at.checked_sub(1).and_then(|at| scan.segments.get(at));
    segment.map_or(0, |segment| {
        let part = scan.part(segment);
        segment.start + tagger::sentence_at(&part, upto - segment.start)
    })
}

/// The end of the last stretch that lies before `held`, an offset of the original.
pub(super) fn left(scan: &Scan<'_>, normal: &Normal, held: usize) -> usize {
    let ends = scan.segments.iter().map(|s| s.end);
    ends.take_while(|end| *end < scan.len() && normal.original(*end..*end + 1).start <= held)
        .last()
        .unwrap_or(0)
}

/// Where the first stretch that begins at or after `cut` begins, counted from there.
pub(super) fn next_segment(scan: &Scan<'_>, first: usize, cut: usize) -> usize {
    let next = scan.segments.partition_point(|s| s.start < cut);
    scan.segments
        .get(next)
        .map_or(first, |s| s.start)
        .saturating_sub(cut)
}

/// The last place at or before `upto` where the text can be cut: the beginning of a word after a
/// space, in no finding, and with nothing that joins the two sides.
fn seam(scan: &Scan<'_>, normal: &Normal, pass: &Pass<'_>, upto: usize) -> Option<usize> {
    let last = scan.tokens.partition_point(|t| t.start <= upto);
    let tokens = scan.tokens.get(..last).unwrap_or_default();
    tokens
        .iter()
        .rev()
        .map(|t| t.start)
        .find(|at| fits(scan, normal, *at) && !in_finding(normal, pass, *at))
}

fn fits(scan: &Scan<'_>, normal: &Normal, at: usize) -> bool {
    let Some(before) = scan.char_before(at) else {
        return false;
    };
    let parted = before.is_whitespace()
        || matches!(
            before,
            '。' | '，' | '、' | '！' | '？' | '；' | '：' | '」' | '）'
        );
    let here = normal.original(at..at + 1);
    let there = normal.original(at - before.len_utf8()..at);
    let joined = scan
        .char_after(at)
        .is_none_or(|c| joins(c) || is_invisible(c));
    parted && !joined && there.end <= here.start
}

fn in_finding(normal: &Normal, pass: &Pass<'_>, at: usize) -> bool {
    let at = normal.original(at..at + 1).start;
    outside(pass, at) != at
}

/// `at`, or the beginning of the finding it lies in, in offsets of the original.
pub(super) fn outside(pass: &Pass<'_>, at: usize) -> usize {
    let next = pass.spans.partition_point(|s| s.finding.end <= at);
    pass.spans.get(next).map_or(at, |s| s.finding.start.min(at))
}

/// Up to where the text before `held` can be forgotten, in the normalised text and the original:
/// so much stays that no detector misses it, and nothing begun before goes on after.
pub(super) fn cut(
    scan: &Scan<'_>,
    normal: &Normal,
    pass: &Pass<'_>,
    (held, said): (usize, usize),
) -> (usize, usize) {
    // Not with every piece: each time as much is dropped as is kept.
    if held < LEFT * 2 {
        return (0, 0);
    }
    let original = |at: usize| normal.original(at..at + 1).start;
    let upto = scan
        .tokens
        .partition_point(|t| original(t.start) + LEFT <= held);
    let tokens = scan.tokens.get(..upto).unwrap_or_default();
    let pairs = tokens.iter().zip(tokens.iter().skip(1)).rev().take(TRIES);
    for (before, next) in pairs {
        let at = next.start;
        // What is kept is as long in the normalised text, where the detectors look.
        let kept = scan.len() > at + LEFT;
        let stretched = scan.segments.last().is_some_and(|s| s.start >= at);
        if kept
            && stretched
            && plain(scan, before)
            && fits(scan, normal, at)
            && !in_finding(normal, pass, at)
            && !scan.slice(at.saturating_sub(BRACKET), at).contains('[')
            && same_cues(scan, at, said)
            && seed::is_closed(scan, at)
        {
            return (at, original(at));
        }
    }
    (0, 0)
}

/// How many places are tried, from the nearest on.
const TRIES: usize = 64;
/// A placeholder's length.
const BRACKET: usize = 68;

/// A word that no number and no date goes on over.
fn plain(scan: &Scan<'_>, token: &Token) -> bool {
    let word = scan.slice(token.start, token.end);
    word.chars().all(|c| c.is_alphabetic() && !c.is_uppercase())
        && word.chars().nth(3).is_some()
        && word.len() <= 64
        && date::month(word).is_none()
}

/// Whether the phrases that follow are the same when the text begins here.
fn same_cues(scan: &Scan<'_>, at: usize, said: usize) -> bool {
    // Without those at the end that may be half written.
    let mut after = cue::find(scan.lower(at, scan.len()));
    after.retain(|c| c.end.saturating_add(at) <= said);
    let from = scan.cues.partition_point(|c| c.end <= at);
    let before = scan.cues.get(from..).unwrap_or_default();
    before.len() == after.len()
        && before
            .iter()
            .zip(&after)
            .all(|(a, b)| a.start == b.start + at && a.end == b.end + at && a.sense == b.sense)
}
