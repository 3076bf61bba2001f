//! When two ways of writing are one value, by class and shape.
//!
//! | | one value if |
//! |---|---|
//! | numbers, amounts | equal as decimal numbers: `100.0` and `100`, `0,5` and `0.5` |
//! | dates and times | the same day; the same instant if both say a time |
//! | e-mail addresses | equal but for case |
//! | phones | the same digits, with `+`, `00` or the trunk `8` of Russia; `0…` after its country |
//! | postal addresses | the same words, whatever stands between them |
//! | wallets, transactions | the same characters; hex and bech32 in either case |
//! | document numbers | the same letters and digits, without spaces and dashes |
//! | names and all else | equal after NFKC, but for case, white space, `ё` and apostrophes |
//!
//! Text that is longer than 1,024 bytes is not compared.

use crate::catalog::decimal::Decimal;
use crate::catalog::{Class, Shape};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::cmp::Ordering;
use subtle::ConstantTimeEq as _;
use tidewaiter_redaction::strip_invisible;
use unicode_normalization::UnicodeNormalization as _;

const LONGEST: usize = 1_024;
/// The largest exponent that is read.
const EXPONENT: i32 = 64;
/// A phone's digits without its country, at least.
const PHONE: usize = 7;

/// None if `actual` is nothing that could be compared.
pub(super) fn equal(class: Class, shape: Shape, expected: &str, actual: &str) -> Option<bool> {
    let (expected, actual) = (strip_invisible(expected), strip_invisible(actual));
    let (expected, actual) = (expected.trim(), actual.trim());
    if actual.is_empty() || actual.len() > LONGEST {
        return None;
    }
    if matches!(shape, Shape::Integer | Shape::Number) {
        let actual = amount(actual)?;
        return Some(amount(expected).is_some_and(|e| e.compare(&actual) == Ordering::Equal));
    }
    Some(match class {
        Class::Financial => match (amount(expected), amount(actual)) {
            (Some(e), Some(a)) => e.compare(&a) == Ordering::Equal,
            _ => text(expected, actual),
        },
        Class::Wallet => wallet(expected, actual),
        Class::Contact => contact(expected, actual),
        Class::Identity => match (when(expected), when(actual)) {
            (Some(e), Some(a)) => e.is(&a),
            _ if actual.contains(|c: char| c.is_numeric()) => {
                same(&letters(expected), &letters(actual))
            }
            _ => text(expected, actual),
        },
        Class::Public | Class::Account | Class::Security | Class::Internal => {
            match (when(expected), when(actual)) {
                (Some(e), Some(a)) => e.is(&a),
                _ => text(expected, actual),
            }
        }
    })
}

/// Takes as long for a near miss as for a far one of its length.
fn same(expected: &str, actual: &str) -> bool {
    !actual.is_empty() && bool::from(expected.as_bytes().ct_eq(actual.as_bytes()))
}

fn text(expected: &str, actual: &str) -> bool {
    same(&folded(expected), &folded(actual))
}

fn folded(text: &str) -> String {
    let lower: String = text
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ё' => 'е',
            '’' | '‘' | 'ʼ' | '`' => '\'',
            '‐' | '‑' | '–' => '-',
            c => c,
        })
        .collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters and digits alone, in upper case. NFKC would make letters of `№`.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| *c != '№')
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// A decimal number as people write one: grouped by spaces, a comma for the point where it cannot
/// be a thousand's, an exponent.
fn amount(text: &str) -> Option<Decimal> {
    if text.len() > 128 {
        return None;
    }
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '_' && *c != '\'')
        .collect();
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    let plain = match plain.split_once(',') {
        None => plain.to_owned(),
        // `1,234` may be either.
        Some((_, part)) if part.len() == 3 || part.contains([',', '.']) => return None,
        Some((whole, part)) => format!("{whole}.{part}"),
    };
    let (digits, exponent) = match plain.split_once(['e', 'E']) {
        None => (plain.as_str(), 0),
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
    };
    if exponent == 0 {
        return Decimal::parse(digits);
    }
    Decimal::parse(&shifted(digits, exponent)?)
}

/// `digits` with its point moved to the right.
fn shifted(digits: &str, by: i32) -> Option<String> {
    if by.abs() > EXPONENT {
        return None;
    }
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let zeros = "0".repeat(usize::try_from(by.abs()).ok()?);
    let (all, point) = if by > 0 {
        let point = whole.len() + usize::try_from(by).ok()?;
        (format!("{whole}{part}{zeros}"), point)
    } else {
        (format!("{zeros}{whole}{part}"), whole.len())
    };
    let (whole, part) = all.split_at_checked(point)?;
    Some(format!("{sign}0{whole}.{part}0"))
}

/// A day, and the time if one is said.
struct When {
    day: Date,
    time: Option<DateTime>,
}

impl When {
    fn is(&self, other: &Self) -> bool {
        match (self.time, other.time) {
            (Some(one), Some(two)) => one == two,
            _ => self.day == other.day,
        }
    }
}

/// `1990-05-17`, `17.05.1990`, `2026-11-22T10:04:00Z`, `2026-11-22 10:04:00`; in UTC.
fn when(text: &str) -> Option<When> {
    if !(8..=40).contains(&text.len()) || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let day = |day: Date| When { day, time: None };
    if let Some(date) = dotted(text) {
        return Some(day(date));
    }
    if text.len() == 10 {
        return text.replace('/', "-").parse::<Date>().ok().map(day);
    }
    let time = match text.parse::<Timestamp>() {
        Ok(instant) => instant.to_zoned(TimeZone::UTC).datetime(),
        Err(_no_zone) => text.parse::<DateTime>().ok()?,
    };
    Some(When {
        day: time.date(),
        time: Some(time),
    })
}

fn dotted(text: &str) -> Option<Date> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_date = parts.next().is_none() && year.len() == 4;
    if !is_date {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn contact(expected: &str, actual: &str) -> bool {
    if actual.contains('@') {
        return text(expected, actual);
    }
    if let Some(actual) = phone(actual) {
        return phone(expected).is_some_and(|expected| same_phone(&expected, &actual));
    }
    same(&words(expected), &words(actual))
}

/// The words of an address.
fn words(text: &str) -> String {
    let folded = folded(text);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A phone's digits, with its country if it says one.
fn phone(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let is_one = text
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-–().".contains(c));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix("00") {
        Some(rest) if !text.contains('+') => rest.to_owned(),
        _ => digits,
    };
    // The trunk prefix of Russia and Kazakhstan, which people write in the country's place.
    let digits = match digits.strip_prefix('8') {
        Some(rest) if rest.len() == 10 && !text.contains('+') => format!("7{rest}"),
        _ => digits,
    };
    (is_one && (PHONE..=15).contains(&digits.len())).then_some(digits)
}

fn same_phone(expected: &str, actual: &str) -> bool {
    // `0170…` is what follows one to three digits of a country.
    let national = |long: &str, short: &str| {
        let rest = short.strip_prefix('0').filter(|rest| rest.len() >= PHONE);
        rest.is_some_and(|rest| {
            let country = long.strip_suffix(rest).map_or(0, str::len);
            (1..=3).contains(&country)
        })
    };
    same(expected, actual) || national(expected, actual) || national(actual, expected)
}

fn wallet(expected: &str, actual: &str) -> bool {
    let hex = |text: &str| {
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let digits = digits.unwrap_or(text);
        let is_hex = digits.len() >= 16 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_hex.then(|| digits.to_ascii_lowercase())
    };
    if let (Some(expected), Some(actual)) = (hex(expected), hex(actual)) {
        return same(&expected, &actual);
    }
    if is_bech(expected) && is_bech(actual) {
        return same(&expected.to_ascii_lowercase(), &actual.to_ascii_lowercase());
    }
    same(expected, actual)
}

/// Whether `text` has the form of bech32 (BIP 173) or of a cash address: a readable part, its
/// separator, and characters of one alphabet in one case.
fn is_bech(text: &str) -> bool {
    const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = text.to_ascii_lowercase();
    let one_case = text == lower || text == text.to_ascii_uppercase();
    let parts = lower.rsplit_once(':').or_else(|| lower.rsplit_once('1'));
    one_case
        && parts.is_some_and(|(readable, data)| {
            !readable.is_empty()
                && readable.bytes().all(|b| b.is_ascii_graphic())
                && data.len() >= 14
                && data.chars().all(|c| ALPHABET.contains(c))
        })
}

#[cfg(test)]
mod tests {
    use super::{Class, Shape, equal};
    use proptest::prelude::*;

    fn is(class: Class, expected: &str, actual: &str) -> bool {
        equal(class, Shape::String, expected, actual) == Some(true)
    }

    #[test]
    fn one_value_written_in_two_ways() {
        for (class, expected, actual) in [
            (Class::Financial, "100", "100.0"),
            (Class::Financial, "1 000,50", "1000.5"),
            (Class::Financial, "+0.40000000", "0.4"),
            (Class::Financial, "1e-8", "0.00000001"),
            (Class::Financial, "12.5e3", "12500"),
            (Class::Contact, " Ivan@Mail.Example", "ivan@mail.example"),
            (Class::Contact, "8 (999) 123-45-67", "+79991234567"),
            (Class::Contact, "0044 20 7946 0018", "+44 20 7946 0018"),
            (Class::Contact, "0170 1234567", "+49 170 1234567"),
            (
                Class::Contact,
                "221b baker street london",
                "221B Baker Street, London",
            ),
            (Class::Identity, "ИВАН  ПЕТРОВ", "Иван Петров"),
            (Class::Identity, "Semёn O’Neil", "SEMЕN O'Neil"),
            (Class::Identity, "Fiancée", "Fiance\u{301}e"),
            (Class::Identity, "17.05.1990", "1990-05-17"),
            (Class::Identity, "1990-05-17", "1990-05-17T00:00:00Z"),
            (Class::Identity, "45 09 № 123-456", "4509123456"),
            (
                Class::Wallet,
                "0xAB00000000000000CD",
                "0xab00000000000000cd",
            ),
            (
                Class::Wallet,
                "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ",
                "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            ),
            (
                Class::Account,
                "2026-11-22T12:04:00+02:00",
                "2026-11-22T10:04:00Z",
            ),
            (Class::Account, "Succeed", "succeed"),
        ] {
            assert!(is(class, expected, actual), "{expected} {actual}");
        }
    }

    #[test]
    fn near_misses_are_misses() {
        for (class, expected, actual) in [
            (Class::Financial, "100.01", "100"),
            (Class::Financial, "0.30000000000000004", "0.3"),
            (Class::Financial, "-5", "5"),
            (Class::Financial, "1,234", "1.234"),
            (Class::Financial, "1e300", "1"),
            (Class::Contact, "ivan@mail.example.org", "ivan@mail.example"),
            (Class::Contact, "1234567", "+79991234567"),
            (Class::Contact, "9991234567", "+79991234567"),
            (Class::Contact, "+89991234567", "+79991234567"),
            (
                Class::Contact,
                "221 Baker Street, London",
                "221B Baker Street, London",
            ),
            (Class::Identity, "Петров Иван", "Иван Петров"),
            (Class::Identity, "", "Иван"),
            (Class::Identity, "05.17.1990", "1990-05-17"),
            (Class::Identity, "4509 123457", "4509123456"),
            (
                Class::Wallet,
                "1bvbmseystwetqtfn5au4m4gfg7xjanvn2",
                "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            ),
            (
                Class::Wallet,
                "bc1QAR0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
                "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            ),
            (Class::Account, "007", "7"),
            (Class::Account, "ord-7-1", "ord-71"),
            (
                Class::Account,
                "2026-11-22T10:04:01Z",
                "2026-11-22T10:04:00Z",
            ),
        ] {
            assert!(!is(class, expected, actual), "{expected} {actual}");
        }
    }

    #[test]
    fn of_nothing_nothing_is_told() {
        assert_eq!(
            equal(Class::Identity, Shape::String, "x", " \u{200b}"),
            None
        );
        assert_eq!(
            equal(Class::Identity, Shape::String, "x", &"x".repeat(2_000)),
            None
        );
        assert_eq!(equal(Class::Account, Shape::Integer, "7", "7"), Some(true));
        assert_eq!(
            equal(Class::Account, Shape::Integer, "7.0", "7"),
            Some(true)
        );
        assert_eq!(
            equal(Class::Account, Shape::Number, "seven", "7"),
            Some(false)
        );
        assert_eq!(
            equal(Class::Account, Shape::Number, "1e-8", "0.1e-7"),
            Some(true)
        );
    }

    proptest! {
        #[test]
        fn a_value_is_itself_and_any_text_is_read(value in ".{1,40}", other in ".{0,40}") {
            for class in Class::ALL {
                for shape in [Shape::String, Shape::Number] {
                    let found = equal(class, shape, &value, &value);
                    prop_assert!(found != Some(false) || shape == Shape::Number || value.trim().is_empty() || class == Class::Contact || class == Class::Identity);
                    let (one, two) = (equal(class, shape, &value, &other), equal(class, shape, &other, &value));
                    if let (Some(one), Some(two)) = (one, two) {
                        prop_assert!(one == two || class != Class::Financial);
                    }
                }
            }
        }

        #[test]
        fn amounts_are_equal_as_numbers(whole in 0..1_000_000_u64, part in "[0-9]{0,9}", zeros in 0..5_usize) {
            let one = format!("{whole}.{part}0");
            let two = format!("{}{whole}.{part}{}", "0".repeat(zeros), "0".repeat(zeros + 1));
            prop_assert!(is(Class::Financial, &one, &two));
            let other = format!("{whole}.{part}1");
            prop_assert!(!is(Class::Financial, &one, &other));
        }
    }
}
