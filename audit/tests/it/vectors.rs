//! Frozen bundles: other verifiers are tried on them, and a change of format cannot go unseen.
//!
//! `TIDEWAITER_BLESS=1 cargo test -p tidewaiter-audit vectors` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tidewaiter_audit::bundle::CutReason;
use tidewaiter_audit::verify::{Options, verify};

use crate::fixture::{Log, Plan, SIZE, TempDir, files, trust_text, trusting};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name)
}

/// Everything that can be the same on every run; age draws its own randomness.
fn plans() -> [(&'static str, Plan); 2] {
    let mut range = Plan::range(0, SIZE).erased();
    range.bodiless.insert(14, CutReason::Erased);
    let mut selection = Plan::selection(&[4, 7, 9, 11, 13]).erased();
    selection.bodiless.insert(13, CutReason::Withheld);
    [("bundle-small", range), ("bundle-selection", selection)]
}

/// Compares what was made with what is frozen at `path`.
fn same(path: &Path, made: &BTreeMap<String, Vec<u8>>) {
    if std::env::var_os("TIDEWAITER_BLESS").is_some() {
        for (name, bytes) in made {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
    }
    for (name, bytes) in made {
        let frozen = fs::read(path.join(name)).unwrap_or_default();
        assert!(
            frozen == *bytes,
            "{} is not as it was frozen",
            path.join(name).display()
        );
    }
}

#[test]
fn the_frozen_bundles_are_what_is_written_today() {
    let mut expected = Vec::new();
    for (name, plan) in plans() {
        let dir = TempDir::new();
        Log::new(0).bundle(dir.path(), &plan);
        let made = files(dir.path());
        same(&folder(name), &made);
        assert_eq!(
            files(&folder(name)).len(),
            made.len(),
            "{name} holds something else"
        );
        for (with, options) in [("trust.txt", trusting()), ("", Options::default())] {
            let report = verify(&folder(name), &options).to_json();
            expected.push(format!(
                "{{\"bundle\":\"{name}\",\"trust\":\"{with}\",\"report\":{report}}}"
            ));
        }
    }
    let made = BTreeMap::from([
        (
            "expected.json".to_owned(),
            format!("[\n{}\n]\n", expected.join(",\n")).into_bytes(),
        ),
        ("trust.txt".to_owned(), trust_text().into_bytes()),
        ("head-6".to_owned(), Log::new(0).note(6).into_bytes()),
    ]);
    same(&folder("."), &made);
}
