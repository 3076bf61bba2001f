//! `tidewaiter policy`.

use crate::identity::{AgentId, AgentKind, Assurance};
use crate::policy::{Ask, Snapshot, Switches, Who, cases, check, explain};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks and tests a policy directory, and explains a decision.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Policy {
    /// Finds dead rules, unknown names and grants nobody uses; each with file and line.
    ///
    /// Example: tidewaiter policy check --dir policies --agent support-bot:llm
    Check {
        /// The policy directory; the shipped one if none is named.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// A registered agent as `ID:KIND`; may be repeated. The shipped three if none is named.
        #[arg(long = "agent")]
        agents: Vec<String>,
    },
    /// Runs the cases beside the policy.
    ///
    /// Example: tidewaiter policy test --dir policies
    Test {
        /// The policy directory; the shipped one if none is named.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Shows the policy a running gateway decides by, or an earlier one, with every file.
    #[command(after_help = "Example:\n  tidewaiter policy show --json")]
    Show(super::officer::PolicyInForce),
    /// Says why a call would be allowed or refused, and by which line.
    ///
    /// Example: tidewaiter policy explain --agent support-bot:llm --operation margin.add
    Explain {
        /// The policy directory; the shipped one if none is named.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// The agent as `ID:KIND`.
        #[arg(long)]
        agent: String,
        /// The operation.
        #[arg(long)]
        operation: String,
        /// Its arguments, a JSON object.
        #[arg(long, default_value = "{}")]
        arguments: String,
        /// The purpose; else the operation's default.
        #[arg(long)]
        purpose: Option<String>,
        /// Assurance: `low`, `substantial`, `high`.
        #[arg(long, default_value = "low")]
        assurance: String,
        /// As a guest, without a customer.
        #[arg(long)]
        guest: bool,
    },
}

impl Policy {
    #[expect(clippy::too_many_lines, reason = "a command each")]
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Check { dir, agents } => {
                let files = super::policies(dir)?;
                let agents = if agents.is_empty() {
                    ["support-bot:llm", "triage-flow:flow", "gateway:flow"]
                        .map(String::from)
                        .to_vec()
                } else {
                    agents
                };
                let agents = agents
                    .iter()
                    .map(|text| agent(text))
                    .collect::<Result<Vec<_>>>()?;
                let report = super::block_on(async { Ok(check::check(&files, &agents).await) })?;
                super::say(report.to_string().trim_end())?;
                // What is said in vain is worth a look; the gateway runs with it.
                Ok(if report.faults.is_empty() {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                })
            }
            Self::Show(show) => show.run(),
            Self::Test { dir } => {
                let files = super::policies(dir)?;
                let report = super::block_on(async { Ok(cases::run(&files).await?) })?;
                super::say(report.to_string().trim_end())?;
                Ok(if report.passed() {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                })
            }
            Self::Explain {
                dir,
                agent: who,
                operation,
                arguments,
                purpose,
                assurance,
                guest,
            } => {
                let files = super::policies(dir)?;
                let (id, kind) = agent(&who)?;
                let arguments =
                    serde_json::from_str(&arguments).context("the arguments are no JSON object")?;
                let assurance: Assurance = serde_json::from_value(assurance.into())
                    .context("assurance is low, substantial or high")?;
                let agents = vec![(id.clone(), kind)];
                let snapshot =
                    super::block_on(async { Ok(Snapshot::compile(&files, &agents).await?) })?;
                let ask = Ask {
                    operation,
                    arguments,
                    purpose,
                    conversation_disclosed: true,
                };
                let who = Who {
                    agent: &id,
                    kind,
                    subject: !guest,
                    assurance,
                    scopes: None,
                };
                super::say(explain(&who, &ask, &snapshot, &Switches::new()).trim_end())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn agent(text: &str) -> Result<(AgentId, AgentKind)> {
    let (id, kind) = text.split_once(':').context("an agent is ID:KIND")?;
    let kind = match kind {
        "llm" => AgentKind::Llm,
        "flow" => AgentKind::Flow,
        _ => anyhow::bail!("an agent's kind is llm or flow"),
    };
    Ok((AgentId::try_from(id.to_owned())?, kind))
}
