//! Assignments: which chats a member of support may read, masked, for a case and for a time.
//!
//! Made by a lead or an officer, each a record. Forgotten when the customer is erased, and some
//! days after they have ended.

use super::Change;
use super::duty::{self, Access, Act, Fault, Knows, internal, is_text};
use crate::clock::rfc3339;
use crate::gateway::Refused;
use crate::identity::{Officer, Role};
use crate::ledger::{Effect, Ledger};
use serde_json::{Value, json};

mod store;

pub use store::AssignmentRow;

/// Who may assign.
const ASSIGN: &[Role] = &[Role::Lead, Role::Officer];
/// Who may see assignments; support sees their own.
const SEE: &[Role] = &[Role::Support, Role::Lead, Role::Officer, Role::Auditor];
/// For how long one may hold.
const MOST_DAYS: i64 = 30;
const DAY_US: i64 = 86_400_000_000;
/// Assignments shown at once.
const LIST_MAX: i64 = 200;
/// Conversations named in each.
const CONVERSATIONS: i64 = 20;

/// An assignment as it is asked for: of one conversation, or of a customer by issuer and `sub`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assigning {
    /// The conversation, 32 hex digits.
    pub conversation: Option<String>,
    /// Who vouches for the customer.
    pub issuer: Option<String>,
    /// The customer.
    pub sub: Option<String>,
    /// The `sub` of the member of support.
    pub officer: String,
    /// Who vouches for them; the assigner's own issuer if it is not said.
    pub officer_issuer: Option<String>,
    /// Until when, RFC 3339; at most thirty days from now.
    pub until: String,
}

/// Assigns: `{"assignment", "until", "record"}`.
pub async fn assign(
    ledger: &Ledger,
    officer: &Officer,
    asked: &Assigning,
    access: Option<&Access>,
    knows: Knows<'_>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "assignment.make");
    let act = act.demand(ASSIGN).await?;
    let act = act.reason(access).await?;
    let now_us = ledger.clock().now_us();
    let (act, until_us) = act.fitting(until(asked, now_us)).await?;
    let target = target(ledger, asked, knows).await?;
    let (act, (owner, conversation)) = act.fitting(target).await?;
    let id = crate::random::bytes::<16>().map_err(internal)?;
    let issuer = asked.officer_issuer.as_deref();
    let whose = duty::pseudonym(ledger, issuer.unwrap_or(officer.issuer()), &asked.officer);
    let row = AssignmentRow {
        id: id.to_vec(),
        officer: whose.clone(),
        owner,
        conversation: conversation.map(|id| id.to_vec()),
        matter: access.map(Access::case).unwrap_or_default().to_owned(),
        until_us,
        made_us: now_us,
        made_by: act.who(),
    };
    let of_customer = asked.issuer.as_deref().zip(asked.sub.as_deref());
    let of_customer = of_customer.map(|(issuer, sub)| duty::pseudonym(ledger, issuer, sub));
    let act = act
        .with("assignment", hex::encode(id))
        .with("to", whose)
        .with("customer", of_customer)
        .with("conversation", asked.conversation.clone())
        .with("until", rfc3339(until_us));
    let recorded = act.record(vec![change(Change::AssignmentPut(row))]).await?;
    Ok(json!({
        "assignment": hex::encode(id),
        "until": rfc3339(until_us),
        "record": recorded.rid(),
    }))
}

fn until(asked: &Assigning, now_us: i64) -> Result<i64, Fault> {
    if !is_text(&asked.officer, 1, 500) {
        return Err(("officer", "1 to 500 characters"));
    }
    if asked
        .officer_issuer
        .as_ref()
        .is_some_and(|issuer| !is_text(issuer, 1, 500))
    {
        return Err(("officer_issuer", "1 to 500 characters"));
    }
    let until = asked.until.parse::<jiff::Timestamp>();
    let until_us = until.map_or(0, jiff::Timestamp::as_microsecond);
    let latest_us = now_us.saturating_add(MOST_DAYS * DAY_US);
    if until_us <= now_us || until_us > latest_us {
        return Err(("until", "a moment (RFC 3339) within the next 30 days"));
    }
    Ok(until_us)
}

type Target = (Vec<u8>, Option<[u8; 16]>);

/// Whose chats: the owner's look-up, and the one conversation if it is one.
async fn target(
    ledger: &Ledger,
    asked: &Assigning,
    knows: Knows<'_>,
) -> Result<Result<Target, Fault>, Refused> {
    let either = "a conversation, or issuer and sub";
    match (&asked.conversation, &asked.issuer, &asked.sub) {
        (Some(name), None, None) => {
            let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(name) else {
                return Ok(Err(("conversation", "32 lower-case hexadecimal digits")));
            };
            let mut tx = ledger.store().log.read().await.map_err(internal)?;
            let row = tx.conversation(&id).await.map_err(internal)?;
            Ok(row
                .map(|row| (row.owner, Some(id)))
                .ok_or(("conversation", "there is no such conversation")))
        }
        (None, Some(issuer), Some(sub)) => Ok(duty::customer(issuer, sub, knows)
            .map(|()| (duty::owner_of(ledger, issuer, sub).to_vec(), None))),
        _ => Ok(Err(("conversation", either))),
    }
}

/// The assignments in force, with the conversations they open. Support sees their own.
pub async fn list(ledger: &Ledger, officer: &Officer) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "assignment.list");
    let act = act.demand(SEE).await?;
    let all = [Role::Lead, Role::Officer, Role::Auditor];
    let own = (!officer.roles().has_any(&all)).then(|| act.who());
    let recorded = act.record(Vec::new()).await?;
    let now_us = ledger.clock().now_us();
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let rows = tx.assignments(own.as_deref(), now_us, LIST_MAX).await;
    let mut lines = Vec::new();
    for row in rows.map_err(internal)? {
        let chats = match &row.conversation {
            Some(id) => vec![id.clone()],
            None => tx
                .conversations_of(&row.owner, CONVERSATIONS)
                .await
                .map_err(internal)?,
        };
        lines.push(json!({
            "assignment": hex::encode(&row.id),
            "officer": row.officer,
            "case": row.matter,
            "until": rfc3339(row.until_us),
            "made": rfc3339(row.made_us),
            "made_by": row.made_by,
            "conversations": chats.iter().map(hex::encode).collect::<Vec<_>>(),
        }));
    }
    Ok(json!({"assignments": lines, "record": recorded.rid()}))
}

/// Ends an assignment before its time.
pub async fn end(ledger: &Ledger, officer: &Officer, id: &str) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "assignment.end");
    let act = act.demand(ASSIGN).await?;
    let id = tidewaiter_audit::grammar::hex_array::<16>(id);
    let (act, id) = act.found(Ok(id)).await?;
    let act = act.with("assignment", hex::encode(id));
    match act.record(vec![change(Change::AssignmentEnd { id })]).await {
        Ok(recorded) => Ok(json!({"assignment": hex::encode(id), "record": recorded.rid()})),
        // Somebody ended it before, or there never was one: that is on record too.
        Err(refused) if refused.refusal == crate::gateway::Refusal::Conflict => {
            let act = Act::new(ledger, officer, "assignment.end");
            Err(act.refuse(crate::gateway::Refusal::NotFound).await)
        }
        Err(refused) => Err(refused),
    }
}

fn change(change: Change) -> Effect {
    Effect::Privacy(change)
}
