//! `tidewaiter verify`: the auditor's own command, at hand here too.

use anyhow::Result;
use std::io::Write;
use std::process::ExitCode;

/// Checks a bundle offline, without any service.
// Clap names a group after the struct; the auditor's own is called the same.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Verify {
    #[command(flatten)]
    verify: tidewaiter_audit::command::Verify,
}

impl Verify {
    pub(super) fn run(self) -> Result<ExitCode> {
        let (exit, text) = match self.verify.run() {
            Ok(said) => said,
            Err(error) => {
                writeln!(std::io::stderr(), "tidewaiter: {error}")?;
                return Ok(ExitCode::from(2));
            }
        };
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(exit.into())
    }
}
