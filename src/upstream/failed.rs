//! How a request to an upstream can fail.

use super::breaker::Health;

/// An upstream did not answer as it should. Nothing of what it said is in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Failed {
    /// No connection, or not to whom it should be: the request was never sent.
    #[error("the upstream cannot be reached")]
    Unreachable,
    /// Too many requests are with it already: this one was never sent.
    #[error("too many requests are with the upstream already")]
    Busy,
    /// It failed too often of late and is left in peace: the request was never sent.
    #[error("the upstream failed too often and is not asked for now")]
    Open,
    /// The connection ended before the whole answer was there.
    #[error("the upstream ended the connection early")]
    Broken,
    /// The answer was not there in time.
    #[error("the upstream did not answer in time")]
    TimedOut,
    /// The answer is longer than configured.
    #[error("the upstream's answer is too large")]
    TooLarge,
    /// It wants us to go elsewhere, which we never do.
    #[error("the upstream redirects")]
    Redirected,
    /// It answered with another status than 2xx or 3xx.
    #[error("the upstream answered with status {0}")]
    Status(u16),
    /// It answered with something else than JSON.
    #[error("the upstream's answer is not JSON")]
    NotJson,
    /// The request cannot be made: no such upstream, or a path or header that must not be sent.
    #[error("the upstream or the request to it is misconfigured")]
    Misconfigured,
}

impl Failed {
    /// Whether a write may have happened all the same. Only a request that was never sent, or one
    /// that the upstream refused as the client's mistake, surely changed nothing.
    pub fn maybe_happened(self) -> bool {
        match self {
            Self::Unreachable | Self::Busy | Self::Open | Self::Misconfigured => false,
            // 408 and 409 may answer a repeat of what went through; 499 and above are not refusals.
            Self::Status(status) => status == 408 || status == 409 || !(400..499).contains(&status),
            Self::Broken | Self::TimedOut | Self::TooLarge | Self::Redirected | Self::NotJson => {
                true
            }
        }
    }

    /// Its name as a metric's label and in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Busy => "busy",
            Self::Open => "open",
            Self::Broken => "broken",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::Redirected => "redirected",
            // It does not take our credential, or not for this.
            Self::Status(401 | 403 | 407) => "credential",
            Self::Status(429) => "throttled",
            Self::Status(500..) => "status_5xx",
            Self::Status(_) => "status",
            Self::NotJson => "not_json",
            Self::Misconfigured => "misconfigured",
        }
    }

    /// What it says of the upstream. A 500 does not count: one request can be the cause of it, and
    /// nobody must be able to close an upstream to all by asking for what it stumbles over.
    pub(super) fn health(self) -> Option<Health> {
        match self {
            Self::Unreachable | Self::Broken | Self::TimedOut | Self::Status(502..=504) => {
                Some(Health::Ill)
            }
            Self::Status(_) | Self::TooLarge | Self::Redirected | Self::NotJson => {
                Some(Health::Well)
            }
            Self::Busy | Self::Open | Self::Misconfigured => None,
        }
    }
}
