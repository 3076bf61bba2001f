//! The subject's date of birth, however it is written or said.
//!
//! "17th of May, ninety", "May the seventeenth nineteen ninety", "семнадцатого мая тысяча
//! девятьсот девяностого", "17.05.90", "5/17/1990", "17.V.1990", "19900517". From every number or
//! month a row of up to seven is read (words by `data/numeral.tsv`) and held against the date in
//! each order. Day and month without the year count only beside a word for birth.
//! Limits: English, Russian and German month names; no year before 1900; centuries not said.

use crate::cue::Sense;
use crate::detect::date::{self, Day};
use crate::kind::{Attribute, Confidence, Kind};
use crate::scan::{Hit, Scan, Token};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The most items and tokens of one date.
const ITEMS: usize = 7;
const TOKENS: usize = 14;
const REACH: usize = 40;

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Number(u32),
    Month(u32),
}

/// A word of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Cardinal(u32),
    Ordinal(u32),
    Month(u32),
    Skip,
}

/// Finds the dates of `birth`.
pub(super) fn detect(birth: &[Day], scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if birth.is_empty() {
        return;
    }
    let words: Vec<Option<Word>> = scan.tokens.iter().map(|t| word(scan, t)).collect();
    scan.spend(scan.tokens.len() * 6);
    let mut at = 0;
    while let Some(token) = scan.tokens.get(at) {
        scan.spend(1);
        let found = birth
            .iter()
            .find_map(|day| compact(scan, token, *day).map(|reason| (*day, at, reason)))
            .or_else(|| {
                let begins = matches!(words.get(at), Some(Some(w)) if *w != Word::Skip);
                begins.then(|| said(birth, scan, &words, at))?
            });
        let Some((day, last, reason)) = found else {
            at += 1;
            continue;
        };
        hits.push(Hit {
            start: token.start,
            end: scan.tokens.get(last).map_or(token.end, |t| t.end),
            kind: Kind::Known(Attribute::BirthDate),
            detector: "known",
            confidence: Confidence::Certain,
            reason,
            canonical: Some(date::canonical(&day)),
        });
        at = last + 1;
    }
}

/// `17051990`, `19900517`; `170590` beside a word for birth.
fn compact(scan: &Scan<'_>, token: &Token, (year, month, day): Day) -> Option<&'static str> {
    let size = token.end - token.start;
    if !token.digits || !matches!(size, 6 | 8) {
        return None;
    }
    scan.spend(8);
    let digits: u32 = scan.slice(token.start, token.end).parse().ok()?;
    let (modulus, factor) = if size == 8 {
        (10_000, 10_000)
    } else {
        (100, 100)
    };
    let short = year % modulus;
    let orders = [
        day * 100 * factor + month * factor + short,
        month * 100 * factor + day * factor + short,
        short * 10_000 + month * 100 + day,
    ];
    let about = size == 8 || scan.said_before(&[Sense::Birth], token.start, REACH);
    (about && orders.contains(&digits)).then_some("the digits of the subject's date of birth")
}

/// The date that begins with token `at`: which, its last token, and why.
fn said(
    birth: &[Day],
    scan: &Scan<'_>,
    words: &[Option<Word>],
    at: usize,
) -> Option<(Day, usize, &'static str)> {
    let items = items(scan, words, at);
    let row: Vec<Item> = items.iter().map(|(item, _)| *item).collect();
    let last = |count: usize| items.get(count.checked_sub(1)?).map(|(_, last)| *last);
    for day in birth {
        if let Some(last) = fits(&row, *day).and_then(last) {
            return Some((*day, last, "the subject's date of birth, in some form"));
        }
        let (_, month, number) = *day;
        let pair = [Item::Number(number), Item::Month(month)];
        let short = row
            .get(..2)
            .is_some_and(|two| pair.iter().all(|i| two.contains(i)));
        let year = matches!(row.get(2), Some(Item::Number(_)));
        let start = scan.tokens.get(at).map_or(0, |t| t.start);
        if short && !year && scan.said_before(&[Sense::Birth], start, REACH) {
            return Some((*day, last(2)?, "day and month of the subject's birth"));
        }
    }
    None
}

/// How many items of `row` are the date, in some order.
fn fits(row: &[Item], (year, month, day): Day) -> Option<usize> {
    let d = &[Item::Number(day)][..];
    let century = [Item::Number(year / 100), Item::Number(year % 100)];
    let thousands = [Item::Number(year / 1000 * 1000), Item::Number(year % 1000)];
    let years: [&[Item]; 4] = [
        &century,
        &thousands,
        &[Item::Number(year)],
        &[Item::Number(year % 100)],
    ];
    let months: [&[Item]; 2] = [&[Item::Month(month)], &[Item::Number(month)]];
    for m in months {
        for y in years {
            for order in [[d, m, y], [m, d, y], [y, m, d], [y, d, m]] {
                let count = order.iter().map(|part| part.len()).sum();
                let same = row
                    .get(..count)
                    .is_some_and(|row| row.iter().eq(order.iter().flat_map(|part| part.iter())));
                if same {
                    return Some(count);
                }
            }
        }
    }
    None
}

/// The numbers and months from token `at` on, each with its last token.
fn items(scan: &Scan<'_>, words: &[Option<Word>], at: usize) -> Vec<(Item, usize)> {
    let mut out: Vec<(Item, usize)> = Vec::with_capacity(ITEMS);
    // Whether the last number may grow by the next word.
    let mut open = false;
    for (n, index) in (at..at + TOKENS).enumerate() {
        scan.spend(2);
        let (Some(token), Some(Some(word))) = (scan.tokens.get(index), words.get(index)) else {
            break;
        };
        if n > 0 && !together(scan, index) {
            break;
        }
        match word {
            Word::Skip => {}
            // "Nineteen oh five": the five is a number of its own.
            Word::Cardinal(0) if !token.digits => open = false,
            Word::Month(month) => {
                out.push((Item::Month(*month), index));
                open = false;
            }
            Word::Cardinal(value) | Word::Ordinal(value) => {
                let grown = match out.last() {
                    Some((Item::Number(number), _)) if open => grown(*number, *value),
                    _ => None,
                };
                if let (Some(number), Some(last)) = (grown, out.last_mut()) {
                    *last = (Item::Number(number), index);
                } else {
                    out.push((Item::Number(*value), index));
                }
                open = matches!(word, Word::Cardinal(_)) && !token.digits;
            }
        }
        if out.len() >= ITEMS {
            break;
        }
    }
    out
}

/// The number that `number` becomes when `word` is said after it.
fn grown(number: u32, word: u32) -> Option<u32> {
    match word {
        1000 => (1..=20).contains(&number).then_some(number * 1000),
        100 => match number {
            1..=20 => Some(number * 100),
            _ => (number.is_multiple_of(1000) && number > 0).then_some(number + 100),
        },
        200..=999 => (number > 0 && number.is_multiple_of(1000)).then_some(number + word),
        10..=99 => (number >= 100 && number.is_multiple_of(100)).then_some(number + word),
        1..=9 => {
            let tens = number % 100 >= 20 && number.is_multiple_of(10);
            (tens || number >= 100 && number.is_multiple_of(100)).then_some(number + word)
        }
        _ => None,
    }
}

fn together(scan: &Scan<'_>, index: usize) -> bool {
    let (Some(a), Some(b)) = (
        index.checked_sub(1).and_then(|i| scan.tokens.get(i)),
        scan.tokens.get(index),
    ) else {
        return false;
    };
    let gap = scan.slice(a.end, b.start);
    gap.chars().count() <= 3
        && gap.chars().all(|c| {
            matches!(
                c,
                ' ' | '.' | ',' | '/' | '-' | '–' | '—' | '\'' | '’' | '\u{a0}' | '|'
            )
        })
}

/// Whether the word is a number or a month.
pub(super) fn takes(scan: &Scan<'_>, token: &Token) -> bool {
    word(scan, token).is_some_and(|w| w != Word::Skip)
}

fn word(scan: &Scan<'_>, token: &Token) -> Option<Word> {
    let size = token.end - token.start;
    if token.digits {
        let number = (size <= 4).then(|| scan.slice(token.start, token.end).parse().ok())?;
        return number.map(Word::Cardinal);
    }
    if size > 40 {
        return None;
    }
    let text = scan.lower(token.start, token.end);
    if let Some(word) = WORDS.get(text) {
        return Some(*word);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    // "17th", "17го", "17T00".
    let ordinal = matches!(WORDS.get(rest), Some(Word::Skip)) || rest.starts_with('t');
    if (1..=2).contains(&digits) && ordinal {
        return number.parse().ok().map(Word::Ordinal);
    }
    ROMAN
        .iter()
        .zip(1_u32..)
        .find_map(|(roman, month)| (*roman == text).then_some(Word::Month(month)))
}

const ROMAN: [&str; 12] = [
    "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii",
];

static WORDS: LazyLock<HashMap<&str, Word>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for line in include_str!("data/numeral.tsv").lines() {
        let mut fields = line.split('\t');
        let (Some(kind), Some(value), Some(words)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let value = value.parse().unwrap_or_default();
        let word = match kind {
            "cardinal" => Word::Cardinal(value),
            "ordinal" => Word::Ordinal(value),
            "month" => Word::Month(value),
            _ => Word::Skip,
        };
        table.extend(words.split(' ').map(|w| (w, word)));
    }
    table
});
