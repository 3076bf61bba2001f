//! What is held about a customer, for themselves: a copy of it (GDPR Art. 15) and what they gave,
//! to take along (Art. 20).
//!
//! The copy has every turn as it was said, every consultation with what was shown, to whom and why,
//! and on its first page what holds of all of it. Left out are acts of officers, which are no
//! record of the customer's, and what an erasure took. Asking is itself a record.

use super::duty::{internal, pseudonym};
use super::erasure::words::{ground, title, until};
use super::lookups::{DATA, Names, PORTABLE, asked, consultation, is_consultation};
use super::scan::{Among, Span, parse};
use super::{access::unpadded, cursor};
use crate::catalog::RetentionClass;
use crate::clock::rfc3339;
use crate::gateway::{Language, Refusal, Refused};
use crate::identity::Customer;
use crate::ledger::read::ReadError;
use crate::ledger::{KeyError, Ledger, Owner};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tidewaiter_audit::{Kind, Leaf};

mod about;

/// Records on one page.
const PAGE: usize = 100;
/// Records that one page looks at.
const BODIES: usize = 1_000;

/// A copy of what is held, one page: `{"about", "records", "next", "record"}`; `about` on the first
/// page alone.
pub async fn data(
    ledger: &Ledger,
    customer: &Customer,
    language: Language,
    names: Names<'_>,
    after: Option<&str>,
) -> Result<Value, Refused> {
    let what = "the customer asked for a copy of their data";
    let recorded = asked(ledger, customer, DATA, what).await?;
    let show = |leaf: &Leaf, body: &Value| held(leaf, body, language, names);
    let (records, next) = page(ledger, customer, DATA, after, show).await?;
    let about = after.is_none().then(|| about::about(language, names));
    Ok(json!({"about": about, "records": records, "next": next, "record": recorded.rid()}))
}

/// What the customer said, one page: `{"format", "messages", "next", "record"}`. Nothing derived.
pub async fn portable(
    ledger: &Ledger,
    customer: &Customer,
    after: Option<&str>,
) -> Result<Value, Refused> {
    let what = "the customer asked for their messages";
    let recorded = asked(ledger, customer, PORTABLE, what).await?;
    let (messages, next) = page(ledger, customer, PORTABLE, after, message).await?;
    Ok(json!({
        "format": "tidewaiter-portable/1",
        "messages": messages,
        "next": next,
        "record": recorded.rid(),
    }))
}

/// The customer's records from where `after` says, as far as `show` has something to show.
async fn page(
    ledger: &Ledger,
    customer: &Customer,
    question: &str,
    after: Option<&str>,
    show: impl Fn(&Leaf, &Value) -> Option<Value>,
) -> Result<(Vec<Value>, Option<String>), Refused> {
    let subject = customer.subject();
    let who = pseudonym(ledger, &subject.issuer, &subject.sub);
    let mut left = match after {
        None => Span {
            from: 0,
            to: ledger.size(),
        },
        Some(text) => {
            let given = cursor::read(ledger, &who, question, text);
            given.ok_or_else(|| Refused {
                argument: Some(("after".to_owned(), "what an earlier page gave as next")),
                ..Refusal::InvalidArguments.into()
            })?
        }
    };
    let owner = ledger.keys().owner_id(&Owner::Subject(Arc::clone(subject)));
    let among = Among::owner(ledger, &owner, 0).await.map_err(internal)?;
    let (mut lines, mut looked_at) = (Vec::new(), 0);
    'walk: while !left.is_empty() {
        let (rows, rest) = among.next(ledger, left, false).await.map_err(internal)?;
        for row in rows {
            if lines.len() >= PAGE || looked_at >= BODIES {
                break 'walk;
            }
            looked_at += 1;
            left = left.after(row.seq, false);
            let leaf = parse(&row).map_err(internal)?;
            let entry = ledger.entry(row.seq).await.map_err(internal)?;
            match ledger.open_body(&entry).await {
                Ok(body) => lines.extend(show(&leaf, &unpadded(body))),
                Err(ReadError::Key(KeyError::Gone)) => {}
                Err(error) => return Err(internal(error)),
            }
        }
        left = rest;
    }
    let next = (!left.is_empty()).then(|| cursor::write(ledger, &who, question, left));
    Ok((lines, next))
}

/// A record as its customer sees it.
fn held(leaf: &Leaf, body: &Value, language: Language, names: Names<'_>) -> Option<Value> {
    if is_consultation(leaf.kind) {
        let mut line = consultation(leaf, body, language, names);
        if let Some(line) = line.as_object_mut() {
            copy(
                line,
                body,
                &["conversation", "arguments", "shown", "compared", "refused"],
            );
        }
        return Some(line);
    }
    if !matches!(leaf.kind, Kind::Turn | Kind::Conversation) {
        return None;
    }
    let mut line = Map::new();
    line.insert("record".to_owned(), hex::encode(leaf.rid).into());
    line.insert("time".to_owned(), rfc3339(leaf.time_us).into());
    line.insert("kind".to_owned(), leaf.kind.as_str().into());
    line.insert("agent".to_owned(), json!(leaf.agent));
    let names = [
        "conversation",
        "act",
        "channel",
        "locale",
        "disclosure",
        "outcome",
        "rating",
        "turn",
        "speaker",
        "model",
        "said",
        "shown",
        "removed",
        "recipients",
    ];
    copy(&mut line, body, &names);
    Some(Value::Object(line))
}

/// A turn of the customer's own.
fn message(leaf: &Leaf, body: &Value) -> Option<Value> {
    let own = body.get("speaker").and_then(Value::as_str) == Some("customer");
    (leaf.kind == Kind::Turn && own).then(|| {
        json!({
            "time": rfc3339(leaf.time_us),
            "conversation": body.get("conversation"),
            "text": body.get("said"),
        })
    })
}

fn copy(line: &mut Map<String, Value>, body: &Value, names: &[&str]) {
    for name in names {
        if let Some(value) = body.get(*name).filter(|value| !value.is_null()) {
            line.insert((*name).to_owned(), value.clone());
        }
    }
}

/// A retention class in the customer's language: what it is, why, until when.
fn class(class: &RetentionClass, language: Language) -> Value {
    let in_language = |words: &Value| words.get(language.as_str()).cloned();
    json!({
        "class": class.name,
        "title": in_language(&title(class)),
        "ground": in_language(&ground(class)),
        "source": class.source,
        "until": in_language(&until(class)),
    })
}
