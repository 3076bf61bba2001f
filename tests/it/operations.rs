//! Every operation that is shipped, from a token to the demonstration exchange and back: it works for
//! whom the policy names, says only what is declared and granted, and leaves one record.

use crate::foreign::arguments_of;
use crate::harness::stand::Stand;
use crate::wire::{FLOW, Got, Wire};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use tidewaiter::catalog::{Class, Effect, Operation, Ownership, Risk};
use tidewaiter::config::Config;
use tidewaiter::demo::AGENT;
use tidewaiter::demo::data::Person;
use tidewaiter_audit::{Decision, Kind};

/// Every scalar of an answer with the path the catalog would give it.
fn scalars(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let dot = if at.is_empty() { "" } else { "." };
            scalars(member, &format!("{at}{dot}{name}"), found);
        }),
        Value::Array(items) => items
            .iter()
            .for_each(|item| scalars(item, &format!("{at}[]"), found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push((at.to_owned(), value.clone()));
        }
    }
}

/// Whom an operation shows most about.
pub(crate) fn person_for(stand: &Stand, operation: &Operation) -> Vec<Person> {
    let cast = stand.exchange().cast();
    let all = [
        &cast.queued,
        &cast.receipt,
        &cast.victim,
        &cast.refused,
        &cast.memoless,
        &cast.called,
        &cast.liquidated,
        &cast.locked,
        &cast.injected,
        &cast.stuck,
        &cast.sent,
    ];
    let first = match &*operation.topic {
        "margin" => &cast.called,
        "p2p" => &cast.receipt,
        "security" => &cast.locked,
        "kyc" => &cast.refused,
        _ => &cast.queued,
    };
    [first].into_iter().chain(all).cloned().collect()
}

struct Hands {
    stand: Stand,
    bots: BTreeMap<String, (Wire, String)>,
}

impl Hands {
    /// An agent in an open conversation with somebody.
    async fn of(&mut self, agent: &str, person: &Person) -> (Wire, String) {
        let name = format!("{agent} {}", person.uid);
        if let Some(found) = self.bots.get(&name) {
            return found.clone();
        }
        let acr = if agent == FLOW { "substantial" } else { "low" };
        let bot = self.stand.agent(agent, person, acr);
        let chat = bot.open(&self.stand, "en").await;
        self.bots.insert(name, (bot.clone(), chat.clone()));
        (bot, chat)
    }

    /// What is shown of an operation is declared, granted and not staff's.
    fn judge(operation: &Operation, got: &Got) -> usize {
        let name = &operation.name;
        got.is(200, "");
        let document = got.document();
        let treated: HashMap<&str, &Value> = document["treated"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["path"].as_str().unwrap(), it))
            .collect();
        let mut found = Vec::new();
        scalars(&document["result"], "", &mut found);
        for (path, value) in &found {
            let above = operation
                .fields
                .iter()
                .any(|it| it.path.starts_with(&**path));
            if value.is_null() && above {
                continue;
            }
            let field = operation.field(path);
            let field = field.unwrap_or_else(|| panic!("{name}: {path} is not declared"));
            let treated = treated[&**path];
            assert_eq!(treated["class"], field.class.as_str(), "{name}: {path}");
            let masked = treated["treatment"] == "mask";
            assert!(
                masked || treated["treatment"] == "reveal",
                "{name}: {path}: {treated}"
            );
            assert!(
                !masked || value.is_null() || value.is_string(),
                "{name}: {path}"
            );
            let hidden = matches!(field.class, Class::Security | Class::Internal);
            assert!(!hidden, "{name}: {path}");
        }
        for staff in ["IDSTAFF", "vault:", "kyc-files", "p2p-files", "engine-3"] {
            assert!(!got.text().contains(staff), "{name}: {staff}");
        }
        found.iter().filter(|(_, value)| !value.is_null()).count()
    }

    /// Calls an operation for people until it has something to show.
    async fn call(&mut self, operation: &Operation, agent: &str) {
        let mut shown = 0;
        for (at, person) in person_for(&self.stand, operation).iter().enumerate() {
            let (bot, chat) = self.of(agent, person).await;
            let arguments = arguments_of(operation, person);
            let key = format!("key-{}-{at}", operation.tool);
            let from = self.stand.size();
            let headers = [("idempotency-key", &*key)];
            let got = bot.call(&operation.name, &chat, &arguments, &headers).await;
            shown = Self::judge(operation, &got);
            let records = self.stand.records_from(from).await;
            let last = &records.last().unwrap().leaf;
            let kind = match operation.effect {
                Effect::Read => Kind::Lookup,
                Effect::Write => Kind::Outcome,
            };
            assert_eq!((last.kind, last.decision), (kind, Some(Decision::Allow)));
            assert_eq!(hex::encode(last.rid), got.rid());
            if shown > 1 {
                break;
            }
        }
        assert!(shown > 1, "{} shows nothing", operation.name);
    }
}

/// Nobody may add margin as shipped; that the operation works is tried all the same.
pub(crate) async fn grant_margin(stand: &Stand) {
    let path = stand.place.dir.path().join("policies/policy.csv");
    let mut policy = std::fs::read_to_string(&path).unwrap();
    policy.push_str("p, triage-flow, operation:margin.add, *, *, flow, *, allow\n");
    std::fs::write(&path, policy).unwrap();
    let config = Config::load(&stand.place.dir.path().join("tidewaiter.toml")).unwrap();
    stand.house.running.reload(&config).await.unwrap();
}

/// Who may call an operation.
pub(crate) fn agent_for(operation: &Operation) -> &'static str {
    match operation.risk {
        Risk::Public | Risk::Account => AGENT,
        Risk::Money | Risk::Security => FLOW,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_every_shipped_operation_works_and_shows_only_what_it_declares() {
    let stand = Stand::sqlite().await;
    grant_margin(&stand).await;
    let mut hands = Hands {
        stand,
        bots: BTreeMap::new(),
    };
    // What is written is then there to be read.
    let mut operations = hands.stand.operations();
    operations.sort_by_key(|it| it.effect == Effect::Read);
    assert!(operations.len() >= 35);
    for operation in &operations {
        hands.call(operation, agent_for(operation)).await;
    }
    // What was written is there.
    let exchange = hands.stand.exchange();
    let cast = exchange.cast().clone();
    let disputes = exchange.disputes().await.unwrap();
    let opened = disputes.last().unwrap();
    assert_eq!(
        (&opened.uid, &opened.trade_id),
        (&cast.receipt.uid, &cast.receipt.trades[0])
    );
    assert_eq!(exchange.cases().await.unwrap().len(), 2);
    hands.stand.close().await;
}

/// Scene 8: what came in is compared, not shown, and the other party stays unnamed.
#[tokio::test(flavor = "multi_thread")]
async fn i4_a_forged_receipt_tells_nothing_of_who_paid_and_how_much() {
    let stand = Stand::sqlite().await;
    let cast = stand.exchange().cast().clone();
    let bot = stand.assistant(&cast.receipt);
    let chat = bot.open(&stand, "ru").await;
    let customer = stand
        .exchange()
        .dataset()
        .customer(&cast.payer.uid)
        .unwrap();
    let bank = stand
        .exchange()
        .dataset()
        .trade(&cast.receipt.trades[0])
        .unwrap();
    let hidden = [
        &cast.payer.name,
        &cast.payer.last_name,
        &cast.payer.uid,
        &customer.user.phones[0].number,
        &bank.buyer.bank_account,
        &bank.payment.as_ref().unwrap().reference,
        "48500",
    ];
    for operation in stand.operations().iter().filter(|it| it.topic == "p2p") {
        let arguments = arguments_of(operation, &cast.receipt);
        let key = [("idempotency-key", "k-1")];
        let got = bot.call(&operation.name, &chat, &arguments, &key).await;
        got.is(200, "");
        for hidden in hidden {
            assert!(!got.text().contains(hidden), "{}: {hidden}", operation.name);
        }
    }
    stand.close().await;
}

/// The table of operations in the assistant's documentation.
fn table(operations: &[Arc<Operation>], granted: &Value) -> String {
    let mut table =
        String::from("| operation | what it is for | arguments | |\n|---|---|---|---|\n");
    for operation in operations {
        let arguments = operation.arguments.iter().map(|it| {
            let mark = if it.required { "" } else { "?" };
            format!("`{}`{mark}", it.name)
        });
        let mut marks = Vec::new();
        if operation.effect == Effect::Write {
            marks.push("writes");
        }
        if operation.ownership == Ownership::None {
            marks.push("guests too");
        }
        let granted = granted["operations"].as_array().unwrap();
        if !granted.iter().any(|it| it["name"] == operation.name) {
            marks.push("not for language models");
        }
        let arguments: Vec<String> = arguments.collect();
        writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            operation.name,
            operation.title,
            arguments.join(", "),
            marks.join(", ")
        )
        .unwrap();
    }
    table
}

/// The documentation lists what is shipped, no more and no less.
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_table_of_operations_is_true() {
    let stand = Stand::sqlite().await;
    let bot = stand.assistant(&stand.exchange().cast().queued);
    let granted = bot.get("/v1/operations").await.json();
    let table = table(&stand.operations(), &granted);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/assistant.md");
    let documented = std::fs::read_to_string(path).unwrap();
    assert!(
        documented.contains(&table),
        "docs/assistant.md must have:\n{table}"
    );
    stand.close().await;
}
