//! The whole ledger as an auditor with every key would check it: chain, tree, signature, anchor.

use super::Place;
use std::collections::HashMap;
use tidewaiter::ledger::Ledger;
use tidewaiter::ledger::anchor::Anchor;
use tidewaiter::ledger::read::Entry;
use tidewaiter_audit::checkpoint::{Checkpoint, Note};
use tidewaiter_audit::{Hash, Kind, tree};

/// Every record with its opened body; null where the key is gone.
pub(crate) struct Whole {
    pub(crate) entries: Vec<(Entry, serde_json::Value)>,
    names: HashMap<String, usize>,
}

impl Whole {
    /// Reads everything and checks that the newest checkpoint is signed, covers every record, has
    /// the tree's root, and is what the anchor holds.
    pub(crate) async fn of(ledger: &Ledger, place: &Place) -> Self {
        super::verify_whole(ledger).await;
        ledger.checkpoint().await.unwrap();
        let note = ledger.latest_checkpoint().unwrap();
        let anchor = Anchor::open(&place.path("anchor/checkpoint"))
            .unwrap()
            .read()
            .unwrap();
        assert_eq!(
            anchor.as_deref(),
            Some(&*note),
            "the anchor holds the newest checkpoint"
        );
        let parsed = Note::parse(note.as_bytes()).unwrap();
        parsed
            .verify(ledger.signers().checkpoint.verifier())
            .unwrap();
        let head = Checkpoint::parse_text(&parsed.text).unwrap();
        let mut tx = ledger.store().log.read().await.unwrap();
        let size = tx.ledger_head().await.unwrap().unwrap().size;
        drop(tx);
        assert_eq!(
            i64::try_from(head.size).unwrap(),
            size,
            "it covers every record"
        );
        let mut entries = Vec::new();
        let mut hashes: Vec<Hash> = Vec::new();
        for seq in 0..size {
            let entry = ledger.entry(seq).await.unwrap();
            hashes.push(tree::leaf_hash(entry.line.as_bytes()));
            let body = match &entry.body {
                Some(_) => ledger.open_body(&entry).await.unwrap(),
                None => serde_json::Value::Null,
            };
            entries.push((entry, body));
        }
        assert_eq!(head.root, tree::root(&hashes), "the tree's root is signed");
        let names = entries.iter().enumerate();
        let names = names
            .map(|(at, (entry, _))| (hex::encode(entry.leaf.rid), at))
            .collect();
        Self { entries, names }
    }

    /// The record with this public name.
    pub(crate) fn named(&self, rid: &str) -> Option<&(Entry, serde_json::Value)> {
        self.names.get(rid).map(|at| &self.entries[*at])
    }

    /// How many records of a kind there are.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.entries
            .iter()
            .filter(|(entry, _)| entry.leaf.kind == kind)
            .count()
    }

    /// Every intent's request with how it ended: `outcome` or `recovery`, in order.
    pub(crate) fn intents(&self) -> HashMap<String, Vec<Kind>> {
        let mut ends: HashMap<String, Vec<Kind>> = HashMap::new();
        for (entry, _) in &self.entries {
            let Some(request) = entry.leaf.request.map(hex::encode) else {
                continue;
            };
            if entry.leaf.kind == Kind::Intent {
                let twice = ends.insert(request, Vec::new()).is_some();
                assert!(!twice, "an intent twice");
            } else {
                let ends = ends.get_mut(&request);
                ends.expect("no end without an intent")
                    .push(entry.leaf.kind);
            }
        }
        ends
    }
}
