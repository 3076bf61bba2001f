//! Erasure: asked for by the customer, approved by another person, carried out by destroying keys.
//!
//! Promises I6: what law keeps stays, the rest cannot be had back; and the ledger still verifies.
//! A case goes `requested` → `executing` → `done`, or from `requested` to `refused` or `withdrawn`.
//! From `executing` on, every step can be repeated: [`resume_unfinished`] finishes at start what a
//! crash left. When it has ended, the case names nobody: its id is the secret it is read with.
//! What a hold needs is kept on the way ([`super::hold`]), and nothing of the case shows it.
//!
//! Leaves to the exchange to tell the recipients that the receipt names.

use super::duty::{self, Access, Act, Knows, internal, pseudonym, unrecorded};
use super::store::ErasureRow;
use crate::catalog::Retention;
use crate::clock::rfc3339;
use crate::gateway::{Refusal, Refused};
use crate::identity::{Agent, Customer, Officer, Role};
use crate::ledger::{Draft, Effect, Ledger, Owner, Recorded, Unrecorded};
use crate::revocation::Marks;
use serde_json::{Value, json};
use std::sync::Arc;
use tidewaiter_audit::Kind;

mod end;
mod execute;
mod receipt;
pub(super) mod words;

pub use end::{refuse, withdraw};

/// Who may approve.
const APPROVE: &[Role] = &[Role::Dpo, Role::Legal];
/// Who may see the cases.
const LIST: &[Role] = &[Role::Dpo, Role::Officer, Role::Legal, Role::Auditor];
/// Who may file a request that came by letter.
const FILE: &[Role] = &[Role::Officer, Role::Dpo, Role::Legal];
/// Cases shown at once.
const LIST_MAX: i64 = 500;
/// Every state of a case.
const STATES: [&str; 5] = ["requested", "executing", "done", "refused", "withdrawn"];

/// What an erasure goes by.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Every retention class.
    pub retention: Retention,
    /// The registered agents, for who else was shown something.
    pub agents: Vec<Arc<Agent>>,
    /// For how many days backups are kept: 35 unless configured otherwise.
    pub restore_days: u32,
}

impl Terms {
    /// Whether a class goes. One that nobody declared is nobody's duty to keep.
    fn goes(&self, class: &str) -> bool {
        let class = self.retention.class(class);
        class.is_none_or(|class| !class.kept_on_erasure)
    }
}

/// A customer's own request: the case's id (32 hex digits), its state, and the day it is due
/// (GDPR Art. 12(3)). Asked again while it is open, it is the same case.
pub async fn request(ledger: &Ledger, customer: &Customer) -> Result<Value, Refused> {
    let subject = customer.subject();
    let owner = ledger.keys().owner_id(&Owner::Subject(Arc::clone(subject)));
    let who = pseudonym(ledger, &subject.issuer, &subject.sub);
    let marks = Marks::of_customer(ledger.keys(), customer);
    ask(ledger, owner, who, marks).await
}

/// A request that came another way, filed by an officer, who then may not approve it. The same
/// answer as [`request`]; the customer must be of an issuer that is known.
pub async fn file(
    ledger: &Ledger,
    officer: &Officer,
    (issuer, sub): (&str, &str),
    access: Option<&Access>,
    knows: Knows<'_>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "erasure.file")
        .demand(FILE)
        .await?;
    let act = act.reason(access).await?;
    let (act, ()) = act.fitting(duty::customer(issuer, sub, knows)).await?;
    let (who, marks) = (act.who(), act.marks());
    act.record(Vec::new()).await?;
    let owner = duty::owner_of(ledger, issuer, sub);
    ask(ledger, owner, who, marks).await
}

async fn ask(
    ledger: &Ledger,
    owner: [u8; 32],
    requester: String,
    marks: Marks,
) -> Result<Value, Refused> {
    let id = crate::random::bytes::<16>().map_err(internal)?;
    let now_us = ledger.clock().now_us();
    let row = ErasureRow::requested(id, &owner, requester, now_us);
    let body = json!({"what": "asked for", "case": hex::encode(id)});
    let effect = Effect::ErasurePut(row.clone());
    match wish(ledger, body, vec![effect], marks.clone()).await {
        Ok(recorded) => Ok(shown(&row, Some(&recorded))),
        Err(Unrecorded::Conflict) => ask_again(ledger, &owner, marks).await,
        Err(error) => Err(unrecorded(error)),
    }
}

async fn ask_again(ledger: &Ledger, owner: &[u8; 32], marks: Marks) -> Result<Value, Refused> {
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let row = tx.erasure_of(owner).await.map_err(internal)?;
    drop(tx);
    let row = row.ok_or(Refusal::Conflict)?;
    let body = json!({"what": "asked for again", "case": hex::encode(&row.id)});
    let recorded = wish(ledger, body, Vec::new(), marks).await;
    Ok(shown(&row, Some(&recorded.map_err(unrecorded)?)))
}

/// A record of what was asked, which names nobody either. It waits in line with everybody, and is
/// not written once the token it was asked with, by these marks, is revoked.
async fn wish(
    ledger: &Ledger,
    body: Value,
    effects: Vec<Effect>,
    marks: Marks,
) -> Result<Recorded, Unrecorded> {
    let mut draft = Draft::new(Kind::ErasureRequested, Owner::Log, duty::CLASS, body);
    draft.effects = effects;
    draft.marks = Some(marks);
    ledger.append(draft).await
}

/// A record of the log's own about what was carried out: it has no subject, in the leaf or in the
/// body, and does not wait in line.
async fn say(
    ledger: &Ledger,
    kind: Kind,
    body: Value,
    effects: Vec<Effect>,
) -> Result<Recorded, Unrecorded> {
    let mut draft = Draft::new(kind, Owner::Log, duty::CLASS, body);
    draft.effects = effects;
    ledger.append_reserved(draft).await
}

/// A case by its id, which is the secret: state, due day, and the receipt once there is one.
pub async fn status(ledger: &Ledger, id: &str) -> Result<Value, Refused> {
    let row = case(ledger, id).await?.ok_or(Refusal::NotFound)?;
    Ok(shown(&row, None))
}

/// A case by its id, for officers: the same, and that they looked is recorded.
pub async fn show(ledger: &Ledger, officer: &Officer, id: &str) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "erasure.show")
        .demand(LIST)
        .await?;
    let (act, row) = act.found(case(ledger, id).await).await?;
    let act = act.with("erasure", hex::encode(&row.id));
    let recorded = act.record(Vec::new()).await?;
    Ok(shown(&row, Some(&recorded)))
}

/// The cases in a state (`requested`, `executing`, `done`, `refused`, `withdrawn`), oldest first.
pub async fn list(ledger: &Ledger, officer: &Officer, state: &str) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "erasure.list")
        .demand(LIST)
        .await?;
    let fits = STATES.contains(&state).then_some(());
    let fits = fits.ok_or(("state", "requested, executing, done, refused or withdrawn"));
    let (act, ()) = act.fitting(fits).await?;
    let recorded = act.with("state", state).record(Vec::new()).await?;
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let rows = tx.erasures(state, LIST_MAX).await.map_err(internal)?;
    let cases: Vec<Value> = rows.iter().map(|row| shown(row, None)).collect();
    Ok(json!({"cases": cases, "record": recorded.rid()}))
}

/// Approves a case and carries it out.
///
/// Nobody approves what they asked for or filed themselves. If a step fails after the approval is recorded, the state is `executing`, and
/// [`resume_unfinished`] goes on.
pub async fn approve(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    access: Option<&Access>,
    terms: &Terms,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "erasure.approve");
    let act = act.demand(APPROVE).await?;
    let Some(access) = access else {
        return Err(act.refuse(Refusal::ReasonRequired).await);
    };
    let act = act.because(access);
    let (act, row) = act.found(case(ledger, id).await).await?;
    let act = act.with("erasure", hex::encode(&row.id));
    if row.state != "requested" || row.requester == act.who() {
        return Err(act.refuse(Refusal::Conflict).await);
    }
    let who = act.who();
    let approval = act.record(Vec::new()).await?;
    let id = case_id(&row)?;
    let body = json!({"what": "approved", "case": hex::encode(id), "by": approval.rid()});
    let effect = Effect::ErasureMove {
        id,
        from: "requested",
        to: "executing",
        approver: Some(who),
    };
    let executed = say(ledger, Kind::ErasureExecuted, body, vec![effect]).await;
    let executed = executed.map_err(unrecorded)?;
    if let Err(error) = execute::finish(ledger, &id, terms).await {
        tracing::error!(code = "erasure_unfinished", %error, "an erasure will be gone on with");
    }
    let row = case(ledger, &hex::encode(id))
        .await?
        .ok_or(Refusal::Internal)?;
    Ok(shown(&row, Some(&executed)))
}

/// Finishes what a crash, or a step that failed, left of approved erasures; how many there were.
///
/// What is left of holds that ended, and counts that are too old, go too.
/// To be called at start, before anything is served, and now and then.
pub async fn resume_unfinished(ledger: &Ledger, terms: &Terms) -> Result<usize, Refused> {
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let rows = tx.erasures("executing", LIST_MAX).await.map_err(internal)?;
    drop(tx);
    for row in &rows {
        execute::finish(ledger, &case_id(row)?, terms)
            .await
            .map_err(internal)?;
    }
    super::figures::prune(ledger).await.map_err(internal)?;
    super::hold::finish_released(ledger)
        .await
        .map_err(internal)?;
    Ok(rows.len())
}

async fn case(ledger: &Ledger, id: &str) -> Result<Option<ErasureRow>, Refused> {
    let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(id) else {
        return Ok(None);
    };
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    tx.erasure(&id).await.map_err(internal)
}

fn case_id(row: &ErasureRow) -> Result<[u8; 16], Refused> {
    let id = row.id.as_slice().try_into();
    id.map_err(|_length| internal("a case's id is not 16 bytes"))
}

/// A case as it is shown; nobody is named in it.
fn shown(row: &ErasureRow, record: Option<&Recorded>) -> Value {
    let outcome = row.receipt.as_deref();
    let outcome = outcome.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (receipt, ended) = match row.state.as_str() {
        "refused" | "withdrawn" => (None, outcome),
        _ => (outcome, None),
    };
    json!({
        "case": hex::encode(&row.id),
        "state": row.state,
        "requested": rfc3339(row.requested_us),
        "due": due(row.requested_us),
        "done": row.done_us.map(rfc3339),
        "receipt": receipt,
        "ended": ended,
        "record": record.map(Recorded::rid),
    })
}

/// A month after the request (GDPR Art. 12(3)): the same day of the next month, or its last.
fn due(requested_us: i64) -> Option<String> {
    let at = jiff::Timestamp::from_microsecond(requested_us).ok()?;
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let due = day.checked_add(jiff::Span::new().months(1)).ok()?;
    Some(due.to_string())
}

#[cfg(test)]
mod tests {
    use super::due;

    #[test]
    fn a_request_is_due_in_a_month() {
        let day = |text: &str| {
            let at: jiff::Timestamp = format!("{text}T23:59:59Z").parse().unwrap();
            due(at.as_microsecond()).unwrap()
        };
        for (asked, is_due) in [
            ("2026-11-22", "2026-12-22"),
            ("2027-01-31", "2027-02-28"),
            ("2028-01-31", "2028-02-29"),
            ("2026-12-31", "2027-01-31"),
            ("2027-08-31", "2027-09-30"),
        ] {
            assert_eq!(day(asked), is_due);
        }
    }
}
