//! Which words are names of people, of places, or plain English.
//!
//! Three lists in one table, built once: given names and surnames of some forty countries in Latin
//! letters, ordinary English words, names of countries and larger towns. Words are looked up in
//! lower case without accents ([`fold`]). A word that none of them knows is judged by its letters:
//! a linear model over letter n-grams ([`looks`]), which tells four names in five from towns and words.
//! The lists are front-coded: a digit of base 36 says how many letters are the last line's.
//!
//! Sources and licences: `NOTICE.md`; made by `training/lists.py` and `training/ngram.py`.
//! Limits: a name that is also a word or a town ([`Word::dull`]) is one only by its neighbours.

use std::sync::LazyLock;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

const GIVEN: u8 = 1;
const SURNAME: u8 = 2;
const DULL: u8 = 4;
const ORDINARY: u8 = 8;
const PLACE: u8 = 16;
/// Longer words are nobody's name and not looked up.
const LONGEST: usize = 40;

/// What the lists say of one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Word(u8);

impl Word {
    /// A given name, whatever else.
    pub(crate) fn given(self) -> bool {
        self.0 & GIVEN != 0
    }

    /// A surname, whatever else.
    pub(crate) fn surname(self) -> bool {
        self.0 & SURNAME != 0
    }

    pub(crate) fn name(self) -> bool {
        self.0 & (GIVEN | SURNAME) != 0
    }

    /// A name that is also a word or a place.
    pub(crate) fn dull(self) -> bool {
        self.name() && self.0 & (DULL | PLACE) != 0
    }

    /// A name and hardly anything else.
    pub(crate) fn strong(self) -> bool {
        self.name() && !self.dull()
    }

    /// A word of the language and nobody's name.
    pub(crate) fn ordinary(self) -> bool {
        self.0 & ORDINARY != 0
    }

    /// A country or a town.
    pub(crate) fn place(self) -> bool {
        self.0 & PLACE != 0
    }

    /// In no list.
    pub(crate) fn unknown(self) -> bool {
        self.0 == 0
    }

    /// The parts of a double name together: plain if one of them is.
    pub(crate) fn and(self, other: Self) -> Self {
        if self.ordinary() || other.ordinary() {
            Self(ORDINARY)
        } else {
            Self(self.0 | other.0)
        }
    }
}

/// What the lists say of `folded`.
pub(crate) fn word(folded: &str) -> Word {
    let key = hash(folded.as_bytes());
    let bucket = bucket(key);
    let (Some(from), Some(to)) = (TABLE.starts.get(bucket), TABLE.starts.get(bucket + 1)) else {
        return Word(0);
    };
    let rows = TABLE.rows.get(*from..*to).unwrap_or_default();
    let row = rows.iter().find(|row| **row >> 8 == key);
    Word(row.map_or(0, |row| row.to_le_bytes().first().copied().unwrap_or(0)))
}

/// Lower case without accents; empty if the word is not in Latin letters or too long.
pub(crate) fn fold(word: &str) -> String {
    if word.len() > LONGEST {
        return String::new();
    }
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !is_combining_mark(*c)) {
        for c in c.to_lowercase().filter(|c| !is_combining_mark(*c)) {
            match c {
                'ł' => out.push('l'),
                'ø' => out.push('o'),
                'æ' => out.push_str("ae"),
                'ß' => out.push_str("ss"),
                'đ' | 'ð' => out.push('d'),
                'þ' => out.push_str("th"),
                'ı' => out.push('i'),
                'œ' => out.push_str("oe"),
                'ə' => out.push('e'),
                'ŋ' => out.push('n'),
                'ħ' => out.push('h'),
                c if c.is_ascii() => out.push(c),
                _ => return String::new(),
            }
        }
    }
    out
}

/// How much an unknown word looks like a name: above 0 rather so, in hundredths of log odds.
pub(crate) fn looks(folded: &str) -> i32 {
    let mut marked = Vec::with_capacity(folded.len() + 2);
    marked.push(b'^');
    marked.extend_from_slice(folded.as_bytes());
    marked.push(b'$');
    let mut sum = WEIGHTS.get(..4).map_or(0, |b| {
        b.iter().rev().fold(0_i32, |n, b| (n << 8) | i32::from(*b))
    });
    for size in 2..=4 {
        for gram in marked.windows(size) {
            let h = gram.iter().fold(2_166_136_261_u32, |h, b| {
                (h ^ u32::from(*b)).wrapping_mul(16_777_619)
            });
            let bucket = usize::try_from((h ^ (h >> 15)) & 0x7fff).unwrap_or(0);
            let weight = WEIGHTS
                .get(4 + bucket)
                .map_or(0, |b| i8::from_le_bytes([*b]));
            sum += i32::from(weight);
        }
    }
    sum * 5 / 4
}

static WEIGHTS: &[u8] = include_bytes!("lexicon/ngram.bin");

/// Every word, sorted by its hash.
struct Table {
    /// The hash of a word in 56 bits, then what it is.
    rows: Vec<u64>,
    /// Where the rows of each bucket begin.
    starts: Vec<usize>,
}

/// The first 17 bits of a hash: a row or two each.
fn bucket(key: u64) -> usize {
    usize::try_from(key >> 39).unwrap_or(0)
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut rows = Vec::with_capacity(75_000);
    let mut read = |list: &str, kinds: bool, flags: u8| {
        let mut last = String::new();
        for line in list.lines() {
            let shared = line.chars().next().and_then(|c| c.to_digit(36));
            let shared = shared.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            let body = line.get(1..).unwrap_or_default();
            let cut = body.len().saturating_sub(usize::from(kinds));
            last.truncate(shared);
            last.push_str(body.get(..cut).unwrap_or_default());
            let kind = match body.get(cut..) {
                Some("g") => GIVEN,
                Some("s") => SURNAME,
                Some("b") => GIVEN | SURNAME,
                Some("G") => GIVEN | DULL,
                Some("S") => SURNAME | DULL,
                Some("B") => GIVEN | SURNAME | DULL,
                _ => 0,
            };
            rows.push(hash(last.as_bytes()) << 8 | u64::from(kind | flags));
        }
    };
    read(include_str!("lexicon/names.txt"), true, 0);
    read(include_str!("lexicon/words.txt"), false, ORDINARY);
    read(include_str!("lexicon/places.txt"), false, PLACE);
    rows.sort_unstable();
    // A name that is a place as well is one row.
    rows.dedup_by(|next, kept| {
        let same = *next >> 8 == *kept >> 8;
        if same {
            *kept |= *next & 0xff;
        }
        same
    });
    let mut starts = Vec::with_capacity((1 << 17) + 1);
    for (n, row) in rows.iter().enumerate() {
        while starts.len() <= bucket(row >> 8) {
            starts.push(n);
        }
    }
    starts.resize((1 << 17) + 1, rows.len());
    Table { rows, starts }
});

/// FNV-1a, folded to 56 bits.
fn hash(bytes: &[u8]) -> u64 {
    let h = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    });
    (h ^ (h >> 56)) & 0x00ff_ffff_ffff_ffff
}

#[cfg(test)]
mod tests {
    use super::{TABLE, fold, looks, word};

    #[test]
    fn the_lists_are_whole() {
        assert!(TABLE.rows.len() > 90_000);
        assert!(word("anna").strong() && word("anna").given());
        assert!(word("jones").surname() && word("jones").strong());
        assert!(word("mark").dull() && word("grace").dull());
        assert!(word("london").dull() && word("london").place());
        assert!(word("withdrawal").ordinary() && !word("withdrawal").name());
        assert!(word("yefremova").unknown());
    }

    #[test]
    fn accents_are_folded_and_other_scripts_are_not_words() {
        assert_eq!(fold("Szöllőssy"), "szollossy");
        assert_eq!(fold("Łukasz"), "lukasz");
        assert_eq!(fold("ÞÓR"), "thor");
        assert_eq!(fold("Анна"), "");
    }

    #[test]
    fn letters_tell_surnames_from_products() {
        for name in ["kaczmarek", "usamov", "chloupkova", "valbergsdottir"] {
            assert!(looks(name) > 100, "{name} {}", looks(name));
        }
        for other in ["appallicious", "binance"] {
            assert!(looks(other) < 0, "{other}");
        }
    }
}
