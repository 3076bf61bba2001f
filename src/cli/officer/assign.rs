//! `tidewaiter assign`: which chats a member of support may read.

use super::table::table;
use super::{EXITS, To, Why, block_on, list, part, text};
use anyhow::Result;
use http::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Assignments.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXITS)]
pub(in crate::cli) enum Assign {
    /// Lets a member of support read a conversation, or all of a customer's, masked.
    #[command(
        after_help = "Example:\n  tidewaiter assign make --conversation ID --officer sam --until 2026-11-30T00:00:00Z --reason \"complaint of the customer\" --case C-1"
    )]
    Make {
        /// The conversation.
        #[arg(long, required_unless_present = "sub", conflicts_with = "sub")]
        conversation: Option<String>,
        /// Who vouches for the customer.
        #[arg(long, requires = "sub")]
        issuer: Option<String>,
        /// The customer's `sub`.
        #[arg(long, requires = "issuer")]
        sub: Option<String>,
        /// The `sub` of the member of support.
        #[arg(long)]
        officer: String,
        /// Who vouches for them; your own issuer if it is not said.
        #[arg(long)]
        officer_issuer: Option<String>,
        /// Until when, RFC 3339; at most 30 days from now.
        #[arg(long)]
        until: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Lists the assignments in force; support sees their own.
    #[command(after_help = "Example:\n  tidewaiter assign list")]
    List {
        #[command(flatten)]
        to: To,
    },
    /// Ends an assignment before its time.
    #[command(after_help = "Example:\n  tidewaiter assign end ASSIGNMENT")]
    End {
        /// The assignment's id.
        id: String,
        #[command(flatten)]
        to: To,
    },
}

impl Assign {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Make {
                conversation,
                issuer,
                sub,
                officer,
                officer_issuer,
                until,
                why,
                to,
            } => {
                let body = json!({
                    "conversation": conversation, "issuer": issuer, "sub": sub,
                    "officer": officer, "officer_issuer": officer_issuer, "until": until,
                });
                let reply = to.act(Method::POST, "/v1/assignments", &why, Some(&body))?;
                to.show(&reply, |body| {
                    format!(
                        "assignment {} until {} (record {})",
                        text(body, "assignment"),
                        text(body, "until"),
                        text(body, "record")
                    )
                })
            }
            Self::List { to } => {
                let reply = to.get("/v1/assignments")?;
                to.show(&reply, |body| {
                    let rows: Vec<_> = list(body, "assignments").map(row).collect();
                    let head = ["ASSIGNMENT", "CASE", "OFFICER", "UNTIL", "CONVERSATIONS"];
                    table(&head, &rows, "no assignments")
                })
            }
            Self::End { id, to } => {
                let reply = block_on(async {
                    let path = format!("/v1/assignments/{}", part(&id));
                    let client = to.client()?;
                    client.send(Method::DELETE, &path, &[], None).await
                })?;
                to.show(&reply, |body| {
                    format!(
                        "assignment {} has ended (record {})",
                        text(body, "assignment"),
                        text(body, "record")
                    )
                })
            }
        }
    }
}

fn row(line: &Value) -> Vec<String> {
    let chats = list(line, "conversations").filter_map(Value::as_str);
    let chats: Vec<String> = chats.map(super::plain).collect();
    vec![
        text(line, "assignment"),
        text(line, "case"),
        text(line, "officer"),
        text(line, "until"),
        chats.join(" "),
    ]
}
