//! Passports, identity cards and driving licences.
//!
//! By context: a string of digits and at most four letters beside a word for the document, in
//! English, Russian and German; Russian series and number in groups. Without context: the
//! machine-readable lines of ICAO 9303 (three of 30, two of 36 or 44 characters), by their check
//! digits or, for a first line, by its form.
//! Limits: a document's number that stands alone looks like an order's and passes; issuing
//! office codes and dates of issue stay.

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};

const NAME: &str = "document";
/// How far after the word the number may begin.
const REACH: usize = 40;
/// How far before the word.
const BEFORE: usize = 16;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for cue in &scan.cues {
        let kind = if cue.sense == Sense::Passport {
            Kind::Passport
        } else if cue.sense == Sense::Licence {
            Kind::DriverLicence
        } else {
            continue;
        };
        let next = scan.token_at(cue.end);
        let ours = |at: usize| {
            scan.cues_before(at, REACH)
                .next()
                .is_some_and(|c| c.sense == cue.sense)
        };
        if let Some((start, end)) = after(scan, next, cue.end).filter(|f| ours(f.0)) {
            push(start, end, kind, hits);
            more(scan, end, kind, hits);
        } else if let Some(before) = next.checked_sub(1).and_then(|_| before(scan, cue.start)) {
            push(before.0, before.1, kind, hits);
        }
    }
    machine_readable(scan, hits);
}

fn push(start: usize, end: usize, kind: Kind, hits: &mut Vec<Hit>) {
    hits.push(Hit {
        start,
        end,
        kind,
        detector: NAME,
        confidence: Confidence::Likely,
        reason: "a number beside a word for the document",
        canonical: None,
    });
}

/// The number among the tokens that follow the word.
fn after(scan: &Scan<'_>, first: usize, from: usize) -> Option<(usize, usize)> {
    let tokens = scan.tokens.get(first..)?;
    let (mut last, mut series) = (from, None);
    for (n, token) in tokens.iter().enumerate().take(7) {
        scan.spend(16);
        let gap = scan.slice(last, token.start);
        if token.start - from > REACH
            || gap.contains(['!', '?', '\n']) && !gap.contains(':')
            || gap.contains(". ")
            || gap.contains('[')
        {
            return None;
        }
        let text = scan.slice(token.start, token.end);
        if text.bytes().any(|b| b.is_ascii_digit()) {
            if let Some((start, end)) = number(scan, tokens.get(n..)?) {
                return Some((series.unwrap_or(start), end));
            }
            // "серия 45 12 номер 345678"
            let small = token.digits && token.end - token.start <= 4;
            series = small.then(|| series.unwrap_or(token.start));
            last = token.end;
            continue;
        }
        // "AB 1234567", "серия АВ номер 123456": two letters may begin it.
        let letters = text.chars().count() <= 2 && text.chars().all(char::is_uppercase);
        let next = tokens.get(n + 1..).filter(|_| letters);
        let found = next.and_then(|rest| number(scan, rest));
        if let Some((_, end)) = found.filter(|(start, _)| start - token.end <= 1) {
            return Some((token.start, end));
        }
        last = token.end;
    }
    None
}

fn before(scan: &Scan<'_>, cue: usize) -> Option<(usize, usize)> {
    let upto = scan.token_at(cue);
    for back in 1..=3 {
        let at = upto.checked_sub(back)?;
        let token = scan.tokens.get(at)?;
        scan.spend(8);
        if cue - token.end > BEFORE
            || scan
                .slice(token.end, cue)
                .contains(['.', '!', '?', ',', '\n', ']'])
        {
            return None;
        }
        if scan
            .slice(token.start, token.end)
            .bytes()
            .any(|b| b.is_ascii_digit())
        {
            return number(scan, scan.tokens.get(at..)?);
        }
    }
    None
}

/// One to four groups of digits and few letters, six to fourteen in all.
fn number(scan: &Scan<'_>, tokens: &[super::super::scan::Token]) -> Option<(usize, usize)> {
    let first = tokens.first()?;
    let (mut end, mut digits, mut letters) = (first.start, 0, 0);
    let mut groups = Vec::new();
    for (n, token) in tokens.iter().take(4).enumerate() {
        let text = scan.slice(token.start, token.end);
        scan.spend(text.len().min(16) + 2);
        let gap = scan.slice(end, token.start);
        let joined = n == 0 || matches!(gap, " " | "-" | " № " | " №" | " N " | "/");
        let numbers = text.bytes().filter(u8::is_ascii_digit).count();
        if !joined || numbers == 0 || text.chars().count() > 16 {
            break;
        }
        if digits + numbers > 14 {
            break;
        }
        // Words of letters with a digit or two are none.
        letters += text.chars().count() - numbers;
        digits += numbers;
        end = token.end;
        groups.push(text.len());
    }
    let date = matches!(groups.as_slice(), [1 | 2, 1 | 2, 4] | [4, 2, 2]);
    let unit = matches!(scan.byte(end), Some(b'%' | b'$' | b'@' | b'_')) || decimal(scan, end);
    (digits >= 5
        && digits + letters >= 6
        && letters <= digits.max(4) + 2
        && letters <= 9
        && !date
        && !unit)
        .then_some((first.start, end))
}

fn decimal(scan: &Scan<'_>, end: usize) -> bool {
    matches!(scan.byte(end), Some(b'.' | b',' | b':'))
        && scan.byte(end + 1).is_some_and(|b| b.is_ascii_digit())
}

/// "Passports: AB1234567 and XY9876543".
fn more(scan: &Scan<'_>, from: usize, kind: Kind, hits: &mut Vec<Hit>) {
    let mut end = from;
    for _ in 0..4 {
        let gap = scan.ahead(end, 5);
        let skip = [" and ", " и ", " und ", ", ", "; "]
            .iter()
            .find(|s| gap.starts_with(**s) || gap.to_lowercase().starts_with(**s));
        let Some(skip) = skip else { return };
        let at = scan.token_at(end + skip.len());
        let next = scan.tokens.get(at..).and_then(|rest| number(scan, rest));
        let Some((start, to)) = next.filter(|(start, _)| *start == end + skip.len()) else {
            return;
        };
        let text = scan.slice(start, to);
        if !text.bytes().any(|b| b.is_ascii_alphabetic()) {
            return;
        }
        push(start, to, kind, hits);
        end = to;
    }
}

/// Lines of ICAO 9303, joined where they follow each other.
fn machine_readable(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let text = scan.slice(0, scan.len());
    if !text.contains('<') {
        return;
    }
    scan.spend(text.len());
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '<';
    let mut block: Option<(usize, usize, Confidence)> = None;
    let mut at = 0;
    for part in text.split(|c| !fits(c)) {
        let (start, end) = (at, at + part.len());
        at = end
            + text
                .get(end..)
                .and_then(|t| t.chars().next())
                .map_or(1, char::len_utf8);
        let Some(confidence) = line(part) else {
            continue;
        };
        match &mut block {
            Some((_, last, sure)) if start - *last <= 2 => {
                *last = end;
                *sure = (*sure).max(confidence);
            }
            _ => {
                flush(block.replace((start, end, confidence)), hits);
            }
        }
    }
    flush(block, hits);
}

fn flush(block: Option<(usize, usize, Confidence)>, hits: &mut Vec<Hit>) {
    if let Some((start, end, confidence)) = block {
        hits.push(Hit {
            start,
            end,
            kind: Kind::Passport,
            detector: "mrz",
            confidence,
            reason: "machine-readable lines (ICAO 9303)",
            canonical: None,
        });
    }
}

fn line(text: &str) -> Option<Confidence> {
    let bytes = text.as_bytes();
    let field = |from: usize, to: usize| {
        let (body, check) = (bytes.get(from..to), bytes.get(to));
        body.zip(check)
            .is_some_and(|(b, c)| c.is_ascii_digit() && checked(b) == u32::from(c - b'0'))
    };
    let first = matches!(bytes.first(), Some(b'P' | b'I' | b'A' | b'C' | b'V'));
    let name = first
        && text.contains("<<")
        && bytes.iter().filter(|b| b.is_ascii_alphabetic()).count() >= 6;
    let known = match bytes.len() {
        44 | 36 => (field(0, 9) && field(13, 19)).then_some(Confidence::Certain),
        30 => (field(5, 14) || field(0, 6) && field(8, 14)).then_some(Confidence::Certain),
        _ => return None,
    };
    known
        .or_else(|| name.then_some(Confidence::Likely))
        // The third line of three: names alone.
        .or_else(|| {
            let names = bytes.len() == 30 && text.contains("<<") && !bytes.iter().any(u8::is_ascii_digit);
            names.then_some(Confidence::Possible)
        })
}

/// Weights 7, 3, 1; letters count from 10, the filler nothing.
fn checked(body: &[u8]) -> u32 {
    body.iter()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(b, weight)| match b {
            b'0'..=b'9' => u32::from(b - b'0') * weight,
            b'A'..=b'Z' => (u32::from(b - b'A') + 10) * weight,
            _ => 0,
        })
        .sum::<u32>()
        % 10
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn documents_beside_their_names() {
        for (text, number) in [
            ("my passport number is T3569075", "T3569075"),
            ("паспорт 4512 345678", "4512 345678"),
            (
                "паспорт серия 45 12 номер 345678, выдан",
                "45 12 номер 345678",
            ),
            ("Мой паспорт: 45 12 345678", "45 12 345678"),
            ("загранпаспорт 71 1234567", "71 1234567"),
            (
                "Reisepass C01234565 ausgestellt am 01.01.2020.",
                "C01234565",
            ),
            (
                "my driver's license number is F162823540116",
                "F162823540116",
            ),
            ("водительское удостоверение 9916 123456", "9916 123456"),
            ("912803456 is my passport", "912803456"),
        ] {
            assert_eq!(found(text), [number], "{text}");
        }
        assert_eq!(found("Passports: AB1234567 and XY9876543").len(), 2);
    }

    #[test]
    fn machine_readable_lines_need_no_words() {
        let lines = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
        assert_eq!(found(&format!("here: {lines} ok")), [lines]);
        let card = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
        assert_eq!(found(card), [card]);
        assert_eq!(kinds(card), [Kind::Passport]);
    }

    #[test]
    fn talk_about_documents_passes() {
        for text in [
            "my passport expires on 12.05.2030",
            "I uploaded my passport 3 times",
            "паспорт не принят, заявка 8f14e45f",
            "passport rejected. Order 9161234567 is stuck",
            "a<b and c<<d",
        ] {
            assert!(
                !kinds(text)
                    .iter()
                    .any(|k| matches!(k, Kind::Passport | Kind::DriverLicence)),
                "{text}"
            );
        }
    }
}
