//! The walk itself: JSON tokens on one side, the plan's states on the other.

use super::super::kind::Kind;
use super::super::normal::{hides, strip_invisible};
use super::super::plan::{Leaf, Node, Plan, Proof};
use super::super::text::never_stored;
use super::super::treat::mask;
use super::Withheld;
use super::reader::{Reader, Start};
use crate::catalog::{Class, Shape};
use crate::policy::Treatment;
use std::collections::HashSet;

/// One walk over one answer.
pub(super) struct Walk<'a, 'j> {
    plan: &'a Plan,
    reader: Reader<'j>,
    uid: Option<&'a str>,
    text: &'a mut dyn FnMut(&str) -> String,
    pub(super) out: Vec<u8>,
    /// The leaves met, by index; cut back when a filtered element is dropped.
    pub(super) log: Vec<usize>,
    pub(super) ids: Vec<String>,
    pub(super) dropped: u64,
    pub(super) forbidden: Vec<Kind>,
    pub(super) hidden: u64,
    pub(super) owned: bool,
    /// For every open filtered element whether its value was in the list; the first for the whole.
    pub(super) kept: Vec<bool>,
}

/// A scalar as it was read.
enum Scalar<'j> {
    String(&'j str),
    Number(&'j str),
    Boolean(&'j str),
}

impl<'a, 'j> Walk<'a, 'j> {
    pub(super) fn new(
        plan: &'a Plan,
        input: &'j [u8],
        uid: Option<&'a str>,
        text: &'a mut dyn FnMut(&str) -> String,
    ) -> Result<Self, Withheld> {
        Ok(Self {
            plan,
            reader: Reader::new(input)?,
            uid,
            text,
            out: Vec::with_capacity(input.len().min(1 << 16)),
            log: Vec::new(),
            ids: Vec::new(),
            dropped: 0,
            forbidden: Vec::new(),
            hidden: 0,
            owned: plan.proof != Proof::Impossible,
            kept: vec![false],
        })
    }

    /// Reads the answer to its end; says whether anything of it leaves.
    pub(super) fn whole(&mut self) -> Result<bool, Withheld> {
        let wrote = self.value(Some(0), true)?;
        self.reader.end()?;
        Ok(wrote)
    }

    /// Reads one value; writes what of it may leave and says whether anything was written.
    fn value(&mut self, at: Option<usize>, root: bool) -> Result<bool, Withheld> {
        let plan = self.plan;
        let node = at.and_then(|at| plan.node(at));
        match self.reader.start()? {
            Start::Object => self.object(node),
            Start::Array => self.array(node, root),
            Start::Null => {
                self.reader.literal()?;
                Ok(self.null(node))
            }
            Start::Boolean => {
                let literal = self.reader.literal()?;
                Ok(self.scalar(node, &Scalar::Boolean(literal)))
            }
            Start::Number => {
                let number = self.reader.number()?;
                Ok(self.scalar(node, &Scalar::Number(number)))
            }
            Start::String => {
                let string = self.reader.string()?;
                Ok(self.scalar(node, &Scalar::String(&string)))
            }
        }
    }

    fn object(&mut self, node: Option<&Node>) -> Result<bool, Withheld> {
        let shows = node.is_some_and(|n| n.object_shows);
        let declared = node.is_some_and(Node::has_members);
        self.dropped += u64::from(node.is_some() && !declared);
        if node.is_some_and(|n| n.owner || n.owner_elements) {
            self.owned = false;
        }
        let owner = node.and_then(|n| n.owner_member.as_deref());
        let mut owner_seen = owner.is_none();
        let mut names = HashSet::new();
        let before = self.out.len();
        let (mut first, mut empty) = (true, true);
        self.reader.open()?;
        self.out.push(b'{');
        while self.reader.more(first, b'}')? {
            first = false;
            let name = self.reader.name()?;
            owner_seen |= owner == Some(&*name);
            let next = node.and_then(|n| n.member(&name));
            self.dropped += u64::from(declared && next.is_none());
            let mark = self.out.len();
            if !empty {
                self.out.push(b',');
            }
            self.quote(&name);
            self.out.push(b':');
            if !names.insert(name) {
                return Err(Withheld::DuplicateKey);
            }
            if self.value(next, false)? {
                empty = false;
            } else {
                self.out.truncate(mark);
            }
        }
        self.owned &= owner_seen;
        self.out.push(b'}');
        if !shows {
            self.out.truncate(before);
        }
        Ok(shows)
    }

    fn array(&mut self, node: Option<&Node>, root: bool) -> Result<bool, Withheld> {
        let shows = node.is_some_and(|n| n.array_shows);
        let owned_here = node.is_some_and(|n| n.owner_elements);
        if node.is_some_and(|n| n.owner || n.owner_member.is_some()) {
            self.owned = false;
        }
        let filtered = node.is_some_and(|n| n.filtered);
        let next = node.and_then(Node::elements);
        self.dropped += u64::from(node.is_some() && next.is_none());
        let before = self.out.len();
        let (mut first, mut empty) = (true, true);
        self.reader.open()?;
        self.out.push(b'[');
        while self.reader.more(first, b']')? {
            first = false;
            let marks = (self.out.len(), self.log.len(), self.ids.len());
            if !empty {
                self.out.push(b',');
            }
            if filtered {
                self.kept.push(false);
            }
            let wrote = self.value(next, false)?;
            let kept = !filtered || self.kept.pop() == Some(true);
            if !kept {
                self.log.truncate(marks.1);
                self.ids.truncate(marks.2);
            }
            if wrote && kept {
                empty = false;
            } else {
                self.out.truncate(marks.0);
            }
        }
        // Of nothing there is no owner to ask for; but only where the answer is nothing else.
        if owned_here && first && !root {
            self.owned = false;
        }
        self.out.push(b']');
        if !shows {
            self.out.truncate(before);
        }
        Ok(shows)
    }

    fn null(&mut self, node: Option<&Node>) -> bool {
        let Some(node) = node else {
            return false;
        };
        if node.owner || node.owner_member.is_some() || node.owner_elements {
            self.owned = false;
        }
        self.log.extend(node.leaf);
        let leaf = node.leaf.and_then(|l| self.plan.leaf(l));
        let shows = leaf.is_some_and(Leaf::shows) || node.object_shows || node.array_shows;
        if shows {
            self.out.extend_from_slice(b"null");
        }
        shows
    }

    fn scalar(&mut self, node: Option<&Node>, scalar: &Scalar<'_>) -> bool {
        let Some(node) = node else {
            return false;
        };
        if node.owner_member.is_some() || node.owner_elements {
            self.owned = false;
        }
        let id = match scalar {
            Scalar::String(text) => Some(*text),
            Scalar::Number(text) => is_integer(text).then_some(*text),
            Scalar::Boolean(_) => None,
        };
        if node.owner && (id.is_none() || id != self.uid) {
            self.owned = false;
        }
        if node.listed {
            self.ids.extend(id.map(str::to_owned));
        }
        let (Scalar::String(text) | Scalar::Number(text) | Scalar::Boolean(text)) = scalar;
        if node.filter
            && self.plan.one_of.iter().any(|v| v == text)
            && let Some(kept) = self.kept.last_mut()
        {
            *kept = true;
        }
        let leaf = node.leaf.and_then(|at| Some((at, self.plan.leaf(at)?)));
        let Some((at, leaf)) = leaf.filter(|(_, leaf)| fits(leaf.shape, scalar)) else {
            self.dropped += 1;
            return false;
        };
        self.log.push(at);
        match leaf.treatment {
            Treatment::Drop | Treatment::Compare => false,
            Treatment::Mask => {
                self.mask(leaf, scalar);
                true
            }
            Treatment::Reveal => {
                self.reveal(leaf, scalar);
                true
            }
        }
    }

    fn mask(&mut self, leaf: &Leaf, scalar: &Scalar<'_>) {
        let masked = match scalar {
            Scalar::String(text) => {
                self.hidden += u64::from(hides(text));
                let text = strip_invisible(text);
                let (_, removed) = never_stored(&text);
                self.note(removed.iter().map(|f| f.kind));
                if removed.is_empty() {
                    mask(leaf.class, &text)
                } else {
                    mask(Class::Internal, &text)
                }
            }
            Scalar::Number(text) | Scalar::Boolean(text) => mask(Class::Internal, text),
        };
        self.quote(&masked);
    }

    fn reveal(&mut self, leaf: &Leaf, scalar: &Scalar<'_>) {
        let text = match scalar {
            Scalar::Number(text) | Scalar::Boolean(text) => {
                self.out.extend_from_slice(text.as_bytes());
                return;
            }
            Scalar::String(text) => *text,
        };
        self.hidden += u64::from(hides(text));
        let (sealable, removed) = never_stored(text);
        self.note(removed.iter().map(|f| f.kind));
        let mut shown = if leaf.text {
            (self.text)(text)
        } else {
            sealable.into_string()
        };
        // What the caller's own redaction left of it does not leave either.
        if leaf.text && !removed.is_empty() {
            shown = never_stored(&shown).0.into_string();
        }
        self.quote(&strip_invisible(&shown));
    }

    fn note(&mut self, kinds: impl Iterator<Item = Kind>) {
        for kind in kinds {
            if !self.forbidden.contains(&kind) {
                self.forbidden.push(kind);
            }
        }
    }

    /// Appends a JSON string.
    fn quote(&mut self, text: &str) {
        self.out.push(b'"');
        for c in text.chars() {
            match c {
                '"' => self.out.extend_from_slice(b"\\\""),
                '\\' => self.out.extend_from_slice(b"\\\\"),
                '\n' => self.out.extend_from_slice(b"\\n"),
                '\r' => self.out.extend_from_slice(b"\\r"),
                '\t' => self.out.extend_from_slice(b"\\t"),
                c if c < ' ' => {
                    let escape = format!("\\u{:04x}", u32::from(c));
                    self.out.extend_from_slice(escape.as_bytes());
                }
                c => {
                    let mut buffer = [0; 4];
                    let bytes = c.encode_utf8(&mut buffer).as_bytes();
                    self.out.extend_from_slice(bytes);
                }
            }
        }
        self.out.push(b'"');
    }
}

fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

fn fits(shape: Shape, scalar: &Scalar<'_>) -> bool {
    match (shape, scalar) {
        (Shape::String, Scalar::String(_))
        | (Shape::Number, Scalar::Number(_))
        | (Shape::Boolean, Scalar::Boolean(_)) => true,
        (Shape::Integer, Scalar::Number(text)) => is_integer(text),
        _ => false,
    }
}
