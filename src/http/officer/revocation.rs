//! `/v1/revocations`: what is revoked, revoking, and lifting that.

use super::{AfterQuery, answer, officer, refused};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::parameter::Id;
use crate::http::openapi::problem::{Malformed, Missing, Unfit};
use crate::http::openapi::shape::{self as any, officer as shape};
use crate::http::rest::{Named, name_of};
use crate::privacy::revocations::{self, Wanted};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What is revoked: `kind` says which of the others there are.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[schema(examples(json!({"kind": "session", "session": "chat-77", "reason": "a stolen device"})))]
enum RevokeForm {
    Agent {
        #[schema(pattern = "^[a-z0-9_-]{1,64}$", example = "night-bot")]
        agent: String,
        #[schema(value_type = any::Reason)]
        reason: String,
    },
    Subject {
        #[schema(min_length = 1, max_length = 1024)]
        issuer: String,
        #[schema(min_length = 1, max_length = 1024)]
        sub: String,
        #[schema(value_type = any::Reason)]
        reason: String,
    },
    Session {
        /// Its `sid`.
        #[schema(min_length = 1, max_length = 1024)]
        session: String,
        #[schema(value_type = any::Reason)]
        reason: String,
    },
    /// By one of its names.
    Token {
        #[schema(pattern = "^[0-9a-f]{64}$")]
        sha256: Option<String>,
        #[schema(min_length = 1, max_length = 1024)]
        jti: Option<String>,
        #[schema(value_type = any::Reason)]
        reason: String,
    },
}

impl RevokeForm {
    /// What is wanted and why; none unless a token has exactly one name.
    fn read(self) -> Option<(Wanted, String)> {
        Some(match self {
            Self::Agent { agent, reason } => (Wanted::Agent(agent), reason),
            Self::Subject {
                issuer,
                sub,
                reason,
            } => (Wanted::Subject(issuer, sub), reason),
            Self::Session { session, reason } => (Wanted::Session(session), reason),
            Self::Token {
                sha256,
                jti,
                reason,
            } => match (sha256, jti) {
                (Some(sha256), None) => (Wanted::Token(sha256), reason),
                (None, Some(jti)) => (Wanted::TokenId(jti), reason),
                (None, None) | (Some(_), Some(_)) => return None,
            },
        })
    }
}

/// Why a revocation is lifted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LiftForm {
    #[schema(value_type = any::Reason)]
    reason: String,
}

/// What is revoked, newest first.
#[utoipa::path(get, path = "/v1/revocations", tag = "officers", security(("officer" = [])),
    operation_id = "revocations", params(AfterQuery),
    responses((status = 200, description = "A page.", body = shape::Revocations), Malformed,
        Unfit))]
pub(in crate::http) async fn list(
    State(site): State<Site>,
    query: Result<Query<AfterQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let Query(query) = query.map_err(|_other_form| Refusal::Malformed)?;
        revocations::list(site.gateway.ledger(), &officer, query.after.as_deref()).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// Revokes an agent, a person, a session or a token, from the next call on.
#[utoipa::path(post, path = "/v1/revocations", tag = "officers", security(("officer" = [])),
    operation_id = "revoke", request_body = RevokeForm,
    responses((status = 201, description = "It is revoked.", body = shape::Revocation), Unfit))]
pub(in crate::http) async fn put(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = put_as(&site, &asked).await;
    answer(&site, &asked, StatusCode::CREATED, outcome).await
}

async fn put_as(site: &Site, asked: &Asked) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let form: RevokeForm = asked.json().map_err(refused)?;
    let (wanted, reason) = form.read().ok_or(Refusal::Malformed)?;
    let gateway = &site.gateway;
    let ledger = gateway.ledger();
    let horizon = gateway.horizon();
    let done = revocations::revoke(ledger, &officer, &wanted, &reason, horizon).await?;
    follow(site).await;
    Ok(done)
}

/// Lifts a revocation; one of an agent or a person takes two.
#[utoipa::path(delete, path = "/v1/revocations/{id}", tag = "officers",
    security(("officer" = [])), operation_id = "revocation_lift", params(Id),
    request_body = LiftForm,
    responses((status = 200, description = "It is asked, or lifted.", body = shape::Lifted),
        Missing))]
pub(in crate::http) async fn lift(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = lift_as(&site, &asked, &name_of(id)).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn lift_as(site: &Site, asked: &Asked, id: &str) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let form: LiftForm = asked.json().map_err(refused)?;
    let done = revocations::lift(site.gateway.ledger(), &officer, id, &form.reason).await?;
    follow(site).await;
    Ok(done)
}

/// The gateway follows the ledger by itself; this makes it so before the officer is answered.
async fn follow(site: &Site) {
    if let Err(error) = site.gateway.load_switches().await {
        tracing::error!(code = "switches_stale", %error, "revocations were not reloaded");
    }
}
