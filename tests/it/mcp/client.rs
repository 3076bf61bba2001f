//! The protocol's own client library, in another language, against a running gateway.

use super::Desk;
use std::path::{Path, PathBuf};
use std::process::Output;
use tokio::process::Command;

/// The folder of the client and of what it needs.
pub(super) const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python");

/// The interpreter with the client library; none if it cannot be had here.
pub(super) async fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp-client");
    let wanted = std::fs::read_to_string(format!("{PYTHON}/requirements.txt")).unwrap();
    let installed = home.join("installed.txt");
    let python = home.join("bin/python3");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Some(python);
    }
    let made = run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&home))
    .await;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    let filled = match made {
        Ok(_) => {
            run(Command::new(&python)
                .args(pip)
                .arg("-r")
                .arg(format!("{PYTHON}/requirements.txt")))
            .await
        }
        failed => failed,
    };
    match filled {
        Ok(_) => {
            std::fs::write(&installed, wanted).unwrap();
            Some(python)
        }
        Err(why) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI needs the client library: {why}"
            );
            println!("skipped: the Python client library cannot be installed: {why}");
            None
        }
    }
}

pub(super) async fn run(command: &mut Command) -> Result<Output, String> {
    let out = command
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| error.to_string())?;
    if out.status.success() {
        return Ok(out);
    }
    let said = [out.stdout, out.stderr].concat();
    Err(String::from_utf8_lossy(&said).into_owned())
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
