//! `tidewaiter demo`.

use crate::demo::data::Person;
use crate::demo::house::House;
use crate::demo::{AGENT, ISSUER, TEMPORARY, tour};
use crate::telemetry;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Shows the whole path on this machine.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Keeps the data here: database, vault, anchor, `bundle/`, `trust.txt`. A temporary folder
    /// that is removed at the end if none is named.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Leaves it running after the tour, and prints tokens and lines to paste.
    #[arg(long)]
    serve: bool,
    /// Where the gateway listens; port 0 takes any that is free.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Makes other customers.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

impl Demo {
    pub(super) fn run(self) -> Result<ExitCode> {
        anyhow::ensure!(
            self.listen.ip().is_loopback(),
            "the demonstration stays on loopback"
        );
        telemetry::hush_panics();
        let metrics = telemetry::Metrics::start()?;
        let temporary = match self.dir {
            Some(_) => None,
            None => Some(Temporary::make()?),
        };
        let dir = match (&self.dir, &temporary) {
            (Some(dir), _) => dir.clone(),
            (None, Some(temporary)) => temporary.0.clone(),
            (None, None) => anyhow::bail!("no directory"),
        };
        super::block_on(async move {
            let house = House::build(&dir, self.listen, self.seed, metrics).await?;
            let held = tour::play(&house).await?;
            if self.serve {
                lines_to_paste(&house)?;
                tokio::signal::ctrl_c().await.context("signals")?;
            } else if self.dir.is_some() {
                super::say(format!(
                    "\nCheck the bundle yourself:\n  tidewaiter verify {0}/bundle --trust {0}/trust.txt\n  python3 {0}/bundle/verify.py {0}/bundle --trust {0}/trust.txt",
                    house.dir.display()
                ))?;
            }
            house.close().await;
            drop(temporary);
            Ok(if held {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        })
    }
}

/// A folder that goes when the demonstration ends.
struct Temporary(PathBuf);

impl Temporary {
    fn make() -> Result<Self> {
        let name = format!("{TEMPORARY}{}", hex::encode(crate::random::bytes::<6>()?));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).context("no temporary folder")?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(code = "not_removed", kind = %error.kind(), "a temporary folder stays");
        }
    }
}

fn lines_to_paste(house: &House) -> Result<()> {
    let now_s = crate::clock::Clock::System.now_s();
    let person: &Person = &house.exchange.cast().queued;
    let agent = house
        .issuer
        .agent_token(AGENT, &person.sub, &person.uid, now_s)
        .about(&person.name, &person.email, &person.phone)
        .session("demo-chat")
        .lifetime(3_600)
        .sign()?;
    let dina = house
        .issuer
        .officer_token("dina", &[crate::identity::Role::Dpo], now_s)
        .lifetime(3_600)
        .sign()?;
    let url = &house.url;
    super::say(format!(
        r#"
The gateway stays up at {url} until you press Ctrl-C. Tokens last an hour; more with
  tidewaiter token agent --key {dir}/issuer.key --issuer {ISSUER} --audience {url} --agent {AGENT} --sub {sub} --uid {uid}

The assistant for {name}:
  TOKEN={agent}
  curl -s {url}/v1/conversations -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
    -d '{{"channel":"web","locale":"ru","disclosure":{{"version":"ai-notice/3","shown_at":"{now}"}}}}'
  curl -s {url}/v1/operations/balances.balance -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
    -d '{{"arguments":{{"currency":"btc"}}}}'
  MCP: {url}/mcp with the same token

An officer reads a record, with a reason:
  OFFICER={dina}
  curl -s {url}/v1/records/2 -H "Authorization: Bearer $OFFICER" -H 'Access-Reason: training' -H 'Access-Case: DEMO-1'"#,
        dir = house.dir.display(),
        sub = person.sub,
        uid = person.uid,
        name = person.name,
        now = house.now(),
    ))
}
