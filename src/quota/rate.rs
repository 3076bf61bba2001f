//! A rate as people write it: `10`, `"600/min"`.

use governor::Quota;
use serde::Deserialize;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// The most requests in one period.
const MOST: u32 = 1_000_000;

/// So many requests in a period, all at once or spread; what is spent comes back evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    period_s: u32,
}

/// It is not a number, nor a number and a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate is 1 to 1000000 a second, or a text such as \"600/min\": s, min, h or day")]
pub struct BadRate;

impl Rate {
    /// So many a second.
    pub fn per_second(count: NonZeroU32) -> Self {
        Self { count, period_s: 1 }
    }

    /// How many.
    pub fn count(&self) -> u32 {
        self.count.get()
    }

    /// In how many seconds.
    pub fn period_s(&self) -> u32 {
        self.period_s
    }

    /// Whether it lets no more through than another, in the long run.
    pub fn is_within(&self, other: &Self) -> bool {
        let cross = |one: &Self, two: &Self| u64::from(one.count()) * u64::from(two.period_s);
        cross(self, other) <= cross(other, self)
    }

    /// How long until one request comes back.
    pub(super) fn interval(&self) -> Duration {
        Duration::from_secs(self.period_s.into()) / self.count()
    }

    /// As the limiter takes it.
    pub(super) fn quota(&self) -> Quota {
        // At most a million in at least a second: an interval is a microsecond or longer.
        let spread = Quota::with_period(self.interval());
        let spread = spread.unwrap_or(Quota::per_second(self.count));
        spread.allow_burst(self.count)
    }
}

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let (count, period) = text.split_once('/').ok_or(BadRate)?;
        let period_s = match period {
            "s" => 1,
            "min" => 60,
            "h" => 3_600,
            "day" => 86_400,
            _ => return Err(BadRate),
        };
        let digits = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
        let count: u32 = count.parse().map_err(|_range| BadRate)?;
        let count = NonZeroU32::new(count).filter(|_| digits && count <= MOST);
        let count = count.ok_or(BadRate)?;
        Ok(Self { count, period_s })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} s", self.count, self.period_s)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Rate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{BadRate}")
            }

            fn visit_i64<E: serde::de::Error>(self, count: i64) -> Result<Rate, E> {
                format!("{count}/s").parse().map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, count: u64) -> Result<Rate, E> {
                format!("{count}/s").parse().map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Rate, E> {
                text.parse().map_err(E::custom)
            }
        }
        input.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_a_number_or_a_number_and_a_period() {
        #[derive(Deserialize)]
        struct Form {
            rate: Rate,
        }
        let read = |text: &str| toml::from_str::<Form>(text).map(|form| form.rate);
        for (text, count, period_s) in [
            ("rate = 10", 10, 1),
            ("rate = \"10/s\"", 10, 1),
            ("rate = \"600/min\"", 600, 60),
            ("rate = \"1/h\"", 1, 3_600),
            ("rate = \"1000000/day\"", 1_000_000, 86_400),
        ] {
            let rate = read(text).unwrap();
            assert_eq!((rate.count(), rate.period_s()), (count, period_s), "{text}");
        }
        for text in [
            "rate = 0",
            "rate = -1",
            "rate = 1000001",
            "rate = 1.5",
            "rate = \"10\"",
            "rate = \"+1/s\"",
            "rate = \"1/m\"",
            "rate = \"1 /s\"",
            "rate = \"/s\"",
            "rate = []",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_compare_by_what_they_let_through() {
        let rate = |text: &str| text.parse::<Rate>().unwrap();
        assert!(rate("60/min").is_within(&rate("1/s")));
        assert!(rate("1/s").is_within(&rate("60/min")));
        assert!(!rate("61/min").is_within(&rate("1/s")));
    }

    #[test]
    fn the_limiter_gets_what_was_written() {
        for text in ["1/day", "7/s", "1000000/s", "600/min"] {
            let rate: Rate = text.parse().unwrap();
            let quota = rate.quota();
            assert_eq!(quota.burst_size().get(), rate.count(), "{text}");
            assert_eq!(quota.replenish_interval(), rate.interval(), "{text}");
        }
    }
}
