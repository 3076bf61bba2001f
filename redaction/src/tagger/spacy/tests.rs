use super::{Spacy, moves};

/// Words and the moves that the original makes, texts parted by empty lines.
const EXPECTED: &str = include_str!("expected.tsv");

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "where the files lie is not a setting of the product, and who has none must learn it"
)]
fn moves_are_those_of_the_original() {
    let Some(folder) = std::env::var("TIDEWAITER_MODELS").ok() else {
        eprintln!("skipped: TIDEWAITER_MODELS is not set");
        return;
    };
    let file = std::path::Path::new(&folder).join("en_core_web_sm_ner.msgpack");
    let spacy = Spacy::parse(&std::fs::read(file).unwrap()).unwrap();
    let (mut words, mut expected, mut texts) = (Vec::new(), Vec::new(), 0);
    for line in EXPECTED.lines().chain([""]) {
        if let Some((word, label)) = line.split_once('\t') {
            words.push(word);
            expected.push(label);
        } else {
            let made: Vec<String> = spacy.moves(&words).into_iter().map(written).collect();
            assert_eq!(made, expected, "{words:?}");
            texts += 1;
            words.clear();
            expected.clear();
        }
    }
    assert!(texts > 50);
}

fn written(made: moves::Move) -> String {
    made.map_or("O".to_owned(), |(kind, begins)| {
        format!("{}{kind}", if begins { "B" } else { "I" })
    })
}

#[test]
fn a_damaged_file_is_refused() {
    for bytes in [
        &b""[..],
        b"\x81",
        b"\x80",
        b"\x90",
        &[0xc1; 100],
        &[0xdf; 5],
    ] {
        assert!(Spacy::parse(bytes).is_err());
    }
}
