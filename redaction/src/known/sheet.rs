//! The words of a text as digests of their skeletons, worked out once for all known values.

use super::skeleton::{LONGEST, Reading, digest, write};
use crate::scan::Scan;
use zeroize::Zeroizing;

/// For each token the digest of its plain reading, and its first symbol.
pub(super) struct Sheet(Vec<(u64, u8)>);

impl Sheet {
    pub(super) fn new(scan: &Scan<'_>) -> Self {
        let mut buffer = Zeroizing::new(String::new());
        let digests = scan.tokens.iter().map(|token| {
            let word = scan.lower(token.start, token.end);
            scan.spend(1 + word.len().min(LONGEST) / 2);
            if token.digits {
                return (digest(word.get(..LONGEST).unwrap_or(word)), b'0');
            }
            write(word, Reading::Plain, &mut buffer);
            let first = buffer.bytes().next().unwrap_or_default();
            (digest(&buffer), first)
        });
        Self(digests.collect())
    }

    /// The digest of token `at`; of nothing past the end.
    pub(super) fn plain(&self, at: usize) -> u64 {
        self.0
            .get(at)
            .map(|(digest, _)| *digest)
            .unwrap_or_default()
    }

    /// The first symbol of token `at`.
    pub(super) fn first(&self, at: usize) -> u8 {
        self.0.get(at).map(|(_, first)| *first).unwrap_or_default()
    }
}
