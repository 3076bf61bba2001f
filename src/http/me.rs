//! Customers' routes, for the exchange's app: who looked, erasure, and what came of it.

use super::Site;
use super::asked::Asked;
use super::officer::{AfterQuery, answer, refused};
use super::rest::{Named, name_of};
use crate::gateway::{Refusal, Refused};
use crate::privacy::lookups::{Names, of_customer};
use crate::privacy::{erasure, own};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NothingForm {}

/// `GET /v1/me/lookups?after=`.
pub(super) async fn lookups(
    State(site): State<Site>,
    query: Result<Query<AfterQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = lookups_as(&site, &asked, query).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn lookups_as(
    site: &Site,
    asked: &Asked,
    query: Result<Query<AfterQuery>, QueryRejection>,
) -> Result<Value, Refused> {
    let customer = site.gateway.customer(asked.bearer.as_deref())?;
    let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
    let (policy, agents) = (site.gateway.policy(), site.gateway.agents());
    let names = Names {
        catalog: policy.catalog(),
        agents: &agents,
    };
    let ledger = site.gateway.ledger();
    of_customer(
        ledger,
        &customer,
        asked.language,
        names,
        query.after.as_deref(),
    )
    .await
}

/// `GET /v1/me/data?after=`: a copy of what is held.
pub(super) async fn data(
    State(site): State<Site>,
    query: Result<Query<AfterQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let customer = site.gateway.customer(asked.bearer.as_deref())?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        let (policy, agents) = (site.gateway.policy(), site.gateway.agents());
        let names = Names {
            catalog: policy.catalog(),
            agents: &agents,
        };
        let (ledger, after) = (site.gateway.ledger(), query.after.as_deref());
        own::data(ledger, &customer, asked.language, names, after).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/me/portable?after=`: what the customer said, to take along.
pub(super) async fn portable(
    State(site): State<Site>,
    query: Result<Query<AfterQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let customer = site.gateway.customer(asked.bearer.as_deref())?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        own::portable(site.gateway.ledger(), &customer, query.after.as_deref()).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `DELETE /v1/me/erasures/{id}`: withdraws a request that is not approved yet.
pub(super) async fn withdraw(State(site): State<Site>, id: Named, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = match site.gateway.customer(asked.bearer.as_deref()) {
        Ok(customer) => erasure::withdraw(site.gateway.ledger(), &customer, &name_of(id)).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `POST /v1/me/erasures`.
pub(super) async fn erase(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = erase_as(&site, &asked).await;
    answer(&site, &asked, StatusCode::CREATED, outcome).await
}

async fn erase_as(site: &Site, asked: &Asked) -> Result<Value, Refused> {
    let customer = site.gateway.customer(asked.bearer.as_deref())?;
    if !asked.is_empty() {
        let NothingForm {} = asked.json().map_err(refused)?;
    }
    erasure::request(site.gateway.ledger(), &customer).await
}

/// `GET /v1/me/erasures/{id}`. The id is the secret: who was erased may have no token any more.
pub(super) async fn erasure(State(site): State<Site>, id: Named, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = erasure::status(site.gateway.ledger(), &name_of(id)).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}
