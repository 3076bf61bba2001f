//! The two ways a case ends without an erasure: an officer refuses it, or who asked withdraws it.
//!
//! The customer is told why by a ground of a closed list (GDPR Art. 12(4)); a hold is none of them,
//! for it never keeps a request from being carried out.

use super::{APPROVE, case, case_id, shown, wish, words};
use crate::gateway::{Refusal, Refused};
use crate::identity::{Customer, Officer};
use crate::ledger::{Effect, Ledger, Owner};
use crate::privacy::Change;
use crate::privacy::duty::{Access, Act, internal, unrecorded};
use crate::privacy::store::ErasureRow;
use crate::revocation::Marks;
use serde_json::{Value, json};
use std::sync::Arc;

/// Refuses a case that waits for approval, on a ground the customer is told: `not_verified`,
/// `unfounded`, `excessive`. An officer who filed it themselves withdraws it by this.
pub async fn refuse(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    ground: &str,
    access: Option<&Access>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "erasure.refuse");
    let own = act.who();
    let found = case(ledger, id).await;
    let is_own = matches!(&found, Ok(Some(row)) if row.requester == own);
    let act = if is_own {
        act.demand(super::FILE).await?
    } else {
        act.demand(APPROVE).await?
    };
    let act = act.reason(access).await?;
    let fits = words::refusal(ground).filter(|_| ground != "withdrawn");
    let fits = fits.ok_or(("ground", "not_verified, unfounded or excessive"));
    let (act, _words) = act.fitting(fits).await?;
    let (act, row) = act.found(found).await?;
    let act = act.with("erasure", hex::encode(&row.id));
    if row.state != "requested" {
        return Err(act.refuse(Refusal::Conflict).await);
    }
    let (to, ground) = if is_own {
        ("withdrawn", "withdrawn")
    } else {
        ("refused", ground)
    };
    let who = Some(act.who());
    let ended = ended(&row, to, ground, who)?;
    let recorded = act.with("ground", ground).record(vec![ended]).await?;
    let row = again(ledger, &row).await?;
    Ok(shown(&row, Some(&recorded)))
}

/// Withdraws a customer's own case that waits for approval.
pub async fn withdraw(ledger: &Ledger, customer: &Customer, id: &str) -> Result<Value, Refused> {
    let owner = Owner::Subject(Arc::clone(customer.subject()));
    let owner = ledger.keys().owner_id(&owner);
    let row = case(ledger, id).await?.ok_or(Refusal::NotFound)?;
    // One of somebody else's is as good as none.
    if row.owner.as_deref() != Some(owner.as_slice()) {
        return Err(Refusal::NotFound.into());
    }
    if row.state != "requested" {
        return Err(Refusal::Conflict.into());
    }
    let ended = ended(&row, "withdrawn", "withdrawn", None)?;
    let body = json!({"what": "withdrawn", "case": hex::encode(&row.id)});
    let marks = Marks::of_customer(ledger.keys(), customer);
    let recorded = wish(ledger, body, vec![ended], marks).await;
    let recorded = recorded.map_err(unrecorded)?;
    let row = again(ledger, &row).await?;
    Ok(shown(&row, Some(&recorded)))
}

fn ended(
    row: &ErasureRow,
    to: &'static str,
    ground: &str,
    who: Option<String>,
) -> Result<Effect, Refused> {
    let say = words::refusal(ground).ok_or_else(|| internal("a ground without words"))?;
    Ok(Effect::Privacy(Change::ErasureEnd {
        id: case_id(row)?,
        to,
        who,
        outcome: json!({"ground": ground, "say": say}).to_string(),
    }))
}

async fn again(ledger: &Ledger, row: &ErasureRow) -> Result<ErasureRow, Refused> {
    let found = case(ledger, &hex::encode(&row.id)).await?;
    found.ok_or_else(|| Refusal::Internal.into())
}
