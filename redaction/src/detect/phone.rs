//! Telephone numbers.
//!
//! Groups of digits with single spaces, dots, dashes and brackets between, and an extension.
//! International form (`+`, `00`, `011`) by calling code and length ([`plan`]); national forms by
//! the grouping of the regions asked for; anything of seven to twelve digits beside a word for
//! telephone. Sources: ITU-T E.164 and its list of assigned codes, the North American plan's rule
//! for area and exchange codes, Russia's and Kazakhstan's common plan.
//! Near misses that must not fire: dates, amounts, decimals, order ids, parts of a GUID.
//! Limits: inside a country only lengths are checked, not which ranges are in use; a bare run of
//! digits without `+` needs context or a Russian mobile prefix; numbers in words are not read.

pub(crate) mod plan;

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan, Token};
pub use plan::Region;

const NAME: &str = "phone";
/// The most groups of one number.
const GROUPS: usize = 9;
/// How far a word for telephone may stand before and after.
const BEFORE: usize = 32;
const AFTER: usize = 12;

/// The digits of a candidate, with how they were written.
struct Number {
    start: usize,
    end: usize,
    plus: bool,
    digits: String,
    /// The lengths of its groups.
    groups: Vec<usize>,
    /// Only dots stand between.
    dotted: bool,
    bracket: bool,
}

type Verdict = Option<(Confidence, &'static str, String)>;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let (mut at, mut after) = (0, 0);
    while let Some(token) = scan.tokens.get(at) {
        scan.spend(2);
        // No national form begins with one digit but a trunk prefix.
        let lead = token.end - token.start > 1
            || scan.tokens.get(at + 1).is_some_and(|t| t.end - t.start > 2)
                && matches!(scan.byte(token.start), Some(b'1' | b'7' | b'8'))
            || matches!(scan.char_before(token.start), Some('+' | '('));
        if !token.digits || token.end - token.start > 15 || !lead {
            at += 1;
            continue;
        }
        let number = number(scan, scan.tokens.get(at..).unwrap_or_default());
        let groups = number.groups.len().max(1);
        let Some((confidence, reason, canonical)) = judge(scan, &number, after) else {
            at += 1;
            continue;
        };
        let end = extension(scan, number.end).unwrap_or(number.end);
        hits.push(Hit {
            start: number.start,
            end,
            kind: Kind::Phone,
            detector: NAME,
            confidence,
            reason,
            canonical: Some(canonical),
        });
        at += groups;
        after = end;
    }
}

/// The widest candidate that begins with the first token.
fn number(scan: &Scan<'_>, tokens: &[Token]) -> Number {
    let first = tokens.first().map_or(0, |t| t.start);
    let lead = scan.char_before(first);
    let open = usize::from(lead == Some('('));
    let plus = first
        .checked_sub(open + 1)
        .is_some_and(|at| scan.byte(at) == Some(b'+'));
    let mut number = Number {
        start: first - open - usize::from(plus),
        end: first,
        plus,
        digits: String::new(),
        groups: Vec::new(),
        dotted: true,
        bracket: open > 0,
    };
    let mut wide = 0;
    for (n, token) in tokens.iter().take(GROUPS).enumerate() {
        scan.spend(3);
        let gap = scan.slice(number.end, token.start);
        let size = if token.digits {
            token.end - token.start
        } else {
            before_extension(scan.lower(token.start, token.end)).unwrap_or(0)
        };
        if n > 0 && !joint(gap) || !(1..=15).contains(&size) || number.digits.len() + size > 17 {
            break;
        }
        // A second wide gap begins another number.
        wide += usize::from(n > 0 && gap.len() > 1 && !gap.contains(['(', ')', '-', '–']));
        if wide > 1 {
            break;
        }
        number.bracket |= gap.contains('(') || gap.contains(')');
        number.dotted &= n == 0 || gap == ".";
        number
            .digits
            .push_str(scan.slice(token.start, token.start + size));
        number.groups.push(size);
        number.end = token.start + size;
        if !token.digits {
            break;
        }
    }
    number
}

/// How many digits of `5272x565` are the number's.
fn before_extension(word: &str) -> Option<usize> {
    let (digits, extension) = word.get(..12).unwrap_or(word).split_once('x')?;
    let all = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    (all(digits) && all(extension) && digits.len() >= 3).then_some(digits.len())
}

fn joint(gap: &str) -> bool {
    (1..=3).contains(&gap.chars().count())
        && gap.chars().all(|c| {
            matches!(
                c,
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{2010}' | '–' | '—'
            )
        })
        && gap.matches(' ').count() < 3
}

/// `x565`, `ext. 12`, `доб. 12` after the number.
fn extension(scan: &Scan<'_>, end: usize) -> Option<usize> {
    let rest = scan.lower(end, (end + 14).min(scan.len()));
    let rest = if rest.is_empty() {
        scan.ahead(end, 12)
    } else {
        rest
    };
    let trimmed = rest.trim_start_matches([' ', ',']);
    let word = ["extension", "ext.", "ext", "x", "доб.", "доб", "#"]
        .iter()
        .find(|w| trimmed.starts_with(**w))?;
    let after = trimmed.get(word.len()..)?;
    let digits = after.trim_start_matches([' ', ':']);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let skipped = rest.len() - digits.len();
    (1..=6).contains(&count).then_some(end + skipped + count)
}

fn judge(scan: &Scan<'_>, number: &Number, after: usize) -> Verdict {
    if !(7..=17).contains(&number.digits.len()) || glued(scan, number) {
        return None;
    }
    let said = scan.said_before(&[Sense::Phone], number.start, BEFORE)
        || scan.said_after(&[Sense::Phone], number.end, AFTER);
    let nearest = scan.cues_before(number.start, 24).next().map(|c| c.sense);
    let other = matches!(
        nearest,
        Some(
            Sense::Identifier | Sense::Card | Sense::NationalId | Sense::Passport | Sense::Licence
        )
    );
    // The tail of something longer: "DE89 3704 0044 0532".
    let tail = number.start > after + 2
        && matches!(scan.char_before(number.start), Some(' ' | '-'))
        && number
            .start
            .checked_sub(2)
            .and_then(|at| scan.byte(at))
            .is_some_and(|b| b.is_ascii_digit());
    if tail && !number.plus && !said {
        return None;
    }
    if let Some(e164) = international(number) {
        let fits = number.plus || !other;
        return fits.then_some((Confidence::Certain, "calling code and length", e164));
    }
    if other || unit(scan, number.end) || is_date(number) {
        return None;
    }
    if let Some(e164) = scan
        .regions
        .iter()
        .find_map(|region| region.national(&number.digits, &number.groups))
    {
        // Dots alone could part anything.
        if !number.dotted || matches!(number.groups.len(), 1 | 3) || said {
            return Some((Confidence::Likely, "a region's national form", e164));
        }
    }
    let skip = usize::from(number.plus);
    let plain = number.groups.iter().skip(skip).all(|g| *g >= 2) && number.digits.len() <= 12;
    (said && plain).then(|| {
        let digits = number.digits.clone();
        (
            Confidence::Possible,
            "digits beside a word for telephone",
            digits,
        )
    })
}

/// `+46 (0)8 928 571 38` as its E.164 digits, if the calling code has numbers of that length.
fn international(number: &Number) -> Option<String> {
    let digits = if number.plus {
        number.digits.as_str()
    } else if number.groups.first().is_some_and(|g| *g >= 2) {
        let rest = number.digits.strip_prefix("00");
        rest.or_else(|| number.digits.strip_prefix("011"))
            .filter(|_| number.digits.len() >= 11)?
    } else {
        return None;
    };
    let whole = plan::international(digits).map(|()| digits.to_owned());
    whole.or_else(|| plan::without_trunk(digits).filter(|_| number.bracket))
}

/// Part of a longer thing, or an amount.
fn glued(scan: &Scan<'_>, number: &Number) -> bool {
    let before = scan.char_before(number.start);
    let two = number.start.checked_sub(2).and_then(|at| scan.byte(at));
    let left = match before {
        Some('.' | ',' | '-' | '/' | '+') => two.is_some_and(|b| b.is_ascii_alphanumeric()),
        Some('#' | '№' | '$' | '€' | '£' | '₽' | '_' | '&' | '*') => true,
        // An identifier in an address: "?id=9161234567".
        Some('=') => two.is_some_and(|b| b.is_ascii_alphanumeric()) && !number.plus,
        // "звоните+7916…": letters may stand before a plus.
        Some(c) => c.is_ascii_alphanumeric() || !number.plus && c.is_alphanumeric(),
        None => false,
    };
    let mut rest = scan.ahead(number.end, 3).chars();
    let right = match rest.next() {
        Some('.' | ',' | ':' | '/' | '-' | '+' | '\'') => {
            rest.next().is_some_and(|c| c.is_ascii_alphanumeric())
        }
        Some('%' | '$' | '€' | '£' | '₽' | '_' | '@') => true,
        Some(c) => c.is_alphanumeric() && c != 'x',
        None => false,
    };
    left || right
}

/// `2026-01-23 13`, `12.05.1990`.
fn is_date(number: &Number) -> bool {
    let year = number.digits.starts_with("19") || number.digits.starts_with("20");
    (year && matches!(number.groups.as_slice(), [4, 2, 2, ..]))
        || matches!(
            number.groups.as_slice(),
            [4, 2, 2] | [2, 2, 4, ..] | [1, 1 | 2, 4] | [2, 1, 4] | [4, 4, 4, ..]
        ) && !number.plus
}

fn unit(scan: &Scan<'_>, end: usize) -> bool {
    let next = scan.token_at(end);
    scan.tokens
        .get(next)
        .filter(|t| t.start - end <= 1)
        .is_some_and(|t| UNITS.contains(&scan.lower(t.start, t.end)))
}

#[rustfmt::skip]
const UNITS: &[&str] = &[
    "usdt", "usdc", "usd", "btc", "eth", "eur", "rub", "руб", "рублей", "рубля", "долларов", "евро", "euro",
    "euros", "dollars", "pounds", "gbp", "trx", "ton", "sol", "sats", "satoshi", "wei", "gwei", "xrp", "doge",
    "ltc", "bnb", "shib", "blocks", "confirmations", "тысяч", "млн", "ms", "bytes",
];

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn numbers_in_many_dresses() {
        for number in [
            "+1 415 555 0132",
            "(415) 555-0132",
            "415-555-0132",
            "415.555.0132",
            "+7 (916) 123-45-67",
            "8 916 123 45 67",
            "8(916)123-45-67",
            "89161234567",
            "+79161234567",
            "+44 20 7946 0958",
            "07700 900677",
            "+49 30 901820",
            "+46 (0)8 928 571 38",
            "001-518-640-0854",
            "+1-604-696-5272x565",
            "+380 44 123 45 67",
            "+971 50 123 4567",
        ] {
            assert_eq!(found(&format!("так, {number}, да")), [number], "{number}");
            assert_eq!(kinds(&format!("({number})")), [Kind::Phone], "{number}");
        }
        for (text, number) in [
            ("Phone:\n60-56-85-91\n", "60-56-85-91"),
            ("my phone is 467 3395", "467 3395"),
            ("781 1704 office", "781 1704"),
            ("тел. 123-45-67", "123-45-67"),
            ("meine Handynummer: 0151 23456789", "0151 23456789"),
        ] {
            assert_eq!(found(text), [number], "{text}");
        }
    }

    #[test]
    fn near_misses_do_not_fire() {
        for text in [
            "order 9161234567",
            "ордер 89161234567",
            "I sent 1 000 000 USDT",
            "at 2026-01-23 13:15:00",
            "1234567.89",
            "block 21 345 678",
            "8f14e45f-0319-4938-9161-234567890123",
            "withdrawal #4155550132",
            "id=4155550132",
            "12.05.1990 and 2024-01-15",
            "1700000000000",
            "+10% and +1000000 points",
            "from 100-200 to 300-4000",
            "0.4155550132 BTC",
            "4155550132",
            "v1.415.555.0132.9",
        ] {
            assert!(!kinds(text).contains(&Kind::Phone), "{text}");
        }
    }
}
