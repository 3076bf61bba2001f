//! Metrics, by name. Labels come from closed lists: enums of ours, and names in the
//! configuration and the catalog. Nothing that a caller chooses is ever a label.

use crate::identity::Unknown;
use crate::upstream::Failed;
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// Calls answered. `operation`: from the catalog, or `none`; `outcome`: `ok` or a refusal's code.
pub const CALLS: &str = "tidewaiter_calls_total";
/// How long a call took, from its last byte in to its first byte out.
pub const CALL_SECONDS: &str = "tidewaiter_call_seconds";
/// Requests of nobody we know, or with a token of the wrong kind. `reason`: see [`Unknown`], or
/// `wrong_kind`.
pub const UNKNOWN: &str = "tidewaiter_unknown_callers_total";
/// Calls over quota. `agent`: from the configuration.
pub const OVER_QUOTA: &str = "tidewaiter_over_quota_total";
/// How long an upstream took. `upstream`: from the configuration.
pub const UPSTREAM_SECONDS: &str = "tidewaiter_upstream_seconds";
/// Requests that an upstream did not answer well. `upstream`; `reason`: see [`Failed`].
pub const UPSTREAM_FAILURES: &str = "tidewaiter_upstream_failures_total";
/// Reads that were sent to an upstream once more. `upstream`.
pub const UPSTREAM_RETRIES: &str = "tidewaiter_upstream_retries_total";
/// Whether an upstream is asked: 0 closed (it is), 1 half open (one request tries), 2 open (it is
/// not). `upstream`.
pub const UPSTREAM_BREAKER: &str = "tidewaiter_upstream_breaker";
/// How long a record took to be durable.
pub const APPEND_SECONDS: &str = "tidewaiter_ledger_append_seconds";
/// Records in one commit.
pub const BATCH_RECORDS: &str = "tidewaiter_ledger_batch_records";
/// Records waiting for a commit.
pub const QUEUE: &str = "tidewaiter_ledger_queue";
/// Outcomes dropped because their record could not be written (I1).
pub const UNRECORDED: &str = "tidewaiter_unrecorded_total";
/// Records in the ledger.
pub const RECORDS: &str = "tidewaiter_ledger_records";
/// Age of the last checkpoint.
pub const CHECKPOINT_AGE: &str = "tidewaiter_checkpoint_age_seconds";
/// Drafts refused because the queue was full.
pub const QUEUE_FULL: &str = "tidewaiter_ledger_queue_full_total";
/// Commits that failed.
pub const APPEND_FAILURES: &str = "tidewaiter_ledger_append_failures_total";
/// Checkpoints that could not be signed or anchored.
pub const CHECKPOINT_FAILURES: &str = "tidewaiter_ledger_checkpoint_failures_total";
/// Open connections.
pub const CONNECTIONS: &str = "tidewaiter_connections";
/// Connections ended before a request. `reason`: `accept`, `tls`, `tls_timeout`.
pub const CONNECTIONS_LOST: &str = "tidewaiter_connections_lost_total";
/// Requests answered. `route`: from the route table, or `none`; `status`.
pub const HTTP_REQUESTS: &str = "tidewaiter_http_requests_total";
/// How long a request took. `route`.
pub const HTTP_SECONDS: &str = "tidewaiter_http_seconds";
/// Fetches of an issuer's keys that gave none. `issuer`: from the configuration.
pub const JWKS_FAILURES: &str = "tidewaiter_jwks_fetch_failures_total";
/// Tokens asked for by known agents. `agent`: from the configuration; `outcome`: `ok`, or an error
/// of RFC 6749 §5.2.
pub const TOKENS: &str = "tidewaiter_tokens_total";
/// Panics, all of them bugs.
pub const PANICS: &str = "tidewaiter_panics_total";

/// Texts with characters that show nothing and were removed. `source`: `upstream`, `customer`,
/// `assistant`, `human`.
pub const HIDDEN: &str = "tidewaiter_hidden_text_total";
/// Turns stopped because they ask the customer for a secret. `speaker`: `assistant`, `human`;
/// `secret`: what they ask for.
pub const ASKED: &str = "tidewaiter_turns_stopped_total";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// What is said about each in the exposition.
const ALL: [(&str, Kind, &str); 26] = [
    (
        CALLS,
        Kind::Counter,
        "Calls answered, by operation and outcome",
    ),
    (CALL_SECONDS, Kind::Histogram, "Seconds a call took"),
    (
        UNKNOWN,
        Kind::Counter,
        "Requests of unknown callers, by reason",
    ),
    (OVER_QUOTA, Kind::Counter, "Calls over quota, by agent"),
    (
        UPSTREAM_SECONDS,
        Kind::Histogram,
        "Seconds an upstream took",
    ),
    (
        UPSTREAM_FAILURES,
        Kind::Counter,
        "Failed upstream requests, by reason",
    ),
    (
        UPSTREAM_RETRIES,
        Kind::Counter,
        "Reads sent to an upstream once more",
    ),
    (
        UPSTREAM_BREAKER,
        Kind::Gauge,
        "An upstream's breaker: 0 closed, 1 half open, 2 open",
    ),
    (
        APPEND_SECONDS,
        Kind::Histogram,
        "Seconds until a record was durable",
    ),
    (BATCH_RECORDS, Kind::Histogram, "Records in one commit"),
    (QUEUE, Kind::Gauge, "Records waiting for a commit"),
    (
        UNRECORDED,
        Kind::Counter,
        "Outcomes dropped for want of a record",
    ),
    (RECORDS, Kind::Gauge, "Records in the ledger"),
    (
        CHECKPOINT_AGE,
        Kind::Gauge,
        "Seconds since the last checkpoint",
    ),
    (QUEUE_FULL, Kind::Counter, "Drafts refused by a full queue"),
    (APPEND_FAILURES, Kind::Counter, "Failed commits"),
    (
        CHECKPOINT_FAILURES,
        Kind::Counter,
        "Checkpoints that were not signed",
    ),
    (CONNECTIONS, Kind::Gauge, "Open connections"),
    (
        CONNECTIONS_LOST,
        Kind::Counter,
        "Connections ended before a request",
    ),
    (
        HTTP_REQUESTS,
        Kind::Counter,
        "Requests answered, by route and status",
    ),
    (HTTP_SECONDS, Kind::Histogram, "Seconds a request took"),
    (
        JWKS_FAILURES,
        Kind::Counter,
        "Fetches of issuers' keys that gave none",
    ),
    (
        TOKENS,
        Kind::Counter,
        "Tokens asked for by agents, by outcome",
    ),
    (PANICS, Kind::Counter, "Panics"),
    (
        HIDDEN,
        Kind::Counter,
        "Texts with unseen characters removed, by source",
    ),
    (
        ASKED,
        Kind::Counter,
        "Turns stopped for asking for a secret, by speaker and secret",
    ),
];

const SECONDS: [f64; 14] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
const RECORDS_EACH: [f64; 8] = [1.0, 4.0, 16.0, 64.0, 128.0, 256.0, 512.0, 1_024.0];

/// Metrics cannot be collected: something in the process does so already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("metrics are collected by something else already")]
pub struct Uncollected;

/// The collected metrics.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Collects the process's metrics from now on. Once.
    pub fn start() -> Result<Self, Uncollected> {
        let recorder = builder().ok_or(Uncollected)?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_error| Uncollected)?;
        describe();
        Ok(Self(handle))
    }

    /// The metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds histograms together; every few seconds, so that memory stays bounded.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn builder() -> Option<PrometheusBuilder> {
    use metrics_exporter_prometheus::Matcher::Full;
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?;
    builder
        .set_buckets_for_metric(Full(BATCH_RECORDS.to_owned()), &RECORDS_EACH)
        .ok()
}

fn describe() {
    for (name, kind, help) in ALL {
        match kind {
            Kind::Counter => metrics::describe_counter!(name, help),
            Kind::Gauge => metrics::describe_gauge!(name, help),
            Kind::Histogram => metrics::describe_histogram!(name, help),
        }
    }
}

/// Counts a caller whom we do not know.
pub fn unknown(reason: Unknown) {
    counter!(UNKNOWN, "reason" => reason.as_str()).increment(1);
}

/// Counts texts that carried unseen characters. `source` is from the list at [`HIDDEN`].
pub fn hidden(source: &'static str, texts: u64) {
    if texts > 0 {
        counter!(HIDDEN, "source" => source).increment(texts);
    }
}

/// Counts a fetch that gave no keys of `issuer`, which must be a configured name.
pub fn jwks_failed(issuer: &str) {
    counter!(JWKS_FAILURES, "issuer" => issuer.to_owned()).increment(1);
}

/// Measures one request to `upstream`, which must be a configured name.
pub fn upstream(upstream: &str, took: Duration, failed: Option<Failed>) {
    let upstream = upstream.to_owned();
    histogram!(UPSTREAM_SECONDS, "upstream" => upstream.clone()).record(took);
    if let Some(failed) = failed {
        let reason = failed.as_str();
        counter!(UPSTREAM_FAILURES, "upstream" => upstream, "reason" => reason).increment(1);
    }
}

/// Counts a read that is sent to `upstream` once more.
pub fn upstream_retry(upstream: &str) {
    counter!(UPSTREAM_RETRIES, "upstream" => upstream.to_owned()).increment(1);
}

/// Shows the state of the breaker of `upstream`.
pub fn breaker(upstream: &str, state: f64) {
    gauge!(UPSTREAM_BREAKER, "upstream" => upstream.to_owned()).set(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_name_of_its_own_and_is_described() {
        let mut names: Vec<_> = ALL.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for (name, kind, _) in ALL {
            assert!(name.starts_with("tidewaiter_"), "{name}");
            assert_eq!(name.ends_with("_total"), kind == Kind::Counter, "{name}");
        }
    }

    #[test]
    fn what_is_counted_is_rendered_with_labels_from_closed_lists() {
        let recorder = builder().unwrap().build_recorder();
        let metrics = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            describe();
            unknown(Unknown::Expired);
            upstream("core", Duration::from_millis(3), Some(Failed::Status(503)));
            histogram!(BATCH_RECORDS).record(17.0);
        });
        metrics.upkeep();
        let text = metrics.render();
        for line in [
            "# TYPE tidewaiter_unknown_callers_total counter",
            "tidewaiter_unknown_callers_total{reason=\"expired\"} 1",
            "tidewaiter_upstream_failures_total{upstream=\"core\",reason=\"status_5xx\"} 1",
            "tidewaiter_upstream_seconds_bucket{upstream=\"core\",le=\"0.005\"} 1",
            "tidewaiter_ledger_batch_records_bucket{le=\"64\"} 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
