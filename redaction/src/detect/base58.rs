//! Base58 with a four-byte checksum, as Bitcoin made it, and what its prefixes mean.
//!
//! Sources: the address prefix tables of Bitcoin, Litecoin, Dogecoin, Dash, Zcash, TRON, Tezos
//! and XRPL. A random string passes the checksum once in four thousand million times, so the
//! chain is named where known and any other valid string of the right size is taken as well.

use bs58::Alphabet;

/// What a valid string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// An address.
    Address,
    /// A private key: WIF, BIP-38, an XRPL family seed or a Tezos secret.
    PrivateKey,
}

/// What `text` is, if its checksum holds. At most 64 characters are looked at, for decoding is
/// quadratic.
pub(super) fn check(text: &str) -> Option<Checked> {
    match text.len() {
        25..=40 => {
            let bitcoin = decode(text, Alphabet::BITCOIN);
            if let Some(payload) = bitcoin {
                return matches!(payload.len(), 21..=26).then_some(Checked::Address);
            }
            let ripple = decode(text, Alphabet::RIPPLE)?;
            match (ripple.first(), ripple.len()) {
                (Some(0x00), 21) => Some(Checked::Address),
                (Some(0x21), 17) => Some(Checked::PrivateKey),
                _ => None,
            }
        }
        // XRPL's X-addresses, which carry the destination tag (XLS-5d).
        46..=48 => {
            let payload = decode(text, Alphabet::RIPPLE)?;
            let prefix = payload.get(..2)?;
            (payload.len() == 31 && (prefix == [0x05, 0x44] || prefix == [0x04, 0x93]))
                .then_some(Checked::Address)
        }
        50..=60 => {
            let payload = decode(text, Alphabet::BITCOIN)?;
            match (payload.first()?, payload.len()) {
                // WIF, with the byte that says the public key is compressed, or without; BIP-38; edsk.
                (_, 33 | 39) | (0x0d, 36) => Some(Checked::PrivateKey),
                (_, 34) if payload.last() == Some(&1) => Some(Checked::PrivateKey),
                _ => None,
            }
        }
        _ => None,
    }
}

fn decode(text: &str, alphabet: &Alphabet) -> Option<Vec<u8>> {
    bs58::decode(text)
        .with_alphabet(alphabet)
        .with_check(None)
        .into_vec()
        .ok()
}

/// The number of bytes `text` stands for in plain Base58; `None` if it is no Base58 or longer
/// than 128 characters.
pub(super) fn decoded_len(text: &str) -> Option<usize> {
    if text.len() > 128 {
        return None;
    }
    bs58::decode(text).into_vec().ok().map(|bytes| bytes.len())
}

/// Whether every character is in Bitcoin's alphabet.
pub(super) fn is_base58(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'))
}

#[cfg(test)]
mod tests {
    use super::{Checked, check, decoded_len};

    #[test]
    fn published_examples() {
        for address in [
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
            "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
            "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ",
        ] {
            assert_eq!(check(address), Some(Checked::Address), "{address}");
        }
        for key in [
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
            "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
            "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
            "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
        ] {
            assert_eq!(check(key), Some(Checked::PrivateKey), "{key}");
        }
    }

    #[test]
    fn one_wrong_character_and_it_is_nothing() {
        assert_eq!(check("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"), None);
        assert_eq!(
            check("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK"),
            None
        );
        assert_eq!(decoded_len(&"1".repeat(129)), None);
    }
}
