//! `/v1/erasures`: the cases, those that came by letter, and approving them.

use super::{StateQuery, WhyForm, answer, officer, refused, to_the_end};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::privacy::erasure;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    issuer: String,
    sub: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    case: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefuseForm {
    ground: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    case: Option<String>,
}

/// `GET /v1/erasures?state=`.
pub(in crate::http) async fn list(
    State(site): State<Site>,
    query: Result<Query<StateQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        erasure::list(site.gateway.ledger(), &officer, &query.state).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `POST /v1/erasures`: files a request that came another way.
pub(in crate::http) async fn file(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let form: FileForm = asked.json().map_err(refused)?;
        let why = WhyForm {
            reason: form.reason,
            case: form.case,
        };
        let access = why.access(&asked.parts.headers);
        let subject = (form.issuer.as_str(), form.sub.as_str());
        let (ledger, access) = (site.gateway.ledger(), access.as_ref());
        let knows = |issuer: &str| site.gateway.knows_issuer(issuer);
        erasure::file(ledger, &officer, subject, access, &knows).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::CREATED, outcome).await
}

/// `GET /v1/erasures/{id}`.
pub(in crate::http) async fn show(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = match officer(&site, &asked) {
        Ok(officer) => erasure::show(site.gateway.ledger(), &officer, &name_of(id)).await,
        Err(refused) => Err(refused),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `POST /v1/erasures/{id}/refuse`.
pub(in crate::http) async fn refuse(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let form: RefuseForm = asked.json().map_err(refused)?;
        let why = WhyForm {
            reason: form.reason,
            case: form.case,
        };
        let access = why.access(&asked.parts.headers);
        let (ledger, access) = (site.gateway.ledger(), access.as_ref());
        erasure::refuse(ledger, &officer, &name_of(id), &form.ground, access).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `POST /v1/erasures/{id}/approve`: approves and carries out.
pub(in crate::http) async fn approve(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = approve_as(&site, &asked, name_of(id)).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn approve_as(site: &Site, asked: &Asked, id: String) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let access = WhyForm::read(asked)?.access(&asked.parts.headers);
    let gateway = Arc::clone(&site.gateway);
    to_the_end(site, async move {
        let terms = gateway.erasure_terms();
        erasure::approve(gateway.ledger(), &officer, &id, access.as_ref(), &terms).await
    })
    .await
}
