//! Which file stands where (README §6).

use crate::grammar::dec;
use crate::hash::Hash;

/// What a path within a bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "README §6 is the one list of files")]
pub enum Place {
    Manifest,
    ManifestNote,
    Readme,
    Verifier,
    Entries,
    Body(u64),
    KeysClear,
    KeysAge,
    Checkpoint,
    Nodes,
    Before,
    Consistency,
    Redactions,
    Erasures,
    Custody,
    Identities,
    Policy,
    RecordsCsv,
    IndexHtml,
}

impl Place {
    /// The files that every bundle has.
    pub const REQUIRED: &'static [&'static str] = &[
        "manifest.json",
        "manifest.note",
        "README.txt",
        "verify.py",
        "entries.jsonl",
        "proofs/checkpoint",
        "proofs/nodes",
        "redactions.jsonl",
        "erasures.jsonl",
        "custody.jsonl",
        "identities.jsonl",
        "views/records.csv",
    ];

    /// What a path is for; nothing for a path that no bundle has.
    pub fn of(path: &str) -> Option<Self> {
        Some(match path {
            "manifest.json" => Self::Manifest,
            "manifest.note" => Self::ManifestNote,
            "README.txt" => Self::Readme,
            "verify.py" => Self::Verifier,
            "entries.jsonl" => Self::Entries,
            "keys.jsonl" => Self::KeysClear,
            "keys.age" => Self::KeysAge,
            "proofs/checkpoint" => Self::Checkpoint,
            "proofs/nodes" => Self::Nodes,
            "proofs/before" => Self::Before,
            "proofs/consistency" => Self::Consistency,
            "redactions.jsonl" => Self::Redactions,
            "erasures.jsonl" => Self::Erasures,
            "custody.jsonl" => Self::Custody,
            "identities.jsonl" => Self::Identities,
            "views/records.csv" => Self::RecordsCsv,
            "views/index.html" => Self::IndexHtml,
            other => return Self::of_many(other),
        })
    }

    fn of_many(path: &str) -> Option<Self> {
        if let Some(name) = path.strip_prefix("bodies/") {
            return dec(name.strip_suffix(".bin")?).map(Self::Body);
        }
        PolicyPath::of(path).map(|_policy| Self::Policy)
    }
}

/// `policies/HASH/NAME` or `policies/HASH/FOLDER/NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PolicyPath<'a> {
    /// The whole path.
    pub(crate) path: &'a str,
    /// The policy.
    pub(crate) policy: Hash,
    /// What the policy calls the file: `NAME` or `FOLDER/NAME`.
    pub(crate) name: &'a str,
}

impl<'a> PolicyPath<'a> {
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let (hash, name) = path.strip_prefix("policies/")?.split_once('/')?;
        let fits = match name.split_once('/') {
            Some((folder, name)) => is_part(folder) && is_part(name),
            None => is_part(name),
        };
        let policy = Hash::from_hex(hash)?;
        fits.then_some(Self { path, policy, name })
    }
}

/// `[A-Za-z0-9._-]+`, neither `.` nor `..`.
pub(crate) fn is_part(part: &str) -> bool {
    let all = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    !part.is_empty() && part.bytes().all(all) && part != "." && part != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_paths_of_the_format_have_a_place() {
        let hash = "0".repeat(64);
        assert_eq!(Place::of("bodies/7.bin"), Some(Place::Body(7)));
        assert_eq!(
            Place::of(&format!("policies/{hash}/a.csv")),
            Some(Place::Policy)
        );
        let path = format!("policies/{hash}/catalog/core.toml");
        let policy = PolicyPath::of(&path).unwrap();
        assert_eq!(
            (policy.policy, policy.name),
            (Hash::ZERO, "catalog/core.toml")
        );
        assert_eq!(Place::of(&path), Some(Place::Policy));
        for path in [
            "",
            "/manifest.json",
            "../manifest.json",
            "./manifest.json",
            "bodies/07.bin",
            "bodies/-1.bin",
            "bodies/x.bin",
            "bodies/7.bin/",
            "bodies/../entries.jsonl",
            "Manifest.json",
            "extra",
            "policies/0/a",
            "proofs\\checkpoint",
            "C:manifest.json",
            &format!("policies/{hash}/.."),
            &format!("policies/{hash}"),
            &format!("policies/{hash}/a/"),
            &format!("policies/{hash}//a"),
            &format!("policies/{hash}/../a"),
            &format!("policies/{hash}/a/b/c"),
            &format!("policies/{hash}/"),
            "views/other.html",
        ] {
            assert_eq!(Place::of(path), None, "{path}");
        }
        assert!(Place::REQUIRED.iter().all(|path| Place::of(path).is_some()));
    }
}
