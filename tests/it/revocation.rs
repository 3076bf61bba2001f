//! Revocation: from the next call on, on every replica, and outside like nobody at all.

use crate::harness::Place;
use crate::harness::child::{BINARY, free_port};
use crate::harness::stand::{Stand, metrics};
use crate::path::conversation::say;
use crate::wire::{FLOW, Got, Wire};
use http::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::net::Ipv4Addr;
use std::time::Duration;
use tidewaiter::cli::Client;
use tidewaiter::clock::Clock;
use tidewaiter::config::Config;
use tidewaiter::db::Db;
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter::demo::{AGENT, ISSUER};
use tidewaiter::identity::Role;
use tidewaiter::ledger::revocation::{MOST, Row};
use tidewaiter::ledger::{Draft, Effect, Owner, Unrecorded};
use tidewaiter::running::Running;
use tidewaiter_audit::{Decision, Kind};

const PATH: &str = "/v1/revocations";
const REASON: &str = "its key leaked";

/// A token of the assistant for a customer, with a session and a `jti`.
fn token(stand: &Stand, agent: &str, person: &Person, session: &str, jti: &str) -> Wire {
    let issuer = &stand.house.issuer;
    let token = issuer.agent_token(agent, &person.sub, &person.uid, stand.now_s());
    stand.signed(token.acr("low").session(session).claim("jti", jti))
}

fn digest_of(who: &Wire) -> String {
    let token = who.token.as_deref().unwrap();
    hex::encode(ring::digest::digest(
        &ring::digest::SHA256,
        token.as_bytes(),
    ))
}

async fn revoke(officer: &Client, mut what: Value) -> Value {
    what["reason"] = REASON.into();
    let done = officer.post(PATH, &what).await.unwrap();
    assert_eq!(done.status, 201, "{:?}", done.json());
    done.json()
}

async fn lift(officer: &Client, id: &str) -> (u16, Value) {
    let body = json!({"reason": "the key was changed"});
    let path = format!("{PATH}/{id}");
    let done = officer.send(Method::DELETE, &path, &[], Some(&body));
    let done = done.await.unwrap();
    (done.status.as_u16(), done.json())
}

/// Everything an agent can ask for, once.
async fn everything(who: &Wire, chat: &str) -> Vec<Got> {
    let btc = json!({"currency": "btc"});
    vec![
        who.call("balances.balance", chat, &btc, &[]).await,
        who.call("none.such", chat, &json!({}), &[]).await,
        say(who, chat, "hello").await,
        who.post("/v1/conversations", &json!({})).await,
        who.send(
            "POST",
            &format!("/v1/conversations/{chat}/attach"),
            &[],
            b"",
        )
        .await,
        who.get("/v1/operations").await,
        who.tool("balances_balance", chat, &btc, None).await,
    ]
}

/// What who is unknown gets for the same.
async fn strange(stand: &Stand, chat: &str) -> Vec<String> {
    let nobody = Wire {
        token: Some("e.e.e".to_owned()),
        ..stand.wire()
    };
    let answers = everything(&nobody, chat).await;
    answers.iter().map(Got::blind).collect()
}

async fn is_out(stand: &Stand, who: &Wire, chat: &str) {
    let from = stand.size();
    let answers = everything(who, chat).await;
    let blind: Vec<_> = answers.iter().map(Got::blind).collect();
    assert_eq!(blind, strange(stand, chat).await);
    assert!(answers.iter().all(|got| got.status == 401));
    assert!(
        stand.records_from(from).await.is_empty(),
        "counted, not recorded"
    );
}

async fn is_in(who: &Wire, chat: &str) {
    let btc = json!({"currency": "btc"});
    who.call("balances.balance", chat, &btc, &[])
        .await
        .is(200, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_like_any_unknown_one_from_the_next_call_on() {
    for stand in Stand::each().await {
        let cast = stand.exchange().cast().clone();
        let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
        let open = async |who: &Wire| who.open(&stand, "en").await;
        for (n, kind) in ["sha256", "jti", "session"].into_iter().enumerate() {
            let (session, jti) = (format!("s-{n}"), format!("t-{n}"));
            let bad = token(&stand, AGENT, &cast.queued, &session, &jti);
            let good = token(
                &stand,
                AGENT,
                &cast.queued,
                &format!("o-{n}"),
                &format!("u-{n}"),
            );
            let (chat, other) = (open(&bad).await, open(&good).await);
            is_in(&bad, &chat).await;
            let what = match kind {
                "sha256" => json!({"kind": "token", "sha256": digest_of(&bad)}),
                "jti" => json!({"kind": "token", "jti": jti}),
                _ => json!({"kind": "session", "session": session}),
            };
            let made = revoke(&lena, what).await;
            is_out(&stand, &bad, &chat).await;
            is_in(&good, &other).await;
            // One person lifts it, and the same token is good again.
            let id = made["revocation"].as_str().unwrap();
            assert_eq!(lift(&lena, id).await.1["state"], "lifted");
            is_in(&bad, &chat).await;
            assert_eq!(lift(&lena, id).await.0, 404);
        }
        counted(&stand).await;
        stand.close().await;
    }
}

/// The records of strangers name the reason.
async fn counted(stand: &Stand) {
    let ledger = stand.house.running.gateway.ledger();
    let found = async {
        loop {
            for seq in 0..stand.size() {
                let entry = ledger.entry(seq).await.unwrap();
                if entry.leaf.kind == Kind::Refusals {
                    let body = ledger.open_body(&entry).await.unwrap();
                    let rows = body["refusals"].as_array().unwrap();
                    if rows.iter().any(|row| row["reason"] == "revoked") {
                        return;
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), found)
        .await
        .expect("they are counted as revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_an_agent_is_revoked_by_one_and_let_in_by_two() {
    for stand in Stand::each().await {
        let cast = stand.exchange().cast().clone();
        let bot = stand.assistant(&cast.queued);
        let guest = stand.signed(stand.house.issuer.guest_token(AGENT, stand.now_s()));
        let flow = stand.agent(FLOW, &cast.queued, "low");
        let (chat, guests, flows) = (
            bot.open(&stand, "en").await,
            guest.open(&stand, "en").await,
            flow.open(&stand, "en").await,
        );
        let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
        let dora = stand.house.officer("dora", &[Role::Dpo]).unwrap();
        let from = stand.size();
        let made = revoke(&lena, json!({"kind": "agent", "agent": AGENT})).await;
        assert_eq!(made["until"], Value::Null);
        // That an agent is revoked is no secret; who did it and why is sealed.
        let records = stand.records_from(from).await;
        assert_eq!(records.len(), 1);
        let leaf = &records[0].leaf;
        assert_eq!(
            (leaf.kind, leaf.agent.as_deref()),
            (Kind::Agent, Some(AGENT))
        );
        assert_eq!(leaf.x["state"], "revoked");
        assert_eq!(made["record"], hex::encode(leaf.rid));
        assert_eq!(stand.sealed(&hex::encode(leaf.rid)).await["reason"], REASON);

        is_out(&stand, &bot, &chat).await;
        is_out(&stand, &guest, &guests).await;
        is_out(&stand, &stand.assistant(&cast.victim), &chat).await;
        flow.call("withdrawals.list", &flows, &json!({}), &[])
            .await
            .is(200, "");

        let id = made["revocation"].as_str().unwrap();
        for _ in 0..2 {
            assert_eq!(lift(&lena, id).await.1["state"], "asked", "one is not two");
        }
        is_out(&stand, &bot, &chat).await;
        let listed = dora.get(PATH).await.unwrap().json();
        let row = &listed["revocations"][0];
        assert_eq!(
            (&row["kind"], &row["agent"]),
            (&json!("agent"), &json!(AGENT))
        );
        assert!(row["lift_asked"]["officer"].is_string(), "{listed}");
        // A new revocation in between voids the wish, and the old name.
        let again = revoke(&dora, json!({"kind": "agent", "agent": AGENT})).await;
        assert_eq!(lift(&dora, id).await.0, 404);
        let id = again["revocation"].as_str().unwrap();
        assert_eq!(lift(&dora, id).await.1["state"], "asked");
        assert_eq!(lift(&lena, id).await.1["state"], "lifted");
        is_in(&bot, &chat).await;
        let listed = dora.get(PATH).await.unwrap().json();
        assert_eq!(listed["revocations"], json!([]));
        stand.close().await;
    }
}

/// Customers and officers alike, whatever they hold; and nothing names them.
#[tokio::test(flavor = "multi_thread")]
async fn a_persons_tokens_are_out_until_they_sign_in_again() {
    for stand in Stand::each().await {
        let cast = stand.exchange().cast().clone();
        let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
        let bot = stand.assistant(&cast.queued);
        let chat = bot.open(&stand, "en").await;
        let customer = stand.house.customer(&cast.queued).unwrap();
        let mallory = stand.house.officer("mallory", &[Role::Dpo]).unwrap();
        assert_eq!(customer.get("/v1/me/lookups").await.unwrap().status, 200);
        assert_eq!(mallory.get(PATH).await.unwrap().status, 200);
        let from = stand.size();
        let mut id = String::new();
        for sub in [cast.queued.sub.as_str(), "mallory"] {
            let what = json!({"kind": "subject", "issuer": ISSUER, "sub": sub});
            let made = revoke(&lena, what).await;
            assert!(made["until"].is_string(), "{made}");
            id = made["revocation"].as_str().unwrap().to_owned();
        }
        // From its leaf it is an officer's act like any other, and its body names nobody.
        for entry in stand.records_from(from).await {
            assert_eq!(entry.leaf.kind, Kind::Duty);
            let body = stand.sealed(&hex::encode(entry.leaf.rid)).await;
            assert_eq!(
                (&body["kind"], &body["reason"]),
                (&json!("subject"), &json!(REASON))
            );
            let text = body.to_string();
            assert!(!text.contains(&cast.queued.sub) && !text.contains("mallory"));
        }
        let mut tx = stand
            .house
            .running
            .gateway
            .ledger()
            .store()
            .log
            .read()
            .await
            .unwrap();
        for row in tx.revocation_page((i64::MAX, &[]), 10).await.unwrap() {
            let text = format!("{row:?}");
            assert!(
                !text.contains(&cast.queued.sub) && !text.contains("mallory"),
                "{text}"
            );
        }
        drop(tx);
        is_out(&stand, &bot, &chat).await;
        for (who, path) in [(&customer, "/v1/me/lookups"), (&mallory, PATH)] {
            let refused = who.get(path).await.unwrap();
            assert_eq!(refused.status, 401);
            assert_eq!(refused.json()["code"], "unauthenticated");
            assert_eq!(refused.json()["record"], Value::Null);
        }
        let others = stand.assistant(&cast.victim);
        let their_chat = others.open(&stand, "en").await;
        is_in(&others, &their_chat).await;
        // One that an issuer whose clock is ahead of ours may have issued before is out as well.
        let later = stand.house.issuer.agent_token(
            AGENT,
            &cast.queued.sub,
            &cast.queued.uid,
            stand.now_s() + 29,
        );
        let later = stand.signed(later.acr("low"));
        is_out(&stand, &later, &chat).await;
        // It takes two to let a person in again before that.
        let olga = stand.house.officer("olga", &[Role::Officer]).unwrap();
        assert_eq!(lift(&lena, &id).await.1["state"], "asked");
        assert_eq!(mallory.get(PATH).await.unwrap().status, 401);
        assert_eq!(lift(&olga, &id).await.1["state"], "lifted");
        assert_eq!(mallory.get(PATH).await.unwrap().status, 200);
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_a_revocation_needs_a_role_a_form_and_a_reason() {
    let stand = Stand::sqlite().await;
    let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
    let agent = json!({"kind": "agent", "agent": AGENT, "reason": REASON});
    for role in [Role::Support, Role::Auditor, Role::Legal] {
        let who = stand.house.officer("sam", &[role]).unwrap();
        let refused = who.post(PATH, &agent).await.unwrap();
        assert_eq!(refused.status, 403, "{role:?}");
        let rid = refused.json()["record"].as_str().unwrap().to_owned();
        assert_eq!(stand.sealed(&rid).await["act"], "revocation.put");
        let seen = who.get(PATH).await.unwrap().status;
        assert_eq!(seen == 200, role != Role::Support, "{role:?}");
    }
    let bot = stand.assistant(&stand.exchange().cast().queued);
    bot.post(PATH, &agent).await.is(403, "wrong_kind");
    let digest = digest_of(&bot);
    for (body, status) in [
        (json!({"kind": "agent", "agent": AGENT}), 400),
        (
            json!({"kind": "agent", "agent": AGENT, "reason": "  "}),
            400,
        ),
        (
            json!({"kind": "agent", "agent": "A B", "reason": REASON}),
            422,
        ),
        (
            json!({"kind": "session", "session": "", "reason": REASON}),
            422,
        ),
        (
            json!({"kind": "token", "sha256": "ab", "reason": REASON}),
            422,
        ),
        (json!({"kind": "token", "reason": REASON}), 400),
        (
            json!({"kind": "token", "sha256": digest, "jti": "x", "reason": REASON}),
            400,
        ),
        (
            json!({"kind": "token", "token": "e.e.e", "reason": REASON}),
            400,
        ),
        (
            json!({"kind": "subject", "issuer": ISSUER, "reason": REASON}),
            400,
        ),
        (
            json!({"kind": "topic", "topic": "kyc", "reason": REASON}),
            400,
        ),
    ] {
        let refused = lena.post(PATH, &body).await.unwrap();
        assert_eq!(
            refused.status.as_u16(),
            status,
            "{body} {:?}",
            refused.json()
        );
        assert!(refused.json()["record"].is_string(), "{body}");
    }
    for id in ["00112233445566778899aabbccddeeff", "zz"] {
        assert_eq!(lift(&lena, id).await.0, 404);
    }
    let odd = lena.get(&format!("{PATH}?after=zz")).await.unwrap();
    assert_eq!(odd.status, 422);
    let chat = bot.open(&stand, "en").await;
    is_in(&bot, &chat).await;
    stand.close().await;
}

/// Another gateway on the same database.
async fn replica(stand: &Stand) -> Running {
    let mut config = Config::load(&stand.house.dir.join("tidewaiter.toml")).unwrap();
    config.server.listen = (Ipv4Addr::LOCALHOST, free_port()).into();
    config.exports.dir = stand.place.path("other-exports");
    Running::start(&config, metrics(), Clock::System)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revocation_on_one_gateway_holds_on_the_other_at_once() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let stand = Stand::on(place).await;
    let second = replica(&stand).await;
    let cast = stand.exchange().cast().clone();
    let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
    for n in 0..4 {
        let here = token(&stand, AGENT, &cast.queued, &format!("s-{n}"), "t");
        let there = Wire {
            address: second.address,
            ..here.clone()
        };
        let chat = here.open(&stand, "en").await;
        is_in(&there, &chat).await;
        revoke(
            &lena,
            json!({"kind": "session", "session": format!("s-{n}")}),
        )
        .await;
        // The very next call, whatever it is: the other has nothing of it in memory yet.
        let btc = json!({"currency": "btc"});
        let got = match n {
            0 => there.call("balances.balance", &chat, &btc, &[]).await,
            1 => there.call("none.such", &chat, &json!({}), &[]).await,
            2 => say(&there, &chat, "hello").await,
            _ => there.tool("balances_balance", &chat, &btc, None).await,
        };
        got.is(401, "unauthenticated");
        assert_eq!(got.rid(), "");
    }
    second.stop().await;
    stand.close().await;
}

/// Somebody else has the customer's session: they neither ask for an erasure nor withdraw one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i6_a_revoked_customer_asks_for_no_erasure_on_another_gateway() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let stand = Stand::on(place).await;
    let second = replica(&stand).await;
    let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
    let issuer = &stand.house.issuer;
    let cast = stand.exchange().cast().clone();
    for (n, person) in [&cast.queued, &cast.memoless].into_iter().enumerate() {
        let token = issuer.customer_token(&person.sub, &person.uid, Clock::System.now_s());
        let token = token.sign().unwrap();
        let there = format!("http://{}", second.address);
        let there = Client::new(&there, None).unwrap().with_token(&token);
        let mut mine = "/v1/me/erasures".to_owned();
        if n == 1 {
            let asked = there.post(&mine, &json!({})).await.unwrap();
            mine = format!("{mine}/{}", asked.json()["case"].as_str().unwrap());
        } else {
            // The other knows the token, so that it does not look at it again.
            assert_eq!(there.get("/v1/me/lookups").await.unwrap().status, 200);
        }
        let whom = json!({"kind": "subject", "issuer": ISSUER, "sub": person.sub});
        revoke(&lena, whom).await;
        let got = if n == 1 {
            there.send(Method::DELETE, &mine, &[], None).await
        } else {
            there.post(&mine, &json!({})).await
        };
        let got = got.unwrap();
        assert_eq!(got.status, 401, "{:?}", got.json());
    }
    second.stop().await;
    stand.close().await;
}

/// A list of operations leaves no record, so nothing is looked at again: an idle replica must ask.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_leaves_no_record_follows_within_a_second_or_so() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let stand = Stand::on(place).await;
    let second = replica(&stand).await;
    let cast = stand.exchange().cast().clone();
    let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
    let there = Wire {
        address: second.address,
        ..token(&stand, AGENT, &cast.queued, "s-9", "t")
    };
    assert_eq!(there.get("/v1/operations").await.status, 200);
    revoke(&lena, json!({"kind": "session", "session": "s-9"})).await;
    let out = async {
        while there.get("/v1/operations").await.status != 401 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), out)
        .await
        .expect("it follows without writing anything");
    second.stop().await;
    stand.close().await;
}

/// The exchange has answered, and the token is revoked before the record is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i1_what_was_decided_before_a_revocation_is_not_answered_after_it() {
    for stand in Stand::each().await {
        let cast = stand.exchange().cast().clone();
        let lena = stand.house.officer("lena", &[Role::Lead]).unwrap();
        let bot = token(&stand, AGENT, &cast.queued, "s-1", "t-1");
        let chat = bot.open(&stand, "en").await;
        stand.exchange().forget_seen();
        stand
            .exchange()
            .misbehave_next(Misbehaviour::Slow(Duration::from_secs(2)), 2);
        let btc = json!({"currency": "btc"});
        let from = stand.size();
        let withdraw = async {
            while stand.exchange().count() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            revoke(&lena, json!({"kind": "token", "jti": "t-1"})).await;
        };
        let (rest, tool, ()) = tokio::join!(
            bot.call("balances.balance", &chat, &btc, &[]),
            bot.tool("balances_balance", &chat, &btc, None),
            withdraw
        );
        for got in [&rest, &tool] {
            got.is(401, "unauthenticated");
            assert_eq!(got.rid(), "");
            assert!(!got.text().contains("btc"), "{}", got.text());
        }
        let records = stand.records_from(from).await;
        let used: Vec<_> = records
            .iter()
            .filter(|entry| entry.leaf.kind == Kind::Refusal)
            .collect();
        assert_eq!(used.len(), 2, "that it was used is on record");
        for entry in used {
            assert_eq!(entry.leaf.decision, Some(Decision::Deny));
            let body = stand.sealed(&hex::encode(entry.leaf.rid)).await;
            assert_eq!(body["refused"], "unauthenticated");
            assert!(body.get("shown").is_none());
        }
        stand.close().await;
    }
}

/// Fills the table.
async fn crowd(db: &Db) {
    const REST: &str = "NULL, 'r', 'o', 0, 0, 99999999999, NULL, NULL";
    match db {
        Db::Sqlite(pool) => {
            let sql = format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MOST}) \
                 INSERT INTO revocation SELECT CAST(printf('%016d', i) AS BLOB), 'token', \
                 CAST(printf('%032d', i) AS BLOB), {REST} FROM n"
            );
            sqlx::query(AssertSqlSafe(sql))
                .execute(pool)
                .await
                .map(drop)
        }
        Db::Postgres(pool) => {
            let sql = format!(
                "INSERT INTO revocation SELECT convert_to(lpad(i::text, 16, '0'), 'UTF8'), \
                 'token', convert_to(lpad(i::text, 32, '0'), 'UTF8'), {REST} \
                 FROM generate_series(1, {MOST}) i"
            );
            sqlx::query(AssertSqlSafe(sql))
                .execute(pool)
                .await
                .map(drop)
        }
    }
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_swept_and_what_is_too_much_is_refused() {
    for stand in Stand::each().await {
        let gateway = &stand.house.running.gateway;
        let ledger = gateway.ledger();
        let now_s = stand.now_s();
        let put = |n: u8, until_s: i64| {
            let row = Row {
                id: vec![n; 16],
                kind: "token".into(),
                target: vec![n; 32],
                agent: None,
                reason: REASON.into(),
                officer: "person-1".into(),
                since_us: i64::from(n),
                before_s: i64::MAX,
                until_s,
                lift_officer: None,
                lift_us: None,
            };
            let mut draft = Draft::new(Kind::Duty, Owner::Log, "duty", json!({}));
            draft.effects = vec![Effect::RevocationPut(row)];
            ledger.append_reserved(draft)
        };
        for (n, until_s) in [(1, now_s - 1), (2, now_s), (3, now_s + 60), (4, i64::MAX)] {
            put(n, until_s).await.unwrap();
        }
        gateway.load_switches().await.unwrap();
        assert_eq!(gateway.revocations().len(), 4);
        gateway.sweep_revocations().await;
        assert_eq!(gateway.revocations().len(), 2);
        let mut tx = ledger.store().log.read().await.unwrap();
        let page = async |tx: &mut tidewaiter::db::Tx, from: (i64, &[u8]), most| {
            let rows = tx.revocation_page(from, most).await.unwrap();
            rows.iter().map(|row| row.id[0]).collect::<Vec<_>>()
        };
        assert_eq!(page(&mut tx, (i64::MAX, &[]), 9).await, [4, 3]);
        assert_eq!(page(&mut tx, (i64::MAX, &[]), 1).await, [4]);
        assert_eq!(page(&mut tx, (4, &[4; 16]), 9).await, [3]);
        let among = tx.revocation_among(&[[1; 32], [3; 32], [4; 32]]).await;
        let mut among: Vec<u8> = among.unwrap().keys().map(|mark| mark[0]).collect();
        among.sort_unstable();
        assert_eq!(among, [3, 4]);
        drop(tx);
        // The same again takes its place.
        put(3, now_s + 90).await.unwrap();
        gateway.load_switches().await.unwrap();
        assert_eq!(gateway.revocations().len(), 2);
        // As many as every replica can hold, and no more.
        crowd(&ledger.store().log).await;
        let more = put(9, i64::MAX).await;
        assert_eq!(more.unwrap_err(), Unrecorded::Conflict);
        stand.close().await;
    }
}

/// The command line: a token is revoked by a file that holds it, and never leaves it.
#[tokio::test(flavor = "multi_thread")]
async fn the_commands_revoke_list_and_lift() {
    let stand = Stand::sqlite().await;
    let person = stand.exchange().cast().queued.clone();
    let bot = stand.assistant(&person);
    let chat = bot.open(&stand, "en").await;
    let issuer = &stand.house.issuer;
    let staff = issuer.officer_token("lena", &[Role::Lead], stand.now_s());
    let mine = stand.place.path("lena.jwt");
    let leaked = stand.place.path("leaked.jwt");
    std::fs::write(&mine, staff.sign().unwrap()).unwrap();
    let token = bot.token.clone().unwrap();
    std::fs::write(&leaked, format!("{token}\n")).unwrap();
    let url = stand.house.url.clone();
    let run = async |args: &[&str]| {
        let to = ["--url", &url, "--token-file", mine.to_str().unwrap()];
        let args: Vec<String> = args.iter().chain(&to).map(|s| (*s).to_owned()).collect();
        let command = move || std::process::Command::new(BINARY).args(args).output();
        let done = tokio::task::spawn_blocking(command).await.unwrap().unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        (done.status.code().unwrap(), out, err)
    };
    let from = leaked.to_str().unwrap();
    let why = ["--reason", REASON];
    let none = run(&["revocations", "list"]).await;
    assert_eq!(
        (none.0, none.1.trim()),
        (0, "nothing is revoked"),
        "{none:?}"
    );
    let made = run(&[&["revoke", "token", "--from", from, "--json"], &why[..]].concat()).await;
    assert_eq!(made.0, 0, "{made:?}");
    let made: Value = serde_json::from_str(&made.1).unwrap();
    is_out(&stand, &bot, &chat).await;
    let listed = run(&["revocations", "list"]).await;
    assert!(
        listed.1.contains("token") && listed.1.contains(REASON),
        "{listed:?}"
    );
    let id = made["revocation"].as_str().unwrap();
    let gone = run(&[&["revocations", "lift", id], &why[..]].concat()).await;
    assert!(gone.1.contains("lifted"), "{gone:?}");
    is_in(&bot, &chat).await;
    for what in [
        &["revoke", "agent", AGENT][..],
        &["revoke", "session", "s-1"],
        &["revoke", "token", "--jti", "t-1"],
        &[
            "revoke",
            "subject",
            "--issuer",
            ISSUER,
            "--sub",
            &person.sub,
        ],
    ] {
        let done = run(&[what, &why[..]].concat()).await;
        assert_eq!(done.0, 0, "{done:?}");
        assert!(done.1.starts_with("revoked until "), "{done:?}");
    }
    let refused = run(&[&["revoke", "token", "--sha256", "xyz"], &why[..]].concat()).await;
    assert!(refused.0 != 0 && refused.2.contains("422"), "{refused:?}");
    let usage = run(&[&["revoke", "token"], &why[..]].concat()).await;
    assert_eq!(usage.0, 2, "{usage:?}");
    stand.close().await;
}
