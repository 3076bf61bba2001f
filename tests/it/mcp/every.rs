//! Every operation that is shipped, called by two clients that nobody here wrote: the protocol's
//! Python library, and the command line of its Inspector.

use super::client::{PYTHON, python, run};
use crate::foreign::arguments_of;
use crate::harness::stand::Stand;
use crate::operations::{agent_for, grant_margin, person_for};
use crate::wire::FLOW;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tidewaiter::catalog::Effect;
use tokio::process::Command;

/// The Inspector, pinned.
const INSPECTOR: &str = "@modelcontextprotocol/inspector@2.12.0";

/// One call of every operation: by whom, in which chat, of which tool, with what.
async fn plan(stand: &Stand) -> Vec<Value> {
    grant_margin(stand).await;
    let mut operations = stand.operations();
    // What is cancelled must not have been before.
    operations.sort_by_key(|it| it.effect == Effect::Write);
    let mut rows = Vec::new();
    for operation in operations {
        let agent = agent_for(&operation);
        let acr = if agent == FLOW { "substantial" } else { "low" };
        let person = person_for(stand, &operation).swap_remove(0);
        let bot = stand.agent(agent, &person, acr);
        let chat = bot.open(stand, "en").await;
        let mut meta = json!({"tidewaiter/conversation": chat});
        if operation.effect == Effect::Write {
            meta["tidewaiter/idempotency-key"] = format!("key-{}", operation.tool).into();
        }
        rows.push(json!({
            "token": bot.token,
            "tool": operation.tool,
            "arguments": arguments_of(&operation, &person),
            "meta": meta,
        }));
    }
    assert!(rows.len() >= 35);
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_works_through_every_operation() {
    let Some(python) = python().await else { return };
    let stand = Stand::sqlite().await;
    let rows = plan(&stand).await;
    let file = stand.place.dir.path().join("plan.json");
    std::fs::write(&file, Value::from(rows.clone()).to_string()).unwrap();
    let url = format!("{}/mcp", stand.house.url);
    let script = format!("{PYTHON}/mcp_every.py");
    let talk = run(Command::new(&python).arg(script).arg(url).arg(file)).await;
    let out = talk.unwrap_or_else(|said| panic!("{said}"));
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(said, format!("{} tools: ok\n", rows.len()));
    stand.close().await;
}

/// The Inspector's program; none if it cannot be had here.
async fn inspector() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp-inspector");
    let program = home.join("node_modules/.bin/mcp-inspector");
    let installed = home.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == INSPECTOR) {
        return Some(program);
    }
    std::fs::create_dir_all(&home).unwrap();
    let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
    let made = run(Command::new("npm").args(install).arg(&home).arg(INSPECTOR)).await;
    match made {
        Ok(_) => {
            std::fs::write(&installed, INSPECTOR).unwrap();
            Some(program)
        }
        Err(why) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI needs the Inspector: {why}"
            );
            println!("skipped: the Inspector cannot be installed: {why}");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_works_through_every_operation() {
    let Some(inspector) = inspector().await else {
        return;
    };
    let stand = Stand::sqlite().await;
    let url = format!("{}/mcp", stand.house.url);
    let rows = plan(&stand).await;
    let ask = async |token: &Value, more: &[String]| {
        let header = format!("Authorization: Bearer {}", token.as_str().unwrap());
        let mut command = Command::new(&inspector);
        command.args(["--cli", &url, "--transport", "http", "--header", &header]);
        // It keeps its list of servers in the home folder.
        command.env("HOME", stand.place.dir.path()).args(more);
        let out = run(&mut command)
            .await
            .unwrap_or_else(|said| panic!("{said}"));
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        serde_json::from_str::<Value>(&said).unwrap_or_else(|_| panic!("{said}"))
    };
    // Strict: it ends with an error if a schema is one that clients stumble over.
    let list = ["--method", "tools/list", "--strict"].map(str::to_owned);
    let tools = ask(&rows[0]["token"], &list).await;
    assert!(tools["tools"].as_array().unwrap().len() >= 30, "{tools}");
    for row in &rows {
        let tool = row["tool"].as_str().unwrap();
        let mut more = ["--method", "tools/call", "--tool-name", tool]
            .map(str::to_owned)
            .to_vec();
        for (option, members) in [("--tool-arg", "arguments"), ("--tool-metadata", "meta")] {
            for (name, value) in row[members].as_object().unwrap() {
                // It reads what looks like JSON as JSON: a string of digits goes in quotes.
                let plain = match value.as_str() {
                    Some(text) if serde_json::from_str::<Value>(text).is_err() => text.to_owned(),
                    _ => value.to_string(),
                };
                more.extend([option.to_owned(), format!("{name}={plain}")]);
            }
        }
        let answer = ask(&row["token"], &more).await;
        assert_eq!(answer["isError"], false, "{tool}: {answer}");
        let record = answer["structuredContent"]["record"].as_str();
        assert_eq!(record.map(str::len), Some(32), "{tool}: {answer}");
    }
    stand.close().await;
}
