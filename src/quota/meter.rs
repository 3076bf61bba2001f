//! What an answer says about quotas: the fields `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10, structured fields of RFC 9651), and `Retry-After`.
//!
//! A meter travels with the task that serves a request, and with those it starts.

use super::{OverQuota, Rate, Scope};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

tokio::task_local! {
    static METER: Meter;
}

/// What is left of one quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) scope: Scope,
    pub(super) rate: Rate,
    pub(super) left: u32,
    /// In how many seconds there is all of it again; of one that is spent, when there is one.
    pub(super) full_in_s: u64,
}

/// What was learned of the quotas of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<Mutex<Reading>>);

#[derive(Debug, Default)]
struct Reading {
    standings: Vec<Standing>,
    wait_s: Option<u64>,
}

impl Meter {
    /// The meter of this task; a fresh one, which nobody will read, outside of a request.
    pub(crate) fn current() -> Self {
        METER.try_with(Self::clone).unwrap_or_default()
    }

    /// Does something that this meter measures.
    pub(crate) async fn measure<T>(self, work: impl Future<Output = T>) -> T {
        METER.scope(self, work).await
    }

    fn with<T>(&self, read: impl FnOnce(&mut Reading) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes the fields, if any quota was looked at.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let (mut policy, mut limit, mut wait) = (String::new(), String::new(), None);
        self.with(|reading| {
            for standing in &reading.standings {
                let comma = if policy.is_empty() { "" } else { ", " };
                let name = standing.scope.as_str();
                let (count, period_s) = (standing.rate.count(), standing.rate.period_s());
                let (left, full_in_s) = (standing.left, standing.full_in_s);
                // Writing to a String cannot fail.
                let _ = write!(policy, "{comma}\"{name}\";q={count};w={period_s}");
                let _ = write!(limit, "{comma}\"{name}\";r={left};t={full_in_s}");
            }
            wait = reading.wait_s;
        });
        for (name, text) in [(POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::try_from(text)
                && !value.is_empty()
            {
                headers.insert(name, value);
            }
        }
        if let Some(wait_s) = wait {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait_s));
        }
    }
}

/// Notes what is left of a quota; of two of one scope, the last counts.
pub(super) fn note(standing: Standing) {
    let _outside = METER.try_with(|meter| {
        meter.with(|reading| {
            reading.standings.retain(|s| s.scope != standing.scope);
            reading.standings.push(standing);
        });
    });
}

/// Notes that the request was refused, and for how long.
pub(super) fn note_refusal(over: OverQuota) {
    let _outside = METER.try_with(|meter| {
        meter.with(|reading| reading.wait_s = Some(over.wait_s));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_fields_are_structured_fields() {
        let meter = Meter::default();
        let rate: Rate = "600/min".parse().unwrap();
        let one = Standing {
            scope: Scope::Subject,
            rate,
            left: 599,
            full_in_s: 1,
        };
        meter
            .clone()
            .measure(async {
                note(one);
                note(Standing {
                    scope: Scope::Agent,
                    ..one
                });
                note(Standing {
                    left: 598,
                    full_in_s: 2,
                    ..one
                });
            })
            .await;
        let mut headers = HeaderMap::new();
        meter.write(&mut headers);
        assert_eq!(
            headers[POLICY],
            r#""agent";q=600;w=60, "subject";q=600;w=60"#
        );
        assert_eq!(headers[LIMIT], r#""agent";r=599;t=1, "subject";r=598;t=2"#);
        assert!(!headers.contains_key(RETRY_AFTER));
    }

    #[tokio::test]
    async fn who_has_no_quota_is_told_nothing() {
        note_refusal(OverQuota {
            scope: Scope::Agent,
            wait_s: 9,
        });
        let mut headers = HeaderMap::new();
        Meter::current().write(&mut headers);
        assert!(headers.is_empty());
    }
}
