//! `/v1/figures` and `/v1/policy`: what goes on, and by which rules. No content.

use super::{answer, officer};
use crate::gateway::Refusal;
use crate::http::Site;
use crate::http::asked::Asked;
use crate::privacy::{figures, policy};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct HoursQuery {
    hours: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct VersionQuery {
    version: Option<String>,
}

/// `GET /v1/figures?hours=`.
pub(in crate::http) async fn figures(
    State(site): State<Site>,
    query: Result<Query<HoursQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        figures::read(site.gateway.ledger(), &officer, query.hours.as_deref()).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/policy?version=`.
pub(in crate::http) async fn policy(
    State(site): State<Site>,
    query: Result<Query<VersionQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        let in_force = site.gateway.policy();
        let (ledger, version) = (site.gateway.ledger(), query.version.as_deref());
        policy::read(ledger, &officer, in_force.version(), version).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}
