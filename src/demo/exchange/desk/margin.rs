//! Leveraged positions, what was closed by force, and adding margin.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};

use super::header;
use crate::demo::data::{Amount, Currency};
use crate::demo::exchange::ask::{Ask, Fault, Reply};
use crate::demo::exchange::store::{Add, Added, Store};

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/margin/positions/{uid}", get(positions))
        .route("/margin/liquidations/{uid}", get(liquidations))
        .route("/margin/add", post(add))
}

async fn positions(State(store): State<Store>, Path(uid): Path<String>) -> Result<Reply, Fault> {
    let body = store.margin(&uid).await?;
    body.map(Reply::ok).ok_or_else(Fault::desk_missing)
}

async fn liquidations(State(store): State<Store>, Path(uid): Path<String>) -> Result<Reply, Fault> {
    let body = store.liquidations(&uid).await?;
    body.map(Reply::ok).ok_or_else(Fault::desk_missing)
}

/// Takes money from a balance, once per `Idempotency-Key`. Positions are margined in USDT.
async fn add(State(store): State<Store>, headers: HeaderMap, ask: Ask) -> Result<Reply, Fault> {
    let key = header(&headers, "idempotency-key")?;
    let (uid, amount) = (ask.need("uid")?, Amount::parse(&ask.need("amount")?));
    let currency = Currency::of_code(&ask.need("currency")?);
    let (Some(amount), Some(currency @ Currency::Usdt)) = (amount, currency) else {
        return Err(Fault::invalid(
            "amount or currency does not have a valid value",
        ));
    };
    if amount <= Amount::default() {
        return Err(Fault::invalid("amount does not have a valid value"));
    }
    let add = Add {
        uid,
        currency,
        amount,
        key,
        request: ask.into_value().to_string(),
    };
    match store.margin_add(&add).await? {
        Added::Done(body) => Ok(Reply::created(body)),
        Added::Missing => Err(Fault::desk_missing()),
        Added::Unfit => Err(Fault::invalid("no position, or not enough money")),
        Added::KeyTaken => Err(Fault::invalid(
            "Idempotency-Key was used for another request",
        )),
    }
}
