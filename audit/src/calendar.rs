//! UTC dates and times as the format writes them, for the years 1970 to 9999.
//!
//! Days are reckoned by Howard Hinnant's `days_from_civil`; there are no leap seconds.

use crate::grammar::dec;

const DAY_US: i64 = 86_400_000_000;

/// The last moment that can be written: 9999-12-31T23:59:59.999999Z.
pub const TIME_MAX_US: i64 = 253_402_300_799_999_999;

/// `YYYY-MM-DDTHH:MM:SS.ffffffZ` of microseconds since 1970, or `None` outside the years
/// 1970 to 9999.
pub fn format_time(time_us: i64) -> Option<String> {
    if !(0..=TIME_MAX_US).contains(&time_us) {
        return None;
    }
    let (year, month, day) = civil_from_days(time_us.div_euclid(DAY_US));
    let us = time_us.rem_euclid(DAY_US);
    let (s, us) = (us / 1_000_000, us % 1_000_000);
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{us:06}Z"
    ))
}

/// Reads what [`format_time`] writes, and nothing else.
pub fn parse_time(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once('T')?;
    let days = parse_date(date)?;
    let (clock, us) = clock.strip_suffix('Z')?.split_once('.')?;
    let [h, m, s] = split_fixed(clock, ':', [2, 2, 2])?;
    let us = fixed(us, 6)?;
    if h > 23 || m > 59 || s > 59 {
        return None;
    }
    Some(days * DAY_US + ((h * 60 + m) * 60 + s) * 1_000_000 + us)
}

/// Days since 1970 of a valid `YYYY-MM-DD`.
pub fn parse_date(text: &str) -> Option<i64> {
    let [year, month, day] = split_fixed(text, '-', [4, 2, 2])?;
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    // A day the month does not have comes back as another date.
    (day >= 1 && civil_from_days(days) == (year, month, day)).then_some(days)
}

/// `YYYY-MM-DD` of days since 1970, or `None` outside the years 1970 to 9999.
pub fn format_date(days: i64) -> Option<String> {
    if !(0..=TIME_MAX_US / DAY_US).contains(&days) {
        return None;
    }
    let (year, month, day) = civil_from_days(days);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// `YYYY-MM` of microseconds since 1970.
pub fn format_month(time_us: i64) -> Option<String> {
    let (year, month, _) = civil_from_days(time_us.div_euclid(DAY_US));
    (1970..=9999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}"))
}

/// Months since the year 0 of a valid `YYYY-MM`.
pub fn parse_month(text: &str) -> Option<i64> {
    let [year, month] = split_fixed(text, '-', [4, 2])?;
    let valid = (1970..=9999).contains(&year) && (1..=12).contains(&month);
    valid.then_some(year * 12 + month - 1)
}

/// Months since the year 0 of a moment.
pub(crate) fn month_of(time_us: i64) -> i64 {
    let (year, month, _) = civil_from_days(time_us.div_euclid(DAY_US));
    year * 12 + month - 1
}

fn split_fixed<const N: usize>(text: &str, by: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut out = [0; N];
    let mut parts = text.split(by);
    for (to, width) in out.iter_mut().zip(widths) {
        *to = fixed(parts.next()?, width)?;
    }
    parts.next().is_none().then_some(out)
}

fn fixed(text: &str, width: usize) -> Option<i64> {
    if text.len() != width || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = text.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    dec(digits).and_then(|n| i64::try_from(n).ok())
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let day = of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_comes_back() {
        let last = parse_date("9999-12-31").unwrap();
        assert_eq!(TIME_MAX_US, (last + 1) * DAY_US - 1);
        let mut seen = String::new();
        for days in (0..=last).step_by(13) {
            let text = format_date(days).unwrap();
            assert!(text > seen);
            assert_eq!(parse_date(&text), Some(days));
            seen = text;
        }
    }

    #[test]
    fn times_that_do_not_exist_are_refused() {
        assert_eq!(
            parse_time("2026-11-22T13:17:48.000001Z"),
            Some(1_795_353_468_000_001)
        );
        for bad in [
            "2026-02-29T00:00:00.000000Z",
            "2026-13-01T00:00:00.000000Z",
            "2026-11-22T24:00:00.000000Z",
            "2026-11-22T13:17:60.000000Z",
            "2026-11-22T13:17:48.00000Z",
            "2026-11-22T13:17:48Z",
            "1969-12-31T23:59:59.999999Z",
            "2026-11-22t13:17:48.000001Z",
            "2026-11-22T13:17:48.000001z",
            "2026-11-2 T13:17:48.000001Z",
        ] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
        assert!(parse_time("2024-02-29T23:59:59.999999Z").is_some());
        assert_eq!(format_time(TIME_MAX_US + 1), None);
        assert_eq!(format_time(-1), None);
    }
}
