//! Opens a bundle for reading: decrypts what its keys open and writes it where a person can read
//! it.
//!
//! Promises: everything is checked before anything is written, and a bundle that breaks a rule or
//! contradicts a held checkpoint is not opened. What is written is a copy for reading, no
//! evidence, and for nobody but the user who opens it.

mod page;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::bundle::{self, Entry, EntryError, Keys, Manifest};
use crate::json::{self, JsonError};
use crate::record::Leaf;
use crate::seal::{self, Binding, GCM_TAG_LEN, RecordKey, SALT_LEN};
use crate::verify::finding::Findings;
use crate::verify::folder::{FileError, Folder, MANIFEST_MAX};
use crate::verify::small::Small;
use crate::verify::{Options, Report, verify_with_keys};

/// The largest `keys.age` that is read.
const KEYS_MAX: u64 = 1 << 30;

/// Why a bundle was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The bundle is not sound; the report says why.
    #[error("the bundle is not sound, so nothing was written")]
    Refused(Box<Report>),
    /// Keys are encrypted, and no identity was given.
    #[error("the keys are encrypted (keys.age): give your age identity file with --identity")]
    NeedsIdentity,
    /// Keys did not decrypt.
    #[error(transparent)]
    Keys(#[from] bundle::KeyError),
    /// The folder to write to is not empty, or lies in the bundle.
    #[error("the folder to write to must be new or empty, and not within the bundle")]
    Out,
    /// The bundle changed between checking and opening.
    #[error("the bundle changed while it was opened")]
    Changed,
    /// Reading or writing failed.
    #[error("a file could not be read or written")]
    Io(#[from] io::Error),
}

impl From<FileError> for OpenError {
    fn from(_: FileError) -> Self {
        Self::Changed
    }
}

impl From<EntryError> for OpenError {
    fn from(_: EntryError) -> Self {
        Self::Changed
    }
}

impl From<JsonError> for OpenError {
    fn from(_: JsonError) -> Self {
        Self::Changed
    }
}

/// What was written.
#[derive(Debug)]
pub struct Opened {
    /// The verifier's judgement: exit 0 or 12.
    pub report: Report,
    /// Entries written.
    pub records: u64,
    /// Of them, with their bodies in the clear.
    pub bodies: u64,
}

/// Checks the bundle in `dir`, then writes `records.jsonl` and `index.html` to `out`.
pub fn open(
    dir: &Path,
    out: &Path,
    identity: Option<&[u8]>,
    options: &Options,
) -> Result<Opened, OpenError> {
    let keys = decrypt(dir, identity)?;
    let report = verify_with_keys(dir, options, keys.as_ref().map(|keys| keys.as_slice()));
    if !matches!(report.exit, 0 | 12) {
        return Err(OpenError::Refused(Box::new(report)));
    }
    prepare(dir, out)?;
    let mut findings = Findings::default();
    let folder = Folder::scan(dir, &mut findings).ok_or(OpenError::Changed)?;
    let manifest = Manifest::parse(&folder.read("manifest.json", MANIFEST_MAX)?)?;
    let keys = keys.as_ref().map(|keys| keys.as_slice());
    let small = Small::read(&folder, &manifest, keys, &mut findings);
    let mut writer = Writer {
        records: create(&out.join("records.jsonl"))?,
        page: create(&out.join("index.html"))?,
        opened: Opened {
            report,
            records: 0,
            bodies: 0,
        },
    };
    writer
        .page
        .write_all(page::head(&manifest, &writer.opened.report).as_bytes())?;
    let (mut lines, mut line) = (folder.lines("entries.jsonl")?, Vec::new());
    while lines.next(&mut line)? {
        let entry = Entry::parse(&line)?;
        let body = match &entry {
            Entry::Whole(leaf) => open_body(&folder, &small, leaf)?,
            Entry::Cut { .. } => None,
        };
        writer.write(&entry, &line, body.as_deref())?;
    }
    writer.finish()
}

/// The lines of `keys.jsonl` out of `keys.age`, if that is how keys are given.
fn decrypt(dir: &Path, identity: Option<&[u8]>) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
    let mut findings = Findings::default();
    // Whatever else is wrong with the bundle, the verifier says.
    let Some(folder) = Folder::scan(dir, &mut findings) else {
        return Ok(None);
    };
    let manifest = folder.read("manifest.json", MANIFEST_MAX).ok();
    let keys = manifest
        .and_then(|json| Manifest::parse(&json).ok())
        .map(|m| m.keys);
    match (keys, folder.read("keys.age", KEYS_MAX), identity) {
        (Some(Keys::Age), Ok(file), Some(identity)) => {
            Ok(Some(bundle::decrypt_keys(&file, identity)?))
        }
        (Some(Keys::Age), Ok(_), None) => Err(OpenError::NeedsIdentity),
        _ => Ok(None),
    }
}

fn prepare(dir: &Path, out: &Path) -> Result<(), OpenError> {
    let bundle = dir.canonicalize()?;
    let out = std::path::absolute(out)?;
    let there = out
        .ancestors()
        .find_map(|folder| folder.canonicalize().ok());
    if there.is_none_or(|folder| folder.starts_with(&bundle)) {
        return Err(OpenError::Out);
    }
    fs::create_dir_all(&out)?;
    if fs::read_dir(out)?.next().is_some() {
        Err(OpenError::Out)
    } else {
        Ok(())
    }
}

fn open_body(
    folder: &Folder,
    small: &Small,
    leaf: &Leaf,
) -> Result<Option<Zeroizing<String>>, OpenError> {
    let Some(line) = small.keys.get(&leaf.seq) else {
        return Ok(None);
    };
    let frame = u64::try_from(SALT_LEN + GCM_TAG_LEN).map_err(|_size| OpenError::Changed)?;
    let stored = folder.read(&format!("bodies/{}.bin", leaf.seq), leaf.body_len + frame)?;
    let binding = Binding {
        log: &leaf.log,
        rid: &leaf.rid,
        tag: &leaf.tag,
        kind: leaf.kind,
        class: &leaf.class,
    };
    let key = RecordKey::from_parts(*line.key);
    let text = seal::open(&stored, &key, &leaf.kc, binding).map_err(|_seal| OpenError::Changed)?;
    let json = json::check(&text)?;
    // Line feeds stand between tokens only: one record stays one line.
    Ok(Some(Zeroizing::new(json.replace(['\n', '\r'], " "))))
}

struct Writer {
    records: BufWriter<File>,
    page: BufWriter<File>,
    opened: Opened,
}

impl Writer {
    fn write(&mut self, entry: &Entry, line: &[u8], body: Option<&String>) -> io::Result<()> {
        self.opened.records += 1;
        self.opened.bodies += u64::from(body.is_some());
        self.records.write_all(b"{\"leaf\":")?;
        self.records.write_all(line)?;
        self.records.write_all(b",\"body\":")?;
        self.records
            .write_all(body.map_or("null", String::as_str).as_bytes())?;
        self.records.write_all(b"}\n")?;
        let shown = page::record(entry, body.map(String::as_str));
        self.page.write_all(shown.as_bytes())
    }

    fn finish(mut self) -> Result<Opened, OpenError> {
        self.page.write_all(page::FOOT.as_bytes())?;
        self.page.flush()?;
        self.records.flush()?;
        Ok(self.opened)
    }
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(BufWriter::new)
}
