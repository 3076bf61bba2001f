//! A text cut into stretches that are looked at each for itself.
//!
//! Names, addresses and known values have no end that a text that still comes could not move: a
//! surname counts because of a name before it, an address goes on over lines. So their detectors
//! see one stretch of a few sentences at a time, and nothing beyond it. Where a stretch ends
//! depends on what stands a few words to either side and on where it began, so that a text that
//! comes in pieces is cut in the same places as the whole ([`crate::stream`]).
//!
//! Promise: no stretch is longer than [`LONGEST`] bytes but for a character.
//! Limit: what reaches over the end of a stretch is found in parts, or not at all. Ends are those
//! of a sentence of plain words; only a text that has none for [`LONGEST`] bytes is cut elsewhere.

use std::ops::Range;

/// A stretch ends with the first sentence that ends after so many bytes.
const ENOUGH: usize = 160;
/// The most bytes of one.
pub(crate) const LONGEST: usize = 384;
/// How much beyond an end must have come to know that it is one.
const BEYOND: usize = 8;
/// The fewest letters of a word whose full stop is no abbreviation's.
const WORD: usize = 4;

/// The stretches of `text`, which follow each other; the first begins at `from`.
pub(crate) fn segments(text: &str, from: usize) -> Vec<Range<usize>> {
    let mut out = Vec::with_capacity(text.len() / ENOUGH + 1);
    let mut start = from;
    while start < text.len() {
        let end = end(text, start).unwrap_or(text.len());
        out.push(start..end);
        start = end;
    }
    out
}

/// Where the stretch that begins at `start` ends, if that is certain whatever follows the text.
pub(crate) fn end(text: &str, start: usize) -> Option<usize> {
    let mut bound = start.saturating_add(LONGEST);
    let window = text.get(start..).map(|rest| {
        let mut size = rest.len().min(LONGEST);
        while !rest.is_char_boundary(size) {
            size += 1;
        }
        bound = start + size;
        rest.get(..size).unwrap_or(rest)
    })?;
    let mut skip = ENOUGH.min(window.len());
    while !window.is_char_boundary(skip) {
        skip += 1;
    }
    let late = window.get(skip..)?;
    for (at, c) in late.char_indices() {
        let here = skip + at;
        if c.is_uppercase() && ends_sentence(window.get(..here).unwrap_or_default()) {
            return Some(start + here);
        }
    }
    (text.len() >= start + LONGEST + BEYOND).then(|| {
        let forced = forced(window, skip);
        forced.map_or(bound, |at| start + at)
    })
}

/// Whether `before`, up to a capital letter, is the end of a sentence.
fn ends_sentence(before: &str) -> bool {
    let bare = before.trim_end_matches(|c: char| c.is_whitespace());
    if bare.len() == before.len() {
        return false;
    }
    let mut chars = bare.chars().rev();
    match chars.next() {
        Some('!' | '?' | '…') => true,
        Some('.') => {
            let word = chars.take_while(|c| c.is_lowercase()).count();
            word >= WORD
        }
        _ => false,
    }
}

/// The best end of a stretch without the end of a sentence: after a line, a comma, a plain word.
fn forced(window: &str, skip: usize) -> Option<usize> {
    let mut best: Option<(u8, usize)> = None;
    let (mut small, mut other, mut last) = (0, false, ' ');
    for (at, c) in window.char_indices() {
        if last.is_whitespace() && !c.is_whitespace() {
            let rank = match last {
                _ if small >= WORD && !other && c.is_lowercase() => 2,
                '\n' => 1,
                _ => 0,
            };
            // The last of the best.
            if at >= skip && best.is_none_or(|(known, _)| rank >= known) {
                best = Some((rank, at));
            }
            (small, other) = (0, false);
        }
        small += usize::from(c.is_lowercase());
        other |= !c.is_lowercase() && !c.is_whitespace() && !matches!(c, ',' | ';');
        last = c;
    }
    best.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, end, segments};
    use proptest::prelude::*;

    #[test]
    fn a_stretch_ends_with_a_sentence() {
        let sentence =
            "The withdrawal of yesterday has not come, and I live at 5 Hill St. Leeds today. ";
        let text = sentence.repeat(9);
        for part in segments(&text, 0) {
            assert!(
                text.get(part.clone()).unwrap().starts_with("The "),
                "{part:?}"
            );
            assert!(part.len() <= LONGEST);
        }
    }

    #[test]
    fn a_text_without_sentences_is_cut_between_plain_words() {
        let text = "i sent money to Anna Bell and then nothing happened ".repeat(20);
        for part in segments(&text, 0).into_iter().skip(1) {
            let before = text.get(..part.start).unwrap();
            assert!(
                !before.ends_with("Anna ") && !before.ends_with("to "),
                "{part:?}"
            );
        }
    }

    proptest! {
        /// What is certain of a part of the text is so of the whole.
        #[test]
        fn ends_do_not_move(text in "([a-z]{1,9}|[A-Z][a-z]{0,5}|\\.|!|,|\n| |é|Ж|ж){0,300}", cut in any::<prop::sample::Index>()) {
            let cut = cut.index(text.len() + 1);
            prop_assume!(text.is_char_boundary(cut));
            let mut start = 0;
            let part = text.get(..cut).unwrap();
            while let Some(at) = end(part, start) {
                prop_assert_eq!(end(&text, start), Some(at));
                prop_assert!(at > start && at - start <= LONGEST + 4);
                start = at;
            }
        }
    }
}
