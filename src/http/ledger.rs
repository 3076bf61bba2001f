//! What the public may have of the ledger: signed checkpoints, keys, hash tiles (C2SP tlog-tiles).
//! Nothing here says anything about anybody.

use super::problem::{self, Asker};
use super::{Site, asked};
use crate::gateway::Refusal;
use crate::ledger::Ledger;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use tidewaiter_audit::checkpoint::{Checkpoint, Note};
use tidewaiter_audit::tree;

/// Hashes in a whole tile, and levels of the tree in one.
const TILE_WIDTH: u64 = 256;
const TILE_LEVELS: u32 = 8;

/// `GET /v1/ledger/checkpoint`: the newest, as a signed note.
pub(super) async fn checkpoint(State(site): State<Site>, headers: HeaderMap) -> Response {
    match site.gateway.ledger().latest_checkpoint() {
        Some(note) => text(note.as_bytes().to_vec()),
        None => not_found(&site, &headers),
    }
}

/// `GET /v1/ledger/key`: the log's verifier keys, one a line: checkpoints, manifests, receipts.
pub(super) async fn key(State(site): State<Site>) -> Response {
    let signers = site.gateway.ledger().signers();
    let keys = [&signers.checkpoint, &signers.manifest, &signers.receipt];
    let lines = keys.map(|key| format!("{}\n", key.vkey()));
    text(lines.concat().into_bytes())
}

/// `GET /v1/ledger/tile/{level}/{index}`: 256 hashes, or fewer with `.p/{width}`; only below the
/// newest checkpoint.
pub(super) async fn tile(
    State(site): State<Site>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let wanted = path
        .ok()
        .and_then(|Path((level, index))| Tile::parse(&level, &index));
    let Some(wanted) = wanted else {
        return not_found(&site, &headers);
    };
    match read(site.gateway.ledger(), wanted).await {
        Ok(Some(hashes)) => {
            let bytes = HeaderValue::from_static("application/octet-stream");
            ([(CONTENT_TYPE, bytes)], hashes).into_response()
        }
        Ok(None) => not_found(&site, &headers),
        Err(error) => {
            tracing::error!(code = "tile", %error, "a tile could not be read");
            refuse(&site, &headers, Refusal::Internal)
        }
    }
}

/// A tile's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tile {
    /// Of tiles: its hashes stand at the tree's level `8 * level`.
    level: u32,
    index: u64,
    width: u64,
}

impl Tile {
    /// Reads `level` and an index such as `x001/x234/067` or `067.p/112`. A name has one form.
    fn parse(level: &str, index: &str) -> Option<Self> {
        let level = decimal(level).filter(|level| *level < 64)?;
        let (index, width) = match index.split_once(".p/") {
            Some((index, width)) => {
                let width = decimal(width).filter(|width| (1..TILE_WIDTH).contains(width))?;
                (index, width)
            }
            None => (index, TILE_WIDTH),
        };
        Some(Self {
            level: u32::try_from(level).ok()?,
            index: index_of(index)?,
            width,
        })
    }

    /// The first of its hashes, in a tree of `size` leaves that has all of them.
    fn first_in(self, size: u64) -> Option<u64> {
        let hashes = size.checked_shr(self.level.checked_mul(TILE_LEVELS)?)?;
        let first = self.index.checked_mul(TILE_WIDTH)?;
        (first.checked_add(self.width)? <= hashes).then_some(first)
    }
}

fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| text.parse().ok()).flatten()
}

/// Groups of three digits, all but the last behind an `x`, without a leading `x000`.
fn index_of(text: &str) -> Option<u64> {
    let mut groups = text.split('/').rev();
    let last = groups.next()?;
    let mut digits = vec![last];
    for group in groups {
        digits.push(group.strip_prefix('x')?);
    }
    if digits.len() > 1 && digits.last() == Some(&"000") {
        return None;
    }
    digits.iter().rev().try_fold(0_u64, |index, group| {
        let three = group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
        let value: u64 = three.then(|| group.parse().ok()).flatten()?;
        index.checked_mul(1_000)?.checked_add(value)
    })
}

async fn read(ledger: &Ledger, tile: Tile) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let first = published(ledger).and_then(|size| tile.first_in(size));
    let (Some(Ok(first)), Ok(width)) = (first.map(i64::try_from), i64::try_from(tile.width)) else {
        return Ok(None);
    };
    let mut tx = ledger.store().log.read().await?;
    let hashes: Vec<u8> = if tile.level == 0 {
        let rows = tx.ledger_leaf_page(first, width).await?;
        rows.iter()
            .flat_map(|row| tree::leaf_hash(row.line.as_bytes()).0)
            .collect()
    } else {
        let level = i64::from(tile.level * TILE_LEVELS);
        tx.ledger_node_page(level, first, width).await?.concat()
    };
    let whole = u64::try_from(hashes.len()).is_ok_and(|bytes| bytes == tile.width * 32);
    Ok(whole.then_some(hashes))
}

/// The size of the newest checkpoint.
fn published(ledger: &Ledger) -> Option<u64> {
    let note = ledger.latest_checkpoint()?;
    let note = Note::parse(note.as_bytes()).ok()?;
    Checkpoint::parse_text(&note.text)
        .ok()
        .map(|head| head.size)
}

fn text(bytes: Vec<u8>) -> Response {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(CONTENT_TYPE, plain)], bytes).into_response()
}

fn not_found(site: &Site, headers: &HeaderMap) -> Response {
    refuse(site, headers, Refusal::NotFound)
}

fn refuse(site: &Site, headers: &HeaderMap, refusal: Refusal) -> Response {
    let asker = Asker {
        language: asked::language(headers),
        credentials: false,
        mount: "",
        settings: &site.settings,
    };
    problem::refused(asker, &refusal.into(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_has_one_name() {
        let tile = |level, index, width| {
            Some(Tile {
                level,
                index,
                width,
            })
        };
        assert_eq!(Tile::parse("0", "000"), tile(0, 0, 256));
        assert_eq!(Tile::parse("3", "x001/x234/067"), tile(3, 1_234_067, 256));
        assert_eq!(Tile::parse("0", "x001/000"), tile(0, 1_000, 256));
        assert_eq!(Tile::parse("1", "012.p/255"), tile(1, 12, 255));
        for (level, index) in [
            ("00", "000"),
            ("64", "000"),
            ("-1", "000"),
            ("0", ""),
            ("0", "0"),
            ("0", "0000"),
            ("0", "x000/001"),
            ("0", "001/000"),
            ("0", "x001"),
            ("0", "x001/"),
            ("0", "000.p/0"),
            ("0", "000.p/256"),
            ("0", "000.p/01"),
            ("0", "000.p/1.p/1"),
            ("0", "+01"),
            ("0", "x999/x999/x999/x999/x999/x999/999"),
            ("0", "x999/x999/x999/x999/x999/x999/x999/x999/999"),
        ] {
            let parsed = Tile::parse(level, index);
            let fits = parsed.and_then(|tile| tile.first_in(u64::MAX));
            assert!(fits.is_none(), "{level} {index}");
        }
    }

    #[test]
    fn only_what_is_signed_is_there() {
        let first = |level: &str, index: &str, size| Tile::parse(level, index)?.first_in(size);
        assert_eq!(first("0", "000", 256), Some(0));
        assert_eq!(first("0", "000", 255), None);
        assert_eq!(first("0", "000.p/255", 255), Some(0));
        assert_eq!(first("0", "001.p/1", 257), Some(256));
        assert_eq!(first("1", "000.p/1", 511), Some(0));
        assert_eq!(first("1", "000.p/2", 511), None);
        assert_eq!(first("63", "000.p/1", u64::MAX), None);
    }
}
