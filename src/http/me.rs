//! Customers' routes, for the exchange's app: who looked, erasure, and what came of it.

use super::Site;
use super::asked::Asked;
use super::officer::{AfterQuery, answer, refused};
use super::openapi::parameter::Id;
use super::openapi::problem::{Conflicts, Malformed, Missing, Unfit};
use super::openapi::shape::customer;
use super::rest::json;
use super::rest::{Named, name_of};
use crate::gateway::{Refusal, Refused};
use crate::privacy::lookups::{Names, of_customer};
use crate::privacy::{erasure, own, reveal};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NothingForm {}

/// Who looked at the customer's data: when, why, and what they were shown.
#[utoipa::path(get, path = "/v1/me/lookups", tag = "customers", security(("customer" = [])),
    operation_id = "me_lookups", params(AfterQuery),
    responses((status = 200, description = "A page, oldest first.", body = customer::Lookups),
        Malformed, Unfit))]
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

/// A copy of what is held about the customer (GDPR Art. 15).
#[utoipa::path(get, path = "/v1/me/data", tag = "customers", security(("customer" = [])),
    operation_id = "me_data", params(AfterQuery),
    responses((status = 200, description = "A page, oldest first.", body = customer::Data),
        Malformed, Unfit))]
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

/// What the customer said, to take along (GDPR Art. 20).
#[utoipa::path(get, path = "/v1/me/portable", tag = "customers", security(("customer" = [])),
    operation_id = "me_portable", params(AfterQuery),
    responses((status = 200, description = "A page, oldest first.", body = customer::Portable),
        Malformed, Unfit))]
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

/// An answer of the assistant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    /// At most 16,384 bytes of UTF-8.
    #[schema(
        min_length = 1,
        max_length = 16384,
        example = "We have written to [EMAIL_1]."
    )]
    text: String,
}

/// Completes an assistant's answer for the customer: what the conversation's placeholders stand for.
///
/// For the customer's own token: no agent and no member of staff is given values here.
#[utoipa::path(post, path = "/v1/conversations/{id}/reveal", tag = "customers", params(Id),
    security(("customer" = [])), operation_id = "conversation_reveal", request_body = AnswerForm,
    responses((status = 200, description = "The text with the values that are kept.",
        body = customer::Revealed), Missing))]
pub(super) async fn reveal(State(site): State<Site>, id: Named, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = reveal_as(&site, &asked, &name_of(id)).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn reveal_as(site: &Site, asked: &Asked, id: &str) -> Result<Value, Refused> {
    let customer = site.gateway.customer(asked.bearer.as_deref())?;
    let form: AnswerForm = asked.json().map_err(refused)?;
    let (ledger, switches) = (site.gateway.ledger(), site.gateway.switches());
    reveal::reveal(ledger, switches, &customer, id, &form.text).await
}

/// Withdraws a request to be erased that is not approved yet.
#[utoipa::path(delete, path = "/v1/me/erasures/{id}", tag = "customers",
    security(("customer" = [])), operation_id = "me_erasure_withdraw", params(Id),
    responses((status = 200, description = "It is withdrawn.", body = customer::Erasure),
        Missing, Conflicts))]
pub(super) async fn withdraw(State(site): State<Site>, id: Named, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = match site.gateway.customer(asked.bearer.as_deref()) {
        Ok(customer) => erasure::withdraw(site.gateway.ledger(), &customer, &name_of(id)).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// Asks to be erased. Asked again while that is open, it is the same case.
#[utoipa::path(post, path = "/v1/me/erasures", tag = "customers", security(("customer" = [])),
    operation_id = "me_erase", request_body = Option<NothingForm>,
    responses((status = 201, description = "It is asked for.", body = customer::Erasure),
        Conflicts))]
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

/// What came of an erasure.
///
/// The id is the secret: who was erased may have no token any more.
#[utoipa::path(get, path = "/v1/me/erasures/{id}", tag = "customers", params(Id),
    operation_id = "me_erasure",
    responses((status = 200, description = "The case.", body = customer::Erasure), Missing))]
pub(super) async fn erasure(State(site): State<Site>, id: Named, request: Request) -> Response {
    let asked = Asked::head(request);
    match erasure::status(site.gateway.ledger(), &name_of(id)).await {
        Ok(status) => json(StatusCode::OK, status.to_string()),
        // No token is looked at here, so nobody's quota bounds it: it is nobody's record either.
        Err(refused) => asked.refuse(&site.settings, &refused, None),
    }
}
