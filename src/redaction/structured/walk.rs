//! The walk itself: JSON tokens on one side, the plan's states on the other.

use super::super::compare::Expected;
use super::super::plan::{Leaf, Node, Plan, Proof};
use super::Withheld;
use super::reader::{Reader, Start};
use crate::catalog::Shape;
use crate::policy::Treatment;
use std::borrow::Cow;
use std::collections::HashSet;
use tidewaiter_redaction::Kind;

/// An expectation, and the leaf it is about.
pub(super) type Asked<'a> = (Option<usize>, &'a Expected);

/// One walk over one answer.
pub(super) struct Walk<'a, 'j> {
    plan: &'a Plan,
    reader: Reader<'j>,
    uid: Option<&'a str>,
    asked: &'a [Asked<'a>],
    pub(super) text: &'a mut dyn FnMut(&str) -> String,
    pub(super) out: Vec<u8>,
    /// The leaves met, by index; cut back when a filtered element is dropped.
    pub(super) log: Vec<usize>,
    pub(super) ids: Vec<String>,
    /// What each value that was asked about said, by expectation; cut back like the log.
    pub(super) found: Vec<(usize, Option<bool>)>,
    pub(super) dropped: u64,
    pub(super) forbidden: Vec<Kind>,
    pub(super) hidden: u64,
    pub(super) owned: bool,
    /// For every open filtered element whether its value was in the list; the first for the whole.
    pub(super) kept: Vec<bool>,
}

/// A scalar as it was read.
pub(super) enum Scalar<'j> {
    String(&'j str),
    Number(&'j str),
    Boolean(&'j str),
}

impl<'a, 'j> Walk<'a, 'j> {
    pub(super) fn new(
        plan: &'a Plan,
        input: &'j [u8],
        uid: Option<&'a str>,
        asked: &'a [Asked<'a>],
        text: &'a mut dyn FnMut(&str) -> String,
    ) -> Result<Self, Withheld> {
        Ok(Self {
            plan,
            reader: Reader::new(input)?,
            uid,
            asked,
            text,
            out: Vec::with_capacity(input.len().min(1 << 16)),
            log: Vec::new(),
            ids: Vec::new(),
            found: Vec::new(),
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
            // What is declared inside a string is not looked for outside of one.
            Start::Object | Start::Array if node.is_some_and(|n| n.json) => {
                self.misplaced(node);
                self.value(None, false)
            }
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
                if let (Some(at), true) = (at, node.is_some_and(|n| n.json)) {
                    return Ok(self.unfold(at, &string));
                }
                Ok(self.scalar(node, &Scalar::String(&string)))
            }
        }
    }

    /// Something else stands where a string with JSON in it was declared.
    fn misplaced(&mut self, node: Option<&Node>) {
        self.dropped += 1;
        if node.is_some_and(|n| n.owner || n.owner_member.is_some() || n.owner_elements) {
            self.owned = false;
        }
    }

    /// Walks the JSON that a string holds, in the string's place. One that holds none is dropped.
    fn unfold(&mut self, at: usize, text: &str) -> bool {
        let node = self.plan.node(at);
        let marks = (self.out.len(), self.log.len(), self.ids.len());
        let (found, filters) = (self.found.len(), self.kept.len());
        let mut inside = Walk {
            plan: self.plan,
            reader: Reader::within(text, self.reader.depth()),
            uid: self.uid,
            asked: self.asked,
            text: &mut *self.text,
            out: std::mem::take(&mut self.out),
            log: std::mem::take(&mut self.log),
            ids: std::mem::take(&mut self.ids),
            found: std::mem::take(&mut self.found),
            dropped: self.dropped,
            hidden: self.hidden,
            forbidden: std::mem::take(&mut self.forbidden),
            owned: self.owned,
            kept: std::mem::take(&mut self.kept),
        };
        let wrote = inside.held(node);
        let Walk {
            out,
            log,
            ids,
            forbidden,
            kept,
            ..
        } = inside;
        (self.dropped, self.owned, self.found) = (inside.dropped, inside.owned, inside.found);
        self.hidden = inside.hidden;
        (self.out, self.log, self.ids, self.forbidden, self.kept) =
            (out, log, ids, forbidden, kept);
        wrote.unwrap_or_else(|_no_json| {
            self.out.truncate(marks.0);
            self.log.truncate(marks.1);
            self.ids.truncate(marks.2);
            self.found.truncate(found);
            self.kept.truncate(filters);
            self.misplaced(node);
            false
        })
    }

    /// The one object or array that a string holds.
    fn held(&mut self, node: Option<&Node>) -> Result<bool, Withheld> {
        let wrote = match self.reader.start()? {
            Start::Object => self.object(node)?,
            Start::Array => self.array(node, false)?,
            Start::String | Start::Number | Start::Boolean | Start::Null => {
                return Err(Withheld::NotJson);
            }
        };
        self.reader.end()?;
        Ok(wrote)
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
        self.cannot_tell(node);
        let mut names = Names::default();
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
            if !names.is_new(name) {
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
        self.cannot_tell(node);
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
            let found = self.found.len();
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
                self.found.truncate(found);
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

    /// Something stands at a leaf that is no value of it.
    fn cannot_tell(&mut self, node: Option<&Node>) {
        let Some(leaf) = node.and_then(|n| n.leaf) else {
            return;
        };
        for (number, (about, _expected)) in self.asked.iter().enumerate() {
            if *about == Some(leaf) {
                self.found.push((number, None));
            }
        }
    }

    fn null(&mut self, node: Option<&Node>) -> bool {
        let Some(node) = node else {
            return false;
        };
        if node.owner || node.owner_member.is_some() || node.owner_elements {
            self.owned = false;
        }
        self.log.extend(node.leaf);
        self.cannot_tell(Some(node));
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
            self.cannot_tell(Some(node));
            return false;
        };
        self.log.push(at);
        for (number, (about, expected)) in self.asked.iter().enumerate() {
            if *about == Some(at) {
                self.found.push((number, expected.is(leaf, text)));
            }
        }
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
}

/// The names of one object so far.
#[derive(Default)]
struct Names<'j> {
    few: Vec<Cow<'j, str>>,
    many: HashSet<Cow<'j, str>>,
}

impl<'j> Names<'j> {
    /// Up to here a list is faster than a table; beyond, an upstream could make it slow.
    const FEW: usize = 16;

    fn is_new(&mut self, name: Cow<'j, str>) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
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
