//! The exchange's internal APIs: the only way out of the gateway.
//!
//! Promises that a request goes to the configured host under its base path and nowhere else, with
//! the gateway's own credential and nothing of the caller's; that a write is sent once and a read
//! only a bounded number of times; that an answer is bounded in size and time, and what is with an
//! upstream at a time in number; and that what came back is [`Raw`], which has no way out but
//! redaction (I2).
//! Leaves to the catalog which requests there are, and to [`crate::gateway`] what is recorded.

use crate::policy::Permit;
use bytes::Bytes;

mod address;
mod answer;
mod breaker;
mod client;
mod connect;
mod failed;
mod forward;
mod outgoing;
mod repeat;
mod room;
mod sign;

pub use answer::Response;
pub use client::{Misconfigured, Upstreams};
pub use failed::Failed;
pub use forward::{forward, is_listed};
pub use outgoing::Outgoing;
pub(crate) use outgoing::is_reserved;
pub use sign::{Bearer, Headers, Hmac, Jws, Sign, SignFailed};

/// An upstream's answer with everything still in it, and the permit that says what may leave.
///
/// Only [`forward`] makes one, and it has no way out but the redaction:
///
/// ```compile_fail,E0624
/// fn leak(raw: tidewaiter::upstream::Raw) -> Vec<u8> {
///     raw.bytes().to_vec()
/// }
/// ```
pub struct Raw {
    body: Bytes,
    permit: Permit,
}

impl Raw {
    /// The answer's bytes, for redaction and its digest.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// What was permitted.
    pub(crate) fn permit(&self) -> &Permit {
        &self.permit
    }
}

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Raw").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
