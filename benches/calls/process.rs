//! Child processes, and what they cost, from `/proc`.

use std::process::{Child, Command, Stdio};

/// A child that ends when it is dropped.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::piped()).spawn();
        Self(child.expect("the process starts"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to end in order, and waits.
    pub(crate) fn stop(mut self) {
        let pid = self.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.expect("kill").success(), "it ended too early");
        self.0.wait().expect("it ends");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // In order first, so that its own children end too; it may have ended already.
        let pid = self.id().to_string();
        drop(
            Command::new("kill")
                .args(["-TERM", &pid])
                .stderr(Stdio::null())
                .status(),
        );
        for _try in 0..100 {
            if self.0.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Seconds of CPU, user and kernel, that `pid` and its direct children have used so far.
pub(crate) fn cpu(pid: u32) -> f64 {
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc").expect("Linux").flatten() {
        let name = entry.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Some(stat) = Stat::of(id) else { continue };
        if id == pid {
            ticks += stat.own + stat.ended_children;
        } else if stat.parent == pid {
            ticks += stat.own;
        }
    }
    ticks as f64 / 100.0
}

struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name before it may hold anything.
        let (_name, rest) = text.rsplit_once(") ")?;
        let words: Vec<&str> = rest.split(' ').collect();
        let number = |at: usize| words.get(at)?.parse::<u64>().ok();
        Some(Self {
            parent: words.get(1)?.parse().ok()?,
            own: number(11)? + number(12)?,
            ended_children: number(13)? + number(14)?,
        })
    }
}

/// Resident memory now and at its highest, MiB.
pub(crate) fn memory(pid: u32) -> (f64, f64) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
        kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    };
    (line("VmRSS:"), line("VmHWM:"))
}

/// A port of loopback that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    listener.local_addr().expect("an address").port()
}

/// The first of the programs that is there.
pub(crate) fn program(candidates: &[&str]) -> Option<String> {
    let there = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
    candidates.iter().find(there).map(|name| (*name).to_owned())
}
