//! `serve --check` and `verify`: what is found wrong is named, and the exit status says it.

use super::{policies, root, run};
use std::process::Command;
use tidewaiter_audit::Hash;
use tidewaiter_audit::checkpoint::{Checkpoint, SigningKey, sign_note};

#[test]
fn serve_check_names_every_secret_and_file_that_is_missing() {
    let sample = root("deploy/tidewaiter.toml").display().to_string();
    let done = run(&["serve", "--check", "--config", &sample]);
    assert_eq!((done.status, done.out.as_str()), (1, ""));
    for missing in [
        "database.password",
        "upstreams[0].credential",
        "policies.dir",
        "issuers[1].jwks_file",
        "upstreams[0].ca",
        "server.tls.cert",
        "server.tls.key",
    ] {
        assert!(
            done.err.contains(&format!("tidewaiter.toml:{missing}:")),
            "{missing}: {}",
            done.err
        );
    }
    let done = run(&["serve", "--check", "--config", "/nowhere.toml"]);
    assert_eq!(done.status, 1);
    assert!(
        done.err.contains("/nowhere.toml: cannot be read"),
        "{}",
        done.err
    );
}

#[test]
fn serve_check_passes_the_sample_once_everything_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().display().to_string();
    let text = std::fs::read_to_string(root("deploy/tidewaiter.toml")).unwrap();
    let text = text
        .replace("/etc/tidewaiter", &here)
        .replace("/var/lib", &here);
    let config = dir.path().join("tidewaiter.toml");
    std::fs::write(&config, &text).unwrap();
    for folder in ["secrets", "issuers", "tls"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    std::fs::rename(policies().keep(), dir.path().join("policies")).unwrap();
    let check = || {
        run(&[
            "serve",
            "--check",
            "--config",
            &config.display().to_string(),
        ])
    };
    for name in ["secrets/database", "secrets/core", "tls/key.pem"] {
        assert_eq!(check().status, 1, "without {name}");
        let path = dir.path().join(name);
        tidewaiter::config::secret::write_private(&path, b"hunter2").unwrap();
    }
    for name in [
        "db-ca.pem",
        "core-ca.pem",
        "tls/cert.pem",
        "issuers/staff.json",
    ] {
        assert!(name == "db-ca.pem" || check().status == 1, "without {name}");
        std::fs::write(dir.path().join(name), "{}").unwrap();
    }
    let done = check();
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(done.out, "the configuration is in order\n");
    // A secret that others can read, an inline one, an unknown key: named, and never repeated.
    let key = dir.path().join("secrets/core");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, mode).unwrap();
    let done = check();
    assert_eq!(done.status, 1);
    assert!(
        done.err.contains("upstreams[0].credential") && done.err.contains("chmod 600"),
        "{}",
        done.err
    );
    assert!(!done.err.contains("hunter2"), "{}", done.err);
    for (from, to) in [
        ("credential = { file", "credential = \"hunter2\"\n#{ file"),
        ("[policies]", "[policies]\nhunter2 = 1"),
    ] {
        std::fs::write(&config, text.replacen(from, to, 1)).unwrap();
        let done = check();
        assert_eq!(done.status, 1, "{to}");
        assert!(done.err.contains("tidewaiter.toml:"), "{}", done.err);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
fn verify_exits_as_the_contract_says() {
    let vectors = root("audit/tests/vectors");
    let [bundle, part, trust, head] = ["bundle-small", "bundle-selection", "trust.txt", "head-6"]
        .map(|name| vectors.join(name).display().to_string());
    let verify = |more: &[&str]| run(&[&["verify"], more].concat());
    let trusted = ["--trust", trust.as_str()];
    let done = verify(&[&[bundle.as_str()], &trusted[..]].concat());
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    let done = verify(&[&[bundle.as_str(), "--json"], &trusted[..]].concat());
    let json: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert!(json.is_object() && done.status == 0);
    assert_eq!(
        verify(&[&bundle]).status,
        12,
        "without trust nothing is authentic"
    );
    // The part says nothing of erasures; that is no fault unless the reader needs it.
    for (bundle, needed, status) in [
        (&part, "time", 0),
        (&part, "time,erasure", 12),
        (&bundle, "time,erasure", 0),
    ] {
        let needs = ["--require", needed];
        let done = verify(&[&[bundle.as_str()], &trusted[..], &needs].concat());
        assert_eq!(done.status, status, "{bundle} {needed}: {}", done.out);
    }
    assert_eq!(
        verify(&[&[bundle.as_str()], &trusted[..], &["--require", "luck"]].concat()).status,
        2
    );
    assert_eq!(verify(&[&bundle, "--trust", "/nowhere"]).status, 2);
    assert_eq!(verify(&["/nowhere", "--trust", &trust]).status, 2);
    let known = ["--head", head.as_str()];
    assert_eq!(
        verify(&[&[bundle.as_str()], &trusted[..], &known].concat()).status,
        0
    );
    // A head of the same log, signed by the same key, over another history.
    let copy = tempfile::tempdir().unwrap();
    let key = SigningKey::from_seed("exchange.example/ledger", &[1; 32]).unwrap();
    let other = Checkpoint {
        origin: key.name().to_owned(),
        size: 6,
        root: Hash([7; 32]),
    };
    let [own_trust, other_head] =
        ["trust.txt", "head"].map(|name| copy.path().join(name).display().to_string());
    std::fs::write(&own_trust, format!("log {}\nquorum none\n", key.vkey())).unwrap();
    std::fs::write(&other_head, sign_note(&other.text(), &[&key])).unwrap();
    let own = [bundle.as_str(), "--trust", &own_trust];
    assert_eq!(verify(&own).status, 0);
    let done = verify(&[&own[..], &["--head", &other_head]].concat());
    assert_eq!(done.status, 11, "{}", done.out);
    let copied = Command::new("cp")
        .arg("-r")
        .arg(&bundle)
        .arg(copy.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let spoilt = copy.path().join("bundle-small");
    let entries = spoilt.join("entries.jsonl");
    let text = std::fs::read_to_string(&entries).unwrap();
    std::fs::write(&entries, text.replacen("\"allow\"", "\"error\"", 1)).unwrap();
    let done = verify(&[&[spoilt.display().to_string().as_str()], &trusted[..]].concat());
    assert_eq!(done.status, 10, "{}", done.out);
}
