//! Refusals that need no record of their own: strangers, bad tokens, floods.
//!
//! They are counted by reason and network, and at most one record a second says how many there
//! were, so that nobody can fill the ledger for free.

use crate::ledger::{Draft, Ledger, Owner};
use crate::telemetry::metric;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;
use tidewaiter_audit::Kind;
use tokio_util::sync::CancellationToken;

tokio::task_local! {
    /// Whose request this task serves.
    static PEER: Option<IpAddr>;
}

/// Does something on behalf of a peer.
pub(crate) async fn with_peer<T>(peer: Option<IpAddr>, work: impl Future<Output = T>) -> T {
    PEER.scope(peer, work).await
}

/// The peer this task serves, if it is known.
pub(super) fn peer() -> Option<IpAddr> {
    PEER.try_with(|peer| *peer).ok().flatten()
}

/// How many different (reason, network) pairs one record names; the rest is summed.
const MOST: usize = 64;

/// The reason of callers we do know.
pub(super) const OVER_QUOTA: &str = "over_quota";

/// The reason of outcomes that were withheld because no record of them could be written. It is
/// told as soon as the ledger can be written again, so that the gap is explained in it.
pub(super) const UNRECORDED: &str = "unrecorded";

/// The reason of those whose token is revoked.
pub(super) const REVOKED: &str = "revoked";

/// Counts since the last record.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    counts: Mutex<BTreeMap<(&'static str, String), u64>>,
}

impl Strangers {
    /// Counts one.
    pub(super) fn count(&self, reason: &'static str) {
        if reason != OVER_QUOTA && reason != UNRECORDED {
            metrics::counter!(metric::UNKNOWN, "reason" => reason).increment(1);
        }
        let Ok(mut counts) = self.counts.lock() else {
            return;
        };
        let network = peer().map(network).unwrap_or_default();
        let crowded = counts.len() >= MOST;
        let mut at = (reason, network);
        if crowded && !counts.contains_key(&at) {
            "others".clone_into(&mut at.1);
        }
        *counts.entry(at).or_default() += 1;
    }

    /// Takes back counts that could not be recorded, for the next time. They are as bounded as
    /// before.
    fn keep(&self, unrecorded: BTreeMap<(&'static str, String), u64>) {
        let Ok(mut counts) = self.counts.lock() else {
            return;
        };
        for ((reason, network), n) in unrecorded {
            let mut at = (reason, network);
            if counts.len() >= MOST && !counts.contains_key(&at) {
                "others".clone_into(&mut at.1);
            }
            *counts.entry(at).or_default() += n;
        }
    }

    /// Writes a record a second while there is something to say, and a last one at `shutdown`.
    pub(super) async fn report(&self, ledger: Ledger, shutdown: CancellationToken) {
        loop {
            let over = tokio::select! {
                () = shutdown.cancelled() => true,
                () = tokio::time::sleep(Duration::from_secs(1)) => false,
            };
            let counts = match self.counts.lock() {
                Ok(mut counts) => std::mem::take(&mut *counts),
                Err(_poisoned) => return,
            };
            if !counts.is_empty() {
                let rows: serde_json::Value = counts
                    .iter()
                    .map(|((reason, network), n)| {
                        serde_json::json!({
                            "reason": reason, "network": network, "count": n.to_string(),
                        })
                    })
                    .collect();
                let body = serde_json::json!({"refusals": rows});
                let draft = Draft::new(Kind::Refusals, Owner::Log, "service", body);
                if let Err(error) = ledger.append(draft).await {
                    tracing::warn!(code = "refusals_kept", %error, "a count is not recorded yet");
                    self.keep(counts);
                }
            }
            if over {
                return;
            }
        }
    }
}

/// A peer's network: /24 of IPv4, /48 of IPv6.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _host] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hide_the_host() {
        assert_eq!(network("203.0.113.77".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(
            network("2001:db8:1:2::9".parse().unwrap()),
            "2001:db8:1::/48"
        );
        assert_eq!(
            network("::ffff:203.0.113.7".parse().unwrap()),
            "203.0.113.0/24"
        );
    }

    #[tokio::test]
    async fn i1_counts_that_were_not_recorded_are_told_later() {
        let strangers = Strangers::default();
        strangers.count(UNRECORDED);
        let taken = std::mem::take(&mut *strangers.counts.lock().unwrap());
        strangers.count(UNRECORDED);
        strangers.keep(taken);
        let counts = strangers.counts.lock().unwrap();
        assert_eq!(counts.values().sum::<u64>(), 2);
    }

    #[tokio::test]
    async fn a_crowd_takes_bounded_memory() {
        let strangers = Strangers::default();
        for n in 0..1000_u32 {
            for from in [n, n << 8] {
                let peer = Some(IpAddr::from(from.to_be_bytes()));
                with_peer(peer, async { strangers.count("missing") }).await;
            }
        }
        let counts = strangers.counts.lock().unwrap();
        assert!(counts.len() <= MOST + 2);
        assert_eq!(counts.values().sum::<u64>(), 2000);
    }
}
