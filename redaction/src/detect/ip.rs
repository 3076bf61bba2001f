//! Internet addresses.
//!
//! Version 4: four numbers up to 255 with dots (RFC 6943 §3.1.1's strict form, so no leading
//! zeros, no fewer parts). Version 6: RFC 4291 text, also with an embedded version 4 and a zone.
//! Near misses that must not fire: versions of software, section numbers, times, MAC addresses,
//! words of code with `::`.
//! Limits: a version of four parts that nobody calls one is taken for an address; addresses in
//! other notations (hex, octal, one number) are not read.

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest version 6 address with an embedded version 4.
const LONGEST: usize = 45;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    version4(scan, hits);
    version6(scan, hits);
}

fn push(scan: &Scan<'_>, start: usize, end: usize, reason: &'static str, hits: &mut Vec<Hit>) {
    hits.push(Hit {
        start,
        end,
        kind: Kind::IpAddress,
        detector: "ip",
        confidence: if scan.said_before(&[Sense::Network], start, 40) {
            Confidence::Certain
        } else {
            Confidence::Likely
        },
        reason,
        canonical: None,
    });
}

fn version4(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let mut after = 0;
    for (at, token) in scan.tokens.iter().enumerate() {
        scan.spend(2);
        let dot = scan.byte(token.end) == Some(b'.');
        if !token.digits || !dot || token.end - token.start > 3 || token.start < after {
            continue;
        }
        let Some([_, second, third, fourth]) = scan.tokens.get(at..at + 4) else {
            break;
        };
        let dots = [
            (token.end, second.start),
            (second.end, third.start),
            (third.end, fourth.start),
        ];
        let joined = dots
            .iter()
            .all(|(from, to)| to - from == 1 && scan.byte(*from) == Some(b'.'));
        scan.spend(8);
        if !joined
            || scan
                .slice(token.start, fourth.end)
                .parse::<Ipv4Addr>()
                .is_err()
        {
            continue;
        }
        if !part_of_more(scan, token.start, fourth.end) && !is_version(scan, token.start) {
            push(
                scan,
                token.start,
                fourth.end,
                "four numbers up to 255",
                hits,
            );
            after = fourth.end;
        }
    }
}

fn part_of_more(scan: &Scan<'_>, start: usize, end: usize) -> bool {
    let left = start
        .checked_sub(2)
        .and_then(|at| scan.byte(at))
        .is_some_and(|b| b.is_ascii_digit())
        && matches!(scan.char_before(start), Some('.' | '-' | ','));
    let mut rest = scan.ahead(end, 2).chars();
    let right = match rest.next() {
        Some('.' | '-') => rest.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        _ => false,
    };
    left || right || matches!(scan.char_before(start), Some('_' | '$' | '€' | '#'))
}

/// "Version 1.2.3.4": the nearest phrase says so, and none says address.
fn is_version(scan: &Scan<'_>, start: usize) -> bool {
    scan.cues_before(start, 16)
        .next()
        .is_some_and(|c| matches!(c.sense, Sense::Version | Sense::Identifier))
        && !scan.said_before(&[Sense::Network], start, 16)
}

fn version6(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let bytes = scan.bytes();
    let fits = |b: u8| b.is_ascii_hexdigit() || b == b':' || b == b'.';
    let mut at = 0;
    for part in bytes.split(|b| !fits(*b)) {
        let (start, mut end) = (at, at + part.len());
        at = end + 1;
        scan.spend(1 + part.len() / 8);
        // A full stop ends a sentence; a port's colon stands behind a bracket.
        while end > start && scan.byte(end - 1) == Some(b'.') {
            end -= 1;
        }
        if !(2..=LONGEST).contains(&(end - start)) {
            continue;
        }
        let text = scan.slice(start, end);
        if text.matches(':').count() < 2 || text.parse::<Ipv6Addr>().is_err() {
            continue;
        }
        let word_before = scan
            .char_before(start)
            .is_some_and(|c| c.is_alphanumeric() || c == '_');
        let word_after = scan
            .char_after(end)
            .is_some_and(|c| c.is_alphanumeric() || c == '_');
        let plain = text.bytes().any(|b| b.is_ascii_digit()) && text.len() > 2;
        let said = scan.said_before(&[Sense::Network], start, 12);
        if !word_before && !word_after && (plain || said) {
            push(scan, start, zone(scan, end), "RFC 4291 text form", hits);
        }
    }
}

/// `fe80::1%eth0`.
fn zone(scan: &Scan<'_>, end: usize) -> usize {
    if scan.byte(end) != Some(b'%') {
        return end;
    }
    let rest = scan.ahead(end + 1, 16);
    let name = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if name == 0 { end } else { end + 1 + name }
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn addresses_are_found() {
        for address in [
            "192.168.1.1",
            "8.8.8.8",
            "2001:db8::1",
            "::1",
            "fe80::1%eth0",
            "684D:1111:222:3333:4444:5555:6:77",
            "64:ff9b::198.51.100.1",
            "2001:db8:85a3:8d3:1319:8a2e:370:7348",
        ] {
            assert_eq!(
                found(&format!("login from {address}, is it me?")),
                [address]
            );
            assert_eq!(kinds(&format!("[{address}].")), [Kind::IpAddress]);
        }
        assert_eq!(found("http://203.0.113.7:8080/x"), ["203.0.113.7"]);
    }

    #[test]
    fn near_misses_do_not_fire() {
        for text in [
            "version 1.2.3.4",
            "приложение версии 10.4.2.1",
            "v1.2.3.4",
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "01.02.03.004",
            "at 12:30:45",
            "aa:bb:cc:dd:ee:ff",
            "std::net::Ipv4Addr",
            "a::b",
            "2001:db8::256.1.1.1",
            "::",
        ] {
            assert!(!kinds(text).contains(&Kind::IpAddress), "{text}");
        }
    }
}
