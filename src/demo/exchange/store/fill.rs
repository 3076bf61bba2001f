//! Writing the data set, in one transaction: a crash leaves the old one whole.

use sqlx::{Sqlite, Transaction};

use super::{Store, json};
use crate::demo::data::{Customer, Dataset};
use crate::demo::exchange::ExchangeError;

const SCHEMA: &str = "
DROP TABLE IF EXISTS desk_case;
DROP TABLE IF EXISTS network;
DROP TABLE IF EXISTS desk;
DROP TABLE IF EXISTS trade_order;
DROP TABLE IF EXISTS deposit;
DROP TABLE IF EXISTS withdraw;
DROP TABLE IF EXISTS balance;
DROP TABLE IF EXISTS customer;
CREATE TABLE customer (
    uid TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
    phone TEXT UNIQUE, labels TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE balance (
    uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (uid, currency)) STRICT, WITHOUT ROWID;
CREATE TABLE withdraw (
    tid TEXT PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL,
    state TEXT NOT NULL, at_us INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE deposit (
    tid TEXT PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL,
    state TEXT NOT NULL, at_us INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE trade_order (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, market TEXT NOT NULL,
    state TEXT NOT NULL, at_us INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE desk (
    uid TEXT PRIMARY KEY REFERENCES customer, margin TEXT NOT NULL, limits TEXT NOT NULL,
    fees TEXT NOT NULL) STRICT;
CREATE TABLE network (currency TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE desk_case (
    number INTEGER PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, request TEXT NOT NULL,
    uid TEXT REFERENCES customer, topic TEXT NOT NULL, summary TEXT NOT NULL, withdrawal TEXT,
    state TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT;
";

type Tx = Transaction<'static, Sqlite>;

impl Store {
    pub(super) async fn fill(&self, dataset: &Dataset) -> Result<(), ExchangeError> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *tx).await?;
        for customer in &dataset.customers {
            customer_put(&mut tx, customer).await?;
            transfers_put(&mut tx, customer).await?;
        }
        for it in &dataset.networks {
            sqlx::query("INSERT INTO network (currency, body) VALUES ($1, $2)")
                .bind(it.currency.code())
                .bind(json(it)?)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

async fn customer_put(tx: &mut Tx, customer: &Customer) -> Result<(), ExchangeError> {
    let user = &customer.user;
    sqlx::query(
        "INSERT INTO customer (uid, number, email, phone, labels, body) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&user.uid)
    .bind(i64::try_from(customer.number).unwrap_or(i64::MAX))
    .bind(&user.email)
    .bind(user.phones.first().map(|it| it.number.as_str()))
    .bind(json(&user.labels)?)
    .bind(json(user)?)
    .execute(&mut **tx)
    .await?;
    for it in &customer.balances {
        sqlx::query("INSERT INTO balance (uid, currency, body) VALUES ($1, $2, $3)")
            .bind(&it.uid)
            .bind(it.currency.code())
            .bind(json(it)?)
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query("INSERT INTO desk (uid, margin, limits, fees) VALUES ($1, $2, $3, $4)")
        .bind(&user.uid)
        .bind(json(&customer.margin)?)
        .bind(json(&customer.limits)?)
        .bind(json(&customer.fees)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn transfers_put(tx: &mut Tx, customer: &Customer) -> Result<(), ExchangeError> {
    let withdraws = customer.withdraws.iter().map(|it| {
        let sql = "INSERT INTO withdraw (tid, uid, currency, state, at_us, body) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        Ok((sql, &it.tid, it.currency, it.state, it.at_us, json(it)?))
    });
    let deposits = customer.deposits.iter().map(|it| {
        let sql = "INSERT INTO deposit (tid, uid, currency, state, at_us, body) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        Ok((sql, &it.tid, it.currency, it.state, it.at_us, json(it)?))
    });
    let rows: Result<Vec<_>, serde_json::Error> = withdraws.chain(deposits).collect();
    for (sql, tid, currency, state, at_us, body) in rows? {
        sqlx::query(sql)
            .bind(tid)
            .bind(&customer.user.uid)
            .bind(currency.code())
            .bind(state)
            .bind(at_us)
            .bind(body)
            .execute(&mut **tx)
            .await?;
    }
    for it in &customer.orders {
        sqlx::query(
            "INSERT INTO trade_order (id, uid, market, state, at_us, body) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(i64::try_from(it.id).unwrap_or(i64::MAX))
        .bind(&customer.user.uid)
        .bind(it.market)
        .bind(it.state)
        .bind(it.at_us)
        .bind(json(it)?)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
