//! States' numbers for persons: social security, tax, pension, identity.
//!
//! A candidate is one to five groups of letters and digits with one kind of sign between; the
//! table in [`plan`] says which shapes are numbers of whom, and the checks in [`check`] decide.
//! A shape that means nothing else needs no context; the others need a word for such numbers
//! beside them, or to be the whole message, as answers to a question are. Sources: each plan's own,
//! named in the table.
//! Near misses that must not fire: order and transaction ids, phone numbers, amounts.
//! Limits: plans without a check digit are found by context alone; countries not in the table only
//! where the context says so and the shape is one of digits.

mod check;
mod plan;

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan, Token};
use plan::{Needs, PLANS, Plan};

const NAME: &str = "national_id";
const GROUPS: usize = 6;
const BEFORE: usize = 48;
const AFTER: usize = 20;

/// Groups with the signs between them.
struct Candidate {
    start: usize,
    end: usize,
    /// Letters and digits, in upper case.
    compact: String,
    /// The shape with its signs: `999-99-9999`; letters are `A`.
    shape: String,
    groups: usize,
}

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let mut at = 0;
    while let Some(token) = scan.tokens.get(at) {
        scan.spend(2);
        let first = scan.slice(token.start, token.end.min(token.start + 24));
        let letters = first.len() <= 3 && first.is_ascii();
        let short = token.end - token.start < 2;
        if short
            || !(letters || first.bytes().any(|b| b.is_ascii_digit()))
            || token.end - token.start > 18
        {
            at += 1;
            continue;
        }
        let mut found = candidates(scan, scan.tokens.get(at..).unwrap_or_default());
        found.reverse();
        let judged = found.iter().find_map(|c| Some((c, by_plan(scan, c)?)));
        let judged = judged.or_else(|| found.iter().find_map(|c| Some((c, by_context(scan, c)?))));
        let Some((candidate, (confidence, reason))) = judged else {
            at += 1;
            continue;
        };
        hits.push(Hit {
            start: candidate.start,
            end: candidate.end,
            kind: Kind::NationalId,
            detector: NAME,
            confidence,
            reason,
            canonical: Some(candidate.compact.clone()),
        });
        at += candidate.groups;
    }
}

/// The candidates that begin with the first token, shortest first.
fn candidates(scan: &Scan<'_>, tokens: &[Token]) -> Vec<Candidate> {
    let mut out = Vec::new();
    let Some(first) = tokens.first() else {
        return out;
    };
    if glued(scan, first.start, true) {
        return out;
    }
    let (mut compact, mut shape) = (String::new(), String::new());
    let (mut end, mut sign) = (first.start, None);
    for (n, token) in tokens.iter().take(GROUPS).enumerate() {
        let text = scan.slice(token.start, token.end);
        scan.spend(text.len().min(24) + 2);
        if n > 0 {
            let gap = scan.slice(end, token.start);
            let known = matches!(gap, " " | "-" | "." | ":" | "+") || gap == "\u{a0}";
            // "112-233-445 95" changes its sign once, before the end.
            let last = sign.is_some_and(|s: &str| s != gap) && n < 3;
            if !known || last {
                break;
            }
            sign = Some(gap);
            shape.push_str(gap);
        }
        if !text.is_ascii() || compact.len() + text.len() > 18 {
            break;
        }
        compact.push_str(&text.to_ascii_uppercase());
        shape.extend(
            text.chars()
                .map(|c| if c.is_ascii_digit() { '9' } else { 'A' }),
        );
        end = token.end;
        if compact.len() >= 8
            && compact.bytes().any(|b| b.is_ascii_digit())
            && !glued(scan, end, false)
        {
            out.push(Candidate {
                start: first.start,
                end,
                compact: compact.clone(),
                shape: shape.clone(),
                groups: n + 1,
            });
        }
    }
    out
}

/// Part of a longer thing, on the one side or the other.
fn glued(scan: &Scan<'_>, at: usize, left: bool) -> bool {
    let beyond = |n: usize| {
        let at = if left {
            at.checked_sub(n)
        } else {
            Some(at + n - 1)
        };
        at.and_then(|at| scan.byte(at))
    };
    match beyond(1) {
        Some(b'-' | b'.' | b'/' | b':' | b'+') => {
            beyond(2).is_some_and(|b| b.is_ascii_alphanumeric())
        }
        Some(b',') => beyond(2).is_some_and(|b| b.is_ascii_digit()),
        Some(b'_' | b'#' | b'$' | b'@' | b'%' | b'=') => true,
        _ => false,
    }
}

type Verdict = Option<(Confidence, &'static str)>;

/// Whether the nearest word says that it is something else, and whether one says that it is this.
fn context(scan: &Scan<'_>, candidate: &Candidate) -> (bool, bool) {
    let nearest = scan
        .cues_before(candidate.start, 24)
        .next()
        .map(|c| c.sense);
    let other = matches!(
        nearest,
        Some(
            Sense::Identifier
                | Sense::Phone
                | Sense::Card
                | Sense::Wallet
                | Sense::Passport
                | Sense::Licence
        )
    );
    let said = !other
        && (scan.said_before(&[Sense::NationalId], candidate.start, BEFORE)
            || scan.said_after(&[Sense::NationalId], candidate.end, AFTER));
    (other, said)
}

fn by_plan(scan: &Scan<'_>, candidate: &Candidate) -> Verdict {
    scan.spend(PLANS.len() / 4);
    let (other, said) = context(scan, candidate);
    if !said && part_of_more(scan, candidate) {
        return None;
    }
    let alone = candidate.start <= 2 && candidate.end + 2 >= scan.len();
    for plan in PLANS {
        if !plan.fits(&candidate.shape, &candidate.compact) {
            continue;
        }
        scan.spend(32);
        if !(plan.check)(candidate.compact.as_bytes()) {
            continue;
        }
        let enough = match plan.needs {
            Needs::Nothing => !other,
            Needs::Signs => candidate.groups > 1 && !other || said || alone,
            Needs::Alone => said || alone,
            Needs::Context => said,
        };
        if enough {
            let confidence = if said {
                Confidence::Certain
            } else {
                Confidence::Likely
            };
            return Some((confidence, plan.name));
        }
    }
    None
}

/// Groups in a row of more of their kind.
fn part_of_more(scan: &Scan<'_>, candidate: &Candidate) -> bool {
    let digit = |at: Option<usize>| {
        at.and_then(|at| scan.byte(at))
            .is_some_and(|b| b.is_ascii_digit())
    };
    let left =
        scan.char_before(candidate.start) == Some(' ') && digit(candidate.start.checked_sub(2));
    let right = scan.byte(candidate.end) == Some(b' ') && digit(Some(candidate.end + 1));
    candidate.shape.contains(' ') && (left || right)
}

/// A number of no plan we know, or with a digit mistyped, right after a word for it.
fn by_context(scan: &Scan<'_>, candidate: &Candidate) -> Verdict {
    let (_, said) = context(scan, candidate);
    let digits = candidate.compact.bytes().all(|b| b.is_ascii_digit());
    let near = said
        && scan
            .cues_before(candidate.start, 16)
            .any(|c| c.sense == Sense::NationalId);
    (near && digits && !is_date(&candidate.shape)).then_some((
        Confidence::Possible,
        "digits right after a word for such numbers",
    ))
}

fn is_date(shape: &str) -> bool {
    let plain = shape.replace(['/', '-', ' '], ".");
    matches!(plain.as_str(), "99.99.9999" | "9999.99.99")
}

impl Plan {
    /// Whether a candidate has this plan's shape: without its signs, or with the plan's own.
    fn fits(&self, shape: &str, compact: &str) -> bool {
        if compact.len() != self.length() {
            return false;
        }
        let signs = |s: &str| s.contains(|c: char| !c.is_ascii_alphanumeric());
        let plain = self.shape.bytes().filter(u8::is_ascii_alphanumeric);
        let same = plain.zip(compact.bytes()).all(|(want, is)| match want {
            b'9' => is.is_ascii_digit(),
            b'A' => is.is_ascii_uppercase(),
            _ => is.is_ascii_alphanumeric(),
        });
        // Signs that few plans use.
        let odd = shape.contains(':') && self.shape != "9999 9999 9999"
            || shape.contains('+')
                && !matches!(self.shape, "999999-999X" | "999999-9999" | "99999999-9999");
        same && !odd
            && (!signs(shape)
                || grouping(shape) == grouping(self.shape)
                || !signs(self.shape) && self.needs != Needs::Nothing)
    }

    fn length(&self) -> usize {
        self.shape.bytes().filter(u8::is_ascii_alphanumeric).count()
    }
}

/// Where the signs stand, whatever they are.
fn grouping(shape: &str) -> Vec<usize> {
    shape
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::len)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn numbers_with_a_check_are_found() {
        for (text, number) in [
            ("my ssn is 078-05-1123 ok", "078-05-1123"),
            ("it is 078-05-1123", "078-05-1123"),
            ("SSN 078051123", "078051123"),
            ("ИНН 7707083893 нашей фирмы", "7707083893"),
            ("мой ИНН: 500100732259", "500100732259"),
            ("СНИЛС 112-233-445 95", "112-233-445 95"),
            ("112-233-445 95 вот", "112-233-445 95"),
            ("ОГРН 1027700132195", "1027700132195"),
            ("My NINO: AA 12 34 56 B", "AA 12 34 56 B"),
            ("IdNr. 98765432106 liegt vor.", "98765432106"),
            ("Mi NIE es X9613851N", "X9613851N"),
            ("CPF 529.982.247-25", "529.982.247-25"),
            ("mon NAS: 258 933 688", "258 933 688"),
            ("960121-1234567", "960121-1234567"),
            ("44051401458", "44051401458"),
        ] {
            assert_eq!(found(text), [number], "{text}");
            assert_eq!(kinds(text), [Kind::NationalId], "{text}");
        }
    }

    #[test]
    fn near_misses_do_not_fire() {
        for text in [
            "order 078-05-1123",
            "my order is 7707083893, where is it?",
            "tx id 500100732259",
            "000-12-3456 or 666-12-3456 or 123-00-4567",
            "ИНН не указан, ордер 7707083894",
            "amount 130 692 544 sats",
            "withdrawal 44051401458 is stuck",
            "order 8f14e45f-031a-493b-a7cd-90558da66373",
            "2024-01-15 to 2024-02-15",
            "I have 12345678 coins",
        ] {
            assert!(!kinds(text).contains(&Kind::NationalId), "{text}");
        }
    }
}
