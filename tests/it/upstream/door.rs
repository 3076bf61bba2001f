//! The demonstration exchange's doors: what is signed wrongly, not at all, twice, or long ago does
//! not get in; and a customer's lookup through the gateway does.

use crate::harness::stand::{Stand, call, metrics};
use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use serde_json::json;
use std::path::Path;
use tidewaiter::clock::Clock;
use tidewaiter::config::upstream::auth;
use tidewaiter::config::{Auth, Config, Secret, Upstream};
use tidewaiter::demo::data::Dataset;
use tidewaiter::demo::exchange::{
    ACCOUNTS_BASE, CORE_BASE, Credentials, DESK_BASE, Exchange, HmacLock, Lock, Misbehaviour,
};
use tidewaiter::upstream::{Headers, Hmac, Jws, Sign};

const NOW_US: i64 = 1_795_352_700_000_000;

/// The demonstration's own upstreams, as its configuration has them.
fn configured(stand: &Stand) -> Vec<Upstream> {
    let config = Config::load(&stand.house.dir.join("tidewaiter.toml")).unwrap();
    config.upstreams
}

fn jws(upstream: &Upstream) -> auth::Jws {
    match &upstream.auth[..] {
        [Auth::Jws(jws)] => jws.clone(),
        other => panic!("{other:?}"),
    }
}

fn hmac(upstream: &Upstream) -> auth::Hmac {
    match &upstream.auth[..] {
        [Auth::Hmac(hmac)] => hmac.clone(),
        other => panic!("{other:?}"),
    }
}

fn post(url: String, body: &str) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri(url)
        .header("content-type", "application/json")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

async fn send(request: &Request<Bytes>) -> u16 {
    // A second installation in this process is refused, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client
        .request(request.method().clone(), request.uri().to_string())
        .headers(request.headers().clone())
        .body(request.body().clone())
        .send()
        .await
        .unwrap();
    sent.status().as_u16()
}

fn signed(sign: &dyn Sign, mut request: Request<Bytes>) -> Request<Bytes> {
    sign.sign(&mut request).unwrap();
    request
}

/// The token of `request` with a change.
fn changed(request: &Request<Bytes>, change: impl Fn(&mut serde_json::Value)) -> Request<Bytes> {
    let mut request = request.clone();
    let mut token = serde_json::from_slice(request.body()).unwrap();
    change(&mut token);
    *request.body_mut() = token.to_string().into();
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_wrong_missing_replayed_or_stale_does_not_open() {
    let stand = Stand::sqlite().await;
    let all = configured(&stand);
    let tid = &stand.house.exchange.cast().queued.tid;
    let body = json!({"tid": tid}).to_string();
    let core = |name| format!("{}{CORE_BASE}{name}", stand.house.exchange.base_url());
    let fresh = || post(core("/withdraws/get"), &body);
    let clock = Clock::System;
    let settings = jws(&all[0]);
    let good = Jws::new(&settings, clock.clone()).unwrap();

    let first = signed(&good, fresh());
    assert_eq!(send(&first).await, 201);
    assert_eq!(send(&first).await, 401, "its number was used");
    let mut elsewhere = first.clone();
    *elsewhere.uri_mut() = core("/withdraws").parse().unwrap();
    assert_eq!(send(&elsewhere).await, 401, "neither is it good elsewhere");
    assert_eq!(send(&signed(&good, fresh())).await, 201);

    assert_eq!(send(&fresh()).await, 401, "not signed");
    let new = || signed(&good, fresh());
    let one_only = |token: &mut serde_json::Value| {
        token["signatures"].as_array_mut().unwrap().pop();
    };
    assert_eq!(
        send(&changed(&new(), one_only)).await,
        401,
        "one of two signed"
    );
    let twice_the_same = |token: &mut serde_json::Value| {
        token["signatures"][1] = token["signatures"][0].clone();
    };
    assert_eq!(send(&changed(&new(), twice_the_same)).await, 401);
    let renamed = |token: &mut serde_json::Value| {
        token["signatures"][0]["header"]["kid"] = json!("support-desk");
        token["signatures"][1]["header"]["kid"] = json!("tidewaiter");
    };
    assert_eq!(send(&changed(&new(), renamed)).await, 401);
    let none = |token: &mut serde_json::Value| {
        // {"alg":"none"}
        token["signatures"][0]["protected"] = json!("eyJhbGciOiJub25lIn0");
        token["signatures"][0]["signature"] = json!("");
    };
    assert_eq!(send(&changed(&new(), none)).await, 401);
    let other = signed(&good, post(core("/withdraws/get"), r#"{"tid":"TIDOTHER"}"#));
    let other: serde_json::Value = serde_json::from_slice(other.body()).unwrap();
    let other_payload = |token: &mut serde_json::Value| token["payload"] = other["payload"].clone();
    assert_eq!(send(&changed(&new(), other_payload)).await, 401);

    let mut foreign = settings.clone();
    foreign.keys[1] = jws(&all[1]).keys[0].clone();
    foreign.keys[1].kid = "support-desk".to_owned();
    let foreign = Jws::new(&foreign, clock.clone()).unwrap();
    assert_eq!(send(&signed(&foreign, fresh())).await, 401, "another's key");
    for (issuer, audience, lifetime) in [
        ("somebody", "peatio", 30),
        ("tidewaiter", "barong", 30),
        ("tidewaiter", "peatio", 61),
    ] {
        let mut wrong = settings.clone();
        wrong.issuer = issuer.to_owned();
        wrong.audience = vec![audience.to_owned()];
        wrong.lifetime = std::time::Duration::from_secs(lifetime);
        let wrong = Jws::new(&wrong, clock.clone()).unwrap();
        assert_eq!(
            send(&signed(&wrong, fresh())).await,
            401,
            "{issuer} {audience}"
        );
    }
    for off_s in [-120, 120] {
        let clock = Clock::manual(Clock::System.now_us() + off_s * 1_000_000);
        let stale = Jws::new(&settings, clock).unwrap();
        assert_eq!(send(&signed(&stale, fresh())).await, 401, "{off_s}");
    }
    // The accounts' door takes its own only.
    let mine = Jws::new(&jws(&all[1]), clock).unwrap();
    let user = json!({"uid": stand.house.exchange.cast().queued.uid}).to_string();
    let accounts = format!(
        "{}{ACCOUNTS_BASE}/users/get",
        stand.house.exchange.base_url()
    );
    assert_eq!(
        send(&signed(&mine, post(accounts.clone(), &user))).await,
        201
    );
    assert_eq!(send(&signed(&good, post(accounts, &user))).await, 401);
    assert_eq!(send(&signed(&mine, fresh())).await, 401);
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_wrong_missing_replayed_or_stale_does_not_open() {
    let stand = Stand::sqlite().await;
    let settings = hmac(&configured(&stand)[2]);
    let uid = &stand.house.exchange.cast().queued.uid;
    let base = format!("{}{DESK_BASE}", stand.house.exchange.base_url());
    let fresh = || {
        let url = format!("{base}/fees?uid={uid}");
        Request::builder().uri(url).body(Bytes::new()).unwrap()
    };
    let good = Hmac::new(&settings, Clock::System).unwrap();
    let first = signed(&good, fresh());
    assert_eq!(send(&first).await, 200);
    assert_eq!(send(&first).await, 401, "its number was used");
    assert_eq!(send(&fresh()).await, 401, "not signed");
    for name in [
        "x-desk-key",
        "x-desk-timestamp",
        "x-desk-nonce",
        "x-desk-signature",
    ] {
        let mut less = signed(&good, fresh());
        less.headers_mut().remove(name);
        assert_eq!(send(&less).await, 401, "{name}");
        let mut other = signed(&good, fresh());
        let value = HeaderValue::from_static("00");
        other.headers_mut().insert(name, value);
        assert_eq!(send(&other).await, 401, "{name}");
        let mut twice = signed(&good, fresh());
        let value = twice.headers()[name].clone();
        twice.headers_mut().append(name, value);
        assert_eq!(send(&twice).await, 401, "{name}");
    }
    let mut target = signed(&good, fresh());
    *target.uri_mut() = format!("{base}/fees?uid={uid}&x=1").parse().unwrap();
    assert_eq!(send(&target).await, 401, "another target");
    let mut method = signed(&good, fresh());
    *method.method_mut() = Method::POST;
    assert_eq!(send(&method).await, 401, "another method");
    let mut body = signed(&good, fresh());
    *body.body_mut() = Bytes::from_static(b"{}");
    assert_eq!(send(&body).await, 401, "another body");
    for off_s in [-31, 31] {
        let clock = Clock::manual(Clock::System.now_us() + off_s * 1_000_000);
        let stale = Hmac::new(&settings, clock).unwrap();
        assert_eq!(send(&signed(&stale, fresh())).await, 401, "{off_s}");
    }
    let mut wrong = settings;
    wrong.secret = Secret::given("another");
    let wrong = Hmac::new(&wrong, Clock::System).unwrap();
    assert_eq!(send(&signed(&wrong, fresh())).await, 401);
    assert_eq!(
        send(&signed(&good, fresh())).await,
        200,
        "still open to who is right"
    );
    stand.close().await;
}

/// An exchange whose doors are of the plain kinds.
async fn plain(dir: &Path) -> Exchange {
    let clock = Clock::manual(NOW_US);
    let credentials = Credentials {
        core: Lock::Header("x-api-key".parse().unwrap(), "k-1".into()),
        accounts: Lock::Basic("gate".to_owned(), "open sesame".into()),
        desk: Lock::Hmac(HmacLock {
            key: "gate".to_owned(),
            secret: "s".into(),
        }),
    };
    let dataset = Dataset::generate(7, 20, NOW_US);
    Exchange::serve_at(dir, dataset, NOW_US, &credentials, clock)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_kind_of_door_opens_to_its_own_key_only() {
    let dir = tempfile::tempdir().unwrap();
    let exchange = plain(dir.path()).await;
    let core = format!("{}{CORE_BASE}/withdraws", exchange.base_url());
    let accounts = format!("{}{ACCOUNTS_BASE}/labels/list", exchange.base_url());
    let mut header: auth::Header =
        toml::from_str("headers = { X-Api-Key = { env = \"A\" } }").unwrap();
    for (value, status) in [("k-1", 200), ("k-2", 401), ("k-11", 401)] {
        header
            .headers
            .insert("X-Api-Key".to_owned(), Secret::given(value));
        let sign = Headers::new(&header).unwrap();
        assert_eq!(send(&signed(&sign, post(core.clone(), "{}"))).await, status);
    }
    for (user, password, status) in [
        ("gate", "open sesame", 404),
        ("gate", "open", 401),
        ("other", "open sesame", 401),
    ] {
        let sign = Headers::basic(&auth::Basic {
            user: user.to_owned(),
            password: Secret::given(password),
        })
        .unwrap();
        let asked = post(accounts.clone(), r#"{"user_uid":"nobody"}"#);
        assert_eq!(
            send(&signed(&sign, asked)).await,
            status,
            "{user} {password}"
        );
    }
    exchange.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_a_refused_credential_is_told_the_operator_and_not_the_agent() {
    let stand = Stand::sqlite().await;
    let person = stand.house.exchange.cast().queued.clone();
    let (assistant, chat) = stand.chat(&person).await;
    let arguments = || json!({"tid": person.tid});
    let fine = call(&assistant, &chat, "withdrawals.status", arguments()).await;
    assert_eq!(fine.status, 200);
    let missing = call(
        &assistant,
        &chat,
        "withdrawals.status",
        json!({"tid": "TIDNONE"}),
    )
    .await;
    for status in [401, 403, 429, 500] {
        let mark = Misbehaviour::Status(status);
        stand.house.exchange.misbehave_next(mark, 1);
        let refused = call(&assistant, &chat, "withdrawals.status", arguments()).await;
        assert_eq!(refused.status, 404);
        assert_eq!(refused.json()["code"], "not_found");
        assert_eq!(refused.json()["detail"], missing.json()["detail"]);
        assert!(!String::from_utf8_lossy(&refused.body).contains(&*person.uid));
    }
    let said = metrics().render();
    for reason in ["credential", "throttled", "status_5xx"] {
        let line =
            format!("tidewaiter_upstream_failures_total{{upstream=\"core\",reason=\"{reason}\"}}");
        assert!(said.contains(&line), "{line}");
    }
    stand.close().await;
}
