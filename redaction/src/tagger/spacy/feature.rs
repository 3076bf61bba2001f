//! What the network sees of a word: four strings, hashed.
//!
//! The word's norm, first letter, last three letters and shape, each as spaCy's string store
//! hashes it (`MurmurHash64A` with seed 1); a table's four rows by the 128-bit hash of that with the
//! table's seed. Both checked against the original's values.
//! Limit: of spaCy's norms only the signs are here, not its 3,500 spellings and abbreviations.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The four hashes of a word.
pub(super) fn features(word: &str) -> [u64; 4] {
    let lower;
    let norm = if let Some(norm) = sign(word) {
        norm
    } else {
        lower = word.to_lowercase();
        &lower
    };
    let first = word.char_indices().nth(1).map_or(word.len(), |(at, _)| at);
    let last = word.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    [
        string(norm),
        string(word.get(..first).unwrap_or_default()),
        string(word.get(last..).unwrap_or_default()),
        string(&shape(word)),
    ]
}

/// The norms of signs.
fn sign(word: &str) -> Option<&'static str> {
    Some(match word {
        "'s" | "'S" | "’s" | "’S" => "'s",
        "’" | "‘" | "´" | "`" => "'",
        "”" | "“" | "''" | "``" | "´´" | "„" | "»" | "«" | "‘‘" | "’’" => "\"",
        "？" => "?",
        "！" => "!",
        "，" => ",",
        "；" => ";",
        "：" => ":",
        "。" | "।" => ".",
        "…" => "...",
        "—" | "–" | "--" | "---" | "——" => "-",
        "€" | "£" | "¥" | "฿" | "US$" | "C$" | "A$" | "₺" | "₹" | "৳" | "₩" | "Mex$" | "₣"
        | "E£" => "$",
        _ => return None,
    })
}

/// `Xxxx`, `dd-dd`: at most four of a kind in a row.
fn shape(word: &str) -> String {
    if word.chars().count() >= 100 {
        return "LONG".to_owned();
    }
    let mut out = String::with_capacity(word.len());
    let (mut last, mut row) = ('\0', 0);
    for c in word.chars() {
        let kind = match c {
            _ if c.is_alphabetic() && c.is_uppercase() => 'X',
            _ if c.is_alphabetic() => 'x',
            _ if c.is_ascii_digit() => 'd',
            _ => c,
        };
        row = if kind == last { row + 1 } else { 0 };
        last = kind;
        if row < 4 {
            out.push(kind);
        }
    }
    out
}

/// The rows of a table of `rows` that `key` stands for.
pub(super) fn rows(key: u64, seed: u64, rows: u64) -> [u64; 4] {
    let mut a = key.wrapping_mul(0x87c3_7b91_1142_53d5).rotate_left(31);
    a = a.wrapping_mul(0x4cf5_ad43_2745_937f) ^ seed ^ 8;
    let mut b = seed ^ 8;
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    a = mixed(a);
    b = mixed(b);
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    let low = 0xffff_ffff;
    [a & low, a >> 32, b & low, b >> 32].map(|h| h % rows.max(1))
}

fn mixed(mut h: u64) -> u64 {
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

/// The strings that spaCy numbers itself: names of its labels, and among them words like "agent".
static SYMBOLS: LazyLock<HashMap<&'static str, u64>> = LazyLock::new(|| {
    let lines = include_str!("symbol.txt").lines();
    lines
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, number)| Some((name, number.parse().ok()?)))
        .collect()
});

/// `MurmurHash64A`, seed 1; the empty string is 0.
fn string(text: &str) -> u64 {
    const M: u64 = 0xc6a4_a793_5bd1_e995;
    if text.is_empty() {
        return 0;
    }
    if let Some(number) = SYMBOLS.get(text) {
        return *number;
    }
    let length = u64::try_from(text.len()).unwrap_or(0);
    let mut h = 1 ^ length.wrapping_mul(M);
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0_u64, |n, b| (n << 8) | u64::from(*b))
    };
    let whole = text.as_bytes().chunks_exact(8);
    let rest = whole.remainder();
    for eight in whole {
        let mut k = word(eight).wrapping_mul(M);
        k = (k ^ (k >> 47)).wrapping_mul(M);
        h = (h ^ k).wrapping_mul(M);
    }
    if !rest.is_empty() {
        h = (h ^ word(rest)).wrapping_mul(M);
    }
    h = (h ^ (h >> 47)).wrapping_mul(M);
    h ^ (h >> 47)
}

#[cfg(test)]
mod tests {
    use super::{features, rows, shape, string};

    #[test]
    fn hashes_are_those_of_the_original() {
        assert_eq!(string("hello"), 5_983_625_672_228_268_878);
        assert_eq!(string("Anna"), 10_846_488_766_732_760_801);
        let wide = u64::from(u32::MAX) + 1;
        assert_eq!(
            rows(12_345_678_901_234_567, 8, wide),
            [1_519_880_696, 3_764_588_297, 132_337_396, 3_499_398_798]
        );
    }

    #[test]
    fn shapes_are_those_of_the_original() {
        for (word, expected) in [
            ("Anna", "Xxxx"),
            ("USDT", "XXXX"),
            ("x1y2", "xdxd"),
            ("d-M", "x-X"),
            ("McDonald", "XxXxxxx"),
            ("12345678", "dddd"),
        ] {
            assert_eq!(shape(word), expected);
        }
        let [_, first, last, _] = features("Ünal");
        assert_eq!((first, last), (string("Ü"), string("nal")));
    }
}
