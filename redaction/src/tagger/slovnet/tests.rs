use super::{Slovnet, SlovnetError, SlovnetFiles, Tagger, label};
use std::path::PathBuf;

/// The folder of model files, if the one who tests has them.
#[expect(
    clippy::disallowed_methods,
    reason = "where the files lie is not a setting of the product"
)]
fn folder() -> Option<PathBuf> {
    std::env::var("TIDEWAITER_MODELS").ok().map(PathBuf::from)
}

/// The model, if its files are at hand.
fn model() -> Option<Slovnet> {
    let folder = folder()?;
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let files = SlovnetFiles {
        network: &read("slovnet_ner_news_v1.tar"),
        vectors: &read("navec_news_v1_1B_250K_300d_100q.tar"),
        words: &read("slovnet_ner_news_v1.words"),
    };
    Some(Slovnet::parse(files).unwrap())
}

/// `word<TAB>tag` lines as the Python original gives them, a blank line between texts.
#[test]
#[expect(
    clippy::print_stderr,
    reason = "who has no files must learn what was not tested"
)]
fn labels_are_those_of_the_original() {
    let Some(model) = model() else {
        eprintln!("skipped: TIDEWAITER_MODELS is not set");
        return;
    };
    let (mut words, mut wanted) = (Vec::new(), Vec::new());
    for line in include_str!("expected.tsv").lines().chain([""]) {
        if let Some((word, tag)) = line.split_once('\t') {
            words.push(word);
            wanted.push(label(tag.parse().unwrap()));
        } else {
            assert_eq!(model.tag(&words), wanted, "{words:?}");
            words.clear();
            wanted.clear();
        }
    }
}

#[test]
fn what_is_not_a_model_is_refused() {
    for bytes in [
        &b""[..],
        &[0; 512],
        &[b'x'; 2_000],
        "a\n<unk>\n<pad>".as_bytes(),
    ] {
        let files = SlovnetFiles {
            network: bytes,
            vectors: bytes,
            words: bytes,
        };
        assert!(matches!(Slovnet::parse(files), Err(SlovnetError(_))));
    }
}
