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

mod asking;
mod directive;
mod judge;
mod question;
mod sentence;
mod word;

use super::cue::{Cue, Sense};
use super::kind::Kind;
use super::normal::Normal;
use super::scan::Scan;
use asking::Asking;
use sentence::Word;
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
        let last = words
            .partition_point(|w| w.start < cue.end)
            .saturating_sub(1);
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
    "2fa",
    "mfa",
    "otp app",
    "authenticator",
    "google authenticator",
    "sms",
    "смс",
    "смска",
    "смску",
    "смски",
    "смске",
    "2фа",
    "tan app",
    "seed",
    "seeds",
    "bearer",
    "words are",
    "following words",
];

/// "Password reset", "код ошибки": the words beside it make another thing of it.
fn another_thing(words: &[Word], first: usize, last: usize, sense: Sense) -> bool {
    let is = |at: Option<usize>| {
        at.and_then(|at| words.get(at))
            .is_some_and(|w| w.is(word::OTHER))
    };
    let near = |at: Option<usize>| {
        let same =
            |a: usize, b: usize| words.get(a).map(|w| w.clause) == words.get(b).map(|w| w.clause);
        at.filter(|at| same(*at, first))
    };
    let before = near(first.checked_sub(1));
    let after = near(Some(last + 1));
    let two_before = near(first.checked_sub(2));
    let weak = sense == Sense::WeakOtp;
    is(before) || is(after) || (weak && (is(two_before) || is(near(Some(last + 2)))))
}

#[cfg(test)]
mod tests;
