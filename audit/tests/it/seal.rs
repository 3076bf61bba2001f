//! Bodies: what opens, and all that must not.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aes_gcm::aes::{Aes256, cipher};
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use proptest::prelude::*;
use ring::hkdf;
use tidewaiter_audit::Hash;
use tidewaiter_audit::record::Kind;
use tidewaiter_audit::seal::{
    Binding, OpenError, RecordKey, SALT_LEN, SealError, bucket, open, record_key, seal, tag,
};

const LOG: &str = "exchange.example/ledger";
const SUBJECT: [u8; 32] = [1; 32];
const PERIOD: [u8; 32] = [2; 32];
const SALT: [u8; 32] = [3; 32];
const RID: [u8; 16] = [4; 16];
const TAG: [u8; 16] = [5; 16];

const BINDING: Binding<'_> = Binding {
    log: LOG,
    rid: &RID,
    tag: &TAG,
    kind: Kind::Lookup,
    class: "chat",
};

/// HKDF-SHA256 by the book, apart from the crate under test.
fn hkdf64(salt: &[u8], ikm: &[u8], info: &str) -> [u8; 64] {
    struct Len;
    impl hkdf::KeyType for Len {
        fn len(&self) -> usize {
            64
        }
    }
    let mut out = [0; 64];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(ikm);
    prk.expand(&[info.as_bytes()], Len)
        .unwrap()
        .fill(&mut out)
        .unwrap();
    out
}

fn body_key(key: &RecordKey) -> [u8; 32] {
    hkdf64(&[], key.key_bytes(), "tw/1 body key\n")[..32]
        .try_into()
        .unwrap()
}

#[test]
fn keys_are_derived_as_the_format_says() {
    let ikm = [SUBJECT, PERIOD].concat();
    let info = format!("tw/1 record\n{LOG}\n{}\n", "04".repeat(16));
    let key = record_key(&SUBJECT, &PERIOD, &SALT, LOG, &RID);
    assert_eq!(key.key_bytes()[..], hkdf64(&SALT, &ikm, &info)[..32]);
    assert_eq!(
        key.kc().0[..],
        hkdf64(&[], key.key_bytes(), "tw/1 body key\n")[32..]
    );
    let info = format!("tw/1 tag\n{LOG}\n");
    assert_eq!(
        tag(&SUBJECT, &PERIOD, LOG)[..],
        hkdf64(&[], &ikm, &info)[..16]
    );
    assert!(!format!("{key:?}").contains(&hex::encode(key.key_bytes())));

    let sealed = seal(b"{}", &SUBJECT, &PERIOD, SALT, BINDING).unwrap();
    assert_eq!(sealed.stored.len(), SALT_LEN + 1024 + 16);
    assert_eq!(sealed.stored[..32], SALT);
    assert_eq!(
        (sealed.body, sealed.body_len),
        (Hash::of(&[&sealed.stored]), 1024)
    );
    // Opened by hand: what the format says is what is done.
    let aad = format!(
        "tw/1 body\n{LOG}\n{}\n{}\nlookup\nchat\n",
        "04".repeat(16),
        "05".repeat(16)
    );
    let (mut plain, gcm_tag) = (sealed.stored[32..1056].to_vec(), &sealed.stored[1056..]);
    let gcm_tag: [u8; 16] = gcm_tag.try_into().unwrap();
    Aes256Gcm::new(&body_key(&key).into())
        .decrypt_inout_detached(
            &[0; 12].into(),
            aad.as_bytes(),
            InOutBuf::from(plain.as_mut_slice()),
            &gcm_tag.into(),
        )
        .unwrap();
    assert_eq!(plain[..6], *b"\0\0\0\x02{}");
    assert!(plain[6..].iter().all(|b| *b == 0));
}

#[test]
fn buckets_are_the_smallest_that_hold() {
    let cases = [
        (0, 1024),
        (1020, 1024),
        (1021, 2048),
        (2044, 2048),
        (2045, 4096),
        (1_048_572, 1_048_576),
    ];
    for (len, expected) in cases {
        assert_eq!(bucket(len), Some(expected));
        let json = vec![b' '; len];
        let sealed = seal(&json, &SUBJECT, &PERIOD, SALT, BINDING).unwrap();
        let key = record_key(&SUBJECT, &PERIOD, &SALT, LOG, &RID);
        assert_eq!(
            *open(&sealed.stored, &key, &sealed.kc, BINDING).unwrap(),
            json
        );
    }
    for len in [1_048_573, usize::MAX, usize::MAX - 4] {
        assert_eq!(bucket(len), None);
    }
    let long = vec![b' '; 1_048_573];
    assert_eq!(
        seal(&long, &SUBJECT, &PERIOD, SALT, BINDING),
        Err(SealError::TooLong)
    );
}

#[test]
fn a_body_opens_under_its_own_binding_alone() {
    let sealed = seal(b"{\"a\":1}", &SUBJECT, &PERIOD, SALT, BINDING).unwrap();
    let key = record_key(&SUBJECT, &PERIOD, &SALT, LOG, &RID);
    let (rid, tag) = ([9; 16], [9; 16]);
    for other in [
        Binding {
            log: "other.example",
            ..BINDING
        },
        Binding {
            rid: &rid,
            ..BINDING
        },
        Binding {
            tag: &tag,
            ..BINDING
        },
        Binding {
            kind: Kind::Turn,
            ..BINDING
        },
        Binding {
            class: "kyc",
            ..BINDING
        },
    ] {
        assert_eq!(
            open(&sealed.stored, &key, &sealed.kc, other),
            Err(OpenError::Ciphertext)
        );
    }
    let wrong = record_key(&PERIOD, &SUBJECT, &SALT, LOG, &RID);
    assert_eq!(
        open(&sealed.stored, &wrong, &sealed.kc, BINDING),
        Err(OpenError::Commitment)
    );
    assert_eq!(
        open(&sealed.stored, &key, &Hash::ZERO, BINDING),
        Err(OpenError::Commitment)
    );
    // The salt is not decrypted, but gives another key; the leaf's hash covers it, too.
    let released = RecordKey::from_parts(*key.key_bytes());
    assert_eq!(released.kc(), sealed.kc);
    assert_eq!(
        *open(&sealed.stored, &released, &sealed.kc, BINDING).unwrap(),
        b"{\"a\":1}"
    );
}

/// Encrypts any plaintext under the key of the record, as only a dishonest writer would.
fn seal_plain(mut plain: Vec<u8>) -> Vec<u8> {
    let key = record_key(&SUBJECT, &PERIOD, &SALT, LOG, &RID);
    let aad = format!(
        "tw/1 body\n{LOG}\n{}\n{}\nlookup\nchat\n",
        "04".repeat(16),
        "05".repeat(16)
    );
    let gcm_tag = Aes256Gcm::new(&body_key(&key).into())
        .encrypt_inout_detached(
            &[0; 12].into(),
            aad.as_bytes(),
            InOutBuf::from(plain.as_mut_slice()),
        )
        .unwrap();
    [&SALT[..], &plain, &gcm_tag].concat()
}

#[test]
fn padding_carries_nothing() {
    let key = record_key(&SUBJECT, &PERIOD, &SALT, LOG, &RID);
    let result = |plain: Vec<u8>| open(&seal_plain(plain), &key, &key.kc(), BINDING).map(|_| ());
    let plain = |len: u32, size: usize| {
        let mut plain = len.to_be_bytes().to_vec();
        plain.resize(size, 0);
        plain
    };
    assert_eq!(result(plain(7, 1024)), Ok(()));
    let mut hidden = plain(7, 1024);
    hidden[1023] = 1;
    assert_eq!(result(hidden), Err(OpenError::Padding));
    for (len, size) in [
        (7, 2048),
        (1021, 1024),
        (u32::MAX, 1024),
        (7, 1000),
        (0, 0),
        (0, 3),
    ] {
        assert_eq!(
            result(plain(len, size)),
            Err(OpenError::Padding),
            "{len} {size}"
        );
    }
    for len in [0, 31, 32, 47] {
        assert_eq!(
            open(&vec![0; len], &key, &key.kc(), BINDING),
            Err(OpenError::Length)
        );
    }
}

proptest! {
    #[test]
    fn a_changed_body_does_not_open(at in 32..1072_usize, bit in 0..8_u8) {
        let mut sealed = seal(b"{}", &SUBJECT, &PERIOD, SALT, BINDING).unwrap();
        let key = record_key(&SUBJECT, &PERIOD, &SALT, LOG, &RID);
        sealed.stored[at] ^= 1 << bit;
        let opened = open(&sealed.stored, &key, &sealed.kc, BINDING);
        prop_assert_eq!(opened, Err(OpenError::Ciphertext));
    }
}

/// GHASH's field, bits in GCM's order.
fn multiply(x: u128, mut v: u128) -> u128 {
    let mut z = 0;
    for i in 0..128 {
        if x >> (127 - i) & 1 == 1 {
            z ^= v;
        }
        let carry = v & 1 == 1;
        v >>= 1;
        if carry {
            v ^= 0xe1 << 120;
        }
    }
    z
}

fn power(x: u128, n: u128) -> u128 {
    let one = 1 << 127;
    (0..128).rev().fold(one, |z, i| {
        let z = multiply(z, z);
        if n >> i & 1 == 1 { multiply(z, x) } else { z }
    })
}

fn block(key: &[u8; 32], block: u128) -> u128 {
    let mut bytes: cipher::Block<Aes256> = block.to_be_bytes().into();
    Aes256::new(key.into()).encrypt_block(&mut bytes);
    u128::from_be_bytes(bytes.into())
}

/// AES-GCM accepts one ciphertext under two keys if a writer wants it to; the commitment does not.
#[test]
fn a_ciphertext_made_to_open_under_two_keys_opens_under_one() {
    let keys = [1, 2].map(|n| RecordKey::from_parts([n; 32]));
    let raw = keys.each_ref().map(body_key);
    let aad = format!(
        "tw/1 body\n{LOG}\n{}\n{}\nlookup\nchat\n",
        "04".repeat(16),
        "05".repeat(16)
    );
    let mut ciphertext = vec![0_u8; 1024];
    let h = raw.map(|key| block(&key, 0));
    let mask = raw.map(|key| block(&key, 1));
    let ghash = |h: u128, ciphertext: &[u8]| {
        let blocks = aad
            .as_bytes()
            .chunks(16)
            .chain(ciphertext.chunks(16))
            .map(|chunk| {
                let mut block = [0; 16];
                block[..chunk.len()].copy_from_slice(chunk);
                u128::from_be_bytes(block)
            });
        let lengths = (aad.len() as u128 * 8) << 64 | (ciphertext.len() as u128 * 8);
        blocks
            .chain([lengths])
            .fold(0, |y, block| multiply(y ^ block, h))
    };
    // The last block of ciphertext counts times H²; choose it so that both tags are the same.
    let differ = mask[0] ^ mask[1] ^ ghash(h[0], &ciphertext) ^ ghash(h[1], &ciphertext);
    let squares = power(h[0], 2) ^ power(h[1], 2);
    let last = multiply(differ, power(squares, u128::MAX - 1));
    ciphertext[1008..].copy_from_slice(&last.to_be_bytes());
    let gcm_tag = (ghash(h[0], &ciphertext) ^ mask[0]).to_be_bytes();
    for key in &raw {
        let opened = Aes256Gcm::new(key.into()).decrypt_inout_detached(
            &[0; 12].into(),
            aad.as_bytes(),
            InOutBuf::from(ciphertext.clone().as_mut_slice()),
            &gcm_tag.into(),
        );
        assert!(opened.is_ok(), "AES-GCM alone accepts it");
    }
    let stored = [&SALT[..], &ciphertext, &gcm_tag].concat();
    let kc = keys[0].kc();
    assert_eq!(
        open(&stored, &keys[1], &kc, BINDING),
        Err(OpenError::Commitment)
    );
}
