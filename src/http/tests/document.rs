//! The published document against the routes that are there.

use super::*;
use crate::http::openapi::{Everything, as_written, document};
use crate::http::{dressed, served};
use http::header::{ETAG, IF_NONE_MATCH};
use std::collections::BTreeSet;
use utoipa::OpenApi;

/// Path and method, as the document writes them.
type Methods = BTreeSet<(String, String)>;

fn documented(document: &Value) -> Methods {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (path.clone(), method.to_uppercase()))
        })
        .collect()
}

/// What a router says it allows, asked with a method that nothing allows.
async fn allowed(router: &Router, paths: &BTreeSet<String>) -> Methods {
    let mut all = Methods::new();
    for path in paths {
        let written = as_written(path);
        let asked = ask(Method::OPTIONS, &written.replace(['{', '}'], ""), "");
        let seen = seen(router.clone().oneshot(asked).await.unwrap()).await;
        assert_eq!(seen.code, "method_not_allowed", "{path}");
        let methods = seen.response.headers()[ALLOW].to_str().unwrap();
        let methods = methods.split(',').filter(|method| *method != "HEAD");
        all.extend(methods.map(|method| (written.clone(), method.to_owned())));
    }
    all
}

#[tokio::test]
async fn document_and_routes_name_the_same_paths_and_methods() {
    let door = door().await;
    let assembled = |exchanges| {
        let settings = HttpSettings::new("https://tide.example");
        let gateway = Arc::clone(&door.house.running.gateway);
        let (table, site) = served(gateway, settings, exchanges);
        let paths = table.paths().clone();
        (paths, dressed(table, site))
    };
    for exchanges in [false, true] {
        let (paths, router) = assembled(exchanges);
        let there = allowed(&router, &paths).await;
        let request = ask(Method::GET, "/openapi.json", "");
        let published = seen(router.oneshot(request).await.unwrap()).await.json();
        assert_eq!(documented(&published), there);
        assert_eq!(published["servers"][0]["url"], "https://tide.example");
        assert_eq!(
            there.iter().any(|(path, _)| path == "/oauth/token"),
            exchanges
        );
        // Whoever asks the command is shown everything that any deployment can serve.
        let all: Value = serde_json::from_str(&document("/", None)).unwrap();
        assert_eq!(documented(&all) == there, exchanges);
    }
}

#[test]
fn what_is_not_served_is_not_in_it() {
    let only = BTreeSet::from([
        "/mcp".to_owned(),
        "/v1/ledger/tile/{level}/{*index}".to_owned(),
    ]);
    let document: Value = serde_json::from_str(&document("/", Some(&only))).unwrap();
    let paths: Vec<_> = documented(&document).into_iter().collect();
    let expected = [("/mcp", "POST"), ("/v1/ledger/tile/{level}/{index}", "GET")];
    assert_eq!(
        paths,
        expected.map(|(path, method)| (path.to_owned(), method.to_owned()))
    );
}

#[test]
fn every_refusal_is_in_it_with_its_status() {
    use crate::gateway::Refusal;
    use crate::http::rejection::Rejection;
    let document = serde_json::to_value(Everything::openapi()).unwrap();
    let responses = &document["components"]["responses"];
    let refusals = Refusal::ALL.map(|refusal| (refusal.status(), refusal.code()));
    let rejections = Rejection::ALL.map(|rejection| (rejection.status(), rejection.code()));
    for (status, code) in refusals.into_iter().chain(rejections) {
        let response = &responses[format!("Problem{}", status.as_u16())];
        let schema = &response["content"]["application/problem+json"]["schema"];
        let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array();
        assert!(codes.unwrap().contains(&json!(code)), "{code}");
    }
}

#[test]
fn whoever_needs_a_token_is_told_what_happens_without() {
    let document: Value = serde_json::from_str(&document("/", None)).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let refused = operation["responses"].get("401").is_some();
            let secured = operation.get("security").is_some();
            assert_eq!(
                refused,
                secured || path == "/oauth/token",
                "{method} {path}"
            );
            assert!(operation["operationId"].is_string(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_client_that_has_it_is_not_sent_it_again() {
    let door = door().await;
    let first = door.get("/openapi.json").await;
    assert_eq!(first.response.headers()[CACHE_CONTROL], "public, no-cache");
    let tag = first.response.headers()[ETAG].to_str().unwrap().to_owned();
    for (known, status) in [
        (tag.as_str(), 304),
        (&format!("\"other\", W/{tag}"), 304),
        ("*", 304),
        ("\"other\"", 200),
        (tag.trim_matches('"'), 200),
    ] {
        let request = with(
            ask(Method::GET, "/openapi.json", ""),
            IF_NONE_MATCH.as_str(),
            known,
        );
        let seen = door.ask(request).await;
        assert_eq!(seen.status, status, "{known}");
        assert_eq!(seen.body.is_empty(), status == 304);
        assert_eq!(seen.response.headers()[ETAG], tag);
    }
    // Everything else stays with nobody.
    let other = door.get("/v1/ledger/key").await;
    assert_eq!(other.response.headers()[CACHE_CONTROL], "no-store");
}
