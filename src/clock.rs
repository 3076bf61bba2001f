//! Time as a parameter: nothing else in the crate asks the system for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where "now" comes from: the system, or a test that sets it by hand.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// Microseconds since 1970, moved by a test.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at_us` until it is moved.
    pub fn manual(at_us: i64) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at_us)))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn now_us(&self) -> i64 {
        match self {
            Self::System => jiff::Timestamp::now().as_microsecond(),
            Self::Manual(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z, as tokens count them.
    pub fn now_s(&self) -> i64 {
        self.now_us().div_euclid(1_000_000)
    }

    /// Moves a manual clock by `by_us`; the system's clock stays as it is.
    pub fn advance(&self, by_us: i64) {
        if let Self::Manual(at) = self {
            at.fetch_add(by_us, Ordering::SeqCst);
        }
    }
}

/// `at_us` as RFC 3339 UTC with microseconds: `2026-11-22T13:05:00.000001Z`.
pub fn rfc3339(at_us: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(at_us).unwrap_or_default();
    format!("{at:.6}")
}
