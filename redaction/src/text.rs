//! Free text: what the customer, the assistant or an upstream wrote.
//!
//! One detection pass gives two views. [`Redacted::text`] is what an agent may see: every finding
//! replaced. [`Redacted::sealable`] is what may be stored: the text as it was said, minus what
//! I8 forbids; nothing else makes a [`Sealable`].
//!
//! Promises I8. Leaves to others: postal addresses of people the gateway does not know, streams,
//! and who may see which view.

mod span;

use super::detect;
use super::detect::phone::Region;
use super::kind::{Confidence, Kind, Length};
use super::known::{self, Known};
use super::normal::{Normal, strip_invisible};
use super::placeholder::{self, Placeholders};
use super::scan::Scan;
use super::tagger::{self, Tagger, Taggers};
use span::{Span, merged, outside};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What to look for, and how to treat what looks like ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    kinds: Vec<Kind>,
    neutralise: bool,
    regions: Vec<Region>,
    taggers: Taggers,
}

impl Profile {
    /// Everything, for what an agent is shown; typed placeholders are neutralised.
    pub fn agent() -> Self {
        Self {
            kinds: Kind::ALL.to_vec(),
            neutralise: true,
            regions: Region::ALL.to_vec(),
            taggers: Taggers::default(),
        }
    }

    /// The profile of this name: `agent` or `assistant`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "agent" => Some(Self::agent()),
            "assistant" => Some(Self::assistant()),
            _ => None,
        }
    }

    /// The same for people of these regions: the national forms of their phone numbers are read
    /// without context, and nobody else's.
    #[must_use]
    pub fn of(mut self, regions: &[Region]) -> Self {
        self.regions = regions.to_vec();
        self
    }

    /// Everything, in a text that rightly carries our placeholders: the assistant's own turns.
    pub fn assistant() -> Self {
        Self {
            neutralise: false,
            ..Self::agent()
        }
    }

    /// The same without `kind`. What must not be stored cannot be left out.
    #[must_use]
    pub fn without(mut self, kind: Kind) -> Self {
        self.kinds.retain(|k| *k != kind || k.is_forbidden());
        self
    }

    /// The same, asking `tagger` about names as well.
    #[must_use]
    pub fn with(mut self, tagger: Arc<dyn Tagger>) -> Self {
        self.taggers.push(tagger);
        self
    }

    fn wants(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Byte offset into the original text.
    pub start: usize,
    /// Byte offset of its end.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// Which detector says so. Not for agents, who could learn to avoid it.
    pub detector: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why, for officers.
    pub reason: &'static str,
}

/// The spans of `findings` in Unicode code points of `original`, the text they were found in, in
/// one pass over it. `findings` must be in order, as they come.
pub fn code_points(original: &str, findings: &[Finding]) -> Vec<Range<usize>> {
    let (mut bytes, mut points) = (0, 0);
    let mut reach = |to: usize| {
        points += original.get(bytes..to).map_or(0, |s| s.chars().count());
        bytes = to;
        points
    };
    findings
        .iter()
        .map(|f| reach(f.start)..reach(f.end))
        .collect()
}

/// Something removed because it must not be stored. All that is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forbidden {
    /// Byte offset into the original text.
    pub start: usize,
    /// Byte offset of its end.
    pub end: usize,
    /// What it was.
    pub kind: Kind,
    /// How long it was.
    pub length: Length,
}

/// A text that may be stored. Only a detection pass makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealable(String);

impl Sealable {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for Sealable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealable({} bytes)", self.0.len())
    }
}

/// What came of one text.
#[derive(Debug)]
pub struct Redacted {
    /// What an agent may see.
    pub text: String,
    /// What may be stored.
    pub sealable: Sealable,
    /// What was found, in order, never overlapping.
    pub findings: Vec<Finding>,
    /// What stands in the text for each finding.
    pub placeholders: Vec<String>,
    /// Those of them that must not be stored.
    pub forbidden: Vec<Forbidden>,
}

/// Finds and replaces. Work is linear in the length of the text, whatever it is.
pub fn redact(
    text: &str,
    known: &Known,
    profile: &Profile,
    placeholders: &mut dyn Placeholders,
) -> Redacted {
    let pass = Pass::new(text, known, profile);
    let placeholders = pass.placeholders(placeholders);
    Redacted {
        text: pass.view(&placeholders),
        placeholders,
        sealable: pass.sealable(),
        forbidden: pass.forbidden(),
        findings: pass.spans.into_iter().map(|s| s.finding).collect(),
    }
}

/// The text without what must not be stored, and what that was: the same as [`redact`] finds
/// without known values.
pub fn never_stored(text: &str) -> (Sealable, Vec<Forbidden>) {
    if is_plain(text) {
        return (Sealable(text.to_owned()), Vec::new());
    }
    // All detectors, for a finding that may be stored can widen one that may not.
    let pass = Pass::new(text, &Known::none(), &Profile::assistant());
    (pass.sealable(), pass.forbidden())
}

/// Whether a text is of a form that answers are full of and no detector of what must not be stored
/// takes: one short word, a number or a time, an id in hexadecimal groups. None of these has room
/// for a value and the word that tells what it is.
fn is_plain(text: &str) -> bool {
    let all = |fits: fn(u8) -> bool| text.bytes().all(fits);
    match text.len() {
        0..=15 if all(|b| b.is_ascii_alphanumeric() || b == b'.') => true,
        0..=40 => {
            all(|b| b.is_ascii_digit() || b"+-.:TZ".contains(&b))
                || all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'))
        }
        _ => false,
    }
}

/// The findings alone.
pub fn findings(text: &str, known: &Known, profile: &Profile) -> Vec<Finding> {
    let pass = Pass::new(text, known, profile);
    pass.spans.into_iter().map(|s| s.finding).collect()
}

struct Pass<'t> {
    text: &'t str,
    spans: Vec<Span>,
    /// Typed placeholders: their brackets' ranges in the original.
    typed: Vec<Range<usize>>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the bound on it is a test"))]
    work: usize,
}

impl<'t> Pass<'t> {
    fn new(text: &'t str, known: &Known, profile: &Profile) -> Self {
        let normal = Normal::new(text);
        let scan = Scan::new(&normal).of(&profile.regions);
        let mut hits = Vec::new();
        for detector in detect::ALL {
            if detector.finds.iter().any(|k| profile.wants(*k)) {
                (detector.run)(&scan, &mut hits);
            }
        }
        known::detect(known, &scan, &mut hits);
        if profile.wants(Kind::Name) {
            tagger::detect(&profile.taggers, &scan, &mut hits);
        }
        hits.retain(|h| profile.wants(h.kind) && h.start < h.end);
        let hits = outside(&scan, hits);
        let spans = merged(&scan, &normal, hits);
        let typed = if profile.neutralise {
            placeholder::look_alikes(normal.text())
                .into_iter()
                .flat_map(|(open, close)| [open..open + 1, close..close + 1])
                .map(|range| normal.original(range))
                .collect()
        } else {
            Vec::new()
        };
        Self {
            text,
            spans,
            typed,
            work: scan.work(),
        }
    }

    fn placeholders(&self, numbers: &mut dyn Placeholders) -> Vec<String> {
        let one = |span: &Span| {
            let kind = span.finding.kind;
            if kind.is_forbidden() {
                placeholder::removed(kind, self.length(&span.finding))
            } else {
                placeholder::numbered(kind, numbers.number(kind, &span.canonical))
            }
        };
        self.spans.iter().map(one).collect()
    }

    fn view(&self, placeholders: &[String]) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for (span, placeholder) in self.spans.iter().zip(placeholders) {
            out.push_str(&self.shown(at..span.finding.start));
            out.push_str(placeholder);
            at = span.finding.end;
        }
        out.push_str(&self.shown(at..self.text.len()));
        out
    }

    /// A stretch between findings as an agent sees it: typed brackets made round, and nothing
    /// that could carry something unseen.
    fn shown(&self, range: Range<usize>) -> String {
        let mut out = String::new();
        let mut at = range.start;
        let first = self.typed.partition_point(|t| t.start < range.start);
        for (n, bracket) in self.typed.iter().enumerate().skip(first) {
            if bracket.end > range.end {
                break;
            }
            out.push_str(self.text.get(at..bracket.start).unwrap_or_default());
            out.push(if n % 2 == 0 { '(' } else { ')' });
            at = bracket.end;
        }
        out.push_str(self.text.get(at..range.end).unwrap_or_default());
        strip_invisible(&out)
    }

    fn sealable(&self) -> Sealable {
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for span in self.spans.iter().filter(|s| s.finding.kind.is_forbidden()) {
            let finding = &span.finding;
            out.push_str(self.text.get(at..finding.start).unwrap_or_default());
            out.push_str(&placeholder::removed(finding.kind, self.length(finding)));
            at = finding.end;
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
        Sealable(out)
    }

    fn forbidden(&self) -> Vec<Forbidden> {
        self.spans
            .iter()
            .map(|s| &s.finding)
            .filter(|f| f.kind.is_forbidden())
            .map(|f| Forbidden {
                start: f.start,
                end: f.end,
                kind: f.kind,
                length: self.length(f),
            })
            .collect()
    }

    fn length(&self, finding: &Finding) -> Length {
        Length::of(
            self.text
                .get(finding.start..finding.end)
                .unwrap_or_default(),
        )
    }
}

#[cfg(test)]
#[path = "text/tests.rs"]
pub(crate) mod tests;
