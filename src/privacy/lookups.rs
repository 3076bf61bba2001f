//! Who looked: every consultation of a customer's data, for the customer (CJEU C-579/21).
//!
//! Time, assistant, purpose in plain words, what was shown and how, and who else received it.
//! Acts of officers are not among them: they cannot be told from the leaves to be about anybody.
//! Asking is itself a record.

use super::duty::{internal, unrecorded};
use crate::catalog::Catalog;
use crate::clock::rfc3339;
use crate::gateway::{Language, Refusal, Refused};
use crate::identity::{Agent, Customer};
use crate::ledger::read::{Entry, ReadError};
use crate::ledger::{Draft, KeyError, Ledger, Owner, Recorded};
use crate::revocation::Marks;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tidewaiter_audit::{Decision, Kind, Leaf};

/// The operation's name in records of this.
const OPERATION: &str = "me.lookups";
/// The same of [`super::own`].
pub(super) const DATA: &str = "me.data";
pub(super) const PORTABLE: &str = "me.portable";
/// The same of [`super::reveal`].
pub(super) const REVEAL: &str = "conversation.reveal";
/// The purpose's name in records of this.
const PURPOSE: &str = "subject.access";
/// The retention class of records of this.
const CLASS: &str = "regulated";
/// Fifty years: longer than any term.
const MONTHS: u32 = 600;
/// Consultations on one page.
const PAGE: usize = 200;
/// Records of one customer in one class and month that are looked through.
const PER_MONTH: i64 = 100_000;

/// What consultations are explained with.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Titles of operations and words for purposes.
    pub catalog: &'a Catalog,
    /// Titles of agents, and who else receives what they are shown.
    pub agents: &'a [Arc<Agent>],
}

/// The customer's consultations in order, one page from after the record `after` (32 hex digits)
/// on: `{"lookups": […], "next", "record"}`. `next` is what to ask on with; none at the end.
pub async fn of_customer(
    ledger: &Ledger,
    customer: &Customer,
    language: Language,
    names: Names<'_>,
    after: Option<&str>,
) -> Result<Value, Refused> {
    let recorded = asked(ledger, customer, OPERATION, "the customer asked who looked").await?;
    let owner = Owner::Subject(Arc::clone(customer.subject()));
    let after = match after {
        Some(rid) => place(ledger, rid).await?,
        None => -1,
    };
    let owner = ledger.keys().owner_id(&owner);
    let all = ledger.of_owner(&owner, MONTHS, PER_MONTH).await;
    let mut all = all
        .map_err(internal)?
        .into_iter()
        .filter(|seq| *seq > after);
    let mut lookups = Vec::new();
    let mut last = None;
    for seq in all.by_ref() {
        let entry = ledger.entry(seq).await.map_err(internal)?;
        if is_consultation(entry.leaf.kind) {
            last = Some(hex::encode(entry.leaf.rid));
            lookups.push(shown(ledger, &entry, language, names).await?);
            if lookups.len() == PAGE {
                break;
            }
        }
    }
    let next = last.filter(|_| all.next().is_some());
    Ok(json!({"lookups": lookups, "next": next, "record": recorded.rid()}))
}

/// Records that a customer asked for what is held about them.
pub(super) async fn asked(
    ledger: &Ledger,
    customer: &Customer,
    operation: &str,
    what: &str,
) -> Result<Recorded, Refused> {
    recorded(ledger, customer, operation, json!({"what": what})).await
}

/// The same with a body that says more.
pub(super) async fn recorded(
    ledger: &Ledger,
    customer: &Customer,
    operation: &str,
    body: Value,
) -> Result<Recorded, Refused> {
    let owner = Owner::Subject(Arc::clone(customer.subject()));
    let mut draft = Draft::new(Kind::Lookup, owner, CLASS, body);
    draft.issued_at_s = customer.issued_at_s();
    draft.marks = Some(Marks::of_customer(ledger.keys(), customer));
    draft.operation = Some(operation.to_owned());
    draft.purpose = Some(PURPOSE.to_owned());
    draft.decision = Some(Decision::Allow);
    ledger.append(draft).await.map_err(unrecorded)
}

/// Where a page goes on. A record of somebody else only says where in the log, which shows
/// nothing of it.
async fn place(ledger: &Ledger, rid: &str) -> Result<i64, Refused> {
    let rid = tidewaiter_audit::grammar::hex_array(rid).ok_or(Refusal::InvalidArguments)?;
    match ledger.find(&rid).await {
        Ok(seq) => Ok(seq),
        Err(ReadError::Missing) => Err(Refusal::InvalidArguments.into()),
        Err(error) => Err(internal(error)),
    }
}

pub(super) fn is_consultation(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Lookup | Kind::Refusal | Kind::Intent | Kind::Outcome | Kind::Recovery
    )
}

async fn shown(
    ledger: &Ledger,
    entry: &Entry,
    language: Language,
    names: Names<'_>,
) -> Result<Value, Refused> {
    let body = match ledger.open_body(entry).await {
        Ok(body) => body,
        Err(ReadError::Key(KeyError::Gone)) => Value::Null,
        Err(error) => return Err(internal(error)),
    };
    Ok(consultation(&entry.leaf, &body, language, names))
}

/// One consultation, for the customer.
pub(super) fn consultation(
    leaf: &Leaf,
    body: &Value,
    language: Language,
    names: Names<'_>,
) -> Value {
    let agent = leaf.agent.as_deref();
    let known = agent.and_then(|id| names.agents.iter().find(|a| a.id.as_str() == id));
    let title = known.map(|agent| agent.title.as_str());
    let purpose = leaf.purpose.as_deref();
    let operation = leaf.operation.as_deref();
    let operation_title = operation
        .and_then(|name| names.catalog.operation(name))
        .map(|operation| operation.title.as_str());
    json!({
        "record": hex::encode(leaf.rid),
        "time": rfc3339(leaf.time_us),
        "kind": leaf.kind.as_str(),
        "agent": agent.map(|id| json!({"id": id, "title": title.unwrap_or(id)})),
        "purpose": purpose.map(|name| json!({"name": name, "say": why(name, language, names)})),
        "operation": operation.map(|name| json!({
            "name": name,
            "title": operation_title.unwrap_or_else(|| own(name, language)),
        })),
        "decision": leaf.decision.map(Decision::as_str),
        "fields": treated(body),
        "recipients": recipients(body, known),
    })
}

/// A purpose in the customer's words.
fn why<'a>(name: &'a str, language: Language, names: Names<'a>) -> &'a str {
    if name == PURPOSE {
        return match language {
            Language::En => "You asked what is held about you",
            Language::Ru => "Вы спросили, что о вас хранится",
            Language::De => "Sie haben gefragt, was über Sie gespeichert ist",
        };
    }
    let purpose = names.catalog.purposes().purpose(name);
    purpose.map_or(name, |purpose| purpose.say(language.as_str()))
}

/// The title of what is no operation of the catalog.
fn own(name: &str, language: Language) -> &str {
    let titles = match name {
        OPERATION => [
            "List of who looked",
            "Список обращений к данным",
            "Liste der Zugriffe",
        ],
        DATA => [
            "Copy of your data",
            "Копия ваших данных",
            "Kopie Ihrer Daten",
        ],
        PORTABLE => [
            "Your messages, to take along",
            "Ваши сообщения для переноса",
            "Ihre Nachrichten zum Mitnehmen",
        ],
        REVEAL => [
            "Values put into an answer for you",
            "Значения, подставленные в ответ для вас",
            "Werte, die für Sie in eine Antwort eingesetzt wurden",
        ],
        _ => return name,
    };
    let [en, ru, de] = titles;
    match language {
        Language::En => en,
        Language::Ru => ru,
        Language::De => de,
    }
}

/// Which fields were shown and how, from a sealed body: path, class and treatment, no values.
fn treated(body: &Value) -> Value {
    let fields = body.get("treated").and_then(Value::as_array);
    let line = |field: &Value| {
        let members = ["path", "class", "treatment"].into_iter();
        let members = members.filter_map(|name| Some((name, field.get(name)?.as_str()?)));
        let members = members.map(|(name, text)| (name.to_owned(), json!(text)));
        Value::Object(members.collect::<Map<_, _>>())
    };
    // What was dropped is not named: that a staff note exists is nothing to tell either.
    let left = |field: &&Value| {
        let treatment = field.get("treatment").and_then(Value::as_str);
        treatment.is_some_and(|name| name == "mask" || name == "reveal")
    };
    fields
        .into_iter()
        .flatten()
        .filter(left)
        .map(line)
        .collect()
}

/// Who else received what was shown, as the record names them; with what is known of them now.
fn recipients(body: &Value, agent: Option<&Arc<Agent>>) -> Value {
    let named = body.get("recipients").and_then(Value::as_array);
    let known = |name: &str| agent?.recipients.iter().find(|known| known.name == name);
    let line = |name: &str| match known(name) {
        Some(recipient) => json!(recipient),
        None => json!({"name": name}),
    };
    let named = named.into_iter().flatten().filter_map(Value::as_str);
    named.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_among_the_fields() {
        let body = json!({"treated": [
            {"path": "email", "class": "contact", "treatment": "mask", "value": "a@b.c"},
            {"path": "comments", "class": "internal", "treatment": "drop"},
            {"path": 7}, "x",
        ], "disclosed": {"email": "a@b.c"}});
        let fields = treated(&body).to_string();
        assert_eq!(
            fields,
            r#"[{"class":"contact","path":"email","treatment":"mask"}]"#
        );
        assert_eq!(treated(&json!({})), json!([]));
    }
}
