//! The archives the models come in: uncompressed tar with arrays of little-endian floats.

use std::collections::HashMap;

const BLOCK: usize = 512;

/// The files of an archive by name. Source: POSIX.1-1988 ustar; only plain files are read.
pub(super) fn members(tar: &[u8]) -> Option<HashMap<&str, &[u8]>> {
    let mut out = HashMap::new();
    let mut rest = tar;
    while let Some((header, after)) = rest.split_at_checked(BLOCK) {
        if header.iter().all(|b| *b == 0) {
            break;
        }
        let name = text(header.get(..100)?)?;
        let size = usize::from_str_radix(text(header.get(124..136)?)?.trim(), 8).ok()?;
        out.insert(name, after.get(..size)?);
        let padded = size.checked_next_multiple_of(BLOCK)?;
        rest = after.get(padded..).unwrap_or_default();
    }
    Some(out)
}

fn text(field: &[u8]) -> Option<&str> {
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    std::str::from_utf8(field.get(..end)?).ok()
}

/// The floats of `bytes`, if there are `count` of them and all are numbers.
pub(super) fn floats(bytes: &[u8], count: usize) -> Option<Vec<f32>> {
    if bytes.len() != count.checked_mul(4)? {
        return None;
    }
    let (parts, _) = bytes.as_chunks::<4>();
    let out: Vec<f32> = parts.iter().map(|b| f32::from_le_bytes(*b)).collect();
    out.iter().all(|f| f.is_finite()).then_some(out)
}

/// The array of this number in a network's archive.
pub(super) fn array(members: &HashMap<&str, &[u8]>, id: usize, count: usize) -> Option<Vec<f32>> {
    floats(members.get(format!("arrays/{id}.bin").as_str())?, count)
}
