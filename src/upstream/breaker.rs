//! The circuit breaker of an upstream: while it fails, it is left in peace, and calls are
//! answered at once.
//!
//! Closed: requests pass and are counted. Open: none passes. Half open: one passes, and what
//! becomes of it decides. Counts are of a sliding window of [`SLOTS`] slots, so they are bounded
//! whatever the load. Time is the clock's.

use crate::clock::Clock;
use crate::config::upstream::Breaker as Rules;
use crate::telemetry::metric;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Slots of the window.
const SLOTS: usize = 10;

/// The breaker of one upstream.
#[derive(Debug)]
pub(super) struct Breaker {
    name: String,
    rules: Rules,
    clock: Clock,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: State,
    /// Counts changes, so that what began before one is not counted after it.
    epoch: u64,
}

#[derive(Debug)]
enum State {
    Closed(Window),
    Open { since_us: i64 },
    HalfOpen { probing: bool },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(Window::default())
    }
}

impl State {
    /// Its name in the log and its value as a gauge.
    fn shown(&self) -> (&'static str, f64) {
        match self {
            Self::Closed(_) => ("closed", 0.0),
            Self::HalfOpen { .. } => ("half_open", 1.0),
            Self::Open { .. } => ("open", 2.0),
        }
    }
}

/// How a request says the upstream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It answered, if only with a refusal.
    Well,
    /// It was not there, broke off, took too long, or said that it cannot now.
    Ill,
}

impl Breaker {
    pub(super) fn new(name: &str, rules: Rules, clock: Clock) -> Self {
        metric::breaker(name, State::default().shown().1);
        Self {
            name: name.to_owned(),
            rules,
            clock,
            inner: Mutex::default(),
        }
    }

    /// Whether a request would be turned away now. Changes nothing.
    pub(super) fn is_open(&self) -> bool {
        match self.lock().state {
            State::Closed(_) => false,
            State::Open { since_us } => !self.has_rested(since_us),
            State::HalfOpen { probing } => probing,
        }
    }

    /// Lets a request pass, or not. What becomes of it must be told to the pass.
    pub(super) fn pass(&self) -> Option<Pass<'_>> {
        let mut inner = self.lock();
        match &mut inner.state {
            State::Closed(_) => {}
            State::HalfOpen { probing } if !*probing => *probing = true,
            State::Open { since_us } => {
                let since_us = *since_us;
                if !self.has_rested(since_us) {
                    return None;
                }
                self.become_(&mut inner, State::HalfOpen { probing: true });
            }
            State::HalfOpen { .. } => return None,
        }
        Some(Pass {
            epoch: inner.epoch,
            breaker: self,
            settled: false,
        })
    }

    /// Whether the time of being open is over. A clock that was set back ends it too.
    fn has_rested(&self, since_us: i64) -> bool {
        let open_us = i64::try_from(self.rules.open.as_micros()).unwrap_or(i64::MAX);
        let rested = self.clock.now_us().saturating_sub(since_us);
        rested >= open_us || rested < 0
    }

    fn settle(&self, epoch: u64, health: Option<Health>) {
        let mut inner = self.lock();
        if inner.epoch != epoch {
            return;
        }
        let now_us = self.clock.now_us();
        let next = match (&mut inner.state, health) {
            // A request that was given up says nothing. The next one is the probe instead.
            (State::HalfOpen { probing }, None) => {
                *probing = false;
                None
            }
            (State::HalfOpen { .. }, Some(Health::Well)) => Some(State::default()),
            (State::HalfOpen { .. }, Some(Health::Ill)) => Some(State::Open { since_us: now_us }),
            (State::Closed(window), Some(health)) => {
                let slot_us = (self.rules.window.as_micros() / 10).max(1);
                let slot = now_us / i64::try_from(slot_us).unwrap_or(i64::MAX);
                window.count(slot, health);
                let (ill, all) = window.sums(slot);
                let share = u64::from(self.rules.failed_percent).saturating_mul(all);
                let down =
                    all >= u64::from(self.rules.at_least) && ill.saturating_mul(100) >= share;
                down.then_some(State::Open { since_us: now_us })
            }
            (State::Closed(_), None) | (State::Open { .. }, _) => None,
        };
        if let Some(next) = next {
            self.become_(&mut inner, next);
        }
    }

    fn become_(&self, inner: &mut Inner, next: State) {
        inner.epoch = inner.epoch.wrapping_add(1);
        inner.state = next;
        let (state, value) = inner.state.shown();
        metric::breaker(&self.name, value);
        tracing::warn!(code = "upstream_breaker", upstream = %self.name, state, "an upstream's breaker changed");
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to send one request.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    epoch: u64,
    breaker: &'a Breaker,
    settled: bool,
}

impl Pass<'_> {
    /// Tells what became of it.
    pub(super) fn settle(mut self, health: Health) {
        self.settled = true;
        self.breaker.settle(self.epoch, Some(health));
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker.settle(self.epoch, None);
        }
    }
}

/// Requests of the last while.
#[derive(Debug, Default)]
struct Window([Slot; SLOTS]);

#[derive(Debug, Default, Clone, Copy)]
struct Slot {
    number: i64,
    ill: u32,
    all: u32,
}

impl Window {
    fn count(&mut self, number: i64, health: Health) {
        let at = usize::try_from(number.rem_euclid(10)).unwrap_or_default();
        let Some(slot) = self.0.get_mut(at) else {
            return;
        };
        if slot.number != number {
            *slot = Slot {
                number,
                ..Slot::default()
            };
        }
        slot.all = slot.all.saturating_add(1);
        slot.ill = slot.ill.saturating_add(u32::from(health == Health::Ill));
    }

    /// How many were ill, of how many.
    fn sums(&self, number: i64) -> (u64, u64) {
        let fresh = |slot: &&Slot| (0..10).contains(&number.saturating_sub(slot.number));
        let slots = self.0.iter().filter(fresh);
        slots.fold((0, 0), |(ill, all), slot| {
            (ill + u64::from(slot.ill), all + u64::from(slot.all))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn breaker() -> (Breaker, Clock) {
        let clock = Clock::manual(1_795_352_700_000_000);
        let rules = Rules {
            failed_percent: 50,
            at_least: 4,
            window: Duration::from_secs(10),
            open: Duration::from_secs(5),
        };
        (Breaker::new("core", rules, clock.clone()), clock)
    }

    fn sent(breaker: &Breaker, health: Health) -> bool {
        match breaker.pass() {
            Some(pass) => {
                pass.settle(health);
                true
            }
            None => false,
        }
    }

    const SECOND: i64 = 1_000_000;

    #[test]
    fn it_opens_at_its_share_of_failures_and_not_before() {
        let (it, _clock) = breaker();
        for health in [Health::Ill, Health::Ill, Health::Ill] {
            assert!(sent(&it, health));
        }
        assert!(!it.is_open(), "three are too few to tell");
        assert!(sent(&it, Health::Well));
        assert!(it.is_open(), "three of four");
        assert!(!sent(&it, Health::Well));

        let (it, _clock) = breaker();
        for _ in 0..50 {
            assert!(sent(&it, Health::Well) && sent(&it, Health::Well) && sent(&it, Health::Ill));
        }
        assert!(!it.is_open(), "a third is no half");
    }

    #[test]
    fn failures_are_forgotten_with_the_window() {
        let (it, clock) = breaker();
        for _ in 0..3 {
            sent(&it, Health::Ill);
        }
        clock.advance(11 * SECOND);
        sent(&it, Health::Ill);
        assert!(!it.is_open());
        // Little by little, the oldest first.
        for _ in 0..3 {
            clock.advance(4 * SECOND);
            sent(&it, Health::Ill);
        }
        assert!(!it.is_open());
        sent(&it, Health::Ill);
        assert!(it.is_open());
    }

    #[test]
    fn half_open_lets_one_through_and_its_end_decides() {
        let (it, clock) = breaker();
        for _ in 0..4 {
            sent(&it, Health::Ill);
        }
        clock.advance(5 * SECOND - 1);
        assert!(it.is_open() && it.pass().is_none());
        clock.advance(1);
        assert!(!it.is_open());
        let probe = it.pass().unwrap();
        assert!(it.is_open() && it.pass().is_none() && it.pass().is_none());
        probe.settle(Health::Ill);
        assert!(it.pass().is_none(), "open again, from now on");
        clock.advance(5 * SECOND);
        it.pass().unwrap().settle(Health::Well);
        for _ in 0..3 {
            assert!(
                sent(&it, Health::Ill),
                "closed, and nothing is held against it"
            );
        }
    }

    #[test]
    fn a_probe_that_is_given_up_leaves_its_place() {
        let (it, clock) = breaker();
        for _ in 0..4 {
            sent(&it, Health::Ill);
        }
        clock.advance(5 * SECOND);
        drop(it.pass().unwrap());
        let probe = it.pass().unwrap();
        assert!(it.pass().is_none());
        probe.settle(Health::Well);
        assert!(!it.is_open());
    }

    #[test]
    fn what_began_before_a_change_does_not_decide_after_it() {
        let (it, clock) = breaker();
        let (late_well, late_ill) = (it.pass().unwrap(), it.pass().unwrap());
        for _ in 0..4 {
            sent(&it, Health::Ill);
        }
        late_well.settle(Health::Well);
        assert!(it.is_open());
        clock.advance(5 * SECOND);
        let probe = it.pass().unwrap();
        late_ill.settle(Health::Ill);
        assert!(it.pass().is_none(), "the probe is still out");
        probe.settle(Health::Well);
        assert!(!it.is_open());
    }

    #[test]
    fn a_clock_set_back_does_not_keep_it_open() {
        let (it, clock) = breaker();
        for _ in 0..4 {
            sent(&it, Health::Ill);
        }
        clock.advance(-3_600 * SECOND);
        assert!(sent(&it, Health::Well));
    }
}
