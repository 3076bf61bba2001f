//! The demonstration's directory and the gateway that runs in it.

use super::exchange::Exchange;
use super::{AGENT, ISSUER};
use crate::catalog::Files;
use crate::cli::Client;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::data::Person;
use crate::identity::{LocalIssuer, Role};
use crate::running::Running;
use crate::telemetry::Metrics;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

mod credential;

/// The origin of the demonstration's ledger.
pub const LOG: &str = "tidewaiter.demo.example/ledger";

/// Everything that runs during the demonstration.
pub struct House {
    /// Where its data is.
    pub dir: PathBuf,
    /// The exchange behind the gateway.
    pub exchange: Exchange,
    /// The gateway.
    pub running: Running,
    /// Signs the demonstration's tokens.
    pub issuer: LocalIssuer,
    /// The gateway's address as clients write it.
    pub url: String,
    clock: Clock,
}

impl House {
    /// Builds the directory and starts both. What the directory holds already is gone on with.
    pub async fn build(
        dir: &Path,
        listen: SocketAddr,
        seed: u64,
        metrics: Metrics,
    ) -> Result<Self> {
        Self::build_on("sqlite:ledger.db", dir, listen, seed, metrics).await
    }

    /// The same on another database.
    pub async fn build_on(
        database: &str,
        dir: &Path,
        listen: SocketAddr,
        seed: u64,
        metrics: Metrics,
    ) -> Result<Self> {
        let clock = Clock::System;
        for name in [
            "secrets",
            "policies/catalog",
            "policies/cases",
            "exports",
            "exchange",
        ] {
            std::fs::create_dir_all(dir.join(name)).context("the directory cannot be written")?;
        }
        if database.starts_with("sqlite:") {
            // Nothing of a demonstration that runs there already is overwritten.
            let lock = std::fs::File::create(dir.join("ledger.db.lock"))?;
            let free = lock.try_lock().is_ok();
            anyhow::ensure!(free, "another demonstration runs in this folder");
        }
        let listen = free_port(listen)?;
        let url = format!("http://{listen}");
        let credentials = credential::credentials(dir)?;
        let exchange =
            Exchange::start(&dir.join("exchange"), seed, clock.now_us(), credentials).await?;
        for (name, text) in Files::shipped().iter() {
            std::fs::write(dir.join("policies").join(name), text)?;
        }
        let issuer = LocalIssuer::open(ISSUER, &url, &dir.join("issuer.key"))?;
        issuer.write_jwks(&dir.join("issuer.jwks.json"))?;
        let file = dir.join("tidewaiter.toml");
        std::fs::write(
            &file,
            configuration(listen, &url, &exchange.base_url(), database),
        )?;
        let config = Config::load(&file).context("the demonstration's own configuration")?;
        let running = Running::start(&config, metrics, clock.clone()).await?;
        let trust = crate::privacy::export::trust_file(running.gateway.ledger());
        std::fs::write(dir.join("trust.txt"), trust)?;
        Ok(Self {
            dir: dir.to_owned(),
            exchange,
            running,
            issuer,
            url,
            clock,
        })
    }

    /// A client without a token.
    pub fn client(&self) -> Result<Client> {
        Client::new(&self.url, None)
    }

    /// The assistant acting for a customer.
    pub fn assistant_for(&self, person: &Person) -> Result<Client> {
        let token = self
            .issuer
            .agent_token(AGENT, &person.sub, &person.uid, self.clock.now_s())
            .about(&person.name, &person.email, &person.phone)
            .acr("low")
            .sign()?;
        Ok(self.client()?.with_token(&token))
    }

    /// The assistant in a guest's chat.
    pub fn assistant_for_guest(&self) -> Result<Client> {
        let token = self.issuer.guest_token(AGENT, self.clock.now_s()).sign()?;
        Ok(self.client()?.with_token(&token))
    }

    /// A customer in the exchange's app.
    pub fn customer(&self, person: &Person) -> Result<Client> {
        let token = self
            .issuer
            .customer_token(&person.sub, &person.uid, self.clock.now_s());
        Ok(self.client()?.with_token(&token.sign()?))
    }

    /// An officer.
    pub fn officer(&self, sub: &str, roles: &[Role]) -> Result<Client> {
        let token = self.issuer.officer_token(sub, roles, self.clock.now_s());
        Ok(self.client()?.with_token(&token.sign()?))
    }

    /// The time, as an RFC 3339 text.
    pub fn now(&self) -> String {
        crate::clock::rfc3339(self.clock.now_us())
    }

    /// Stops both in order.
    pub async fn close(self) {
        self.running.stop().await;
        self.exchange.stop().await;
    }
}

/// The address with a port that is free now, where the given one is 0.
fn free_port(listen: SocketAddr) -> Result<SocketAddr> {
    if listen.port() != 0 {
        return Ok(listen);
    }
    Ok(std::net::TcpListener::bind(listen)?.local_addr()?)
}

fn configuration(listen: SocketAddr, url: &str, exchange: &str, database: &str) -> String {
    let upstreams = credential::configuration(exchange);
    format!(
        r#"# The demonstration's configuration. A real one has TLS, real issuers and no local issuer.
allow_local_issuer = true

[server]
listen = "{listen}"
public_url = "{url}"
health_listen = "127.0.0.1:0"

[database]
url = "{database}"

[ledger]
origin = "{LOG}"
vault = "vault"
anchor = "anchor/checkpoint"

[policies]
dir = "policies"

[exports]
dir = "exports"

[quota]
per_agent = 1000
per_subject = 100

[[issuers]]
issuer = "{ISSUER}"
jwks_file = "issuer.jwks.json"
issues = ["agents", "guests", "customers", "officers"]
acr = {{ "low" = "low", "substantial" = "substantial", "high" = "high" }}

[[agents]]
id = "{AGENT}"
kind = "llm"
title = "Support assistant"
recipients = [
    {{ name = "Model provider", country = "IE", contact = "privacy@provider.example", retention_days = 30 }},
]

[[agents]]
id = "triage-flow"
kind = "flow"
title = "Withdrawal triage"

[[agents]]
id = "gateway"
kind = "flow"
title = "The gateway itself"

{upstreams}"#
    )
}
