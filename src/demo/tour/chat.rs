//! Scenes of the chat: a queued withdrawal, a refused KYC, an injection.

use crate::demo::stage::Stage;
use anyhow::{Context, Result};
use http::StatusCode;
use serde_json::{Value, json};

/// Scene 1: where is my withdrawal?
pub(super) async fn withdrawal(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(1, "Where is my withdrawal? (ru)")?;
    let person = stage.house.exchange.cast().queued.clone();
    let assistant = stage.house.assistant_for(&person)?;
    let refused = stage
        .call(
            &assistant,
            "",
            "withdrawals.list",
            json!({"currency": "btc"}),
        )
        .await?;
    stage.expect(
        refused.status == StatusCode::CONFLICT,
        "no lookup before the customer was told that this is an AI",
    )?;
    let chat = stage.open_chat(&assistant, "ru").await?;
    let asked = "Где мой вывод 0,4 BTC?";
    stage.say(&assistant, &chat, "customer", asked).await?;
    stage.tell("asked", &format!("{}: «{asked}»", person.name))?;
    let tid = person.tid.clone().context("the cast has a withdrawal")?;
    let reply = stage
        .call(&assistant, &chat, "withdrawals.status", json!({"tid": tid}))
        .await?;
    stage.recorded(&reply).await?;
    let body = reply.json();
    let shown = body.get("result").cloned().unwrap_or_default();
    stage.show(&shown)?;
    let dataset = stage.house.exchange.dataset();
    let withdraw = dataset
        .customer(&person.uid)
        .and_then(|customer| customer.withdraws.iter().find(|w| w.tid == tid))
        .context("the exchange has the withdrawal")?;
    let raw = serde_json::to_value(withdraw)?;
    let address = raw.get("rid").and_then(Value::as_str).unwrap_or("?");
    stage.expect(
        shown.get("amount").and_then(Value::as_str) == Some("0.4"),
        "the amount is shown",
    )?;
    stage.expect(
        shown.get("state") == raw.get("state"),
        "its state is shown: queued, not sent",
    )?;
    stage.expect(
        shown.get("blockchain_txid").is_none_or(Value::is_null),
        "there is no transaction id yet, and none is made up",
    )?;
    stage.expect(
        !body.to_string().contains(address) && shown.get("rid").is_some(),
        "the address is masked",
    )
}

/// Scene 2: why was my KYC refused?
pub(super) async fn refused_kyc(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(2, "Why was my KYC refused?")?;
    let person = stage.house.exchange.cast().refused.clone();
    let assistant = stage.house.assistant_for(&person)?;
    let chat = stage.open_chat(&assistant, "en").await?;
    let asked = "Why was my KYC refused?";
    stage.say(&assistant, &chat, "customer", asked).await?;
    stage.tell("asked", &format!("{}: “{asked}”", person.name))?;
    let reply = stage
        .call(&assistant, &chat, "kyc.refusal", json!({}))
        .await?;
    stage.recorded(&reply).await?;
    let body = reply.json();
    let shown = body.get("result").cloned().unwrap_or_default();
    stage.show(&shown)?;
    let dataset = stage.house.exchange.dataset();
    let customer = dataset
        .customer(&person.uid)
        .context("the exchange has the customer")?;
    let raw = serde_json::to_value(&customer.user)?;
    let said = body.to_string();
    let private: Vec<&str> = texts(&raw, "labels", "scope", "private", "description");
    let staff: Vec<&str> = texts(&raw, "comments", "", "", "data");
    stage.expect(
        shown.to_string().contains("rejected"),
        "the reason meant for the customer is shown, with what to send again",
    )?;
    stage.expect(
        private
            .iter()
            .chain(&staff)
            .all(|text| !said.contains(*text)),
        &format!(
            "{} staff comments and {} private labels stayed inside",
            staff.len(),
            private.len()
        ),
    )?;
    let reply = stage
        .call(&assistant, &chat, "kyc.profile", json!({}))
        .await?;
    let said = reply.json().to_string();
    stage.expect(
        reply.status == StatusCode::OK
            && !said.contains(&person.last_name)
            && !said.contains(&person.email)
            && staff.iter().all(|text| !said.contains(*text)),
        "the profile shows the level and state; name and e-mail are masked, staff comments dropped",
    )
}

/// The text members of the elements of a list whose other member has a value.
fn texts<'a>(raw: &'a Value, list: &str, by: &str, is: &str, member: &str) -> Vec<&'a str> {
    let elements = raw.get(list).and_then(Value::as_array);
    elements
        .into_iter()
        .flatten()
        .filter(|element| by.is_empty() || element.get(by).and_then(Value::as_str) == Some(is))
        .filter_map(|element| element.get(member).and_then(Value::as_str))
        .collect()
}

/// Scene 6: a deposit's memo gives orders to the model.
#[expect(clippy::too_many_lines, reason = "a scene, told from beginning to end")]
pub(super) async fn injection(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(6, "A deposit's memo gives orders to the model")?;
    let cast = stage.house.exchange.cast();
    let (person, victim) = (cast.injected.clone(), cast.victim.clone());
    let assistant = stage.house.assistant_for(&person)?;
    let chat = stage.open_chat(&assistant, "en").await?;
    stage
        .say(&assistant, &chat, "customer", "Has my deposit arrived?")
        .await?;
    let reply = stage
        .call(&assistant, &chat, "deposits.list", json!({"limit": 1}))
        .await?;
    let body = reply.json();
    let memo = body
        .pointer("/result/0/memo")
        .and_then(Value::as_str)
        .unwrap_or_default();
    stage.tell("memo", memo)?;
    stage.tell("", "The model is talked into it and tries:")?;
    let forged = json!({"uid": victim.uid, "currency": "btc"});
    let by_argument = stage
        .call(&assistant, &chat, "balances.balance", forged)
        .await?;
    stage.recorded(&by_argument).await?;
    let theirs = victim.withdraws.first().cloned().unwrap_or_default();
    let foreign = json!({"tid": theirs});
    let by_id = stage
        .call(&assistant, &chat, "withdrawals.status", foreign)
        .await?;
    stage.recorded(&by_id).await?;
    let missing = json!({"tid": "TID0000000000"});
    let not_there = stage
        .call(&assistant, &chat, "withdrawals.status", missing)
        .await?;
    stage.recorded(&not_there).await?;
    let say = |reply: &crate::cli::Reply| reply.json().get("say").cloned().unwrap_or_default();
    stage.tell("shown", say(&by_id).as_str().unwrap_or_default())?;
    stage.expect(
        !by_argument.status.is_success() && !by_id.status.is_success(),
        "an argument cannot name another customer, and another customer's id opens nothing",
    )?;
    stage.expect(
        say(&by_argument) == say(&not_there) && say(&by_id) == say(&not_there),
        "both are refused with the text of not found",
    )?;
    let without_rid = |reply: &crate::cli::Reply| {
        let mut body = reply.json();
        if let Some(members) = body.as_object_mut() {
            members.remove("record");
        }
        (reply.status, body, reply.body.len())
    };
    stage.expect(
        without_rid(&by_id) == without_rid(&not_there),
        "a foreign id and a missing one are answered alike, to the byte",
    )?;
    let seen = stage.house.exchange.seen();
    let leaked = seen
        .iter()
        .any(|request| request.text().contains(&victim.uid) || request.path.contains(&victim.uid));
    stage.expect(
        !leaked,
        "the exchange was never asked with the other customer's uid",
    )
}
