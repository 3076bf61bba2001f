//! A sentence leaves when it is whole and asks for nothing that must not be asked for.
//!
//! [`request`] looks back over two sentences, so three are kept. A sentence without an end is judged
//! as it stands, also as a question, once it is longer than [`LONGEST`]; what asks reaches over
//! fourteen words, far fewer than stay held then.

use super::super::ask::{Request, request};

/// The longest sentence that is held whole, in bytes.
const LONGEST: usize = 512;
/// How many sentences are looked back over.
const BACK: usize = 3;

/// What was said lately.
#[derive(Debug, Default)]
pub(super) struct Asks {
    /// Where the last sentences that were clear begin, in bytes of the whole.
    clear: Vec<usize>,
    /// Up to where all is clear, in bytes of the whole.
    upto: usize,
    /// Where clear sentences end that have not left.
    ends: Vec<usize>,
    /// The text from the first of them on, which the stream itself may have forgotten.
    kept: String,
    from: usize,
}

impl Asks {
    /// Up to where whole sentences of `text`, which begins at `base` of the whole, ask for nothing and
    /// are settled, which all is before `to`; and the request that follows what is clear.
    pub(super) fn clear(
        &mut self,
        text: &str,
        base: usize,
        to: usize,
        last: bool,
    ) -> (usize, Option<Request>) {
        self.keep(text, base);
        let mut found = None;
        while let Some(end) = self.next_end(last) {
            let from = self.upto;
            found = self.judge(end);
            if found.is_some() {
                break;
            }
            self.clear.push(from);
            self.upto = end;
            self.ends.push(end);
        }
        if found.is_none() && !last {
            found = self.too_long();
        }
        let excess = self.clear.len().saturating_sub(BACK);
        self.clear.drain(..excess);
        self.drop_front();
        // Nothing follows any more what stands before a request: it is as settled as it can be.
        let settled = if found.is_some() {
            usize::MAX
        } else {
            base.saturating_add(to)
        };
        let asking = found.as_ref().map_or(usize::MAX, |r| r.sentence.start);
        let fits = |end: &usize| *end <= settled && *end <= asking;
        let leaves = self.ends.iter().copied().filter(fits).max();
        self.ends.retain(|end| !fits(end));
        (leaves.map_or(0, |end| end.saturating_sub(base)), found)
    }

    fn keep(&mut self, text: &str, base: usize) {
        let have = self.from + self.kept.len();
        if let Some(new) = text.get(have.saturating_sub(base)..) {
            self.kept.push_str(new);
        }
    }

    /// The end of the sentence that begins where all is clear so far.
    fn next_end(&self, last: bool) -> Option<usize> {
        let rest = self.kept.get(self.upto - self.from..)?;
        let end = ends(rest).map(|n| self.upto + n);
        let whole = self.from + self.kept.len();
        end.or((last && self.upto < whole).then_some(whole))
    }

    fn judge(&self, end: usize) -> Option<Request> {
        self.ask(self.kept.get(..end - self.from)?)
    }

    /// A request in the sentence that is not clear yet.
    fn ask(&self, text: &str) -> Option<Request> {
        let found = request(text)?;
        let sentence = found.sentence.start + self.from..found.sentence.end + self.from;
        Some(Request { sentence, ..found })
    }

    /// A sentence that does not end: judged as it stands, and all but its last part is clear.
    fn too_long(&mut self) -> Option<Request> {
        let whole = self.from + self.kept.len();
        if whole - self.upto <= LONGEST {
            return None;
        }
        let found = self
            .ask(&self.kept)
            .or_else(|| self.ask(&format!("{}?", self.kept)));
        if found.is_none() {
            let mut upto = whole - LONGEST;
            while !self.kept.is_char_boundary(upto - self.from) {
                upto += 1;
            }
            self.upto = upto;
            self.ends.push(upto);
        }
        found
    }

    fn drop_front(&mut self) {
        let oldest = self.clear.first().copied().unwrap_or(self.from);
        let least = (self.from + self.kept.len()).saturating_sub(LONGEST * 4);
        let mut upto = oldest.max(least).max(self.from);
        while !self.kept.is_char_boundary(upto - self.from) {
            upto += 1;
        }
        self.kept.drain(..upto - self.from);
        self.from = upto;
    }
}

/// Where the first sentence of `text` ends: after its sign and the space behind it.
fn ends(text: &str) -> Option<usize> {
    let mut signs = false;
    let mut words = false;
    for (at, c) in text.char_indices() {
        if signs && !matches!(c, '.' | '!' | '?' | '…' | '"' | '»' | '”' | ')') {
            if c.is_whitespace() {
                signs = true;
                continue;
            }
            return Some(at);
        }
        if matches!(c, '!' | '?' | '…' | '\n') && words {
            signs = true;
        } else if c == '.' && words {
            let next = text.get(at + 1..).and_then(|t| t.chars().next());
            signs = next.is_none_or(|n| n.is_whitespace() || matches!(n, '"' | '.' | '»' | '”'));
        } else if c.is_alphanumeric() {
            words = true;
        }
    }
    None
}
