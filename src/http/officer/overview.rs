//! `/v1/figures` and `/v1/policy`: what goes on, and by which rules. No content.

use super::{answer, officer};
use crate::gateway::Refusal;
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::problem::{Malformed, Missing, Unfit};
use crate::http::openapi::shape::officer as shape;
use crate::privacy::{figures, policy};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct HoursQuery {
    /// How many, the current one among them: 1 to 744, a day unless it is said.
    #[param(
        nullable = false,
        example = "24",
        pattern = "^([1-9][0-9]?|[1-6][0-9]{2}|7[0-3][0-9]|74[0-4])$"
    )]
    hours: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct VersionQuery {
    /// An earlier one, as records name it.
    #[param(nullable = false, pattern = "^[0-9a-f]{64}$")]
    version: Option<String>,
}

/// Counts of the last hours.
#[utoipa::path(get, path = "/v1/figures", tag = "officers", security(("officer" = [])),
    operation_id = "figures", params(HoursQuery),
    responses((status = 200, description = "The counts.", body = shape::Figures), Malformed,
        Unfit))]
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

/// The policy in force, or an earlier one, word for word.
#[utoipa::path(get, path = "/v1/policy", tag = "officers", security(("officer" = [])),
    operation_id = "policy", params(VersionQuery),
    responses((status = 200, description = "The policy.", body = shape::Policy), Malformed,
        Missing, Unfit))]
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
