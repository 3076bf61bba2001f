//! `/v1/revocations`: what is revoked, revoking, and lifting that.

use super::{answer, officer, refused};
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::privacy::revocations::{self, Wanted};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

/// `kind` says which of the others there are.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum RevokeForm {
    Agent {
        agent: String,
        reason: String,
    },
    Subject {
        issuer: String,
        sub: String,
        reason: String,
    },
    Session {
        session: String,
        reason: String,
    },
    Token {
        sha256: Option<String>,
        jti: Option<String>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LiftForm {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AfterQuery {
    after: Option<String>,
}

/// `GET /v1/revocations?after=`.
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

/// `POST /v1/revocations`.
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

/// `DELETE /v1/revocations/{id}`.
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
