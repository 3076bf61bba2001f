//! `tidewaiter redact`.

mod eval;

use crate::redaction::models;
use crate::redaction::{
    self, Attribute, Known, Numbering, Profile, Redacted, Region, Segment, Stream,
};
use anyhow::{Context, Result};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Redacts free text: standard input to standard output.
///
/// Example: echo 'call me at +1 415 555 0132' | tidewaiter redact --diff
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command")]
pub(super) struct Redact {
    #[command(subcommand)]
    action: Option<Action>,
    /// Reads lines `{"id","text"}` and writes lines `{"id","text","spans":[{"start","end","type"}]}`
    /// with offsets in Unicode code points.
    #[arg(long)]
    jsonl: bool,
    /// Names types as the public test sets do.
    #[arg(long, requires = "jsonl")]
    gold_names: bool,
    /// For whom: `agent` makes typed placeholders harmless, `assistant` keeps them, `stored`
    /// removes only what must never be stored.
    #[arg(long, default_value = "agent", value_parser = ["agent", "assistant", "stored"])]
    profile: String,
    /// Regions whose national phone numbers are read without context; all we know by default.
    #[arg(long, value_delimiter = ',', value_name = "US,RU,GB,DE", value_parser = region)]
    region: Vec<Region>,
    /// A value of the customer: `name=Anna Bell`, `email=…`, `phone=…`, `uid=…`,
    /// `birth-date=1990-05-17`, `document=…`, `address=…`. May be given often.
    #[arg(long, value_name = "KIND=VALUE", value_parser = known)]
    known: Vec<(Attribute, String)>,
    /// A folder that `deploy/models.sh` filled: names that only the sentence tells are found, too.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Says what was found and why, on standard error.
    #[arg(long, conflicts_with = "jsonl")]
    explain: bool,
    /// Shows what was there and what stands there now: `[-was-]{+is+}`, on a terminal in red and
    /// green. The output holds the values.
    #[arg(long, conflicts_with = "jsonl")]
    diff: bool,
    /// Reads what comes piece by piece and writes what is settled at once; with `--asks` it ends
    /// before a sentence that asks for a secret.
    #[arg(long, conflicts_with_all = ["jsonl", "diff", "explain"])]
    stream: bool,
    /// Fails with status 1 if the text asks the reader for a secret, and says how.
    #[arg(long, conflicts_with = "jsonl")]
    asks: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Measures the redactor on texts whose personal data is marked.
    ///
    /// Prints F1, leak, false spans in texts without any, and speed; beside Presidio's on the same
    /// texts where that is installed.
    ///
    /// Example: tidewaiter redact eval corpus/*.jsonl --presidio venv/bin/python
    Eval(eval::Eval),
}

fn region(code: &str) -> Result<Region, String> {
    Region::of(code).ok_or_else(|| "no such region; known are US, CA, RU, KZ, GB, DE".to_owned())
}

fn known(pair: &str) -> Result<(Attribute, String), String> {
    let (kind, value) = pair.split_once('=').ok_or("write KIND=VALUE")?;
    let kind = Attribute::parse(kind)
        .ok_or("kinds are name, email, phone, uid, birth-date, document and address")?;
    Ok((kind, value.to_owned()))
}

impl Redact {
    pub(super) fn run(self) -> Result<ExitCode> {
        if let Some(Action::Eval(eval)) = self.action {
            return eval.run();
        }
        let known = Known::new(
            self.known
                .iter()
                .map(|(kind, value)| (*kind, value.as_str())),
        );
        let profile = self.profile()?;
        let key = crate::random::bytes()?;
        if self.jsonl {
            let names = if self.gold_names {
                redaction::Names::Gold
            } else {
                redaction::Names::Own
            };
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            redaction::redact_jsonl(input, output, names, &known, &profile, &key)?;
            return Ok(ExitCode::SUCCESS);
        }
        if self.stream {
            return stream(known, profile, self.profile == "stored", self.asks);
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("the text is not UTF-8")?;
        let mut numbers = Numbering::new(&key);
        let redacted = redaction::redact(&text, &known, &profile, &mut numbers);
        let stored = self.profile == "stored";
        let shown = match (self.diff, stored) {
            (true, _) => diff(&text, &redacted, stored, std::io::stdout().is_terminal()),
            (false, true) => redacted.sealable.as_str().to_owned(),
            (false, false) => redacted.text.clone(),
        };
        write!(std::io::stdout(), "{shown}")?;
        if self.explain {
            explain(&redacted)?;
        }
        Ok(if self.asks && asks(&text)? {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    fn profile(&self) -> Result<Profile> {
        let mut profile = Profile::named(&self.profile).unwrap_or_else(Profile::agent);
        if !self.region.is_empty() {
            profile = profile.of(&self.region);
        }
        match &self.models {
            Some(folder) => with_models(profile, folder),
            None => Ok(profile),
        }
    }
}

/// The profile with the models of `folder`; says which are not there.
fn with_models(profile: Profile, folder: &Path) -> Result<Profile> {
    let models = models::taggers(folder).context("the models are refused")?;
    for file in &models.missing {
        writeln!(std::io::stderr(), "{file} is not there: less is found")?;
    }
    Ok(models.taggers.into_iter().fold(profile, Profile::with))
}

/// From standard input to standard output as it comes.
fn stream(known: Known, profile: Profile, stored: bool, guarded: bool) -> Result<ExitCode> {
    let mut stream = Stream::new(Arc::new(known), profile);
    if guarded {
        stream = stream.guarded();
    }
    let mut numbers = Numbering::new(&crate::random::bytes()?);
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut write = |segment: &Segment| {
        let text = if stored {
            segment.sealable.as_str()
        } else {
            &segment.text
        };
        output.write_all(text.as_bytes())?;
        output.flush()
    };
    let mut piece = [0; 1_024];
    let mut asks = None;
    while asks.is_none() {
        let count = input.read(&mut piece)?;
        if count == 0 {
            break;
        }
        let segment = stream.push(piece.get(..count).unwrap_or_default(), &mut numbers);
        write(&segment)?;
        asks = segment.asks;
    }
    if asks.is_none() {
        let segment = stream.finish(&mut numbers);
        write(&segment)?;
        asks = segment.asks;
    }
    let Some(request) = asks else {
        return Ok(ExitCode::SUCCESS);
    };
    let (kind, reason) = (request.kind.label(), request.reason);
    writeln!(
        std::io::stderr(),
        "ended before what asks for {kind}: {reason}"
    )?;
    Ok(ExitCode::FAILURE)
}

/// The text with every change marked as `git diff --word-diff` does, or in colours.
fn diff(text: &str, redacted: &Redacted, stored: bool, coloured: bool) -> String {
    let [was_from, to, is_from, end] = if coloured {
        ["\u{1b}[31;9m", "\u{1b}[0m", "\u{1b}[32m", "\u{1b}[0m"]
    } else {
        ["[-", "-]", "{+", "+}"]
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let changes = redacted.findings.iter().zip(&redacted.placeholders);
    for (finding, placeholder) in changes.filter(|(f, _)| !stored || f.kind.is_forbidden()) {
        out.push_str(text.get(at..finding.start).unwrap_or_default());
        let was = text.get(finding.start..finding.end).unwrap_or_default();
        // What was typed must not steer the terminal.
        let was: String = was.chars().map(shown).collect();
        out.extend([was_from, &was, to, is_from, placeholder, end]);
        at = finding.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// A character as it may be printed: control characters as a picture of nothing.
fn shown(c: char) -> char {
    if c.is_control() && c != '\n' && c != '\t' {
        '\u{fffd}'
    } else {
        c
    }
}

/// What was found and why, a line each, never the value.
fn explain(redacted: &Redacted) -> Result<()> {
    let width = redacted.placeholders.iter().map(String::len).max();
    for (finding, placeholder) in redacted.findings.iter().zip(&redacted.placeholders) {
        writeln!(
            std::io::stderr(),
            "{placeholder:<width$}  {}..{}  {:<8}  {}: {}",
            finding.start,
            finding.end,
            finding.confidence.as_str(),
            finding.detector,
            finding.reason,
            width = width.unwrap_or_default(),
        )?;
    }
    Ok(())
}

/// Whether the text asks for a secret; says so on standard error.
fn asks(text: &str) -> Result<bool> {
    let Some(request) = redaction::request(text) else {
        return Ok(false);
    };
    writeln!(
        std::io::stderr(),
        "{}..{} asks for {}: {}",
        request.sentence.start,
        request.sentence.end,
        request.kind.label(),
        request.reason,
    )?;
    Ok(true)
}
