//! Scene 7: a customer pastes a seed phrase.

use crate::demo::stage::Stage;
use anyhow::Result;
use serde_json::Value;
use std::path::Path;

/// A phrase with a valid checksum that opens no wallet anybody uses (BIP-39, made for this scene).
fn phrase() -> Result<String> {
    let entropy = crate::random::bytes::<16>()?;
    let mnemonic = bip39::Mnemonic::from_entropy(&entropy)?;
    Ok(mnemonic.to_string())
}

/// Scene 7: the phrase is stored nowhere, and the customer is warned.
pub(super) async fn seed_phrase(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(7, "A seed phrase is pasted")?;
    let person = stage.house.exchange.cast().queued.clone();
    let assistant = stage.house.assistant_for(&person)?;
    let chat = stage.open_chat(&assistant, "en").await?;
    let phrase = phrase()?;
    let words: Vec<&str> = phrase.split(' ').collect();
    let (first, last) = (words.first().copied(), words.last().copied());
    stage.tell(
        "asked",
        &format!(
            "{}: “here is my wallet: {} … {} (12 words), can you check it?”",
            person.name,
            first.unwrap_or_default(),
            last.unwrap_or_default()
        ),
    )?;
    let text = format!("here is my wallet: {phrase}, can you check it?");
    let turn = stage.say(&assistant, &chat, "customer", &text).await?;
    let shown = turn.get("text").and_then(Value::as_str).unwrap_or_default();
    let warning = turn
        .get("warning")
        .and_then(Value::as_str)
        .unwrap_or_default();
    stage.tell("shown", shown)?;
    stage.tell("warned", warning)?;
    stage.expect(
        !shown.contains(&phrase) && shown.contains("SEED_PHRASE"),
        "the model does not see it",
    )?;
    stage.expect(
        !warning.is_empty(),
        "the customer is warned, in words fit to be shown",
    )?;
    stage.house.running.gateway.ledger().checkpoint().await?;
    let pairs: Vec<String> = words.windows(3).map(|three| three.join(" ")).collect();
    let mut search = Search::default();
    search.folder(&stage.house.dir, &pairs)?;
    stage.tell(
        "searched",
        &format!(
            "{} raw files, {} bytes, for any three of its words in a row: {} hits",
            search.files, search.bytes, search.hits
        ),
    )?;
    stage.expect(search.files > 5 && search.hits == 0, "it is stored nowhere")
}

#[derive(Default)]
struct Search {
    files: usize,
    bytes: usize,
    hits: usize,
}

impl Search {
    fn folder(&mut self, dir: &Path, needles: &[String]) -> Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                self.folder(&path, needles)?;
            } else {
                let bytes = std::fs::read(&path)?;
                self.files += 1;
                self.bytes += bytes.len();
                let automaton = aho_corasick::AhoCorasick::new(needles)?;
                self.hits += automaton.find_iter(&bytes).count();
            }
        }
        Ok(())
    }
}
