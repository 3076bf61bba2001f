//! A vault in a directory, which belongs on another device than the database.
//!
//! A key is a file of 32 bytes, mode 0600, made whole under another name and linked into place, so
//! a crash leaves a key or none and two processes never make two. `tombstones` grows by a line a
//! key, synced before the call returns; a torn last line is not a tombstone and is written again
//! when the destruction is finished at the next start.

use super::{Key, Slot, Vault, VaultError};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use zeroize::Zeroizing;

/// A vault in a directory.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    burying: Mutex<()>,
}

impl Directory {
    /// Opens the directory, made first (mode 0700) if there is none.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(root)?;
        Ok(Self {
            root: root.to_owned(),
            burying: Mutex::new(()),
        })
    }

    fn path(&self, slot: &Slot) -> Result<PathBuf, VaultError> {
        let plain = |s: &str| {
            !s.is_empty()
                && s.len() <= 32
                && s.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        Ok(match slot {
            Slot::Index => self.root.join("index.key"),
            Slot::Epoch(n) => self.root.join("epoch").join(format!("{n:08}.key")),
            Slot::Period { class, month } => {
                if !plain(class) || !plain(month) {
                    return Err(VaultError::Damaged);
                }
                self.root
                    .join("period")
                    .join(class)
                    .join(format!("{month}.key"))
            }
            Slot::Checkpoint => self.root.join("sign").join("checkpoint.key"),
            Slot::Manifest => self.root.join("sign").join("manifest.key"),
            Slot::Receipt => self.root.join("sign").join("receipt.key"),
        })
    }

    /// Where it is noted that a slot's key is gone, so that it is not made again.
    fn grave(path: &Path) -> PathBuf {
        path.with_extension("destroyed")
    }
}

fn sync_dir(of: &Path) -> Result<(), VaultError> {
    if let Some(parent) = of.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

fn read_key(path: &Path) -> Result<Option<Key>, VaultError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(33));
    file.take(33).read_to_end(&mut bytes)?;
    let key: [u8; 32] = bytes
        .as_slice()
        .try_into()
        .map_err(|_wrong_length| VaultError::Damaged)?;
    Ok(Some(Zeroizing::new(key)))
}

impl Vault for Directory {
    fn key(&self, slot: &Slot) -> Result<Option<Key>, VaultError> {
        let path = self.path(slot)?;
        // A crash while it was destroyed may have left the file; it is not a key any more.
        if Self::grave(&path).exists() {
            Ok(None)
        } else {
            read_key(&path)
        }
    }

    fn key_or_new(&self, slot: &Slot) -> Result<Key, VaultError> {
        let path = self.path(slot)?;
        if Self::grave(&path).exists() {
            return Err(VaultError::Io(std::io::Error::new(
                ErrorKind::NotFound,
                "this key was destroyed",
            )));
        }
        if let Some(key) = read_key(&path)? {
            return Ok(key);
        }
        if let Some(parent) = path.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(parent)?;
            sync_dir(parent)?;
        }
        let key = Zeroizing::new(crate::random::bytes::<32>()?);
        let name = hex::encode(crate::random::bytes::<8>()?);
        let draft = path.with_extension(format!("{name}.new"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(key.as_slice())?;
        file.sync_all()?;
        // Linking fails when somebody was faster; then theirs is the key.
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft)?;
        match linked {
            Ok(()) => sync_dir(&path)?,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e.into()),
        }
        read_key(&path)?.ok_or(VaultError::Damaged)
    }

    fn destroy(&self, slot: &Slot) -> Result<(), VaultError> {
        let path = self.path(slot)?;
        if read_key(&path)?.is_none() {
            return Ok(());
        }
        File::create(Self::grave(&path))?.sync_all()?;
        // Overwritten first: on a plain disk that is the key gone even from the free blocks.
        let mut file = OpenOptions::new().write(true).open(&path)?;
        file.write_all(&[0; 32])?;
        file.sync_all()?;
        fs::remove_file(&path)?;
        sync_dir(&path)
    }

    fn bury(&self, id: &[u8; 16], at_us: i64) -> Result<(), VaultError> {
        let _one_at_a_time = self
            .burying
            .lock()
            .map_err(|_poisoned| VaultError::Damaged)?;
        let path = self.root.join("tombstones");
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .read(true)
            .open(&path)?;
        let mut torn = String::new();
        file.read_to_string(&mut torn)?;
        if !torn.is_empty() && !torn.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        file.write_all(format!("{} {at_us}\n", hex::encode(id)).as_bytes())?;
        file.sync_all()?;
        sync_dir(&path)
    }

    fn tombstones(&self) -> Result<Vec<[u8; 16]>, VaultError> {
        let text = match fs::read_to_string(self.root.join("tombstones")) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e.into()),
        };
        let mut ids = Vec::new();
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let id = line.split(' ').next().unwrap_or_default();
            // A torn line was closed by the next burial, which repeated what it said.
            let mut bytes = [0_u8; 16];
            if hex::decode_to_slice(id, &mut bytes).is_ok() {
                ids.push(bytes);
            }
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i6_a_destroyed_key_is_not_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Directory::open(dir.path()).unwrap();
        let slot = Slot::Period {
            class: "support".into(),
            month: "2026-11".into(),
        };
        let first = vault.key_or_new(&slot).unwrap();
        assert_eq!(*first, *vault.key_or_new(&slot).unwrap());
        vault.destroy(&slot).unwrap();
        assert!(vault.key(&slot).unwrap().is_none());
        assert!(vault.key_or_new(&slot).is_err());
    }

    #[test]
    fn tombstones_survive_a_torn_line() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Directory::open(dir.path()).unwrap();
        vault.bury(&[1; 16], 5).unwrap();
        let path = dir.path().join("tombstones");
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"0202")
            .unwrap();
        assert_eq!(vault.tombstones().unwrap(), vec![[1; 16]]);
        vault.bury(&[2; 16], 6).unwrap();
        assert_eq!(vault.tombstones().unwrap(), vec![[1; 16], [2; 16]]);
    }

    #[test]
    fn names_cannot_leave_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Directory::open(dir.path()).unwrap();
        let slot = Slot::Period {
            class: "../x".into(),
            month: "2026-11".into(),
        };
        assert!(vault.key_or_new(&slot).is_err());
    }
}
