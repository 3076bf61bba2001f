//! The subject's e-mail address, typed, spelled out or said.
//!
//! "anna.bell@mail.example", "anna dot bell at mail dot example", "анна точка белл собака мейл
//! точка ру": the words of the address in order, as skeletons, with nothing between but signs
//! and the words for them (`data/mail.txt`). The part before the sign alone counts too, if it
//! holds digits or two words and so is nobody's name or word.
//! Limits: letters spelled one by one; sixteen words an address.

use super::sheet::Sheet;
use super::skeleton::{Reading, digest, skeleton};
use crate::kind::{Attribute, Confidence, Kind};
use crate::scan::{Hit, Scan};
use std::collections::HashMap;
use std::sync::LazyLock;
use zeroize::Zeroizing;

const WORDS: usize = 16;
const GAP: usize = 5;

/// One address.
pub(super) struct Mail {
    local: Vec<u64>,
    domain: Vec<u64>,
    /// The local part is telling by itself.
    telling: bool,
    canonical: Zeroizing<String>,
}

impl Mail {
    /// Of an address in lower case.
    pub(super) fn new(lower: &str) -> Option<Self> {
        let canonical = lower.trim();
        let (local, domain) = canonical.rsplit_once('@')?;
        let words = |part: &str| -> Vec<u64> {
            part.split(|c: char| !c.is_alphanumeric())
                .filter(|w| !w.is_empty())
                .map(|w| digest(&skeleton(w, Reading::Plain)))
                .collect()
        };
        let several = local
            .chars()
            .any(|c| c.is_ascii_digit() || !c.is_alphanumeric());
        let mail = Self {
            telling: several && local.chars().filter(|c| c.is_alphanumeric()).count() > 6,
            local: words(local),
            domain: words(domain),
            canonical: Zeroizing::new(canonical.to_owned()),
        };
        let fits = |n: usize| (1..=WORDS).contains(&n);
        (fits(mail.local.len()) && fits(mail.domain.len())).then_some(mail)
    }

    /// Whether token `at` of the sheet is, or says, one of its words.
    pub(super) fn takes(&self, sheet: &Sheet, at: usize) -> bool {
        let mut words = self.local.iter().chain(&self.domain);
        words.any(|word| is_word(sheet, at, *word))
    }

    /// Finds it.
    pub(super) fn detect(&self, scan: &Scan<'_>, sheet: &Sheet, hits: &mut Vec<Hit>) {
        let Some(first) = self.local.first() else {
            return;
        };
        for (at, token) in scan.tokens.iter().enumerate() {
            scan.spend(1);
            if sheet.plain(at) != *first {
                continue;
            }
            let Some((last, _)) = walk(scan, sheet, at, &self.local) else {
                continue;
            };
            let whole = sign(scan, sheet, last).and_then(|domain| {
                (is_word(sheet, domain, *self.domain.first()?))
                    .then(|| walk(scan, sheet, domain, &self.domain))?
            });
            let (last, reason) = match whole {
                Some((last, false)) => (last, "the subject's e-mail address"),
                Some((last, true)) => (last, "the subject's e-mail address, spelled out"),
                None if self.telling => (last, "the first part of the subject's e-mail address"),
                None => continue,
            };
            let Some(end) = scan.tokens.get(last).map(|t| t.end) else {
                continue;
            };
            hits.push(Hit {
                start: token.start,
                end,
                kind: Kind::Known(Attribute::Email),
                detector: "known",
                confidence: Confidence::Likely,
                reason,
                canonical: Some(self.canonical.to_string()),
            });
        }
    }
}

/// The token of the last of `words`, which begin at `at`, and whether signs were said.
fn walk(scan: &Scan<'_>, sheet: &Sheet, at: usize, words: &[u64]) -> Option<(usize, bool)> {
    let (mut at, mut said) = (at, false);
    for word in words.iter().skip(1) {
        let mut skipped = 0;
        loop {
            scan.spend(3);
            if !near(scan, at) {
                return None;
            }
            at += 1;
            if is_word(sheet, at, *word) {
                break;
            }
            skipped += 1;
            if skipped > 2 || !SAID.signs.contains_key(&sheet.plain(at)) {
                return None;
            }
            said = true;
        }
    }
    Some((at, said))
}

/// The token after the sign `@` that follows token `at`, with a tag (`+news`) between.
fn sign(scan: &Scan<'_>, sheet: &Sheet, at: usize) -> Option<usize> {
    let mut at = at;
    let mut sign = false;
    for _ in 0..3 {
        scan.spend(3);
        let (a, b) = (scan.tokens.get(at)?, scan.tokens.get(at + 1)?);
        let gap = scan.slice(a.end, b.start);
        if gap.len() > GAP || gap.contains('\n') {
            return None;
        }
        at += 1;
        if sign || gap.contains('@') {
            return Some(at);
        }
        match SAID.signs.get(&sheet.plain(at)) {
            Some('@') => sign = true,
            _ if gap == "+" => {}
            _ => return None,
        }
    }
    None
}

/// Whether token `at` is `word`, or says it.
fn is_word(sheet: &Sheet, at: usize, word: u64) -> bool {
    let here = sheet.plain(at);
    here == word || SAID.words.get(&here) == Some(&word)
}

/// Whether token `at` and the next belong together.
fn near(scan: &Scan<'_>, at: usize) -> bool {
    let (Some(a), Some(b)) = (scan.tokens.get(at), scan.tokens.get(at + 1)) else {
        return false;
    };
    let gap = scan.slice(a.end, b.start);
    gap.len() <= GAP && !gap.contains(['\n', '@', '!', '?'])
}

struct Said {
    /// For a word that says a sign, the sign.
    signs: HashMap<u64, char>,
    /// For a word that says a part of a domain, the part.
    words: HashMap<u64, u64>,
}

static SAID: LazyLock<Said> = LazyLock::new(|| {
    let mut said = Said {
        signs: HashMap::new(),
        words: HashMap::new(),
    };
    let plain = |word: &str| digest(&skeleton(word, Reading::Plain));
    for line in include_str!("data/mail.txt").lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            None | Some("#") => {}
            Some(sign @ ("@" | "." | "+" | "-" | "_")) => {
                let sign = sign.chars().next().unwrap_or('.');
                said.signs.extend(words.map(|w| (plain(w), sign)));
            }
            Some(domain) => said.words.extend(words.map(|w| (plain(w), plain(domain)))),
        }
    }
    said
});
