//! `tidewaiter erase`: cases of erasure.

use super::table::table;
use super::{EXITS, To, Why, list, part, query, text};
use anyhow::Result;
use http::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Erasures.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXITS)]
pub(in crate::cli) enum Erase {
    /// Lists cases, the oldest first.
    #[command(after_help = "Example:\n  tidewaiter erase list --state done")]
    List {
        /// `requested`, `executing`, `done`, `refused` or `withdrawn`.
        #[arg(long, default_value = "requested")]
        state: String,
        #[command(flatten)]
        to: To,
    },
    /// Shows one case, with its receipt once there is one.
    #[command(after_help = "Example:\n  tidewaiter erase show CASE --json")]
    Show {
        /// The case's id.
        id: String,
        #[command(flatten)]
        to: To,
    },
    /// Files a request that came by letter; somebody else must approve it.
    #[command(
        after_help = "Example:\n  tidewaiter erase file --issuer https://login.example --sub 8841 --reason \"letter of 20 November, identity checked\" --case DSR-204"
    )]
    File {
        /// Who vouches for the customer.
        #[arg(long)]
        issuer: String,
        /// Their `sub`.
        #[arg(long)]
        sub: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Approves an erasure: keys are destroyed, what law keeps is kept, the receipt is signed.
    #[command(
        after_help = "Example:\n  tidewaiter erase approve CASE --reason \"identity confirmed\" --case DSR-204"
    )]
    Approve {
        /// The case's id.
        id: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Refuses a request, on a ground that the customer is told; who filed it withdraws it by this.
    #[command(
        after_help = "Example:\n  tidewaiter erase refuse CASE --ground not_verified --reason \"no answer in 30 days\" --case DSR-204"
    )]
    Refuse {
        /// The case's id.
        id: String,
        /// `not_verified`, `unfounded` or `excessive`.
        #[arg(long)]
        ground: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
}

impl Erase {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { state, to } => {
                let reply = to.get(&query("/v1/erasures", &[("state", Some(&state))]))?;
                to.show(&reply, |body| {
                    let rows: Vec<_> = list(body, "cases").map(row).collect();
                    let nothing = format!("none {state}");
                    table(
                        &["CASE", "STATE", "REQUESTED", "DUE", "DONE"],
                        &rows,
                        &nothing,
                    )
                })
            }
            Self::Show { id, to } => {
                let reply = to.get(&path(&id, ""))?;
                to.show(&reply, |body| {
                    serde_json::to_string_pretty(body).unwrap_or_default()
                })
            }
            Self::File {
                issuer,
                sub,
                why,
                to,
            } => {
                let body = json!({"issuer": issuer, "sub": sub});
                let reply = to.act(Method::POST, "/v1/erasures", &why, Some(&body))?;
                to.show(&reply, |body| line(body, "waits for a second person"))
            }
            Self::Approve { id, why, to } => {
                let path = path(&id, "/approve");
                let reply = to.act(Method::POST, &path, &why, Some(&why.body()))?;
                to.show(&reply, |body| {
                    let done = body
                        .get("receipt")
                        .is_some_and(|receipt| !receipt.is_null());
                    line(
                        body,
                        if done {
                            "the receipt is signed"
                        } else {
                            "it is being gone on with"
                        },
                    )
                })
            }
            Self::Refuse {
                id,
                ground,
                why,
                to,
            } => {
                let body = json!({"ground": ground});
                let reply = to.act(Method::POST, &path(&id, "/refuse"), &why, Some(&body))?;
                to.show(&reply, |body| line(body, "nothing was erased"))
            }
        }
    }
}

fn path(id: &str, rest: &str) -> String {
    format!("/v1/erasures/{}{rest}", part(id))
}

fn line(body: &Value, more: &str) -> String {
    format!(
        "case {}: {}; {more} (record {})",
        text(body, "case"),
        text(body, "state"),
        text(body, "record")
    )
}

fn row(case: &Value) -> Vec<String> {
    let cells = ["case", "state", "requested", "due", "done"];
    cells.map(|name| text(case, name)).to_vec()
}
