//! One body: its length, its hash, and whether its key opens it.

use super::finding::Findings;
use super::folder::Folder;
use super::small::Small;
use crate::hash::Hash;
use crate::json;
use crate::record::Leaf;
use crate::seal::{Binding, GCM_TAG_LEN, RecordKey, SALT_LEN, open};

/// Checks the body of a whole leaf, or that there is none where none may be.
pub(super) fn check(folder: &Folder, leaf: &Leaf, small: &Small, findings: &mut Findings) {
    if let Err(why) = try_check(folder, leaf, small) {
        findings.record(leaf.seq, &leaf.rid, &why);
    }
}

fn try_check(folder: &Folder, leaf: &Leaf, small: &Small) -> Result<(), String> {
    let path = format!("bodies/{}.bin", leaf.seq);
    let key = small.keys.get(&leaf.seq);
    match (folder.size(&path), small.gone.contains_key(&leaf.seq)) {
        (Some(_), true) => {
            return Err("its body is there, although it is named as erased or withheld".into());
        }
        (None, true) if key.is_some() => {
            return Err("a key is given for a body that is not".into());
        }
        (None, true) => return Ok(()),
        (None, false) => {
            return Err(format!(
                "its body ({path}) is missing, and nothing says that it was erased or withheld"
            ));
        }
        (Some(_), false) => {}
    }
    let frame = u64::try_from(SALT_LEN + GCM_TAG_LEN).unwrap_or(u64::MAX);
    let len = leaf.body_len.saturating_add(frame);
    if folder.size(&path) != Some(len) {
        return Err(format!(
            "its body ({path}) has not the length that was recorded"
        ));
    }
    let stored = folder
        .read(&path, len)
        .map_err(|error| format!("{path}: {error}"))?;
    if Hash::of(&[&stored]) != leaf.body {
        return Err(format!(
            "its body ({path}) is not the one that was recorded"
        ));
    }
    let Some(line) = key else { return Ok(()) };
    let key = RecordKey::from_parts(*line.key);
    if line.kc != leaf.kc || key.kc() != leaf.kc {
        return Err("the key given for it is not the one that the record commits to".into());
    }
    let binding = Binding {
        log: &leaf.log,
        rid: &leaf.rid,
        tag: &leaf.tag,
        kind: leaf.kind,
        class: &leaf.class,
    };
    let text = open(&stored, &key, &leaf.kc, binding).map_err(|error| error.to_string())?;
    json::check(&text)
        .map(|_json| ())
        .map_err(|_why| "its body is not one JSON value in UTF-8 with each name once".into())
}
