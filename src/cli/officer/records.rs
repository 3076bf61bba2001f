//! `tidewaiter records`: search, and one record.

use super::progress::Progress;
use super::table::table;
use super::{EXITS, To, Why, block_on, list, part, query, text};
use crate::cli::say;
use anyhow::Result;
use http::Method;
use serde_json::Value;
use std::process::ExitCode;
use std::time::Duration;

/// Records.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXITS)]
pub(in crate::cli) enum Records {
    /// Searches records, page by page. Each page is itself a record.
    #[command(after_help = "\
Examples:
  tidewaiter records search --operation withdrawals.status --decision deny --from 2026-11-01T00:00:00Z --reason \"complaints\" --case C-1
  tidewaiter records search --issuer https://login.example --sub 8841 --content --json --reason \"complaint\" --case C-1
  tidewaiter records search --kind refusal --every --json --reason \"monthly review\" --case R-11 | head -100")]
    Search(Box<Search>),
    /// Shows one record, leaf and body.
    #[command(
        after_help = "Example:\n  tidewaiter records show 17 --reason \"complaint\" --case C-1"
    )]
    Show {
        /// Its index, or its public name (32 hex digits).
        which: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
}

/// What is looked for.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Search {
    /// The first moment, RFC 3339.
    #[arg(long)]
    from: Option<String>,
    /// The first moment beyond, RFC 3339.
    #[arg(long = "until")]
    until: Option<String>,
    /// One customer: who vouches for them.
    #[arg(long, requires = "sub")]
    issuer: Option<String>,
    /// One customer: their `sub`.
    #[arg(long, requires = "issuer")]
    sub: Option<String>,
    /// One agent.
    #[arg(long)]
    agent: Option<String>,
    /// One operation.
    #[arg(long)]
    operation: Option<String>,
    /// One kind: `turn`, `lookup`, `refusal`, `intent`, `outcome`, `duty`…
    #[arg(long)]
    kind: Option<String>,
    /// `allow`, `deny` or `error`.
    #[arg(long)]
    decision: Option<String>,
    /// One purpose.
    #[arg(long)]
    purpose: Option<String>,
    /// One conversation.
    #[arg(long)]
    conversation: Option<String>,
    /// One record by its public name.
    #[arg(long)]
    record: Option<String>,
    /// `newest` first, or `oldest`.
    #[arg(long)]
    order: Option<String>,
    /// Records on a page, at most 50.
    #[arg(long)]
    limit: Option<String>,
    /// Shows bodies too: of one customer, conversation or record alone.
    #[arg(long)]
    content: bool,
    /// Goes on where an earlier page ended.
    #[arg(long, conflicts_with = "every")]
    cursor: Option<String>,
    /// Follows every page to the end; with `--json`, a record a line.
    #[arg(long)]
    every: bool,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    to: To,
}

impl Records {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Search(search) if search.every => search.every(),
            Self::Search(search) => {
                let path = search.path(search.cursor.as_deref());
                let reply = search.to.read(&path, &search.why)?;
                search.to.show(&reply, page)
            }
            Self::Show { which, why, to } => {
                let reply = to.read(&format!("/v1/records/{}", part(&which)), &why)?;
                to.show(&reply, |body| {
                    serde_json::to_string_pretty(body).unwrap_or_default()
                })
            }
        }
    }
}

impl Search {
    fn path(&self, cursor: Option<&str>) -> String {
        query(
            "/v1/records",
            &[
                ("from", self.from.as_deref()),
                ("to", self.until.as_deref()),
                ("issuer", self.issuer.as_deref()),
                ("sub", self.sub.as_deref()),
                ("agent", self.agent.as_deref()),
                ("operation", self.operation.as_deref()),
                ("kind", self.kind.as_deref()),
                ("decision", self.decision.as_deref()),
                ("purpose", self.purpose.as_deref()),
                ("conversation", self.conversation.as_deref()),
                ("record", self.record.as_deref()),
                ("order", self.order.as_deref()),
                ("limit", self.limit.as_deref()),
                ("content", self.content.then_some("true")),
                ("cursor", cursor),
            ],
        )
    }

    /// Follows the pages to the end, printing as they come.
    fn every(&self) -> Result<ExitCode> {
        block_on(async {
            let client = self.to.client()?;
            let mut progress = Progress::new();
            let (mut cursor, mut pages, mut count) = (None::<String>, 0_u64, 0_usize);
            loop {
                let path = self.path(cursor.as_deref());
                let headers = self.why.headers();
                let reply = client.send(Method::GET, &path, &headers, None).await?;
                if reply.status.as_u16() == 429 {
                    // Within our own quota again in a second.
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
                if !reply.status.is_success() {
                    drop(progress);
                    return self.to.refused(&reply);
                }
                let body = reply.json();
                for record in list(&body, "records") {
                    let line = if self.to.json {
                        serde_json::to_string(record)?
                    } else {
                        row(record).join("  ")
                    };
                    say(line)?;
                    count += 1;
                }
                pages += 1;
                progress.at(&format!("{pages} pages, {count} records"));
                let next = body.get("next").and_then(Value::as_str);
                match next {
                    Some(next) => cursor = Some(next.to_owned()),
                    None => return Ok(ExitCode::SUCCESS),
                }
            }
        })
    }
}

fn page(body: &Value) -> String {
    let rows: Vec<_> = list(body, "records").map(row).collect();
    let head = [
        "SEQ",
        "TIME",
        "KIND",
        "DECISION",
        "AGENT",
        "OPERATION",
        "RECORD",
    ];
    let mut out = table(&head, &rows, "nothing on this page");
    for record in list(body, "records").filter(|record| record.get("body").is_some()) {
        let content = record.get("body").unwrap_or(&Value::Null);
        let json = serde_json::to_string_pretty(content).unwrap_or_default();
        let content = super::table::block(&json, "");
        out.extend([format!("\n\n{}\n{content}", text(record, "record"))]);
    }
    match text(body, "ended").as_str() {
        "range" => {}
        ended => {
            let why = if ended == "bound" {
                "this page looked at as much as one may; there may be more"
            } else {
                "there is more"
            };
            out.extend([format!("\n{why}: --cursor {}", text(body, "next"))]);
        }
    }
    out
}

fn row(record: &Value) -> Vec<String> {
    let cells = [
        "seq",
        "time",
        "kind",
        "decision",
        "agent",
        "operation",
        "record",
    ];
    cells.map(|name| text(record, name)).to_vec()
}
