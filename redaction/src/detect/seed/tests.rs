use super::super::super::text::tests::{found, kinds};
use super::super::super::{Confidence, Kind, Known, Profile, findings};
use bip39::{Language, Mnemonic};

fn phrase(language: Language, bytes: usize) -> String {
    let entropy: Vec<u8> = (0..bytes)
        .map(|n| u8::try_from(n * 37 % 256).unwrap())
        .collect();
    Mnemonic::from_entropy_in(language, &entropy)
        .unwrap()
        .to_string()
}

#[test]
fn every_language_and_length_is_certain() {
    for language in Language::ALL {
        for bytes in [16, 20, 24, 28, 32] {
            let text = phrase(*language, bytes);
            let found = findings(&text, &Known::none(), &Profile::agent());
            assert_eq!(found.len(), 1, "{language:?} {bytes}");
            assert_eq!(found[0].kind, Kind::SeedPhrase);
            assert_eq!((found[0].start, found[0].end), (0, text.len()));
            assert_eq!(
                found[0].confidence,
                Confidence::Certain,
                "{language:?} {bytes}"
            );
        }
    }
}

const WORDS: &str =
    "gravity machine north sort system female filter attitude volume fold club stay";

#[test]
fn any_dress() {
    let words: Vec<&str> = WORDS.split(' ').collect();
    let numbered: Vec<String> = (1..)
        .zip(&words)
        .map(|(n, w)| format!("{n}. {w}"))
        .collect();
    for text in [
        WORDS.to_owned(),
        WORDS.to_uppercase(),
        words.join(", "),
        words.join("\n"),
        words.join("-"),
        words.join(" / "),
        words.join(" ").replace(" stay", " and stay"),
        (1..)
            .zip(&words)
            .map(|(n, w)| format!("word{n}={w}"))
            .collect::<Vec<_>>()
            .join(" "),
        numbered.join(" "),
        numbered.join("\n"),
        words
            .iter()
            .map(|w| w.get(..4).unwrap_or(w))
            .collect::<Vec<_>>()
            .join(" "),
        WORDS.replace('a', "а"),
    ] {
        assert_eq!(found(&text), [text.as_str()], "{text}");
    }
}

#[test]
fn typos_are_borne_where_a_phrase_is_expected() {
    let typos = WORDS.replace("north", "nroth").replace("club", "clubb");
    for text in [
        typos.clone(),
        format!("my seed phrase is {typos}"),
        format!("{typos} это моя сид-фраза"),
        format!("Meine Wiederherstellungswörter: {typos} danke"),
    ] {
        assert_eq!(kinds(&text), [Kind::SeedPhrase], "{text}");
        assert!(found(&text)[0].contains("gravity") && found(&text)[0].ends_with("stay"));
    }
    // At the ends, too.
    let ends = WORDS.replace("gravity", "gravty").replace("stay", "sttay");
    assert_eq!(found(&format!("seed phrase: {ends}")), [ends.as_str()]);
}

#[test]
fn the_context_words_stay() {
    let text = format!("here is my recovery phrase: {WORDS}. please restore");
    assert_eq!(found(&text), [WORDS]);
}

#[test]
fn a_part_of_a_phrase_right_after_its_name() {
    let part = WORDS.split(' ').take(6).collect::<Vec<_>>().join(" ");
    assert_eq!(found(&format!("seed: {part}")), [part.as_str()]);
    assert!(kinds(&part).is_empty());
}

#[test]
fn talk_is_no_phrase() {
    for text in [
        "the volume support balance market price review chart order update session trade limit page is slow",
        "I lost my seed phrase, what can I do to get access to my wallet again?",
        "Can you help me please? I would like to buy some coin and then sell it again later today",
        "Я потерял сид-фразу, помогите восстановить доступ к кошельку",
        "这是一个关于我们的交易所的问题，我想知道什么时候可以提现",
    ] {
        assert!(kinds(text).is_empty(), "{text}");
    }
}
