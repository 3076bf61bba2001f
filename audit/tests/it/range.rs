//! Bundles as they should be, and their verdicts.

use tidewaiter_audit::bundle::{CutReason, Release};
use tidewaiter_audit::verify::{Options, Report, Topic, Verdict, verify};

use crate::fixture::{Log, Plan, SIZE, TempDir, expect, trusting};

fn words(report: &Report) -> [Verdict; 5] {
    Topic::ALL.map(|topic| report.verdicts.unwrap().on(topic))
}

fn verdicts_of(plan: &Plan) -> [Verdict; 5] {
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), plan);
    words(&expect(dir.path(), 0))
}

#[test]
fn every_range_verifies() {
    use Verdict::{Attested, Proved};
    let log = Log::new(0);
    for from in 0..=SIZE {
        for to in [from, (from + 1).min(SIZE), (from + 5).min(SIZE), SIZE] {
            let dir = TempDir::new();
            log.bundle(dir.path(), &Plan::range(from, to));
            let report = expect(dir.path(), 0);
            assert_eq!(words(&report), [Proved, Proved, Proved, Attested, Proved]);
            assert_eq!(report.findings, Vec::<String>::new());
        }
    }
}

#[test]
fn what_is_erased_or_withheld_or_selected_lowers_the_verdicts() {
    use Verdict::{Attested, Proved, Unproven};
    let erased = Plan::range(0, SIZE).erased();
    assert_eq!(
        verdicts_of(&erased),
        [Proved, Proved, Proved, Attested, Attested]
    );

    let mut withheld = Plan::range(3, SIZE).erased();
    withheld.cut.insert(9, CutReason::Withheld);
    assert_eq!(
        verdicts_of(&withheld),
        [Proved, Proved, Attested, Attested, Unproven]
    );

    let mut redacted = Plan::range(3, SIZE);
    redacted.bodiless.insert(9, CutReason::Withheld);
    assert_eq!(
        verdicts_of(&redacted),
        [Proved, Proved, Attested, Attested, Unproven]
    );

    // Record 0 is not in this scope, so its body may be kept back.
    let mut first = Plan::range(3, SIZE);
    first.bodiless.insert(0, CutReason::Withheld);
    assert_eq!(
        verdicts_of(&first),
        [Proved, Proved, Proved, Attested, Proved]
    );

    let mut selection = Plan::selection(&[4, 7, 8, 11, 16]).erased();
    assert_eq!(
        verdicts_of(&selection),
        [Proved, Proved, Attested, Attested, Attested]
    );
    selection.release = Release::None;
    assert_eq!(
        verdicts_of(&selection),
        [Proved, Proved, Attested, Attested, Attested]
    );
    let nothing = Plan::selection(&[]);
    assert_eq!(
        verdicts_of(&nothing),
        [Proved, Proved, Attested, Attested, Attested]
    );
}

#[test]
fn without_trust_nothing_but_integrity_is_proved() {
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), &Plan::range(0, SIZE));
    let report = verify(dir.path(), &Options::default());
    assert_eq!(report.exit, 12);
    let [integrity, others @ ..] = words(&report);
    assert_eq!(integrity, Verdict::Proved);
    assert_eq!(others, [Verdict::Unproven; 4]);
    assert!(
        report.to_json().starts_with(
            r#"{"exit":12,"verdicts":{"integrity":"proved","authenticity":"unproven","#
        )
    );
}

#[test]
fn require_asks_for_more() {
    let dir = TempDir::new();
    let mut plan = Plan::range(0, SIZE).erased();
    let log = Log::new(0);
    log.bundle(dir.path(), &plan);
    let asking = Options {
        require: vec![Topic::Time, Topic::Erasure],
        ..trusting()
    };
    assert_eq!(verify(dir.path(), &asking).exit, 0);

    let dir = TempDir::new();
    plan.bodiless.insert(9, CutReason::Withheld);
    log.bundle(dir.path(), &plan);
    assert_eq!(verify(dir.path(), &trusting()).exit, 0);
    assert_eq!(verify(dir.path(), &asking).exit, 12);
}

#[test]
fn keys_encrypted_to_a_recipient_verify_unopened() {
    let dir = TempDir::new();
    let recipient = crate::open::RECIPIENT.parse().unwrap();
    let plan = Plan {
        release: Release::Age(vec![recipient]),
        ..Plan::range(0, SIZE).erased()
    };
    Log::new(0).bundle(dir.path(), &plan);
    expect(dir.path(), 0);
}
