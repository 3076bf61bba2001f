//! The first of the README's two commands, as a person runs it.

use crate::harness::child::{BINARY, read};
use std::path::Path;
use std::process::Command;

/// The titles of scenes in a text, in order.
fn scenes(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.starts_with("── Scene "))
        .map(|line| line.trim_end_matches('─').trim_end())
        .collect()
}

#[test]
fn every_expectation_of_the_tour_holds_and_its_scenes_are_the_readmes() {
    let dir = tempfile::tempdir().unwrap();
    let done = Command::new(BINARY)
        .arg("demo")
        .arg("--dir")
        .arg(dir.path().join("demo"))
        .output()
        .unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    let failed: Vec<&str> = out.lines().filter(|line| line.contains('✗')).collect();
    assert!(
        done.status.success() && failed.is_empty(),
        "{failed:#?}\n{out}"
    );
    let readme = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    assert_eq!(scenes(&out), scenes(&readme));
    assert_eq!(scenes(&out).len(), 12);
}
