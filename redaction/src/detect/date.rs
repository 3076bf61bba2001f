//! Dates as people write them, and dates of birth by their context.
//!
//! Numbers with dots, slashes, dashes or spaces in the order of day, month and year, of month,
//! day and year, or of year, month and day; month names in English, Russian and German with
//! ordinals. A date is one of birth beside a word that says so; a year alone only right beside
//! it ("1990 г.р."). Source: CLDR's date patterns and month names for the three languages.
//! Limits: years from 1900 to 2029, dates spelled out in words are not read, and `3/4/1990` is
//! kept as both dates it can be.

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan, Token};

const BEFORE: usize = 28;
const AFTER: usize = 10;

/// Year, month, day.
pub(crate) type Day = (u32, u32, u32);

/// A date in the text, with what it can mean.
#[derive(Debug, Clone)]
pub(crate) struct Date {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) readings: Vec<Day>,
}

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if !scan.cues.iter().any(|c| c.sense == Sense::Birth) {
        scan.spend(scan.cues.len());
        return;
    }
    for date in dates(scan) {
        if of_birth(scan, date.start, date.end, BEFORE) {
            hits.push(hit(&date, "a date beside a word for birth"));
        }
    }
    years(scan, hits);
}

fn hit(date: &Date, reason: &'static str) -> Hit {
    Hit {
        start: date.start,
        end: date.end,
        kind: Kind::DateOfBirth,
        detector: "date",
        confidence: Confidence::Likely,
        reason,
        canonical: date.readings.first().map(canonical),
    }
}

/// What all spellings of one day are numbered by.
pub(crate) fn canonical((year, month, day): &Day) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

fn of_birth(scan: &Scan<'_>, start: usize, end: usize, reach: usize) -> bool {
    let before = scan
        .cues_before(start, reach)
        .find(|c| c.sense == Sense::Birth)
        // "д.р. 17.05.90": the abbreviation's own stop ends nothing.
        .is_some_and(|c| !scan.slice(c.end, start).trim_start_matches('.').contains(". "));
    let after = || {
        scan.cues_after(end, AFTER).any(|c| {
            c.sense == Sense::Birth && !scan.slice(end, c.start).contains(['.', '!', '?', ','])
        })
    };
    before || after()
}

/// "Born in 1990", "1990 г.р."
fn years(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for cue in scan.cues.iter().filter(|c| c.sense == Sense::Birth) {
        let next = scan.token_at(cue.end);
        let after = scan.tokens.get(next..).unwrap_or_default().iter().take(2);
        let before = scan
            .tokens
            .get(next.saturating_sub(4)..next)
            .unwrap_or_default();
        for token in after.chain(before.iter()) {
            scan.spend(4);
            let gap = token.start.saturating_sub(cue.end) + cue.start.saturating_sub(token.end);
            let year = number(scan, token).filter(|_| token.end - token.start == 4);
            if gap <= 6 && year.is_some_and(|y| (1900..2030).contains(&y)) && alone(scan, token) {
                let (start, end) = (token.start, token.end);
                hits.push(Hit {
                    start,
                    end,
                    kind: Kind::DateOfBirth,
                    detector: "date",
                    confidence: Confidence::Possible,
                    reason: "a year right beside a word for birth",
                    canonical: None,
                });
            }
        }
    }
}

/// Not part of a number or a date.
fn alone(scan: &Scan<'_>, token: &Token) -> bool {
    let digit = |at: Option<usize>| {
        at.and_then(|at| scan.byte(at))
            .is_some_and(|b| b.is_ascii_digit())
    };
    let sign = |c: Option<char>| matches!(c, Some('.' | '/' | '-' | ','));
    !(sign(scan.char_before(token.start)) && digit(token.start.checked_sub(2))
        || sign(scan.char_after(token.end)) && digit(Some(token.end + 1)))
}

fn number(scan: &Scan<'_>, token: &Token) -> Option<u32> {
    (token.digits && token.end - token.start <= 4)
        .then(|| scan.slice(token.start, token.end).parse().ok())
        .flatten()
}

/// A token as a part of a date.
#[derive(Debug, Clone, Copy)]
enum Part {
    Number(u32, usize),
    Month(u32),
}

fn part(scan: &Scan<'_>, token: &Token) -> Option<Part> {
    if let Some(n) = number(scan, token) {
        return Some(Part::Number(n, token.end - token.start));
    }
    let word = scan.lower(token.start, token.end.min(token.start + 24));
    let ordinal = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|s| word.strip_suffix(s));
    if let Some(n) = ordinal.and_then(|n| n.parse().ok()) {
        return Some(Part::Number(n, 2));
    }
    month(word).map(Part::Month)
}

/// All dates of a text, without context.
pub(crate) fn dates(scan: &Scan<'_>) -> Vec<Date> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(token) = scan.tokens.get(at) {
        scan.spend(4);
        let found = (part(scan, token).is_some())
            .then(|| date(scan, scan.tokens.get(at..).unwrap_or_default()))
            .flatten();
        if let Some((date, used)) = found {
            out.push(date);
            at += used;
        } else {
            at += 1;
        }
    }
    out
}

/// The date that begins with the first token, and how many tokens it takes.
fn date(scan: &Scan<'_>, tokens: &[Token]) -> Option<(Date, usize)> {
    let mut parts = Vec::with_capacity(3);
    let (mut end, mut sign, mut used) = (tokens.first()?.start, None, 0);
    for (n, token) in tokens.iter().take(5).enumerate() {
        scan.spend(8);
        let gap = scan.slice(end, token.start);
        if n > 0 {
            let word = matches!(scan.lower(token.start, token.end), "of" | "de");
            if word && parts.len() < 3 && gap == " " {
                end = token.end;
                continue;
            }
            if !matches!(
                gap,
                " " | "." | "/" | "-" | ". " | ", " | " - " | " / " | "–"
            ) {
                break;
            }
        }
        let Some(part) = part(scan, token) else { break };
        // Numbers keep one sign between.
        let named = |p: &Part| matches!(p, Part::Month(_));
        let numbers = n > 0 && !parts.iter().any(named) && !named(&part);
        if numbers && *sign.get_or_insert(gap) != gap {
            break;
        }
        parts.push(part);
        end = token.end;
        used = n + 1;
        if parts.len() == 3 {
            break;
        }
    }
    let readings = readings(&parts);
    let start = tokens.first()?.start;
    let glued = scan.char_before(start).is_some_and(char::is_alphanumeric);
    (!readings.is_empty() && !glued).then_some((
        Date {
            start,
            end,
            readings,
        },
        used,
    ))
}

fn readings(parts: &[Part]) -> Vec<Day> {
    let orders: Vec<(u32, usize, u32, u32)> = match *parts {
        [Part::Number(a, 4), Part::Number(b, _), Part::Number(c, _)] => vec![(a, 4, b, c)],
        [
            Part::Number(a, _),
            Part::Number(b, _),
            Part::Number(y, n @ (2 | 4)),
        ] => {
            vec![(y, n, b, a), (y, n, a, b)]
        }
        [
            Part::Number(d, _),
            Part::Month(m),
            Part::Number(y, n @ (2 | 4)),
        ]
        | [
            Part::Month(m),
            Part::Number(d, _),
            Part::Number(y, n @ (2 | 4)),
        ] => vec![(y, n, m, d)],
        [Part::Number(y, 4), Part::Month(m), Part::Number(d, _)] => vec![(y, 4, m, d)],
        _ => Vec::new(),
    };
    let mut out: Vec<Day> = Vec::new();
    for (y, size, m, d) in orders {
        let year = match (size, y) {
            (2, 0..30) => y + 2000,
            (2, _) => y + 1900,
            _ => y,
        };
        if (1900..2030).contains(&year) && (1..=12).contains(&m) && (1..=31).contains(&d) {
            out.push((year, m, d));
        }
    }
    out.dedup();
    out
}

pub(crate) fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.');
    // Abbreviations of three letters in English and German, whole words and cases by stem.
    let number = MONTHS.iter().position(|(short, stems)| {
        short.contains(&word)
            || stems
                .iter()
                .any(|s| word.starts_with(s) && word.chars().count() <= s.chars().count() + 3)
    });
    u32::try_from(number? + 1).ok()
}

#[rustfmt::skip]
const MONTHS: [(&[&str], &[&str]); 12] = [
    (&["jan", "янв"], &["januar", "jänner", "январ"]),
    (&["feb", "фев"], &["februar", "феврал"]),
    (&["mar", "mär", "мар", "mrz"], &["march", "märz", "марта", "март"]),
    (&["apr", "апр"], &["april", "апрел"]),
    (&["may", "mai", "май", "мая", "мае"], &[]),
    (&["jun", "июн"], &["june", "juni", "июня", "июнь"]),
    (&["jul", "июл"], &["july", "juli", "июля", "июль"]),
    (&["aug", "авг"], &["august", "август"]),
    (&["sep", "sept", "сен", "сент"], &["september", "сентябр"]),
    (&["oct", "okt", "окт"], &["october", "oktober", "октябр"]),
    (&["nov", "ноя", "нояб"], &["november", "ноябр"]),
    (&["dec", "dez", "дек"], &["december", "dezember", "декабр"]),
];

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn dates_of_birth_in_many_forms() {
        for (text, date) in [
            ("She was born on 2/8/1935. Her", "2/8/1935"),
            ("date of birth: 1990-05-17", "1990-05-17"),
            ("дата рождения 17.05.1990", "17.05.1990"),
            ("родился 17 мая 1990 года", "17 мая 1990"),
            ("DOB May 17th, 1990", "May 17th, 1990"),
            ("geboren am 17. Mai 1990", "17. Mai 1990"),
            ("born 17th of May 1990", "17th of May 1990"),
            ("д.р. 17.05.90", "17.05.90"),
            ("17.05.1990 г.р.", "17.05.1990"),
            ("I was born in 1990", "1990"),
            ("мужчина 1990 года рождения", "1990"),
        ] {
            assert_eq!(found(text), [date], "{text}");
            assert_eq!(kinds(text), [Kind::DateOfBirth], "{text}");
        }
    }

    #[test]
    fn other_dates_pass() {
        for text in [
            "deposited on 17.05.2024",
            "born to trade! Order 45.67.8901",
            "withdrawal of 17 May 2024 is stuck",
            "my birthday is soon. I deposited on 17.05.2024",
            "дата: 17.05.2024",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
