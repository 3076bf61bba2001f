//! `tidewaiter switch`: stops a topic, operation or agent, and lets it go on.

use super::table::table;
use super::{EXITS, To, block_on, list, part, text};
use anyhow::Result;
use http::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Stops and lets go on.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXITS)]
pub(in crate::cli) enum Switch {
    /// Stops a target from the next call on. One person is enough.
    #[command(
        after_help = "Example:\n  tidewaiter switch off topic:withdrawals --reason \"complaints rise\""
    )]
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
    #[command(
        after_help = "Example:\n  tidewaiter switch on topic:withdrawals --reason \"mended and tested\""
    )]
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
    #[command(after_help = "Example:\n  tidewaiter switch list")]
    List {
        #[command(flatten)]
        to: To,
    },
}

impl Switch {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Off { target, reason, to } => turn(&to, Method::PUT, &target, &reason),
            Self::On { target, reason, to } => turn(&to, Method::DELETE, &target, &reason),
            Self::List { to } => {
                let reply = to.get("/v1/switches")?;
                to.show(&reply, |body| {
                    let rows: Vec<_> = list(body, "switches").map(row).collect();
                    table(
                        &["TARGET", "SINCE", "BY", "REASON"],
                        &rows,
                        "nothing is stopped",
                    )
                })
            }
        }
    }
}

fn turn(to: &To, method: Method, target: &str, reason: &str) -> Result<ExitCode> {
    let reply = block_on(async {
        let path = format!("/v1/switches/{}", part(target));
        let body = json!({"reason": reason});
        let client = to.client()?;
        client.send(method, &path, &[], Some(&body)).await
    })?;
    to.show(&reply, |body| {
        let state = match body.get("state").and_then(Value::as_str) {
            Some("asked") => "still stopped: a second person must ask the same".to_owned(),
            _ => text(body, "state"),
        };
        format!(
            "{}: {state} (record {})",
            text(body, "target"),
            text(body, "record")
        )
    })
}

fn row(row: &Value) -> Vec<String> {
    let cells = ["target", "since", "officer", "reason"];
    cells.map(|name| text(row, name)).to_vec()
}
