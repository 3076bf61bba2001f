//! The table of assignments.

use crate::db::{Result, Tx, on};

/// Leave of a member of support to read a customer's chats, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentRow {
    /// Its id: 16 random bytes.
    pub id: Vec<u8>,
    /// Whose leave it is, by pseudonym.
    pub officer: String,
    /// Keyed look-up of the customer; goes with an erasure.
    pub owner: Vec<u8>,
    /// The one conversation it is about; all of the customer's if none.
    pub conversation: Option<Vec<u8>>,
    /// The case it belongs to.
    pub matter: String,
    /// Until when it holds, microseconds.
    pub until_us: i64,
    /// When it was made, microseconds.
    pub made_us: i64,
    /// Who made it, by pseudonym.
    pub made_by: String,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for AssignmentRow
where
    usize: sqlx::ColumnIndex<R>,
    Vec<u8>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            officer: row.try_get(1)?,
            owner: row.try_get(2)?,
            conversation: row.try_get(3)?,
            matter: row.try_get(4)?,
            until_us: row.try_get(5)?,
            made_us: row.try_get(6)?,
            made_by: row.try_get(7)?,
        })
    }
}

/// The columns of [`AssignmentRow`], in order.
macro_rules! assignment_select {
    ($rest:literal) => {
        concat!(
            "SELECT id, officer, owner, conversation, matter, until_us, made_us, made_by ",
            "FROM assignment ",
            $rest
        )
    };
}

impl Tx {
    /// Makes an assignment; false if the id is taken.
    pub async fn assignment_put(&mut self, row: &AssignmentRow) -> Result<bool> {
        const SQL: &str = "INSERT INTO assignment \
             (id, officer, owner, conversation, matter, until_us, made_us, made_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(row.id.as_slice()).bind(row.officer.as_str())
            .bind(row.owner.as_slice()).bind(row.conversation.as_deref())
            .bind(row.matter.as_str()).bind(row.until_us).bind(row.made_us)
            .bind(row.made_by.as_str()).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Ends an assignment; false if it is not there.
    pub async fn assignment_delete(&mut self, id: &[u8]) -> Result<bool> {
        const SQL: &str = "DELETE FROM assignment WHERE id = $1";
        on!(self, c => sqlx::query(SQL).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// The assignments in force at `now_us`, soonest to end first: everybody's, or one officer's.
    pub async fn assignments(
        &mut self,
        officer: Option<&str>,
        now_us: i64,
        limit: i64,
    ) -> Result<Vec<AssignmentRow>> {
        const ALL: &str = assignment_select!("WHERE until_us > $1 ORDER BY until_us, id LIMIT $2");
        const ONES: &str = assignment_select!(
            "WHERE until_us > $1 AND officer = $3 ORDER BY until_us, id LIMIT $2"
        );
        match officer {
            None => on!(self, c => sqlx::query_as(ALL).bind(now_us).bind(limit)
                .fetch_all(c).await),
            Some(officer) => on!(self, c => sqlx::query_as(ONES).bind(now_us).bind(limit)
                .bind(officer).fetch_all(c).await),
        }
    }

    /// The assignment by which an officer may read a conversation at `now_us`.
    pub async fn assignment_for(
        &mut self,
        officer: &str,
        owner: &[u8],
        conversation: &[u8],
        now_us: i64,
    ) -> Result<Option<AssignmentRow>> {
        const SQL: &str = assignment_select!(
            "WHERE officer = $1 AND owner = $2 AND until_us > $3 \
             AND (conversation IS NULL OR conversation = $4) ORDER BY until_us DESC LIMIT 1"
        );
        on!(self, c => sqlx::query_as(SQL).bind(officer).bind(owner).bind(now_us)
            .bind(conversation).fetch_optional(c).await)
    }

    /// Forgets who may read an owner's chats.
    pub async fn assignments_forget(&mut self, owner: &[u8]) -> Result<()> {
        const SQL: &str = "DELETE FROM assignment WHERE owner = $1";
        on!(self, c => sqlx::query(SQL).bind(owner).execute(c).await.map(drop))
    }

    /// Forgets assignments that ended before `before_us`.
    pub async fn assignments_prune(&mut self, before_us: i64) -> Result<()> {
        const SQL: &str = "DELETE FROM assignment WHERE until_us < $1";
        on!(self, c => sqlx::query(SQL).bind(before_us).execute(c).await.map(drop))
    }

    /// An owner's newest conversations.
    pub async fn conversations_of(&mut self, owner: &[u8], limit: i64) -> Result<Vec<Vec<u8>>> {
        const SQL: &str = "SELECT id FROM conversation WHERE owner = $1 \
             ORDER BY opened_us DESC, id LIMIT $2";
        let rows: Vec<(Vec<u8>,)> =
            on!(self, c => sqlx::query_as(SQL).bind(owner).bind(limit).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}
