use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use reqwest::{Response, redirect};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;
use crate::demo::data::{Customer, Person};

mod topic;

const NOW_US: i64 = 1_795_352_700_000_000;

struct Bench {
    exchange: Exchange,
    client: reqwest::Client,
    dir: TempDir,
}

fn credentials() -> Credentials {
    Credentials {
        core: "core-key".into(),
        accounts: "accounts-key".into(),
        desk: "desk-key".into(),
    }
}

async fn bench() -> Bench {
    // A second installation in this process is refused, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let dir = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(dir.path(), 42, NOW_US, credentials())
        .await
        .unwrap();
    let client = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap();
    Bench {
        exchange,
        client,
        dir,
    }
}

impl Bench {
    fn url(&self, base: &str, path: &str) -> String {
        format!("{}{base}{path}", self.exchange.base_url())
    }

    async fn core(&self, path: &str, body: Value) -> Response {
        self.post(CORE_BASE, path, "core-key", &body).await
    }

    async fn accounts(&self, path: &str, body: Value) -> Response {
        self.post(ACCOUNTS_BASE, path, "accounts-key", &body).await
    }

    async fn post(&self, base: &str, path: &str, key: &str, body: &Value) -> Response {
        let request = self
            .client
            .post(self.url(base, path))
            .bearer_auth(key)
            .json(body);
        request.send().await.unwrap()
    }

    async fn desk(&self, path: &str) -> Response {
        self.client
            .get(self.url(DESK_BASE, path))
            .bearer_auth("desk-key")
            .send()
            .await
            .unwrap()
    }

    async fn case(&self, key: &str, body: &Value) -> Response {
        let request = self
            .client
            .post(self.url(DESK_BASE, "/cases"))
            .bearer_auth("desk-key");
        request
            .header("Idempotency-Key", key)
            .json(body)
            .send()
            .await
            .unwrap()
    }

    fn data(&self, person: &Person) -> &Customer {
        self.exchange.dataset().customer(&person.uid).unwrap()
    }
}

async fn body(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_core_answers_for_any_uid_and_any_tid() {
    let it = bench().await;
    let queued = &it.exchange.cast().queued;
    let answer = it
        .core(
            "/accounts/balance",
            json!({ "uid": queued.uid, "currency": "BTC" }),
        )
        .await;
    assert_eq!(answer.status(), 200);
    let balance = body(answer).await;
    assert_eq!(balance["uid"], json!(queued.uid));
    assert!(balance["locked"].as_str().unwrap().parse::<f64>().unwrap() >= 0.4);

    let answer = it
        .core("/withdraws/get", json!({ "tid": queued.tid }))
        .await;
    assert_eq!(answer.status(), 201);
    let withdraw = body(answer).await;
    assert_eq!(withdraw["uid"], json!(queued.uid));
    assert_eq!(
        (&withdraw["amount"], &withdraw["state"]),
        (&json!("0.4"), &json!("accepted"))
    );
    assert_eq!(withdraw["blockchain_txid"], Value::Null);

    let answer = it
        .core("/withdraws", json!({ "uid": queued.uid, "limit": 1 }))
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(body(answer).await, json!([withdraw]));
    let everybody = body(it.core("/withdraws", json!({ "limit": 1000 })).await).await;
    assert!(everybody.as_array().unwrap().len() > 40);
}

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let it = bench().await;
    let all = body(it.core("/withdraws", json!({ "limit": 1000 })).await).await;
    let succeed = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["state"] == "succeed")
        .count();
    let asked = json!({ "state": "succeed", "limit": 1000 });
    let some = body(it.core("/withdraws", asked).await).await;
    assert_eq!(some.as_array().unwrap().len(), succeed);
    let page = body(
        it.core("/withdraws", json!({ "limit": 7, "page": 3 }))
            .await,
    )
    .await;
    assert_eq!(
        page.as_array().unwrap()[..],
        all.as_array().unwrap()[14..21]
    );

    let injected = it.exchange.cast().injected.clone();
    let asked = json!({ "uid": injected.uid, "currency": "eur" });
    let deposits = body(it.core("/deposits", asked).await).await;
    assert!(
        deposits[0]["memo"]
            .as_str()
            .unwrap()
            .contains(&it.exchange.cast().victim.uid)
    );
    assert!(
        deposits
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["currency"] == "eur")
    );

    let customer = it
        .exchange
        .dataset()
        .customers
        .iter()
        .find(|it| it.orders.len() > 1)
        .unwrap();
    let orders = body(
        it.core("/orders", json!({ "uid": customer.user.uid }))
            .await,
    )
    .await;
    assert_eq!(orders.as_array().unwrap().len(), customer.orders.len());
    assert_eq!(orders[0]["member_id"], json!(customer.number));
    assert_eq!(orders[0].get("uid"), None);
}

#[tokio::test]
async fn accounts_give_all_they_have() {
    let it = bench().await;
    let refused = it.exchange.cast().refused.clone();
    let answer = it
        .accounts("/users/get", json!({ "uid": refused.uid }))
        .await;
    assert_eq!(answer.status(), 201);
    let user = body(answer).await;
    assert_eq!(user["email"], json!(refused.email));
    assert_eq!(user["comments"].as_array().unwrap().len(), 2);
    assert_eq!(user["profiles"][0]["last_name"], json!(refused.last_name));
    let by_email = body(
        it.accounts("/users/get", json!({ "email": refused.email }))
            .await,
    )
    .await;
    assert_eq!(by_email, user);
    let phone = refused.phone.trim_start_matches('+');
    let by_phone = body(
        it.accounts("/users/get", json!({ "phone_num": phone }))
            .await,
    )
    .await;
    assert_eq!(by_phone, user);

    let labels = body(
        it.accounts("/labels/list", json!({ "user_uid": refused.uid }))
            .await,
    )
    .await;
    let mut labels = labels.as_array().unwrap().iter();
    let document = labels.clone().find(|it| it["key"] == "document").unwrap();
    assert!(
        document["description"]
            .as_str()
            .unwrap()
            .contains("blurred")
    );
    assert!(labels.any(|it| it["key"] == "aml_risk" && it["scope"] == "private"));
}

#[tokio::test]
async fn the_desk_takes_the_customer_in_four_places() {
    let it = bench().await;
    let called = it.exchange.cast().called.clone();
    let margin = body(it.desk(&format!("/margin/positions/{}", called.uid)).await).await;
    assert_eq!(
        (&margin["uid"], &margin["call"]),
        (&json!(called.uid), &json!(true))
    );
    assert_eq!(margin["positions"][0]["leverage"], 5);

    let request = it
        .client
        .get(it.url(DESK_BASE, "/limits"))
        .bearer_auth("desk-key");
    let answer = request
        .header("X-Member-Uid", &called.uid)
        .send()
        .await
        .unwrap();
    assert_eq!(body(answer).await["uid"], json!(called.uid));
    let fees = body(it.desk(&format!("/fees?uid={}", called.uid)).await).await;
    assert_eq!(fees["uid"], json!(called.uid));
    let networks = body(it.desk("/networks/btc").await).await;
    assert_eq!(networks["networks"][0]["network"], "Bitcoin");
    assert_eq!(it.desk("/limits").await.status(), 422);
    assert_eq!(it.desk("/networks/doge").await.status(), 404);
}

#[tokio::test]
async fn a_case_is_opened_once_per_key() {
    let it = bench().await;
    let queued = it.exchange.cast().queued.clone();
    let asked = json!({ "uid": queued.uid, "topic": "withdrawals", "summary": "where is it",
                        "withdrawal": queued.tid });
    let (one, two) = tokio::join!(it.case("k1", &asked), it.case("k1", &asked));
    assert_eq!(
        (one.status(), two.status()),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    let case = body(one).await;
    assert_eq!(case, body(two).await);
    assert_eq!(
        (&case["case_id"], &case["state"]),
        (&json!("CS-100001"), &json!("open"))
    );
    let other = json!({ "uid": queued.uid, "topic": "withdrawals", "summary": "another" });
    assert_eq!(it.case("k1", &other).await.status(), 422);
    let guest = json!({ "topic": "security", "summary": "lost my phone" });
    assert_eq!(body(it.case("k2", &guest).await).await["uid"], Value::Null);
    let nobody = json!({ "uid": "ID0000000000", "topic": "security", "summary": "x" });
    assert_eq!(it.case("k3", &nobody).await.status(), 404);

    let cases = it.exchange.cases().await.unwrap();
    assert_eq!(cases.len(), 2);
    assert_eq!(cases[0].withdrawal, queued.tid);
    assert_eq!(cases[0].idempotency_key, "k1");
    assert_eq!(cases[0].created_at.get(..16), Some("2026-11-22T13:05"));
}

#[tokio::test]
async fn what_does_not_exist_is_refused_in_the_original_s_words() {
    let it = bench().await;
    let peatio = json!({ "error": "Couldn't find record" });
    for (path, asked) in [
        ("/withdraws/get", json!({ "tid": "TID0000000000" })),
        ("/withdraws", json!({ "uid": "ID0000000000" })),
        ("/deposits", json!({ "uid": "ID0000000000" })),
        (
            "/accounts/balance",
            json!({ "uid": "ID0000000000", "currency": "btc" }),
        ),
    ] {
        let answer = it.core(path, asked).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(body(answer).await, peatio, "{path}");
    }
    let answer = it
        .accounts("/users/get", json!({ "uid": "ID0000000000" }))
        .await;
    assert_eq!(answer.status(), 404);
    assert_eq!(
        body(answer).await,
        json!({ "errors": ["record.not_found"] })
    );
    for (path, asked, error) in [
        ("/withdraws/get", json!({}), "tid is missing"),
        ("/withdraws/get", json!({ "tid": {} }), "tid is invalid"),
        (
            "/withdraws",
            json!({ "state": "gone" }),
            "state does not have a valid value",
        ),
        (
            "/withdraws",
            json!({ "limit": 1001 }),
            "limit does not have a valid value",
        ),
        ("/withdraws", json!({ "limit": "x" }), "limit is invalid"),
        (
            "/accounts/balance",
            json!({ "uid": "x" }),
            "currency is missing",
        ),
        (
            "/orders",
            json!({ "uid": "x" }),
            "management.orders.uid_doesnt_exist",
        ),
    ] {
        let answer = it.core(path, asked).await;
        assert_eq!(answer.status(), 422, "{path}");
        assert_eq!(body(answer).await["error"], error, "{path}");
    }
    assert_eq!(it.core("/nothing", json!({})).await.status(), 404);
    assert_eq!(it.desk("/margin/add").await.status(), 405);
}

#[tokio::test]
async fn only_the_upstream_s_own_credential_opens_it() {
    let it = bench().await;
    let asked = json!({ "uid": it.exchange.cast().queued.uid });
    for key in ["", "wrong", "desk-key", "core-ke", "core-key2"] {
        let answer = it.post(CORE_BASE, "/withdraws", key, &asked).await;
        assert_eq!(answer.status(), 401, "{key}");
    }
    let url = it.url(CORE_BASE, "/withdraws");
    let twice = it
        .client
        .post(&url)
        .bearer_auth("core-key")
        .bearer_auth("core-key");
    assert_eq!(twice.json(&asked).send().await.unwrap().status(), 401);
    assert_eq!(
        it.client
            .post(&url)
            .json(&asked)
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    let basic = it
        .client
        .post(&url)
        .basic_auth("core-key", Some("core-key"));
    assert_eq!(basic.send().await.unwrap().status(), 401);
    let elsewhere = format!(
        "{}/api/v2/management/peatioX/withdraws",
        it.exchange.base_url()
    );
    let answer = it
        .client
        .post(elsewhere)
        .bearer_auth("core-key")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn requests_are_remembered_with_headers_and_body() {
    let it = bench().await;
    drop(it.core("/withdraws/get", json!({ "tid": "TIDX" })).await);
    drop(it.post(DESK_BASE, "/cases?x=1", "wrong", &json!({})).await);
    let seen = it.exchange.seen();
    assert_eq!((seen.len(), it.exchange.count()), (2, 2));
    assert_eq!(seen[0].path, format!("{CORE_BASE}/withdraws/get"));
    assert_eq!(seen[0].header("authorization"), Some("Bearer core-key"));
    assert_eq!(seen[0].body.as_ref(), br#"{"tid":"TIDX"}"#);
    assert!(seen[1].path.ends_with("/cases?x=1"));
    assert!(seen[1].text().contains("Bearer wrong"));
    it.exchange.forget_seen();
    assert_eq!(it.exchange.count(), 0);
}

#[tokio::test]
async fn stopping_frees_the_port_and_the_file() {
    let it = bench().await;
    let url = it.url(CORE_BASE, "/withdraws");
    drop(it.core("/withdraws", json!({})).await);
    it.exchange
        .misbehave(Misbehaviour::Slow(Duration::from_mins(1)));
    let began = Instant::now();
    let (answer, ()) = tokio::join!(it.core("/withdraws", json!({ "limit": 1 })), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        it.exchange.stop().await;
    });
    assert_eq!(answer.status(), 200);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(it.client.post(&url).send().await.is_err());
    let again = Exchange::start(it.dir.path(), 42, NOW_US, credentials())
        .await
        .unwrap();
    assert_eq!(again.cast(), it.exchange.cast());
    assert!(again.cases().await.unwrap().is_empty());
}

#[tokio::test]
async fn shapes_go_wrong_on_demand() {
    let it = bench().await;
    let leaving = it.exchange.cast().leaving.clone();
    let asked = json!({ "uid": leaving.uid });
    let well = body(it.core("/withdraws", asked.clone()).await).await;
    for how in [
        Misbehaviour::GrowField,
        Misbehaviour::NestDeeper,
        Misbehaviour::ChangeTypes,
    ] {
        it.exchange.misbehave_next(how.clone(), 1);
        let ill = body(it.core("/withdraws", asked.clone()).await).await;
        assert_ne!(ill, well, "{how:?}");
        assert_eq!(ill[3]["uid"], json!(leaving.uid), "{how:?}");
        assert_eq!(
            body(it.core("/withdraws", asked.clone()).await).await,
            well,
            "{how:?}"
        );
    }
    it.exchange.misbehave(Misbehaviour::OwnerMissing);
    assert_eq!(
        body(it.core("/withdraws", asked.clone()).await).await[0].get("uid"),
        None
    );
    it.exchange.misbehave(Misbehaviour::OwnerList);
    assert!(body(it.core("/withdraws", asked.clone()).await).await[0]["uid"].is_array());
    it.exchange.misbehave(Misbehaviour::DuplicateKeys);
    let twice = it
        .core("/withdraws", asked.clone())
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(twice.matches("\"tid\"").count(), 8);
    assert!(twice.contains(CANARY));
    it.exchange.behave();
    assert_eq!(body(it.core("/withdraws", asked).await).await, well);
}

#[tokio::test]
async fn foreign_answers_are_another_customer_s_everywhere() {
    let it = bench().await;
    let leaving = it.exchange.cast().leaving.clone();
    let own = it.data(&leaving).user.uid.clone();
    it.exchange.misbehave(Misbehaviour::Foreign);
    let by_uid = json!({ "uid": own, "state": "succeed", "currency": "btc" });
    for path in ["/withdraws", "/deposits"] {
        let rows = body(it.core(path, by_uid.clone()).await).await;
        let rows = rows.as_array().unwrap();
        assert!(!rows.is_empty(), "{path}");
        assert!(rows.iter().all(|it| it["uid"] != json!(own)), "{path}");
    }
    let balance = it.core("/accounts/balance", by_uid).await;
    let one = it
        .core("/withdraws/get", json!({ "tid": leaving.tid }))
        .await;
    let user = it.accounts("/users/get", json!({ "uid": own })).await;
    let margin = it.desk(&format!("/margin/positions/{own}")).await;
    let fees = it.desk(&format!("/fees?uid={own}")).await;
    let limits = it
        .client
        .get(it.url(DESK_BASE, "/limits"))
        .bearer_auth("desk-key");
    let limits = limits.header("x-member-uid", &own).send().await.unwrap();
    for answer in [balance, one, user, margin, fees, limits] {
        assert!(answer.status().is_success(), "{}", answer.url());
        let uid = body(answer).await["uid"].clone();
        assert!(uid.is_string() && uid != json!(own));
    }
    let case = json!({ "uid": own, "topic": "t", "summary": "s" });
    assert_ne!(body(it.case("k", &case).await).await["uid"], json!(own));
    assert_eq!(
        it.exchange.cases().await.unwrap()[0].uid.as_deref(),
        Some(own.as_str())
    );

    it.exchange.misbehave(Misbehaviour::ForeignElement);
    let rows = body(it.core("/withdraws", json!({ "uid": own })).await).await;
    let foreign = |it: &&Value| it["uid"] != json!(own);
    assert_eq!(rows.as_array().unwrap().len(), 5);
    assert_eq!(rows.as_array().unwrap().iter().filter(foreign).count(), 1);
}

#[tokio::test]
async fn bodies_and_statuses_go_wrong_on_demand() {
    let it = bench().await;
    let asked = json!({ "uid": it.exchange.cast().leaving.uid });
    it.exchange.misbehave(Misbehaviour::Huge(3_000_000));
    let text = it
        .core("/withdraws", asked.clone())
        .await
        .text()
        .await
        .unwrap();
    assert!(text.len() > 3_000_000);
    serde_json::from_str::<Value>(&text).unwrap();
    it.exchange.misbehave(Misbehaviour::Abyss(100_000));
    let text = it
        .core("/withdraws", asked.clone())
        .await
        .text()
        .await
        .unwrap();
    assert!(text.matches('[').count() > 100_000);
    it.exchange.misbehave(Misbehaviour::Garbage);
    let text = it
        .core("/withdraws", asked.clone())
        .await
        .text()
        .await
        .unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
    it.exchange.misbehave(Misbehaviour::NotJson);
    let answer = it.core("/withdraws", asked.clone()).await;
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    it.exchange
        .misbehave(Misbehaviour::Redirect("http://127.0.0.1:9/x".to_owned()));
    let answer = it.core("/withdraws", asked.clone()).await;
    assert_eq!(
        (
            answer.status(),
            &answer.headers()["location"] == "http://127.0.0.1:9/x"
        ),
        (StatusCode::TEMPORARY_REDIRECT, true)
    );
    it.exchange.misbehave(Misbehaviour::Status(503));
    let answer = it.core("/withdraws", asked.clone()).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains(CANARY));
    it.exchange.misbehave(Misbehaviour::TruncatedBody);
    let answer = it.core("/withdraws", asked.clone()).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.is_err());
    it.exchange
        .misbehave(Misbehaviour::Slow(Duration::from_millis(150)));
    let began = Instant::now();
    assert_eq!(it.core("/withdraws", asked).await.status(), 200);
    assert!(began.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_case_is_opened_though_its_answer_is_lost() {
    let it = bench().await;
    let asked = json!({ "topic": "t", "summary": "s" });
    it.exchange.misbehave_next(Misbehaviour::TruncatedBody, 1);
    assert!(it.case("k", &asked).await.text().await.is_err());
    assert_eq!(it.exchange.cases().await.unwrap().len(), 1);
    it.exchange.misbehave_next(Misbehaviour::Status(500), 1);
    drop(it.case("k2", &asked).await);
    assert_eq!(it.exchange.cases().await.unwrap().len(), 1);
    assert_eq!(it.case("k", &asked).await.status(), 201);
    assert_eq!(it.exchange.cases().await.unwrap().len(), 1);
}

const RUBBISH: &[&str] = &[
    "",
    "{",
    "[]",
    "null",
    "\"x\"",
    "1e999",
    "{\"uid\":null}",
    "{\"uid\":[]}",
    "{\"uid\":{}}",
    "{\"tid\":\"\\u0000\"}",
    "{\"uid\":\"' OR 1=1 --\",\"currency\":\"'\"}",
    "{\"limit\":-1,\"page\":0}",
    "{\"limit\":1000,\"page\":1000000}",
    "{\"limit\":9223372036854775807}",
    "{\"limit\":1e3,\"state\":7}",
    "{\"a\":1,\"a\":2}",
    "{\"topic\":\"\",\"summary\":\"\"}",
    "{\"topic\":1,\"summary\":2,\"uid\":3}",
    "{\"topic\":\"t\",\"summary\":\"s\",\"withdrawal\":\"\\ud83d\\ude00\"}",
];

const DOORS: &[(&str, &str, &str)] = &[
    (
        CORE_BASE,
        "core-key",
        "/accounts/balance /withdraws /withdraws/get /withdraws/action /deposits /deposits/get \
         /deposit_address/get /beneficiaries/list /orders /orders/1050/cancel \
         /orders/%F0%9F%92%A9/cancel /orders/99999999999999999999/cancel /trades /members/get \
         /currencies/btc /currencies/%00",
    ),
    (
        ACCOUNTS_BASE,
        "accounts-key",
        "/users/get /users/update /labels/list /security/get /activities/list",
    ),
    (
        DESK_BASE,
        "desk-key",
        "/margin/positions/%FF /margin/positions/%00 /margin/positions/a%2Fb /limits /fees \
         /fees?uid=%FF&uid=x /fees?=&& /networks/%F0%9F%92%A9 /cases /cases?uid=' / // /../../x \
         /margin/liquidations/%FF /margin/add /p2p/trades /p2p/trades?uid=x&limit=1e9 \
         /p2p/trades/%00/payment /p2p/disputes /p2p/disputes?uid=%FF /knowledge/search \
         /knowledge/search?q=%FF%00 /knowledge/articles/..%2F..%2Fcases",
    ),
];

fn rubbish(method: &Method, uri: &str, key: &str, body: &[u8]) -> Request<Body> {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {key}").parse().unwrap());
    for name in ["idempotency-key", "x-member-uid"] {
        let value: &[u8] = if body.len().is_multiple_of(2) {
            b"\xff\xfe'x"
        } else {
            b"'; DROP TABLE desk"
        };
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_bytes(value).unwrap(),
        );
    }
    let mut request = Request::new(Body::from(body.to_vec()));
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri.parse().unwrap();
    *request.headers_mut() = headers;
    request
}

/// Every path with every kind of rubbish: some answer, never a panic, never a 500.
#[tokio::test]
async fn no_endpoint_panics_on_garbage() {
    let it = bench().await;
    let app = door::router(Arc::clone(&it.exchange.door));
    let mut bodies: Vec<Vec<u8>> = RUBBISH.iter().map(|it| it.as_bytes().to_vec()).collect();
    bodies.extend([
        vec![0xff, 0xfe],
        "[".repeat(60_000).into_bytes(),
        vec![b' '; 2_000_000],
    ]);
    let mut answers = 0;
    for (base, key, paths) in DOORS {
        for (path, body) in paths
            .split(' ')
            .flat_map(|path| bodies.iter().map(move |it| (path, it)))
        {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let request = rubbish(&method, &format!("{base}{path}"), key, body);
                let answer = app.clone().oneshot(request).await.unwrap();
                assert_ne!(answer.status(), 500, "{method} {base}{path}");
                assert_ne!(answer.status(), 401, "{method} {base}{path}");
                answers += 1;
            }
        }
    }
    let paths: usize = DOORS.iter().map(|it| it.2.split(' ').count()).sum();
    assert_eq!(answers, paths * bodies.len() * 3);
    // A body over the limit is refused before it is looked at.
    assert_eq!(
        it.exchange.count(),
        u64::try_from(answers - paths * 3).unwrap()
    );
}

/// The same under every misbehaviour: an upstream that is ill still answers something.
#[tokio::test]
async fn no_misbehaviour_panics_on_garbage() {
    let it = bench().await;
    let app = door::router(Arc::clone(&it.exchange.door));
    for how in [
        Misbehaviour::GrowField,
        Misbehaviour::NestDeeper,
        Misbehaviour::ChangeTypes,
        Misbehaviour::Foreign,
        Misbehaviour::ForeignElement,
        Misbehaviour::OwnerMissing,
        Misbehaviour::OwnerList,
        Misbehaviour::Huge(0),
        Misbehaviour::Abyss(0),
        Misbehaviour::Garbage,
        Misbehaviour::DuplicateKeys,
        Misbehaviour::Redirect("\n".to_owned()),
        Misbehaviour::Status(7),
        Misbehaviour::NotJson,
        Misbehaviour::TruncatedBody,
        Misbehaviour::Slow(Duration::ZERO),
    ] {
        it.exchange.misbehave(how);
        for (base, key, paths) in DOORS {
            for (path, body) in paths.split(' ').zip(RUBBISH.iter().rev()) {
                let uri = format!("{base}{path}");
                let request = rubbish(&Method::POST, &uri, key, body.as_bytes());
                drop(app.clone().oneshot(request).await.unwrap());
            }
        }
    }
}
