//! Cases: what is handed over to a person.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};

use super::{bounded, header, made, wanted};
use crate::demo::exchange::ask::{Ask, Fault, Reply};
use crate::demo::exchange::store::{NewCase, Opened, Store};

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
    Router::new().route("/cases", get(cases).post(open_case))
}

/// A customer's cases with everything staff put beside them.
async fn cases(
    State(store): State<Store>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Reply, Fault> {
    let uid = wanted(&query, "uid")?;
    if !store.knows(uid).await? {
        return Err(Fault::desk_missing());
    }
    let cases: Vec<Value> = store
        .cases_of(uid)
        .await?
        .iter()
        .map(|it| {
            json!({
                "case_id": it.case_id, "topic": it.topic, "state": it.state,
                "created_at": it.created_at, "summary": it.summary, "withdrawal": it.withdrawal,
                "assignee": { "uid": "IDSTAFF00040", "queue": "second line" },
                "internal_notes": ["Check for a second account before answering."],
            })
        })
        .collect();
    made(&json!({ "uid": uid, "cases": cases }), Reply::ok)
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
        Opened::Case(case) => made(&*case, Reply::created),
        Opened::KeyTaken => Err(Fault::invalid(
            "Idempotency-Key was used for another request",
        )),
    }
}
