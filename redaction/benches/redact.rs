//! How fast free text is redacted, with and without models.
//!
//! `cargo bench -p tidewaiter-redaction -- --data DIR [--models DIR]`: for every `.jsonl` of the
//! folder texts and bytes a second on one thread, and for turns of 2 kB cut from it the median and
//! the 99th percentile. With models, the first pass over a file starts with nothing remembered and
//! the later ones show what remembering words is worth: of those, and of all without models, each
//! text counts with the best of five, which leaves out what else the machine does.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidewaiter_redaction::{Known, Numbering, Profile, Slovnet, SlovnetFiles, redact};

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
        "| set | models | pass | texts | texts/s | MB/s | 2 kB turns | median ms | p99 ms |\n|---|---|---|---|---|---|---|---|---|"
    )?;
    for file in &files {
        let texts = texts(file)?;
        if texts.is_empty() {
            continue;
        }
        measure(&mut out, file, &texts, &Profile::agent(), "none")?;
        if let Some(folder) = &models {
            let profile = Profile::agent().with(Arc::new(slovnet(folder)?));
            measure(&mut out, file, &texts, &profile, "first")?;
            measure(&mut out, file, &texts, &profile, "later")?;
        }
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

fn measure(
    out: &mut impl Write,
    file: &Path,
    texts: &[String],
    profile: &Profile,
    pass: &str,
) -> Result<(), Box<dyn Error>> {
    let once = |text: &str| {
        let start = Instant::now();
        let mut numbers = Numbering::new(&[0; 32]);
        let redacted = redact(text, &Known::none(), profile, &mut numbers);
        std::hint::black_box(redacted);
        start.elapsed()
    };
    let times = if pass == "first" { 1 } else { 5 };
    let best = |text: &str| (0..times).map(|_| once(text)).min().unwrap_or_default();
    // Word lists are built at first use.
    once("Привет, hello");
    let all: Duration = texts.iter().map(|t| best(t)).sum();
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut times: Vec<Duration> = turns(texts).iter().map(|t| best(t)).collect();
    times.sort();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |t| t.as_secs_f64() * 1e3)
    };
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let second = all.as_nanos().max(1);
    let a_second = |n: usize| u128::try_from(n).map(|n| n * 1_000_000_000 / second);
    writeln!(
        out,
        "| {name} | {} | {pass} | {} | {} | {:.2} | {} | {:.3} | {:.3} |",
        if pass == "none" { "no" } else { "yes" },
        texts.len(),
        a_second(texts.len())?,
        Duration::from_micros(u64::try_from(a_second(bytes)?)?).as_secs_f64(),
        times.len(),
        at(50),
        at(99),
    )?;
    Ok(())
}
