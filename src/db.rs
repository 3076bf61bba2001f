//! Both databases behind one type, so that SQL is written once.
//!
//! The portable subset: `$N` parameters; integers, text and bytes; time as integers;
//! `ON CONFLICT`, `RETURNING`; `STRICT` tables on SQLite. SQLite binds NULL for a parameter that
//! was forgotten, one more reason why every store test runs on both.
//!
//! On SQLite the keys live in a file of their own, so that their pages can be wiped apart from
//! the log's; a transaction covers one of the two. On PostgreSQL both are the same database.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, PgPool, Postgres, SqlSafeStr, Sqlite, SqlitePool, Transaction};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What a database says.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

/// One database.
#[derive(Debug, Clone)]
pub enum Db {
    /// Embedded.
    Sqlite(SqlitePool),
    /// Shared by replicas.
    Postgres(PgPool),
}

/// A transaction that may write.
#[derive(Debug)]
pub enum Tx {
    /// Holds SQLite's write lock.
    Sqlite(Transaction<'static, Sqlite>),
    /// An ordinary transaction at READ COMMITTED; order comes from locking the head row.
    Postgres(Transaction<'static, Postgres>),
}

/// Statements a writer keeps prepared: batches of many sizes need one each.
const STATEMENTS: usize = 256;
/// How often the journal is moved on.
const SETTLE: Duration = Duration::from_millis(250);
/// Pages of SQLite's journal at which whoever commits moves them into the database itself. Until
/// then [`Store::settle`] does, beside the commits.
const WAL_PAGES: &str = "16384";

/// Evaluates one expression against whichever driver is behind `$tx`.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::db::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}
pub(crate) use on;

/// The log and the keys.
#[derive(Debug, Clone)]
pub struct Store {
    /// The ledger and what follows from it.
    pub log: Db,
    /// The same for whoever writes often. On SQLite it is one connection, so that writers queue
    /// for it in order, and find their statements and pages as they left them.
    pub writer: Db,
    /// Wrapped subject keys.
    pub keys: Db,
}

macro_rules! migration {
    ($dialect:literal, $version:literal, $name:literal) => {
        Migration::new(
            $version,
            $name.into(),
            MigrationType::Simple,
            include_str!(concat!(
                "../migrations/",
                $dialect,
                "/000",
                $version,
                "_",
                $name,
                ".sql"
            ))
            .into_sql_str(),
            false,
        )
    };
}

impl Store {
    /// Opens and migrates. `url` is `sqlite:PATH` or `postgres://…`; on SQLite the keys stand
    /// beside the log, in `PATH.keys`.
    pub async fn open(url: &str) -> Result<Self> {
        if url.starts_with("postgres") {
            let pool = PgPoolOptions::new()
                .max_connections(12)
                .acquire_timeout(Duration::from_secs(5))
                .connect_with(PgConnectOptions::from_str(url)?)
                .await?;
            postgres().run(&pool).await?;
            return Ok(Self::postgres(pool));
        }
        let log = SqliteConnectOptions::from_str(url)?;
        let mut keys_file = log.get_filename().as_os_str().to_owned();
        keys_file.push(".keys");
        let keys = SqliteConnectOptions::new().filename(Path::new(&keys_file));
        let writer = log.clone().statement_cache_capacity(STATEMENTS);
        // Readers find their pages in the system's cache; eight caches of their own add up.
        let log = sqlite(log.pragma("cache_size", "-512"), 8).await?;
        Migrator::with_migrations(vec![
            migration!("sqlite", 1, "ledger"),
            migration!("sqlite", 2, "state"),
            migration!("sqlite", 4, "cases"),
            migration!("sqlite", 5, "revocations"),
            migration!("sqlite", 6, "guesses"),
            migration!("sqlite", 7, "officers"),
            migration!("sqlite", 9, "guests"),
        ])
        .run(&log)
        .await?;
        let keys = sqlite(keys, 2).await?;
        Migrator::with_migrations(vec![migration!("sqlite", 3, "keys")])
            .run(&keys)
            .await?;
        Ok(Self {
            log: Db::Sqlite(log),
            writer: Db::Sqlite(sqlite(writer, 1).await?),
            keys: Db::Sqlite(keys),
        })
    }

    fn postgres(pool: PgPool) -> Self {
        Self {
            log: Db::Postgres(pool.clone()),
            writer: Db::Postgres(pool.clone()),
            keys: Db::Postgres(pool),
        }
    }

    /// Opens and migrates PostgreSQL with at most `connections`.
    pub async fn open_postgres(options: PgConnectOptions, connections: u32) -> Result<Self> {
        // The head's lock orders replicas at READ COMMITTED, and nothing may wait for ever.
        let options = options.options([
            ("default_transaction_isolation", "read committed"),
            ("lock_timeout", "5s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        let (durable,): (String,) = sqlx::query_as("SHOW synchronous_commit")
            .fetch_one(&pool)
            .await?;
        if durable == "off" {
            let why =
                "synchronous_commit is off: an answer could leave before its record is durable";
            return Err(sqlx::Error::Configuration(why.into()));
        }
        postgres().run(&pool).await?;
        Ok(Self::postgres(pool))
    }

    /// Moves what SQLite's journal holds into the database, a few times a second until `shutdown`,
    /// so that no commit has to wait for it.
    pub(crate) async fn settle(self, shutdown: CancellationToken) {
        let Db::Sqlite(pool) = &self.log else { return };
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(SETTLE) => {}
            }
            let moved = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)");
            if let Err(error) = moved.execute(pool).await {
                tracing::warn!(code = "journal_behind", %error, "the journal was not moved on");
            }
        }
    }

    /// Lets go of every connection.
    pub async fn close(&self) {
        self.writer.close().await;
        self.log.close().await;
        self.keys.close().await;
    }
}

fn postgres() -> Migrator {
    Migrator::with_migrations(vec![
        migration!("postgres", 1, "ledger"),
        migration!("postgres", 2, "state"),
        migration!("postgres", 3, "keys"),
        migration!("postgres", 4, "cases"),
        migration!("postgres", 5, "revocations"),
        migration!("postgres", 6, "guesses"),
        migration!("postgres", 7, "officers"),
        migration!("postgres", 9, "guests"),
    ])
}

async fn sqlite(options: SqliteConnectOptions, connections: u32) -> Result<SqlitePool> {
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", WAL_PAGES)
        .busy_timeout(Duration::from_secs(20))
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        // A file does not hang up.
        .test_before_acquire(false)
        .connect_with(options)
        .await
}

impl Db {
    /// Starts a transaction that may write.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that may: it takes the lock"
    )]
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            // A plain BEGIN fails under contention in spite of the busy timeout.
            Self::Sqlite(p) => Tx::Sqlite(p.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(p) => Tx::Postgres(p.begin().await?),
        })
    }

    /// Starts a transaction that only reads, and never waits for the writer.
    #[expect(clippy::disallowed_methods, reason = "reads need no write lock")]
    pub async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite(p) => Tx::Sqlite(p.begin().await?),
            Self::Postgres(p) => Tx::Postgres(p.begin().await?),
        })
    }

    /// Empties SQLite's journal into the database, whose deleted pages `secure_delete` has zeroed;
    /// fails if a reader keeps it from ending within a few seconds. PostgreSQL keeps bytes where it
    /// likes; there the epoch key is what dies.
    pub async fn scrub(&self) -> Result<()> {
        let Self::Sqlite(pool) = self else {
            return Ok(());
        };
        for _try in 0..50 {
            let (busy, _log, _moved): (i64, i64, i64) =
                sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                    .fetch_one(pool)
                    .await?;
            if busy == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(sqlx::Error::PoolTimedOut)
    }

    /// The same for a small file that may be rewritten whole: free pages are given back too.
    pub async fn scrub_whole(&self) -> Result<()> {
        if let Self::Sqlite(pool) = self {
            sqlx::query("VACUUM").execute(pool).await?;
        }
        self.scrub().await
    }

    /// Lets go of every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes it durable.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    /// Whether PostgreSQL is behind it.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}
