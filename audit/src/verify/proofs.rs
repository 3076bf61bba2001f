//! `proofs/` (README §4, §6.3, §6.4): the tree, the checkpoint, and what came before.

use super::entries::Entries;
use super::finding::Findings;
use super::folder::{Folder, SMALL_MAX};
use super::read;
use crate::bundle::Manifest;
use crate::checkpoint::{Checkpoint, LogKeys, Note, NoteError};
use crate::encode::base64_array;
use crate::grammar::dec;
use crate::hash::Hash;
use crate::tree::{ProofError, root_with, verify_consistency};

/// A consistency proof of a tree of 2⁶³ leaves has fewer hashes.
const PROOF_MAX: usize = 128;

/// The checkpoints of a bundle.
pub(super) struct Proofs {
    /// What everything is proved against.
    pub(super) head: Signed,
    /// An earlier one, proved to be a prefix.
    pub(super) before: Option<Signed>,
}

/// A checkpoint and the note it stands in.
pub(super) struct Signed {
    pub(super) note: Note,
    pub(super) checkpoint: Checkpoint,
}

impl Signed {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = Note::parse(bytes)?;
        let checkpoint = Checkpoint::parse_text(&note.text)?;
        Ok(Self { note, checkpoint })
    }
}

impl Proofs {
    pub(super) fn check(
        folder: &Folder,
        manifest: &Manifest,
        entries: &Entries,
        findings: &mut Findings,
    ) -> Option<Self> {
        check_root(folder, manifest, entries, findings);
        let head = read_signed(folder, "proofs/checkpoint", manifest, findings);
        let before = check_before(folder, manifest, findings);
        let head = head?;
        if head.checkpoint.size != manifest.size || head.checkpoint.root != manifest.root {
            findings.broken("proofs/checkpoint is of another tree than manifest.json says".into());
        }
        Some(Self { head, before })
    }

    /// That the log's own key signed. Says nothing of whose log it is.
    pub(super) fn check_signatures(&self, keys: &LogKeys, findings: &mut Findings) {
        let before = self.before.as_ref().map(|signed| ("proofs/before", signed));
        for (path, signed) in [("proofs/checkpoint", &self.head)]
            .into_iter()
            .chain(before)
        {
            if let Err(error) = signed.note.verify(&keys.checkpoint) {
                findings.broken(format!("{path}: {error} (the log's own key)"));
            }
        }
    }
}

fn read_signed(
    folder: &Folder,
    path: &str,
    manifest: &Manifest,
    findings: &mut Findings,
) -> Option<Signed> {
    let signed = match Signed::parse(&read(folder, path, SMALL_MAX, findings)?) {
        Ok(signed) => signed,
        Err(error) => {
            findings.broken(format!("{path}: {error}"));
            return None;
        }
    };
    if signed.checkpoint.origin != manifest.log {
        findings.broken(format!("{path} is of another log"));
        return None;
    }
    Some(signed)
}

/// That entries and nodes make up the tree.
fn check_root(folder: &Folder, manifest: &Manifest, entries: &Entries, findings: &mut Findings) {
    // No tree asks for more nodes than one on every level beside every entry.
    let most = entries.hashes.len().saturating_add(1).saturating_mul(64);
    let Some(nodes) = read_lines(folder, "proofs/nodes", most, parse_node, findings) else {
        return;
    };
    match root_with(manifest.size, &entries.hashes, &nodes) {
        Ok(root) if root == manifest.root => {}
        Ok(_) | Err(ProofError::Root) => findings.broken(
            "the records do not make up the signed tree: at least one was changed, added or removed"
                .into(),
        ),
        Err(ProofError::Shape) => findings
            .broken("proofs/nodes: not the nodes that these records leave out, in their order".into()),
        Err(ProofError::Range) => findings.broken("a record lies beyond the signed tree".into()),
    }
}

fn check_before(folder: &Folder, manifest: &Manifest, findings: &mut Findings) -> Option<Signed> {
    match (
        folder.size("proofs/before"),
        folder.size("proofs/consistency"),
    ) {
        (None, None) => return None,
        (Some(_), Some(_)) => {}
        _ => {
            findings
                .broken("proofs/before and proofs/consistency come together or not at all".into());
            return None;
        }
    }
    let proof = read_lines(
        folder,
        "proofs/consistency",
        PROOF_MAX,
        parse_hash,
        findings,
    );
    let before = read_signed(folder, "proofs/before", manifest, findings)?;
    let Checkpoint { size, root, .. } = &before.checkpoint;
    if *size == 0 {
        findings.broken("proofs/before is of an empty log".into());
    }
    if let Some(proof) = proof
        && let Err(error) = verify_consistency(*size, root, manifest.size, &manifest.root, &proof)
    {
        findings.broken(format!("proofs/consistency: {error}"));
    }
    Some(before)
}

/// Reads lines of one item each, at most `most`.
fn read_lines<T>(
    folder: &Folder,
    path: &str,
    most: usize,
    parse: fn(&str) -> Option<T>,
    findings: &mut Findings,
) -> Option<Vec<T>> {
    let mut lines = match folder.lines(path) {
        Ok(lines) => lines,
        Err(error) => {
            findings.broken(format!("{path}: {error}"));
            return None;
        }
    };
    let (mut out, mut line) = (Vec::new(), Vec::new());
    loop {
        match lines.next(&mut line) {
            Ok(false) => return Some(out),
            Ok(true) if out.len() < most => {
                let item = std::str::from_utf8(&line).ok().and_then(parse);
                let Some(item) = item else {
                    findings.broken(format!(
                        "{path}, line {}: not as the format says",
                        lines.count
                    ));
                    return None;
                };
                out.push(item);
            }
            Ok(true) => {
                findings.broken(format!("{path}: more lines than any proof needs"));
                return None;
            }
            Err(error) => {
                findings.broken(format!("{path}: {error}"));
                return None;
            }
        }
    }
}

fn parse_node(line: &str) -> Option<(u32, u64, Hash)> {
    let (level, rest) = line.split_once(' ')?;
    let (index, hash) = rest.split_once(' ')?;
    Some((dec(level)?.try_into().ok()?, dec(index)?, parse_hash(hash)?))
}

fn parse_hash(line: &str) -> Option<Hash> {
    base64_array(line).map(Hash)
}
