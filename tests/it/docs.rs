//! The documents: what an operator meets in the log and the metrics is in the operator's page, and
//! what a person is told to type works.

use crate::harness::child::BINARY;
use crate::harness::python::{FOLDER, run};
use std::collections::BTreeSet;
use std::path::Path;
use tokio::process::Command;

const OPERATOR: &str = include_str!("../../docs/operator.md");
const METRICS: &str = include_str!("../../src/telemetry/metric.rs");

/// Every text of our own sources.
fn sources(dir: &Path, all: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// What stands in quotes after each `before`.
fn quoted<'t>(text: &'t str, before: &str) -> BTreeSet<&'t str> {
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|rest| Some(rest.split_once('"')?.0))
        .collect()
}

#[test]
fn every_metric_is_in_the_operators_page() {
    let names = quoted(METRICS, "&str = \"");
    assert!(names.len() >= 20, "{names:?}");
    for name in names {
        assert!(OPERATOR.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_code_of_the_log_is_in_the_operators_page() {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut codes = BTreeSet::new();
    for text in &all {
        codes.extend(quoted(text, "(code = \""));
        codes.extend(quoted(text, "    code = \""));
    }
    assert!(codes.len() >= 10, "{codes:?}");
    for code in codes {
        assert!(OPERATOR.contains(&format!("`{code}`")), "{code}");
    }
}

/// Whoever reads the pages types what they say, and it works.
#[tokio::test]
async fn what_the_pages_tell_a_person_to_type_works() {
    for tool in [
        "python3 --version",
        "bash --version",
        "curl --version",
        "unzip -v",
    ] {
        if let Err(why) = run(Command::new("sh").args(["-c", tool])).await {
            assert!(std::env::var_os("CI").is_none(), "CI needs {tool}: {why}");
            println!("skipped: {tool} cannot be run: {why}");
            return;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{FOLDER}/typed.py");
    let typed = run(Command::new("python3")
        .args([&script, BINARY, env!("CARGO_MANIFEST_DIR")])
        .arg(folder.path()))
    .await;
    let out = typed.unwrap_or_else(|said| panic!("{said}"));
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.starts_with("typed "), "{said}");
}
