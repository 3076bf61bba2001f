//! Scene 12: who looked at my data? Delete it.

use super::export;
use crate::demo::stage::Stage;
use crate::identity::Role;
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What the leaving customer said, for the search afterwards.
const SAID: &str = "Мой сын Пётр поступил, спасибо за помощь с выводом!";

/// The chat that comes before: it lies in scene 11's bundle and is erased in scene 12.
pub(super) async fn before(stage: &Stage<'_>) -> Result<()> {
    let person = stage.house.exchange.cast().leaving.clone();
    let assistant = stage.house.assistant_for(&person)?;
    let chat = stage.open_chat(&assistant, "ru").await?;
    stage.say(&assistant, &chat, "customer", SAID).await?;
    let body = json!({"arguments": {}, "conversation": chat});
    assistant
        .post("/v1/operations/withdrawals.list", &body)
        .await?;
    Ok(())
}

/// Scene 12: who looked, the erasure, the receipt, and what still verifies.
#[expect(clippy::too_many_lines, reason = "a scene, told from beginning to end")]
pub(super) async fn who_looked_and_erase(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(12, "Who looked at my data? Delete it. (ru)")?;
    let person = stage.house.exchange.cast().leaving.clone();
    let customer = stage.house.customer(&person)?;
    stage.tell(
        "asked",
        &format!("{}: «Кто смотрел мои данные? Удалите.»", person.name),
    )?;
    let lookups = customer
        .send(
            http::Method::GET,
            "/v1/me/lookups",
            &[("accept-language", "ru")],
            None,
        )
        .await?;
    let body = lookups.json();
    let rows = body
        .get("lookups")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for row in rows.iter().take(3) {
        let text = |at: &str| row.pointer(at).and_then(Value::as_str).unwrap_or_default();
        let fields = row
            .get("fields")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let who = text("/agent/title");
        stage.tell(
            "shown",
            &format!(
                "{}  {} · {} · «{}» · {fields} fields · {}",
                text("/time").chars().take(19).collect::<String>(),
                if who.is_empty() { "you" } else { who },
                text("/operation/title"),
                text("/purpose/say"),
                text("/decision"),
            ),
        )?;
    }
    stage.expect(
        rows.iter()
            .any(|row| row.to_string().contains("withdrawals.list")),
        "the customer sees who looked, when and why",
    )?;
    let (turn, lookup) = own_records(stage, &person).await?;
    let asked = customer.post("/v1/me/erasures", &json!({})).await?.json();
    let id = asked
        .get("case")
        .and_then(Value::as_str)
        .context("no erasure case")?
        .to_owned();
    let dina = stage.house.officer("dina", &[Role::Dpo])?;
    let why = json!({"reason": "the customer's request", "case": "ERASURE-1"});
    let approved = dina
        .post(&format!("/v1/erasures/{id}/approve"), &why)
        .await?;
    stage.tell(
        "decided",
        &format!("dina (data protection) approves ({})", approved.status),
    )?;
    let status = customer.get(&format!("/v1/me/erasures/{id}")).await?.json();
    let receipt = status.get("receipt").cloned().unwrap_or_default();
    for line in summary(&receipt) {
        stage.tell("receipt", &line)?;
    }
    stage.expect(
        status.get("state").and_then(Value::as_str) == Some("done") && !receipt.is_null(),
        "a signed receipt says what was erased, what law keeps, and until when",
    )?;
    let ledger = stage.house.running.gateway.ledger();
    let gone = ledger.entry(turn).await?;
    stage.expect(
        gone.body.is_none() && ledger.open_body(&gone).await.is_err(),
        "the chat is gone: its key is destroyed, its ciphertext purged",
    )?;
    let kept = ledger.entry(lookup).await?;
    stage.expect(
        ledger.open_body(&kept).await.is_ok(),
        "the withdrawal lookup is kept, as the law asks",
    )?;
    ledger.checkpoint().await?;
    let report = export::check(stage, &export::bundle(stage))?;
    stage.expect(report.exit == 0, "scene 11's bundle still verifies")
}

/// A receipt in a few lines: what went, what law keeps, since when, signed by whom.
fn summary(receipt: &Value) -> Vec<String> {
    let json = receipt
        .get("json")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let said: Value = serde_json::from_str(json).unwrap_or_default();
    let text = |at: &str| {
        said.pointer(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let list = |name: &str, show: &dyn Fn(&Value) -> String| {
        let rows = said.get(name).and_then(Value::as_array);
        rows.into_iter()
            .flatten()
            .map(show)
            .collect::<Vec<_>>()
            .join("; ")
    };
    let part = |row: &Value, at: &str| {
        row.pointer(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let note = receipt
        .get("note")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let signed = note.lines().last().unwrap_or_default();
    vec![
        format!(
            "erased: {}",
            list("erased", &|row| format!(
                "{} ({} records)",
                part(row, "/class"),
                part(row, "/records")
            ))
        ),
        format!(
            "kept by law: {}",
            list("kept", &|row| format!(
                "{} ({})",
                part(row, "/class"),
                part(row, "/source")
            ))
        ),
        format!(
            "keys destroyed {}; copies in backups are refused, and kept until {} at most",
            text("/keys_destroyed"),
            text("/backups_kept_until")
        ),
        format!("signed {}", signed.chars().take(72).collect::<String>()),
    ]
}

/// The indices of the customer's turn and lookup.
async fn own_records(stage: &Stage<'_>, person: &crate::demo::data::Person) -> Result<(i64, i64)> {
    let ledger = stage.house.running.gateway.ledger();
    let subject = crate::identity::Subject {
        issuer: crate::demo::ISSUER.to_owned(),
        sub: person.sub.clone(),
        uid: person.uid.clone(),
    };
    let owner = crate::ledger::Owner::Subject(std::sync::Arc::new(subject));
    let records = ledger
        .of_owner(&ledger.keys().owner_id(&owner), 1, 1_000)
        .await?;
    let (mut turn, mut lookup) = (None, None);
    for seq in records {
        let entry = ledger.entry(seq).await?;
        match (entry.leaf.kind, entry.leaf.operation.as_deref()) {
            (tidewaiter_audit::Kind::Turn, _) => turn = Some(seq),
            (tidewaiter_audit::Kind::Lookup, Some("withdrawals.list")) => lookup = Some(seq),
            _ => {}
        }
    }
    Ok((turn.context("the turn")?, lookup.context("the lookup")?))
}
