//! Text that comes in pieces: the tokens of a language model.
//!
//! A [`Stream`] takes bytes, cut anywhere, also inside a character, and gives the text on as soon as
//! nothing that may still come can change what stands for it. What it gives in all is, byte for byte,
//! what [`redact`](crate::redact) gives for the whole text, with the same numbers; nothing of what is
//! replaced leaves before it is replaced.
//!
//! What is held back is looked at again with every piece, together with a bounded stretch of what
//! left before ([`LEFT`]): words such as "password:" speak of what follows. How far each detector
//! looks, and so how much is held, is in [`reach`]; what looks at one stretch of the text at a time
//! ([`crate::segment`]) in [`dull`]; where the text may be cut, in [`frontier`]. With models, a sentence
//! leaves when it is whole. So the work is linear in the length of the text and the memory is bounded.
//!
//! Bounds, and what happens there: a secret of more than [`HELD`] bytes without an end in sight (a
//! key block that never closes), or [`CONTEXT`] bytes without one plain word, is not passed on. The
//! rest of the stream is then withheld, and one `[REST REMOVED, long]` stands for it. After characters
//! that hide text (Unicode tags) everything is held until the end.
//!
//! With [`Stream::guarded`], a sentence leaves only when it is whole and asks for no secret
//! ([`crate::ask`]); the stream ends before one that does.

mod asks;
mod dull;
mod frontier;
mod reach;
mod utf8;

use super::ask::Request;
use super::known::Known;
use super::memory::Memory;
use super::normal::{Bears, Normal, tagged};
use super::placeholder::Placeholders;
use super::scan::Scan;
use super::text::{Finding, Forbidden, Pass, Profile, Sealable};
use asks::Asks;
use std::sync::Arc;
use utf8::Partial;
use zeroize::Zeroizing;

/// How much of what has left is read again, at least, in bytes: more than any detector looks back.
pub const LEFT: usize = 640;
/// The most of what has left that is kept when nothing in it is a good place to cut.
pub const CONTEXT: usize = 8 * 1024;
/// The most that is held.
pub const HELD: usize = 16 * 1024;
/// How much of a long piece is taken at a time.
const STEP: usize = 2 * 1024;
/// What stands for a rest that is withheld.
const REST: &str = "[REST REMOVED, long]";

/// What may leave now.
#[derive(Debug, Clone, Default)]
pub struct Segment {
    /// What an agent, or the customer, may see.
    pub text: String,
    /// What may be stored of it.
    pub sealable: Sealable,
    /// What was found in it, in bytes of the whole text as it came (see [`Stream::push`]).
    pub findings: Vec<Finding>,
    /// What stands in the text for each finding.
    pub placeholders: Vec<String>,
    /// Those of them that must not be stored.
    pub forbidden: Vec<Forbidden>,
    /// The request for a secret before which a guarded stream ended.
    pub asks: Option<Request>,
    /// What of the request had come, as it may be stored. Nobody is shown it.
    pub unsaid: Sealable,
    /// Whether the rest is withheld, because a bound was reached.
    pub withheld: bool,
}

impl Segment {
    /// Whether nothing leaves.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.sealable.as_str().is_empty()
    }
}

/// Redacts a text that comes in pieces.
#[derive(Debug)]
pub struct Stream {
    known: Arc<Known>,
    profile: Profile,
    /// What left lately, and what is held.
    text: Zeroizing<String>,
    /// Where in it that begins which is held.
    held: usize,
    /// How much of the whole came before it.
    base: usize,
    partial: Partial,
    bears: Bears,
    /// The names found in the stretches that have left whole.
    memory: Memory,
    /// Where in it, as it is normalised, the first stretch begins that is there whole.
    first: usize,
    asks: Option<Asks>,
    /// Nothing leaves any more.
    ended: bool,
}

impl Stream {
    /// A text by an author of whom `known` is known.
    pub fn new(known: Arc<Known>, profile: Profile) -> Self {
        Self {
            known,
            profile,
            text: Zeroizing::new(String::new()),
            held: 0,
            base: 0,
            partial: Partial::default(),
            bears: Bears::default(),
            memory: Memory::default(),
            first: 0,
            asks: None,
            ended: false,
        }
    }

    /// The same, ending before a sentence that asks for a secret.
    #[must_use]
    pub fn guarded(mut self) -> Self {
        self.asks = Some(Asks::default());
        self
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.text.len().saturating_sub(self.held) + self.partial.len()
    }

    /// Takes the next bytes and gives what may leave. Bytes that are no UTF-8 are read as
    /// `U+FFFD`, as [`String::from_utf8_lossy`] does; offsets are those of that text.
    pub fn push(&mut self, bytes: &[u8], numbers: &mut dyn Placeholders) -> Segment {
        let mut out = Segment::default();
        for piece in bytes.chunks(STEP) {
            self.partial.take(piece, &mut self.text);
            self.advance(false, numbers, &mut out);
        }
        out
    }

    /// Gives the rest.
    pub fn finish(mut self, numbers: &mut dyn Placeholders) -> Segment {
        let mut out = Segment::default();
        self.partial.end(&mut self.text);
        self.advance(true, numbers, &mut out);
        out
    }

    fn advance(&mut self, last: bool, numbers: &mut dyn Placeholders, out: &mut Segment) {
        if self.ended {
            self.text.clear();
            self.held = 0;
            return;
        }
        let text = std::mem::take(&mut self.text);
        let normal = Normal::new(&text);
        let scan = Scan::new(&normal)
            .of(self.profile.regions())
            .segmented_from(self.first)
            .remembering(self.memory.clone());
        let said = if last { usize::MAX } else { reach::said(&scan) };
        let scan = scan.said_until(said);
        let from = frontier::left(&scan, &normal, self.held);
        let pass = Pass::over(&text, &normal, &scan, &self.known, &self.profile, from);
        let hidden = || text.get(self.held..).is_some_and(|t| t.contains(is_tag));
        let mut to = if last {
            text.len()
        } else if hidden() {
            self.held
        } else {
            let settled = reach::settled(&scan, &pass, &self.known, said);
            let settled = if self.profile.tags() {
                frontier::sentence(&scan, settled)
            } else {
                settled
            };
            frontier::frontier(&scan, &normal, &pass, settled).max(self.held)
        };
        if let Some(asks) = &mut self.asks {
            let (clear, request) = asks.clear(&text, self.base, to, last);
            let limit = clear.max(self.held);
            self.ended = request.is_some();
            to = frontier::outside(&pass, limit).max(self.held);
            if self.ended {
                let from = pass.spans.partition_point(|s| s.finding.end <= to);
                let spans = pass.spans.get(from..).unwrap_or_default();
                out.unsaid = pass.sealable_of(to..text.len(), spans);
            }
            out.asks = request;
        }
        self.emit(&pass, to, numbers, out);
        self.held = to;
        let left = frontier::left(&scan, &normal, to);
        let gone = pass.memories.iter().take_while(|(end, _)| *end <= left);
        if let Some((_, memory)) = gone.last() {
            self.memory = memory.clone();
        }
        let cut = frontier::cut(&scan, &normal, &pass, (self.held, said));
        drop(pass);
        self.first = frontier::next_segment(&scan, self.first, cut.0);
        drop(scan);
        self.text = text;
        self.forget(cut.1);
        let full = self.held() > HELD || self.held > CONTEXT;
        if full && !last && !self.ended {
            self.withhold(out);
        }
    }

    /// Gives what stands before `to`, which lies in no finding.
    fn emit(
        &mut self,
        pass: &Pass<'_>,
        to: usize,
        numbers: &mut dyn Placeholders,
        out: &mut Segment,
    ) {
        // One that reaches over the edge would be a detector that looks further than it says: what is
        // left of it is replaced all the same.
        let from = pass.spans.partition_point(|s| s.finding.end <= self.held);
        let until = pass.spans.partition_point(|s| s.finding.end <= to);
        let spans = pass.spans.get(from..until).unwrap_or_default();
        let placeholders = pass.numbered(spans, numbers);
        let range = self.held..to;
        let text = pass.view_of(range.clone(), spans, &placeholders, &mut self.bears);
        out.text.push_str(&text);
        out.sealable.push(&pass.sealable_of(range, spans));
        for span in spans {
            let finding = &span.finding;
            let (start, end) = (finding.start + self.base, finding.end + self.base);
            if finding.kind.is_forbidden() {
                out.forbidden.push(Forbidden {
                    start,
                    end,
                    kind: finding.kind,
                    length: pass.length(finding),
                });
            }
            out.findings.push(Finding {
                start,
                end,
                ..finding.clone()
            });
        }
        out.placeholders.extend(placeholders);
    }

    /// Drops what is no longer needed from the front.
    fn forget(&mut self, upto: usize) {
        if upto > 0 {
            let rest = Zeroizing::new(self.text.get(upto..).unwrap_or_default().to_owned());
            self.text = rest;
            self.held = self.held.saturating_sub(upto);
            self.base += upto;
        }
    }

    /// Nothing of what is held leaves, nor anything after it.
    fn withhold(&mut self, out: &mut Segment) {
        out.text.push_str(REST);
        out.sealable.push(&Sealable::rest(REST));
        out.withheld = true;
        self.ended = true;
        self.text.clear();
        self.held = 0;
    }
}

fn is_tag(c: char) -> bool {
    tagged(c).is_some()
}

#[cfg(test)]
mod tests;
