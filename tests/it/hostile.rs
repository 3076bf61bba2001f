//! An upstream that turned hostile, against every operation of the catalog (I2).

use crate::foreign::arguments_of;
use crate::harness::stand::Stand;
use crate::wire::{FLOW, Got, Wire};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tidewaiter::catalog::{Class, Effect, Field, Operation, Ownership, Shape};
use tidewaiter::demo::AGENT;
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::{CANARY, Misbehaviour};
use tidewaiter_audit::{Decision, Kind};
use tokio::net::TcpListener;

static KEY: AtomicU32 = AtomicU32::new(0);

fn key() -> String {
    format!("key-{}", KEY.fetch_add(1, Ordering::SeqCst))
}

/// What an answer may end in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Without what was not named, what was is still shown.
    Shown,
    /// It is as if there were nothing.
    NotFound,
    /// Depends on the operation; either is right as long as nothing leaks.
    Either,
}

/// Every way to misbehave that costs no time, and how it must end.
fn ways(elsewhere: &str) -> Vec<(Misbehaviour, End)> {
    let mut all = vec![
        (Misbehaviour::GrowField, End::Shown),
        (Misbehaviour::NestDeeper, End::Either),
        (Misbehaviour::ChangeTypes, End::Either),
        (Misbehaviour::Foreign, End::Either),
        (Misbehaviour::ForeignElement, End::Either),
        (Misbehaviour::OwnerMissing, End::Either),
        (Misbehaviour::OwnerList, End::Either),
        (Misbehaviour::Huge(8 * 1024 * 1024), End::NotFound),
        (Misbehaviour::Huge(1024 * 1024 * 1024), End::NotFound),
        (Misbehaviour::Abyss(120), End::Either),
        (Misbehaviour::Abyss(100_000), End::NotFound),
        (Misbehaviour::Garbage, End::NotFound),
        (Misbehaviour::DuplicateKeys, End::NotFound),
        (Misbehaviour::Redirect(elsewhere.to_owned()), End::NotFound),
        (Misbehaviour::NotJson, End::NotFound),
        (Misbehaviour::TruncatedBody, End::NotFound),
    ];
    let statuses = [300, 400, 401, 403, 404, 422, 429, 500, 503];
    all.extend(statuses.map(|status| (Misbehaviour::Status(status), End::NotFound)));
    all
}

/// Every scalar in a value with its path, without the places of elements.
fn scalars(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            let dot = if at.is_empty() { "" } else { "." };
            members
                .iter()
                .for_each(|(name, member)| scalars(member, &format!("{at}{dot}{name}"), found));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| scalars(item, &format!("{at}[]"), found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push((at.to_owned(), value.clone()));
        }
    }
}

/// Whether a value is of the type that was declared.
fn is_of(shape: Shape, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(_) => shape == Shape::String,
        Value::Bool(_) => shape == Shape::Boolean,
        Value::Number(number) => {
            shape == Shape::Number || (shape == Shape::Integer && !number.is_f64())
        }
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// Everything these tests need to call everything.
struct Ship {
    stand: Stand,
    person: Person,
    bot: (Wire, String),
    flow: (Wire, String),
    listed: HashMap<String, Value>,
    /// What refusals after forwarding look like, by code and interface.
    refusals: HashMap<(String, bool), HashSet<String>>,
}

impl Ship {
    async fn on(stand: Stand) -> Self {
        // Somebody who has something of everything.
        let whole = |person: &&Person| {
            let customer = stand.exchange().dataset().customer(&person.uid);
            customer.is_some_and(|c| {
                !c.withdraws.is_empty() && !c.deposits.is_empty() && !c.orders.is_empty()
            })
        };
        let cast = stand.exchange().cast().clone();
        let all = [
            &cast.queued,
            &cast.memoless,
            &cast.called,
            &cast.injected,
            &cast.receipt,
        ];
        let person = (*all.iter().find(|person| whole(person)).expect("somebody")).clone();
        let bot = stand.assistant(&person);
        let flow = stand.agent(FLOW, &person, "substantial");
        let listed = bot.get("/v1/operations").await.json();
        let listed = listed["operations"].as_array().unwrap().iter();
        let listed = listed.map(|one| {
            (
                one["name"].as_str().unwrap().to_owned(),
                one["output_schema"].clone(),
            )
        });
        Self {
            listed: listed.collect(),
            bot: (bot.clone(), bot.open(&stand, "en").await),
            flow: (flow.clone(), flow.open(&stand, "en").await),
            refusals: HashMap::new(),
            person,
            stand,
        }
    }

    /// Every operation that somebody may call, and who.
    fn callable(&self) -> Vec<(Arc<Operation>, Wire, String)> {
        let all = self.stand.operations().into_iter();
        all.filter_map(|operation| match &*operation.name {
            "orders.cancel" | "security.lock" | "withdrawals.cancel" => {
                Some((operation, self.flow.0.clone(), self.flow.1.clone()))
            }
            name if self.listed.contains_key(name) => {
                Some((operation, self.bot.0.clone(), self.bot.1.clone()))
            }
            _ => None,
        })
        .collect()
    }

    /// One misbehaviour on one operation, over both interfaces.
    async fn suffer(
        &mut self,
        operation: &Operation,
        who: &Wire,
        chat: &str,
        how: &Misbehaviour,
        end: End,
    ) {
        let arguments = arguments_of(operation, &self.person);
        for mcp in [false, true] {
            let what = format!("{} {how:?} mcp={mcp}", operation.name);
            let from = self.stand.size();
            let key = key();
            self.stand.exchange().misbehave(how.clone());
            let got = if mcp {
                who.tool(&operation.tool, chat, &arguments, Some(&key))
                    .await
            } else {
                who.call(
                    &operation.name,
                    chat,
                    &arguments,
                    &[("idempotency-key", &key)],
                )
                .await
            };
            self.stand.exchange().behave();
            let shown = self.judge(operation, &got, how, &what);
            assert!(end != End::Shown || shown, "{what}: {}", got.text());
            assert!(end != End::NotFound || !shown, "{what}: {}", got.text());
            self.one_record(operation, from, &got, shown, &what).await;
        }
    }

    fn keep(&mut self, got: &Got, mcp: bool) {
        let alike = self.refusals.entry((got.code(), mcp)).or_default();
        alike.insert(got.blind());
    }

    /// Refusals of one code differ in nothing.
    fn assert_alike(&self) {
        for alike in self.refusals.values() {
            assert_eq!(alike.len(), 1, "{alike:#?}");
        }
        assert_eq!(self.refusals.len(), 4, "two codes over two interfaces");
    }

    /// Nothing leaves that is not named; whether anything was shown.
    fn judge(&mut self, operation: &Operation, got: &Got, how: &Misbehaviour, what: &str) -> bool {
        let mcp = got.json().get("jsonrpc").is_some();
        let all = format!("{:?}{}", got.headers, got.text());
        let document = got.document();
        // A declared text may say anything, so this one puts the canary where text was declared.
        let declared = *how == Misbehaviour::ChangeTypes && document.get("result").is_some();
        for hidden in ["canary", "internal_note", "internal_owner", CANARY] {
            assert!(
                !all.contains(hidden) || (declared && hidden == CANARY),
                "{what}: {all}"
            );
        }
        if document.get("result").is_none() {
            // A write that may have happened says so; whatever else it was is not told.
            let unknown = operation.effect == Effect::Write && got.code() == "outcome_unknown";
            assert!(
                unknown || got.code() == "not_found",
                "{what}: {}",
                got.text()
            );
            self.keep(got, mcp);
            return false;
        }
        if mcp {
            assert_eq!(
                got.json()["result"]["structuredContent"],
                document,
                "{what}"
            );
        }
        let mut found = Vec::new();
        scalars(&document["result"], "", &mut found);
        // Null may stand for an object or a list that has declared fields.
        let declared = |path: &str, value: &Value| {
            let above = |field: &Field| field.path.starts_with(path);
            !value.is_null() || !operation.fields.iter().any(above)
        };
        for (path, value) in found.iter().filter(|(path, value)| declared(path, value)) {
            let field = operation
                .field(path)
                .unwrap_or_else(|| panic!("{what}: {path} is not declared"));
            assert!(
                !matches!(field.class, Class::Internal | Class::Security),
                "{what}: {path}"
            );
            assert!(is_of(field.shape, value), "{what}: {path}: {value}");
        }
        if operation.needs_subject() && operation.ownership != Ownership::Bound {
            let strangers = self.stand.exchange().dataset().customers.iter();
            for other in strangers.filter(|other| other.user.uid != self.person.uid) {
                // A memo may name anybody; nobody else's record has their uid as its own.
                let owner = format!("\"uid\":\"{}\"", other.user.uid);
                assert!(!all.replace('\\', "").contains(&owner), "{what}: {all}");
            }
        }
        true
    }

    async fn one_record(
        &self,
        operation: &Operation,
        from: i64,
        got: &Got,
        shown: bool,
        what: &str,
    ) {
        let records = self.stand.records_from(from).await;
        let kinds: Vec<_> = records.iter().map(|record| record.leaf.kind).collect();
        let last = &records.last().unwrap().leaf;
        // A write whose list cannot be had has no intent.
        match (operation.effect, kinds.len()) {
            (Effect::Write, 2) => assert_eq!(kinds, [Kind::Intent, Kind::Outcome], "{what}"),
            (Effect::Read | Effect::Write, _) => assert_eq!(kinds, [Kind::Lookup], "{what}"),
        }
        assert_eq!(hex::encode(last.rid), got.rid(), "{what}");
        let decision = if shown {
            Decision::Allow
        } else {
            Decision::Error
        };
        assert_eq!(last.decision, Some(decision), "{what}");
        assert_eq!(last.operation.as_ref(), Some(&operation.name), "{what}");
        let sealed = self.stand.sealed(&got.rid()).await;
        assert_eq!(
            sealed.get("shown").unwrap_or(&Value::Null),
            &got.document()["result"],
            "{what}"
        );
        assert!(
            shown || !sealed.to_string().contains(CANARY),
            "{what}: {sealed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_nothing_leaves_that_is_not_named_whatever_the_upstream_says() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/", listener.local_addr().unwrap());
    let mut ship = Ship::on(Stand::sqlite().await).await;
    let callable = ship.callable();
    assert!(callable.len() >= 33, "{}", callable.len());
    for (operation, who, chat) in &callable {
        for (how, end) in ways(&elsewhere) {
            // What can be done once is not found when it is asked again.
            let once = ["orders.cancel", "withdrawals.cancel"].contains(&&*operation.name);
            let end = if once && end == End::Shown {
                End::Either
            } else {
                end
            };
            ship.suffer(operation, who, chat, &how, end).await;
        }
    }
    let followed = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(followed.is_err(), "no redirect is followed");
    ship.assert_alike();
    ship.stand.close().await;
}

/// Whatever is decided after forwarding is told apart by nothing, not even from what is not there.
#[tokio::test(flavor = "multi_thread")]
async fn i10_refusals_after_forwarding_are_one_on_every_database() {
    for stand in Stand::each().await {
        let mut ship = Ship::on(stand).await;
        let (bot, chat) = ship.bot.clone();
        let missing = bot
            .call(
                "withdrawals.status",
                &chat,
                &json!({"tid": "TID0000000000"}),
                &[],
            )
            .await;
        ship.keep(&missing, false);
        let callable = ship.callable();
        for name in [
            "withdrawals.status",
            "kyc.profile",
            "limits.withdrawal",
            "support.open_case",
        ] {
            let (operation, who, chat) = callable.iter().find(|(o, ..)| o.name == name).unwrap();
            for how in [
                Misbehaviour::Status(500),
                Misbehaviour::Garbage,
                Misbehaviour::Redirect("/".into()),
            ] {
                ship.suffer(operation, who, chat, &how, End::NotFound).await;
            }
        }
        ship.assert_alike();
        ship.stand.close().await;
    }
}

/// Time-outs, several at once as each costs its time: an answer within the gateway's own limit.
#[tokio::test(flavor = "multi_thread")]
async fn i9_an_upstream_that_does_not_answer_is_not_found_or_not_known() {
    let stand = Stand::sqlite().await;
    let person = stand.exchange().cast().queued.clone();
    let bot = stand.agent(AGENT, &person, "low");
    let chat = bot.open(&stand, "en").await;
    let missing = bot
        .call(
            "withdrawals.status",
            &chat,
            &json!({"tid": "TID0000000000"}),
            &[],
        )
        .await;
    let from = stand.size();
    stand
        .house
        .exchange
        .misbehave(Misbehaviour::Slow(Duration::from_mins(1)));
    let btc = json!({"currency": "btc"});
    let case = json!({"topic": "other", "summary": "x"});
    let key = [("idempotency-key", "k-1")];
    let none = json!({});
    let (read, path, write, tool) = tokio::join!(
        bot.call("balances.balance", &chat, &btc, &[]),
        bot.call("margin.position", &chat, &none, &[]),
        bot.call("support.open_case", &chat, &case, &key),
        bot.tool("kyc_profile", &chat, &none, None),
    );
    for got in [&read, &path] {
        assert_eq!(got.blind(), missing.blind());
    }
    assert_eq!(tool.code(), "not_found", "{}", tool.text());
    stand.exchange().behave();
    let records = stand.records_from(from).await;
    assert_eq!(records.len(), 5, "one each, and an intent");
    // Whether the case was opened nobody knows; under its key it is not tried again.
    write.is(409, "outcome_unknown");
    let again = bot.call("support.open_case", &chat, &case, &key).await;
    assert_eq!(again.blind(), write.blind());
    stand.close().await;
}
