//! The support desk's own service: each endpoint by another hand, so the customer is named in the
//! path, in a header, in the query and in a body.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use serde::Serialize;

use super::ask::{Ask, Fault, Reply};
use super::store::{NewCase, Opened, Store};
use crate::demo::data::Currency;

const KEY_LIMIT: usize = 255;
const TOPIC_LIMIT: usize = 64;
const SUMMARY_LIMIT: usize = 4_000;

/// A case a person will take up. The answer shows the first five fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// `CS-100001`…
    pub case_id: String,
    /// Whose; none for a guest's.
    pub uid: Option<String>,
    /// What about.
    pub topic: String,
    /// `open`.
    pub state: String,
    /// ISO 8601.
    pub created_at: String,
    /// What the person should know.
    #[serde(skip)]
    pub summary: String,
    /// The withdrawal it is about.
    #[serde(skip)]
    pub withdrawal: Option<String>,
    /// The key it was opened under.
    #[serde(skip)]
    pub idempotency_key: String,
}

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/margin/positions/{uid}", get(positions))
        .route("/limits", get(limits))
        .route("/fees", get(fees))
        .route("/networks/{currency}", get(networks))
        .route("/cases", post(open_case))
}

async fn positions(State(store): State<Store>, Path(uid): Path<String>) -> Result<Reply, Fault> {
    store
        .margin(&uid)
        .await?
        .map(Reply::ok)
        .ok_or_else(Fault::desk_missing)
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
    let uid = query
        .get("uid")
        .ok_or_else(|| Fault::invalid("uid is missing"))?;
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

/// Opens a case once per `Idempotency-Key`; a repeat gets the first one's answer.
async fn open_case(
    State(store): State<Store>,
    headers: HeaderMap,
    ask: Ask,
) -> Result<Reply, Fault> {
    let key = header(&headers, "idempotency-key")?;
    let new = NewCase {
        uid: ask.text("uid")?,
        topic: bounded(&ask, "topic", TOPIC_LIMIT)?,
        summary: bounded(&ask, "summary", SUMMARY_LIMIT)?,
        withdrawal: ask.text("withdrawal")?,
        key,
        request: ask.into_value().to_string(),
    };
    if let Some(uid) = &new.uid
        && !store.knows(uid).await?
    {
        return Err(Fault::desk_missing());
    }
    if let Some(tid) = &new.withdrawal
        && store.withdraw(tid).await?.is_none()
    {
        return Err(Fault::desk_missing());
    }
    match store.case_open(&new).await? {
        Opened::Case(case) => match serde_json::to_string(&*case) {
            Ok(body) => Ok(Reply::created(body)),
            Err(_) => Err(Fault::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal Server Error",
            )),
        },
        Opened::KeyTaken => Err(Fault::invalid(
            "Idempotency-Key was used for another request",
        )),
    }
}

fn bounded(ask: &Ask, name: &str, limit: usize) -> Result<String, Fault> {
    let text = ask.need(name)?;
    if text.chars().count() > limit {
        return Err(Fault::invalid(&format!("{name} is too long")));
    }
    Ok(text)
}

fn header(headers: &HeaderMap, name: &str) -> Result<String, Fault> {
    let value = headers.get(name).and_then(|it| it.to_str().ok());
    let value = value.filter(|it| !it.is_empty() && it.len() <= KEY_LIMIT);
    value
        .map(str::to_owned)
        .ok_or_else(|| Fault::invalid(&format!("{name} is missing")))
}
