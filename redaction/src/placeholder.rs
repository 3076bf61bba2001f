//! What stands where something was: `[EMAIL_1]`, numbered and stable within a conversation.
//!
//! A number belongs to a value: the same e-mail address is `[EMAIL_1]` in every turn, whatever
//! its case. What is kept for that is a keyed digest of the value, never the value, so a stored
//! [`Numbering`] tells nothing to who lacks the key; it can recognise a value but not give it back.
//!
//! Values that must not be stored (I8) have no number, which would tell a repeated one from a new
//! one: `[SEED_PHRASE REMOVED, long]` names the type and a length class and nothing else.
//!
//! A customer can type `[EMAIL_7]` too. In the agent's view such text becomes `(EMAIL_7)`, so
//! that whatever stands in square brackets was written by us.

use super::kind::{Kind, Length};
use ring::hmac;
use std::collections::HashMap;
use std::ops::Range;
use zeroize::Zeroizing;

/// Gives a value its number within a conversation.
pub trait Placeholders {
    /// The number of `value` among those of the same label; 1 for the first. `value` is in
    /// canonical form: the same thing written differently comes as the same string.
    fn number(&mut self, kind: Kind, value: &str) -> u32;
}

/// The placeholder of a numbered value.
pub(crate) fn numbered(kind: Kind, number: u32) -> String {
    format!("[{}_{number}]", kind.label())
}

/// The placeholder of a value that must not be stored.
pub(crate) fn removed(kind: Kind, length: Length) -> String {
    format!("[{} REMOVED, {length}]", kind.label())
}

/// The numbers given in one conversation, in memory.
#[derive(Debug)]
pub struct Numbering {
    key: hmac::Key,
    numbers: HashMap<(&'static str, [u8; 32]), u32>,
    /// In the order they were given.
    given: Vec<(&'static str, [u8; 32])>,
    counts: HashMap<&'static str, u32>,
}

impl Numbering {
    /// A conversation without numbers yet. `key` should be the conversation's own.
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            numbers: HashMap::new(),
            given: Vec::new(),
            counts: HashMap::new(),
        }
    }

    /// A conversation continued from [`Numbering::export`]. Pairs whose label is not known, and
    /// repeated ones, are passed over.
    pub fn import<'a>(
        key: &[u8; 32],
        pairs: impl IntoIterator<Item = (&'a str, [u8; 32])>,
    ) -> Self {
        let mut numbering = Self::new(key);
        for (label, digest) in pairs {
            let known = Kind::ALL.iter().map(|k| k.label()).find(|l| *l == label);
            if let Some(label) = known {
                numbering.place(label, digest);
            }
        }
        numbering
    }

    /// (label, HMAC-SHA256 of label and value) for every number given, in the order they were
    /// given: the number is the pair's place among those of its label.
    pub fn export(&self) -> &[(&'static str, [u8; 32])] {
        &self.given
    }

    fn place(&mut self, label: &'static str, digest: [u8; 32]) -> u32 {
        if let Some(number) = self.numbers.get(&(label, digest)) {
            return *number;
        }
        let count = self.counts.entry(label).or_default();
        *count = count.saturating_add(1);
        self.numbers.insert((label, digest), *count);
        self.given.push((label, digest));
        *count
    }
}

impl Placeholders for Numbering {
    fn number(&mut self, kind: Kind, value: &str) -> u32 {
        let label = kind.label();
        let mut message = Zeroizing::new(Vec::with_capacity(label.len() + 1 + value.len()));
        message.extend_from_slice(label.as_bytes());
        message.push(0);
        message.extend_from_slice(value.as_bytes());
        let tag = hmac::sign(&self.key, &message);
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        self.place(label, digest)
    }
}

/// The placeholders in `text` that we could have written: a label of ours and a number, or our
/// remark. Nothing else can stand in them.
pub(crate) fn own(text: &str) -> Vec<Range<usize>> {
    look_alikes(text)
        .into_iter()
        .filter(|(open, close)| {
            let inner = text.get(open + 1..*close).unwrap_or_default();
            let labels = Kind::ALL.iter().map(|k| k.label());
            let lengths = [Length::Short, Length::Medium, Length::Long];
            labels
                .filter_map(|label| inner.strip_prefix(label))
                .any(|rest| {
                    let number = rest.strip_prefix('_');
                    number.is_some_and(|n| {
                        (1..=10).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit())
                    }) || lengths
                        .iter()
                        .any(|length| rest == format!(" REMOVED, {length}"))
                })
        })
        .map(|(open, close)| open..close + 1)
        .collect()
}

/// The numbered placeholders in `text`, such as `[EMAIL_1]`, in order.
pub fn numbered_in(text: &str) -> Vec<Range<usize>> {
    let numbered = |place: &Range<usize>| {
        let inner = text.get(place.clone()).unwrap_or_default();
        inner
            .trim_end_matches(']')
            .ends_with(|c: char| c.is_ascii_digit())
    };
    own(text).into_iter().filter(numbered).collect()
}

/// What in `text` looks like a placeholder: the offsets of its brackets.
pub(crate) fn look_alikes(text: &str) -> Vec<(usize, usize)> {
    text.match_indices('[')
        .filter_map(|(open, _)| {
            let rest = text.get(open + 1..)?;
            // A label, a number or a remark: 64 bytes hold the longest.
            let close = rest
                .bytes()
                .take(64)
                .position(|b| matches!(b, b'[' | b']'))?;
            // Of brackets in brackets only the inner ones are a placeholder's.
            if rest.as_bytes().get(close) != Some(&b']') {
                return None;
            }
            let inner = rest.get(..close)?.trim();
            let label = inner
                .find([' ', ','])
                .map_or(inner, |at| inner.get(..at).unwrap_or(inner));
            let removed = inner
                .get(label.len()..)
                .is_some_and(|s| s.to_ascii_uppercase().contains("REMOVED"));
            let numbered = label
                .rsplit_once('_')
                .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            let name = label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && label
                    .bytes()
                    .next()
                    .is_some_and(|b| b.is_ascii_alphabetic());
            (name && (numbered || removed)).then_some((open, open + 1 + close))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::kind::Attribute;
    use super::{Kind, Numbering, Placeholders as _, look_alikes, own};

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn the_same_value_has_the_same_number() {
        let mut numbering = Numbering::new(&KEY);
        assert_eq!(numbering.number(Kind::Email, "a@b.c"), 1);
        assert_eq!(numbering.number(Kind::Email, "d@b.c"), 2);
        assert_eq!(numbering.number(Kind::Known(Attribute::Email), "a@b.c"), 1);
        assert_eq!(numbering.number(Kind::Iban, "a@b.c"), 1);
    }

    #[test]
    fn numbers_survive_export_which_holds_no_value() {
        let mut first = Numbering::new(&KEY);
        first.number(Kind::Email, "a@b.c");
        first.number(Kind::Iban, "DE00");
        first.number(Kind::Email, "d@b.c");
        let pairs = first.export().to_vec();
        let mut second = Numbering::import(&KEY, pairs.iter().copied());
        assert_eq!(second.number(Kind::Email, "d@b.c"), 2);
        assert_eq!(second.number(Kind::Email, "new@b.c"), 3);
        assert!(!format!("{first:?}").contains("a@b.c"));
        let mut other = Numbering::import(&[8; 32], pairs);
        assert_eq!(other.number(Kind::Email, "d@b.c"), 3);
    }

    #[test]
    fn look_alikes_are_seen() {
        assert_eq!(look_alikes("x [EMAIL_7] y").len(), 1);
        assert_eq!(look_alikes("[email_7][SEED_PHRASE REMOVED, long]").len(), 2);
        assert!(look_alikes("[1] [see below] [a_b] []").is_empty());
        assert_eq!(own("[EMAIL_7] [OTP REMOVED, short]").len(), 2);
        assert!(own("[hunter_2] [EMAIL_12345678901] [OTP REMOVED, 4821] [PIN_]").is_empty());
    }
}
