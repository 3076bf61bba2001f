//! Revoking, seeing what is revoked, and lifting it.

use super::{To, text};
use crate::cli::block_on;
use anyhow::{Context, Result, bail};
use http::Method;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Revokes.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Revoke {
    /// Every token that an agent shows, until two people lift it.
    ///
    /// Example: tidewaiter revoke agent support-bot --reason "its key leaked" --url … --token-file …
    Agent {
        /// The agent's id.
        agent: String,
        #[command(flatten)]
        how: How,
    },
    /// Every token of a customer or officer that was issued until now.
    ///
    /// Example: tidewaiter revoke subject --issuer https://login.example --sub 8841 --reason "account taken over" --url … --token-file …
    Subject {
        /// Who vouches for them: the tokens' `iss`.
        #[arg(long)]
        issuer: String,
        /// The tokens' `sub`.
        #[arg(long)]
        sub: String,
        #[command(flatten)]
        how: How,
    },
    /// Every token of a session.
    ///
    /// Example: tidewaiter revoke session 5f1c0e2b --reason "lost phone" --url … --token-file …
    Session {
        /// The tokens' `sid`.
        session: String,
        #[command(flatten)]
        how: How,
    },
    /// One token.
    ///
    /// Example: tidewaiter revoke token --from leaked.jwt --reason "found in a log" --url … --token-file …
    Token {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        how: How,
    },
}

/// Why, and through which gateway.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct How {
    /// Why; recorded.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    to: To,
}

/// A token, without showing it to anybody.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Which {
    /// A file with the token. Only its digest is sent.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Its SHA-256, 64 lower-case hex digits.
    #[arg(long)]
    sha256: Option<String>,
    /// Its `jti`.
    #[arg(long)]
    jti: Option<String>,
}

impl Which {
    fn name(self) -> Result<(&'static str, String)> {
        match (self.from, self.sha256, self.jti) {
            (Some(file), None, None) => Ok(("sha256", digest_of(&file)?)),
            (None, Some(sha256), None) => Ok(("sha256", sha256)),
            (None, None, Some(jti)) => Ok(("jti", jti)),
            _ => bail!("say one of --from, --sha256, --jti"),
        }
    }
}

/// The SHA-256 of the token in a file.
fn digest_of(file: &Path) -> Result<String> {
    let token = std::fs::read_to_string(file).context("the file with the token to revoke")?;
    let token = token.trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token);
    Ok(hex::encode(digest(&SHA256, token.as_bytes())))
}

impl Revoke {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        let (mut body, how) = match self {
            Self::Agent { agent, how } => (json!({"kind": "agent", "agent": agent}), how),
            Self::Subject { issuer, sub, how } => (
                json!({"kind": "subject", "issuer": issuer, "sub": sub}),
                how,
            ),
            Self::Session { session, how } => (json!({"kind": "session", "session": session}), how),
            Self::Token { which, how } => {
                let (name, value) = which.name()?;
                let mut body = json!({"kind": "token"});
                put(&mut body, name, value);
                (body, how)
            }
        };
        put(&mut body, "reason", how.reason);
        let reply = block_on(async { how.to.client()?.post("/v1/revocations", &body).await })?;
        how.to.show(&reply, |body| {
            let until = body.get("until").and_then(Value::as_str);
            format!(
                "revoked until {} (revocation {}, record {})",
                until.unwrap_or("it is lifted"),
                text(body, "revocation"),
                text(body, "record")
            )
        })
    }
}

fn put(body: &mut Value, name: &str, value: String) {
    if let Some(members) = body.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
}

/// What is revoked.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Revocations {
    /// Lists what is revoked, newest first.
    ///
    /// Example: tidewaiter revocations list --url … --token-file …
    List {
        /// Goes on after this revocation: `next` of the page before.
        #[arg(long)]
        after: Option<String>,
        #[command(flatten)]
        to: To,
    },
    /// Lifts a revocation. For an agent or a person it takes two people.
    ///
    /// Example: tidewaiter revocations lift 0f3a… --reason "the key was changed" --url … --token-file …
    Lift {
        /// The revocation's id.
        id: String,
        #[command(flatten)]
        how: How,
    },
}

impl Revocations {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { after, to } => {
                let query = after.map_or_else(String::new, |after| {
                    let after = url::form_urlencoded::byte_serialize(after.as_bytes());
                    format!("?after={}", after.collect::<String>())
                });
                let path = format!("/v1/revocations{query}");
                let reply = block_on(async { to.client()?.get(&path).await })?;
                to.show(&reply, lines)
            }
            Self::Lift { id, how } => {
                let body = json!({"reason": how.reason});
                let path = format!("/v1/revocations/{id}");
                let reply = block_on(async {
                    let client = how.to.client()?;
                    client.send(Method::DELETE, &path, &[], Some(&body)).await
                })?;
                how.to.show(&reply, |body| match &*text(body, "state") {
                    "asked" => format!("{id}: asked; a second person must lift it too"),
                    state => format!("{id}: {state} (record {})", text(body, "record")),
                })
            }
        }
    }
}

fn lines(body: &Value) -> String {
    let rows = body.get("revocations").and_then(Value::as_array);
    let line = |row: &Value| {
        let until = row.get("until").and_then(Value::as_str);
        let agent = row.get("agent").and_then(Value::as_str);
        format!(
            "{}  {}{}  until {}  {}",
            text(row, "revocation"),
            text(row, "kind"),
            agent.map_or_else(String::new, |agent| format!(" {agent}")),
            until.unwrap_or("lifted"),
            text(row, "reason")
        )
    };
    let mut lines: Vec<String> = rows.into_iter().flatten().map(line).collect();
    if lines.is_empty() {
        lines.push("nothing is revoked".to_owned());
    }
    if let Some(next) = body.get("next").and_then(Value::as_str) {
        lines.push(format!("more: --after {next}"));
    }
    lines.join("\n")
}
