//! One integration binary: real databases, real HTTP, real third-party verifiers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests stop at the first surprise"
)]

mod abuse;
mod bundle;
mod canary;
mod cli;
mod compare;
mod docs;
mod drain;
mod flood;
mod foreign;
mod guest;
mod harness;
mod hostile;
mod idempotency;
mod kill;
mod ledger;
mod mcp;
mod oauth;
mod officers;
mod openapi;
mod operations;
mod path;
mod quota;
mod replicas;
mod rest;
mod revocation;
mod schema;
mod stores;
mod tls;
mod tour;
#[cfg(feature = "otel")]
mod traces;
mod upstream;
mod wire;
