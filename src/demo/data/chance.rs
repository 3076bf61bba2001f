//! Repeatable randomness: the same seed and label give the same draws for ever.
//!
//! Each customer draws from a stream of their own, so the first stay who they are when more are
//! asked for. Not for keys or anything else that must not be guessed.

use ring::digest::{SHA256, digest};

/// A stream of draws: SHA-256 over seed, label and a counter.
#[derive(Debug)]
pub(super) struct Chance {
    key: Vec<u8>,
    counter: u64,
}

impl Chance {
    /// The stream of this seed and label.
    pub(super) fn new(seed: u64, label: &str, number: u64) -> Self {
        let mut key = seed.to_be_bytes().to_vec();
        key.extend(number.to_be_bytes());
        key.extend(label.as_bytes());
        Self { key, counter: 0 }
    }

    fn block(&mut self) -> [u8; 32] {
        let mut input = self.key.clone();
        input.extend(self.counter.to_be_bytes());
        self.counter = self.counter.wrapping_add(1);
        let mut out = [0_u8; 32];
        for (to, from) in out.iter_mut().zip(digest(&SHA256, &input).as_ref()) {
            *to = *from;
        }
        out
    }

    /// `N` bytes, at most 32 of them drawn.
    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0_u8; N];
        for (to, from) in out.iter_mut().zip(self.block()) {
            *to = from;
        }
        out
    }

    /// A number below `bound`; zero where the bound is zero.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        // The bias of the remainder is below 2^-40 for the bounds in use.
        u64::from_be_bytes(self.bytes())
            .checked_rem(bound)
            .unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).saturating_add(1).max(1);
        let draw = self.below(u64::try_from(width).unwrap_or(1));
        low.saturating_add(i64::try_from(draw).unwrap_or(0))
    }

    /// True once in `n` draws.
    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of the list; the default of an empty one.
    pub(super) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let bound = u64::try_from(from.len()).unwrap_or(0);
        let at = usize::try_from(self.below(bound)).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }

    /// One of the words of a text.
    pub(super) fn word(&mut self, text: &'static str) -> &'static str {
        self.pick(&text.split_whitespace().collect::<Vec<_>>())
    }

    /// `n` decimal digits, the first not zero.
    pub(super) fn digits(&mut self, n: usize) -> String {
        (0..n)
            .map(|at| match at {
                0 => self.between(1, 9),
                _ => self.between(0, 9),
            })
            .map(|digit| digit.to_string())
            .collect()
    }

    /// `N` bytes as lower-case hexadecimal.
    pub(super) fn hex<const N: usize>(&mut self) -> String {
        hex::encode(self.bytes::<N>())
    }

    /// A version 4 UUID.
    pub(super) fn uuid(&mut self) -> String {
        let mut bytes = self.bytes::<16>();
        for (at, byte) in bytes.iter_mut().enumerate() {
            match at {
                6 => *byte = (*byte & 0x0f) | 0x40,
                8 => *byte = (*byte & 0x3f) | 0x80,
                _ => {}
            }
        }
        let mut uuid = hex::encode(bytes);
        for at in [20, 16, 12, 8] {
            uuid.insert(at, '-');
        }
        uuid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_label_draws_the_same_and_another_does_not() {
        let draw = |label, number| Chance::new(7, label, number).hex::<16>();
        assert_eq!(draw("a", 1), draw("a", 1));
        assert_ne!(draw("a", 1), draw("a", 2));
        assert_ne!(draw("a", 1), draw("b", 1));
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut chance = Chance::new(1, "bounds", 0);
        for _ in 0..2_000 {
            assert!((-3..=3).contains(&chance.between(-3, 3)));
            assert!(chance.below(5) < 5);
        }
        assert_eq!(chance.below(0), 0);
        assert_eq!(chance.pick::<u8>(&[]), 0);
        assert_eq!(chance.digits(10).len(), 10);
    }

    #[test]
    fn a_uuid_says_it_is_random() {
        let uuid = Chance::new(1, "uuid", 0).uuid();
        assert_eq!(uuid.len(), 36);
        let dashes: Vec<_> = uuid.match_indices('-').map(|(at, _)| at).collect();
        assert_eq!(dashes, [8, 13, 18, 23]);
        assert_eq!(uuid.chars().nth(14), Some('4'));
    }
}
