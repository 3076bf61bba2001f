//! A PostgreSQL cluster of the bench's own, durable as it comes: `fsync` and
//! `synchronous_commit` are on.

use super::process::Running;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A running cluster.
pub(crate) struct Cluster {
    process: Running,
    bin: PathBuf,
    socket: tempfile::TempDir,
    next: AtomicU32,
}

/// The folder of PostgreSQL's server binaries.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    found.sort();
    found.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path));
    let needed = ["initdb", "postgres", "createdb", "pg_isready"];
    found
        .into_iter()
        .find(|bin| needed.iter().all(|program| bin.join(program).exists()))
}

impl Cluster {
    pub(crate) fn start() -> Option<Self> {
        let Some(bin) = binaries() else {
            println!("skipped: PostgreSQL's server binaries were not found");
            return None;
        };
        let id = Command::new("id").arg("-u").output().expect("id");
        let root = id.stdout == b"0\n";
        let dir = tempfile::Builder::new()
            .prefix("tw-pg")
            .tempdir()
            .expect("a folder");
        // PostgreSQL refuses to run as root; then it runs as `postgres`.
        let run = |program: &str| {
            let mut command = if root {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
                command.arg(bin.join(program));
                command
            } else {
                Command::new(bin.join(program))
            };
            command
                .current_dir("/")
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        };
        if root {
            let owned = Command::new("chown")
                .arg("postgres")
                .arg(dir.path())
                .status();
            assert!(owned.expect("chown").success());
        }
        let data = dir.path().join("data");
        let made = run("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust"])
            .status();
        assert!(made.expect("initdb").success(), "initdb failed");
        let mut server = run("postgres");
        server.arg("-D").arg(&data).arg("-k").arg(dir.path());
        for setting in [
            "listen_addresses=",
            "max_connections=100",
            "shared_buffers=256MB",
            "max_wal_size=4GB",
        ] {
            server.args(["-c", setting]);
        }
        let process = Running::start(&mut server);
        let cluster = Self {
            process,
            bin,
            socket: dir,
            next: AtomicU32::new(0),
        };
        for _try in 0..300 {
            let mut ready = Command::new(cluster.bin.join("pg_isready"));
            if ready
                .arg("-h")
                .arg(cluster.socket.path())
                .arg("-q")
                .status()
                .expect("pg_isready")
                .success()
            {
                return Some(cluster);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgreSQL did not start");
    }

    /// The URL of an empty database.
    pub(crate) fn database(&self) -> String {
        let name = format!("b{}", self.next.fetch_add(1, Ordering::SeqCst));
        let socket = self.socket.path();
        let mut create = Command::new(self.bin.join("createdb"));
        create.arg("-h").arg(socket).args(["-U", "postgres", &name]);
        assert!(create.status().expect("createdb").success(), "no database");
        format!("postgres:///{name}?host={}&user=postgres", socket.display())
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Fast shutdown: its children end before its files go.
        let pid = self.id().to_string();
        drop(Command::new("kill").args(["-INT", &pid]).status());
        drop(self.process.0.wait());
    }
}
