//! The folder and its manifest: what may be there, in which form.

use std::fs;
use std::path::Path;

use tidewaiter_audit::bundle::{BundleError, BundleWriter, Manifest, Release, Scope};
use tidewaiter_audit::verify::{Options, Report, verify};

use crate::fixture::{LOG, Log, Plan, SIZE, Signers, TempDir, expect, expect_broken, reseal, sign};

fn small() -> TempDir {
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), &Plan::range(17, SIZE));
    dir
}

/// Signs a manifest that was changed as text, with the genuine key.
fn resign(dir: &Path, from: &str, to: &str) {
    let json = fs::read_to_string(dir.join("manifest.json")).unwrap();
    assert!(json.contains(from), "{json}");
    sign(dir, &Signers::new(0).manifest, &json.replacen(from, to, 1));
}

#[test]
fn a_manifest_has_one_meaning() {
    for (from, to, why) in [
        (
            "\"approved_by\":",
            "\"approved_by\":\"x\",\"approved_by\":",
            "occurs twice",
        ),
        (
            "\"approved_by\":",
            "\"approved_b\\u0079\":\"x\",\"approved_by\":",
            "occurs twice",
        ),
        (
            "\"approved_by\":",
            "\"more\":\"x\",\"approved_by\":",
            "does not know",
        ),
        (
            "\"approved_by\":\"officer-1\",",
            "",
            "`approved_by` is not there",
        ),
        (
            "\"found\":\"3\"",
            "\"found\":3",
            "not JSON as the format has it",
        ),
        ("\"found\":\"3\"", "\"found\":\"03\"", "`found`"),
        ("\"found\":\"3\"", "\"found\":\"4\"", "`counts`"),
        ("\"kind\":\"range\"", "\"kind\":\"Range\"", "`scope`"),
        ("\"from\":\"17\"", "\"from\":\"21\"", "`scope`"),
        ("\"to\":\"20\"", "\"to\":\"21\"", "`scope`"),
        (
            "\"keys\":\"clear\"",
            "\"keys\":\"none\"",
            "keys.jsonl: the manifest says",
        ),
        (
            "\"keys\":\"clear\"",
            "\"keys\":\"age\"",
            "keys.age: the file is missing",
        ),
        ("\"keys\":\"clear\"", "\"keys\":\"\"", "`keys`"),
        ("tw-bundle/1", "tw-bundle/2", "`format`"),
        (
            "exchange.example/ledger",
            "other.example/ledger",
            "belongs to another log",
        ),
        ("\"entries.jsonl\"", "\"../entries.jsonl\"", "`files`"),
        ("\"entries.jsonl\"", "\"/etc/passwd\"", "`files`"),
        ("\"entries.jsonl\"", "\"./entries.jsonl\"", "`files`"),
        ("\"entries.jsonl\"", "\"a//b\"", "`files`"),
        ("\"entries.jsonl\"", "\"manifest.json\"", "`files`"),
        ("\"entries.jsonl\"", "\"a/b/c/d/e\"", "`files`"),
        (
            "\"entries.jsonl\"",
            "\"entries.json\"",
            "a file that no bundle has",
        ),
        (
            "\"entries.jsonl\"",
            "\"bodies/3.bin\"",
            "the manifest names this file, and it is missing",
        ),
        ("\"created\":\"2026-", "\"created\":\"1926-", "`created`"),
    ] {
        let dir = small();
        resign(dir.path(), from, to);
        expect_broken(dir.path(), why);
    }
    let dir = small();
    let json = fs::read_to_string(dir.path().join("manifest.json")).unwrap();
    sign(
        dir.path(),
        &Signers::new(0).manifest,
        &format!("\u{feff}{json}"),
    );
    expect_broken(dir.path(), "manifest.json");
    // White space is no matter: the bytes are what is signed.
    sign(
        dir.path(),
        &Signers::new(0).manifest,
        &format!("\n {json}\r\n"),
    );
    expect(dir.path(), 0);
}

#[test]
fn other_counts_or_another_tree_are_refused() {
    let key = Signers::new(0).manifest;
    for (change, why) in [
        (
            (|m| (m.counts.cut, m.counts.delivered) = (1, 2)) as fn(&mut Manifest),
            "the counts",
        ),
        (|m| m.size = 21, "another tree than manifest.json says"),
        (|m| m.root.0[0] ^= 1, "do not make up the signed tree"),
        (|m| m.scope = Scope::Selection { of: String::new() }, ""),
        (
            |m| m.scope = Scope::Range { from: 16, to: 19 },
            "record 16 is in scope and left out",
        ),
        (|m| m.scope = Scope::Range { from: 17, to: 20 }, ""),
    ] {
        let dir = small();
        reseal(dir.path(), &key, change);
        if why.is_empty() {
            expect(dir.path(), 0);
        } else {
            expect_broken(dir.path(), why);
        }
    }
    // A range made of a selection that leaves something out.
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), &Plan::selection(&[16, 17, 19]));
    reseal(dir.path(), &key, |m| {
        m.scope = Scope::Range { from: 17, to: 20 }
    });
    expect_broken(dir.path(), "record 16 is not in the scope");
    expect_broken(dir.path(), "record 18 is in scope and left out");
}

#[test]
fn every_required_file_is_missed() {
    for path in [
        "README.txt",
        "verify.py",
        "entries.jsonl",
        "keys.jsonl",
        "proofs/checkpoint",
        "proofs/nodes",
        "redactions.jsonl",
        "erasures.jsonl",
        "custody.jsonl",
        "identities.jsonl",
        "views/records.csv",
        "bodies/18.bin",
    ] {
        let dir = small();
        fs::remove_file(dir.path().join(path)).unwrap();
        expect_broken(dir.path(), path);
        reseal(dir.path(), &Signers::new(0).manifest, |_| {});
        expect_broken(dir.path(), path);
    }
    let dir = small();
    fs::remove_file(dir.path().join("manifest.json")).unwrap();
    expect_broken(dir.path(), "manifest.json: the file is missing");
}

#[test]
fn nothing_else_may_lie_in_a_bundle() {
    for path in [
        "extra.txt",
        "bodies/3.bin",
        "bodies/018.bin",
        "bodies/x",
        "proofs/.hidden",
        ".DS_Store",
        "policies/readme",
        "views/more.html",
        "keys.age",
        "proofs/before",
        "proofs/consistency",
        "Entries.jsonl",
        "a\nb",
        "\u{202e}txt",
    ] {
        let dir = small();
        fs::write(dir.path().join(path), b"x").unwrap();
        assert_eq!(expect(dir.path(), 10).exit, 10, "{path}");
    }
    for folder in ["extra", "bodies/inner", "policies/0", "views/views"] {
        let dir = small();
        fs::create_dir_all(dir.path().join(folder)).unwrap();
        expect_broken(dir.path(), folder);
    }
    let dir = small();
    fs::create_dir_all(dir.path().join("policies").join("0".repeat(64))).unwrap();
    expect_broken(dir.path(), "the folder is empty");
}

#[test]
fn names_from_strangers_do_not_reach_a_terminal_as_they_are() {
    let dir = small();
    fs::write(dir.path().join("\u{1b}[2J\u{202e}"), b"x").unwrap();
    let report = expect(dir.path(), 10);
    assert!(
        report
            .findings
            .iter()
            .all(|f| f.is_ascii() && !f.contains('\u{1b}')),
        "{report}"
    );
}

#[test]
fn a_folder_in_place_of_a_file_is_refused() {
    let dir = small();
    fs::remove_file(dir.path().join("README.txt")).unwrap();
    fs::create_dir(dir.path().join("README.txt")).unwrap();
    expect_broken(dir.path(), "README.txt");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let elsewhere = small();
    for path in [
        "README.txt",
        "entries.jsonl",
        "bodies/18.bin",
        "manifest.json",
    ] {
        let dir = small();
        fs::remove_file(dir.path().join(path)).unwrap();
        symlink(elsewhere.path().join(path), dir.path().join(path)).unwrap();
        expect_broken(dir.path(), &format!("{path}: is a link"));
    }
    let dir = small();
    fs::remove_dir_all(dir.path().join("bodies")).unwrap();
    symlink(elsewhere.path().join("bodies"), dir.path().join("bodies")).unwrap();
    expect_broken(dir.path(), "bodies: is a link");
}

#[test]
fn small_files_are_read_strictly() {
    for (path, text, why) in [
        (
            "custody.jsonl",
            "{\"act\":\"a\",\"actor\":\"b\",\"time\":\"2026-11-22\"}\n",
            "`time`",
        ),
        (
            "custody.jsonl",
            "{\"act\":\"a\",\"actor\":\"b\"}\n",
            "`time` is not there",
        ),
        (
            "identities.jsonl",
            "{\"id\":\"a\",\"kind\":\"b\",\"title\":\"c\",\"more\":\"d\"}\n",
            "does not know",
        ),
        (
            "identities.jsonl",
            "{\"id\":\"a\",\"id\":\"b\",\"kind\":\"b\",\"title\":\"c\"}\n",
            "occurs twice",
        ),
        (
            "identities.jsonl",
            "{\"id\":\"a\",\"kind\":\"b\",\"title\":\"c\"}",
            "the last line does not end",
        ),
        ("identities.jsonl", "\n", "identities.jsonl, line 1"),
        (
            "identities.jsonl",
            "{\"id\":\"a\",\"kind\":\"b\",\"title\":\"c\"}\r\n",
            "holds a carriage return",
        ),
        (
            "erasures.jsonl",
            "{\"ground\":\"a\",\"record\":\"00\",\"seq\":\"18\"}\n",
            "`record`",
        ),
        (
            "redactions.jsonl",
            "{\"reason\":\"a\",\"rule\":\"b\",\"seq\":18}\n",
            "redactions.jsonl, line 1",
        ),
        (
            "keys.jsonl",
            "{\"kc\":\"0\",\"key\":\"0\",\"seq\":\"18\"}\n",
            "`key`",
        ),
        ("proofs/nodes", "4 0 AAAA\n", "proofs/nodes, line 1"),
        ("proofs/nodes", "x\n", "proofs/nodes, line 1"),
        ("proofs/checkpoint", "", "not a signed note"),
        ("entries.jsonl", "", "the first leaf of the log"),
        ("entries.jsonl", "\n", "entries.jsonl, line 1"),
    ] {
        let dir = small();
        fs::write(dir.path().join(path), text).unwrap();
        reseal(dir.path(), &Signers::new(0).manifest, |_| {});
        expect_broken(dir.path(), why);
    }
}

#[test]
fn long_lines_and_large_files_are_bounded() {
    let long = "x".repeat((1 << 20) + 1);
    for (path, why) in [
        ("entries.jsonl", "entries.jsonl: line 1 is longer"),
        ("custody.jsonl", "custody.jsonl: line 1 is longer"),
        ("proofs/nodes", "proofs/nodes: line 1 is longer"),
        ("proofs/checkpoint", "larger than this verifier reads"),
        ("manifest.note", "larger than this verifier reads"),
    ] {
        let dir = small();
        fs::write(dir.path().join(path), &long).unwrap();
        expect_broken(dir.path(), why);
    }
    let dir = small();
    let nodes = "0 0 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(100_000);
    fs::write(dir.path().join("proofs/nodes"), nodes).unwrap();
    expect_broken(dir.path(), "more lines than any proof needs");
    // A sparse file costs the reader nothing.
    let dir = small();
    let file = fs::File::create(dir.path().join("manifest.json")).unwrap();
    file.set_len((256 << 20) + 1).unwrap();
    expect_broken(
        dir.path(),
        "manifest.json: the file is larger than this verifier reads",
    );
    let dir = small();
    fs::File::create(dir.path().join("bodies/18.bin"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let resealed = fs::read_to_string(dir.path().join("manifest.json")).unwrap();
    assert!(resealed.contains("bodies/18.bin"));
    expect_broken(
        dir.path(),
        "its body (bodies/18.bin) has not the length that was recorded",
    );
}

#[test]
fn what_is_no_folder_is_a_mistake_of_the_user() {
    let dir = small();
    for path in ["nothing-here", "manifest.json"] {
        let report = verify(&dir.path().join(path), &Options::default());
        assert_eq!((report.exit, report.verdicts), (2, None));
    }
    let head = Options {
        head: Some(b"x".to_vec()),
        ..Options::default()
    };
    assert_eq!(verify(dir.path(), &head).exit, 2);
    let empty = TempDir::new();
    assert_eq!(verify(empty.path(), &Options::default()).exit, 10);
}

#[test]
fn the_writer_makes_no_half_bundle() {
    let log = Log::new(0);
    let line = |n: usize| log.leaves[n].to_line().unwrap().into_bytes();
    let dir = TempDir::new();
    let scope = Scope::Range { from: 3, to: 5 };
    let mut out = BundleWriter::new(dir.path(), LOG, scope.clone()).unwrap();
    assert!(matches!(out.leaf(&line(3)), Err(BundleError::Order)));
    out.leaf(&line(0)).unwrap();
    assert!(matches!(out.leaf(&line(0)), Err(BundleError::Order)));
    assert!(matches!(out.leaf(&line(5)), Err(BundleError::Order)));
    assert!(matches!(out.leaf(b"{}"), Err(BundleError::Leaf(_))));
    out.leaf(&line(3)).unwrap();
    assert!(matches!(out.file("../x", b""), Err(BundleError::Path)));
    assert!(matches!(
        out.file("manifest.json", b""),
        Err(BundleError::Path)
    ));
    out.body(3, &log.bodies[3]).unwrap();
    assert!(matches!(
        out.body(3, &log.bodies[3]),
        Err(BundleError::Path)
    ));
    assert!(matches!(
        out.proofs(&log.note(SIZE), &[]),
        Err(BundleError::Order)
    ));
    assert!(matches!(out.proofs("", &[]), Err(BundleError::Note(_))));
    assert!(matches!(
        BundleWriter::new(dir.path(), LOG, scope),
        Err(BundleError::NotEmpty)
    ));
    let about = tidewaiter_audit::bundle::About {
        approved_by: String::new(),
        created_us: 0,
        export: [0; 16],
        nonce: [0; 16],
        power: String::new(),
        purpose: String::new(),
        reference: String::new(),
        requested_by: String::new(),
    };
    let finished = out.finish(about, &Release::None, &log.signers.manifest);
    assert!(matches!(finished, Err(BundleError::Missing("verify.py"))));
}

/// What is said when the reader's own files are wrong.
pub(crate) fn usage() -> Report {
    Report {
        exit: 2,
        verdicts: None,
        findings: Vec::new(),
    }
}
