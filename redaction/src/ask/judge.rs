//! Whether a sentence asks for what it, or one before it, names.

use super::super::kind::Kind;
use super::asking::Asking;
use super::word;
use super::{Mention, REACH};
use std::ops::Range;

impl Asking<'_, '_> {
    /// Whether the sentence asks for what it mentions, and how.
    pub(super) fn about(&self, mention: Mention) -> Option<&'static str> {
        let around = self.around(mention.first, REACH);
        for at in around.start..mention.first {
            self.scan.spend(4);
            if let Some(reason) = self.trigger(at, mention) {
                return Some(reason);
            }
        }
        // "Код из смс пришлите", "… nennen?"
        for at in mention.last + 1..around.end.min(mention.last + 6) {
            let verb = self.is(at, word::GIVE | word::BOUND) && !self.is(at, word::MOD);
            if verb
                && self.same_clause(at, mention.last)
                && !self.any(mention.last + 1..at, word::BLOCK)
                && self.late_directive(at)
            {
                return Some("a directive after its object");
            }
        }
        self.ellipsis(mention).then_some("nothing but the secret")
    }

    /// Whether the word at `at` begins a request that reaches the mention.
    fn trigger(&self, at: usize, mention: Mention) -> Option<&'static str> {
        let between = at + 1..mention.first;
        let place = self.around(mention.first, 2 * REACH);
        if self.is(at, word::WHAT) {
            return self.question(at, mention);
        }
        if self.is(at, word::NEED) && self.needed(at, mention) {
            return Some("a need of ours");
        }
        if self.is(at, word::WAIT) && !self.negated(at) && self.all(between.clone(), word::MOD) {
            let clause = self.clause_start(at);
            let theirs = self.any(clause..at, word::THIRD);
            let we = self.any(clause..at, word::FIRST);
            let third = matches!(self.text(at), "ждёт" | "ждет");
            return (we || !third && !theirs).then_some("waiting for it");
        }
        if self.asked_for(at, mention) || self.permission(at, mention) {
            return Some("a polite question");
        }
        let verb = self.is(
            at,
            word::GIVE | word::ENTER | word::NOTE | word::CONFIRM | word::BOUND | word::GERUND,
        );
        if !verb || self.blocked(between.clone()) || !self.directs(at) {
            return None;
        }
        let here = place.clone().any(|n| self.here(n));
        let there = place.clone().any(|n| self.there(n));
        let screen = there || self.any(place, word::SCREEN);
        let strong = matches!(mention.kind, Kind::SeedPhrase | Kind::PrivateKey);
        let asks = if self.is(at, word::CONFIRM) {
            self.all(between, word::MOD | word::YOU) && !there
        } else if self.is(at, word::NOTE) {
            here && (!there || self.here_wins(at))
        } else if self.enters(at) {
            if here && self.here_wins(at) {
                true
            } else {
                !there && (strong || !screen)
            }
        } else {
            true
        };
        asks.then_some("a directive")
    }

    /// "Geben Sie … ein" puts; "geben Sie mir" gives.
    fn enters(&self, at: usize) -> bool {
        let german = self.word(at).is_some_and(|w| {
            let word = self.scan.lower(w.start, w.end);
            word == "geben" || word == "gib" || word == "tippen"
        });
        if !german {
            return self.is(at, word::ENTER) && !self.is(at, word::GIVE);
        }
        self.around(at, REACH).any(|n| {
            self.word(n)
                .is_some_and(|w| self.scan.lower(w.start, w.end) == "ein")
        })
    }

    /// Whether "here" or "in this chat" is where the verb at `at` puts it.
    fn here_wins(&self, at: usize) -> bool {
        let clause = self.word(at).map(|w| w.clause);
        self.around(at, REACH).any(|n| {
            self.here(n)
                && self.word(n).map(|w| w.clause) == clause
                && !self.any(n.saturating_sub(3)..n, word::NOT)
        })
    }

    /// Whether something between verb and object cuts the verb off.
    pub(super) fn blocked(&self, between: Range<usize>) -> bool {
        let end = between.end;
        let mut at = between.start;
        while at < end {
            self.scan.spend(1);
            if self.is(at, word::BLOCK) {
                return true;
            }
            let relative = matches!(
                at.checked_sub(1).map(|p| self.text(p)),
                Some("to" | "on" | "at" | "in" | "by" | "for")
            );
            if self.is(at, word::WHAT) && (relative || !self.all(at + 1..end, word::MOD)) {
                return true;
            }
            at += 1;
        }
        false
    }

    /// "Your PIN, please." "CVV?"
    fn ellipsis(&self, mention: Mention) -> bool {
        let clause = self.clause_start(mention.first);
        let here = self.word(mention.first).map(|w| w.clause);
        let end = (mention.last + 1..self.around(mention.last, REACH).end)
            .find(|n| self.word(*n).map(|w| w.clause) != here)
            .unwrap_or(self.around(mention.last, REACH).end);
        let filled = self.all(clause..mention.first, word::FILLER)
            && self.all(mention.last + 1..end, word::FILLER);
        let please = self.any(self.around(mention.first, REACH), word::PLEASE);
        let short = self.sentence.end - self.sentence.start <= REACH;
        let whole = short
            && self.all(
                self.sentence.start..mention.first,
                word::FILLER | word::OPENER,
            )
            && self.all(
                mention.last + 1..self.sentence.end,
                word::FILLER | word::OPENER,
            );
        let polite = please
            && (whole
                || (filled
                    && (self.any(clause..end, word::PLEASE)
                        || self.is(end, word::PLEASE) && self.sentence.end <= end + 1)));
        (whole && self.sentence.question) || polite
    }

    /// Whether the sentence asks for what an earlier one named: "Please write it here."
    pub(super) fn it(&self, from: usize) -> Option<&'static str> {
        for at in from.max(self.sentence.start)..self.sentence.end {
            self.scan.spend(4);
            let what = self.is(at, word::WHAT) && self.sentence.question;
            let it = matches!(
                (self.text(at + 1), self.text(at + 2)),
                ("is", "it" | "that") | ("он" | "она", "")
            ) && self.sentence.end <= at + 5;
            if what && it {
                return Some("a question for it");
            }
            let verb = self.is(at, word::GIVE | word::ENTER | word::NOTE)
                && (!self.is(at, word::ENTER | word::NOTE) || self.here_wins(at));
            if !verb || !self.directs(at) {
                continue;
            }
            let near = at + 1..(at + 5).min(self.sentence.end);
            let object = near.clone().find(|n| self.is(*n, word::PRONOUN));
            if let Some(object) = object
                && !self.blocked(at + 1..object)
                && !self.is(object + 1, word::OTHER)
                && self.bare_object(object)
            {
                return Some("a directive for what was named");
            }
        }
        None
    }

    /// "Send it", not "send that page": nothing but small words follows the pronoun.
    fn bare_object(&self, at: usize) -> bool {
        let next = at + 1;
        let clause = self.word(at).map(|w| w.clause);
        self.word(next).is_none_or(|w| {
            Some(w.clause) != clause
                || w.is(word::HERE | word::OPENER | word::MOD | word::FILLER | word::FIRST)
        })
    }
}
