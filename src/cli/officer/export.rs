//! `tidewaiter export`: asking, approving, refusing, listing, fetching.

use super::progress::{Progress, bytes};
use super::table::table;
use super::{EXITS, To, Why, block_on, list, part, private, text};
use crate::cli::client::{Fetching, Received};
use crate::cli::say;
use anyhow::{Context, Result, bail};
use http::Method;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exports.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXITS)]
pub(in crate::cli) enum Export {
    /// Asks for an export; a second person must approve it.
    #[command(after_help = "\
Examples:
  tidewaiter export request --all --power \"order 12-7\" --reference R-1 --purpose supervision --reason \"letter of 3 November\" --case C-1 --released-clear
  tidewaiter export request --since 2026-10-01T00:00:00Z --until 2026-11-01T00:00:00Z --power \"MiCA Art. 94\" --reference BF-7 --purpose supervision --reason \"letter of 3 November\" --case C-1 --recipient age1…
  tidewaiter export request --issuer https://login.example --sub 8841 …
  tidewaiter export request --operation withdrawals.status …")]
    Request(Box<Request>),
    /// Lists exports, the newest first.
    #[command(after_help = "Example:\n  tidewaiter export list --json")]
    List {
        #[command(flatten)]
        to: To,
    },
    /// Shows one export's case.
    #[command(after_help = "Example:\n  tidewaiter export show 9f1c0e2b7d9a4c3e8f60718293a4b5c6")]
    Show {
        /// The export's id.
        id: String,
        #[command(flatten)]
        to: To,
    },
    /// Approves an export that somebody else asked for.
    #[command(
        after_help = "Example:\n  tidewaiter export approve ID --reason \"checked the letter\" --case C-1"
    )]
    Approve {
        /// The export's id.
        id: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Refuses an export that was not released yet; who asked for it withdraws it by this.
    #[command(
        after_help = "Example:\n  tidewaiter export refuse ID --reason \"the power does not cover it\" --case C-1"
    )]
    Refuse {
        /// The export's id.
        id: String,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
    /// Fetches an approved bundle as a zip file that only you can read.
    #[command(
        after_help = "Example:\n  tidewaiter export fetch ID --out bundle.zip --reason \"answer to the letter\" --case C-1"
    )]
    Fetch {
        /// The export's id.
        id: String,
        /// Where to write it; nothing is overwritten.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        to: To,
    },
}

/// What is asked for.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("scope").required(true).args(["all", "from", "since", "issuer", "operation"]))]
pub(in crate::cli) struct Request {
    /// Everything up to now.
    #[arg(long)]
    all: bool,
    /// The first record.
    #[arg(long, requires = "beyond")]
    from: Option<u64>,
    /// One past the last record.
    #[arg(long = "to", id = "beyond", requires = "from")]
    beyond: Option<u64>,
    /// The first moment, RFC 3339.
    #[arg(long, requires = "until")]
    since: Option<String>,
    /// The first moment beyond, RFC 3339.
    #[arg(long, requires = "since")]
    until: Option<String>,
    /// One customer: who vouches for them.
    #[arg(long, requires = "sub")]
    issuer: Option<String>,
    /// One customer: their `sub`.
    #[arg(long, requires = "issuer")]
    sub: Option<String>,
    /// One operation.
    #[arg(long)]
    operation: Option<String>,
    /// The legal power it is asked for on.
    #[arg(long)]
    power: String,
    /// The asking authority's reference.
    #[arg(long)]
    reference: String,
    /// What for; stands in the bundle.
    #[arg(long)]
    purpose: String,
    /// Why you ask; the purpose if it is not said.
    #[arg(long)]
    reason: Option<String>,
    /// The case it belongs to.
    #[arg(long)]
    case: String,
    /// A recipient's age public key; may be repeated.
    #[arg(long = "recipient")]
    recipients: Vec<String>,
    /// Gives the record keys in the clear.
    #[arg(long, conflicts_with = "recipients")]
    released_clear: bool,
    /// A retention class the power does not cover; may be repeated.
    #[arg(long)]
    withhold: Vec<String>,
    /// Keys of officers' own acts too; the DPO or legal must approve.
    #[arg(long)]
    duty: bool,
    #[command(flatten)]
    to: To,
}

impl Request {
    fn scope(&self) -> Result<Value> {
        Ok(match self {
            Self { all: true, .. } => json!({"kind": "all"}),
            Self {
                from: Some(from),
                beyond: Some(to),
                ..
            } => json!({"kind": "range", "from": from.to_string(), "to": to.to_string()}),
            Self {
                since: Some(from),
                until: Some(to),
                ..
            } => json!({"kind": "time", "from": from, "to": to}),
            Self {
                issuer: Some(issuer),
                sub: Some(sub),
                ..
            } => json!({"kind": "subject", "issuer": issuer, "sub": sub}),
            Self {
                operation: Some(operation),
                ..
            } => json!({"kind": "operation", "operation": operation}),
            _ => bail!(
                "say --all, --from and --to, --since and --until, --issuer and --sub, or --operation"
            ),
        })
    }

    fn run(&self) -> Result<ExitCode> {
        let body = json!({
            "scope": self.scope()?, "power": self.power, "reference": self.reference,
            "purpose": self.purpose, "recipients": self.recipients,
            "released_clear": self.released_clear, "withhold": self.withhold, "duty": self.duty,
        });
        let why = Why {
            reason: self.reason.clone().unwrap_or_else(|| self.purpose.clone()),
            case: self.case.clone(),
        };
        let reply = self
            .to
            .act(Method::POST, "/v1/exports", &why, Some(&body))?;
        self.to.show(&reply, |body| {
            format!(
                "export {} waits for a second person (record {})",
                text(body, "export"),
                text(body, "record")
            )
        })
    }
}

impl Export {
    pub(in crate::cli) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Request(request) => request.run(),
            Self::List { to } => {
                let reply = to.get("/v1/exports")?;
                to.show(&reply, |body| {
                    let rows: Vec<_> = list(body, "exports").map(row).collect();
                    let head = ["EXPORT", "STATE", "REQUESTED", "SCOPE", "REFERENCE", "BY"];
                    table(&head, &rows, "no exports")
                })
            }
            Self::Show { id, to } => {
                let reply = to.get(&format!("/v1/exports/{}", part(&id)))?;
                to.show(&reply, |body| {
                    serde_json::to_string_pretty(body).unwrap_or_default()
                })
            }
            Self::Approve { id, why, to } => decide(&to, &id, "approve", &why),
            Self::Refuse { id, why, to } => decide(&to, &id, "refuse", &why),
            Self::Fetch { id, out, why, to } => fetch(&to, &id, &out, &why),
        }
    }
}

fn decide(to: &To, id: &str, how: &str, why: &Why) -> Result<ExitCode> {
    let path = format!("/v1/exports/{}/{how}", part(id));
    let reply = to.act(Method::POST, &path, why, Some(&why.body()))?;
    to.show(&reply, |body| {
        format!(
            "export {} is {} (record {})",
            text(body, "export"),
            text(body, "state"),
            text(body, "record")
        )
    })
}

fn row(export: &Value) -> Vec<String> {
    let asked = export.get("asked").unwrap_or(&Value::Null);
    let kind = asked.pointer("/wanted/kind").and_then(Value::as_str);
    vec![
        text(export, "export"),
        text(export, "state"),
        text(export, "requested"),
        super::plain(kind.unwrap_or_default()),
        text(asked, "reference"),
        text(export, "requester"),
    ]
}

/// Writes beside the place first, so that half a bundle is never taken for one.
fn fetch(to: &To, id: &str, out: &Path, why: &Why) -> Result<ExitCode> {
    if out.exists() {
        bail!("{} is there already", out.display());
    }
    let mut name = out.as_os_str().to_owned();
    name.push(".part");
    let part_file = PathBuf::from(name);
    let mut file = private(&part_file)?;
    let got = block_on(async {
        let mut progress = Progress::new();
        let path = format!("/v1/exports/{}/bundle", part(id));
        let write = |bytes: &[u8]| file.write_all(bytes).context("the file");
        let client = to.client()?;
        client
            .download(&path, &why.headers(), write, |at| progress.at(&told(at)))
            .await
    });
    let got = match got {
        Ok(Ok(got)) => file.sync_all().map(|()| got).context("the file"),
        Ok(Err(reply)) => {
            std::fs::remove_file(&part_file)?;
            return to.refused(&reply);
        }
        Err(error) => Err(error),
    };
    match got {
        Ok(got) => {
            std::fs::rename(&part_file, out)?;
            report(to, out, &got)
        }
        Err(error) => {
            std::fs::remove_file(&part_file)?;
            Err(error)
        }
    }
}

fn report(to: &To, out: &Path, got: &Received) -> Result<ExitCode> {
    let records = got.records.clone().unwrap_or_default();
    if to.json {
        let file = out.display().to_string();
        let line = json!({"file": file, "bytes": got.bytes.to_string(), "records": records});
        say(serde_json::to_string_pretty(&line)?)?;
    } else {
        let count = if records.is_empty() {
            String::new()
        } else {
            format!("{} records, ", super::plain(&records))
        };
        say(format!(
            "written to {} ({count}{})",
            out.display(),
            bytes(got.bytes)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn told(at: Fetching) -> String {
    match at {
        Fetching::Building { seconds } => {
            format!("the gateway builds and verifies the bundle: {seconds} s")
        }
        Fetching::Bytes {
            got,
            of: Some(whole),
        } => format!("{} of {}", bytes(got), bytes(whole)),
        Fetching::Bytes { got, of: None } => bytes(got),
    }
}
