//! `tidewaiter token`: tokens of the built-in issuer.

use crate::clock::Clock;
use crate::identity::{LocalIssuer, Role};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// What every token needs.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// The built-in issuer's key file, such as `issuer.key` in the demonstration's directory.
    #[arg(long)]
    key: PathBuf,
    /// The issuer's name.
    #[arg(long, default_value = crate::demo::ISSUER)]
    issuer: String,
    /// The gateway's public URL.
    #[arg(long)]
    audience: String,
    /// For how long, seconds.
    #[arg(long, default_value_t = 3600)]
    lifetime: i64,
}

/// Makes a token.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Token {
    /// An agent acting for a customer.
    Agent {
        #[command(flatten)]
        common: Common,
        /// The agent's id.
        #[arg(long)]
        agent: String,
        /// The customer's `sub`.
        #[arg(long)]
        sub: String,
        /// The customer's id at the upstreams.
        #[arg(long)]
        uid: String,
        /// Assurance: `low`, `substantial`, `high`.
        #[arg(long, default_value = "low")]
        acr: String,
    },
    /// An agent alone, for a guest's chat.
    Guest {
        #[command(flatten)]
        common: Common,
        /// The agent's id.
        #[arg(long)]
        agent: String,
    },
    /// A customer.
    Customer {
        #[command(flatten)]
        common: Common,
        /// The customer's `sub`.
        #[arg(long)]
        sub: String,
        /// The customer's id at the upstreams.
        #[arg(long)]
        uid: String,
    },
    /// An officer.
    Officer {
        #[command(flatten)]
        common: Common,
        /// The officer's `sub`.
        #[arg(long)]
        sub: String,
        /// A role: support, lead, officer, dpo, legal, auditor, admin. May be repeated.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
    },
}

impl Token {
    pub(super) fn run(self) -> Result<ExitCode> {
        let now_s = Clock::System.now_s();
        let (Self::Agent { common, .. }
        | Self::Guest { common, .. }
        | Self::Customer { common, .. }
        | Self::Officer { common, .. }) = &self;
        anyhow::ensure!(common.key.exists(), "there is no key file of that name");
        let issuer = LocalIssuer::open(&common.issuer, &common.audience, &common.key)?;
        let token = match &self {
            Self::Agent {
                agent,
                sub,
                uid,
                acr,
                ..
            } => issuer.agent_token(agent, sub, uid, now_s).acr(acr),
            Self::Guest { agent, .. } => issuer.guest_token(agent, now_s),
            Self::Customer { sub, uid, .. } => issuer.customer_token(sub, uid, now_s),
            Self::Officer { sub, roles, .. } => {
                let roles = roles
                    .iter()
                    .map(|name| Role::named(name).context("there is no such role"))
                    .collect::<Result<Vec<_>>>()?;
                issuer.officer_token(sub, &roles, now_s)
            }
        };
        super::say(token.lifetime(common.lifetime).sign()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
