//! Two verifiers on the same changed bundles: they must give the same verdicts.
//!
//! The manifest is signed again after each change, so that not its hashes but the rules decide.

use std::fs;
use std::path::Path;

use tidewaiter_audit::Hash;
use tidewaiter_audit::bundle::CutReason;
use tidewaiter_audit::verify::{Options, verify};

use crate::fixture::{
    Log, Plan, SIZE, Signers, TempDir, files, reseal, sign, trust_text, trusting,
};
use crate::python::{agree, script};

/// As many as one run may take; `TIDEWAITER_CASES` asks for more.
const CASES: u64 = 60;

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 += 1;
        let hash = Hash::of(&[b"dice", &self.0.to_be_bytes()]);
        let n = u64::from_be_bytes(hash.0[..8].try_into().unwrap());
        (n % sides as u64) as usize
    }
}

fn plans() -> [Plan; 3] {
    let mut range = Plan::range(5, 16).erased();
    range.bodiless.insert(14, CutReason::Withheld);
    [
        range,
        Plan::range(0, SIZE),
        Plan::selection(&[4, 7, 9, 11, 13]).erased(),
    ]
}

/// Bytes that mean something in one of the formats.
const TELLING: &[u8] = b"\"{}:,\\ \n\r\t0019afzA/+=-.\x00\x7f\xc3\xff";

fn change(dice: &mut Dice, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        bytes.push(TELLING[dice.roll(TELLING.len())]);
        return;
    }
    let at = dice.roll(bytes.len());
    let byte = TELLING[dice.roll(TELLING.len())];
    let line = |at: usize| {
        let from = bytes[..at]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |n| n + 1);
        let to = bytes[at..]
            .iter()
            .position(|b| *b == b'\n')
            .map_or(bytes.len(), |n| at + n + 1);
        from..to
    };
    match dice.roll(8) {
        0 => bytes[at] ^= 1 << dice.roll(8),
        1 => bytes[at] = byte,
        2 => bytes.insert(at, byte),
        3 => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(line(at))),
        6 => {
            let copy = bytes[line(at)].to_vec();
            let to = line(dice.roll(bytes.len())).start;
            bytes.splice(to..to, copy);
        }
        _ => {
            let cut: Vec<u8> = bytes.drain(line(at)).collect();
            let to = if bytes.is_empty() {
                0
            } else {
                dice.roll(bytes.len())
            };
            let to = bytes[..to]
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |n| n + 1);
            bytes.splice(to..to, cut);
        }
    }
}

fn seal_again(dir: &Path, path: &str) {
    let key = Signers::new(0).manifest;
    match path {
        "manifest.note" => {}
        "manifest.json" => {
            let json = fs::read(dir.join(path)).unwrap();
            if let Ok(json) = String::from_utf8(json) {
                sign(dir, &key, &json);
            }
        }
        _ => reseal(dir, &key, |_| {}),
    }
}

#[test]
fn verify_py_agrees_on_changed_bundles() {
    if script().is_none() {
        return;
    }
    let cases = std::env::var_os("TIDEWAITER_CASES");
    let cases = cases.map_or(CASES, |n| n.to_str().unwrap().parse().unwrap());
    let mut dice = Dice(
        std::env::var_os("TIDEWAITER_SEED").map_or(0, |n| n.to_str().unwrap().parse().unwrap()),
    );
    let (mut accepted, mut compared) = (0, 0);
    for plan in &plans() {
        let dir = TempDir::new();
        Log::new(0).bundle(dir.path(), plan);
        let whole = files(dir.path());
        let paths: Vec<_> = whole.keys().collect();
        for _ in 0..cases / 3 {
            // The files whose form matters, more often than bodies.
            let path = loop {
                let path = paths[dice.roll(paths.len())];
                if !path.starts_with("bodies/") || dice.roll(8) == 0 {
                    break path;
                }
            };
            let mut bytes = whole[path].clone();
            change(&mut dice, &mut bytes);
            fs::write(dir.path().join(path), bytes).unwrap();
            seal_again(dir.path(), path);
            let report = verify(dir.path(), &trusting());
            accepted += u64::from(report.exit == 0);
            agree(dir.path(), Some(&trust_text()), None, &report);
            compared += 1;
            for (path, bytes) in &whole {
                fs::write(dir.path().join(path), bytes).unwrap();
            }
        }
    }
    println!("{compared} changed bundles compared, {accepted} of them accepted by both");
    // White space and texts change without breaking a rule; most changes break one.
    assert!(accepted < cases / 2, "{accepted} of {cases}");
}

#[test]
fn verify_py_agrees_on_heads_and_without_trust() {
    if script().is_none() {
        return;
    }
    let log = Log::new(0);
    let mut other = Log::new(0);
    other.leaves[4].agent = Some("somebody-else".into());
    other.relink();
    for plan in &plans() {
        let dir = TempDir::new();
        log.bundle(dir.path(), plan);
        agree(
            dir.path(),
            None,
            None,
            &verify(dir.path(), &Options::default()),
        );
        for head in [
            log.note(6),
            log.note(10),
            log.note(SIZE),
            other.note(6),
            other.note(SIZE),
        ] {
            let options = Options {
                head: Some(head.clone().into_bytes()),
                ..trusting()
            };
            let report = verify(dir.path(), &options);
            agree(dir.path(), Some(&trust_text()), Some(&head), &report);
        }
    }
}
