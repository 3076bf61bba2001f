//! Wallet addresses.
//!
//! By checksum: `Base58Check` chains (BTC, LTC, DOGE, DASH, ZEC, TRON, Tezos, XRP and its
//! X-addresses), Bech32 chains, `CashAddr`,
//! ETH in mixed case (EIP-55), Stellar (CRC16), Algorand (SHA-512/256), TON (CRC16). By form:
//! ETH in one case, TON with a wrong CRC, Cardano's Byron era, Solana (32 bytes of Base58), Monero, Polkadot beside
//! a context word, extended public keys, TRON's hex form, Sui and Aptos beside a context word.
//! Near misses that must not fire: transaction hashes, commit ids, GUIDs, broken checksums.
//! Limits: Polkadot's and Monero's own checksums are not computed; 32-byte hex addresses look
//! like hashes and need their context.

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Run, Scan};
use super::{base58, bech};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::digest;
use sha3::{Digest as _, Keccak256};

const NAME: &str = "wallet";

/// A verdict on a candidate.
type Verdict = Option<(Confidence, &'static str)>;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for run in &scan.runs {
        let text = scan.slice(run.start, run.end);
        scan.spend(cost(text.len()));
        if let Some((confidence, reason)) = judge(scan, *run, text) {
            push(hits, *run, text, confidence, reason);
        }
    }
    for run in &scan.wide {
        scan.spend(48);
        let text = scan.slice(run.start, run.end);
        if let Some((confidence, reason)) = ton(text) {
            push(hits, *run, text, confidence, reason);
        }
    }
    raw_ton(scan, hits);
}

fn push(hits: &mut Vec<Hit>, run: Run, text: &str, confidence: Confidence, reason: &'static str) {
    hits.push(Hit {
        start: run.start,
        end: run.end,
        kind: Kind::CryptoAddress,
        detector: NAME,
        confidence,
        reason,
        canonical: Some(canonical(text)),
    });
}

/// ETH and Bech32 mean the same in any case; Base58 does not.
fn canonical(text: &str) -> String {
    let hex = text.starts_with("0x") || text.starts_with("0X");
    if hex || bech::check(text).is_some() {
        text.to_ascii_lowercase()
    } else {
        text.to_owned()
    }
}

/// Base58 decoding is quadratic, so its candidates are short; the rest is linear.
fn cost(len: usize) -> usize {
    match len {
        0..=120 => len * 8,
        121..=1_100 => len,
        _ => 1,
    }
}

fn judge(scan: &Scan<'_>, run: Run, text: &str) -> Verdict {
    match text.len() {
        25..=40 | 46..=48 if base58::check(text) == Some(base58::Checked::Address) => {
            return Some((Confidence::Certain, "Base58 checksum valid"));
        }
        42 if text.starts_with("0x") || text.starts_with("0X") => return ethereum(text),
        0..=1_100 => {}
        _ => return None,
    }
    if bech::check(text) == Some(bech::Checked::Address) {
        return Some((Confidence::Certain, "Bech32 checksum valid"));
    }
    if text.len() == 42 && bech::cash(text) {
        return Some((Confidence::Certain, "CashAddr checksum valid"));
    }
    by_form(scan, run, text)
}

fn by_form(scan: &Scan<'_>, run: Run, text: &str) -> Verdict {
    let said = |senses: &[Sense], reach| scan.said_before(senses, run.start, reach);
    let wallet = said(&[Sense::Wallet], 60) || scan.said_after(&[Sense::Wallet], run.end, 30);
    // The nearest phrase says what follows.
    let identifier = scan
        .cues_before(run.start, 40)
        .next()
        .is_some_and(|c| c.sense == Sense::Identifier);
    match text.len() {
        56 if text.starts_with('G') => {
            stellar(text).then_some((Confidence::Certain, "Stellar checksum valid"))
        }
        58 if algorand(text) => Some((Confidence::Certain, "Algorand checksum valid")),
        32..=44 if !identifier && mixed(text) && base58::decoded_len(text) == Some(32) => {
            match (wallet, text.len()) {
                (true, _) => Some((Confidence::Likely, "32 bytes of Base58 with context")),
                (false, 43..=44) => Some((Confidence::Possible, "32 bytes of Base58")),
                (false, _) => None,
            }
        }
        42 if wallet && !identifier && text.starts_with("41") && hex(text) => {
            Some((Confidence::Possible, "TRON's hex form with context"))
        }
        46..=48 if wallet && mixed(text) && base58::decoded_len(text) == Some(35) => {
            Some((Confidence::Likely, "SS58 length with context"))
        }
        66 if wallet && !identifier && hex_after_0x(text) => {
            Some((Confidence::Possible, "32 bytes of hex with context"))
        }
        95 | 106 if (text.starts_with('4') || text.starts_with('8')) && base58::is_base58(text) => {
            Some((Confidence::Likely, "Monero prefix and length"))
        }
        57..=60 if text.starts_with("Ae2td") && base58::is_base58(text) => {
            Some((Confidence::Likely, "Byron prefix and length"))
        }
        90..=120 if text.starts_with("DdzFF") && base58::is_base58(text) => {
            Some((Confidence::Likely, "Byron prefix and length"))
        }
        107..=112 if extended(text) => {
            Some((Confidence::Likely, "extended public key prefix and length"))
        }
        _ => None,
    }
}

fn extended(text: &str) -> bool {
    text.get(..4).is_some_and(|p| {
        matches!(
            p,
            "xpub" | "ypub" | "zpub" | "tpub" | "upub" | "vpub" | "Ypub" | "Zpub"
        )
    }) && base58::is_base58(text)
}

fn hex_after_0x(text: &str) -> bool {
    text.strip_prefix("0x").is_some_and(hex)
}

fn hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Upper case, lower case and a digit: what a random string has and a word has not.
fn mixed(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_uppercase())
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// EIP-55: a letter is upper case where the hash's digit is eight or more.
fn ethereum(text: &str) -> Verdict {
    let hex = text.get(2..)?;
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let upper = hex.bytes().any(|b| b.is_ascii_uppercase());
    let lower = hex.bytes().any(|b| b.is_ascii_lowercase());
    if !(upper && lower) {
        return Some((Confidence::Likely, "0x and 20 bytes of hex"));
    }
    let hash = Keccak256::digest(hex.to_ascii_lowercase().as_bytes());
    let digits = hash.iter().flat_map(|b| [b >> 4, b & 15]);
    hex.bytes()
        .zip(digits)
        .all(|(b, digit)| !b.is_ascii_alphabetic() || b.is_ascii_uppercase() == (digit >= 8))
        .then_some((Confidence::Certain, "EIP-55 checksum valid"))
}

/// CRC-16/XMODEM, which Stellar and TON use.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

/// RFC 4648 Base32 without padding.
pub(super) fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        buffer = (buffer << 5 | u32::from(digit)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    Some(out)
}

/// Stellar's strkey: a version byte, 32 bytes, CRC-16 in little-endian order (SEP-23).
pub(super) fn stellar(text: &str) -> bool {
    base32(text).is_some_and(|bytes| {
        bytes
            .split_last_chunk::<2>()
            .is_some_and(|(body, check)| crc16(body) == u16::from_le_bytes(*check))
    })
}

fn algorand(text: &str) -> bool {
    base32(text).is_some_and(|bytes| {
        bytes.split_last_chunk::<4>().is_some_and(|(key, check)| {
            let hash = digest::digest(&digest::SHA512_256, key);
            key.len() == 32 && hash.as_ref().ends_with(check)
        })
    })
}

/// A user-friendly TON address (TEP-2): flags, workchain, 32 bytes, CRC-16, in Base64.
fn ton(text: &str) -> Verdict {
    if text.len() != 48 || !matches!(text.get(..2)?, "EQ" | "UQ" | "kQ" | "0Q" | "Ef" | "Uf") {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text))
        .ok()?;
    let (body, check) = bytes.split_last_chunk::<2>()?;
    if crc16(body) == u16::from_be_bytes(*check) {
        Some((Confidence::Certain, "TON checksum valid"))
    } else {
        mixed(text).then_some((Confidence::Likely, "TON prefix and length"))
    }
}

/// A raw TON address: `0:` or `-1:` and 32 bytes of hex.
fn raw_ton(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for run in scan.runs.iter().filter(|r| r.len() == 64) {
        scan.spend(64);
        let text = scan.slice(run.start, run.end);
        let before = scan.slice(run.start.saturating_sub(3), run.start);
        let prefix = if before.ends_with("-1:") {
            3
        } else if before.ends_with("0:")
            && !before
                .bytes()
                .next()
                .is_some_and(|b| b.is_ascii_digit() && before.len() == 3)
        {
            2
        } else {
            continue;
        };
        if text.bytes().all(|b| b.is_ascii_hexdigit()) {
            let whole = Run {
                start: run.start - prefix,
                end: run.end,
            };
            push(hits, whole, text, Confidence::Likely, "raw TON address");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn addresses_of_many_chains() {
        for address in [
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xde709f2102306220921060314715629080e2fb77",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
            "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",
            "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N",
            "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ",
            "41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "So11111111111111111111111111111111111111112",
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
        ] {
            assert_eq!(
                kinds(&format!("address {address}.")),
                [Kind::CryptoAddress],
                "{address}"
            );
            assert_eq!(found(&format!("мой адрес:{address}, да")), [address]);
        }
    }

    #[test]
    fn near_misses_do_not_fire() {
        for text in [
            "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "tx 0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b",
            "tx hash 4e3e2ed0c1e3d0a6b9fbd0c1a6b9fbd0c1e3d0a6b9fbd0c1e3d0a6b9fbd0c1aa",
            "fixed in commit 4183120dbf9617fad8125b9ce178c72d672d3cb9",
            "order 8f14e45f-031a-493b-a7cd-90558da66373",
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u",
            "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b",
            "41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "signature 5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
