use super::{Asker, refused, rejected};
use crate::catalog::Effect;
use crate::gateway::{Language, Refusal, Refused};
use crate::http::HttpSettings;
use crate::http::rejection::Rejection;
use axum::response::Response;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http_body_util::BodyExt;
use std::fmt::Write;

fn settings() -> HttpSettings {
    let mut settings = HttpSettings::new("https://tide.example");
    settings.acr_values = vec!["phr".to_owned(), "phrh".to_owned()];
    settings
}

async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn asker(settings: &HttpSettings) -> Asker<'_> {
    Asker {
        language: Language::En,
        credentials: true,
        mount: "",
        settings,
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table, a row a refusal")]
async fn i10_the_whole_table_of_refusals() {
    let settings = settings();
    let mut table = String::new();
    let mut line = |response: &Response, code: &str| {
        let header = |name| {
            let value = response.headers().get(name);
            value
                .map_or("-", |value| value.to_str().unwrap())
                .to_owned()
        };
        writeln!(
            table,
            "{} {code} | {} | {}",
            response.status().as_u16(),
            header(RETRY_AFTER),
            header(WWW_AUTHENTICATE)
        )
        .unwrap();
    };
    for refusal in Refusal::ALL {
        line(
            &refused(asker(&settings), &refusal.into(), None),
            refusal.code(),
        );
    }
    for rejection in Rejection::ALL {
        line(&rejected(rejection, Language::En, None), rejection.code());
    }
    insta::assert_snapshot!(table, @r#"
    401 unauthenticated | - | Bearer realm="tidewaiter", error="invalid_token", resource_metadata="https://tide.example/.well-known/oauth-protected-resource"
    403 wrong_kind | - | -
    429 over_quota | 1 | -
    429 guesses_spent | 3600 | -
    400 malformed | - | -
    413 too_large | - | -
    415 media_type | - | -
    403 denied | - | -
    403 insufficient_scope | - | Bearer realm="tidewaiter", error="insufficient_scope", scope="tidewaiter:read", resource_metadata="https://tide.example/.well-known/oauth-protected-resource"
    403 stopped | - | -
    422 invalid_arguments | - | -
    401 insufficient_user_authentication | - | Bearer realm="tidewaiter", error="insufficient_user_authentication", acr_values="phr phrh", resource_metadata="https://tide.example/.well-known/oauth-protected-resource"
    403 sign_in_required | - | -
    401 sign_in_again | - | Bearer realm="tidewaiter", error="invalid_token", resource_metadata="https://tide.example/.well-known/oauth-protected-resource"
    409 conversation_required | - | -
    404 not_found | - | -
    409 outcome_unknown | - | -
    400 idempotency_key_required | - | -
    422 idempotency_key_reused | - | -
    409 still_open | 1 | -
    409 conflict | - | -
    400 reason_required | - | -
    422 asks_for_secret | - | -
    503 unrecorded | 5 | -
    500 internal | - | -
    404 no_route | - | -
    405 method_not_allowed | - | -
    406 not_acceptable | - | -
    408 request_timeout | - | -
    414 uri_too_long | - | -
    431 headers_too_large | - | -
    421 host | - | -
    403 origin | - | -
    504 timeout | - | -
    "#);
}

#[tokio::test]
async fn a_problem_document_is_whole_and_says_no_more() {
    let settings = settings();
    let about = Refused {
        refusal: Refusal::InvalidArguments,
        argument: Some(("id".to_owned(), "does not match the pattern")),
        record: None,
        language: None,
    };
    let rid = "00112233445566778899aabbccddeeff";
    let response = refused(asker(&settings), &about, Some(rid));
    assert_eq!(
        response.headers().get("content-type").unwrap(),
        "application/problem+json"
    );
    insta::assert_snapshot!(body(response).await, @r#"{"type":"urn:tidewaiter:problem:invalid_arguments","title":"An argument is missing, unknown or not as declared.","status":422,"code":"invalid_arguments","record":"00112233445566778899aabbccddeeff","say":"I cannot find this or reach it at the moment. Please check the details, or ask for a person.","argument":"id","detail":"does not match the pattern"}"#);
    insta::assert_snapshot!(
        body(rejected(Rejection::NoRoute, Language::De, None)).await,
        @r#"{"type":"urn:tidewaiter:problem:no_route","title":"There is no such path.","status":404,"code":"no_route","say":"Ich kann gerade nicht antworten. Bitte versuchen Sie es bald wieder oder fragen Sie nach einem Menschen."}"#
    );
}

#[tokio::test]
async fn i10_not_found_differs_in_the_record_alone() {
    let settings = settings();
    let answer = |rid: &'static str| {
        let response = refused(asker(&settings), &Refusal::NotFound.into(), Some(rid));
        let headers = format!("{:?} {:?}", response.status(), response.headers());
        async move { (headers, body(response).await) }
    };
    let (one, two) = ("0".repeat(32).leak(), "f".repeat(32).leak());
    let (first, second) = (answer(one).await, answer(two).await);
    assert_eq!(first.0, second.0);
    assert_eq!(first.1.replace(&*one, &*two), second.1);
    assert_eq!(first.1.len(), second.1.len());
}

#[test]
fn no_error_is_named_to_who_brought_no_credentials() {
    let settings = settings();
    let stranger = Asker {
        credentials: false,
        ..asker(&settings)
    };
    let response = refused(stranger, &Refusal::Unauthenticated.into(), None);
    assert_eq!(
        response.headers().get(WWW_AUTHENTICATE).unwrap(),
        "Bearer realm=\"tidewaiter\", \
         resource_metadata=\"https://tide.example/.well-known/oauth-protected-resource\""
    );
}

#[test]
fn every_401_and_a_missing_scope_have_a_challenge_and_nothing_else_has() {
    let settings = settings();
    for refusal in Refusal::ALL {
        let response = refused(asker(&settings), &refusal.into(), None);
        assert_eq!(
            response.headers().contains_key(WWW_AUTHENTICATE),
            refusal.status() == 401 || matches!(refusal, Refusal::InsufficientScope(_)),
            "{refusal:?}"
        );
        let must_wait = [429, 503].contains(&refusal.status().as_u16());
        assert!(!must_wait || response.headers().contains_key(RETRY_AFTER));
    }
}

#[test]
fn a_challenge_names_the_scope_that_would_do_and_where_to_ask() {
    let mut settings = settings();
    settings.scopes = true;
    let challenge = |asker: Asker<'_>, refusal: Refusal| {
        let response = refused(asker, &refusal.into(), None);
        let value = response.headers().get(WWW_AUTHENTICATE).unwrap();
        value.to_str().unwrap().to_owned()
    };
    let at_mcp = Asker {
        mount: "/mcp",
        ..asker(&settings)
    };
    insta::assert_snapshot!(
        challenge(at_mcp, Refusal::InsufficientScope(Effect::Write)),
        @r#"Bearer realm="tidewaiter", error="insufficient_scope", scope="tidewaiter:read tidewaiter:write", resource_metadata="https://tide.example/.well-known/oauth-protected-resource/mcp""#
    );
    insta::assert_snapshot!(
        challenge(asker(&settings), Refusal::Unauthenticated),
        @r#"Bearer realm="tidewaiter", error="invalid_token", scope="tidewaiter:read", resource_metadata="https://tide.example/.well-known/oauth-protected-resource""#
    );
}
