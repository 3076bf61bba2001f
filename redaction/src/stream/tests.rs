use super::{HELD, Segment, Stream};
use crate::text::tests::{Counter, HOSTILE, piece, pieces};
use crate::{Attribute, Entity, Kind, Known, Label, Profile, Redacted, Tagger, redact};
use proptest::prelude::*;
use std::sync::Arc;

fn known() -> Known {
    Known::new([
        (Attribute::Name, "Anna Bell"),
        (Attribute::Name, "Иванов Пётр"),
        (Attribute::Email, "anna.bell90@mail.example"),
        (Attribute::Phone, "+7 (999) 123-45-67"),
        (Attribute::Uid, "U-77412"),
        (Attribute::Address, "12 High Street London"),
        (Attribute::Address, "г. Москва, ул. Ленина, д. 10, кв. 5"),
        (Attribute::BirthDate, "1990-05-17"),
        (Attribute::Document, "45 12 345678"),
    ])
}

/// Calls a person whatever is written with a capital beside a word of four letters.
#[derive(Debug)]
struct Four(&'static [&'static str]);

impl Tagger for Four {
    fn name(&self) -> &'static str {
        "four"
    }

    fn languages(&self) -> &'static [&'static str] {
        self.0
    }

    fn tag(&self, words: &[&str]) -> Vec<Label> {
        let four = |n: usize| words.get(n).is_some_and(|w| w.chars().count() == 4);
        let label = |(n, word): (usize, &&str)| {
            let capital = word.starts_with(char::is_uppercase);
            match word.len() % 5 {
                0 => Label::Begin(Entity::Place),
                _ if capital && (four(n + 1) || n > 1 && four(n - 2)) => {
                    Label::Begin(Entity::Person)
                }
                _ => Label::Outside,
            }
        };
        words.iter().enumerate().map(label).collect()
    }
}

fn profiles() -> [Profile; 3] {
    let tagged = Profile::agent().with(Arc::new(Four(&["en"])));
    let tagged = tagged.with(Arc::new(Four(&["ru"])));
    [Profile::agent(), Profile::assistant(), tagged]
}

fn whole(text: &str, profile: &Profile) -> Redacted {
    redact(text, &known(), profile, &mut Counter::default())
}

/// What a stream gives for `text` cut at `cuts`; what left must be a beginning of the whole.
fn streamed(text: &str, cuts: &[usize], profile: &Profile) -> Segment {
    let whole = whole(text, profile);
    let mut stream = Stream::new(Arc::new(known()), profile.clone());
    let mut numbers = Counter::default();
    let mut out = Segment::default();
    let mut at = 0;
    for to in cuts.iter().copied().chain([text.len()]) {
        add(
            &mut out,
            stream.push(&text.as_bytes()[at..to], &mut numbers),
        );
        at = to;
        assert!(
            out.withheld || whole.text.starts_with(&out.text),
            "{text:?} {cuts:?}: {}",
            out.text
        );
        assert!(stream.held() <= HELD + super::STEP);
        // What is read again with every piece is bounded, so the work is linear.
        assert!(stream.text.len() <= HELD + super::CONTEXT + super::STEP);
    }
    add(&mut out, stream.finish(&mut numbers));
    out
}

fn add(out: &mut Segment, next: Segment) {
    out.text.push_str(&next.text);
    out.sealable.push(&next.sealable);
    out.findings.extend(next.findings);
    out.placeholders.extend(next.placeholders);
    out.forbidden.extend(next.forbidden);
    out.asks = out.asks.take().or(next.asks);
    out.withheld |= next.withheld;
}

/// With one of the profiles in turn.
fn assert_same(text: &str, cuts: &[usize]) {
    let turn = text.len() + cuts.len() + cuts.first().unwrap_or(&0);
    for profile in profiles().into_iter().skip(turn % 3).take(1) {
        let (whole, split) = (whole(text, &profile), streamed(text, cuts, &profile));
        if !split.withheld {
            assert_eq!(split.text, whole.text, "{text:?} {cuts:?}");
            assert_eq!(split.sealable, whole.sealable);
            assert_eq!(split.findings, whole.findings);
            assert_eq!(split.placeholders, whole.placeholders);
            assert_eq!(split.forbidden, whole.forbidden);
        }
    }
}

/// Texts in which much depends on what comes later.
const TEXTS: &[&str] = &[
    "hi, I am Anna Bell, mail a@b.cd, seed legal winner thank year wave sausage worth useful legal winner thank yellow ok?",
    "my password is hunter2! and 4821 is my SMS code, then 912803456 is my passport",
    "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262 is my private key, and 12 High Street London is where",
    "пароль от аккаунта Kotik1988! и код из смс 48 21 33, карта 4012 8888 8888 1881 12/27 123 é 语言 🔥",
    "ivan (at) mail (dot) ru, call +7 (999) 123-45-67 ext. 12 or 8 916 123 45 67 tomorrow, born May 17, 1990",
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp\n-----END PRIVATE KEY----- and [EMAIL_7] too",
    "Hi, my name is Gretchen Vasquez-Moreno, my wife is maria lopez. Kónya, Becker and Vasquez came; Gretchen said so. Best regards,\nJ. R. Hartley",
    "ship to 14 Crown Street, Flat 2, Leeds LS1 4AP, United Kingdom, or to P.O. Box 77, Corner of Hill Road and Main Street, then apt. 5 please.",
    "Меня зовут Шамсиддин Каримов, жена Ольга Викторовна. Пишет Каримов: живу ул. Красных Партизан, д. 5, кв. 12, Самара. Потом Каримову верните.",
    "born seventeenth of May nineteen ninety, mail anna dot bell90 at mail dot example, паспорт серия 45 12 номер 345678, москва ленина 10 кв 5, Анну Белл и Иванова П.",
    "I AM ANNA BELL AND MY FRIEND IS JOHN SMITH WHO LIVES IN LONDON AT 12 HIGH STREET. ok thanks, Bell or annabell90 or A. Bell, uid u 77412.",
];

#[test]
fn every_cut_in_two_gives_the_whole() {
    for text in TEXTS {
        for at in 0..=text.len() {
            assert_same(text, &[at]);
        }
        let each: Vec<usize> = (0..text.len()).collect();
        assert_same(text, &each);
    }
}

#[test]
fn plain_words_are_not_held_long() {
    let text = "Your withdrawal is on its way and will be there within the hour. ".repeat(40);
    let mut stream = Stream::new(Arc::new(Known::none()), Profile::assistant());
    for byte in text.bytes() {
        stream.push(&[byte], &mut Counter::default());
        assert!(stream.held() <= 64, "{}", stream.held());
    }
}

#[test]
fn hostile_text_gives_the_whole_or_is_withheld_within_bounds() {
    for unit in HOSTILE {
        let text = unit.repeat(700 / unit.len() + 1);
        let cuts: Vec<usize> = (0..text.len()).step_by(83).collect();
        assert_same(&text, &cuts);
    }
    for unit in ["1 ", "zoo ", "[1,", "a", "password: "] {
        let text = unit.repeat(18_000 / unit.len());
        let cuts: Vec<usize> = (0..text.len()).step_by(4_001).collect();
        assert_same(&text, &cuts);
    }
}

#[test]
fn a_key_without_an_end_is_withheld_and_so_is_the_rest() {
    let text = format!(
        "see -----BEGIN PRIVATE KEY-----\n{}",
        "MC4CAQAw\n".repeat(4_000)
    );
    let mut stream = Stream::new(Arc::new(Known::none()), Profile::assistant());
    let mut out = stream.push(text.as_bytes(), &mut Counter::default());
    add(
        &mut out,
        stream.push(b"\nand so on", &mut Counter::default()),
    );
    assert!(out.withheld && stream.held() == 0);
    add(&mut out, stream.finish(&mut Counter::default()));
    assert_eq!(out.text.trim_start_matches("see "), "[REST REMOVED, long]");
    assert_eq!(out.sealable.as_str(), out.text);
}

#[test]
fn a_guarded_stream_ends_before_the_sentence_that_asks() {
    let text = "Thank you. Your account is safe. To go on, please send me your seed phrase here. Then we can proceed.";
    for step in [1, 3, 7, 200] {
        let mut stream = Stream::new(Arc::new(Known::none()), Profile::assistant()).guarded();
        let mut out = Segment::default();
        for piece in text.as_bytes().chunks(step) {
            add(&mut out, stream.push(piece, &mut Counter::default()));
        }
        add(&mut out, stream.finish(&mut Counter::default()));
        assert_eq!(out.text, "Thank you. Your account is safe. ", "{step}");
        let asks = out.asks.unwrap();
        assert_eq!(asks.kind, Kind::SeedPhrase);
        assert!(text.get(asks.sentence).unwrap().starts_with("To go on"));
    }
}

#[test]
fn a_guarded_stream_lets_a_warning_pass() {
    let text =
        "Never share your seed phrase with anybody. We will not ask for it! Is there anything else";
    let mut stream = Stream::new(Arc::new(Known::none()), Profile::assistant()).guarded();
    let mut out = Segment::default();
    for byte in text.bytes() {
        add(&mut out, stream.push(&[byte], &mut Counter::default()));
        assert!(stream.held() <= 512);
    }
    add(&mut out, stream.finish(&mut Counter::default()));
    assert_eq!((out.text.as_str(), out.asks), (text, None));
}

#[test]
fn a_sentence_without_an_end_asks_for_nothing_either() {
    let text = format!(
        "so {}please send me your seed phrase",
        "first we look at it, ".repeat(60)
    );
    assert!(crate::request(&text).is_some());
    let mut stream = Stream::new(Arc::new(Known::none()), Profile::assistant()).guarded();
    let mut out = Segment::default();
    for byte in text.bytes() {
        add(&mut out, stream.push(&[byte], &mut Counter::default()));
        assert!(stream.held() <= 600);
    }
    add(&mut out, stream.finish(&mut Counter::default()));
    assert!(out.asks.is_some() && !out.text.contains("send me"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_cuts_give_the_whole(text in pieces(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|c| c.index(text.len() + 1)).collect();
        cuts.sort_unstable();
        assert_same(&text, &cuts);
    }

    /// Long enough that what left is forgotten.
    #[test]
    fn long_texts_give_the_whole(pieces in proptest::collection::vec(piece(), 20..60), step in 1..400_usize) {
        let text = pieces.join(" and so it goes ");
        let cuts: Vec<usize> = (0..text.len()).step_by(step.max(40)).collect();
        assert_same(&text, &cuts);
    }
}

/// With the models themselves, where they are.
#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the models are where the environment says"
)]
fn every_cut_gives_the_whole_with_a_model() {
    let Some(folder) = std::env::var("TIDEWAITER_MODELS").ok() else {
        eprintln!("skipped: TIDEWAITER_MODELS is not set");
        return;
    };
    let file = std::path::Path::new(&folder).join("en_core_web_sm_ner.msgpack");
    let spacy = crate::Spacy::parse(&std::fs::read(file).unwrap()).unwrap();
    let profile = Profile::agent().with(Arc::new(spacy));
    for text in TEXTS {
        let whole = whole(text, &profile);
        for at in (0..=text.len()).step_by(3) {
            let split = streamed(text, &[at], &profile);
            assert_eq!(split.text, whole.text, "{text:?} {at}");
        }
    }
}
