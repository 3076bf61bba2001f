//! One spelling for a name in any alphabet: what transliterations of it have in common.
//!
//! Every letter, or group of letters that spells one sound, becomes one symbol; the many Latin
//! ways to write a Russian sound (ICAO 9303, GOST 7.79, ISO 9, BGN, and what people type) become
//! the same: `Yuliya`, `Iuliia`, `Julia` and `Юлия` are `iulia`. Marks are dropped, a doubled
//! letter is one, `ie` is `e`. What can be read in two ways is read in both ([`Reading`]).
//! Two names may share a skeleton (`Victor` and `Viktor` should); few that people bear do.
//! Symbols: `w` is sh, `4` ch, `3` zh, `c` ts.
//! Limits: Cyrillic and Latin only; French spellings of Russian sounds are not read.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use zeroize::Zeroizing;

/// The longest word that is looked at, in characters.
pub(super) const LONGEST: usize = 40;

/// How letters of two readings are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// `ё` as `e`; `x` as in Max, `j` as in Sergej, `c` as in Victor.
    Plain,
    /// `ё` as `io`; `x` as in Mixail, `j` as in Jukov, `c` as in Cvetkov; `yo` as the `e` that
    /// stands for it in careless Russian; marks as ISO 9 has them.
    Other,
}

/// Whether `word` has another reading.
pub(super) fn ambiguous(word: &str) -> bool {
    word.contains(['ё', 'x', 'j', 'c'])
        || word.contains("yo")
        || word.contains("io")
        || word.contains("ee")
        || word.contains("oo")
        || word.chars().any(|c| !c.is_ascii() && !is_cyrillic(c))
}

/// Whether `c` is a lower-case Cyrillic letter.
pub(super) fn is_cyrillic(c: char) -> bool {
    ('а'..='ѿ').contains(&c) || c == 'ґ'
}

/// The skeleton of a lower-case word.
pub(super) fn skeleton(word: &str, reading: Reading) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(word.len() + 8));
    write(word, reading, &mut out);
    out
}

/// Puts the skeleton of a lower-case word into `out`, which is emptied.
pub(super) fn write(word: &str, reading: Reading, out: &mut String) {
    out.clear();
    let word = match word.char_indices().nth(LONGEST) {
        Some((cut, _)) => word.get(..cut).unwrap_or(word),
        None => word,
    };
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        if c.is_ascii() {
            let (taken, symbols) = latin(rest, reading);
            len = taken;
            extend(out, symbols);
        } else if let Some(symbols) = cyrillic(c, rest, reading) {
            extend(out, symbols);
        } else if let Some(symbols) = marked(c, reading) {
            // "šč" is one letter.
            if !(c == 'č' && out.ends_with('w')) {
                extend(out, symbols);
            }
        } else {
            for plain in c.nfd().filter(|c| !is_combining_mark(*c)) {
                push(out, plain);
            }
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    // "Sokoloff"
    if word.ends_with("off") || word.ends_with("eff") {
        out.pop();
        out.push('v');
    }
}

/// Adds an ending, in symbols, to a skeleton.
pub(super) fn extend(out: &mut String, symbols: &str) {
    for c in symbols.chars() {
        push(out, c);
    }
}

/// Adds a symbol; what is doubled is one, `ie` is `e`.
fn push(out: &mut String, c: char) {
    if c == 'e' && out.ends_with('i') {
        out.pop();
    }
    // The digits of a number are all its own.
    if c.is_ascii_digit() || !out.ends_with(c) {
        out.push(c);
    }
}

fn cyrillic(c: char, rest: &str, reading: Reading) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'ё' if reading == Reading::Other => "io",
        'е' | 'ё' | 'э' | 'є' => "e",
        'ж' => "3",
        'з' => "z",
        'и' | 'й' | 'ы' | 'і' | 'ї' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' => "u",
        'ф' => "f",
        'х' => "h",
        'ц' => "c",
        'ч' => "4",
        'ш' | 'щ' => "w",
        'ю' => "iu",
        'я' => "ia",
        'ь' | 'ъ' => {
            let vowel = rest.chars().nth(1).is_some_and(|n| "еёоуыэюяи".contains(n));
            if vowel { "i" } else { "" }
        }
        _ => return None,
    })
}

/// The letters of one sound at the front of `rest`: how many, and their symbols.
fn latin(rest: &str, reading: Reading) -> (usize, &'static str) {
    let first = rest.bytes().next().unwrap_or_default();
    // Most letters begin no group; the loop below is what a text costs.
    if !b"stczkpxyjieo".contains(&first) {
        return (1, letter(first));
    }
    let groups = GROUPS.iter().chain(match reading {
        Reading::Plain => PLAIN,
        Reading::Other => OTHER,
    });
    for (letters, symbols) in groups {
        if rest.starts_with(letters) {
            return (letters.len(), symbols);
        }
    }
    (1, letter(first))
}

fn letter(byte: u8) -> &'static str {
    let at = byte.checked_sub(b'0').map(usize::from);
    at.and_then(|at| LETTERS.get(at..=at)).unwrap_or_default()
}

/// What each ASCII character from `0` to `z` is alone.
const LETTERS: &str =
    "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abkdefghiiklmnopkrstuvvhiz";

/// The first that fits, from the left.
const GROUPS: &[(&str, &str)] = &[
    ("shch", "w"),
    ("sch", "w"),
    ("shh", "w"),
    ("sh", "w"),
    ("tch", "4"),
    ("ch", "4"),
    ("zh", "3"),
    ("kh", "h"),
    ("ts", "c"),
    ("tz", "c"),
    ("ck", "k"),
    ("ph", "f"),
    ("th", "t"),
];
const PLAIN: &[(&str, &str)] = &[("x", "ks"), ("ce", "se"), ("ci", "si"), ("cy", "si")];
const OTHER: &[(&str, &str)] = &[
    ("ee", "i"),
    ("oo", "u"),
    ("yo", "e"),
    ("jo", "e"),
    ("io", "e"),
    ("x", "h"),
    ("j", "3"),
    ("cz", "c"),
    ("c", "c"),
];

fn marked(c: char, reading: Reading) -> Option<&'static str> {
    let other = reading == Reading::Other;
    Some(match c {
        'ž' => "3",
        'š' | 'ŝ' | 'ş' => "w",
        'č' | 'ć' => "4",
        'û' | 'ü' if other => "iu",
        'â' if other => "ia",
        'ë' if other => "io",
        'ö' | 'ä' if other => "e",
        'ß' => "s",
        'ł' => "l",
        'ø' => "o",
        'æ' => "e",
        _ => return None,
    })
}

/// A digest of a skeleton, for tables that are to hold no names.
pub(super) fn digest(text: &str) -> u64 {
    text.bytes().fold(OFFSET, step)
}

/// One byte more of a [`digest`].
pub(super) fn step(hash: u64, byte: u8) -> u64 {
    // FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>.
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The [`digest`] of nothing.
pub(super) const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

#[cfg(test)]
mod tests {
    use super::{Reading, skeleton};

    #[test]
    fn spellings_of_one_name_agree() {
        for names in [
            &["Юлия", "Yuliya", "Iuliia", "Julia", "Yulia"][..],
            &[
                "Дмитрий",
                "Dmitry",
                "Dmitrii",
                "Dmitriy",
                "Dmitri",
                "Dmitrij",
            ],
            &["Евгений", "Yevgeny", "Evgenii", "Evgeniy", "Yevgeniy"],
            &["Щукин", "Shchukin", "Schukin", "Shhukin"],
            &["Хабаров", "Khabarov", "Habarov"],
            &["Цой", "Tsoy", "Tzoi", "Tsoi"],
            &["Александр", "Aleksandr", "Alexandr"],
            &["Мария", "Maria", "Mariya", "Mariia", "Marija"],
            &["Müller", "Muller", "Mуллер"],
            &["Соловьев", "Solovyev", "Soloviev"],
            &["Виктор", "Viktor", "Victor"],
            &["Анна", "Anna", "Ana"],
            &["Жанна", "Zhanna", "Žanna"],
            &["Смит", "Smith"],
        ] {
            let first = skeleton(&names[0].to_lowercase(), Reading::Plain);
            for name in names {
                let same = skeleton(&name.to_lowercase(), Reading::Plain);
                assert_eq!(same, first, "{name}");
            }
        }
    }

    #[test]
    fn what_has_two_readings_has_both() {
        for (one, other) in [
            ("фёдор", "fiodor"),
            ("mixail", "mihail"),
            ("jukov", "3ukov"),
            ("cvetkov", "cvetkov"),
            ("semyon", "semen"),
            ("müller", "miuler"),
        ] {
            assert_eq!(*skeleton(one, Reading::Other), other);
        }
    }
}
