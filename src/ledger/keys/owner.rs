//! All keys of one person: their own, and those of the guests' conversations that became theirs.
//!
//! What asks here reaches both, so that access, export and erasure leave nothing out.

use super::{KeyError, Keys, OwnerId};

/// For how long an erasure refuses older tokens; none lives that long.
const ERASED_FOR_S: i64 = 7 * 86_400;

impl Keys {
    /// The first step of an erasure: from now on only younger tokens make keys for this owner, and
    /// none for the guests whose conversations are theirs.
    pub async fn erase_from_now(&self, owner: &OwnerId) -> Result<(), KeyError> {
        let now_s = self.clock.now_s();
        let guests = self.guests_of(owner).await?;
        let mut tx = self.store.keys.begin().await?;
        for owner in std::iter::once(owner).chain(&guests) {
            tx.owner_lock(owner).await?;
            tx.erased_owner_put(owner, now_s).await?;
        }
        // Tokens do not live that long.
        tx.erased_owner_prune(now_s - ERASED_FOR_S).await?;
        tx.commit().await?;
        self.forget();
        Ok(())
    }

    /// The guests whose conversations were attached to this owner.
    pub async fn guests_of(&self, owner: &OwnerId) -> Result<Vec<OwnerId>, KeyError> {
        let mut tx = self.store.log.read().await?;
        Ok(tx.guests_of(owner).await?)
    }

    /// The ids and classes of an owner's keys, and of those of guests' conversations that were
    /// attached to them: all that access and erasure must reach.
    pub async fn of_owner(&self, owner: &OwnerId) -> Result<Vec<([u8; 16], String)>, KeyError> {
        let mut found = self.of_one(owner).await?;
        for guest in self.guests_of(owner).await? {
            found.extend(self.of_one(&guest).await?);
        }
        Ok(found)
    }

    /// The ids and classes of the keys of one owner alone.
    pub async fn of_one(&self, owner: &OwnerId) -> Result<Vec<([u8; 16], String)>, KeyError> {
        let mut tx = self.store.keys.read().await?;
        let rows = tx.subject_keys_of(owner).await?;
        rows.into_iter()
            .map(|(id, class)| {
                Ok((
                    id.try_into().map_err(|_len: Vec<u8>| KeyError::Damaged)?,
                    class,
                ))
            })
            .collect()
    }
}
