//! A search's question, checked; and as its record tells it, with nobody named.

use super::Question;
use crate::ledger::{Ledger, OwnerId};
use crate::privacy::duty::{self, Fault, Knows};
use serde_json::{Map, Value, json};
use tidewaiter_audit::{Decision, Kind, Leaf, grammar};

/// The most records on a page.
const PAGE_MAX: usize = 50;

/// What is looked for.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) from_us: i64,
    pub(super) to_us: i64,
    pub(super) owner: Option<OwnerId>,
    pub(super) conversation: Option<[u8; 16]>,
    pub(super) record: Option<[u8; 16]>,
    pub(super) newest: bool,
    pub(super) limit: usize,
    pub(super) content: bool,
    agent: Option<String>,
    operation: Option<String>,
    purpose: Option<String>,
    kind: Option<Kind>,
    decision: Option<Decision>,
    told: Map<String, Value>,
}

impl Filter {
    /// A question that can be answered; else which part of it does not fit, and why.
    pub(super) fn check(
        ledger: &Ledger,
        asked: &Question,
        knows: Knows<'_>,
    ) -> Result<Self, Fault> {
        let customer = match (&asked.issuer, &asked.sub) {
            (Some(issuer), Some(sub)) => {
                duty::customer(issuer, sub, knows)?;
                Some((issuer.as_str(), sub.as_str()))
            }
            (None, None) => None,
            (Some(_), None) => return Err(("sub", "goes with issuer")),
            (None, Some(_)) => return Err(("issuer", "goes with sub")),
        };
        let filter = Self {
            from_us: moment("from", asked.from.as_deref())?.unwrap_or(0),
            to_us: moment("to", asked.to.as_deref())?.unwrap_or(i64::MAX),
            owner: customer.map(|(issuer, sub)| duty::owner_of(ledger, issuer, sub)),
            conversation: name("conversation", asked.conversation.as_deref())?,
            record: name("record", asked.record.as_deref())?,
            newest: order(asked.order.as_deref())?,
            limit: limit(asked.limit.as_deref())?,
            content: flag(asked.content.as_deref())?,
            agent: of("agent", asked.agent.as_deref(), grammar::is_agent)?,
            operation: of("operation", asked.operation.as_deref(), grammar::is_dotted)?,
            purpose: of("purpose", asked.purpose.as_deref(), grammar::is_dotted)?,
            kind: word("kind", "not a kind of record", asked.kind.as_deref())?,
            decision: word(
                "decision",
                "allow, deny or error",
                asked.decision.as_deref(),
            )?,
            told: told(ledger, asked, customer),
        };
        if filter.from_us > filter.to_us {
            return Err(("to", "not before from"));
        }
        let narrow =
            filter.owner.is_some() || filter.conversation.is_some() || filter.record.is_some();
        if filter.content && !narrow {
            return Err((
                "content",
                "only of one customer, one conversation or one record",
            ));
        }
        Ok(filter)
    }

    /// Whether a leaf is of what is looked for, as far as it tells.
    pub(super) fn fits(&self, leaf: &Leaf) -> bool {
        fn same(wanted: Option<&String>, found: Option<&String>) -> bool {
            wanted.is_none_or(|wanted| found == Some(wanted))
        }
        (self.from_us..self.to_us).contains(&leaf.time_us)
            && self.record.is_none_or(|rid| rid == leaf.rid)
            && self.kind.is_none_or(|kind| kind == leaf.kind)
            && (self.decision.is_none() || self.decision == leaf.decision)
            && same(self.agent.as_ref(), leaf.agent.as_ref())
            && same(self.operation.as_ref(), leaf.operation.as_ref())
            && same(self.purpose.as_ref(), leaf.purpose.as_ref())
    }

    /// The question as it is recorded: a customer by pseudonym.
    pub(super) fn told(&self) -> Value {
        Value::Object(self.told.clone())
    }
}

fn told(ledger: &Ledger, asked: &Question, customer: Option<(&str, &str)>) -> Map<String, Value> {
    let customer = customer.map(|(issuer, sub)| duty::pseudonym(ledger, issuer, sub));
    let all = [
        ("from", asked.from.clone()),
        ("to", asked.to.clone()),
        ("customer", customer),
        ("agent", asked.agent.clone()),
        ("operation", asked.operation.clone()),
        ("kind", asked.kind.clone()),
        ("decision", asked.decision.clone()),
        ("purpose", asked.purpose.clone()),
        ("conversation", asked.conversation.clone()),
        ("record", asked.record.clone()),
        ("order", asked.order.clone()),
    ];
    let said = all.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some((name.to_owned(), json!(value)))
    });
    said.collect()
}

fn moment(name: &'static str, text: Option<&str>) -> Result<Option<i64>, Fault> {
    let Some(text) = text else { return Ok(None) };
    let at = text.parse::<jiff::Timestamp>().ok();
    let at = at
        .filter(|_| text.len() <= 40)
        .map(jiff::Timestamp::as_microsecond);
    at.map(Some)
        .ok_or((name, "a moment in RFC 3339, such as 2026-11-22T00:00:00Z"))
}

fn name(name: &'static str, text: Option<&str>) -> Result<Option<[u8; 16]>, Fault> {
    let Some(text) = text else { return Ok(None) };
    let found = grammar::hex_array(text).map(Some);
    found.ok_or((name, "32 lower-case hexadecimal digits"))
}

fn of(
    name: &'static str,
    text: Option<&str>,
    fits: fn(&str) -> bool,
) -> Result<Option<String>, Fault> {
    match text {
        None => Ok(None),
        Some(text) if fits(text) => Ok(Some(text.to_owned())),
        Some(_other) => Err((name, "not of the form such a name has")),
    }
}

fn word<T: std::str::FromStr>(
    name: &'static str,
    why: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, Fault> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_other| (name, why))
}

fn order(text: Option<&str>) -> Result<bool, Fault> {
    match text {
        None | Some("newest") => Ok(true),
        Some("oldest") => Ok(false),
        Some(_other) => Err(("order", "newest or oldest")),
    }
}

fn flag(text: Option<&str>) -> Result<bool, Fault> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_other) => Err(("content", "true or false")),
    }
}

fn limit(text: Option<&str>) -> Result<usize, Fault> {
    let Some(text) = text else {
        return Ok(PAGE_MAX);
    };
    let count = grammar::dec(text).and_then(|count| usize::try_from(count).ok());
    let count = count.filter(|count| (1..=PAGE_MAX).contains(count));
    count.ok_or(("limit", "1 to 50"))
}
