//! Reading a conversation: what was said, asked, shown and decided in it, in order.
//!
//! Promises I7: with a reason and a case, recorded before a body is opened. Who may read content
//! sees what was said; support sees what the assistant saw, and only in conversations that were
//! assigned to them. To support, one that is not assigned and one that does not exist are alike.

use super::cursor;
use super::duty::{self, Access, Act, internal};
use super::scan::{Among, Span, first_at, parse};
use crate::clock::rfc3339;
use crate::conversation::Row;
use crate::gateway::Refused;
use crate::identity::{Officer, Role};
use crate::ledger::read::ReadError;
use crate::ledger::{KeyError, Ledger};
use serde_json::{Value, json};

mod entry;

use entry::View;

/// Who may read some of it.
const READ: &[Role] = &[
    Role::Support,
    Role::Officer,
    Role::Dpo,
    Role::Legal,
    Role::Auditor,
];
/// A conversation's first record may be a little younger or older than its row.
pub(super) const SLACK_US: i64 = 5_000_000;
/// Entries on one page.
const ENTRIES: usize = 100;
/// Bodies that one page opens.
const BODIES: usize = 1_000;

/// One page of a conversation from its beginning, or from where `after` says:
/// `{"conversation", "view", "agent", "guest", "locale", "opened", "closed", "entries", "next",
/// "ended", "reading"}`.
pub async fn transcript(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    after: Option<&str>,
    access: Option<&Access>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "conversation.read");
    let act = act.demand(READ).await?;
    let act = act.reason(access).await?;
    let view = if officer.roles().has_any(duty::CONTENT) {
        View::Original
    } else {
        View::Masked
    };
    let who = act.who();
    let found = find(ledger, id, (view == View::Masked).then_some(&who)).await;
    let (act, (id, row)) = act.found(found).await?;
    let name = hex::encode(id);
    let question = format!("conversation {name}");
    let span = match after {
        None => Ok(None),
        Some(text) => cursor::read(ledger, &who, &question, text)
            .map(Some)
            .ok_or(("after", "what an earlier page of this gave as next")),
    };
    let (act, span) = act.fitting(span).await?;
    let begun = begin(ledger, &row, span).await;
    let (act, (among, span)) = act.found(begun.map(Some).map_err(internal)).await?;
    let act = act
        .with("conversation", name.as_str())
        .with("view", view.as_str())
        .with("from", span.from)
        .with("to", span.to);
    let reading = act.record(Vec::new()).await?;
    let page = walk(ledger, &id, view, &among, span).await;
    let page = page.map_err(internal)?;
    let next = (!page.left.is_empty()).then(|| cursor::write(ledger, &who, &question, page.left));
    Ok(json!({
        "conversation": name,
        "view": view.as_str(),
        "agent": row.agent,
        "guest": row.guest,
        "locale": row.locale,
        "opened": rfc3339(row.opened_us),
        "closed": row.closed,
        "entries": page.entries,
        "next": next,
        "ended": page.ended,
        "reading": reading.rid(),
    }))
}

/// The conversation, if it is there; for `support` only if it is assigned to them.
async fn find(
    ledger: &Ledger,
    id: &str,
    support: Option<&String>,
) -> Result<Option<([u8; 16], Row)>, Refused> {
    let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(id) else {
        return Ok(None);
    };
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let Some(row) = tx.conversation(&id).await.map_err(internal)? else {
        return Ok(None);
    };
    if let Some(who) = support {
        let now_us = ledger.clock().now_us();
        let assigned = tx.assignment_for(who, &row.owner, &id, now_us).await;
        if assigned.map_err(internal)?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some((id, row)))
}

async fn begin(ledger: &Ledger, row: &Row, span: Option<Span>) -> Result<(Among, Span), ReadError> {
    let owner = <[u8; 32]>::try_from(row.owner.as_slice());
    let owner = owner.map_err(|_length| ReadError::Missing)?;
    let from_us = row.opened_us.saturating_sub(SLACK_US);
    let among = Among::owner(ledger, &owner, from_us).await?;
    if let Some(span) = span {
        return Ok((among, span));
    }
    let to = ledger.size();
    let from = first_at(ledger, from_us, to).await?;
    Ok((among, Span { from, to }))
}

struct Page {
    entries: Vec<Value>,
    left: Span,
    ended: &'static str,
}

async fn walk(
    ledger: &Ledger,
    id: &[u8; 16],
    view: View,
    among: &Among,
    span: Span,
) -> Result<Page, ReadError> {
    let mut page = Page {
        entries: Vec::new(),
        left: span,
        ended: "range",
    };
    let mut bodies = 0;
    while !page.left.is_empty() {
        let (rows, left) = among.next(ledger, page.left, false).await?;
        for row in rows {
            if page.entries.len() >= ENTRIES {
                page.ended = "page";
                return Ok(page);
            }
            if bodies >= BODIES {
                page.ended = "bound";
                return Ok(page);
            }
            bodies += 1;
            page.left = page.left.after(row.seq, false);
            let leaf = parse(&row)?;
            let entry = ledger.entry(row.seq).await?;
            let body = match ledger.open_body(&entry).await {
                Ok(body) => body,
                Err(ReadError::Key(KeyError::Gone)) => continue,
                Err(error) => return Err(error),
            };
            if is_of(&body, id) {
                page.entries.push(entry::shown(&leaf, &body, view));
            }
        }
        page.left = left;
    }
    Ok(page)
}

/// Whether a body says that it belongs to a conversation.
pub(super) fn is_of(body: &Value, id: &[u8; 16]) -> bool {
    let named = body.get("conversation").and_then(Value::as_str);
    named.is_some_and(|named| named == hex::encode(id))
}
