//! Forgers: outsiders without keys, insiders with some of them, and operators with all but the
//! witnesses'.

use std::fs;
use std::path::Path;

use tidewaiter_audit::Hash;
use tidewaiter_audit::bundle::CutReason;
use tidewaiter_audit::checkpoint::{Note, cosign_note, sign_note};
use tidewaiter_audit::record::{Kind, Leaf};
use tidewaiter_audit::seal::{self, Binding};
use tidewaiter_audit::verify::{Options, Verdict, verify};

use crate::fixture::{
    ERASURE, LOG, Log, Plan, SIZE, Signers, TempDir, bytes, expect, expect_broken, reseal, witness,
};

fn range() -> (TempDir, Log) {
    let (dir, log) = (TempDir::new(), Log::new(0));
    log.bundle(dir.path(), &Plan::range(0, SIZE).erased());
    (dir, log)
}

fn lines(dir: &Path, path: &str, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(dir.join(path)).unwrap();
    let mut lines = text.lines().map(String::from).collect();
    change(&mut lines);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(dir.join(path), text).unwrap();
}

/// Hashes and signs again with the genuine manifest key: only the rules themselves can tell.
fn reseal_inside(dir: &Path) {
    reseal(dir, &Signers::new(0).manifest, |_| {});
}

fn without_trust(dir: &Path) -> u8 {
    verify(dir, &Options::default()).exit
}

#[test]
fn stripped_signatures_are_missed() {
    let (dir, log) = range();
    let text = log.checkpoint(SIZE).text();
    for note in [
        format!("{text}\n"),
        text.clone(),
        format!("{text}\n{}", cosign_note(&text, &witness(1), 1)),
    ] {
        fs::write(dir.path().join("proofs/checkpoint"), note).unwrap();
        reseal_inside(dir.path());
        expect_broken(dir.path(), "proofs/checkpoint");
        assert_eq!(without_trust(dir.path()), 10);
    }
    let (dir, _) = range();
    let note = fs::read_to_string(dir.path().join("manifest.note")).unwrap();
    let text = note.split_once("\n\n").unwrap().0;
    fs::write(dir.path().join("manifest.note"), format!("{text}\n\n")).unwrap();
    expect_broken(dir.path(), "manifest.note");
    fs::remove_file(dir.path().join("manifest.note")).unwrap();
    expect_broken(dir.path(), "manifest.note: the file is missing");
}

#[test]
fn too_few_witnesses_are_not_a_quorum() {
    let (dir, log) = range();
    let text = log.checkpoint(SIZE).text();
    let mut note = sign_note(&text, &[&log.signers.checkpoint]);
    note += &cosign_note(&text, &witness(2), 1);
    fs::write(dir.path().join("proofs/checkpoint"), note).unwrap();
    reseal_inside(dir.path());
    let report = expect(dir.path(), 10);
    let verdicts = report.verdicts.unwrap();
    assert_eq!(verdicts.integrity, Verdict::Proved);
    assert_eq!(verdicts.authenticity, Verdict::Invalid);
    assert_eq!(verdicts.completeness, Verdict::Unproven);
    assert_eq!(without_trust(dir.path()), 12);
}

#[test]
fn another_key_of_the_same_name_does_not_sign() {
    let forger = Signers::new(1);
    let (dir, _) = range();
    reseal(dir.path(), &forger.manifest, |_| {});
    expect_broken(dir.path(), "manifest.note");
    assert_eq!(without_trust(dir.path()), 10);

    let (dir, log) = range();
    let note = sign_note(&log.checkpoint(SIZE).text(), &[&forger.checkpoint]);
    fs::write(dir.path().join("proofs/checkpoint"), note).unwrap();
    reseal_inside(dir.path());
    expect_broken(dir.path(), "proofs/checkpoint");
    assert_eq!(without_trust(dir.path()), 10);

    // A key of another purpose is another key.
    let (dir, log) = range();
    reseal(dir.path(), &log.signers.receipt, |_| {});
    expect_broken(dir.path(), "manifest.note");
}

#[test]
fn a_whole_forged_log_is_not_the_trusted_one() {
    let dir = TempDir::new();
    Log::new(1).bundle(dir.path(), &Plan::range(0, SIZE));
    let report = expect(dir.path(), 10);
    assert_eq!(report.verdicts.unwrap().integrity, Verdict::Proved);
    assert_eq!(report.verdicts.unwrap().authenticity, Verdict::Invalid);
    // Nothing in it contradicts itself, and nothing in it is trusted.
    assert_eq!(without_trust(dir.path()), 12);
}

#[test]
fn the_forgers_log_under_the_trusted_name_and_first_leaf_is_caught() {
    // Genuine keys in record 0, a forged tail, signed by the forger.
    let mut log = Log::new(0);
    log.leaves[9].decision = Some(tidewaiter_audit::record::Decision::Deny);
    log.relink();
    log.signers = Signers::new(1);
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    expect_broken(dir.path(), "proofs/checkpoint");
    assert_eq!(without_trust(dir.path()), 10);
}

/// Whoever rewrites history needs the checkpoint key: with the manifest key alone the tree tells.
#[test]
fn leaves_removed_inserted_reordered_or_doubled_do_not_make_up_the_tree() {
    type Change = fn(&mut Vec<Leaf>);
    let changes: [Change; 5] = [
        |leaves| drop(leaves.remove(8)),
        |leaves| leaves.insert(8, leaves[9].clone()),
        |leaves| leaves.swap(8, 9),
        |leaves| leaves[8] = leaves[9].clone(),
        |leaves| leaves[8].agent = Some("somebody-else".into()),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let (dir, mut log) = range();
        change(&mut log.leaves);
        log.relink();
        lines(dir.path(), "entries.jsonl", |lines| {
            *lines = log
                .leaves
                .iter()
                .map(|leaf| leaf.to_line().unwrap())
                .collect();
            lines[7] = format!(
                "{{\"cut\":\"{}\",\"reason\":\"erased\",\"seq\":\"7\"}}",
                crate::fixture::hash_of(&log.leaves[7]).to_hex()
            );
        });
        reseal_inside(dir.path());
        let tree = match n {
            0 => "proofs/nodes: not the nodes",
            1 => "a record lies beyond the signed tree",
            _ => "do not make up the signed tree",
        };
        expect_broken(dir.path(), tree);
        assert_eq!(without_trust(dir.path()), 10, "change {n}");
    }
}

#[test]
fn an_operator_without_its_witnesses_cannot_rewrite_history() {
    let mut log = Log::new(0);
    log.leaves[9].agent = Some("somebody-else".into());
    log.relink();
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    // The operator signs the new tree; the witnesses' lines are of the old one.
    let text = log.checkpoint(SIZE).text();
    let genuine = Note::parse(Log::new(0).note(SIZE).as_bytes()).unwrap();
    assert_ne!(genuine.text, text);
    let stale = cosign_note(&genuine.text, &witness(1), 1_795_353_500)
        + &cosign_note(&genuine.text, &witness(3), 1_795_353_500);
    let note = sign_note(&text, &[&log.signers.checkpoint]) + &stale;
    fs::write(dir.path().join("proofs/checkpoint"), note).unwrap();
    reseal_inside(dir.path());
    expect_broken(dir.path(), "witness");
}

#[test]
fn a_cut_tail_or_a_missing_middle_is_named() {
    let (dir, _) = range();
    lines(dir.path(), "entries.jsonl", |lines| lines.truncate(18));
    lines(dir.path(), "views/records.csv", |lines| lines.truncate(18));
    lines(dir.path(), "keys.jsonl", |lines| lines.truncate(16));
    fs::remove_file(dir.path().join("bodies/18.bin")).unwrap();
    fs::remove_file(dir.path().join("bodies/19.bin")).unwrap();
    reseal(dir.path(), &Signers::new(0).manifest, |m| {
        (m.counts.found, m.counts.delivered) = (20, 19);
    });
    expect_broken(dir.path(), "2 records from 18 are in scope and left out");

    let (dir, _) = range();
    lines(dir.path(), "entries.jsonl", |lines| drop(lines.remove(9)));
    fs::remove_file(dir.path().join("bodies/9.bin")).unwrap();
    reseal_inside(dir.path());
    expect_broken(dir.path(), "record 9 is in scope and left out");
}

#[test]
fn a_record_left_out_of_a_selections_nodes_is_no_loss_but_a_wrong_node_is() {
    let dir = TempDir::new();
    let log = Log::new(0);
    log.bundle(dir.path(), &Plan::selection(&[4, 9, 13]));
    expect(dir.path(), 0);
    let nodes = fs::read_to_string(dir.path().join("proofs/nodes")).unwrap();
    type Change = fn(&mut Vec<String>);
    let changes: [(Change, &str); 6] = [
        (|l| l.swap(0, 1), "proofs/nodes"),
        (
            |l| l[1] = l[1].replacen(' ', " 0", 1),
            "proofs/nodes, line 2",
        ),
        (
            |l| l[0] = format!("{}{}", &l[1][..4], &l[0][4..]),
            "proofs/nodes",
        ),
        (|l| drop(l.pop()), "proofs/nodes"),
        (|l| l.push(l[0].clone()), "proofs/nodes"),
        (
            |l| {
                let hash = l[1].rsplit_once(' ').unwrap().1.to_owned();
                let place = l[0].rsplit_once(' ').unwrap().0.to_owned();
                l[0] = format!("{place} {hash}");
            },
            "do not make up the signed tree",
        ),
    ];
    for (change, why) in changes {
        fs::write(dir.path().join("proofs/nodes"), &nodes).unwrap();
        lines(dir.path(), "proofs/nodes", change);
        reseal_inside(dir.path());
        expect_broken(dir.path(), why);
    }
}

#[test]
fn a_dropped_erasure_line_is_missed() {
    for (n, why) in [
        (
            0,
            "record 7 is cut as erased, and erasures.jsonl does not name it",
        ),
        (1, "nothing says that it was erased or withheld"),
    ] {
        let (dir, _) = range();
        lines(dir.path(), "erasures.jsonl", |lines| drop(lines.remove(n)));
        reseal_inside(dir.path());
        expect_broken(dir.path(), why);
    }
    // Called withheld instead of erased.
    let (dir, _) = range();
    lines(dir.path(), "erasures.jsonl", |lines| drop(lines.remove(0)));
    lines(dir.path(), "redactions.jsonl", |lines| {
        lines.push(r#"{"reason":"r","rule":"r","seq":"7"}"#.into());
    });
    reseal_inside(dir.path());
    expect_broken(dir.path(), "record 7 is cut as erased");
    // Named in both.
    let (dir, _) = range();
    lines(dir.path(), "redactions.jsonl", |lines| {
        lines.push(r#"{"reason":"r","rule":"r","seq":"7"}"#.into());
    });
    reseal_inside(dir.path());
    expect_broken(dir.path(), "names a record that is named before");
    // Pointing to a record that erases nothing, or naming a record that is not here.
    let (dir, log) = range();
    let (from, to) = (log.leaves[ERASURE as usize].rid, log.leaves[4].rid);
    lines(dir.path(), "erasures.jsonl", |lines| {
        lines[0] = lines[0].replace(&hex::encode(from), &hex::encode(to));
    });
    reseal_inside(dir.path());
    expect_broken(
        dir.path(),
        "erasures.jsonl names it as the record of an erasure",
    );
    let (dir, _) = range();
    lines(dir.path(), "erasures.jsonl", |lines| {
        lines.push(lines[0].replace("\"7\"", "\"77\""));
    });
    reseal_inside(dir.path());
    expect_broken(dir.path(), "names a record that is not in this bundle");
}

#[test]
fn an_erasure_that_was_none_is_contradicted_by_the_body() {
    let (dir, log) = range();
    fs::write(dir.path().join("bodies/11.bin"), &log.bodies[11]).unwrap();
    reseal_inside(dir.path());
    expect_broken(
        dir.path(),
        "its body is there, although it is named as erased or withheld",
    );
}

#[test]
fn a_view_that_says_something_else_is_named_by_its_record() {
    for (n, from, to) in [
        (9, "allow", "deny"),
        (20, "assistant-1", "assistant-2"),
        (1, "log", "lag"),
    ] {
        let (dir, _) = range();
        lines(dir.path(), "views/records.csv", |lines| {
            let n = n.min(lines.len() - 1);
            assert!(lines[n].contains(from), "{}", lines[n]);
            lines[n] = lines[n].replacen(from, to, 1);
        });
        reseal_inside(dir.path());
        expect_broken(dir.path(), "views/records.csv shows something else");
    }
    type Change = fn(&mut Vec<String>);
    let changes: [Change; 4] = [
        |l| drop(l.remove(0)),
        |l| l.push(l[1].clone()),
        |l| drop(l.pop()),
        |l| l[0].push(','),
    ];
    for change in changes {
        let (dir, _) = range();
        lines(dir.path(), "views/records.csv", change);
        reseal_inside(dir.path());
        expect_broken(dir.path(), "views/records.csv");
    }
}

#[test]
fn swapped_ciphertexts_are_named_by_their_records() {
    let (dir, log) = range();
    fs::write(dir.path().join("bodies/8.bin"), &log.bodies[9]).unwrap();
    fs::write(dir.path().join("bodies/9.bin"), &log.bodies[8]).unwrap();
    reseal_inside(dir.path());
    let rid = hex::encode(log.leaves[8].rid);
    expect_broken(
        dir.path(),
        &format!("record 8 (rid {rid}): its body (bodies/8.bin) is not the one"),
    );

    // The operator itself swaps them, in a log signed and witnessed: each opens under its own
    // record alone.
    let mut log = Log::new(0);
    log.bodies.swap(8, 9);
    log.keys.swap(8, 9);
    for (a, b) in [(8, 9), (9, 8)] {
        let other = Log::new(0).leaves[b].clone();
        log.leaves[a].body = other.body;
        log.leaves[a].kc = other.kc;
    }
    log.relink();
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    expect_broken(dir.path(), "does not open with its key");
}

#[test]
fn a_wrong_key_or_commitment_is_named_by_its_record() {
    let named = "the key given for it is not the one that the record commits to";
    let (dir, log) = range();
    let [a, b] = [8, 9].map(|n: usize| hex::encode(log.keys[n].key_bytes()));
    lines(dir.path(), "keys.jsonl", |lines| {
        for line in lines {
            *line = line.replace(&a, &b);
        }
    });
    reseal_inside(dir.path());
    expect_broken(dir.path(), named);

    let (dir, log) = range();
    let kc = log.leaves[8].kc.to_hex();
    lines(dir.path(), "keys.jsonl", |lines| {
        for line in lines {
            *line = line.replace(&kc, &"0".repeat(64));
        }
    });
    reseal_inside(dir.path());
    expect_broken(dir.path(), named);

    // A leaf that commits to nothing its key gives.
    let mut log = Log::new(0);
    log.leaves[8].kc = Hash([7; 32]);
    log.relink();
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    expect_broken(dir.path(), named);

    for (seq, why) in [
        (7, "not in this bundle"),
        (11, "a key is given for a body that is not"),
        (99, "not in this bundle"),
    ] {
        let (dir, log) = range();
        let n = seq.min(19);
        let (kc, key) = (
            log.leaves[n].kc.to_hex(),
            hex::encode(log.keys[n].key_bytes()),
        );
        lines(dir.path(), "keys.jsonl", |lines| {
            lines.push(format!(r#"{{"kc":"{kc}","key":"{key}","seq":"{seq}"}}"#));
        });
        reseal_inside(dir.path());
        expect_broken(dir.path(), why);
    }
    let (dir, _) = range();
    lines(dir.path(), "keys.jsonl", |lines| {
        lines.push(lines[0].clone());
    });
    reseal_inside(dir.path());
    expect_broken(dir.path(), "names a record that is named before");
}

/// The operator signs and the witnesses cosign a log that breaks the rules between leaves.
#[test]
fn rules_between_leaves_hold_in_a_signed_log_too() {
    type Change = fn(&mut Vec<Leaf>);
    let changes: [(Change, &str); 6] = [
        (
            |l| l[9].time_us = l[8].time_us - 1,
            "older than the record before it",
        ),
        (|l| l[9].n += 1, "its number within its tag does not follow"),
        (|l| l[9].n = 1, "its number within its tag does not follow"),
        (
            |l| l[17].kind = Kind::Started,
            "names it as the record of this export",
        ),
        (
            |l| l[15].kind = Kind::Started,
            "names it as the record of an erasure",
        ),
        (
            |l| l[9].body_len = 2048,
            "has not the length that was recorded",
        ),
    ];
    for (change, why) in changes {
        let mut log = Log::new(0);
        change(&mut log.leaves);
        log.relink();
        let dir = TempDir::new();
        log.bundle(dir.path(), &Plan::range(0, SIZE).erased());
        expect_broken(dir.path(), why);
    }
    // `prev` is wrong, and the tree over it is right.
    let mut log = Log::new(0);
    log.leaves[19].prev = Hash([1; 32]);
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    expect_broken(dir.path(), "it does not follow on the record before it");
    // A leaf of another log.
    let mut log = Log::new(0);
    log.leaves[19].log = "other.example/ledger".into();
    let dir = TempDir::new();
    let line = log.leaves[19].to_line().unwrap();
    log.leaves[19].log = LOG.into();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    lines(dir.path(), "entries.jsonl", |lines| lines[19] = line);
    reseal_inside(dir.path());
    expect_broken(dir.path(), "it belongs to another log");
}

#[test]
fn numbers_within_a_tag_may_jump_over_a_cut_leaf_and_nowhere_else() {
    let log = Log::new(0);
    // A tag with records on both sides of one that goes.
    let tag = log.leaves[9].tag;
    let of_tag: Vec<u64> = (0..SIZE)
        .filter(|n| log.leaves[*n as usize].tag == tag)
        .collect();
    let middle = *of_tag.iter().find(|n| **n > 9).unwrap();
    let mut plan = Plan::range(0, SIZE);
    plan.cut.insert(middle, CutReason::Erased);
    let dir = TempDir::new();
    log.bundle(dir.path(), &plan);
    expect(dir.path(), 0);

    // The same record never written: later ones count on as if it were there.
    let mut log = Log::new(0);
    log.leaves.remove(middle as usize);
    log.bodies.remove(middle as usize);
    log.keys.remove(middle as usize);
    log.relink();
    let dir = TempDir::new();
    log.append(Kind::Started, 2, b"{}");
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    expect_broken(dir.path(), "its number within its tag does not follow");
}

#[test]
fn an_operator_that_hides_text_in_the_padding_is_caught() {
    // Sealed by hand under the record's key, with a byte behind the JSON.
    let mut log = Log::new(0);
    let leaf = &log.leaves[9];
    let binding = Binding {
        log: LOG,
        rid: &leaf.rid,
        tag: &leaf.tag,
        kind: leaf.kind,
        class: &leaf.class,
    };
    let (subject, period): ([u8; 32], [u8; 32]) = (bytes("subject", 1), bytes("period", 0));
    let sealed = seal::seal(&[b' '; 900], &subject, &period, bytes("salt", 9), binding).unwrap();
    assert_eq!(sealed.kc, leaf.kc);
    // GCM is a stream: flip a byte of text, and the tag no longer fits.
    let mut stored = sealed.stored;
    stored[36 + 950] ^= 1;
    log.leaves[9].body = Hash::of(&[&stored]);
    log.bodies[9] = stored;
    log.relink();
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    expect_broken(dir.path(), "does not open with its key");
}
