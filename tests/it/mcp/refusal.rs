//! What is not served, not said in the right form, or not allowed.

use super::{Desk, LEGACY, MARK, MODERN, assert_error};
use crate::wire::Wire;
use serde_json::json;
use tidewaiter_audit::Kind;

/// Bodies that are not one message, one a line; `CALL` is a call.
const NO_MESSAGE: &str = r#"
[CALL]
[CALL,CALL]
[]
CALLCALL
CALL CALL
{"jsonrpc":"2.0","method":"tools/call","params":{"name":"fees_tier"}}
{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"fees_tier"}}
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fees_tier","name":"kyc_profile"}}
{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"tools/list","params":{"name":"fees_tier"}}
{"jsonrpc":"1.0","id":1,"method":"tools/call","params":{"name":"fees_tier"}}
{"id":1,"method":"tools/call","params":{"name":"fees_tier"}}
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"zq7Kanarienvogel":1}}
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["fees_tier"]}}
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"fees_tier"}
{"jsonrpc":"2.0","id":1,"method":"tools/call","zq7Kanarienvogel":1,"params":{"name":"fees_tier"}}
{"jsonrpc":"2.0","id":1,"method":7}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_is_not_one_message_is_recorded() {
    let desk = Desk::sqlite().await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fees_tier"}}"#;
    desk.stand.exchange().forget_seen();
    for line in NO_MESSAGE.lines().filter(|line| !line.is_empty()) {
        let from = desk.stand.size();
        let version = [("mcp-protocol-version", LEGACY)];
        let got = desk.post(&version, &line.replace("CALL", call)).await;
        assert_eq!(
            (got.status, &*got.code()),
            (400, "malformed"),
            "{line}: {}",
            got.text()
        );
        assert_eq!(desk.stand.only_record(from, &got).await.0, Kind::Refusal);
        assert!(!got.text().contains(MARK), "{line}: {}", got.text());
    }
    assert_eq!(desk.stand.exchange().count(), 0);
    desk.stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_is_refused_with_fixed_texts() {
    let desk = Desk::sqlite().await;
    let from = desk.stand.size();
    let methods =
        "prompts/list resources/list sampling/createMessage rpc.discover zq7Kanarienvogel";
    for (version, method) in [LEGACY, MODERN]
        .iter()
        .flat_map(|v| methods.split(' ').map(|m| (*v, m)))
    {
        let got = desk.ask(version, method, json!({})).await;
        assert_eq!(
            got.json()["error"]["code"],
            -32_601,
            "{method}: {}",
            got.text()
        );
        assert!(!got.text().contains(method), "{}", got.text());
    }
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let old = desk
        .post(&[("mcp-protocol-version", "1999-01-01")], list)
        .await;
    assert!(old.json()["error"]["code"].is_i64() && !old.text().contains("1999"));
    assert_eq!(old.status, 400, "{}", old.text());
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", MARK] {
        desk.post(&[("origin", origin)], list)
            .await
            .is(403, "origin");
    }
    desk.post(&[("accept", "text/plain")], list)
        .await
        .is(406, "not_acceptable");
    let records = desk.stand.records_from(from).await;
    assert!(records.is_empty(), "lists and metadata are not recorded");
    desk.stand.close().await;
}

/// A call is recorded however it is refused: a misspelt purpose must not become the default one.
#[tokio::test(flavor = "multi_thread")]
async fn i3_parameters_of_another_form_are_refused_and_recorded() {
    let desk = Desk::sqlite().await;
    let call =
        |arguments, meta| json!({"name": "fees_tier", "arguments": arguments, "_meta": meta});
    for params in [
        call(json!({}), json!({"tidewaiter/purposes": MARK})),
        call(json!({}), json!({"tidewaiter/purpose": [MARK]})),
        call(json!({}), json!({"tidewaiter/idempotency-key": ""})),
        call(
            json!({}),
            json!({"tidewaiter/idempotency-key": MARK.repeat(9)}),
        ),
        call(json!({}), json!({"tidewaiter/subject": MARK})),
        call(json!([MARK]), json!({})),
        call(json!(MARK), json!({})),
        call(json!(7), json!({})),
    ] {
        let from = desk.stand.size();
        let got = desk.ask(LEGACY, "tools/call", params).await;
        assert_error(&got, 400, -32_602);
        assert_eq!(desk.stand.records_from(from).await.len(), 1);
    }
    desk.stand.close().await;
}

/// Strangers are challenged; a refusal is a result with a sentence in the language asked for.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_results_with_a_sentence_for_the_customer() {
    let desk = Desk::sqlite().await;
    let list = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    for token in [None, Some(MARK.to_owned())] {
        let stranger = Wire {
            token,
            ..desk.stand.wire()
        };
        let got = stranger.send("POST", "/mcp", &[], list).await;
        got.is(401, "unauthenticated");
        let challenge = got.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("resource_metadata=\"http"),
            "{challenge}"
        );
        assert!(!got.text().contains(MARK));
    }
    let mut said = Vec::new();
    for language in ["en", "ru-RU, en;q=0.5", "de"] {
        let params = json!({"name": MARK, "arguments": {}});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let headers = [
            ("accept-language", language),
            ("mcp-protocol-version", LEGACY),
        ];
        let got = desk.post(&headers, &message.to_string()).await;
        got.is(200, "denied");
        let result = &got.json()["result"];
        assert!(result["isError"] == true && result.get("structuredContent").is_none());
        assert!(!got.text().contains(MARK), "{}", got.text());
        said.push(got.document()["say"].as_str().unwrap().to_owned());
    }
    assert!(said[1].contains("сотрудник"), "{said:?}");
    said.dedup();
    assert_eq!(said.len(), 3);
    desk.stand.close().await;
}
