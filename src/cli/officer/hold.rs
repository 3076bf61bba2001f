//! `tidewaiter hold`: keeping a customer's records from erasure.

use super::table::table;
use super::{EXITS, To, Why, list, part, query, text};
use anyhow::Result;
use http::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Holds.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXITS)]
pub(in crate::cli) enum Hold {
    /// Places a hold. One person is enough; nobody outside can see it.
    #[command(
        after_help = "Example:\n  tidewaiter hold place --issuer https://login.example --sub 8841 --basis \"claim 4 O 17/26\" --review 2027-04-01T00:00:00Z --reason \"letter of counsel\" --case L-31"
    )]
    Place {
        /// Who vouches for the customer.
        #[arg(long)]
        issuer: String,
        /// Their `sub`.
        #[arg(long)]
        sub: String,
        /// The claim, order or law it rests on.
        #[arg(long)]
        basis: String,
        /// When it must be looked at again, RFC 3339; at most 180 days from now.
        #[arg(long)]
        review: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Lists holds.
    #[command(after_help = "Example:\n  tidewaiter hold list --state asked")]
    List {
        /// `placed`, `asked` (one person asked to release it) or `released`.
        #[arg(long, default_value = "placed")]
        state: String,
        #[command(flatten)]
        to: To,
    },
    /// Shows one hold.
    #[command(after_help = "Example:\n  tidewaiter hold show HOLD")]
    Show {
        /// The hold's id.
        id: String,
        #[command(flatten)]
        to: To,
    },
    /// Shows what a hold keeps of records that were erased otherwise; one page as JSON.
    #[command(
        after_help = "Example:\n  tidewaiter hold kept HOLD --reason \"order of the court of 4 May\" --case L-31"
    )]
    Kept {
        /// The hold's id.
        id: String,
        /// What an earlier page gave as `next`.
        #[arg(long)]
        after: Option<String>,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Releases a hold. It takes two people: the second one's request does it, and what was asked
    /// to be erased meanwhile goes.
    #[command(
        after_help = "Example:\n  tidewaiter hold release HOLD --reason \"settled\" --case L-31"
    )]
    Release {
        /// The hold's id.
        id: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
}

impl Hold {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Place {
                issuer,
                sub,
                basis,
                review,
                why,
                to,
            } => {
                let body = json!({"issuer": issuer, "sub": sub, "basis": basis, "review": review});
                let reply = to.act(Method::POST, "/v1/holds", &why, Some(&body))?;
                to.show(&reply, |body| line(body, "in force"))
            }
            Self::List { state, to } => {
                let reply = to.get(&query("/v1/holds", &[("state", Some(&state))]))?;
                to.show(&reply, |body| {
                    let rows: Vec<_> = list(body, "holds").map(row).collect();
                    let head = ["HOLD", "STATE", "MATTER", "BASIS", "PLACED", "REVIEW", ""];
                    table(&head, &rows, &format!("none {state}"))
                })
            }
            Self::Show { id, to } => {
                let reply = to.get(&path(&id, ""))?;
                to.show(&reply, pretty)
            }
            Self::Kept { id, after, why, to } => {
                let path = query(&path(&id, "/records"), &[("after", after.as_deref())]);
                let reply = to.read(&path, &why)?;
                to.show(&reply, pretty)
            }
            Self::Release { id, why, to } => {
                let path = path(&id, "/release");
                let reply = to.act(Method::POST, &path, &why, Some(&why.body()))?;
                to.show(&reply, |body| {
                    let asked = text(body, "state") == "asked";
                    line(
                        body,
                        if asked {
                            "a second person must ask the same"
                        } else {
                            "over"
                        },
                    )
                })
            }
        }
    }
}

fn pretty(body: &Value) -> String {
    serde_json::to_string_pretty(body).unwrap_or_default()
}

fn path(id: &str, rest: &str) -> String {
    format!("/v1/holds/{}{rest}", part(id))
}

fn line(body: &Value, more: &str) -> String {
    format!(
        "hold {}: {}; {more} (record {})",
        text(body, "hold"),
        text(body, "state"),
        text(body, "record")
    )
}

fn row(hold: &Value) -> Vec<String> {
    let says = hold.get("says").unwrap_or(&Value::Null);
    let overdue = hold.get("overdue").and_then(Value::as_bool) == Some(true);
    vec![
        text(hold, "hold"),
        text(hold, "state"),
        text(says, "matter"),
        text(says, "basis"),
        text(hold, "placed"),
        text(hold, "review"),
        if overdue { "overdue" } else { "" }.to_owned(),
    ]
}
