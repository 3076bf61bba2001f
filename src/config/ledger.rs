//! `[ledger]`, `[policies]` and `[exports]`.

use super::database::{Database, Engine};
use super::fault::Faults;
use serde::Deserialize;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// The ledger's name, vault, anchor and pace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The log's name in checkpoints: 1 to 128 of `a-z 0-9 . - /`. It can never change.
    pub origin: String,
    /// The folder of the epoch keys, on another device than the database and its backups.
    pub vault: PathBuf,
    /// The file of the last checkpoint, apart from the database too.
    pub anchor: PathBuf,
    /// Records that may wait for the sequencer; more are refused.
    #[serde(default = "queue")]
    pub queue: usize,
    /// How often a head is signed.
    #[serde(
        rename = "checkpoint_interval_ms",
        default = "checkpoint_interval",
        deserialize_with = "super::duration::ms"
    )]
    pub checkpoint_interval: Duration,
}

fn queue() -> usize {
    4_096
}
fn checkpoint_interval() -> Duration {
    Duration::from_secs(1)
}

impl Ledger {
    pub(super) fn check(&self, database: &Database, faults: &mut Faults) {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-/".contains(&b);
        faults.unless(
            (1..=128).contains(&self.origin.len()) && self.origin.bytes().all(fits),
            "ledger.origin",
            "is not 1 to 128 of a-z 0-9 . - /",
        );
        faults.unless(
            (16..=1_000_000).contains(&self.queue),
            "ledger.queue",
            "is not between 16 and 1000000",
        );
        let interval = Duration::from_millis(10)..=Duration::from_secs(5);
        faults.unless(
            interval.contains(&self.checkpoint_interval),
            "ledger.checkpoint_interval_ms",
            "is not between 10 ms and 5 s",
        );
        self.check_places(database, faults);
    }

    /// Whoever copies the database's folder must not copy the keys along. Looked at as written, and
    /// again once relative paths are resolved.
    pub(super) fn check_places(&self, database: &Database, faults: &mut Faults) {
        let Some(Engine::Sqlite(file)) = database.engine() else {
            return;
        };
        let file = plain(&file);
        let beside = |path: &Path| {
            let path = plain(path);
            path.parent() == file.parent() || path.starts_with(&file)
        };
        let inside = file
            .parent()
            .is_some_and(|folder| folder == plain(&self.vault));
        faults.unless(
            !inside,
            "ledger.vault",
            "is the database's own folder: a backup would hold the keys with the records",
        );
        faults.unless(
            !beside(&self.anchor),
            "ledger.anchor",
            "lies beside the database: whoever rolls one back rolls back both",
        );
    }
}

/// A path without `.` and `..`, as it reads.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            Component::ParentDir
            | Component::Normal(_)
            | Component::RootDir
            | Component::Prefix(_) => out.push(part),
        }
    }
    out
}

/// Where the policies are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// The folder with `model.conf`, `policy.csv`, `purposes.toml`, `catalog/`.
    pub dir: PathBuf,
}

/// Where bundles are written. A second person always releases them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exports {
    /// The folder of the bundles.
    pub dir: PathBuf,
}
