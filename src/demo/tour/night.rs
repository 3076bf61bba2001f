//! Scenes of a bad night: everything about withdrawals is stopped, and the ledger's disk is full.

use crate::cli::{Client, Reply};
use crate::demo::stage::Stage;
use crate::identity::Role;
use anyhow::{Context, Result, bail};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::SqlitePool;
use std::time::Duration;

const SWITCH: &str = "/v1/switches/topic:withdrawals";

/// Scene 9: complaints rise, and one person stops a whole topic.
pub(super) async fn switch(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(9, "03:00, complaints rise: withdrawals are switched off")?;
    let person = stage.house.exchange.cast().queued.clone();
    let assistant = stage.house.assistant_for(&person)?;
    let chat = stage.open_chat(&assistant, "ru").await?;
    let nina = stage.house.officer("nina", &[Role::Lead])?;
    let omar = stage.house.officer("omar", &[Role::Officer])?;
    let why = json!({"reason": "answers about withdrawals are wrong since 02:40"});
    let stopped = nina.send(Method::PUT, SWITCH, &[], Some(&why)).await?;
    stage.tell(
        "decided",
        &format!("nina (lead) stops topic:withdrawals ({})", stopped.status),
    )?;
    let tid = person.tid.clone().context("the cast has a withdrawal")?;
    let asked = json!({"tid": tid});
    let reply = stage
        .call(&assistant, &chat, "withdrawals.status", asked.clone())
        .await?;
    stage.recorded(&reply).await?;
    let say = stage.sentence(&reply)?;
    stage.expect(
        is(&reply, StatusCode::FORBIDDEN, "stopped") && say.contains("сотрудник"),
        "scene 1 again: stopped with the next call, and a person is offered",
    )?;
    let other = stage
        .call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await?;
    stage.expect(other.status.is_success(), "everything else goes on")?;
    let why = json!({"reason": "the cause is found and mended"});
    let alone = nina.send(Method::DELETE, SWITCH, &[], Some(&why)).await?;
    let still = assistant_asks(&assistant, &chat, &asked).await?;
    let both = omar.send(Method::DELETE, SWITCH, &[], Some(&why)).await?;
    let on = assistant_asks(&assistant, &chat, &asked).await?;
    stage.tell(
        "decided",
        &format!(
            "nina asks to go on ({}); omar (officer) agrees ({})",
            state(&alone),
            state(&both)
        ),
    )?;
    stage.expect(
        is(&still, StatusCode::FORBIDDEN, "stopped") && on.status.is_success(),
        "one person stops it, two let it go on",
    )
}

async fn assistant_asks(assistant: &Client, chat: &str, arguments: &Value) -> Result<Reply> {
    let body = json!({"arguments": arguments, "conversation": chat});
    assistant
        .post("/v1/operations/withdrawals.status", &body)
        .await
}

fn state(reply: &Reply) -> String {
    let body = reply.json();
    let state = body.get("state").and_then(Value::as_str);
    state.unwrap_or("refused").to_owned()
}

fn is(reply: &Reply, status: StatusCode, code: &str) -> bool {
    reply.status == status && reply.json().get("code").and_then(Value::as_str) == Some(code)
}

/// Scene 10: the ledger's disk is full.
#[expect(clippy::too_many_lines, reason = "a scene, told from beginning to end")]
pub(super) async fn full_disk(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(10, "The ledger's disk is full")?;
    let person = stage.house.exchange.cast().queued.clone();
    let assistant = stage.house.assistant_for(&person)?;
    let chat = stage.open_chat(&assistant, "ru").await?;
    let tid = person.tid.clone().context("the cast has a withdrawal")?;
    let ask = async || assistant_asks(&assistant, &chat, &json!({"tid": tid})).await;
    let disk = Disk::of(stage)?;
    let before = disk.pages().await?;
    stage.tell(
        "",
        "The database's file may not grow by a page any more; the assistant goes on asking.",
    )?;
    disk.limit(before).await?;
    let mut answered: u32 = 0;
    let refused = loop {
        let reply = ask().await?;
        if !reply.status.is_success() {
            break reply;
        }
        answered += 1;
        anyhow::ensure!(answered < 1_000, "the disk does not fill");
    };
    stage.tell(
        "shown",
        &format!(
            "{answered} answers whose records still fitted, then {}",
            refused.status
        ),
    )?;
    stage.sentence(&refused)?;
    stage.expect(
        is(&refused, StatusCode::SERVICE_UNAVAILABLE, "unrecorded"),
        "what cannot be recorded is not said: 503, and nothing leaks",
    )?;
    let said = refused.json().to_string();
    stage.expect(
        !said.contains(&tid) && !said.contains("0.4"),
        "the refusal tells nothing of the answer that was dropped",
    )?;
    disk.limit(before.saturating_mul(1_000)).await?;
    let mut reply = ask().await?;
    for _ in 0..20 {
        if reply.status.is_success() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        reply = ask().await?;
    }
    stage.expect(
        reply.status.is_success(),
        "there is room again, and it goes on by itself",
    )?;
    stage.recorded(&reply).await?;
    let told = gap(stage).await?;
    stage.tell("recorded", told.as_deref().unwrap_or("nothing of the gap"))?;
    stage.expect(
        told.is_some(),
        "the gap is explained: a record says how many outcomes were withheld",
    )
}

/// What the newest record of counted refusals says of outcomes that were withheld.
async fn gap(stage: &Stage<'_>) -> Result<Option<String>> {
    let ledger = stage.house.running.gateway.ledger();
    for _ in 0..50 {
        let size = ledger.size();
        for seq in (size.saturating_sub(16)..size).rev() {
            let entry = ledger.entry(seq).await?;
            if entry.leaf.kind != tidewaiter_audit::Kind::Refusals {
                continue;
            }
            let body = ledger.open_body(&entry).await?;
            let rows = body.get("refusals").and_then(Value::as_array).cloned();
            let text = |row: &Value, name: &str| {
                row.get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            for row in rows.iter().flatten() {
                if text(row, "reason") == "unrecorded" {
                    let n = text(row, "count");
                    return Ok(Some(format!("#{seq} refusals: unrecorded {n}")));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(None)
}

/// The ledger's file, whose growth can be bounded.
struct Disk([SqlitePool; 2]);

impl Disk {
    fn of(stage: &Stage<'_>) -> Result<Self> {
        let store = stage.house.running.gateway.ledger().store();
        match (&store.log, &store.writer) {
            (crate::db::Db::Sqlite(log), crate::db::Db::Sqlite(writer)) => {
                Ok(Self([log.clone(), writer.clone()]))
            }
            _ => bail!("the tour runs on SQLite"),
        }
    }

    async fn pages(&self) -> Result<i64> {
        let [log, _writer] = &self.0;
        let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(log).await?;
        Ok(pages)
    }

    /// On every connection: the limit is the connection's, and SQLite then fails as on a full disk.
    async fn limit(&self, pages: i64) -> Result<()> {
        let mut all = Vec::new();
        for pool in &self.0 {
            for _ in 0..pool.options().get_max_connections() {
                all.push(pool.acquire().await?);
            }
        }
        for connection in &mut all {
            let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
            sqlx::query(sql).execute(&mut **connection).await?;
        }
        Ok(())
    }
}
