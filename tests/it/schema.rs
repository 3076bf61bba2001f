//! One schema in two dialects: tables, columns, nullability, primary keys and indexes are the same.

use crate::harness::Place;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use tidewaiter::db::{Db, Store};

/// A column: its type, whether it may be null, its place in the primary key (0 if none).
type Column = (&'static str, bool, i64);

/// An index: unique, its columns, and whether it is of some rows only.
type Index = (bool, Vec<String>, bool);

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: BTreeMap<String, Column>,
    indexes: BTreeSet<Index>,
}

type Schema = BTreeMap<String, Table>;

fn is_ours(table: &str) -> bool {
    !table.starts_with("_sqlx") && !table.starts_with("sqlite_")
}

async fn sqlite(pool: &SqlitePool) -> Schema {
    let tables: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(pool)
            .await
            .unwrap();
    let mut schema = Schema::new();
    for (name,) in tables.into_iter().filter(|(name,)| is_ours(name)) {
        let mut table = Table::default();
        let sql = format!("SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}')");
        let columns: Vec<(String, String, i64, i64)> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(pool)
            .await
            .unwrap();
        for (column, kind, not_null, pk) in columns {
            let kind = match kind.as_str() {
                "INTEGER" => "integer",
                "TEXT" => "text",
                "BLOB" => "bytes",
                other => panic!("{name}.{column} is {other}"),
            };
            // A primary key that is the row's number is never null, though it does not say so.
            table
                .columns
                .insert(column, (kind, not_null == 0 && pk == 0, pk));
        }
        let sql = format!(
            "SELECT name, \"unique\", partial FROM pragma_index_list('{name}') WHERE origin <> 'pk'"
        );
        let indexes: Vec<(String, i64, i64)> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(pool)
            .await
            .unwrap();
        for (index, unique, partial) in indexes {
            let sql = format!("SELECT name FROM pragma_index_info('{index}') ORDER BY seqno");
            let of: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql))
                .fetch_all(pool)
                .await
                .unwrap();
            let of = of.into_iter().map(|(column,)| column).collect();
            assert!(
                table.indexes.insert((unique == 1, of, partial == 1)),
                "{index} twice"
            );
        }
        schema.insert(name, table);
    }
    schema
}

async fn postgres(pool: &PgPool) -> Schema {
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL), a.attnotnull \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' \
         AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut schema = Schema::new();
    for (name, column, kind, not_null) in columns.into_iter().filter(|row| is_ours(&row.0)) {
        let kind = match kind.as_str() {
            "bigint" => "integer",
            "text" => "text",
            "bytea" => "bytes",
            other => panic!("{name}.{column} is {other}"),
        };
        schema
            .entry(name)
            .or_default()
            .columns
            .insert(column, (kind, !not_null, 0));
    }
    let indexes: Vec<(String, bool, bool, bool, Vec<String>)> = sqlx::query_as(
        "SELECT t.relname::text, i.indisprimary, i.indisunique, i.indpred IS NOT NULL, \
         ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) \
               FROM generate_series(1, i.indnkeyatts::int) k) \
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
         WHERE t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (name, primary, unique, partial, of) in indexes.into_iter().filter(|row| is_ours(&row.0)) {
        let table = schema.get_mut(&name).unwrap();
        if primary {
            for (at, column) in (1..).zip(of) {
                table.columns.get_mut(&column).unwrap().2 = at;
            }
        } else {
            assert!(
                table.indexes.insert((unique, of, partial)),
                "an index of {name} twice"
            );
        }
    }
    schema
}

async fn both_files(store: &Store) -> Schema {
    let (Db::Sqlite(log), Db::Sqlite(keys)) = (&store.log, &store.keys) else {
        panic!("SQLite")
    };
    let (mut all, keys) = (sqlite(log).await, sqlite(keys).await);
    for (name, table) in keys {
        assert!(
            name.contains("key") || name == "erased_owner",
            "{name} among the keys"
        );
        assert!(all.insert(name, table).is_none(), "a table in both files");
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_one_schema() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let store = Store::open(&place.url).await.unwrap();
    let Db::Postgres(pool) = &store.log else {
        panic!("PostgreSQL")
    };
    let on_postgres = postgres(pool).await;
    store.close().await;
    let place = Place::sqlite();
    let store = Store::open(&place.url).await.unwrap();
    let on_sqlite = both_files(&store).await;
    store.close().await;
    assert!(on_sqlite.len() >= 20, "{} tables", on_sqlite.len());
    let names = |schema: &Schema| schema.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&on_sqlite), names(&on_postgres));
    for (name, table) in &on_sqlite {
        assert_eq!(table, &on_postgres[name], "{name}");
    }
}

/// With a password beside the URL the store is opened by options: the same tables all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_opened_by_options_has_every_table() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let options = sqlx::postgres::PgConnectOptions::from_str(&place.url).unwrap();
    let store = Store::open_postgres(options, 2).await.unwrap();
    let Db::Postgres(pool) = &store.log else {
        panic!("PostgreSQL")
    };
    let by_options = postgres(pool).await;
    store.close().await;
    let store = Store::open(&place.url).await.unwrap();
    let Db::Postgres(pool) = &store.log else {
        panic!("PostgreSQL")
    };
    assert_eq!(by_options, postgres(pool).await);
    store.close().await;
}

/// Every table that is only added to says so to whoever tries otherwise, in both dialects.
#[tokio::test(flavor = "multi_thread")]
async fn i5_append_only_tables_have_their_triggers() {
    let expected = [
        "destroyed_key",
        "ledger_body",
        "ledger_checkpoint",
        "ledger_leaf",
    ];
    for place in Place::each().await {
        let store = Store::open(&place.url).await.unwrap();
        let rows: Vec<(String,)> = match &store.log {
            Db::Sqlite(pool) => {
                let sql = "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' \
                           ORDER BY 1";
                sqlx::query_as(sql).fetch_all(pool).await.unwrap()
            }
            Db::Postgres(pool) => {
                let sql = "SELECT DISTINCT c.relname::text FROM pg_trigger t \
                           JOIN pg_class c ON c.oid = t.tgrelid \
                           WHERE NOT t.tgisinternal AND t.tgenabled = 'O' ORDER BY 1";
                sqlx::query_as(sql).fetch_all(pool).await.unwrap()
            }
        };
        let guarded: Vec<&str> = rows.iter().map(|(name,)| name.as_str()).collect();
        assert_eq!(guarded, expected, "{}", place.url);
        store.close().await;
    }
}
