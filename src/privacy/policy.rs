//! The policy in force, or an earlier one by its version: every file word for word.

use super::duty::{self, Act, internal};
use crate::clock::rfc3339;
use crate::gateway::Refused;
use crate::identity::Officer;
use crate::ledger::Ledger;
use serde_json::{Value, json};
use tidewaiter_audit::Hash;

/// `{"version", "in_force", "since", "sources": {name: text}, "record"}`. Every policy that ever
/// decided is there, by the version that records name.
pub async fn read(
    ledger: &Ledger,
    officer: &Officer,
    in_force: &str,
    version: Option<&str>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "policy.read");
    let act = act.demand(duty::OVERVIEW).await?;
    let version = version.unwrap_or(in_force);
    let fits = Hash::from_hex(version).map(|hash| hash.to_hex());
    let fits = fits.ok_or(("version", "64 lower-case hexadecimal digits"));
    let (act, version) = act.fitting(fits).await?;
    let found = find(ledger, &version).await;
    let (act, (sources, since_us)) = act.found(found).await?;
    let act = act.with("version", version.as_str());
    let recorded = act.record(Vec::new()).await?;
    let sources: Value = serde_json::from_str(&sources).map_err(internal)?;
    Ok(json!({
        "version": version,
        "in_force": version == in_force,
        "since": rfc3339(since_us),
        "sources": sources,
        "record": recorded.rid(),
    }))
}

async fn find(ledger: &Ledger, version: &str) -> Result<Option<(String, i64)>, Refused> {
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let Some(sources) = tx.policy_version(version).await.map_err(internal)? else {
        return Ok(None);
    };
    let since_us = tx.policy_version_since(version).await.map_err(internal)?;
    Ok(Some((sources, since_us)))
}
