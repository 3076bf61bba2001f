//! Calling codes with the lengths of their national numbers, and the national forms of a few.
//!
//! Source: ITU-T E.164 annex (list of assigned country codes) and the national plans filed with
//! the ITU. Lengths are those of the significant number, without trunk prefix.

/// A country whose national forms are read without context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    /// The North American plan: `(415) 555-0132`.
    NorthAmerica,
    /// Russia and Kazakhstan: `8 916 123-45-67`.
    Russia,
    /// Great Britain: `07700 900677`.
    Britain,
    /// Germany: `0151 23456789`.
    Germany,
}

impl Region {
    /// All of them: the default.
    pub const ALL: [Self; 4] = [
        Self::NorthAmerica,
        Self::Russia,
        Self::Britain,
        Self::Germany,
    ];

    /// The region of an ISO 3166 code such as `RU`.
    pub fn of(code: &str) -> Option<Self> {
        Some(match code.to_ascii_uppercase().as_str() {
            "US" | "CA" => Self::NorthAmerica,
            "RU" | "KZ" => Self::Russia,
            "GB" => Self::Britain,
            "DE" => Self::Germany,
            _ => return None,
        })
    }

    /// The E.164 digits of a number in this region's national form, by digits and grouping.
    pub(super) fn national(self, digits: &str, groups: &[usize]) -> Option<String> {
        let first = digits.chars().next()?;
        match self {
            Self::NorthAmerica => {
                let fits = matches!(groups, [3, 3, 4] | [3, 7] | [6, 4]) && north_american(digits);
                let long = matches!(groups, [1, 3, 3, 4])
                    && digits.strip_prefix('1').is_some_and(north_american);
                (fits.then(|| format!("1{digits}"))).or_else(|| long.then(|| digits.to_owned()))
            }
            Self::Russia => {
                let rest = digits.strip_prefix(['7', '8'])?;
                let area = matches!(rest.chars().next(), Some('3' | '4' | '8' | '9'));
                let grouped = matches!(groups, [1, 3..=5, ..] | [4, 3, ..]);
                let mobile = groups.len() == 1 && rest.starts_with('9');
                (rest.len() == 10 && area && (grouped || mobile)).then(|| format!("7{rest}"))
            }
            Self::Britain => {
                let fits = match groups {
                    [5, 6] | [5, 3, 3] => digits.starts_with("07") || digits.starts_with("01"),
                    [3, 4, 4] => digits.starts_with("02"),
                    [4, 3, 4] => digits.starts_with("01") || digits.starts_with("08"),
                    _ => false,
                };
                (first == '0' && fits && digits.len() == 11)
                    .then(|| format!("44{}", digits.trim_start_matches('0')))
            }
            Self::Germany => {
                let mobile = ["015", "016", "017"].iter().any(|p| digits.starts_with(p));
                let grouped = matches!(groups, [4, 7 | 8] | [4, _, _] | [4, _, _, _]);
                (mobile && grouped && (11..=12).contains(&digits.len()))
                    .then(|| format!("49{}", digits.trim_start_matches('0')))
            }
        }
    }
}

/// Ten digits: neither area nor exchange code begins with 0 or 1, nor is one of the service codes.
fn north_american(digits: &str) -> bool {
    let mut bytes = digits.bytes();
    let area = bytes.next();
    let exchange = digits.as_bytes().get(3).copied();
    digits.len() == 10
        && area.is_some_and(|b| b >= b'2')
        && exchange.is_some_and(|b| b >= b'2')
        && digits.get(1..3) != Some("11")
}

/// Whether `digits` are a calling code and a national number of one of its lengths.
pub(super) fn international(digits: &str) -> Option<()> {
    let (code, national) = split(digits)?;
    let fits = match code {
        "1" => north_american(national),
        "7" => national.len() == 10 && national.starts_with(['3', '4', '6', '7', '8', '9']),
        _ => true,
    };
    fits.then_some(())
}

/// The digits without the trunk `0` that some write in brackets after the calling code.
pub(super) fn without_trunk(digits: &str) -> Option<String> {
    let code = (1..=3).rev().find_map(|n| {
        let code = digits.get(..n)?;
        known(code).map(|_| code)
    })?;
    let rest = digits.get(code.len()..)?.strip_prefix('0')?;
    let whole = format!("{code}{rest}");
    international(&whole).map(|()| whole)
}

fn known(code: &str) -> Option<&'static (&'static str, usize, usize)> {
    CODES.iter().find(|(known, ..)| *known == code)
}

/// The calling code, and the national number if it has one of the code's lengths.
fn split(digits: &str) -> Option<(&str, &str)> {
    // Codes are prefix-free, so the first that fits is the one.
    let code = (1..=3).find_map(|n| known(digits.get(..n)?))?;
    let national = digits.get(code.0.len()..)?;
    (code.1..=code.2)
        .contains(&national.len())
        .then_some((code.0, national))
}

/// Code, shortest, longest national number.
#[rustfmt::skip]
const CODES: &[(&str, usize, usize)] = &[
    ("1", 10, 10), ("7", 10, 10), ("20", 8, 10), ("27", 9, 9), ("30", 10, 10), ("31", 9, 9), ("32", 8, 9),
    ("33", 9, 9), ("34", 9, 9), ("36", 8, 9), ("39", 6, 11), ("40", 9, 9), ("41", 9, 9), ("43", 7, 13),
    ("44", 9, 10), ("45", 8, 8), ("46", 7, 9), ("47", 8, 8), ("48", 9, 9), ("49", 7, 11), ("51", 8, 9),
    ("52", 10, 10), ("53", 8, 8), ("54", 10, 11), ("55", 10, 11), ("56", 9, 9), ("57", 8, 10), ("58", 10, 10),
    ("60", 8, 10), ("61", 9, 9), ("62", 8, 12), ("63", 8, 10), ("64", 8, 10), ("65", 8, 8), ("66", 8, 9),
    ("81", 9, 10), ("82", 8, 10), ("84", 9, 10), ("86", 9, 11), ("90", 10, 10), ("91", 10, 10), ("92", 9, 10),
    ("93", 9, 9), ("94", 9, 9), ("95", 7, 10), ("98", 10, 10), ("211", 9, 9), ("212", 9, 9), ("213", 8, 9),
    ("216", 8, 8), ("218", 9, 9), ("220", 7, 7), ("221", 9, 9), ("222", 8, 8), ("223", 8, 8), ("224", 9, 9),
    ("225", 10, 10), ("226", 8, 8), ("227", 8, 8), ("228", 8, 8), ("229", 8, 10), ("230", 7, 8), ("231", 7, 9),
    ("232", 8, 8), ("233", 9, 9), ("234", 8, 10), ("235", 8, 8), ("236", 8, 8), ("237", 8, 9), ("238", 7, 7),
    ("239", 7, 7), ("240", 9, 9), ("241", 7, 8), ("242", 9, 9), ("243", 7, 9), ("244", 9, 9), ("245", 7, 9),
    ("248", 7, 7), ("249", 9, 9), ("250", 9, 9), ("251", 9, 9), ("252", 7, 9), ("253", 8, 8), ("254", 9, 9),
    ("255", 9, 9), ("256", 9, 9), ("257", 8, 8), ("258", 8, 9), ("260", 9, 9), ("261", 9, 9), ("262", 9, 9),
    ("263", 8, 9), ("264", 8, 9), ("265", 7, 9), ("266", 8, 8), ("267", 7, 8), ("268", 8, 8), ("269", 7, 7),
    ("291", 7, 7), ("297", 7, 7), ("298", 6, 6), ("299", 6, 6), ("350", 8, 8), ("351", 9, 9), ("352", 6, 11),
    ("353", 7, 9), ("354", 7, 9), ("355", 8, 9), ("356", 8, 8), ("357", 8, 8), ("358", 6, 11), ("359", 8, 9),
    ("370", 8, 8), ("371", 8, 8), ("372", 7, 8), ("373", 8, 8), ("374", 8, 8), ("375", 9, 9), ("376", 6, 9),
    ("377", 8, 9), ("378", 6, 10), ("380", 9, 9), ("381", 8, 9), ("382", 8, 8), ("383", 8, 9), ("385", 8, 9),
    ("386", 8, 8), ("387", 8, 9), ("389", 8, 8), ("420", 9, 9), ("421", 9, 9), ("423", 7, 9), ("501", 7, 7),
    ("502", 8, 8), ("503", 8, 8), ("504", 8, 8), ("505", 8, 8), ("506", 8, 8), ("507", 7, 8), ("509", 8, 8),
    ("590", 9, 9), ("591", 8, 8), ("592", 7, 7), ("593", 8, 9), ("594", 9, 9), ("595", 9, 9), ("596", 9, 9),
    ("597", 6, 7), ("598", 8, 8), ("599", 7, 8), ("670", 7, 8), ("673", 7, 7), ("674", 7, 7), ("675", 7, 8),
    ("676", 5, 7), ("677", 5, 7), ("678", 5, 7), ("679", 7, 7), ("682", 5, 5), ("685", 5, 7), ("687", 6, 6),
    ("689", 6, 8), ("850", 8, 10), ("852", 8, 8), ("853", 8, 8), ("855", 8, 9), ("856", 8, 10), ("870", 9, 12),
    ("880", 8, 10), ("881", 8, 10), ("886", 8, 9), ("960", 7, 7), ("961", 7, 8), ("962", 8, 9), ("963", 8, 9),
    ("964", 8, 10), ("965", 8, 8), ("966", 8, 9), ("967", 7, 9), ("968", 8, 8), ("970", 8, 9), ("971", 8, 9),
    ("972", 8, 9), ("973", 8, 8), ("974", 7, 8), ("975", 7, 8), ("976", 8, 8), ("977", 8, 10), ("992", 9, 9),
    ("993", 8, 8), ("994", 9, 9), ("995", 9, 9), ("996", 9, 9), ("998", 9, 9),
];

#[cfg(test)]
mod tests {
    use super::{CODES, Region, international, without_trunk};

    #[test]
    fn no_code_begins_another() {
        for (code, shortest, longest) in CODES {
            assert!(shortest <= longest && code.len() + longest <= 16);
            let begun = CODES
                .iter()
                .filter(|(other, ..)| other.starts_with(code))
                .count();
            assert_eq!(begun, 1, "{code}");
        }
    }

    #[test]
    fn codes_and_lengths_decide() {
        assert!(international("79161234567").is_some());
        assert!(international("7916123456").is_none());
        assert!(international("14155550132").is_some());
        assert!(international("10155550132").is_none());
        assert!(international("9991234567").is_none());
        assert_eq!(
            without_trunk("460892857138").as_deref(),
            Some("46892857138")
        );
        assert_eq!(Region::of("kz"), Some(Region::Russia));
    }
}
