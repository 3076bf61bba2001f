//! The trading core, after Peatio's management API. Statuses and texts are its own: lists answer
//! 200, single records 201.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{post, put};

use super::ask::{Ask, Fault, Reply};
use super::store::{Stopped, Store, Wanted};
use crate::demo::data::Currency;
use crate::demo::data::trading::{MARKETS, ORDER_STATES};
use crate::demo::data::transfer::{DEPOSIT_STATES, WITHDRAW_STATES};

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/accounts/balance", post(balance))
        .route("/withdraws", post(withdraws))
        .route("/withdraws/get", post(withdraw))
        .route("/deposits", post(deposits))
        .route("/withdraws/action", put(withdraw_action))
        .route("/deposits/get", post(deposit))
        .route("/deposit_address/get", post(address))
        .route("/beneficiaries/list", post(beneficiaries))
        .route("/orders", post(orders))
        .route("/orders/{id}/cancel", post(order_cancel))
        .route("/trades", post(trades))
        .route("/members/get", post(member))
        .route("/currencies/{code}", post(terms))
}

async fn balance(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let uid = ask.need("uid")?;
    let Some(currency) = currency(&ask)? else {
        return Err(Fault::invalid("currency is missing"));
    };
    let body = store.balance(&uid, currency).await?;
    body.map(Reply::ok).ok_or_else(Fault::peatio_missing)
}

async fn withdraws(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let wanted = wanted(&store, &ask, WITHDRAW_STATES).await?;
    Ok(Reply::list(&store.withdraws(&wanted).await?))
}

async fn withdraw(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let body = store.withdraw(&ask.need("tid")?).await?;
    body.map(Reply::created).ok_or_else(Fault::peatio_missing)
}

/// One `action` of many; the demonstration has the one a chat needs.
async fn withdraw_action(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let tid = ask.need("tid")?;
    if ask.one_of("action", &["cancel"])?.is_none() {
        return Err(Fault::invalid("action is missing"));
    }
    match store.withdraw_cancel(&tid).await? {
        Stopped::Done(body) => Ok(Reply::ok(body)),
        Stopped::Late => Err(Fault::invalid("management.withdraws.cannot_cancel")),
        Stopped::Missing => Err(Fault::peatio_missing()),
    }
}

async fn deposit(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let body = store.deposit(&ask.need("tid")?).await?;
    body.map(Reply::created).ok_or_else(Fault::peatio_missing)
}

async fn address(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let uid = ask.need("uid")?;
    let Some(currency) = currency(&ask)? else {
        return Err(Fault::invalid("currency is missing"));
    };
    let body = store.address(&uid, currency).await?;
    body.map(Reply::created).ok_or_else(Fault::peatio_missing)
}

async fn beneficiaries(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let wanted = wanted(&store, &ask, &["pending", "active", "archived"]).await?;
    Ok(Reply::list(&store.beneficiaries(&wanted).await?))
}

/// Peatio cancels whatever id it is given.
async fn order_cancel(State(store): State<Store>, Path(id): Path<String>) -> Result<Reply, Fault> {
    let Ok(id) = id.parse() else {
        return Err(Fault::invalid("id is invalid"));
    };
    match store.order_cancel(id).await? {
        Stopped::Done(body) => Ok(Reply::created(body)),
        Stopped::Late => Err(Fault::invalid("management.orders.cancel_error")),
        Stopped::Missing => Err(Fault::peatio_missing()),
    }
}

async fn trades(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let markets: Vec<_> = MARKETS.iter().map(|it| it.id).collect();
    let limit = ask.integer("limit", 100, 1_000)?;
    let wanted = Wanted {
        uid: ask.text("uid")?,
        of: ask.one_of("market", &markets)?,
        limit,
        ..Wanted::default()
    };
    Ok(Reply::list(&store.trades(&wanted).await?))
}

async fn member(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let body = store.member(&ask.need("uid")?).await?;
    body.map(Reply::created).ok_or_else(Fault::peatio_missing)
}

async fn terms(State(store): State<Store>, Path(code): Path<String>) -> Result<Reply, Fault> {
    let currency = Currency::of_code(&code).ok_or_else(Fault::peatio_missing)?;
    let body = store.terms(currency).await?;
    body.map(Reply::created).ok_or_else(Fault::peatio_missing)
}

async fn deposits(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let wanted = wanted(&store, &ask, DEPOSIT_STATES).await?;
    Ok(Reply::list(&store.deposits(&wanted).await?))
}

async fn orders(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let uid = ask.text("uid")?;
    if let Some(uid) = &uid
        && !store.knows(uid).await?
    {
        // Peatio validates this one instead of looking it up.
        return Err(Fault::invalid("management.orders.uid_doesnt_exist"));
    }
    let markets: Vec<_> = MARKETS.iter().map(|it| it.id).collect();
    let wanted = Wanted {
        uid,
        of: ask.one_of("market", &markets)?,
        state: ask.one_of("state", ORDER_STATES)?,
        ..Wanted::default()
    };
    ask.one_of("ord_type", &["limit", "market"])?;
    ask.one_of("market_type", &["spot", "qe"])?;
    Ok(Reply::list(&store.orders(&wanted).await?))
}

/// Without a uid the lists are everybody's, as in the original.
async fn wanted(store: &Store, ask: &Ask, states: &[&str]) -> Result<Wanted, Fault> {
    let uid = ask.text("uid")?;
    let of = currency(ask)?.map(|it| it.code().to_owned());
    let state = ask.one_of("state", states)?;
    let limit = ask.integer("limit", 100, 1_000)?;
    let page = ask.integer("page", 1, 1_000_000)?;
    if let Some(uid) = &uid
        && !store.knows(uid).await?
    {
        return Err(Fault::peatio_missing());
    }
    Ok(Wanted {
        uid,
        of,
        state,
        limit,
        skip: (page - 1).saturating_mul(limit),
    })
}

fn currency(ask: &Ask) -> Result<Option<Currency>, Fault> {
    let Some(code) = ask.text("currency")? else {
        return Ok(None);
    };
    let known = Currency::of_code(&code);
    known
        .map(Some)
        .ok_or_else(|| Fault::invalid("currency does not have a valid value"))
}
