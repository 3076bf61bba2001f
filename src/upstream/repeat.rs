//! When a read is sent once more: after a pause that grows and is never the same, within the
//! call's time, and out of a budget, so that an upstream in trouble is not asked twice as much.

use super::failed::Failed;
use http::{HeaderMap, header};
use jiff::fmt::rfc2822::DateTimeParser;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What one request adds to the budget, and what a repeat takes: one repeat for ten requests.
const EARNED: u32 = 1;
const SPENT: u32 = 10;
/// The most it holds: ten repeats in a row.
const MOST: u32 = 100;

static DATES: DateTimeParser = DateTimeParser::new();

/// The longest first pause; it doubles each time, up to `LONGEST`.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// An upstream's repeats to spend.
#[derive(Debug)]
pub(super) struct Budget(AtomicU32);

impl Budget {
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(MOST))
    }

    /// A request is sent for the first time.
    pub(super) fn earn(&self) {
        let more = |held: u32| Some(held.saturating_add(EARNED).min(MOST));
        let _held = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
    }

    /// Takes one repeat, if there is one.
    pub(super) fn spend(&self) -> bool {
        let less = |held: u32| held.checked_sub(SPENT);
        let taken = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        taken.is_ok()
    }
}

/// Whether a read that failed so may go better the next time.
pub(super) fn is_passing(failed: Failed) -> bool {
    matches!(failed, Failed::Unreachable | Failed::Status(502..=504))
}

/// The pause before the repeat after `tries` of them: random, up to a bound that doubles, and no
/// shorter than the upstream asked for.
pub(super) fn pause(tries: u8, asked: Option<Duration>) -> Duration {
    let bound = FIRST.saturating_mul(1_u32.checked_shl(u32::from(tries)).unwrap_or(u32::MAX));
    let bound = u64::try_from(bound.min(LONGEST).as_micros()).unwrap_or(u64::MAX);
    // Without randomness there is still a pause.
    let dice = crate::random::bytes::<8>().map_or(bound, u64::from_le_bytes);
    let pause = Duration::from_micros(dice % bound.saturating_add(1));
    pause.max(asked.unwrap_or_default())
}

/// `Retry-After` (RFC 9110 §10.2.3), in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now_us: i64) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let at = DATES.parse_timestamp(text).ok()?.as_microsecond();
    let wait = at.saturating_sub(now_us);
    Some(Duration::from_micros(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn repeats_are_a_tenth_and_ten_in_a_row() {
        let budget = Budget::new();
        let mut repeats = 0;
        for _ in 0..1_000 {
            budget.earn();
            repeats += u32::from(budget.spend());
        }
        assert!((100..=110).contains(&repeats), "{repeats}");
        for _ in 0..100_000 {
            budget.earn();
        }
        assert_eq!((0..1_000).filter(|_| budget.spend()).count(), 10);
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        for (failed, again) in [
            (Failed::Unreachable, true),
            (Failed::Status(502), true),
            (Failed::Status(503), true),
            (Failed::Status(504), true),
            (Failed::Status(500), false),
            (Failed::Status(429), false),
            (Failed::Status(404), false),
            (Failed::Broken, false),
            (Failed::TimedOut, false),
            (Failed::Busy, false),
            (Failed::Open, false),
            (Failed::Misconfigured, false),
        ] {
            assert_eq!(is_passing(failed), again, "{failed}");
        }
    }

    #[test]
    fn a_pause_grows_is_random_and_honours_what_was_asked() {
        for tries in [0, 1, 2, 5, 200] {
            let bound = FIRST.saturating_mul(1 << tries.min(10)).min(LONGEST);
            let pauses: Vec<_> = (0..50).map(|_| pause(tries, None)).collect();
            assert!(pauses.iter().all(|pause| *pause <= bound), "{tries}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{tries}");
        }
        assert!(pause(0, Some(Duration::from_secs(7))) >= Duration::from_secs(7));
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_a_date() {
        let now_us = 1_445_412_470_000_000;
        for (text, seconds) in [
            ("120", Some(120)),
            ("0", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(10)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("99999999999999999999", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(text));
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&headers, now_us), expected, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), 0), None);
    }
}
