//! What the words around say: whether one is a name here.

use super::{GAP, Walk};
use crate::known::skeleton::digest;
use crate::scan::Token;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

impl Walk<'_> {
    /// Whether token `at` goes on with a sentence, in a text with capitals and small letters.
    pub(super) fn inside(&self, at: usize) -> bool {
        self.scan.spend(4);
        let two = at
            .checked_sub(1)
            .and_then(|before| Some((self.scan.tokens.get(before)?, self.scan.tokens.get(at)?)));
        two.is_some_and(|(before, token)| {
            self.cased(token.end) && {
                let gap = self.scan.slice(before.end, token.start);
                gap.len() <= GAP && !gap.contains(['.', '!', '?', '\n'])
            }
        })
    }

    /// Whether a word that names follow stands before token `at`.
    pub(super) fn led(&self, at: usize) -> bool {
        let before = |n: usize| {
            self.scan.spend(4);
            let token = self.scan.tokens.get(at.checked_sub(n)?)?;
            let next = self.scan.tokens.get(at + 1 - n)?;
            let gap = self.scan.slice(token.end, next.start);
            let stops = gap.len() > GAP || gap.contains(['!', '?', '\n', ';']);
            (!stops).then(|| self.scan.lower(token.start, token.end))
        };
        let leads = |word: &str| LEAD.contains(word);
        match before(1) {
            Some("is" | "was" | "s" | "a" | "an") => before(2).is_some_and(leads),
            Some("m") => before(2) == Some("i"),
            Some(word) => leads(word),
            None => false,
        }
    }

    /// A capital between words without one, or at the end of a text, where people sign.
    pub(super) fn stands_out(&self, at: usize) -> bool {
        self.scan.spend(12);
        let upper = |token: &Token| {
            let first = self.scan.char_after(token.start);
            first.is_some_and(char::is_uppercase)
        };
        let Some(token) = self.scan.tokens.get(at) else {
            return false;
        };
        let word = self.scan.lower(token.start, token.end);
        let never = MEANING.get(&digest(word)).is_some_and(|always| *always);
        let written = self.scan.slice(token.start, token.end);
        // Latin capitals are tickers.
        let ticker = written.len() > 1 && written.bytes().all(|b| b.is_ascii_uppercase());
        if never || ticker || !self.cased(token.end) || !upper(token) {
            return false;
        }
        let before = at.checked_sub(1).and_then(|at| self.scan.tokens.get(at));
        let after = self.scan.tokens.get(at + 1);
        let inside = before.is_some_and(|before| {
            let gap = self.scan.slice(before.end, token.start);
            matches!(gap, " " | ", ") && !upper(before) && !before.digits
        });
        let signed = after.is_none()
            && before.is_some_and(|before| {
                let gap = self.scan.slice(before.end, token.start);
                gap.contains(['.', ',', '!', '\n', '-', '—'])
            });
        let alone = after
            .is_none_or(|after| !upper(after) || self.scan.slice(token.end, after.start) != " ");
        signed || inside && alone
    }
}

/// Whether `word` is also a word of the language.
pub(super) fn means_something(word: &str) -> bool {
    MEANING.contains_key(&digest(word))
}

/// Words that are also names; true for those a capital says nothing of.
static MEANING: LazyLock<HashMap<u64, bool>> = LazyLock::new(|| {
    words(include_str!("../data/words.txt"))
        .map(|word| match word.strip_suffix('!') {
            Some(word) => (digest(word), true),
            None => (digest(word), false),
        })
        .collect()
});

static LEAD: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("../data/lead.txt")).collect());

/// The words of a list, without its comments.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
}
