//! Where the last checkpoint is kept apart from the database.
//!
//! Promises I5: moving it is a compare-and-swap, so two processes that signed different heads
//! cannot both move it, and a database older than it is noticed at start.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The anchor could not be read or moved.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The device refused.
    #[error("the anchor could not be read or written")]
    Io(#[from] std::io::Error),
    /// It holds something else than was expected: another process signs this log.
    #[error("the anchor was moved by somebody else")]
    Moved,
}

/// An anchor in a file, which belongs on another device than the database.
#[derive(Debug, Clone)]
pub struct Anchor {
    path: PathBuf,
}

impl Anchor {
    /// The anchor at `path`; its folder is made if there is none.
    pub fn open(path: &Path) -> Result<Self, AnchorError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// The checkpoint in it; none before the first.
    pub fn read(&self) -> Result<Option<String>, AnchorError> {
        let mut text = String::new();
        match File::open(&self.path) {
            Ok(file) => file.take(65_536).read_to_string(&mut text)?,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        Ok(Some(text))
    }

    /// Replaces `from` by `to`, durably, if it still holds `from`.
    pub fn swap(&self, from: Option<&str>, to: &str) -> Result<(), AnchorError> {
        let lock_path = self.path.with_extension("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)?;
        lock.lock()?;
        if self.read()?.as_deref() != from {
            return Err(AnchorError::Moved);
        }
        let draft = self.path.with_extension("new");
        let mut file = File::create(&draft)?;
        file.write_all(to.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &self.path)?;
        if let Some(parent) = self.path.parent() {
            File::open(parent)?.sync_all()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_two_writers_cannot_both_move_it() {
        let dir = tempfile::tempdir().unwrap();
        let anchor = Anchor::open(&dir.path().join("anchor")).unwrap();
        anchor.swap(None, "one").unwrap();
        anchor.swap(Some("one"), "two").unwrap();
        assert!(matches!(
            anchor.swap(Some("one"), "other"),
            Err(AnchorError::Moved)
        ));
        assert_eq!(anchor.read().unwrap().as_deref(), Some("two"));
    }
}
