//! The commands as a person or a script runs them: exit status, standard output, standard error.

mod check;
mod redact;

use crate::harness::child::BINARY;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tidewaiter::catalog::Files;

/// Exit status, standard output, standard error.
struct Done {
    status: i32,
    out: String,
    err: String,
}

fn run(args: &[&str]) -> Done {
    run_with(args, b"")
}

fn run_with(args: &[&str], input: &[u8]) -> Done {
    let mut child = Command::new(BINARY)
        .args(args)
        .env_remove("TIDEWAITER_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that takes no input may have ended before it is written.
    drop(child.stdin.take().unwrap().write_all(input));
    let output = child.wait_with_output().unwrap();
    Done {
        status: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The shipped policies in a folder, to be spoilt.
fn policies() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["catalog", "cases"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    for (name, text) in Files::shipped().iter() {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// Replaces a text that must be there, and gives the line it stands in.
fn spoil(dir: &Path, name: &str, from: &str, to: &str) -> usize {
    let text = std::fs::read_to_string(dir.join(name)).unwrap();
    let at = text
        .find(from)
        .unwrap_or_else(|| panic!("{from:?} is not in {name}"));
    std::fs::write(dir.join(name), text.replacen(from, to, 1)).unwrap();
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The commands in a help text, and what is under each.
fn commands(path: &[String], all: &mut Vec<Vec<String>>) {
    let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
    args.push("--help");
    let done = run(&args);
    assert_eq!(done.status, 0, "{args:?}: {}{}", done.out, done.err);
    assert!(
        done.out.contains("Usage: tidewaiter"),
        "{args:?}: {}",
        done.out
    );
    assert!(done.err.is_empty(), "{args:?}: {}", done.err);
    all.push(path.to_vec());
    let Some((_, list)) = done.out.split_once("\nCommands:\n") else {
        return;
    };
    for line in list.lines().take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap_or_default();
        let is_command = line.starts_with("  ") && !line.starts_with("   ") && name != "help";
        if is_command {
            commands(&[path, &[name.to_owned()]].concat(), all);
        }
    }
}

#[test]
fn every_command_has_its_help() {
    let mut all = Vec::new();
    commands(&[], &mut all);
    let named: Vec<String> = all.iter().map(|path| path.join(" ")).collect();
    for expected in [
        "demo",
        "serve",
        "verify",
        "redact",
        "policy check",
        "policy test",
        "policy explain",
        "catalog check",
        "switch off",
        "switch on",
        "export request",
        "erase approve",
        "erase file",
        "hold place",
        "assign make",
        "records search",
        "records show",
        "conversation show",
        "figures",
        "policy show",
        "token agent",
    ] {
        assert!(
            named.iter().any(|name| name == expected),
            "{expected} in {named:?}"
        );
    }
    let version = run(&["--version"]);
    assert_eq!(
        version.out,
        format!("tidewaiter {}\n", env!("CARGO_PKG_VERSION"))
    );
    for wrong in [
        &["sevre"][..],
        &[],
        &["serve"],
        &["verify"],
        &["policy"],
        &["redact", "--jsno"],
    ] {
        let done = run(wrong);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{wrong:?}");
        assert!(done.err.contains("Usage"), "{wrong:?}: {}", done.err);
    }
}

#[test]
fn the_shipped_policies_are_in_order() {
    let dir = root("policies").display().to_string();
    for from in [&[][..], &["--dir", &dir]] {
        let done = run(&[&["policy", "check"], from].concat());
        assert_eq!(done.status, 0, "{}{}", done.out, done.err);
        assert!(
            done.out.contains("nothing to complain about"),
            "{}",
            done.out
        );
        let done = run(&[&["policy", "test"], from].concat());
        assert_eq!(done.status, 0, "{}{}", done.out, done.err);
        assert!(done.out.contains(" cases, 0 failed"), "{}", done.out);
        let done = run(&[&["catalog", "check"], from].concat());
        assert_eq!(done.status, 0, "{}{}", done.out, done.err);
        assert!(done.out.contains("no faults"), "{}", done.out);
    }
}

#[test]
fn a_wrong_line_of_policy_is_named() {
    let dir = policies();
    let path = dir.path().display().to_string();
    let grant = "p, role:support, topic:margin, *, *, *, *, allow";
    let line = spoil(
        dir.path(),
        "policy.csv",
        grant,
        "p, role:support, topic:margn, *, *, *, *, allow",
    );
    let done = run(&["policy", "check", "--dir", &path]);
    assert_eq!(done.status, 1, "{}{}", done.out, done.err);
    assert!(
        done.out.contains(&format!("policy.csv:{line}")),
        "{}{}",
        done.out,
        done.err
    );
    spoil(
        dir.path(),
        "policy.csv",
        "topic:margn, *, *, *, *, allow",
        "topic:margin, *, *, *, *, deny",
    );
    let done = run(&["policy", "test", "--dir", &path]);
    assert_eq!(done.status, 1, "{}{}", done.out, done.err);
    assert!(
        done.out.contains("cases/support.toml:"),
        "the case that fails: {}",
        done.out
    );
    assert!(!done.out.contains(" cases, 0 failed"), "{}", done.out);
}

#[test]
fn i3_a_decision_is_explained_by_its_line() {
    let explain = |more: &[&str]| {
        let done = run(&[&["policy", "explain"], more].concat());
        assert_eq!(done.status, 0, "{}{}", done.out, done.err);
        done.out
    };
    let bot = ["--agent", "support-bot:llm", "--operation"];
    let denied = explain(&[&bot[..], &["margin.add"]].concat());
    assert!(
        denied.contains("risk:money") && denied.contains("policy.csv:"),
        "{denied}"
    );
    let allowed = explain(
        &[
            &bot[..],
            &["balances.balance", "--arguments", r#"{"currency":"btc"}"#],
        ]
        .concat(),
    );
    assert!(allowed.contains("topic:balances"), "{allowed}");
    let guest = explain(&[&bot[..], &["balances.balance", "--guest"]].concat());
    let unknown = explain(&[&bot[..], &["no.such"]].concat());
    let stranger = explain(&["--agent", "nobody:llm", "--operation", "balances.balance"]);
    for (text, first) in [
        (&allowed, true),
        (&denied, false),
        (&guest, false),
        (&unknown, false),
        (&stranger, false),
    ] {
        let allowed = text.lines().any(|line| line.starts_with("allow "));
        assert_eq!(allowed, first, "{text}");
    }
    for wrong in ["support-bot", "support-bot:human", "Support Bot:llm"] {
        let done = run(&["policy", "explain", "--agent", wrong, "--operation", "a.b"]);
        assert_eq!(done.status, 1, "{wrong}: {}", done.out);
    }
}

#[test]
fn a_broken_catalog_is_refused_with_file_and_line() {
    for (from, to) in [
        ("effect = \"read\"", "effect = \"reed\""),
        ("class = \"account\"", "class = \"acount\""),
        ("method = \"POST\"", "metod = \"POST\""),
        (
            "subject = { in = \"body\", as = \"uid\" }\nownership = { proof = \"checked\", path = \"uid\" }\ntopic = \"balances\"",
            "topic = \"balances\"",
        ),
    ] {
        let dir = policies();
        let line = spoil(dir.path(), "catalog/core.toml", from, to);
        let done = run(&[
            "catalog",
            "check",
            "--dir",
            &dir.path().display().to_string(),
        ]);
        assert_eq!(done.status, 1, "{to}: {}{}", done.out, done.err);
        // What is missing is named where the operation begins, a little before.
        let named = (line.saturating_sub(9)..=line)
            .any(|line| done.err.contains(&format!("catalog/core.toml:{line}")));
        assert!(named, "{to} at {line}: {}", done.err);
    }
    let dir = policies();
    spoil(
        dir.path(),
        "catalog/core.toml",
        "effect = \"read\"",
        "effect = \"reed\"",
    );
    spoil(
        dir.path(),
        "catalog/desk.toml",
        "effect = \"read\"",
        "effect = \"reed\"",
    );
    let done = run(&[
        "catalog",
        "check",
        "--dir",
        &dir.path().display().to_string(),
    ]);
    assert!(done.err.contains("catalog/core.toml:"), "{}", done.err);
    assert!(
        done.err.contains("catalog/desk.toml:"),
        "all files at once: {}",
        done.err
    );
    let done = run(&["catalog", "check", "--dir", "/nowhere"]);
    assert_eq!((done.status, done.out.as_str()), (1, ""), "{}", done.err);
}

#[test]
fn tokens_are_made_from_a_key_that_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("issuer.key").display().to_string();
    let args = [
        "token",
        "customer",
        "--key",
        &key,
        "--audience",
        "http://127.0.0.1:1",
        "--sub",
        "s",
        "--uid",
        "U1",
    ];
    let done = run(&args);
    assert_eq!((done.status, done.out.as_str()), (1, ""), "{}", done.err);
    assert!(!Path::new(&key).exists(), "no key is made by the way");
    tidewaiter::identity::LocalIssuer::open("https://i", "http://127.0.0.1:1", Path::new(&key))
        .unwrap();
    let done = run(&args);
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(done.out.trim().split('.').count(), 3);
    let roles = [
        "token",
        "officer",
        "--key",
        &key,
        "--audience",
        "x",
        "--sub",
        "o",
        "--role",
        "king",
    ];
    assert_eq!(run(&roles).status, 1);
}
