//! The words of a text as digests of their skeletons, worked out once for all known values.

use super::skeleton::{LONGEST, Reading, digest, write};
use crate::scan::Scan;
use zeroize::Zeroizing;

/// One digest a token, of its plain reading.
pub(super) struct Sheet(Vec<u64>);

impl Sheet {
    pub(super) fn new(scan: &Scan<'_>) -> Self {
        let mut buffer = Zeroizing::new(String::new());
        let digests = scan.tokens.iter().map(|token| {
            let word = scan.lower(token.start, token.end);
            scan.spend(1 + word.len().min(LONGEST) / 2);
            if token.digits {
                digest(word.get(..LONGEST).unwrap_or(word))
            } else {
                write(word, Reading::Plain, &mut buffer);
                digest(&buffer)
            }
        });
        Self(digests.collect())
    }

    /// The digest of token `at`; of nothing past the end.
    pub(super) fn plain(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or_default()
    }
}
