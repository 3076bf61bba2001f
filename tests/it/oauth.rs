//! The token endpoint over real HTTP, with an issuer whose keys are at an endpoint that rotates.

mod desk;

use crate::harness::Place;
use crate::wire::{FLOW, Wire};
use desk::{Desk, SESSIONS, form, now_s};
use serde_json::{Value, json};
use tidewaiter::demo::AGENT;
use tidewaiter::identity::Role;
use tidewaiter_audit::{Decision, Kind};

const MALFORMED: (u16, &str) = (400, "invalid_request");

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_session_becomes_a_delegated_token_with_a_record() {
    for place in Place::each().await {
        let desk = Desk::on(place).await;
        let before = desk.size();
        let assertion = desk.assertion();
        let got = desk.ask(&Desk::asserted(&assertion, &desk.session())).await;
        assert_eq!(got.status, 200, "{}", got.text());
        assert_eq!(got.header("cache-control"), Some("no-store"));
        assert_eq!(got.header("pragma"), Some("no-cache"));
        let view = got.json();
        assert_eq!(view["token_type"], "Bearer");
        assert_eq!(view["expires_in"], 300);
        assert_eq!(
            view["issued_token_type"],
            "urn:ietf:params:oauth:token-type:access_token"
        );
        // One record, the customer's own, that says how and names no secret.
        assert_eq!(desk.size(), before + 1);
        let (leaf, body) = desk.record(&got.rid()).await;
        assert_eq!(
            (leaf.kind, leaf.decision),
            (Kind::Agent, Some(Decision::Allow))
        );
        assert_eq!(leaf.agent.as_deref(), Some(AGENT));
        assert_eq!(body["act"], "token.issued");
        assert_eq!(body["proof"], "private_key_jwt");
        assert_eq!(body["scope"], "tidewaiter:read tidewaiter:write");
        let token = view["access_token"].as_str().unwrap().to_owned();
        assert!(!body.to_string().contains(&token));

        // It is a token like any other, over REST and MCP, and the customer is the session's.
        let bot = desk.wire(Some(&token));
        let chat = desk.open(&bot).await;
        let got = bot.call("withdrawals.list", &chat, &json!({}), &[]).await;
        got.is(200, "");
        let tool = bot.tool("withdrawals_list", &chat, &json!({}), None).await;
        assert_eq!(tool.document()["result"], got.json()["result"]);
        // The same by a token of the agent alone.
        let got = desk.ask(&desk.shown(&desk.session())).await;
        assert_eq!(got.status, 200, "{}", got.text());
        assert_eq!(desk.record(&got.rid()).await.1["proof"], "actor_token");
        // The session itself is good for nothing else.
        let own = desk.wire(Some(&desk.session()));
        own.get("/v1/me/lookups").await.is(401, "unauthenticated");
        own.get("/v1/operations").await.is(401, "unauthenticated");
        desk.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_known_agents_are_refused_with_a_record_and_strangers_without() {
    let desk = Desk::on(Place::sqlite()).await;
    let session = desk.session();
    let good = desk.shown(&session);
    let with = |name: &str, value: &str| -> Vec<(String, String)> {
        let mut form = good.clone();
        form.retain(|(known, _)| known != name);
        form.push((name.to_owned(), value.to_owned()));
        form
    };
    let url = desk.site.url.clone();
    let flow = desk.site.issuer.guest_token(FLOW, now_s()).sign().unwrap();
    for (form, expected) in [
        (
            with("grant_type", "client_credentials"),
            (400, "unsupported_grant_type"),
        ),
        (with("grant_type", ""), MALFORMED),
        (with("subject_token", ""), MALFORMED),
        (with("subject_token", "x.y.z"), MALFORMED),
        (with("subject_token", &flow), MALFORMED),
        (with("subject_token_type", ""), MALFORMED),
        (
            with(
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:saml2",
            ),
            MALFORMED,
        ),
        (
            with(
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:id_token",
            ),
            MALFORMED,
        ),
        (with("scope", "openid"), (400, "invalid_scope")),
        (with("scope", "tidewaiter:read "), (400, "invalid_scope")),
        (
            with("resource", "https://other.example"),
            (400, "invalid_target"),
        ),
        (
            with("audience", &format!("{url}/")),
            (400, "invalid_target"),
        ),
        (with("actor_token", &flow), (400, "unauthorized_client")),
    ] {
        let before = desk.size();
        let got = desk.ask(&form).await;
        let found = (
            got.status,
            got.json()["error"].as_str().unwrap_or_default().to_owned(),
        );
        assert_eq!((found.0, &*found.1), expected, "{form:?}: {}", got.text());
        assert_eq!(desk.size(), before + 1, "{form:?}");
        let (leaf, body) = desk.record(&got.rid()).await;
        assert_eq!(
            (leaf.kind, leaf.decision),
            (Kind::Refusal, Some(Decision::Deny))
        );
        assert!(leaf.agent.is_some() && body["act"] == "token.refused");
    }
    let stranger = (401, "invalid_client");
    let client = [("client_id".to_owned(), "somebody".to_owned())];
    for (form, expected) in [
        (with("actor_token", "x.y.z"), stranger),
        (with("actor_token", &session), stranger),
        (
            with(
                "actor_token_type",
                "urn:ietf:params:oauth:token-type:id_token",
            ),
            MALFORMED,
        ),
        (with("client_assertion", "x.y.z"), MALFORMED),
        ([good.clone(), client.to_vec()].concat(), stranger),
        (Vec::new(), MALFORMED),
        (vec![("grant_type".to_owned(), "x".to_owned())], stranger),
    ] {
        let got = desk.ask(&form).await;
        let found = (
            got.status,
            got.json()["error"].as_str().unwrap_or_default().to_owned(),
        );
        assert_eq!((found.0, &*found.1), expected, "{form:?}: {}", got.text());
        assert_eq!(got.rid(), "");
        assert_eq!(got.header("www-authenticate").is_some(), got.status == 401);
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_is_refused_and_repeated_nowhere() {
    let desk = Desk::on(Place::sqlite()).await;
    let wire = desk.wire(None);
    let good = form(&desk.shown(&desk.session()));
    let typed = [("content-type", "application/x-www-form-urlencoded")];
    let send = async |body: &str| {
        wire.send("POST", "/oauth/token", &typed, body.as_bytes())
            .await
    };
    for body in [
        "hunter2",
        "hunter2=%",
        &format!("{good}&scope=hunter2&scope=hunter2"),
        &format!("{good}&subject_token=hunter2"),
        &format!("{good}&client_secret=hunter2"),
        &"a=hunter2&".repeat(40),
        &format!("{good}&x={}", "hunter2".repeat(6_000)),
    ] {
        let got = send(body).await;
        assert!([400, 413].contains(&got.status), "{}", got.text());
        assert_eq!(got.json()["error"], "invalid_request");
        assert!(!got.text().contains("hunter2"));
    }
    let json = wire
        .post("/oauth/token", &json!({"grant_type": "hunter2"}))
        .await;
    assert_eq!(
        (json.status, json.json()["error"].as_str()),
        (400, Some("invalid_request"))
    );
    for (authorization, challenge) in [("Basic aHVudGVyMg==", "Basic"), ("Bearer x", "Bearer")] {
        let headers = [typed[0], ("authorization", authorization)];
        let got = wire
            .send("POST", "/oauth/token", &headers, good.as_bytes())
            .await;
        assert_eq!(
            (got.status, got.json()["error"].as_str()),
            (401, Some("invalid_client"))
        );
        assert!(
            got.header("www-authenticate")
                .unwrap()
                .starts_with(challenge)
        );
    }
    wire.get("/oauth/token").await.is(405, "method_not_allowed");
    assert_eq!(send(&good).await.status, 200);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_good_once_however_often_it_is_sent() {
    let desk = Desk::on(Place::sqlite()).await;
    let assertion = desk.assertion();
    let form = Desk::asserted(&assertion, &desk.session());
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (wire, body) = (desk.wire(None), desk::form(&form));
        all.spawn(async move {
            let typed = [("content-type", "application/x-www-form-urlencoded")];
            wire.send("POST", "/oauth/token", &typed, body.as_bytes())
                .await
                .status
        });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401, 401, 401, 401, 401]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_scopes_bound_what_the_policy_grants() {
    let desk = Desk::on(Place::sqlite()).await;
    let bot = desk.bot(Some("tidewaiter:read:withdrawals")).await;
    let chat = desk.open(&bot).await;
    bot.call("withdrawals.list", &chat, &json!({}), &[])
        .await
        .is(200, "");
    let metadata = format!("{}/.well-known/oauth-protected-resource", desk.site.url);
    for (operation, scope) in [
        ("fees.tier", "tidewaiter:read"),
        ("support.open_case", "tidewaiter:read tidewaiter:write"),
    ] {
        let before = desk.size();
        let got = bot
            .call(operation, &chat, &json!({}), &[("idempotency-key", "k")])
            .await;
        got.is(403, "insufficient_scope");
        assert_eq!(
            got.header("www-authenticate").unwrap(),
            format!(
                "Bearer realm=\"tidewaiter\", error=\"insufficient_scope\", scope=\"{scope}\", \
                 resource_metadata=\"{metadata}\""
            )
        );
        assert_eq!(desk.size(), before + 1);
        let (leaf, body) = desk.record(&got.rid()).await;
        assert_eq!(
            (leaf.kind, leaf.decision),
            (Kind::Refusal, Some(Decision::Deny))
        );
        assert_eq!(body["refused"], "insufficient_scope");
    }
    // What is not granted looks like nothing at all, whatever the scopes.
    bot.call("none.such", &chat, &json!({}), &[])
        .await
        .is(403, "denied");
    bot.call("withdrawals.cancel", &chat, &json!({"tid": "x"}), &[])
        .await
        .is(403, "denied");
    let tool = bot.tool("fees_tier", &chat, &json!({}), None).await;
    tool.is(200, "insufficient_scope");
    assert!(
        tool.header("www-authenticate")
            .unwrap()
            .contains(&format!("{metadata}/mcp"))
    );
    let listed = bot.get("/v1/operations").await.json();
    let listed = listed["operations"].as_array().unwrap();
    assert!(listed.iter().any(|one| one["name"] == "withdrawals.list"));
    for one in listed {
        let name = one["name"].as_str().unwrap();
        assert!(name.starts_with("withdrawals."), "{name}");
        assert_eq!(one["effect"], "read", "{name}");
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_say_where_tokens_come_from_and_for_what() {
    let desk = Desk::on(Place::sqlite()).await;
    let (wire, url) = (desk.wire(None), &desk.site.url);
    let at = async |path: &str| wire.get(&format!("/.well-known/{path}")).await.json();
    let resource = at("oauth-protected-resource").await;
    assert_eq!(resource["resource"], *url);
    assert_eq!(
        resource["scopes_supported"],
        json!(["tidewaiter:read", "tidewaiter:write"])
    );
    assert_eq!(resource["jwks_uri"], format!("{url}/oauth/jwks"));
    // Whose tokens are only good to be exchanged is not among those to get a token from.
    let servers = &resource["authorization_servers"];
    assert_eq!(servers, &json!([tidewaiter::demo::ISSUER, url]));
    let mcp = at("oauth-protected-resource/mcp").await;
    assert_eq!(mcp["resource"], format!("{url}/mcp"));
    assert_eq!(&mcp["authorization_servers"], servers);
    let server = at("oauth-authorization-server").await;
    assert_eq!(server["issuer"], *url);
    assert_eq!(server["token_endpoint"], format!("{url}/oauth/token"));
    let keys = wire.get("/oauth/jwks").await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(keys["keys"][0].get("d").is_none());
    for nowhere in [
        "oauth-protected-resource/v1",
        "oauth-authorization-server/mcp",
    ] {
        let got = wire.get(&format!("/.well-known/{nowhere}")).await;
        got.is(404, "no_route");
    }
    let stranger = wire.tool("fees_tier", "", &json!({}), None).await;
    assert_eq!(
        stranger.header("www-authenticate").unwrap(),
        format!(
            "Bearer realm=\"tidewaiter\", scope=\"tidewaiter:read\", \
             resource_metadata=\"{url}/.well-known/oauth-protected-resource/mcp\""
        )
    );
    // Both addresses may be asked for (RFC 8707).
    let mut form = desk.shown(&desk.session());
    form.push(("resource".to_owned(), format!("{url}/mcp")));
    form.push(("audience".to_owned(), url.clone()));
    assert_eq!(desk.ask(&form).await.status, 200);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_at_the_issuer_is_followed_while_calls_come() {
    let desk = Desk::on(Place::sqlite()).await;
    assert_eq!(desk.ask(&desk.shown(&desk.session())).await.status, 200);
    let old = desk.session();
    let new = desk.rotate();
    // The first that come may be too early; soon one is not.
    let session = desk.session_of(&new);
    let mut tries = 0;
    while desk.ask(&desk.shown(&session)).await.status != 200 {
        tries += 1;
        assert!(tries < 100, "the new key is never seen");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let refused = desk.ask(&desk.shown(&old)).await;
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (400, Some("invalid_request"))
    );
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_agent_gets_no_token() {
    let desk = Desk::on(Place::sqlite()).await;
    let officer = desk
        .site
        .issuer
        .officer_token("lena", &[Role::Lead], now_s());
    let officer = desk.wire(Some(&officer.sign().unwrap()));
    let why = json!({"reason": "it talks nonsense"});
    let path = format!("/v1/switches/agent:{AGENT}");
    let got = officer
        .send("PUT", &path, &[], why.to_string().as_bytes())
        .await;
    assert!(got.status < 300, "{}", got.text());
    let got = desk.ask(&desk.shown(&desk.session())).await;
    assert_eq!(
        (got.status, got.json()["error"].as_str()),
        (400, Some("unauthorized_client"))
    );
    assert_eq!(desk.record(&got.rid()).await.0.kind, Kind::Refusal);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_session_from_before_an_erasure_gets_no_token() {
    let desk = Desk::on(Place::sqlite()).await;
    let session = desk.session();
    let bot = desk.bot(None).await;
    let who = tidewaiter::identity::Subject {
        issuer: SESSIONS.to_owned(),
        sub: desk.person().sub.clone(),
        uid: desk.person().uid.clone(),
    };
    desk.erase(&who).await;
    let got = desk.ask(&desk.shown(&session)).await;
    assert_eq!(
        (got.status, got.json()["error"].as_str()),
        (400, Some("invalid_request"))
    );
    let (leaf, body) = desk.record(&got.rid()).await;
    assert_eq!(leaf.kind, Kind::Refusal);
    assert_eq!(body["rule"], "sign_in_again");
    // Nor does a token that was given before.
    let got = bot.post("/v1/conversations", &Desk::opening()).await;
    assert_eq!(got.code(), "sign_in_again", "{}", got.text());
    desk.close().await;
}

/// A session that is revoked gives no token, and the tokens it gave end with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_session_gives_no_token_and_ends_those_it_gave() {
    let desk = Desk::on(Place::sqlite()).await;
    let session = desk.session();
    let got = desk.ask(&desk.shown(&session)).await;
    let bot = desk.wire(got.json()["access_token"].as_str());
    let got = bot.post("/v1/conversations", &Desk::opening()).await;
    assert_eq!(got.status, 201, "{}", got.text());
    let officer = desk
        .site
        .issuer
        .officer_token("lena", &[Role::Lead], now_s());
    let officer = desk.wire(Some(&officer.sign().unwrap()));
    let digest = ring::digest::digest(&ring::digest::SHA256, session.as_bytes());
    let body = json!({
        "kind": "token", "sha256": hex::encode(digest.as_ref()), "reason": "found in a log",
    });
    let revoked = officer.post("/v1/revocations", &body).await;
    assert_eq!(revoked.status, 201, "{}", revoked.text());
    let got = desk.ask(&desk.shown(&session)).await;
    assert_eq!(got.json()["error"], "invalid_request", "{}", got.text());
    let (_leaf, body) = desk.record(&got.rid()).await;
    assert_eq!(body["rule"], "revoked");
    let got = bot.post("/v1/conversations", &Desk::opening()).await;
    assert_eq!(got.code(), "unauthenticated", "{}", got.text());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_without_a_record_there_is_no_token() {
    let desk = Desk::on(Place::sqlite()).await;
    let form = desk.shown(&desk.session());
    desk.running.gateway.ledger().store().close().await;
    for form in [form, desk.shown("x.y.z")] {
        let got = desk.ask(&form).await;
        assert_eq!(got.status, 503, "{}", got.text());
        assert_eq!(got.header("retry-after"), Some("5"));
        assert_eq!(got.json()["error"], "temporarily_unavailable");
        assert_eq!(got.json()["access_token"], Value::Null);
    }
    desk.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_it_is_there_unless_it_is_configured() {
    let stand = crate::harness::stand::Stand::sqlite().await;
    let wire: Wire = stand.wire();
    for path in ["/oauth/jwks", "/.well-known/oauth-authorization-server"] {
        wire.get(path).await.is(404, "no_route");
    }
    let got = wire.post("/oauth/token", &json!({})).await;
    got.is(404, "no_route");
    let resource = wire
        .get("/.well-known/oauth-protected-resource")
        .await
        .json();
    assert_eq!(resource["jwks_uri"], Value::Null);
    stand.close().await;
}
