//! What holds for every text: these stand in for a fuzzer, with many seeds.

use proptest::prelude::*;
use tidewaiter_redaction::{
    Attribute, Known, Numbering, Profile, Redacted, code_points, never_stored, redact,
};

const VALUES: [(Attribute, &str); 9] = [
    (Attribute::Name, "Щербакова Юлия Сергеевна"),
    (Attribute::Name, "William Henry Thornton"),
    (Attribute::Email, "anna.bell@mail.example"),
    (Attribute::Phone, "+79261234502"),
    (Attribute::Uid, "U-77412"),
    (Attribute::BirthDate, "1990-05-17"),
    (Attribute::Document, "4510 223452"),
    (
        Attribute::Address,
        "742 Evergreen Terrace, Apt 3, Springfield, IL 62704",
    ),
    (
        Attribute::Address,
        "420111, г. Казань, ул. Баумана, д. 7, кв. 18",
    ),
];

/// What must be gone whatever stands around it, between spaces.
const MENTIONS: [&str; 22] = [
    "Юлией Щербаковой",
    "Щербаковой Ю.С.",
    "Yuliya Shcherbakova",
    "Bill Thornton",
    "anna.bell@mail.example",
    "anna dot bell at mail dot example",
    "анна точка белл собака мейл точка example",
    "+7 (926) 123-45-02",
    "8 926 123 45 02",
    "U-77412",
    "17th of May, ninety",
    "семнадцатого мая тысяча девятьсот девяностого",
    "17.05.1990",
    "45 10 № 223452",
    "742 Evergreen Ter., #3",
    "ул. Баумана, д. 7, кв. 18",
    "4012 8888 8888 1881",
    "DE89 3704 0044 0532 0130 00",
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "someone@else.example",
    "+1 415 555 0132",
];

fn known() -> Known {
    Known::new(VALUES)
}

fn run(text: &str, profile: &Profile) -> Redacted {
    redact(text, &known(), profile, &mut Numbering::new(&[7; 32]))
}

/// Plain words of both languages, with signs.
fn filler() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("please"),
        Just("my"),
        Just("withdrawal"),
        Just("and"),
        Just("then"),
        Just("check"),
        Just("пожалуйста"),
        Just("мой"),
        Just("вывод"),
        Just("и"),
        Just("потом"),
        Just("проверьте"),
        Just("OK"),
        Just("Это"),
        Just("The"),
        Just("—"),
        Just("USDT"),
        Just("?"),
        Just("..."),
        Just("\n"),
    ];
    proptest::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

fn any_text() -> impl Strategy<Value = String> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    let mention = proptest::sample::select(&MENTIONS[..]).prop_map(str::to_owned);
    let piece = prop_oneof![
        mention,
        "\\PC{0,12}",
        any::<String>(),
        Just("\u{200b}".to_owned()),
        Just("[NAME_1]".to_owned()),
        "[а-яА-Я0-9.,' -]{0,16}",
        "[a-zA-Z0-9.,'@ -]{0,16}",
    ];
    prop_oneof![
        bytes.prop_map(|b| String::from_utf8_lossy(&b).into_owned()),
        any::<String>(),
        proptest::collection::vec(piece, 0..8).prop_map(|p| p.concat()),
    ]
}

/// Letters and digits alone, for a look at what is left.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_panics_and_spans_are_in_order(text in any_text()) {
        let redacted = run(&text, &Profile::agent());
        let mut at = 0;
        for finding in &redacted.findings {
            prop_assert!(finding.start >= at && finding.start < finding.end);
            prop_assert!(text.get(finding.start..finding.end).is_some());
            prop_assert!(!finding.reason.is_empty() && !finding.detector.is_empty());
            at = finding.end;
        }
        prop_assert_eq!(code_points(&text, &redacted.findings).len(), redacted.placeholders.len());
        let (sealable, _) = never_stored(&text);
        prop_assert!(sealable.as_str().len() <= text.len() + redacted.findings.len() * 40 + 40);
    }

    #[test]
    fn output_is_bounded(text in any_text()) {
        let redacted = run(&text, &Profile::agent());
        prop_assert!(redacted.findings.len() <= text.len() / 2 + 1);
        prop_assert!(redacted.text.len() <= text.len() + redacted.findings.len() * 40);
    }

    /// Every letter and digit of a mention lies in a finding.
    #[test]
    fn no_character_of_a_mention_leaves(
        before in filler(),
        mention in proptest::sample::select(&MENTIONS[..]),
        after in filler(),
    ) {
        let text = format!("{before} {mention} {after}");
        let redacted = run(&text, &Profile::agent());
        let (start, end) = (before.len() + 1, before.len() + 1 + mention.len());
        let mut left: Vec<char> = Vec::new();
        for (at, c) in mention.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
            let at = start + at;
            if !redacted.findings.iter().any(|f| f.start <= at && at < f.end) {
                left.push(c);
            }
        }
        prop_assert!(left.is_empty(), "{:?} of {} in {} ({}..{})", left, mention, redacted.text, start, end);
        prop_assert!(!squeezed(&redacted.text).contains(&squeezed(mention)));
    }

    #[test]
    fn a_redacted_text_stays_as_it_is(
        pieces in proptest::collection::vec((filler(), proptest::sample::select(&MENTIONS[..])), 1..5),
    ) {
        let between = "\n\nAnd so it went on, as it does on such days, with little said by either of them.";
        let mut text = String::new();
        for (words, mention) in &pieces {
            text.extend([words, " ", mention, " ", &between.repeat(4), "\n\n"]);
        }
        let once = run(&text, &Profile::agent()).text;
        let twice = run(&once, &Profile::assistant()).text;
        prop_assert_eq!(twice, once);
    }
}
