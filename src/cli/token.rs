//! `tidewaiter token`: tokens of the built-in issuer, and keys for token exchange.

use crate::clock::Clock;
use crate::config::secret::{read_private, write_private};
use crate::identity::{LocalIssuer, Role, Signer, SigningAlgorithm};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
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
    /// Makes a private key, for `token_exchange.key` or for an agent to prove itself with, and
    /// prints its public half as a JWKS.
    ///
    /// Example: tidewaiter token key --out secrets/chatbot.pem > issuers/chatbot.json
    Key {
        /// The file to write: PKCS#8 in PEM, readable by its owner only. It must not be there yet.
        #[arg(long)]
        out: PathBuf,
        /// ECDSA on P-256 (ES256) in place of Ed25519 (`EdDSA`).
        #[arg(long)]
        es256: bool,
    },
    /// Prints the public half of a private key as a JWKS: for `agents.jwks_file`.
    ///
    /// Example: tidewaiter token jwks --key secrets/chatbot.pem
    Jwks {
        /// The private key, PKCS#8 in PEM.
        #[arg(long)]
        key: PathBuf,
    },
    /// Signs an agent's assertion for the token endpoint, good for a minute, once.
    ///
    /// Example: tidewaiter token assertion --key secrets/chatbot.pem --agent chatbot --audience $TW
    Assertion {
        /// The agent's private key, PKCS#8 in PEM.
        #[arg(long)]
        key: PathBuf,
        /// The agent's id.
        #[arg(long)]
        agent: String,
        /// The gateway's public URL.
        #[arg(long)]
        audience: String,
    },
}

impl Token {
    pub(super) fn run(self) -> Result<ExitCode> {
        let common = match &self {
            Self::Agent { common, .. }
            | Self::Guest { common, .. }
            | Self::Customer { common, .. }
            | Self::Officer { common, .. } => common,
            Self::Key { out, es256 } => return make(out, *es256),
            Self::Jwks { key } => return done(&signer(key)?.jwks()),
            Self::Assertion {
                key,
                agent,
                audience,
            } => return assert(key, agent, audience),
        };
        let now_s = Clock::System.now_s();
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
            Self::Key { .. } | Self::Jwks { .. } | Self::Assertion { .. } => {
                return Ok(ExitCode::FAILURE);
            }
        };
        done(&token.lifetime(common.lifetime).sign()?)
    }
}

fn make(out: &Path, es256: bool) -> Result<ExitCode> {
    let algorithm = if es256 {
        SigningAlgorithm::Es256
    } else {
        SigningAlgorithm::EdDsa
    };
    let signer = Signer::generate(algorithm)?;
    write_private(out, signer.to_pem().as_bytes()).context("the key file cannot be written")?;
    done(&signer.jwks())
}

fn assert(key: &Path, agent: &str, audience: &str) -> Result<ExitCode> {
    let jti = hex::encode(crate::random::bytes::<16>()?);
    let now_s = Clock::System.now_s();
    done(&signer(key)?.assertion(agent, audience, now_s, &jti)?)
}

fn signer(key: &Path) -> Result<Signer> {
    let text = read_private(key).context("the key file")?;
    Ok(Signer::from_pem(&text)?)
}

fn done(text: &str) -> Result<ExitCode> {
    super::say(text)?;
    Ok(ExitCode::SUCCESS)
}
