//! P2P trades: lists by party, a payment for whoever names a trade, disputes.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::routing::get;
use serde_json::json;

use super::{bounded, header, made, wanted};
use crate::demo::data::p2p::DISPUTE_REASONS;
use crate::demo::exchange::ask::{Ask, Fault, Reply};
use crate::demo::exchange::store::{Disputed, NewDispute, Store};

const STATEMENT_LIMIT: usize = 2_000;
const MOST: i64 = 100;

type Pairs = Query<HashMap<String, String>>;

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/p2p/trades", get(trades))
        .route("/p2p/trades/{trade_id}/payment", get(payment))
        .route("/p2p/disputes", get(disputes).post(open))
}

async fn trades(State(store): State<Store>, Query(query): Pairs) -> Result<Reply, Fault> {
    let uid = wanted(&query, "uid")?;
    let limit = query.get("limit").map_or(Ok(MOST), |it| it.parse());
    let Ok(limit @ 1..=MOST) = limit else {
        return Err(Fault::invalid("limit does not have a valid value"));
    };
    if !store.knows(uid).await? {
        return Err(Fault::desk_missing());
    }
    let state = query.get("state").map(String::as_str);
    Ok(Reply::list(&store.p2p_trades(uid, state, limit).await?))
}

/// The bank's notice, to whoever names the trade.
async fn payment(State(store): State<Store>, Path(trade_id): Path<String>) -> Result<Reply, Fault> {
    let body = store.p2p_payment(&trade_id).await?;
    body.map(Reply::ok).ok_or_else(Fault::desk_missing)
}

async fn disputes(State(store): State<Store>, Query(query): Pairs) -> Result<Reply, Fault> {
    let uid = wanted(&query, "uid")?;
    if !store.knows(uid).await? {
        return Err(Fault::desk_missing());
    }
    let disputes = store.p2p_disputes(uid).await?;
    made(&json!({ "uid": uid, "disputes": disputes }), Reply::ok)
}

/// Opens a dispute in whoever's name, once per trade.
async fn open(State(store): State<Store>, headers: HeaderMap, ask: Ask) -> Result<Reply, Fault> {
    let key = header(&headers, "idempotency-key")?;
    let Some(reason) = ask.one_of("reason", DISPUTE_REASONS)? else {
        return Err(Fault::invalid("reason is missing"));
    };
    let new = NewDispute {
        uid: ask.need("uid")?,
        trade_id: ask.need("trade_id")?,
        reason,
        statement: bounded(&ask, "statement", STATEMENT_LIMIT)?,
        key,
        request: ask.into_value().to_string(),
    };
    if !store.knows(&new.uid).await? {
        return Err(Fault::desk_missing());
    }
    match store.dispute_open(&new).await? {
        Disputed::Open(dispute) => made(&*dispute, Reply::created),
        Disputed::Missing => Err(Fault::desk_missing()),
        Disputed::Late => Err(Fault::invalid("trade.state_invalid")),
        Disputed::KeyTaken => Err(Fault::invalid(
            "Idempotency-Key was used for another request",
        )),
    }
}
