//! Tables of cases: erasures, exports, and targets that are to go on.

use crate::db::{Result, Tx, on};

/// An erasure's case. After it is done it names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRow {
    /// Its id: 16 random bytes, also the secret its status is read with.
    pub id: Vec<u8>,
    /// Keyed look-up of the subject; gone once it is done.
    pub owner: Option<Vec<u8>>,
    /// `requested`, `executing`, `done`, `refused`, `withdrawn`.
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
    /// Index of its `erasure.executed` record.
    pub executed_seq: Option<i64>,
    /// Index of its `key.destroyed` record.
    pub gone_seq: Option<i64>,
    /// When the keys were gone, microseconds.
    pub gone_us: Option<i64>,
}

impl ErasureRow {
    /// A case that was just asked for.
    pub fn requested(id: [u8; 16], owner: &[u8; 32], requester: String, at_us: i64) -> Self {
        Self {
            id: id.to_vec(),
            owner: Some(owner.to_vec()),
            state: "requested".to_owned(),
            requested_us: at_us,
            requester,
            approver: None,
            done_us: None,
            receipt: None,
            executed_seq: None,
            gone_seq: None,
            gone_us: None,
        }
    }
}

/// A tag whose key is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedTag {
    /// The tag, as in leaves.
    pub tag: [u8; 16],
    /// The key it came from.
    pub key_id: [u8; 16],
    /// Retention class.
    pub class: String,
}

/// One person's wish that a stopped target go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeRow {
    /// `topic:withdrawals` and the like.
    pub target: String,
    /// Since when it is stopped: another stop voids the wish.
    pub since_us: i64,
    /// Why it may go on.
    pub reason: String,
    /// Who asked, by pseudonym.
    pub officer: String,
    /// When, microseconds.
    pub asked_us: i64,
}

/// An export's case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// Its id: 16 random bytes.
    pub id: Vec<u8>,
    /// `requested`, `approved`, `done`, `refused`, `withdrawn`.
    pub state: String,
    /// What was asked for, as JSON.
    pub request: String,
    /// When it was asked for, microseconds.
    pub requested_us: i64,
    /// Pseudonym of who asked.
    pub requester: String,
    /// Pseudonym of who approved.
    pub approver: Option<String>,
    /// When it was first released, microseconds.
    pub done_us: Option<i64>,
    /// When it was approved, microseconds.
    pub approved_us: Option<i64>,
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
            executed_seq: row.try_get(8)?,
            gone_seq: row.try_get(9)?,
            gone_us: row.try_get(10)?,
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
            approved_us: row.try_get(7)?,
        })
    }
}

/// The columns of [`ErasureRow`], in order.
macro_rules! erasure_select {
    ($rest:literal) => {
        concat!(
            "SELECT id, owner, state, requested_us, requester, approver, done_us, receipt, ",
            "executed_seq, gone_seq, gone_us FROM erasure ",
            $rest
        )
    };
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

    /// Moves a case by the record at `seq`; false if it is not in `from`.
    pub async fn erasure_move(
        &mut self,
        id: &[u8],
        from: &str,
        to: &str,
        approver: Option<&str>,
        seq: i64,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE erasure SET state = $1, approver = COALESCE($2, approver), \
             executed_seq = CASE WHEN $1 = 'executing' THEN $3 ELSE executed_seq END \
             WHERE id = $4 AND state = $5";
        on!(self, c => sqlx::query(SQL).bind(to).bind(approver).bind(seq).bind(id).bind(from)
            .execute(c).await.map(|done| done.rows_affected() == 1))
    }

    /// Notes which tags the `key.destroyed` record at `seq` ends; false if the case has one.
    pub async fn erasure_keys_gone(
        &mut self,
        id: &[u8],
        tags: &[ErasedTag],
        seq: i64,
    ) -> Result<bool> {
        const CASE: &str = "UPDATE erasure SET gone_seq = $1 \
             WHERE id = $2 AND state = 'executing' AND gone_seq IS NULL";
        const TAG: &str = "INSERT INTO erased_tag (tag, key_id, class, seq) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let moved = on!(self, c => sqlx::query(CASE).bind(seq).bind(id).execute(c).await
            .map(|done| done.rows_affected()))?;
        if moved != 1 {
            return Ok(false);
        }
        for tag in tags {
            on!(self, c => sqlx::query(TAG).bind(tag.tag.as_slice()).bind(tag.key_id.as_slice())
                .bind(tag.class.as_str()).bind(seq).execute(c).await.map(drop))?;
        }
        Ok(true)
    }

    /// The tags that the `key.destroyed` record at `seq` ended.
    pub async fn erased_tags(&mut self, seq: i64) -> Result<Vec<ErasedTag>> {
        const SQL: &str =
            "SELECT tag, key_id, class FROM erased_tag WHERE seq = $1 ORDER BY class, tag";
        let rows: Vec<(Vec<u8>, Vec<u8>, String)> =
            on!(self, c => sqlx::query_as(SQL).bind(seq).fetch_all(c).await)?;
        let sixteen = |bytes: Vec<u8>| -> Result<[u8; 16]> {
            let wrong = |_length: Vec<u8>| sqlx::Error::Decode("an id is not 16 bytes".into());
            bytes.try_into().map_err(wrong)
        };
        rows.into_iter()
            .map(|(tag, key_id, class)| {
                Ok(ErasedTag {
                    tag: sixteen(tag)?,
                    key_id: sixteen(key_id)?,
                    class,
                })
            })
            .collect()
    }

    /// The index of the record that says why a tag's key is gone.
    pub async fn erased_tag(&mut self, tag: &[u8; 16]) -> Result<Option<i64>> {
        const SQL: &str = "SELECT seq FROM erased_tag WHERE tag = $1";
        let row: Option<(i64,)> =
            on!(self, c => sqlx::query_as(SQL).bind(tag.as_slice()).fetch_optional(c).await)?;
        Ok(row.map(|(seq,)| seq))
    }

    /// Leaves under the tags that the record at `seq` ended, after `after`: index, class, line.
    pub async fn erased_leaves(
        &mut self,
        seq: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String, String)>> {
        const SQL: &str = "SELECT l.seq, e.class, l.line FROM erased_tag e \
             JOIN record_index r ON r.tag = e.tag JOIN ledger_leaf l ON l.seq = r.seq \
             WHERE e.seq = $1 AND r.seq > $2 ORDER BY r.seq LIMIT $3";
        on!(self, c => sqlx::query_as(SQL).bind(seq).bind(after).bind(limit).fetch_all(c).await)
    }

    /// Purges the bodies under a tag whose key is destroyed; the trigger refuses any other.
    pub async fn erased_tag_purge(&mut self, tag: &[u8; 16]) -> Result<u64> {
        const SQL: &str = "DELETE FROM ledger_body WHERE seq IN \
             (SELECT seq FROM record_index WHERE tag = $1)";
        on!(self, c => sqlx::query(SQL).bind(tag.as_slice()).execute(c).await
            .map(|done| done.rows_affected()))
    }

    /// Notes when the keys were gone; the first time counts.
    pub async fn erasure_gone_at(&mut self, id: &[u8], at_us: i64) -> Result<()> {
        const SQL: &str = "UPDATE erasure SET gone_us = $1 WHERE id = $2 AND gone_us IS NULL";
        on!(self, c => sqlx::query(SQL).bind(at_us).bind(id).execute(c).await.map(drop))
    }

    /// Ends a case: the subject's look-up goes, the receipt comes.
    pub async fn erasure_done(&mut self, id: &[u8], receipt: &str, at_us: i64) -> Result<bool> {
        const SQL: &str = "UPDATE erasure SET state = 'done', owner = NULL, requester = '', \
             receipt = $1, done_us = $2 WHERE id = $3 AND state = 'executing'";
        on!(self, c => sqlx::query(SQL).bind(receipt).bind(at_us).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Ends a case that was not approved: the look-up of the subject goes, what to tell them comes.
    pub async fn erasure_end(
        &mut self,
        id: &[u8],
        to: &str,
        who: Option<&str>,
        outcome: &str,
        at_us: i64,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE erasure SET state = $1, owner = NULL, requester = '', \
             approver = $2, receipt = $3, done_us = $4 WHERE id = $5 AND state = 'requested'";
        on!(self, c => sqlx::query(SQL).bind(to).bind(who).bind(outcome).bind(at_us).bind(id)
            .execute(c).await.map(|done| done.rows_affected() == 1))
    }

    /// One erasure's case.
    pub async fn erasure(&mut self, id: &[u8]) -> Result<Option<ErasureRow>> {
        const SQL: &str = erasure_select!("WHERE id = $1");
        on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)
    }

    /// The open case of an owner.
    pub async fn erasure_of(&mut self, owner: &[u8]) -> Result<Option<ErasureRow>> {
        const SQL: &str = erasure_select!("WHERE owner = $1");
        on!(self, c => sqlx::query_as(SQL).bind(owner).fetch_optional(c).await)
    }

    /// Erasures in a state, oldest first.
    pub async fn erasures(&mut self, state: &str, limit: i64) -> Result<Vec<ErasureRow>> {
        const SQL: &str = erasure_select!("WHERE state = $1 ORDER BY requested_us, id LIMIT $2");
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
        at_us: i64,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE export SET state = $1, approver = COALESCE($2, approver), \
             approved_us = CASE WHEN $1 = 'approved' THEN $3 ELSE approved_us END, \
             done_us = CASE WHEN $1 = 'done' THEN $3 ELSE done_us END \
             WHERE id = $4 AND state = $5";
        on!(self, c => sqlx::query(SQL).bind(to).bind(approver).bind(at_us).bind(id).bind(from)
            .execute(c).await.map(|done| done.rows_affected() == 1))
    }

    /// One export's case.
    pub async fn export(&mut self, id: &[u8]) -> Result<Option<ExportRow>> {
        const SQL: &str = "SELECT id, state, request, requested_us, requester, approver, done_us, \
             approved_us FROM export WHERE id = $1";
        on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)
    }

    /// The newest exports.
    pub async fn exports(&mut self, limit: i64) -> Result<Vec<ExportRow>> {
        const SQL: &str = "SELECT id, state, request, requested_us, requester, approver, done_us, \
             approved_us FROM export ORDER BY requested_us DESC, id LIMIT $1";
        on!(self, c => sqlx::query_as(SQL).bind(limit).fetch_all(c).await)
    }

    /// Asks that a target go on; false unless the stop of `since_us` is in force.
    pub async fn resume_ask(&mut self, row: &ResumeRow) -> Result<bool> {
        const SQL: &str = "INSERT INTO switch_resume (target, since_us, reason, officer, asked_us) \
             SELECT $1, $2, $3, $4, $5 FROM switch WHERE target = $1 AND since_us = $2 \
             ON CONFLICT (target) DO UPDATE SET since_us = excluded.since_us, \
             reason = excluded.reason, officer = excluded.officer, asked_us = excluded.asked_us";
        on!(self, c => sqlx::query(SQL).bind(row.target.as_str()).bind(row.since_us)
            .bind(row.reason.as_str()).bind(row.officer.as_str()).bind(row.asked_us).execute(c)
            .await.map(|done| done.rows_affected() == 1))
    }

    /// Lets a target go on; false unless the stop of `since_us` is in force.
    pub async fn resume_grant(&mut self, target: &str, since_us: i64) -> Result<bool> {
        const GO_ON: &str = "DELETE FROM switch WHERE target = $1 AND since_us = $2";
        const ASKED: &str = "DELETE FROM switch_resume WHERE target = $1";
        let gone = on!(self, c => sqlx::query(GO_ON).bind(target).bind(since_us).execute(c).await
            .map(|done| done.rows_affected()))?;
        if gone != 1 {
            return Ok(false);
        }
        on!(self, c => sqlx::query(ASKED).bind(target).execute(c).await.map(drop))?;
        Ok(true)
    }

    /// Who asked that a target go on.
    pub async fn resume(&mut self, target: &str) -> Result<Option<ResumeRow>> {
        const SQL: &str = "SELECT target, since_us, reason, officer, asked_us \
             FROM switch_resume WHERE target = $1";
        let row: Option<(String, i64, String, String, i64)> =
            on!(self, c => sqlx::query_as(SQL).bind(target).fetch_optional(c).await)?;
        Ok(
            row.map(|(target, since_us, reason, officer, asked_us)| ResumeRow {
                target,
                since_us,
                reason,
                officer,
                asked_us,
            }),
        )
    }
}
