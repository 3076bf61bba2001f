//! The text as the detectors read it, with a map back to the text as it was written.
//!
//! NFKC by combining sequence, invisible characters removed, look-alike letters folded
//! ([`super::fold`]). What was hidden in Unicode tag characters is decoded and put at the end,
//! so that a seed phrase written in them is found as well.
//! Limit: a combining sequence longer than 32 characters is cut, as UAX 15's stream-safe format does.

use super::fold::fold_token;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::{IsNormalized, char::canonical_combining_class, is_nfkc_quick};
use zeroize::Zeroizing;

const LONGEST_SEQUENCE: usize = 32;

/// Whether `c` shows nothing and may hide something: format characters, tags, selectors, fillers.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What the last visible character lets follow it: joiners and selectors are needed to spell some
/// scripts and to draw some signs, one at a time; a row of them is a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Bears {
    #[default]
    Nothing,
    Selector,
    Joiner,
}

impl Bears {
    /// Whether `c` stays after what came before, and what may follow it.
    fn keep(&mut self, c: char) -> bool {
        let (keep, next) = match c {
            '\u{fe0e}' | '\u{fe0f}' => (*self == Self::Selector, Self::Joiner),
            '\u{200c}' | '\u{200d}' => (*self != Self::Nothing, Self::Nothing),
            _ if is_invisible(c) => return false,
            _ if c.is_ascii_digit() || !c.is_ascii() || c == '#' || c == '*' => {
                (true, Self::Selector)
            }
            _ => (true, Self::Nothing),
        };
        if keep {
            *self = next;
        }
        keep
    }

    /// `text`, which follows what was borne so far, without what hides something.
    pub(crate) fn strip(&mut self, text: &str) -> String {
        text.chars().filter(|c| self.keep(*c)).collect()
    }
}

/// `text` without the characters that could carry something unseen past a reader.
pub fn strip_invisible(text: &str) -> String {
    Bears::default().strip(text)
}

/// Whether `text` carries such characters.
pub fn hides(text: &str) -> bool {
    let mut bears = Bears::Nothing;
    !text.is_ascii() && text.chars().any(|c| !bears.keep(c))
}

/// One stretch of the map. `exact`: bytes correspond one to one; else the whole stretch stands
/// for the whole original.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    start: usize,
    len: usize,
    original: usize,
    original_len: usize,
    exact: bool,
}

/// A normalised text.
#[derive(Debug)]
pub(crate) struct Normal {
    text: Zeroizing<String>,
    lower: Zeroizing<String>,
    map: Vec<Stretch>,
}

struct Piece {
    c: char,
    original: usize,
    len: usize,
    whole: bool,
}

impl Normal {
    pub(crate) fn new(original: &str) -> Self {
        if original.is_ascii() {
            return Self {
                text: Zeroizing::new(original.to_owned()),
                lower: Zeroizing::new(original.to_ascii_lowercase()),
                map: vec![Stretch {
                    start: 0,
                    len: original.len(),
                    original: 0,
                    original_len: original.len(),
                    exact: true,
                }],
            };
        }
        let mut pieces = pieces(original);
        fold(&mut pieces);
        Self::assemble(&pieces)
    }

    /// The normalised text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The same in lower case, at the same byte offsets.
    pub(crate) fn lower(&self) -> &str {
        &self.lower
    }

    /// The range of the original that `range` of the normalised text stands for.
    pub(crate) fn original(&self, range: Range<usize>) -> Range<usize> {
        let Some(first) = self.stretch(range.start) else {
            return 0..0;
        };
        let start = if first.exact {
            first.original + (range.start - first.start)
        } else {
            first.original
        };
        let Some(last) = self.stretch(range.end.saturating_sub(1).max(range.start)) else {
            return start..start;
        };
        let end = if last.exact {
            last.original + (range.end - last.start)
        } else {
            last.original + last.original_len
        };
        start..end.max(start)
    }

    fn stretch(&self, at: usize) -> Option<&Stretch> {
        let after = self.map.partition_point(|s| s.start <= at);
        self.map.get(after.checked_sub(1)?)
    }

    fn assemble(pieces: &[Piece]) -> Self {
        let mut text = String::with_capacity(pieces.len() * 2);
        let mut lower = String::with_capacity(pieces.len() * 2);
        let mut map: Vec<Stretch> = Vec::new();
        for piece in pieces {
            let (start, len) = (text.len(), piece.c.len_utf8());
            text.push(piece.c);
            lower.push(lowered(piece.c));
            let exact = piece.whole && len == piece.len;
            if let Some(last) = map.last_mut()
                && exact
                && last.exact
                && last.original + last.original_len == piece.original
            {
                last.len += len;
                last.original_len += len;
                continue;
            }
            map.push(Stretch {
                start,
                len,
                original: piece.original,
                original_len: piece.len,
                exact,
            });
        }
        Self {
            text: Zeroizing::new(text),
            lower: Zeroizing::new(lower),
            map,
        }
    }
}

/// Lower case where it is one character of the same length, so that offsets agree.
fn lowered(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(l), None) if l.len_utf8() == c.len_utf8() => l,
        _ => c,
    }
}

pub(crate) fn joins(c: char) -> bool {
    // Below U+0300 and in the Cyrillic letters nothing combines: the common case, decided first.
    if c < '\u{300}' || ('\u{400}'..='\u{482}').contains(&c) {
        return false;
    }
    canonical_combining_class(c) != 0 || is_nfkc_quick(std::iter::once(c)) == IsNormalized::Maybe
}

fn pieces(original: &str) -> Vec<Piece> {
    let mut out = Vec::with_capacity(original.len());
    let mut hidden: Vec<Piece> = Vec::new();
    let mut chars = original
        .char_indices()
        .filter(|(at, c)| {
            if let Some(tag) = tagged(*c) {
                hidden.push(Piece {
                    c: tag,
                    original: *at,
                    len: c.len_utf8(),
                    whole: false,
                });
            }
            !is_invisible(*c)
        })
        .peekable();
    let mut sequence = String::new();
    while let Some((at, c)) = chars.next() {
        sequence.clear();
        sequence.push(c);
        let mut end = at + c.len_utf8();
        let mut count = 1;
        while count < LONGEST_SEQUENCE
            && let Some((next, mark)) = chars.next_if(|(_, mark)| joins(*mark))
        {
            sequence.push(mark);
            end = next + mark.len_utf8();
            count += 1;
        }
        let settled =
            count == 1 && (c.is_ascii() || is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes);
        if settled {
            out.push(Piece {
                c,
                original: at,
                len: end - at,
                whole: true,
            });
        } else {
            out.extend(sequence.nfkc().map(|c| Piece {
                c,
                original: at,
                len: end - at,
                whole: false,
            }));
        }
    }
    drop(chars);
    if let Some(first) = hidden.first() {
        out.push(Piece {
            c: '\n',
            original: first.original,
            len: 0,
            whole: false,
        });
        out.extend(hidden);
    }
    out
}

/// The ASCII character a Unicode tag character stands for.
pub(crate) fn tagged(c: char) -> Option<char> {
    let code = u32::from(c).checked_sub(0xe_0000)?;
    let c = char::from_u32(code)?;
    (c.is_ascii_graphic() || c == ' ').then_some(c)
}

fn fold(pieces: &mut [Piece]) {
    for token in pieces.chunk_by_mut(|a, b| a.c.is_alphanumeric() == b.c.is_alphanumeric()) {
        let mixed = token.iter().any(|p| p.c.is_ascii_alphabetic())
            && token.iter().any(|p| !p.c.is_ascii());
        if mixed {
            fold_token(token.iter_mut().map(|p| &mut p.c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Normal, hides, strip_invisible};

    fn back<'t>(original: &'t str, normal: &Normal, part: &str) -> &'t str {
        let at = normal.text().find(part).unwrap();
        original.get(normal.original(at..at + part.len())).unwrap()
    }

    #[test]
    fn spans_lead_back_to_what_was_written() {
        for (original, seen, written) in [
            ("ｃａｒｄ ４１１１ ok", "4111", "４１１１"),
            (
                "a\u{200b}b\u{200d}andon x",
                "abandon",
                "a\u{200b}b\u{200d}andon",
            ),
            ("код ﬁrst", "first", "ﬁrst"),
            ("ping cafe\u{301} end", "café", "cafe\u{301}"),
            ("сид аbandon", "abandon", "аbandon"),
            ("İstanbul x", "x", "x"),
        ] {
            let normal = Normal::new(original);
            assert_eq!(back(original, &normal, seen), written, "{original}");
            assert_eq!(normal.text().len(), normal.lower().len());
        }
    }

    #[test]
    fn tag_characters_are_read_but_do_not_pass() {
        let hidden: String = "seed"
            .chars()
            .filter_map(|c| char::from_u32(0xe_0000 + u32::from(c)))
            .collect();
        let original = format!("hi{hidden} there");
        let normal = Normal::new(&original);
        assert_eq!(back(&original, &normal, "seed"), hidden);
        assert!(normal.text().starts_with("hi there"));
        assert_eq!(strip_invisible(&original), "hi there");
    }

    #[test]
    fn what_spells_and_draws_stays_and_rows_of_it_go() {
        for honest in [
            "❤\u{fe0f}\u{200d}🔥 ok",
            "می\u{200c}خواهم",
            "1\u{fe0f}⃣",
            "👩\u{200d}🚀",
        ] {
            assert_eq!(strip_invisible(honest), honest);
            assert!(!hides(honest));
        }
        for (hiding, left) in [
            ("a\u{200d}b", "ab"),
            ("я\u{200c}\u{200d}\u{200c}\u{200c}", "я\u{200c}"),
            ("x\u{fe0f}\u{fe0e}", "x"),
            ("a\u{202e}b\u{2066}", "ab"),
        ] {
            assert!(hides(hiding));
            assert_eq!(strip_invisible(hiding), left);
            assert_eq!(strip_invisible(left), left);
        }
    }

    #[test]
    fn every_span_falls_on_characters() {
        let original = "é\u{301}\u{301}ﬀ№ ½ \u{e0041} ıİ я́ 각 \u{1100}\u{1161}";
        let normal = Normal::new(original);
        for (at, c) in normal.text().char_indices() {
            let span = normal.original(at..at + c.len_utf8());
            assert!(original.get(span).is_some());
        }
    }

    #[test]
    fn a_tower_of_marks_is_cut() {
        let original = format!("a{}", "\u{301}".repeat(10_000));
        let normal = Normal::new(&original);
        assert!(normal.text().chars().count() <= 10_001);
    }
}
