//! Whether a verb directs the customer: its subject, what denies it, and whose words it reports.

use super::REACH;
use super::asking::Asking;
use super::word;

impl Asking<'_, '_> {
    /// Whether a verb directs the customer.
    pub(super) fn directs(&self, at: usize) -> bool {
        if self.reported(at) {
            return false;
        }
        let clause = self.clause_start(at);
        if self.threat(at) {
            return true;
        }
        if self.negated(at) {
            return self.excepted(at);
        }
        if self.is(at, word::GERUND) {
            let by = at.checked_sub(1).and_then(|p| self.word(p));
            let by = by.map(|w| self.scan.lower(w.start, w.end));
            return self.russian(at) || matches!(by, Some("by" | "mind" | "of" | "for"));
        }
        if self.russian(at) {
            let bound = self.is(at, word::BOUND) && !self.is(at, word::GIVE);
            return !bound || self.modal(at);
        }
        let Some(subject) = (clause..at).rev().find(|n| {
            // "Your authenticator" is an object.
            let yours = n.checked_sub(1).is_some_and(|p| self.is(p, word::YOURS));
            self.is(*n, word::FIRST | word::YOU) || self.is(*n, word::THIRD) && !yours
        }) else {
            let previous = at.checked_sub(1).filter(|p| *p >= clause);
            let aux = self.any(clause..at, word::CONDITION);
            return !aux
                && previous.is_none_or(|p| {
                    self.is(p, word::OPENER)
                        || self.all(clause..at, word::OPENER)
                        || self.is(p, word::MODAL)
                        || self
                            .scan
                            .lower(
                                self.words.get(p).map_or(0, |w| w.start),
                                self.words.get(p).map_or(0, |w| w.end),
                            )
                            .ends_with("ly")
                });
        };
        if self.is(subject, word::YOU) {
            return self.you_direct(clause, subject);
        }
        // "Können Sie mir die PIN nennen?": the dative is no subject.
        let dative = self.word(subject).is_some_and(|w| {
            matches!(
                self.scan.lower(w.start, w.end),
                "me" | "us" | "mir" | "uns" | "my" | "our"
            )
        });
        dative && self.any(clause..subject, word::YOU)
    }

    /// "Unless you send": "если не пришлёте".
    fn threat(&self, at: usize) -> bool {
        let not = at.checked_sub(1);
        let condition = at.checked_sub(2);
        self.text(at).ends_with("те")
            && self.is(at, word::BOUND)
            && not.is_some_and(|n| self.text(n) == "не")
            && condition.is_some_and(|n| self.text(n) == "если")
    }

    /// "You must send", "could you send", but not "did you send" or "if you send".
    fn you_direct(&self, clause: usize, subject: usize) -> bool {
        let before = subject.checked_sub(1).filter(|p| *p >= clause);
        let Some(before) = before else { return true };
        if !self.is(before, word::CONDITION) {
            return true;
        }
        let text = self.word(before).map(|w| self.scan.lower(w.start, w.end));
        let only = (self.around(before, REACH).start..before).any(|n| {
            self.word(n)
                .is_some_and(|w| self.scan.lower(w.start, w.end) == "only")
        });
        text == Some("unless") || (text == Some("if") && only)
    }

    /// A verb that stands after its object: directive by form in Russian, German at the end.
    pub(super) fn late_directive(&self, at: usize) -> bool {
        if self.reported(at) {
            return false;
        }
        if self.negated(at) || self.any(at..self.around(at, 4).end, word::NOT) {
            return self.excepted(at);
        }
        if self.russian(at) {
            let bound = self.is(at, word::BOUND) && !self.is(at, word::GIVE);
            return !bound || self.modal(at);
        }
        let clause = self.clause_start(at);
        let you = (clause..at).find(|n| self.is(*n, word::YOU));
        you.is_some_and(|you| self.you_direct(clause, you)) && self.german(at)
    }

    /// "Нужно прислать", "можете назвать", or a question in the future: "скажете код?"
    fn modal(&self, at: usize) -> bool {
        let text = self
            .word(at)
            .map_or("", |w| self.scan.lower(w.start, w.end));
        let future = text.ends_with("те");
        let condition = self.any(self.clause_start(at)..at, word::CONDITION);
        (future && self.sentence.question && !condition)
            || (!future && self.any(self.around(at, REACH).start..at, word::MODAL))
    }

    /// Whether the verb at `at` is denied: before it in its clause, or "to nobody" after it.
    pub(super) fn negated(&self, at: usize) -> bool {
        let clause = self.clause_start(at);
        let before = (clause..at).find(|n| self.is(*n, word::NOT));
        let polite = before.is_some_and(|not| {
            self.sentence.question
                && (not..=at).any(|n| self.is(n, word::YOU | word::MODAL | word::BOUND))
                && !self.is(not, word::NOBODY)
        });
        let here = self.word(at).map(|w| w.clause);
        let after = (at + 1..self.around(at, REACH).end)
            .take_while(|n| self.word(*n).map(|w| w.clause) == here)
            .any(|n| {
                let german = self.is(n, word::NOT) && self.german_not(n);
                let late = self.is(n, word::NOT) && self.russian(n) && self.is(at, word::BOUND);
                self.is(n, word::NOBODY) || german || late
            });
        let no_one = (at + 1..self.around(at, REACH).end).any(|n| {
            let pair = (self.text(n), self.text(n + 1));
            pair == ("no", "one")
        });
        (before.is_some() && !polite) || after || no_one
    }

    fn german_not(&self, at: usize) -> bool {
        let text = self.text(at);
        text.starts_with("nie") || text.starts_with("kein") || text == "nicht"
    }

    /// "… to anyone except me".
    fn excepted(&self, at: usize) -> bool {
        self.around(at, REACH).any(|n| {
            self.is(n, word::EXCEPT)
                && (self.any(n..n + 4, word::FIRST)
                    || self.text(n + 1).starts_with("сотрудник")
                    || self.text(n + 1) == "support")
        })
    }

    /// "Anyone who asks you to send", "мошенники пишут: пришлите".
    fn reported(&self, at: usize) -> bool {
        let from = self.sentence.start.max(at.saturating_sub(REACH * 2));
        let fraud = self.any(from..at, word::FRAUD);
        if fraud {
            return true;
        }
        let clause = self.clause_start(at);
        let ask = (clause..at).find(|n| self.is(*n, word::ASK));
        ask.is_some_and(|ask| !self.any(clause..ask, word::FIRST))
    }
}
