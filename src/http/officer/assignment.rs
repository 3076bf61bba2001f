//! `/v1/assignments`: which chats a member of support may read.

use super::{WhyForm, answer, officer, refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::parameter::{Id, WhyElse};
use crate::http::openapi::problem::{Missing, Unfit};
use crate::http::openapi::shape::{self as any, officer as shape};
use crate::http::openapi::tomorrow;
use crate::http::rest::{Named, name_of};
use crate::privacy::assignment::{self, Assigning};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which chats, to whom, and until when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"issuer": crate::demo::ISSUER, "sub": "nobody-7", "officer": "sam",
    "until": tomorrow(), "reason": "the chat was handed over", "case": "T-7"})))]
struct AssignForm {
    /// One conversation, or `issuer` and `sub` for all of a customer's.
    #[serde(default)]
    #[schema(value_type = Option<any::Id>)]
    conversation: Option<String>,
    #[serde(default)]
    issuer: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    /// The `sub` of the member of staff.
    #[schema(value_type = any::Name)]
    officer: String,
    /// Theirs, if it is not your own.
    #[serde(default)]
    officer_issuer: Option<String>,
    /// Within 30 days.
    #[schema(value_type = any::Instant)]
    until: String,
    /// Unless `Access-Reason` says it.
    #[serde(default)]
    #[schema(value_type = Option<any::Reason>)]
    reason: Option<String>,
    /// Unless `Access-Case` says it.
    #[serde(default)]
    #[schema(value_type = Option<any::Case>)]
    case: Option<String>,
}

/// Lets a member of support read chats, masked, for a case and a time.
#[utoipa::path(post, path = "/v1/assignments", tag = "officers", security(("officer" = [])),
    operation_id = "assign", params(WhyElse), request_body = AssignForm,
    responses((status = 201, description = "It is assigned.", body = shape::Assigned), Unfit))]
pub(in crate::http) async fn make(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let form: AssignForm = asked.json().map_err(refused)?;
        let why = WhyForm {
            reason: form.reason,
            case: form.case,
        };
        let access = why.access(&asked.parts.headers);
        let assigning = Assigning {
            conversation: form.conversation,
            issuer: form.issuer,
            sub: form.sub,
            officer: form.officer,
            officer_issuer: form.officer_issuer,
            until: form.until,
        };
        let (ledger, access) = (site.gateway.ledger(), access.as_ref());
        let knows = |issuer: &str| site.gateway.knows_issuer(issuer);
        assignment::assign(ledger, &officer, &assigning, access, &knows).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::CREATED, outcome).await
}

/// The assignments in force. Support sees its own.
#[utoipa::path(get, path = "/v1/assignments", tag = "officers", security(("officer" = [])),
    operation_id = "assignments",
    responses((status = 200, description = "Those in force.", body = shape::Assignments)))]
pub(in crate::http) async fn list(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = match officer(&site, &asked) {
        Ok(officer) => assignment::list(site.gateway.ledger(), &officer).await,
        Err(refused) => Err(refused),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// Ends an assignment before its time.
#[utoipa::path(delete, path = "/v1/assignments/{id}", tag = "officers",
    security(("officer" = [])), operation_id = "assignment_end", params(Id),
    responses((status = 200, description = "It has ended.", body = shape::AssignmentEnded),
        Missing))]
pub(in crate::http) async fn end(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = match officer(&site, &asked) {
        Ok(officer) => assignment::end(site.gateway.ledger(), &officer, &name_of(id)).await,
        Err(refused) => Err(refused),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}
