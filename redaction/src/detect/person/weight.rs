//! What a row of words weighs: by its words, by what stands beside them, by where they stand.

use super::super::super::lexicon;
use super::super::super::scan::Scan;
use super::row::Row;
use super::word::{Shape, Word};
use super::{ENOUGH, cue};
use std::ops::Range;

/// The row of these words. `mute`: a capital says nothing here.
pub(super) fn weigh(scan: &Scan<'_>, words: &[Word], at: Range<usize>, mute: bool) -> Row {
    let (first, last) = (at.start, at.end.saturating_sub(1));
    let inside = words.get(at).unwrap_or_default();
    scan.spend(inside.len() * 2);
    let (start, end) = (
        inside.first().map_or(0, |w| w.start),
        inside.last().map_or(0, |w| w.end),
    );
    let mut base = base(inside, mute);
    let full = inside.iter().filter(|w| w.shape != Shape::Initial).count();
    let (before, after) = (before(scan, words, first), after(scan, words, last));
    let opening = opening(scan, start);
    if full > 1
        && !opening
        && inside
            .first()
            .is_some_and(|w| w.class.given() && w.class.dull())
    {
        base += 1;
    }
    let around = Around {
        before,
        after,
        opening,
        small: plain_context(words, first),
    };
    let weight = weight(scan, inside, base, mute, &around);
    let reason = match before {
        Some(8..) => "after an introduction or a title",
        Some(4..) => "beside a word for a person",
        _ if weight >= ENOUGH && full > 1 => "a given name and a surname",
        _ => "a name of the lists",
    };
    Row {
        start,
        end,
        first,
        last,
        base,
        weight,
        reason,
    }
}

/// What stands around a row.
struct Around {
    before: Option<i32>,
    after: Option<i32>,
    /// It opens a sentence.
    opening: bool,
    /// The word before is written small.
    small: bool,
}

/// The weight of a row whose words alone weigh `base`.
fn weight(scan: &Scan<'_>, inside: &[Word], base: i32, mute: bool, around: &Around) -> i32 {
    let full = inside.iter().filter(|w| w.shape != Shape::Initial).count();
    let start = inside.first().map_or(0, |w| w.start);
    let end = inside.last().map_or(0, |w| w.end);
    let ticker = full == 1 && !mute && inside.iter().any(|w| w.shape == Shape::Upper);
    let mut weight = base + around.before.unwrap_or(0) + around.after.unwrap_or(0);
    if ticker && base < 4 && around.before.is_none_or(|w| w < 5) {
        weight = weight.min(2);
    }
    // A word of no list with the letters of a name, where a weak sign stands beside it.
    let unknown = |w: &Word| w.class.unknown() && w.shape == Shape::Capital && w.looks > 100;
    let signs = around.before.unwrap_or(0).max(0) + around.after.unwrap_or(0);
    if full == 1 && around.small && !mute && signs > 1 && inside.iter().all(unknown) {
        weight += 2;
    }
    // An everyday word needs more than two weak signs.
    let dull = full == 1 && inside.iter().all(|w| w.class.dull());
    let said = around.before.unwrap_or(0).max(around.after.unwrap_or(0));
    if dull && said < 4 {
        weight = weight.min(ENOUGH - 1);
    }
    // "The Princess Royal", "the White House".
    let named = !inside
        .iter()
        .all(|w| w.class.dull() || w.shape == Shape::Initial);
    if !named && around.before.is_some_and(|w| w <= -4) {
        return -20;
    }
    // A capital inside a sentence says more than one at its start.
    let lone = inside
        .iter()
        .all(|w| w.class.strong() && w.shape == Shape::Capital);
    if !around.opening
        && full == 1
        && lone
        && base < 6
        && around.before.is_none_or(|w| w >= 0)
        && around.small
    {
        weight += 2;
    }
    if around.opening && full == 1 && base < 6 && around.before.is_none_or(|w| w < 5) {
        weight -= if lone { 1 } else { 2 };
    }
    let firm = inside.last().is_some_and(|w| {
        full > 1 && cue::after(scan.lower(w.start, w.end)).is_some_and(|w| w < -6)
    });
    if firm
        || cue::never(scan.lower(start, end))
        || full > 1
            && around.before.is_none_or(|w| w < 5)
            && lexicon::word(scan.lower(start, end)).place()
        || full == 0
        || around.after.is_some_and(|w| w < -6)
    {
        weight = -20;
    }
    if alone_on_line(scan, start, end) && full >= 2 && base >= 3 {
        weight += 3;
    }
    weight
}

/// Whether the word before is written small: no heading, no list of names of things.
fn plain_context(words: &[Word], first: usize) -> bool {
    let before = first.checked_sub(1).and_then(|n| words.get(n));
    before.is_some_and(|w| w.shape == Shape::Lower)
}

/// What the words alone weigh.
fn base(inside: &[Word], mute: bool) -> i32 {
    let full = inside
        .iter()
        .filter(|w| w.shape != Shape::Initial && w.shape != Shape::Lower)
        .count();
    let mut sum = 0;
    let mut dull = 0;
    for (n, word) in inside.iter().enumerate() {
        sum += match word.shape {
            Shape::Initial => i32::from(n > 0 && n + 1 < inside.len()) * 3,
            _ if word.class.strong() && word.class.given() => 6,
            _ if word.class.strong() => 4,
            _ if word.class.name() => {
                dull += 1;
                if word.class.place() { 1 } else { 2 }
            }
            Shape::Mixed => -4,
            Shape::Upper if full == 1 => 0,
            _ if mute && word.class.unknown() => 0,
            _ if word.class.unknown() => (word.looks.clamp(-50, 200) / 50).min(3),
            Shape::Lower | Shape::Capital | Shape::Upper | Shape::Other => 0,
        };
    }
    let lead = inside.first().is_some_and(|w| w.class.given());
    let foreign = |w: &Word| w.class.unknown() && w.shape == Shape::Capital && w.looks > -50;
    if full == 2 && inside.iter().all(foreign) {
        sum += 2;
    }
    if full > 1 {
        sum += if lead { 3 } else { 1 };
    }
    // Short words in capitals are tickers before they are names.
    let ticker = full == 1
        && inside
            .iter()
            .any(|w| w.shape == Shape::Upper && w.end - w.start < 6);
    let noun = mute
        && full == 1
        && !inside
            .iter()
            .any(|w| w.shape == Shape::Capital && w.class.strong() && w.class.given());
    if (ticker || noun) && sum > 0 {
        sum = sum.min(2);
    }
    if dull == full && full > 1 {
        let tail = inside.last().is_some_and(|w| w.class.surname());
        sum = sum.min(if lead && tail && full == 2 { 6 } else { 5 });
    }
    if full > 4 {
        sum -= 4;
    }
    sum
}

/// The weight of the words before `first`, the longest phrase first.
pub(super) fn before(scan: &Scan<'_>, words: &[Word], first: usize) -> Option<i32> {
    let word = words.get(first)?;
    let mut at = word.token;
    let mut start = word.start;
    let mut phrase = String::new();
    let mut best = None;
    let mut far = false;
    for _ in 0..cue::LONGEST {
        let Some(token) = at.checked_sub(1).and_then(|n| scan.tokens.get(n)) else {
            break;
        };
        scan.spend(4);
        let between = scan.slice(token.end, start);
        let near = between.chars().all(|c| c == ' ') && !between.is_empty();
        if phrase.is_empty() {
            far = !near;
        }
        let tie = between.len() <= 6 && between.chars().all(|c| !c.is_alphanumeric() && c != ')');
        let inner = phrase.is_empty() || matches!(between, " " | "'" | "’" | "-" | "  ");
        if !tie || !inner || token.end - token.start > 20 {
            break;
        }
        let part = scan.lower(token.start, token.end);
        phrase = if phrase.is_empty() {
            part.to_owned()
        } else {
            format!("{part} {phrase}")
        };
        if let Some(weight) = cue::before(&phrase) {
            // Only what announces a name reaches over a sign.
            let sign = scan.slice(token.end, word.start);
            let least = if sign == ", " { 4 } else { 5 };
            let stop = far && weight < least && !sign.contains(':');
            let ended = far && weight > 0 && sign.starts_with('.') && phrase.len() > 5;
            if !stop && !ended {
                best = Some(weight);
            }
        }
        start = token.start;
        at -= 1;
    }
    best
}

/// The weight of the words after `last`, the longest phrase first.
pub(super) fn after(scan: &Scan<'_>, words: &[Word], last: usize) -> Option<i32> {
    let word = words.get(last)?;
    let mut end = word.end;
    let mut phrase = String::new();
    let mut best = None;
    for n in 0..cue::LONGEST {
        let Some(token) = scan.tokens.get(word.after + n) else {
            break;
        };
        scan.spend(4);
        let between = scan.slice(end, token.start);
        let tie = matches!(between, " " | "'" | "’" | "-" | "  ") || (n == 0 && between == ", ");
        if !tie || token.end - token.start > 20 {
            break;
        }
        if n > 0 {
            phrase.push(' ');
        }
        phrase.push_str(scan.lower(token.start, token.end));
        if let Some(weight) = cue::after(&phrase) {
            let comma = scan.slice(word.end, token.start).starts_with(',');
            let lower = scan.char_after(token.start).is_some_and(char::is_lowercase);
            let firm = matches!(
                phrase.as_str(),
                "inc" | "ltd" | "llc" | "llp" | "plc" | "corp" | "gmbh"
            );
            if (!comma || firm) && !(weight < 0 && lower && phrase.len() < 3) {
                best = Some(weight);
            }
        }
        end = token.end;
    }
    best
}

/// Whether a sentence begins here, so that a capital says nothing.
fn opening(scan: &Scan<'_>, start: usize) -> bool {
    let before = scan.slice(start.saturating_sub(3), start);
    let before = before.trim_end_matches([' ', '"', '“', '(', '>', '-', '*', '\'']);
    before.is_empty() && start < 3 || before.ends_with(['.', '!', '?', '\n', ':', ';'])
}

/// Nothing else on the line but quotation marks.
fn alone_on_line(scan: &Scan<'_>, start: usize, end: usize) -> bool {
    let head = scan.slice(start.saturating_sub(5), start);
    let head = head.trim_end_matches([' ', '>', '?', '|', '*', '-']);
    let tail = scan.ahead(end, 3).trim_start_matches([' ', ',', '.']);
    (head.ends_with('\n') || head.is_empty() && start < 5)
        && (tail.is_empty() || tail.starts_with('\n'))
}
