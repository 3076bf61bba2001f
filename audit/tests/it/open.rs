//! Opening a bundle for reading.

use std::fs;

use age::secrecy::ExposeSecret;
use age::x25519;
use tidewaiter_audit::bundle::{
    CutReason, KeyError, Recipient, Release, decrypt_keys, encrypt_keys,
};
use tidewaiter_audit::open::{OpenError, open};
use tidewaiter_audit::verify::Options;

use crate::fixture::{Log, Plan, SIZE, TempDir, files, trusting};

/// Somebody's recipient, from age's own documentation.
pub(crate) const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

fn identity() -> (Recipient, String) {
    let identity = x25519::Identity::generate();
    let text = format!(
        "# created: today\n{}\n",
        identity.to_string().expose_secret()
    );
    (identity.to_public().to_string().parse().unwrap(), text)
}

#[test]
fn keys_open_for_each_recipient_and_nobody_else() {
    let [(a, a_key), (b, b_key), (_, c_key)] = [identity(), identity(), identity()];
    let sealed = encrypt_keys(b"lines\n", &[a, b]).unwrap();
    for key in [&a_key, &b_key] {
        assert_eq!(*decrypt_keys(&sealed, key.as_bytes()).unwrap(), b"lines\n");
    }
    let open = |file: &[u8], key: &[u8]| decrypt_keys(file, key).map(|_| ()).unwrap_err();
    assert_eq!(open(&sealed, c_key.as_bytes()), KeyError::Decrypt);
    assert_eq!(
        open(&sealed[..sealed.len() - 1], a_key.as_bytes()),
        KeyError::Decrypt
    );
    assert_eq!(open(b"", a_key.as_bytes()), KeyError::Decrypt);
    assert_eq!(open(&sealed, b"AGE-SECRET-KEY-1X"), KeyError::Identity);
    assert_eq!(encrypt_keys(b"", &[]).unwrap_err(), KeyError::Encrypt);
    for bad in [
        "",
        "age1",
        "AGE-SECRET-KEY-1",
        "ssh-ed25519 AAAA",
        &RECIPIENT[1..],
    ] {
        assert_eq!(bad.parse::<Recipient>().unwrap_err(), KeyError::Recipient);
    }
}

#[test]
fn an_encrypted_bundle_opens_to_records_and_a_page() {
    let (recipient, key) = identity();
    let mut plan = Plan {
        release: Release::Age(vec![recipient]),
        ..Plan::range(0, SIZE).erased()
    };
    plan.bodiless.insert(9, CutReason::Withheld);
    let (dir, out) = (TempDir::new(), TempDir::new());
    let log = Log::new(0);
    log.bundle(dir.path(), &plan);
    let missing = open(dir.path(), out.path(), None, &trusting());
    assert!(matches!(missing, Err(OpenError::NeedsIdentity)));
    let (_, other) = identity();
    let wrong = open(dir.path(), out.path(), Some(other.as_bytes()), &trusting());
    assert!(matches!(wrong, Err(OpenError::Keys(KeyError::Decrypt))));

    let opened = open(dir.path(), out.path(), Some(key.as_bytes()), &trusting()).unwrap();
    assert_eq!(
        (opened.report.exit, opened.records, opened.bodies),
        (0, 20, 17)
    );
    let records = fs::read_to_string(out.path().join("records.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = records
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 20);
    assert_eq!(lines[7]["leaf"]["reason"], "erased");
    assert!(lines[9]["body"].is_null() && lines[11]["body"].is_null());
    assert_eq!(lines[8]["leaf"]["rid"], hex::encode(log.leaves[8].rid));
    assert_eq!(lines[8]["body"]["text"], "record 8 <b>&\"");
    assert!(records.contains(&log.leaves[8].to_line().unwrap()));

    let page = fs::read_to_string(out.path().join("index.html")).unwrap();
    assert!(page.contains("record 8 &lt;b&gt;&amp;\\&quot;"));
    assert!(!page.contains("<b>") && !page.contains("<script") && !page.contains("http:"));
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn nothing_is_written_from_a_bundle_that_was_changed() {
    let (recipient, key) = identity();
    let plan = Plan {
        release: Release::Age(vec![recipient]),
        ..Plan::range(0, SIZE)
    };
    let (dir, out) = (TempDir::new(), TempDir::new());
    Log::new(0).bundle(dir.path(), &plan);
    let body = dir.path().join("bodies/8.bin");
    let mut bytes = fs::read(&body).unwrap();
    bytes[700] ^= 1;
    fs::write(&body, bytes).unwrap();
    let refused = open(dir.path(), out.path(), Some(key.as_bytes()), &trusting());
    let Err(OpenError::Refused(report)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(report.exit, 10);
    assert!(files(out.path()).is_empty());
}

#[test]
fn wrong_keys_in_an_encrypted_file_are_named() {
    let (recipient, key) = identity();
    let mut log = Log::new(0);
    log.keys.swap(8, 9);
    let plan = Plan {
        release: Release::Age(vec![recipient]),
        ..Plan::range(0, SIZE)
    };
    let (dir, out) = (TempDir::new(), TempDir::new());
    log.bundle(dir.path(), &plan);
    // Unopened, nobody can tell.
    crate::fixture::expect(dir.path(), 0);
    let refused = open(dir.path(), out.path(), Some(key.as_bytes()), &trusting());
    let Err(OpenError::Refused(report)) = refused else {
        panic!("{refused:?}")
    };
    assert!(
        report.findings.iter().any(|f| f.starts_with("record 8 ")),
        "{report}"
    );
}

#[test]
fn without_trust_it_opens_and_says_so() {
    let (dir, out) = (TempDir::new(), TempDir::new());
    Log::new(0).bundle(dir.path(), &Plan::range(0, SIZE));
    let opened = open(
        dir.path(),
        &out.path().join("new"),
        None,
        &Options::default(),
    )
    .unwrap();
    assert_eq!(opened.report.exit, 12);
    let page = fs::read_to_string(out.path().join("new/index.html")).unwrap();
    assert!(page.contains("Not everything is proved"));
}

#[test]
fn the_copy_goes_to_a_folder_of_its_own() {
    let (dir, out) = (TempDir::new(), TempDir::new());
    Log::new(0).bundle(dir.path(), &Plan::range(0, SIZE));
    let before = files(dir.path());
    for within in ["", "views", "opened", "new/folder"] {
        let refused = open(dir.path(), &dir.path().join(within), None, &trusting());
        assert!(matches!(refused, Err(OpenError::Out)), "{refused:?}");
    }
    crate::fixture::expect(dir.path(), 0);
    assert_eq!(files(dir.path()), before);
    fs::write(out.path().join("mine"), b"x").unwrap();
    let refused = open(dir.path(), out.path(), None, &trusting());
    assert!(matches!(refused, Err(OpenError::Out)));
}
