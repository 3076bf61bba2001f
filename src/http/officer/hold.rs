//! `/v1/holds`: placing, seeing, reading what one keeps, and ending it by two.

use super::{AfterQuery, StateQuery, WhyForm, answer, officer, refused, to_the_end};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::parameter::{Id, Why, WhyElse};
use crate::http::openapi::problem::{Conflicts, Malformed, Missing, Unfit};
use crate::http::openapi::shape::{self as any, officer as shape};
use crate::http::openapi::tomorrow;
use crate::http::rest::{Named, name_of};
use crate::privacy::hold::{self, Placing};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// Whose records are kept, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"issuer": crate::demo::ISSUER, "sub": "nobody-8",
    "basis": "GDPR Art. 17(3)(e)", "review": tomorrow(),
    "reason": "a claim is pending", "case": "K-7"})))]
struct HoldForm {
    issuer: String,
    #[schema(value_type = any::Name)]
    sub: String,
    /// The law it rests on.
    #[schema(value_type = any::Text)]
    basis: String,
    /// When somebody looks again whether it is needed: within 180 days.
    #[schema(value_type = any::Instant)]
    review: String,
    /// Unless `Access-Reason` says it.
    #[serde(default)]
    #[schema(value_type = Option<any::Reason>)]
    reason: Option<String>,
    /// Unless `Access-Case` says it.
    #[serde(default)]
    #[schema(value_type = Option<any::Case>)]
    case: Option<String>,
}

/// Keeps a customer's records from erasure, unseen.
#[utoipa::path(post, path = "/v1/holds", tag = "officers", security(("officer" = [])),
    operation_id = "hold_place", params(WhyElse), request_body = HoldForm,
    responses((status = 201, description = "It is in force.", body = shape::HoldPlaced), Unfit))]
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

/// Holds in one state.
#[utoipa::path(get, path = "/v1/holds", tag = "officers", security(("officer" = [])),
    operation_id = "holds", params(("state" = inline(shape::HoldState), Query,
        description = "The state they are in.")),
    responses((status = 200, description = "The holds.", body = shape::Holds), Malformed, Unfit))]
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

/// One hold, to those who may know of it.
#[utoipa::path(get, path = "/v1/holds/{id}", tag = "officers", security(("officer" = [])),
    operation_id = "hold", params(Id),
    responses((status = 200, description = "The hold.", body = shape::Hold), Missing))]
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

/// What a hold keeps of records that were erased.
#[utoipa::path(get, path = "/v1/holds/{id}/records", tag = "officers",
    security(("officer" = [])), operation_id = "hold_records", params(Id, AfterQuery, Why),
    responses((status = 200, description = "A page.", body = shape::Kept), Malformed, Missing,
        Unfit))]
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

/// Asks that a hold end; another's request carries it out.
#[utoipa::path(post, path = "/v1/holds/{id}/release", tag = "officers",
    security(("officer" = [])), operation_id = "hold_release", params(Id, WhyElse),
    request_body = Option<WhyForm>,
    responses((status = 200, description = "It is asked, or released.", body = shape::HoldMoved),
        Missing, Conflicts))]
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
