//! `GET /v1/records/{seq-or-rid}`.

use super::{WhyForm, answer, officer};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::parameter::Why;
use crate::http::openapi::problem::{Malformed, Missing};
use crate::http::openapi::shape::officer::Record;
use crate::http::rest::{Named, name_of};
use crate::privacy::access::{Which, read_record};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

/// One record, to an officer who says why.
#[utoipa::path(get, path = "/v1/records/{which}", tag = "officers", security(("officer" = [])),
    operation_id = "record",
    params(Why, ("which" = String, Path, description = "Its name (32 hex digits) or its index.",
        pattern = "^([0-9a-f]{32}|0|[1-9][0-9]{0,17})$", example = "0")),
    responses((status = 200, description = "The record.", body = Record), Malformed, Missing))]
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
