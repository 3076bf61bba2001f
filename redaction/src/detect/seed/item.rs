//! What the rows are made of: words of the lists, numbers, and what is neither.

use super::super::super::cue::Sense;
use super::super::super::fold;
use super::super::super::scan::{Scan, Token};
use super::super::word_list::{self, Places};

/// A wider gap than this ends a row.
const GAP: usize = 24;

/// One token as the rows are made of.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) what: What,
    /// A row cannot go on from the item before to this one.
    pub(super) cut: bool,
    /// A sentence ended before it.
    pub(super) sentence: bool,
    /// Written without a space to its neighbour.
    pub(super) joined: bool,
}

#[derive(Debug, PartialEq)]
pub(super) enum What {
    Word(Places),
    Number,
    /// "and", which people write before the last word.
    Filler,
    Unknown,
    /// Part of a context phrase.
    Barrier,
}

impl Item {
    pub(super) fn place(&self, language: u8) -> Option<u16> {
        match &self.what {
            What::Word(places) => places
                .iter()
                .find(|(l, _)| *l == language)
                .map(|(_, index)| *index),
            What::Number | What::Filler | What::Unknown | What::Barrier => None,
        }
    }
}

/// All tokens of the text.
pub(super) fn items(scan: &Scan<'_>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::with_capacity(scan.tokens.len());
    let mut cues = scan
        .cues
        .iter()
        .filter(|c| c.sense == Sense::Seed)
        .peekable();
    let mut before = 0;
    for token in &scan.tokens {
        scan.spend(8);
        while cues.next_if(|c| c.end <= token.start).is_some() {}
        // "seed" alone is a word of the list, so it may stand inside a phrase.
        let barrier = cues.peek().is_some_and(|c| {
            c.start <= token.start && !(token.start == c.start && token.end == c.end)
        });
        let after_number = matches!(out.last().map(|i| &i.what), Some(What::Number));
        let wide = token.start - before > GAP;
        let gap = scan.slice(before, token.start);
        let cut = wide || (!after_number && gap.bytes().any(|b| b == b':' || b == b'='));
        let sentence = !after_number && gap.contains(['.', '!', '?']);
        before = token.end;
        let from = out.len();
        if barrier {
            out.push(Item::new(token.start, token.end, What::Barrier, cut));
        } else if is_number(scan, token) {
            out.push(Item::new(token.start, token.end, What::Number, cut));
        } else {
            words(scan, token, cut, &mut out);
        }
        if let Some(item) = out.get_mut(from) {
            item.sentence = sentence;
        }
    }
    out
}

/// `7`, or `word7`.
fn is_number(scan: &Scan<'_>, token: &Token) -> bool {
    if token.end - token.start > 16 {
        return false;
    }
    let text = scan.lower(token.start, token.end);
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let label = text.strip_suffix(digits).unwrap_or_default();
    let numeral = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    numeral && matches!(label, "" | "word" | "слово" | "wort" | "w" | "n" | "no")
}

impl Item {
    pub(super) fn new(start: usize, end: usize, what: What, cut: bool) -> Self {
        Self {
            start,
            end,
            what,
            cut,
            sentence: false,
            joined: false,
        }
    }
}

/// The words of a token: itself, or every character if it is written in Chinese ones.
fn words(scan: &Scan<'_>, token: &Token, cut: bool, out: &mut Vec<Item>) {
    let word = scan.lower(token.start, token.end);
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    if word.chars().next().is_some_and(han) && word.chars().nth(1).is_some() {
        let mut cut = cut;
        for (at, c) in word.char_indices() {
            scan.spend(1);
            let start = token.start + at;
            let mut buffer = [0; 4];
            let mut item = Item::new(
                start,
                start + c.len_utf8(),
                what(c.encode_utf8(&mut buffer)),
                cut,
            );
            item.joined = true;
            out.push(item);
            cut = false;
        }
        return;
    }
    out.push(Item::new(token.start, token.end, what(word), cut));
}

fn what(word: &str) -> What {
    // Bounded before anything is hashed: a token can be as long as the text.
    if word.len() > word_list::LONGEST * 4 {
        return What::Unknown;
    }
    if matches!(word, "and" | "und" | "и" | "then") {
        return What::Filler;
    }
    let places = word_list::places(word);
    if !places.is_empty() {
        return What::Word(places.to_vec());
    }
    // A word written wholly in look-alike letters.
    let twin: Option<String> = word
        .chars()
        .map(|c| {
            if c.is_ascii() {
                Some(c)
            } else {
                fold::to_latin(c)
            }
        })
        .collect();
    match twin.as_deref().map(word_list::places) {
        Some(places) if !places.is_empty() => What::Word(places.to_vec()),
        _ => What::Unknown,
    }
}
