//! Streams every text of JSON Lines files (members `text`, and `spans` or none) in pieces as a
//! language model sends them and in random cuts, compares with the whole text, and prints how much
//! was held.
//!
//!     cargo run --release -p tidewaiter-redaction --example hold_back -- FILE…

use std::sync::Arc;
use tidewaiter_redaction::{Known, Numbering, Profile, Stream, redact};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let splits: usize = std::env::var("SPLITS").map_or(Ok(20), |n| n.parse())?;
    let mut different = 0_usize;
    for file in std::env::args().skip(1) {
        let (mut held, mut texts, mut early, mut bytes) = (Vec::new(), 0_usize, 0_usize, 0_usize);
        let began = std::time::Instant::now();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for line in std::fs::read_to_string(&file)?.lines() {
            let value: serde_json::Value = serde_json::from_str(line)?;
            let Some(text) = value["text"].as_str().or_else(|| value["full_text"].as_str()) else {
                continue;
            };
            texts += 1;
            let profile = Profile::assistant();
            let whole = redact(text, &Known::none(), &profile, &mut Numbering::new(&[7; 32])).text;
            let mut cuts: Vec<Vec<usize>> = vec![tokens(text)];
            for _ in 0..splits {
                cuts.push(random(text.len(), &mut seed));
            }
            if text.len() < 600 && splits > 0 {
                cuts.extend((1..text.len()).map(|at| vec![at]));
            }
            for (n, cut) in cuts.iter().enumerate() {
                let mut numbers = Numbering::new(&[7; 32]);
                let mut stream = Stream::new(Arc::new(Known::none()), profile.clone());
                let (mut out, mut at) = (String::new(), 0);
                for to in cut.iter().copied().chain([text.len()]) {
                    let piece = text.as_bytes().get(at..to).unwrap_or_default();
                    out.push_str(&stream.push(piece, &mut numbers).text);
                    at = to;
                    bytes += piece.len();
                    if n == 0 {
                        held.push(stream.held());
                    }
                    if !whole.starts_with(&out) {
                        early += 1;
                    }
                }
                out.push_str(&stream.finish(&mut numbers).text);
                if out != whole {
                    different += 1;
                    if different <= 12 {
                        println!("DIFFERENT cut {cut:?}\n  text  {text:?}\n  whole {whole:?}\n  split {out:?}");
                    }
                    break;
                }
            }
        }
        held.sort_unstable();
        let at = |share: usize| held.get(held.len() * share / 1000).copied().unwrap_or(0);
        println!(
            "{file}: {texts} texts, held median {} p90 {} p99 {} max {}, early {early}, different {different}, {:.1} s for {bytes} bytes",
            at(500), at(900), at(990), held.last().unwrap_or(&0), began.elapsed().as_secs_f64()
        );
    }
    if different > 0 {
        return Err("a stream and the whole differ".into());
    }
    Ok(())
}

/// Where a model's tokens might end: after every fourth byte of a word and before every space.
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

fn random(len: usize, seed: &mut u64) -> Vec<usize> {
    let mut next = || {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        usize::try_from(*seed >> 33).unwrap_or(0)
    };
    let mut cuts: Vec<usize> = (0..1 + next() % 12).map(|_| next() % (len + 1)).collect();
    cuts.sort_unstable();
    cuts
}
