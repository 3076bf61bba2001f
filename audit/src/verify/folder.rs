//! The folder of a bundle: what lies in it, without following a link or leaving it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::finding::Findings;
use crate::bundle::{FileEntry, Manifest, Place, PolicyPath, is_part};
use crate::hash::{Hash, Hasher};

/// The largest `manifest.json` that is read.
pub(crate) const MANIFEST_MAX: u64 = 256 << 20;
/// The largest signed note that is read.
pub(crate) const SMALL_MAX: u64 = 1 << 20;
/// The longest line of a `.jsonl` file that is read.
pub(crate) const LINE_MAX: u64 = 1 << 20;

/// The most lines of one file that are read.
const LINES_MAX: u64 = 4_000_000;
const FILES_MAX: usize = 4_000_000;
const DEPTH_MAX: usize = 4;

/// Why a file could not be read.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    #[error("the file is missing")]
    Missing,
    #[error("the file is larger than this verifier reads")]
    TooLarge,
    #[error("line {0} is longer than this verifier reads")]
    LongLine(u64),
    #[error("there are more lines than this verifier reads")]
    TooMany,
    #[error("the last line does not end")]
    NoLineFeed,
    #[error("the file cannot be read ({0})")]
    Io(io::ErrorKind),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// The regular files below a folder, by path, with their sizes.
pub(crate) struct Folder {
    root: PathBuf,
    files: BTreeMap<String, u64>,
}

impl Folder {
    /// Lists the folder. Nothing if it is none.
    pub(crate) fn scan(root: &Path, findings: &mut Findings) -> Option<Self> {
        let mut folder = Self {
            root: root.into(),
            files: BTreeMap::new(),
        };
        folder.descend("", 1, findings).ok()?;
        for path in Place::REQUIRED
            .iter()
            .filter(|path| !folder.files.contains_key(**path))
        {
            findings.broken(format!("{path}: the file is missing"));
        }
        Some(folder)
    }

    /// Lists one folder and those in it. Only the outermost may fail as a whole.
    fn descend(&mut self, prefix: &str, depth: usize, findings: &mut Findings) -> io::Result<()> {
        let mut empty = true;
        for entry in fs::read_dir(self.root.join(prefix))? {
            let entry = entry?;
            empty = false;
            if self.files.len() >= FILES_MAX {
                findings.broken("there are more files than this verifier reads".into());
                return Ok(());
            }
            let name = entry.file_name();
            let shown = shorten(&name.to_string_lossy());
            let Some(name) = name.to_str() else {
                findings.broken(format!(
                    "{prefix}{shown}: no file of a bundle has this name"
                ));
                continue;
            };
            let path = format!("{prefix}{name}");
            // Does not follow links.
            let meta = entry.metadata()?;
            if meta.is_dir() && depth < DEPTH_MAX && is_folder(&path) {
                if self
                    .descend(&format!("{path}/"), depth + 1, findings)
                    .is_err()
                {
                    findings.broken(format!("{path}: the folder cannot be read"));
                }
            } else if meta.is_file() && Place::of(&path).is_some() {
                self.files.insert(path, meta.len());
            } else {
                let what = if meta.is_symlink() {
                    "is a link; a bundle holds none"
                } else {
                    "does not belong in a bundle"
                };
                findings.broken(format!("{}: {what}", shorten(&path)));
            }
        }
        if empty && !prefix.is_empty() {
            findings.broken(format!("{prefix}: the folder is empty"));
        }
        Ok(())
    }

    /// The size of a file, if there is one.
    pub(crate) fn size(&self, path: &str) -> Option<u64> {
        self.files.get(path).copied()
    }

    /// Which records have a body.
    pub(crate) fn bodies(&self) -> BTreeSet<u64> {
        let seq = |path: &String| match Place::of(path) {
            Some(Place::Body(seq)) => Some(seq),
            _ => None,
        };
        self.files.keys().filter_map(seq).collect()
    }

    /// The files below `policies/` with their sizes, in the byte order of their paths.
    pub(super) fn policies(&self) -> impl Iterator<Item = (PolicyPath<'_>, u64)> {
        let files = self.files.iter();
        files.filter_map(|(path, size)| Some((PolicyPath::of(path)?, *size)))
    }

    /// Compares every file with the manifest.
    pub(crate) fn compare(&self, manifest: &Manifest, findings: &mut Findings) {
        for (path, entry) in &manifest.files {
            if let Err(why) = self.compare_one(path, entry) {
                findings.broken(format!("{path}: {why}"));
            }
        }
        let signed = |path: &str| matches!(path, "manifest.json" | "manifest.note");
        for path in self
            .files
            .keys()
            .filter(|p| !signed(p) && !manifest.files.contains_key(*p))
        {
            findings.broken(format!("{path}: the manifest does not name this file"));
        }
    }

    fn compare_one(&self, path: &str, entry: &FileEntry) -> Result<(), String> {
        if Place::of(path).is_none() {
            return Err("the manifest names a file that no bundle has".into());
        }
        match self.size(path) {
            None => return Err("the manifest names this file, and it is missing".into()),
            Some(size) if size != entry.size => {
                return Err("the file has another size than the manifest says".into());
            }
            Some(_) => {}
        }
        match self.hash(path) {
            Ok(hash) if hash == entry.sha256 => Ok(()),
            Ok(_) => Err("the file was changed: its SHA-256 is not the manifest's".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn hash(&self, path: &str) -> Result<Hash, FileError> {
        let mut hasher = Hasher::new();
        self.each_piece(path, |bytes| hasher.update(bytes))?;
        Ok(hasher.finish())
    }

    /// Hands over a file piece by piece.
    pub(super) fn each_piece(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), FileError> {
        let mut file = self.open(path)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer)?;
            match buffer.get(..n) {
                Some([]) | None => return Ok(()),
                Some(bytes) => take(bytes),
            }
        }
    }

    /// The first bytes of a file, at most `most`.
    pub(super) fn start(&self, path: &str, most: usize) -> Result<Vec<u8>, FileError> {
        let (mut bytes, most) = (Vec::new(), u64::try_from(most).unwrap_or(u64::MAX));
        self.open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a file of at most `max` bytes.
    pub(crate) fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        let file = self.open(path)?;
        file.take(max + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len <= max) {
            Ok(bytes)
        } else {
            Err(FileError::TooLarge)
        }
    }

    /// Opens a file to read it line by line.
    pub(crate) fn lines(&self, path: &str) -> Result<Lines<BufReader<File>>, FileError> {
        Ok(Lines::new(self.open(path)?))
    }

    /// Opens a file that the scan found.
    pub(crate) fn open(&self, path: &str) -> Result<BufReader<File>, FileError> {
        if !self.files.contains_key(path) {
            return Err(FileError::Missing);
        }
        Ok(BufReader::new(File::open(self.root.join(path))?))
    }
}

/// Lines that must each end in a line feed, of bounded length.
pub(crate) struct Lines<R> {
    reader: R,
    /// Lines read so far.
    pub(crate) count: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, count: 0 }
    }

    /// Puts the next line, without its line feed, into `line`. False at the end.
    pub(crate) fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, FileError> {
        line.clear();
        self.count += 1;
        if self
            .reader
            .by_ref()
            .take(LINE_MAX + 1)
            .read_until(b'\n', line)?
            == 0
        {
            return Ok(false);
        }
        if self.count > LINES_MAX {
            return Err(FileError::TooMany);
        }
        match line.pop() {
            Some(b'\n') => Ok(true),
            _ if u64::try_from(line.len()).is_ok_and(|len| len < LINE_MAX) => {
                Err(FileError::NoLineFeed)
            }
            _ => Err(FileError::LongLine(self.count)),
        }
    }
}

fn is_folder(path: &str) -> bool {
    let Some(under) = path.strip_prefix("policies/") else {
        return matches!(path, "bodies" | "proofs" | "policies" | "views");
    };
    let (hash, folder) = under.split_once('/').unwrap_or((under, "any"));
    Hash::from_hex(hash).is_some() && is_part(folder)
}

/// Names come from strangers: no control characters, no end of them.
fn shorten(name: &str) -> String {
    name.chars()
        .take(120)
        .flat_map(char::escape_default)
        .collect()
}
