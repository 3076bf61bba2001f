//! The subject's postal address, or a part of it that leads to a door.
//!
//! The known address is cut into words and numbers; the words for streets, houses and flats
//! (`data/place.txt`) are set aside. In a text, words and numbers of the address that stand
//! together, in any order and punctuation and in any case or alphabet, are weighed: a street and
//! its house, or a postcode and its town, are enough; a town with a flat's number is not, nor is
//! a street alone. Limits: house numbers in words; two dozen words an address.

use super::declension::cases;
use super::sheet::Sheet;
use super::skeleton::{Reading, ambiguous, digest, is_cyrillic, skeleton};
use crate::kind::{Attribute, Confidence, Kind};
use crate::scan::{Hit, Scan};
use std::collections::HashMap;
use std::sync::LazyLock;
use zeroize::Zeroizing;

const WORDS: usize = 24;
/// The widest gap between two words of an address, and the most foreign words.
const GAP: usize = 4;
const BETWEEN: usize = 1;
/// What must be together.
const ENOUGH: u32 = 4;

/// What stands beside a word of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Street,
    House,
    Flat,
    Part,
    Other,
}

/// One address.
pub(super) struct Place {
    /// For each digest of a form, which piece it is and what it weighs.
    pieces: HashMap<u64, (usize, Weight)>,
    canonical: Zeroizing<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Weight {
    word: bool,
    grams: u32,
}

/// A row of words that may be the address.
#[derive(Default)]
struct Row {
    start: usize,
    end: usize,
    last: usize,
    seen: u32,
    words: u32,
    numbers: u32,
    grams: u32,
    named: u32,
    foreign: usize,
}

/// What one token of a text is to an address.
enum Look {
    Piece(usize, Weight),
    Role,
    Between,
    Foreign,
}

impl Place {
    /// Of an address in lower case.
    pub(super) fn new(lower: &str, canonical: Zeroizing<String>) -> Self {
        let mut place = Self {
            pieces: HashMap::new(),
            canonical,
        };
        let mut count = 0;
        for segment in lower.split([',', ';', '\n']) {
            let mut role = Role::Street;
            let mut said = false;
            for word in segment.split(|c: char| !c.is_alphanumeric()) {
                if word.is_empty() || count >= WORDS {
                    continue;
                }
                if let Some(kind) = role_of(digest(&skeleton(word, Reading::Plain))) {
                    (role, said) = (kind, true);
                    continue;
                }
                place.put(word, role, said, count);
                count += 1;
            }
        }
        place
    }

    fn put(&mut self, word: &str, role: Role, said: bool, piece: usize) {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let weight = |word, grams| Weight { word, grams };
        if digits == 0 {
            // A town stands in a segment of its own: it weighs less where its kind is said.
            let grams = if said && role == Role::Other { 1 } else { 2 };
            for form in forms(word) {
                self.pieces
                    .entry(digest(&form))
                    .or_insert((piece, weight(true, grams)));
            }
            return;
        }
        let grams = match role {
            _ if digits >= 5 => 3,
            _ if word.len() > digits && word.len() > 2 => 2,
            Role::Flat | Role::Part => 1,
            Role::Street | Role::House | Role::Other => 2,
        };
        let plain = digest(&skeleton(word, Reading::Plain));
        self.pieces
            .entry(plain)
            .or_insert((piece, weight(false, grams)));
        // "10а" may be written "10 а", "12к2" "12 корп 2".
        for part in word.split_inclusive(|c: char| !c.is_ascii_digit()) {
            let number = part.trim_end_matches(|c: char| !c.is_ascii_digit());
            if !number.is_empty() && number.len() < word.len() {
                self.pieces
                    .entry(digest(number))
                    .or_insert((piece, weight(false, grams)));
            }
        }
    }

    /// Whether token `at` of the sheet may be part of it.
    pub(super) fn takes(&self, scan: &Scan<'_>, sheet: &Sheet, at: usize) -> bool {
        matches!(self.look(scan, sheet, at), Look::Piece(..) | Look::Role)
    }

    /// Finds it.
    pub(super) fn detect(&self, scan: &Scan<'_>, sheet: &Sheet, hits: &mut Vec<Hit>) {
        let mut row: Option<Row> = None;
        for (at, token) in scan.tokens.iter().enumerate() {
            scan.spend(3);
            let look = self.look(scan, sheet, at);
            if let Some(open) = &mut row {
                let gap = scan.slice(open.end_of_last(scan), token.start);
                let apart = gap.chars().count() > GAP || gap.contains(['!', '?']);
                let foreign = matches!(look, Look::Between | Look::Foreign);
                if apart || (foreign && open.foreign >= BETWEEN) || matches!(look, Look::Foreign) {
                    hits.extend(row.take().and_then(|r| self.judged(&r)));
                } else {
                    open.take(at, token.start, token.end, &look);
                }
            }
            let begins = match look {
                Look::Piece(..) => true,
                Look::Role => {
                    token.end - token.start > 1 || matches!(scan.char_after(token.end), Some('.'))
                }
                Look::Between | Look::Foreign => false,
            };
            if row.is_none() && begins {
                let mut open = Row {
                    start: token.start,
                    ..Row::default()
                };
                open.take(at, token.start, token.end, &look);
                row = Some(open);
            }
        }
        hits.extend(row.and_then(|r| self.judged(&r)));
    }

    fn look(&self, scan: &Scan<'_>, sheet: &Sheet, at: usize) -> Look {
        let plain = sheet.plain(at);
        if let Some((piece, weight)) = self.pieces.get(&plain) {
            return Look::Piece(*piece, *weight);
        }
        if role_of(plain).is_some() {
            return Look::Role;
        }
        let Some(token) = scan.tokens.get(at) else {
            return Look::Foreign;
        };
        let word = scan.lower(token.start, token.end);
        if BOOK.between.contains(&digest(word)) {
            return Look::Between;
        }
        // "д10", "12к2", "кв15": by its first number, if all else in it has a role.
        let short = (2..=12).contains(&word.len());
        if short && word.contains(|c: char| c.is_ascii_digit()) && !token.digits {
            scan.spend(word.len());
            let mut found = None;
            for part in parts(word) {
                let here = digest(&skeleton(part, Reading::Plain));
                match self.pieces.get(&here) {
                    Some(piece) => found = found.or(Some(*piece)),
                    None if role_of(here).is_some() => {}
                    None => return Look::Foreign,
                }
            }
            if let Some((piece, weight)) = found {
                return Look::Piece(piece, weight);
            }
        }
        Look::Foreign
    }

    fn judged(&self, row: &Row) -> Option<Hit> {
        let door =
            row.words > 0 && row.numbers > 0 && row.grams + u32::from(row.named > 0) >= ENOUGH;
        let inside = row.numbers > 1 && row.named > 1;
        let several = row.words > 2;
        (door || inside || several).then(|| Hit {
            start: row.start,
            end: row.end,
            kind: Kind::Known(Attribute::Address),
            detector: "known",
            confidence: Confidence::Likely,
            reason: if door {
                "words and numbers of the subject's address"
            } else if inside {
                "house and flat of the subject's address"
            } else {
                "several words of the subject's address"
            },
            canonical: Some(self.canonical.to_string()),
        })
    }
}

impl Row {
    fn end_of_last(&self, scan: &Scan<'_>) -> usize {
        scan.tokens.get(self.last).map_or(self.end, |t| t.end)
    }

    fn take(&mut self, at: usize, start: usize, end: usize, look: &Look) {
        self.last = at;
        match look {
            Look::Piece(piece, weight) => {
                let bit = 1_u32 << piece.min(&31);
                if self.seen == 0 && self.named == 0 {
                    self.start = start;
                }
                if self.seen & bit == 0 {
                    self.grams += weight.grams;
                    self.words += u32::from(weight.word);
                    self.numbers += u32::from(!weight.word);
                }
                self.seen |= bit;
                self.end = end;
                self.foreign = 0;
            }
            Look::Role => {
                self.named += 1;
                self.end = end;
            }
            Look::Between | Look::Foreign => self.foreign += 1,
        }
    }
}

/// A mixed word cut where letters and digits meet.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let digit = rest.chars().next()?.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digit)
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(part)
    })
}

/// A word of an address in all its cases.
fn forms(word: &str) -> Vec<Zeroizing<String>> {
    let mut out = Vec::new();
    for reading in [Reading::Plain, Reading::Other] {
        if reading == Reading::Other && !ambiguous(word) {
            continue;
        }
        let base = skeleton(word, reading);
        if word.chars().any(is_cyrillic) {
            out.extend(cases(&base));
        } else {
            out.push(base);
        }
    }
    out
}

struct Book {
    roles: HashMap<u64, Role>,
    between: Vec<u64>,
}

fn role_of(plain: u64) -> Option<Role> {
    BOOK.roles.get(&plain).copied()
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let mut roles = HashMap::new();
    for line in include_str!("data/place.txt").lines() {
        let mut words = line.split_whitespace();
        let role = match words.next() {
            Some("street") => Role::Street,
            Some("house") => Role::House,
            Some("flat") => Role::Flat,
            Some("part") => Role::Part,
            Some("other") => Role::Other,
            _ => continue,
        };
        for word in words {
            let plain = digest(&skeleton(word, Reading::Plain));
            roles.entry(plain).or_insert(role);
        }
    }
    let between = include_str!("data/between.txt").split_whitespace();
    Book {
        roles,
        between: between.map(digest).collect(),
    }
});
