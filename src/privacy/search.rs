//! Search: records by time, customer, agent, operation, kind, decision, purpose, conversation or
//! name; in pages that are complete and without repeats, however much is recorded meanwhile.
//!
//! Promises I7: a reason and a case, a role, and a record of the search before anything is shown;
//! the record says what was looked for, and names a customer by pseudonym alone. Bodies are opened
//! only for one customer, one conversation or one record, never across all of them.
//! Work is bounded by the page: one whose bound ends before the range does says so, and gives the
//! cursor to go on with.

use super::access::opened;
use super::cursor;
use super::duty::{self, Access, Act, Knows, internal};
use super::scan::{Among, Span, first_at, parse};
use crate::clock::rfc3339;
use crate::gateway::Refused;
use crate::identity::Officer;
use crate::ledger::Ledger;
use crate::ledger::read::{Entry, ReadError};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tidewaiter_audit::{Decision, Leaf};

mod filter;

use filter::Filter;

/// Leaves that one page looks through.
const LEAVES: usize = 5_000;
/// Bodies that one page opens to find out where they belong.
const BODIES: usize = 400;

/// What is asked for, as it came: checked as a whole, and named where it does not fit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The first moment, RFC 3339.
    pub from: Option<String>,
    /// The first moment beyond, RFC 3339.
    pub to: Option<String>,
    /// Who vouches for the customer; with `sub`.
    pub issuer: Option<String>,
    /// The customer; with `issuer`.
    pub sub: Option<String>,
    /// An agent.
    pub agent: Option<String>,
    /// An operation.
    pub operation: Option<String>,
    /// A kind of record.
    pub kind: Option<String>,
    /// `allow`, `deny` or `error`.
    pub decision: Option<String>,
    /// A purpose.
    pub purpose: Option<String>,
    /// A conversation, 32 hex digits.
    pub conversation: Option<String>,
    /// A record's public name, 32 hex digits.
    pub record: Option<String>,
    /// `newest` first, or `oldest`; newest unless it says so.
    pub order: Option<String>,
    /// Records on a page, 1 to 50.
    pub limit: Option<String>,
    /// Whether bodies are shown: `true` or `false`.
    pub content: Option<String>,
    /// What an earlier page gave as `next`.
    pub cursor: Option<String>,
}

/// One page: `{"records": […], "next", "ended", "looked_at", "reading"}`.
///
/// `ended` is `range` if there is nothing more, `page` if the page is full, `bound` if it has
/// looked at as much as one page may; `next` goes on in the last two.
pub async fn records(
    ledger: &Ledger,
    officer: &Officer,
    question: &Question,
    access: Option<&Access>,
    knows: Knows<'_>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "record.search");
    let act = act.demand(duty::CONTENT).await?;
    let act = act.reason(access).await?;
    let checked = Filter::check(ledger, question, knows);
    let (act, filter) = act.fitting(checked).await?;
    let (who, told) = (act.who(), filter.told().to_string());
    let span = match &question.cursor {
        None => Ok(None),
        Some(text) => cursor::read(ledger, &who, &told, text)
            .map(Some)
            .ok_or(("cursor", "what an earlier page of this search gave as next")),
    };
    let (act, span) = act.fitting(span).await?;
    let act = act
        .with("filter", filter.told())
        .with("content", filter.content);
    let begun = begin(ledger, &filter, span).await.map_err(|e| wrong(&e));
    let (act, (among, span)) = act.found(begun).await?;
    let act = act.with("from", span.from).with("to", span.to);

    // Where bodies say what belongs, the search is on record before the first is opened.
    let early = filter.conversation.is_some();
    let (found, reading) = if early {
        let reading = act.record(Vec::new()).await?;
        let found = walk(ledger, &filter, &among, span).await;
        (found.map_err(internal)?, reading)
    } else {
        let found = walk(ledger, &filter, &among, span).await;
        let (act, found) = act.found(found.map(Some).map_err(internal)).await?;
        let names = found.leaves.iter().map(|leaf| hex::encode(leaf.rid));
        let act = act.with("of", names.collect::<Vec<_>>());
        let reading = act.record(Vec::new()).await?;
        (found, reading)
    };
    let mut records = Vec::with_capacity(found.leaves.len());
    for leaf in &found.leaves {
        records.push(shown(ledger, leaf, filter.content).await?);
    }
    let next = (!found.left.is_empty()).then(|| cursor::write(ledger, &who, &told, found.left));
    Ok(json!({
        "records": records,
        "next": next,
        "ended": found.ended,
        "looked_at": found.looked_at.to_string(),
        "reading": reading.rid(),
    }))
}

fn wrong(error: &ReadError) -> Refused {
    internal(error)
}

/// Where to look, and from where to where: fixed by the first page, carried by the cursor.
async fn begin(
    ledger: &Ledger,
    filter: &Filter,
    span: Option<Span>,
) -> Result<Option<(Among, Span)>, ReadError> {
    let size = ledger.size();
    let mut owner = filter.owner;
    let mut from_us = filter.from_us;
    if let Some(id) = &filter.conversation {
        let mut tx = ledger.store().log.read().await?;
        let Some(row) = tx.conversation(id).await? else {
            return Ok(None);
        };
        // Whoever asks for a conversation and a customer it is not of finds nothing.
        let of = <[u8; 32]>::try_from(row.owner.as_slice()).ok();
        if of.is_none() || owner.is_some_and(|owner| Some(owner) != of) {
            return Ok(None);
        }
        owner = of;
        from_us = from_us.max(row.opened_us.saturating_sub(super::conversation::SLACK_US));
    }
    let among = match owner {
        Some(owner) => Among::owner(ledger, &owner, from_us).await?,
        None => Among::All,
    };
    if let Some(span) = span {
        return Ok(Some((among, span)));
    }
    let mut span = Span { from: 0, to: size };
    if from_us > 0 {
        span.from = first_at(ledger, from_us, size).await?;
    }
    if filter.to_us < i64::MAX {
        span.to = first_at(ledger, filter.to_us, size).await?;
    }
    if let Some(rid) = &filter.record {
        match ledger.find(rid).await {
            Ok(seq) => {
                span.from = span.from.max(seq);
                span.to = span.to.min(seq.saturating_add(1));
            }
            Err(ReadError::Missing) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some((among, span)))
}

/// What a page found.
#[derive(Debug)]
struct Found {
    leaves: Vec<Leaf>,
    left: Span,
    ended: &'static str,
    looked_at: usize,
}

async fn walk(
    ledger: &Ledger,
    filter: &Filter,
    among: &Among,
    span: Span,
) -> Result<Found, ReadError> {
    let mut found = Found {
        leaves: Vec::new(),
        left: span,
        ended: "range",
        looked_at: 0,
    };
    let mut bodies = 0;
    while !found.left.is_empty() {
        let (rows, left) = among.next(ledger, found.left, filter.newest).await?;
        for row in rows {
            if found.leaves.len() >= filter.limit {
                found.ended = "page";
                return Ok(found);
            }
            if found.looked_at >= LEAVES || bodies >= BODIES {
                found.ended = "bound";
                return Ok(found);
            }
            found.looked_at += 1;
            let leaf = parse(&row)?;
            found.left = found.left.after(row.seq, filter.newest);
            if !filter.fits(&leaf) {
                continue;
            }
            if let Some(id) = &filter.conversation {
                bodies += 1;
                if !belongs(ledger, row.seq, id).await? {
                    continue;
                }
            }
            found.leaves.push(leaf);
        }
        found.left = left;
    }
    Ok(found)
}

/// Whether a record says that it belongs to a conversation.
async fn belongs(ledger: &Ledger, seq: i64, id: &[u8; 16]) -> Result<bool, ReadError> {
    let entry = ledger.entry(seq).await?;
    match ledger.open_body(&entry).await {
        Ok(body) => Ok(super::conversation::is_of(&body, id)),
        Err(ReadError::Key(crate::ledger::KeyError::Gone)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A record on a page: what its leaf says; with content, what it holds.
async fn shown(ledger: &Ledger, leaf: &Leaf, content: bool) -> Result<Value, Refused> {
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
    put("record", hex::encode(leaf.rid).into());
    put("seq", leaf.seq.to_string().into());
    put("time", rfc3339(leaf.time_us).into());
    put("kind", leaf.kind.as_str().into());
    put("class", leaf.class.as_str().into());
    put("agent", json!(leaf.agent));
    put("operation", json!(leaf.operation));
    put("purpose", json!(leaf.purpose));
    put("decision", json!(leaf.decision.map(Decision::as_str)));
    if content {
        let seq = i64::try_from(leaf.seq).map_err(internal)?;
        let entry: Entry = ledger.entry(seq).await.map_err(internal)?;
        let (body, erased) = opened(ledger, &entry).await?;
        put("body", body);
        put("erased", erased);
    }
    Ok(Value::Object(line))
}
