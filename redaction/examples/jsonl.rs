//! Detection over lines of JSON with the types of the public test sets, to be scored:
//! `cargo run --release -p tidewaiter-redaction --example jsonl -- [--models DIR] < texts.jsonl`.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use tidewaiter_redaction::{Known, Names, Profile, Slovnet, SlovnetFiles, Spacy, redact_jsonl};

fn main() -> Result<(), Box<dyn Error>> {
    let mut profile = Profile::agent();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--models" {
            let folder = PathBuf::from(arguments.next().ok_or("--models needs a folder")?);
            let read = |name: &str| std::fs::read(folder.join(name));
            if let Ok(model) = read("en_core_web_sm_ner.msgpack") {
                profile = profile.with(Arc::new(Spacy::parse(&model)?));
            }
            let Ok(network) = read("slovnet_ner_news_v1.tar") else {
                continue;
            };
            let files = SlovnetFiles {
                network: &network,
                vectors: &read("navec_news_v1_1B_250K_300d_100q.tar")?,
                words: &read("slovnet_ner_news_v1.words")?,
            };
            profile = profile.with(Arc::new(Slovnet::parse(files)?));
        }
    }
    let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
    redact_jsonl(
        input,
        output,
        Names::Gold,
        &Known::none(),
        &profile,
        &[0; 32],
    )?;
    Ok(())
}
