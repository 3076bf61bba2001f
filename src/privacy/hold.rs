//! Holds: a customer's records are kept from erasure while a claim or an order needs them.
//!
//! Promises I6 (a hold beats erasure, and what it kept goes when it ends, without another request)
//! and I7 (one person places a hold; two end it). A hold cannot be seen from leaves, bundles,
//! receipts or anything that a customer, an assistant or support is shown: an erasure under a hold
//! takes the same steps, leaves the same records and gives the same receipt. Before the customer's
//! keys are destroyed each record is kept under the hold's own key; nothing but [`kept`] opens it.
//!
//! Leaves to the operator's care: who reads the database's tables sees that holds exist and how
//! many records they keep, though not whose or which.

use super::duty::{self, Access, Act, Fault, Knows, internal, is_text};
use crate::clock::rfc3339;
use crate::gateway::{Refusal, Refused};
use crate::identity::{Officer, Role};
use crate::ledger::{Effect, Ledger};
use serde_json::{Value, json};

mod keep;
mod sealed;
mod store;

pub use keep::kept;
pub(super) use keep::{Unkept, serve};
pub use store::HoldRow;

use super::Change;
use sealed::Hand;

/// Who may place holds, end them and read what they keep.
const HOLD: &[Role] = &[Role::Officer, Role::Legal];
/// Who may see them.
const SEE: &[Role] = &[Role::Officer, Role::Legal, Role::Dpo, Role::Auditor];
/// Holds shown at once.
const LIST_MAX: i64 = 200;
/// The longest time until a hold must be looked at again.
const REVIEW_DAYS: i64 = 180;
const DAY_US: i64 = 86_400_000_000;

/// A hold as an officer asks for it. Its matter is the case, its reason the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    /// Who vouches for the customer.
    pub issuer: String,
    /// Their `sub`.
    pub sub: String,
    /// The claim, order or law it rests on, 3 to 300 characters.
    pub basis: String,
    /// When it must be looked at again, RFC 3339; at most 180 days from now.
    pub review: String,
}

/// Places a hold: `{"hold", "state": "placed", "review", "record"}`. In force once this returns:
/// whatever is not destroyed by then stays.
pub async fn place(
    ledger: &Ledger,
    officer: &Officer,
    asked: &Placing,
    access: Option<&Access>,
    knows: Knows<'_>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "hold.place").demand(HOLD).await?;
    let act = act.reason(access).await?;
    let now_us = ledger.clock().now_us();
    let (act, review_us) = act.fitting(check(asked, now_us, knows)).await?;
    let id = crate::random::bytes::<16>().map_err(internal)?;
    let hand = Hand::new(ledger, &id).await.map_err(internal)?;
    let says = json!({
        "issuer": asked.issuer,
        "sub": asked.sub,
        "matter": access.map(Access::case),
        "reason": access.map(Access::reason),
        "basis": asked.basis.trim(),
    });
    let owner = duty::owner_of(ledger, &asked.issuer, &asked.sub);
    let row = HoldRow {
        id: id.to_vec(),
        place: at(ledger, &owner).to_vec(),
        state: "placed".to_owned(),
        sealed: hand.seal(says.to_string().as_bytes()).map_err(internal)?,
        review_us,
        placed_us: now_us,
        placed_by: act.who(),
        asked_by: None,
        released_us: None,
        released_by: None,
    };
    let act = act
        .with("hold", hex::encode(id))
        .with("basis", asked.basis.trim())
        .with(
            "customer",
            duty::pseudonym(ledger, &asked.issuer, &asked.sub),
        )
        .with("review", rfc3339(review_us));
    let recorded = act.record(vec![change(Change::HoldPlace(row))]).await?;
    Ok(json!({
        "hold": hex::encode(id),
        "state": "placed",
        "review": rfc3339(review_us),
        "record": recorded.rid(),
    }))
}

fn check(asked: &Placing, now_us: i64, knows: Knows<'_>) -> Result<i64, Fault> {
    duty::customer(&asked.issuer, &asked.sub, knows)?;
    if !is_text(&asked.basis, 3, 300) {
        return Err(("basis", "3 to 300 characters, and no secret"));
    }
    let review = asked.review.parse::<jiff::Timestamp>();
    let review_us = review.map_or(0, jiff::Timestamp::as_microsecond);
    let latest_us = now_us.saturating_add(REVIEW_DAYS * DAY_US);
    if review_us <= now_us || review_us > latest_us {
        return Err(("review", "a moment (RFC 3339) within the next 180 days"));
    }
    Ok(review_us)
}

/// Asks that a hold end (`state: "asked"`); another's request carries it out
/// (`state: "released"`), and what it kept of erased records goes with its key.
pub async fn release(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    access: Option<&Access>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "hold.release")
        .demand(HOLD)
        .await?;
    let act = act.reason(access).await?;
    let (act, (id, row)) = act.found(find(ledger, id).await).await?;
    let act = act.with("hold", hex::encode(id));
    if row.state == "released" {
        return Err(act.refuse(Refusal::Conflict).await);
    }
    let who = act.who();
    let another = row.asked_by.is_some_and(|asked| asked != who);
    let (state, effects) = if another {
        let ids = sealed::keys_of(ledger, &id).await.map_err(internal)?;
        // The key's end follows from this record: one of its own would tell of the hold.
        let gone = Effect::KeyDestroyed { ids };
        let released = change(Change::HoldRelease { id, who });
        ("released", vec![released, gone])
    } else {
        ("asked", vec![change(Change::HoldAsk { id, who })])
    };
    let recorded = act.with("state", state).record(effects).await?;
    if another && let Err(error) = finish_released(ledger).await {
        tracing::error!(code = "release_unfinished", %error, "a release will be gone on with");
    }
    Ok(json!({"hold": hex::encode(id), "state": state, "record": recorded.rid()}))
}

/// Wipes what holds that ended still have. Safe to repeat; a crash in between is finished by it.
pub(super) async fn finish_released(ledger: &Ledger) -> Result<(), Unkept> {
    let mut tx = ledger.store().log.read().await?;
    let rows = tx.holds_left(LIST_MAX).await?;
    drop(tx);
    if rows.is_empty() {
        return Ok(());
    }
    for row in rows {
        let id: [u8; 16] = row.id.try_into().map_err(|_length| Unkept::Damaged)?;
        let keys = sealed::keys_of(ledger, &id).await?;
        ledger.keys().destroy(&keys).await?;
        let mut tx = ledger.store().log.begin().await?;
        tx.hold_empty(&id).await?;
        for key in &keys {
            tx.destroyed_key_done(key).await?;
        }
        tx.commit().await?;
    }
    ledger.store().log.scrub().await?;
    Ok(())
}

/// Holds in a state (`placed`, `asked`, `released`), newest first, to those who may know of them.
pub async fn list(ledger: &Ledger, officer: &Officer, state: &str) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "hold.list").demand(SEE).await?;
    let fits = ["placed", "asked", "released"].contains(&state);
    let fits = fits.then_some(()).ok_or(STATE);
    let (act, ()) = act.fitting(fits).await?;
    let recorded = act.with("state", state).record(Vec::new()).await?;
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let rows = tx.holds(state, LIST_MAX).await.map_err(internal)?;
    drop(tx);
    let mut holds = Vec::with_capacity(rows.len());
    for row in &rows {
        holds.push(shown(ledger, row).await?);
    }
    Ok(json!({"holds": holds, "record": recorded.rid()}))
}

const STATE: Fault = ("state", "placed, asked or released");

/// One hold, to those who may know of it.
pub async fn read(ledger: &Ledger, officer: &Officer, id: &str) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "hold.show").demand(SEE).await?;
    let (act, (id, row)) = act.found(find(ledger, id).await).await?;
    let act = act.with("hold", hex::encode(id));
    let recorded = act.record(Vec::new()).await?;
    let mut hold = shown(ledger, &row).await?;
    if let Some(members) = hold.as_object_mut() {
        members.insert("record".to_owned(), json!(recorded.rid()));
    }
    Ok(hold)
}

async fn shown(ledger: &Ledger, row: &HoldRow) -> Result<Value, Refused> {
    let says = match <[u8; 16]>::try_from(row.id.as_slice()) {
        Ok(id) if !row.sealed.is_empty() => sealed::says(ledger, &id, &row.sealed).await,
        _ => Ok(Value::Null),
    };
    let in_force = row.state != "released";
    Ok(json!({
        "hold": hex::encode(&row.id),
        "state": row.state,
        "says": says.map_err(internal)?,
        "placed": rfc3339(row.placed_us),
        "placed_by": row.placed_by,
        "review": rfc3339(row.review_us),
        "overdue": in_force && row.review_us < ledger.clock().now_us(),
        "asked_by": row.asked_by,
        "released": row.released_us.map(rfc3339),
        "released_by": row.released_by,
    }))
}

pub(super) async fn find(
    ledger: &Ledger,
    id: &str,
) -> Result<Option<([u8; 16], HoldRow)>, Refused> {
    let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(id) else {
        return Ok(None);
    };
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let row = tx.hold(&id).await.map_err(internal)?;
    Ok(row.map(|row| (id, row)))
}

/// Where an owner's holds are: a digest of its own, so that it leads to no other table.
fn at(ledger: &Ledger, owner: &[u8; 32]) -> [u8; 32] {
    ledger.keys().digest("held", &[owner])
}

fn change(change: Change) -> Effect {
    Effect::Privacy(change)
}
