//! Completing an answer for the customer: `[EMAIL_1]` becomes what they wrote.
//!
//! The assistant writes with placeholders and never learns what stands behind them. The customer's
//! own client asks for the values with the customer's own token; they are read from the sealed turns
//! of that conversation and from nowhere else. Recorded before it is answered (I1).
//!
//! Left as they are, and named: placeholders that no turn of the conversation has, those of a turn
//! that was erased, and those that stand for something in an answer of the exchange, which is not
//! kept. What must never be stored (I8) has no number and no value anywhere. An agent that is
//! stopped stops this for its conversations, and a switch on `operation:conversation.reveal` for all.

use super::conversation::{SLACK_US, is_of};
use super::duty::internal;
use super::lookups::{REVEAL, recorded};
use super::scan::{Among, Span, first_at, parse};
use crate::conversation::Row;
use crate::conversation::turn::{TEXT_MAX, VALUES};
use crate::gateway::{Refusal, Refused};
use crate::identity::{AgentId, Customer};
use crate::ledger::read::ReadError;
use crate::ledger::{KeyError, Ledger, Owner};
use crate::policy::Switches;
use crate::redaction::numbered_in;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tidewaiter_audit::Kind;
use zeroize::Zeroizing;

/// The name that switches and records have for it.
pub const OPERATION: &str = REVEAL;
/// Records of one conversation that are looked at.
const BODIES: usize = 4_000;
/// The most a completed text can become.
const LONGEST: usize = 4 * TEXT_MAX;

/// `text` with the values of the conversation `id` in the places of its placeholders:
/// `{"text", "unknown", "record"}`.
pub async fn reveal(
    ledger: &Ledger,
    switches: &Switches,
    customer: &Customer,
    id: &str,
    text: &str,
) -> Result<Value, Refused> {
    if text.is_empty() || text.len() > TEXT_MAX {
        return Err(Refusal::Malformed.into());
    }
    let (id, row) = own(ledger, customer, id).await?.ok_or(Refusal::NotFound)?;
    let stopped = AgentId::try_from(row.agent.clone()).map_or(true, |agent| {
        switches.stops_agent(&agent) || switches.stops_named(REVEAL)
    });
    if stopped {
        return Err(Refusal::Stopped.into());
    }
    let wanted: BTreeSet<&str> = numbered_in(text)
        .into_iter()
        .filter_map(|place| text.get(place))
        .collect();
    let values = values(ledger, &id, &row, &wanted).await.map_err(internal)?;
    let (completed, told, unknown) = complete(text, &values)?;
    let body = json!({
        "what": "the customer completed an answer with values of their own",
        "conversation": hex::encode(id),
        "placeholders": told,
        "unknown": unknown,
    });
    let recorded = recorded(ledger, customer, REVEAL, body).await?;
    Ok(json!({
        "text": completed.as_str(),
        "unknown": unknown,
        "record": recorded.rid(),
    }))
}

/// The conversation, if it is the customer's own. A foreign one and a missing one are alike.
async fn own(
    ledger: &Ledger,
    customer: &Customer,
    id: &str,
) -> Result<Option<([u8; 16], Row)>, Refused> {
    let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(id) else {
        return Ok(None);
    };
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let row = tx.conversation(&id).await.map_err(internal)?;
    let owner = Owner::Subject(Arc::clone(customer.subject()));
    let owner = ledger.keys().owner_id(&owner);
    Ok(row
        .filter(|row| !row.guest && row.owner == owner)
        .map(|row| (id, row)))
}

type Values = BTreeMap<String, Zeroizing<String>>;

/// What the wanted placeholders stand for, from the turns of a conversation, as first written.
async fn values(
    ledger: &Ledger,
    id: &[u8; 16],
    row: &Row,
    wanted: &BTreeSet<&str>,
) -> Result<Values, ReadError> {
    let mut values = Values::new();
    if wanted.is_empty() {
        return Ok(values);
    }
    let mut owners = vec![<[u8; 32]>::try_from(row.owner.as_slice())];
    if row.attached {
        // What was said as a guest stays under the guest's key.
        owners.push(Ok(ledger.keys().owner_id(&Owner::Guest(*id))));
    }
    let from_us = row.opened_us.saturating_sub(SLACK_US);
    let mut left = BODIES;
    for owner in owners.into_iter().rev() {
        let owner = owner.map_err(|_length| ReadError::Missing)?;
        let among = Among::owner(ledger, &owner, from_us).await?;
        let to = ledger.size();
        let mut span = Span {
            from: first_at(ledger, from_us, to).await?,
            to,
        };
        while !span.is_empty() && values.len() < wanted.len() && left > 0 {
            let (rows, rest) = among.next(ledger, span, false).await?;
            for row in rows {
                let leaf = parse(&row)?;
                if leaf.kind != Kind::Turn || left == 0 {
                    continue;
                }
                left -= 1;
                let entry = ledger.entry(row.seq).await?;
                match ledger.open_body(&entry).await {
                    Ok(body) if is_of(&body, id) => take(&body, wanted, &mut values),
                    Ok(_) | Err(ReadError::Key(KeyError::Gone)) => {}
                    Err(error) => return Err(error),
                }
            }
            span = rest;
        }
    }
    Ok(values)
}

fn take(body: &Value, wanted: &BTreeSet<&str>, values: &mut Values) {
    let told = body.get(VALUES).and_then(Value::as_object);
    for (name, value) in told.into_iter().flatten() {
        if let Some(value) = value.as_str().filter(|_| wanted.contains(name.as_str())) {
            let first = values.entry(name.clone());
            first.or_insert_with(|| Zeroizing::new(value.to_owned()));
        }
    }
}

/// A text, which placeholders were completed in it, and which were not.
type Completed<'t> = (Zeroizing<String>, BTreeSet<&'t str>, BTreeSet<&'t str>);

/// The text with its values, which placeholders they took the place of, and which stay.
fn complete<'t>(text: &'t str, values: &Values) -> Result<Completed<'t>, Refused> {
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 2));
    let (mut told, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    let mut at = 0;
    for place in numbered_in(text) {
        let name = text.get(place.clone()).unwrap_or_default();
        out.push_str(text.get(at..place.start).unwrap_or_default());
        if let Some(value) = values.get(name) {
            out.push_str(value);
            told.insert(name);
        } else {
            out.push_str(name);
            unknown.insert(name);
        }
        at = place.end;
        if out.len() > LONGEST {
            return Err(Refusal::TooLarge.into());
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Ok((out, told, unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ones_are_completed_and_others_named() {
        let values = Values::from([(
            "[EMAIL_1]".to_owned(),
            Zeroizing::new("a@b.example".to_owned()),
        )]);
        let text =
            "we wrote to [EMAIL_1], not to [EMAIL_2]; [PASSWORD REMOVED, short] and [x_1] stay";
        let (out, told, unknown) = complete(text, &values).unwrap();
        assert_eq!(
            out.as_str(),
            "we wrote to a@b.example, not to [EMAIL_2]; [PASSWORD REMOVED, short] and [x_1] stay"
        );
        assert_eq!(told.into_iter().collect::<Vec<_>>(), ["[EMAIL_1]"]);
        assert_eq!(unknown.into_iter().collect::<Vec<_>>(), ["[EMAIL_2]"]);
        let long = Values::from([("[EMAIL_1]".to_owned(), Zeroizing::new("a".repeat(9_000)))]);
        assert!(complete(&"[EMAIL_1]".repeat(1_000), &long).is_err());
    }
}
