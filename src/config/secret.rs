//! Secrets: named in the file, kept in a file of their own or in the environment.
//!
//! Promises that a secret is never written into the configuration, never printed, and wiped from
//! memory when dropped. Copies made by libraries that use it are theirs.

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const INLINE: &str = "a secret is never inline: name it as { file = … } or { env = … }";
const LONGEST: u64 = 65_536;

/// A secret by reference: `{ file = "…" }` or `{ env = "NAME" }`, and its value once read.
#[derive(Clone)]
pub struct Secret {
    source: Source,
    value: Zeroizing<String>,
}

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Env(String),
    Given,
}

/// A secret could not be had. The machine's setup can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// There is no such file, or it may not be opened.
    #[error("the secret's file cannot be opened")]
    NoFile,
    /// Others than its owner may read the file.
    #[error("the secret's file can be read by its group or everybody: chmod 600 it")]
    Exposed,
    /// It is a folder, a device, or longer than 64 KiB.
    #[error("the secret's file is no plain file of at most 64 KiB")]
    NoPlainFile,
    /// The variable is not set.
    #[error("the secret's environment variable is not set")]
    NotSet,
    /// It is empty or not UTF-8.
    #[error("the secret is empty or not UTF-8")]
    Empty,
}

impl Secret {
    /// A secret made on the spot, such as a demonstration's.
    pub fn given(value: impl Into<String>) -> Self {
        Self {
            source: Source::Given,
            value: Zeroizing::new(value.into()),
        }
    }

    /// The value; empty when it comes from [`super::Config::parse`], which reads none.
    pub fn expose(&self) -> &str {
        &self.value
    }

    pub(super) fn resolve(&mut self, folder: &Path) {
        if let Source::File(path) = &mut self.source {
            *path = folder.join(&*path);
        }
    }

    pub(super) fn read(&mut self) -> Result<(), Unread> {
        let value = match &self.source {
            Source::File(path) => read_private(path)?,
            Source::Env(name) => from_environment(name)?,
            Source::Given => return Ok(()),
        };
        let value = value.trim_end_matches(['\r', '\n']);
        if value.is_empty() {
            return Err(Unread::Empty);
        }
        self.value = Zeroizing::new(value.to_owned());
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where settings are read, once"
)]
fn from_environment(name: &str) -> Result<Zeroizing<String>, Unread> {
    match std::env::var(name) {
        Ok(value) => Ok(Zeroizing::new(value)),
        Err(std::env::VarError::NotPresent) => Err(Unread::NotSet),
        Err(std::env::VarError::NotUnicode(_)) => Err(Unread::Empty),
    }
}

/// The text of a file that nobody but its owner may read. The permissions are those of the file
/// that was opened, so it cannot be exchanged in between.
pub fn read_private(path: &Path) -> Result<Zeroizing<String>, Unread> {
    let file = std::fs::File::open(path).map_err(|_error| Unread::NoFile)?;
    let about = file.metadata().map_err(|_error| Unread::NoFile)?;
    if !about.is_file() || about.len() > LONGEST {
        return Err(Unread::NoPlainFile);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if about.mode() & 0o077 != 0 {
            return Err(Unread::Exposed);
        }
    }
    let length = usize::try_from(about.len()).map_err(|_error| Unread::NoPlainFile)?;
    // Room for the whole file at once: growing would leave copies behind that nobody wipes.
    let mut value = Zeroizing::new(String::with_capacity(length.saturating_add(1)));
    file.take(LONGEST)
        .read_to_string(&mut value)
        .map_err(|_error| Unread::Empty)?;
    Ok(value)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Named)
    }
}

struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ file } or { env }")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Secret, E> {
        Err(E::custom(INLINE))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let mut source = None;
        while let Some(key) = map.next_key::<String>()? {
            if source.is_some() {
                return Err(de::Error::custom("a secret has one source"));
            }
            source = Some(match key.as_str() {
                "file" => Source::File(map.next_value()?),
                "env" => Source::Env(map.next_value()?),
                _ => return Err(de::Error::custom(INLINE)),
            });
        }
        let source = source.ok_or_else(|| de::Error::custom(INLINE))?;
        Ok(Secret {
            source,
            value: Zeroizing::default(),
        })
    }
}
/// Writes a secret to a new file that only its owner can read; fails if there is one already.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
