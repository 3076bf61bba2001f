//! The trust file, and what it asks of a checkpoint.

use proptest::prelude::*;
use tidewaiter_audit::checkpoint::{Note, cosign_note, sign_note};
use tidewaiter_audit::trust::{Distrust, Trust};

use crate::fixture::{LOG, Log, Signers, trust_text, witness};

/// A checkpoint signed by the log and these witnesses.
fn note(witnesses: &[u8]) -> Note {
    let text = Log::new(0).checkpoint(20).text();
    let mut note = sign_note(&text, &[&Signers::new(0).checkpoint]);
    for n in witnesses {
        note += &cosign_note(&text, &witness(*n), 1_795_353_500);
    }
    Note::parse(note.as_bytes()).unwrap()
}

fn judge(text: &str, note: &Note) -> Result<(), Distrust> {
    Trust::parse(text)
        .unwrap()
        .judge(note, Signers::new(0).checkpoint.verifier())
}

#[test]
fn a_quorum_is_counted_by_its_rules() {
    let all = trust_text();
    assert_eq!(judge(&all, &note(&[1, 2])), Ok(()));
    assert_eq!(judge(&all, &note(&[1, 2, 3])), Ok(()));
    assert_eq!(judge(&all, &note(&[3])), Err(Distrust::Quorum));
    assert_eq!(judge(&all, &note(&[4, 5])), Err(Distrust::Quorum));
    let quorum = |line: &str| all.replace("group watch 2 w1 w2 w3\nquorum watch\n", line);
    assert_eq!(judge(&quorum("quorum none\n"), &note(&[])), Ok(()));
    assert_eq!(
        judge(&quorum("quorum w2\n"), &note(&[1, 3])),
        Err(Distrust::Quorum)
    );
    assert_eq!(
        judge(&quorum("group g all w1 w2 w3\nquorum g\n"), &note(&[1, 2])),
        Err(Distrust::Quorum)
    );
    assert_eq!(
        judge(&quorum("group g any w1 w2 w3\nquorum g\n"), &note(&[2])),
        Ok(())
    );
    let nested = quorum(" group a any w1 w2\n\tgroup b all  a\tw3 \n# so\n\nquorum b");
    assert_eq!(judge(&nested, &note(&[2, 3])), Ok(()));
    assert_eq!(judge(&nested, &note(&[1, 2])), Err(Distrust::Quorum));
}

#[test]
fn a_wrong_line_of_a_known_key_is_not_passed_over() {
    let mut spoilt = note(&[1, 2, 3]);
    spoilt.signatures[3].bytes[20] ^= 1;
    assert_eq!(judge(&trust_text(), &spoilt), Err(Distrust::Witness));
    let mut spoilt = note(&[1, 2]);
    spoilt.signatures[0].bytes[20] ^= 1;
    assert_eq!(judge(&trust_text(), &spoilt), Err(Distrust::Signature));
    // A stranger's line may say anything.
    let mut stranger = note(&[1, 2, 4]);
    stranger.signatures[3].bytes[20] ^= 1;
    assert_eq!(judge(&trust_text(), &stranger), Ok(()));
}

#[test]
fn only_listed_logs_are_trusted() {
    let other = trust_text().replace(
        &Signers::new(0).checkpoint.vkey(),
        &Signers::new(1).checkpoint.vkey(),
    );
    assert_eq!(judge(&other, &note(&[1, 2])), Err(Distrust::Log));
    let trust = Trust::parse(&other).unwrap();
    assert_eq!(
        trust.judge_origin(&note(&[1, 2]), LOG),
        Err(Distrust::Signature)
    );
    assert_eq!(
        trust.judge_origin(&note(&[1, 2]), "other.example"),
        Err(Distrust::Log)
    );
    let trust = Trust::parse(&trust_text()).unwrap();
    assert_eq!(trust.judge_origin(&note(&[1, 2]), LOG), Ok(()));
    let none = "quorum none\n";
    assert_eq!(judge(none, &note(&[])), Err(Distrust::Log));
}

#[test]
fn a_trust_file_has_one_meaning() {
    let log = format!("log {}\n", Signers::new(0).checkpoint.vkey());
    let w = |n: u8, name: &str| format!("witness {name} {}\n", witness(n).vkey());
    let url = log.replace('\n', " https://exchange.example/ledger\n");
    assert!(Trust::parse(&format!("{url}{}quorum w1", w(1, "w1"))).is_ok());
    for bad in [
        String::new(),
        log.clone(),
        format!("{log}quorum none\nquorum none\n"),
        format!("{log}quorum w1\n{}", w(1, "w1")),
        format!("{log}{log}quorum none\n"),
        format!("{log}{}{}quorum none\n", w(1, "w1"), w(1, "w2")),
        format!("{log}{}{}quorum none\n", w(1, "w1"), w(2, "w1")),
        format!("{log}{}quorum none\n", w(1, "none")),
        format!("{}quorum none\n", log.replace("log ", "witness w ")),
        format!("{}quorum none\n", w(1, "w1").replace("witness w1", "log")),
        format!("{log}{}group g 2 w1\nquorum g\n", w(1, "w1")),
        format!("{log}{}group g 0 w1\nquorum g\n", w(1, "w1")),
        format!("{log}{}group g 01 w1\nquorum g\n", w(1, "w1")),
        format!("{log}{}group g any\nquorum g\n", w(1, "w1")),
        format!("{log}{}group g any w1 w1\nquorum g\n", w(1, "w1")),
        format!(
            "{log}{}group g any w1\ngroup h any w1\nquorum g\n",
            w(1, "w1")
        ),
        format!("{log}{}group g any none\nquorum g\n", w(1, "w1")),
        format!("{log}group g any g\nquorum g\n"),
        format!("{log}quorum none\r\n"),
        format!("{log}quorum none extra\n"),
        format!("{log}trust everybody\nquorum none\n"),
        format!("LOG x\n{log}quorum none\n"),
        format!("log\n{log}quorum none\n"),
    ] {
        assert!(Trust::parse(&bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(lines in proptest::collection::vec(
        "(log|witness|group|quorum|#)?( (none|any|all|w1|[0-9]{1,20}|.{0,8})){0,5}", 0..8,
    )) {
        if let Ok(trust) = Trust::parse(&lines.join("\n")) {
            prop_assert!(trust.judge(&note(&[1]), Signers::new(0).checkpoint.verifier()).is_err());
        }
    }
}
