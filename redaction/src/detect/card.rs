//! Payment card numbers, and the verification value written after one.
//!
//! Luhn (ISO/IEC 7812-1) and issuer ranges with their lengths: Visa, Mastercard, American
//! Express, Discover, Diners, JCB, `UnionPay`, Mir, Maestro. Digits may stand in groups with one
//! kind of space or dash between. Issuers whose ranges are wide (Maestro, old JCB) need a
//! context word; a number called an order or a transaction needs groups.
//! Limit: one order id in ten that looks like a card passes Luhn too.

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Run, Scan};

const NAME: &str = "card";
const SHORTEST: usize = 12;
const LONGEST: usize = 19;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let groups: Vec<Run> = scan
        .tokens
        .iter()
        .filter(|t| t.digits)
        .map(|t| Run {
            start: t.start,
            end: t.end,
        })
        .collect();
    scan.spend(scan.tokens.len());
    let mut at = 0;
    while let Some(rest) = groups.get(at..).filter(|r| !r.is_empty()) {
        let taken = longest(scan, rest);
        if let Some((count, whole, confidence)) = taken {
            hits.push(Hit {
                start: whole.start,
                end: whole.end,
                kind: Kind::CreditCard,
                detector: NAME,
                confidence,
                reason: "issuer range, length and Luhn digit",
                canonical: Some(
                    digits(scan.slice(whole.start, whole.end))
                        .into_iter()
                        .map(|d| char::from(b'0' + d))
                        .collect(),
                ),
            });
            verification(scan, rest.get(count..).unwrap_or_default(), whole.end, hits);
            at += count;
        } else {
            at += 1;
        }
    }
}

/// The longest run of groups from the first on that is a card number.
fn longest(scan: &Scan<'_>, groups: &[Run]) -> Option<(usize, Run, Confidence)> {
    let first = groups.first()?;
    if glued_before(scan, first.start) {
        return None;
    }
    let (mut total, mut joint, mut best) = (0, None, None);
    let mut end = first.start;
    for (at, group) in groups.iter().take(LONGEST).enumerate() {
        scan.spend(group.len().min(LONGEST) + 2);
        if at > 0 {
            let gap = scan.slice(end, group.start);
            let fits = matches!(gap, " " | "-" | "\u{a0}" | "  " | ".")
                && *joint.get_or_insert(gap) == gap;
            if !fits {
                break;
            }
        }
        total += group.len();
        end = group.end;
        if total > LONGEST {
            break;
        }
        if total < SHORTEST || glued_after(scan, end) {
            continue;
        }
        let whole = Run {
            start: first.start,
            end,
        };
        // Groups of a card have two digits at least; a list of small numbers is none.
        let grouped = groups.iter().take(at + 1).all(|g| g.len() >= 2) && at < 8;
        if grouped && let Some(confidence) = judge(scan, whole, at > 0) {
            best = Some((at + 1, whole, confidence));
        }
    }
    best
}

fn glued_before(scan: &Scan<'_>, at: usize) -> bool {
    match scan.char_before(at) {
        Some('.' | ',' | '_' | '/') => at
            .checked_sub(2)
            .and_then(|before| scan.byte(before))
            .is_some_and(|b| b.is_ascii_alphanumeric()),
        Some('-') => at
            .checked_sub(2)
            .and_then(|before| scan.byte(before))
            .is_some_and(|b| b.is_ascii_hexdigit()),
        _ => false,
    }
}

fn glued_after(scan: &Scan<'_>, at: usize) -> bool {
    let next = scan.byte(at + 1);
    match scan.byte(at) {
        Some(b'.' | b',') => next.is_some_and(|b| b.is_ascii_digit()),
        Some(b'_' | b'@') => true,
        Some(b'-') => next.is_some_and(|b| b.is_ascii_alphabetic()),
        _ => false,
    }
}

fn digits(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|b| b - b'0')
        .collect()
}

fn judge(scan: &Scan<'_>, whole: Run, grouped: bool) -> Option<Confidence> {
    let digits = digits(scan.slice(whole.start, whole.end));
    if !luhn(&digits) || digits.iter().all(|d| *d == 0) {
        return None;
    }
    let said = scan.said_before(&[Sense::Card, Sense::Cvv], whole.start, 60)
        || scan.said_after(&[Sense::Card, Sense::Cvv], whole.end, 40);
    let identifier = scan
        .cues_before(whole.start, 24)
        .next()
        .is_some_and(|c| c.sense == Sense::Identifier);
    match issuer(&digits) {
        Some(Range::Narrow) if said => Some(Confidence::Certain),
        Some(Range::Narrow) => (grouped || !identifier).then_some(Confidence::Likely),
        Some(Range::Wide) => (said && !identifier).then_some(Confidence::Likely),
        None => None,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(*digit) << (at % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// How much the issuer's range says.
enum Range {
    /// Enough.
    Narrow,
    /// Not enough without context.
    Wide,
}

fn issuer(digits: &[u8]) -> Option<Range> {
    let head = digits
        .iter()
        .take(4)
        .fold(0_u32, |n, d| n * 10 + u32::from(*d));
    let length = digits.len();
    let narrow = match head {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => length == 16,
        3400..=3499 | 3700..=3799 => length == 15,
        2200..=2204 | 3528..=3589 | 6011 | 6200..=6299 | 6440..=6599 | 8100..=8199 => {
            (16..=19).contains(&length)
        }
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => length == 14,
        _ => false,
    };
    if narrow {
        return Some(Range::Narrow);
    }
    let wide = match head {
        5000..=5099 | 5600..=5899 | 6000..=6999 => (12..=19).contains(&length),
        1800 | 2131 => length == 15,
        3500..=3599 | 2000..=2999 => length == 16,
        3000..=3099 | 3600..=3999 => (14..=19).contains(&length),
        4000..=4999 => (13..=19).contains(&length),
        _ => false,
    };
    wide.then_some(Range::Wide)
}

/// `4111 1111 1111 1111 12/27 123`: three digits after a card and its expiry date.
fn verification(scan: &Scan<'_>, groups: &[Run], end: usize, hits: &mut Vec<Hit>) {
    let [month, year, value, ..] = groups else {
        return;
    };
    let sizes = (month.len(), year.len(), value.len());
    let near = month.start - end <= 16 && value.start - year.end <= 8;
    let date = matches!(scan.slice(month.end, year.start).trim(), "/" | "-" | ".");
    let last = scan
        .char_after(value.end)
        .is_none_or(|c| !matches!(c, '.' | ':' | '/'));
    if near && date && last && matches!(sizes, (1 | 2, 2 | 4, 3 | 4)) {
        hits.push(Hit {
            start: value.start,
            end: value.end,
            kind: Kind::Cvv,
            detector: NAME,
            confidence: Confidence::Likely,
            reason: "follows a card number and its expiry date",
            canonical: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn cards_in_any_spacing() {
        for card in [
            "4012888888881881",
            "4012-8888-8888-1881",
            "4012 8888 8888 1881",
            "378282246310005",
            "3782 822463 10005",
            "5555555555554444",
            "2200 0000 0000 0004",
            "6011111111111117",
            "3530111333300000",
            "4131034282458809939",
        ] {
            assert_eq!(found(&format!("pay with {card}, please")), [card], "{card}");
        }
        assert_eq!(found("card 503802053770 on my"), ["503802053770"]);
        assert_eq!(found("４０１２ ８８８８ ８８８８ １８８１").len(), 1);
    }

    #[test]
    fn the_value_after_the_date_goes_too() {
        assert_eq!(
            kinds("4111 1111 1111 1111 12/27 123"),
            [Kind::CreditCard, Kind::Cvv]
        );
    }

    #[test]
    fn not_every_sixteen_digits() {
        for text in [
            "4012888888881882",
            "order 4012888888881881",
            "ордер 503802053770",
            "503802053770",
            "0000000000000000",
            "at 1700000000000 ms",
            "0.4012888888881881 BTC",
            "8f14e45f-4012888888881881-aa",
            "4 0 1 2 8 8 8 8 8 8 8 8 1 8 8 1",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
