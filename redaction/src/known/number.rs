//! The subject's phone and document numbers, by their digits alone.
//!
//! The digits of the text are searched in one pass; what stands between two of them must be
//! spaces and signs, and for documents the words people put between ("серия 45 12 номер 345678").
//! A phone counts by its last nine digits, so that the country code may be written in any way or
//! be left out; by its last seven beside a word for telephone.
//! Limit: numbers in words are not read.

use crate::cue::Sense;
use crate::kind::{Attribute, Confidence, Kind};
use crate::scan::{Hit, Scan};
use aho_corasick::AhoCorasick;
use zeroize::Zeroizing;

const PHONE: usize = 9;
const LOCAL: usize = 7;
/// The fewest digits of a document.
const DOCUMENT: usize = 6;
/// The widest gap between two digits, in characters.
const GAP: usize = 4;
const DOCUMENT_GAP: usize = 28;
const REACH: usize = 32;
/// What may stand between the digits of a document. `№` is read as `No`.
const BETWEEN: &[&str] = &[
    "серия",
    "серии",
    "сер",
    "номер",
    "номером",
    "no",
    "n",
    "number",
    "num",
    "nr",
    "series",
    "and",
    "и",
];

/// Numbers to look for.
#[derive(Default)]
pub(super) struct Numbers {
    automaton: Option<AhoCorasick>,
    needles: Vec<Needle>,
}

struct Needle {
    attribute: Attribute,
    digits: Zeroizing<String>,
    /// The digits before those, for a phone.
    head: Zeroizing<String>,
    /// Only beside a word for it.
    local: bool,
    canonical: Zeroizing<String>,
}

impl Numbers {
    /// Adds a number; too few digits are passed over.
    pub(super) fn put(&mut self, attribute: Attribute, value: &str, canonical: &Zeroizing<String>) {
        let digits: Zeroizing<String> =
            Zeroizing::new(value.chars().filter(char::is_ascii_digit).collect());
        let last = |n: usize| -> Zeroizing<String> {
            let from = digits.len().saturating_sub(n);
            Zeroizing::new(digits.get(from..).unwrap_or_default().to_owned())
        };
        let value_digits = digits.clone();
        let mut push = |digits: Zeroizing<String>, local: bool| {
            let head = value_digits.len().saturating_sub(digits.len());
            let head = value_digits.get(..head).unwrap_or_default().to_owned();
            self.needles.push(Needle {
                attribute,
                digits,
                head: Zeroizing::new(head),
                local,
                canonical: canonical.clone(),
            });
        };
        if attribute == Attribute::Phone {
            if digits.len() > PHONE {
                push(last(LOCAL), true);
            }
            if digits.len() >= LOCAL {
                push(last(PHONE), false);
            }
        } else if digits.len() >= DOCUMENT {
            push(digits.clone(), false);
        }
    }

    /// To be called once after the last number.
    pub(super) fn settle(&mut self) {
        if !self.needles.is_empty() {
            self.automaton =
                AhoCorasick::new(self.needles.iter().map(|n| n.digits.as_bytes())).ok();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.needles.len()
    }

    /// Finds them.
    pub(super) fn detect(&self, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        let mut digits = Zeroizing::new(Vec::new());
        let mut places: Vec<usize> = Vec::new();
        for (at, byte) in scan.bytes().iter().enumerate() {
            if byte.is_ascii_digit() {
                digits.push(*byte);
                places.push(at);
            }
        }
        scan.spend(scan.len() / 4 + digits.len() * 2);
        for found in automaton.find_overlapping_iter(digits.as_slice()) {
            scan.spend(2);
            let Some(needle) = self.needles.get(found.pattern().as_usize()) else {
                continue;
            };
            let matched = places.get(found.start()..found.end()).unwrap_or_default();
            if let Some((start, end, reason)) = needle.place(scan, matched) {
                hits.push(Hit {
                    start,
                    end,
                    kind: Kind::Known(needle.attribute),
                    detector: "known",
                    confidence: if needle.local {
                        Confidence::Likely
                    } else {
                        Confidence::Certain
                    },
                    reason,
                    canonical: Some(needle.canonical.to_string()),
                });
            }
        }
    }
}

impl Needle {
    /// Where the number of these digits stands, if it is one number.
    fn place(&self, scan: &Scan<'_>, digits: &[usize]) -> Option<(usize, usize, &'static str)> {
        let (first, end) = (*digits.first()?, *digits.last()? + 1);
        let phone = self.attribute == Attribute::Phone;
        let after = scan.char_after(end);
        let extension = phone && matches!(after, Some('x' | 'X' | 'д' | 'e'));
        if after.is_some_and(char::is_alphanumeric) && !extension {
            return None;
        }
        let before = scan.char_before(first);
        if !phone && before.is_some_and(|c| c.is_ascii_digit()) {
            return None;
        }
        for (a, b) in digits.iter().zip(digits.iter().skip(1)) {
            scan.spend(1);
            if b - a > 1 && !self.between(scan, scan.slice(a + 1, *b)) {
                return None;
            }
        }
        if !phone {
            return Some((
                series(scan, first),
                end,
                "the subject's document, by its digits",
            ));
        }
        if self.local {
            let said = scan.said_before(&[Sense::Phone], first, REACH);
            let alone = !before.is_some_and(char::is_alphanumeric);
            return (said && alone).then_some((
                first,
                end,
                "the end of the subject's phone number",
            ));
        }
        let start = country_code(scan, first, &self.head)?;
        Some((start, end, "the subject's phone number"))
    }

    fn between(&self, scan: &Scan<'_>, gap: &str) -> bool {
        let phone = self.attribute == Attribute::Phone;
        let widest = if phone { GAP } else { DOCUMENT_GAP };
        if gap.len() > DOCUMENT_GAP || gap.chars().count() > widest {
            return false;
        }
        scan.spend(gap.len() / 2);
        if gap.contains(char::is_alphabetic) {
            let lower = gap.to_lowercase();
            return !phone
                && lower
                    .split(|c: char| !c.is_alphanumeric())
                    .all(|w| w.is_empty() || BETWEEN.contains(&w));
        }
        gap.chars().filter(|c| *c != ' ').count() <= 3 && !gap.contains('\n')
    }
}

/// Where the letters before a document's digits begin.
fn series(scan: &Scan<'_>, first: usize) -> usize {
    let head = scan.slice(first.saturating_sub(12), first);
    let mut start = first;
    for c in head.chars().rev().take(3) {
        if !c.is_alphabetic() {
            break;
        }
        start -= c.len_utf8();
    }
    let part_of_word = scan.char_before(start).is_some_and(char::is_alphanumeric);
    if part_of_word { first } else { start }
}

/// Where the number that goes on at `at` begins, with the digits in front of it: its own (`head`),
/// a country code or trunk prefix of up to three others, a plus sign. Nowhere if it is the tail of
/// something longer.
fn country_code(scan: &Scan<'_>, at: usize, head: &str) -> Option<usize> {
    let mut head = head.bytes().rev().peekable();
    let (mut start, mut others, mut here) = (at, 0, at);
    while at - here < 20
        && let Some(before) = here.checked_sub(1)
    {
        scan.spend(1);
        match scan.byte(before) {
            Some(digit @ b'0'..=b'9') => {
                if head.next_if_eq(&digit).is_none() {
                    // Digits after a space are another number's.
                    if others == 3 || (start > here && others > 0) {
                        return (start > here).then_some(start);
                    }
                    others += 1;
                }
                start = before;
            }
            Some(b'+') => return Some(before),
            // A dash is three bytes.
            Some(b' ' | b'-' | b'(' | b')' | b'.' | 0x80..) if start - here < 6 => {}
            _ => break,
        }
        here = before;
    }
    Some(start)
}
