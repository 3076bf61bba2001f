//! A client library of the protocol, over a socket, in both versions of it.

use super::*;
use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequestParams, ClientConfig};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;

impl Door {
    fn client(&self, token: Option<&str>) -> StreamableHttpClientTransport<reqwest::Client> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let uri = format!("{}/mcp", self.house.url);
        let config = StreamableHttpClientTransportConfig::with_uri(uri);
        let config = match token {
            Some(token) => config.auth_header(token),
            None => config,
        };
        StreamableHttpClientTransport::with_client(http, config)
    }

    /// A token whose session has an open conversation.
    async fn token_in_chat(&self) -> String {
        let person = &self.house.exchange.cast().queued;
        let now_s = Clock::System.now_s();
        let issuer = &self.house.issuer;
        let draft = issuer.agent_token(AGENT, &person.sub, &person.uid, now_s);
        let token = draft.acr("low").session("chat-1").sign().unwrap();
        let body = json!({"channel": "web", "locale": "en", "disclosure":
            {"version": "ai-notice/3", "shown_at": self.house.now()}});
        let client = self.house.client().unwrap().with_token(&token);
        let opened = client.post("/v1/conversations", &body).await.unwrap();
        assert_eq!(opened.status, 201);
        token
    }
}

#[tokio::test]
async fn a_client_library_lists_and_calls() {
    let door = door().await;
    let token = door.token_in_chat().await;
    let client = ClientConfig::default()
        .serve(door.client(Some(&token)))
        .await
        .unwrap();
    let peer = client.peer_info().unwrap();
    assert_eq!(peer.protocol_version.as_str(), "2025-11-25");
    let tools = client.list_all_tools().await.unwrap();
    assert!(tools.iter().any(|tool| tool.name == "withdrawals_list"));
    let call = CallToolRequestParams::new("withdrawals_list");
    let result = client.call_tool(call).await.unwrap();
    assert_eq!(result.is_error, Some(false), "{result:?}");
    let structured = result.structured_content.unwrap();
    assert_eq!(structured["record"].as_str().unwrap().len(), 32);
    let call = CallToolRequestParams::new("none_such");
    assert_eq!(client.call_tool(call).await.unwrap().is_error, Some(true));
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn a_client_without_a_token_is_told_where_to_get_one() {
    let door = door().await;
    let error = ClientConfig::default()
        .serve(door.client(None))
        .await
        .map(drop)
        .unwrap_err();
    let error = format!("{error:?}");
    assert!(error.contains("AuthRequired"), "{error}");
    assert!(error.contains("oauth-protected-resource"), "{error}");
}

#[tokio::test]
async fn the_stateless_protocol_is_spoken_as_it_is_written() {
    let door = door().await;
    let token = format!("Bearer {}", door.token_in_chat().await);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let send = async |method: &str, name: Option<&str>| {
        let mut params = json!({"_meta": meta});
        if let Some(name) = name {
            params["name"] = name.into();
        }
        let message = json!({"jsonrpc": "2.0", "id": "a", "method": method, "params": params});
        let request = ask(Method::POST, "/mcp", &message.to_string());
        let request = with(request, "mcp-protocol-version", "2026-07-28");
        let request = with(request, "mcp-method", method);
        let request = match name {
            Some(name) => with(request, "mcp-name", name),
            None => request,
        };
        door.ask(with(request, "authorization", &token)).await
    };
    let discovered = send("server/discover", None).await.json();
    let versions = &discovered["result"]["supportedVersions"];
    assert_eq!(versions, &json!(["2025-11-25", "2026-07-28"]));
    let listed = send("tools/list", None).await.json();
    assert_eq!(listed["result"]["cacheScope"], "private", "{listed}");
    let called = send("tools/call", Some("withdrawals_list")).await.json();
    assert_eq!(called["id"], "a");
    assert_eq!(called["result"]["isError"], false, "{called}");
    assert_eq!(called["result"]["resultType"], "complete", "{called}");
}
