//! Tidewaiter: the gateway between an AI assistant and an exchange's internals.
//!
//! The modules are listed in the order a call meets them. [`gateway::Gateway::handle`] is the one
//! path that REST and MCP share; `ARCHITECTURE.md` numbers the promises (I1 to I10) and names
//! the type that enforces each.

pub mod catalog;
pub mod conversation;
pub mod gateway;
pub mod identity;
pub mod ledger;
pub mod policy;
pub mod privacy;
pub mod quota;
pub mod redaction;
pub mod revocation;
pub mod upstream;

pub mod clock;
pub mod config;
pub mod db;
pub mod http;
pub mod random;
pub mod telemetry;

pub mod cli;
pub mod demo;
pub mod running;
