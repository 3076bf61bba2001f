//! Cases: the exchange's one table that callers write to.

use super::Store;
use crate::demo::data::time::iso;
use crate::demo::exchange::Case;

/// A case to open; `request` is the whole body, to tell a repeat from another request.
#[derive(Debug)]
pub(in crate::demo::exchange) struct NewCase {
    pub(in crate::demo::exchange) uid: Option<String>,
    pub(in crate::demo::exchange) topic: String,
    pub(in crate::demo::exchange) summary: String,
    pub(in crate::demo::exchange) withdrawal: Option<String>,
    pub(in crate::demo::exchange) key: String,
    pub(in crate::demo::exchange) request: String,
}

/// What came of opening one.
#[derive(Debug)]
pub(in crate::demo::exchange) enum Opened {
    /// The case, opened now or by an earlier request of the same key and body.
    Case(Box<Case>),
    /// The key belongs to another request.
    KeyTaken,
}

/// A case as it is stored.
struct CaseRow {
    number: i64,
    idempotency_key: String,
    request: String,
    uid: Option<String>,
    topic: String,
    summary: String,
    withdrawal: Option<String>,
    state: String,
    at_us: i64,
}

impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for CaseRow {
    fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
        use sqlx::Row;
        Ok(Self {
            number: row.try_get("number")?,
            idempotency_key: row.try_get("idempotency_key")?,
            request: row.try_get("request")?,
            uid: row.try_get("uid")?,
            topic: row.try_get("topic")?,
            summary: row.try_get("summary")?,
            withdrawal: row.try_get("withdrawal")?,
            state: row.try_get("state")?,
            at_us: row.try_get("at_us")?,
        })
    }
}

impl From<CaseRow> for Case {
    fn from(row: CaseRow) -> Self {
        Self {
            case_id: format!("CS-{}", row.number.saturating_add(100_000)),
            uid: row.uid,
            topic: row.topic,
            state: row.state,
            created_at: iso(row.at_us),
            summary: row.summary,
            withdrawal: row.withdrawal,
            idempotency_key: row.idempotency_key,
        }
    }
}

impl Store {
    /// Opens a case, once per key: of two at the same time, the unique key lets one write.
    pub(in crate::demo::exchange) async fn case_open(
        &self,
        new: &NewCase,
    ) -> Result<Opened, sqlx::Error> {
        sqlx::query(
            "INSERT INTO desk_case \
             (idempotency_key, request, uid, topic, summary, withdrawal, state, at_us) \
             VALUES ($1, $2, $3, $4, $5, $6, 'open', $7) ON CONFLICT (idempotency_key) DO NOTHING",
        )
        .bind(&new.key)
        .bind(&new.request)
        .bind(new.uid.as_deref())
        .bind(&new.topic)
        .bind(&new.summary)
        .bind(new.withdrawal.as_deref())
        .bind(self.now_us())
        .execute(&self.pool)
        .await?;
        let row: CaseRow = sqlx::query_as("SELECT * FROM desk_case WHERE idempotency_key = $1")
            .bind(&new.key)
            .fetch_one(&self.pool)
            .await?;
        if row.request == new.request {
            Ok(Opened::Case(Box::new(row.into())))
        } else {
            Ok(Opened::KeyTaken)
        }
    }

    /// A customer's cases, newest first.
    pub(in crate::demo::exchange) async fn cases_of(
        &self,
        uid: &str,
    ) -> Result<Vec<Case>, sqlx::Error> {
        let sql = "SELECT * FROM desk_case WHERE uid = $1 ORDER BY number DESC LIMIT 100";
        let rows: Vec<CaseRow> = sqlx::query_as(sql).bind(uid).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(Case::from).collect())
    }

    /// All cases, in the order they were opened.
    pub(in crate::demo::exchange) async fn cases(&self) -> Result<Vec<Case>, sqlx::Error> {
        let rows: Vec<CaseRow> = sqlx::query_as("SELECT * FROM desk_case ORDER BY number")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(Case::from).collect())
    }
}
