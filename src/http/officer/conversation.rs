//! `GET /v1/conversations/{id}`: what was said, asked and shown in it.

use super::{AfterQuery, WhyForm, answer, officer};
use crate::gateway::Refusal;
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::privacy::conversation::transcript;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;

/// One page of a transcript, to an officer who says why.
pub(in crate::http) async fn read(
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
        transcript(ledger, &officer, &name_of(id), after, access.as_ref()).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}
