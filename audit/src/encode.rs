//! Base64 as the format has it: standard alphabet, padded, zero trailing bits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Writes base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64, one form only.
pub(crate) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads base64 of exactly `N` bytes.
pub(crate) fn base64_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    base64_bytes(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_one_form() {
        assert_eq!(base64_bytes("AA=="), Some(vec![0]));
        for bad in [
            "AA", "AB==", "AA=", "AA==\n", " AA==", "A-==", "AAA", "=AA=",
        ] {
            assert_eq!(base64_bytes(bad), None, "{bad:?}");
        }
    }
}
