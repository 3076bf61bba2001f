//! Tables of wrapped keys.

use super::OwnerId;
use crate::db::{Result as DbResult, Tx, on};

/// A wrapped key.
pub(super) struct KeyRow {
    pub(super) id: Vec<u8>,
    pub(super) epoch: i64,
    pub(super) wrapped: Vec<u8>,
}

type KeyTuple = (Vec<u8>, i64, Vec<u8>);

impl From<KeyTuple> for KeyRow {
    fn from((id, epoch, wrapped): KeyTuple) -> Self {
        Self { id, epoch, wrapped }
    }
}

impl Tx {
    pub(super) async fn key_head(&mut self) -> DbResult<Option<u32>> {
        const SQL: &str = "SELECT epoch FROM key_head WHERE id = 1";
        let row: Option<(i64,)> = on!(self, c => sqlx::query_as(SQL).fetch_optional(c).await)?;
        Ok(row.and_then(|(epoch,)| u32::try_from(epoch).ok()))
    }
    pub(super) async fn key_head_insert(&mut self, epoch: u32) -> DbResult<()> {
        const SQL: &str = "INSERT INTO key_head (id, epoch) VALUES (1, $1) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(i64::from(epoch)).execute(c).await.map(drop))
    }
    pub(super) async fn subject_key(
        &mut self,
        owner: &OwnerId,
        class: &str,
    ) -> DbResult<Option<KeyRow>> {
        const SQL: &str =
            "SELECT id, epoch, wrapped FROM subject_key WHERE owner = $1 AND class = $2";
        let row: Option<KeyTuple> = on!(self, c => sqlx::query_as(SQL)
            .bind(owner.as_slice()).bind(class).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }
    pub(super) async fn subject_key_by_id(&mut self, id: &[u8]) -> DbResult<Option<KeyRow>> {
        const SQL: &str = "SELECT id, epoch, wrapped FROM subject_key WHERE id = $1";
        let row: Option<KeyTuple> =
            on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }
    pub(super) async fn subject_keys_of(
        &mut self,
        owner: &OwnerId,
    ) -> DbResult<Vec<(Vec<u8>, String)>> {
        const SQL: &str = "SELECT id, class FROM subject_key WHERE owner = $1 ORDER BY class";
        on!(self, c => sqlx::query_as(SQL).bind(owner.as_slice()).fetch_all(c).await)
    }
    pub(super) async fn subject_key_insert(
        &mut self,
        row: &KeyRow,
        owner: &OwnerId,
        class: &str,
    ) -> DbResult<()> {
        const SQL: &str = "INSERT INTO subject_key (id, owner, class, epoch, wrapped) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(row.id.as_slice()).bind(owner.as_slice()).bind(class)
            .bind(row.epoch).bind(row.wrapped.as_slice()).execute(c).await.map(drop))
    }
    pub(super) async fn subject_key_delete(&mut self, id: &[u8; 16]) -> DbResult<u64> {
        const SQL: &str = "DELETE FROM subject_key WHERE id = $1";
        on!(self, c => sqlx::query(SQL).bind(id.as_slice()).execute(c).await
            .map(|done| done.rows_affected()))
    }
    pub(super) async fn erased_owner(&mut self, owner: &OwnerId) -> DbResult<Option<i64>> {
        const SQL: &str = "SELECT at_s FROM erased_owner WHERE owner = $1";
        let row: Option<(i64,)> =
            on!(self, c => sqlx::query_as(SQL).bind(owner.as_slice()).fetch_optional(c).await)?;
        Ok(row.map(|(at_s,)| at_s))
    }
    pub(super) async fn erased_owner_put(&mut self, owner: &OwnerId, at_s: i64) -> DbResult<()> {
        const SQL: &str = "INSERT INTO erased_owner (owner, at_s) VALUES ($1, $2) \
             ON CONFLICT (owner) DO UPDATE SET at_s = excluded.at_s";
        on!(self, c => sqlx::query(SQL).bind(owner.as_slice()).bind(at_s).execute(c).await.map(drop))
    }

    /// Waits for whoever makes or erases keys of this owner, until the transaction ends.
    pub(super) async fn owner_lock(&mut self, owner: &OwnerId) -> DbResult<()> {
        const SQL: &str = "SELECT pg_advisory_xact_lock($1)";
        // SQLite's BEGIN IMMEDIATE keeps everybody else out already.
        if !self.is_postgres() {
            return Ok(());
        }
        let number = owner
            .first_chunk::<8>()
            .map_or(0, |head| i64::from_be_bytes(*head));
        on!(self, c => sqlx::query(SQL).bind(number).execute(c).await.map(drop))
    }

    pub(super) async fn erased_owner_prune(&mut self, before_s: i64) -> DbResult<()> {
        const SQL: &str = "DELETE FROM erased_owner WHERE at_s < $1";
        on!(self, c => sqlx::query(SQL).bind(before_s).execute(c).await.map(drop))
    }
}
