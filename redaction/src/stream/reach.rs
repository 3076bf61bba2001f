//! How far the detectors look to the right, and so what a text that goes on may still change.
//!
//! Each number here is a promise of a detector's file; [`super::tests`] hold the two together: a
//! stream and the whole text must agree at every cut. A detector that looks further needs its line
//! here.

mod mark;

use super::super::cue::{self, Cue, Sense};
use super::super::detect::{code, date, password, seed};
use super::super::known::{self, Known};
use super::super::scan::{Hit, Scan, Token};
use super::super::text::Pass;
use super::dull;
use mark::{blocks, brackets, lists, written_out};

/// What is always held: two words that a seed phrase may take as its first though they are
/// mistyped, the letters of an identity number, the sign of an address written `(at)`.
const LEAST: usize = 24;
/// The longest phrase of context that may be half written.
const PHRASE: usize = 64;
/// How far a finding may still grow, or be taken back.
const GROWTH: usize = 40;
/// A machine-readable line after another.
const LINE: usize = 60;
/// How far after a number a word that speaks of it may begin.
const WORD_AFTER: usize = 24;
/// The same of a card or a wallet's address, and of a key.
const LONG_AFTER: usize = 44;
const KEY_AFTER: usize = 52;
/// How long a row of numbers is one thing at most.
const CHAIN: usize = 96;
/// How far a document's number goes on.
const DOCUMENT: usize = 72;

/// The offset before which nothing changes whatever follows. `end` is up to where the words for
/// context are settled ([`said`]).
pub(super) fn settled(scan: &Scan<'_>, pass: &Pass<'_>, known: &Known, end: usize) -> usize {
    let whole = whole(scan);
    [
        whole.saturating_sub(LEAST),
        found(&pass.hits, end),
        numbers(scan, end),
        codes(scan, end),
        passwords(scan, end),
        groups(scan, end),
        blocks(scan),
        lists(scan, end),
        written_out(scan, end),
        brackets(scan),
        values(scan, known, whole),
        dull::settled(scan, known, open(scan)),
        seed::open(scan, end),
    ]
    .into_iter()
    .min()
    .unwrap_or(0)
}

/// Where the stretch begins that has not ended.
fn open(scan: &Scan<'_>) -> usize {
    scan.segments.last().map_or(0, |s| s.start)
}

/// Where the last word begins if more letters may follow it.
fn whole(scan: &Scan<'_>) -> usize {
    let last = scan.tokens.last();
    last.filter(|t| t.end == scan.len())
        .map_or(scan.len(), |t| t.start)
}

/// Where a phrase of context begins that may be half written, or a placeholder: words for context
/// that begin there are not settled.
pub(super) fn said(scan: &Scan<'_>) -> usize {
    let whole = whole(scan);
    let first = scan.token_at(scan.len().saturating_sub(PHRASE));
    let half = scan
        .tokens
        .get(first..)
        .unwrap_or_default()
        .iter()
        .map(|t| t.start)
        .find(|at| cue::may_begin(scan.lower(*at, scan.len())));
    let mut said = half.unwrap_or(whole).min(whole).min(brackets(scan));
    for cue in scan.cues.iter().rev() {
        if cue.end <= said {
            break;
        }
        said = said.min(cue.start);
    }
    said
}

/// Findings that may still grow, or be taken back.
fn found(hits: &[Hit], end: usize) -> usize {
    hits.iter()
        .filter(|h| {
            let line = if h.detector == "mrz" { LINE } else { GROWTH };
            h.end + line > end
        })
        .map(|h| h.start)
        .min()
        .unwrap_or(end)
}

/// The tokens that end within `reach` before `end`, and all after it.
fn tail<'s>(scan: &'s Scan<'_>, end: usize, reach: usize) -> &'s [Token] {
    let first = scan.tokens.partition_point(|t| t.end + reach <= end);
    scan.tokens.get(first..).unwrap_or_default()
}

fn has_digit(scan: &Scan<'_>, token: &Token) -> bool {
    let some = scan.slice(token.start, token.end);
    token.digits || some.bytes().take(128).any(|b| b.is_ascii_digit())
}

/// Numbers, and what is written like one, that a word after them may still name.
fn numbers(scan: &Scan<'_>, end: usize) -> usize {
    let mut from = end;
    for token in tail(scan, end, DOCUMENT.max(KEY_AFTER)) {
        let size = token.end - token.start;
        if !has_digit(scan, token) && size < 20 {
            continue;
        }
        let first = chain(scan, token);
        let digits = scan
            .slice(first, token.end)
            .bytes()
            .filter(u8::is_ascii_digit)
            .count();
        let document = scan.said_before(&[Sense::Passport, Sense::Licence], token.start, 40);
        let reach = match (size, digits) {
            _ if document => DOCUMENT,
            (32.., _) => KEY_AFTER,
            (20.., _) | (_, 12..) => LONG_AFTER,
            _ => WORD_AFTER,
        };
        if token.end + reach > end {
            from = from.min(first);
        }
    }
    from
}

/// Where the row of numbers begins that the token belongs to.
fn chain(scan: &Scan<'_>, token: &Token) -> usize {
    let mut at = scan.token_at(token.start);
    let mut first = token.start;
    while let Some(before) = at.checked_sub(1).and_then(|n| scan.tokens.get(n)) {
        scan.spend(8);
        let gap = scan.slice(before.end, first);
        let near = gap.chars().count() <= 3 && !gap.contains('\n') || gap.contains('№');
        let word = scan.slice(before.start, before.end.min(before.start + 48));
        let short = word.chars().count() <= 3;
        let capitals = word.len() <= 24 && word.chars().all(char::is_uppercase);
        let part = has_digit(scan, before)
            || short
            || capitals
            || date::month(scan.lower(before.start, before.end)).is_some();
        if !near || !part || token.end - before.start > CHAIN {
            break;
        }
        first = before.start;
        at -= 1;
    }
    // Its plus sign and bracket.
    let signs = scan.slice(first.saturating_sub(2), first);
    first - signs.len() + signs.trim_end_matches(['+', '(']).len()
}

/// Short numbers before a word for a code: the words between are still coming, or those that say
/// what other code it is.
fn codes(scan: &Scan<'_>, end: usize) -> usize {
    let mut from = end;
    for cue in scan
        .cues
        .iter()
        .rev()
        .take_while(|c| c.end + 2 * PHRASE > end)
    {
        let document = matches!(cue.sense, Sense::Passport | Sense::Licence);
        // A number before counts where none follows.
        let waits = if document {
            40 + DOCUMENT
        } else {
            PHRASE + WORD_AFTER
        };
        let coded = code::wanted(cue.sense).is_some();
        if !(document || coded) || cue.end + waits <= end {
            continue;
        }
        let next = scan.token_at(cue.start);
        let around = scan
            .tokens
            .get(next.saturating_sub(5)..)
            .unwrap_or_default();
        let near = |t: &&Token| has_digit(scan, t) && t.start + 2 * PHRASE > cue.start;
        if let Some(number) = around.iter().find(near) {
            from = from.min(chain(scan, number));
        }
    }
    for (at, token) in scan.tokens.iter().enumerate().rev() {
        if token.end + 128 < end {
            break;
        }
        if token.digits && token.end - token.start <= 8 && links_to(scan, at, end) {
            from = from.min(chain(scan, token));
        }
    }
    from
}

/// Whether nothing but linking words stands between a number and the end.
fn links_to(scan: &Scan<'_>, at: usize, end: usize) -> bool {
    let Some(number) = scan.tokens.get(at) else {
        return false;
    };
    let mut last = number.end;
    for token in scan.tokens.get(at + 1..).unwrap_or_default().iter().take(3) {
        let gap = scan.slice(last, token.start);
        if token.start - last > 8 || code::ends_sentence(gap) {
            return false;
        }
        if token.start >= end {
            return true;
        }
        if !code::LINKS.contains(&scan.lower(token.start, token.end)) {
            return false;
        }
        last = token.end;
    }
    last + 8 >= end
}

/// What follows a word for password.
fn passwords(scan: &Scan<'_>, end: usize) -> usize {
    let mut from = end;
    let cues = scan.cues.iter().rev();
    for cue in cues.take_while(|c| c.end + 512 > end) {
        if !matches!(cue.sense, Sense::Password | Sense::WeakPassword) {
            continue;
        }
        if let Some(open) = password(scan, cue, end) {
            from = from.min(open);
        }
    }
    // `ivan@mail.example: …` waits for what follows the colon in the same word.
    from
}

fn password(scan: &Scan<'_>, cue: &Cue, end: usize) -> Option<usize> {
    let ahead = scan.ahead(cue.end, password::COLON);
    let line = ahead.split('\n').next().unwrap_or_default();
    let decided = line.len() < ahead.len()
        || cue.end + password::COLON < end
        || line.contains(['.', '!', '?', ';', ':', '='])
        || line.split_whitespace().count() > 5;
    if !decided {
        return Some(cue.end);
    }
    let Some((at, _)) = password::value_at(scan, cue) else {
        return (cue.end + 1 >= end).then_some(cue.end);
    };
    // The value, what may stand for it two words later, and what ends the sentence.
    let mut upto = at;
    for _ in 0..4 {
        match password::chunk(scan, upto) {
            Some((_, after, _)) => upto = after.max(upto + 1),
            None => return Some(at),
        }
    }
    let quoted = scan
        .ahead(at, 4)
        .trim_start()
        .starts_with(['"', '\'', '`', '«', '“', '„']);
    let wait = if quoted { at + 132 } else { at };
    (upto + 2 >= end || wait > end).then_some(at.min(cue.end + 1))
}

/// Groups of letters and digits after a word for a key or an authenticator's secret.
fn groups(scan: &Scan<'_>, end: usize) -> usize {
    let mut from = end;
    for cue in scan.cues.iter().rev().take_while(|c| c.end + 512 > end) {
        let (most, sizes) = if cue.sense == Sense::Key {
            (33, 1..=32)
        } else if cue.sense == Sense::OtpSecret {
            (34, 4..=4)
        } else {
            continue;
        };
        let next = scan.token_at(cue.end);
        let tokens = scan.tokens.get(next..).unwrap_or_default();
        let skip = tokens.iter().take_while(|t| {
            t.start - cue.end < 34 && !(fits_group(scan, t) && sizes.contains(&(t.end - t.start)))
        });
        let skip = if cue.sense == Sense::OtpSecret {
            skip.count()
        } else {
            0
        };
        let (mut last, mut first) = (None, None);
        for token in tokens.iter().skip(skip).take(most) {
            let far = last.is_some_and(|last| token.start - last > 3);
            if far
                || token.start < end
                    && !(fits_group(scan, token) && sizes.contains(&(token.end - token.start)))
            {
                first = None;
                break;
            }
            first.get_or_insert(token.start);
            last = Some(token.end);
            if token.end + 4 >= end {
                break;
            }
        }
        if let (Some(first), Some(last)) = (first, last)
            && last + 4 >= end
        {
            from = from.min(first);
        }
    }
    from
}

fn fits_group(scan: &Scan<'_>, token: &Token) -> bool {
    let text = scan.slice(token.start, token.end);
    text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The beginning of a known value.
fn values(scan: &Scan<'_>, known: &Known, whole: usize) -> usize {
    let mut from = whole;
    let first = scan.tokens.len().saturating_sub(24);
    for token in scan.tokens.get(first..).unwrap_or_default() {
        if token.start >= from {
            break;
        }
        let rest: String = scan
            .lower(token.start, scan.len())
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect();
        scan.spend(rest.len());
        let inner = if token.digits { rest.len().min(8) } else { 0 };
        if (0..=inner).any(|n| {
            rest.get(n..)
                .is_some_and(|r| !r.is_empty() && known::may_begin(known, r))
        }) {
            from = token.start;
        }
    }
    if from < whole {
        let token = scan.token_at(from);
        from = scan.tokens.get(token).map_or(from, |t| chain(scan, t));
    }
    from
}
