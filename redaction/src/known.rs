//! The subject's own values, found without any model.
//!
//! Compared without case, spaces and punctuation, letters and digits only, at word boundaries:
//! `+7 (999) 123-45-67` is `79991234567`. A name is looked for whole and by its parts, in either
//! alphabet and in the cases of Russian ([`name`]); a part of fewer than four letters never
//! alone, and a part only where it is written with a capital or where none stands near. A phone is
//! compared by its last nine digits, so that the country code may be written in any way; a date
//! of birth by the day it means ([`date`]). One Aho-Corasick pass, one look per word and name.
//! Every hit says which way it was found.
//! Limits: no diminutives, no numbers in words, no addresses; at most 64 values.

mod name;
mod skeleton;

use super::detect::date::{self, Day};
use super::kind::{Attribute, Confidence, Kind};
use super::normal::Normal;
use super::scan::{Hit, Scan};
use aho_corasick::AhoCorasick;
use name::Stem;
use skeleton::skeleton;
use std::fmt;
use zeroize::Zeroizing;

const MOST: usize = 64;
/// The widest gap between two characters of one value.
const GAP: usize = 4;
const PHONE_DIGITS: usize = 9;

/// The values of one subject, compiled. Its `Debug` shows none.
#[derive(Default)]
pub struct Known {
    automaton: Option<AhoCorasick>,
    needles: Vec<Needle>,
    /// What the automaton looks for.
    patterns: Vec<Zeroizing<String>>,
    /// Parts of names, with what the name they belong to is numbered by.
    stems: Vec<(Stem, Zeroizing<String>)>,
    birth: Vec<Day>,
}

struct Needle {
    attribute: Attribute,
    /// What all spellings of the value are numbered by.
    canonical: Zeroizing<String>,
    /// A part of a name, weaker than the whole.
    part: bool,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("values", &(self.needles.len() + self.birth.len()))
            .finish_non_exhaustive()
    }
}

impl Known {
    /// No values: a guest.
    pub fn none() -> Self {
        Self::default()
    }

    /// Compiles up to 64 values. Values too short to be told from ordinary words are left out.
    pub fn new<'a>(values: impl IntoIterator<Item = (Attribute, &'a str)>) -> Self {
        let mut known = Self::default();
        let mut patterns: Vec<Zeroizing<String>> = Vec::new();
        for (attribute, value) in values {
            let normal = Normal::new(value);
            if attribute == Attribute::BirthDate {
                let scan = Scan::new(&normal);
                let days = date::dates(&scan).into_iter().flat_map(|d| d.readings);
                known.birth.extend(days.take(2));
                known.birth.truncate(MOST);
                continue;
            }
            known.put(&mut patterns, attribute, normal.lower());
            if attribute == Attribute::Name {
                known.put_stems(normal.lower());
            }
        }
        known.automaton = AhoCorasick::new(patterns.iter().map(|p| p.as_bytes())).ok();
        known.patterns = patterns;
        known
    }

    fn put(&mut self, patterns: &mut Vec<Zeroizing<String>>, attribute: Attribute, lower: &str) {
        let whole = squeezed(lower);
        let canonical = match attribute {
            // The same number as the e-mail detector's.
            Attribute::Email => Zeroizing::new(lower.trim().to_owned()),
            Attribute::Name
            | Attribute::Phone
            | Attribute::Uid
            | Attribute::BirthDate
            | Attribute::Document
            | Attribute::Address => whole.clone(),
        };
        let mut put = |pattern: Zeroizing<String>, part: bool| {
            if patterns.len() < MOST && pattern.chars().count() >= least(attribute, part) {
                patterns.push(pattern);
                self.needles.push(Needle {
                    attribute,
                    canonical: canonical.clone(),
                    part,
                });
            }
        };
        if attribute == Attribute::Phone {
            let skip = whole.chars().count().saturating_sub(PHONE_DIGITS);
            put(Zeroizing::new(whole.chars().skip(skip).collect()), false);
            return;
        }
        put(whole.clone(), false);
        if attribute == Attribute::Name {
            for part in lower.split(|c: char| !c.is_alphanumeric()) {
                put(Zeroizing::new(part.to_owned()), true);
            }
        }
    }

    fn put_stems(&mut self, lower: &str) {
        let canonical = squeezed(lower);
        for part in lower.split(|c: char| !c.is_alphanumeric()) {
            if part.chars().count() < least(Attribute::Name, true) || self.stems.len() >= MOST {
                continue;
            }
            let stems = name::stems(part).into_iter();
            self.stems.extend(stems.map(|s| (s, canonical.clone())));
        }
    }
}

/// The fewest characters that tell a value from chance.
fn least(attribute: Attribute, part: bool) -> usize {
    match (attribute, part) {
        (Attribute::Name, true) | (Attribute::Uid, _) => 4,
        (Attribute::Name, false) => 3,
        (Attribute::Email | Attribute::Document, _) => 6,
        (Attribute::Address, _) => 8,
        (Attribute::Phone, _) => 7,
        // Read as a date, never as letters.
        (Attribute::BirthDate, _) => usize::MAX,
    }
}

fn squeezed(lower: &str) -> Zeroizing<String> {
    Zeroizing::new(lower.chars().filter(|c| c.is_alphanumeric()).collect())
}

/// Whether a value may begin with `beginning`, letters and digits in lower case, and go on.
pub(crate) fn may_begin(known: &Known, beginning: &str) -> bool {
    let goes_on = |p: &Zeroizing<String>| p.len() > beginning.len() && p.starts_with(beginning);
    known.patterns.iter().any(goes_on)
}

/// Finds the known values of `known`.
pub(crate) fn detect(known: &Known, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let Some(automaton) = &known.automaton else {
        return;
    };
    if !known.birth.is_empty() {
        birth_dates(known, scan, hits);
    }
    if known.needles.is_empty() {
        return;
    }
    names(known, scan, hits);
    let lower = scan.lower(0, scan.len());
    let mut haystack = Zeroizing::new(String::with_capacity(lower.len()));
    // For each byte of the haystack, where its character stands.
    let mut places: Vec<usize> = Vec::with_capacity(lower.len());
    for (at, c) in lower.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        haystack.push(c);
        places.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
    scan.spend(lower.len() * 2);
    for found in automaton.find_overlapping_iter(haystack.as_bytes()) {
        scan.spend(1);
        let Some(needle) = known.needles.get(found.pattern().as_usize()) else {
            continue;
        };
        let matched = places.get(found.start()..found.end()).unwrap_or_default();
        if let Some((start, end)) = whole(scan, matched, needle) {
            hits.push(Hit {
                start,
                end,
                kind: Kind::Known(needle.attribute),
                detector: "known",
                confidence: Confidence::Certain,
                reason: "a value of the subject",
                canonical: Some(needle.canonical.to_string()),
            });
        }
    }
}

/// The subject's date of birth, in any form and without context.
fn birth_dates(known: &Known, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for date in date::dates(scan) {
        if let Some(day) = date.readings.iter().find(|d| known.birth.contains(d)) {
            hits.push(Hit {
                start: date.start,
                end: date.end,
                kind: Kind::Known(Attribute::BirthDate),
                detector: "known",
                confidence: Confidence::Certain,
                reason: "the subject's date of birth, in some form",
                canonical: Some(date::canonical(day)),
            });
        }
    }
}

/// Parts of the subject's name in any case and either alphabet; neighbours become one.
fn names(known: &Known, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let mut last: Option<Hit> = None;
    for token in &scan.tokens {
        scan.spend(2);
        let upper = scan.char_after(token.start).is_some_and(char::is_uppercase)
            || scan.is_small_around(token.start, token.end);
        let long = (3..=80).contains(&(token.end - token.start));
        if token.digits || !long || !upper || known.stems.is_empty() {
            continue;
        }
        let word = scan.lower(token.start, token.end);
        let cyrillic = word.chars().any(|c| ('а'..='ё').contains(&c));
        scan.spend(word.len() / 2 + known.stems.len() / 2);
        let plain = skeleton(word, false);
        let soft = cyrillic.then(|| skeleton(word, true));
        let found = known.stems.iter().find(|(stem, _)| {
            stem.fits(&plain, cyrillic) || soft.as_ref().is_some_and(|s| stem.fits(s, cyrillic))
        });
        let Some((_, canonical)) = found else {
            continue;
        };
        if let Some(last) = &mut last
            && last.canonical.as_deref() == Some(canonical.as_str())
            && token.start - last.end <= GAP
            && !scan
                .slice(last.end, token.start)
                .contains(['.', '!', '?', '\n', ','])
        {
            last.end = token.end;
            continue;
        }
        hits.extend(last.replace(Hit {
            start: token.start,
            end: token.end,
            kind: Kind::Known(Attribute::Name),
            detector: "known",
            confidence: Confidence::Likely,
            reason: "the subject's name, inflected or in another alphabet",
            canonical: Some(canonical.to_string()),
        }));
    }
    hits.extend(last);
}

/// The span of a match if its ends are word boundaries and nothing wide stands inside.
fn whole(scan: &Scan<'_>, places: &[usize], needle: &Needle) -> Option<(usize, usize)> {
    let (first, last) = (*places.first()?, *places.last()?);
    let end = last + scan.char_after(last)?.len_utf8();
    scan.spend(places.len());
    let apart = places
        .iter()
        .zip(places.iter().skip(1))
        .any(|(a, b)| b - a > GAP + 4);
    if apart || scan.char_after(end).is_some_and(char::is_alphanumeric) {
        return None;
    }
    if needle.attribute == Attribute::Phone {
        return Some((country_code(scan, first), end));
    }
    if scan.char_before(first).is_some_and(char::is_alphanumeric) {
        return None;
    }
    let capital = scan.char_after(first).is_some_and(char::is_uppercase);
    (!needle.part || capital || scan.is_small_around(first, end)).then_some((first, end))
}

/// Where the number that goes on at `at` begins: its country code and plus sign.
fn country_code(scan: &Scan<'_>, at: usize) -> usize {
    let mut start = at;
    let mut digits = 0;
    let mut here = at;
    while digits < 4
        && at - here < 8
        && let Some(before) = here.checked_sub(1)
    {
        scan.spend(1);
        match scan.byte(before) {
            Some(b'0'..=b'9') => {
                digits += 1;
                start = before;
            }
            Some(b'+') => return before,
            Some(b' ' | b'-' | b'(' | b')' | b'.') => {}
            _ => break,
        }
        here = before;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::super::text::tests::Counter;
    use super::super::text::{Profile, redact};
    use super::{Attribute, Known};

    fn view(text: &str) -> String {
        let known = Known::new([
            (Attribute::Name, "Anna Petrova-Bell"),
            (Attribute::Email, "Anna.Bell@mail.example"),
            (Attribute::Phone, "+7 (999) 123-45-67"),
            (Attribute::Uid, "U-77412"),
            (Attribute::Name, "Ли"),
            (Attribute::BirthDate, "1990-05-17"),
            (Attribute::Document, "45 12 345678"),
        ]);
        redact(text, &known, &Profile::agent(), &mut Counter::default()).text
    }

    #[test]
    fn known_values_in_any_dress() {
        for (text, seen) in [
            ("I am ANNA  PETROVA BELL.", "I am [NAME_1]."),
            ("call 8 999 123 45 67", "call [PHONE_1]"),
            ("call +79991234567!", "call [PHONE_1]!"),
            ("my uid: u77412", "my uid: [UID_1]"),
            ("anna.bell@MAIL.example", "[EMAIL_1]"),
            ("Mrs Petrova called", "Mrs [NAME_1] called"),
            ("А\u{200b}nna petrova-bell", "[NAME_1]"),
            ("это Анна Петрова", "это [NAME_1]"),
            ("письмо от Анны Петровой-Белл", "письмо от [NAME_1]"),
            ("к Анне, к Петровой", "к [NAME_1], к [NAME_1]"),
            (
                "born on the 17th of May 1990, ok",
                "born on the [DATE_OF_BIRTH_1], ok",
            ),
            (
                "17.5.90 и 1990-05-17",
                "[DATE_OF_BIRTH_1] и [DATE_OF_BIRTH_1]",
            ),
            ("мой 4512-345 678, да", "мой [DOCUMENT_1], да"),
        ] {
            assert_eq!(view(text), seen, "{text}");
        }
    }

    #[test]
    fn boundaries_and_lengths_guard() {
        for text in [
            "Joanna",
            "a bell rang in Annapolis",
            "U-774123",
            "если",
            "order 79991234568",
        ] {
            assert_eq!(view(text), text);
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let known = Known::new([(Attribute::Name, "Anna Bell")]);
        assert!(!format!("{known:?}").contains("Anna"));
    }
}
