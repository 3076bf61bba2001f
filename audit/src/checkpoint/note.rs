//! The signed note: a text, an empty line, signature lines.

use thiserror::Error;

use super::key::is_key_name;
use super::{Algorithm, SigningKey, VerifierKey};
use crate::encode::{base64, base64_bytes};
use crate::grammar::DEC_MAX;

/// More signature lines are refused.
pub const SIGNATURES_MAX: usize = 16;

/// The longest note that is read.
const NOTE_MAX: usize = 1 << 20;

/// Why a note, or a signature on it, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Not a text, an empty line and signature lines.
    #[error("not a signed note")]
    Form,
    /// More than [`SIGNATURES_MAX`].
    #[error("more than 16 signature lines")]
    TooMany,
    /// Two lines of the same name and key id.
    #[error("two signatures of the same key")]
    Twice,
    /// The text is not a checkpoint.
    #[error("not a checkpoint of three lines: origin, size, root")]
    Checkpoint,
    /// No line of this key.
    #[error("there is no signature by the key asked for")]
    Missing,
    /// A line of this key that does not verify.
    #[error("the signature by the key asked for is wrong")]
    Wrong,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: [u8; 4],
    /// The signature itself.
    pub bytes: Vec<u8>,
}

/// A signed note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed, with its last line feed.
    pub text: String,
    /// Who claims to have signed it.
    pub signatures: Vec<Signature>,
}

impl Note {
    /// Reads a note of one signature or more. Nothing is verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = std::str::from_utf8(bytes).map_err(|_utf8| NoteError::Form)?;
        let control = |c: char| u32::from(c) < 0x20 && c != '\n';
        if note.len() > NOTE_MAX || note.contains(control) {
            return Err(NoteError::Form);
        }
        // The last empty line: the text may hold others.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures: Vec<Signature> = Vec::new();
        for line in lines.split('\n') {
            let signature = parse_signature(line).ok_or(NoteError::Form)?;
            if signatures.len() == SIGNATURES_MAX {
                return Err(NoteError::TooMany);
            }
            if signatures
                .iter()
                .any(|s| s.name == signature.name && s.id == signature.id)
            {
                return Err(NoteError::Twice);
            }
            signatures.push(signature);
        }
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// Whether `key` signed the text.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        match key.algorithm() {
            Algorithm::Ed25519 => {
                let signature = self.by(key)?;
                if key.signed(self.text.as_bytes(), signature) {
                    Ok(())
                } else {
                    Err(NoteError::Wrong)
                }
            }
            Algorithm::Cosignature => self.cosigned_at(key).map(|_time| ()),
        }
    }

    /// When the witness `key` cosigned the text, in seconds since 1970.
    pub fn cosigned_at(&self, key: &VerifierKey) -> Result<u64, NoteError> {
        let (time, signature) = self.by(key)?.split_first_chunk().ok_or(NoteError::Wrong)?;
        let time = u64::from_be_bytes(*time);
        let genuine = key.algorithm() == Algorithm::Cosignature
            && time <= DEC_MAX
            && key.signed(cosigned_text(&self.text, time).as_bytes(), signature);
        if genuine {
            Ok(time)
        } else {
            Err(NoteError::Wrong)
        }
    }

    fn by(&self, key: &VerifierKey) -> Result<&[u8], NoteError> {
        let mut lines = self.signatures.iter();
        let line = lines.find(|s| s.name == key.name() && s.id == key.id());
        line.map(|s| s.bytes.as_slice()).ok_or(NoteError::Missing)
    }
}

/// `— NAME base64(id || signature)`.
fn parse_signature(line: &str) -> Option<Signature> {
    let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = base64_bytes(signature)?;
    let (id, bytes) = bytes.split_first_chunk()?;
    let valid = is_key_name(name) && !bytes.is_empty();
    valid.then(|| Signature {
        name: name.into(),
        id: *id,
        bytes: bytes.to_vec(),
    })
}

/// A note of `text` (which ends in a line feed) with one line by each key.
pub fn sign_note(text: &str, keys: &[&SigningKey]) -> String {
    let mut note = format!("{text}\n");
    for key in keys {
        note.push_str(&signature_line(key, &key.sign(text.as_bytes())));
    }
    note
}

/// The line by which a witness, made by [`SigningKey::witness_from_seed`], cosigns `text` at
/// `time_s` seconds since 1970. To be appended to the note.
pub fn cosign_note(text: &str, key: &SigningKey, time_s: u64) -> String {
    let mut signature = time_s.to_be_bytes().to_vec();
    signature.extend(key.sign(cosigned_text(text, time_s).as_bytes()));
    signature_line(key, &signature)
}

fn signature_line(key: &SigningKey, signature: &[u8]) -> String {
    let mut bytes = key.verifier().id().to_vec();
    bytes.extend_from_slice(signature);
    format!("\u{2014} {} {}\n", key.name(), base64(&bytes))
}

fn cosigned_text(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}
