//! Writes: one key, one change, one intent and one outcome, whatever the client repeats (I9).

use crate::harness::stand::Stand;
use crate::wire::{FLOW, Got, Wire};
use serde_json::{Value, json};
use std::time::Duration;
use tidewaiter::catalog::Risk;
use tidewaiter::demo::AGENT;
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter_audit::{Decision, Kind};

/// The assistant of a customer with withdrawals, in a chat.
struct Desk {
    stand: Stand,
    bot: Wire,
    chat: String,
}

impl Desk {
    async fn each() -> Vec<Self> {
        let mut desks = Vec::new();
        for stand in Stand::each().await {
            let bot = stand.assistant(&stand.exchange().cast().queued);
            desks.push(Self {
                chat: bot.open(&stand, "en").await,
                bot,
                stand,
            });
        }
        desks
    }

    async fn open(&self, key: &str, case: &Value) -> Got {
        let headers = [("idempotency-key", key)];
        self.bot
            .call("support.open_case", &self.chat, case, &headers)
            .await
    }

    async fn cases(&self) -> usize {
        self.stand.exchange().cases().await.unwrap().len()
    }

    /// Kinds and decisions of the records from an index on.
    async fn kinds(&self, from: i64) -> Vec<(Kind, Option<Decision>)> {
        let records = self.stand.records_from(from).await;
        records
            .iter()
            .map(|r| (r.leaf.kind, r.leaf.decision))
            .collect()
    }
}

fn case(summary: &str) -> Value {
    json!({"topic": "withdrawal", "summary": summary})
}

const INTENDED: (Kind, Option<Decision>) = (Kind::Intent, Some(Decision::Allow));
const DONE: (Kind, Option<Decision>) = (Kind::Outcome, Some(Decision::Allow));
const REFUSED: (Kind, Option<Decision>) = (Kind::Refusal, Some(Decision::Deny));

/// Kinds and decisions of the records since `from`, and how many cases there are.
async fn assert_left(desk: &Desk, from: i64, kinds: &[(Kind, Option<Decision>)], cases: usize) {
    assert_eq!(desk.kinds(from).await, kinds);
    assert_eq!(desk.cases().await, cases);
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_repeat_gets_the_recorded_outcome_and_changes_nothing() {
    for desk in Desk::each().await {
        let (bot, chat, case_1) = (&desk.bot, &desk.chat, case("call me"));
        let from = desk.stand.size();
        let without = bot.call("support.open_case", chat, &case_1, &[]).await;
        without.is(400, "idempotency_key_required");
        assert_left(&desk, from, &[REFUSED], 0).await;

        let from = desk.stand.size();
        let first = desk.open("key-1", &case_1).await;
        first.is(200, "");
        assert_left(&desk, from, &[INTENDED, DONE], 1).await;
        let records = desk.stand.records_from(from).await;
        assert_eq!(records[0].leaf.request, records[1].leaf.request);
        assert_eq!(
            hex::encode(records[1].leaf.rid),
            first.rid(),
            "the outcome is named"
        );

        let from = desk.stand.size();
        let rest = desk.open("key-1", &case_1).await;
        let mcp = bot
            .tool("support_open_case", chat, &case_1, Some("key-1"))
            .await;
        for repeat in [rest, mcp] {
            let result = &repeat.document()["result"];
            assert_eq!(result, &first.json()["result"], "{}", repeat.text());
            assert_ne!(repeat.rid(), first.rid(), "a repeat is a call of its own");
        }
        let looked = (Kind::Lookup, Some(Decision::Allow));
        assert_left(&desk, from, &[looked; 2], 1).await;

        let from = desk.stand.size();
        for other in [
            case("call me!"),
            json!({"topic": "kyc", "summary": "call me"}),
        ] {
            desk.open("key-1", &other)
                .await
                .is(422, "idempotency_key_reused");
        }
        assert_left(&desk, from, &[REFUSED; 2], 1).await;
        assert_upstream_key(&desk, &hex::encode(records[0].leaf.request.unwrap()));
        desk.stand.close().await;
    }
}

/// The upstream never sees the agent's key, but the intent's own.
fn assert_upstream_key(desk: &Desk, request: &str) {
    let mut opened = desk.stand.exchange().seen();
    opened.retain(|request| request.path.ends_with("/cases"));
    assert_eq!(opened.len(), 1);
    assert!(!opened[0].text().contains("key-1"));
    assert_eq!(opened[0].header("idempotency-key"), Some(request));
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_the_same_key_at_once_opens_one_case() {
    for desk in Desk::each().await {
        let from = desk.stand.size();
        desk.stand
            .house
            .exchange
            .misbehave(Misbehaviour::Slow(Duration::from_millis(300)));
        let mut asked = tokio::task::JoinSet::new();
        for _n in 0..8 {
            let (bot, chat) = (desk.bot.clone(), desk.chat.clone());
            asked.spawn(async move {
                let headers = [("idempotency-key", "at-once")];
                bot.call("support.open_case", &chat, &case("call me"), &headers)
                    .await
            });
        }
        let answers = asked.join_all().await;
        let mut results = Vec::new();
        for got in &answers {
            if got.status == 200 {
                results.push(got.json()["result"].to_string());
            } else {
                got.is(409, "still_open");
                assert_eq!(got.header("retry-after"), Some("1"));
            }
        }
        results.dedup();
        assert_eq!(results.len(), 1, "{results:?}");
        assert_eq!(desk.cases().await, 1);
        let kinds = desk.kinds(from).await;
        let count = |kind| kinds.iter().filter(|(k, _)| *k == kind).count();
        assert_eq!(
            (count(Kind::Intent), count(Kind::Outcome)),
            (1, 1),
            "{kinds:?}"
        );
        // Everybody who asked has a record, and one of them an intent beside it.
        assert_eq!(kinds.len(), answers.len() + 1, "{kinds:?}");
        desk.stand.exchange().behave();
        let late = desk.open("at-once", &case("call me")).await;
        assert_eq!(late.json()["result"].to_string(), results[0]);
        desk.stand.close().await;
    }
}

/// What failed upstream stays failed under its key: nobody knows whether it was done.
#[tokio::test(flavor = "multi_thread")]
async fn i9_a_failure_is_an_outcome_and_is_not_tried_again() {
    for desk in Desk::each().await {
        let (unknown, refused) = ((409, "outcome_unknown"), (404, "not_found"));
        let ways = [
            (Misbehaviour::Status(500), unknown),
            (Misbehaviour::Status(409), unknown),
            (Misbehaviour::Garbage, unknown),
            (Misbehaviour::TruncatedBody, unknown),
            (Misbehaviour::NotJson, unknown),
            // Refused as the client's mistake: surely nothing changed.
            (Misbehaviour::Status(422), refused),
        ];
        for (n, (how, is)) in ways.into_iter().enumerate() {
            let key = format!("key-{n}");
            let from = desk.stand.size();
            desk.stand.exchange().misbehave_next(how.clone(), 1);
            let failed = desk.open(&key, &case("call me")).await;
            failed.is(is.0, is.1);
            let error = (Kind::Outcome, Some(Decision::Error));
            assert_eq!(desk.kinds(from).await, [INTENDED, error], "{how:?}");
            let asked = desk.stand.exchange().count();
            let again = desk.open(&key, &case("call me")).await;
            assert_eq!(again.blind(), failed.blind(), "{how:?}");
            assert_eq!(
                desk.stand.exchange().count(),
                asked,
                "it is not asked again"
            );
        }
        desk.stand.close().await;
    }
}

/// A secret in an argument goes nowhere: not upstream, not into the record, not back.
#[tokio::test(flavor = "multi_thread")]
async fn i8_a_secret_in_a_writes_argument_is_refused() {
    let secret = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    for desk in Desk::each().await {
        let from = desk.stand.size();
        desk.stand.exchange().forget_seen();
        let got = desk
            .open("key-1", &case(&format!("my wallet: {secret}")))
            .await;
        got.is(422, "invalid_arguments");
        assert_eq!(got.json()["argument"], "summary");
        assert!(!got.text().contains("sausage"), "{}", got.text());
        assert_left(&desk, from, &[REFUSED], 0).await;
        assert_eq!(desk.stand.exchange().count(), 0);
        let sealed = desk.stand.sealed(&got.rid()).await;
        assert!(!sealed.to_string().contains("sausage"), "{sealed}");
        desk.stand.close().await;
    }
}

/// A withdrawal of somebody else's in the argument: no intent, and nothing written upstream.
#[tokio::test(flavor = "multi_thread")]
async fn i4_a_foreign_object_is_refused_before_any_intent() {
    for desk in Desk::each().await {
        let cast = desk.stand.exchange().cast().clone();
        let about = |tid: &str| json!({"topic": "withdrawal", "summary": "x", "withdrawal": tid});
        let from = desk.stand.size();
        for (n, tid) in cast.victim.withdraws.iter().enumerate() {
            let got = desk.open(&format!("f-{n}"), &about(tid)).await;
            got.is(404, "not_found");
        }
        let in_vain = (Kind::Lookup, Some(Decision::Error));
        assert!(desk.kinds(from).await.iter().all(|kind| *kind == in_vain));
        let seen = desk.stand.exchange().seen();
        assert!(seen.iter().all(|request| !request.path.ends_with("/cases")));
        assert_eq!(desk.cases().await, 0);
        // The key was not used up by that: what is the customer's own goes through under it.
        let got = desk.open("f-0", &about(&cast.queued.withdraws[0])).await;
        assert_eq!(got.status, 200, "{}", got.text());
        assert_eq!(desk.cases().await, 1);
        // Nor may a list that cannot be had, or is not proved to be theirs, let it pass.
        for how in [
            Misbehaviour::Foreign,
            Misbehaviour::ForeignElement,
            Misbehaviour::OwnerMissing,
            Misbehaviour::OwnerList,
            Misbehaviour::Status(503),
            Misbehaviour::Garbage,
            Misbehaviour::DuplicateKeys,
        ] {
            let from = desk.stand.size();
            // For as long as it takes: a list is a read, and asked for again.
            desk.stand.exchange().misbehave(how.clone());
            let got = desk
                .open(&format!("{how:?}"), &about(&cast.queued.withdraws[0]))
                .await;
            desk.stand.exchange().behave();
            got.is(404, "not_found");
            assert_eq!(desk.kinds(from).await, [in_vain], "{how:?}");
        }
        assert_eq!(desk.cases().await, 1);
        desk.stand.close().await;
    }
}

/// Money is out of reach of a language model on every way in, however it is signed in.
#[tokio::test(flavor = "multi_thread")]
async fn i3_no_language_model_moves_money() {
    let stand = Stand::sqlite().await;
    let person = stand.exchange().cast().queued.clone();
    let mut denied = 0;
    for acr in ["low", "substantial", "high"] {
        let bot = stand.agent(AGENT, &person, acr);
        let chat = bot.open(&stand, "en").await;
        stand.exchange().forget_seen();
        let risky = |risk| matches!(risk, Risk::Money | Risk::Security);
        for operation in stand
            .operations()
            .iter()
            .filter(|operation| risky(operation.risk))
        {
            let arguments = crate::foreign::arguments_of(operation, &person);
            let key = [("idempotency-key", "money")];
            let from = stand.size();
            let got = bot.call(&operation.name, &chat, &arguments, &key).await;
            got.is(403, "denied");
            assert_eq!(stand.only_record(from, &got).await, REFUSED);
            let from = stand.size();
            let got = bot
                .tool(&operation.tool, &chat, &arguments, Some("money"))
                .await;
            assert_eq!(got.code(), "denied", "{}", operation.name);
            assert_eq!(stand.only_record(from, &got).await, REFUSED);
            denied += 1;
        }
        assert_eq!(stand.exchange().count(), 0);
        let listed = bot.get("/v1/operations").await.text();
        assert!(!listed.contains("margin.add") && !listed.contains("withdrawals.cancel"));
        let list = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        let tools = bot.send("POST", "/mcp", &[], list).await.text();
        assert!(tools.contains("margin_position"), "{tools}");
        assert!(!tools.contains("margin_add") && !tools.contains("withdrawals_cancel"));
    }
    assert!(denied >= 12);
    // The scenario agent may cancel, but only for a customer signed in with a second factor.
    for (acr, status) in [("low", 401), ("substantial", 200)] {
        let flow = stand.agent(FLOW, &person, acr);
        let chat = flow.open(&stand, "en").await;
        let own = json!({"tid": person.withdraws[0]});
        let got = flow
            .call(
                "withdrawals.cancel",
                &chat,
                &own,
                &[("idempotency-key", acr)],
            )
            .await;
        assert_eq!(got.status, status, "{}", got.text());
    }
    stand.close().await;
}
