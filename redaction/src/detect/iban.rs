//! International bank account numbers.
//!
//! ISO 13616: country code, two check digits, a length for every country, mod 97. In groups with
//! single spaces or dashes, in upper or lower case throughout. Source: the SWIFT registry's lengths.
//! Limit: the registry's patterns inside the account part are not checked; mod 97 is.

use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan, Token};

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let mut after = 0;
    for (at, token) in scan.tokens.iter().enumerate() {
        scan.spend(4);
        if token.start < after {
            continue;
        }
        let rest = scan.tokens.get(at..).unwrap_or_default();
        if let Some(end) = number(scan, rest) {
            hits.push(Hit {
                start: token.start,
                end,
                kind: Kind::Iban,
                detector: "iban",
                confidence: Confidence::Certain,
                reason: "country length and mod 97",
                canonical: Some(compact(scan.slice(token.start, end))),
            });
            after = end;
        }
    }
}

fn compact(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// The end of the number that begins with the first token.
fn number(scan: &Scan<'_>, tokens: &[Token]) -> Option<usize> {
    let first = tokens.first()?;
    let head = scan.slice(first.start, (first.start + 4).min(first.end));
    let [a, b, c, d] = *head.as_bytes() else {
        return None;
    };
    if !(a.is_ascii_alphabetic()
        && b.is_ascii_alphabetic()
        && c.is_ascii_digit()
        && d.is_ascii_digit())
    {
        return None;
    }
    let country = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
    let length = LENGTHS
        .iter()
        .find(|(code, _)| code.as_bytes() == country)?
        .1;
    let mut total = 0;
    let mut end = first.start;
    for token in tokens.iter().take(length) {
        scan.spend(4);
        let gap = token.start - end;
        if total > 0 && (gap != 1 || !matches!(scan.byte(end), Some(b' ' | b'-'))) {
            return None;
        }
        total += token.end - token.start;
        end = token.end;
        if total > length {
            return None;
        }
        if total == length {
            // A group more, and it is some longer number; a word may follow.
            let text = compact(scan.slice(first.start, end));
            return (one_case(scan.slice(first.start, end)) && mod97(&text)).then_some(end);
        }
    }
    None
}

fn one_case(text: &str) -> bool {
    text.bytes().all(|b| !b.is_ascii_lowercase()) || text.bytes().all(|b| !b.is_ascii_uppercase())
}

fn mod97(text: &str) -> bool {
    let Some((head, tail)) = text.split_at_checked(4) else {
        return false;
    };
    let remainder = tail
        .bytes()
        .chain(head.bytes())
        .fold(0_u32, |n, b| match b {
            b'0'..=b'9' => (n * 10 + u32::from(b - b'0')) % 97,
            _ => (n * 100 + u32::from(b.to_ascii_uppercase().wrapping_sub(b'A')) + 10) % 97,
        });
    remainder == 1
}

#[rustfmt::skip]
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16),
    ("BG", 22), ("BH", 22), ("BI", 27), ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22),
    ("CY", 28), ("CZ", 24), ("DE", 22), ("DJ", 27), ("DK", 18), ("DO", 28), ("EE", 20),
    ("EG", 29), ("ES", 24), ("FI", 18), ("FK", 18), ("FO", 18), ("FR", 27), ("GB", 22),
    ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27), ("GT", 28), ("HN", 28), ("HR", 21),
    ("HU", 28), ("IE", 22), ("IL", 23), ("IQ", 23), ("IS", 26), ("IT", 27), ("JO", 30),
    ("KW", 30), ("KZ", 20), ("LB", 28), ("LC", 32), ("LI", 21), ("LT", 20), ("LU", 20),
    ("LV", 21), ("LY", 25), ("MC", 27), ("MD", 24), ("ME", 22), ("MK", 19), ("MN", 20),
    ("MR", 27), ("MT", 31), ("MU", 30), ("NI", 28), ("NL", 18), ("NO", 15), ("OM", 23),
    ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22),
    ("RU", 33), ("SA", 24), ("SC", 31), ("SD", 18), ("SE", 24), ("SI", 19), ("SK", 24),
    ("SM", 27), ("SO", 23), ("ST", 25), ("SV", 28), ("TL", 23), ("TN", 24), ("TR", 26),
    ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20), ("YE", 30),
];

#[cfg(test)]
mod tests {
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn accounts_in_groups_and_without() {
        for iban in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "de89 3704 0044 0532 0130 00",
            "GB29-NWBK-6016-1331-9268-19",
            "MT84MALT011000012345MTLCAST001S",
            "NO9386011117947",
        ] {
            assert_eq!(found(&format!("на {iban} завтра")), [iban]);
        }
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "DE89370400440532013001",
            "DE8937040044053201300",
            "LV80 bANK 0000 4351 9500 1",
            "IL15 0120 6900 0000 3111 0120 6900 0000 3111 141",
            "AL47/2121/1009/0000/0002/3569/8741",
            "XX89370400440532013000",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
