//! Characters out of bytes that were cut anywhere.

/// The bytes of a character that has not come whole: three at most.
#[derive(Debug, Default)]
pub(super) struct Partial(Vec<u8>);

impl Partial {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts the characters that `bytes` completes behind `text`, as `String::from_utf8_lossy` would.
    pub(super) fn take(&mut self, bytes: &[u8], text: &mut String) {
        let mut all = std::mem::take(&mut self.0);
        all.extend_from_slice(bytes);
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let rest = chunk.invalid();
            if rest.is_empty() {
                continue;
            }
            // The last one may still become a character.
            let cut = std::str::from_utf8(rest).err();
            if chunks.peek().is_none() && cut.is_some_and(|e| e.error_len().is_none()) {
                self.0 = rest.to_vec();
            } else {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }

    /// No more bytes come.
    pub(super) fn end(&mut self, text: &mut String) {
        if !std::mem::take(&mut self.0).is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Partial;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_as_the_whole(bytes in proptest::collection::vec(any::<u8>(), 0..24), text in "[aé語🔥]{0,6}", cut in 1..5_usize) {
            let bytes = [text.as_bytes(), &bytes, text.as_bytes()].concat();
            let (mut partial, mut out) = (Partial::default(), String::new());
            for piece in bytes.chunks(cut) {
                partial.take(piece, &mut out);
                prop_assert!(partial.len() < 4);
            }
            partial.end(&mut out);
            prop_assert_eq!(out, String::from_utf8_lossy(&bytes));
        }
    }
}
