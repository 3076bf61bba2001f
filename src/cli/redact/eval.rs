//! `tidewaiter redact eval`: the redactor measured on marked texts, beside Presidio.

mod engine;
mod figures;
mod table;

use crate::redaction::evaluation::Sample;
use crate::redaction::{Known, Profile};
use anyhow::{Context, Result};
use engine::{Engine, Ours, Presidio};
use figures::{Figures, measure};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures the redactor on texts whose personal data is marked.
#[derive(Debug, clap::Args)]
pub(super) struct Eval {
    /// Lines `{"id","text","spans":[{"start","end","type"}],"ignore":[…]}`, with offsets in Unicode
    /// code points and the types of the public test sets.
    #[arg(required = true, value_name = "CORPUS.jsonl")]
    files: Vec<PathBuf>,
    /// The Python that Presidio is installed in, to be measured in the same run. By default the
    /// `python3` on the path, if it has Presidio.
    #[arg(long, value_name = "PYTHON")]
    presidio: Option<PathBuf>,
    /// Leaves Presidio out, wherever it is.
    #[arg(long, conflicts_with = "presidio")]
    alone: bool,
    /// The profile that is measured.
    #[arg(long, default_value = "agent", value_parser = ["agent", "assistant"])]
    profile: String,
    /// A folder that `deploy/models.sh` filled: measured with these models, too.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// One corpus with the figures of every engine.
#[derive(Debug, Serialize)]
struct Corpus {
    file: String,
    texts: usize,
    bytes: usize,
    engines: Vec<Figures>,
}

impl Eval {
    pub(super) fn run(self) -> Result<ExitCode> {
        let mut engines = self.engines()?;
        let mut corpora = Vec::new();
        for file in &self.files {
            let samples = read(file)?;
            let figures: Result<Vec<Figures>> = engines
                .iter_mut()
                .map(|engine| measure(engine.as_mut(), &samples))
                .collect();
            corpora.push(Corpus {
                file: file
                    .file_name()
                    .unwrap_or(file.as_os_str())
                    .to_string_lossy()
                    .into_owned(),
                texts: samples.len(),
                bytes: samples.iter().map(|s| s.text.len()).sum(),
                engines: figures?,
            });
        }
        let shown = if self.json {
            serde_json::to_string_pretty(&corpora)? + "\n"
        } else {
            corpora.iter().map(table::of).collect::<Vec<_>>().join("\n")
        };
        std::io::stdout().write_all(shown.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Eval {
    /// Ours, ours with models, and Presidio: those there are.
    fn engines(&self) -> Result<Vec<Box<dyn Engine>>> {
        let name = concat!("Tidewaiter ", env!("CARGO_PKG_VERSION"));
        let profile = || Profile::named(&self.profile).unwrap_or_else(Profile::agent);
        let ours = |name: String, profile: Profile| Ours {
            name,
            profile,
            known: Known::none(),
        };
        let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(ours(name.to_owned(), profile()))];
        if let Some(folder) = &self.models {
            let profile = super::with_models(profile(), folder)?;
            engines.push(Box::new(ours(format!("{name} + models"), profile)));
        }
        let beside = self.presidio.clone().or_else(|| {
            let found = PathBuf::from("python3");
            (!self.alone && Presidio::is_installed(&found)).then_some(found)
        });
        if let Some(python) = beside {
            engines.push(Box::new(Presidio::start(&python)?));
        }
        Ok(engines)
    }
}

/// The samples of a file. What is wrong is told by line, never by content.
fn read(file: &Path) -> Result<Vec<Sample>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    text.lines()
        .zip(1_usize..)
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| {
            serde_json::from_str(line)
                .ok()
                .with_context(|| format!("{}, line {number}: not a marked text", file.display()))
        })
        .collect()
}
