//! `policies/` (README §6.5): that the files of each folder make up the policy it is named for.

use super::finding::Findings;
use super::folder::{FileError, Folder};
use crate::bundle::{PolicyHasher, PolicyPath};
use crate::hash::Hash;

/// Checks every policy that is given. Which of them a leaf names is left to the reader.
pub(super) fn check(folder: &Folder, findings: &mut Findings) {
    let mut open: Option<(Hash, PolicyHasher)> = None;
    for (file, size) in folder.policies() {
        if open.as_ref().is_some_and(|(hash, _)| *hash != file.policy) {
            close(open.take(), findings);
        }
        let (_, hasher) = open.get_or_insert_with(|| (file.policy, PolicyHasher::new()));
        if let Err(error) = take(folder, file, size, hasher) {
            findings.broken(format!("{}: {error}", file.path));
        }
    }
    close(open, findings);
}

fn take(
    folder: &Folder,
    file: PolicyPath<'_>,
    size: u64,
    hasher: &mut PolicyHasher,
) -> Result<(), FileError> {
    hasher.begin(file.name, size);
    folder.each_piece(file.path, |bytes| hasher.update(bytes))?;
    hasher.end();
    Ok(())
}

fn close(policy: Option<(Hash, PolicyHasher)>, findings: &mut Findings) {
    let Some((hash, hasher)) = policy else { return };
    if hasher.finish() != hash {
        findings.broken(format!(
            "policies/{}: the files are not those of this policy",
            hash.to_hex()
        ));
    }
}
