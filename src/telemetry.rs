//! What the gateway says about itself: a log, metrics, and panics without their words.
//!
//! The rule for every field of a log line and every label: codes, ids of records and
//! conversations, names from the configuration or catalog, counts and durations. Never an
//! argument, a name of a person, a token, a path with ids in it, or a text that came from outside
//! (I8). What must be known in full is in the sealed record.
//! Promises that the libraries below us, which do not know this rule, are heard from `warn` up only.

mod log;
pub mod metric;
mod panic;
pub(crate) mod span;
#[cfg(feature = "otel")]
mod traces;

pub use log::{Captured, Telling, Unlogged, log_to, start};
pub use metric::Metrics;
pub use panic::hush_panics;
