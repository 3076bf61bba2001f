//! The files that are read before the entries: keys, and what is gone.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Findings;
use super::folder::{FileError, Folder, Lines};
use crate::bundle::{
    Custody, Erasure, Identity, JsonError, KeyLine, Keys, Manifest, Place, Redaction, Scope,
};

/// How an age file begins: binary, armoured.
const AGE_STARTS: [&[u8]; 2] = [
    b"age-encryption.org/v1\n",
    b"-----BEGIN AGE ENCRYPTED FILE-----\n",
];

/// What `erasures.jsonl` or `redactions.jsonl` says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    Erased,
    Withheld,
}

/// What the small files hold.
#[derive(Default)]
pub(crate) struct Small {
    /// Released keys by seq.
    pub(crate) keys: BTreeMap<u64, KeyLine>,
    /// Records whose leaf or body is not given.
    pub(crate) gone: BTreeMap<u64, Gone>,
    /// The records that erasures point to.
    pub(crate) erasure_records: BTreeSet<[u8; 16]>,
}

impl Small {
    pub(crate) fn read(
        folder: &Folder,
        manifest: &Manifest,
        decrypted: Option<&[u8]>,
        findings: &mut Findings,
    ) -> Self {
        let mut small = Self::default();
        small.read_keys(folder, manifest.keys, decrypted, findings);
        each(folder, "erasures.jsonl", findings, |line| {
            let erasure = Erasure::parse(line)?;
            small.erasure_records.insert(erasure.record);
            Ok(small.gone.insert(erasure.seq, Gone::Erased).is_none())
        });
        each(folder, "redactions.jsonl", findings, |line| {
            let redaction = Redaction::parse(line)?;
            Ok(small.gone.insert(redaction.seq, Gone::Withheld).is_none())
        });
        each(folder, "custody.jsonl", findings, |line| {
            Custody::parse(line).map(|_| true)
        });
        each(folder, "identities.jsonl", findings, |line| {
            Identity::parse(line).map(|_| true)
        });
        small
    }

    fn read_keys(
        &mut self,
        folder: &Folder,
        keys: Keys,
        decrypted: Option<&[u8]>,
        findings: &mut Findings,
    ) {
        for (path, how) in [("keys.jsonl", Keys::Clear), ("keys.age", Keys::Age)] {
            match (folder.size(path).is_some(), keys == how) {
                (true, false) => findings.broken(format!(
                    "{path}: the manifest says that keys are not given in this file"
                )),
                (false, true) => findings.broken(format!("{path}: the file is missing")),
                (true, true) if how == Keys::Age => check_age(folder, path, findings),
                _ => {}
            }
        }
        let mut put = |line: &[u8]| {
            let key = KeyLine::parse(line)?;
            Ok(self.keys.insert(key.seq, key).is_none())
        };
        match (keys, decrypted) {
            (Keys::Clear, _) => each(folder, "keys.jsonl", findings, put),
            (Keys::Age, Some(lines)) => {
                each_line(&mut Lines::new(lines), "keys.age", findings, &mut put);
            }
            (Keys::Age, None) | (Keys::None, _) => {}
        }
    }

    /// Whether anything in scope is withheld.
    pub(crate) fn withheld_in(&self, scope: &Scope) -> bool {
        self.gone
            .iter()
            .any(|(seq, gone)| *gone == Gone::Withheld && scope.contains(*seq))
    }

    /// Whether anything in scope is gone.
    pub(crate) fn gone_in(&self, scope: &Scope) -> bool {
        self.gone.keys().any(|seq| scope.contains(*seq))
    }
}

/// That the file begins as one of age v1 does. More can only its recipient tell.
fn check_age(folder: &Folder, path: &str, findings: &mut Findings) {
    let most = AGE_STARTS.iter().map(|start| start.len()).max();
    match folder.start(path, most.unwrap_or_default()) {
        Ok(start) if AGE_STARTS.iter().any(|age| start.starts_with(age)) => {}
        Ok(_) => findings.broken(format!("{path}: the file is not encrypted with age v1")),
        Err(error) => findings.broken(format!("{path}: {error}")),
    }
}

/// Reads each line of a file; `take` says whether its seq is new.
fn each(
    folder: &Folder,
    path: &'static str,
    findings: &mut Findings,
    mut take: impl FnMut(&[u8]) -> Result<bool, JsonError>,
) {
    // That a required file is missing was said before.
    match folder.lines(path) {
        Ok(mut lines) => each_line(&mut lines, path, findings, &mut take),
        Err(FileError::Missing) if Place::of(path).is_some() => {}
        Err(error) => findings.broken(format!("{path}: {error}")),
    }
}

fn each_line(
    lines: &mut Lines<impl std::io::BufRead>,
    path: &str,
    findings: &mut Findings,
    take: &mut dyn FnMut(&[u8]) -> Result<bool, JsonError>,
) {
    let mut line = Vec::new();
    loop {
        match lines.next(&mut line) {
            Ok(false) => return,
            Ok(true) if line.contains(&b'\r') => {
                findings.broken(format!(
                    "{path}, line {}: holds a carriage return",
                    lines.count
                ));
            }
            Ok(true) => match take(&line) {
                Ok(true) => {}
                Ok(false) => findings.broken(format!(
                    "{path}, line {}: names a record that is named before",
                    lines.count
                )),
                Err(error) => findings.broken(format!("{path}, line {}: {error}", lines.count)),
            },
            Err(error) => {
                findings.broken(format!("{path}: {error}"));
                return;
            }
        }
    }
}
