//! The exchange's internal APIs: the only way out of the gateway.
//!
//! Promises that a request goes to the configured host under its base path and nowhere else, with
//! the gateway's own credential and nothing of the caller's; that an answer is bounded in size and
//! time; and that what came back is [`Raw`], which has no way out but redaction (I2).
//! Leaves to the catalog which requests there are, and to [`crate::gateway`] what is recorded.

use bytes::Bytes;

mod address;
mod client;
mod failed;
mod sign;

pub use client::{Misconfigured, Response, Upstreams};
pub use failed::Failed;
pub use sign::{Bearer, Sign, SignFailed};

/// An upstream's answer with everything still in it. Only `forward` makes one, and only the
/// redaction sees what is inside.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "made by `forward`, read by the redaction")
)]
pub struct Raw {
    body: Bytes,
}

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "made by `forward`, read by the redaction")
)]
impl Raw {
    /// The JSON of an answer. Private to this module: what makes one has called an upstream.
    fn new(response: Response) -> Result<Self, Failed> {
        Ok(Self {
            body: response.json()?,
        })
    }

    /// The answer's bytes, for redaction and its digest.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }
}

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Raw").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
