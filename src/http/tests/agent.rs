//! Agents with real tokens: what they may, what they are told, and that all of it is recorded.

use super::*;

impl Door {
    fn token_of(&self, person: &Person) -> String {
        let now_s = Clock::System.now_s();
        let issuer = &self.house.issuer;
        let draft = issuer.agent_token(AGENT, &person.sub, &person.uid, now_s);
        draft.acr("low").sign().unwrap()
    }

    /// How many records there are.
    fn records(&self) -> i64 {
        self.house.running.gateway.ledger().size()
    }

    /// Asks as the assistant for a customer.
    async fn as_agent(&self, person: &Person, request: Request<Body>) -> Seen {
        let token = format!("Bearer {}", self.token_of(person));
        self.ask(with(request, "authorization", &token)).await
    }

    async fn conversation(&self, person: &Person) -> String {
        let body = json!({"channel": "web", "locale": "en", "disclosure":
            {"version": "ai-notice/3", "shown_at": self.house.now()}});
        let request = ask(Method::POST, "/v1/conversations", &body.to_string());
        let seen = self.as_agent(person, request).await;
        assert_eq!(seen.status, 201, "{}", seen.body);
        text(&seen.json(), "conversation")
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn tool(name: &str, arguments: &Value, meta: &Value) -> Request<Body> {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": name, "arguments": arguments, "_meta": meta}});
    let request = ask(Method::POST, "/mcp", &message.to_string());
    with(request, "mcp-protocol-version", "2025-11-25")
}

#[tokio::test]
async fn i1_every_malformed_call_is_refused_and_recorded() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let large = format!("{{\"a\":\"{}\"}}", MARK.repeat(1_000));
    let twice = format!("{{\"{MARK}\":1,\"{MARK}\":2}}");
    let deep = "[".repeat(40);
    for path in [
        "/v1/operations/withdrawals.list",
        "/v1/operations/none.such",
        "/mcp",
    ] {
        for (body, code) in [
            ("", "malformed"),
            ("{}{}", "malformed"),
            (&twice, "malformed"),
            (&deep, "malformed"),
            (&large, "too_large"),
        ] {
            let before = door.records();
            let seen = door.as_agent(&person, ask(Method::POST, path, body)).await;
            assert_eq!(seen.code, code, "{path} {body}: {}", seen.body);
            assert_eq!(text(&seen.json(), "record").len(), 32, "{}", seen.body);
            assert!(!seen.body.contains(MARK));
            assert_eq!(door.records(), before + 1, "{path} {body}");
        }
        let mut typed = ask(Method::POST, path, "{}");
        typed
            .headers_mut()
            .insert(CONTENT_TYPE, "text/plain".parse().unwrap());
        assert_eq!(door.as_agent(&person, typed).await.code, "media_type");
    }
}

#[tokio::test]
async fn i1_tool_calls_that_the_library_would_refuse_are_recorded() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let call = || tool("withdrawals_list", &json!({}), &json!({}));
    let without_accept = {
        let mut request = call();
        request.headers_mut().remove("accept");
        request
    };
    let other_version = {
        let mut request = call();
        let version = "1999-01-01".parse().unwrap();
        request
            .headers_mut()
            .insert("mcp-protocol-version", version);
        request
    };
    let modern_without_meta = {
        let mut request = call();
        let version = "2026-07-28".parse().unwrap();
        request
            .headers_mut()
            .insert("mcp-protocol-version", version);
        request
    };
    for (request, status, code) in [
        (with(call(), "mcp-name", "kyc_profile"), 400, -32_020),
        (with(call(), "mcp-method", "tools/list"), 400, -32_020),
        (
            tool("withdrawals_list", &json!([1]), &json!({})),
            400,
            -32_602,
        ),
        (
            tool(
                "withdrawals_list",
                &json!({}),
                &json!({"tidewaiter/purposes": "x"}),
            ),
            400,
            -32_602,
        ),
        (other_version, 400, -32_600),
        (modern_without_meta, 400, -32_020),
    ] {
        let before = door.records();
        let seen = door.as_agent(&person, request).await;
        assert_eq!(seen.status, status, "{}", seen.body);
        assert_eq!(seen.json()["error"]["code"], code, "{}", seen.body);
        assert_eq!(door.records(), before + 1, "{}", seen.body);
    }
    let before = door.records();
    let seen = door.as_agent(&person, without_accept).await;
    assert_eq!(seen.code, "not_acceptable");
    assert_eq!(door.records(), before + 1);
}

#[tokio::test]
async fn rest_and_mcp_give_the_same_bytes() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let chat = door.conversation(&person).await;
    let arguments = json!({});

    let body = json!({"arguments": arguments, "conversation": chat}).to_string();
    let request = ask(Method::POST, "/v1/operations/withdrawals.list", &body);
    let rest = door.as_agent(&person, request).await;
    assert_eq!(rest.status, 200, "{}", rest.body);

    let meta = json!({"tidewaiter/conversation": chat});
    let before = door.records();
    let mcp = door
        .as_agent(&person, tool("withdrawals_list", &arguments, &meta))
        .await;
    assert_eq!(door.records(), before + 1);
    let result = &mcp.json()["result"];
    assert_eq!(result["isError"], false, "{}", mcp.body);
    let shown = result["content"][0]["text"].as_str().unwrap();
    assert!(mcp.body.contains(&format!("\"structuredContent\":{shown}")));

    let until_record = |text: &str| text.split(",\"record\":").next().unwrap().to_owned();
    assert_eq!(until_record(&rest.body), until_record(shown));
    assert!(!text(&rest.json(), "record").is_empty());
    assert!(rest.json()["result"].is_array() || rest.json()["result"].is_object());
}

#[tokio::test]
async fn refusals_over_mcp_are_results_with_a_sentence() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let chat = door.conversation(&person).await;
    let meta = json!({"tidewaiter/conversation": chat});
    for (name, arguments, meta, code) in [
        ("none_such", json!({}), &meta, "denied"),
        // An operation's name is not a tool's.
        ("withdrawals.list", json!({}), &meta, "denied"),
        ("margin_add", json!({}), &meta, "denied"),
        (
            "withdrawals_list",
            json!({"subject": MARK}),
            &meta,
            "invalid_arguments",
        ),
        (
            "withdrawals_list",
            json!({}),
            &json!({}),
            "conversation_required",
        ),
    ] {
        let before = door.records();
        let seen = door.as_agent(&person, tool(name, &arguments, meta)).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        let result = &seen.json()["result"];
        assert_eq!(result["isError"], true, "{}", seen.body);
        assert!(result.get("structuredContent").is_none());
        let shown: Value =
            serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text(&shown, "code"), code, "{name}");
        assert!(!text(&shown, "say").is_empty());
        assert_eq!(text(&shown, "record").len(), 32);
        assert!(!seen.body.contains(MARK));
        assert_eq!(door.records(), before + 1);
    }
    let mut stale = tool("withdrawals_list", &json!({}), &meta);
    stale
        .headers_mut()
        .insert("authorization", "Bearer e.e.e".parse().unwrap());
    let seen = door.ask(stale).await;
    assert_eq!((seen.status, &*seen.code), (401, "unauthenticated"));
    let challenge = seen.response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn the_list_is_what_the_policy_allows() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let rest = door
        .as_agent(&person, ask(Method::GET, "/v1/operations", ""))
        .await;
    let listed = rest.json();
    let names = |of: &Value, member: &str| -> Vec<String> {
        let each = of.as_array().unwrap().iter();
        each.map(|one| text(one, member)).collect()
    };
    let operations = names(&listed["operations"], "name");
    assert!(operations.contains(&"withdrawals.list".to_owned()));
    assert!(
        !operations.contains(&"margin.add".to_owned()),
        "{operations:?}"
    );

    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let mcp = door
        .as_agent(&person, ask(Method::POST, "/mcp", list))
        .await;
    let tools = &mcp.json()["result"]["tools"];
    assert_eq!(names(&listed["operations"], "tool"), names(tools, "name"));
    for tool in tools.as_array().unwrap() {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
        assert!(!text(tool, "name").contains('.'));
    }
}

#[tokio::test]
async fn turns_are_redacted_and_conversations_close() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let chat = door.conversation(&person).await;
    let body = json!({"speaker": "customer", "text": "mail me: someone@example.org"}).to_string();
    let path = format!("/v1/conversations/{chat}/turns");
    let seen = door
        .as_agent(&person, ask(Method::POST, &path, &body))
        .await;
    assert_eq!(seen.status, 201, "{}", seen.body);
    let turn = seen.json();
    assert_eq!(turn["text"], "mail me: [EMAIL_1]");
    assert_eq!(
        turn["findings"],
        json!([{"type": "EMAIL", "start": 9, "end": 28}])
    );

    let path = format!("/v1/conversations/{chat}/close");
    let body = r#"{"outcome":"resolved","rating":5}"#;
    let seen = door.as_agent(&person, ask(Method::POST, &path, body)).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    assert_eq!(text(&seen.json(), "record").len(), 32);

    // Somebody else's chat and none at all are one.
    let other = door.house.exchange.cast().victim.clone();
    let foreign = door.conversation(&other).await;
    let body = r#"{"speaker":"customer","text":"hi"}"#;
    let mut answers = Vec::new();
    for id in [foreign, "0".repeat(32), "x".to_owned()] {
        let path = format!("/v1/conversations/{id}/turns");
        let seen = door.as_agent(&person, ask(Method::POST, &path, body)).await;
        assert!(!seen.response.status().is_success());
        answers.push((seen.status, seen.code, seen.body.len()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_recorded_too() {
    let door = door_with(|settings| settings.body_timeout = Duration::from_millis(50)).await;
    let person = door.house.exchange.cast().queued.clone();
    let before = door.records();
    let mut request = ask(Method::POST, "/v1/operations/withdrawals.list", "");
    *request.body_mut() = Body::new(Endless);
    let seen = door.as_agent(&person, request).await;
    assert_eq!((seen.status, &*seen.code), (408, "request_timeout"));
    assert_eq!(seen.response.headers()["connection"], "close");
    assert_eq!(text(&seen.json(), "record").len(), 32);
    assert_eq!(door.records(), before + 1);
}

#[tokio::test]
async fn a_write_is_done_once_whichever_way_it_is_repeated() {
    let door = door().await;
    let person = door.house.exchange.cast().refused.clone();
    let chat = door.conversation(&person).await;
    let arguments = json!({"topic": "kyc", "summary": "Asks why it was refused."});
    let body = json!({"arguments": arguments, "conversation": chat}).to_string();
    let post = || ask(Method::POST, "/v1/operations/support.open_case", &body);

    let bare = door.as_agent(&person, post()).await;
    assert_eq!(bare.code, "idempotency_key_required", "{}", bare.body);
    let odd = with(post(), "idempotency-key", &"k".repeat(129));
    assert_eq!(door.as_agent(&person, odd).await.code, "malformed");

    let keyed = || with(post(), "idempotency-key", "case 1");
    let first = door.as_agent(&person, keyed()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let again = door.as_agent(&person, keyed()).await;
    assert_eq!(again.json()["result"], first.json()["result"]);

    let meta = json!({"tidewaiter/conversation": chat, "tidewaiter/idempotency-key": "case 1"});
    let over_mcp = tool("support_open_case", &arguments, &meta);
    let over_mcp = door.as_agent(&person, over_mcp).await.json();
    let structured = &over_mcp["result"]["structuredContent"];
    assert_eq!(structured["result"], first.json()["result"], "{over_mcp}");

    let other = json!({"topic": "p2p", "summary": "Something else."});
    let reused = door
        .as_agent(&person, tool("support_open_case", &other, &meta))
        .await;
    assert!(
        reused.body.contains("idempotency_key_reused"),
        "{}",
        reused.body
    );
    let without = json!({"tidewaiter/conversation": chat});
    let without = tool("support_open_case", &arguments, &without);
    let without = door.as_agent(&person, without).await;
    assert!(
        without.body.contains("idempotency_key_required"),
        "{}",
        without.body
    );
}
