//! The text as words that may belong to a name: double names and `O'Brien` are one.

use super::super::super::lexicon;
use super::super::super::scan::Scan;
use std::borrow::Cow;

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Lower,
    Capital,
    Upper,
    /// One capital letter.
    Initial,
    /// Capitals inside, as in `MetaMask`; not `McDonald`.
    Mixed,
    /// Part of an identifier, address or number, or in another script.
    Other,
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Space,
    /// A full stop and maybe a space.
    Stop,
    Comma,
    /// A line ends.
    Line,
    Break,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its first token.
    pub(super) token: usize,
    /// The token after its last.
    pub(super) after: usize,
    pub(super) shape: Shape,
    pub(super) class: lexicon::Word,
    /// Of a word in no list: how much it looks like a name.
    pub(super) looks: i32,
}

impl Word {
    pub(super) fn cased(&self) -> bool {
        matches!(self.shape, Shape::Capital | Shape::Upper | Shape::Mixed)
    }
}

/// All words of the text, digits left out.
pub(super) fn words(scan: &Scan<'_>) -> Vec<Word> {
    let mut out = Vec::with_capacity(scan.tokens.len());
    let mut at = 0;
    while let Some(token) = scan.tokens.get(at) {
        scan.spend(2);
        if token.digits {
            at += 1;
            continue;
        }
        let mut word = Word {
            start: token.start,
            end: token.end,
            token: at,
            after: at + 1,
            shape: shape(scan, token.start, token.end),
            class: lexicon::Word::default(),
            looks: 0,
        };
        if word.shape != Shape::Other && word.shape != Shape::Initial {
            let folded = folded(scan, token.start, token.end);
            word.class = lexicon::word(&folded);
            join(scan, &mut word);
            if word.class.unknown() && word.shape != Shape::Lower {
                word.looks = lexicon::looks(&folded);
                scan.spend(folded.len());
            }
        } else if word.shape == Shape::Initial {
            join(scan, &mut word);
        }
        at = word.after;
        out.push(word);
    }
    out
}

/// Takes in what a hyphen or an apostrophe ties to the word, three times at most.
fn join(scan: &Scan<'_>, word: &mut Word) {
    for _ in 0..3 {
        let Some(next) = scan.tokens.get(word.after) else {
            return;
        };
        let tie = scan.slice(word.end, next.start);
        let shape = shape(scan, next.start, next.end);
        let cased = matches!(shape, Shape::Capital | Shape::Upper);
        let joined = match tie {
            "-" => cased && word.shape != Shape::Lower || shape == word.shape,
            "'" | "’" => cased && word.end - word.start <= 2 && word.shape != Shape::Lower,
            _ => false,
        };
        if !joined || shape == Shape::Other {
            return;
        }
        scan.spend(4);
        let class = lexicon::word(&folded(scan, next.start, next.end));
        if word.shape == Shape::Initial {
            word.shape = Shape::Capital;
            word.class = class;
        } else if tie == "-" {
            word.class = word.class.and(class);
        } else {
            word.class = class;
        }
        word.end = next.end;
        word.after += 1;
    }
}

pub(super) fn folded<'t>(scan: &Scan<'t>, start: usize, end: usize) -> Cow<'t, str> {
    let text = scan.slice(start, end);
    if text.len() > 40 {
        return Cow::Borrowed("");
    }
    if text.is_ascii() {
        Cow::Borrowed(scan.lower(start, end))
    } else {
        Cow::Owned(lexicon::fold(text))
    }
}

pub(super) fn shape(scan: &Scan<'_>, start: usize, end: usize) -> Shape {
    let text = scan.slice(start, end);
    let glued = |c: Option<char>| c.is_some_and(|c| "@_/\\#$=&+%~".contains(c));
    let (before, after) = (scan.char_before(start), scan.char_after(end));
    // "www.foo.com", "a.b@c": a stop inside.
    let dotted = after == Some('.')
        && scan
            .byte(end + 1)
            .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        || before == Some('.')
            && start > 1
            && scan.char_before(start - 1).is_some_and(char::is_lowercase);
    if end - start > 40 || glued(before) || glued(after) || dotted {
        return Shape::Other;
    }
    let (mut upper, mut lower, mut inside, mut count) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut first = false;
    for c in text.chars() {
        if !latin(c) {
            return Shape::Other;
        }
        if c.is_uppercase() {
            upper += 1;
            first |= count == 0;
            inside += usize::from(lower > 0);
        } else {
            lower += 1;
        }
        count += 1;
    }
    match (upper, lower) {
        (1, 0) => Shape::Initial,
        (0, _) => Shape::Lower,
        (_, 0) => Shape::Upper,
        _ if (inside > 0 || upper > 1) && !prefixed(text) => Shape::Mixed,
        _ if first => Shape::Capital,
        _ => Shape::Mixed,
    }
}

/// `McDonald`, `DeLuca`: one capital after a name's prefix.
fn prefixed(text: &str) -> bool {
    [
        "Mc", "Mac", "De", "Di", "Du", "La", "Le", "Van", "Von", "Fitz", "O", "St",
    ]
    .iter()
    .any(|p| {
        text.strip_prefix(p).is_some_and(|rest| {
            rest.starts_with(char::is_uppercase) && !rest.chars().skip(1).any(char::is_uppercase)
        })
    })
}

fn latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// What stands between two offsets.
pub(super) fn gap(scan: &Scan<'_>, from: usize, to: usize) -> Gap {
    let between = scan.slice(from, to);
    if between.len() > 8 {
        return Gap::Break;
    }
    match between {
        " " | "  " | "\u{a0}" => Gap::Space,
        "." | ". " | ".  " => Gap::Stop,
        "," | ", " => Gap::Comma,
        _ if between.contains('\n') => Gap::Line,
        _ => Gap::Break,
    }
}
