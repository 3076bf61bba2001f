//! One limit for many: a bucket for each of those it is about.

use super::meter::{self, Standing};
use super::rate::Rate;
use super::{OverQuota, Scope};
use crate::clock::Clock;
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use std::hash::{BuildHasher, Hash, RandomState};
use std::time::{Duration, Instant};

/// The limiter's clock: the system's monotonic one, or the one that a test moves.
#[derive(Debug, Clone)]
struct Ticks {
    clock: Clock,
    began: Instant,
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        match &self.clock {
            Clock::System => self.began.elapsed().into(),
            Clock::Manual(_) => {
                let now_us = u64::try_from(self.clock.now_us()).unwrap_or_default();
                Duration::from_micros(now_us).into()
            }
        }
    }
}

type Limiter =
    governor::RateLimiter<u64, DashMapStateStore<u64>, Ticks, StateInformationMiddleware>;

/// A limit, and a bucket for each key. What is kept of a key is a hash under a key of this
/// process: 24 bytes, and nobody's name.
pub(super) struct Buckets {
    scope: Scope,
    rate: Rate,
    hash: RandomState,
    ticks: Ticks,
    limiter: Limiter,
}

impl Buckets {
    pub(super) fn new(scope: Scope, rate: Rate, clock: &Clock) -> Self {
        let ticks = Ticks {
            clock: clock.clone(),
            began: Instant::now(),
        };
        let limiter = Limiter::new(rate.quota(), DashMapStateStore::default(), ticks.clone());
        Self {
            scope,
            rate,
            hash: RandomState::new(),
            limiter,
            ticks,
        }
    }

    /// Takes one from the bucket of `who`, and notes what is left for the answer's headers.
    pub(super) fn take(&self, who: impl Hash) -> Result<(), OverQuota> {
        match self.limiter.check_key(&self.hash.hash_one(who)) {
            Ok(state) => {
                let left = state.remaining_burst_capacity().min(self.rate.count());
                let spent = self.rate.count().saturating_sub(left);
                meter::note(Standing {
                    scope: self.scope,
                    rate: self.rate,
                    left,
                    full_in_s: seconds(self.rate.interval().saturating_mul(spent)),
                });
                Ok(())
            }
            Err(until) => {
                let wait_s = seconds(until.wait_time_from(self.ticks.now())).max(1);
                meter::note(Standing {
                    scope: self.scope,
                    rate: self.rate,
                    left: 0,
                    full_in_s: wait_s,
                });
                Err(OverQuota {
                    scope: self.scope,
                    wait_s,
                })
            }
        }
    }

    /// Forgets those whose bucket is full again.
    pub(super) fn sweep(&self) {
        self.limiter.retain_recent();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.limiter.len()
    }
}

/// In whole seconds, rounded up.
fn seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}
