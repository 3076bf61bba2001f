//! Comparing without seeing: what is told, what it costs, and that nothing makes it cheaper.

mod budget;

use crate::harness::stand::{Stand, open};
use serde_json::{Value, json};
use tidewaiter::cli::{Client, Reply};
use tidewaiter::clock::Clock;
use tidewaiter::demo::data::Person;

/// Calls an operation with expectations.
pub(crate) async fn expect(
    assistant: &Client,
    chat: &str,
    operation: &str,
    arguments: Value,
    expect: Value,
) -> Reply {
    let body = json!({"arguments": arguments, "conversation": chat, "expect": expect});
    assistant
        .post(&format!("/v1/operations/{operation}"), &body)
        .await
        .unwrap()
}

/// What became of the only expectation.
pub(crate) fn told(reply: &Reply) -> Value {
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.json());
    let compared = reply.json()["compared"].clone();
    assert_eq!(compared.as_array().map(Vec::len), Some(1), "{compared}");
    compared[0]["match"].clone()
}

/// A customer whose only phone is in their profile, and what it is.
fn somebody(stand: &Stand) -> Person {
    stand.house.exchange.cast().queued.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_compared_and_neither_shown_nor_free() {
    for stand in Stand::each().await {
        let person = somebody(&stand);
        let (assistant, chat) = stand.chat(&person).await;
        let ask = |value: String| {
            expect(
                &assistant,
                &chat,
                "kyc.profile",
                json!({}),
                json!({"email": value}),
            )
        };
        // Right ones cost nothing, however often, in whatever spelling.
        for _ in 0..8 {
            assert_eq!(told(&ask(person.email.to_uppercase()).await), true);
        }
        let reply = ask("somebody@else.example".to_owned()).await;
        assert_eq!(told(&reply), false);
        assert!(!reply.json().to_string().contains(&person.email));
        let rid = reply.json()["record"].as_str().unwrap().to_owned();
        let whole =
            crate::harness::whole::Whole::of(stand.house.running.gateway.ledger(), &stand.place);
        let whole = whole.await;
        let (_, body) = whole.named(&rid).expect("it is recorded");
        assert_eq!(body["expected"], json!({"email": "somebody@else.example"}));
        assert_eq!(body["compared"], json!([{"path": "email", "match": false}]));
        assert!(body["shown"].is_object());
        // Four more, and no more after that, right or wrong, alone or among others.
        for n in 0..4 {
            assert_eq!(told(&ask(format!("wrong{n}@else.example")).await), false);
        }
        let seen = stand.house.exchange.count();
        for value in [person.email.clone(), "wrong@else.example".to_owned()] {
            let reply = ask(value).await;
            assert_eq!(
                (reply.status.as_u16(), reply.json()["code"].clone()),
                (429, json!("guesses_spent"))
            );
            assert!(reply.json()["say"].is_string() && reply.json()["record"].is_string());
        }
        let both = json!({"email": person.email, "phones[].number": person.phone});
        let reply = expect(&assistant, &chat, "kyc.profile", json!({}), both).await;
        assert_eq!(reply.status.as_u16(), 429);
        assert_eq!(stand.house.exchange.count(), seen, "nobody was asked");
        // Other facts have their own budget, and the lookup itself goes on.
        let phone = json!({"phones[].number": person.phone});
        let reply = expect(&assistant, &chat, "kyc.profile", json!({}), phone).await;
        assert_eq!(told(&reply), true);
        let plain = expect(&assistant, &chat, "kyc.profile", json!({}), json!({})).await;
        assert_eq!(
            (plain.status.as_u16(), plain.json().get("compared").cloned()),
            (200, None)
        );
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_what_may_not_be_compared_is_refused_alike_and_names_nothing() {
    let stand = Stand::sqlite().await;
    let person = somebody(&stand);
    let (assistant, chat) = stand.chat(&person).await;
    let mut said = Vec::new();
    for path in ["comments[].data", "role", "nothing.at.all", "otp"] {
        let mut wanted = serde_json::Map::new();
        wanted.insert(path.to_owned(), "x".into());
        let reply = expect(&assistant, &chat, "kyc.profile", json!({}), wanted.into()).await;
        assert_eq!(reply.status.as_u16(), 422);
        let mut json = reply.json();
        assert_eq!(json["argument"], "expect");
        assert_eq!(json["code"], "invalid_arguments");
        json["record"] = Value::Null;
        said.push(json);
    }
    said.dedup();
    assert_eq!(said.len(), 1, "one refusal for all: {said:?}");
    for (wanted, argument) in [
        (json!([]), "expect"),
        (json!("email"), "expect"),
        (json!({"email": {"a": 1}}), "expect.email"),
        (json!({"email": ""}), "expect.email"),
    ] {
        let reply = expect(&assistant, &chat, "kyc.profile", json!({}), wanted.clone()).await;
        let json = reply.json();
        assert_eq!(
            (reply.status.as_u16(), &json["argument"]),
            (422, &json!(argument)),
            "{wanted}"
        );
    }
    // An agent that sees less compares less: here nothing of the contacts.
    let token = stand.house.issuer.agent_token(
        crate::wire::FLOW,
        &person.sub,
        &person.uid,
        Clock::System.now_s(),
    );
    let flow = stand
        .house
        .client()
        .unwrap()
        .with_token(&token.acr("substantial").sign().unwrap());
    let chat = open(&flow, &stand.house.now()).await;
    let body = json!({"arguments": {}, "conversation": chat, "purpose": "support.withdrawal",
        "expect": {"[].rid": "x"}});
    let reply = flow
        .post("/v1/operations/withdrawals.list", &body)
        .await
        .unwrap();
    assert_eq!(
        (reply.status.as_u16(), reply.json()["argument"].clone()),
        (422, json!("expect"))
    );
    // A change is not compared.
    let body = json!({"arguments": {}, "conversation": chat, "expect": {"tid": "x"}});
    let reply = flow
        .post("/v1/operations/withdrawals.cancel", &body)
        .await
        .unwrap();
    assert!(reply.status.as_u16() >= 400, "{}", reply.json());
    stand.close().await;
}

/// Over MCP an expectation stands among the tool's arguments, and the schemas say so; what comes
/// back is the document of REST, twice the same bytes.
#[tokio::test(flavor = "multi_thread")]
async fn a_tool_compares_like_rest_and_says_so_in_its_schemas() {
    let stand = Stand::sqlite().await;
    let person = somebody(&stand);
    let (assistant, chat) = stand.chat(&person).await;
    let listed = assistant.get("/v1/operations").await.unwrap().json();
    let rest: Vec<Value> = listed["operations"].as_array().unwrap().clone();
    let bot = stand.assistant(&person);
    let post = |method: &'static str, params: Value| {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let (bot, headers) = (&bot, [("mcp-protocol-version", "2025-11-25")]);
        async move {
            let body = message.to_string();
            let got = bot.send("POST", "/mcp", &headers, body.as_bytes()).await;
            got.json()["result"].clone()
        }
    };
    let tools = post("tools/list", json!({})).await["tools"].clone();
    let mut comparable = 0;
    for tool in tools.as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        let same = rest.iter().find(|o| o["tool"] == name).unwrap();
        let expect = &tool["inputSchema"]["properties"]["expect"];
        assert_eq!(expect, &same["expect_schema"], "{name}");
        assert!(same["input_schema"]["properties"].get("expect").is_none());
        assert_eq!(tool["outputSchema"], same["output_schema"]);
        let told = &tool["outputSchema"]["properties"]["compared"];
        assert_eq!(expect.is_null(), told.is_null(), "{name}");
        comparable += usize::from(!expect.is_null());
    }
    assert!(comparable >= 3, "{comparable}");
    let call = |expect: Value| {
        let meta = json!({"tidewaiter/conversation": chat});
        post(
            "tools/call",
            json!({"name": "kyc_profile", "arguments": {"expect": expect}, "_meta": meta}),
        )
    };
    let result = call(json!({"email": person.email, "profiles[].last_name": "Nobody"})).await;
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(text).unwrap(),
        result["structuredContent"]
    );
    assert_eq!(
        result["structuredContent"]["compared"],
        json!([{"path": "email", "match": true}, {"path": "profiles[].last_name", "match": false}])
    );
    assert!(!text.contains(&person.email) && !text.contains(&person.last_name));
    // A first name and a last name are one fact, and both interfaces spend one budget.
    for n in 0..4 {
        let wrong = json!({"profiles[].first_name": format!("Wrong{n}")});
        assert_eq!(
            told(&expect(&assistant, &chat, "kyc.profile", json!({}), wrong).await),
            false
        );
    }
    let refused = call(json!({"profiles[].last_name": person.last_name})).await;
    assert_eq!(refused["isError"], true);
    let text = refused["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("guesses_spent"), "{text}");
    assert_eq!(refused.get("structuredContent"), None);
    for wrong in [json!([1]), json!("x"), json!({"otp": "true"})] {
        let refused = call(wrong).await;
        assert!(
            refused["content"][0]["text"]
                .as_str()
                .unwrap()
                .contains("\"argument\":\"expect\"")
        );
    }
    let none = call(Value::Null).await;
    assert_eq!(none["isError"], false);
    stand.close().await;
}
