//! Following what changes under a running gateway: switches, revocations, policies, destroyed keys.
//!
//! What is decided by an older set is looked at again in the transaction that records it, so a
//! replica that has not reloaded yet lets nothing through that leaves a record. What leaves none,
//! such as a list of operations, is right within a second.

use super::{Gateway, StartError};
use crate::ledger::{Draft, Effect, Owner};
use crate::policy::switch::{Stop, Target};
use std::sync::Arc;
use tidewaiter_audit::{Hash, Kind};
use tokio_util::sync::CancellationToken;

/// How often to look whether another replica raised the generation, and to try a reload again.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

impl Gateway {
    /// Goes on with approved erasures that were not finished.
    pub(crate) async fn finish_erasures(&self) {
        let terms = self.erasure_terms();
        let finished = crate::privacy::erasure::resume_unfinished(&self.ledger, &terms).await;
        if finished.is_err() {
            tracing::error!(
                code = "erasure_unfinished",
                "an approved erasure is not finished"
            );
        }
    }

    /// Puts another policy in force, as one swap, once its full text is in the ledger.
    pub async fn adopt(&self, snapshot: crate::policy::Snapshot) -> Result<(), StartError> {
        self.record_policy(&snapshot).await?;
        self.policy.store(Arc::new(snapshot));
        Ok(())
    }

    /// Records a policy with its full text, unless it is known already.
    pub(super) async fn record_policy(
        &self,
        snapshot: &crate::policy::Snapshot,
    ) -> Result<(), StartError> {
        let mut tx = self.ledger.store().log.read().await?;
        let known = tx.policy_version(snapshot.version()).await?.is_some();
        drop(tx);
        if known {
            return Ok(());
        }
        let sources: serde_json::Map<String, serde_json::Value> = snapshot
            .sources()
            .iter()
            .map(|(name, text)| (name.clone(), text.as_str().into()))
            .collect();
        let sources = serde_json::Value::Object(sources);
        let body = serde_json::json!({"version": snapshot.version().as_ref()});
        let mut draft = Draft::new(Kind::Policy, Owner::Log, "service", body);
        draft.policy = Hash::from_hex(snapshot.version());
        draft.effects = vec![Effect::PolicyVersion {
            version: snapshot.version().to_string(),
            sources: sources.to_string(),
        }];
        self.ledger.append_reserved(draft).await?;
        Ok(())
    }

    /// Reads switches and revocations from the ledger's tables into memory.
    pub async fn load_switches(&self) -> Result<(), StartError> {
        let mut tx = self.ledger.store().log.read().await?;
        // The generation first: the rows are then as of it, or newer.
        let generation = tx.ledger_head().await?.map_or(0, |head| head.generation);
        let revoked = tx.revocation_terms().await?;
        let rows = tx.switch_all().await?;
        drop(tx);
        // Before the switches, whose generation is the one that decisions are made under: who sees
        // that one sees these revocations.
        self.revocations.replace_at(generation, revoked);
        let rows = rows.into_iter().filter_map(|row| {
            let target: Target = row.target.parse().ok()?;
            let stop = Stop {
                reason: row.reason,
                who: row.officer,
                since_us: row.since_us,
            };
            Some((target, stop))
        });
        self.switches.replace_at(generation, rows);
        Ok(())
    }

    /// Reloads whenever the ledger's generation moves, until `shutdown`. Until a reload succeeds,
    /// what was decided by the older set is looked at again when it is recorded.
    pub(super) async fn follow(&self, shutdown: CancellationToken) {
        let mut changes = self.ledger.changes();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                moved = changes.changed() => if moved.is_err() { return },
                () = tokio::time::sleep(AGAIN) => if !self.is_behind().await { continue },
            }
            self.ledger.keys().forget();
            self.recent.forget_all();
            if let Err(error) = self.load_switches().await {
                tracing::error!(code = "switches_stale", %error, "switches were not reloaded");
            }
        }
    }

    /// Whether the ledger's generation has moved on, by whichever replica. This process learns of
    /// it only when it writes; one that is idle must ask.
    async fn is_behind(&self) -> bool {
        let read = async {
            let mut tx = self.ledger.store().log.read().await?;
            tx.ledger_head().await
        };
        match read.await {
            Ok(head) => head.is_some_and(|head| head.generation > self.switches.generation()),
            // The reload will fail as well, and say so.
            Err(_refused) => self.switches.generation() < self.ledger.generation(),
        }
    }

    /// Deletes revocations that no token can fall under any more, from the table and from memory.
    pub async fn sweep_revocations(&self) {
        let swept = async {
            let mut tx = self.ledger.store().log.begin().await?;
            let swept = tx.revocation_sweep(self.clock.now_s()).await?;
            tx.commit().await?;
            Ok::<_, sqlx::Error>(swept)
        };
        let loaded = match swept.await {
            Ok(0) if self.revocations.is_empty() => return,
            Ok(_some) => self.load_switches().await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = loaded {
            tracing::warn!(code = "revocations_unswept", %error, "ended revocations are kept");
        }
    }
}
