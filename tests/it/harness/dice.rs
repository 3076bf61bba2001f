//! Randomness that can be repeated: the seed is printed, and `TW_SEED` sets it.

/// `SplitMix64`.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice of a fresh seed, which is printed for whoever must repeat the run.
    pub(crate) fn new(test: &str) -> Self {
        let given = std::env::var_os("TW_SEED").and_then(|seed| seed.to_str()?.parse().ok());
        let seed =
            given.unwrap_or_else(|| u64::from_be_bytes(tidewaiter::random::bytes().unwrap()));
        println!("{test}: TW_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A place in something of this length.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap())).unwrap()
    }

    /// Other dice, which roll otherwise.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }
}
