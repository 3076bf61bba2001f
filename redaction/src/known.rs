//! The subject's own values, found without any model.
//!
//! A value is compiled into every form a mention may take; a text is then compared word by word.
//! Names in the cases of Russian, in either alphabet, shortened, with initials, joined, or with a
//! slip of one letter ([`name`], [`mention`]); e-mail addresses spelled out ([`mail`]); phone and
//! document numbers by their digits ([`number`]); postal addresses in any order ([`place`]); the
//! date of birth as it is said ([`birth`]); and any value letter by letter with whatever case,
//! spaces and punctuation. Every hit says which way it was found. Language rules and word lists
//! are files in `data`.
//!
//! Building costs tens of microseconds a value, and is meant to be done once a conversation; work
//! on a text is linear in its length and counted. What is kept of names are digests, and little
//! text, which is wiped. Limits: at most 64 values; English and Russian.

mod birth;
mod declension;
mod given;
mod mail;
mod mention;
mod name;
mod near;
mod number;
mod place;
mod sheet;
mod skeleton;
mod sound;

use super::detect::date::{self, Day};
use super::kind::{Attribute, Confidence, Kind};
use super::normal::Normal;
use super::scan::{Hit, Scan, Token};
use aho_corasick::AhoCorasick;
use mail::Mail;
use name::Names;
use number::Numbers;
use place::Place;
use sheet::Sheet;
use std::fmt;
use zeroize::Zeroizing;

const MOST: usize = 64;
/// The most addresses of either sort.
const ADDRESSES: usize = 8;
/// The widest gap between two characters of one value, in bytes.
const GAP: usize = 8;

/// The values of one subject, compiled. Its `Debug` shows none.
#[derive(Default)]
pub struct Known {
    automaton: Option<AhoCorasick>,
    needles: Vec<Needle>,
    /// What the automaton looks for.
    patterns: Vec<Zeroizing<String>>,
    names: Names,
    numbers: Numbers,
    mails: Vec<Mail>,
    places: Vec<Place>,
    birth: Vec<Day>,
}

/// A value to be found letter by letter.
struct Needle {
    attribute: Attribute,
    /// What all spellings of the value are numbered by.
    canonical: Zeroizing<String>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("values", &(self.needles.len() + self.birth.len()))
            .field("forms", &(self.names.len() + self.numbers.len()))
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
        for (attribute, value) in values.into_iter().take(MOST) {
            let normal = Normal::new(value);
            known.put(&mut patterns, attribute, &normal);
        }
        known.names.settle();
        known.numbers.settle();
        if !patterns.is_empty() {
            known.automaton = AhoCorasick::new(patterns.iter().map(|p| p.as_bytes())).ok();
        }
        known.patterns = patterns;
        known
    }

    fn put(
        &mut self,
        patterns: &mut Vec<Zeroizing<String>>,
        attribute: Attribute,
        normal: &Normal,
    ) {
        let lower = normal.lower();
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
        match attribute {
            Attribute::Name => self.names.put(lower, canonical.clone()),
            Attribute::Phone => return self.numbers.put(attribute, lower, &canonical),
            Attribute::Document => self.numbers.put(attribute, lower, &canonical),
            Attribute::Email if self.mails.len() < ADDRESSES => {
                self.mails.extend(Mail::new(lower));
            }
            Attribute::Address if self.places.len() < ADDRESSES => {
                self.places.push(Place::new(lower, canonical.clone()));
            }
            Attribute::BirthDate => {
                let scan = Scan::new(normal);
                let days = date::dates(&scan).into_iter().flat_map(|d| d.readings);
                self.birth.extend(days.take(2));
                self.birth.truncate(ADDRESSES);
                return;
            }
            Attribute::Uid | Attribute::Email | Attribute::Address => {}
        }
        if whole.chars().count() >= least(attribute) {
            patterns.push(whole);
            self.needles.push(Needle {
                attribute,
                canonical,
            });
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        self.automaton.is_none()
            && self.names.is_empty()
            && self.numbers.len() == 0
            && self.birth.is_empty()
    }
}

/// The fewest characters that tell a value from chance.
fn least(attribute: Attribute) -> usize {
    match attribute {
        Attribute::Uid => 4,
        Attribute::Name => 5,
        Attribute::Email | Attribute::Document => 6,
        Attribute::Address => 8,
        // Never as letters.
        Attribute::Phone | Attribute::BirthDate => usize::MAX,
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

impl Known {
    /// Whether a word may be part of a mention by itself.
    pub(crate) fn takes(&self, scan: &Scan<'_>, token: &Token) -> bool {
        if self.is_none() {
            return false;
        }
        let word = scan.lower(token.start, token.end);
        scan.spend(word.len() * 2);
        if !self.birth.is_empty() && birth::takes(scan, token) {
            return true;
        }
        if !self.names.is_empty() && mention::takes(&self.names, word) {
            return true;
        }
        if self.mails.is_empty() && self.places.is_empty() {
            return false;
        }
        let one = scan.part(&(token.start..token.end));
        let sheet = Sheet::new(&one);
        self.mails.iter().any(|m| m.takes(&sheet, 0))
            || self.places.iter().any(|p| p.takes(&one, &sheet, 0))
    }
}

/// Finds the known values of `known`.
pub(crate) fn detect(known: &Known, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if known.is_none() {
        return;
    }
    known.numbers.detect(scan, hits);
    birth::detect(&known.birth, scan, hits);
    if !known.names.is_empty() || !known.mails.is_empty() || !known.places.is_empty() {
        let sheet = Sheet::new(scan);
        mention::detect(&known.names, scan, &sheet, hits);
        for mail in &known.mails {
            mail.detect(scan, &sheet, hits);
        }
        for place in &known.places {
            place.detect(scan, &sheet, hits);
        }
    }
    letters(known, scan, hits);
}

/// Values letter by letter, with anything small between.
fn letters(known: &Known, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let Some(automaton) = &known.automaton else {
        return;
    };
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
        if let Some((start, end)) = whole(scan, matched) {
            hits.push(Hit {
                start,
                end,
                kind: Kind::Known(needle.attribute),
                detector: "known",
                confidence: Confidence::Certain,
                reason: "a value of the subject, letter by letter",
                canonical: Some(needle.canonical.to_string()),
            });
        }
    }
}

/// The span of a match if its ends are word boundaries and nothing wide stands inside.
fn whole(scan: &Scan<'_>, places: &[usize]) -> Option<(usize, usize)> {
    let (first, last) = (*places.first()?, *places.last()?);
    let end = last + scan.char_after(last)?.len_utf8();
    if scan.char_after(end).is_some_and(char::is_alphanumeric)
        || scan.char_before(first).is_some_and(char::is_alphanumeric)
    {
        return None;
    }
    scan.spend(places.len());
    let apart = places
        .iter()
        .zip(places.iter().skip(1))
        .any(|(a, b)| b - a > GAP);
    (!apart).then_some((first, end))
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
            "xanna",
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

#[cfg(test)]
#[expect(
    clippy::print_stdout,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "made-up people in ASCII, and figures to be read"
)]
mod recall;

#[cfg(test)]
mod work;
