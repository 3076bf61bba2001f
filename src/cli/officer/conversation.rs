//! `tidewaiter conversation`: reading a transcript.

use super::table::block;
use super::{EXITS, To, Why, list, part, query, text};
use anyhow::Result;
use serde_json::Value;
use std::process::ExitCode;

/// Conversations.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXITS)]
pub(in crate::cli) enum Conversation {
    /// Shows a conversation in order: turns, what was asked and shown, decisions. Support sees what
    /// the assistant saw, of what is assigned to them.
    #[command(
        after_help = "Example:\n  tidewaiter conversation show ID --reason \"complaint\" --case C-1"
    )]
    Show {
        /// The conversation's id.
        id: String,
        /// What an earlier page gave as `next`.
        #[arg(long)]
        after: Option<String>,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
}

impl Conversation {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        let Self::Show { id, after, why, to } = self;
        let path = format!("/v1/conversations/{}", part(&id));
        let reply = to.read(&query(&path, &[("after", after.as_deref())]), &why)?;
        to.show(&reply, shown)
    }
}

fn shown(body: &Value) -> String {
    let mut out = format!(
        "conversation {} with {}, opened {} ({} view)",
        text(body, "conversation"),
        text(body, "agent"),
        text(body, "opened"),
        text(body, "view")
    );
    for entry in list(body, "entries") {
        out.push_str("\n\n");
        out.push_str(&line(entry));
    }
    if let Some(next) = body.get("next").and_then(Value::as_str) {
        out.extend([format!(
            "\n\nthere may be more: --after {}",
            super::plain(next)
        )]);
    }
    out
}

fn line(entry: &Value) -> String {
    let head = format!("{}  {}", text(entry, "time"), text(entry, "kind"));
    match entry.get("kind").and_then(Value::as_str) {
        Some("turn") => {
            let said = entry.get("said").or_else(|| entry.get("text"));
            let said = said.and_then(Value::as_str).unwrap_or_default();
            format!(
                "{head}  {}\n  {}",
                text(entry, "speaker"),
                block(said, "  ")
            )
        }
        Some("conversation") => {
            let outcome = text(entry, "outcome");
            format!("{head}  {} {outcome}", text(entry, "act"))
        }
        _ => {
            let mut out = format!(
                "{head}  {} {} {}",
                text(entry, "operation"),
                text(entry, "decision"),
                text(entry, "refused")
            );
            for (name, title) in [("arguments", "asked"), ("shown", "shown")] {
                let value = entry.get(name).filter(|value| !value.is_null());
                if let Some(value) = value {
                    let json = serde_json::to_string_pretty(value).unwrap_or_default();
                    out.extend([format!("\n  {title} {}", block(&json, "  "))]);
                }
            }
            out
        }
    }
}
