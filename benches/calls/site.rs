//! A gateway as it is operated: files, a database, and `tidewaiter serve`.

use super::load::Talk;
use super::plan::{self, Place, Size};
use super::process::{Running, free_port};
use std::fmt::Write;
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tidewaiter::catalog::Files;
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::config::secret::write_private;
use tidewaiter::identity::LocalIssuer;
use tokio::net::TcpStream;

/// A folder with everything a `serve` needs.
pub(crate) struct Site {
    pub(crate) dir: PathBuf,
    pub(crate) config: PathBuf,
    pub(crate) issuer: Arc<LocalIssuer>,
    pub(crate) port: u16,
    pub(crate) size: Size,
}

/// A running gateway with customers in chats.
pub(crate) struct Gateway {
    pub(crate) process: Running,
    pub(crate) site: Site,
    pub(crate) tokens: Arc<Vec<String>>,
}

impl Site {
    /// Writes one named `name` whose records go to `database`; a file of its own without.
    pub(crate) fn new(place: &Place, name: &str, database: Option<String>, size: Size) -> Self {
        let dir = place.dir.path().join(name);
        for folder in [
            "database",
            "policies/catalog",
            "secrets",
            "exports",
            "anchor",
        ] {
            std::fs::create_dir_all(dir.join(folder)).expect("a folder");
        }
        write_private(
            &dir.join("secrets/core"),
            b"upstream-credential-core-3f6b81c2",
        )
        .expect("a file");
        for (file, text) in Files::shipped().iter() {
            let ours =
                file.starts_with("catalog/") || file.starts_with("cases/") || file == "policy.csv";
            if !ours {
                std::fs::write(dir.join("policies").join(file), text).expect("a file");
            }
        }
        let put = |file: &str, text: &str| std::fs::write(dir.join(file), text).expect("a file");
        put("policies/catalog/core.toml", &plan::catalog(size));
        put("policies/policy.csv", &plan::policy(size));
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let issuer = LocalIssuer::open("bench", &url, &dir.join("issuer.key")).expect("a key");
        issuer
            .write_jwks(&dir.join("issuer.jwks.json"))
            .expect("a file");
        let file = dir.join("database/tidewaiter.db");
        let database = database.unwrap_or_else(|| format!("sqlite:{}", file.display()));
        let config = dir.join("tidewaiter.toml");
        let text = configuration(&database, port, place.upstream.port);
        std::fs::write(&config, text).expect("a file");
        Self {
            dir,
            config,
            issuer: Arc::new(issuer),
            port,
            size,
        }
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it.
    pub(crate) async fn serve(self, place: &Place) -> Gateway {
        let out = self.dir.join("out.log");
        let file = File::create(&out).expect("a file");
        let err = File::create(self.dir.join("err.log")).expect("a file");
        let mut command = Command::new(&place.binary);
        command
            .args(["serve", "--config"])
            .arg(&self.config)
            .stdout(file)
            .stderr(err);
        let mut process = Running::start(&mut command);
        while !std::fs::read_to_string(&out).is_ok_and(|said| said.contains("listening on")) {
            if let Some(status) = process.0.try_wait().expect("a child") {
                let said = std::fs::read_to_string(self.dir.join("err.log")).unwrap_or_default();
                panic!("serve ended with {status}: {said}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Gateway {
            process,
            site: self,
            tokens: Arc::default(),
        }
    }
}

impl Gateway {
    /// Lets so many customers sign in and open their chats, and checks that one is answered.
    pub(crate) async fn welcome(mut self, customers: u64) -> Self {
        let now_s = Clock::System.now_s();
        let tokens = (0..customers).map(|customer| plan::token(&self.site.issuer, customer, now_s));
        self.tokens = Arc::new(tokens.collect());
        let stream = TcpStream::connect(("127.0.0.1", self.site.port)).await;
        let mut talk = Talk::new(stream.expect("it listens"));
        let (host, now) = (self.site.host(), rfc3339(Clock::System.now_us()));
        let mut ask = Vec::new();
        for token in &*self.tokens {
            ask.clear();
            plan::opening(&mut ask, &host, token, &now);
            assert!(talk.ask(&ask).await, "no chat: {}", talk.answer());
            // The first read makes the customer's key, which later ones find.
            ask.clear();
            let path = "/v1/operations/bench.op0";
            plan::post(&mut ask, &host, path, token, "", plan::ARGUMENTS);
            assert!(talk.ask(&ask).await, "no answer: {}", talk.answer());
        }
        for requests in [
            plan::rest(
                Arc::clone(&self.tokens),
                self.site.size,
                false,
                host.clone(),
            ),
            plan::mcp(Arc::clone(&self.tokens), self.site.size, host),
        ] {
            ask.clear();
            requests(0, &mut ask);
            assert!(talk.ask(&ask).await, "no answer: {}", talk.answer());
            assert!(
                talk.answer().contains("processing"),
                "another answer: {}",
                talk.answer()
            );
        }
        self
    }
}

fn configuration(database: &str, port: u16, upstream: u16) -> String {
    let mut text = format!(
        r#"allow_local_issuer = true
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
[database]
url = "{database}"
[ledger]
origin = "bench.example/log"
vault = "vault"
anchor = "anchor/checkpoint"
[policies]
dir = "policies"
[exports]
dir = "exports"
[quota]
per_agent = 1000000
per_subject = 1000000
[log]
level = "info"
[[issuers]]
issuer = "bench"
jwks_file = "issuer.jwks.json"
issues = ["agents"]
acr = {{ "low" = "low" }}
[[upstreams]]
name = "core"
url = "http://127.0.0.1:{upstream}"
credential = {{ file = "secrets/core" }}
"#
    );
    let agents = (0..plan::AGENTS).map(|at| (format!("agent-{at}"), "llm"));
    let others = (0..plan::OTHERS).map(|at| (format!("desk-{at}"), "flow"));
    for (id, kind) in agents.chain(others) {
        write!(
            text,
            "[[agents]]\nid = \"{id}\"\nkind = \"{kind}\"\ntitle = \"Agent {id}\"\n"
        )
        .expect("a string");
    }
    text
}
