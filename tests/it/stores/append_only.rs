//! What was recorded stays as it is, whatever statement is tried.

use crate::harness::Place;
use crate::ledger::{lookup, subject};
use tidewaiter::db::Db;

/// Runs a statement by hand; what the database said against it, if it did.
async fn refuses(db: &Db, sql: &str) -> Option<String> {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let done = match db {
        Db::Sqlite(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        Db::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
    };
    done.err().map(|error| error.to_string())
}

/// What the append-only tables hold, as one text.
async fn content(db: &Db) -> String {
    let mut text = String::new();
    for (table, column) in [
        ("ledger_leaf", "line"),
        ("ledger_body", "hex(stored)"),
        ("ledger_checkpoint", "note"),
        ("destroyed_key", "hex(id) || ' ' || at_us || ' ' || done"),
    ] {
        let column = match db {
            Db::Sqlite(_) => column.to_owned(),
            Db::Postgres(_) => column
                .replace("hex(stored)", "encode(stored, 'hex')")
                .replace("hex(id)", "encode(id, 'hex')"),
        };
        let sql = sqlx::AssertSqlSafe(format!("SELECT {column} FROM {table} ORDER BY 1"));
        let rows: Vec<(String,)> = match db {
            Db::Sqlite(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
            Db::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
        };
        for (row,) in rows {
            text.push_str(&row);
            text.push('\n');
        }
    }
    text
}

/// What only a destroyed key may let go, and what nothing may change.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
async fn i5_nothing_that_was_recorded_can_be_changed_by_a_statement() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        open.ledger.append(lookup(1)).await.unwrap();
        open.ledger.checkpoint().await.unwrap();
        let owner = open.ledger.keys().owner_id(&subject(1));
        let (key, _class) = open.ledger.keys().of_owner(&owner).await.unwrap()[0].clone();
        let log = open.ledger.store().log.clone();
        let mut tx = log.begin().await.unwrap();
        tx.destroyed_key_put(&[9; 16], 1).await.unwrap();
        tx.commit().await.unwrap();
        let mut never = vec![
            "DELETE FROM ledger_body WHERE seq = 2",
            "UPDATE destroyed_key SET at_us = 7",
        ];
        let tables = [
            "ledger_leaf",
            "ledger_body",
            "ledger_checkpoint",
            "destroyed_key",
        ];
        let updates = [
            "UPDATE ledger_leaf SET line = line",
            "UPDATE ledger_body SET stored = stored",
            "UPDATE ledger_checkpoint SET note = note",
        ];
        never.extend(updates);
        let deletes = tables.map(|table| format!("DELETE FROM {table}"));
        never.extend(deletes.iter().map(String::as_str));
        let truncates = tables.map(|table| format!("TRUNCATE {table}"));
        let replaces = [
            "INSERT OR REPLACE INTO ledger_leaf SELECT seq, hash, 'x' FROM ledger_leaf",
            "INSERT OR REPLACE INTO ledger_body SELECT seq, key_id, x'00' FROM ledger_body",
            "INSERT OR REPLACE INTO ledger_checkpoint SELECT size, 'x', at_us FROM ledger_checkpoint",
            "INSERT OR REPLACE INTO destroyed_key SELECT id, 0, 0 FROM destroyed_key",
        ];
        match &log {
            Db::Postgres(_) => {
                never.extend(truncates.iter().map(String::as_str));
                never.push("UPDATE destroyed_key SET id = '\\x01'");
            }
            Db::Sqlite(_) => {
                never.extend(replaces);
                never.push("UPDATE destroyed_key SET id = x'01'");
            }
        }
        let mut allowed = Vec::new();
        for sql in never {
            let before = content(&log).await;
            match refuses(&log, sql).await {
                Some(said) => assert!(
                    said.contains("append-only") || said.contains("only when its key is gone"),
                    "{sql}: {said}"
                ),
                // Written again as it is: nothing happens.
                None if sql.contains("REPLACE") => {}
                None => allowed.push(sql),
            }
            assert_eq!(content(&log).await, before, "{sql}");
        }
        assert!(allowed.is_empty(), "{}: {allowed:#?}", place.url);
        let mut tx = log.begin().await.unwrap();
        tx.destroyed_key_put(&key, 1).await.unwrap();
        assert_eq!(
            tx.ledger_body_purge(&key).await.unwrap(),
            1,
            "its key is gone"
        );
        tx.commit().await.unwrap();
        open.crash().await;
    }
}
