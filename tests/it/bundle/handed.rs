//! A bundle as a reader has it: a folder, and keys that came by another way.

use crate::harness::Place;
use crate::harness::canary::files_below;
use crate::harness::stand::{Stand, call};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use tidewaiter::demo::house::LOG;
use tidewaiter::identity::Role;
use tidewaiter_audit::Hash;
use tidewaiter_audit::bundle::{FileEntry, Manifest};
use tidewaiter_audit::checkpoint::{SigningKey, manifest_text, sign_note};
use tidewaiter_audit::trust::Trust;
use tidewaiter_audit::verify::{Options, Report, Topic, Verdict, verify};

/// A released bundle, unpacked, and what a reader of it brings along.
pub(super) struct Handed {
    pub(super) dir: tempfile::TempDir,
    pub(super) trust: String,
}

impl Handed {
    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("bundle")
    }

    pub(super) fn trusting(&self) -> Options {
        Options {
            trust: Some(Trust::parse(&self.trust).unwrap()),
            ..Options::default()
        }
    }

    pub(super) fn verify(&self) -> Report {
        verify(&self.path(), &self.trusting())
    }

    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let root = self.path();
        let name = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
        files_below(&root)
            .iter()
            .map(|path| (name(path), std::fs::read(path).unwrap()))
            .collect()
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(path), bytes).unwrap();
    }

    /// The same bundle in another folder.
    pub(super) fn copy(&self) -> Self {
        let copy = Self {
            dir: tempfile::tempdir().unwrap(),
            trust: self.trust.clone(),
        };
        for (path, bytes) in self.files() {
            let path = copy.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        copy
    }

    /// Hashes the files anew and signs the manifest, as whoever holds the key can.
    pub(super) fn seal_again(&self, key: &SigningKey) {
        let manifest = std::fs::read(self.path().join("manifest.json")).unwrap();
        let Ok(mut manifest) = Manifest::parse(&manifest) else {
            return;
        };
        let files = self.files().into_iter();
        let files = files.filter(|(path, _)| !path.starts_with("manifest."));
        manifest.files = files
            .map(|(path, bytes)| {
                let size = u64::try_from(bytes.len()).unwrap();
                (
                    path,
                    FileEntry {
                        sha256: Hash::of(&[&bytes]),
                        size,
                    },
                )
            })
            .collect();
        let Ok(json) = manifest.to_json() else { return };
        self.write("manifest.json", json.as_bytes());
        let text = manifest_text(LOG, &Hash::of(&[json.as_bytes()]));
        self.write("manifest.note", sign_note(&text, &[key]).as_bytes());
    }
}

/// A chat with two lookups and a refusal.
pub(super) async fn busy(stand: &Stand) {
    let person = stand.house.exchange.cast().queued.clone();
    let (assistant, chat) = stand.chat(&person).await;
    let turn = json!({"speaker": "customer", "text": "Where is my withdrawal?"});
    let said = assistant
        .post(&format!("/v1/conversations/{chat}/turns"), &turn)
        .await
        .unwrap();
    assert_eq!(said.status, 201, "{}", said.json());
    let status = json!({"tid": person.tid});
    for (operation, arguments, expected) in [
        ("withdrawals.status", status, 200),
        ("balances.balance", json!({"currency": "btc"}), 200),
        (
            "margin.add",
            json!({"amount": "1", "currency": "usdt"}),
            403,
        ),
    ] {
        let reply = call(&assistant, &chat, operation, arguments).await;
        assert_eq!(reply.status, expected, "{}", reply.json());
    }
}

/// Asks, approves and fetches, as three people's requests.
pub(super) async fn export(stand: &Stand, scope: Value) -> Handed {
    let olga = stand.house.officer("olga", &[Role::Officer]).unwrap();
    let boris = stand.house.officer("boris", &[Role::Legal]).unwrap();
    let ask = json!({"scope": scope, "power": "order 12-7", "reference": "R-1",
        "purpose": "supervision", "case": "C-1", "recipients": [], "released_clear": true});
    let asked = olga.post("/v1/exports", &ask).await.unwrap().json();
    let id = asked["export"]
        .as_str()
        .unwrap_or_else(|| panic!("{asked}"));
    let why = json!({"reason": "letter R-1 checked", "case": "C-1"});
    let approve = format!("/v1/exports/{id}/approve");
    let own = olga.post(&approve, &why).await.unwrap();
    assert!(
        !own.status.is_success(),
        "no one approves their own request"
    );
    let approved = boris.post(&approve, &why).await.unwrap();
    assert_eq!(approved.status, 200, "{}", approved.json());
    let because = [("access-reason", "answer to R-1"), ("access-case", "C-1")];
    let path = format!("/v1/exports/{id}/bundle");
    let zip = olga.send(Method::GET, &path, &because, None).await.unwrap();
    assert_eq!(zip.status, 200, "{}", zip.json());
    let dir = tempfile::tempdir().unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip.body.to_vec())).unwrap();
    archive.extract(dir.path().join("bundle")).unwrap();
    let trust = std::fs::read_to_string(stand.house.dir.join("trust.txt")).unwrap();
    Handed { dir, trust }
}

/// A bundle of five records, and the gateway it came from.
pub(super) async fn small() -> (Stand, Handed) {
    let stand = Stand::on(Place::sqlite()).await;
    busy(&stand).await;
    let handed = export(&stand, json!({"kind": "range", "from": 3, "to": 8})).await;
    let report = handed.verify();
    assert_eq!(report.exit, 0, "{report}");
    (stand, handed)
}

/// Python, if it is there; with `CI` set it must be.
pub(super) fn python() -> bool {
    let found = Command::new("python3").arg("--version").output();
    let found = found.is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("CI").is_none(),
        "CI needs python3"
    );
    if !found {
        println!("skipped: python3 was not found");
    }
    found
}

pub(super) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Exit status and verdicts.
pub(super) type Judged = (i32, Option<Vec<String>>);

pub(super) fn by_python(handed: &Handed, trust: bool) -> Judged {
    let mut command = Command::new("python3");
    command
        .arg(root("audit/verify.py"))
        .arg(handed.path())
        .arg("--json");
    if trust {
        let path = handed.dir.path().join("trust.txt");
        std::fs::write(&path, &handed.trust).unwrap();
        command.arg("--trust").arg(path);
    }
    let output = command.output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let word = |topic: &Topic| {
        said["verdicts"][topic.as_str()]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let words = said["verdicts"]
        .is_object()
        .then(|| Topic::ALL.iter().map(word).collect());
    (output.status.code().unwrap(), words)
}

pub(super) fn by_rust(report: &Report) -> Judged {
    let word = |topic: &Topic, all: &tidewaiter_audit::verify::Verdicts| {
        Verdict::as_str(all.on(*topic)).to_owned()
    };
    let words = report.verdicts.as_ref();
    let words = words.map(|all| Topic::ALL.iter().map(|topic| word(topic, all)).collect());
    (i32::from(report.exit), words)
}
