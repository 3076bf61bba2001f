//! Bech32 and Bech32m: segwit addresses, Cosmos-type chains, Cardano, Lightning, nostr keys.
//!
//! Sources: BIP-173, BIP-350, BIP-141 for the segwit rule, SLIP-173 for the prefixes. An unknown
//! prefix with a valid checksum counts as an address too: one in a thousand million.

use bech32::segwit;

/// What a valid string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// An address, invoice or public account id.
    Address,
    /// A private key.
    PrivateKey,
}

const SECRET: [&str; 4] = ["nsec", "ncryptsec", "age-secret-key-", "suiprivkey"];
const LONGEST: usize = 1_023;

/// What `text` is, if its checksum holds.
pub(super) fn check(text: &str) -> Option<Checked> {
    // A prefix, the separator, two characters at least and the checksum's six.
    if !(14..=LONGEST).contains(&text.len()) {
        return None;
    }
    let (prefix, data) = text.rsplit_once('1')?;
    if data.len() < 26 || prefix.is_empty() {
        return None;
    }
    let prefix = prefix.to_ascii_lowercase();
    if matches!(prefix.as_str(), "bc" | "tb" | "bcrt" | "ltc" | "tltc") {
        return segwit::decode(text).is_ok().then_some(Checked::Address);
    }
    bech32::decode(text).ok()?;
    Some(if SECRET.contains(&prefix.as_str()) {
        Checked::PrivateKey
    } else {
        Checked::Address
    })
}

/// Whether `text`, 42 characters in one case, is a Bitcoin Cash address without its prefix: the
/// `CashAddr` specification's checksum over 40 bits.
pub(super) fn cash(text: &str) -> bool {
    const DIGITS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u64; 5] = [
        0x98_f2bc_8e61,
        0x79_b76d_99e2,
        0xf3_3e5f_b3c4,
        0xae_2eab_e2a8,
        0x1e_4f43_e470,
    ];
    let one_case = !text.bytes().any(|b| b.is_ascii_uppercase())
        || !text.bytes().any(|b| b.is_ascii_lowercase());
    let prefix = "bitcoincash".bytes().map(|b| u64::from(b & 31));
    let mut digits = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        let lower = char::from(byte.to_ascii_lowercase());
        let Some(at) = DIGITS.find(lower) else {
            return false;
        };
        digits.push(u64::try_from(at).unwrap_or(0));
    }
    let all = prefix.chain(std::iter::once(0)).chain(digits);
    let sum = all.fold(1_u64, |sum, digit| {
        let top = sum >> 35;
        let next = (sum & 0x07_ffff_ffff) << 5 ^ digit;
        let taken = GENERATOR.iter().enumerate();
        taken.fold(
            next,
            |n, (bit, value)| {
                if top >> bit & 1 == 1 { n ^ value } else { n }
            },
        )
    });
    one_case && sum == 1
}

#[cfg(test)]
mod tests {
    use super::{Checked, check};

    #[test]
    fn published_examples() {
        for address in [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "cosmos1sv7w2fcwauvp00t59qdjnhq79jf2dqx3tug5za",
        ] {
            assert_eq!(check(address), Some(Checked::Address), "{address}");
        }
        assert_eq!(
            check("nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"),
            Some(Checked::PrivateKey)
        );
    }

    #[test]
    fn segwit_rules_hold_beyond_the_checksum() {
        assert_eq!(check("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), None);
        // Version 1 with a Bech32 checksum (BIP-350's invalid examples).
        assert_eq!(
            check("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4"),
            None
        );
    }
}
