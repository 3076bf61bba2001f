//! E-mail addresses.
//!
//! RFC 5322's dot-atom as it is met in practice, with letters of any script (RFC 6531), and a
//! domain of at least two labels (RFC 1123, `xn--` too). `name (at) host (dot) org` in brackets
//! is read as well. Limits: quoted local parts, address literals and single-label hosts are not.

use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};

const LOCAL: usize = 64;
const DOMAIN: usize = 253;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let text = scan.slice(0, scan.len());
    let mut floor = 0;
    for (at, sign) in text.match_indices('@') {
        scan.spend(8);
        floor = address(scan, at, at + sign.len(), floor, hits).unwrap_or(floor);
    }
    floor = 0;
    for (at, sign) in text.match_indices(['(', '[']) {
        let word = scan.lower(at, at + 4);
        if matches!(word, "(at)" | "[at]") {
            let from = trimmed_before(scan, at);
            let to = at + 4 + usize::from(scan.byte(at + 4) == Some(b' '));
            scan.spend(sign.len() * 16);
            floor = address(scan, from, to, floor, hits).unwrap_or(floor);
        }
    }
}

fn trimmed_before(scan: &Scan<'_>, at: usize) -> usize {
    match at.checked_sub(1) {
        Some(before) if scan.byte(before) == Some(b' ') => before,
        _ => at,
    }
}

/// Reports the address whose sign stands at `from..to`, not reaching back before `floor`; gives
/// its end.
fn address(
    scan: &Scan<'_>,
    from: usize,
    to: usize,
    floor: usize,
    hits: &mut Vec<Hit>,
) -> Option<usize> {
    let start = local(scan, from, floor)?;
    let end = domain(scan, to)?;
    hits.push(Hit {
        start,
        end,
        kind: Kind::Email,
        detector: "email",
        confidence: Confidence::Certain,
        reason: "address form",
        canonical: Some(canonical(scan.lower(start, end))),
    });
    Some(end)
}

fn canonical(lower: &str) -> String {
    ["(at)", "[at]"]
        .iter()
        .fold(lower.replace(' ', ""), |s, at| s.replace(at, "@"))
        .replace("(dot)", ".")
        .replace("[dot]", ".")
}

fn local(scan: &Scan<'_>, sign: usize, floor: usize) -> Option<usize> {
    let text = scan.slice(floor, sign);
    let mut start = sign;
    for (steps, c) in text.chars().rev().enumerate() {
        scan.spend(1);
        let fits = c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'' | '&');
        if !fits {
            break;
        }
        if steps >= LOCAL {
            return None;
        }
        start -= c.len_utf8();
    }
    let word = scan.slice(start, sign);
    let inner = word.trim_start_matches(['.', '\'', '-', '&', '%', '+']);
    (!inner.is_empty() && !inner.ends_with('.') && !inner.contains(".."))
        .then_some(start + (word.len() - inner.len()))
}

fn domain(scan: &Scan<'_>, from: usize) -> Option<usize> {
    let (mut at, mut labels, mut end) = (from, 0_usize, from);
    let mut last = "";
    loop {
        let label: usize = scan
            .ahead(at, 64)
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '-')
            .map(char::len_utf8)
            .sum();
        scan.spend(label + 1);
        let text = scan.slice(at, at + label);
        let inner = text.trim_end_matches('-');
        if inner.is_empty() || inner.starts_with('-') || at - from > DOMAIN || label > 63 {
            break;
        }
        (labels, end, last) = (labels + 1, at + inner.len(), inner);
        if inner.len() < label {
            break;
        }
        match dot(scan, end) {
            Some(next) => at = next,
            None => break,
        }
    }
    let top = last.starts_with("xn--") || last.chars().all(char::is_alphabetic);
    (labels >= 2 && top && last.chars().nth(1).is_some()).then_some(end)
}

/// The end of a dot at `at`, also one written out.
fn dot(scan: &Scan<'_>, at: usize) -> Option<usize> {
    if scan.byte(at) == Some(b'.') {
        return Some(at + 1);
    }
    let rest = scan.lower(at, (at + 7).min(scan.len()));
    let trimmed = rest.trim_start_matches(' ');
    let skip = rest.len() - trimmed.len();
    (skip <= 1 && (trimmed.starts_with("(dot)") || trimmed.starts_with("[dot]"))).then(|| {
        let end = at + skip + 5;
        end + usize::from(scan.byte(end) == Some(b' '))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn addresses_are_found_whole() {
        for address in [
            "ivan.petrov+x@mail.example.ru",
            "user@xn--80ak6aa92e.com",
            "a@xn--d1acufc.xn--p1ai",
            "почта@пример.рф",
            "o'neil_99@sub-domain.co.uk",
            "ivan (at) mail (dot) ru",
        ] {
            assert_eq!(found(&format!("пиши на {address}, спасибо")), [address]);
            assert_eq!(found(&format!("<{address}>")), [address]);
        }
        assert_eq!(found("mailto:a.b@c.de."), ["a.b@c.de"]);
        assert_eq!(found("a@b.com,c@d.org").len(), 2);
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "info@presidio.",
            "@support",
            "a@b",
            "5 BTC @ 70.000",
            "x@1.2",
            "hello-world",
            "@@@@",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
