//! The request path over HTTP: every answer has its record, and none leaves without it.

mod conversation;
mod loss;

use crate::harness::stand::{Stand, call};
use crate::wire::{FLOW, Got, Wire};
use serde_json::{Value, json};
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter::ledger::{Draft, Effect, Owner};
use tidewaiter_audit::{Decision, Kind};

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_is_answered_and_recorded() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let (assistant, chat) = stand.chat(&person).await;
        let reply = call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        assert!(
            reply.json()["record"]
                .as_str()
                .is_some_and(|rid| rid.len() == 32)
        );
        stand.close().await;
    }
}

/// What a refusal leaves.
const DENIED: (Kind, Option<Decision>) = (Kind::Refusal, Some(Decision::Deny));
/// What an answer leaves.
const ALLOWED: (Kind, Option<Decision>) = (Kind::Lookup, Some(Decision::Allow));
/// What is left of something that was asked upstream in vain.
const IN_VAIN: (Kind, Option<Decision>) = (Kind::Lookup, Some(Decision::Error));

/// Everybody who asks in these tests.
struct Cast {
    bot: Wire,
    chat: String,
    flow: Wire,
    flow_chat: String,
    guest: Wire,
    guest_chat: String,
    /// A withdrawal of the customer's own, and one of somebody else.
    own: String,
    foreign: String,
}

impl Cast {
    async fn of(stand: &Stand) -> Self {
        let cast = stand.house.exchange.cast().clone();
        let bot = stand.assistant(&cast.queued);
        let flow = stand.agent(FLOW, &cast.queued, "low");
        let guest_token = stand
            .house
            .issuer
            .guest_token(tidewaiter::demo::AGENT, stand.now_s());
        let guest = stand.signed(guest_token);
        Self {
            chat: bot.open(stand, "en").await,
            flow_chat: flow.open(stand, "en").await,
            guest_chat: guest.open(stand, "en").await,
            bot,
            flow,
            guest,
            own: cast.queued.withdraws[0].clone(),
            foreign: cast.victim.withdraws[0].clone(),
        }
    }
}

/// Asserts status and code, that one record was written since `from`, and that it is the one named.
async fn expect(
    stand: &Stand,
    from: i64,
    got: Got,
    is: (u16, &str),
    left: (Kind, Option<Decision>),
) {
    assert_eq!((got.status, &*got.code()), is, "{}", got.text());
    assert_eq!(stand.only_record(from, &got).await, left, "{}", got.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_every_kind_of_answer_has_one_record_that_it_names() {
    for stand in Stand::each().await {
        let cast = Cast::of(&stand).await;
        let Cast {
            bot,
            chat,
            flow,
            flow_chat,
            guest,
            guest_chat,
            own,
            foreign,
        } = &cast;
        let key = [("idempotency-key", "k-1")];
        let case = json!({"topic": "other", "summary": "x", "withdrawal": foreign});
        let btc = json!({"currency": "btc"});
        let none = "0".repeat(32);
        let table: [(&Wire, &str, &str, Value, _, _, _); 14] = [
            (
                bot,
                "balances.balance",
                chat,
                btc.clone(),
                &[][..],
                (200, ""),
                ALLOWED,
            ),
            (
                bot,
                "networks.status",
                chat,
                btc.clone(),
                &[],
                (200, ""),
                ALLOWED,
            ),
            (
                bot,
                "withdrawals.status",
                chat,
                json!({"tid": own}),
                &[],
                (200, ""),
                ALLOWED,
            ),
            (
                bot,
                "margin.add",
                chat,
                json!({"amount": "1", "currency": "usdt"}),
                &key,
                (403, "denied"),
                DENIED,
            ),
            (
                bot,
                "none.such",
                chat,
                json!({}),
                &[],
                (403, "denied"),
                DENIED,
            ),
            (
                bot,
                "balances.balance",
                chat,
                json!({"currency": "btc", "limit": 1}),
                &[],
                (422, "invalid_arguments"),
                DENIED,
            ),
            (
                bot,
                "withdrawals.list",
                chat,
                json!({"limit": 51}),
                &[],
                (422, "invalid_arguments"),
                DENIED,
            ),
            (
                bot,
                "balances.balance",
                "",
                btc.clone(),
                &[],
                (409, "conversation_required"),
                DENIED,
            ),
            (
                bot,
                "balances.balance",
                &none,
                btc.clone(),
                &[],
                (409, "conversation_required"),
                DENIED,
            ),
            (
                flow,
                "withdrawals.cancel",
                flow_chat,
                json!({"tid": own}),
                &key,
                (401, "insufficient_user_authentication"),
                DENIED,
            ),
            (
                guest,
                "balances.balance",
                guest_chat,
                btc.clone(),
                &[],
                (403, "sign_in_required"),
                DENIED,
            ),
            (
                bot,
                "withdrawals.status",
                chat,
                json!({"tid": "TID0000000000"}),
                &[],
                (404, "not_found"),
                IN_VAIN,
            ),
            (
                bot,
                "withdrawals.status",
                chat,
                json!({"tid": foreign}),
                &[],
                (404, "not_found"),
                IN_VAIN,
            ),
            (
                bot,
                "support.open_case",
                chat,
                case,
                &key,
                (404, "not_found"),
                IN_VAIN,
            ),
        ];
        for (who, operation, chat, arguments, headers, is, left) in table {
            let from = stand.size();
            let got = who.call(operation, chat, &arguments, headers).await;
            expect(&stand, from, got, is, left).await;
        }
        let from = stand.size();
        stand
            .house
            .exchange
            .misbehave_next(Misbehaviour::Status(500), 1);
        let got = bot.call("balances.balance", chat, &btc, &[]).await;
        expect(&stand, from, got, (404, "not_found"), IN_VAIN).await;
        i1_requests_of_no_form(&stand, &cast).await;
        i1_tools(&stand, &cast).await;
        i1_a_switch(&stand, &cast).await;
        stand.close().await;
    }
}

/// What cannot even be read is recorded like everything else, once the token is known.
async fn i1_requests_of_no_form(stand: &Stand, cast: &Cast) {
    let path = "/v1/operations/balances.balance";
    let large = format!(
        "{{\"arguments\":{{\"currency\":\"{}\"}}}}",
        "b".repeat(300_000)
    );
    let purpose = json!({"arguments": {"currency": "btc"}, "purpose": "support.kyc", "conversation": cast.chat});
    for (headers, body, is) in [
        (&[][..], "{", (400, "malformed")),
        (&[], "[]", (400, "malformed")),
        (
            &[],
            r#"{"arguments":{"currency":"btc","currency":"eth"}}"#,
            (400, "malformed"),
        ),
        (&[("idempotency-key", "")], "{}", (400, "malformed")),
        (&[("content-type", "text/plain")], "{}", (415, "media_type")),
        (&[], &large, (413, "too_large")),
        (&[], &purpose.to_string(), (403, "denied")),
    ] {
        let from = stand.size();
        let got = cast.bot.send("POST", path, headers, body.as_bytes()).await;
        expect(stand, from, got, is, DENIED).await;
    }
}

async fn i1_tools(stand: &Stand, cast: &Cast) {
    for (tool, chat, arguments, code, left) in [
        (
            "balances_balance",
            &*cast.chat,
            json!({"currency": "btc"}),
            "",
            ALLOWED,
        ),
        ("margin_add", &cast.chat, json!({}), "denied", DENIED),
        ("none_such", &cast.chat, json!({}), "denied", DENIED),
        (
            "balances_balance",
            &cast.chat,
            json!({"uid": "x"}),
            "invalid_arguments",
            DENIED,
        ),
        (
            "balances_balance",
            "",
            json!({"currency": "btc"}),
            "conversation_required",
            DENIED,
        ),
        (
            "withdrawals_status",
            &cast.chat,
            json!({"tid": cast.foreign}),
            "not_found",
            IN_VAIN,
        ),
        (
            "support_open_case",
            &cast.chat,
            json!({"topic": "other", "summary": "x"}),
            "idempotency_key_required",
            DENIED,
        ),
    ] {
        let from = stand.size();
        let got = cast.bot.tool(tool, chat, &arguments, None).await;
        expect(stand, from, got, (200, code), left).await;
    }
    for body in [
        "",
        "[]",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#,
    ] {
        let from = stand.size();
        let got = cast.bot.send("POST", "/mcp", &[], body.as_bytes()).await;
        expect(stand, from, got, (400, "malformed"), DENIED).await;
    }
}

/// A switch stops a call even when the process has not read it yet; the refusal is recorded.
async fn i1_a_switch(stand: &Stand, cast: &Cast) {
    let ledger = stand.house.running.gateway.ledger();
    let row = tidewaiter::ledger::switch::Row {
        target: "topic:fees".into(),
        reason: "complaints rise".into(),
        officer: "o-1".into(),
        since_us: 1,
    };
    let mut stop = Draft::new(Kind::Switch, Owner::Log, "service", json!({}));
    stop.effects = vec![Effect::SwitchPut(row)];
    ledger.append_reserved(stop).await.unwrap();
    for _again in 0..3 {
        let from = stand.size();
        let got = cast
            .bot
            .call("fees.tier", &cast.chat, &json!({}), &[])
            .await;
        expect(stand, from, got, (403, "stopped"), DENIED).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_strangers_are_counted_and_not_recorded_one_by_one() {
    let stand = Stand::sqlite().await;
    let person = stand.house.exchange.cast().queued.clone();
    let now_s = stand.now_s();
    let issuer = &stand.house.issuer;
    let token =
        |iat: i64| issuer.agent_token(tidewaiter::demo::AGENT, &person.sub, &person.uid, iat);
    let good = token(now_s).sign().unwrap();
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(86));
    let officer = issuer.officer_token("olga", &[tidewaiter::identity::Role::Officer], now_s);
    let wires = [
        (Some("e.e.e".to_owned()), 401),
        (Some(forged), 401),
        (Some(token(now_s - 3_600).sign().unwrap()), 401),
        (
            Some(
                token(now_s)
                    .claim("aud", "https://elsewhere.example")
                    .sign()
                    .unwrap(),
            ),
            401,
        ),
        (
            Some(
                token(now_s)
                    .claim("act", json!({"sub": "nobody"}))
                    .sign()
                    .unwrap(),
            ),
            401,
        ),
        (None, 401),
        (Some(officer.sign().unwrap()), 403),
    ];
    let from = stand.size();
    for (token, status) in &wires {
        let wire = Wire {
            token: token.clone(),
            ..stand.wire()
        };
        let over_rest = wire.call("balances.balance", "", &json!({}), &[]).await;
        let list = wire.get("/v1/operations").await;
        let turn = wire.post("/v1/conversations", &json!({})).await;
        for got in [over_rest, list, turn] {
            assert_eq!(got.status, *status, "{}", got.text());
            assert_eq!(got.rid(), "");
        }
    }
    assert!(
        stand.records_from(from).await.is_empty(),
        "strangers are not recorded"
    );
    let counted = async {
        loop {
            let mut counts = 0_u64;
            for seq in from..stand.size() {
                let entry = stand
                    .house
                    .running
                    .gateway
                    .ledger()
                    .entry(seq)
                    .await
                    .unwrap();
                assert_eq!(entry.leaf.kind, Kind::Refusals);
                let body = stand.sealed(&hex::encode(entry.leaf.rid)).await;
                let rows = body["refusals"].as_array().unwrap().iter();
                counts += rows
                    .map(|row| row["count"].as_str().unwrap().parse::<u64>().unwrap())
                    .sum::<u64>();
            }
            if counts == 3 * wires.len() as u64 {
                return;
            }
            assert!(counts < 3 * wires.len() as u64);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), counted)
        .await
        .expect("they are counted");
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_an_operation_that_is_not_there_and_one_that_is_not_granted_are_one() {
    let stand = Stand::sqlite().await;
    let cast = Cast::of(&stand).await;
    let mut rest = Vec::new();
    for name in [
        "none.such",
        "margin.add",
        "withdrawals.cancel",
        "a",
        "margin_add",
        "margin.add%2e",
    ] {
        for arguments in [
            json!({}),
            json!({"amount": "1", "currency": "usdt"}),
            json!({"uid": 1}),
        ] {
            rest.push(
                cast.bot
                    .call(name, &cast.chat, &arguments, &[("idempotency-key", "k")])
                    .await
                    .blind(),
            );
        }
    }
    rest.dedup();
    assert_eq!(rest.len(), 1, "{rest:#?}");
    assert!(rest[0].contains("denied"));
    let mut mcp = Vec::new();
    for name in [
        "none_such",
        "margin_add",
        "withdrawals_cancel",
        "margin.add",
    ] {
        mcp.push(
            cast.bot
                .tool(name, &cast.chat, &json!({}), Some("k"))
                .await
                .blind(),
        );
    }
    mcp.dedup();
    assert_eq!(mcp.len(), 1, "{mcp:#?}");
    stand.close().await;
}
