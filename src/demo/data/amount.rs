//! Money without floating point: hundred-millionths, printed as Peatio prints decimals.

use std::fmt;
use std::iter::Sum;

use serde::{Serialize, Serializer};

const SCALE: i64 = 100_000_000;

/// An amount in hundred-millionths of its currency; `0.4` in JSON is the string `"0.4"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

impl Amount {
    /// So many hundred-millionths.
    pub const fn units(units: i64) -> Self {
        Self(units)
    }

    /// So many thousandths.
    pub const fn milli(thousandths: i64) -> Self {
        Self(thousandths.saturating_mul(SCALE / 1_000))
    }

    /// So many whole ones.
    pub const fn whole(whole: i64) -> Self {
        Self(whole.saturating_mul(SCALE))
    }

    /// In hundred-millionths.
    pub const fn as_units(self) -> i64 {
        self.0
    }

    /// The sum, saturating.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, saturating.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The product, rounded down, saturating.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let product = i128::from(self.0) * i128::from(other.0) / i128::from(SCALE);
        Self(i64::try_from(product).unwrap_or(i64::MAX))
    }

    /// The quotient, rounded towards zero; zero where the divisor is.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        let quotient = (i128::from(self.0) * i128::from(SCALE)).checked_div(i128::from(other.0));
        Self(quotient.map_or(0, |it| i64::try_from(it).unwrap_or(i64::MAX)))
    }

    /// The amount that a decimal number says, of at most eight decimals; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
        if whole.is_empty() || rest.len() > 8 || !digits(whole) || !digits(rest) {
            return None;
        }
        let units: i64 = format!("{rest:0<8}").parse().ok()?;
        let whole: i64 = whole.parse().ok()?;
        Some(Self(whole.checked_mul(SCALE)?.checked_add(units)?))
    }

    /// Cut to so many decimals.
    #[must_use]
    pub fn cut(self, decimals: u32) -> Self {
        let step = 10_i64.saturating_pow(8_u32.saturating_sub(decimals));
        Self(self.0 - self.0.checked_rem(step).unwrap_or(0))
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Self::plus)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = SCALE.unsigned_abs();
        let (whole, rest) = (self.0.unsigned_abs() / scale, self.0.unsigned_abs() % scale);
        let rest = format!("{rest:08}");
        let rest = rest.trim_end_matches('0');
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(
            f,
            "{sign}{whole}.{}",
            if rest.is_empty() { "0" } else { rest }
        )
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_as_ruby_prints_decimals() {
        assert_eq!(Amount::milli(400).to_string(), "0.4");
        assert_eq!(Amount::whole(12).to_string(), "12.0");
        assert_eq!(Amount::units(-50_000).to_string(), "-0.0005");
        assert_eq!(Amount::units(1).to_string(), "0.00000001");
        assert_eq!(
            serde_json::to_string(&Amount::milli(1_500)).unwrap(),
            "\"1.5\""
        );
    }

    #[test]
    fn what_is_printed_is_read() {
        for units in [0, 1, 40_000_000, 123_456_789_012] {
            let amount = Amount::units(units);
            assert_eq!(Amount::parse(&amount.to_string()), Some(amount));
        }
        assert_eq!(Amount::parse("58500"), Some(Amount::whole(58_500)));
        for bad in [
            "",
            ".5",
            "-1",
            "1e3",
            "1.123456789",
            "1,5",
            "99999999999999999999",
        ] {
            assert_eq!(Amount::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn arithmetic_saturates_and_divides_by_nothing() {
        let most = Amount::units(i64::MAX);
        assert_eq!(most.plus(most), most);
        assert_eq!(most.times(most), most);
        assert_eq!(most.over(Amount::default()), Amount::default());
        assert_eq!(
            Amount::milli(2_500).times(Amount::whole(4)),
            Amount::whole(10)
        );
        assert_eq!(
            Amount::whole(1).over(Amount::whole(3)).cut(2),
            Amount::milli(330)
        );
    }
}
