//! What names a policy: SHA-256 over its files (README §6.5).

use std::collections::BTreeMap;

use crate::hash::{Hash, Hasher};

/// The hash that names the policy made of these files: texts by name, such as
/// `catalog/core.toml`.
pub fn policy_version(files: &BTreeMap<String, String>) -> Hash {
    let mut hasher = PolicyHasher::new();
    for (name, text) in files {
        hasher.begin(name, u64::try_from(text.len()).unwrap_or(u64::MAX));
        hasher.update(text.as_bytes());
        hasher.end();
    }
    hasher.finish()
}

/// The same, file by file, in the byte order of their names.
pub(crate) struct PolicyHasher(Hasher);

impl PolicyHasher {
    pub(crate) fn new() -> Self {
        let mut hasher = Hasher::new();
        hasher.update(b"tidewaiter policy v1\n");
        Self(hasher)
    }

    pub(crate) fn begin(&mut self, name: &str, size: u64) {
        self.0.update(format!("{name}\n{size}\n").as_bytes());
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn end(&mut self) {
        self.0.update(b"\n");
    }

    pub(crate) fn finish(self) -> Hash {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lengths_and_texts_make_the_version() {
        let files = [("policy.csv", "p, x\n"), ("catalog/core.toml", "# \u{e9}")];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let whole = "tidewaiter policy v1\ncatalog/core.toml\n4\n# \u{e9}\npolicy.csv\n5\np, x\n\n";
        assert_eq!(policy_version(&files.into()), Hash::of(&[whole.as_bytes()]));
    }
}
