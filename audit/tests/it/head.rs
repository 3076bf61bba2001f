//! A checkpoint that the reader kept.

use tidewaiter_audit::checkpoint::{Checkpoint, sign_note};
use tidewaiter_audit::verify::{Options, verify};

use crate::fixture::{Log, Plan, SIZE, Signers, TempDir, trusting};

fn exit(dir: &TempDir, head: &str) -> u8 {
    verify(
        dir.path(),
        &Options {
            head: Some(head.into()),
            ..trusting()
        },
    )
    .exit
}

/// The log as an operator would have signed it with record 4 otherwise.
fn other_history() -> Log {
    let mut log = Log::new(0);
    log.leaves[4].agent = Some("somebody-else".into());
    log.relink();
    log
}

#[test]
fn a_checkpoint_of_the_same_history_agrees() {
    let log = Log::new(0);
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE).erased());
    for size in 0..=SIZE {
        assert_eq!(exit(&dir, &log.note(size)), 0, "{size}");
    }
}

#[test]
fn another_history_is_contradicted() {
    let other = other_history();
    let (dir, part) = (TempDir::new(), TempDir::new());
    Log::new(0).bundle(dir.path(), &Plan::range(0, SIZE).erased());
    let mut plan = Plan::selection(&[9]);
    plan.before = Some(6);
    Log::new(0).bundle(part.path(), &plan);
    for size in 0..=SIZE {
        let expected = if size > 4 { 11 } else { 0 };
        assert_eq!(exit(&dir, &other.note(size)), expected, "{size}");
        // With one record only, what can be compared is its own size and that of `before`; and
        // record 0 alone makes up the tree of size 1.
        let expected = match size {
            0 | 1 => 0,
            6 | SIZE => 11,
            _ => 12,
        };
        assert_eq!(exit(&part, &other.note(size)), expected, "{size}");
    }
}

#[test]
fn what_cannot_be_compared_is_not_passed() {
    let log = Log::new(0);
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    let mut longer = Log::new(0);
    longer.append(tidewaiter_audit::Kind::Started, 2, b"{}");
    assert_eq!(exit(&dir, &longer.note(SIZE + 1)), 12);
    let foreign = Checkpoint {
        origin: "other.example/ledger".into(),
        ..log.checkpoint(SIZE)
    };
    let foreign = sign_note(&foreign.text(), &[&Signers::new(0).checkpoint]);
    assert_eq!(exit(&dir, &foreign), 12);
}

#[test]
fn a_broken_bundle_is_broken_before_it_contradicts() {
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), &Plan::range(0, SIZE));
    std::fs::write(dir.path().join("README.txt"), b"other").unwrap();
    assert_eq!(exit(&dir, &other_history().note(SIZE)), 10);
}

#[test]
fn a_head_says_nothing_about_who_signed() {
    let dir = TempDir::new();
    let log = Log::new(0);
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    let untrusting = |head: String| Options {
        head: Some(head.into_bytes()),
        ..Options::default()
    };
    assert_eq!(verify(dir.path(), &untrusting(log.note(SIZE))).exit, 12);
    assert_eq!(
        verify(dir.path(), &untrusting(other_history().note(SIZE))).exit,
        11
    );
}
