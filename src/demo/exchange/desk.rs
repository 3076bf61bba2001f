//! The support desk's own service: each endpoint by another hand, so the customer is named in the
//! path, in a header, in the query and in a body. [`margin`], [`p2p`], [`case`] and [`knowledge`]
//! have a file each.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde::Serialize;

use super::ask::{Ask, Fault, Reply};
use super::store::Store;
use crate::demo::data::Currency;

mod case;
mod knowledge;
mod margin;
mod p2p;

pub use case::Case;

const KEY_LIMIT: usize = 255;

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/limits", get(limits))
        .route("/fees", get(fees))
        .route("/networks/{currency}", get(networks))
        .merge(case::router())
        .merge(knowledge::router())
        .merge(margin::router())
        .merge(p2p::router())
}

async fn limits(State(store): State<Store>, headers: HeaderMap) -> Result<Reply, Fault> {
    let uid = header(&headers, "x-member-uid")?;
    store
        .limits(&uid)
        .await?
        .map(Reply::ok)
        .ok_or_else(Fault::desk_missing)
}

async fn fees(
    State(store): State<Store>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Reply, Fault> {
    let uid = wanted(&query, "uid")?;
    store
        .fees(uid)
        .await?
        .map(Reply::ok)
        .ok_or_else(Fault::desk_missing)
}

async fn networks(State(store): State<Store>, Path(code): Path<String>) -> Result<Reply, Fault> {
    let currency = Currency::of_code(&code).ok_or_else(Fault::desk_missing)?;
    store
        .networks(currency)
        .await?
        .map(Reply::ok)
        .ok_or_else(Fault::desk_missing)
}

/// A parameter of the query that must be there.
fn wanted<'a>(query: &'a HashMap<String, String>, name: &str) -> Result<&'a str, Fault> {
    let given = query.get(name).filter(|it| !it.is_empty());
    given
        .map(String::as_str)
        .ok_or_else(|| Fault::invalid(&format!("{name} is missing")))
}

/// An answer made here, in this status.
fn made<T: Serialize>(value: &T, reply: fn(String) -> Reply) -> Result<Reply, Fault> {
    serde_json::to_string(value)
        .map(reply)
        .map_err(|_never| Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

/// A text that must be there, of at most so many characters.
pub(super) fn bounded(ask: &Ask, name: &str, limit: usize) -> Result<String, Fault> {
    let text = ask.need(name)?;
    if text.chars().count() > limit {
        return Err(Fault::invalid(&format!("{name} is too long")));
    }
    Ok(text)
}

/// A header that must be there.
pub(super) fn header(headers: &HeaderMap, name: &str) -> Result<String, Fault> {
    let value = headers.get(name).and_then(|it| it.to_str().ok());
    let value = value.filter(|it| !it.is_empty() && it.len() <= KEY_LIMIT);
    value
        .map(str::to_owned)
        .ok_or_else(|| Fault::invalid(&format!("{name} is missing")))
}
