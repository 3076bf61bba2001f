//! One file of a bundle, hashed as it is written.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::bundle::manifest::FileEntry;
use crate::hash::Hasher;

/// An open file.
pub(super) struct Out {
    file: BufWriter<File>,
    hasher: Hasher,
    size: u64,
}

impl Out {
    /// Makes a new file, for nobody else to read, and the folders it needs.
    pub(super) fn create(dir: &Path, path: &str) -> io::Result<Self> {
        let path = dir.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = BufWriter::new(options.open(path)?);
        Ok(Self {
            file,
            hasher: Hasher::new(),
            size: 0,
        })
    }

    /// Writes the next bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.size += u64::try_from(bytes.len()).map_err(io::Error::other)?;
        self.file.write_all(bytes)
    }

    /// Closes the file.
    pub(super) fn finish(mut self) -> io::Result<FileEntry> {
        self.file.flush()?;
        Ok(FileEntry {
            sha256: self.hasher.finish(),
            size: self.size,
        })
    }

    /// Writes a whole file.
    pub(super) fn put(dir: &Path, path: &str, bytes: &[u8]) -> io::Result<FileEntry> {
        let mut out = Self::create(dir, path)?;
        out.write(bytes)?;
        out.finish()
    }
}
