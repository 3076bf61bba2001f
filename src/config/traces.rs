//! `[traces]`: where spans of calls go.

use super::fault::Faults;
use super::server::is_loopback;
use serde::Deserialize;
use url::Url;

/// A collector that takes OTLP over HTTP, on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// Its URL, such as `http://127.0.0.1:4318/v1/traces`: http on loopback. What leaves the
    /// machine, and how it is protected, is the collector's business.
    pub endpoint: String,
    /// Which share of calls is traced, 0 to 1.
    #[serde(default = "sample")]
    pub sample: f64,
}

fn sample() -> f64 {
    0.05
}

impl Traces {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.unless(
            cfg!(feature = "otel"),
            "traces",
            "needs a build with the feature `otel`",
        );
        let url = Url::parse(&self.endpoint);
        faults.unless(
            url.is_ok_and(|url| url.scheme() == "http" && is_loopback(&url)),
            "traces.endpoint",
            "is not an http URL on loopback",
        );
        faults.unless(
            (0.0..=1.0).contains(&self.sample),
            "traces.sample",
            "is not between 0 and 1",
        );
    }
}
