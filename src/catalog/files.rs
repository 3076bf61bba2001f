//! The text of a policy directory, read once and kept: exports need it word for word.

use crate::catalog::{Fault, Faults};
use std::path::Path;

/// Larger files are refused: nobody reviews them.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The files that must be there.
const REQUIRED: [&str; 5] = [
    "model.conf",
    "policy.csv",
    "purposes.toml",
    "retention.toml",
    "treatment.conf",
];

/// The folders whose `*.toml` files belong to it.
const FOLDERS: [&str; 2] = ["catalog", "cases"];

/// The files of a policy directory by name (`policy.csv`, `catalog/core.toml`), sorted by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files(Vec<(String, String)>);

impl Files {
    /// These files, by name; of two with one name the later counts.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let sorted: std::collections::BTreeMap<_, _> = files.into_iter().collect();
        Self(sorted.into_iter().collect())
    }

    /// The directory that is shipped with the program, as it was when it was built.
    pub fn shipped() -> Self {
        Self::new(
            SHIPPED
                .iter()
                .map(|(n, t)| ((*n).to_owned(), (*t).to_owned())),
        )
    }

    /// Reads a directory: the five files that must be there, `catalog/*.toml`, `cases/*.toml`.
    pub fn read(dir: &Path) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut files = Vec::new();
        for name in REQUIRED {
            take(dir, name.to_owned(), &mut files, &mut faults);
        }
        for folder in FOLDERS {
            for name in names(&dir.join(folder)) {
                take(dir, format!("{folder}/{name}"), &mut files, &mut faults);
            }
        }
        faults.or(Self::new(files))
    }

    /// The text of one file.
    pub fn text(&self, name: &str) -> Option<&str> {
        let at = self
            .0
            .binary_search_by(|(n, _)| n.as_str().cmp(name))
            .ok()?;
        self.0.get(at).map(|(_, text)| text.as_str())
    }

    /// The text of a file that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Faults> {
        self.text(name).ok_or_else(|| absent(name).into())
    }

    /// The files whose name starts with `folder/`.
    pub fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let inside = move |name: &str| {
            name.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.iter().filter(move |(name, _)| inside(name))
    }

    /// All files, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, t)| (n.as_str(), t.as_str()))
    }

    /// These files with one replaced or added.
    #[must_use]
    pub fn with(self, name: &str, text: impl Into<String>) -> Self {
        let added = std::iter::once((name.to_owned(), text.into()));
        Self::new(self.0.into_iter().chain(added))
    }
}

fn absent(name: &str) -> Fault {
    Fault {
        file: name.to_owned(),
        line: 1,
        message: "this file is missing".to_owned(),
    }
}

/// The `*.toml` names in a folder; a folder that is not there has none.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            let toml = Path::new(name).extension().is_some_and(|e| e == "toml");
            toml && !name.starts_with('.')
        })
        .collect();
    names.sort();
    names
}

fn take(dir: &Path, name: String, files: &mut Vec<(String, String)>, faults: &mut Faults) {
    let path = dir.join(&name);
    let message = match std::fs::metadata(&path) {
        Err(error) => error.to_string(),
        Ok(meta) if meta.len() > MAX_BYTES => "this file is too large to be reviewed".to_owned(),
        Ok(_) => match std::fs::read_to_string(&path) {
            Ok(text) => {
                files.push((name, text));
                return;
            }
            Err(error) => error.to_string(),
        },
    };
    faults.push(Fault {
        file: name,
        line: 1,
        message,
    });
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../policies/", $name)))),+]
    };
}

const SHIPPED: [(&str, &str); 21] = shipped![
    "cases/account.toml",
    "cases/gateway.toml",
    "cases/p2p.toml",
    "cases/security.toml",
    "cases/support.toml",
    "cases/trading.toml",
    "cases/triage.toml",
    "cases/wallet.toml",
    "catalog/accounts.toml",
    "catalog/core.toml",
    "catalog/desk.toml",
    "catalog/knowledge.toml",
    "catalog/p2p.toml",
    "catalog/security.toml",
    "catalog/trading.toml",
    "catalog/wallet.toml",
    "model.conf",
    "policy.csv",
    "purposes.toml",
    "retention.toml",
    "treatment.conf",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_directory_is_the_one_on_disk() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        assert_eq!(Files::read(&dir).unwrap(), Files::shipped());
    }

    #[test]
    fn every_missing_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("catalog")).unwrap();
        std::fs::write(dir.path().join("catalog/a.toml"), [0xff]).unwrap();
        std::fs::write(dir.path().join("catalog/.hidden.toml"), "x").unwrap();
        let faults = Files::read(dir.path()).unwrap_err();
        let named: Vec<_> = faults.iter().map(|f| f.file.as_str()).collect();
        let mut expected = REQUIRED.to_vec();
        expected.insert(0, "catalog/a.toml");
        assert_eq!(named, expected);
    }

    #[test]
    fn a_folder_is_not_its_neighbour() {
        let files = Files::new([
            ("catalog/a.toml".to_owned(), "1".to_owned()),
            ("catalogue/a.toml".to_owned(), "2".to_owned()),
        ]);
        assert_eq!(files.under("catalog").count(), 1);
        assert_eq!(
            files.with("catalog/a.toml", "3").text("catalog/a.toml"),
            Some("3")
        );
    }
}
