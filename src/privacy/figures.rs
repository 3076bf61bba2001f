//! Figures of the last hours: how many calls, refusals, secrets removed, turns, erasures, exports.
//!
//! No content and nobody named. What leaves say is counted from them, within a bound that the
//! answer states; what only sealed bodies say is counted when they are sealed, in the record's own
//! transaction. Holds are counted nowhere.

use super::Change;
use super::duty::{self, Act, internal};
use super::scan::{first_at, parse};
use crate::clock::rfc3339;
use crate::gateway::Refused;
use crate::identity::Officer;
use crate::ledger::read::ReadError;
use crate::ledger::{Draft, Effect, Ledger};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tidewaiter_audit::{Decision, Kind, Leaf, grammar};

mod store;

/// Microseconds of an hour.
pub(super) const HOUR_US: i64 = 3_600_000_000;
/// The most hours that can be asked for: a month, after which counts are forgotten.
const HOURS_MAX: i64 = 31 * 24;
/// Leaves looked at, the newest first.
const LEAVES: i64 = 50_000;
/// Leaves read at a time.
const PIECE: i64 = 500;
/// Acts of officers that are counted.
const ACTS: [&str; 5] = [
    "export.request",
    "export.approve",
    "export.refuse",
    "export.release",
    "erasure.refuse",
];

/// What is to be counted of a draft whose leaf does not tell it.
pub(crate) fn counts(draft: &Draft) -> Vec<Effect> {
    let body = &draft.body;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let mut found: Vec<(&'static str, &str)> = Vec::new();
    match (draft.kind, text("refused")) {
        (Kind::Duty, Some(code)) => found.push(("officers_refused", code)),
        (Kind::Duty, None) => {
            let act = text("act").filter(|act| ACTS.contains(act));
            found.extend(act.map(|act| ("acts", act)));
        }
        (_, Some(code)) => found.push(("refused", code)),
        (_, None) => {}
    }
    let removed = body.get("removed").and_then(Value::as_array);
    let removed = removed.into_iter().flatten().filter_map(Value::as_str);
    found.extend(removed.map(|kind| ("removed", kind)));
    let count = |(name, label): (&'static str, &str)| {
        let label = label.to_owned();
        Effect::Privacy(Change::Count { name, label })
    };
    found.into_iter().map(count).collect()
}

/// Figures of the current hour and of those before it, `hours` in all (a day unless it is said).
pub async fn read(
    ledger: &Ledger,
    officer: &Officer,
    hours: Option<&str>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "figures.read");
    let act = act.demand(duty::OVERVIEW).await?;
    let asked = match hours {
        None => Some(24),
        Some(text) => grammar::dec(text).and_then(|hours| i64::try_from(hours).ok()),
    };
    let asked = asked.filter(|hours| (1..=HOURS_MAX).contains(hours));
    let (act, hours) = act.fitting(asked.ok_or(("hours", "1 to 744"))).await?;
    let recorded = act.with("hours", hours).record(Vec::new()).await?;
    let now_us = ledger.clock().now_us();
    let first = now_us.div_euclid(HOUR_US) - (hours - 1);
    let from_us = first.saturating_mul(HOUR_US);
    let tally = Tally::of(ledger, from_us).await.map_err(internal)?;
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let counted = tx.figures(first).await.map_err(internal)?;
    drop(tx);
    let mut shown = tally.shown();
    for name in ["refused", "removed", "acts", "officers_refused"] {
        let rows = counted.iter().filter(|(of, ..)| of == name);
        let rows = rows.map(|(_, label, n)| (label.clone(), json!(n.to_string())));
        let rows: Map<String, Value> = rows.collect();
        shown.insert(name.to_owned(), Value::Object(rows));
    }
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("hours", json!(hours));
    put("from", rfc3339(from_us).into());
    put("to", rfc3339(now_us).into());
    put("record", recorded.rid().into());
    Ok(Value::Object(shown))
}

/// Forgets counts that nobody can ask for any more, and assignments that ended a week ago.
pub(super) async fn prune(ledger: &Ledger) -> Result<(), sqlx::Error> {
    let now_us = ledger.clock().now_us();
    let before = now_us.div_euclid(HOUR_US) - HOURS_MAX;
    let mut tx = ledger.store().log.begin().await?;
    tx.figures_prune(before).await?;
    tx.assignments_prune(now_us.saturating_sub(7 * 24 * HOUR_US))
        .await?;
    tx.commit().await
}

/// Counts from leaves.
#[derive(Debug, Default)]
struct Tally {
    records: u64,
    /// Since when everything is counted, where the bound ended before the span did.
    since_us: Option<i64>,
    kinds: BTreeMap<&'static str, u64>,
    operations: BTreeMap<String, [u64; 3]>,
    agents: BTreeMap<String, u64>,
    decisions: [u64; 3],
}

impl Tally {
    async fn of(ledger: &Ledger, from_us: i64) -> Result<Self, ReadError> {
        let size = ledger.size();
        let first = first_at(ledger, from_us, size).await?;
        let start = first.max(size.saturating_sub(LEAVES));
        let mut tally = Self::default();
        let mut from = start;
        while from < size {
            let mut tx = ledger.store().log.read().await?;
            let page = tx.ledger_leaf_page(from, PIECE.min(size - from)).await?;
            drop(tx);
            from = page.last().ok_or(ReadError::Missing)?.seq + 1;
            for row in &page {
                let leaf = parse(row)?;
                if row.seq == start && start > first {
                    tally.since_us = Some(leaf.time_us);
                }
                tally.count(&leaf);
            }
            tokio::task::yield_now().await;
        }
        Ok(tally)
    }

    fn count(&mut self, leaf: &Leaf) {
        self.records += 1;
        *self.kinds.entry(leaf.kind.as_str()).or_default() += 1;
        let at = match leaf.decision {
            // An intent is counted by what came of it.
            Some(_) if leaf.kind == Kind::Intent => return,
            Some(Decision::Allow) => 0,
            Some(Decision::Deny) => 1,
            Some(Decision::Error) => 2,
            None => return,
        };
        let add = |counts: &mut [u64; 3]| {
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        };
        add(&mut self.decisions);
        let operation = leaf.operation.clone().unwrap_or_else(|| "none".to_owned());
        add(self.operations.entry(operation).or_default());
        if let Some(agent) = &leaf.agent {
            *self.agents.entry(agent.clone()).or_default() += 1;
        }
    }

    fn shown(&self) -> Map<String, Value> {
        let operations = self.operations.iter();
        let operations: Map<String, Value> = operations
            .map(|(name, counts)| (name.clone(), outcomes(*counts)))
            .collect();
        let agents = self.agents.iter();
        let agents: Map<String, Value> = agents
            .map(|(name, count)| (name.clone(), count.to_string().into()))
            .collect();
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("records", self.records.to_string().into());
        put("counted_since", json!(self.since_us.map(rfc3339)));
        put("calls", outcomes(self.decisions));
        put("operations", Value::Object(operations));
        put("agents", Value::Object(agents));
        for (name, kind) in [
            ("turns", Kind::Turn),
            ("strangers", Kind::Refusals),
            ("erasures_requested", Kind::ErasureRequested),
            ("erasures_executed", Kind::ErasureExecuted),
        ] {
            let count = self.kinds.get(kind.as_str()).copied().unwrap_or_default();
            put(name, count.to_string().into());
        }
        shown
    }
}

fn outcomes([allow, deny, error]: [u64; 3]) -> Value {
    json!({
        "allow": allow.to_string(),
        "deny": deny.to_string(),
        "error": error.to_string(),
    })
}
