//! The protocol's own client library, in another language, against a running gateway.

use super::Desk;
use crate::harness::python;
use std::path::PathBuf;
use tokio::process::Command;

pub(super) use crate::harness::python::{FOLDER as PYTHON, run};

/// The interpreter with the client library; none if it cannot be had here.
pub(super) async fn python() -> Option<PathBuf> {
    python::with("mcp-client", "requirements.txt").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_nobody_here_wrote_lists_and_calls() {
    let Some(python) = python().await else { return };
    let desk = Desk::sqlite().await;
    let from = desk.stand.size();
    let token = desk.bot.token.clone().unwrap();
    let url = format!("{}/mcp", desk.stand.house.url);
    let script = format!("{PYTHON}/mcp_client.py");
    let talk = run(Command::new(&python).args([&script, &url, &token, &desk.chat])).await;
    let out = talk.unwrap_or_else(|said| panic!("{said}"));
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        ["legacy: ok", "auto: ok", "2026-07-28: ok"]
    );
    assert_eq!(
        desk.stand.exchange().cases().await.unwrap().len(),
        3,
        "one each"
    );
    // At least eight tools, seven refusals and a write with two repeats, three times over.
    let records = desk.stand.records_from(from).await;
    assert!(records.len() >= 3 * (8 + 7 + 4), "{}", records.len());
    desk.stand.close().await;
}
