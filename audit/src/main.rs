//! `tidewaiter-audit`: checks and opens bundles, on a machine of the reader's own.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use tidewaiter_audit::command::Cli;

fn main() -> ExitCode {
    let (exit, text) = match Cli::parse().run() {
        Ok(said) => said,
        Err(error) => {
            // Where even that cannot be written, the exit status says it.
            drop(writeln!(io::stderr(), "error: {error}"));
            return ExitCode::from(2);
        }
    };
    let printed = io::stdout()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush());
    // Nobody may take a verdict that was not read for a good one.
    if printed.is_ok() {
        exit.into()
    } else {
        ExitCode::from(2)
    }
}
