//! What an officer hands over, from a running gateway over REST to both verifiers.

mod handed;

use crate::harness::dice::Dice;
use crate::harness::stand::Stand;
use handed::{Handed, busy, by_python, by_rust, export, python, root, small};
use serde_json::json;
use std::collections::BTreeMap;
use std::process::Command;
use tidewaiter::identity::Role;
use tidewaiter_audit::checkpoint::sign_note;
use tidewaiter_audit::verify::{Options, verify};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_a_released_bundle_verifies_without_the_service() {
    for stand in Stand::each().await {
        busy(&stand).await;
        let bundles = [
            ("all", export(&stand, json!({"kind": "all"})).await),
            (
                "range",
                export(&stand, json!({"kind": "range", "from": 2, "to": 6})).await,
            ),
            (
                "operation",
                export(
                    &stand,
                    json!({"kind": "operation", "operation": "withdrawals.status"}),
                )
                .await,
            ),
        ];
        // Gone, as for a stranger: nothing but the folder and the trust file is left.
        stand.close().await;
        for (name, handed) in &bundles {
            let report = handed.verify();
            assert_eq!(report.exit, 0, "{name}: {report}");
            let without = verify(&handed.path(), &Options::default());
            assert_eq!(without.exit, 12, "{name} without trust: {without}");
            let own = std::fs::read(handed.path().join("verify.py")).unwrap();
            assert_eq!(
                own,
                std::fs::read(root("audit/verify.py")).unwrap(),
                "the one we ship"
            );
            if python() {
                assert_eq!(by_python(handed, true), by_rust(&report), "{name}");
                assert_eq!(by_python(handed, false), by_rust(&without), "{name}");
            }
        }
    }
}

/// Whoever is erased stays provably there: the same bundle verifies after the erasure, and a new
/// one says that the key is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i6_a_bundle_verifies_before_and_after_an_erasure() {
    for stand in Stand::each().await {
        busy(&stand).await;
        let before = export(&stand, json!({"kind": "all"})).await;
        let person = stand.house.exchange.cast().queued.clone();
        let customer = stand.house.customer(&person).unwrap();
        let asked = customer
            .post("/v1/me/erasures", &json!({}))
            .await
            .unwrap()
            .json();
        let id = asked["case"].as_str().unwrap_or_else(|| panic!("{asked}"));
        let dpo = stand.house.officer("dora", &[Role::Dpo]).unwrap();
        let why = json!({"reason": "request of the customer", "case": "E-1"});
        let done = dpo
            .post(&format!("/v1/erasures/{id}/approve"), &why)
            .await
            .unwrap();
        assert_eq!(done.status, 200, "{}", done.json());
        let after = export(&stand, json!({"kind": "all"})).await;
        let bodies = |handed: &Handed| {
            handed
                .files()
                .keys()
                .filter(|path| path.starts_with("bodies/"))
                .count()
        };
        assert!(bodies(&after) > 0);
        for handed in [&before, &after] {
            let report = handed.verify();
            assert_eq!(report.exit, 0, "{report}");
            if python() {
                assert_eq!(by_python(handed, true), by_rust(&report));
            }
        }
        let erasures = &after.files()["erasures.jsonl"];
        assert!(!erasures.is_empty(), "the new bundle names the erasure");
        stand.close().await;
    }
}

/// Every byte of every file that is not merely hashed, and samples of those that are.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_every_changed_byte_is_caught() {
    let (stand, handed) = small().await;
    stand.close().await;
    let files = handed.files();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let mut tried = 0;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|worker| {
                let (copy, files) = (handed.copy(), &files);
                scope.spawn(move || try_bytes(&copy, files, worker, workers))
            })
            .collect();
        tried = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum();
    });
    println!(
        "bundle: {tried} changed bytes in {} files, all caught",
        files.len()
    );
    assert!(tried > 10_000, "{tried}");
}

fn try_bytes(
    copy: &Handed,
    files: &BTreeMap<String, Vec<u8>>,
    worker: usize,
    workers: usize,
) -> usize {
    let options = copy.trusting();
    let mut tried = 0;
    for (path, bytes) in files {
        // Programs, texts and policies are hashed and no more.
        let hashed = ["verify.py", "README.txt", "policies/", "views/"];
        let step = if hashed.iter().any(|name| path.starts_with(name)) {
            211
        } else {
            1
        };
        let mut changed = bytes.clone();
        for at in (0..bytes.len()).step_by(step).skip(worker).step_by(workers) {
            changed[at] ^= 1 << (at % 8);
            copy.write(path, &changed);
            let report = verify(&copy.path(), &options);
            assert_eq!(report.exit, 10, "{path} byte {at}: {report}");
            changed[at] = bytes[at];
            tried += 1;
        }
        copy.write(path, bytes);
    }
    assert_eq!(copy.verify().exit, 0, "the control: as it was, it verifies");
    tried
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_another_gateway_of_the_same_name_is_a_forger() {
    let (first, genuine) = small().await;
    let (second, forged) = small().await;
    let ours = first.house.running.gateway.ledger().signers();
    assert_eq!(
        verify(&forged.path(), &genuine.trusting()).exit,
        10,
        "all of it is another's"
    );
    // Their signatures on our records, one note at a time and all together.
    let theirs = second.house.running.gateway.ledger().signers();
    let all = genuine.copy();
    for path in genuine.files().keys().filter(|path| is_note(path)) {
        let one = genuine.copy();
        for copy in [&one, &all] {
            let note = std::fs::read_to_string(copy.path().join(path)).unwrap();
            let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
            let key = if path == "manifest.note" {
                &theirs.manifest
            } else {
                &theirs.checkpoint
            };
            copy.write(path, sign_note(&text, &[key]).as_bytes());
        }
        one.seal_again(if path == "manifest.note" {
            &theirs.manifest
        } else {
            &ours.manifest
        });
        assert_eq!(one.verify().exit, 10, "{path}: {}", one.verify());
    }
    all.seal_again(&theirs.manifest);
    let report = all.verify();
    assert_eq!(report.exit, 10, "{report}");
    if python() {
        assert_eq!(by_python(&all, true), by_rust(&report));
    }
    first.close().await;
    second.close().await;
}

fn is_note(path: &str) -> bool {
    path == "manifest.note" || path == "proofs/checkpoint" || path == "proofs/before"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_stripped_signatures_are_no_signatures() {
    let (stand, handed) = small().await;
    let key = &stand.house.running.gateway.ledger().signers().manifest;
    for path in handed.files().keys().filter(|path| is_note(path)) {
        let copy = handed.copy();
        let note = std::fs::read_to_string(copy.path().join(path)).unwrap();
        let stripped: String = note
            .split_inclusive('\n')
            .filter(|line| !line.starts_with('\u{2014}'))
            .collect();
        assert_ne!(stripped, note, "{path} had a signature");
        for left in [stripped.as_str(), stripped.trim_end(), ""] {
            copy.write(path, left.as_bytes());
            if path != "manifest.note" {
                copy.seal_again(key);
            }
            let report = copy.verify();
            assert_eq!(report.exit, 10, "{path}: {report}");
            if python() {
                assert_eq!(by_python(&copy, true), by_rust(&report), "{path}");
            }
        }
        std::fs::remove_file(copy.path().join(path)).unwrap();
        assert_eq!(copy.verify().exit, 10, "{path} is gone");
    }
    stand.close().await;
}

/// Rust and Python on changes that the manifest's own signer made: the rules decide, not hashes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_both_verifiers_agree_on_changed_bundles() {
    if !python() {
        return;
    }
    let (stand, handed) = small().await;
    let key = &stand.house.running.gateway.ledger().signers().manifest;
    let mut dice = Dice::new("bundle");
    let files = handed.files();
    let telling = [
        "entries.jsonl",
        "keys.jsonl",
        "manifest.json",
        "manifest.note",
        "proofs/",
        "custody.jsonl",
        "redactions.jsonl",
        "erasures.jsonl",
        "identities.jsonl",
    ];
    let paths: Vec<&String> = files
        .keys()
        .filter(|path| telling.iter().any(|name| path.starts_with(name)))
        .collect();
    let copy = handed.copy();
    let (mut exits, cases) = (BTreeMap::new(), 120);
    for case in 0..cases {
        let path = paths[dice.place(paths.len())];
        let mut bytes = files[path].clone();
        change(&mut dice, &mut bytes);
        copy.write(path, &bytes);
        if !path.starts_with("manifest.") {
            copy.seal_again(key);
        }
        let report = copy.verify();
        assert_eq!(
            by_python(&copy, true),
            by_rust(&report),
            "case {case}, {path}: {report}"
        );
        *exits.entry(report.exit).or_insert(0) += 1;
        for (path, bytes) in &files {
            copy.write(path, bytes);
        }
    }
    println!("bundle: {cases} changed bundles, by exit status: {exits:?}");
    assert!(exits[&10] > cases / 2, "{exits:?}");
    stand.close().await;
}

fn change(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let telling = b"\"{}:,\\ \n\r\t0019afzA/+=-.\x00\x7f\xc3\xff";
    let byte = telling[dice.place(telling.len())];
    if bytes.is_empty() {
        bytes.push(byte);
        return;
    }
    let at = dice.place(bytes.len());
    match dice.below(6) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = byte,
        2 => bytes.insert(at, byte),
        3 => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        _ => {
            // A line twice.
            let from = bytes[..at]
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |n| n + 1);
            let line: Vec<u8> = bytes[from..]
                .iter()
                .copied()
                .take_while(|b| *b != b'\n')
                .collect();
            bytes.splice(from..from, line.into_iter().chain([b'\n']));
        }
    }
}

/// The other verifier's own tests: published vectors, and thousands of changed bundles.
#[test]
fn verify_py_passes_its_own_tests() {
    if !python() {
        return;
    }
    for arguments in [
        &["audit/verify.py", "--self-test"][..],
        &["audit/tests/python/test_verify.py"],
    ] {
        let run = Command::new("python3")
            .args(arguments)
            .current_dir(root("."))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(
            run.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&run.stderr)
        );
        println!("{arguments:?}: {}", said.lines().last().unwrap_or_default());
    }
}
