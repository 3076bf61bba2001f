//! What a token's scopes let its agent do: a bound around the policy, never a grant of its own.
//!
//! There are four forms: `tidewaiter:read`, `tidewaiter:write`, and each with a topic behind it,
//! `tidewaiter:read:withdrawals`. A call is within the scopes if one of them covers its effect and
//! topic. Whatever else stands in `scope` is somebody else's and means nothing here.

use crate::catalog::Effect;
use std::collections::BTreeSet;
use std::fmt;

/// Covers every read.
pub const READ: &str = "tidewaiter:read";
/// Covers every write.
pub const WRITE: &str = "tidewaiter:write";

/// Topics that are looked at in one token.
const MOST: usize = 64;

/// What an agent may do with a token, as far as its scopes go. By default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    read: Reach,
    write: Reach,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    All,
    Topics(BTreeSet<String>),
}

impl Default for Reach {
    fn default() -> Self {
        Self::Topics(BTreeSet::new())
    }
}

impl Scopes {
    /// Every read and every write.
    pub fn all() -> Self {
        Self {
            read: Reach::All,
            write: Reach::All,
        }
    }

    /// Ours among `words`; the others are passed over.
    pub fn among<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut scopes = Self::default();
        for word in words {
            scopes.add(word);
        }
        scopes
    }

    /// What is asked for, words with a space between (RFC 6749 §3.3); none if a word is not ours.
    pub fn asked(text: &str) -> Option<Self> {
        let mut scopes = Self::default();
        text.split(' ')
            .all(|word| scopes.add(word))
            .then_some(scopes)
    }

    /// Whether the word is ours, and there was room for it.
    fn add(&mut self, word: &str) -> bool {
        let (reach, rest) = if let Some(rest) = word.strip_prefix(READ) {
            (&mut self.read, rest)
        } else if let Some(rest) = word.strip_prefix(WRITE) {
            (&mut self.write, rest)
        } else {
            return false;
        };
        if rest.is_empty() {
            *reach = Reach::All;
            return true;
        }
        let Some(topic) = rest.strip_prefix(':').filter(|topic| is_topic(topic)) else {
            return false;
        };
        match reach {
            Reach::All => true,
            Reach::Topics(topics) if topics.len() < MOST => {
                topics.insert(topic.to_owned());
                true
            }
            Reach::Topics(_) => false,
        }
    }

    /// Whether they let their holder do nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether they cover a call of an operation of this effect and topic.
    pub fn cover(&self, effect: Effect, topic: &str) -> bool {
        match self.reach(effect) {
            Reach::All => true,
            Reach::Topics(topics) => topics.contains(topic),
        }
    }

    /// Whether `other` covers whatever these do.
    pub fn within(&self, other: &Self) -> bool {
        [Effect::Read, Effect::Write].into_iter().all(|effect| {
            match (self.reach(effect), other.reach(effect)) {
                (_, Reach::All) => true,
                (Reach::All, Reach::Topics(_)) => false,
                (Reach::Topics(ours), Reach::Topics(theirs)) => ours.is_subset(theirs),
            }
        })
    }

    fn reach(&self, effect: Effect) -> &Reach {
        match effect {
            Effect::Read => &self.read,
            Effect::Write => &self.write,
        }
    }

    /// What both cover.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            read: self.read.and(&other.read),
            write: self.write.and(&other.write),
        }
    }
}

impl Reach {
    fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, one) | (one, Self::All) => one.clone(),
            (Self::Topics(one), Self::Topics(two)) => {
                Self::Topics(one.intersection(two).cloned().collect())
            }
        }
    }
}

/// The form in which they stand in a token, always the same for the same scopes.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for (word, reach) in [(READ, &self.read), (WRITE, &self.write)] {
            match reach {
                Reach::All => {
                    write!(f, "{before}{word}")?;
                    before = " ";
                }
                Reach::Topics(topics) => {
                    for topic in topics {
                        write!(f, "{before}{word}:{topic}")?;
                        before = " ";
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a token must have in its scopes for an operation of this effect: with what a challenge
/// names, a client that asks for exactly that loses nothing it had.
pub fn needed(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => READ,
        Effect::Write => "tidewaiter:read tidewaiter:write",
    }
}

fn is_topic(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Scopes {
        Scopes::among(text.split(' '))
    }

    #[test]
    fn i3_a_scope_covers_what_it_names_and_nothing_else() {
        let none = Scopes::default();
        let one = of("openid tidewaiter:read:kyc profile");
        let all = Scopes::all();
        for (scopes, read_kyc, read_other, write_kyc) in [
            (&none, false, false, false),
            (&one, true, false, false),
            (&of(READ), true, true, false),
            (&of("tidewaiter:write:kyc"), false, false, true),
            (&all, true, true, true),
        ] {
            assert_eq!(scopes.cover(Effect::Read, "kyc"), read_kyc, "{scopes}");
            assert_eq!(scopes.cover(Effect::Read, "fees"), read_other, "{scopes}");
            assert_eq!(scopes.cover(Effect::Write, "kyc"), write_kyc, "{scopes}");
        }
    }

    #[test]
    fn words_of_others_mean_nothing() {
        for word in [
            "",
            "tidewaiter",
            "tidewaiter:",
            "tidewaiter:reads",
            "tidewaiter:read:",
            "tidewaiter:read:KYC",
            "tidewaiter:read:a:b",
            "Tidewaiter:read",
            "tidewaiter:read:*",
            "read",
        ] {
            assert!(of(word).is_empty(), "{word}");
            assert_eq!(Scopes::asked(word), None, "{word}");
        }
        assert_eq!(Scopes::asked("tidewaiter:read openid"), None);
        assert_eq!(Scopes::asked("tidewaiter:read  tidewaiter:write"), None);
        let many = (0..=MOST).map(|n| format!("{READ}:t{n}"));
        let many: Vec<_> = many.collect();
        assert_eq!(Scopes::asked(&many.join(" ")), None);
    }

    fn some() -> impl Strategy<Value = Scopes> {
        prop::collection::vec("tidewaiter:(read|write)(:[ab])?", 0..5)
            .prop_map(|words| Scopes::among(words.iter().map(String::as_str)))
    }

    proptest! {
        #[test]
        fn scopes_are_only_narrowed(one in some(), two in some()) {
            let both = one.and(&two);
            prop_assert!(both.within(&one) && both.within(&two));
            prop_assert!(both.within(&Scopes::all()) && Scopes::default().within(&both));
            for effect in [Effect::Read, Effect::Write] {
                for topic in ["a", "b", "c"] {
                    let each = one.cover(effect, topic) && two.cover(effect, topic);
                    prop_assert_eq!(both.cover(effect, topic), each);
                    if one.within(&two) {
                        prop_assert!(!one.cover(effect, topic) || two.cover(effect, topic));
                    }
                }
            }
            prop_assert_eq!(&Scopes::among(one.to_string().split(' ')), &one);
        }
    }
}
