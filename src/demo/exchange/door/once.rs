//! What was used once and must not be used again.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How long something is remembered at least; what is older is refused as stale by whoever asks.
pub(super) const REMEMBERED_US: i64 = 120 * 1_000_000;
/// How much of each generation is remembered. Beyond that everything is refused: forgetting would
/// let old requests in again.
const MOST: usize = 1 << 20;

/// The names used lately, in two generations, so that forgetting costs nothing.
#[derive(Debug, Default)]
pub(super) struct Once(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    began_us: i64,
    young: HashSet<String>,
    old: HashSet<String>,
}

impl Once {
    /// Whether `name` is used for the first time. From now on it was used.
    pub(super) fn is_first(&self, name: &str, now_us: i64) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now_us.saturating_sub(all.began_us);
        if age >= REMEMBERED_US {
            let young = std::mem::take(&mut all.young);
            // Nobody asked for so long that the younger ones are stale as well.
            all.old = if age >= REMEMBERED_US.saturating_mul(2) {
                HashSet::new()
            } else {
                young
            };
            all.began_us = now_us;
        }
        all.young.len() < MOST && !all.old.contains(name) && all.young.insert(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_is_remembered_as_long_as_it_is_fresh() {
        let once = Once::default();
        let mut now_us = 1_795_352_700_000_000;
        assert!(once.is_first("a", now_us) && once.is_first("b", now_us));
        for _ in 0..4 {
            now_us += REMEMBERED_US / 4;
            assert!(!once.is_first("a", now_us));
        }
        now_us += 2 * REMEMBERED_US;
        assert!(once.is_first("b", now_us), "stale by now, so nobody asks");
    }
}
