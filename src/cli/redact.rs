//! `tidewaiter redact`.

use crate::redaction::{self, Known, Numbering, Profile};
use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::process::ExitCode;

/// Redacts free text: standard input to standard output.
#[derive(Debug, clap::Args)]
pub(super) struct Redact {
    /// Reads lines `{"id","text"}` and writes lines `{"id","text","spans":[{"start","end","type"}]}`
    /// with offsets in Unicode code points.
    #[arg(long)]
    jsonl: bool,
    /// Names types as the public test sets do.
    #[arg(long, requires = "jsonl")]
    gold_names: bool,
    /// Says what was found and why, on standard error.
    #[arg(long, conflicts_with = "jsonl")]
    explain: bool,
}

impl Redact {
    pub(super) fn run(self) -> Result<ExitCode> {
        if self.jsonl {
            let names = if self.gold_names {
                redaction::Names::Gold
            } else {
                redaction::Names::Own
            };
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            redaction::redact_jsonl(input, output, names, &crate::random::bytes()?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("the text is not UTF-8")?;
        let mut numbers = Numbering::new(&crate::random::bytes()?);
        let redacted = redaction::redact(&text, &Known::none(), &Profile::agent(), &mut numbers);
        write!(std::io::stdout(), "{}", redacted.text)?;
        if self.explain {
            for finding in &redacted.findings {
                writeln!(
                    std::io::stderr(),
                    "{}..{} {} ({}, {}): {}",
                    finding.start,
                    finding.end,
                    finding.kind.label(),
                    finding.detector,
                    finding.confidence.as_str(),
                    finding.reason,
                )?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
