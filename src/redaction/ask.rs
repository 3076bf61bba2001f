//! Whether a text asks the customer for a secret.
//!
//! A request is a directive ("send me", "пришлите", "nennen Sie"), a question ("what is your",
//! "какой у вас"), a need ("I need your"), or nothing but the secret and a question mark, whose
//! object is a seed phrase, private key, password, PIN, one-time code, card verification value or
//! API secret. Warnings ("never share"), guidance ("enter the code in the app"), questions about
//! a secret that do not ask for its value and reports of what others ask are no requests.
//!
//! Works on the normalised text, in sentences; English, Russian and German. Work is linear: a
//! bounded number of words is looked at around each mention. Measured on the sentences in
//! `ask/corpus`, three in ten of which were kept apart.
//! Limits: a request spread over several turns, one in another language, and one that describes
//! the secret without naming it ("the numbers you just got") pass; so does irony.

mod sentence;
mod word;

use super::cue::{Cue, Sense};
use super::kind::Kind;
use super::normal::Normal;
use super::scan::Scan;
use sentence::{Sentence, Word};
use std::ops::Range;

/// How far a verb reaches for its object, in words.
const REACH: usize = 14;
/// How many sentences "it" may refer back over.
const MEMORY: usize = 2;

/// A request for a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub kind: Kind,
    /// The sentence that asks, in bytes of the original.
    pub sentence: Range<usize>,
    /// How it asks, for officers.
    pub reason: &'static str,
}

/// A secret named in a sentence, by words of the text.
#[derive(Debug, Clone, Copy)]
struct Mention {
    first: usize,
    last: usize,
    kind: Kind,
}

/// The first request for a secret in `text`.
pub fn request(text: &str) -> Option<Request> {
    let normal = Normal::new(text);
    let scan = Scan::new(&normal);
    judged(&scan).map(|(kind, range, reason)| Request {
        kind,
        sentence: normal.original(range),
        reason,
    })
}

fn judged(scan: &Scan<'_>) -> Option<(Kind, Range<usize>, &'static str)> {
    let words = sentence::words(scan);
    let sentences = sentence::sentences(scan, &words);
    let mut mentions = mentions(scan, &words).into_iter().peekable();
    // The last secret spoken of, and how many sentences ago.
    let mut pending: Option<(Kind, usize)> = None;
    for sentence in &sentences {
        let mut own = Vec::new();
        while let Some(mention) = mentions.next_if(|m| m.first < sentence.end) {
            own.push(mention);
        }
        let asking = Asking {
            scan,
            words: &words,
            sentence,
        };
        for mention in &own {
            if let Some(reason) = asking.about(*mention) {
                return Some((mention.kind, asking.range(), reason));
            }
        }
        let earlier = own
            .first()
            .map(|m| (m.kind, m.last))
            .or(pending.map(|(kind, _)| (kind, sentence.start)));
        if let Some((kind, from)) = earlier
            && let Some(reason) = asking.it(from)
        {
            return Some((kind, asking.range(), reason));
        }
        pending = match own.last() {
            Some(mention) => Some((mention.kind, 0)),
            None => pending
                .map(|(kind, age)| (kind, age + 1))
                .filter(|(_, age)| *age < MEMORY),
        };
    }
    None
}

/// The secrets a text names. Words that only sound like one are left out.
fn mentions(scan: &Scan<'_>, words: &[Word]) -> Vec<Mention> {
    let mut out = Vec::new();
    for cue in &scan.cues {
        let first = words.partition_point(|w| w.end <= cue.start);
        let last = words.partition_point(|w| w.start < cue.end).saturating_sub(1);
        scan.spend(16);
        let Some(kind) = secret(scan, cue) else {
            continue;
        };
        if last < first || another_thing(words, first, last, cue.sense) {
            continue;
        }
        out.push(Mention { first, last, kind });
    }
    for (phrase, kind) in PHRASES {
        for (at, found) in scan.lower(0, scan.len()).match_indices(phrase) {
            scan.spend(16);
            let first = words.partition_point(|w| w.end <= at);
            let last = words.partition_point(|w| w.start < at + found.len());
            out.push(Mention {
                first,
                last: last.saturating_sub(1).max(first),
                kind: *kind,
            });
        }
    }
    out.sort_by_key(|m| m.first);
    out
}

/// Secrets by description, which the detectors of values have no use for.
const PHRASES: &[(&str, Kind)] = &[
    ("back of the card", Kind::Cvv),
    ("back of your card", Kind::Cvv),
    ("digits behind your card", Kind::Cvv),
    ("обратной стороны карты", Kind::Cvv),
    ("обратную сторону карты", Kind::Cvv),
    ("authenticator shows", Kind::Otp),
    ("authenticator show", Kind::Otp),
    ("authenticator displays", Kind::Otp),
];

fn secret(scan: &Scan<'_>, cue: &Cue) -> Option<Kind> {
    let text = scan.lower(cue.start, cue.end);
    Some(match cue.sense {
        Sense::Seed if BARE.contains(&text) => return None,
        Sense::Seed => Kind::SeedPhrase,
        Sense::Key => Kind::PrivateKey,
        Sense::Api => Kind::ApiKey,
        Sense::Password | Sense::Pin => Kind::Password,
        Sense::Otp | Sense::WeakOtp if BARE.contains(&text) || text.starts_with("смск") => {
            return None;
        }
        Sense::Otp | Sense::WeakOtp | Sense::OtpSecret | Sense::CvvOrOtp => Kind::Otp,
        Sense::Cvv => Kind::Cvv,
        Sense::WeakPassword
        | Sense::WeakKey
        | Sense::Token
        | Sense::Card
        | Sense::Wallet
        | Sense::Identifier
        | Sense::Phone
        | Sense::Network
        | Sense::Version
        | Sense::Birth
        | Sense::NationalId
        | Sense::Passport
        | Sense::Licence => return None,
    })
}

/// Names of methods and carriers, which are no values.
const BARE: &[&str] = &[
    "2fa", "mfa", "otp app", "authenticator", "google authenticator", "sms", "смс", "смска", "смску",
    "смски", "смске", "2фа", "tan app", "seed", "seeds", "bearer", "words are", "following words",
];

/// "Password reset", "код ошибки": the words beside it make another thing of it.
fn another_thing(words: &[Word], first: usize, last: usize, sense: Sense) -> bool {
    let is = |at: Option<usize>| {
        at.and_then(|at| words.get(at))
            .is_some_and(|w| w.is(word::OTHER))
    };
    let near = |at: Option<usize>| {
        let same = |a: usize, b: usize| words.get(a).map(|w| w.clause) == words.get(b).map(|w| w.clause);
        at.filter(|at| same(*at, first))
    };
    let before = near(first.checked_sub(1));
    let after = near(Some(last + 1));
    let two_before = near(first.checked_sub(2));
    let weak = sense == Sense::WeakOtp;
    is(before) || is(after) || (weak && (is(two_before) || is(near(Some(last + 2)))))
}

/// One sentence under judgement.
struct Asking<'a, 't> {
    scan: &'a Scan<'t>,
    words: &'a [Word],
    sentence: &'a Sentence,
}

impl Asking<'_, '_> {
    fn range(&self) -> Range<usize> {
        let start = self.words.get(self.sentence.start).map_or(0, |w| w.start);
        let end = self.sentence.end.checked_sub(1);
        let end = end.and_then(|n| self.words.get(n)).map_or(start, |w| w.end);
        start..end
    }

    fn word(&self, at: usize) -> Option<&Word> {
        self.words
            .get(at)
            .filter(|_| (self.sentence.start..self.sentence.end).contains(&at))
    }

    fn is(&self, at: usize, class: word::Class) -> bool {
        self.word(at).is_some_and(|w| w.is(class))
    }

    /// The words within reach around a place.
    fn around(&self, at: usize, reach: usize) -> Range<usize> {
        self.scan.spend(reach);
        let from = at.saturating_sub(reach).max(self.sentence.start);
        from..at.saturating_add(reach + 1).min(self.sentence.end)
    }

    fn any(&self, mut range: Range<usize>, class: word::Class) -> bool {
        range.any(|at| self.is(at, class))
    }

    fn all(&self, mut range: Range<usize>, class: word::Class) -> bool {
        range.all(|at| self.is(at, class))
    }

    fn same_clause(&self, a: usize, b: usize) -> bool {
        self.word(a).map(|w| w.clause) == self.word(b).map(|w| w.clause)
    }

    /// Whether the sentence asks for what it mentions, and how.
    fn about(&self, mention: Mention) -> Option<&'static str> {
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
        let screen = there || self.any(self.sentence.start..self.sentence.end.min(mention.last + REACH), word::SCREEN);
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

    /// "Here", "in this window".
    fn here(&self, at: usize) -> bool {
        self.is(at, word::HERE) || self.this(at)
    }

    fn this(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|p| self.text(p) == "this")
            && matches!(self.text(at), "window" | "box" | "form" | "field")
    }

    fn there(&self, at: usize) -> bool {
        self.is(at, word::THERE) && !self.this(at)
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
    fn blocked(&self, between: Range<usize>) -> bool {
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

    /// Whether a verb directs the customer.
    fn directs(&self, at: usize) -> bool {
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
        let Some(subject) = (clause..at)
            .rev()
            .find(|n| {
                // "Your authenticator" is an object.
                let yours = n.checked_sub(1).is_some_and(|p| self.is(p, word::YOURS));
                self.is(*n, word::FIRST | word::YOU) || self.is(*n, word::THIRD) && !yours
            })
        else {
            let previous = at.checked_sub(1).filter(|p| *p >= clause);
            let aux = self.any(clause..at, word::CONDITION);
            return !aux
                && previous.is_none_or(|p| {
                    self.is(p, word::OPENER) || self.all(clause..at, word::OPENER)
                        || self.is(p, word::MODAL)
                        || self.scan.lower(self.words.get(p).map_or(0, |w| w.start), self.words.get(p).map_or(0, |w| w.end)).ends_with("ly")
                });
        };
        if self.is(subject, word::YOU) {
            return self.you_direct(clause, subject);
        }
        // "Können Sie mir die PIN nennen?": the dative is no subject.
        let dative = self.word(subject).is_some_and(|w| {
            matches!(self.scan.lower(w.start, w.end), "me" | "us" | "mir" | "uns" | "my" | "our")
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
        let only = (self.sentence.start..before).any(|n| {
            self.word(n)
                .is_some_and(|w| self.scan.lower(w.start, w.end) == "only")
        });
        text == Some("unless") || (text == Some("if") && only)
    }

    /// A verb that stands after its object: directive by form in Russian, German at the end.
    fn late_directive(&self, at: usize) -> bool {
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

    fn german(&self, at: usize) -> bool {
        self.word(at).is_some_and(|w| {
            let text = self.scan.lower(w.start, w.end);
            text.is_ascii() && text.ends_with("en") || text.contains(['ü', 'ä', 'ö'])
        })
    }

    fn russian(&self, at: usize) -> bool {
        self.word(at).is_some_and(|w| {
            self.scan
                .lower(w.start, w.end)
                .starts_with(|c: char| ('а'..='я').contains(&c))
        })
    }

    /// "Нужно прислать", "можете назвать", or a question in the future: "скажете код?"
    fn modal(&self, at: usize) -> bool {
        let text = self.word(at).map_or("", |w| self.scan.lower(w.start, w.end));
        let future = text.ends_with("те");
        let condition = self.any(self.clause_start(at)..at, word::CONDITION);
        (future && self.sentence.question && !condition)
            || (!future && self.any(self.around(at, REACH).start..at, word::MODAL))
    }

    fn clause_start(&self, at: usize) -> usize {
        let clause = self.word(at).map(|w| w.clause);
        let from = self.around(at, REACH).start;
        (from..at)
            .rev()
            .find(|n| self.word(*n).map(|w| w.clause) != clause)
            .map_or(from, |n| n + 1)
    }

    /// Whether the verb at `at` is denied: before it in its clause, or "to nobody" after it.
    fn negated(&self, at: usize) -> bool {
        let clause = self.clause_start(at);
        let before = (clause..at).find(|n| self.is(*n, word::NOT));
        let polite = before.is_some_and(|not| {
            self.sentence.question
                && (not..at + 1).any(|n| self.is(n, word::YOU | word::MODAL | word::BOUND))
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

    fn text(&self, at: usize) -> &str {
        self.word(at)
            .map_or("", |w| self.scan.lower(w.start, w.end))
    }

    fn german_not(&self, at: usize) -> bool {
        let text = self.text(at);
        text.starts_with("nie") || text.starts_with("kein") || text == "nicht"
    }

    /// "… to anyone except me".
    fn excepted(&self, at: usize) -> bool {
        self.around(at, REACH).any(|n| {
            self.is(n, word::EXCEPT)
                && (self.any(n..n + 4, word::FIRST) || self.text(n + 1).starts_with("сотрудник") || self.text(n + 1) == "support")
        })
    }

    /// "Anyone who asks you to send", "мошенники пишут: пришлите".
    fn reported(&self, at: usize) -> bool {
        let from = self.sentence.start.max(at.saturating_sub(REACH * 2));
        let fraud = self.any(from..at, word::FRAUD);
        if fraud && self.any(from..at, word::ASK | word::THIRD) || fraud && self.any(from..at, word::FRAUD) {
            return true;
        }
        let clause = self.clause_start(at);
        let ask = (clause..at).find(|n| self.is(*n, word::ASK));
        ask.is_some_and(|ask| !self.any(clause..ask, word::FIRST))
    }

    /// "What is your password?", "какой код вам пришёл?"
    fn question(&self, at: usize, mention: Mention) -> Option<&'static str> {
        let between = at + 1..mention.first;
        if !self.all(between.clone(), word::MOD) || self.negated(mention.first) {
            return None;
        }
        // "What is a seed phrase?" explains.
        let article = mention.first.checked_sub(1).map(|n| self.text(n));
        let defined = matches!(article, Some("a" | "an" | "eine" | "ein" | "такое"));
        let purpose = matches!(self.text(self.sentence.end.saturating_sub(1)), "for" | "mean" | "means");
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
    fn needed(&self, at: usize, mention: Mention) -> bool {
        let between = at + 1..mention.first;
        if self.negated(at) || !self.all(between.clone(), word::MOD | word::FIRST | word::YOU) {
            return false;
        }
        let clause = self.clause_start(at);
        let ours = (clause..at).any(|n| self.is(n, word::FIRST)) || self.any(between.clone(), word::FIRST);
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
    fn asked_for(&self, at: usize, mention: Mention) -> bool {
        let ask = matches!(self.text(at), "ask" | "asking" | "bitte" | "bitten" | "спрашиваю" | "спрошу");
        let link = (at + 1..mention.first).any(|n| matches!(self.text(n), "for" | "um" | "what"));
        let rest = (at + 1..mention.first).all(|n| {
            self.is(n, word::MOD | word::YOU) || matches!(self.text(n), "um" | "what")
        });
        let first = self.any(self.clause_start(at)..at, word::FIRST)
            || self.any(at + 1..mention.first, word::FIRST);
        let before = (self.clause_start(mention.first)..mention.first)
            .any(|n| self.is(n, word::FIRST));
        ask && link && rest && (first || before) && !self.negated(at)
    }

    /// "May I have", "can we get", "можно узнать", "мне бы".
    fn permission(&self, at: usize, mention: Mention) -> bool {
        let modal = matches!(
            self.text(at),
            "can" | "may" | "could" | "might" | "darf" | "dürfte" | "можно" | "могу" | "разрешите" | "хочу"
                | "хотел" | "хотела" | "love"
        );
        if !modal || self.negated(at) || self.blocked(at + 1..mention.first) {
            return false;
        }
        let take = (at + 1..self.around(mention.last, 3).end).any(|n| {
            matches!(
                self.text(n),
                "have" | "get" | "know" | "grab" | "see" | "ask" | "erfahren" | "bitten" | "узнать" | "уточнить"
            )
        });
        let first = self.any(at + 1..mention.first, word::FIRST)
            || matches!(self.text(at), "хочу" | "хотел" | "хотела" | "love" | "разрешите" | "могу");
        let you = self.any(at + 1..mention.first, word::YOU);
        let bare = self.text(at) == "можно" && self.sentence.question && self.all(at + 1..mention.first, word::MOD);
        let ich = self.text(at + 1) == "ich";
        (take && (first || ich || self.text(at) == "можно") && !you) || bare
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
        let whole = self.all(self.sentence.start..mention.first, word::FILLER | word::OPENER)
            && self.all(mention.last + 1..self.sentence.end, word::FILLER | word::OPENER);
        let polite = please
            && (whole
                || (filled
                    && (self.any(clause..end, word::PLEASE)
                        || self.is(end, word::PLEASE) && self.sentence.end <= end + 1)));
        (whole && self.sentence.question) || polite
    }

    /// Whether the sentence asks for what an earlier one named: "Please write it here."
    fn it(&self, from: usize) -> Option<&'static str> {
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

#[cfg(test)]
mod tests;
