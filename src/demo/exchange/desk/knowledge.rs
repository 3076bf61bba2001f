//! The help pages, with what their editors say among themselves.

use std::cmp::Reverse;
use std::collections::HashMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use serde_json::{Value, json};

use super::{made, wanted};
use crate::demo::exchange::ask::{Fault, Reply};
use crate::demo::exchange::store::Store;

/// How many pages a search gives.
const HITS: usize = 5;
/// Longer questions are refused.
const QUESTION_LIMIT: usize = 400;

type Pairs = Query<HashMap<String, String>>;

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/knowledge/search", get(search))
        .route("/knowledge/articles/{slug}", get(article))
}

/// `en` unless another language is asked for that there is.
fn language(query: &HashMap<String, String>) -> &'static str {
    match query.get("lang").map(String::as_str) {
        Some("ru") => "ru",
        _ => "en",
    }
}

async fn search(State(store): State<Store>, Query(query): Pairs) -> Result<Reply, Fault> {
    let question = wanted(&query, "q")?;
    if question.chars().count() > QUESTION_LIMIT {
        return Err(Fault::invalid("q is too long"));
    }
    let lang = language(&query);
    let pages = store.articles().iter().filter(|it| it.lang == lang);
    let mut found: Vec<_> = pages
        .map(|it| (it.score(question), it))
        .filter(|(score, _)| *score > 0)
        .collect();
    found.sort_by_key(|(score, it)| (Reverse(*score), it.slug));
    let hits: Vec<Value> = found
        .iter()
        .take(HITS)
        .map(|(score, it)| {
            json!({
                "slug": it.slug, "lang": it.lang, "title": it.title, "summary": it.summary,
                "tags": it.tags, "score": score, "editors": it.editors,
            })
        })
        .collect();
    let total = found.len();
    made(
        &json!({ "q": question, "lang": lang, "total": total, "hits": hits }),
        Reply::ok,
    )
}

async fn article(
    State(store): State<Store>,
    Path(slug): Path<String>,
    Query(query): Pairs,
) -> Result<Reply, Fault> {
    let lang = language(&query);
    let mut pages = store.articles().iter();
    match pages.find(|it| it.slug == slug && it.lang == lang) {
        Some(page) => made(page, Reply::ok),
        None => Err(Fault::desk_missing()),
    }
}
