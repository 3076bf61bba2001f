//! Random bytes from the operating system, in one place.

use ring::rand::{SecureRandom, SystemRandom};

/// The system's random source gave nothing. Nobody's fault but the machine's.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed")]
pub struct NoRandomness;

/// `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut out = [0_u8; N];
    SystemRandom::new()
        .fill(&mut out)
        .map_err(|ring::error::Unspecified| NoRandomness)?;
    Ok(out)
}
