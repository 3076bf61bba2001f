//! The real binary, `tidewaiter serve`, as a child process; the exchange and the issuer in this one.

use super::{LOG, Place};
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tidewaiter::catalog::Files;
use tidewaiter::cli::Client;
use tidewaiter::clock::Clock;
use tidewaiter::config::secret::write_private;
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::{ACCOUNTS_BASE, CORE_BASE, Credentials, DESK_BASE, Exchange};
use tidewaiter::demo::{AGENT, ISSUER};
use tidewaiter::identity::{LocalIssuer, Role, TokenDraft};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_tidewaiter");
/// The gateway's own credentials at the exchange, by upstream.
pub(crate) const CREDENTIALS: [(&str, &str); 3] = [
    ("core", "upstream-credential-core-3f6b81c2"),
    ("accounts", "upstream-credential-accounts-9d04e7aa"),
    ("desk", "upstream-credential-desk-57c1b0fe"),
];

/// A place to serve from: configuration, policies, secrets, and an exchange to ask.
pub(crate) struct Site {
    pub(crate) place: Place,
    pub(crate) exchange: Exchange,
    pub(crate) issuer: LocalIssuer,
    /// Where agents reach it.
    pub(crate) url: String,
    /// Where health and metrics are.
    pub(crate) health: String,
    pub(crate) config: PathBuf,
}

impl Site {
    /// Everything a `serve` needs in `place`; `more` stands at the end of `[server]`.
    pub(crate) async fn on(place: Place, more: &str) -> Self {
        Self::with(place, "http", more, "").await
    }

    /// The same with a scheme, and with `rest` at the end of the configuration.
    pub(crate) async fn with(place: Place, scheme: &str, more: &str, rest: &str) -> Self {
        let dir = place.dir.path().to_owned();
        for name in [
            "secrets",
            "policies/catalog",
            "policies/cases",
            "exports",
            "exchange",
            "logs",
        ] {
            std::fs::create_dir_all(dir.join(name)).unwrap();
        }
        for (name, secret) in CREDENTIALS {
            write_private(&dir.join("secrets").join(name), secret.as_bytes()).unwrap();
        }
        let secret = |at: usize| secrecy::SecretString::from(CREDENTIALS[at].1.to_owned());
        let credentials = Credentials {
            core: secret(0).into(),
            accounts: secret(1).into(),
            desk: secret(2).into(),
        };
        let now_us = Clock::System.now_us();
        let exchange = Exchange::start(&dir.join("exchange"), 7, now_us, credentials)
            .await
            .unwrap();
        for (name, text) in Files::shipped().iter() {
            std::fs::write(dir.join("policies").join(name), text).unwrap();
        }
        let (port, health) = (free_port(), free_port());
        let host = if scheme == "https" {
            "localhost"
        } else {
            "127.0.0.1"
        };
        let url = format!("{scheme}://{host}:{port}");
        let issuer = LocalIssuer::open(ISSUER, &url, &dir.join("issuer.key")).unwrap();
        issuer.write_jwks(&dir.join("issuer.jwks.json")).unwrap();
        let config = dir.join("tidewaiter.toml");
        let upstreams = exchange.base_url();
        let text = configuration(&place.url, &url, port, health, &upstreams, more, rest);
        std::fs::write(&config, text).unwrap();
        Self {
            place,
            exchange,
            issuer,
            url,
            health: format!("http://127.0.0.1:{health}"),
            config,
        }
    }

    /// Starts the binary and waits until it listens.
    pub(crate) async fn serve(&self) -> Child {
        let mut child = self.spawn();
        match child.listening().await {
            Ok(()) => child,
            Err(status) => panic!("serve ended with {status}: {}", child.stderr()),
        }
    }

    /// Starts the binary and expects it to end by itself: exit status and standard error.
    pub(crate) async fn refused(&self) -> (ExitStatus, String) {
        let mut child = self.spawn();
        match child.listening().await {
            Ok(()) => panic!("serve listens, although it must refuse to start"),
            Err(status) => (status, child.stderr()),
        }
    }

    pub(crate) fn spawn(&self) -> Child {
        let logs = self.place.path("logs");
        let number = std::fs::read_dir(&logs).unwrap().count();
        let [out, err] = ["out", "err"].map(|kind| logs.join(format!("{number:04}.{kind}")));
        let process = Command::new(BINARY)
            .args(["serve", "--config"])
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        Child { process, out, err }
    }

    /// A client without a token.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url, None).unwrap()
    }

    /// The listener of health and metrics.
    pub(crate) fn health(&self) -> Client {
        Client::new(&self.health, None).unwrap()
    }

    /// A token of the assistant for a customer, good for an hour.
    pub(crate) fn token(&self, person: &Person) -> TokenDraft<'_> {
        self.issuer
            .agent_token(AGENT, &person.sub, &person.uid, Clock::System.now_s())
            .about(&person.name, &person.email, &person.phone)
            .acr("low")
            .lifetime(3_600)
    }

    /// The assistant for a customer.
    pub(crate) fn assistant(&self, person: &Person) -> Client {
        self.client()
            .with_token(&self.token(person).sign().unwrap())
    }

    /// A member of staff.
    pub(crate) fn officer(&self, sub: &str, roles: &[Role]) -> Client {
        let token = self.issuer.officer_token(sub, roles, Clock::System.now_s());
        self.client().with_token(&token.sign().unwrap())
    }

    /// Everybody of the cast.
    pub(crate) fn people(&self) -> Vec<Person> {
        let cast = self.exchange.cast().clone();
        vec![
            cast.queued,
            cast.refused,
            cast.memoless,
            cast.called,
            cast.injected,
            cast.victim,
            cast.receipt,
            cast.leaving,
        ]
    }

    /// What every child of this place wrote to standard output and standard error.
    pub(crate) fn logs(&self) -> String {
        let mut names: Vec<PathBuf> = std::fs::read_dir(self.place.path("logs"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        names.sort();
        names.iter().map(|name| read(name)).collect()
    }
}

/// A running `serve`. Killed when dropped.
pub(crate) struct Child {
    process: std::process::Child,
    out: PathBuf,
    err: PathBuf,
}

impl Child {
    /// Waits until it says that it listens; the status if it ends instead.
    pub(crate) async fn listening(&mut self) -> Result<(), ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(90) {
            if read(&self.out).contains("listening on ") {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait().unwrap() {
                return Err(status);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("serve neither listens nor ends: {}", self.stderr());
    }

    pub(crate) fn stderr(&self) -> String {
        read(&self.err)
    }

    /// `kill -9`, and the process is gone when this returns.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends SIGTERM and goes on.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends SIGHUP: read policies, keys and certificates again.
    pub(crate) fn reload(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, which: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([which, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(1) {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("serve did not end: {}", self.stderr());
    }

    /// SIGTERM, and an orderly end.
    pub(crate) async fn stop(mut self) {
        self.terminate();
        let status = self.ended().await;
        assert!(status.success(), "{status}: {}", self.stderr());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A port that nobody gets by chance: below those the system gives to whoever asks for any.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 20_000).unwrap();
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + (start + next % 20_000) % 20_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

pub(crate) fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn configuration(
    database: &str,
    url: &str,
    port: u16,
    health: u16,
    exchange: &str,
    more: &str,
    rest: &str,
) -> String {
    let upstreams = [
        ("core", CORE_BASE),
        ("accounts", ACCOUNTS_BASE),
        ("desk", DESK_BASE),
    ]
    .map(|(name, base)| {
        format!(
            "[[upstreams]]\nname = \"{name}\"\nurl = \"{exchange}{base}\"\n\
                 credential = {{ file = \"secrets/{name}\" }}\n"
        )
    });
    format!(
        r#"allow_local_issuer = true
[server]
listen = "127.0.0.1:{port}"
public_url = "{url}"
health_listen = "127.0.0.1:{health}"
{more}
[database]
url = "{database}"
[ledger]
origin = "{LOG}"
vault = "vault"
anchor = "anchor/checkpoint"
checkpoint_interval_ms = 200
[policies]
dir = "policies"
[exports]
dir = "exports"
[quota]
per_agent = 100000
per_subject = 100000
[log]
level = "debug"
[[issuers]]
issuer = "{ISSUER}"
jwks_file = "issuer.jwks.json"
issues = ["agents", "guests", "customers", "officers"]
acr = {{ "low" = "low", "substantial" = "substantial", "high" = "high" }}
[[agents]]
id = "{AGENT}"
kind = "llm"
title = "Support assistant"
[[agents]]
id = "triage-flow"
kind = "flow"
title = "Withdrawal triage"
[[agents]]
id = "gateway"
kind = "flow"
title = "The gateway itself"
{}{rest}
"#,
        upstreams.concat()
    )
}
