//! A batch of plain records on `SQLite`, written in one go.
//!
//! The driver hands every statement to a thread of its own and back. So where nothing has to be
//! read first, a whole transaction goes there as one text, from `BEGIN` to `COMMIT`. What the
//! longer way reads and then decides is here a condition of the head's move, looked at by the
//! database inside the transaction: the head is the one this process wrote last, no key is
//! destroyed, every conversation is open. If one does not hold, nothing was written, and the batch
//! goes the longer way. A head that is the same means a log that is the same, and so are the
//! counters of its tags.

use super::Sealed;
use crate::db::Result;
use crate::ledger::store::{BodyRow, Head, LeafRow, placeholders};
use sqlx::error::ErrorKind;
use sqlx::{AssertSqlSafe, Executor, SqlitePool};
use std::collections::BTreeSet;
use std::fmt::Write;
use tidewaiter_audit::Leaf;

/// Up to here there is a text for every number of records; above, for every 32.
const EXACT: usize = 64;
const STEP: usize = 32;

/// The most records, of so many, that one text is there for.
pub(super) fn fitting(records: usize) -> usize {
    if records <= EXACT {
        records
    } else {
        records - records % STEP
    }
}

/// What must hold inside the transaction.
pub(super) struct Conditions {
    keys: Vec<[u8; 16]>,
    chats: Vec<[u8; 16]>,
    /// How many of them are open, and 2^32 for each that is a guest's.
    open: i64,
}

impl Conditions {
    /// What the drafts need; none of them may have effects.
    pub(super) fn of(drafts: &[Sealed]) -> Self {
        let keys: BTreeSet<[u8; 16]> = drafts.iter().map(|draft| draft.key_id).collect();
        let guards = drafts.iter().filter_map(|draft| draft.guard.as_ref());
        let chats: BTreeSet<([u8; 16], bool)> =
            guards.filter_map(|guard| guard.conversation).collect();
        let open = chats
            .iter()
            .map(|(_id, guest)| 1 + (i64::from(*guest) << 32));
        Self {
            keys: keys.into_iter().collect(),
            open: open.sum(),
            chats: chats.into_iter().map(|(id, _guest)| id).collect(),
        }
    }
}

/// Writes it all, or nothing; false if a condition did not hold.
///
/// An error may come after the commit, like any: then nobody knows whether it was written.
pub(super) async fn write(
    pool: &SqlitePool,
    conditions: &Conditions,
    tags: &[([u8; 16], i64)],
    rows: (&[LeafRow], &[BodyRow]),
    heads: (&Head, &Head),
) -> Result<bool> {
    let ((leaves, bodies), (from, to)) = (rows, heads);
    let records = leaves.len();
    let mut query = sqlx::query(AssertSqlSafe(text(records)));
    query = query
        .bind(to.size)
        .bind(to.hash.as_slice())
        .bind(to.time_us);
    query = query
        .bind(from.size)
        .bind(from.hash.as_slice())
        .bind(from.generation);
    query = query.bind(conditions.open);
    // Every list is as long as the text for so many records wants it: the last is there again.
    for list in [&conditions.keys, &conditions.chats] {
        let last = list.last().map(<[u8; 16]>::as_slice).unwrap_or_default();
        let all = list.iter().map(<[u8; 16]>::as_slice);
        for id in all.chain(std::iter::repeat(last)).take(records) {
            query = query.bind(id);
        }
    }
    let last = tags.last();
    for (tag, n) in tags.iter().chain(last.into_iter().cycle()).take(records) {
        query = query.bind(tag.as_slice()).bind(*n);
    }
    for row in leaves {
        query = query
            .bind(row.seq)
            .bind(row.hash.as_slice())
            .bind(row.line.as_str());
    }
    for row in bodies {
        query = query
            .bind(row.seq)
            .bind(row.key_id.as_slice())
            .bind(row.stored.as_slice());
    }
    let mut connection = pool.acquire().await?;
    let Err(error) = query.execute(&mut *connection).await else {
        return Ok(true);
    };
    // If it does not work there was none, or the connection is of no more use.
    let rolled_back = connection.execute("ROLLBACK").await;
    let refused = error
        .as_database_error()
        .map(sqlx::error::DatabaseError::kind);
    if matches!(refused, Some(ErrorKind::CheckViolation)) && rolled_back.is_ok() {
        return Ok(false);
    }
    Err(error)
}

/// The transaction for so many records.
fn text(records: usize) -> String {
    let mut sql = String::with_capacity(512 + records * 96);
    sql.push_str(
        "BEGIN IMMEDIATE;\nUPDATE ledger_head SET size = $1, hash = $2, time_us = $3 \
         WHERE id = 1 AND size = $4 AND hash = $5 AND generation = $6 \
         AND NOT EXISTS (SELECT 1 FROM destroyed_key WHERE id IN",
    );
    sql += &placeholders("", 7, 1, records, ") ");
    sql.push_str(
        "AND $7 = (SELECT COUNT(*) + 4294967296 * COALESCE(SUM(guest), 0) FROM conversation \
         WHERE closed = 0 AND id IN",
    );
    sql += &placeholders("", 7 + records, 1, records, ");\n");
    // The only head has the id 1: this is refused, and nothing after it is done.
    sql.push_str(
        "INSERT INTO ledger_head (id, log, size, hash, time_us, generation) \
         SELECT 2, '', 0, x'', 0, 0 WHERE changes() = 0;\n",
    );
    let tags = 7 + 2 * records;
    sql += &placeholders(
        "INSERT INTO ledger_tag (tag, n) VALUES",
        tags,
        records,
        2,
        " ON CONFLICT (tag) DO UPDATE SET n = excluded.n;\n",
    );
    let (leaves, bodies) = (tags + 2 * records, tags + 5 * records);
    for (table, columns, from) in [
        ("ledger_leaf", "seq, hash, line", leaves),
        ("ledger_body", "seq, key_id, stored", bodies),
    ] {
        // Writing to a String cannot fail.
        let _infallible = write!(sql, "INSERT INTO {table} ({columns}) VALUES");
        sql += &placeholders("", from, records, 3, ";\n");
    }
    sql.push_str("COMMIT");
    sql
}

/// The tags of the leaves, each once, in their order.
pub(super) fn tags<'l>(leaves: impl Iterator<Item = &'l Leaf>) -> Vec<[u8; 16]> {
    let all: BTreeSet<[u8; 16]> = leaves.map(|leaf| leaf.tag).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_texts_are_enough() {
        for records in 1..=512 {
            let fits = fitting(records);
            assert!(
                (1..=records).contains(&fits) && records - fits < STEP,
                "{records}"
            );
        }
        let texts: BTreeSet<usize> = (1..=512).map(fitting).collect();
        assert!(texts.len() < 80, "{}", texts.len());
    }

    #[test]
    fn every_parameter_is_named_and_none_twice_but_those_of_the_lists() {
        for records in [1, 2, 17] {
            let text = text(records);
            for n in 1..=7 + 10 * records {
                let after = |c: char| !c.is_ascii_digit();
                let name = format!("${n}");
                let named = text.match_indices(&name);
                let named = named.filter(|(at, found)| {
                    let (_before, rest) = text.split_at(at + found.len());
                    rest.starts_with(after)
                });
                assert_eq!(named.count(), 1, "${n} in {text}");
            }
        }
    }
}
