//! Scene 11: a regulator's letter.

use crate::demo::stage::Stage;
use crate::identity::Role;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tidewaiter_audit::trust::Trust;
use tidewaiter_audit::verify::{Options, Report, Topic, verify};

/// Where the bundle of this scene is.
pub(super) fn bundle(stage: &Stage<'_>) -> PathBuf {
    stage.house.dir.join("bundle")
}

/// Verifies a bundle with the keys a regulator got apart from it.
pub(super) fn check(stage: &Stage<'_>, bundle: &Path) -> Result<Report> {
    let trust = fs::read_to_string(stage.house.dir.join("trust.txt"))?;
    let trust = Trust::parse(&trust)?;
    Ok(verify(
        bundle,
        &Options {
            trust: Some(trust),
            ..Options::default()
        },
    ))
}

/// Scene 11: an export is released, and one changed byte is found.
#[expect(clippy::too_many_lines, reason = "a scene, told from beginning to end")]
pub(super) async fn letter(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(11, "A regulator's letter")?;
    stage.tell(
        "asked",
        "The supervisor asks for every record up to now (reference R-2026-117).",
    )?;
    let olga = stage.house.officer("olga", &[Role::Officer])?;
    let boris = stage.house.officer("boris", &[Role::Legal])?;
    let request = json!({
        "scope": {"kind": "all"},
        "power": "Regulation (EU) 2023/1114 Art. 94",
        "reference": "R-2026-117",
        "purpose": "supervision",
        "case": "CASE-117",
        "recipients": [],
        "released_clear": true,
    });
    let asked = olga.post("/v1/exports", &request).await?.json();
    let id = asked
        .get("export")
        .and_then(Value::as_str)
        .context("no export id")?
        .to_owned();
    let why = json!({"reason": "letter R-2026-117 checked", "case": "CASE-117"});
    let own = olga
        .post(&format!("/v1/exports/{id}/approve"), &why)
        .await?;
    stage.tell(
        "decided",
        &format!(
            "olga asks; olga may not approve her own request ({})",
            own.status
        ),
    )?;
    stage.expect(
        !own.status.is_success(),
        "no one approves their own request",
    )?;
    let approved = boris
        .post(&format!("/v1/exports/{id}/approve"), &why)
        .await?;
    stage.tell(
        "",
        &format!(
            "boris (legal) approves ({}); the bundle is built",
            approved.status
        ),
    )?;
    let because = [
        ("access-reason", "answer to R-2026-117"),
        ("access-case", "CASE-117"),
    ];
    let path = format!("/v1/exports/{id}/bundle");
    let zip = olga.send(http::Method::GET, &path, &because, None).await?;
    let target = bundle(stage);
    unpack(&zip.body, &target)?;
    let report = check(stage, &target)?;
    stage.tell("shown", &verdicts(&report))?;
    stage.expect(
        report.exit == 0,
        "the bundle verifies offline, with a key got apart from it",
    )?;
    let without = verify(&target, &Options::default());
    stage.expect(
        without.exit == 12,
        "without that key nothing is called authentic (exit 12)",
    )?;
    let (place, report) = with_one_byte_changed(stage, &target)?;
    stage.tell(
        "changed",
        &format!("one bit of entries.jsonl, in record {place}"),
    )?;
    let named = report
        .findings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    let naming = named
        .iter()
        .find(|finding| finding.contains(&place))
        .or(named.first());
    stage.tell("found", naming.map_or("nothing", String::as_str))?;
    stage.expect(
        report.exit == 10 && named.iter().any(|finding| finding.contains(&place)),
        "the verifier refuses it (exit 10) and names the record",
    )
}

fn verdicts(report: &Report) -> String {
    let lines: Vec<String> = Topic::ALL
        .iter()
        .map(|topic| {
            format!(
                "{} {}",
                topic.as_str(),
                report
                    .verdicts
                    .as_ref()
                    .map_or("none", |all| all.on(*topic).as_str())
            )
        })
        .collect();
    format!("{} → exit {}", lines.join(" · "), report.exit)
}

/// Copies the bundle, flips a bit in the middle of `entries.jsonl`, and checks the copy; also says
/// which record it fell on.
fn with_one_byte_changed(stage: &Stage<'_>, bundle: &Path) -> Result<(String, Report)> {
    let copy = stage.house.dir.join("bundle-changed");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    copy_folder(bundle, &copy)?;
    let path = copy.join("entries.jsonl");
    let mut bytes = fs::read(&path)?;
    let at = bytes.len() / 2;
    let line_start = bytes
        .iter()
        .take(at)
        .rposition(|b| *b == b'\n')
        .map_or(0, |end| end + 1);
    let line: Vec<u8> = bytes
        .iter()
        .skip(line_start)
        .take_while(|b| **b != b'\n')
        .copied()
        .collect();
    let leaf: Value = serde_json::from_slice(&line)?;
    let seq = leaf
        .get("seq")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
    fs::write(&path, bytes)?;
    let report = check(stage, &copy)?;
    fs::remove_dir_all(&copy)?;
    Ok((seq, report))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Unpacks a zip file into a fresh folder.
fn unpack(zip: &[u8], to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).context("the bundle")?;
    archive.extract(to)?;
    Ok(())
}
