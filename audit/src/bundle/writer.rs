//! Makes a bundle: files are hashed as they are written, and the manifest is signed last.
//!
//! Promises: what is finished has every required file and counts that fit its entries. Left to
//! the caller: that leaves, bodies, nodes and checkpoint belong together; a bundle is verified
//! before it is handed over.

mod file;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use self::file::Out;
use super::entry::{CutReason, Entry};
use super::keys::{KeyError, Recipient, encrypt_keys};
use super::lines::{Custody, Erasure, Identity, KeyLine, Redaction};
use super::manifest::{Counts, FileEntry, Keys, Manifest, Scope};
use super::path::{Place, PolicyPath};
use super::policy::policy_version;
use super::readme::README;
use super::view::{CSV_HEADER, csv_row};
use crate::checkpoint::{Checkpoint, Note, NoteError, SigningKey, manifest_text, sign_note};
use crate::encode::base64;
use crate::hash::Hash;
use crate::json::JsonError;
use crate::record::{Leaf, LeafError};
use crate::seal::RecordKey;
use crate::tree;

/// Why a bundle was not written.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The folder or a file in it could not be written.
    #[error("a file of the bundle could not be written")]
    Io(#[from] io::Error),
    /// The folder holds something already.
    #[error("the folder for the bundle is not empty")]
    NotEmpty,
    /// No bundle has a file of this name, or it was written before.
    #[error("a bundle has no such file, or has it already")]
    Path,
    /// Not in order of seq, or of another log.
    #[error("an entry is out of order")]
    Order,
    /// A leaf breaks the format.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The checkpoint breaks the format.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Its files do not make up the policy, or one has a name that no bundle can hold.
    #[error("these are not the files of this policy, or a bundle cannot hold their names")]
    Policy,
    /// A value breaks the format.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Keys could not be encrypted.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A file that every bundle has was not given.
    #[error("the bundle has no {0}")]
    Missing(&'static str),
}

/// How record keys go out.
#[derive(Clone, Debug)]
pub enum Release {
    /// Not at all.
    None,
    /// In the clear.
    Clear,
    /// Encrypted to these recipients.
    Age(Vec<Recipient>),
}

/// What the manifest says that the entries do not.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in Manifest")]
pub struct About {
    pub approved_by: String,
    pub created_us: i64,
    pub export: [u8; 16],
    pub nonce: [u8; 16],
    pub power: String,
    pub purpose: String,
    pub reference: String,
    pub requested_by: String,
}

/// Writes one bundle. Entries first, in order of seq; then proofs; then [`BundleWriter::finish`].
pub struct BundleWriter {
    dir: PathBuf,
    log: String,
    scope: Scope,
    files: BTreeMap<String, FileEntry>,
    entries: Out,
    csv: Out,
    given: Vec<u64>,
    counts: Counts,
    keys: Zeroizing<String>,
    erasures: String,
    redactions: String,
    custody: String,
    identities: String,
    head: Option<Checkpoint>,
}

impl BundleWriter {
    /// Starts in `dir`, which is made, or empty.
    pub fn new(dir: &Path, log: &str, scope: Scope) -> Result<Self, BundleError> {
        std::fs::create_dir_all(dir)?;
        if std::fs::read_dir(dir)?.next().is_some() {
            return Err(BundleError::NotEmpty);
        }
        let entries = Out::create(dir, "entries.jsonl")?;
        let mut csv = Out::create(dir, "views/records.csv")?;
        csv.write(CSV_HEADER.as_bytes())?;
        Ok(Self {
            dir: dir.into(),
            log: log.into(),
            scope,
            files: BTreeMap::new(),
            entries,
            csv,
            given: Vec::new(),
            counts: Counts::default(),
            keys: Zeroizing::new(String::new()),
            erasures: String::new(),
            redactions: String::new(),
            custody: String::new(),
            identities: String::new(),
            head: None,
        })
    }

    /// Adds a leaf as it is stored. `seq` 0 is always the first entry, in scope or not.
    pub fn leaf(&mut self, line: &[u8]) -> Result<(), BundleError> {
        let leaf = Leaf::parse(line)?;
        if leaf.log != self.log {
            return Err(BundleError::Order);
        }
        self.next(leaf.seq)?;
        self.counts.delivered += u64::from(self.scope.contains(leaf.seq));
        self.entries.write(line)?;
        self.entries.write(b"\n")?;
        Ok(self.csv.write(csv_row(&leaf).as_bytes())?)
    }

    /// Adds a leaf cut to its hash. [`BundleWriter::erased`] or [`BundleWriter::redacted`] must
    /// name it.
    pub fn cut(&mut self, seq: u64, hash: &Hash, reason: CutReason) -> Result<(), BundleError> {
        if self.given.is_empty() {
            return Err(BundleError::Order);
        }
        self.next(seq)?;
        match reason {
            CutReason::Erased => self.counts.cut += 1,
            CutReason::Withheld => self.counts.withheld += 1,
        }
        let line = format!("{}\n", Entry::cut_line(seq, hash, reason));
        Ok(self.entries.write(line.as_bytes())?)
    }

    fn next(&mut self, seq: u64) -> Result<(), BundleError> {
        let follows = self.given.last().map_or(seq == 0, |last| *last < seq);
        if !follows || !(seq == 0 || self.scope.contains(seq)) {
            return Err(BundleError::Order);
        }
        self.given.push(seq);
        Ok(())
    }

    /// Adds a stored body.
    pub fn body(&mut self, seq: u64, stored: &[u8]) -> Result<(), BundleError> {
        self.file(&format!("bodies/{seq}.bin"), stored)
    }

    /// Releases a record's key.
    pub fn key(&mut self, seq: u64, key: &RecordKey) {
        let line = KeyLine {
            kc: key.kc(),
            key: Zeroizing::new(*key.key_bytes()),
            seq,
        }
        .to_line();
        // A growing buffer would leave copies of the keys behind.
        let needed = line.len() + 1;
        if self.keys.capacity() - self.keys.len() < needed {
            let mut larger = String::with_capacity(self.keys.capacity() * 2 + needed);
            larger.push_str(&self.keys);
            self.keys = Zeroizing::new(larger);
        }
        self.keys.push_str(&line);
        self.keys.push('\n');
    }

    /// Names a record whose body or leaf is gone.
    pub fn erased(&mut self, erasure: &Erasure) {
        push_line(&mut self.erasures, &erasure.to_line());
    }

    /// Names a record whose body or leaf is withheld.
    pub fn redacted(&mut self, redaction: &Redaction) {
        push_line(&mut self.redactions, &redaction.to_line());
    }

    /// Names who had the bundle in hand.
    pub fn custody(&mut self, custody: &Custody) -> Result<(), BundleError> {
        push_line(&mut self.custody, &custody.to_line()?);
        Ok(())
    }

    /// Explains a pseudonym.
    pub fn identity(&mut self, identity: &Identity) {
        push_line(&mut self.identities, &identity.to_line());
    }

    /// Adds the policy with this hash: texts by name, such as `catalog/core.toml`. Nothing is
    /// written of one that is refused.
    pub fn policy(
        &mut self,
        hash: &Hash,
        files: &BTreeMap<String, String>,
    ) -> Result<(), BundleError> {
        let path = |name: &str| format!("policies/{}/{name}", hash.to_hex());
        let fits = |name: &String| PolicyPath::of(&path(name)).is_some();
        if !files.keys().all(fits) || policy_version(files) != *hash {
            return Err(BundleError::Policy);
        }
        for (name, text) in files {
            self.file(&path(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// Adds any other file of a bundle: `verify.py`, `views/index.html`, a `README.txt` other
    /// than the usual one.
    pub fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let signed = matches!(
            Place::of(path),
            None | Some(Place::Manifest | Place::ManifestNote)
        );
        if signed || self.files.contains_key(path) {
            return Err(BundleError::Path);
        }
        let mut out = Out::create(&self.dir, path)?;
        out.write(bytes)?;
        self.files.insert(path.into(), out.finish()?);
        Ok(())
    }

    /// The nodes that [`BundleWriter::proofs`] needs for a tree of `size`, in order. Ask when all
    /// entries are in.
    pub fn needs(&self, size: u64) -> Vec<(u32, u64)> {
        tree::skipped(size, &self.given)
    }

    /// Adds the checkpoint (a signed note) and the hashes of the nodes that
    /// [`BundleWriter::needs`] named, in that order.
    pub fn proofs(&mut self, checkpoint: &str, nodes: &[Hash]) -> Result<(), BundleError> {
        let head = Checkpoint::parse_text(&Note::parse(checkpoint.as_bytes())?.text)?;
        let needs = self.needs(head.size);
        if needs.len() != nodes.len() {
            return Err(BundleError::Order);
        }
        let mut lines = String::new();
        for ((level, index), hash) in needs.iter().zip(nodes) {
            push_line(
                &mut lines,
                &format!("{level} {index} {}", base64(hash.as_ref())),
            );
        }
        self.file("proofs/checkpoint", checkpoint.as_bytes())?;
        self.file("proofs/nodes", lines.as_bytes())?;
        self.head = Some(head);
        Ok(())
    }

    /// Adds an earlier checkpoint and the proof that the tree grew from it.
    pub fn before(&mut self, checkpoint: &str, proof: &[Hash]) -> Result<(), BundleError> {
        let mut lines = String::new();
        for hash in proof {
            push_line(&mut lines, &base64(hash.as_ref()));
        }
        self.file("proofs/before", checkpoint.as_bytes())?;
        self.file("proofs/consistency", lines.as_bytes())
    }

    /// Writes the rest, and the manifest with its signature.
    pub fn finish(
        mut self,
        about: About,
        release: &Release,
        key: &SigningKey,
    ) -> Result<Manifest, BundleError> {
        let keys = self.release(release)?;
        for (path, text) in [
            ("erasures.jsonl", std::mem::take(&mut self.erasures)),
            ("redactions.jsonl", std::mem::take(&mut self.redactions)),
            ("custody.jsonl", std::mem::take(&mut self.custody)),
            ("identities.jsonl", std::mem::take(&mut self.identities)),
        ] {
            self.file(path, text.as_bytes())?;
        }
        if !self.files.contains_key("README.txt") {
            self.file("README.txt", README.as_bytes())?;
        }
        self.files
            .insert("entries.jsonl".into(), self.entries.finish()?);
        self.files
            .insert("views/records.csv".into(), self.csv.finish()?);
        let signed = |path: &str| path.starts_with("manifest.");
        let missing = Place::REQUIRED
            .iter()
            .find(|p| !signed(p) && !self.files.contains_key(**p));
        if let Some(path) = missing {
            return Err(BundleError::Missing(path));
        }
        let head = self.head.ok_or(BundleError::Missing("proofs/checkpoint"))?;
        if head.origin != self.log || self.given.last().is_none_or(|last| *last >= head.size) {
            return Err(BundleError::Order);
        }
        self.counts.found = self.counts.delivered + self.counts.cut + self.counts.withheld;
        let manifest = Manifest {
            approved_by: about.approved_by,
            counts: self.counts,
            created_us: about.created_us,
            export: about.export,
            files: self.files,
            keys,
            log: self.log,
            nonce: about.nonce,
            power: about.power,
            purpose: about.purpose,
            reference: about.reference,
            requested_by: about.requested_by,
            scope: self.scope,
            root: head.root,
            size: head.size,
        };
        let json = manifest.to_json()?;
        let text = manifest_text(&manifest.log, &Hash::of(&[json.as_bytes()]));
        Out::put(&self.dir, "manifest.json", json.as_bytes())?;
        Out::put(
            &self.dir,
            "manifest.note",
            sign_note(&text, &[key]).as_bytes(),
        )?;
        Ok(manifest)
    }

    fn release(&mut self, release: &Release) -> Result<Keys, BundleError> {
        let lines = std::mem::take(&mut self.keys);
        match release {
            Release::None => Ok(Keys::None),
            Release::Clear => self
                .file("keys.jsonl", lines.as_bytes())
                .map(|()| Keys::Clear),
            Release::Age(recipients) => {
                let sealed = encrypt_keys(lines.as_bytes(), recipients)?;
                self.file("keys.age", &sealed).map(|()| Keys::Age)
            }
        }
    }
}

fn push_line(to: &mut String, line: &str) {
    to.push_str(line);
    to.push('\n');
}
