//! Commands of officers. They go through the running gateway, with the officer's own token, so
//! that each is authorized and recorded there.

use super::{Client, Reply, block_on, say};
use anyhow::{Context, Result, bail};
use http::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

pub(super) mod revocation;

/// Where the gateway is and who asks.
#[derive(Debug, clap::Args)]
pub(super) struct To {
    /// The gateway's address.
    #[arg(long, env = "TIDEWAITER_URL")]
    url: String,
    /// A file with the officer's token.
    #[arg(long, env = "TIDEWAITER_TOKEN_FILE")]
    token_file: PathBuf,
    /// A PEM file to trust instead of the web's authorities.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Prints the whole answer as JSON.
    #[arg(long)]
    json: bool,
}

impl To {
    fn client(&self) -> Result<Client> {
        let token = std::fs::read_to_string(&self.token_file).context("the token's file")?;
        Ok(Client::new(&self.url, self.ca.as_deref())?.with_token(&token))
    }

    fn show(&self, reply: &Reply, line: impl FnOnce(&Value) -> String) -> Result<ExitCode> {
        let body = reply.json();
        if !reply.status.is_success() {
            let title = body
                .get("title")
                .and_then(Value::as_str)
                .unwrap_or("no explanation");
            bail!("{}: {title}", reply.status);
        }
        if self.json {
            say(serde_json::to_string_pretty(&body)?)?;
        } else {
            say(line(&body))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Why an officer acts; recorded.
#[derive(Debug, clap::Args)]
pub(super) struct Why {
    /// Why.
    #[arg(long)]
    reason: String,
    /// The case it belongs to.
    #[arg(long)]
    case: String,
}

impl Why {
    fn headers(&self) -> [(&'static str, &str); 2] {
        [("access-reason", &self.reason), ("access-case", &self.case)]
    }

    fn body(&self) -> Value {
        json!({"reason": self.reason, "case": self.case})
    }
}

/// The text of a member; empty if there is none.
fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Stops and lets go on.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Switch {
    /// Stops a target from the next call on. One person is enough.
    Off {
        /// `topic:withdrawals`, `operation:kyc.profile`, `agent:support-bot`.
        target: String,
        /// Why; recorded.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        to: To,
    },
    /// Lets a target go on. It takes two people: the second one's request does it.
    On {
        /// `topic:withdrawals`, `operation:kyc.profile`, `agent:support-bot`.
        target: String,
        /// Why; recorded.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        to: To,
    },
    /// Lists what is stopped.
    List {
        #[command(flatten)]
        to: To,
    },
}

impl Switch {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Off { target, reason, to } => {
                let reply = block_on(async {
                    let path = format!("/v1/switches/{target}");
                    let body = json!({"reason": reason});
                    to.client()?
                        .send(Method::PUT, &path, &[], Some(&body))
                        .await
                })?;
                to.show(&reply, |body| {
                    format!("{target} is stopped (record {})", text(body, "record"))
                })
            }
            Self::On { target, reason, to } => {
                let reply = block_on(async {
                    let path = format!("/v1/switches/{target}");
                    let body = json!({"reason": reason});
                    to.client()?
                        .send(Method::DELETE, &path, &[], Some(&body))
                        .await
                })?;
                to.show(&reply, |body| {
                    format!(
                        "{target}: {} (record {})",
                        text(body, "state"),
                        text(body, "record")
                    )
                })
            }
            Self::List { to } => {
                let reply = block_on(async { to.client()?.get("/v1/switches").await })?;
                to.show(&reply, |body| {
                    let rows = body.get("switches").and_then(Value::as_array);
                    let lines: Vec<String> = rows
                        .into_iter()
                        .flatten()
                        .map(|row| format!("{}  {}", text(row, "target"), text(row, "reason")))
                        .collect();
                    if lines.is_empty() {
                        "nothing is stopped".to_owned()
                    } else {
                        lines.join("\n")
                    }
                })
            }
        }
    }
}

/// Exports.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Export {
    /// Asks for an export.
    ///
    /// Example: tidewaiter export request --all --power "order 12-7" --reference R-1 --purpose "supervision" --case C-1 --released-clear …
    Request {
        /// Everything up to now.
        #[arg(long, conflicts_with_all = ["from", "to_seq"])]
        all: bool,
        /// The first record.
        #[arg(long, requires = "to_seq")]
        from: Option<u64>,
        /// One past the last record.
        #[arg(long = "to", requires = "from")]
        to_seq: Option<u64>,
        /// The legal power it is asked for on.
        #[arg(long)]
        power: String,
        /// The asking authority's reference.
        #[arg(long)]
        reference: String,
        /// Why.
        #[arg(long)]
        purpose: String,
        /// The case it belongs to.
        #[arg(long)]
        case: String,
        /// A recipient's age public key; may be repeated.
        #[arg(long = "recipient")]
        recipients: Vec<String>,
        /// Gives the record keys in the clear.
        #[arg(long, conflicts_with = "recipients")]
        released_clear: bool,
        #[command(flatten)]
        to: To,
    },
    /// Approves an export that somebody else asked for.
    Approve {
        /// The export's id.
        id: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Fetches an approved bundle as a zip file.
    Fetch {
        /// The export's id.
        id: String,
        /// Where to write it.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
}

impl Export {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Request {
                all,
                from,
                to_seq,
                power,
                reference,
                purpose,
                case,
                recipients,
                released_clear,
                to,
            } => {
                let scope = match (all, from, to_seq) {
                    (true, ..) => json!({"kind": "all"}),
                    (false, Some(from), Some(to)) => {
                        json!({"kind": "range", "from": from.to_string(), "to": to.to_string()})
                    }
                    _ => bail!("say --all, or --from and --to"),
                };
                let body = json!({
                    "scope": scope, "power": power, "reference": reference, "purpose": purpose,
                    "case": case, "recipients": recipients, "released_clear": released_clear,
                });
                let reply = block_on(async { to.client()?.post("/v1/exports", &body).await })?;
                to.show(&reply, |body| {
                    format!("export {} waits for a second person", text(body, "export"))
                })
            }
            Self::Approve { id, why, to } => {
                let reply = block_on(async {
                    to.client()?
                        .post(&format!("/v1/exports/{id}/approve"), &why.body())
                        .await
                })?;
                to.show(&reply, |_body| format!("export {id} is approved"))
            }
            Self::Fetch { id, out, why, to } => {
                let reply = block_on(async {
                    let path = format!("/v1/exports/{id}/bundle");
                    to.client()?
                        .send(Method::GET, &path, &why.headers(), None)
                        .await
                })?;
                if reply.status.is_success() {
                    std::fs::write(&out, &reply.body)?;
                }
                to.show(&reply, |_body| format!("written to {}", out.display()))
            }
        }
    }
}

/// Erasures.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Erase {
    /// Lists erasures.
    List {
        /// `requested`, `executing` or `done`.
        #[arg(long, default_value = "requested")]
        state: String,
        #[command(flatten)]
        to: To,
    },
    /// Approves an erasure: keys are destroyed, what law keeps is kept, the receipt is signed.
    Approve {
        /// The case's id.
        id: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
}

impl Erase {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { state, to } => {
                let path = format!("/v1/erasures?state={state}");
                let reply = block_on(async { to.client()?.get(&path).await })?;
                to.show(&reply, |body| {
                    let rows = body.get("cases").and_then(Value::as_array);
                    let lines: Vec<String> = rows
                        .into_iter()
                        .flatten()
                        .map(|row| format!("{}  due {}", text(row, "case"), text(row, "due")))
                        .collect();
                    if lines.is_empty() {
                        format!("none {state}")
                    } else {
                        lines.join("\n")
                    }
                })
            }
            Self::Approve { id, why, to } => {
                let reply = block_on(async {
                    to.client()?
                        .post(&format!("/v1/erasures/{id}/approve"), &why.body())
                        .await
                })?;
                to.show(&reply, |_body| {
                    format!("erasure {id} is done; the receipt is signed")
                })
            }
        }
    }
}

/// Reads one record, with a reason and a case; the read is itself recorded.
#[derive(Debug, clap::Args)]
pub(super) struct Record {
    /// Its index, or its public name (32 hex digits).
    which: String,
    /// Why you read it.
    #[arg(long)]
    reason: String,
    /// The case it belongs to.
    #[arg(long)]
    case: String,
    #[command(flatten)]
    to: To,
}

impl Record {
    pub(super) fn run(self) -> Result<ExitCode> {
        let reply = block_on(async {
            let headers = [
                ("access-reason", self.reason.as_str()),
                ("access-case", &self.case),
            ];
            let path = format!("/v1/records/{}", self.which);
            self.to
                .client()?
                .send(Method::GET, &path, &headers, None)
                .await
        })?;
        self.to.show(&reply, |body| {
            serde_json::to_string_pretty(body).unwrap_or_default()
        })
    }
}
