//! From many hits to one row of spans that do not overlap, in the original text.

use super::super::kind::Kind;
use super::super::normal::Normal;
use super::super::placeholder;
use super::super::scan::{Hit, Scan};
use super::Finding;
use std::ops::Range;
use zeroize::Zeroizing;

/// One finding with the value it is numbered by.
pub(crate) struct Span {
    pub(crate) finding: Finding,
    pub(crate) canonical: Zeroizing<String>,
}

/// The hits without what lies in our own placeholders, which hold no value.
pub(super) fn outside(scan: &Scan<'_>, hits: Vec<Hit>) -> Vec<Hit> {
    let own = placeholder::own(scan.slice(0, scan.len()));
    if own.is_empty() {
        return hits;
    }
    let mut out = Vec::with_capacity(hits.len());
    for hit in hits {
        let first = own.partition_point(|p| p.end <= hit.start);
        let mut at = hit.start;
        for inside in own.get(first..).unwrap_or_default() {
            scan.spend(1);
            if inside.start >= hit.end {
                break;
            }
            out.extend(piece(scan, &hit, at, inside.start));
            at = inside.end;
        }
        out.extend(piece(scan, &hit, at, hit.end));
    }
    out
}

/// The part of a hit between two offsets, if anything but signs stands there.
fn piece(scan: &Scan<'_>, hit: &Hit, start: usize, end: usize) -> Option<Hit> {
    let part = scan.slice(start, end);
    let whole = start == hit.start && end == hit.end;
    (whole || part.contains(char::is_alphanumeric)).then(|| Hit {
        start,
        end,
        canonical: hit.canonical.clone().filter(|_| whole),
        ..hit.clone()
    })
}

/// Overlapping hits become one span over all of them, of the kind that must not be stored, else
/// of the longest, else of the most sensitive; so nothing any detector found is left over.
pub(super) fn merged(scan: &Scan<'_>, normal: &Normal, hits: Vec<Hit>) -> Vec<Span> {
    let hits = giving_way(scan, normal, hits);
    let groups = groups(scan, normal, hits);
    groups
        .into_iter()
        .map(|Placed { all, hit, .. }| Span {
            canonical: Zeroizing::new(
                hit.canonical
                    .unwrap_or_else(|| scan.lower(hit.start, hit.end).to_owned()),
            ),
            finding: Finding {
                start: all.start,
                end: all.end,
                kind: hit.kind,
                detector: hit.detector,
                confidence: hit.confidence,
                reason: hit.reason,
            },
        })
        .collect()
}

/// The hits, of which names and addresses leave out what must not be stored and what that covers:
/// they do not widen it, so that it can be told without looking for them.
fn giving_way(scan: &Scan<'_>, normal: &Normal, hits: Vec<Hit>) -> Vec<Hit> {
    let gives = |hit: &Hit| matches!(hit.kind, Kind::Name | Kind::Address);
    if !hits.iter().any(gives) || !hits.iter().any(|h| h.kind.is_forbidden()) {
        return hits;
    }
    let (giving, firm): (Vec<Hit>, Vec<Hit>) = hits.into_iter().partition(gives);
    let mut taken = groups(scan, normal, firm.clone());
    taken.retain(|group| group.hit.kind.is_forbidden());
    let mut out = firm;
    for hit in giving {
        let own = normal.original(hit.start..hit.end);
        let first = taken.partition_point(|g| g.all.end <= own.start);
        let mut at = hit.start;
        let mut parts = Vec::new();
        for group in { taken.get(first..) }.unwrap_or_default() {
            scan.spend(1);
            if group.all.start >= own.end {
                break;
            }
            parts.extend(piece(scan, &hit, at, group.within.start.max(at)));
            at = group.within.end.max(at);
        }
        parts.extend(piece(scan, &hit, at.min(hit.end), hit.end));
        // A character that stands for several may still be shared.
        parts.retain(|part| {
            let own = normal.original(part.start..part.end);
            let next = taken.partition_point(|g| g.all.end <= own.start);
            taken.get(next).is_none_or(|g| g.all.start >= own.end)
        });
        out.extend(parts);
    }
    out
}

/// Where a hit stands. What was hidden in a text is read after it, so a hit that goes on into
/// that ends before it begins: then its part before counts.
fn original(scan: &Scan<'_>, normal: &Normal, hit: &Hit) -> Range<usize> {
    let own = normal.original(hit.start..hit.end);
    if !own.is_empty() {
        return own;
    }
    let text = scan.slice(hit.start, hit.end);
    scan.spend(text.len());
    let ends = text.char_indices().rev().map(|(at, _)| hit.start + at);
    ends.map(|end| normal.original(hit.start..end))
        .find(|own| !own.is_empty())
        .unwrap_or(own)
}

fn groups(scan: &Scan<'_>, normal: &Normal, hits: Vec<Hit>) -> Vec<Placed> {
    let mut placed: Vec<Placed> = hits
        .into_iter()
        .map(|hit| {
            let own = original(scan, normal, &hit);
            Placed {
                all: own.clone(),
                own,
                within: hit.start..hit.end,
                hit,
            }
        })
        .filter(|p| !p.own.is_empty())
        .collect();
    placed.sort_by_key(|p| (p.own.start, p.own.end));
    let mut groups: Vec<Placed> = Vec::new();
    for next in placed {
        match groups.last_mut() {
            Some(group) if next.own.start < group.all.end => {
                let all = group.all.start..group.all.end.max(next.own.end);
                let within = group.within.start.min(next.within.start)
                    ..group.within.end.max(next.within.end);
                if next.precedence() < group.precedence() {
                    *group = next;
                }
                group.all = all;
                group.within = within;
            }
            _ => groups.push(next),
        }
    }
    groups
}

/// A hit in offsets of the original.
struct Placed {
    /// Where it was found.
    own: Range<usize>,
    /// That and everything that overlaps it.
    all: Range<usize>,
    /// The same in the normalised text.
    within: Range<usize>,
    hit: Hit,
}

impl Placed {
    /// Lower wins.
    fn precedence(&self) -> (bool, usize, usize, usize) {
        (
            !self.hit.kind.is_forbidden(),
            usize::MAX - self.own.len(),
            self.hit.kind.rank(),
            self.hit.start,
        )
    }
}
