//! Tables of holds and of what they keep.

use crate::db::{Result, Tx, on};

/// A hold. Whose it is says only a keyed digest, and why only who has the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// Its id: 16 random bytes.
    pub id: Vec<u8>,
    /// Keyed digest of the owner's look-up, for holds alone.
    pub place: Vec<u8>,
    /// `placed`, `asked`, `released`.
    pub state: String,
    /// Matter, basis and reason, under the hold's key; empty once it is released.
    pub sealed: Vec<u8>,
    /// When it must be looked at again, microseconds.
    pub review_us: i64,
    /// When it was placed, microseconds.
    pub placed_us: i64,
    /// Pseudonym of who placed it.
    pub placed_by: String,
    /// Pseudonym of who asked that it end.
    pub asked_by: Option<String>,
    /// When it ended, microseconds.
    pub released_us: Option<i64>,
    /// Pseudonym of who agreed.
    pub released_by: Option<String>,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for HoldRow
where
    usize: sqlx::ColumnIndex<R>,
    Vec<u8>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            place: row.try_get(1)?,
            state: row.try_get(2)?,
            sealed: row.try_get(3)?,
            review_us: row.try_get(4)?,
            placed_us: row.try_get(5)?,
            placed_by: row.try_get(6)?,
            asked_by: row.try_get(7)?,
            released_us: row.try_get(8)?,
            released_by: row.try_get(9)?,
        })
    }
}

/// The columns of [`HoldRow`], in order.
macro_rules! hold_select {
    ($rest:literal) => {
        concat!(
            "SELECT id, place, state, sealed, review_us, placed_us, placed_by, asked_by, ",
            "released_us, released_by FROM hold ",
            $rest
        )
    };
}

impl Tx {
    /// Places a hold; false if the id is taken.
    pub async fn hold_put(&mut self, row: &HoldRow) -> Result<bool> {
        const SQL: &str = "INSERT INTO hold (id, place, state, sealed, review_us, placed_us, \
             placed_by) VALUES ($1, $2, 'placed', $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(row.id.as_slice()).bind(row.place.as_slice())
            .bind(row.sealed.as_slice()).bind(row.review_us).bind(row.placed_us)
            .bind(row.placed_by.as_str()).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Notes who asks that a hold end; false unless it is in force.
    pub async fn hold_ask(&mut self, id: &[u8], who: &str, at_us: i64) -> Result<bool> {
        const SQL: &str = "UPDATE hold SET state = 'asked', asked_by = $1, asked_us = $2 \
             WHERE id = $3 AND state IN ('placed', 'asked')";
        on!(self, c => sqlx::query(SQL).bind(who).bind(at_us).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Ends a hold that somebody else asked to end; false if that is not so.
    pub async fn hold_release(&mut self, id: &[u8], who: &str, at_us: i64) -> Result<bool> {
        const SQL: &str = "UPDATE hold SET state = 'released', released_us = $1, \
             released_by = $2 WHERE id = $3 AND state = 'asked' AND asked_by <> $2";
        on!(self, c => sqlx::query(SQL).bind(at_us).bind(who).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// One hold.
    pub async fn hold(&mut self, id: &[u8]) -> Result<Option<HoldRow>> {
        const SQL: &str = hold_select!("WHERE id = $1");
        on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)
    }

    /// Holds in force at a place.
    pub async fn holds_at(&mut self, place: &[u8]) -> Result<Vec<HoldRow>> {
        const SQL: &str = hold_select!("WHERE place = $1 AND state <> 'released'");
        on!(self, c => sqlx::query_as(SQL).bind(place).fetch_all(c).await)
    }

    /// The newest holds in a state.
    pub async fn holds(&mut self, state: &str, limit: i64) -> Result<Vec<HoldRow>> {
        const SQL: &str = hold_select!("WHERE state = $1 ORDER BY placed_us DESC, id LIMIT $2");
        on!(self, c => sqlx::query_as(SQL).bind(state).bind(limit).fetch_all(c).await)
    }

    /// Holds that ended and still have something.
    pub async fn holds_left(&mut self, limit: i64) -> Result<Vec<HoldRow>> {
        const SQL: &str =
            hold_select!("WHERE state = 'released' AND LENGTH(sealed) > 0 ORDER BY id LIMIT $1");
        on!(self, c => sqlx::query_as(SQL).bind(limit).fetch_all(c).await)
    }

    /// Forgets what a hold that ended said and kept, and whose it was.
    pub async fn hold_empty(&mut self, id: &[u8]) -> Result<()> {
        const KEPT: &str = "DELETE FROM keep WHERE hold = $1";
        const SAID: &str = "UPDATE hold SET sealed = $1, place = $1 \
             WHERE id = $2 AND state = 'released'";
        on!(self, c => sqlx::query(KEPT).bind(id).execute(c).await.map(drop))?;
        let nothing: &[u8] = &[];
        on!(self, c => sqlx::query(SAID).bind(nothing).bind(id).execute(c).await.map(drop))
    }

    /// Keeps a record for a hold in force; the same again does nothing.
    pub async fn keep_put(&mut self, hold: &[u8], name: &[u8], sealed: &[u8]) -> Result<()> {
        const SQL: &str = "INSERT INTO keep (hold, name, sealed) \
             SELECT id, $2, $3 FROM hold WHERE id = $1 AND state <> 'released' \
             ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(hold).bind(name).bind(sealed).execute(c).await
            .map(drop))
    }

    /// What a hold keeps, after `after`, by name.
    pub async fn keeps(
        &mut self,
        hold: &[u8],
        after: &[u8],
        limit: i64,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        const SQL: &str = "SELECT name, sealed FROM keep WHERE hold = $1 AND name > $2 \
             ORDER BY name LIMIT $3";
        on!(self, c => sqlx::query_as(SQL).bind(hold).bind(after).bind(limit).fetch_all(c).await)
    }

    /// Notes that a case's holds were served; the first time counts.
    pub async fn erasure_kept(&mut self, id: &[u8], at_us: i64) -> Result<()> {
        const SQL: &str = "UPDATE erasure SET kept_us = $1 WHERE id = $2 AND kept_us IS NULL";
        on!(self, c => sqlx::query(SQL).bind(at_us).bind(id).execute(c).await.map(drop))
    }

    /// Whether a case's holds were served.
    pub async fn erasure_is_kept(&mut self, id: &[u8]) -> Result<bool> {
        const SQL: &str = "SELECT 1 FROM erasure WHERE id = $1 AND kept_us IS NOT NULL";
        let row: Option<(i32,)> =
            on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
        Ok(row.is_some())
    }
}
