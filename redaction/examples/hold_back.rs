//! Streams every text of JSON Lines files (member `text`) as a language model would send it, at every
//! cut in two and at random cuts, compares with the whole text, and prints how much was held.
//!
//!     cargo run --release -p tidewaiter-redaction --example hold_back -- FILE…
//!
//! `SPLITS=n` random cuts of each text (20); `MIX=n` also that many texts thrown together from words
//! of all files, where no figure of what was held means much, but every difference counts.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for people, with settings of its own"
)]

use std::sync::Arc;
use tidewaiter_redaction::{Attribute, Known, Numbering, Profile, Stream, redact};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let number = |name: &str, usual: usize| -> Result<usize, Failure> {
        Ok(std::env::var(name).map_or(Ok(usual), |n| n.parse())?)
    };
    let (splits, mix) = (number("SPLITS", 20)?, number("MIX", 0)?);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15 ^ u64::try_from(number("SEED", 0)?)?);
    let mut all: Vec<String> = Vec::new();
    let mut different = 0_usize;
    for file in std::env::args().skip(1) {
        let texts = texts(&file)?;
        let mut run = Run::default();
        let began = std::time::Instant::now();
        for text in &texts {
            run.text(text, splits, splits > 0, &mut chance);
        }
        println!(
            "{file}: {} texts, {}, {:.1} s",
            texts.len(),
            run.told(),
            began.elapsed().as_secs_f64()
        );
        different += run.different;
        all.extend(texts);
    }
    if mix > 0 {
        let mut run = Run::default();
        for _ in 0..mix {
            let text = thrown_together(&all, &mut chance);
            run.text(&text, splits, false, &mut chance);
        }
        println!("{mix} thrown together: {}", run.told());
        different += run.different;
    }
    if different > 0 {
        return Err("a stream and the whole differ".into());
    }
    Ok(())
}

fn texts(file: &str) -> Result<Vec<String>, Failure> {
    let mut out = Vec::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let value: serde_json::Value = serde_json::from_str(line)?;
        out.extend(
            value
                .get("text")
                .and_then(|t| t.as_str())
                .map(str::to_owned),
        );
    }
    Ok(out)
}

fn thrown_together(all: &[String], chance: &mut Chance) -> String {
    let mut text = String::new();
    for _ in 0..3 + chance.below(60) {
        let Some(piece) = all.get(chance.below(all.len())) else {
            continue;
        };
        let words: Vec<&str> = piece.split(' ').collect();
        let from = chance.below(words.len());
        let some = words.get(from..).unwrap_or_default();
        let most = if chance.below(3) == 0 {
            some.len()
        } else {
            1 + chance.below(8)
        };
        let some = some.get(..most.min(some.len())).unwrap_or_default();
        text.push_str(&some.join(" "));
        if chance.below(8) > 0 {
            text.push(' ');
        }
    }
    text
}

fn known() -> Known {
    Known::new([
        (Attribute::Name, "Anna Bell"),
        (Attribute::Name, "Иванов Пётр"),
        (Attribute::Phone, "+7 (999) 123-45-67"),
        (Attribute::Address, "12 High Street London"),
        (Attribute::BirthDate, "1990-05-17"),
        (Attribute::Document, "4512345678"),
    ])
}

#[derive(Default)]
struct Run {
    held: Vec<usize>,
    bytes: usize,
    different: usize,
    withheld: usize,
}

impl Run {
    fn text(&mut self, text: &str, splits: usize, in_two: bool, chance: &mut Chance) {
        let mut cuts = vec![tokens(text)];
        cuts.extend((0..splits).map(|_| chance.cuts(text.len())));
        if in_two {
            cuts.extend((1..text.len()).map(|at| vec![at]));
        }
        for (known, profile) in [
            (Known::none(), Profile::assistant()),
            (known(), Profile::agent()),
        ] {
            let whole = redact(text, &known, &profile, &mut Numbering::new(&[7; 32])).text;
            let known = Arc::new(known);
            for (n, cut) in cuts.iter().enumerate() {
                let stream = Stream::new(Arc::clone(&known), profile.clone());
                if !self.cut(stream, text, &whole, cut, n == 0) {
                    break;
                }
            }
        }
    }

    /// One text with one set of cuts; whether the same came out, and nothing that would not stay.
    fn cut(
        &mut self,
        mut stream: Stream,
        text: &str,
        whole: &str,
        cut: &[usize],
        measure: bool,
    ) -> bool {
        let mut numbers = Numbering::new(&[7; 32]);
        let (mut out, mut at, mut early) = (String::new(), 0, false);
        for to in cut.iter().copied().chain([text.len()]) {
            let piece = text.as_bytes().get(at..to).unwrap_or_default();
            let segment = stream.push(piece, &mut numbers);
            if segment.withheld {
                self.withheld += 1;
                return true;
            }
            out.push_str(&segment.text);
            self.bytes += piece.len();
            at = to;
            early |= !whole.starts_with(&out);
            if measure {
                self.held.push(stream.held());
            }
        }
        out.push_str(&stream.finish(&mut numbers).text);
        let same = out == whole && !early;
        if !same {
            self.different += 1;
            if self.different <= 8 {
                let from = out
                    .bytes()
                    .zip(whole.bytes())
                    .take_while(|(a, b)| a == b)
                    .count();
                let near = |s: &str| {
                    s.chars()
                        .skip(
                            s.get(..from)
                                .map_or(0, |s| s.chars().count())
                                .saturating_sub(60),
                        )
                        .take(160)
                        .collect::<String>()
                };
                println!(
                    "DIFFERENT at {from} of {}\n  whole {:?}\n  split {:?}",
                    whole.len(),
                    near(whole),
                    near(&out)
                );
                if std::env::var("SHOW").is_ok() {
                    println!("  cut {cut:?}\n  text {text:?}");
                }
            }
        }
        same
    }

    fn told(&mut self) -> String {
        self.held.sort_unstable();
        let at = |share: usize| {
            self.held
                .get(self.held.len() * share / 1000)
                .copied()
                .unwrap_or(0)
        };
        format!(
            "held median {} p90 {} p99 {} max {}; different {}, withheld {}, {} bytes",
            at(500),
            at(900),
            at(990),
            self.held.last().unwrap_or(&0),
            self.different,
            self.withheld,
            self.bytes
        )
    }
}

/// Where a model's tokens might end: before every space, and after five bytes of a word.
fn tokens(text: &str) -> Vec<usize> {
    let mut out = Vec::new();
    let mut last = 0;
    for (at, c) in text.char_indices() {
        if at > last && (c == ' ' || at - last >= 5) {
            out.push(at);
            last = at;
        }
    }
    out
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }

    fn cuts(&mut self, len: usize) -> Vec<usize> {
        let mut cuts: Vec<usize> = (0..=self.below(12)).map(|_| self.below(len + 1)).collect();
        cuts.sort_unstable();
        cuts
    }
}
