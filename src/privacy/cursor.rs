//! Where a page goes on: opaque, of one length, and good for nothing but the same question.

use super::scan::Span;
use crate::ledger::Ledger;

/// A cursor's bytes: a version, two indices, a keyed digest.
const LEN: usize = 33;
const VERSION: u8 = 1;

/// The cursor for what is left of a question, for who asked it. `asked` says the question; another
/// question, another person or another log make another cursor.
pub(super) fn write(ledger: &Ledger, who: &str, asked: &str, left: Span) -> String {
    let mut bytes = Vec::with_capacity(LEN);
    bytes.push(VERSION);
    bytes.extend(left.from.to_be_bytes());
    bytes.extend(left.to.to_be_bytes());
    bytes.extend(mark(ledger, who, asked, left));
    hex::encode(bytes)
}

/// What is left, if this cursor was given for this question to who asks.
pub(super) fn read(ledger: &Ledger, who: &str, asked: &str, cursor: &str) -> Option<Span> {
    let bytes: [u8; LEN] = tidewaiter_audit::grammar::hex_array(cursor)?;
    let (version, rest) = bytes.split_first()?;
    let (from, rest) = rest.split_first_chunk::<8>()?;
    let (to, given) = rest.split_first_chunk::<8>()?;
    let left = Span {
        from: i64::from_be_bytes(*from),
        to: i64::from_be_bytes(*to),
    };
    let ours = mark(ledger, who, asked, left);
    let same = subtle::ConstantTimeEq::ct_eq(given, ours.as_slice());
    (*version == VERSION && bool::from(same)).then_some(left)
}

fn mark(ledger: &Ledger, who: &str, asked: &str, left: Span) -> Vec<u8> {
    let parts = [
        who.as_bytes(),
        asked.as_bytes(),
        &left.from.to_be_bytes(),
        &left.to.to_be_bytes(),
    ];
    let digest = ledger.keys().digest("cursor", &parts);
    digest.into_iter().take(16).collect()
}
