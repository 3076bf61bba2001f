//! Keys from an issuer's endpoint: fetched on a schedule, never for a request.
//!
//! One task for each endpoint fetches at the start, then as often as the endpoint's caching and the
//! configuration say. A token with a `kid` nobody knows wakes the task, so that a rotation is seen
//! soon; however many such tokens come, two fetches are never closer than the configured gap.
//! Promises that a key which is no longer listed verifies nothing, remembered tokens included; that
//! a failing endpoint leaves the old keys in use for a bounded time; and that an answer which is no
//! sound key set changes nothing.

use super::Identity;
use super::fetch::{Fetch, NotFetched};
use super::key::{self, BadKeys, Keys};
use crate::telemetry::metric;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Where an issuer's keys come from, and the task that asks.
#[derive(Debug)]
pub(super) struct Endpoint {
    fetch: Fetch,
    /// Holds one wake at most, however many ask.
    wake: Notify,
    /// Whether it was asked once, with whatever success.
    asked: watch::Sender<bool>,
}

/// An endpoint gave no keys this time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum NoKeys {
    #[error(transparent)]
    NotFetched(#[from] NotFetched),
    #[error(transparent)]
    Bad(#[from] BadKeys),
}

/// What is known of an endpoint between two fetches.
#[derive(Debug, Default)]
struct Seen {
    /// When it last gave keys.
    fresh: Option<Instant>,
    /// How often it has failed since.
    failures: u32,
}

impl Endpoint {
    pub(super) fn new(fetch: Fetch) -> Self {
        Self {
            fetch,
            wake: Notify::new(),
            asked: watch::Sender::new(false),
        }
    }

    /// Asks for the keys again soon. Costs nothing and never waits.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }
}

impl Identity {
    /// The issuers whose keys come from an endpoint; [`Self::follow`] must run for each.
    pub(crate) fn endpoints(&self) -> Vec<String> {
        let all = self.issuers.iter();
        all.filter(|(_, trusted)| trusted.endpoint().is_some())
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Waits until every endpoint was asked once. An issuer that could not be reached has no keys,
    /// and its tokens make nobody known, until it can be.
    pub(crate) async fn asked_once(&self) {
        for trusted in self.issuers.values() {
            if let Some(endpoint) = trusted.endpoint() {
                let mut asked = endpoint.asked.subscribe();
                let _gone = asked.wait_for(|asked| *asked).await.is_err();
            }
        }
    }

    /// Keeps the keys of the issuer called `name` fresh until `shutdown`.
    pub(crate) async fn follow(&self, name: &str, shutdown: CancellationToken) {
        let Some(trusted) = self.issuers.get(name) else {
            return;
        };
        let Some(endpoint) = trusted.endpoint() else {
            return;
        };
        let gap = trusted.config.jwks_gap;
        let mut seen = Seen::default();
        loop {
            let began = Instant::now();
            let outcome = tokio::select! {
                () = shutdown.cancelled() => return,
                outcome = self.fetch(name, endpoint) => outcome,
            };
            let next = self.learn(name, outcome, &mut seen, began);
            endpoint.asked.send_replace(true);
            let woken = async {
                endpoint.wake.notified().await;
                tokio::time::sleep_until(began + gap).await;
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep_until(next) => {}
                () = woken => {}
            }
        }
    }

    async fn fetch(
        &self,
        name: &str,
        endpoint: &Endpoint,
    ) -> Result<(Keys, Option<Duration>), NoKeys> {
        let fetched = endpoint.fetch.get().await?;
        let keys = key::listed(&fetched.bytes, self.allow_local)?;
        if keys.is_empty() {
            tracing::error!(
                code = "jwks_empty",
                issuer = name,
                "no key is listed any more"
            );
        }
        Ok((keys, fetched.max_age))
    }

    /// Takes in what a fetch gave, and says when to ask again.
    fn learn(
        &self,
        name: &str,
        outcome: Result<(Keys, Option<Duration>), NoKeys>,
        seen: &mut Seen,
        began: Instant,
    ) -> Instant {
        let Some(trusted) = self.issuers.get(name) else {
            return began;
        };
        let config = &trusted.config;
        match outcome {
            Ok((keys, max_age)) => {
                *seen = Seen {
                    fresh: Some(Instant::now()),
                    failures: 0,
                };
                self.use_keys(name, keys);
                let longest = config.jwks_refresh;
                began + max_age.map_or(longest, |age| age.clamp(config.jwks_gap, longest))
            }
            Err(why) => {
                metric::jwks_failed(name);
                tracing::warn!(code = "jwks_failed", issuer = name, %why, "no keys this time");
                let stale = seen.fresh.map(|fresh| fresh + config.jwks_max_stale);
                if stale.is_some_and(|stale| stale <= Instant::now()) {
                    tracing::error!(
                        code = "jwks_stale",
                        issuer = name,
                        "its keys are too old and not used any more"
                    );
                    self.use_keys(name, Keys::new());
                    seen.fresh = None;
                }
                let wait = config.jwks_gap.saturating_mul(1 << seen.failures.min(10));
                seen.failures = seen.failures.saturating_add(1);
                let again = began + wait.min(config.jwks_refresh);
                match seen.fresh.map(|fresh| fresh + config.jwks_max_stale) {
                    Some(stale) => again.min(stale.max(began + config.jwks_gap)),
                    None => again,
                }
            }
        }
    }

    /// Puts other keys in use; whatever was verified by one that is gone is forgotten.
    fn use_keys(&self, name: &str, keys: Keys) {
        let Some(trusted) = self.issuers.get(name) else {
            return;
        };
        if **trusted.keys.load() == keys {
            return;
        }
        let count = keys.len();
        trusted.keys.store(Arc::new(keys));
        self.forget_all();
        tracing::info!(
            code = "jwks_changed",
            issuer = name,
            keys = count,
            "other keys are in use"
        );
    }
}
