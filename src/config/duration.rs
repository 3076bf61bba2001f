//! Durations written as whole milliseconds or seconds, the unit being in the key's name.

use serde::{Deserialize, Deserializer};
use std::time::Duration;

pub(super) fn ms<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    Ok(Duration::from_millis(u64::from(u32::deserialize(from)?)))
}

pub(super) fn s<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    Ok(Duration::from_secs(u64::from(u32::deserialize(from)?)))
}
