//! Requests that are no imperatives: questions, needs, polite questions.

use super::asking::Asking;
use super::word;
use super::{Mention, REACH};

impl Asking<'_, '_> {
    /// "What is your password?", "какой код вам пришёл?"
    pub(super) fn question(&self, at: usize, mention: Mention) -> Option<&'static str> {
        let between = at + 1..mention.first;
        if !self.all(between.clone(), word::MOD) || self.negated(mention.first) {
            return None;
        }
        // "What is a seed phrase?" explains.
        let article = mention.first.checked_sub(1).map(|n| self.text(n));
        let defined = matches!(article, Some("a" | "an" | "eine" | "ein" | "такое"));
        let purpose = matches!(
            self.text(self.sentence.end.saturating_sub(1)),
            "for" | "mean" | "means"
        );
        let plain = matches!(self.text(at), "was" | "wie" | "что");
        let verb = matches!(self.text(at + 1), "ist" | "war" | "lautet" | "за");
        let subject = at.checked_sub(1).filter(|p| self.same_clause(*p, at));
        let told = subject.is_some_and(|p| self.is(p, word::THIRD | word::FIRST | word::NOT));
        if defined || purpose || (plain && !verb) || told {
            return None;
        }
        // "Which password you use is up to you."
        let asked = self.sentence.question
            || self.any(between, word::YOURS)
            || self.sentence.end - self.sentence.start <= 6
            || self.russian(at);
        asked.then_some("a question for it")
    }

    /// "I need your", "all we need is the", "нужен ваш".
    pub(super) fn needed(&self, at: usize, mention: Mention) -> bool {
        let between = at + 1..mention.first;
        if self.negated(at) || !self.all(between.clone(), word::MOD | word::FIRST | word::YOU) {
            return false;
        }
        let clause = self.clause_start(at);
        let ours =
            (clause..at).any(|n| self.is(n, word::FIRST)) || self.any(between.clone(), word::FIRST);
        let theirs = self.any(clause..at, word::THIRD | word::YOU);
        let there = self.any(self.around(mention.first, REACH), word::THERE);
        let yours = self.any(between, word::YOURS);
        if self.russian(at) {
            let opening = at == self.sentence.start
                || matches!(self.text(self.sentence.start), "единственное" | "осталось");
            return (ours || yours || opening) && !there && !theirs;
        }
        ours && !theirs
    }

    /// "Ask you for your CVV", "bitte Sie um Ihr Passwort".
    pub(super) fn asked_for(&self, at: usize, mention: Mention) -> bool {
        let ask = matches!(
            self.text(at),
            "ask" | "asking" | "bitte" | "bitten" | "спрашиваю" | "спрошу"
        );
        let link = (at + 1..mention.first).any(|n| matches!(self.text(n), "for" | "um" | "what"));
        let rest = (at + 1..mention.first)
            .all(|n| self.is(n, word::MOD | word::YOU) || matches!(self.text(n), "um" | "what"));
        let first = self.any(self.clause_start(at)..at, word::FIRST)
            || self.any(at + 1..mention.first, word::FIRST);
        let before =
            (self.clause_start(mention.first)..mention.first).any(|n| self.is(n, word::FIRST));
        ask && link && rest && (first || before) && !self.negated(at)
    }

    /// "May I have", "can we get", "можно узнать", "мне бы".
    pub(super) fn permission(&self, at: usize, mention: Mention) -> bool {
        let modal = matches!(
            self.text(at),
            "can"
                | "may"
                | "could"
                | "might"
                | "darf"
                | "dürfte"
                | "можно"
                | "могу"
                | "разрешите"
                | "хочу"
                | "хотел"
                | "хотела"
                | "love"
        );
        if !modal || self.negated(at) || self.blocked(at + 1..mention.first) {
            return false;
        }
        let take = (at + 1..self.around(mention.last, 3).end).any(|n| {
            matches!(
                self.text(n),
                "have"
                    | "get"
                    | "know"
                    | "grab"
                    | "see"
                    | "ask"
                    | "erfahren"
                    | "bitten"
                    | "узнать"
                    | "уточнить"
            )
        });
        let first = self.any(at + 1..mention.first, word::FIRST)
            || matches!(
                self.text(at),
                "хочу" | "хотел" | "хотела" | "love" | "разрешите" | "могу"
            );
        let you = self.any(at + 1..mention.first, word::YOU);
        let bare = self.text(at) == "можно"
            && self.sentence.question
            && self.all(at + 1..mention.first, word::MOD);
        let ich = self.text(at + 1) == "ich";
        (take && (first || ich || self.text(at) == "можно") && !you) || bare
    }
}
