//! The receipt: what was erased, what is kept and why, since when. Signed with the receipt key.
//!
//! It names no person and no hold. It is made from what remains, so that it can be made again.

use super::execute::{Unfinished, load};
use super::{Terms, words};
use crate::catalog::RetentionClass;
use crate::clock::rfc3339;
use crate::ledger::Ledger;
use crate::privacy::store::ErasureRow;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tidewaiter_audit::checkpoint::{Checkpoint, Note, receipt_text, sign_note};
use tidewaiter_audit::{Hash, Leaf};

/// Classes that are nobody's data.
const OURS: [&str; 2] = ["duty", "service"];
/// Leaves read at a time.
const PAGE: i64 = 1_000;
const DAY_US: i64 = 86_400_000_000;

/// Signs and stores the receipt, and ends the case.
pub(super) async fn issue(ledger: &Ledger, id: &[u8; 16], terms: &Terms) -> Result<(), Unfinished> {
    ledger.checkpoint().await?;
    let after = signed_size(ledger.latest_checkpoint().as_deref())?;
    let row = load(ledger, id).await?;
    let json = serde_json::to_string(&text(ledger, &row, terms, after).await?)?;
    let statement = receipt_text(ledger.log(), &Hash::of(&[json.as_bytes()]));
    let note = sign_note(&statement, &[&ledger.signers().receipt]);
    let stored = serde_json::to_string(&json!({"json": json, "note": note}))?;
    let mut tx = ledger.store().log.begin().await?;
    tx.erasure_done(id, &stored, ledger.clock().now_us())
        .await?;
    tx.commit().await?;
    // The look-up of the subject goes from the case with this; wipe what it stood on.
    ledger.store().log.scrub().await?;
    Ok(())
}

fn signed_size(note: Option<&str>) -> Result<u64, Unfinished> {
    let parsed = note.and_then(|note| {
        let note = Note::parse(note.as_bytes()).ok()?;
        Checkpoint::parse_text(&note.text).ok()
    });
    parsed.map(|head| head.size).ok_or(Unfinished::Case)
}

async fn text(
    ledger: &Ledger,
    row: &ErasureRow,
    terms: &Terms,
    after: u64,
) -> Result<Value, Unfinished> {
    let (Some(executed_seq), Some(gone_seq), Some(gone_us)) =
        (row.executed_seq, row.gone_seq, row.gone_us)
    else {
        return Err(Unfinished::Case);
    };
    let mut tx = ledger.store().log.read().await?;
    let before = tx.ledger_checkpoint_at(executed_seq, i64::MAX).await?;
    drop(tx);
    let before = before.map_or(0, |(size, _)| size);
    let gone = Gone::read(ledger, gone_seq).await?;
    let backups_us = gone_us.saturating_add(i64::from(terms.restore_days).saturating_mul(DAY_US));
    Ok(json!({
        "format": "tw-receipt/1",
        "log": ledger.log(),
        "case": hex::encode(&row.id),
        "requested": rfc3339(row.requested_us),
        "keys_destroyed": rfc3339(gone_us),
        "backups_kept_until": rfc3339(backups_us),
        "erased": erased(&gone, terms),
        "kept": kept(terms),
        "recipients": recipients(&gone, terms),
        "recipients_say": words::recipients(),
        "checkpoint": {"before": before.to_string(), "after": after.to_string()},
        "remains": words::remains(),
        "say": words::say(),
        "verdict": "attested",
    }))
}

/// What went: records of each class, and the agents that were shown them.
#[derive(Default)]
struct Gone {
    counts: BTreeMap<String, u64>,
    agents: BTreeSet<String>,
}

impl Gone {
    async fn read(ledger: &Ledger, gone_seq: i64) -> Result<Self, Unfinished> {
        let (mut gone, mut after) = (Self::default(), -1);
        loop {
            let mut tx = ledger.store().log.read().await?;
            let page = tx.erased_leaves(gone_seq, after, PAGE).await?;
            drop(tx);
            let Some((last, ..)) = page.last() else {
                return Ok(gone);
            };
            after = *last;
            for (_seq, class, line) in page {
                *gone.counts.entry(class).or_default() += 1;
                let leaf = Leaf::parse(line.as_bytes()).map_err(|_why| Unfinished::Case)?;
                gone.agents.extend(leaf.agent);
            }
        }
    }
}

fn erased(gone: &Gone, terms: &Terms) -> Value {
    let declared = terms.retention.classes().filter(|c| !c.kept_on_erasure);
    let declared = declared.filter(|c| !OURS.contains(&c.name.as_str()));
    let mut all: BTreeMap<&str, Value> = declared
        .map(|class| (class.name.as_str(), words::title(class)))
        .collect();
    for class in gone.counts.keys() {
        all.entry(class)
            .or_insert_with(|| words::words(class, class, class));
    }
    let line = |(class, title): (&str, Value)| {
        let records = gone.counts.get(class).copied().unwrap_or_default();
        json!({"class": class, "title": title, "records": records.to_string()})
    };
    all.into_iter().map(line).collect()
}

/// What law keeps, whether or not this customer has such records.
fn kept(terms: &Terms) -> Value {
    let line = |class: &RetentionClass| {
        json!({
            "class": class.name,
            "title": words::title(class),
            "ground": words::ground(class),
            "source": class.source,
            "until": words::until(class),
        })
    };
    let kept = terms.retention.classes().filter(|c| c.kept_on_erasure);
    let kept = kept.filter(|c| !OURS.contains(&c.name.as_str())).map(line);
    // Said to everybody, so that it tells nobody whether it is so.
    kept.chain([words::claims()]).collect()
}

fn recipients(gone: &Gone, terms: &Terms) -> Value {
    let shown = terms.agents.iter();
    let shown = shown.filter(|agent| gone.agents.contains(agent.id.as_str()));
    let mut by_name: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for recipient in shown.flat_map(|agent| &agent.recipients) {
        let line = [
            ("name", recipient.name.clone()),
            ("country", recipient.country.clone()),
            ("contact", recipient.contact.clone()),
            ("retention_days", recipient.retention_days.to_string()),
        ];
        let line = line
            .into_iter()
            .map(|(k, v)| (k.to_owned(), Value::String(v)));
        by_name.insert(&recipient.name, line.collect());
    }
    by_name.into_values().map(Value::Object).collect()
}
