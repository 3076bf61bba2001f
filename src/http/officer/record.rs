//! `/v1/records`: search, and one record.

use super::{WhyForm, answer, officer};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::privacy::access::{Which, read_record};
use crate::privacy::search::{self, Question};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

/// `GET /v1/records?…`: one page of a search, to an officer who says why.
pub(in crate::http) async fn search(
    State(site): State<Site>,
    query: Result<Query<Question>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let Query(question) = query.map_err(|_other_form| Refusal::Malformed)?;
        let access = WhyForm::default().access(&asked.parts.headers);
        let (ledger, access) = (site.gateway.ledger(), access.as_ref());
        let knows = |issuer: &str| site.gateway.knows_issuer(issuer);
        search::records(ledger, &officer, &question, access, &knows).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/records/{seq-or-rid}`: one record, to an officer who says why.
pub(in crate::http) async fn read(
    State(site): State<Site>,
    which: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = read_as(&site, &asked, &name_of(which)).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn read_as(site: &Site, asked: &Asked, which: &str) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let which = Which::parse(which).ok_or(Refusal::NotFound)?;
    let access = WhyForm::default().access(&asked.parts.headers);
    read_record(site.gateway.ledger(), &officer, which, access.as_ref()).await
}
