//! Wallet addresses with correct checksums, and transaction ids.
//!
//! The keys behind them do not exist: the hashes are drawn, nothing can be spent from or lost to
//! a person.

use bech32::Hrp;
use sha3::{Digest, Keccak256};

use super::chance::Chance;
use super::currency::Currency;

/// An address of this currency's chain; for fiat, a bank's beneficiary number.
pub(super) fn address(currency: Currency, chance: &mut Chance) -> String {
    match currency {
        Currency::Btc if chance.one_in(3) => base58check(0x00, bs58::Alphabet::BITCOIN, chance),
        Currency::Btc => p2wpkh("bc", chance),
        Currency::Ltc => p2wpkh("ltc", chance),
        Currency::Eth => eip55(chance.bytes()),
        Currency::Usdt => base58check(0x41, bs58::Alphabet::BITCOIN, chance),
        Currency::Xrp => base58check(0x00, bs58::Alphabet::RIPPLE, chance),
        Currency::Usd | Currency::Eur | Currency::Rub => chance.digits(6),
    }
}

/// A segwit address of Bitcoin, the kind most wallets make.
pub(super) fn segwit(chance: &mut Chance) -> String {
    p2wpkh("bc", chance)
}

/// A transaction id as this currency's chain writes it.
pub(super) fn txid(currency: Currency, chance: &mut Chance) -> String {
    let id = chance.hex::<32>();
    match currency {
        Currency::Eth => format!("0x{id}"),
        Currency::Xrp => id.to_uppercase(),
        Currency::Btc
        | Currency::Ltc
        | Currency::Usdt
        | Currency::Usd
        | Currency::Eur
        | Currency::Rub => id,
    }
}

/// BIP-173: witness version 0, a public key's hash.
fn p2wpkh(prefix: &str, chance: &mut Chance) -> String {
    // Neither fails for a known prefix and twenty bytes; the tests decode what comes out.
    Hrp::parse(prefix)
        .ok()
        .and_then(|prefix| bech32::segwit::encode_v0(prefix, &chance.bytes::<20>()).ok())
        .unwrap_or_default()
}

fn base58check(version: u8, alphabet: &bs58::Alphabet, chance: &mut Chance) -> String {
    let mut payload = vec![version];
    payload.extend(chance.bytes::<20>());
    bs58::encode(payload)
        .with_alphabet(alphabet)
        .with_check()
        .into_string()
}

/// EIP-55: a letter is a capital where the hash of the lower-case text has a nibble above seven.
fn eip55(account: [u8; 20]) -> String {
    let plain = hex::encode(account);
    let hash = hex::encode(Keccak256::digest(plain.as_bytes()));
    let mixed = plain.chars().zip(hash.chars()).map(|(letter, nibble)| {
        if nibble > '7' {
            letter.to_ascii_uppercase()
        } else {
            letter
        }
    });
    std::iter::once('0')
        .chain(std::iter::once('x'))
        .chain(mixed)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eip55_matches_the_proposal_s_vectors() {
        for vector in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        ] {
            let bytes = hex::decode(vector.trim_start_matches("0x")).unwrap();
            assert_eq!(eip55(bytes.try_into().unwrap()), vector);
        }
    }

    #[test]
    fn every_address_decodes_on_its_own_chain() {
        let mut chance = Chance::new(3, "wallet", 0);
        for _ in 0..50 {
            let btc = address(Currency::Btc, &mut chance);
            if btc.starts_with("bc1") {
                let (prefix, _, program) = bech32::segwit::decode(&btc).unwrap();
                assert_eq!((prefix.to_string().as_str(), program.len()), ("bc", 20));
            } else {
                let bytes = bs58::decode(&btc).with_check(Some(0)).into_vec().unwrap();
                assert_eq!(bytes.len(), 21);
            }
            bech32::segwit::decode(&address(Currency::Ltc, &mut chance)).unwrap();
            let tron = address(Currency::Usdt, &mut chance);
            assert!(tron.starts_with('T'));
            bs58::decode(tron)
                .with_check(Some(0x41))
                .into_vec()
                .unwrap();
            let ripple = address(Currency::Xrp, &mut chance);
            assert!(ripple.starts_with('r'));
            bs58::decode(ripple)
                .with_alphabet(bs58::Alphabet::RIPPLE)
                .with_check(Some(0))
                .into_vec()
                .unwrap();
            assert_eq!(address(Currency::Eth, &mut chance).len(), 42);
        }
    }
}
