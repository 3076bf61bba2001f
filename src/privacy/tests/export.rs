//! Export, and what a stranger makes of it.

use super::super::export::{ExportRequest, approve, build, list, request, trust_file, zip};
use super::*;
use crate::policy::Snapshot;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tidewaiter_audit::trust::Trust;
use tidewaiter_audit::verify::{Options, Report, verify};

fn wanted(scope: &Value) -> ExportRequest {
    serde_json::from_value(json!({
        "scope": scope, "power": "MiCA Art. 94", "reference": "BF-7/26",
        "purpose": "supervision of withdrawals", "released_clear": true,
    }))
    .unwrap()
}

async fn bundle(h: &Harness, request_: &ExportRequest, name: &str) -> PathBuf {
    let (ada, olaf) = (
        officer("ada", &[Role::Auditor]),
        officer("olaf", &[Role::Legal]),
    );
    let case = request(&h.ledger, &ada, request_, Some(&access()), &known)
        .await
        .unwrap();
    let id = case["export"].as_str().unwrap();
    approve(&h.ledger, &olaf, id, Some(&access()))
        .await
        .unwrap();
    let dir = h.dir.path().join(name);
    let built = build(&h.ledger, &ada, id, Some(&access()), &dir, &agents())
        .await
        .unwrap();
    assert_eq!(built.record, hex::encode(built.manifest.export));
    dir
}

fn judge(h: &Harness, dir: &Path) -> Report {
    let trust = Trust::parse(&trust_file(&h.ledger)).unwrap();
    let options = Options {
        trust: Some(trust),
        ..Options::default()
    };
    assert_eq!(
        verify(dir, &Options::default()).exit,
        12,
        "nothing is proved without trust"
    );
    let ours = verify(dir, &options);
    if let Some((theirs, said)) = by_the_script(h, dir) {
        assert_eq!(theirs, i32::from(ours.exit), "{said} {:?}", ours.findings);
    }
    ours
}

/// The verifier that came with the bundle, where there is a Python.
fn by_the_script(h: &Harness, dir: &Path) -> Option<(i32, String)> {
    let trust = h.dir.path().join("trust.txt");
    std::fs::write(&trust, trust_file(&h.ledger)).unwrap();
    let script = dir.join("verify.py");
    let mut command = Command::new("python3");
    let command = command
        .arg("-B")
        .arg(script)
        .arg(dir)
        .arg("--trust")
        .arg(trust);
    let out = command.output().ok()?;
    Some((
        out.status.code()?,
        String::from_utf8_lossy(&out.stdout).into_owned(),
    ))
}

#[tokio::test]
async fn an_export_verifies_with_trust_alone() {
    let h = Harness::new().await;
    h.customer("ann").await;
    h.customer("bob").await;
    let dir = bundle(&h, &wanted(&json!({"kind": "all"})), "bundle").await;
    let report = judge(&h, &dir);
    assert_eq!(report.exit, 0, "{:?}", report.findings);
    let file = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let manifest: Value = serde_json::from_str(&file("manifest.json")).unwrap();
    assert_eq!(manifest["counts"]["withheld"], "0");
    assert_eq!(manifest["power"], "MiCA Art. 94");
    let keys = file("keys.jsonl");
    assert_eq!(
        keys.lines().count(),
        file("entries.jsonl").matches("\"v\":\"tw/1\"").count()
            - file("entries.jsonl").matches("\"kind\":\"duty\"").count(),
        "every key but those of officers' acts"
    );
    for name in ["ada", "olaf"] {
        assert!(!file("identities.jsonl").contains(name));
    }
    assert_eq!(file("custody.jsonl").lines().count(), 3);
    let archive = h.dir.path().join("bundle.zip");
    assert!(zip(&dir, &archive).unwrap() > 1_000);
    // One byte changed, and the record is named.
    let body = dir.join("bodies/3.bin");
    let mut bytes = std::fs::read(&body).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&body, bytes).unwrap();
    let report = judge_broken(&h, &dir);
    assert_eq!(report.exit, 10);
    assert!(report.findings.iter().any(|finding| finding.contains('3')));
}

fn judge_broken(h: &Harness, dir: &Path) -> Report {
    let trust = Trust::parse(&trust_file(&h.ledger)).unwrap();
    let options = Options {
        trust: Some(trust),
        ..Options::default()
    };
    verify(dir, &options)
}

#[tokio::test]
async fn after_an_erasure_old_and_new_bundles_verify() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    h.customer("bob").await;
    let old = bundle(&h, &wanted(&json!({"kind": "all"})), "old").await;
    assert_eq!(judge(&h, &old).exit, 0);
    let case = super::super::erasure::request(&h.ledger, &customer("ann"))
        .await
        .unwrap();
    let id = case["case"].as_str().unwrap();
    let dpo = officer("dora", &[Role::Dpo]);
    let terms = h.terms();
    let done = super::super::erasure::approve(&h.ledger, &dpo, id, Some(&access()), &terms).await;
    assert_eq!(done.unwrap()["state"], "done");
    assert_eq!(judge(&h, &old).exit, 0, "the old one still verifies");
    let new = bundle(&h, &wanted(&json!({"kind": "all"})), "new").await;
    let report = judge(&h, &new);
    assert_eq!(report.exit, 0, "{:?}", report.findings);
    let erasures = std::fs::read_to_string(new.join("erasures.jsonl")).unwrap();
    assert_eq!(erasures.lines().count(), 1);
    let line: Value = serde_json::from_str(erasures.trim()).unwrap();
    assert_eq!(line["seq"], chat.seq().to_string());
    let gone = h.leaf(line["record"].as_str().unwrap()).await;
    assert_eq!(gone.kind, Kind::KeyDestroyed);
    assert!(!new.join(format!("bodies/{}.bin", chat.seq())).exists());
}

#[tokio::test]
async fn parts_of_the_ledger_verify_too() {
    let h = Harness::new().await;
    let (chat, lookup) = h.customer("ann").await;
    h.ledger.checkpoint().await.unwrap();
    for n in 0..20 {
        h.record("bob", "regulated", Kind::Lookup, json!({"n": n}))
            .await;
    }
    let from = lookup.seq() + 5;
    let range = wanted(&json!({"kind": "range", "from": from, "to": from + 9}));
    let dir = bundle(&h, &range, "range").await;
    assert_eq!(judge(&h, &dir).exit, 0);
    assert!(dir.join("proofs/before").exists() && dir.join("proofs/consistency").exists());
    let beyond = wanted(&json!({"kind": "range", "from": 5, "to": 1_000_000}));
    assert_eq!(judge(&h, &bundle(&h, &beyond, "beyond").await).exit, 0);
    let one = wanted(&json!({"kind": "subject", "issuer": "https://login.test", "sub": "ann"}));
    let dir = bundle(&h, &one, "subject").await;
    assert_eq!(judge(&h, &dir).exit, 0);
    let entries = std::fs::read_to_string(dir.join("entries.jsonl")).unwrap();
    assert_eq!(entries.lines().count(), 3);
    assert!(entries.contains(&chat.rid()) && entries.contains(&lookup.rid()));
    let manifest = std::fs::read_to_string(dir.join("manifest.json")).unwrap();
    assert!(!manifest.contains("ann") && !manifest.contains("login.test"));
    let operation = wanted(&json!({"kind": "operation", "operation": "withdrawals.status"}));
    let dir = bundle(&h, &operation, "operation").await;
    assert_eq!(judge(&h, &dir).exit, 0);
    let leaf = h.leaf(&lookup.rid()).await;
    let at = crate::clock::rfc3339(leaf.time_us);
    let time = wanted(&json!({"kind": "time", "from": at, "to": "2100-01-01T00:00:00Z"}));
    let dir = bundle(&h, &time, "time").await;
    assert_eq!(judge(&h, &dir).exit, 0);
    let manifest = std::fs::read_to_string(dir.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["scope"]["from"], lookup.seq().to_string());
}

#[tokio::test]
async fn what_the_power_does_not_cover_is_cut_and_named() {
    let h = Harness::new().await;
    h.customer("ann").await;
    h.record("ann", "aml", Kind::Lookup, json!({"words": "not for you"}))
        .await;
    let mut request = wanted(&json!({"kind": "all"}));
    request.withhold = vec!["aml".to_owned()];
    let dir = bundle(&h, &request, "cut").await;
    let report = judge(&h, &dir);
    assert_eq!(report.exit, 0, "{:?}", report.findings);
    let redactions = std::fs::read_to_string(dir.join("redactions.jsonl")).unwrap();
    assert!(redactions.contains("class:aml"));
    let verdicts = report.verdicts.unwrap();
    assert_eq!(verdicts.completeness.as_str(), "attested");
}

#[tokio::test]
async fn keys_can_go_to_a_recipient_or_stay() {
    let h = Harness::new().await;
    h.customer("ann").await;
    let mut request = wanted(&json!({"kind": "all"}));
    request.released_clear = false;
    let dir = bundle(&h, &request, "none").await;
    assert_eq!(judge(&h, &dir).exit, 0);
    assert!(!dir.join("keys.jsonl").exists() && !dir.join("keys.age").exists());
    // The example recipient of age's own documents.
    let to = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    request.recipients = vec![to.to_owned()];
    let dir = bundle(&h, &request, "age").await;
    assert_eq!(judge(&h, &dir).exit, 0);
    let sealed = std::fs::read(dir.join("keys.age")).unwrap();
    assert!(sealed.starts_with(b"age-encryption.org/v1"));
}

#[tokio::test]
async fn policies_go_out_word_for_word() {
    let h = Harness::new().await;
    let shipped = Snapshot::compile(&Files::shipped(), &[]).await.unwrap();
    let sources: BTreeMap<_, _> = shipped.sources().iter().cloned().collect();
    let version = shipped.version().to_string();
    let mut draft = Draft::new(Kind::Policy, Owner::Log, "service", json!({}));
    draft.policy = Hash::from_hex(&version);
    draft.effects = vec![crate::ledger::Effect::PolicyVersion {
        version: version.clone(),
        sources: serde_json::to_string(&sources).unwrap(),
    }];
    h.ledger.append(draft).await.unwrap();
    h.customer("ann").await;
    let dir = bundle(&h, &wanted(&json!({"kind": "all"})), "bundle").await;
    assert_eq!(judge(&h, &dir).exit, 0);
    // The bundle's verifier has its own way to the version: it is the policy's.
    for (name, text) in &sources {
        let path = dir.join("policies").join(&version).join(name);
        assert_eq!(&std::fs::read_to_string(path).unwrap(), text);
    }
    assert!(sources.contains_key("catalog/core.toml"));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one case from request to release")]
async fn i7_two_people_and_every_step_a_record() {
    let h = Harness::new().await;
    h.customer("ann").await;
    let olaf = officer("olaf", &[Role::Officer]);
    let all = wanted(&json!({"kind": "all"}));
    for (who, reason, why) in [
        (
            officer("sam", &[Role::Support]),
            Some(access()),
            Refusal::Denied,
        ),
        (
            officer("adi", &[Role::Admin]),
            Some(access()),
            Refusal::Denied,
        ),
        (
            officer("olaf", &[Role::Officer]),
            None,
            Refusal::ReasonRequired,
        ),
    ] {
        let outcome = request(&h.ledger, &who, &all, reason.as_ref(), &known).await;
        assert_eq!(refused(outcome), why);
        assert_eq!(h.newest(Kind::Duty).await.1["refused"], why.code());
    }
    let mut duty = all.clone();
    duty.duty = true;
    let case = request(&h.ledger, &olaf, &duty, Some(&access()), &known)
        .await
        .unwrap();
    assert_eq!(h.newest(Kind::Duty).await.1["asked"]["duty"], true);
    let id = case["export"].as_str().unwrap();
    let outcome = approve(&h.ledger, &olaf, id, Some(&access())).await;
    assert_eq!(
        refused(outcome),
        Refusal::Denied,
        "acts of officers need the DPO or legal"
    );
    let ines = officer("ines", &[Role::Officer, Role::Legal]);
    let dir = h.dir.path().join("early");
    let outcome = build(&h.ledger, &ines, id, Some(&access()), &dir, &[]).await;
    assert_eq!(refused(outcome), Refusal::Conflict);
    assert!(!dir.exists());
    let case = request(&h.ledger, &ines, &all, Some(&access()), &known)
        .await
        .unwrap();
    let own = case["export"].as_str().unwrap();
    let outcome = approve(&h.ledger, &ines, own, Some(&access())).await;
    assert_eq!(refused(outcome), Refusal::Conflict, "not one's own");
    approve(&h.ledger, &ines, id, Some(&access()))
        .await
        .unwrap();
    let built = build(&h.ledger, &ines, id, Some(&access()), &dir, &[])
        .await
        .unwrap();
    assert_eq!(h.body(&built.record).await["act"], "export.release");
    let known = list(&h.ledger, &olaf).await.unwrap();
    assert_eq!(known["exports"].as_array().unwrap().len(), 2);
    let again = h.dir.path().join("again");
    let repeated = build(&h.ledger, &ines, id, Some(&access()), &again, &[])
        .await
        .unwrap();
    assert_ne!(built.record, repeated.record);
    nothing_without_a_record(&h, &ines, id).await;
}

async fn nothing_without_a_record(h: &Harness, ines: &Officer, id: &str) {
    h.break_down().await;
    let none = h.dir.path().join("none");
    let outcome = build(&h.ledger, ines, id, Some(&access()), &none, &[]).await;
    assert_eq!(refused(outcome), Refusal::Unrecorded);
    assert!(!none.exists());
}

#[tokio::test]
async fn a_request_must_be_as_declared() {
    let h = Harness::new().await;
    let olaf = officer("olaf", &[Role::Officer]);
    let good = wanted(&json!({"kind": "all"}));
    let mut bad = vec![];
    let mut change = |with: fn(&mut ExportRequest)| {
        let mut request = good.clone();
        with(&mut request);
        bad.push(request);
    };
    change(|r| r.power = String::new());
    change(|r| r.reference = "x".repeat(301));
    change(|r| r.purpose = "a\nb c".to_owned());
    change(|r| r.recipients = vec!["age1nonsense".to_owned()]);
    change(|r| r.withhold = vec!["../x".to_owned()]);
    for scope in [
        json!({"kind": "range", "from": 9, "to": 3}),
        json!({"kind": "time", "from": "yesterday", "to": "2100-01-01T00:00:00Z"}),
        json!({"kind": "operation", "operation": "a b"}),
        json!({"kind": "subject", "issuer": "", "sub": "ann"}),
    ] {
        bad.push(wanted(&scope));
    }
    for request_ in &bad {
        let outcome = request(&h.ledger, &olaf, request_, Some(&access()), &known).await;
        assert_eq!(refused(outcome), Refusal::InvalidArguments, "{request_:?}");
    }
    let unknown =
        json!({"scope": {"kind": "all", "x": 1}, "power": "a", "reference": "b", "purpose": "c"});
    assert!(serde_json::from_value::<ExportRequest>(unknown).is_err());
    let full = wanted(&json!({"kind": "subject", "issuer": "https://login.test", "sub": "ann"}));
    request(&h.ledger, &olaf, &full, Some(&access()), &known)
        .await
        .unwrap();
    assert!(!h.raw_has(b"login.test"), "no table names the subject");
}
