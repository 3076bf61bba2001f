//! Seed phrases: words of one BIP-39 list in a row.
//!
//! Twelve or more in a row are taken whatever stands around them; the checksum only decides how
//! sure we are. With a reason to expect a phrase (a context word, a numbered list, lines that
//! hold nothing else) typos and foreign words between are borne, one in four, and eight words
//! are enough; six right after the context word. Numbering, punctuation, line breaks and case
//! do not matter.
//! Source: BIP-39. Limits: words run together without any separator are seen in Chinese only,
//! and there only beside a context word; Monero and SLIP-39 lists are not known; fewer than six
//! words pass.

mod item;

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};
use super::word_list;
use item::{Item, What, items};
use ring::digest;

const NAME: &str = "bip39";
const IN_A_ROW: usize = 12;
const EXPECTED: usize = 8;
const ALONE: usize = 10;
const ANNOUNCED: usize = 6;
/// How many unknown words in succession are borne.
const PATIENCE: usize = 2;
/// How far before and after a phrase a word for it may stand.
const BEFORE: usize = 400;
const AFTER: usize = 200;
/// Longer runs are no phrase one could check, only redact.
const LONGEST_CHECKED: usize = 64;

/// A row of words of one language: item indices and counts.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    first: usize,
    last: usize,
    known: usize,
    holes: usize,
    numbers: usize,
    joined: bool,
}

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let items = items(scan);
    for language in 0..word_list::languages() {
        scan.spend(items.len());
        let known = items.iter().filter(|i| i.place(language).is_some()).count();
        if known < ANNOUNCED {
            continue;
        }
        for row in rows(scan, &items, language, 0) {
            if row.known >= IN_A_ROW && (!row.joined || expected(scan, &items, &row)) {
                let row = without_announcement(scan, &items, row);
                let sure = checksum(scan, &items, &row, language);
                hits.extend(hit(scan, &items, &row, sure));
            }
        }
        for row in rows(scan, &items, language, PATIENCE) {
            let row = without_announcement(scan, &items, row);
            if let Some(row) = suspicious(scan, &items, row) {
                hits.extend(hit(scan, &items, &row, false));
            }
        }
    }
}

/// The rows of one language with at most `patience` unknown words in succession.
fn rows(scan: &Scan<'_>, items: &[Item], language: u8, patience: usize) -> Vec<Row> {
    let (mut out, open) = rows_and_open(scan, items, language, patience);
    out.extend(open);
    out
}

/// The rows that ended, and the one that may go on where the items end.
fn rows_and_open(
    scan: &Scan<'_>,
    items: &[Item],
    language: u8,
    patience: usize,
) -> (Vec<Row>, Option<Row>) {
    let mut out = Vec::new();
    let mut open: Option<Row> = None;
    let mut pending = 0;
    for (at, item) in items.iter().enumerate() {
        scan.spend(1);
        let complete = open.is_some_and(|r| is_whole(r.known + r.holes));
        if item.cut || item.what == What::Barrier || (item.sentence && complete) {
            out.extend(open.take());
            pending = 0;
        }
        if item.place(language).is_some() {
            let row = open.get_or_insert(Row {
                first: at,
                ..Row::default()
            });
            row.last = at;
            row.known += 1;
            row.holes += pending;
            row.joined |= item.joined;
            pending = 0;
        } else if item.what == What::Number {
            if let Some(row) = open.as_mut() {
                row.numbers += 1;
            }
        } else if item.what == What::Filler {
            // Neither a word nor a mistake.
        } else if let Some(row) = open {
            pending += 1;
            if item.sentence
                || pending > patience
                || row.holes + pending > (row.known / 4).max(patience)
            {
                out.push(row);
                open = None;
                pending = 0;
            }
        }
    }
    (out, open)
}

/// "my seed abandon ability …": the word before a phrase of full length is not part of it.
fn without_announcement(scan: &Scan<'_>, items: &[Item], row: Row) -> Row {
    let first = items.get(row.first).map(|i| scan.lower(i.start, i.end));
    if first == Some("seed") && !is_whole(row.known) && is_whole(row.known - 1) {
        Row {
            first: row.first + 1,
            known: row.known - 1,
            ..row
        }
    } else {
        row
    }
}

/// Whether a phrase can have this many words.
fn is_whole(words: usize) -> bool {
    matches!(words, 12 | 15 | 18 | 21 | 24)
}

/// The row, grown by mistyped words at its ends, if there is a reason to take it for a phrase.
fn suspicious(scan: &Scan<'_>, items: &[Item], row: Row) -> Option<Row> {
    let (start, _) = span(items, &row)?;
    let announced = row.known >= ANNOUNCED
        && row.holes == 0
        && !row.joined
        && scan.said_before(&[Sense::Seed], start, 40);
    let numbered = row.known >= EXPECTED && row.numbers + 2 >= row.known && !row.joined;
    let alone = row.known >= ALONE && !row.joined && alone(scan, items, &row);
    let likely = row.known >= EXPECTED && !row.joined || row.known >= IN_A_ROW;
    if announced || numbered || alone || (likely && expected(scan, items, &row)) {
        Some(grown(scan, items, row))
    } else {
        None
    }
}

/// Where something begins that may still become part of a phrase when words follow those that end
/// at or before `upto`.
pub(crate) fn open(scan: &Scan<'_>, upto: usize) -> usize {
    let mut items = items(scan);
    items.truncate(items.partition_point(|i| i.end <= upto));
    let mut from = upto;
    for language in 0..word_list::languages() {
        let (closed, open) = rows_and_open(scan, &items, language, PATIENCE);
        let waits = |row: &&Row| {
            let end = items.get(row.last).map_or(0, |i| i.end);
            let known = row.known >= EXPECTED && end + AFTER >= upto;
            known && !expected(scan, &items, row)
        };
        // A word for such phrases may still come after a row.
        for row in closed.iter().filter(waits).chain(open.iter()) {
            from = from.min(beginning(&items, row.first));
        }
    }
    // A row may begin with what comes next.
    items.push(Item::new(upto, upto, What::Unknown, false));
    from.min(beginning(&items, items.len() - 1))
}

/// Where a phrase begins at the earliest whose first known word is the item `first`.
fn beginning(items: &[Item], first: usize) -> usize {
    let mut first = first;
    for _ in 0..2 {
        first = step(items, first, false).unwrap_or(first);
    }
    // Numbers may begin with any word of a list.
    let row = Row {
        first,
        numbers: 1,
        ..Row::default()
    };
    items.get(row.first_number(items)).map_or(0, |i| i.start)
}

/// Whether no row reaches over `at`: what follows does not depend on what came before it.
pub(crate) fn is_closed(scan: &Scan<'_>, at: usize) -> bool {
    let mut items = items(scan);
    items.truncate(items.partition_point(|i| i.end <= at));
    (0..word_list::languages())
        .all(|language| rows_and_open(scan, &items, language, PATIENCE).1.is_none())
}

fn expected(scan: &Scan<'_>, items: &[Item], row: &Row) -> bool {
    span(items, row).is_some_and(|(start, end)| {
        scan.said_before(&[Sense::Seed], start, BEFORE)
            || scan.said_after(&[Sense::Seed], end, AFTER)
    })
}

/// Whether the lines of the row hold nothing else.
fn alone(scan: &Scan<'_>, items: &[Item], row: &Row) -> bool {
    firm_left(scan, items, row, '\n') && firm_right(scan, items, row, '\n')
}

/// Whether the row begins right after `mark`, the text's start or (for `:`) any such sign.
fn firm_left(scan: &Scan<'_>, items: &[Item], row: &Row, mark: char) -> bool {
    let Some((start, _)) = span(items, row) else {
        return false;
    };
    let previous = row.first_number(items).checked_sub(1);
    let from = previous.and_then(|p| items.get(p)).map_or(0, |i| i.end);
    from == 0 && previous.is_none() || near(scan, from, start).contains(&mark)
}

fn firm_right(scan: &Scan<'_>, items: &[Item], row: &Row, mark: char) -> bool {
    let Some((_, end)) = span(items, row) else {
        return false;
    };
    match items.get(row.last + 1) {
        None => true,
        Some(next) => near(scan, end, next.start).contains(&mark),
    }
}

/// The characters between two tokens, at most 64 of them.
fn near(scan: &Scan<'_>, from: usize, to: usize) -> Vec<char> {
    scan.spend(64);
    scan.slice(from, to).chars().take(64).collect()
}

/// A phrase has 12, 15, 18, 21 or 24 words. If one or two are missing, a mistyped word stands at
/// an end that nothing marks as one.
fn grown(scan: &Scan<'_>, items: &[Item], mut row: Row) -> Row {
    let total = row.known + row.holes;
    let Some(whole) = [12, 15, 18, 21, 24].into_iter().find(|n| *n >= total) else {
        return row;
    };
    let missing = whole - total;
    if missing == 0 || missing > 2 {
        return row;
    }
    let open =
        |mark_left: &[char], firm: &dyn Fn(char) -> bool| !mark_left.iter().any(|m| firm(*m));
    let left = open(&['\n', ':', '='], &|m| firm_left(scan, items, &row, m));
    let right = open(&['\n', '.', ';'], &|m| firm_right(scan, items, &row, m));
    if right {
        let mut at = row.last;
        for _ in 0..missing {
            match step(items, at, true) {
                Some(next) => at = next,
                None => break,
            }
        }
        row.last = at;
    }
    if left {
        let mut at = row.first;
        for _ in 0..missing {
            match step(items, at, false) {
                Some(next) => at = next,
                None => break,
            }
        }
        row.first = at;
    }
    row
}

/// The next unknown word to one side, past a number.
fn step(items: &[Item], at: usize, right: bool) -> Option<usize> {
    let mut at = at;
    for _ in 0..2 {
        let next = if right { at + 1 } else { at.checked_sub(1)? };
        let crossed = items.get(if right { next } else { at })?;
        let item = items.get(next)?;
        if crossed.cut || crossed.sentence {
            return None;
        }
        match item.what {
            What::Unknown if (3..=9).contains(&(item.end - item.start)) => return Some(next),
            What::Number | What::Filler => at = next,
            What::Unknown | What::Word(_) | What::Barrier => return None,
        }
    }
    None
}

impl Row {
    /// The first item, or the number before it in a numbered list.
    fn first_number(&self, items: &[Item]) -> usize {
        match self.first.checked_sub(1) {
            Some(before)
                if self.numbers > 0
                    && items.get(before).is_some_and(|i| i.what == What::Number)
                    && items.get(self.first).is_some_and(|i| !i.cut) =>
            {
                before
            }
            _ => self.first,
        }
    }
}

fn span(items: &[Item], row: &Row) -> Option<(usize, usize)> {
    let first = items.get(row.first_number(items))?;
    Some((first.start, items.get(row.last)?.end))
}

fn hit(scan: &Scan<'_>, items: &[Item], row: &Row, sure: bool) -> Option<Hit> {
    let (start, end) = span(items, row)?;
    scan.spend(1);
    Some(Hit {
        start,
        end,
        kind: Kind::SeedPhrase,
        detector: NAME,
        confidence: if sure {
            Confidence::Certain
        } else {
            Confidence::Likely
        },
        reason: if sure {
            "words of one BIP-39 list, checksum valid"
        } else {
            "words of one BIP-39 list"
        },
        canonical: None,
    })
}

/// Whether some 12, 15, 18, 21 or 24 successive words of the row have a valid checksum.
fn checksum(scan: &Scan<'_>, items: &[Item], row: &Row, language: u8) -> bool {
    let indices: Vec<u16> = items
        .get(row.first..=row.last)
        .unwrap_or_default()
        .iter()
        .filter_map(|i| i.place(language))
        .take(LONGEST_CHECKED + 1)
        .collect();
    if indices.len() > LONGEST_CHECKED {
        return false;
    }
    scan.spend(indices.len() * 60);
    [24, 21, 18, 15, 12]
        .into_iter()
        .any(|n| indices.windows(n).any(valid))
}

/// BIP-39's checksum: the first bits of the entropy's SHA-256 follow the entropy.
fn valid(indices: &[u16]) -> bool {
    let bits: Vec<bool> = indices
        .iter()
        .flat_map(|i| (0..11).rev().map(move |shift| (i >> shift) & 1 == 1))
        .collect();
    let (entropy, check) = bits.split_at(indices.len() * 32 / 3);
    let pack = |bits: &[bool]| {
        bits.iter()
            .fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit))
    };
    let bytes: Vec<u8> = entropy.chunks(8).map(pack).collect();
    let hash = digest::digest(&digest::SHA256, &bytes);
    let Some(first) = hash.as_ref().first() else {
        return false;
    };
    pack(check) == first >> (8 - check.len())
}

#[cfg(test)]
#[path = "seed/tests.rs"]
mod tests;
