//! The verifier: judges a bundle by README §1 to §7 and nothing else.
//!
//! Promises: it never panics, follows no link, reads nothing outside the folder, and holds one
//! body at a time. No key from inside the bundle is trusted; what was not checked is `unproven`,
//! never passed. Each broken rule is a finding that names the record where one is at fault.

mod body;
mod entries;
pub(crate) mod finding;
pub(crate) mod folder;
mod head;
mod policies;
mod proofs;
mod report;
pub(crate) mod small;

use std::path::Path;

use self::entries::Entries;
use self::finding::Findings;
use self::folder::{Folder, SMALL_MAX};
use self::proofs::Proofs;
pub use self::report::{Report, Verdict, Verdicts};
use self::small::Small;
use crate::bundle::{Manifest, Scope};
use crate::checkpoint::{LogKeys, Note, manifest_text};
use crate::hash::Hash;
use crate::trust::Trust;

/// What the reader brings along.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The keys the reader trusts.
    pub trust: Option<Trust>,
    /// A checkpoint (signed note) the reader holds.
    pub head: Option<Vec<u8>>,
    /// Verdicts that must be attested or better.
    pub require: Vec<Topic>,
}

/// What a verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Nothing was changed.
    Integrity,
    /// Signed by trusted keys.
    Authenticity,
    /// Nothing in scope is left out.
    Completeness,
    /// When records were made.
    Time,
    /// What is erased is accounted for.
    Erasure,
}

impl Topic {
    /// Every one, in the order they are reported.
    pub const ALL: [Self; 5] = [
        Self::Integrity,
        Self::Authenticity,
        Self::Completeness,
        Self::Time,
        Self::Erasure,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Integrity => "integrity",
            Self::Authenticity => "authenticity",
            Self::Completeness => "completeness",
            Self::Time => "time",
            Self::Erasure => "erasure",
        }
    }
}

impl std::str::FromStr for Topic {
    type Err = crate::record::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|topic| topic.as_str() == text);
        found.ok_or(crate::record::UnknownWord)
    }
}

/// Judges the bundle in `dir`.
pub fn verify(dir: &Path, options: &Options) -> Report {
    verify_with_keys(dir, options, None)
}

/// Judges the bundle in `dir`, with the lines of `keys.jsonl` that were decrypted from `keys.age`.
pub fn verify_with_keys(dir: &Path, options: &Options, keys: Option<&[u8]>) -> Report {
    let head = match options.head.as_deref().map(head::parse).transpose() {
        Ok(head) => head,
        Err(error) => return Report::usage(format!("the checkpoint you hold: {error}")),
    };
    let mut findings = Findings::default();
    let Some(folder) = Folder::scan(dir, &mut findings) else {
        return Report::usage("this is not a folder that can be read".into());
    };
    let judged = judge(&folder, keys, &mut findings);
    Report::weigh(judged, findings, options, head.as_ref())
}

/// What is known of a bundle when every rule has been checked.
struct Judged {
    scope: Scope,
    entries: Entries,
    proofs: Proofs,
    keys: LogKeys,
    /// Something in scope is withheld.
    withheld: bool,
    /// A leaf or body in scope is missing.
    missing: bool,
}

/// Checks every rule. Nothing comes back where too little can be read to judge more.
fn judge(folder: &Folder, keys: Option<&[u8]>, findings: &mut Findings) -> Option<Judged> {
    let json = read(folder, "manifest.json", folder::MANIFEST_MAX, findings)?;
    let manifest = match Manifest::parse(&json) {
        Ok(manifest) => manifest,
        Err(error) => {
            findings.broken(format!("manifest.json: {error}"));
            return None;
        }
    };
    folder.compare(&manifest, findings);
    policies::check(folder, findings);
    let small = Small::read(folder, &manifest, keys, findings);
    let missing = small.gone_in(&manifest.scope);
    let entries = Entries::read(folder, &manifest, &small, findings);
    let proofs = Proofs::check(folder, &manifest, &entries, findings);
    let Some(keys) = entries.log_keys.clone() else {
        findings.broken(
            "entries.jsonl: the first leaf of the log, which names its keys, is missing".into(),
        );
        return None;
    };
    check_manifest_note(folder, &manifest, &json, &keys, findings);
    let proofs = proofs?;
    proofs.check_signatures(&keys, findings);
    let withheld = small.withheld_in(&manifest.scope);
    Some(Judged {
        scope: manifest.scope,
        entries,
        proofs,
        keys,
        withheld,
        missing,
    })
}

fn check_manifest_note(
    folder: &Folder,
    manifest: &Manifest,
    json: &[u8],
    keys: &LogKeys,
    findings: &mut Findings,
) {
    let Some(bytes) = read(folder, "manifest.note", SMALL_MAX, findings) else {
        return;
    };
    let text = manifest_text(&manifest.log, &Hash::of(&[json]));
    match Note::parse(&bytes) {
        Err(error) => findings.broken(format!("manifest.note: {error}")),
        Ok(note) if note.text != text => {
            findings.broken("manifest.note signs another manifest than this one".into());
        }
        Ok(note) => {
            if let Err(error) = note.verify(&keys.manifest) {
                findings.broken(format!("manifest.note: {error} (the log's manifest key)"));
            }
        }
    }
}

/// Reads a required file whole.
fn read(folder: &Folder, path: &str, max: u64, findings: &mut Findings) -> Option<Vec<u8>> {
    match folder.read(path, max) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            findings.broken(format!("{path}: {error}"));
            None
        }
    }
}
