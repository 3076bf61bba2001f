//! `/v1/switches`: what is stopped, stopping, and letting go on.

use super::{answer, officer, refused};
use crate::clock::rfc3339;
use crate::gateway::{Malformed, Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::problem::{Conflicts, Missing, Unfit};
use crate::http::openapi::shape::{self as any, officer as shape};
use crate::http::rest::{Named, name_of};
use crate::policy::switch::{Stopped, Target};
use crate::privacy::switches;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Why a switch is turned, and which way.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SwitchForm {
    #[schema(value_type = any::Reason, example = "complaints rise")]
    reason: String,
    /// For `PUT`: `stopped` unless it says otherwise.
    state: Option<StateForm>,
}

/// Why a target is let go on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResumeForm {
    #[schema(value_type = any::Reason, example = "it is quiet again")]
    reason: String,
    /// May be said; it is what this does.
    #[serde(rename = "state")]
    _state: Option<OnForm>,
}

/// The state a target is let go on to.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum OnForm {
    On,
}

/// What a switch stops.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only the description is used")]
struct TargetPath {
    /// A topic, an operation or an agent.
    #[param(
        example = "topic:p2p",
        pattern = "^(topic:[a-z][a-z0-9_]{0,63}|operation:[a-z]\
        [a-z0-9_]{0,20}\\.[a-z][a-z0-9_]{0,20}|agent:[a-z0-9_-]{1,64})$"
    )]
    target: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StateForm {
    Stopped,
    On,
}

/// All that is stopped.
#[utoipa::path(get, path = "/v1/switches", tag = "officers", security(("officer" = [])),
    operation_id = "switches",
    responses((status = 200, description = "What is stopped.", body = shape::Switches)))]
pub(in crate::http) async fn list(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let record = switches::look(site.gateway.ledger(), &officer, None).await?;
        let stopped = site.gateway.switches().all();
        let stopped: Vec<Value> = stopped.iter().map(view).collect();
        Ok(json!({"switches": stopped, "record": record}))
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// Whether a target is stopped.
#[utoipa::path(get, path = "/v1/switches/{target}", tag = "officers", security(("officer" = [])),
    operation_id = "switch", params(TargetPath),
    responses((status = 200, description = "The switch.", body = shape::Switch), Missing))]
pub(in crate::http) async fn read(
    State(site): State<Site>,
    target: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let target = name_of(target);
        let target: Target = target.parse().map_err(|_bad| Refusal::NotFound)?;
        switches::look(site.gateway.ledger(), &officer, Some(&target)).await?;
        let all = site.gateway.switches().all();
        let stopped = all.iter().find(|(stopped, _)| *stopped == target);
        match stopped {
            Some(stopped) => Ok(view(stopped)),
            None if site.gateway.knows_target(&target) => {
                Ok(json!({"target": target.to_string(), "state": "on"}))
            }
            None => Err(Refusal::NotFound.into()),
        }
    };
    let outcome: Result<Value, Refused> = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// Stops a target, for which one person is enough; or lets it go on.
#[utoipa::path(put, path = "/v1/switches/{target}", tag = "officers", security(("officer" = [])),
    operation_id = "switch_put", params(TargetPath), request_body = SwitchForm,
    responses((status = 200, description = "It is so.", body = shape::SwitchTurned),
        Conflicts, Unfit))]
pub(in crate::http) async fn put(
    State(site): State<Site>,
    target: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let form = |asked: &Asked| {
        let form: SwitchForm = asked.json()?;
        Ok((form.state.unwrap_or(StateForm::Stopped), form.reason))
    };
    let outcome = turn(&site, &asked, &name_of(target), form).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// Lets a target go on, once a second person asks the same.
#[utoipa::path(delete, path = "/v1/switches/{target}", tag = "officers",
    security(("officer" = [])), operation_id = "switch_resume", params(TargetPath),
    request_body = ResumeForm,
    responses((status = 200, description = "It is asked, or so.", body = shape::SwitchTurned),
        Conflicts, Unfit))]
pub(in crate::http) async fn resume(
    State(site): State<Site>,
    target: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let form = |asked: &Asked| {
        let form: ResumeForm = asked.json()?;
        Ok((StateForm::On, form.reason))
    };
    let outcome = turn(&site, &asked, &name_of(target), form).await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

async fn turn(
    site: &Site,
    asked: &Asked,
    target: &str,
    form: impl Fn(&Asked) -> Result<(StateForm, String), Malformed>,
) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let (state, reason) = form(asked).map_err(refused)?;
    let ledger = site.gateway.ledger();
    let done = match state {
        StateForm::Stopped => {
            let exists = |target: &Target| site.gateway.knows_target(target);
            switches::stop(ledger, &officer, target, &reason, &exists).await?
        }
        StateForm::On => switches::resume(ledger, &officer, target, &reason).await?,
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
