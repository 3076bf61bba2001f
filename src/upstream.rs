//! The exchange's internal APIs: the only way out of the gateway.
//!
//! Promises that a request goes to the configured host under its base path and nowhere else, with
//! the gateway's own credential and nothing of the caller's; that an answer is bounded in size and
//! time; and that what came back is [`Raw`], which has no way out but redaction (I2).
//! Leaves to the catalog which requests there are, and to [`crate::gateway`] what is recorded.

use crate::policy::Permit;
use bytes::Bytes;

mod address;
mod client;
mod failed;
mod forward;
mod sign;

pub use client::{Misconfigured, Response, Upstreams};
pub use failed::Failed;
pub use forward::{forward, is_listed};
pub use sign::{Bearer, Sign, SignFailed};

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
