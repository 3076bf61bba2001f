//! The small grammars of README §1 that more than one file speaks.

/// The largest decimal number of the format, 2⁶³ − 1: it fits every database's integer.
pub const DEC_MAX: u64 = i64::MAX.unsigned_abs();

/// A decimal number without sign or leading zeros, at most [`DEC_MAX`].
pub fn dec(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    canonical
        .then(|| text.parse().ok())
        .flatten()
        .filter(|n| *n <= DEC_MAX)
}

/// Exactly `2 * N` lower-case hexadecimal digits.
pub fn hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let mut out = [0; N];
    (lower && hex::decode_to_slice(text, &mut out).is_ok()).then_some(out)
}

/// `[a-z0-9][a-z0-9./-]{0,127}`: the origin of a log.
pub fn is_origin(text: &str) -> bool {
    let tail = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"./-".contains(&b);
    text.len() <= 128
        && text.bytes().all(tail)
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// `[a-z][a-z0-9_]{0,31}`: a retention class.
pub fn is_class(text: &str) -> bool {
    text.len() <= 32 && is_word(text)
}

/// `[a-z][a-z0-9_.]{0,31}`: a name in `x`.
pub fn is_extra_name(text: &str) -> bool {
    let tail = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b);
    text.len() <= 32 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(tail)
}

/// Words joined by dots, at most 64 bytes: an operation or a purpose.
pub fn is_dotted(text: &str) -> bool {
    text.len() <= 64 && text.split('.').all(is_word)
}

/// `[a-z0-9_-]{1,64}`: an agent.
pub fn is_agent(text: &str) -> bool {
    let all = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(all)
}

/// `[A-Za-z0-9._+/-]{1,64}`: a replica and its build.
pub fn is_writer(text: &str) -> bool {
    let all = |b: u8| b.is_ascii_alphanumeric() || b"._+/-".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(all)
}

/// Bytes 0x20 to 0x7e without `"` and `\`: any string of a leaf.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(is_plain_byte)
}

/// One byte of such a string.
pub(crate) fn is_plain_byte(b: u8) -> bool {
    matches!(b, 0x20..=0x7e) && b != b'"' && b != b'\\'
}

/// `[a-z][a-z0-9_]*`.
fn is_word(text: &str) -> bool {
    let tail = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(tail)
}
