//! `tidewaiter figures` and `tidewaiter policy in-force`: what goes on, and by which rules.

use super::table::table;
use super::{EXITS, To, query, text};
use anyhow::Result;
use serde_json::Value;
use std::process::ExitCode;

/// Counts of the last hours: calls, refusals, secrets removed, erasures, exports. No content.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!("Example:\n  tidewaiter figures --hours 8"))]
pub(in crate::cli) struct Figures {
    /// How many hours, the current one among them; at most 744.
    #[arg(long, default_value_t = 24)]
    hours: u32,
    #[command(flatten)]
    to: To,
}

/// Shows the policy a running gateway decides by, or an earlier one, with every file.
#[derive(Debug, clap::Args)]
#[command(after_help = EXITS)]
pub(in crate::cli) struct PolicyInForce {
    /// An earlier policy by the version that records name.
    #[arg(long)]
    version: Option<String>,
    #[command(flatten)]
    to: To,
}

impl Figures {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        let hours = self.hours.to_string();
        let path = query("/v1/figures", &[("hours", Some(&hours))]);
        let reply = self.to.get(&path)?;
        self.to.show(&reply, shown)
    }
}

fn shown(body: &Value) -> String {
    let mut out = format!(
        "{} to {}: {} records, {} turns, {} erasures asked for, {} carried out",
        text(body, "from"),
        text(body, "to"),
        text(body, "records"),
        text(body, "turns"),
        text(body, "erasures_requested"),
        text(body, "erasures_executed")
    );
    let since = text(body, "counted_since");
    if !since.is_empty() {
        out.extend([format!(
            "\nthere are more records than are counted at once: these figures begin at {since}"
        )]);
    }
    let operations = members(body, "operations").map(|(name, of)| {
        let mut row = vec![super::plain(name)];
        row.extend(["allow", "deny", "error"].map(|outcome| text(of, outcome)));
        row
    });
    let operations: Vec<_> = operations.collect();
    let head = ["OPERATION", "ALLOW", "DENY", "ERROR"];
    out.extend([format!("\n\n{}", table(&head, &operations, "no calls"))]);
    for (name, title) in [
        ("agents", "AGENT"),
        ("refused", "REFUSED WITH"),
        ("removed", "SECRET REMOVED"),
        ("acts", "ACT"),
    ] {
        let rows = members(body, name).map(|(label, _)| {
            let of = body.get(name).unwrap_or(&Value::Null);
            vec![super::plain(label), text(of, label)]
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            out.extend([format!("\n\n{}", table(&[title, "COUNT"], &rows, ""))]);
        }
    }
    out
}

fn members<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    body.get(name)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

impl PolicyInForce {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        let path = query("/v1/policy", &[("version", self.version.as_deref())]);
        let reply = self.to.get(&path)?;
        self.to.show(&reply, |body| {
            let mut out = format!(
                "version {} since {}",
                text(body, "version"),
                text(body, "since")
            );
            let sources = body.get("sources").and_then(Value::as_object);
            for (name, file) in sources.into_iter().flatten() {
                let file = file.as_str().unwrap_or_default();
                let file = super::table::block(file, "");
                out.extend([format!("\n\n==> {} <==\n{file}", super::plain(name))]);
            }
            out
        })
    }
}
