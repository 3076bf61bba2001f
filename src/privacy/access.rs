//! Reading one record: who reads, why and in which case is recorded before a byte is shown.

use super::duty::{self, Access, Act, internal};
use crate::gateway::{Refusal, Refused};
use crate::identity::Officer;
use crate::ledger::read::{Entry, ReadError};
use crate::ledger::{KeyError, Ledger};
use serde_json::{Value, json};

/// A record by its index or its public name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Its index.
    Seq(i64),
    /// Its public name.
    Rid([u8; 16]),
}

impl Which {
    /// From 32 lower-case hex digits, or a decimal index.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rid) = tidewaiter_audit::grammar::hex_array(text) {
            return Some(Self::Rid(rid));
        }
        let seq = tidewaiter_audit::grammar::dec(text)?;
        i64::try_from(seq).ok().map(Self::Seq)
    }
}

/// Shows a record to an officer who may read content and says why.
///
/// The leaf, and the body if its keys are there: `{"record", "seq", "leaf", "body", "erased", "reading"}`, where `erased` is
/// none or says under which record the body went and what remains, and `reading` is the record of
/// this reading.
pub async fn read_record(
    ledger: &Ledger,
    officer: &Officer,
    which: Which,
    access: Option<&Access>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "record.read");
    let act = act.demand(duty::CONTENT).await?;
    let Some(access) = access else {
        return Err(act.refuse(Refusal::ReasonRequired).await);
    };
    let act = act.because(access);
    let (act, entry) = act.found(find(ledger, which).await).await?;
    let rid = hex::encode(entry.leaf.rid);
    let reading = act.with("of", rid.as_str()).record(Vec::new()).await?;
    let leaf: Value = serde_json::from_str(&entry.line).map_err(internal)?;
    let (body, erased) = opened(ledger, &entry).await?;
    Ok(json!({
        "record": rid,
        "seq": entry.leaf.seq.to_string(),
        "leaf": leaf,
        "body": body,
        "erased": erased,
        "reading": reading.rid(),
    }))
}

/// What a record holds, or what is to be said of a body that is gone.
pub(super) async fn opened(ledger: &Ledger, entry: &Entry) -> Result<(Value, Value), Refused> {
    match ledger.open_body(entry).await {
        Ok(body) => Ok((unpadded(body), Value::Null)),
        Err(ReadError::Key(KeyError::Gone)) => Ok((Value::Null, gone(ledger, entry).await?)),
        Err(error) => Err(internal(error)),
    }
}

async fn find(ledger: &Ledger, which: Which) -> Result<Option<Entry>, Refused> {
    let found = async {
        let seq = match which {
            Which::Seq(seq) => seq,
            Which::Rid(rid) => ledger.find(&rid).await?,
        };
        ledger.entry(seq).await
    };
    match found.await {
        Ok(entry) => Ok(Some(entry)),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(internal(error)),
    }
}

/// Under which record a body went; none if it went by its term.
pub(super) async fn gone_under(
    ledger: &Ledger,
    tag: &[u8; 16],
) -> Result<Option<[u8; 16]>, ReadError> {
    let mut tx = ledger.store().log.read().await?;
    let seq = tx.erased_tag(tag).await?;
    drop(tx);
    match seq {
        Some(seq) => Ok(Some(ledger.entry(seq).await?.leaf.rid)),
        None => Ok(None),
    }
}

async fn gone(ledger: &Ledger, entry: &Entry) -> Result<Value, Refused> {
    let record = gone_under(ledger, &entry.leaf.tag)
        .await
        .map_err(internal)?;
    Ok(json!({
        "record": record.map(hex::encode),
        "remains": "The leaf: time, kind, agent, operation, purpose, decision. It names nobody, \
                    and no key is left that opens the body.",
    }))
}

/// A body as it is shown: without what brought it to size.
pub(super) fn unpadded(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        drop(members.remove("pad"));
    }
    body
}
