//! The BIP-39 word lists, all ten languages in one table.
//!
//! Source: the lists of the `bip39` crate, which are BIP-39's own. Words are found in NFKC and
//! lower case, without their accents where the list allows it (Spanish, French), and by their
//! first four letters in English, which are unique by design.
//! Limit: lists outside BIP-39 (Monero's, SLIP-39's) are not here.

use bip39::Language;
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The longest word, in characters.
pub(super) const LONGEST: usize = 10;

/// In which lists a word stands, as (language, index).
pub(super) type Places = Vec<(u8, u16)>;

/// Where `word`, in lower case, stands; empty if nowhere.
pub(super) fn places(word: &str) -> &'static [(u8, u16)] {
    TABLE.get(word).map_or(&[], Vec::as_slice)
}

/// How many languages there are; their numbers are below it.
pub(super) fn languages() -> u8 {
    u8::try_from(Language::ALL.len()).unwrap_or(0)
}

static TABLE: LazyLock<HashMap<String, Places>> = LazyLock::new(|| {
    let mut table: HashMap<String, Places> = HashMap::with_capacity(32_768);
    let mut put = |word: String, place: (u8, u16)| {
        let places = table.entry(word).or_default();
        if places.iter().all(|(language, _)| *language != place.0) {
            places.push(place);
        }
    };
    for (language, number) in Language::ALL.iter().zip(0_u8..) {
        for (word, index) in language.word_list().iter().zip(0_u16..) {
            put(word.nfkc().collect(), (number, index));
        }
    }
    // After all whole words, so that a short form never takes the place of a word.
    for (language, number) in Language::ALL.iter().zip(0_u8..) {
        for (word, index) in language.word_list().iter().zip(0_u16..) {
            if matches!(language, Language::Spanish | Language::French) {
                let plain = word.nfd().filter(|c| !is_combining_mark(*c)).collect();
                put(plain, (number, index));
            } else if *language == Language::English && word.len() > 4 {
                put(word.chars().take(4).collect(), (number, index));
            }
        }
    }
    table
});

#[cfg(test)]
mod tests {
    use super::{LONGEST, Language, TABLE, languages, places};

    #[test]
    fn every_list_is_whole() {
        for language in 0..languages() {
            let mut indices: Vec<u16> = TABLE
                .values()
                .flatten()
                .filter(|(l, _)| *l == language)
                .map(|(_, i)| *i)
                .collect();
            indices.sort_unstable();
            indices.dedup();
            assert_eq!(indices.len(), 2048);
        }
        assert_eq!(languages(), 10);
        assert!(TABLE.keys().all(|w| w.chars().count() <= LONGEST));
    }

    #[test]
    fn short_and_plain_forms_are_known() {
        let number = Language::ALL
            .iter()
            .zip(0_u8..)
            .find(|(l, _)| **l == Language::English);
        let (_, number) = number.unwrap();
        let english = |word| places(word).iter().find(|(l, _)| *l == number).copied();
        assert_eq!(english("gravity"), english("grav"));
        assert!(english("gravity").is_some());
        assert!(places("abaco").contains(&places("ábaco")[0]));
        assert!(places("qwerty").is_empty());
    }
}
