//! Building a bundle: records page by page, then proofs, policies and names, then the manifest.
//!
//! Files are written off the executor. What fails leaves no folder behind.

use super::ask::Asked;
use super::select::Selection;
use super::trust_file;
use super::write::Piece;
use crate::identity::Agent;
use crate::ledger::read::{Fetched, ReadError};
use crate::ledger::{Ledger, Recorded, Unrecorded};
use crate::privacy::store::ExportRow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tidewaiter_audit::Hash;
use tidewaiter_audit::bundle::{
    About, BundleError, BundleWriter, Custody, Identity, Manifest, Release,
};
use tidewaiter_audit::checkpoint::{Checkpoint, Note, NoteError};
use tidewaiter_audit::tree::{consistency, consistency_needs};
use tidewaiter_audit::trust::{Trust, TrustError};
use tidewaiter_audit::verify::{Options, Verdict, verify};

/// Records that are in memory at once.
const PAGE: usize = 64;

/// The verifier that goes with every bundle.
const VERIFIER: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/audit/verify.py"));

/// What is to be built.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) row: ExportRow,
    pub(super) asked: Asked,
    pub(super) release: Recorded,
    /// Pseudonym and roles.
    pub(super) builder: (String, String),
    pub(super) agents: Vec<Arc<Agent>>,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    #[error("the ledger's database refused")]
    Store(#[from] sqlx::Error),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("no checkpoint could be signed")]
    Unsigned(#[from] Unrecorded),
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    NoRandomness(#[from] crate::random::NoRandomness),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error("a task was stopped")]
    Stopped(#[from] tokio::task::JoinError),
    #[error("the bundle does not verify: {0}")]
    Invalid(String),
    #[error("the checkpoint or a proof is not as it must be")]
    Proof,
}

/// What was seen on the way.
#[derive(Default)]
struct Seen {
    agents: BTreeSet<String>,
    policies: BTreeSet<[u8; 32]>,
}

/// Builds and verifies.
pub(super) async fn bundle(
    ledger: &Ledger,
    order: &Order,
    dir: &Path,
) -> Result<Manifest, BuildError> {
    ledger.checkpoint().await?;
    let note = ledger.latest_checkpoint().ok_or(BuildError::Proof)?;
    let head = Checkpoint::parse_text(&Note::parse(note.as_bytes())?.text)?;
    let size = i64::try_from(head.size).map_err(|_range| BuildError::Proof)?;
    let within = size.min(order.asked.size);
    let selection = Selection::of(ledger, &order.asked.wanted, within).await?;
    let writer = BundleWriter::new(dir, ledger.log(), selection.scope.clone())?;
    let built = fill(ledger, order, &selection, writer, &note, size).await;
    let built = match built {
        Ok(manifest) => check(ledger, dir).await.map(|()| manifest),
        Err(error) => Err(error),
    };
    if built.is_err() {
        // It was empty before; half a bundle must not be taken for one.
        drop(tokio::fs::remove_dir_all(dir).await);
    }
    built
}

async fn fill(
    ledger: &Ledger,
    order: &Order,
    selection: &Selection,
    writer: BundleWriter,
    note: &str,
    size: i64,
) -> Result<Manifest, BuildError> {
    let (mut writer, seen) = entries(ledger, order, selection, writer).await?;
    proofs(ledger, selection, &mut writer, note, size).await?;
    policies(ledger, &seen, &mut writer).await?;
    people(ledger, order, &seen, &mut writer)?;
    writer.file("verify.py", VERIFIER)?;
    let about = about(ledger, order)?;
    let release = match (order.asked.clear, order.asked.recipients()) {
        (true, _) => Release::Clear,
        (false, to) if to.is_empty() => Release::None,
        (false, to) => Release::Age(to),
    };
    let ledger = ledger.clone();
    let finish = move || writer.finish(about, &release, &ledger.signers().manifest);
    Ok(tokio::task::spawn_blocking(finish).await??)
}

async fn entries(
    ledger: &Ledger,
    order: &Order,
    selection: &Selection,
    mut writer: BundleWriter,
) -> Result<(BundleWriter, Seen), BuildError> {
    let mut seen = Seen::default();
    let mut indices = selection.indices();
    loop {
        let mut page = Vec::with_capacity(PAGE);
        for seq in indices.by_ref().take(PAGE) {
            let entry = ledger.entry(seq).await?;
            seen.agents.extend(entry.leaf.agent.clone());
            seen.policies.extend(entry.leaf.policy.map(|hash| hash.0));
            page.push(Piece::of(ledger, entry, &order.asked).await?);
        }
        if page.is_empty() {
            return Ok((writer, seen));
        }
        let write = move || {
            for piece in page {
                piece.write(&mut writer)?;
            }
            Ok::<_, BundleError>(writer)
        };
        writer = tokio::task::spawn_blocking(write).await??;
    }
}

async fn proofs(
    ledger: &Ledger,
    selection: &Selection,
    writer: &mut BundleWriter,
    note: &str,
    size: i64,
) -> Result<(), BuildError> {
    let tree_size = u64::try_from(size).map_err(|_range| BuildError::Proof)?;
    let mut nodes = Vec::new();
    for (level, index) in writer.needs(tree_size) {
        nodes.push(ledger.node(level, index).await?);
    }
    writer.proofs(note, &nodes)?;
    let Some(first) = selection.first().filter(|first| *first > 0) else {
        return Ok(());
    };
    let mut tx = ledger.store().log.read().await?;
    let before = tx.ledger_checkpoint_at(first, i64::MAX).await?;
    drop(tx);
    if let Some((old, before)) = before.filter(|(old, _)| (1..=size).contains(old)) {
        let old = u64::try_from(old).map_err(|_range| BuildError::Proof)?;
        let mut fetched = Fetched::of(ledger, &consistency_needs(old, tree_size)).await?;
        let proof = consistency(old, tree_size, &mut fetched);
        writer.before(&before, &proof.map_err(|_why| BuildError::Proof)?)?;
    }
    Ok(())
}

/// The files of every policy that a leaf names, word for word. One whose text is not there, or is
/// no longer the one it was named for, is left out: the records go out without it.
async fn policies(
    ledger: &Ledger,
    seen: &Seen,
    writer: &mut BundleWriter,
) -> Result<(), BuildError> {
    for hash in &seen.policies {
        let hash = Hash(*hash);
        let mut tx = ledger.store().log.read().await?;
        let text = tx.policy_version(&hash.to_hex()).await?;
        drop(tx);
        let files = text.and_then(|text| serde_json::from_str(&text).ok());
        let given = match files {
            Some(files) => writer.policy(&hash, &files),
            None => Err(BundleError::Policy),
        };
        match given {
            Err(BundleError::Policy) => tracing::warn!(
                code = "policy_text_missing",
                "an export lacks a policy's text"
            ),
            given => given?,
        }
    }
    Ok(())
}

/// Who had it in hand, and whom pseudonyms stand for: by office, never by name.
fn people(
    ledger: &Ledger,
    order: &Order,
    seen: &Seen,
    writer: &mut BundleWriter,
) -> Result<(), BuildError> {
    let row = &order.row;
    let (builder, builder_roles) = &order.builder;
    let approver = row.approver.clone().unwrap_or_default();
    let acts = [
        ("requested", &row.requester, row.requested_us),
        ("approved", &approver, row.approved_us.unwrap_or_default()),
        ("built", builder, ledger.clock().now_us()),
    ];
    for (act, actor, time_us) in acts {
        writer.custody(&Custody {
            act: act.to_owned(),
            actor: actor.clone(),
            time_us,
        })?;
    }
    let mut officers = BTreeMap::from([(&approver, "approved this export")]);
    officers.insert(&row.requester, &order.asked.roles);
    officers.insert(builder, builder_roles);
    for (id, title) in officers {
        writer.identity(&Identity {
            id: id.clone(),
            kind: "officer".to_owned(),
            title: title.to_owned(),
        });
    }
    for id in &seen.agents {
        let known = order.agents.iter().find(|agent| agent.id.as_str() == id);
        writer.identity(&Identity {
            id: id.clone(),
            kind: "agent".to_owned(),
            title: known.map_or(id, |agent| &agent.title).clone(),
        });
    }
    Ok(())
}

fn about(ledger: &Ledger, order: &Order) -> Result<About, BuildError> {
    let rid = hex::decode(order.release.rid()).ok();
    let export = rid.and_then(|bytes| bytes.try_into().ok());
    Ok(About {
        approved_by: order.row.approver.clone().unwrap_or_default(),
        created_us: ledger.clock().now_us(),
        export: export.ok_or(BuildError::Proof)?,
        nonce: crate::random::bytes()?,
        power: order.asked.power.clone(),
        purpose: order.asked.purpose.clone(),
        reference: order.asked.reference.clone(),
        requested_by: order.row.requester.clone(),
    })
}

/// Judges the finished bundle as its reader will.
async fn check(ledger: &Ledger, dir: &Path) -> Result<(), BuildError> {
    let options = Options {
        trust: Some(Trust::parse(&trust_file(ledger))?),
        ..Options::default()
    };
    let dir = dir.to_owned();
    let report = tokio::task::spawn_blocking(move || verify(&dir, &options)).await?;
    let sound = report.verdicts.as_ref().is_some_and(|verdicts| {
        verdicts.integrity == Verdict::Proved && verdicts.authenticity == Verdict::Proved
    });
    if sound {
        Ok(())
    } else {
        Err(BuildError::Invalid(report.findings.join("; ")))
    }
}
