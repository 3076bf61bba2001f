//! Signed notes and checkpoints, and what another implementation says of them.

use proptest::prelude::*;
use signed_note::{Note as TheirNote, StandardVerifier, VerifierList};
use tidewaiter_audit::Hash;
use tidewaiter_audit::checkpoint::{
    Checkpoint, KeyError, Note, NoteError, SigningKey, VerifierKey, cosign_note, sign_note,
};
use tlog_tiles::Checkpoint as TheirCheckpoint;

use crate::fixture::{LOG, Log, Signers, witness};

fn signed() -> String {
    sign_note(
        &Log::new(0).checkpoint(20).text(),
        &[&Signers::new(0).checkpoint],
    )
}

#[test]
fn another_implementation_reads_our_notes_and_keys() {
    let key = Signers::new(0).checkpoint;
    let theirs = TheirNote::from_bytes(signed().as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&key.vkey()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let (verified, unknown) = theirs.verify(&known).unwrap();
    assert_eq!((verified.len(), unknown.len()), (1, 0));
    let checkpoint = TheirCheckpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), (LOG, 20));
    assert_eq!(checkpoint.hash().0, Log::new(0).checkpoint(20).root.0);

    let forged = StandardVerifier::new(&Signers::new(1).checkpoint.vkey()).unwrap();
    assert!(
        theirs
            .verify(&VerifierList::new(vec![Box::new(forged)]))
            .is_err()
    );
}

proptest! {
    /// Whatever we accept, they accept; what they accept and we do not is stricter by rule.
    #[test]
    fn no_note_is_accepted_here_and_refused_there(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3_u8,
    ) {
        let mut bytes = signed().into_bytes();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            _ => { bytes.remove(at); }
        }
        if let Ok(ours) = Note::parse(&bytes) {
            let theirs = TheirNote::from_bytes(&bytes).unwrap();
            prop_assert_eq!(theirs.text(), ours.text.as_bytes());
            if Checkpoint::parse_text(&ours.text).is_ok() {
                prop_assert!(TheirCheckpoint::from_bytes(theirs.text()).is_ok());
            }
        }
    }

    #[test]
    fn one_changed_byte_is_no_signature(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = signed().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let verified = Note::parse(&bytes).and_then(|n| n.verify(Signers::new(0).checkpoint.verifier()));
        prop_assert!(verified.is_err());
    }

    #[test]
    fn no_bytes_make_the_readers_panic(text in ".{0,200}") {
        prop_assert!(Note::parse(text.as_bytes()).is_err());
        prop_assert!(VerifierKey::parse(&text).is_err());
        prop_assert!(Checkpoint::parse_text(&text).is_err());
    }
}

#[test]
fn a_note_has_one_form() {
    let good = signed();
    let (text, line) = good.rsplit_once("\n\n").unwrap();
    let parse = |note: String| Note::parse(note.as_bytes()).map(|_| ());
    assert_eq!(parse(good.clone()), Ok(()));
    for bad in [
        format!("{text}\n\n"),
        format!("{text}\n"),
        format!("{text}\n\n{}", line.trim_end()),
        format!("{text}\n\n{line}\n"),
        good.replace('\n', "\r\n"),
        format!("{text}\n\n{}", line.replace("\u{2014} ", "- ")),
        format!("{text}\n\n{}", line.replace(" exchange", "  exchange")),
        format!("{text}\n\n{}", line.replace("exchange", "ex+change")),
        format!("{text}\n\n{}", line.replace("=\n", "\n")),
        format!("{text}\n\n\u{2014} name AAAAAA==\n"),
        format!("{text}\n\n\u{2014} name AAAA\n"),
        format!("{text}\t\n\n{line}"),
    ] {
        assert_eq!(parse(bad.clone()), Err(NoteError::Form), "{bad:?}");
    }
    assert_eq!(parse(format!("{good}{line}")), Err(NoteError::Twice));
    let more: String = (0..16)
        .map(|n| format!("\u{2014} w{n} AAAAAAA=\n"))
        .collect();
    assert_eq!(parse(format!("{text}\n\n{more}")), Ok(()));
    assert_eq!(parse(format!("{good}{more}")), Err(NoteError::TooMany));
}

#[test]
fn a_checkpoint_has_one_form() {
    let good = Log::new(0).checkpoint(20).text();
    assert!(Checkpoint::parse_text(&good).is_ok());
    let root = good.lines().nth(2).unwrap().to_owned();
    for bad in [
        format!("{good}extension\n"),
        good.trim_end().to_owned(),
        good.replace("\n20\n", "\n020\n"),
        good.replace("\n20\n", "\n+20\n"),
        good.replace("\n20\n", "\n\n"),
        good.replace("\n20\n", "\n9223372036854775808\n"),
        good.replace("\n20\n", "\n0\n"),
        good.replace(&root, &root[4..]),
        good.replace(&root, &root.replace('=', "")),
        good.replace(LOG, ""),
    ] {
        assert_eq!(
            Checkpoint::parse_text(&bad),
            Err(NoteError::Checkpoint),
            "{bad:?}"
        );
    }
    let empty = Checkpoint {
        origin: LOG.into(),
        size: 0,
        root: Hash::of(&[]),
    };
    assert_eq!(Checkpoint::parse_text(&empty.text()), Ok(empty));
}

#[test]
fn keys_confused_or_forged_do_not_pass() {
    let note = Note::parse(signed().as_bytes()).unwrap();
    assert_eq!(note.verify(Signers::new(0).checkpoint.verifier()), Ok(()));
    assert_eq!(
        note.verify(Signers::new(1).checkpoint.verifier()),
        Err(NoteError::Missing)
    );
    assert_eq!(
        note.verify(Signers::new(0).manifest.verifier()),
        Err(NoteError::Missing)
    );
    assert_eq!(note.verify(witness(1).verifier()), Err(NoteError::Missing));

    // Another key's signature under the true key's name and id.
    let forger = sign_note(&note.text, &[&Signers::new(1).checkpoint]);
    let mut forged = Note::parse(forger.as_bytes()).unwrap();
    forged.signatures[0].id = Signers::new(0).checkpoint.verifier().id();
    assert_eq!(
        forged.verify(Signers::new(0).checkpoint.verifier()),
        Err(NoteError::Wrong)
    );
}

#[test]
fn a_cosignature_states_its_time() {
    let (text, key) = (Log::new(0).checkpoint(20).text(), witness(1));
    let bytes = signed() + &cosign_note(&text, &key, 1_795_353_500);
    let mut note = Note::parse(bytes.as_bytes()).unwrap();
    assert_eq!(note.cosigned_at(key.verifier()), Ok(1_795_353_500));
    // The same signature with another time.
    note.signatures[1].bytes[7] ^= 1;
    assert_eq!(note.cosigned_at(key.verifier()), Err(NoteError::Wrong));
    // A plain signature by the witness's key is no cosignature.
    let plain = Note::parse(sign_note(&text, &[&key]).as_bytes()).unwrap();
    assert_eq!(plain.verify(key.verifier()), Err(NoteError::Wrong));
}

#[test]
fn the_specifications_own_example_verifies() {
    // C2SP tlog-cosignature gives no key, so only its form can be read.
    let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let note = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(note.signatures.len(), 2);
    assert_eq!(Checkpoint::parse_text(&note.text).unwrap().size, 20_852_163);
}

#[test]
fn verifier_keys_have_one_form() {
    let vkey = Signers::new(0).checkpoint.vkey();
    assert_eq!(VerifierKey::parse(&vkey).unwrap().to_string(), vkey);
    // From the documentation of Go's sumdb/note.
    let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(VerifierKey::parse(known).unwrap().name(), "PeterNeumann");
    let (head, key) = vkey.rsplit_once('+').unwrap();
    for (bad, why) in [
        (known.replace("c74f20a3", "c74f20a4"), KeyError::Id),
        (known.replace("c74f20a3", "C74F20A3"), KeyError::Id),
        (known.replace("Peter", "Petra"), KeyError::Id),
        (format!("{head}+{}", &key[..key.len() - 4]), KeyError::Form),
        (head.to_owned(), KeyError::Form),
        (
            format!("+{}", vkey.split_once('+').unwrap().1),
            KeyError::Name,
        ),
        (known.replace("PeterN", "Peter N"), KeyError::Name),
    ] {
        assert_eq!(VerifierKey::parse(&bad), Err(why), "{bad}");
    }
    assert!(matches!(
        SigningKey::from_seed("a b", &[1; 32]),
        Err(KeyError::Name)
    ));
}
