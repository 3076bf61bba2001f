//! The other verifier, `verify.py`, which shares no code with this one.
//!
//! It is asked in a few tests where it and Python are found, and wherever a bundle is judged
//! when `TIDEWAITER_VERIFY_PY` says where it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tidewaiter_audit::verify::{Report, Topic, Verdict};

use crate::fixture::TempDir;

const VARIABLE: &str = "TIDEWAITER_VERIFY_PY";

/// Whether every judgement is to be compared.
pub(crate) fn asked_for_all() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// The interpreter itself: `python3` may be a script that looks for it, every time.
fn python() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let tell = ["-c", "import sys; print(sys.executable)"];
        let out = Command::new("python3").args(tell).output().ok()?;
        let path = String::from_utf8(out.stdout).ok()?;
        out.status.success().then(|| path.trim_end().into())
    };
    FOUND.get_or_init(find).as_deref()
}

/// Where `verify.py` is, if it and Python are here.
pub(crate) fn script() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify.py");
    let path = std::env::var_os(VARIABLE).map_or(beside, PathBuf::from);
    let found = path.is_file() && python().is_some();
    assert!(
        found || !asked_for_all(),
        "{VARIABLE} names no verify.py, or there is no python3"
    );
    if !found {
        println!("SKIPPED: no python3, or no {}", path.display());
    }
    found.then_some(path)
}

/// Asks `verify.py` and demands the same exit status and verdicts.
pub(crate) fn agree(dir: &Path, trust: Option<&str>, head: Option<&str>, report: &Report) {
    let (Some(script), Some(python)) = (script(), python()) else {
        return;
    };
    let brought = TempDir::new();
    let mut command = Command::new(python);
    command.arg("-I").arg(script).arg(dir).arg("--json");
    for (option, text) in [("--trust", trust), ("--head", head)] {
        if let Some(text) = text {
            let path = brought.path().join(option);
            fs::write(&path, text).unwrap();
            command.arg(option).arg(path);
        }
    }
    let out = command.output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap_or_default();
    let theirs = (out.status.code(), words(&said));
    let ours = (
        Some(i32::from(report.exit)),
        report.verdicts.map(|v| Topic::ALL.map(|t| v.on(t))),
    );
    let ours = (
        ours.0,
        ours.1
            .map(|words| words.map(Verdict::as_str).map(String::from)),
    );
    if theirs != ours {
        // What they disagree on is kept for a look.
        let kept = std::env::temp_dir().join("tidewaiter-disagreement");
        drop(fs::remove_dir_all(&kept));
        for (path, bytes) in crate::fixture::files(dir) {
            let path = kept.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let stderr = String::from_utf8_lossy(&out.stderr);
        panic!(
            "verify.py: {theirs:?} {said:#} {stderr}\nhere: {ours:?} {report}\n{}",
            kept.display()
        );
    }
}

fn words(said: &serde_json::Value) -> Option<[String; 5]> {
    let verdicts = said.get("verdicts")?.as_object()?;
    Some(Topic::ALL.map(|topic| verdicts[topic.as_str()].as_str().unwrap().to_owned()))
}
