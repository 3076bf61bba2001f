//! Revocation: whose tokens are refused, from the next call on, on every replica.
//!
//! Promises that a decision is looked at again where it becomes durable: [`Marks`] travel with a
//! draft into the transaction that records it, so what was decided before a revocation and would
//! be recorded after it is refused ([`crate::ledger::Unrecorded::Revoked`]). Reads are lock-free; a
//! change replaces the whole set. Nothing here names a person or holds a token: only digests under
//! the vault's index key.
//!
//! Leaves the list's rows to [`crate::ledger::revocation`], and who may revoke to
//! [`crate::privacy::revocations`].

use crate::identity::{AgentId, Caller, Customer, Officer, Verified};
use crate::ledger::Keys;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The keyed digest of something that can be revoked.
pub type Mark = [u8; 32];

/// For how long a session stays revoked at least, seconds: its issuer may mint further tokens of
/// it until it is ended there too.
const SESSION_S: i64 = 86_400;

/// What is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Every token an agent shows, until that is lifted.
    Agent,
    /// Every token of a person (customer or officer) issued until now.
    Subject,
    /// Every token of a session, by `sid`.
    Session,
    /// One token, by its SHA-256 or its `jti`.
    Token,
}

impl Kind {
    /// Its name in tables, records and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Subject => "subject",
            Self::Session => "session",
            Self::Token => "token",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Agent, Self::Subject, Self::Session, Self::Token]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    /// Whether it takes two people to lift.
    pub fn takes_two(self) -> bool {
        matches!(self, Self::Agent | Self::Subject)
    }
}

/// What is revoked, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// An agent.
    Agent(&'a AgentId),
    /// A person: issuer and `sub`.
    Subject(&'a str, &'a str),
    /// A session: `sid`.
    Session(&'a str),
    /// A token: its SHA-256.
    Token(&'a [u8; 32]),
    /// A token: its `jti`.
    TokenId(&'a str),
}

impl Target<'_> {
    /// What kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Agent(_) => Kind::Agent,
            Self::Subject(..) => Kind::Subject,
            Self::Session(_) => Kind::Session,
            Self::Token(_) | Self::TokenId(_) => Kind::Token,
        }
    }

    /// Its keyed digest.
    pub fn mark(&self, keys: &Keys) -> Mark {
        match self {
            Self::Agent(agent) => keys.digest("revoked agent", &[agent.as_str().as_bytes()]),
            Self::Subject(issuer, sub) => {
                keys.digest("revoked subject", &[issuer.as_bytes(), sub.as_bytes()])
            }
            Self::Session(sid) => keys.digest("revoked session", &[sid.as_bytes()]),
            Self::Token(digest) => keys.digest("revoked token", &[*digest]),
            Self::TokenId(jti) => keys.digest("revoked token id", &[jti.as_bytes()]),
        }
    }
}

/// How far into the future a token can be good, from the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// The longest time any issuer may give a token.
    pub longest: Duration,
    /// How far clocks may be apart.
    pub leeway: Duration,
}

impl Horizon {
    /// Which tokens a revocation of now refuses, and until when it is needed.
    pub fn term(&self, kind: Kind, now_s: i64) -> Term {
        let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        let leeway_s = seconds(self.leeway);
        // A token's `iat` may lie a leeway ahead of us, and it is taken a leeway after its `exp`.
        let last_s = now_s
            .saturating_add(seconds(self.longest))
            .saturating_add(leeway_s.saturating_mul(2))
            .saturating_add(1);
        let (before_s, until_s) = match kind {
            Kind::Agent => (i64::MAX, i64::MAX),
            // What an issuer whose clock is ahead of ours issued just now bears a later time.
            Kind::Subject => (now_s.saturating_add(leeway_s), last_s),
            Kind::Session => (i64::MAX, last_s.max(now_s.saturating_add(SESSION_S))),
            Kind::Token => (i64::MAX, last_s),
        };
        Term { before_s, until_s }
    }
}

/// Which tokens are refused, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Those issued up to then, seconds.
    pub before_s: i64,
    /// Until then, seconds; later no such token can be good.
    pub until_s: i64,
}

impl Term {
    /// Whether it refuses a token issued then.
    pub fn refuses(&self, issued_at_s: i64, now_s: i64) -> bool {
        issued_at_s <= self.before_s && now_s < self.until_s
    }
}

/// By what a token can be revoked, and when it was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    issued_at_s: i64,
    marks: Vec<Mark>,
}

impl Marks {
    /// Those of whoever a token makes known.
    pub fn of(keys: &Keys, verified: &Verified) -> Self {
        match verified {
            Verified::Agent(caller) => Self::of_caller(keys, caller),
            Verified::Officer(officer) => Self::of_officer(keys, officer),
            Verified::Customer(customer) => Self::of_customer(keys, customer),
        }
    }

    /// An agent's.
    pub fn of_caller(keys: &Keys, caller: &Caller) -> Self {
        caller.marks(|| Self::made_of(keys, caller))
    }

    fn made_of(keys: &Keys, caller: &Caller) -> Self {
        let subject = caller.subject();
        let subject = subject.map(|subject| (subject.issuer.as_str(), subject.sub.as_str()));
        let mut marks = Self::new(
            keys,
            subject,
            caller.session(),
            (caller.token(), caller.token_id()),
        );
        marks.issued_at_s = caller.issued_at_s();
        marks
            .marks
            .push(Target::Agent(&caller.agent().id).mark(keys));
        // An exchanged token ends with the customer's token that it was given for.
        let behind = caller.behind().map(|token| Target::Token(token).mark(keys));
        marks.marks.extend(behind);
        marks
    }

    /// An officer's.
    pub fn of_officer(keys: &Keys, officer: &Officer) -> Self {
        let token = (officer.token(), officer.token_id());
        let person = Some((officer.issuer(), officer.sub()));
        let mut marks = Self::new(keys, person, officer.session(), token);
        marks.issued_at_s = officer.issued_at_s();
        marks
    }

    /// A customer's.
    pub fn of_customer(keys: &Keys, customer: &Customer) -> Self {
        let token = (customer.token(), customer.token_id());
        let subject = customer.subject();
        let person = Some((subject.issuer.as_str(), subject.sub.as_str()));
        let mut marks = Self::new(keys, person, customer.session(), token);
        marks.issued_at_s = customer.issued_at_s();
        marks
    }

    fn new(
        keys: &Keys,
        person: Option<(&str, &str)>,
        session: Option<&str>,
        (token, id): (&[u8; 32], Option<&str>),
    ) -> Self {
        let targets = [
            Some(Target::Token(token)),
            id.map(Target::TokenId),
            session.map(Target::Session),
            person.map(|(issuer, sub)| Target::Subject(issuer, sub)),
        ];
        Self {
            issued_at_s: 0,
            marks: targets
                .iter()
                .flatten()
                .map(|target| target.mark(keys))
                .collect(),
        }
    }

    /// The marks.
    pub fn iter(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter()
    }

    /// Whether any of them is revoked by `term_of`.
    pub fn are_refused(&self, now_s: i64, term_of: impl Fn(&Mark) -> Option<Term>) -> bool {
        let mut terms = self.marks.iter().filter_map(term_of);
        terms.any(|term| term.refuses(self.issued_at_s, now_s))
    }
}

/// All that is revoked, shared by all requests.
#[derive(Debug, Default)]
pub struct Revocations(ArcSwap<Revoked>);

#[derive(Debug, Default)]
struct Revoked {
    /// The ledger's generation that this set is as of, at least.
    generation: i64,
    terms: HashMap<Mark, Term>,
}

impl Revocations {
    /// Nothing is revoked.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts this set in the place of the whole, as of a generation of the ledger; an older set
    /// than the one in force is dropped.
    pub fn replace_at(&self, generation: i64, all: impl IntoIterator<Item = (Mark, Term)>) {
        let fresh = Arc::new(Revoked {
            generation,
            terms: all.into_iter().collect(),
        });
        self.0.rcu(|revoked| {
            if revoked.generation > generation {
                Arc::clone(revoked)
            } else {
                Arc::clone(&fresh)
            }
        });
    }

    /// Whether a token is refused. `marks` are made only if anything is revoked at all.
    pub fn refuse(&self, now_s: i64, marks: impl FnOnce() -> Marks) -> bool {
        let revoked = self.0.load();
        if revoked.terms.is_empty() {
            return false;
        }
        marks().are_refused(now_s, |mark| revoked.terms.get(mark).copied())
    }

    /// How many revocations are in memory.
    pub fn len(&self) -> usize {
        self.0.load().terms.len()
    }

    /// Whether nothing is revoked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Horizon = Horizon {
        longest: Duration::from_hours(1),
        leeway: Duration::from_secs(30),
    };

    #[test]
    fn a_revocation_lasts_as_long_as_what_it_refuses() {
        let now_s = 1_000_000;
        // The latest that a token which exists now can be good: issued a leeway ahead of us, for
        // an hour, and taken a leeway longer.
        let last_good_s = now_s + 30 + 3_600 + 30;
        for kind in [Kind::Agent, Kind::Subject, Kind::Session, Kind::Token] {
            let term = HOUR.term(kind, now_s);
            for at_s in [now_s, now_s + 1_800, last_good_s] {
                assert!(term.refuses(now_s - 5, at_s), "{kind:?} {at_s}");
            }
        }
        assert!(
            !HOUR
                .term(Kind::Token, now_s)
                .refuses(now_s, last_good_s + 1)
        );
        assert!(
            HOUR.term(Kind::Session, now_s)
                .refuses(now_s, now_s + SESSION_S - 1)
        );
        assert!(
            !HOUR
                .term(Kind::Session, now_s)
                .refuses(now_s, now_s + SESSION_S)
        );
        assert!(
            HOUR.term(Kind::Agent, now_s)
                .refuses(i64::MAX, i64::MAX - 1)
        );
    }

    #[test]
    fn a_person_may_come_back_with_a_younger_token() {
        let term = HOUR.term(Kind::Subject, 1_000);
        assert!(term.refuses(1_000, 1_001));
        assert!(
            term.refuses(1_030, 1_031),
            "an issuer's clock may be that much ahead"
        );
        assert!(!term.refuses(1_031, 1_031));
        let token = HOUR.term(Kind::Token, 1_000);
        assert!(token.refuses(1_031, 1_031), "a token is itself");
    }

    #[test]
    fn an_older_set_does_not_replace_a_younger_one() {
        let revocations = Revocations::new();
        let term = HOUR.term(Kind::Token, 0);
        let marks = |mark: u8| Marks {
            issued_at_s: 0,
            marks: vec![[mark; 32], [9; 32]],
        };
        revocations.replace_at(3, [([1; 32], term)]);
        revocations.replace_at(2, []);
        assert!(revocations.refuse(1, || marks(1)));
        assert!(!revocations.refuse(1, || marks(2)));
        assert!(!revocations.refuse(term.until_s, || marks(1)));
        revocations.replace_at(3, []);
        assert!(revocations.is_empty());
        assert!(!revocations.refuse(1, || panic!("nobody's marks are needed")));
    }
}
