//! `tidewaiter serve`.

use crate::clock::Clock;
use crate::config::Config;
use crate::redaction::Profiles;
use crate::running::Running;
use crate::telemetry;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the gateway.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The configuration file; `deploy/tidewaiter.toml` is a commented sample.
    #[arg(long, env = "TIDEWAITER_CONFIG")]
    config: PathBuf,
    /// Only checks the configuration, its secrets and files, and ends.
    #[arg(long)]
    check: bool,
}

impl Serve {
    pub(super) fn run(self) -> Result<ExitCode> {
        let config = Config::load(&self.config)?;
        if self.check {
            Profiles::load(config.redaction.models.as_deref()).context("the models are refused")?;
            super::say("the configuration is in order")?;
            return Ok(ExitCode::SUCCESS);
        }
        let _telling = telemetry::start(&config.log, config.traces.as_ref())?;
        telemetry::hush_panics();
        let metrics = telemetry::Metrics::start()?;
        super::block_on(async move {
            let mut terminate = signal(SignalKind::terminate()).context("signals")?;
            let mut interrupt = signal(SignalKind::interrupt()).context("signals")?;
            let mut hangup = signal(SignalKind::hangup()).context("signals")?;
            let running = Running::start(&config, metrics, Clock::System).await?;
            super::say(format!("listening on {}", running.address))?;
            loop {
                tokio::select! {
                    _ = terminate.recv() => break,
                    _ = interrupt.recv() => break,
                    _ = hangup.recv() => match running.reload(&config).await {
                        Ok(()) => tracing::info!(code = "reloaded", "policies and keys"),
                        Err(error) => {
                            tracing::error!(code = "reload_refused", error = %format!("{error:#}"));
                        }
                    },
                }
            }
            tracing::info!(code = "draining", "asked to stop");
            running.stop().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}
