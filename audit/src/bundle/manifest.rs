//! `manifest.json` (README §6.1).

use std::collections::BTreeMap;

use crate::calendar::format_time;
use crate::grammar::is_origin;
use crate::hash::Hash;
use crate::json::{self, Fields, JsonError, quote};

use super::path::{Place, is_part};

const FORMAT: &str = "tw-bundle/1";

/// What the bundle is, on whose behalf, and the hash of every file in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Who approved the export.
    pub approved_by: String,
    /// How many records were found and what became of them.
    pub counts: Counts,
    /// When, in microseconds since 1970.
    pub created_us: i64,
    /// The record of the export.
    pub export: [u8; 16],
    /// Every other file, by path.
    pub files: BTreeMap<String, FileEntry>,
    /// How record keys are given.
    pub keys: Keys,
    /// The log's origin.
    pub log: String,
    /// Random, or the reader's challenge.
    pub nonce: [u8; 16],
    /// The legal power.
    pub power: String,
    /// What for.
    pub purpose: String,
    /// The reader's reference.
    pub reference: String,
    /// Who asked.
    pub requested_by: String,
    /// What was asked for.
    pub scope: Scope,
    /// Root of the tree that everything is proved against.
    pub root: Hash,
    /// Its size.
    pub size: u64,
}

/// `found = delivered + cut + withheld`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cut because they were erased.
    pub cut: u64,
    /// Leaf given whole.
    pub delivered: u64,
    /// In scope.
    pub found: u64,
    /// Cut for another reason.
    pub withheld: u64,
}

/// A file's hash and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// SHA-256 of its bytes.
    pub sha256: Hash,
    /// Bytes.
    pub size: u64,
}

/// How record keys are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// `keys.jsonl`.
    Clear,
    /// `keys.age`.
    Age,
    /// Not at all.
    None,
}

impl Keys {
    const ALL: [Self; 3] = [Self::Clear, Self::Age, Self::None];

    /// The word in the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Age => "age",
            Self::None => "none",
        }
    }
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every record from `from` up to but not including `to`.
    Range {
        /// The first.
        from: u64,
        /// The first beyond.
        to: u64,
    },
    /// What the operator's search found.
    Selection {
        /// What was searched for.
        of: String,
    },
}

impl Scope {
    /// Whether a record of this seq is in scope, as far as seq tells.
    pub fn contains(&self, seq: u64) -> bool {
        match self {
            Self::Range { from, to } => (*from..*to).contains(&seq),
            Self::Selection { .. } => seq != 0,
        }
    }
}

impl Manifest {
    /// Reads and checks a manifest by itself.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut f = json::parse(bytes)?;
        if f.text("format")? != FORMAT {
            return Err(JsonError::Member("format"));
        }
        let keys = f.text("keys")?;
        let keys = Keys::ALL.into_iter().find(|k| k.as_str() == keys);
        let mut tree = f.object("tree")?;
        let out = Self {
            approved_by: f.text("approved_by")?,
            counts: counts(f.object("counts")?)?,
            created_us: f.time("created")?,
            export: f.hex("export")?,
            files: files(f.object("files")?)?,
            keys: keys.ok_or(JsonError::Member("keys"))?,
            log: f.text("log")?,
            nonce: f.hex("nonce")?,
            power: f.text("power")?,
            purpose: f.text("purpose")?,
            reference: f.text("reference")?,
            requested_by: f.text("requested_by")?,
            scope: scope(f.object("scope")?)?,
            root: Hash(tree.hex("root")?),
            size: tree.dec("size")?,
        };
        tree.finish()?;
        f.finish()?;
        out.check().map(|()| out)
    }

    fn check(&self) -> Result<(), JsonError> {
        let c = self.counts;
        let sum = c
            .delivered
            .checked_add(c.cut)
            .and_then(|n| n.checked_add(c.withheld));
        let scope = match self.scope {
            Scope::Range { from, to } => {
                from <= to && to <= self.size && c.found == to.saturating_sub(from)
            }
            Scope::Selection { .. } => true,
        };
        let rules = [
            ("log", is_origin(&self.log)),
            ("counts", sum == Some(c.found)),
            ("scope", scope),
            ("size", self.size > 0),
        ];
        match rules.iter().find(|(_, holds)| !holds) {
            Some((name, _)) => Err(JsonError::Member(name)),
            None => Ok(()),
        }
    }

    /// Writes it.
    pub fn to_json(&self) -> Result<String, JsonError> {
        self.check()?;
        let created = format_time(self.created_us).ok_or(JsonError::Member("created"))?;
        let c = self.counts;
        let counts = [("cut", c.cut), ("delivered", c.delivered)];
        let counts = counts
            .into_iter()
            .chain([("found", c.found), ("withheld", c.withheld)]);
        let counts = counts.map(|(name, n)| format!("{}:\"{n}\"", quote(name)));
        let file = |(path, file): (&String, &FileEntry)| {
            let (sha256, size) = (file.sha256.to_hex(), file.size);
            format!(
                "  {}:{{\"sha256\":\"{sha256}\",\"size\":\"{size}\"}}",
                quote(path)
            )
        };
        let scope = match &self.scope {
            Scope::Range { from, to } => {
                format!("{{\"from\":\"{from}\",\"kind\":\"range\",\"to\":\"{to}\"}}")
            }
            Scope::Selection { of } => format!("{{\"kind\":\"selection\",\"of\":{}}}", quote(of)),
        };
        let tree = format!(
            "{{\"root\":\"{}\",\"size\":\"{}\"}}",
            self.root.to_hex(),
            self.size
        );
        let members = [
            ("approved_by", quote(&self.approved_by)),
            (
                "counts",
                format!("{{{}}}", counts.collect::<Vec<_>>().join(",")),
            ),
            ("created", quote(&created)),
            ("export", quote(&hex::encode(self.export))),
            (
                "files",
                format!(
                    "{{\n{}\n}}",
                    self.files.iter().map(file).collect::<Vec<_>>().join(",\n")
                ),
            ),
            ("format", quote(FORMAT)),
            ("keys", quote(self.keys.as_str())),
            ("log", quote(&self.log)),
            ("nonce", quote(&hex::encode(self.nonce))),
            ("power", quote(&self.power)),
            ("purpose", quote(&self.purpose)),
            ("reference", quote(&self.reference)),
            ("requested_by", quote(&self.requested_by)),
            ("scope", scope),
            ("tree", tree),
        ];
        let members = members.map(|(name, value)| format!("{}:{value}", quote(name)));
        Ok(format!("{{{}}}\n", members.join(",\n")))
    }
}

fn counts(mut f: Fields) -> Result<Counts, JsonError> {
    let out = Counts {
        cut: f.dec("cut")?,
        delivered: f.dec("delivered")?,
        found: f.dec("found")?,
        withheld: f.dec("withheld")?,
    };
    f.finish().map(|()| out)
}

fn files(f: Fields) -> Result<BTreeMap<String, FileEntry>, JsonError> {
    let each = f.into_objects("files")?.into_iter().map(|(path, mut f)| {
        let signed = matches!(
            Place::of(&path),
            Some(Place::Manifest | Place::ManifestNote)
        );
        if signed || path.split('/').count() > 4 || !path.split('/').all(is_part) {
            return Err(JsonError::Member("files"));
        }
        let entry = FileEntry {
            sha256: Hash(f.hex("sha256")?),
            size: f.dec("size")?,
        };
        f.finish().map(|()| (path, entry))
    });
    each.collect()
}

fn scope(mut f: Fields) -> Result<Scope, JsonError> {
    let out = match f.text("kind")?.as_str() {
        "range" => Scope::Range {
            from: f.dec("from")?,
            to: f.dec("to")?,
        },
        "selection" => Scope::Selection { of: f.text("of")? },
        _ => return Err(JsonError::Member("scope")),
    };
    f.finish().map(|()| out)
}
