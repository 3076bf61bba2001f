//! Everything that callers can send, with a canary in it.

use super::text::{PASSWORD, PLACED, SEED, SHORT, WIF, sayings};
use crate::harness::child::Site;
use crate::harness::stand::open;
use http::Method;
use serde_json::{Value, json};
use std::io::Read;
use tidewaiter::cli::{Client, Reply};
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter::identity::Role;

/// Everything of the chat: turns, lookups, a case, with canaries wherever text goes.
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
pub(super) async fn talk(
    site: &Site,
    assistant: &Client,
    person: &Person,
    replies: &mut Vec<Reply>,
) {
    let now = rfc3339(Clock::System.now_us());
    let chat = open(assistant, &now).await;
    for version in [WIF, "ai-notice/3"] {
        let body = json!({"channel": "web", "locale": "en",
            "disclosure": {"version": version, "shown_at": now}});
        replies.push(assistant.post("/v1/conversations", &body).await.unwrap());
    }
    let turns = format!("/v1/conversations/{chat}/turns");
    let personal = format!(
        "I am {}, born as you know, mail {}, call {} or {}; see {}",
        person.name,
        person.email,
        person.phone,
        person.phone.trim_start_matches('+'),
        PLACED[0]
    );
    let short = SHORT.map(|(saying, _)| saying.to_owned());
    for text in sayings().into_iter().chain(short).chain([personal]) {
        for speaker in ["customer", "assistant", "human"] {
            let body = json!({"speaker": speaker, "text": text, "model": "model-1"});
            let reply = assistant.post(&turns, &body).await.unwrap();
            assert_eq!(reply.status, 201, "{}", reply.json());
            replies.push(reply);
            let body = json!({"speaker": speaker, "text": "hello", "model": WIF});
            replies.push(assistant.post(&turns, &body).await.unwrap());
        }
    }
    let mut calls = vec![
        ("kyc.profile", json!({}), Value::Null),
        ("deposits.list", json!({"limit": 5}), Value::Null),
        ("withdrawals.list", json!({}), Value::Null),
        (
            "balances.balance",
            json!({"currency": PLACED[0]}),
            Value::Null,
        ),
        (
            "balances.balance",
            json!({PLACED[1]: person.email, "currency": "btc"}),
            Value::Null,
        ),
        (
            "balances.balance",
            json!({"currency": "btc"}),
            json!(PLACED[2]),
        ),
        (
            "withdrawals.status",
            json!({"tid": person.withdraws.first()}),
            Value::Null,
        ),
    ];
    for saying in sayings() {
        calls.push(("balances.balance", json!({"currency": saying}), Value::Null));
        calls.push(("withdrawals.status", json!({"tid": saying}), Value::Null));
        calls.push(("balances.balance", json!({saying.clone(): 1}), Value::Null));
        calls.push((
            "balances.balance",
            json!({"currency": "btc"}),
            json!(saying),
        ));
    }
    for (operation, arguments, purpose) in calls {
        let mut body = json!({"arguments": arguments, "conversation": chat});
        if !purpose.is_null() {
            body["purpose"] = purpose;
        }
        replies.push(
            assistant
                .post(&format!("/v1/operations/{operation}"), &body)
                .await
                .unwrap(),
        );
    }
    for how in [
        Misbehaviour::Status(500),
        Misbehaviour::Garbage,
        Misbehaviour::DuplicateKeys,
    ] {
        site.exchange.misbehave_next(how, 1);
        let body = json!({"arguments": {}, "conversation": chat});
        replies.push(
            assistant
                .post("/v1/operations/kyc.profile", &body)
                .await
                .unwrap(),
        );
    }
    site.exchange.behave();
    let summary = format!("{} wants {}, {}", person.name, PLACED[13], person.email);
    for summary in sayings().into_iter().chain([summary]) {
        let arguments = json!({"topic": "other", "summary": summary});
        let body = json!({"arguments": arguments, "conversation": chat});
        let key = format!("{} {}", PLACED[7], replies.len());
        let headers = [("idempotency-key", key.as_str())];
        let path = "/v1/operations/support.open_case";
        replies.push(
            assistant
                .send(Method::POST, path, &headers, Some(&body))
                .await
                .unwrap(),
        );
    }
    let body = json!({"outcome": PLACED[13], "rating": 5});
    replies.push(
        assistant
            .post(&format!("/v1/conversations/{chat}/close"), &body)
            .await
            .unwrap(),
    );
}

/// Requests that are no calls or odd ones: paths, queries, headers, tokens, MCP.
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
pub(super) async fn knock(site: &Site, token: &str, replies: &mut Vec<Reply>) {
    let client = site.client().with_token(token);
    let secret = url::form_urlencoded::byte_serialize(SEED.as_bytes()).collect::<String>();
    for path in [
        format!("/{}", PLACED[5]),
        format!("/v1/operations?q={}", PLACED[6]),
        format!("/v1/operations?q={secret}"),
        format!("/{secret}"),
        format!("/v1/records/{WIF}"),
        format!("/v1/me/erasures/{WIF}"),
        format!("/v1/ledger/tile/0/{}", PLACED[5]),
    ] {
        replies.push(client.get(&path).await.unwrap());
    }
    let body = json!({"arguments": {}, "conversation": PLACED[10]});
    for name in [PLACED[5], WIF, &secret] {
        replies.push(
            client
                .post(&format!("/v1/operations/{name}"), &body)
                .await
                .unwrap(),
        );
        let turns = format!("/v1/conversations/{name}/turns");
        replies.push(
            client
                .post(&turns, &json!({"speaker": "customer", "text": SEED}))
                .await
                .unwrap(),
        );
    }
    let headers = [
        ("user-agent", PLACED[4]),
        ("accept-language", PLACED[3]),
        ("x-request-id", PLACED[3]),
        ("traceparent", PLACED[3]),
        ("cookie", WIF),
        ("referer", PLACED[3]),
        ("idempotency-key", WIF),
        ("x-forwarded-for", PLACED[3]),
    ];
    let path = "/v1/operations/balances.balance";
    replies.push(
        client
            .send(Method::POST, path, &headers, Some(&body))
            .await
            .unwrap(),
    );
    replies.push(
        client
            .send(
                Method::GET,
                "/v1/operations",
                &[("origin", PLACED[3])],
                None,
            )
            .await
            .unwrap(),
    );
    let broken = token.replace('.', "..");
    for junk in [&broken, PLACED[12], WIF, "a.b.c"] {
        let stranger = site.client().with_token(junk);
        replies.push(stranger.get("/v1/operations").await.unwrap());
        replies.push(stranger.post(path, &body).await.unwrap());
    }
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": PLACED[9], "version": WIF}});
    let call = |name: &str| {
        json!({"name": name, "arguments": {"currency": SEED, PLACED[1]: PASSWORD},
            "_meta": {"tidewaiter/purpose": PLACED[2], "other": WIF}})
    };
    for (method, params) in [
        ("initialize", hello),
        ("tools/list", json!({})),
        ("tools/call", call("balances_balance")),
        ("tools/call", call(PLACED[8])),
        ("tools/call", call(WIF)),
        (PLACED[8], json!({"secret": SEED})),
        (WIF, json!({})),
    ] {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let headers = [("accept", "application/json, text/event-stream")];
        replies.push(
            client
                .send(Method::POST, "/mcp", &headers, Some(&message))
                .await
                .unwrap(),
        );
    }
}

/// Officers' texts, and an export; the bundle.
#[expect(clippy::too_many_lines, reason = "one story from beginning to end")]
pub(super) async fn officers(site: &Site, replies: &mut Vec<Reply>) -> Vec<u8> {
    let officer = site.officer("olga", &[Role::Officer]);
    let second = site.officer("ivan", &[Role::Dpo, Role::Legal, Role::Officer]);
    for saying in sayings() {
        let reason = saying.replace('\n', " ");
        let headers = [("access-reason", reason.as_str()), ("access-case", "C-1")];
        replies.push(
            officer
                .send(Method::GET, "/v1/records/3", &headers, None)
                .await
                .unwrap(),
        );
        let stop = json!({"reason": reason});
        let path = "/v1/switches/topic:orders";
        replies.push(
            officer
                .send(Method::PUT, path, &[], Some(&stop))
                .await
                .unwrap(),
        );
        replies.push(
            second
                .send(Method::DELETE, path, &[], Some(&stop))
                .await
                .unwrap(),
        );
        let ask = json!({"scope": {"kind": "all"}, "power": reason, "reference": reason,
            "purpose": reason, "case": "C-1", "recipients": [], "released_clear": true});
        replies.push(officer.post("/v1/exports", &ask).await.unwrap());
    }
    let headers = [("access-reason", "complaint 7"), ("access-case", WIF)];
    replies.push(
        officer
            .send(Method::GET, "/v1/records/3", &headers, None)
            .await
            .unwrap(),
    );
    let headers = [("access-reason", "complaint 7"), ("access-case", "C-1")];
    let read = officer
        .send(Method::GET, "/v1/records/3", &headers, None)
        .await
        .unwrap();
    assert_eq!(read.status, 200, "{}", read.json());
    let ask = json!({"scope": {"kind": "all"}, "power": "order 12-7", "reference": "R-1",
        "purpose": "supervision", "case": "C-1", "recipients": [], "released_clear": true});
    let asked = officer.post("/v1/exports", &ask).await.unwrap().json();
    let id = asked["export"]
        .as_str()
        .unwrap_or_else(|| panic!("{asked}"));
    let why = json!({"reason": "letter of the regulator", "case": "C-1"});
    let approved = second
        .post(&format!("/v1/exports/{id}/approve"), &why)
        .await
        .unwrap();
    assert_eq!(approved.status, 200, "{}", approved.json());
    let path = format!("/v1/exports/{id}/bundle");
    let bundle = officer
        .send(Method::GET, &path, &headers, None)
        .await
        .unwrap();
    assert_eq!(bundle.status, 200, "{}", bundle.json());
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bundle.body.to_vec())).unwrap();
    let mut all = Vec::new();
    for at in 0..archive.len() {
        archive.by_index(at).unwrap().read_to_end(&mut all).unwrap();
    }
    all
}
