//! Rows of words that may be one name, and their weights.

use super::super::super::lexicon;
use super::super::super::scan::Scan;
use super::word::{Gap, Shape, Word, gap};
use super::{ENOUGH, cue};

/// The most words of one name.
const WORDS: usize = 6;

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
    let shouting = shouting(words);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        scan.spend(1);
        let last = if opens(scan, word) {
            close(scan, words, at)
        } else if word.shape == Shape::Lower || shouting {
            match lower(scan, words, at) {
                Some(last) => last,
                None => {
                    at += 1;
                    continue;
                }
            }
        } else {
            at += 1;
            continue;
        };
        out.push(weigh(scan, words, at, last, shouting));
        at = last + 1;
    }
    out
}

/// Whether most words are in capitals, which then say nothing.
fn shouting(words: &[Word]) -> bool {
    let letters = |shape: Shape| words.iter().filter(|w| w.shape == shape).count();
    let upper = letters(Shape::Upper);
    upper > 4 && upper > 2 * (letters(Shape::Lower) + letters(Shape::Capital))
}

/// Whether a row may begin here.
fn opens(scan: &Scan<'_>, word: &Word) -> bool {
    let nameless = word.class.ordinary() || word.class.place() && !word.class.name();
    let short = || word.end - word.start < 10 && grammar(scan.lower(word.start, word.end));
    word.shape == Shape::Initial || word.cased() && !nameless && !short()
}

/// Titles and words of grammar: they stand beside a name and are no part of it.
fn grammar(word: &str) -> bool {
    matches!(
        word,
        "my" | "mi"
            | "in"
            | "an"
            | "us"
            | "so"
            | "as"
            | "do"
            | "no"
            | "is"
            | "it"
            | "to"
            | "me"
            | "be"
            | "by"
            | "or"
            | "on"
            | "at"
            | "of"
            | "if"
            | "we"
            | "he"
            | "up"
            | "hi"
            | "ok"
            | "can"
            | "see"
            | "add"
            | "has"
            | "who"
            | "the"
            | "and"
            | "but"
            | "for"
            | "not"
            | "was"
            | "are"
            | "you"
            | "her"
            | "his"
            | "our"
            | "its"
            | "how"
            | "why"
            | "all"
            | "any"
            | "per"
            | "over"
            | "many"
            | "else"
            | "ever"
            | "soon"
            | "come"
            | "said"
            | "made"
            | "best"
            | "love"
            | "cheers"
            | "kind"
            | "warm"
            | "happy"
            | "merry"
            | "customer"
            | "support"
            | "miss"
            | "mr"
            | "mrs"
            | "ms"
            | "mx"
            | "dr"
            | "prof"
            | "herr"
            | "frau"
            | "doctor"
            | "judge"
            | "lady"
            | "sir"
            | "captain"
            | "dear"
            | "hello"
            | "hey"
            | "thanks"
            | "regards"
            | "bot"
            | "user"
            | "agent"
    )
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

fn particle(word: &str) -> bool {
    matches!(
        word,
        "de" | "da"
            | "do"
            | "dos"
            | "das"
            | "del"
            | "della"
            | "di"
            | "du"
            | "van"
            | "von"
            | "der"
            | "den"
            | "ter"
            | "ten"
            | "la"
            | "le"
            | "zu"
            | "zum"
            | "bin"
            | "ibn"
            | "el"
            | "al"
            | "y"
            | "af"
            | "av"
    )
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

/// Surnames that far more often are a verb or a function word.
fn everyday(word: &str) -> bool {
    matches!(
        word,
        "will"
            | "may"
            | "can"
            | "said"
            | "made"
            | "over"
            | "more"
            | "many"
            | "case"
            | "long"
            | "little"
            | "major"
            | "per"
            | "via"
            | "has"
            | "was"
            | "who"
            | "and"
            | "the"
            | "for"
            | "but"
            | "not"
            | "see"
            | "add"
            | "do"
            | "an"
            | "in"
            | "so"
            | "us"
            | "my"
            | "as"
            | "else"
            | "ever"
            | "soon"
            | "got"
            | "run"
            | "come"
            | "call"
            | "did"
            | "had"
            | "ran"
            | "sent"
            | "paid"
            | "lost"
            | "back"
            | "just"
            | "like"
            | "need"
            | "now"
            | "too"
    )
}

/// Whether an introduction that settles it stands right before.
fn introduced(scan: &Scan<'_>, words: &[Word], first: usize) -> bool {
    before(scan, words, first).is_some_and(|w| w >= 8)
}

fn weigh(scan: &Scan<'_>, words: &[Word], first: usize, last: usize, shouting: bool) -> Row {
    let inside = words.get(first..=last).unwrap_or_default();
    scan.spend(inside.len() * 2);
    let (start, end) = (
        inside.first().map_or(0, |w| w.start),
        inside.last().map_or(0, |w| w.end),
    );
    let mut base = base(inside, shouting);
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
    let ticker = full == 1 && !shouting && inside.iter().any(|w| w.shape == Shape::Upper);
    let mut weight = base + before.unwrap_or(0) + after.unwrap_or(0);
    if ticker && base < 4 && before.is_none_or(|w| w < 5) {
        weight = weight.min(2);
    }
    // A capital inside a sentence says more than one at its start.
    let lone = inside
        .iter()
        .all(|w| w.class.strong() && w.shape == Shape::Capital);
    if !opening
        && full == 1
        && lone
        && base < 6
        && before.is_none_or(|w| w >= 0)
        && plain_context(words, first)
    {
        weight += 2;
    }
    if opening && full == 1 && base < 6 && before.is_none_or(|w| w < 5) {
        weight -= if lone { 1 } else { 2 };
    }
    let firm = inside.last().is_some_and(|w| {
        full > 1 && cue::after(scan.lower(w.start, w.end)).is_some_and(|w| w < -6)
    });
    if firm
        || cue::never(scan.lower(start, end))
        || full > 1 && before.is_none_or(|w| w < 5) && lexicon::word(scan.lower(start, end)).place()
        || full == 0
        || after.is_some_and(|w| w < -6)
    {
        weight = -20;
    }
    if alone_on_line(scan, start, end) && full >= 2 && base >= 3 {
        weight += 3;
    }
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

/// Whether the word before is written small: no heading, no list of names of things.
fn plain_context(words: &[Word], first: usize) -> bool {
    let before = first.checked_sub(1).and_then(|n| words.get(n));
    before.is_some_and(|w| w.shape == Shape::Lower)
}

/// What the words alone weigh.
fn base(inside: &[Word], shouting: bool) -> i32 {
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
            _ if word.class.unknown() => (word.looks.clamp(-50, 200) / 50).min(3),
            _ => 0,
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
    if (ticker || shouting && full == 1) && sum > 0 {
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
fn before(scan: &Scan<'_>, words: &[Word], first: usize) -> Option<i32> {
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
            let stop = far && weight < 5 && !sign.contains(':');
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
fn after(scan: &Scan<'_>, words: &[Word], last: usize) -> Option<i32> {
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
