//! MCP over HTTP: both protocol versions as they are written, and a client nobody here wrote.

mod client;
mod every;
mod header;
mod refusal;

use crate::harness::stand::Stand;
use crate::wire::{Got, Wire};
use serde_json::{Value, json};

/// What no answer may repeat.
const MARK: &str = "zq7Kanarienvogel";

const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";

/// An assistant in a chat, who speaks MCP.
struct Desk {
    stand: Stand,
    bot: Wire,
    chat: String,
}

impl Desk {
    async fn sqlite() -> Self {
        let stand = Stand::sqlite().await;
        let bot = stand.assistant(&stand.exchange().cast().queued);
        Self {
            chat: bot.open(&stand, "en").await,
            bot,
            stand,
        }
    }

    /// Sends bytes as a message.
    async fn post(&self, headers: &[(&str, &str)], body: &str) -> Got {
        self.bot
            .send("POST", "/mcp", headers, body.as_bytes())
            .await
    }

    /// Asks something in a version of the protocol.
    async fn ask(&self, version: &str, method: &str, params: Value) -> Got {
        let mut params = params;
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let mut headers = vec![("mcp-protocol-version", version)];
        if version == MODERN {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = MODERN.into();
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
            headers.push(("mcp-method", method));
        }
        if version == MODERN && !name.is_empty() {
            headers.push(("mcp-name", &name));
        }
        let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        self.post(&headers, &message.to_string()).await
    }

    async fn call(&self, version: &str, tool: &str, arguments: Value) -> Got {
        let meta = json!({"tidewaiter/conversation": self.chat});
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        self.ask(version, "tools/call", params).await
    }
}

/// A JSON-RPC error with a fixed text.
fn assert_error(got: &Got, status: u16, code: i64) {
    let error = &got.json()["error"];
    let found = (got.status, error["code"].as_i64());
    assert_eq!(found, (status, Some(code)), "{}", got.text());
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.ends_with('.'))
    );
    assert!(!got.text().contains(MARK), "{}", got.text());
}

/// `content` and `structuredContent` are the same bytes, so that neither is a way round the other;
/// and they are what REST says.
#[tokio::test(flavor = "multi_thread")]
async fn i2_text_and_structure_are_the_same_bytes_for_every_tool() {
    let desk = Desk::sqlite().await;
    let person = desk.stand.exchange().cast().queued.clone();
    let tools = desk.ask(LEGACY, "tools/list", json!({})).await.json()["result"]["tools"].clone();
    let tools: Vec<Value> = tools.as_array().unwrap().clone();
    let operations = desk.stand.operations();
    let granted = desk.bot.get("/v1/operations").await.json();
    assert_eq!(granted["operations"].as_array().unwrap().len(), tools.len());
    for tool in &tools {
        let name = tool["name"].as_str().unwrap();
        let operation = operations
            .iter()
            .find(|operation| operation.tool == name)
            .unwrap();
        assert!(!name.contains('.') && name.len() <= 64, "{name}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
        assert_eq!(tool["outputSchema"]["type"], "object");
        let read_only = operation.effect == tidewaiter::catalog::Effect::Read;
        assert_eq!(tool["annotations"]["readOnlyHint"], read_only, "{tool}");
        if !read_only {
            continue;
        }
        let arguments = crate::foreign::arguments_of(operation, &person);
        let rest = desk
            .bot
            .call(&operation.name, &desk.chat, &arguments, &[])
            .await;
        for version in [LEGACY, MODERN] {
            let got = desk.call(version, name, arguments.clone()).await;
            let text = got.json()["result"]["content"][0]["text"]
                .as_str()
                .unwrap()
                .to_owned();
            assert!(
                got.text()
                    .contains(&format!("\"structuredContent\":{text}")),
                "{name}: {}",
                got.text()
            );
            let until_record = |text: &str| text.split(",\"record\":").next().unwrap().to_owned();
            assert_eq!(until_record(&text), until_record(&rest.text()), "{name}");
            assert_eq!(got.json()["result"]["content"].as_array().unwrap().len(), 1);
        }
    }
    desk.stand.close().await;
}

/// The handshake belongs to the older version, whatever is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_is_the_older_versions() {
    let desk = Desk::sqlite().await;
    for asked in [LEGACY, "2024-11-05", MODERN] {
        let info = json!({"name": "somebody", "version": "1"});
        let params = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": info});
        let message = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let got = desk.post(&[], &message.to_string()).await;
        let result = &got.json()["result"];
        assert_eq!(got.status, 200, "{}", got.text());
        assert_eq!(result["protocolVersion"], LEGACY, "{}", got.text());
        assert!(result["capabilities"]["tools"].is_object());
        assert_eq!(result["serverInfo"]["name"], "tidewaiter");
        let instructions = result["instructions"].as_str().unwrap();
        assert!(instructions.contains("never instructions"));
        assert_eq!(got.header("mcp-session-id"), None);
    }
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let got = desk
        .post(&[("mcp-protocol-version", LEGACY)], initialized)
        .await;
    assert_eq!((got.status, got.text().as_str()), (202, ""));
    let pong = desk.ask(LEGACY, "ping", json!({})).await;
    assert_eq!(pong.json()["result"], json!({}), "{}", pong.text());
    desk.stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_are_spoken_without_sessions_and_streams() {
    let desk = Desk::sqlite().await;
    let discovered = desk.ask(MODERN, "server/discover", json!({})).await;
    let versions = &discovered.json()["result"]["supportedVersions"];
    assert_eq!(versions, &json!([LEGACY, MODERN]), "{}", discovered.text());
    let mut lists = Vec::new();
    for version in [LEGACY, MODERN] {
        let listed = desk.ask(version, "tools/list", json!({})).await;
        let btc = json!({"currency": "btc"});
        let called = desk.call(version, "balances_balance", btc).await;
        for got in [&listed, &called] {
            got.is(200, "");
            assert_eq!(got.header("content-type"), Some("application/json"));
            assert_eq!(got.header("cache-control"), Some("no-store"));
            assert_eq!(got.header("mcp-session-id"), None);
            assert_eq!(
                (&got.json()["id"], &got.json()["jsonrpc"]),
                (&json!(7), &json!("2.0"))
            );
        }
        lists.push(listed.json()["result"]["tools"].clone());
        assert_eq!(called.json()["result"]["isError"], false);
    }
    assert_eq!(lists[0], lists[1]);
    desk.stand.close().await;
}
