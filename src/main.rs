//! The command `tidewaiter`.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    tidewaiter::cli::run(tidewaiter::cli::Cli::parse())
}
