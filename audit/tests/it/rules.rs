//! Rules that two readers of the format once read differently, each tried against both.

use std::fs;
use std::path::Path;

use tidewaiter_audit::bundle::{BundleError, BundleWriter, CutReason, Release, policy_version};
use tidewaiter_audit::checkpoint::{KeyError, Note, VerifierKey, sign_note};
use tidewaiter_audit::open::{OpenError, open};
use tidewaiter_audit::record::Leaf;
use tidewaiter_audit::seal::{self, Binding};
use tidewaiter_audit::trust::Trust;
use tidewaiter_audit::verify::{Options, verify};

use crate::fixture::{
    LOG, Log, Plan, SIZE, Signers, TempDir, bytes, expect, expect_broken, policy, reseal,
    trust_text, trusting,
};
use crate::python::agree;

fn reseal_inside(dir: &Path) {
    reseal(dir, &Signers::new(0).manifest, |_| {});
}

/// Both verifiers give this exit status, for this reason where there is one.
fn both(dir: &Path, why: Option<&str>) {
    let report = match why {
        Some(why) => {
            expect_broken(dir, why);
            expect(dir, 10)
        }
        None => expect(dir, 0),
    };
    agree(dir, Some(&trust_text()), None, &report);
}

/// The records of record 9's tag.
fn of_one_tag(log: &Log) -> Vec<usize> {
    let tag = log.leaves[9].tag;
    let all = 0..log.leaves.len();
    all.filter(|n| log.leaves[*n].tag == tag).collect()
}

#[test]
fn a_counter_grows_by_no_more_than_records_that_could_explain_it() {
    let of_tag = of_one_tag(&Log::new(0));
    let [first, second, third, ..] = of_tag[..] else {
        panic!("{of_tag:?}")
    };
    let hidden = (third - second - 1) as u64;
    let cut_all = |plan: &mut Plan, from: usize, to: usize| {
        for seq in from..to {
            plan.cut.insert(seq as u64, CutReason::Erased);
        }
    };
    for by in 0..3 {
        // Between two leaves of a selection all records could have been of the tag.
        let mut log = Log::new(0);
        for seq in &of_tag[2..] {
            log.leaves[*seq].n += hidden + by;
        }
        log.relink();
        let why = (by > 0).then_some("its number within its tag does not follow");
        let dir = TempDir::new();
        log.bundle(dir.path(), &Plan::selection(&[second as u64, third as u64]));
        both(dir.path(), why);

        // In a range it is those that are cut.
        let dir = TempDir::new();
        let mut plan = Plan::range(0, third as u64 + 1);
        cut_all(&mut plan, second + 1, third);
        log.bundle(dir.path(), &plan);
        both(dir.path(), why);

        // Before the first leaf of the tag.
        let mut log = Log::new(0);
        for seq in &of_tag {
            log.leaves[*seq].n += first as u64 - 1 + by;
        }
        log.relink();
        for plan in [
            Plan::range(first as u64, SIZE),
            Plan::selection(&[first as u64]),
        ] {
            let dir = TempDir::new();
            log.bundle(dir.path(), &plan);
            both(dir.path(), why);
        }
    }
    // It grows in a selection too.
    let mut log = Log::new(0);
    log.leaves[third].n = log.leaves[second].n;
    log.relink();
    let dir = TempDir::new();
    log.bundle(dir.path(), &Plan::selection(&[second as u64, third as u64]));
    both(
        dir.path(),
        Some("its number within its tag does not follow"),
    );
}

#[test]
fn one_rid_is_one_record_and_one_tag_one_class_and_period() {
    type Change = fn(&mut Vec<Leaf>);
    let changes: [(Change, &str); 3] = [
        (|l| l[9].rid = l[4].rid, "an earlier record has its rid"),
        (
            |l| l[9].class = "other".into(),
            "of another class or period",
        ),
        (
            |l| l[9].period = "2026-01".into(),
            "of another class or period",
        ),
    ];
    for (change, why) in changes {
        let mut log = Log::new(0);
        change(&mut log.leaves);
        log.relink();
        let mut plan = Plan::range(0, SIZE);
        plan.release = Release::None;
        let dir = TempDir::new();
        log.bundle(dir.path(), &plan);
        both(dir.path(), Some(why));
        // What is not shown whole is not compared.
        let dir = TempDir::new();
        plan.cut.insert(9, CutReason::Erased);
        log.bundle(dir.path(), &plan);
        both(dir.path(), None);
    }
}

/// A log whose record 9 holds this text, sealed as it should be.
fn with_body(text: &[u8]) -> Log {
    let mut log = Log::new(0);
    let leaf = log.leaves[9].clone();
    let binding = Binding {
        log: LOG,
        rid: &leaf.rid,
        tag: &leaf.tag,
        kind: leaf.kind,
        class: &leaf.class,
    };
    let (subject, period): ([u8; 32], [u8; 32]) = (bytes("subject", 1), bytes("period", 0));
    let sealed = seal::seal(text, &subject, &period, bytes("salt", 9), binding).unwrap();
    assert_eq!(sealed.kc, leaf.kc);
    (log.leaves[9].body, log.leaves[9].body_len) = (sealed.body, sealed.body_len);
    log.bodies[9] = sealed.stored;
    log.relink();
    log
}

#[test]
fn an_opened_body_is_one_json_value() {
    let deep = |n: usize| ["[".repeat(n), "]".repeat(n)].concat();
    let (deepest, deeper) = (deep(512), deep(513));
    for good in [
        "[1,-2.5e9999,true,null]",
        " \"\\ud83d\\ude00\u{7f}\" \r\n",
        "{\"a\":{\"a\":1},\"b\":[{\"a\":2}]}",
        &deepest,
    ] {
        let dir = TempDir::new();
        with_body(good.as_bytes()).bundle(dir.path(), &Plan::range(0, SIZE));
        both(dir.path(), None);
    }
    let bad: [&[u8]; 12] = [
        b"",
        b"{",
        b"{}{}",
        b"NaN",
        b"[01]",
        b"'a'",
        b"\"\xff\"",
        b"\xef\xbb\xbf{}",
        b"\"\\udfff\"",
        b"\"\\ud800\\ud83d\\ude00\"",
        b"[{\"a\":1,\"\\u0061\":1}]",
        deeper.as_bytes(),
    ];
    for text in bad {
        let log = with_body(text);
        let dir = TempDir::new();
        log.bundle(dir.path(), &Plan::range(0, SIZE));
        both(dir.path(), Some("not one JSON value"));
        // Unopened, nobody can tell.
        let mut plan = Plan::range(0, SIZE);
        plan.release = Release::None;
        let dir = TempDir::new();
        log.bundle(dir.path(), &plan);
        expect(dir.path(), 0);
    }
}

#[test]
fn a_body_that_is_no_json_is_not_opened() {
    let identity = age::x25519::Identity::generate();
    let key = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    let mut plan = Plan::range(0, SIZE);
    plan.release = Release::Age(vec![identity.to_public().to_string().parse().unwrap()]);
    let (dir, out) = (TempDir::new(), TempDir::new());
    with_body(b"{\"a\":1,\"a\":2}").bundle(dir.path(), &plan);
    both(dir.path(), None);
    let refused = open(dir.path(), out.path(), Some(key.as_bytes()), &trusting());
    let Err(OpenError::Refused(report)) = refused else {
        panic!("{refused:?}")
    };
    let named = report.findings.iter().any(|f| f.starts_with("record 9 "));
    assert!(named && report.exit == 10, "{report}");
    assert!(crate::fixture::files(out.path()).is_empty());
}

#[test]
fn keys_age_begins_as_age_does() {
    let mut plan = Plan::range(17, SIZE);
    plan.release = Release::Age(vec![crate::open::RECIPIENT.parse().unwrap()]);
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), &plan);
    let path = dir.path().join("keys.age");
    let good = fs::read(&path).unwrap();
    let no = Some("keys.age: the file is not encrypted with age v1");
    for (file, why) in [
        (good.clone(), None),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n".to_vec(), None),
        (Vec::new(), no),
        (good[..12].to_vec(), no),
        ([b"\n", &good[..]].concat(), no),
        (b"age-encryption.org/v2\n".to_vec(), no),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\r\n".to_vec(), no),
    ] {
        fs::write(&path, file).unwrap();
        reseal_inside(dir.path());
        both(dir.path(), why);
    }
}

#[test]
fn a_policy_is_its_files() {
    let hash = policy_version(&policy()).to_hex();
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), &Plan::range(17, SIZE));
    let put = |path: &str, text: &str| {
        let path = dir.path().join("policies").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        reseal_inside(dir.path());
    };
    let no = Some("the files are not those of this policy");
    put(&format!("{hash}/policy.csv"), "p, assistant, write\n");
    both(dir.path(), no);
    put(&format!("{hash}/policy.csv"), &policy()["policy.csv"]);
    both(dir.path(), None);
    put(&format!("{hash}/catalog/more.toml"), "");
    both(dir.path(), no);
    fs::remove_file(
        dir.path()
            .join(format!("policies/{hash}/catalog/more.toml")),
    )
    .unwrap();
    // Another policy beside it, of any text whatever the name promises.
    let other = [("a.json", "{\"a\":1,\"a\":2}"), ("b/c.jsonl", "\r")];
    let other = other.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let version = policy_version(&other.clone().into()).to_hex();
    for (name, text) in &other {
        put(&format!("{version}/{name}"), text);
    }
    both(dir.path(), None);
    fs::remove_dir_all(dir.path().join(format!("policies/{version}/b"))).unwrap();
    reseal_inside(dir.path());
    both(dir.path(), no);
}

#[test]
fn the_writer_takes_a_policy_whole_or_not_at_all() {
    let dir = TempDir::new();
    let mut out = BundleWriter::new(dir.path(), LOG, Plan::selection(&[]).scope).unwrap();
    let files = policy();
    let wrong = out.policy(&policy_version(&[].into()), &files);
    assert!(matches!(wrong, Err(BundleError::Policy)));
    for name in ["../x", "a/b/c", "", "a/", "a b", "/x"] {
        let mut files = files.clone();
        files.insert(name.to_owned(), String::new());
        let refused = out.policy(&policy_version(&files), &files);
        assert!(matches!(refused, Err(BundleError::Policy)), "{name}");
    }
    assert!(!dir.path().join("policies").exists());
    out.policy(&policy_version(&files), &files).unwrap();
}

/// Points of small order, and encodings that are not the one of their point.
fn weak() -> Vec<[u8; 32]> {
    let mut out = Vec::new();
    for sign in [0, 0x80] {
        for y in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ] {
            let mut key = [0; 32];
            hex::decode_to_slice(y, &mut key).unwrap();
            key[31] |= sign;
            out.push(key);
        }
        for low in 0xec..=0xff {
            let mut key = [0xff; 32];
            (key[0], key[31]) = (low, 0x7f | sign);
            out.push(key);
        }
    }
    out
}

fn vkey(name: &str, public: &[u8; 32]) -> String {
    let key = [&[1], &public[..]].concat();
    let id = tidewaiter_audit::Hash::of(&[name.as_bytes(), b"\n", &key]);
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &key);
    format!("{name}+{}+{base64}", hex::encode(&id.0[..4]))
}

#[test]
fn a_key_that_anybody_can_sign_for_is_none() {
    let dir = TempDir::new();
    let mut log = Log::new(0);
    log.bundle(dir.path(), &Plan::range(17, SIZE));
    for (n, public) in weak().iter().enumerate() {
        let key = vkey(LOG, public);
        assert_eq!(VerifierKey::parse(&key), Err(KeyError::Weak), "{key}");
        let trust = format!("{}log {key}\n", trust_text());
        assert!(Trust::parse(&trust).is_err());
        if n % 12 == 1 {
            let usage = crate::structure::usage();
            agree(dir.path(), Some(&trust), None, &usage);
        }
    }
    // One that is no point at all is of no use, and no harm.
    let mut none = [0xff; 32];
    (none[0], none[31]) = (0xeb, 0x7f);
    for public in [none, [2; 32]] {
        assert!(VerifierKey::parse(&vkey(LOG, &public)).is_ok());
    }
    // No log begins with one.
    let key = vkey(&format!("{LOG}/receipt"), &weak()[2]);
    log.leaves[0].x.insert("receipt".into(), key);
    assert!(matches!(
        log.leaves[0].to_line(),
        Err(tidewaiter_audit::LeafError::Genesis)
    ));
}

#[test]
fn a_trust_file_is_bounded_and_may_end_without_a_line_feed() {
    let dir = TempDir::new();
    Log::new(0).bundle(dir.path(), &Plan::range(17, SIZE));
    let unended = trust_text().trim_end().to_owned();
    agree(dir.path(), Some(&unended), None, &expect(dir.path(), 0));
    let remarks = |n: usize| format!("{}{}\n", "#".repeat(n - 1 - trust_text().len()), "");
    assert!(Trust::parse(&(trust_text() + &remarks(1 << 20))).is_ok());
    assert!(Trust::parse(&(trust_text() + &remarks((1 << 20) + 1))).is_err());
    let logs = |count: u16| -> String {
        let key = |n: u16| {
            let mut public = [2; 32];
            public[..2].copy_from_slice(&n.to_be_bytes());
            format!("log {}\n", vkey(LOG, &public))
        };
        (0..count).map(key).collect()
    };
    assert!(Trust::parse(&(logs(256) + "quorum none\n")).is_ok());
    assert!(Trust::parse(&(logs(257) + "quorum none\n")).is_err());
}

#[test]
fn a_head_of_another_log_may_have_any_origin() {
    let dir = TempDir::new();
    let log = Log::new(0);
    log.bundle(dir.path(), &Plan::range(0, SIZE));
    for origin in ["Some Log", "go.sum database tree", "\u{fc}+\u{2028}"] {
        let text = log.checkpoint(SIZE).text().replace(LOG, origin);
        let head = sign_note(&text, &[&log.signers.checkpoint]);
        assert!(Note::parse(head.as_bytes()).is_ok());
        let options = Options {
            head: Some(head.clone().into_bytes()),
            ..trusting()
        };
        let report = verify(dir.path(), &options);
        assert_eq!(report.exit, 12, "{report}");
        agree(dir.path(), Some(&trust_text()), Some(&head), &report);
    }
}
