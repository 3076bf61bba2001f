//! What an audited call costs, beside plain nginx, on this machine and in one run.
//!
//! ```sh
//! cargo bench --bench calls                    # the table of the README
//! cargo bench --bench calls -- --help
//! ```
//!
//! Every process is a real one: `tidewaiter serve` on files or on a PostgreSQL cluster of the
//! bench's own, nginx, and an upstream that answers 2 KiB of JSON. The load generator lives in
//! this process. All share the machine's cores, and CPU is counted per process from `/proc`, so
//! Linux is needed. Contenders take turns within each round; a figure is the median of its rounds.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::exit,
    clippy::option_option,
    clippy::too_many_lines,
    clippy::unused_async,
    reason = "a bench stops at the first surprise, and its arithmetic is of small numbers"
)]

mod append;
mod growth;
mod load;
mod nginx;
mod plan;
mod postgres;
mod process;
mod reads;
mod report;
mod site;
mod upstream;

use clap::Parser;
use std::path::PathBuf;

/// Audited calls per second and CPU per 1,000 calls, beside nginx.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    /// How often each contender has its turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of a turn.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Connections of the load.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Calls offered per second where they are paced.
    #[arg(long, default_value_t = 2_000)]
    pace: u32,
    /// What to measure; everything without it.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Databases to measure on; both without it, PostgreSQL if its binaries are found.
    #[arg(long, value_enum)]
    database: Vec<Database>,
    /// Customers in the large store, with their keys and conversations.
    #[arg(long, default_value_t = 100_000)]
    subjects: usize,
    /// Records in the large store.
    #[arg(long, default_value_t = 1_000_000)]
    records: usize,
    /// Leaves out what is there to compare with, for profiling.
    #[arg(long)]
    alone: bool,
    /// Another binary to measure, such as one built with `--profile dist`.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Writes all figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// What cargo says; without it nothing is measured.
    #[arg(long, hide = true)]
    bench: bool,
    /// Another process of the bench.
    #[arg(long, hide = true)]
    role: Option<String>,
    /// What that process is told.
    #[arg(long, hide = true)]
    told: Option<String>,
}

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// As many reads as it can (P1, P8).
    Reads,
    /// Reads at a fixed rate (P7).
    Paced,
    /// The ledger alone at the rate of the reads (P2).
    Audit,
    /// Larger policies, catalogs and stores (P5).
    Growth,
    /// Every session another customer (P9).
    Sessions,
}

/// A database to measure on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Database {
    /// Embedded.
    Sqlite,
    /// A cluster of the bench's own.
    Postgres,
}

impl Options {
    fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    fn on(&self, database: Database) -> bool {
        self.database.is_empty() || self.database.contains(&database)
    }
}

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    match options.role.as_deref() {
        Some("upstream") => runtime.block_on(upstream::serve()),
        Some("append") => runtime.block_on(append::run(options.told.as_deref())),
        Some(other) => panic!("there is no role {other:?}"),
        None if options.bench => runtime.block_on(measure(&options)),
        None => println!("nothing was measured: this is a bench, run it by `cargo bench`"),
    }
}

async fn measure(options: &Options) {
    let mut report = report::Report::new(options);
    let place = plan::Place::new(options).await;
    if options.has(Part::Reads) || options.has(Part::Paced) || options.has(Part::Audit) {
        reads::measure(options, &place, &mut report).await;
    }
    if options.has(Part::Growth) {
        growth::measure(options, &place, &mut report).await;
    }
    if options.has(Part::Sessions) {
        growth::sessions(options, &place, &mut report).await;
    }
    report.end(options);
}
