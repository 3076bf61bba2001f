//! One integration binary: real databases, real HTTP, real third-party verifiers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    reason = "tests stop at the first surprise"
)]

mod cli;
mod drain;
mod harness;
mod kill;
mod ledger;
mod path;
mod replicas;
mod schema;
mod stores;
mod tls;
