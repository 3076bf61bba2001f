//! The figures of one engine on one corpus.

use super::engine::Engine;
use crate::redaction::evaluation::{Sample, Scores, Spot, score};
use anyhow::Result;
use serde::Serialize;
use std::time::Duration;

/// Types that are left out in the second of two columns: not everybody calls them personal.
pub(super) const WITHOUT: [&str; 2] = ["ORGANISATION", "DATE_TIME"];
/// The size of a turn whose latency is measured, and the most of them.
const TURN: usize = 2048;
const TURNS: usize = 100;
/// A fast engine goes over the texts again until this has passed.
const LEAST: Duration = Duration::from_millis(300);

/// Shares are of one, rounded to four digits.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) engine: String,
    pub(super) f1: f64,
    pub(super) f1_without: f64,
    pub(super) leak: f64,
    pub(super) leak_without: f64,
    pub(super) cover: f64,
    pub(super) over_redaction: f64,
    pub(super) alarms_per_thousand: Option<f64>,
    pub(super) texts_per_second: f64,
    pub(super) megabytes_per_second: f64,
    /// Of turns of 2 kB; none if the corpus is smaller.
    pub(super) p99_ms: Option<f64>,
    pub(super) types: Vec<Row>,
}

/// The figures of one type.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) gold: usize,
    pub(super) hits: usize,
    pub(super) false_hits: usize,
    pub(super) precision: f64,
    pub(super) recall: f64,
    pub(super) f1: f64,
    pub(super) strict_f1: f64,
    pub(super) cover: f64,
    pub(super) leak: f64,
}

/// Runs `engine` over `samples`.
pub(super) fn measure(engine: &mut dyn Engine, samples: &[Sample]) -> Result<Figures> {
    let mut predictions: Vec<Vec<Spot>> = Vec::with_capacity(samples.len());
    let mut took = Duration::ZERO;
    for sample in samples {
        let answer = engine.run(&sample.text)?;
        took += answer.took;
        predictions.push(answer.spots);
    }
    let mut rounds = 1_u32;
    while took < LEAST && !samples.is_empty() {
        for sample in samples {
            took += engine.run(&sample.text)?.took;
        }
        rounds += 1;
    }
    let bytes: usize = samples.iter().map(|s| s.text.len()).sum();
    let seconds = took.as_secs_f64() / f64::from(rounds);
    let scores = score(samples, &predictions, &[]);
    let without = score(samples, &predictions, &WITHOUT).total();
    let total = scores.total();
    Ok(Figures {
        engine: engine.name().to_owned(),
        f1: rounded(total.loose().f1),
        f1_without: rounded(without.loose().f1),
        leak: rounded(total.leak()),
        leak_without: rounded(without.leak()),
        cover: rounded(total.cover()),
        over_redaction: rounded(scores.over_redaction()),
        alarms_per_thousand: scores.alarms_per_thousand().map(rounded),
        texts_per_second: rounded(number(samples.len()) / seconds),
        megabytes_per_second: rounded(number(bytes) / 1e6 / seconds),
        p99_ms: p99(engine, samples)?,
        types: rows(&scores),
    })
}

fn rows(scores: &Scores) -> Vec<Row> {
    let row = |kind: &str, counts: &crate::redaction::evaluation::TypeScore| {
        let loose = counts.loose();
        let ([hits, _], [false_hits, _]) = (counts.hits, counts.false_hits);
        Row {
            kind: kind.to_owned(),
            gold: counts.gold,
            hits,
            false_hits,
            precision: rounded(loose.precision),
            recall: rounded(loose.recall),
            f1: rounded(loose.f1),
            strict_f1: rounded(counts.strict().f1),
            cover: rounded(counts.cover()),
            leak: rounded(counts.leak()),
        }
    };
    scores.types().into_iter().map(|(k, c)| row(k, c)).collect()
}

/// The 99th of a hundred times for a turn of 2 kB, in milliseconds.
fn p99(engine: &mut dyn Engine, samples: &[Sample]) -> Result<Option<f64>> {
    let mut times = Vec::new();
    for turn in turns(samples) {
        times.push(engine.run(&turn)?.took);
    }
    times.sort();
    let place = (times.len() * 99).div_ceil(100).saturating_sub(1);
    Ok(times.get(place).map(|t| rounded(t.as_secs_f64() * 1e3)))
}

/// Texts put together, and cut, to turns of 2 kB.
fn turns(samples: &[Sample]) -> Vec<String> {
    let (mut turns, mut open) = (Vec::new(), String::new());
    for sample in samples.iter().cycle().take(samples.len() * 4) {
        open.push_str(&sample.text);
        open.push('\n');
        if open.len() >= TURN {
            open.truncate(open.floor_char_boundary(TURN));
            turns.push(std::mem::take(&mut open));
        }
        if turns.len() == TURNS {
            break;
        }
    }
    turns
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn rounded(share: f64) -> f64 {
    (share * 1e4).round() / 1e4
}
