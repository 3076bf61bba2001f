//! A small log and bundles of it, the same on every run.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tidewaiter_audit::bundle::{
    About, BundleWriter, Custody, CutReason, Erasure, Identity, Manifest, Redaction, Release,
    Scope, policy_version,
};
use tidewaiter_audit::checkpoint::{Checkpoint, SigningKey, cosign_note, manifest_text, sign_note};
use tidewaiter_audit::record::{Decision, Kind, Leaf};
use tidewaiter_audit::seal::{self, Binding, RecordKey};
use tidewaiter_audit::tree::{self, Nodes};
use tidewaiter_audit::trust::Trust;
use tidewaiter_audit::verify::{Options, Report, verify};
use tidewaiter_audit::{Hash, calendar};

pub(crate) const LOG: &str = "exchange.example/ledger";
pub(crate) const SIZE: u64 = 20;
/// The record of the erasure, and the record of the export.
pub(crate) const ERASURE: u64 = 15;
pub(crate) const EXPORT: u64 = 17;
const START_US: i64 = 1_795_353_468_000_001;

/// A folder that goes when it is dropped; in memory where that is possible, as thousands of
/// bundles are written.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tidewaiter-audit-{}-{n}", std::process::id());
        let path = Path::new("/dev/shm").join(&name);
        if fs::create_dir(&path).is_ok() {
            return Self(path);
        }
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The keys that sign for a log. `salt` 0 is the genuine operator; any other is a forger with
/// keys of the same names.
pub(crate) struct Signers {
    pub(crate) checkpoint: SigningKey,
    pub(crate) manifest: SigningKey,
    pub(crate) receipt: SigningKey,
}

impl Signers {
    pub(crate) fn new(salt: u8) -> Self {
        let key = |suffix: &str, n: u8| {
            SigningKey::from_seed(&format!("{LOG}{suffix}"), &[n + 10 * salt; 32]).unwrap()
        };
        Self {
            checkpoint: key("", 1),
            manifest: key("/manifest", 2),
            receipt: key("/receipt", 3),
        }
    }
}

pub(crate) fn witness(n: u8) -> SigningKey {
    SigningKey::witness_from_seed(&format!("witness.example/w{n}"), &[200 + n; 32]).unwrap()
}

/// Trusts the genuine log key and two of three witnesses.
pub(crate) fn trust_text() -> String {
    let mut text = format!(
        "# the exchange and who watches it\nlog {}\n",
        Signers::new(0).checkpoint.vkey()
    );
    for n in 1..=3 {
        text += &format!("witness w{n} {}\n", witness(n).vkey());
    }
    text + "group watch 2 w1 w2 w3\nquorum watch\n"
}

pub(crate) fn trusting() -> Options {
    Options {
        trust: Some(Trust::parse(&trust_text()).unwrap()),
        ..Options::default()
    }
}

/// A log whose keys are all at hand.
pub(crate) struct Log {
    pub(crate) signers: Signers,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) keys: Vec<RecordKey>,
    tags: BTreeMap<[u8; 16], u64>,
}

/// The policy that decided every call.
pub(crate) fn policy() -> BTreeMap<String, String> {
    let files = [
        ("catalog/core.toml", "# operations\n"),
        ("policy.csv", "p, assistant, read\n"),
    ];
    files.map(|(name, text)| (name.into(), text.into())).into()
}

/// Bytes that look random and are the same on every run.
pub(crate) fn bytes<const N: usize>(label: &str, n: u64) -> [u8; N] {
    let hash = Hash::of(&[label.as_bytes(), &n.to_be_bytes()]);
    hash.0[..N].try_into().unwrap()
}

impl Log {
    /// Twenty records: subjects A (0) and B (1), the log itself (2), an officer (3).
    pub(crate) fn new(salt: u8) -> Self {
        let signers = Signers::new(salt);
        let mut log = Self {
            signers,
            leaves: Vec::new(),
            bodies: Vec::new(),
            keys: Vec::new(),
            tags: BTreeMap::new(),
        };
        for seq in 0..SIZE {
            let (kind, owner) = match seq {
                0 => (Kind::CheckpointKey, 2),
                1 => (Kind::Started, 2),
                2 => (Kind::Policy, 2),
                ERASURE => (Kind::ErasureExecuted, 2),
                EXPORT => (Kind::Duty, 3),
                n if n % 4 == 3 => (Kind::Lookup, 1),
                n if n % 5 == 0 => (Kind::Turn, 0),
                n if n % 6 == 0 => (Kind::Intent, 0),
                _ => (Kind::Turn, 1),
            };
            let text = format!("{{\"text\":\"record {seq} <b>&\\\"\",\"seq\":{seq}}}");
            log.append(kind, owner, text.as_bytes());
        }
        log
    }

    pub(crate) fn append(&mut self, kind: Kind, owner: u64, json: &[u8]) {
        let seq = self.leaves.len() as u64;
        let (subject, period): ([u8; 32], [u8; 32]) = (bytes("subject", owner), bytes("period", 0));
        let (rid, tag) = (bytes("rid", seq), seal::tag(&subject, &period, LOG));
        let class = ["chat", "chat", "log", "duty"][owner as usize];
        let binding = Binding {
            log: LOG,
            rid: &rid,
            tag: &tag,
            kind,
            class,
        };
        let sealed = seal::seal(json, &subject, &period, bytes("salt", seq), binding).unwrap();
        let n = self.tags.entry(tag).or_insert(0);
        *n += 1;
        let call = matches!(kind, Kind::Turn | Kind::Lookup | Kind::Intent);
        let some = |text: &str| call.then(|| text.to_owned());
        let mut x = BTreeMap::new();
        if seq == 0 {
            x.insert("checkpoint".into(), self.signers.checkpoint.vkey());
            x.insert("manifest".into(), self.signers.manifest.vkey());
            x.insert("receipt".into(), self.signers.receipt.vkey());
        }
        let prev = self.leaves.last().map_or(Hash::ZERO, hash_of);
        let time_us = START_US + seq as i64 * 1_000_000;
        self.leaves.push(Leaf {
            agent: some("assistant-1"),
            body: sealed.body,
            body_len: sealed.body_len,
            class: class.into(),
            decision: call.then_some(Decision::Allow),
            kc: sealed.kc,
            kind,
            log: LOG.into(),
            n: *n,
            operation: some("withdrawals.status"),
            period: calendar::format_month(time_us).unwrap(),
            policy: call.then(|| policy_version(&policy())),
            prev,
            purpose: some("support.withdrawal"),
            request: (kind == Kind::Intent).then(|| bytes("request", seq)),
            retain_until: "2031-12-31".into(),
            rid,
            seq,
            tag,
            time_us,
            writer: "replica-1+build.7".into(),
            x,
        });
        self.bodies.push(sealed.stored);
        self.keys.push(seal::record_key(
            &subject,
            &period,
            &bytes("salt", seq),
            LOG,
            &rid,
        ));
    }

    pub(crate) fn hashes(&self) -> Vec<Hash> {
        self.leaves.iter().map(hash_of).collect()
    }

    pub(crate) fn checkpoint(&self, size: u64) -> Checkpoint {
        let root = tree::root(&self.hashes()[..size as usize]);
        Checkpoint {
            origin: LOG.into(),
            size,
            root,
        }
    }

    /// The checkpoint, signed by the log and by two witnesses.
    pub(crate) fn note(&self, size: u64) -> String {
        let text = self.checkpoint(size).text();
        let mut note = sign_note(&text, &[&self.signers.checkpoint]);
        for n in [1, 3] {
            note += &cosign_note(&text, &witness(n), 1_795_353_500);
        }
        note
    }

    /// Makes every leaf name its place and predecessor anew.
    pub(crate) fn relink(&mut self) {
        let mut prev = Hash::ZERO;
        for (seq, leaf) in self.leaves.iter_mut().enumerate() {
            leaf.seq = seq as u64;
            leaf.prev = prev;
            prev = hash_of(leaf);
        }
    }

    /// Writes a bundle.
    pub(crate) fn bundle(&self, dir: &Path, plan: &Plan) -> Manifest {
        let size = self.leaves.len() as u64;
        let mut out = BundleWriter::new(dir, LOG, plan.scope.clone()).unwrap();
        for seq in plan.entries(size) {
            let leaf = &self.leaves[seq as usize];
            let gone = plan.cut.get(&seq).or(plan.bodiless.get(&seq));
            match gone {
                Some(CutReason::Erased) => {
                    let record = self.leaves[ERASURE as usize].rid;
                    out.erased(&Erasure {
                        ground: "Art. 17 \u{201e}1\u{201c}".into(),
                        record,
                        seq,
                    });
                }
                Some(CutReason::Withheld) => {
                    let (reason, rule) = ("third party".into(), "\u{a7} 4".into());
                    out.redacted(&Redaction { reason, rule, seq });
                }
                None => {
                    out.body(seq, &self.bodies[seq as usize]).unwrap();
                    out.key(seq, &self.keys[seq as usize]);
                }
            }
            match plan.cut.get(&seq) {
                Some(reason) => out.cut(seq, &hash_of(leaf), *reason).unwrap(),
                None => out.leaf(leaf.to_line().unwrap().as_bytes()).unwrap(),
            }
        }
        let mut nodes = Mem(self.hashes());
        let needs = out.needs(size);
        let hashes: Vec<_> = needs
            .iter()
            .map(|(l, i)| nodes.node(*l, *i).unwrap())
            .collect();
        out.proofs(&self.note(size), &hashes).unwrap();
        if let Some(before) = plan.before {
            let proof = tree::consistency(before, size, &mut nodes).unwrap();
            out.before(&self.note(before), &proof).unwrap();
        }
        out.custody(&Custody {
            act: "made".into(),
            actor: "officer-2".into(),
            time_us: START_US,
        })
        .unwrap();
        let (id, kind) = ("assistant-1".into(), "agent".into());
        out.identity(&Identity {
            id,
            kind,
            title: "Chat on the web site".into(),
        });
        out.policy(&policy_version(&policy()), &policy()).unwrap();
        out.file("verify.py", b"# the verifier\n").unwrap();
        out.file(
            "views/index.html",
            b"<!doctype html>\n<title>Records</title>\n",
        )
        .unwrap();
        out.finish(self.about(), &plan.release, &self.signers.manifest)
            .unwrap()
    }

    fn about(&self) -> About {
        About {
            approved_by: "officer-1".into(),
            created_us: START_US + 60_000_000,
            export: self.leaves[EXPORT as usize].rid,
            nonce: bytes("nonce", 0),
            power: "\u{a7} 24c KWG".into(),
            purpose: "supervision".into(),
            reference: "WA-2026/17".into(),
            requested_by: "the supervisor".into(),
        }
    }
}

pub(crate) fn hash_of(leaf: &Leaf) -> Hash {
    tree::leaf_hash(leaf.to_line().unwrap().as_bytes())
}

/// What a bundle is to hold.
pub(crate) struct Plan {
    pub(crate) scope: Scope,
    pub(crate) select: Vec<u64>,
    pub(crate) cut: BTreeMap<u64, CutReason>,
    pub(crate) bodiless: BTreeMap<u64, CutReason>,
    pub(crate) before: Option<u64>,
    pub(crate) release: Release,
}

impl Plan {
    pub(crate) fn range(from: u64, to: u64) -> Self {
        Self {
            scope: Scope::Range { from, to },
            select: Vec::new(),
            cut: BTreeMap::new(),
            bodiless: BTreeMap::new(),
            before: None,
            release: Release::Clear,
        }
    }

    pub(crate) fn selection(of: &[u64]) -> Self {
        let scope = Scope::Selection {
            of: "one customer".into(),
        };
        Self {
            scope,
            select: of.to_vec(),
            ..Self::range(0, 0)
        }
    }

    /// Record 7 is cut, the body of record 11 is gone, both erased; an earlier checkpoint.
    pub(crate) fn erased(mut self) -> Self {
        self.cut.insert(7, CutReason::Erased);
        self.bodiless.insert(11, CutReason::Erased);
        self.before = Some(6);
        self
    }

    fn entries(&self, size: u64) -> Vec<u64> {
        (0..size)
            .filter(|n| *n == 0 || self.select.contains(n) || self.in_range(*n))
            .collect()
    }

    fn in_range(&self, seq: u64) -> bool {
        matches!(self.scope, Scope::Range { .. }) && self.scope.contains(seq)
    }
}

/// Perfect subtrees, from leaf hashes held in memory.
pub(crate) struct Mem(pub(crate) Vec<Hash>);

impl Nodes for Mem {
    type Error = Infallible;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Infallible> {
        let lo = (index << level) as usize;
        Ok(tree::root(&self.0[lo..lo + (1 << level)]))
    }
}

/// Every file below `dir`, by its path.
pub(crate) fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path
                    .strip_prefix(dir)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    out
}

/// Hashes the files anew and signs the manifest, as whoever holds `key` can.
pub(crate) fn reseal(dir: &Path, key: &SigningKey, change: impl FnOnce(&mut Manifest)) {
    let mut manifest = Manifest::parse(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    manifest.files = files(dir)
        .iter()
        .filter(|(path, _)| !path.starts_with("manifest."))
        .map(|(path, bytes)| {
            let entry = tidewaiter_audit::bundle::FileEntry {
                sha256: Hash::of(&[bytes]),
                size: bytes.len() as u64,
            };
            (path.clone(), entry)
        })
        .collect();
    change(&mut manifest);
    sign(dir, key, &manifest.to_json().unwrap());
}

/// Writes `manifest.json` and signs it.
pub(crate) fn sign(dir: &Path, key: &SigningKey, json: &str) {
    fs::write(dir.join("manifest.json"), json).unwrap();
    let text = manifest_text(LOG, &Hash::of(&[json.as_bytes()]));
    fs::write(dir.join("manifest.note"), sign_note(&text, &[key])).unwrap();
}

/// Verifies with trust and asks for an exit status.
pub(crate) fn expect(dir: &Path, exit: u8) -> Report {
    let report = verify(dir, &trusting());
    assert_eq!(report.exit, exit, "{:#?}", report.findings);
    if crate::python::asked_for_all() {
        crate::python::agree(dir, Some(&trust_text()), None, &report);
    }
    report
}

/// Asks for exit 10 and a finding that says `why`.
pub(crate) fn expect_broken(dir: &Path, why: &str) {
    let report = expect(dir, 10);
    let said = report.findings.iter().any(|finding| finding.contains(why));
    assert!(said, "no finding says {why:?}: {:#?}", report.findings);
}
