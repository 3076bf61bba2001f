//! Initials beside a name.

use super::context::means_something;
use super::{Mention, Walk};
use crate::known::name::Part;
use crate::known::skeleton::{self, Reading};
use crate::scan::Token;

impl Walk<'_> {
    /// Whether `token` is an initial of the name: "Ю", "Yu".
    pub(super) fn is_initial(&self, token: &Token, value: usize) -> bool {
        let word = self.scan.lower(token.start, token.end);
        let dotted = self.scan.byte(token.end) == Some(b'.');
        let capital = self
            .scan
            .char_after(token.start)
            .is_some_and(char::is_uppercase);
        if word.chars().take(3).count() > 2
            || token.digits
            || !capital && self.cased(token.end) && !dotted
        {
            return false;
        }
        let head = skeleton::skeleton(word, Reading::Plain);
        self.scan.spend(8);
        let mut letters = word.chars();
        let (first, alone) = (letters.next(), letters.next().is_none());
        let parts = self.names.values.get(value).map(|(_, parts)| parts);
        let fits = |part: &Part| {
            part.head.starts_with(head.as_str()) || alone && first == Some(part.initial)
        };
        parts.is_some_and(|parts| parts.iter().any(fits))
    }

    /// Takes in "И. И." before and after.
    pub(super) fn initials(&self, mention: &mut Mention) {
        let dotted = |token: &Token| self.scan.byte(token.end) == Some(b'.');
        for _ in 0..3 {
            let Some(at) = mention.first.checked_sub(1) else {
                break;
            };
            let Some(token) = self.scan.tokens.get(at) else {
                break;
            };
            let word = self.scan.lower(token.start, token.end);
            let fits = dotted(token) || !means_something(word);
            if !(fits && self.joint(at, false) && self.is_initial(token, mention.value)) {
                break;
            }
            mention.initials = true;
            (mention.first, mention.start) = (at, token.start);
        }
        for _ in 0..3 {
            let at = mention.last;
            let Some(token) = self.scan.tokens.get(at + 1) else {
                break;
            };
            let bare = self.scan.slice(mention.end, token.start);
            let joint = self.joint(at, true) && (mention.initials || !bare.contains('.'));
            if !(joint && dotted(token) && self.is_initial(token, mention.value)) {
                break;
            }
            mention.initials = true;
            (mention.last, mention.end) = (at + 1, token.end);
        }
    }
}
