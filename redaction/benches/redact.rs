//! How fast free text is redacted, with and without models.
//!
//! `cargo bench -p tidewaiter-redaction -- --data DIR [--models DIR]`: for every `.jsonl` of the
//! folder texts and bytes a second on one thread, and for turns of 2 kB cut from it the median and
//! the 99th percentile. Each text counts with the best of some passes, which leaves out what else
//! the machine does: without a model, with one that is made anew for every pass ("new to it"), and
//! with one that has seen the words before.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidewaiter_redaction::{Known, Numbering, Profile, Slovnet, SlovnetFiles, Spacy, redact};

/// Bytes of a long turn.
const TURN: usize = 2_048;

#[derive(serde::Deserialize)]
struct Line {
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut data, mut models) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--data" => data = arguments.next().map(PathBuf::from),
            "--models" => models = arguments.next().map(PathBuf::from),
            _ => {}
        }
    }
    let mut out = std::io::stdout().lock();
    let Some(data) = data else {
        writeln!(out, "skipped: no --data DIR with .jsonl files of texts")?;
        return Ok(());
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(data)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    writeln!(
        out,
        "| set | model | texts | texts/s | MB/s | 2 kB turns | median ms | p99 ms |\n|---|---|---|---|---|---|---|---|"
    )?;
    for file in &files {
        let texts = texts(file)?;
        if texts.is_empty() {
            continue;
        }
        let turns = turns(&texts);
        let none = || Ok(Profile::agent());
        report(
            &mut out,
            file,
            "none",
            &texts,
            &[best(&texts, none, 5)?, best(&turns, none, 5)?],
        )?;
        let Some(folder) = &models else { continue };
        let fresh = || all(folder);
        let times = [best(&texts, fresh, 3)?, best(&turns, fresh, 3)?];
        report(&mut out, file, "new to it", &texts, &times)?;
        let warm = fresh()?;
        let warm = || Ok(warm.clone());
        let times = [best(&texts, warm, 5)?, best(&turns, warm, 5)?];
        report(&mut out, file, "seen", &texts, &times)?;
    }
    Ok(())
}

fn texts(file: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let content = std::fs::read_to_string(file)?;
    let lines = content.lines().filter(|l| !l.is_empty());
    lines
        .map(|line| Ok(serde_json::from_str::<Line>(line)?.text))
        .collect()
}

/// A profile with every model of the folder.
fn all(folder: &Path) -> Result<Profile, Box<dyn Error>> {
    let english = std::fs::read(folder.join("en_core_web_sm_ner.msgpack"))?;
    Ok(Profile::agent()
        .with(Arc::new(slovnet(folder)?))
        .with(Arc::new(Spacy::parse(&english)?)))
}

fn slovnet(folder: &Path) -> Result<Slovnet, Box<dyn Error>> {
    let read = |name: &str| std::fs::read(folder.join(name));
    Ok(Slovnet::parse(SlovnetFiles {
        network: &read("slovnet_ner_news_v1.tar")?,
        vectors: &read("navec_news_v1_1B_250K_300d_100q.tar")?,
        words: &read("slovnet_ner_news_v1.words")?,
    })?)
}

/// Cuts the texts, one behind the other, into turns of [`TURN`] bytes.
fn turns(texts: &[String]) -> Vec<String> {
    let all = texts.join("\n");
    let mut out = Vec::new();
    let mut rest = all.as_str();
    while rest.len() >= TURN {
        let (turn, after) = rest.split_at(rest.floor_char_boundary(TURN));
        out.push(turn.to_owned());
        rest = after;
    }
    out
}

/// The time of each text, the best of so many passes, each with what `profile` makes.
fn best(
    texts: &[String],
    profile: impl Fn() -> Result<Profile, Box<dyn Error>>,
    passes: usize,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut out = vec![Duration::MAX; texts.len()];
    for _ in 0..passes {
        let profile = profile()?;
        for (text, best) in texts.iter().zip(&mut out) {
            let start = Instant::now();
            let mut numbers = Numbering::new(&[0; 32]);
            let redacted = redact(text, &Known::none(), &profile, &mut numbers);
            std::hint::black_box(redacted);
            *best = start.elapsed().min(*best);
        }
    }
    Ok(out)
}

fn report(
    out: &mut impl Write,
    file: &Path,
    words: &str,
    texts: &[String],
    [times, turns]: &[Vec<Duration>; 2],
) -> Result<(), Box<dyn Error>> {
    let all = times.iter().sum::<Duration>().as_nanos().max(1);
    let bytes: usize = texts.iter().map(String::len).sum();
    let a_second = |n: usize| u128::try_from(n).map(|n| n * 1_000_000_000 / all);
    let mut turns = turns.clone();
    turns.sort();
    let at = |percent: usize| {
        let place = (turns.len() * percent / 100).min(turns.len().saturating_sub(1));
        turns.get(place).map_or(0.0, |t| t.as_secs_f64() * 1e3)
    };
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    writeln!(
        out,
        "| {name} | {words} | {} | {} | {:.2} | {} | {:.3} | {:.3} |",
        texts.len(),
        a_second(texts.len())?,
        Duration::from_micros(u64::try_from(a_second(bytes)?)?).as_secs_f64(),
        turns.len(),
        at(50),
        at(99),
    )?;
    Ok(())
}
