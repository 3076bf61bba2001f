//! Carrying out an approved erasure. What a crash after each step leaves:
//!
//! 1. `key.destroyed`, with the tags it ends: a case that is `executing`; the step comes next;
//! 2. what holds need is kept under keys of their own: as 1, and keeping again finds it there;
//! 3. tombstones, key rows, caches: as 2, and the ledger's start destroys the keys;
//! 4. bodies purged: keys without bodies; purging again finds nothing;
//! 5. journal and free pages wiped: wiping again does no harm;
//! 6. the receipt, signed and stored: a case without one; it is made again, with the same facts.

use super::{Terms, receipt, say};
use crate::ledger::read::ReadError;
use crate::ledger::{Effect, KeyError, Ledger, OwnerId, Unrecorded, month};
use crate::privacy::hold;
use crate::privacy::store::{ErasedTag, ErasureRow};
use serde_json::json;
use std::collections::BTreeSet;
use tidewaiter_audit::{Kind, calendar, seal};

/// How far back a class can reach: the longest term a retention class may have.
const MONTHS: i64 = 600;

/// How often keys are looked for again when a guest's conversation was attached meanwhile.
const TRIES: usize = 3;

/// Why an erasure is not finished yet. Nothing is lost: it will be gone on with.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfinished {
    #[error("the ledger's database refused")]
    Store(#[from] sqlx::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("a record is missing: {0}")]
    Unrecorded(#[from] Unrecorded),
    #[error("a hold was not served: {0}")]
    Hold(#[from] hold::Unkept),
    #[error("the receipt could not be written")]
    Receipt(#[from] serde_json::Error),
    #[error("the case is not as an approved one must be")]
    Case,
}

/// Goes on with a case from wherever it stands; nothing happens if it is not `executing`.
pub(super) async fn finish(
    ledger: &Ledger,
    id: &[u8; 16],
    terms: &Terms,
) -> Result<(), Unfinished> {
    let row = load(ledger, id).await?;
    if row.state != "executing" {
        return Ok(());
    }
    let owner = row.owner.as_deref().and_then(|owner| owner.try_into().ok());
    let owner: [u8; 32] = owner.ok_or(Unfinished::Case)?;
    for _try in 0..TRIES {
        if load(ledger, id).await?.gone_seq.is_some() {
            break;
        }
        record(ledger, id, &owner, terms).await?;
    }
    let gone_seq = load(ledger, id).await?.gone_seq.ok_or(Unfinished::Case)?;
    let tags = {
        let mut tx = ledger.store().log.read().await?;
        tx.erased_tags(gone_seq).await?
    };
    hold::serve(ledger, id, &owner, &tags).await?;
    let keys: BTreeSet<[u8; 16]> = tags.iter().map(|tag| tag.key_id).collect();
    let keys: Vec<[u8; 16]> = keys.into_iter().collect();
    ledger.keys().destroy(&keys).await?;
    purge(ledger, &tags).await?;
    let mut tx = ledger.store().log.begin().await?;
    for key in &keys {
        // What was sealed in a month that began meanwhile, and intents that named the key.
        tx.ledger_body_purge(key).await?;
        tx.intent_forget(key).await?;
        tx.destroyed_key_done(key).await?;
    }
    tx.erasure_gone_at(id, ledger.clock().now_us()).await?;
    tx.commit().await?;
    ledger.store().log.scrub().await?;
    receipt::issue(ledger, id, terms).await
}

pub(super) async fn load(ledger: &Ledger, id: &[u8; 16]) -> Result<ErasureRow, Unfinished> {
    let mut tx = ledger.store().log.read().await?;
    tx.erasure(id).await?.ok_or(Unfinished::Case)
}

/// Writes down which keys go, while they can still be used to name their tags.
async fn record(
    ledger: &Ledger,
    id: &[u8; 16],
    owner: &[u8; 32],
    terms: &Terms,
) -> Result<(), Unfinished> {
    let guests = ledger.keys().guests_of(owner).await?;
    ledger.keys().erase_from_now(owner).await?;
    let mut doomed = ledger.keys().of_owner(owner).await?;
    doomed.retain(|(_, class)| terms.goes(class));
    let gone = whole_guests(ledger, &guests, terms).await?;
    let mut tags = Vec::new();
    for (key_id, class) in &doomed {
        tags.extend(tags_of(ledger, *key_id, class).await?);
    }
    let classes: BTreeSet<&str> = doomed.iter().map(|(_, class)| class.as_str()).collect();
    let body = json!({"what": "keys destroyed", "case": hex::encode(id), "classes": classes});
    let effects = vec![
        // Refused if a guest's conversation was attached since they were looked for.
        Effect::GuestsForget {
            owner: *owner,
            guests,
            gone,
        },
        Effect::ErasureKeysGone { id: *id, tags },
        Effect::KeyDestroyed {
            ids: doomed.iter().map(|(key_id, _)| *key_id).collect(),
        },
        Effect::ConversationsForget { owner: *owner },
        Effect::GuessesForget { owner: *owner },
    ];
    match say(ledger, Kind::KeyDestroyed, body, effects).await {
        // Another replica was faster, and what it wrote counts; or a guest came to it meanwhile.
        Ok(_) | Err(Unrecorded::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The guests of whom nothing is kept: that they were this owner's is forgotten too.
async fn whole_guests(
    ledger: &Ledger,
    guests: &[OwnerId],
    terms: &Terms,
) -> Result<Vec<OwnerId>, Unfinished> {
    let mut gone = Vec::new();
    for guest in guests {
        let keys = ledger.keys().of_one(guest).await?;
        if keys.iter().all(|(_, class)| terms.goes(class)) {
            gone.push(*guest);
        }
    }
    Ok(gone)
}

/// Every tag that a key can have made. The current month is always among them.
async fn tags_of(
    ledger: &Ledger,
    key_id: [u8; 16],
    class: &str,
) -> Result<Vec<ErasedTag>, Unfinished> {
    let key = ledger.keys().by_id(&key_id, class).await?;
    let now = month(ledger.clock().now_us());
    let newest = calendar::parse_month(&now).ok_or(Unfinished::Case)?;
    let mut tags = Vec::new();
    for back in 0..MONTHS {
        let at = newest - back;
        let period = format!("{:04}-{:02}", at.div_euclid(12), at.rem_euclid(12) + 1);
        let Ok(period_key) = ledger.keys().period(class, &period, back == 0) else {
            continue;
        };
        tags.push(ErasedTag {
            tag: seal::tag(&key.key, &period_key, ledger.log()),
            key_id,
            class: class.to_owned(),
        });
    }
    Ok(tags)
}

async fn purge(ledger: &Ledger, tags: &[ErasedTag]) -> Result<(), Unfinished> {
    // Nothing is sealed under these keys any more, so the index that is caught up here is whole.
    ledger.index().await?;
    for tag in tags {
        let mut tx = ledger.store().log.begin().await?;
        tx.erased_tag_purge(&tag.tag).await?;
        tx.commit().await?;
    }
    Ok(())
}
