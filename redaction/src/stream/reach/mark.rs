//! What a sign opens and another closes: key blocks, lists of bytes, written-out addresses, placeholders.

use super::super::super::detect::private_key;
use super::super::super::scan::Scan;
use super::KEY_AFTER;

/// A key block without its end.
pub(super) fn blocks(scan: &Scan<'_>) -> usize {
    const BEGIN: &str = "-----begin ";
    const END: &str = "-----end ";
    let lower = scan.lower(0, scan.len());
    let mut from = scan.len();
    let mut at = 0;
    while let Some(start) = lower.get(at..).and_then(|s| s.find(BEGIN)).map(|n| n + at) {
        at = start + BEGIN.len();
        let label = scan.ahead(at, 64);
        let open = match label.find("-----") {
            None => at + 64 > scan.len(),
            Some(n) if scan.lower(at, at + n).contains("private key") => {
                let body = at + n + 5;
                let rest = lower.get(body..).unwrap_or_default();
                match rest.find(END) {
                    None => true,
                    Some(n) => {
                        let after = body + n + END.len();
                        at = after;
                        after + 72 > scan.len() && !scan.ahead(after, 64).contains("-----")
                    }
                }
            }
            Some(_) => false,
        };
        if open {
            from = from.min(start);
            break;
        }
    }
    scan.spend(lower.len());
    let dashes = lower
        .trim_end()
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if dashes.ends_with('-') {
        from = from.min(dashes.trim_end_matches('-').len());
    }
    from
}

/// `[12, 34, …`: the bytes of a key, whose end has not come or whose name may follow.
pub(super) fn lists(scan: &Scan<'_>, end: usize) -> usize {
    let bytes = scan.bytes();
    let mut at = 0;
    while let Some(open) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| *b == b'['))
    {
        let open = at + open;
        let (count, stop) = private_key::array(bytes, open + 1);
        let waits = count.is_some_and(|n| n == 32) && stop + KEY_AFTER > end;
        if waits || (count.is_none() && stop >= bytes.len()) {
            return open;
        }
        at = stop.max(open + 1);
    }
    scan.spend(bytes.len() / 4);
    bytes.len()
}

/// `name (at) host (dot) org`, with spaces between.
pub(super) fn written_out(scan: &Scan<'_>, end: usize) -> usize {
    let start = end.saturating_sub(400);
    let first = scan.token_at(start);
    let start = scan.tokens.get(first).map_or(start, |t| t.start);
    let tail = scan.lower(start, scan.len());
    let last = ["(dot)", "[dot]", "(at)", "[at]"]
        .iter()
        .filter_map(|sign| tail.rfind(sign))
        .max();
    let sign = ["(at)", "[at]"]
        .iter()
        .filter_map(|sign| tail.find(sign))
        .min();
    match (last, sign) {
        (Some(last), Some(sign)) if start + last + 80 > end => {
            let before = tail.get(..sign).unwrap_or_default().trim_end();
            let word = before.rfind(char::is_whitespace).map_or(0, |n| n + 1);
            start + word
        }
        _ => end,
    }
}

/// A bracket that may open a placeholder.
pub(super) fn brackets(scan: &Scan<'_>) -> usize {
    let bytes = scan.bytes();
    let from = bytes.len().saturating_sub(68);
    let closed = bytes
        .iter()
        .rposition(|b| *b == b']')
        .map_or(0, |at| at + 1);
    let from = from.max(closed);
    let open = bytes.iter().skip(from).position(|b| *b == b'[');
    open.map_or(bytes.len(), |n| from + n)
}
