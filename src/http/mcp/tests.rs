use super::Spoken;
use super::reply;
use super::server::VERSIONS;
use crate::gateway::Language;
use crate::http::HttpSettings;
use crate::http::asked::Asked;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use std::fmt::Write;

fn asked() -> Asked {
    let asked = Asked::head(Request::new(Body::empty()));
    assert_eq!(asked.language, Language::En);
    asked
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn spoken(status: u16, json: &'static str) -> Spoken {
    Spoken {
        status: StatusCode::from_u16(status).unwrap(),
        json: (!json.is_empty()).then(|| Bytes::from_static(json.as_bytes())),
    }
}

#[tokio::test]
async fn the_librarys_texts_do_not_leave() {
    let mut table = String::new();
    let codes = [
        -32_700, -32_600, -32_601, -32_602, -32_603, -32_002, -32_020, -32_021, -32_022, -32_042, 7,
    ];
    for code in codes {
        let theirs = format!(
            r#"{{"jsonrpc":"2.0","id":"a","error":{{"code":{code},"message":"secret","data":{{"requested":"secret"}}}}}}"#
        );
        let response = reply::to_other(&asked(), spoken(400, theirs.leak()));
        table.push_str(&text(response).await);
        table.push('\n');
    }
    for status in [400, 403, 404, 405, 406, 413, 415, 500, 200] {
        let response = reply::to_other(&asked(), spoken(status, ""));
        let status = response.status().as_u16();
        writeln!(table, "{status} {}", text(response).await).unwrap();
    }
    assert!(!table.contains("secret"));
    insta::assert_snapshot!(table, @r#"
    {"jsonrpc":"2.0","id":"a","error":{"code":-32700,"message":"The message is not JSON."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32600,"message":"The message is not a valid request."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32601,"message":"There is no such method here."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"The parameters are not as they must be."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32603,"message":"An error on our side."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"The parameters are not as they must be."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32020,"message":"The headers do not agree with the message."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32021,"message":"The client lacks a capability this needs."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32022,"message":"This protocol version is not served.","data":{"supported":["2025-11-25","2026-07-28"]}}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32603,"message":"An error on our side."}}
    {"jsonrpc":"2.0","id":"a","error":{"code":-32603,"message":"An error on our side."}}
    400 {"jsonrpc":"2.0","error":{"code":-32600,"message":"The message is not a valid request."}}
    403 {"type":"urn:tidewaiter:problem:origin","title":"This origin may not call this service.","status":403,"code":"origin","say":"I cannot answer right now. Please try again soon, or ask for a person."}
    400 {"jsonrpc":"2.0","error":{"code":-32600,"message":"The message is not a valid request."}}
    400 {"jsonrpc":"2.0","error":{"code":-32600,"message":"The message is not a valid request."}}
    406 {"type":"urn:tidewaiter:problem:not_acceptable","title":"Accept must name application/json and text/event-stream.","status":406,"code":"not_acceptable","say":"I cannot answer right now. Please try again soon, or ask for a person."}
    400 {"jsonrpc":"2.0","error":{"code":-32600,"message":"The message is not a valid request."}}
    400 {"jsonrpc":"2.0","error":{"code":-32600,"message":"The message is not a valid request."}}
    500 {"jsonrpc":"2.0","error":{"code":-32603,"message":"An error on our side."}}
    500 {"jsonrpc":"2.0","error":{"code":-32603,"message":"An error on our side."}}
    "#);
}

#[tokio::test]
async fn results_of_other_methods_and_accepted_notifications_pass() {
    let theirs = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}"#;
    assert_eq!(
        text(reply::to_other(&asked(), spoken(200, theirs))).await,
        theirs
    );
    let accepted = reply::to_other(&asked(), spoken(202, ""));
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    assert_eq!(text(accepted).await, "");
}

#[test]
fn text_and_structure_are_the_same_bytes() {
    let theirs = r#"{"jsonrpc":"2.0","id":"x\u0041","result":{"content":[],"isError":false,"resultType":"complete"}}"#;
    let document = br#"{"result":{"z":1.10,"a":"\u00e9"},"treated":[],"record":"00ff"}"#;
    let filled = reply::fill(&spoken(200, theirs), document.to_vec(), false).unwrap();
    let filled = String::from_utf8(filled).unwrap();
    insta::assert_snapshot!(filled, @r#"{"jsonrpc":"2.0","id":"x\u0041","result":{"content":[{"text":"{\"result\":{\"z\":1.10,\"a\":\"\\u00e9\"},\"treated\":[],\"record\":\"00ff\"}","type":"text"}],"isError":false,"resultType":"complete","structuredContent":{"result":{"z":1.10,"a":"\u00e9"},"treated":[],"record":"00ff"}}}"#);
    let value: serde_json::Value = serde_json::from_str(&filled).unwrap();
    let shown = value["result"]["content"][0]["text"].as_str().unwrap();
    assert!(filled.contains(&format!("\"structuredContent\":{shown}")));
    assert_eq!(shown.as_bytes(), document);

    let refusal = br#"{"code":"denied","say":"No."}"#;
    let filled = reply::fill(&spoken(200, theirs), refusal.to_vec(), true).unwrap();
    insta::assert_snapshot!(String::from_utf8(filled).unwrap(), @r#"{"jsonrpc":"2.0","id":"x\u0041","result":{"content":[{"text":"{\"code\":\"denied\",\"say\":\"No.\"}","type":"text"}],"isError":true,"resultType":"complete"}}"#);

    assert!(reply::fill(&spoken(200, theirs), b"{".to_vec(), false).is_none());
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#;
    assert!(reply::fill(&spoken(200, error), document.to_vec(), false).is_none());
}

#[test]
fn both_protocol_versions_are_served() {
    let versions: Vec<_> = VERSIONS
        .iter()
        .map(rmcp::model::ProtocolVersion::as_str)
        .collect();
    assert_eq!(versions, ["2025-11-25", "2026-07-28"]);
    let settings = HttpSettings::new("https://tide.example");
    assert_eq!(settings.hosts(), ["tide.example"]);
}
