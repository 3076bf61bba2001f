//! The exchange's own SQLite file: what is searched by in columns, what is answered as JSON.
//!
//! Apart from the gateway's database in file, schema and driver options: this one is somebody
//! else's.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

mod account;
mod case;
mod fill;
mod margin;
mod p2p;
mod wallet;

pub(super) use case::{NewCase, Opened};
pub(super) use margin::{Add, Added};
pub use p2p::Dispute;
pub(super) use p2p::{Disputed, NewDispute};
pub(super) use wallet::Stopped;

use super::ExchangeError;
use crate::demo::data::{Article, Currency, Dataset};

/// The data behind the three services.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pool: SqlitePool,
    started_us: i64,
    started: Instant,
    /// The help pages; nothing about them is anybody's.
    articles: Arc<[Article]>,
}

/// What a list is narrowed by; `of` is a currency or a market.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) uid: Option<String>,
    pub(super) of: Option<String>,
    pub(super) state: Option<String>,
    pub(super) limit: i64,
    pub(super) skip: i64,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            uid: None,
            of: None,
            state: None,
            limit: 1_000,
            skip: 0,
        }
    }
}

type Rows = Result<Vec<String>, sqlx::Error>;
type Row = Result<Option<String>, sqlx::Error>;

impl Store {
    /// Writes the data set to `exchange.sqlite`, in place of what was there.
    pub(super) async fn create(
        dir: &Path,
        dataset: &Dataset,
        now_us: i64,
    ) -> Result<Self, ExchangeError> {
        let options = SqliteConnectOptions::new()
            .filename(dir.join("exchange.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await?;
        let store = Self {
            pool,
            started_us: now_us,
            started: Instant::now(),
            articles: dataset.articles.clone().into(),
        };
        Box::pin(store.fill(dataset)).await?;
        Ok(store)
    }

    /// The exchange's own now: where it was started, and the time since.
    fn now_us(&self) -> i64 {
        let since = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.started_us.saturating_add(since)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    async fn one(&self, sql: &'static str, key: &str) -> Row {
        sqlx::query_scalar(sql)
            .bind(key)
            .fetch_optional(&self.pool)
            .await
    }

    async fn many(&self, sql: &'static str, wanted: &Wanted) -> Rows {
        sqlx::query_scalar(sql)
            .bind(wanted.uid.as_deref())
            .bind(wanted.of.as_deref())
            .bind(wanted.state.as_deref())
            .bind(wanted.limit)
            .bind(wanted.skip)
            .fetch_all(&self.pool)
            .await
    }

    /// The help pages.
    pub(super) fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// Whether there is a customer of this uid.
    pub(super) async fn knows(&self, uid: &str) -> Result<bool, sqlx::Error> {
        Ok(self
            .one("SELECT uid FROM customer WHERE uid = $1", uid)
            .await?
            .is_some())
    }

    pub(super) async fn withdraw(&self, tid: &str) -> Row {
        self.one("SELECT body FROM withdraw WHERE tid = $1", tid)
            .await
    }

    pub(super) async fn withdraws(&self, wanted: &Wanted) -> Rows {
        let sql = "SELECT body FROM withdraw WHERE ($1 IS NULL OR uid = $1) \
                   AND ($2 IS NULL OR currency = $2) AND ($3 IS NULL OR state = $3) \
                   ORDER BY at_us DESC, tid LIMIT $4 OFFSET $5";
        self.many(sql, wanted).await
    }

    pub(super) async fn deposits(&self, wanted: &Wanted) -> Rows {
        let sql = "SELECT body FROM deposit WHERE ($1 IS NULL OR uid = $1) \
                   AND ($2 IS NULL OR currency = $2) AND ($3 IS NULL OR state = $3) \
                   ORDER BY at_us DESC, tid LIMIT $4 OFFSET $5";
        self.many(sql, wanted).await
    }

    pub(super) async fn orders(&self, wanted: &Wanted) -> Rows {
        let sql = "SELECT body FROM trade_order WHERE ($1 IS NULL OR uid = $1) \
                   AND ($2 IS NULL OR market = $2) AND ($3 IS NULL OR state = $3) \
                   ORDER BY at_us DESC, id LIMIT $4 OFFSET $5";
        self.many(sql, wanted).await
    }

    pub(super) async fn limits(&self, uid: &str) -> Row {
        self.one("SELECT limits FROM desk WHERE uid = $1", uid)
            .await
    }

    pub(super) async fn fees(&self, uid: &str) -> Row {
        self.one("SELECT fees FROM desk WHERE uid = $1", uid).await
    }

    pub(super) async fn networks(&self, currency: Currency) -> Row {
        self.one(
            "SELECT body FROM network WHERE currency = $1",
            currency.code(),
        )
        .await
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(value)
}
