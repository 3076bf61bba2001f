//! Moments relative to the data's base time, written as the two services write them.

use jiff::tz::TimeZone;

/// Microseconds in a minute.
pub(super) const MINUTE_US: i64 = 60_000_000;
/// Microseconds in an hour.
pub(super) const HOUR_US: i64 = 60 * MINUTE_US;
/// Microseconds in a day.
pub(super) const DAY_US: i64 = 24 * HOUR_US;

/// ISO 8601 to the second, UTC: `2026-11-22T13:05:00Z`.
pub(crate) fn iso(at_us: i64) -> String {
    let at = jiff::Timestamp::from_second(at_us.div_euclid(1_000_000)).unwrap_or_default();
    format!("{at:.0}")
}

/// The date of a moment, UTC.
pub(super) fn date(at_us: i64) -> jiff::civil::Date {
    jiff::Timestamp::from_microsecond(at_us)
        .unwrap_or_default()
        .to_zoned(TimeZone::UTC)
        .date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_to_the_second() {
        assert_eq!(iso(1_795_352_700_999_999), "2026-11-22T13:05:00Z");
        assert_eq!(date(1_795_352_700_000_000).to_string(), "2026-11-22");
        assert_eq!(iso(i64::MAX), "1970-01-01T00:00:00Z");
    }
}
