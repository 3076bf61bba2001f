//! Money moved from a balance into the margin of a position.

use serde_json::{Value, json};

use super::{Row, Store};
use crate::demo::data::{Amount, Currency};

/// What came of adding margin.
#[derive(Debug)]
pub(in crate::demo::exchange) enum Added {
    /// It is added, now or by an earlier request of the same key.
    Done(String),
    /// There is no such customer.
    Missing,
    /// No position, another currency, or too little money.
    Unfit,
    /// The key belongs to another request.
    KeyTaken,
}

/// How much to add to whose margin; `key` and `request` tell a repeat from another request.
#[derive(Debug)]
pub(in crate::demo::exchange) struct Add {
    pub(in crate::demo::exchange) uid: String,
    pub(in crate::demo::exchange) currency: Currency,
    pub(in crate::demo::exchange) amount: Amount,
    pub(in crate::demo::exchange) key: String,
    pub(in crate::demo::exchange) request: String,
}

impl Store {
    /// The open positions.
    pub(in crate::demo::exchange) async fn margin(&self, uid: &str) -> Row {
        self.one("SELECT margin FROM desk WHERE uid = $1", uid)
            .await
    }

    /// The positions that were closed by force.
    pub(in crate::demo::exchange) async fn liquidations(&self, uid: &str) -> Row {
        self.one("SELECT liquidations FROM desk WHERE uid = $1", uid)
            .await
    }

    /// Adds margin once per key.
    pub(in crate::demo::exchange) async fn margin_add(
        &self,
        add: &Add,
    ) -> Result<Added, sqlx::Error> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let done: Option<(String, String)> =
            sqlx::query_as("SELECT request, answer FROM done WHERE idempotency_key = $1")
                .bind(&add.key)
                .fetch_optional(&mut *tx)
                .await?;
        if let Some((request, answer)) = done {
            return Ok(if request == add.request {
                Added::Done(answer)
            } else {
                Added::KeyTaken
            });
        }
        let margin: Option<String> = sqlx::query_scalar("SELECT margin FROM desk WHERE uid = $1")
            .bind(&add.uid)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(margin) = margin else {
            return Ok(Added::Missing);
        };
        let Some(margin) = raised(&margin, add.amount) else {
            return Ok(Added::Unfit);
        };
        let taken = sqlx::query(
            "UPDATE balance SET free = free - $3 WHERE uid = $1 AND currency = $2 AND free >= $3",
        )
        .bind(&add.uid)
        .bind(add.currency.code())
        .bind(add.amount.as_units())
        .execute(&mut *tx)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(Added::Unfit);
        }
        let answer = margin.to_string();
        sqlx::query("UPDATE desk SET margin = $2 WHERE uid = $1")
            .bind(&add.uid)
            .bind(&answer)
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO done (idempotency_key, request, answer) VALUES ($1, $2, $3)")
            .bind(&add.key)
            .bind(&add.request)
            .bind(&answer)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Added::Done(answer))
    }
}

/// The margin with so much more in its first position; none without a position. The level rises
/// by what is added over what is needed.
fn raised(margin: &str, by: Amount) -> Option<Value> {
    let mut margin: Value = serde_json::from_str(margin).ok()?;
    let read = |value: Option<&Value>| value.and_then(Value::as_str).and_then(Amount::parse);
    let positions = margin.get("positions")?.as_array()?;
    let needed: Amount = positions
        .iter()
        .filter_map(|it| read(it.get("margin")))
        .sum();
    let level = read(margin.get("margin_level"))?.plus(by.over(needed).cut(4));
    let first = margin.get_mut("positions")?.get_mut(0)?.get_mut("margin")?;
    *first = json!(read(Some(first))?.plus(by));
    *margin.get_mut("margin_level")? = json!(level);
    *margin.get_mut("call")? = json!(level < Amount::milli(500));
    Some(margin)
}
