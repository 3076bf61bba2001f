//! Every single byte of a bundle, changed.

use std::fs;
use std::path::Path;
use std::thread;

use tidewaiter_audit::bundle::{Release, Scope};
use tidewaiter_audit::verify::{Options, verify};

use crate::fixture::{Log, Plan, Signers, TempDir, expect, files, reseal, trusting};

/// Two whole records with their bodies, one cut, an earlier checkpoint, all kinds of files.
fn bundle(dir: &Path, release: Release) {
    let mut plan = Plan {
        release,
        ..Plan::selection(&[7, 11, 13]).erased()
    };
    plan.scope = Scope::Selection {
        of: "Kundin \u{201e}B\u{201c}".into(),
    };
    Log::new(0).bundle(dir, &plan);
    // Shorter than the usual text, which is like any other file.
    fs::write(dir.join("README.txt"), b"What this is.\n").unwrap();
    reseal(dir, &Signers::new(0).manifest, |_| {});
    expect(dir, 0);
}

/// Tries every position of every file, on two threads, each with one change; with
/// `TIDEWAITER_CASES` with all of them.
fn try_all(release: &Release, only: fn(&str) -> bool) {
    const CHANGES: [fn(u8) -> u8; 3] = [|b| b ^ 1, |b| b.wrapping_add(0x20), |b| b ^ 0x90];
    let all = std::env::var_os("TIDEWAITER_CASES").is_some();
    thread::scope(|scope| {
        for worker in 0..2 {
            scope.spawn(move || {
                let dir = TempDir::new();
                bundle(dir.path(), release.clone());
                let trusting = trusting();
                for (path, bytes) in files(dir.path()).into_iter().filter(|(p, _)| only(p)) {
                    let file = dir.path().join(&path);
                    let mut changed = bytes.clone();
                    for at in (worker..bytes.len()).step_by(2) {
                        // Two workers: 3 does not divide the step, so each meets all changes.
                        let some = if all { 0..3 } else { at % 3..at % 3 + 1 };
                        for change in &CHANGES[some] {
                            changed[at] = change(bytes[at]);
                            fs::write(&file, &changed).unwrap();
                            let report = verify(dir.path(), &trusting);
                            assert_eq!(report.exit, 10, "{path} byte {at}: {report}");
                        }
                        changed[at] = bytes[at];
                    }
                    // Without a trust file as well, at some positions.
                    for at in (worker..bytes.len()).step_by(101) {
                        changed[at] ^= 0x80;
                        fs::write(&file, &changed).unwrap();
                        assert_eq!(
                            verify(dir.path(), &Options::default()).exit,
                            10,
                            "{path} byte {at}"
                        );
                        changed[at] = bytes[at];
                    }
                    fs::write(&file, &bytes).unwrap();
                }
                expect(dir.path(), 0);
            });
        }
    });
}

#[test]
fn every_changed_byte_is_caught() {
    try_all(&Release::Clear, |_| true);
}

#[test]
fn every_changed_byte_is_caught_with_encrypted_keys() {
    let recipient = crate::open::RECIPIENT.parse().unwrap();
    // The other files are those of the bundle above.
    let differs = |path: &str| path.starts_with("manifest.") || path == "keys.age";
    try_all(&Release::Age(vec![recipient]), differs);
}

#[test]
fn every_truncation_and_addition_is_caught() {
    let dir = TempDir::new();
    bundle(dir.path(), Release::Clear);
    for (path, bytes) in files(dir.path()) {
        let file = dir.path().join(&path);
        for len in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            fs::write(&file, &bytes[..len]).unwrap();
            expect(dir.path(), 10);
            let doubled = [&bytes[..len], &bytes[len.saturating_sub(1)..]].concat();
            if doubled != bytes {
                fs::write(&file, doubled).unwrap();
                expect(dir.path(), 10);
            }
        }
        fs::write(&file, [&bytes[..], b"\n"].concat()).unwrap();
        expect(dir.path(), 10);
        fs::write(&file, &bytes).unwrap();
    }
}
