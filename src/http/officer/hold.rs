//! `/v1/holds`: placing, seeing, reading what one keeps, and ending it by two.

use super::{AfterQuery, StateQuery, WhyForm, answer, officer, refused, to_the_end};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::privacy::hold::{self, Placing};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldForm {
    issuer: String,
    sub: String,
    basis: String,
    review: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    case: Option<String>,
}

/// `POST /v1/holds`.
pub(in crate::http) async fn place(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let form: HoldForm = asked.json().map_err(refused)?;
        let why = WhyForm {
            reason: form.reason,
            case: form.case,
        };
        let access = why.access(&asked.parts.headers);
        let placing = Placing {
            issuer: form.issuer,
            sub: form.sub,
            basis: form.basis,
            review: form.review,
        };
        let (ledger, access) = (site.gateway.ledger(), access.as_ref());
        let knows = |issuer: &str| site.gateway.knows_issuer(issuer);
        hold::place(ledger, &officer, &placing, access, &knows).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::CREATED, outcome).await
}

/// `GET /v1/holds?state=`.
pub(in crate::http) async fn list(
    State(site): State<Site>,
    query: Result<Query<StateQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        hold::list(site.gateway.ledger(), &officer, &query.state).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/holds/{id}`.
pub(in crate::http) async fn read(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = match officer(&site, &asked) {
        Ok(officer) => hold::read(site.gateway.ledger(), &officer, &name_of(id)).await,
        Err(refused) => Err(refused),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/holds/{id}/records?after=`.
pub(in crate::http) async fn kept(
    State(site): State<Site>,
    id: Named,
    query: Result<Query<AfterQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        let access = WhyForm::default().access(&asked.parts.headers);
        let (ledger, after) = (site.gateway.ledger(), query.after.as_deref());
        hold::kept(ledger, &officer, &name_of(id), after, access.as_ref()).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `POST /v1/holds/{id}/release`.
pub(in crate::http) async fn release(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = release_as(&site, &asked, name_of(id)).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn release_as(site: &Site, asked: &Asked, id: String) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let access = WhyForm::read(asked)?.access(&asked.parts.headers);
    let gateway = Arc::clone(&site.gateway);
    to_the_end(site, async move {
        hold::release(gateway.ledger(), &officer, &id, access.as_ref()).await
    })
    .await
}
