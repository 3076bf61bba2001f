//! `/v1/conversations`: opening, attaching, turns, closing.

use super::{Named, json, name_of, speech};
use crate::gateway::{Malformed, Opening, Saying, Speaker, Turned};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::openapi::lately;
use crate::http::openapi::parameter::Id;
use crate::http::openapi::problem::{Conflicts, Unfit};
use crate::http::openapi::shape::{Noted, agent};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use utoipa::ToSchema;

/// What a conversation opens with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpeningForm {
    /// `web`, `app`, `telegram`…
    #[schema(pattern = "^[a-z0-9_-]{1,32}$", example = "web")]
    channel: String,
    /// A BCP 47 tag.
    #[schema(pattern = "^[A-Za-z0-9-]{2,35}$", example = "en")]
    locale: String,
    disclosure: DisclosureForm,
}

/// Which text told the customer that they talk to an AI, and when it was shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DisclosureForm {
    #[schema(pattern = "^[ -~]{1,64}$", example = "ai-notice/3")]
    version: String,
    /// Within the last day.
    #[schema(format = DateTime, example = lately)]
    shown_at: String,
}

/// What was said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SayingForm {
    speaker: SpeakerForm,
    /// At most 16,384 bytes of UTF-8.
    #[schema(
        min_length = 1,
        max_length = 16384,
        example = "mail me: someone@example.org"
    )]
    text: String,
    /// With an assistant's turn: the model that wrote it, and its version.
    #[schema(pattern = "^[!-~]{1,64}$", example = "model-7")]
    model: Option<String>,
}

/// Who said it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SpeakerForm {
    Customer,
    Assistant,
    Human,
}

/// How a conversation ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClosingForm {
    #[schema(pattern = "^[a-z_]{1,32}$", example = "resolved")]
    outcome: String,
    #[serde(default, deserialize_with = "rating")]
    #[schema(minimum = 1, maximum = 5, example = 5)]
    rating: Option<u8>,
}

/// A rating however it is written: `5.0` is a whole number too (JSON Schema).
fn rating<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(from)? else {
        return Ok(None);
    };
    let found = (1..=5).find(|rating| f64::from(*rating).total_cmp(&number).is_eq());
    found
        .map(Some)
        .ok_or_else(|| D::Error::custom("not a rating"))
}

/// Nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NothingForm {}

/// Opens a conversation with the evidence of the AI disclosure.
///
/// A token's `sid` opens one: the same again is a conflict.
#[utoipa::path(post, path = "/v1/conversations", tag = "agents", request_body = OpeningForm,
    operation_id = "conversation_open", security(("agent" = [])),
    responses((status = 201, description = "It is open.", body = agent::Opened), Conflicts))]
pub(in crate::http) async fn open(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let opened = site
        .gateway
        .open_conversation(asked.bearer.as_deref(), opening(&asked));
    match opened.await {
        Ok(opened) => {
            let view = json!({"conversation": opened.conversation, "record": opened.record});
            json(StatusCode::CREATED, view.to_string())
        }
        Err(refused) => asked.refuse(&site.settings, &refused, None),
    }
}

/// Takes over a guest's conversation of the same session, after sign-in.
#[utoipa::path(post, path = "/v1/conversations/{id}/attach", tag = "agents", params(Id),
    operation_id = "conversation_attach", request_body = Option<NothingForm>,
    security(("agent" = [])),
    responses((status = 200, description = "It is the customer's.", body = agent::Opened),
        Conflicts))]
pub(in crate::http) async fn attach(
    State(site): State<Site>,
    conversation: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let id = name_of(conversation);
    let attached = site
        .gateway
        .attach_conversation(asked.bearer.as_deref(), &id, nothing(&asked));
    match attached.await {
        Ok(attached) => {
            let view = json!({"conversation": attached.conversation, "record": attached.record});
            json(StatusCode::OK, view.to_string())
        }
        Err(refused) => asked.refuse(&site.settings, &refused, None),
    }
}

/// Records what was said, and answers what the model may see of it.
///
/// With `application/x-ndjson`, an assistant's turn as it is written: first
/// `{"speaker": "assistant", "model": …}`, then `{"delta": …}` for each piece. The answer is a stream
/// of events: `part` for what may be shown, recorded before; at last `end`, or `refused` with a
/// problem document.
#[utoipa::path(post, path = "/v1/conversations/{id}/turns", tag = "agents", params(Id),
    operation_id = "conversation_turn",
    request_body(content((SayingForm = "application/json"), (String = "application/x-ndjson"))),
    security(("agent" = [])),
    responses((status = 201, description = "It is recorded.", body = agent::Turned),
        (status = 200, description = "It is recorded piece by piece, as events.", body = String,
            content_type = "text/event-stream"),
        Conflicts, Unfit))]
pub(in crate::http) async fn turn(
    State(site): State<Site>,
    conversation: Named,
    request: Request,
) -> Response {
    let id = name_of(conversation);
    if speech::is_lines(request.headers()) {
        return speech::answer(site, &id, request).await;
    }
    let asked = Asked::whole(request, &site.settings).await;
    let turned = site
        .gateway
        .turn(asked.bearer.as_deref(), &id, saying(&asked));
    match turned.await {
        Ok(turned) => json(StatusCode::CREATED, view(&turned).to_string()),
        Err(refused) => asked.refuse(&site.settings, &refused, None),
    }
}

/// Closes a conversation.
#[utoipa::path(post, path = "/v1/conversations/{id}/close", tag = "agents", params(Id),
    operation_id = "conversation_close", request_body = ClosingForm, security(("agent" = [])),
    responses((status = 200, description = "It is closed.", body = Noted), Conflicts))]
pub(in crate::http) async fn close(
    State(site): State<Site>,
    conversation: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let id = name_of(conversation);
    let closed = site
        .gateway
        .close_conversation(asked.bearer.as_deref(), &id, closing(&asked));
    match closed.await {
        Ok(record) => json(StatusCode::OK, json!({ "record": record }).to_string()),
        Err(refused) => asked.refuse(&site.settings, &refused, None),
    }
}

fn opening(asked: &Asked) -> Result<Opening, Malformed> {
    let form: OpeningForm = asked.json()?;
    Ok(Opening {
        channel: form.channel,
        locale: form.locale,
        disclosure_version: form.disclosure.version,
        disclosure_shown_at: form.disclosure.shown_at,
    })
}

/// No body, or an empty object.
fn nothing(asked: &Asked) -> Result<(), Malformed> {
    if asked.is_empty() {
        return Ok(());
    }
    let NothingForm {} = asked.json()?;
    Ok(())
}

fn saying(asked: &Asked) -> Result<Saying, Malformed> {
    let form: SayingForm = asked.json()?;
    Ok(Saying {
        speaker: match form.speaker {
            SpeakerForm::Customer => Speaker::Customer,
            SpeakerForm::Assistant => Speaker::Assistant,
            SpeakerForm::Human => Speaker::Human,
        },
        text: form.text,
        model: form.model,
    })
}

fn closing(asked: &Asked) -> Result<(String, Option<u8>), Malformed> {
    let form: ClosingForm = asked.json()?;
    Ok((form.outcome, form.rating))
}

fn view(turned: &Turned) -> serde_json::Value {
    let findings = turned.findings.iter();
    let findings: Vec<_> = findings
        .map(|found| json!({"type": found.kind, "start": found.start, "end": found.end}))
        .collect();
    let mut view = json!({
        "turn": turned.turn,
        "text": turned.text,
        "findings": findings,
        "record": turned.record,
    });
    if let (Some(warning), Some(members)) = (turned.warning, view.as_object_mut()) {
        members.insert("warning".to_owned(), warning.into());
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Found;
    use crate::http::HttpSettings;
    use axum::body::Body;

    async fn asked(body: &'static str) -> Asked {
        let request = Request::post("/")
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        Asked::whole(request, &HttpSettings::new("https://tide.example")).await
    }

    #[tokio::test]
    async fn forms_are_exact() {
        let good = r#"{"channel":"web","locale":"ru-RU","disclosure":{"version":"3","shown_at":"2026-11-22T10:00:00Z"}}"#;
        assert_eq!(opening(&asked(good).await).unwrap().disclosure_version, "3");
        let more = r#"{"channel":"web","locale":"ru","disclosure":{"version":"3","shown_at":"x","by":"me"}}"#;
        assert_eq!(opening(&asked(more).await), Err(Malformed::Body));

        let good = r#"{"speaker":"customer","text":"hi"}"#;
        assert_eq!(
            saying(&asked(good).await).unwrap().speaker,
            Speaker::Customer
        );
        let other = r#"{"speaker":"Customer","text":"hi"}"#;
        assert_eq!(saying(&asked(other).await), Err(Malformed::Body));
        let twice = r#"{"speaker":"customer","text":"hi","te\u0078t":"ho"}"#;
        assert_eq!(saying(&asked(twice).await), Err(Malformed::Body));

        assert_eq!(
            closing(&asked(r#"{"outcome":"resolved","rating":5}"#).await),
            Ok(("resolved".to_owned(), Some(5)))
        );
        for (other, rating) in [("1.0", Some(1)), ("null", None)] {
            let body = format!(r#"{{"outcome":"resolved","rating":{other}}}"#);
            let asked = asked(body.leak()).await;
            assert_eq!(closing(&asked), Ok(("resolved".to_owned(), rating)));
        }
        for wrong in ["0", "6", "4.5", "5e300", "\"5\""] {
            let body = format!(r#"{{"outcome":"resolved","rating":{wrong}}}"#);
            let asked = asked(body.leak()).await;
            assert_eq!(closing(&asked), Err(Malformed::Body), "{wrong}");
        }
        assert_eq!(
            closing(&asked(r#"{"outcome":"resolved","rating":-1}"#).await),
            Err(Malformed::Body)
        );
    }

    #[test]
    fn a_turn_shows_type_and_span_and_a_warning_only_if_there_is_one() {
        let mut turned = Turned {
            turn: 2,
            text: "mail [EMAIL_1]".to_owned(),
            findings: vec![Found {
                kind: "EMAIL",
                start: 5,
                end: 12,
            }],
            warning: None,
            record: "00ff".to_owned(),
        };
        insta::assert_snapshot!(view(&turned), @r#"{"findings":[{"end":12,"start":5,"type":"EMAIL"}],"record":"00ff","text":"mail [EMAIL_1]","turn":2}"#);
        turned.warning = Some("Never share it.");
        assert_eq!(view(&turned).get("warning").unwrap(), "Never share it.");
    }
}
