//! One customer's chat against another customer's data, over every operation of the catalog (I4),
//! and answers that do not tell what exists (I10).

mod attack;
mod values;

use crate::harness::stand::Stand;
use crate::wire::{FLOW, Got, Wire};
use attack::Attack;
use serde_json::{Value, json};
use std::collections::HashSet;
use tidewaiter::catalog::{Operation, Ownership, Place, Risk, Shape};
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::Seen;
use values::Values;

pub(crate) use attack::{arguments_of, objects_of};

/// Who asks, and after whose data.
struct Asker {
    own: Person,
    victim: Person,
    secrets: Values,
    bot: Wire,
    chat: String,
}

impl Asker {
    async fn of(stand: &Stand, agent: &str, acr: &str) -> Self {
        let cast = stand.exchange().cast();
        let (own, victim) = (cast.queued.clone(), cast.victim.clone());
        let bot = stand.agent(agent, &own, acr);
        let secrets = Values::of(stand.exchange().dataset(), &victim, &own);
        Self {
            chat: bot.open(stand, "en").await,
            own,
            victim,
            secrets,
            bot,
        }
    }

    /// Nothing of the victim's may be in an answer, whatever it is about.
    fn assert_nothing_of_the_victim(&self, got: &Got, what: &str) {
        // Random names are not anybody's data.
        let all = format!("{:?}{}", got.headers, got.text()).replace(&got.rid(), "");
        if let Some(found) = self.secrets.find(&all) {
            panic!("{what}: {found:?} of the other customer in {all}");
        }
    }

    /// No request may name anybody but the asker where a request names the customer.
    fn assert_bound_to_the_asker(&self, operation: &Operation, seen: &[Seen], what: &str) {
        for request in seen {
            // What needs no customer may be asked in any words; they stay one value.
            let asked = if operation.needs_subject() {
                &*request.path
            } else {
                request.path.split('?').next().unwrap_or_default()
            };
            assert!(!asked.contains(&*self.victim.uid), "{what}: {asked}");
            assert!(!asked.contains('%'), "{what}: {asked}");
            for (name, value) in &request.headers {
                let value = String::from_utf8_lossy(value.as_bytes());
                assert!(
                    !value.contains(&*self.victim.uid),
                    "{what}: {name}: {value}"
                );
            }
            if let Some(uid) = request.header("x-member-uid") {
                assert_eq!(uid, self.own.uid, "{what}");
            }
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            for (name, value) in body.as_object().into_iter().flatten() {
                if ["uid", "user_uid", "member_uid"].contains(&&**name) {
                    assert_eq!(value, &json!(self.own.uid), "{what}");
                }
                // Free text may say anything, and an object's id is looked up as that.
                let text = operation.arguments.iter().any(|argument| {
                    let bounded = argument.pattern.is_some() || !argument.one_of.is_empty();
                    argument.place == Place::Body(name.clone()) && (!bounded || argument.object)
                });
                assert!(
                    text || !value.to_string().contains(&*self.victim.uid),
                    "{what}: {name}"
                );
            }
            if let Ownership::Listed { argument, .. } = &operation.ownership {
                let place = &operation.argument(argument).unwrap().place;
                let named = &body[place.name()];
                let own = objects_of(operation, &self.own);
                assert!(named.is_null() || own.contains(named), "{what}: {named}");
                for theirs in objects_of(operation, &self.victim) {
                    let theirs = theirs.to_string().replace('"', "");
                    let mut segments = request.path.split(['/', '?', '&', '=']);
                    assert!(segments.all(|it| it != theirs), "{what}: {}", request.path);
                }
            }
        }
    }
}

/// Sends one attack over REST and checks what came of it.
async fn try_over_rest(stand: &Stand, chat: &Asker, operation: &Operation, attack: &Attack) -> Got {
    let what = format!("{} {}", operation.name, attack.what);
    let exchange = &stand.exchange();
    exchange.forget_seen();
    let mut body = json!({"arguments": attack.arguments, "conversation": chat.chat});
    for (name, value) in attack.members.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let mut headers: Vec<(&str, &str)> = vec![("idempotency-key", &attack.key)];
    headers.extend(
        attack
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str())),
    );
    let path = format!("/v1/operations/{}", operation.name);
    let got = chat
        .bot
        .send("POST", &path, &headers, body.to_string().as_bytes())
        .await;
    chat.assert_nothing_of_the_victim(&got, &what);
    chat.assert_bound_to_the_asker(operation, &exchange.seen(), &what);
    if attack.refused {
        assert!(got.status >= 400, "{what}: {}", got.text());
    }
    if attack.before_forward {
        assert_eq!(exchange.count(), 0, "{what}: nothing is asked upstream");
    }
    got
}

/// The assistant in the chat, on every operation: arguments, objects, conversation, purpose, headers.
#[tokio::test(flavor = "multi_thread")]
async fn i4_no_assistant_reaches_another_customer() {
    let stand = Stand::sqlite().await;
    let chat = Asker::of(&stand, tidewaiter::demo::AGENT, "low").await;
    let mut answered = 0;
    for operation in stand.operations() {
        let plain = Attack::none(&operation, &chat.own);
        let got = try_over_rest(&stand, &chat, &operation, &plain).await;
        let money = matches!(operation.risk, Risk::Money | Risk::Security);
        assert_eq!(
            got.status,
            if money { 403 } else { 200 },
            "{}: {}",
            operation.name,
            got.text()
        );
        answered += usize::from(got.status == 200);
        for attack in attack::all(&operation, &chat.own, &chat.victim) {
            try_over_rest(&stand, &chat, &operation, &attack).await;
        }
    }
    assert!(
        answered >= 30,
        "the attacks are on operations that answer: {answered}"
    );
    let cases = stand.exchange().cases().await.unwrap();
    assert!(
        cases
            .iter()
            .all(|case| case.uid.as_ref().is_none_or(|uid| *uid == chat.own.uid))
    );
    assert!(cases.iter().all(|case| {
        case.withdrawal
            .as_ref()
            .is_none_or(|tid| chat.own.withdraws.contains(tid))
    }));
    stand.close().await;
}

/// A scenario that may cancel withdrawals cancels nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn i4_no_scenario_reaches_another_customer() {
    let stand = Stand::sqlite().await;
    let chat = Asker::of(&stand, FLOW, "substantial").await;
    for operation in stand.operations() {
        for attack in attack::all(&operation, &chat.own, &chat.victim) {
            try_over_rest(&stand, &chat, &operation, &attack).await;
        }
    }
    // Its own it may: the exchange is asked, with its intent recorded before.
    stand.exchange().forget_seen();
    let own = json!({"tid": chat.own.withdraws[0]});
    chat.bot
        .call(
            "withdrawals.cancel",
            &chat.chat,
            &own,
            &[("idempotency-key", "own")],
        )
        .await;
    let seen = stand.exchange().seen();
    assert!(
        seen.iter()
            .any(|request| request.path.ends_with("/withdraws/action"))
    );
    stand.close().await;
}

/// The same over MCP, a part of it.
#[tokio::test(flavor = "multi_thread")]
async fn i4_no_tool_reaches_another_customer() {
    let stand = Stand::sqlite().await;
    let chat = Asker::of(&stand, tidewaiter::demo::AGENT, "low").await;
    for operation in stand.operations() {
        let attacks = attack::all(&operation, &chat.own, &chat.victim);
        let some = attacks
            .iter()
            .filter(|a| a.members == json!({}) && a.headers.is_empty());
        let some = some
            .enumerate()
            .filter(|(at, attack)| attack.names_object || at % 7 == 0);
        for (_, attack) in some {
            let what = format!("{} {}", operation.tool, attack.what);
            stand.exchange().forget_seen();
            let key = Some(&*attack.key);
            let got = chat
                .bot
                .tool(&operation.tool, &chat.chat, &attack.arguments, key)
                .await;
            chat.assert_nothing_of_the_victim(&got, &what);
            chat.assert_bound_to_the_asker(&operation, &stand.exchange().seen(), &what);
            let refused = got.json()["result"]["isError"] != json!(false);
            assert!(refused || !attack.refused, "{what}: {}", got.text());
        }
    }
    stand.close().await;
}

/// A foreign object and a missing one are one answer, to the byte, whatever proof an operation has.
#[tokio::test(flavor = "multi_thread")]
async fn i10_a_foreign_object_and_a_missing_one_are_one() {
    for stand in Stand::each().await {
        let chat = Asker::of(&stand, tidewaiter::demo::AGENT, "low").await;
        let flow = Asker::of(&stand, FLOW, "substantial").await;
        let mut over_rest = HashSet::new();
        let mut tried = 0;
        for operation in stand.operations() {
            let money = operation.risk == Risk::Money;
            let who = if money { &flow } else { &chat };
            let mut over_mcp = HashSet::new();
            for argument in operation
                .arguments
                .iter()
                .filter(|argument| argument.object)
            {
                tried += 1;
                let theirs = objects_of(&operation, &chat.victim).into_iter();
                let missing = if argument.shape == Shape::Integer {
                    vec![json!(9_007_199_254_740_991_i64), json!(1)]
                } else {
                    let long = format!("TID{}", "9".repeat(30));
                    let other = chat.victim.withdraws.iter().chain(&chat.victim.deposits);
                    let none = json!(["TID0000000000", long, "abcd", chat.victim.uid]);
                    let none = none.as_array().unwrap().clone();
                    none.into_iter()
                        .chain(other.map(|tid| json!(tid)))
                        .collect()
                };
                let objects = theirs.chain(missing);
                for (at, object) in objects.enumerate() {
                    let mut arguments = arguments_of(&operation, &chat.own);
                    arguments[&argument.name] = object;
                    let key = format!("k-{at}");
                    let headers = [("idempotency-key", &*key)];
                    let got = who
                        .bot
                        .call(&operation.name, &who.chat, &arguments, &headers)
                        .await;
                    over_rest.insert(got.blind());
                    let got = who
                        .bot
                        .tool(&operation.tool, &who.chat, &arguments, Some(&key))
                        .await;
                    over_mcp.insert(got.blind());
                }
                assert_eq!(over_mcp.len(), 1, "{}: {over_mcp:#?}", operation.name);
            }
        }
        assert!(tried >= 7);
        assert_eq!(over_rest.len(), 1, "{over_rest:#?}");
        assert!(over_rest.iter().all(|answer| answer.contains("not_found")));
        stand.close().await;
    }
}

/// One customer's idempotency key is not another's: it neither shows nor stops their case.
#[tokio::test(flavor = "multi_thread")]
async fn i4_an_idempotency_key_is_its_owners() {
    for stand in Stand::each().await {
        let chat = Asker::of(&stand, tidewaiter::demo::AGENT, "low").await;
        let victim = stand.assistant(&chat.victim);
        let theirs = victim.open(&stand, "ru").await;
        let case = json!({"topic": "other", "summary": "please call back"});
        let key = [("idempotency-key", "shared-key-1")];
        let first = victim.call("support.open_case", &theirs, &case, &key).await;
        assert_eq!(first.status, 200, "{}", first.text());
        let own = chat
            .bot
            .call("support.open_case", &chat.chat, &case, &key)
            .await;
        assert_eq!(own.status, 200, "{}", own.text());
        assert_ne!(
            first.json()["result"]["case_id"],
            own.json()["result"]["case_id"]
        );
        chat.assert_nothing_of_the_victim(&own, "the other's key");
        let other = json!({"topic": "kyc", "summary": "something else"});
        let reused = victim
            .call("support.open_case", &theirs, &other, &key)
            .await;
        assert_eq!(reused.code(), "idempotency_key_reused");
        stand.close().await;
    }
}
