//! The network's words and their numbers.

/// Words, one a line, in the order of their bytes but for the last two: unknown and padding.
#[derive(Debug)]
pub(super) struct Vocabulary {
    text: String,
    /// Where each line begins; one more for the end.
    starts: Vec<usize>,
}

impl Vocabulary {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let text = text.strip_suffix('\n').unwrap_or(text).to_owned();
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        starts.push(text.len() + 1);
        let out = Self { text, starts };
        let known = out.len().checked_sub(2)?;
        let sorted = (1..known).all(|n| out.word(n - 1) < out.word(n));
        (sorted && out.word(known) == Some("<unk>")).then_some(out)
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn word(&self, id: usize) -> Option<&str> {
        let (start, next) = (self.starts.get(id)?, self.starts.get(id + 1)?);
        self.text.get(*start..next.checked_sub(1)?)
    }

    /// The number of a word in lower case; that of the unknown word if there is none.
    pub(super) fn id(&self, word: &str) -> usize {
        let known = self.len().saturating_sub(2);
        let (mut low, mut high) = (0, known);
        while low < high {
            let middle = low.midpoint(high);
            match self.word(middle) {
                Some(there) if there == word => return middle,
                Some(there) if there < word => low = middle + 1,
                _ => high = middle,
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::Vocabulary;

    #[test]
    fn words_are_found_and_others_unknown() {
        let words = Vocabulary::parse("a\nб\nв\n<unk>\n<pad>".as_bytes()).unwrap();
        assert_eq!(words.len(), 5);
        let ids: Vec<usize> = ["a", "б", "в", "г", "", "<pad>"]
            .map(|w| words.id(w))
            .into();
        assert_eq!(ids, [0, 1, 2, 3, 3, 3]);
    }

    #[test]
    fn a_list_of_another_order_is_refused() {
        for text in ["б\na\n<unk>\n<pad>", "a\nб\n<pad>\n<unk>", "", "a"] {
            assert!(Vocabulary::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
