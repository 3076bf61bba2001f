//! A PostgreSQL cluster of the tests' own, and a database a test.
//!
//! Without PostgreSQL's binaries the tests print `skipped: …`; with `CI=true` they fail instead.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running cluster: its socket folder.
struct Cluster {
    socket: PathBuf,
}

static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// An empty database.
pub(crate) struct Database {
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn create() -> Option<Self> {
        let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start).as_ref())
            .await
            .unwrap()?;
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let socket = cluster.socket.display().to_string();
        let made = Command::new("createdb")
            .args(["-h", &socket, "-U", "postgres", &name])
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        Some(Self {
            url: format!("postgres:///{name}?host={socket}&user=postgres"),
        })
    }
}

/// The folder of PostgreSQL's server binaries.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    found.sort();
    found.extend(
        std::env::var_os("PATH")
            .iter()
            .flat_map(std::env::split_paths)
            .collect::<Vec<_>>(),
    );
    found
        .into_iter()
        .find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

fn start() -> Option<Cluster> {
    let Some(bin) = binaries() else {
        assert!(std::env::var_os("CI").is_none(), "CI needs PostgreSQL");
        println!("skipped: PostgreSQL's server binaries were not found");
        return None;
    };
    // PostgreSQL refuses to run as root; then it runs as `postgres`.
    let root = rustix_is_root();
    let dir = tempfile::Builder::new()
        .prefix("tw-pg")
        .tempdir()
        .unwrap()
        .keep();
    let run = |program: &str, args: &[&str]| {
        let mut command = if root {
            let mut command = Command::new("runuser");
            command
                .args(["-u", "postgres", "--"])
                .arg(bin.join(program));
            command
        } else {
            Command::new(bin.join(program))
        };
        command.args(args).current_dir("/").stdin(Stdio::null());
        command
    };
    if root {
        let owned = Command::new("chown")
            .arg("postgres")
            .arg(&dir)
            .status()
            .unwrap();
        assert!(owned.success());
    }
    let data = dir.join("data");
    let data_text = data.display().to_string();
    let socket = dir.display().to_string();
    let made = run(
        "initdb",
        &[
            "-D",
            &data_text,
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
        ],
    )
    .output()
    .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    #[expect(
        clippy::zombie_processes,
        reason = "it runs as long as the tests; a watcher ends it"
    )]
    let mut server = run(
        "postgres",
        &[
            "-D",
            &data_text,
            "-k",
            &socket,
            "-c",
            "listen_addresses=",
            "-c",
            "max_connections=200",
        ],
    )
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    for _try in 0..300 {
        let ready = Command::new(bin.join("pg_isready"))
            .args(["-h", &socket, "-q"])
            .status()
            .unwrap();
        if ready.success() {
            watch_parent(&data_text, &socket);
            return Some(Cluster { socket: dir });
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(server.kill());
    panic!("PostgreSQL did not start");
}

fn rustix_is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout == b"0\n")
}

/// Stops the cluster and removes its files once this process is gone, however it went.
fn watch_parent(data: &str, socket: &str) {
    let me = std::process::id();
    let script = format!(
        "while kill -0 {me} 2>/dev/null; do sleep 1; done; \
         kill -INT $(head -n1 {data}/postmaster.pid); sleep 2; rm -rf {socket}"
    );
    #[expect(clippy::zombie_processes, reason = "it outlives the tests by design")]
    Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
}
