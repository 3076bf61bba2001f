//! What is measured: our own redactor, and Presidio where it is installed.

use crate::redaction::evaluation::{Spot, canonical};
use crate::redaction::{self, Known, Numbering, Profile};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// What an engine made of one text, and how long it took.
pub(super) struct Answer {
    pub(super) spots: Vec<Spot>,
    pub(super) took: Duration,
}

/// Something that finds personal data in text.
pub(super) trait Engine {
    /// Its name and version.
    fn name(&self) -> &str;
    /// What it finds.
    fn run(&mut self, text: &str) -> Result<Answer>;
}

/// Our own redactor, in this process, on one thread.
pub(super) struct Ours {
    pub(super) name: String,
    pub(super) profile: Profile,
    pub(super) known: Known,
}

impl Engine for Ours {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&mut self, text: &str) -> Result<Answer> {
        let start = Instant::now();
        let mut numbers = Numbering::new(&[0; 32]);
        let redacted = redaction::redact(text, &self.known, &self.profile, &mut numbers);
        let took = start.elapsed();
        let spots = redaction::code_points(text, &redacted.findings)
            .into_iter()
            .zip(&redacted.findings)
            .map(|(range, finding)| Spot {
                start: range.start,
                end: range.end,
                kind: finding.kind.gold().to_owned(),
            })
            .collect();
        Ok(Answer { spots, took })
    }
}

/// Presidio's analyzer with its default configuration and its anonymizer's rule for overlaps, in a
/// Python process of its own. What it takes to talk to that is not counted.
pub(super) struct Presidio {
    name: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Hello {
    version: Option<String>,
    model: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    spans: Vec<Spot>,
    us: u64,
}

impl Presidio {
    /// Whether this Python has Presidio.
    pub(super) fn is_installed(python: &Path) -> bool {
        let look =
            "import importlib.util as u, sys; sys.exit(u.find_spec('presidio_analyzer') is None)";
        Command::new(python)
            .args(["-c", look])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Starts it, which takes seconds.
    pub(super) fn start(python: &Path) -> Result<Self> {
        let mut child = Command::new(python)
            .args(["-c", include_str!("presidio.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", python.display()))?;
        let input = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        let mut presidio = Self {
            name: String::new(),
            child,
            input,
            output: BufReader::new(output),
        };
        let hello: Hello = presidio.line().context("Presidio did not start")?;
        if let Some(error) = hello.error {
            bail!(error);
        }
        let (version, model) = (hello.version, hello.model);
        presidio.name = format!(
            "Presidio {} + {}",
            version.unwrap_or_default(),
            model.unwrap_or_default()
        );
        Ok(presidio)
    }

    fn line<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line).context("Presidio said nothing that can be read")
    }
}

impl Engine for Presidio {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&mut self, text: &str) -> Result<Answer> {
        serde_json::to_writer(&mut self.input, &serde_json::json!({ "text": text }))?;
        self.input.write_all(b"\n")?;
        self.input.flush()?;
        let said: Said = self.line()?;
        let spots = said.spans.into_iter().filter_map(|spot| {
            let kind = canonical(&spot.kind)?.to_owned();
            Some(Spot { kind, ..spot })
        });
        Ok(Answer {
            spots: spots.collect(),
            took: Duration::from_micros(said.us),
        })
    }
}

impl Drop for Presidio {
    fn drop(&mut self) {
        // It ends with its input; what is left of it is not waited for.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
