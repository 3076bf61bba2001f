//! The command `tidewaiter`.

use clap::Parser;
use std::process::ExitCode;

/// Answers are many short-lived strings: this allocator spends less on them than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tidewaiter::cli::run(tidewaiter::cli::Cli::parse())
}
