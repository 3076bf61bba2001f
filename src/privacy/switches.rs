//! Stopping a topic, an operation or an agent at once, and letting it go on.
//!
//! One person stops. Two let go on: one asks, another agrees; a stop in between voids the wish.
//! The record is the change; whoever keeps switches in memory reloads them when the ledger's
//! generation moves.

use super::duty::{Act, internal, is_text, unrecorded};
use super::store::ResumeRow;
use crate::gateway::{Refusal, Refused};
use crate::identity::{Officer, Role};
use crate::ledger::{Draft, Effect, Ledger, Owner, switch};
use crate::policy::switch::Target;
use serde_json::{Value, json};
use tidewaiter_audit::Kind;

/// Who may stop, and who may let go on.
const MAY: &[Role] = &[Role::Lead, Role::Officer, Role::Admin];

/// The retention class of the log's own records.
const SERVICE: &str = "service";

/// Stops a target (`topic:withdrawals`, `operation:kyc.profile`, `agent:support-bot`), or renews
/// why.
///
/// A target that does not exist is refused: who mistyped it must not think it stopped.
/// Returns `{"target", "state": "stopped", "record"}`.
pub async fn stop(
    ledger: &Ledger,
    officer: &Officer,
    target: &str,
    reason: &str,
    exists: &(dyn Fn(&Target) -> bool + Sync),
) -> Result<Value, Refused> {
    let act = check(ledger, officer, "switch.stop", target, reason, exists).await?;
    let effect = Effect::SwitchPut(switch::Row {
        target: target.to_owned(),
        reason: reason.trim().to_owned(),
        officer: act.who(),
        since_us: ledger.clock().now_us(),
    });
    record(ledger, &act, target, ("stopped", reason), effect).await
}

/// Lets a target go on. The first officer's wish is kept (`state: "asked"`); another's, while the
/// same stop is in force, carries it out (`state: "on"`).
pub async fn resume(
    ledger: &Ledger,
    officer: &Officer,
    target: &str,
    reason: &str,
) -> Result<Value, Refused> {
    // What was stopped may have gone from the catalog since; it can be let go on all the same.
    let act = check(ledger, officer, "switch.resume", target, reason, &|_any| {
        true
    })
    .await?;
    let (since_us, asked) = match standing(ledger, target).await {
        Ok(Some(standing)) => standing,
        Ok(None) => return Err(act.refuse(Refusal::Conflict).await),
        Err(failed) => return Err(act.refuse(failed.refusal).await),
    };
    let who = act.who();
    let another = asked.filter(|asked| asked.since_us == since_us && asked.officer != who);
    let (state, effect) = if another.is_some() {
        let target = target.to_owned();
        ("on", Effect::ResumeGrant { target, since_us })
    } else {
        let row = ResumeRow {
            target: target.to_owned(),
            since_us,
            reason: reason.trim().to_owned(),
            officer: who,
            asked_us: ledger.clock().now_us(),
        };
        ("asked", Effect::ResumeAsk(row))
    };
    record(ledger, &act, target, (state, reason), effect).await
}

/// Records that an officer looks at what is stopped, which is shown after that; returns the
/// record's id. Any role may: the people who talk to customers must know.
pub async fn look(
    ledger: &Ledger,
    officer: &Officer,
    target: Option<&Target>,
) -> Result<String, Refused> {
    let mut act = Act::new(ledger, officer, "switch.list");
    if let Some(target) = target {
        act = act.with("target", target.to_string());
    }
    Ok(act.record(Vec::new()).await?.rid())
}

/// Since when a target is stopped, and who asked that it go on; none if it is not stopped.
async fn standing(
    ledger: &Ledger,
    target: &str,
) -> Result<Option<(i64, Option<ResumeRow>)>, Refused> {
    let read = async {
        let mut tx = ledger.store().log.read().await?;
        let stopped = tx.switch_all().await?;
        let asked = tx.resume(target).await?;
        let row = stopped.into_iter().find(|row| row.target == target);
        Ok::<_, sqlx::Error>(row.map(|row| (row.since_us, asked)))
    };
    read.await.map_err(internal)
}

async fn check<'a>(
    ledger: &'a Ledger,
    officer: &'a Officer,
    name: &'static str,
    target: &str,
    reason: &str,
    exists: &(dyn Fn(&Target) -> bool + Sync),
) -> Result<Act<'a>, Refused> {
    let act = Act::new(ledger, officer, name).demand(MAY).await?;
    let parsed = target.parse::<Target>();
    let parsed = parsed.map_err(|_bad| ("target", "topic:NAME, operation:NAME or agent:ID"));
    let (act, parsed) = act.fitting(parsed).await?;
    let act = act.with("target", target);
    let there = exists(&parsed).then_some(());
    let there = there.ok_or(("target", "there is no such topic, operation or agent"));
    let (act, ()) = act.fitting(there).await?;
    if !is_text(reason, 3, 500) {
        return Err(act.refuse(Refusal::ReasonRequired).await);
    }
    Ok(act)
}

/// A switch is no secret: its leaf names target and state, its body who and why.
async fn record(
    ledger: &Ledger,
    act: &Act<'_>,
    target: &str,
    (state, reason): (&'static str, &str),
    effect: Effect,
) -> Result<Value, Refused> {
    let body = json!({
        "what": state,
        "target": target,
        "reason": reason.trim(),
        "officer": act.who(),
    });
    let mut draft = Draft::new(Kind::Switch, Owner::Log, SERVICE, body);
    draft.x = [("state", state), ("target", target)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    draft.effects = vec![effect];
    draft.marks = Some(act.marks());
    let recorded = ledger.append_reserved(draft).await.map_err(unrecorded)?;
    Ok(json!({"target": target, "state": state, "record": recorded.rid()}))
}
