use super::{Label, Slovnet, SlovnetError, SlovnetFiles, Tagger, label};
use crate::tagger::token;
use std::path::PathBuf;

/// The folder of model files, if the one who tests has them.
#[expect(
    clippy::disallowed_methods,
    reason = "where the files lie is not a setting of the product"
)]
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var("TIDEWAITER_MODELS").ok().map(PathBuf::from)
}

/// The model, if its files are at hand.
pub(crate) fn model() -> Option<Slovnet> {
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
