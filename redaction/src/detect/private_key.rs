//! Private keys outside PEM.
//!
//! By checksum: WIF, BIP-38, XRPL family seeds, Tezos `edsk`, Stellar seeds, Bech32 secrets
//! (nostr). By prefix and length: extended private keys (SLIP-132). By context: 32 or 64 bytes
//! of hex, 64 bytes of Base58 (Solana), byte arrays, Base58 strings of a key's length whose
//! checksum is broken. The nearest phrase decides, so that "tx hash …" stays and "private key …"
//! does not.
//! Limit: a bare hex string without context is a hash for us, whatever it was.

use super::super::cue::{Cue, Sense};
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Run, Scan};
use super::{base58, bech, wallet};

const NAME: &str = "private_key";
const REACH: usize = 100;
const WEAK_REACH: usize = 24;
const AFTER: usize = 48;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for run in &scan.runs {
        if run.len() > 1_100 {
            continue;
        }
        scan.spend(run.len().min(128) * 4);
        let text = scan.slice(run.start, run.end);
        let verdict = by_itself(text).or_else(|| by_context(scan, *run, text));
        if let Some((confidence, reason)) = verdict {
            hits.push(hit(run.start, run.end, confidence, reason));
        }
    }
    byte_arrays(scan, hits);
    grouped_hex(scan, hits);
}

fn hit(start: usize, end: usize, confidence: Confidence, reason: &'static str) -> Hit {
    Hit {
        start,
        end,
        kind: Kind::PrivateKey,
        detector: NAME,
        confidence,
        reason,
        canonical: None,
    }
}

fn by_itself(text: &str) -> Option<(Confidence, &'static str)> {
    if base58::check(text) == Some(base58::Checked::PrivateKey) {
        return Some((Confidence::Certain, "Base58 checksum valid"));
    }
    if bech::check(text) == Some(bech::Checked::PrivateKey) {
        return Some((Confidence::Certain, "Bech32 checksum valid"));
    }
    if text.len() == 56 && text.starts_with('S') && wallet::stellar(text) {
        return Some((Confidence::Certain, "Stellar checksum valid"));
    }
    let extended = matches!(
        text.get(..4),
        Some(
            "xprv" | "yprv" | "zprv" | "Yprv" | "Zprv" | "tprv" | "uprv" | "vprv" | "Uprv" | "Vprv"
        )
    );
    // A character lost or doubled in the paste does not make it harmless.
    if extended && (90..=130).contains(&text.len()) && base58::is_base58(text) {
        return Some((
            Confidence::Certain,
            "extended private key prefix and length",
        ));
    }
    None
}

fn by_context(scan: &Scan<'_>, run: Run, text: &str) -> Option<(Confidence, &'static str)> {
    let hex = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text);
    let is_hex = matches!(hex.len(), 32 | 64 | 128) && hex.bytes().all(|b| b.is_ascii_hexdigit());
    let is_secret_key = matches!(text.len(), 85..=90)
        && base58::is_base58(text)
        && base58::decoded_len(text) == Some(64);
    let is_broken_wif = matches!(text.len(), 50..=53)
        && base58::is_base58(text)
        && text.starts_with(['5', 'K', 'L', '9', 'c']);
    let is_short_key = matches!(text.len(), 43..=44) && base58::decoded_len(text) == Some(32);
    if !(is_hex || is_secret_key || is_broken_wif || is_short_key) {
        return None;
    }
    let weak_fits = is_secret_key || is_broken_wif || (is_hex && hex.len() != 32);
    key_said(scan, run, weak_fits).then_some(if is_hex {
        (Confidence::Likely, "hex of a key's length with context")
    } else {
        (Confidence::Likely, "Base58 of a key's length with context")
    })
}

/// Whether the nearest phrase before, else one right after, speaks of a key.
fn key_said(scan: &Scan<'_>, run: Run, weak_fits: bool) -> bool {
    let verdict = |sense| {
        if sense == Sense::Identifier {
            return Some(false);
        }
        matches!(sense, Sense::Key | Sense::Seed | Sense::OtpSecret).then_some(true)
    };
    let near = |c: &Cue| c.sense == Sense::WeakKey && c.end + WEAK_REACH >= run.start;
    let before = scan.cues_before(run.start, REACH).find_map(|c| {
        (weak_fits && near(c))
            .then_some(true)
            .or_else(|| verdict(c.sense))
    });
    before.unwrap_or_else(|| {
        scan.cues_after(run.end, AFTER)
            .find_map(|c| verdict(c.sense))
            .unwrap_or(false)
    })
}

/// `private key: e9873d79 c6d87dc0 …`: 64 hex digits in groups after a strong phrase.
fn grouped_hex(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for cue in scan.cues.iter().filter(|c| c.sense == Sense::Key) {
        let first = scan.token_at(cue.end);
        let tokens = scan.tokens.get(first..).unwrap_or_default();
        let (mut total, mut start, mut end) = (0, None, cue.end);
        for token in tokens.iter().take(33) {
            let len = token.end - token.start;
            scan.spend(len.min(33));
            let far = token.start - end > if start.is_none() { 8 } else { 2 };
            let hex = len <= 32
                && scan
                    .slice(token.start, token.end)
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit());
            if far || !hex {
                break;
            }
            start.get_or_insert(token.start);
            total += len;
            end = token.end;
        }
        if let Some(start) = start
            && total == 64
        {
            let reason = "hex of a key's length with context";
            hits.push(hit(start, end, Confidence::Likely, reason));
        }
    }
}

/// `[12, 34, …]` of 64 bytes (Solana's key file), or of 32 beside a context word.
fn byte_arrays(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let bytes = scan.bytes();
    let mut at = 0;
    while let Some(open) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| *b == b'['))
        .map(|n| at + n)
    {
        let (count, end) = array(bytes, open + 1);
        scan.spend(end - at);
        at = end.max(open + 1);
        let run = Run { start: open, end };
        let (confidence, fits) = match count {
            Some(64) => (Confidence::Likely, true),
            Some(32) => (Confidence::Likely, key_said(scan, run, true)),
            _ => (Confidence::Possible, false),
        };
        if fits {
            hits.push(hit(open, end, confidence, "byte array of a key's length"));
        }
    }
}

/// The number of bytes listed from `from` to a closing bracket, and where reading stopped.
pub(crate) fn array(bytes: &[u8], from: usize) -> (Option<usize>, usize) {
    let (mut count, mut value, mut digits) = (0_usize, 0_u32, 0);
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match byte {
            b'0'..=b'9' if digits < 3 => {
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                count += usize::from(digits == 1);
                if value > 255 {
                    return (None, at);
                }
            }
            b',' => (value, digits) = (0, 0),
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b']' => return (Some(count), at + 1),
            _ => return (None, at),
        }
    }
    (None, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    const HEX: &str = "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262";

    #[test]
    fn keys_with_a_checksum_need_no_context() {
        for key in [
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
            "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
            "SAV76USXIJOBMEQXPANUOQM6F5LIOTLPDIDVRJBFFE2MDJXG24TAPUU7",
        ] {
            assert_eq!(kinds(key), [Kind::PrivateKey], "{key}");
        }
    }

    #[test]
    fn hex_is_a_key_only_beside_its_name() {
        for text in [
            format!("my private key is {HEX}"),
            format!("приватный ключ: 0x{HEX}"),
            format!("Mein privater Schlüssel lautet {HEX}"),
            format!("imported the key {HEX} into the app"),
            format!("{HEX} is my private key"),
            "private key: e9873d79 c6d87dc0 fb6a5778 633389f4 45321330 3da61f20 bd67fc23 3aa33262"
                .to_owned(),
            format!("{HEX} - это мой приватный ключ"),
            format!("my tx 0xab failed, so here is the private key {HEX}"),
        ] {
            assert_eq!(kinds(&text), [Kind::PrivateKey], "{text}");
        }
        for text in [
            HEX.to_owned(),
            format!("tx {HEX}"),
            format!("my private key is safe, the transaction hash is {HEX}"),
            format!("хеш транзакции {HEX}, где ключ?"),
        ] {
            assert!(kinds(&text).is_empty(), "{text}");
        }
    }

    #[test]
    fn solana_keys() {
        let base58 = "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW";
        assert_eq!(
            kinds(&format!("phantom private key {base58}")),
            [Kind::PrivateKey]
        );
        assert!(kinds(base58).is_empty());
        let array: Vec<String> = (0..64).map(|n| (n * 3 % 256).to_string()).collect();
        let array = format!("[{}]", array.join(", "));
        assert_eq!(found(&format!("id.json: {array}")), [array.as_str()]);
        assert!(kinds("[1, 2, 3]").is_empty());
    }
}
