//! Names of people nobody told the gateway of, in Latin letters.
//!
//! A row of capitalised words is weighed: what the lists say of each ([`crate::lexicon`]), how the
//! row is built (given name first, an initial inside), what stands right before and after it
//! ([`cue`]: introductions, honorifics, signatures, kinship, verbs that only people do), and
//! whether a neighbour in an enumeration or another place of the same text is surely a person.
//! Words without capitals count where a known given name is followed by a surname or by a word in
//! no list, or where an introduction stands before them.
//! Near misses that must not fire: words that are also names (Will, Mark, Bill, May, Grace), coins,
//! products, companies, towns.
//! Limits: a name in no list, alone, without any cue is left; so is one made wholly of everyday
//! words at the start of a sentence ("May Day"). Sources: `lexicon.rs`.

mod cue;
mod row;
mod veto;
mod weight;
mod word;

use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};
use crate::memory::digest;
use row::{Row, rows};
use word::{Gap, gap, words};

/// What a row must weigh to be a person.
const ENOUGH: i32 = 6;
const DETECTOR: &str = "person";

pub(crate) use veto::{nobody, person};

/// Whether a word, in small letters, is one of English and no part of a name.
pub(crate) fn ordinary(scan: &Scan<'_>, start: usize, end: usize) -> bool {
    let lower = word::shape(scan, start, end) == word::Shape::Lower;
    let text = scan.lower(start, end);
    let class = crate::lexicon::word(text);
    lower && (class.ordinary() || cue::everyday(text) && !class.strong())
}

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let words = words(scan);
    let mut rows = rows(scan, &words);
    enumerations(scan, &words, &mut rows);
    repeated(scan, &words, &mut rows);
    hits.extend(rows.iter().filter(|r| r.weight >= ENOUGH).map(|row| Hit {
        start: row.start,
        end: row.end,
        kind: Kind::Name,
        detector: DETECTOR,
        confidence: Confidence::Likely,
        reason: row.reason,
        canonical: None,
    }));
}

/// "Kónya, Becker and Vasquez": where some are people, all are.
fn enumerations(scan: &Scan<'_>, words: &[word::Word], rows: &mut [Row]) {
    let linked = |a: &Row, b: &Row| {
        scan.spend(4);
        if gap(scan, a.end, b.start) == Gap::Comma {
            return true;
        }
        let between = words.get(a.last + 1..b.first).unwrap_or_default();
        match between {
            [and] => {
                matches!(scan.lower(and.start, and.end), "and" | "or")
                    && matches!(gap(scan, a.end, and.start), Gap::Space | Gap::Comma)
                    && gap(scan, and.end, b.start) == Gap::Space
            }
            _ => false,
        }
    };
    for chain in rows.chunk_by_mut(|a, b| linked(a, b)) {
        let verdicts: Vec<Verdict> = (0..chain.len())
            .map(|n| {
                let near = chain.get(n.saturating_sub(2)..(n + 3).min(chain.len()));
                verdict(words, near.unwrap_or_default())
            })
            .collect();
        for (row, verdict) in chain.iter_mut().zip(verdicts) {
            match verdict {
                Verdict::Towns if row.weight < ENOUGH + 4 => row.weight = 0,
                Verdict::People if row.weight < ENOUGH && row.base >= 1 && row.weight > -2 => {
                    row.weight = ENOUGH;
                    row.reason = "in a row with names";
                }
                Verdict::Towns | Verdict::People | Verdict::Open => {}
            }
        }
    }
}

/// What the neighbours in an enumeration say of its members.
enum Verdict {
    Towns,
    People,
    Open,
}

fn verdict(words: &[word::Word], near: &[Row]) -> Verdict {
    if near.len() < 2 {
        return Verdict::Open;
    }
    let sure = near.iter().filter(|r| r.weight >= ENOUGH).count();
    let likely = near.iter().filter(|r| r.base >= 4).count();
    let alone = near.iter().all(|r| r.first == r.last);
    let town = |r: &&Row| words.get(r.first).is_some_and(|w| w.class.place());
    let towns = near.iter().filter(town).count() * 2 >= near.len();
    let led = near.first().is_some_and(|r| town(&r) && r.weight < ENOUGH);
    // "Sydney, Florence and Charlotte".
    if alone && (towns || led) {
        return Verdict::Towns;
    }
    let two = likely == 1 && near.iter().all(|r| r.base >= 2 && r.weight > 0);
    if sure > 0 || likely > 1 || two {
        Verdict::People
    } else {
        Verdict::Open
    }
}

/// A part of a name that stood before in the same text is the same person.
fn repeated(scan: &Scan<'_>, words: &[word::Word], rows: &mut [Row]) {
    let parts = |row: &Row| {
        let inside = words.get(row.first..=row.last).unwrap_or_default();
        let inside = inside.iter().filter(|w| w.end - w.start > 2 && w.cased());
        inside
            .map(|w| word::folded(scan, w.start, w.end))
            .collect::<Vec<_>>()
    };
    let mut sure = scan.memory.borrow_mut();
    for row in rows {
        if row.weight >= ENOUGH {
            for part in parts(row) {
                scan.spend(part.len());
                sure.put(digest(DETECTOR, &part));
            }
            continue;
        }
        if sure.is_empty() {
            continue;
        }
        let parts = parts(row);
        scan.spend(parts.len() * 2);
        if !parts.is_empty() && parts.iter().all(|p| sure.holds(digest(DETECTOR, p))) {
            row.weight = ENOUGH;
            row.reason = "part of a name found before";
        }
    }
}

#[cfg(test)]
#[path = "person/tests.rs"]
mod tests;
