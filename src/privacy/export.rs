//! Exports: asked for by one officer, approved by another, built as a bundle that a stranger can
//! check without this service.
//!
//! Promises I7: request, approval and every release are records before anything leaves, and the
//! manifest names the release. A bundle is verified before it is handed over. Keys of officers'
//! own acts go out only where the request says so and the DPO or legal approved.
//!
//! Leaves the transport to the interfaces: [`zip()`] packs a built folder.

use super::duty::{self, Access, Act, Knows, internal, roles};
use super::store::ExportRow;
use crate::clock::rfc3339;
use crate::gateway::{Refusal, Refused};
use crate::identity::{Agent, Officer, Role};
use crate::ledger::{Effect, Ledger};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tidewaiter_audit::bundle::Manifest;

mod archive;
mod ask;
mod build;
mod select;
mod write;

pub use archive::zip;
use ask::Asked;
pub use ask::{ExportRequest, Scope};

/// Who may approve; asking and fetching is for all who may read content.
const APPROVE: &[Role] = &[Role::Officer, Role::Legal, Role::Dpo];
/// Who may approve that keys of officers' acts go out.
const APPROVE_DUTY: &[Role] = &[Role::Legal, Role::Dpo];
/// Cases shown at once.
const LIST_MAX: i64 = 200;

/// A bundle that was built and verified.
#[derive(Debug)]
pub struct Built {
    /// The folder.
    pub dir: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// The record of this release, as in the manifest.
    pub record: String,
}

/// Asks for an export: `{"export", "state": "requested", "record"}`.
pub async fn request(
    ledger: &Ledger,
    officer: &Officer,
    request: &ExportRequest,
    access: Option<&Access>,
    knows: Knows<'_>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "export.request");
    let act = act.demand(duty::CONTENT).await?;
    let act = act.reason(access).await?;
    let checked = Asked::check(ledger, request, roles(officer), knows);
    let (act, asked) = act.fitting(checked).await?;
    let id = crate::random::bytes::<16>().map_err(internal)?;
    let row = ExportRow {
        id: id.to_vec(),
        state: "requested".to_owned(),
        request: serde_json::to_string(&asked).map_err(internal)?,
        requested_us: ledger.clock().now_us(),
        requester: act.who(),
        approver: None,
        done_us: None,
        approved_us: None,
    };
    let wanted = serde_json::to_value(&asked).map_err(internal)?;
    let act = act.with("export", hex::encode(id)).with("asked", wanted);
    let recorded = act.record(vec![Effect::ExportPut(row)]).await?;
    Ok(json!({"export": hex::encode(id), "state": "requested", "record": recorded.rid()}))
}

/// Approves an export that somebody else asked for: `{"export", "state": "approved", "record"}`.
pub async fn approve(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    access: Option<&Access>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "export.approve");
    let act = act.demand(APPROVE).await?;
    let Some(access) = access else {
        return Err(act.refuse(Refusal::ReasonRequired).await);
    };
    let act = act.because(access);
    let (act, (id, row, asked)) = act.found(case(ledger, id).await).await?;
    let act = act.with("export", hex::encode(id));
    if asked.duty && !officer.roles().has_any(APPROVE_DUTY) {
        return Err(act.refuse(Refusal::Denied).await);
    }
    if row.state != "requested" || row.requester == act.who() {
        return Err(act.refuse(Refusal::Conflict).await);
    }
    let effect = Effect::ExportMove {
        id,
        from: "requested",
        to: "approved",
        approver: Some(act.who()),
    };
    let recorded = act.record(vec![effect]).await?;
    Ok(json!({"export": hex::encode(id), "state": "approved", "record": recorded.rid()}))
}

/// The newest exports, without their content.
pub async fn list(ledger: &Ledger, officer: &Officer) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "export.list");
    let recorded = act.demand(duty::CONTENT).await?.record(Vec::new()).await?;
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let rows = tx.exports(LIST_MAX).await.map_err(internal)?;
    let exports: Vec<Value> = rows.iter().map(shown).collect();
    Ok(json!({"exports": exports, "record": recorded.rid()}))
}

/// One export, without its content.
pub async fn show(ledger: &Ledger, officer: &Officer, id: &str) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "export.show");
    let act = act.demand(duty::CONTENT).await?;
    let (act, (id, row, _asked)) = act.found(case(ledger, id).await).await?;
    let act = act.with("export", hex::encode(id));
    let recorded = act.record(Vec::new()).await?;
    let mut line = shown(&row);
    if let Some(members) = line.as_object_mut() {
        members.insert("record".to_owned(), json!(recorded.rid()));
    }
    Ok(line)
}

/// An export's case as it is listed.
fn shown(row: &ExportRow) -> Value {
    let asked = serde_json::from_str::<Value>(&row.request).unwrap_or_default();
    json!({
        "export": hex::encode(&row.id),
        "state": row.state,
        "requested": rfc3339(row.requested_us),
        "requester": row.requester,
        "approver": row.approver,
        "approved": row.approved_us.map(rfc3339),
        "released": row.done_us.map(rfc3339),
        "asked": asked,
    })
}

/// Ends an export that was not released yet: `refused` by another who could approve it,
/// `withdrawn` by who asked for it.
pub async fn refuse(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    access: Option<&Access>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "export.refuse");
    let found = case(ledger, id).await;
    let who = act.who();
    let own = matches!(&found, Ok(Some((_, row, _))) if row.requester == who);
    let may = if own { duty::CONTENT } else { APPROVE };
    let act = act.demand(may).await?;
    let act = act.reason(access).await?;
    let (act, (id, row, _asked)) = act.found(found).await?;
    let act = act.with("export", hex::encode(id));
    let from = match row.state.as_str() {
        "requested" => "requested",
        "approved" => "approved",
        _ => return Err(act.refuse(Refusal::Conflict).await),
    };
    let to = if own { "withdrawn" } else { "refused" };
    let effect = Effect::ExportMove {
        id,
        from,
        to,
        approver: None,
    };
    let recorded = act.with("state", to).record(vec![effect]).await?;
    Ok(json!({"export": hex::encode(id), "state": to, "record": recorded.rid()}))
}

/// Records the release of an approved export, then builds its bundle and verifies it.
///
/// `dir` is made, or empty. Can be repeated by who asked or who approved, each time with a reason
/// and as a release of its own; what was recorded after it was asked for is not in it. `agents` give the titles in `identities.jsonl`.
pub async fn build(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    access: Option<&Access>,
    dir: &Path,
    agents: &[Arc<Agent>],
) -> Result<Built, Refused> {
    let act = Act::new(ledger, officer, "export.release");
    let act = act.demand(duty::CONTENT).await?;
    let Some(access) = access else {
        return Err(act.refuse(Refusal::ReasonRequired).await);
    };
    let act = act.because(access);
    let (act, (id, row, asked)) = act.found(case(ledger, id).await).await?;
    let act = act.with("export", hex::encode(id));
    // Only who asked for it, or who approved it.
    let who = act.who();
    if row.requester != who && row.approver.as_ref() != Some(&who) {
        return Err(act.refuse(Refusal::Conflict).await);
    }
    let effects = match row.state.as_str() {
        "approved" => vec![Effect::ExportMove {
            id,
            from: "approved",
            to: "done",
            approver: None,
        }],
        "done" => Vec::new(),
        _ => return Err(act.refuse(Refusal::Conflict).await),
    };
    let release = act.record(effects).await?;
    let order = build::Order {
        row,
        asked,
        release,
        builder: (who, roles(officer)),
        agents: agents.to_vec(),
    };
    let manifest = build::bundle(ledger, &order, dir).await.map_err(internal)?;
    Ok(Built {
        dir: dir.to_owned(),
        manifest,
        record: release.rid(),
    })
}

/// The text of a trust file with this log's key and no witnesses. It must reach the reader by
/// another way than a bundle does.
pub fn trust_file(ledger: &Ledger) -> String {
    format!(
        "# The key that signs this ledger. Get it by another way than the bundle it is for.\n\
         log {}\nquorum none\n",
        ledger.signers().checkpoint.vkey()
    )
}

async fn case(ledger: &Ledger, id: &str) -> Result<Option<([u8; 16], ExportRow, Asked)>, Refused> {
    let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(id) else {
        return Ok(None);
    };
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let Some(row) = tx.export(&id).await.map_err(internal)? else {
        return Ok(None);
    };
    let asked = serde_json::from_str(&row.request).map_err(internal)?;
    Ok(Some((id, row, asked)))
}
