//! The command line: translates, and decides nothing.

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

mod catalog;
mod client;
mod demo;
mod officer;
mod policy;
mod redact;
mod serve;
mod token;
mod verify;

pub use client::{Client, Fetching, Received, Reply};

/// The gateway between an AI assistant and an exchange's internals.
///
/// Every lookup is made by one known agent for one known customer, allowed by a written policy,
/// stripped to what that agent may see, and durable in an encrypted, tamper-evident ledger before
/// a byte of the answer leaves.
#[derive(Debug, Parser)]
#[command(name = "tidewaiter", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the whole path on this machine: a demonstration exchange, customers, a guided tour.
    ///
    /// Example: tidewaiter demo --dir ./demo --serve
    Demo(demo::Demo),
    /// Runs the gateway.
    ///
    /// Example: tidewaiter serve --config /etc/tidewaiter/tidewaiter.toml
    Serve(serve::Serve),
    /// Checks a bundle offline, without any service.
    ///
    /// Exits 0 if integrity and authenticity are proved and completeness at least attested, 10 if
    /// invalid, 11 if it contradicts a checkpoint you hold, 12 if incomplete or unproven.
    ///
    /// Example: tidewaiter verify ./bundle --trust trust.txt
    Verify(verify::Verify),
    /// Redacts free text: standard input to standard output.
    ///
    /// Example: echo 'my card is 4111 1111 1111 1111' | tidewaiter redact
    Redact(redact::Redact),
    /// Checks and tests a policy directory, and explains a decision.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Checks the catalog of operations.
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Stops a topic, operation or agent from the next call on, or lets it go on.
    #[command(subcommand)]
    Switch(officer::Switch),
    /// Searches records, and shows one; each look is itself recorded.
    #[command(subcommand)]
    Records(officer::Records),
    /// Shows what was said, asked and shown in a conversation.
    #[command(subcommand)]
    Conversation(officer::Conversation),
    /// Lets support read chats, masked, for a case and a time.
    #[command(subcommand)]
    Assign(officer::Assign),
    /// Revokes an agent, a person, a session or a token from the next call on.
    ///
    /// Example: tidewaiter revoke token --from leaked.jwt --reason "found in a log" --url … --token-file …
    #[command(subcommand)]
    Revoke(officer::revocation::Revoke),
    /// Lists what is revoked, or lifts it.
    ///
    /// Example: tidewaiter revocations list --url … --token-file …
    #[command(subcommand)]
    Revocations(officer::revocation::Revocations),
    /// Asks for, approves, refuses, lists and fetches exports.
    #[command(subcommand)]
    Export(officer::Export),
    /// Files, lists, approves and refuses erasures.
    #[command(subcommand)]
    Erase(officer::Erase),
    /// Keeps a customer's records from erasure, unseen, and releases them by two.
    #[command(subcommand)]
    Hold(officer::Hold),
    /// Counts of the last hours: calls, refusals, secrets removed, erasures, exports. No content.
    Figures(officer::Figures),
    /// Makes a token of the built-in issuer, for demonstrations and tests.
    ///
    /// Example: tidewaiter token officer --key ./demo/issuer.key --audience URL --sub olga --role dpo
    #[command(subcommand)]
    Token(token::Token),
}

/// Runs a command; the exit status says how it went.
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Demo(demo) => demo.run(),
        Command::Serve(serve) => serve.run(),
        Command::Verify(verify) => verify.run(),
        Command::Redact(redact) => redact.run(),
        Command::Policy(policy) => policy.run(),
        Command::Catalog(catalog) => catalog.run(),
        Command::Switch(switch) => switch.run(),
        Command::Revoke(revoke) => revoke.run(),
        Command::Revocations(revocations) => revocations.run(),
        Command::Export(export) => export.run(),
        Command::Erase(erase) => erase.run(),
        Command::Records(records) => records.run(),
        Command::Conversation(conversation) => conversation.run(),
        Command::Assign(assign) => assign.run(),
        Command::Hold(hold) => hold.run(),
        Command::Figures(figures) => figures.run(),
        Command::Token(token) => token.run(),
    };
    match done {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::from(CLOSED_PIPE),
        Err(error) => {
            // Nobody is left to tell if standard error is closed.
            let _told = writeln!(std::io::stderr(), "tidewaiter: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What a command ends with whose reader has gone, as in `… | head`: as a shell counts SIGPIPE.
const CLOSED_PIPE: u8 = 141;

/// Whether nobody reads standard output any more. What breaks on the network is not of this kind.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Prints a line to standard output.
pub(crate) fn say(text: impl AsRef<str>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.as_ref())?;
    Ok(())
}

/// Runs something asynchronous on a runtime of its own.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}

/// Where the shipped policies are when none are named.
pub(crate) fn policies(dir: Option<PathBuf>) -> Result<crate::catalog::Files> {
    match dir {
        Some(dir) => Ok(crate::catalog::Files::read(&dir)?),
        None => Ok(crate::catalog::Files::shipped()),
    }
}
