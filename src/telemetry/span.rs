//! Spans of the steps of a call, for builds with the feature `otel`.
//!
//! The rule for a span's fields is that of the log: names from the catalog and the configuration,
//! codes, ids of records. Without the feature, or without `[traces]`, a span is nothing and costs
//! nothing.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether spans go anywhere.
static TRACED: AtomicBool = AtomicBool::new(false);

/// Spans go somewhere from now on.
#[cfg(feature = "otel")]
pub(super) fn begin() {
    TRACED.store(true, Ordering::Relaxed);
}

/// Whether to make spans.
pub(crate) fn is_traced() -> bool {
    cfg!(feature = "otel") && TRACED.load(Ordering::Relaxed)
}

/// A span of one step: a literal name, and fields from closed lists. Its level is one that no
/// filter of lines drops.
macro_rules! step {
    ($name:literal $(, $field:ident = $value:expr)* $(,)?) => {
        if $crate::telemetry::span::is_traced() {
            tracing::error_span!(target: "tidewaiter::step", $name $(, $field = $value)*)
        } else {
            tracing::Span::none()
        }
    };
}

pub(crate) use step;
