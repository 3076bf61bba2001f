//! The step before the upstream: whose object it is, and, for writes, a durable intent.
//!
//! Promises I9: nothing upstream can change before its intent is in the ledger, and an idempotency
//! key is good for one call. A repeat gets the recorded outcome.

use super::refusal::Refusal;
use super::trail::Trail;
use crate::catalog::Effect as OperationEffect;
use crate::ledger::intent::IntentRow;
use crate::ledger::{Effect, Ledger, Owner, Unrecorded};
use crate::policy::Permit;
use crate::redaction::Clean;
use tidewaiter_audit::{Decision, Kind};

/// Leave to go upstream: for a write, its intent is durable. Only [`intend`] makes one.
///
/// ```compile_fail,E0451
/// fn forge(permit: tidewaiter::policy::Permit) -> tidewaiter::gateway::Intended {
///     tidewaiter::gateway::Intended { permit, request: None }
/// }
/// ```
#[derive(Debug)]
pub struct Intended {
    permit: Permit,
    request: Option<[u8; 16]>,
}

impl Intended {
    /// What was permitted.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The idempotency key for the upstream, unique per intent: never the caller's own.
    pub fn upstream_key(&self) -> Option<String> {
        self.request.map(hex::encode)
    }

    pub(crate) fn into_permit(self) -> Permit {
        self.permit
    }
}

/// What comes of intending.
pub(super) enum Intent {
    /// Go on.
    Go(Intended),
    /// This was done before; this is what was said then.
    Repeat(Clean),
}

/// Makes the intent of a write durable; lets a read pass.
pub(super) async fn intend(
    ledger: &Ledger,
    permit: Permit,
    key: Option<&str>,
    trail: &std::sync::Mutex<Trail>,
) -> Result<Intent, Refusal> {
    if permit.operation().effect == OperationEffect::Read {
        return Ok(Intent::Go(Intended {
            permit,
            request: None,
        }));
    }
    let key = key.ok_or(Refusal::KeyRequired)?;
    let owner = trail.lock().map_err(|_poisoned| Refusal::Internal)?.owner();
    let row = row(ledger, &permit, key, &owner).await?;
    if let Some(earlier) = earlier(ledger, &row).await? {
        return repeat(ledger, &earlier, &row).await.map(Intent::Repeat);
    }
    let request = <[u8; 16]>::try_from(row.request.as_slice()).map_err(|_len| Refusal::Internal)?;
    let draft = {
        let mut trail = trail.lock().map_err(|_poisoned| Refusal::Internal)?;
        let mut draft = trail.blank(Kind::Intent, serde_json::Value::Object(trail.facts()));
        draft.request = Some(request);
        draft.decision = Some(Decision::Allow);
        draft.guard = trail.guard();
        draft.marks = Some(trail.marks().clone());
        draft.effects = vec![Effect::IntentOpen(Box::new(row.clone()))];
        // From here on the outcome closes this intent, even if the append's result is unknown.
        trail.intent = Some(request);
        draft
    };
    match ledger.append(draft).await {
        Ok(_recorded) => Ok(Intent::Go(Intended {
            permit,
            request: Some(request),
        })),
        Err(why) => {
            // Only after these it may have been written all the same.
            if !matches!(why, Unrecorded::Failed | Unrecorded::TimedOut)
                && let Ok(mut trail) = trail.lock()
            {
                trail.intent = None;
            }
            // Somebody used the key at the same time.
            if why == Unrecorded::Conflict
                && let Some(earlier) = earlier(ledger, &row).await?
            {
                return repeat(ledger, &earlier, &row).await.map(Intent::Repeat);
            }
            Err(super::not_recorded(why))
        }
    }
}

async fn row(
    ledger: &Ledger,
    permit: &Permit,
    key: &str,
    owner: &Owner,
) -> Result<IntentRow, Refusal> {
    let keys = ledger.keys();
    let caller = permit.caller();
    let operation = permit.operation();
    let owner = keys.owner_id(owner);
    let arguments =
        serde_json::to_vec(permit.arguments()).map_err(|_unprintable| Refusal::Internal)?;
    let subject_key = keys
        .subject(&owner, &operation.retention, caller.issued_at_s())
        .await
        .map_err(|error| {
            if matches!(error, crate::ledger::KeyError::Erased) {
                Refusal::SignInAgain
            } else {
                Refusal::Unrecorded
            }
        })?;
    let agent = caller.agent().id.to_string();
    Ok(IntentRow {
        request: crate::random::bytes::<16>()
            .map_err(|_none| Refusal::Internal)?
            .to_vec(),
        idempotency: keys
            .digest(
                "idempotency",
                &[
                    agent.as_bytes(),
                    &owner,
                    operation.name.as_bytes(),
                    key.as_bytes(),
                ],
            )
            .to_vec(),
        arguments: keys.digest("arguments", &[&owner, &arguments]).to_vec(),
        key_id: subject_key.id.to_vec(),
        class: operation.retention.clone(),
        writer: ledger.writer().to_owned(),
        seq: 0,
        agent,
        operation: operation.name.clone(),
        purpose: permit.purpose().to_owned(),
        policy: permit.version().to_string(),
        outcome_seq: None,
        opened_us: ledger.clock().now_us(),
    })
}

async fn earlier(ledger: &Ledger, row: &IntentRow) -> Result<Option<IntentRow>, Refusal> {
    let read = async {
        let mut tx = ledger.store().log.read().await?;
        tx.intent_by_key(&row.idempotency).await
    };
    read.await.map_err(|error| {
        tracing::error!(code = "intent_lookup_failed", %error, "an idempotency key was not found out");
        Refusal::Unrecorded
    })
}

/// What was recorded under the key.
async fn repeat(ledger: &Ledger, earlier: &IntentRow, row: &IntentRow) -> Result<Clean, Refusal> {
    if earlier.arguments != row.arguments {
        return Err(Refusal::KeyReused);
    }
    let outcome = earlier.outcome_seq.ok_or(Refusal::StillOpen)?;
    let entry = ledger
        .entry(outcome)
        .await
        .map_err(|_why| Refusal::Unrecorded)?;
    let body = ledger
        .open_body(&entry)
        .await
        .map_err(|_why| Refusal::Unrecorded)?;
    if let Some(shown) = body.get("shown") {
        return Clean::shown_before(shown, body.get("treated")).ok_or(Refusal::Internal);
    }
    let said = body.get("refused").and_then(serde_json::Value::as_str);
    let unknown = said.is_none_or(|code| code == Refusal::OutcomeUnknown.code());
    Err(if unknown {
        Refusal::OutcomeUnknown
    } else {
        Refusal::NotFound
    })
}
