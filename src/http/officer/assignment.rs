//! `/v1/assignments`: which chats a member of support may read.

use super::{WhyForm, answer, officer, refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::privacy::assignment::{self, Assigning};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignForm {
    #[serde(default)]
    conversation: Option<String>,
    #[serde(default)]
    issuer: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    officer: String,
    #[serde(default)]
    officer_issuer: Option<String>,
    until: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    case: Option<String>,
}

/// `POST /v1/assignments`.
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

/// `GET /v1/assignments`.
pub(in crate::http) async fn list(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = match officer(&site, &asked) {
        Ok(officer) => assignment::list(site.gateway.ledger(), &officer).await,
        Err(refused) => Err(refused),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `DELETE /v1/assignments/{id}`.
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
