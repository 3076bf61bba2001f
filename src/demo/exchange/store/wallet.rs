//! Money that is held and let go again: balances, withdrawals, orders.

use serde_json::{Value, json};
use sqlx::{Sqlite, Transaction};

use super::{Row, Rows, Store, Wanted};
use crate::demo::data::time::iso;
use crate::demo::data::{Amount, Currency};

/// What came of stopping something.
#[derive(Debug)]
pub(in crate::demo::exchange) enum Stopped {
    /// It is stopped; what it is now.
    Done(String),
    /// It is too late.
    Late,
    /// There is none.
    Missing,
}

/// The states in which a withdrawal can still be called back.
const OPEN: &str = "'prepared', 'submitted', 'accepted', 'skipped', 'errored'";

impl Store {
    /// Peatio's `Balance`.
    pub(in crate::demo::exchange) async fn balance(&self, uid: &str, currency: Currency) -> Row {
        let sql = "SELECT free, locked FROM balance WHERE uid = $1 AND currency = $2";
        let row: Option<(i64, i64)> = sqlx::query_as(sql)
            .bind(uid)
            .bind(currency.code())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(free, locked)| {
            let (free, locked) = (Amount::units(free), Amount::units(locked));
            json!({ "uid": uid, "balance": free, "locked": locked }).to_string()
        }))
    }

    /// Peatio's `Member` with all accounts, as its administration shows it.
    pub(in crate::demo::exchange) async fn member(&self, uid: &str) -> Row {
        let sql = "SELECT number, fee_group, body FROM customer WHERE uid = $1";
        let row: Option<(i64, String, String)> = sqlx::query_as(sql)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?;
        let Some((number, group, body)) = row else {
            return Ok(None);
        };
        let sql = "SELECT b.currency, b.free, b.locked, a.body FROM balance b LEFT JOIN address a \
                   ON a.uid = b.uid AND a.currency = b.currency WHERE b.uid = $1 ORDER BY b.currency";
        let rows: Vec<(String, i64, i64, Option<String>)> =
            sqlx::query_as(sql).bind(uid).fetch_all(&self.pool).await?;
        let accounts: Vec<Value> = rows
            .into_iter()
            .map(|(currency, free, locked, address)| {
                json!({
                    "currency": currency,
                    "balance": Amount::units(free),
                    "locked": Amount::units(locked),
                    "deposit_address": address.and_then(|it| serde_json::from_str::<Value>(&it).ok()),
                })
            })
            .collect();
        let user: Value = serde_json::from_str(&body).unwrap_or_default();
        let of = |name: &str| user.get(name).cloned().unwrap_or_default();
        let member = json!({
            "id": number, "uid": uid, "email": of("email"), "level": of("level"),
            "role": of("role"), "state": of("state"), "group": group, "accounts": accounts,
            "created_at": of("created_at"), "updated_at": of("updated_at"),
        });
        Ok(Some(member.to_string()))
    }

    /// A deposit by its id.
    pub(in crate::demo::exchange) async fn deposit(&self, tid: &str) -> Row {
        self.one("SELECT body FROM deposit WHERE tid = $1", tid)
            .await
    }

    /// A customer's address for a coin.
    pub(in crate::demo::exchange) async fn address(&self, uid: &str, currency: Currency) -> Row {
        sqlx::query_scalar("SELECT body FROM address WHERE uid = $1 AND currency = $2")
            .bind(uid)
            .bind(currency.code())
            .fetch_optional(&self.pool)
            .await
    }

    /// Whitelisted destinations.
    pub(in crate::demo::exchange) async fn beneficiaries(&self, wanted: &Wanted) -> Rows {
        let sql = "SELECT body FROM beneficiary WHERE ($1 IS NULL OR uid = $1) \
                   AND ($2 IS NULL OR currency = $2) AND ($3 IS NULL OR state = $3) \
                   ORDER BY id LIMIT $4 OFFSET $5";
        self.many(sql, wanted).await
    }

    /// What a currency costs.
    pub(in crate::demo::exchange) async fn terms(&self, currency: Currency) -> Row {
        self.one("SELECT body FROM term WHERE currency = $1", currency.code())
            .await
    }

    /// The trades of orders, newest first.
    pub(in crate::demo::exchange) async fn trades(&self, wanted: &Wanted) -> Rows {
        let sql = "SELECT it.value FROM trade_order, json_each(trade_order.body, '$.trades') AS it \
                   WHERE ($1 IS NULL OR uid = $1) AND ($2 IS NULL OR market = $2) \
                   AND ($3 IS NULL OR state = $3) ORDER BY at_us DESC, trade_order.id \
                   LIMIT $4 OFFSET $5";
        self.many(sql, wanted).await
    }

    /// Calls a withdrawal back: whoever's it is.
    pub(in crate::demo::exchange) async fn withdraw_cancel(
        &self,
        tid: &str,
    ) -> Result<Stopped, sqlx::Error> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "SELECT uid, currency, locks FROM withdraw WHERE tid = $1";
        let row: Option<(String, String, i64)> = sqlx::query_as(sql)
            .bind(tid)
            .fetch_optional(&mut *tx)
            .await?;
        let Some((uid, currency, locks)) = row else {
            return Ok(Stopped::Missing);
        };
        let sql = format!(
            "UPDATE withdraw SET state = 'canceled', locks = 0, \
             body = json_set(body, '$.state', 'canceled') WHERE tid = $1 AND state IN ({OPEN}) \
             RETURNING body"
        );
        let body: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(tid)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(body) = body else {
            return Ok(Stopped::Late);
        };
        release(&mut tx, &uid, &currency, locks).await?;
        tx.commit().await?;
        Ok(Stopped::Done(body))
    }

    /// Cancels an order: whoever's it is.
    pub(in crate::demo::exchange) async fn order_cancel(
        &self,
        id: i64,
    ) -> Result<Stopped, sqlx::Error> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "SELECT uid, locked_currency, locks FROM trade_order WHERE id = $1";
        let row: Option<(String, Option<String>, i64)> = sqlx::query_as(sql)
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        let Some((uid, currency, locks)) = row else {
            return Ok(Stopped::Missing);
        };
        let sql = "UPDATE trade_order SET state = 'cancel', locks = 0, \
                   body = json_set(body, '$.state', 'cancel', '$.updated_at', $2) \
                   WHERE id = $1 AND state = 'wait' RETURNING body";
        let body: Option<String> = sqlx::query_scalar(sql)
            .bind(id)
            .bind(iso(self.now_us()))
            .fetch_optional(&mut *tx)
            .await?;
        let Some(body) = body else {
            return Ok(Stopped::Late);
        };
        if let Some(currency) = currency {
            release(&mut tx, &uid, &currency, locks).await?;
        }
        tx.commit().await?;
        Ok(Stopped::Done(body))
    }
}

/// Makes held money free again.
async fn release(
    tx: &mut Transaction<'static, Sqlite>,
    uid: &str,
    currency: &str,
    units: i64,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE balance SET free = free + $3, locked = locked - $3 \
               WHERE uid = $1 AND currency = $2";
    sqlx::query(sql)
        .bind(uid)
        .bind(currency)
        .bind(units)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
