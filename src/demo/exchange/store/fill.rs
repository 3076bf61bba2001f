//! Writing the data set, in one transaction: a crash leaves the old one whole. One statement per
//! table takes all its rows as one JSON text, which is many times faster than row by row.

use serde::Serialize;
use sqlx::{Sqlite, Transaction};

use super::{Store, json};
use crate::demo::data::{Customer, Dataset};
use crate::demo::exchange::ExchangeError;

const SCHEMA: &str = "
DROP TABLE IF EXISTS done;
DROP TABLE IF EXISTS desk_case;
DROP TABLE IF EXISTS p2p_dispute;
DROP TABLE IF EXISTS p2p_trade;
DROP TABLE IF EXISTS term;
DROP TABLE IF EXISTS network;
DROP TABLE IF EXISTS desk;
DROP TABLE IF EXISTS activity;
DROP TABLE IF EXISTS trade_order;
DROP TABLE IF EXISTS beneficiary;
DROP TABLE IF EXISTS address;
DROP TABLE IF EXISTS deposit;
DROP TABLE IF EXISTS withdraw;
DROP TABLE IF EXISTS balance;
DROP TABLE IF EXISTS customer;
CREATE TABLE customer (
    uid TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
    phone TEXT UNIQUE, fee_group TEXT NOT NULL, labels TEXT NOT NULL, security TEXT NOT NULL,
    body TEXT NOT NULL) STRICT;
CREATE TABLE balance (
    uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL, free INTEGER NOT NULL,
    locked INTEGER NOT NULL, PRIMARY KEY (uid, currency)) STRICT, WITHOUT ROWID;
CREATE TABLE withdraw (
    tid TEXT PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL,
    state TEXT NOT NULL, at_us INTEGER NOT NULL, locks INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE deposit (
    tid TEXT PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL,
    state TEXT NOT NULL, at_us INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE address (
    uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (uid, currency)) STRICT, WITHOUT ROWID;
CREATE TABLE beneficiary (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, currency TEXT NOT NULL,
    state TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE trade_order (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, market TEXT NOT NULL,
    state TEXT NOT NULL, at_us INTEGER NOT NULL, locked_currency TEXT, locks INTEGER NOT NULL,
    body TEXT NOT NULL) STRICT;
CREATE TABLE activity (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL REFERENCES customer, at_us INTEGER NOT NULL,
    body TEXT NOT NULL) STRICT;
CREATE TABLE desk (
    uid TEXT PRIMARY KEY REFERENCES customer, margin TEXT NOT NULL, liquidations TEXT NOT NULL,
    limits TEXT NOT NULL, fees TEXT NOT NULL) STRICT;
CREATE TABLE network (currency TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE term (currency TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE p2p_trade (
    trade_id TEXT PRIMARY KEY, buyer TEXT NOT NULL REFERENCES customer,
    seller TEXT NOT NULL REFERENCES customer, state TEXT NOT NULL, at_us INTEGER NOT NULL,
    payment TEXT, to_buyer TEXT NOT NULL, to_seller TEXT NOT NULL) STRICT;
CREATE TABLE p2p_dispute (
    number INTEGER PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, request TEXT NOT NULL,
    trade_id TEXT NOT NULL UNIQUE REFERENCES p2p_trade, opener TEXT NOT NULL, other TEXT NOT NULL,
    reason TEXT NOT NULL, statement TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT,
    details TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT;
CREATE TABLE desk_case (
    number INTEGER PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, request TEXT NOT NULL,
    uid TEXT REFERENCES customer, topic TEXT NOT NULL, summary TEXT NOT NULL, withdrawal TEXT,
    state TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT;
CREATE TABLE done (
    idempotency_key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL) STRICT;
CREATE INDEX withdraw_uid ON withdraw (uid, at_us);
CREATE INDEX deposit_uid ON deposit (uid, at_us);
CREATE INDEX beneficiary_uid ON beneficiary (uid);
CREATE INDEX order_uid ON trade_order (uid, at_us);
CREATE INDEX activity_uid ON activity (uid, at_us);
CREATE INDEX p2p_trade_buyer ON p2p_trade (buyer);
CREATE INDEX p2p_trade_seller ON p2p_trade (seller);
";

type Tx = Transaction<'static, Sqlite>;

impl Store {
    pub(super) async fn fill(&self, dataset: &Dataset) -> Result<(), ExchangeError> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *tx).await?;
        let all = &dataset.customers;
        customers_put(&mut tx, all).await?;
        money_put(&mut tx, all).await?;
        transfers_put(&mut tx, all).await?;
        orders_put(&mut tx, all).await?;
        p2p_put(&mut tx, dataset).await?;
        public_put(&mut tx, dataset).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Writes rows, each an array of as many columns as `into` names.
async fn put<Row: Serialize + Sync>(
    tx: &mut Tx,
    into: &'static str,
    rows: &[Row],
) -> Result<(), ExchangeError> {
    let columns = into.matches(',').count();
    let values: Vec<String> = (0..=columns).map(|at| format!("value ->> {at}")).collect();
    let sql = format!(
        "INSERT INTO {into} SELECT {} FROM json_each($1)",
        values.join(", ")
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(json(rows)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

type Made<T> = Result<Vec<T>, serde_json::Error>;

async fn customers_put(tx: &mut Tx, all: &[Customer]) -> Result<(), ExchangeError> {
    let rows: Made<_> = all
        .iter()
        .map(|it| {
            let user = &it.user;
            let phone = user.phones.first().map(|it| it.number.as_str());
            let labels = json(&user.labels)?;
            let (security, body) = (json(&it.security)?, json(user)?);
            Ok((
                &user.uid,
                it.number,
                &user.email,
                phone,
                it.fees.group,
                labels,
                security,
                body,
            ))
        })
        .collect();
    let into = "customer (uid, number, email, phone, fee_group, labels, security, body)";
    put(tx, into, &rows?).await?;
    let activities = all.iter().flat_map(|it| &it.activities);
    let rows: Made<_> = activities
        .map(|it| Ok((it.id, &it.uid, it.at_us, json(it)?)))
        .collect();
    put(tx, "activity (id, uid, at_us, body)", &rows?).await?;
    let rows: Made<_> = all
        .iter()
        .map(|it| {
            let (margin, lost) = (json(&it.margin)?, json(&it.liquidations)?);
            Ok((
                &it.user.uid,
                margin,
                lost,
                json(&it.limits)?,
                json(&it.fees)?,
            ))
        })
        .collect();
    put(tx, "desk (uid, margin, liquidations, limits, fees)", &rows?).await
}

async fn money_put(tx: &mut Tx, all: &[Customer]) -> Result<(), ExchangeError> {
    let balances = all.iter().flat_map(|it| &it.balances);
    let rows: Vec<_> = balances
        .map(|it| {
            let (free, locked) = (it.balance.as_units(), it.locked.as_units());
            (&it.uid, it.currency, free, locked)
        })
        .collect();
    put(tx, "balance (uid, currency, free, locked)", &rows).await?;
    let addresses = all.iter().flat_map(|it| &it.addresses);
    let rows: Made<_> = addresses
        .map(|it| Ok((&it.uid, it.currencies.first(), json(it)?)))
        .collect();
    put(tx, "address (uid, currency, body)", &rows?).await?;
    let beneficiaries = all.iter().flat_map(|it| &it.beneficiaries);
    let rows: Made<_> = beneficiaries
        .map(|it| Ok((it.id, &it.uid, it.currency, it.state, json(it)?)))
        .collect();
    put(tx, "beneficiary (id, uid, currency, state, body)", &rows?).await
}

async fn transfers_put(tx: &mut Tx, all: &[Customer]) -> Result<(), ExchangeError> {
    let withdraws = all.iter().flat_map(|it| &it.withdraws);
    let rows: Made<_> = withdraws
        .map(|it| {
            let whole = it.amount.plus(it.fee).as_units();
            let locks = if it.is_pending() { whole } else { 0 };
            Ok((
                &it.tid,
                &it.uid,
                it.currency,
                it.state,
                it.at_us,
                locks,
                json(it)?,
            ))
        })
        .collect();
    let into = "withdraw (tid, uid, currency, state, at_us, locks, body)";
    put(tx, into, &rows?).await?;
    let deposits = all.iter().flat_map(|it| &it.deposits);
    let rows: Made<_> = deposits
        .map(|it| Ok((&it.tid, &it.uid, it.currency, it.state, it.at_us, json(it)?)))
        .collect();
    put(
        tx,
        "deposit (tid, uid, currency, state, at_us, body)",
        &rows?,
    )
    .await
}

async fn orders_put(tx: &mut Tx, all: &[Customer]) -> Result<(), ExchangeError> {
    let orders = all.iter().flat_map(|customer| {
        customer
            .orders
            .iter()
            .map(move |it| (&customer.user.uid, it))
    });
    let rows: Made<_> = orders
        .map(|(uid, it)| {
            let of = it.locks.map(|(currency, _)| currency);
            let locks = it.locks.map_or(0, |(_, amount)| amount.as_units());
            Ok((
                it.id,
                uid,
                it.market,
                it.state,
                it.at_us,
                of,
                locks,
                json(it)?,
            ))
        })
        .collect();
    let into = "trade_order (id, uid, market, state, at_us, locked_currency, locks, body)";
    put(tx, into, &rows?).await
}

async fn p2p_put(tx: &mut Tx, dataset: &Dataset) -> Result<(), ExchangeError> {
    let rows: Made<_> = dataset
        .trades
        .iter()
        .map(|it| {
            let (buyer, seller) = (&it.buyer.uid, &it.seller.uid);
            let payment = it.payment.as_ref().map(json).transpose()?;
            let views = (json(&it.seen_by(buyer))?, json(&it.seen_by(seller))?);
            Ok((
                &it.trade_id,
                buyer,
                seller,
                it.state,
                it.at_us,
                payment,
                views.0,
                views.1,
            ))
        })
        .collect();
    let into = "p2p_trade (trade_id, buyer, seller, state, at_us, payment, to_buyer, to_seller)";
    put(tx, into, &rows?).await?;
    let rows: Made<_> = dataset
        .disputes
        .iter()
        .map(|it| {
            let key = format!("seed-{}", it.trade_id);
            let (says, details) = ((it.reason, &it.statement), json(&it.details)?);
            let parties = (&it.trade_id, &it.opener, &it.other);
            Ok((
                key, "", parties.0, parties.1, parties.2, says.0, says.1, it.state, it.outcome,
                details, it.at_us,
            ))
        })
        .collect();
    let into = "p2p_dispute (idempotency_key, request, trade_id, opener, other, reason, \
                statement, state, outcome, details, at_us)";
    put(tx, into, &rows?).await?;
    let linked = "UPDATE p2p_trade SET \
        to_buyer = json_set(to_buyer, '$.dispute_id', 'DP-' || (50000 + number)), \
        to_seller = json_set(to_seller, '$.dispute_id', 'DP-' || (50000 + number)) \
        FROM p2p_dispute WHERE p2p_dispute.trade_id = p2p_trade.trade_id";
    sqlx::query(linked).execute(&mut **tx).await?;
    Ok(())
}

async fn public_put(tx: &mut Tx, dataset: &Dataset) -> Result<(), ExchangeError> {
    let networks = dataset.networks.iter();
    let rows: Made<_> = networks.map(|it| Ok((it.currency, json(it)?))).collect();
    put(tx, "network (currency, body)", &rows?).await?;
    let rows: Made<_> = dataset
        .terms
        .iter()
        .map(|it| Ok((it.code, json(it)?)))
        .collect();
    put(tx, "term (currency, body)", &rows?).await
}
