//! The program as a reader runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::fixture::{Log, Plan, SIZE, TempDir, trust_text};

fn run(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidewaiter-audit"));
    command.current_dir(dir).args(args).output().unwrap()
}

/// A folder with a bundle and a trust file beside it.
fn desk() -> TempDir {
    let dir = TempDir::new();
    Log::new(0).bundle(&dir.path().join("bundle"), &Plan::range(0, SIZE).erased());
    fs::write(dir.path().join("trust.txt"), trust_text()).unwrap();
    fs::write(dir.path().join("head"), Log::new(0).note(6)).unwrap();
    dir
}

#[test]
fn exit_status_and_words_say_the_same() {
    let desk = desk();
    let verify = |args: &[&str]| {
        let args = [&["verify", "bundle"], args].concat();
        let out = run(desk.path(), &args);
        (
            out.status.code().unwrap(),
            String::from_utf8(out.stdout).unwrap(),
        )
    };
    let (exit, said) = verify(&[
        "--trust",
        "trust.txt",
        "--head",
        "head",
        "--require",
        "time,erasure",
    ]);
    assert_eq!(exit, 0, "{said}");
    assert!(
        said.contains("authenticity  proved    It is signed by the log key"),
        "{said}"
    );
    assert!(said.contains("The bundle is sound"), "{said}");
    let (exit, said) = verify(&[]);
    assert_eq!(exit, 12, "{said}");
    assert!(said.contains("no trust file was given"), "{said}");
    let (exit, said) = verify(&["--json"]);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((exit, json["exit"].as_i64()), (12, Some(12)));

    fs::write(desk.path().join("bundle/bodies/8.bin"), b"x").unwrap();
    let (exit, said) = verify(&["--trust", "trust.txt"]);
    assert_eq!(exit, 10, "{said}");
    assert!(
        said.contains("record 8 (rid ") && said.contains("Do not rely"),
        "{said}"
    );
}

#[test]
fn mistakes_of_the_user_are_2_and_verdicts_are_not() {
    let desk = desk();
    for args in [
        &["verify", "bundle", "--trust", "head"][..],
        &["verify", "bundle", "--trust", "missing"],
        &["verify", "bundle", "--head", "trust.txt"],
        &["verify", "bundle", "--require", "everything"],
        &["verify", "missing"],
        &["verify"],
        &["open", "bundle", "--out", "bundle/views"],
        &["checkpoint", "missing", "--trust", "trust.txt"],
    ] {
        assert_eq!(run(desk.path(), args).status.code(), Some(2), "{args:?}");
    }
    let checkpoint = |file| run(desk.path(), &["checkpoint", file, "--trust", "trust.txt"]);
    assert_eq!(
        checkpoint("bundle/proofs/checkpoint").status.code(),
        Some(0)
    );
    assert_eq!(checkpoint("bundle/manifest.note").status.code(), Some(10));
}

#[test]
fn a_bundle_is_opened_for_its_reader_alone() {
    let desk = desk();
    let args = ["open", "bundle", "--trust", "trust.txt", "--out", "opened"];
    let out = run(desk.path(), &args);
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    #[cfg(unix)]
    for file in ["records.jsonl", "index.html"] {
        use std::os::unix::fs::PermissionsExt;
        let meta = fs::metadata(desk.path().join("opened").join(file)).unwrap();
        assert_eq!(meta.permissions().mode() & 0o77, 0);
    }
    // Not over what was opened before.
    assert_eq!(run(desk.path(), &args).status.code(), Some(2));
}

#[test]
fn every_command_explains_itself_with_examples() {
    let desk = desk();
    for command in ["verify", "open", "checkpoint"] {
        let out = run(desk.path(), &[command, "--help"]);
        let said = String::from_utf8(out.stdout).unwrap();
        assert!(
            said.contains("Example") && said.contains("Exit status"),
            "{said}"
        );
    }
}
