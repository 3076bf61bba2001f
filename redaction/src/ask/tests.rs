use super::{judged, request};
use crate::Kind;
use crate::normal::Normal;
use crate::scan::Scan;
use proptest::prelude::*;
use ring::digest;

const CORPUS: [(&str, &str); 3] = [
    ("en", include_str!("corpus/en.tsv")),
    ("ru", include_str!("corpus/ru.tsv")),
    ("de", include_str!("corpus/de.tsv")),
];

/// Three sentences in ten, by hash, are kept apart from those the rules were tuned on.
fn kept_apart(sentence: &str) -> bool {
    let digest = digest::digest(&digest::SHA256, sentence.as_bytes());
    digest.as_ref().first().is_some_and(|b| b % 10 < 3)
}

/// Requests, those found, other sentences, those stopped, of one language and part.
fn figures(corpus: &str, apart: bool) -> [usize; 4] {
    let mut counts = [0; 4];
    for line in corpus.lines() {
        let (label, sentence) = line.split_once('\t').unwrap();
        if kept_apart(sentence) == apart {
            let first = if label == "ask" { 0 } else { 2 };
            counts[first] += 1;
            counts[first + 1] += usize::from(request(sentence).is_some());
        }
    }
    counts
}

/// A rule that changes these figures changes what customers are shown.
#[test]
fn requests_are_stopped_and_guidance_is_not() {
    let mut table = String::new();
    for (language, corpus) in CORPUS {
        for (part, apart) in [("tuned", false), ("apart", true)] {
            let [asking, found, other, stopped] = figures(corpus, apart);
            let line =
                format!("{language} {part}: {found}/{asking} stopped, {stopped}/{other} wrongly\n");
            table.push_str(&line);
        }
    }
    insta::assert_snapshot!(table, @r"
    en tuned: 152/153 stopped, 0/145 wrongly
    en apart: 67/69 stopped, 0/74 wrongly
    ru tuned: 148/149 stopped, 0/147 wrongly
    ru apart: 62/68 stopped, 0/65 wrongly
    de tuned: 37/37 stopped, 0/37 wrongly
    de apart: 12/13 stopped, 0/13 wrongly
    ");
}

#[test]
fn what_is_asked_for_is_named() {
    for (text, kind) in [
        ("Please send me your seed phrase.", Kind::SeedPhrase),
        ("пришлите приватный ключ", Kind::PrivateKey),
        ("Wie lautet Ihr Passwort?", Kind::Password),
        ("what is your PIN?", Kind::Password),
        ("назовите код из смс", Kind::Otp),
        ("May I have the CVV?", Kind::Cvv),
        ("Post your API secret here.", Kind::ApiKey),
    ] {
        assert_eq!(request(text).map(|r| r.kind), Some(kind), "{text}");
    }
}

#[test]
fn our_own_warnings_pass() {
    use crate::{Language, warning};
    for language in [Language::English, Language::Russian, Language::German] {
        for kind in Kind::ALL {
            let warning = warning(kind, language);
            assert_eq!(request(warning), None, "{warning}");
        }
    }
}

#[test]
fn disguises_do_not_help() {
    for text in [
        "Plеase sеnd me your sееd phrаse",
        "Send\u{200b} me your pass\u{ad}word",
        "ＳＥＮＤ ＭＥ ＹＯＵＲ ＰＡＳＳＷＯＲＤ",
        "Thank you for waiting. Your deposit is there. By the way, what is your password?",
    ] {
        assert!(request(text).is_some(), "{text}");
    }
    let text = "Hello. Please send me your password. Bye.";
    let asked = request(text).unwrap();
    assert_eq!(
        text.get(asked.sentence).unwrap(),
        "Please send me your password"
    );
}

fn work(text: &str) -> usize {
    let normal = Normal::new(text);
    let scan = Scan::new(&normal);
    judged(&scan);
    scan.work()
}

#[test]
fn work_grows_with_the_text_and_no_faster() {
    for pattern in [
        "pin ",
        "code ",
        "please ",
        "your code ",
        "never send code ",
        "if you ",
        "what is your ",
        "не ",
        "код ",
        "и код, ",
        "send if code ",
        "you ",
        "we need not your pin ",
        "it ",
        "tell it ",
        "a, ",
        "x. ",
        "нужен ли код ",
        "please please please please code ",
        "scammers say ",
        "by the code here ",
        "bitte Sie nicht Code ",
    ] {
        for tail in ["", "?", "code code code"] {
            let text = |n: usize| format!("{}{tail}", pattern.repeat(n));
            let (small, large) = (work(&text(500)), work(&text(2_000)));
            assert!(large <= small * 5, "{pattern}: {small} {large}");
            assert!(large <= text(2_000).len() * 1_500, "{pattern}: {large}");
        }
    }
    // Many small words, then many secrets.
    let text = |n: usize| format!("{}{}", "please ".repeat(n), "code ".repeat(n));
    assert!(work(&text(4_000)) <= work(&text(1_000)) * 5);
}

proptest! {
    #[test]
    fn any_text_is_judged(text in "\\PC{0,80}", words in proptest::collection::vec(prop_oneof![
        Just("send"), Just("me"), Just("your"), Just("password"), Just("never"), Just("код"), Just("пришлите"),
        Just("?"), Just("."), Just(","), Just("it"), Just("what"), Just("is"), Just("geben"), Just("Sie"),
    ], 0..40)) {
        if let Some(asked) = request(&format!("{text} {}", words.join(" "))) {
            prop_assert!(asked.sentence.start <= asked.sentence.end);
        }
    }
}
