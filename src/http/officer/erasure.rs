//! `/v1/erasures`: the cases, those that came by letter, and approving them.

use super::{StateQuery, WhyForm, answer, officer, refused, to_the_end};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::parameter::{Id, WhyElse};
use crate::http::openapi::problem::{Conflicts, Malformed, Missing, Unfit};
use crate::http::openapi::shape::{self as any, customer, officer as shape};
use crate::http::rest::{Named, name_of};
use crate::privacy::erasure;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// Who asked to be erased, and why it is filed for them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"issuer": crate::demo::ISSUER, "sub": "nobody-7",
    "reason": "asked by letter", "case": "L-7"})))]
struct FileForm {
    /// Who vouches for the customer.
    issuer: String,
    #[schema(value_type = any::Name)]
    sub: String,
    /// Unless `Access-Reason` says it.
    #[serde(default)]
    #[schema(value_type = Option<any::Reason>)]
    reason: Option<String>,
    /// Unless `Access-Case` says it.
    #[serde(default)]
    #[schema(value_type = Option<any::Case>)]
    case: Option<String>,
}

/// Why a request is not carried out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ErasureRefusal, examples(json!({"ground": "not_verified",
    "reason": "no answer to our letter", "case": "L-7"})))]
struct RefuseForm {
    /// What the customer is told.
    #[schema(value_type = shape::Ground)]
    ground: String,
    #[serde(default)]
    #[schema(value_type = Option<any::Reason>)]
    reason: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<any::Case>)]
    case: Option<String>,
}

/// Erasures in one state, oldest first.
#[utoipa::path(get, path = "/v1/erasures", tag = "officers", security(("officer" = [])),
    operation_id = "erasures", params(("state" = inline(customer::ErasureState), Query,
        description = "The state they are in.")),
    responses((status = 200, description = "The cases.", body = shape::Erasures),
        Malformed, Unfit))]
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

/// Files a request to be erased that came another way.
#[utoipa::path(post, path = "/v1/erasures", tag = "officers", security(("officer" = [])),
    operation_id = "erasure_file", params(WhyElse), request_body = FileForm,
    responses((status = 201, description = "It is filed.", body = customer::Erasure),
        Conflicts, Unfit))]
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

/// One erasure.
#[utoipa::path(get, path = "/v1/erasures/{id}", tag = "officers", security(("officer" = [])),
    operation_id = "erasure", params(Id),
    responses((status = 200, description = "The case.", body = customer::Erasure), Missing))]
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

/// Refuses a request that waits for approval, on a ground the customer is told.
#[utoipa::path(post, path = "/v1/erasures/{id}/refuse", tag = "officers",
    security(("officer" = [])), operation_id = "erasure_refuse", params(Id, WhyElse),
    request_body = RefuseForm,
    responses((status = 200, description = "It is refused.", body = customer::Erasure),
        Missing, Conflicts, Unfit))]
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

/// Approves an erasure and carries it out.
#[utoipa::path(post, path = "/v1/erasures/{id}/approve", tag = "officers",
    security(("officer" = [])), operation_id = "erasure_approve", params(Id, WhyElse),
    request_body = Option<WhyForm>,
    responses((status = 200, description = "It is carried out.", body = customer::Erasure),
        Missing, Conflicts))]
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
