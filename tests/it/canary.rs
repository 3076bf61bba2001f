//! I8, and records without personal data in the clear: canaries in every place a caller controls,
//! and then a look through everything the process wrote.

use crate::harness::Place;
use crate::harness::canary::Search;
use crate::harness::child::{CREDENTIALS, Site};
use crate::harness::stand::open;
use crate::harness::whole::Whole;
use http::Method;
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;
use tidewaiter::cli::{Client, Reply};
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter::identity::Role;

const SEED: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const WIF: &str = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
const HEX_KEY: &str = "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262";
const PASSWORD: &str = "Tr0ub4dor-Canary-8812";
const PEM_LINE: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr8";
/// Too short to look for in raw bytes; looked for in what was said, once it is opened.
const SHORT: [(&str, &str); 2] = [
    ("The code from the SMS is 482913", "482913"),
    ("my CVV is 739", "739"),
];

/// What must never be stored, and the part of it that is looked for.
fn forbidden() -> Vec<&'static str> {
    vec![
        "winner thank year wave sausage",
        WIF,
        HEX_KEY,
        PASSWORD,
        PEM_LINE,
    ]
}

/// Ways to say it.
fn sayings() -> Vec<String> {
    vec![
        format!("my seed phrase is {SEED}"),
        format!("private key (WIF) {WIF}"),
        format!("my private key is 0x{HEX_KEY}"),
        format!("my password is {PASSWORD}"),
        format!("-----BEGIN PRIVATE KEY-----\n{PEM_LINE}\n-----END PRIVATE KEY-----"),
    ]
}

/// Texts of nobody's grammar, for every place that takes any text.
const PLACED: [&str; 14] = [
    "argument-canary-0417",
    "argument-name-canary-0418",
    "purpose-canary-0419",
    "header-canary-0420",
    "agent-canary-0421",
    "path-canary-0422",
    "query-canary-0423",
    "key-canary-0424",
    "tool-canary-0425",
    "client-canary-0426",
    "conversation-canary-0427",
    "session-canary-0428",
    "junk-token-canary-0429",
    "case-canary-0430",
];

/// What may lie in a sealed body and nowhere in the clear.
fn personal(site: &Site, tokens: &[String]) -> Vec<String> {
    let mut texts: Vec<String> = PLACED.map(str::to_owned).to_vec();
    for person in [&site.people()[0], &site.people()[1], &site.people()[4]] {
        texts.extend([&person.email, &person.uid, &person.sub, &person.name].map(Clone::clone));
        texts.push(person.phone.trim_start_matches('+').to_owned());
        texts.extend(person.withdraws.iter().chain(&person.deposits).cloned());
        let customer = site.exchange.dataset().customer(&person.uid).unwrap();
        for profile in &customer.user.profiles {
            texts.extend([profile.dob.clone(), profile.address.clone()]);
        }
        texts.extend(
            customer
                .user
                .documents
                .iter()
                .map(|it| it.doc_number.clone()),
        );
        texts.extend(customer.user.comments.iter().map(|it| it.data.clone()));
        texts.extend(customer.deposits.iter().filter_map(|it| it.memo.clone()));
        texts.extend(customer.withdraws.iter().map(|it| it.rid.clone()));
    }
    for token in tokens {
        let parts: Vec<&str> = token.split('.').collect();
        texts.extend([parts[1].to_owned(), parts[2].to_owned()]);
    }
    texts.extend(CREDENTIALS.map(|(_, secret)| secret.to_owned()));
    texts.retain(|text| text.len() >= 6);
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i8_nothing_forbidden_is_stored_and_nothing_personal_is_in_the_clear() {
    for place in Place::each().await {
        let site = Site::on(place, "").await;
        let child = site.serve().await;
        let mut tokens = Vec::new();
        let mut replies = Vec::new();
        for (at, person) in [0, 1, 4].map(|at| (at, site.people()[at].clone())) {
            let token = site
                .token(&person)
                .session(&format!("{}-{at}", PLACED[11]))
                .sign()
                .unwrap();
            let assistant = site.client().with_token(&token);
            tokens.push(token.clone());
            talk(&site, &assistant, &person, &mut replies).await;
            knock(&site, &token, &mut replies).await;
        }
        let bundle = officers(&site, &mut replies).await;
        let metrics = site.health().get("/metrics").await.unwrap().body;
        // Killed, so that the journal is still there to be looked through.
        child.kill();
        let clear = personal(&site, &tokens);
        look(&site, &clear, &metrics, &bundle);
        let search = Search::for_all(forbidden());
        for reply in &replies {
            let found = search.found_in(&reply.body);
            assert!(found.is_empty(), "{found:?} in {}", reply.json());
        }
        // Nor did any of it, or a caller's token, go to the exchange.
        let parts = tokens.iter().map(|token| token.rsplit('.').next().unwrap());
        let search = Search::for_all(forbidden().into_iter().chain(parts));
        for seen in site.exchange.seen() {
            let found = search.found_in(seen.text().as_bytes());
            assert!(found.is_empty(), "{found:?} in a request for {}", seen.path);
        }
        opened(&site, &clear).await;
        look(&site, &clear, &metrics, &bundle);
    }
}

/// Everything of the chat: turns, lookups, a case, with canaries wherever text goes.
async fn talk(site: &Site, assistant: &Client, person: &Person, replies: &mut Vec<Reply>) {
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
async fn knock(site: &Site, token: &str, replies: &mut Vec<Reply>) {
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
    let broken = format!("{}x", &token[..token.len() - 4]);
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
async fn officers(site: &Site, replies: &mut Vec<Reply>) -> Vec<u8> {
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

/// Looks through everything that was written.
fn look(site: &Site, clear: &[String], metrics: &[u8], bundle: &[u8]) {
    let search = Search::for_all(
        forbidden()
            .into_iter()
            .chain(clear.iter().map(String::as_str)),
    );
    let dir = site.place.dir.path();
    // Not the gateway's: its own secrets, the exchange, and the policies it was given.
    let skip = ["secrets/", "exchange/", "policies/", "issuer."];
    let mut found = search.found_below(dir, &skip);
    let control = Search::for_all(["support-bot"]);
    let mut seen = control.found_below(dir, &skip);
    if let Some(data) = cluster(&site.place) {
        for part in ["base", "pg_wal"] {
            found.extend(search.found_below(&data.join(part), &[]));
            seen.extend(control.found_below(&data.join(part), &[]));
        }
    }
    let named = |(name, bytes): (&str, &[u8])| {
        search
            .found_in(bytes)
            .iter()
            .map(|text| format!("{name}: {text}"))
            .collect::<Vec<_>>()
    };
    found.extend(
        [("metrics", metrics), ("bundle", bundle)]
            .into_iter()
            .flat_map(named),
    );
    assert!(
        found.is_empty(),
        "{} finds:\n{}",
        found.len(),
        found.join("\n")
    );
    // The controls: what stands in the clear by design is found where it is.
    assert!(
        seen.iter().any(|name| !name.starts_with("tidewaiter.toml")),
        "{seen:?}"
    );
    let logs = site.logs();
    assert!(
        logs.contains("the gateway is up") && logs.contains("tidewaiter::"),
        "{logs}"
    );
    assert_eq!(
        Search::for_all(["tidewaiter_calls_total"])
            .found_in(metrics)
            .len(),
        1
    );
    assert_eq!(control.found_in(bundle).len(), 1);
}

/// PostgreSQL's data directory.
fn cluster(place: &Place) -> Option<PathBuf> {
    let (_, socket) = place.url.split_once("host=")?;
    Some(PathBuf::from(socket.split('&').next()?).join("data"))
}

/// Opens every body: personal texts were kept, and forbidden ones were not, even sealed.
async fn opened(site: &Site, clear: &[String]) {
    let open = site.place.open().await.unwrap();
    let whole = Whole::of(&open.ledger, &site.place).await;
    let mut all = String::new();
    let mut said = String::new();
    for (_, body) in &whole.entries {
        all.push_str(&body.to_string());
        for member in ["said", "shown"] {
            said.push_str(body[member].as_str().unwrap_or_default());
            said.push('\n');
        }
    }
    let search = Search::for_all(forbidden());
    for (entry, body) in &whole.entries {
        let body = body.to_string();
        let found = search.found_in(body.as_bytes());
        assert!(
            found.is_empty(),
            "{found:?} sealed: {} {}",
            entry.leaf.kind,
            body
        );
    }
    for (_, short) in SHORT {
        assert!(!said.contains(short), "{short} was kept");
    }
    let kept = Search::for_all(clear.iter().map(String::as_str));
    let kept = kept.found_in(all.as_bytes());
    let person = &site.people()[0];
    for expected in [&person.email, PLACED[0], PLACED[13], &person.name] {
        assert!(
            kept.contains(&expected),
            "the control: {expected} was sealed"
        );
    }
    open.crash().await;
}
