//! `tidewaiter catalog`.

use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks the catalog of operations.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Catalog {
    /// Checks every file; each fault is named with file and line.
    ///
    /// Example: tidewaiter catalog check --dir policies
    Check {
        /// The policy directory; the shipped one if none is named.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

impl Catalog {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self::Check { dir } = self;
        let catalog = crate::catalog::Catalog::parse(&super::policies(dir)?)?;
        super::say(format!(
            "{} operations on {} upstreams: no faults",
            catalog.operations().len(),
            catalog.upstreams().len(),
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}
