//! Exact comparison of decimal numbers, as amounts are: no floating point decides about money.

use serde_json::Value;
use std::cmp::Ordering;

/// A decimal number: sign, digits before the point without leading zeros, digits after it
/// without trailing zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    whole: String,
    part: String,
}

impl Decimal {
    /// Reads `-12.50`; no exponent, no sign but `-`, digits on both sides of a point.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(part) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let part = part.trim_end_matches('0').to_owned();
        let negative = negative && !(whole.is_empty() && part.is_empty());
        Some(Self {
            negative,
            whole,
            part,
        })
    }

    /// The number of a JSON number or of a string that is one.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::String(text) => Self::parse(text),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Its order to `other`.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        // Without leading zeros a longer whole part is a larger one; without trailing zeros the
        // order of the parts after the point is that of their text.
        let length = self.whole.len().cmp(&other.whole.len());
        length
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.part.cmp(&other.part))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self {
            negative: number < 0,
            whole: match number {
                0 => String::new(),
                _ => number.unsigned_abs().to_string(),
            },
            part: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in [
            "", "-", ".5", "5.", "1e5", "+1", "1 ", "0x1", "١", "--1", "1.2.3", "NaN",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse("-0.0"), Decimal::parse("000"));
        assert_eq!(Decimal::of(&serde_json::json!(1e300)), None);
    }

    #[test]
    fn order_is_exact_where_floats_are_not() {
        let order = |a, b| {
            Decimal::parse(a)
                .unwrap()
                .compare(&Decimal::parse(b).unwrap())
        };
        assert_eq!(order("0.30000000000000004", "0.3"), Ordering::Greater);
        assert_eq!(order("9", "10"), Ordering::Less);
        assert_eq!(order("-9", "-10"), Ordering::Greater);
        assert_eq!(order("0.05", "0.5"), Ordering::Less);
        assert_eq!(order("100.0", "100"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn integers_keep_their_order(a: i64, b: i64) {
            let text = |n: i64| Decimal::parse(&n.to_string()).unwrap();
            prop_assert_eq!(text(a).compare(&text(b)), a.cmp(&b));
            prop_assert_eq!(text(a), Decimal::from(a));
        }
    }
}
