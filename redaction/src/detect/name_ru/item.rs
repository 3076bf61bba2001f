//! The words of a text as the rules for names see them.

use super::super::super::scan::Scan;
use super::super::super::tagger::token::{Class, Word};
use super::lexicon::{self, QUOTED, Traits};

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// All in small letters, or mixed.
    Lower,
    /// A capital first and small ones after it.
    Title,
    /// Two capitals or more and nothing small.
    Upper,
    /// One capital with its full stop.
    Initial,
    /// No word.
    Sign,
}

/// A word or a sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) form: Form,
    pub(super) traits: Traits,
    /// Of Latin letters.
    pub(super) latin: bool,
    /// The first word of a sentence or line.
    pub(super) opens: bool,
    /// Nothing but a space or two stands between it and the one before.
    pub(super) glued: bool,
}

impl Item {
    pub(super) fn is(&self, traits: Traits) -> bool {
        self.traits & traits != 0
    }

    /// Written with a capital letter that says something.
    pub(super) fn title(&self) -> bool {
        self.form == Form::Title
    }
}

/// The items of a text. An initial's full stop is part of it.
pub(super) fn items(scan: &Scan<'_>, words: &[Word]) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::with_capacity(words.len());
    let mut opens = true;
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        scan.spend(4);
        let before = out.last().map_or(0, |i| i.end);
        let gap = scan.slice(before, word.start);
        opens |= gap.contains('\n');
        let mut end = word.end;
        let text = scan.slice(word.start, word.end);
        let mut form = form(word.class, text);
        let single = form == Form::Upper && text.chars().nth(1).is_none();
        if single
            && let Some(stop) =
                words.next_if(|w| w.start == end && scan.slice(w.start, w.end) == ".")
        {
            form = Form::Initial;
            end = stop.end;
        }
        let traits = match form {
            Form::Sign | Form::Initial => 0,
            _ if word.class == Class::Latin => 0,
            Form::Lower | Form::Title | Form::Upper => {
                scan.spend(word.end - word.start);
                lexicon::traits(scan.lower(word.start, word.end))
            }
        };
        let open = scan.slice(0, word.start).ends_with(['«', '"', '“', '„']);
        let quoted = open && { scan.char_after(end) }.is_some_and(|c| "»\"”“".contains(c));
        let traits = traits | if quoted { QUOTED } else { 0 };
        out.push(Item {
            start: word.start,
            end,
            form,
            traits,
            latin: word.class == Class::Latin,
            opens: opens && form != Form::Sign,
            glued: !out.is_empty() && gap.len() <= 2 && gap.bytes().all(|b| b == b' '),
        });
        opens = match form {
            Form::Sign => opens || text.ends_with(['.', '!', '?', '…']),
            Form::Lower | Form::Title | Form::Upper | Form::Initial => false,
        };
    }
    out
}

fn form(class: Class, text: &str) -> Form {
    if matches!(class, Class::Sign | Class::Number) {
        return Form::Sign;
    }
    let upper = text.chars().filter(|c| c.is_uppercase()).count();
    let lower = text.chars().any(char::is_lowercase);
    let first = text.chars().next().is_some_and(char::is_uppercase);
    match (first, upper, lower) {
        (true, _, false) => Form::Upper,
        // Анна, Анна-Мария, МакКартни.
        (true, 1..=3, true) => Form::Title,
        _ => Form::Lower,
    }
}
