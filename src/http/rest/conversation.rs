//! `/v1/conversations`: opening, attaching, turns, closing.

use super::{Named, json, name_of};
use crate::gateway::{Malformed, Opening, Saying, Speaker, Turned};
use crate::http::Site;
use crate::http::asked::Asked;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpeningForm {
    channel: String,
    locale: String,
    disclosure: DisclosureForm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisclosureForm {
    version: String,
    shown_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SayingForm {
    speaker: SpeakerForm,
    text: String,
    model: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SpeakerForm {
    Customer,
    Assistant,
    Human,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosingForm {
    outcome: String,
    rating: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NothingForm {}

/// `POST /v1/conversations`.
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

/// `POST /v1/conversations/{id}/attach`.
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

/// `POST /v1/conversations/{id}/turns`.
pub(in crate::http) async fn turn(
    State(site): State<Site>,
    conversation: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let id = name_of(conversation);
    let turned = site
        .gateway
        .turn(asked.bearer.as_deref(), &id, saying(&asked));
    match turned.await {
        Ok(turned) => json(StatusCode::CREATED, view(&turned).to_string()),
        Err(refused) => asked.refuse(&site.settings, &refused, None),
    }
}

/// `POST /v1/conversations/{id}/close`.
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
