//! Tables of cases: erasures and exports.

use crate::db::{Result, Tx, on};

/// An erasure's case. After it is done it names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRow {
    /// Its id: 16 random bytes, also the secret its status is read with.
    pub id: Vec<u8>,
    /// Keyed look-up of the subject; gone once it is done.
    pub owner: Option<Vec<u8>>,
    /// `requested`, `executing`, `done`.
    pub state: String,
    /// When it was asked for, microseconds.
    pub requested_us: i64,
    /// Keyed pseudonym of who asked.
    pub requester: String,
    /// Pseudonym of who approved.
    pub approver: Option<String>,
    /// When it was done, microseconds.
    pub done_us: Option<i64>,
    /// The signed receipt.
    pub receipt: Option<String>,
}

/// An export's case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// Its id: 16 random bytes.
    pub id: Vec<u8>,
    /// `requested`, `approved`, `done`.
    pub state: String,
    /// What was asked for, as JSON.
    pub request: String,
    /// When it was asked for, microseconds.
    pub requested_us: i64,
    /// Pseudonym of who asked.
    pub requester: String,
    /// Pseudonym of who approved.
    pub approver: Option<String>,
    /// When it was done, microseconds.
    pub done_us: Option<i64>,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for ErasureRow
where
    usize: sqlx::ColumnIndex<R>,
    Vec<u8>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            owner: row.try_get(1)?,
            state: row.try_get(2)?,
            requested_us: row.try_get(3)?,
            requester: row.try_get(4)?,
            approver: row.try_get(5)?,
            done_us: row.try_get(6)?,
            receipt: row.try_get(7)?,
        })
    }
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for ExportRow
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
            state: row.try_get(1)?,
            request: row.try_get(2)?,
            requested_us: row.try_get(3)?,
            requester: row.try_get(4)?,
            approver: row.try_get(5)?,
            done_us: row.try_get(6)?,
        })
    }
}

impl Tx {
    /// Makes an erasure's case; false if the id is taken.
    pub async fn erasure_put(&mut self, row: &ErasureRow) -> Result<bool> {
        const SQL: &str = "INSERT INTO erasure (id, owner, state, requested_us, requester) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(row.id.as_slice()).bind(row.owner.as_deref())
            .bind(row.state.as_str()).bind(row.requested_us).bind(row.requester.as_str())
            .execute(c).await.map(|done| done.rows_affected() == 1))
    }

    /// Moves a case; false if it is not in `from`.
    pub async fn erasure_move(
        &mut self,
        id: &[u8],
        from: &str,
        to: &str,
        approver: Option<&str>,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE erasure SET state = $1, approver = COALESCE($2, approver) \
             WHERE id = $3 AND state = $4";
        on!(self, c => sqlx::query(SQL).bind(to).bind(approver).bind(id).bind(from).execute(c)
            .await.map(|done| done.rows_affected() == 1))
    }

    /// Ends a case: the subject's look-up goes, the receipt comes.
    pub async fn erasure_done(&mut self, id: &[u8], receipt: &str, at_us: i64) -> Result<bool> {
        const SQL: &str = "UPDATE erasure SET state = 'done', owner = NULL, requester = '', \
             receipt = $1, done_us = $2 WHERE id = $3 AND state = 'executing'";
        on!(self, c => sqlx::query(SQL).bind(receipt).bind(at_us).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// One erasure's case.
    pub async fn erasure(&mut self, id: &[u8]) -> Result<Option<ErasureRow>> {
        const SQL: &str = "SELECT id, owner, state, requested_us, requester, approver, done_us, \
             receipt FROM erasure WHERE id = $1";
        on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)
    }

    /// Erasures in a state, oldest first.
    pub async fn erasures(&mut self, state: &str, limit: i64) -> Result<Vec<ErasureRow>> {
        const SQL: &str = "SELECT id, owner, state, requested_us, requester, approver, done_us, \
             receipt FROM erasure WHERE state = $1 ORDER BY requested_us LIMIT $2";
        on!(self, c => sqlx::query_as(SQL).bind(state).bind(limit).fetch_all(c).await)
    }

    /// Makes an export's case; false if the id is taken.
    pub async fn export_put(&mut self, row: &ExportRow) -> Result<bool> {
        const SQL: &str = "INSERT INTO export (id, state, request, requested_us, requester) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(row.id.as_slice()).bind(row.state.as_str())
            .bind(row.request.as_str()).bind(row.requested_us).bind(row.requester.as_str())
            .execute(c).await.map(|done| done.rows_affected() == 1))
    }

    /// Moves a case; false if it is not in `from`.
    pub async fn export_move(
        &mut self,
        id: &[u8],
        from: &str,
        to: &str,
        approver: Option<&str>,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE export SET state = $1, approver = COALESCE($2, approver) \
             WHERE id = $3 AND state = $4";
        on!(self, c => sqlx::query(SQL).bind(to).bind(approver).bind(id).bind(from).execute(c)
            .await.map(|done| done.rows_affected() == 1))
    }

    /// One export's case.
    pub async fn export(&mut self, id: &[u8]) -> Result<Option<ExportRow>> {
        const SQL: &str = "SELECT id, state, request, requested_us, requester, approver, done_us \
             FROM export WHERE id = $1";
        on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)
    }
}
