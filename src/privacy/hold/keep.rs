//! What a hold keeps of an erased customer: each record whole, under the hold's key.
//!
//! Made when the erasure's `key.destroyed` is recorded, so that nothing more can be sealed under
//! the customer's keys, and before these keys go. A crash in between is finished by whoever goes
//! on with the erasure: the keys stay until the case says that its holds were served.

use super::sealed::Hand;
use super::{HOLD, HoldRow, at, find};
use crate::gateway::Refused;
use crate::identity::Officer;
use crate::ledger::read::{Entry, ReadError};
use crate::ledger::{KeyError, Ledger};
use crate::privacy::access::unpadded;
use crate::privacy::duty::{Access, Act, internal};
use crate::privacy::store::ErasedTag;
use serde_json::{Value, json};
use tidewaiter_audit::seal::{self, RecordKey};

/// Records in memory at once.
const PAGE: i64 = 64;
/// Kept records shown at once.
const SHOWN: i64 = 50;

/// Why a hold was not served. Its erasure waits.
#[derive(Debug, thiserror::Error)]
pub(in crate::privacy) enum Unkept {
    #[error("the ledger's database refused")]
    Store(#[from] sqlx::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    NoRandomness(#[from] crate::random::NoRandomness),
    #[error("what a hold keeps is damaged")]
    Damaged,
}

/// Keeps what the holds on `owner` need of the records under `tags`, once for each case.
pub(in crate::privacy) async fn serve(
    ledger: &Ledger,
    case: &[u8; 16],
    owner: &[u8; 32],
    tags: &[ErasedTag],
) -> Result<(), Unkept> {
    let mut tx = ledger.store().log.read().await?;
    if tx.erasure_is_kept(case).await? {
        return Ok(());
    }
    let holds = tx.holds_at(&at(ledger, owner)).await?;
    drop(tx);
    if !holds.is_empty() {
        ledger.index().await?;
    }
    for hold in &holds {
        for tag in tags {
            if !keep_tag(ledger, case, hold, tag).await? {
                return Ok(());
            }
        }
    }
    let mut tx = ledger.store().log.begin().await?;
    tx.erasure_kept(case, ledger.clock().now_us()).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps the records under one tag; false if another replica was faster with the whole case.
async fn keep_tag(
    ledger: &Ledger,
    case: &[u8; 16],
    hold: &HoldRow,
    tag: &ErasedTag,
) -> Result<bool, Unkept> {
    let id = <[u8; 16]>::try_from(hold.id.as_slice()).map_err(|_length| Unkept::Damaged)?;
    // Released meanwhile: there is nothing to keep for.
    let Some(hand) = Hand::of(ledger, &id).await? else {
        return Ok(true);
    };
    let mut from = 0;
    loop {
        let mut tx = ledger.store().log.read().await?;
        let page = tx
            .record_index_leaves(&tag.tag, (from, i64::MAX), false, PAGE)
            .await?;
        drop(tx);
        let Some(last) = page.last() else {
            return Ok(true);
        };
        from = last.seq + 1;
        match ledger.keys().by_id(&tag.key_id, &tag.class).await {
            Ok(_there) => {}
            Err(KeyError::Gone) => {
                let mut tx = ledger.store().log.read().await?;
                if tx.erasure_is_kept(case).await? {
                    return Ok(false);
                }
                return Err(KeyError::Gone.into());
            }
            Err(error) => return Err(error.into()),
        }
        for row in page {
            let entry = ledger.entry(row.seq).await?;
            keep(ledger, &id, &hand, row.seq, &entry).await?;
        }
    }
}

async fn keep(
    ledger: &Ledger,
    hold: &[u8; 16],
    hand: &Hand,
    seq: i64,
    entry: &Entry,
) -> Result<(), Unkept> {
    let name = ledger.keys().digest("keep", &[hold, &entry.leaf.rid]);
    let Some(body) = &entry.body else {
        return Ok(());
    };
    let key = match ledger.record_key(entry).await {
        Ok(key) => key,
        // Its month's key went by its term: there is nothing left to keep.
        Err(ReadError::Key(KeyError::Gone)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let whole = [&seq.to_be_bytes(), key.key_bytes().as_slice(), &body.stored].concat();
    let sealed = hand.seal(&zeroize::Zeroizing::new(whole))?;
    let mut tx = ledger.store().log.begin().await?;
    tx.keep_put(hold, &name, &sealed).await?;
    tx.commit().await?;
    Ok(())
}

/// What a hold keeps, one page after the name `after`: `{"records": [{"record", "seq", "leaf",
/// "body"}], "next", "reading"}`. With a reason, to those who may place holds, and recorded first.
pub async fn kept(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    after: Option<&str>,
    access: Option<&Access>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "hold.read").demand(HOLD).await?;
    let act = act.reason(access).await?;
    let after = match after {
        None => Ok(Vec::new()),
        Some(after) => tidewaiter_audit::grammar::hex_array::<32>(after)
            .map(|name| name.to_vec())
            .ok_or(("after", "what an earlier page gave as next")),
    };
    let (act, after) = act.fitting(after).await?;
    let (act, (id, _row)) = act.found(find(ledger, id).await).await?;
    let act = act.with("hold", hex::encode(id));
    let act = act.with("after", hex::encode(&after));
    let reading = act.record(Vec::new()).await?;
    let page = page(ledger, &id, &after).await.map_err(internal)?;
    let (mut records, next) = page;
    records.sort_by_key(|(seq, _)| *seq);
    let records: Vec<Value> = records.into_iter().map(|(_, record)| record).collect();
    Ok(json!({"records": records, "next": next, "reading": reading.rid()}))
}

async fn page(
    ledger: &Ledger,
    id: &[u8; 16],
    after: &[u8],
) -> Result<(Vec<(i64, Value)>, Option<String>), Unkept> {
    let Some(hand) = Hand::of(ledger, id).await? else {
        return Ok((Vec::new(), None));
    };
    let mut tx = ledger.store().log.read().await?;
    let rows = tx.keeps(id, after, SHOWN).await?;
    drop(tx);
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == SHOWN);
    let next = rows.last().filter(|_| full);
    let next = next.map(|(name, _)| hex::encode(name));
    let mut records = Vec::with_capacity(rows.len());
    for (_name, sealed) in &rows {
        records.push(opened(ledger, &hand, sealed).await?);
    }
    Ok((records, next))
}

async fn opened(ledger: &Ledger, hand: &Hand, sealed: &[u8]) -> Result<(i64, Value), Unkept> {
    let whole = hand.open(sealed)?;
    let (seq, rest) = whole.split_first_chunk::<8>().ok_or(Unkept::Damaged)?;
    let (key, stored) = rest.split_first_chunk::<32>().ok_or(Unkept::Damaged)?;
    let seq = i64::from_be_bytes(*seq);
    let entry = ledger.entry(seq).await?;
    let leaf = &entry.leaf;
    let binding = seal::Binding {
        log: ledger.log(),
        rid: &leaf.rid,
        tag: &leaf.tag,
        kind: leaf.kind,
        class: &leaf.class,
    };
    let plain = seal::open(stored, &RecordKey::from_parts(*key), &leaf.kc, binding);
    let plain = plain.map_err(|_why| Unkept::Damaged)?;
    let body: Value = serde_json::from_slice(&plain).map_err(|_not_json| Unkept::Damaged)?;
    let shown: Value = serde_json::from_str(&entry.line).map_err(|_not_json| Unkept::Damaged)?;
    let record = json!({
        "record": hex::encode(leaf.rid),
        "seq": leaf.seq.to_string(),
        "leaf": shown,
        "body": unpadded(body),
    });
    Ok((seq, record))
}
