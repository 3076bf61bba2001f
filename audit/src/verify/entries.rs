//! `entries.jsonl` (README §6.2): one pass over the leaves, with their bodies and the view.

mod csv;

use std::collections::{BTreeSet, HashMap, HashSet};

use self::csv::CsvCheck;
use super::body;
use super::finding::Findings;
use super::folder::{Folder, Lines};
use super::small::{Gone, Small};
use crate::bundle::{Counts, CutReason, Entry, Manifest, Scope};
use crate::checkpoint::LogKeys;
use crate::hash::Hash;
use crate::record::{Kind, Leaf};
use crate::tree::leaf_hash;

/// What the pass leaves behind.
#[derive(Default)]
pub(super) struct Entries {
    /// Leaf hashes by seq.
    pub(super) hashes: Vec<(u64, Hash)>,
    /// The keys that `seq` 0 names.
    pub(super) log_keys: Option<LogKeys>,
}

/// The last whole leaf of a tag.
struct Tag {
    n: u64,
    /// Records before it that are not shown whole.
    hidden: u64,
    class: String,
    period: String,
}

struct Pass<'a> {
    folder: &'a Folder,
    manifest: &'a Manifest,
    small: &'a Small,
    findings: &'a mut Findings,
    out: Entries,
    csv: CsvCheck,
    counts: Counts,
    tags: HashMap<[u8; 16], Tag>,
    rids: HashSet<[u8; 16]>,
    last_time_us: i64,
    /// Whole leaves so far.
    whole: u64,
    /// The next seq that a range must have.
    expected: u64,
    /// Entries with a key line or a line in erasures or redactions; bodies of whole leaves.
    keyed: u64,
    gone: u64,
    bodies: BTreeSet<u64>,
}

impl Entries {
    pub(super) fn read(
        folder: &Folder,
        manifest: &Manifest,
        small: &Small,
        findings: &mut Findings,
    ) -> Self {
        let expected = if let Scope::Range { from, .. } = manifest.scope {
            from
        } else {
            0
        };
        let mut pass = Pass {
            folder,
            manifest,
            small,
            findings,
            out: Self::default(),
            csv: CsvCheck::open(folder),
            counts: Counts::default(),
            tags: HashMap::new(),
            rids: HashSet::new(),
            last_time_us: 0,
            whole: 0,
            expected,
            keyed: 0,
            gone: 0,
            bodies: folder.bodies(),
        };
        if let Ok(lines) = folder.lines("entries.jsonl") {
            pass.lines(lines);
        }
        pass.finish()
    }
}

impl Pass<'_> {
    fn lines(&mut self, mut lines: Lines<impl std::io::BufRead>) {
        let mut line = Vec::new();
        loop {
            match lines.next(&mut line) {
                Ok(false) => return,
                Err(error) => {
                    self.findings.broken(format!("entries.jsonl: {error}"));
                    return;
                }
                Ok(true) => match Entry::parse(&line) {
                    Ok(entry) => self.entry(entry, &line),
                    Err(error) => {
                        let n = lines.count;
                        self.findings
                            .broken(format!("entries.jsonl, line {n}: {error}"));
                    }
                },
            }
        }
    }

    fn entry(&mut self, entry: Entry, line: &[u8]) {
        let seq = entry.seq();
        self.position(seq);
        let hash = match entry {
            Entry::Whole(leaf) => {
                let hash = leaf_hash(line);
                self.whole(&leaf);
                hash
            }
            Entry::Cut { hash, reason, .. } => {
                self.cut(seq, reason);
                hash
            }
        };
        // Out of order was said; the tree is reckoned over what is in order.
        if self.out.hashes.last().is_none_or(|(last, _)| *last < seq) {
            self.out.hashes.push((seq, hash));
        }
        self.gone += u64::from(self.small.gone.contains_key(&seq));
    }

    /// Order, and that nothing is left out or too much.
    fn position(&mut self, seq: u64) {
        let last = self.out.hashes.last().map(|(last, _)| *last);
        if last.is_some_and(|last| last >= seq) {
            self.findings.broken(format!(
                "entries.jsonl: record {seq} is out of order or twice there"
            ));
            return;
        }
        if last.is_none() && seq != 0 {
            self.findings
                .broken("entries.jsonl: it does not begin with record 0".into());
        }
        if seq >= self.manifest.size {
            self.findings
                .broken(format!("record {seq} lies beyond the checkpoint"));
        }
        if let Scope::Range { from, to } = self.manifest.scope {
            if (from..to).contains(&seq) {
                if seq != self.expected {
                    self.left_out(self.expected, seq);
                }
                self.expected = seq.saturating_add(1);
            } else if seq != 0 {
                self.findings
                    .broken(format!("record {seq} is not in the scope of this bundle"));
            }
        }
    }

    fn left_out(&mut self, from: u64, to: u64) {
        let what = match to.saturating_sub(from) {
            1 => format!("record {from} is"),
            n => format!("{n} records from {from} are"),
        };
        self.findings
            .broken(format!("entries.jsonl: {what} in scope and left out"));
    }

    fn whole(&mut self, leaf: &Leaf) {
        self.csv.row(leaf, self.findings);
        self.counts.delivered += u64::from(self.manifest.scope.contains(leaf.seq));
        if leaf.seq == 0 {
            self.out.log_keys = LogKeys::of(leaf);
        }
        for why in self.faults(leaf) {
            self.findings.record(leaf.seq, &leaf.rid, why);
        }
        self.last_time_us = self.last_time_us.max(leaf.time_us);
        self.whole += 1;
        body::check(self.folder, leaf, self.small, self.findings);
        self.bodies.remove(&leaf.seq);
        self.keyed += u64::from(self.small.keys.contains_key(&leaf.seq));
    }

    /// What the leaf has against it, seen with those before it.
    fn faults(&mut self, leaf: &Leaf) -> Vec<&'static str> {
        let [gap, moved, twice] = self.among_its_kin(leaf);
        let before = leaf.seq.checked_sub(1);
        let prev = self
            .out
            .hashes
            .last()
            .filter(|(seq, _)| Some(*seq) == before);
        let erases = matches!(leaf.kind, Kind::ErasureExecuted | Kind::KeyDestroyed);
        let faults = [
            (leaf.log != self.manifest.log, "it belongs to another log"),
            (
                prev.is_some_and(|(_, hash)| *hash != leaf.prev),
                "it does not follow on the record before it: one of the two was changed",
            ),
            (
                leaf.time_us < self.last_time_us,
                "it is older than the record before it",
            ),
            (
                leaf.rid == self.manifest.export && leaf.kind != Kind::Duty,
                "the manifest names it as the record of this export, and it is none",
            ),
            (
                self.small.erasure_records.contains(&leaf.rid) && !erases,
                "erasures.jsonl names it as the record of an erasure, and it is none",
            ),
            (
                gap,
                "its number within its tag does not follow: a record is left out",
            ),
            (moved, "it has the tag of another class or period"),
            (twice, "an earlier record has its rid"),
        ];
        faults
            .into_iter()
            .filter_map(|(fault, why)| fault.then_some(why))
            .collect()
    }

    /// Whether `n` has a gap, whether the tag is another's, and whether the rid is.
    fn among_its_kin(&mut self, leaf: &Leaf) -> [bool; 3] {
        let hidden = leaf.seq.saturating_sub(self.whole);
        let tag = Tag {
            n: leaf.n,
            hidden,
            class: leaf.class.clone(),
            period: leaf.period.clone(),
        };
        let last = self.tags.insert(leaf.tag, tag);
        let (n, before) = last.as_ref().map_or((0, 0), |last| (last.n, last.hidden));
        // Each record in between that is not shown may have been of this tag.
        let most = hidden.saturating_sub(before).saturating_add(1);
        let follows = leaf
            .n
            .checked_sub(n)
            .is_some_and(|by| (1..=most).contains(&by));
        let moved = last.is_some_and(|l| l.class != leaf.class || l.period != leaf.period);
        [!follows, moved, !self.rids.insert(leaf.rid)]
    }

    fn cut(&mut self, seq: u64, reason: CutReason) {
        let (fits, file) = match reason {
            CutReason::Erased => {
                self.counts.cut += 1;
                (Gone::Erased, "erasures.jsonl")
            }
            CutReason::Withheld => {
                self.counts.withheld += 1;
                (Gone::Withheld, "redactions.jsonl")
            }
        };
        if self.small.gone.get(&seq) != Some(&fits) {
            let text = format!("record {seq} is cut as {reason}, and {file} does not name it");
            self.findings.broken(text);
        }
    }

    /// What can be said only at the end.
    fn finish(mut self) -> Entries {
        if let Scope::Range { to, .. } = self.manifest.scope
            && self.expected < to
        {
            self.left_out(self.expected, to);
        }
        self.csv.finish(self.findings);
        if let Some(seq) = self.bodies.first() {
            self.findings.broken(format!(
                "bodies/{seq}.bin belongs to no record of this bundle"
            ));
        }
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        if self.keyed != count(self.small.keys.len()) {
            self.findings
                .broken("a key is given for a record that is not in this bundle".into());
        }
        if self.gone != count(self.small.gone.len()) {
            let text =
                "erasures.jsonl or redactions.jsonl names a record that is not in this bundle";
            self.findings.broken(text.into());
        }
        self.counts.found = self.counts.delivered + self.counts.cut + self.counts.withheld;
        if self.counts != self.manifest.counts {
            self.findings
                .broken("manifest.json: the counts are not those of the entries".into());
        }
        self.out
    }
}
