//! `/v1/switches`: what is stopped, stopping, and letting go on.

use super::{answer, officer, refused};
use crate::clock::rfc3339;
use crate::gateway::{Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::policy::switch::{Stopped, Target};
use crate::privacy::switches;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SwitchForm {
    reason: String,
    /// For `PUT`: `stopped` unless it says otherwise.
    state: Option<StateForm>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StateForm {
    Stopped,
    On,
}

/// `GET /v1/switches`: all that is stopped.
pub(in crate::http) async fn list(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = officer(&site, &asked).map(|_officer| {
        let stopped = site.gateway.switches().all();
        json!({"switches": stopped.iter().map(view).collect::<Vec<_>>()})
    });
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/switches/{target}`.
pub(in crate::http) async fn read(
    State(site): State<Site>,
    target: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = officer(&site, &asked).and_then(|_officer| {
        let target = name_of(target);
        let target: Target = target.parse().map_err(|_bad| Refusal::NotFound)?;
        let all = site.gateway.switches().all();
        let stopped = all.iter().find(|(stopped, _)| *stopped == target);
        match stopped {
            Some(stopped) => Ok(view(stopped)),
            None if site.gateway.knows_target(&target) => {
                Ok(json!({"target": target.to_string(), "state": "on"}))
            }
            None => Err(Refusal::NotFound.into()),
        }
    });
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `PUT /v1/switches/{target}`: stops it, for which one person is enough; or lets it go on.
pub(in crate::http) async fn put(
    State(site): State<Site>,
    target: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = turn(&site, &asked, &name_of(target), StateForm::Stopped).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `DELETE /v1/switches/{target}`: lets it go on, once a second person asks the same.
pub(in crate::http) async fn resume(
    State(site): State<Site>,
    target: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = turn(&site, &asked, &name_of(target), StateForm::On).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn turn(
    site: &Site,
    asked: &Asked,
    target: &str,
    unsaid: StateForm,
) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let form: SwitchForm = asked.json().map_err(refused)?;
    let ledger = site.gateway.ledger();
    let done = match form.state.unwrap_or(unsaid) {
        StateForm::Stopped if unsaid == StateForm::On => return Err(Refusal::Malformed.into()),
        StateForm::Stopped => {
            let exists = |target: &Target| site.gateway.knows_target(target);
            switches::stop(ledger, &officer, target, &form.reason, &exists).await?
        }
        StateForm::On => switches::resume(ledger, &officer, target, &form.reason).await?,
    };
    // The gateway follows the ledger by itself; this makes it so before the officer is answered.
    if let Err(error) = site.gateway.load_switches().await {
        tracing::error!(code = "switches_stale", %error, "switches were not reloaded");
    }
    Ok(done)
}

fn view((target, stop): &Stopped) -> Value {
    json!({
        "target": target.to_string(),
        "state": "stopped",
        "reason": stop.reason,
        "officer": stop.who,
        "since": rfc3339(stop.since_us),
    })
}
