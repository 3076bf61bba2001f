//! `/v1/operations`: what a token may call, and calling it.

use super::{Named, json, name_of};
use crate::gateway::{Call, Interface, Listed, Malformed, Refusal};
use crate::http::asked::{Asked, single};
use crate::http::{Site, outcome};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallForm {
    #[serde(default)]
    arguments: Map<String, Value>,
    expect: Option<Value>,
    purpose: Option<String>,
    conversation: Option<String>,
}

/// `GET /v1/operations`.
pub(in crate::http) async fn list(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::head(request);
    match site.gateway.operations(asked.bearer.as_deref()) {
        Ok(listed) => {
            let operations: Vec<_> = listed.iter().map(view).collect();
            let view = json!({ "operations": operations });
            json(StatusCode::OK, view.to_string())
        }
        Err(refusal) => asked.refuse(&site.settings, &refusal.into(), None),
    }
}

/// `POST /v1/operations/{name}`.
pub(in crate::http) async fn call(
    State(site): State<Site>,
    name: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let answer = site.gateway.handle(to_call(name_of(name), &asked)).await;
    match answer.outcome() {
        Ok(clean) => match outcome::of(clean, &answer) {
            Some(document) => json(StatusCode::OK, document),
            None => asked.refuse_answer(&site.settings, &answer, &Refusal::Internal.into()),
        },
        Err(refused) => asked.refuse_answer(&site.settings, &answer, refused),
    }
}

/// The call in a request, however malformed it is.
fn to_call(operation: String, asked: &Asked) -> Call {
    let form = asked.json::<CallForm>();
    let key = idempotency_key(&asked.parts.headers);
    let mut call = Call {
        interface: Interface::Rest,
        bearer: asked.bearer.clone(),
        operation,
        arguments: Err(Malformed::Body),
        expect: None,
        purpose: None,
        conversation: None,
        idempotency_key: None,
        language: asked.language,
    };
    match (form, key) {
        (Ok(form), Ok(key)) => {
            call.arguments = Ok(form.arguments);
            call.expect = form.expect;
            call.purpose = form.purpose;
            call.conversation = form.conversation;
            call.idempotency_key = key;
        }
        (Err(why), _) | (_, Err(why)) => call.arguments = Err(why),
    }
    call
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Malformed> {
    match single(headers, IDEMPOTENCY_KEY)? {
        Some(key) if is_key(key) => Ok(Some(key.to_owned())),
        Some(_) => Err(Malformed::Header),
        None => Ok(None),
    }
}

/// An idempotency key: 1 to 128 printable ASCII characters.
pub(in crate::http) fn is_key(key: &str) -> bool {
    (1..=128).contains(&key.len()) && key.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn view(listed: &Listed) -> Value {
    let operation = &listed.operation;
    let mut view = json!({
        "name": operation.name,
        "tool": operation.tool,
        "title": operation.title,
        "description": operation.description,
        "effect": operation.effect,
        "risk": operation.risk,
        "purposes": operation.purposes,
        "input_schema": listed.input_schema,
        "output_schema": listed.output_schema,
    });
    if let (Some(members), Some(expect)) = (view.as_object_mut(), &listed.expect_schema) {
        members.insert("expect_schema".to_owned(), expect.clone());
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::HttpSettings;
    use axum::body::Body;

    async fn call_with(body: &str, headers: &[(&str, &str)]) -> Call {
        let mut request = Request::post("/").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let mut settings = HttpSettings::new("https://tide.example");
        settings.body_limit = 1_000;
        to_call("a.b".to_owned(), &Asked::whole(request, &settings).await)
    }

    #[tokio::test]
    async fn i1_a_request_of_no_form_is_a_call_all_the_same() {
        let call = call_with(
            r#"{"arguments":{"id":"7"},"purpose":"p","conversation":"c"}"#,
            &[
                ("authorization", "Bearer t"),
                ("idempotency-key", "k 1"),
                ("accept-language", "de"),
            ],
        )
        .await;
        assert_eq!(call.bearer.as_deref(), Some("t"));
        assert_eq!(call.idempotency_key.as_deref(), Some("k 1"));
        assert_eq!(call.language.as_str(), "de");
        assert_eq!(call.arguments.unwrap().get("id").unwrap(), "7");

        let large = format!(r#"{{"arguments":{{"a":"{}"}}}}"#, "x".repeat(1_000));
        for (body, headers, why) in [
            ("{}{}", &[][..], Malformed::Body),
            (r#"{"arguments":[]}"#, &[], Malformed::Body),
            (r#"{"arguments":null}"#, &[], Malformed::Body),
            (r#"{"arguments":{},"subject":"x"}"#, &[], Malformed::Body),
            (r#"{"arguments":{"a":1,"a":2}}"#, &[], Malformed::Body),
            ("{}", &[("idempotency-key", "é")], Malformed::Header),
            ("{}", &[("idempotency-key", "")], Malformed::Header),
            (
                "{}",
                &[("idempotency-key", "a"), ("idempotency-key", "a")],
                Malformed::Header,
            ),
            (
                "{}",
                &[("content-type", "text/plain")],
                Malformed::MediaType,
            ),
            (&large, &[], Malformed::TooLarge),
        ] {
            let call = call_with(body, headers).await;
            assert_eq!(call.arguments, Err(why), "{body} {headers:?}");
            assert_eq!(call.operation, "a.b");
        }
    }

    #[test]
    fn keys_are_bounded() {
        assert!(is_key(&"k".repeat(128)));
        for bad in ["", "\n", "a\tb", "é", &"k".repeat(129)] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
