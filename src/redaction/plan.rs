//! An operation's declared fields and a policy's treatments, compiled to an automaton over paths.
//!
//! One state for every prefix of a declared path. What leads to no state does not leave (I2): the
//! automaton knows only what is allowed, so there is nothing an upstream could add to get past it.
//! A plan is immutable and cheap to share; it is meant to be kept per operation and treatments.

use crate::catalog::{Class, Field, Mask, Ownership, Shape};
use crate::policy::{Treatment, Treatments};
use std::collections::HashMap;
use std::sync::Arc;

/// Keeps only those elements of an array whose value at `path` is in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The path of the value, such as `[].currency`; its last `[]` is the array whose elements
    /// are kept or dropped. Without one, the whole answer is.
    pub path: String,
    /// The values kept, as strings.
    pub one_of: Vec<String>,
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'p> {
    Member(&'p str),
    Elements,
}

/// A declared field with what the policy lets happen to it.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) path: Arc<str>,
    pub(crate) class: Class,
    pub(crate) shape: Shape,
    pub(crate) text: bool,
    pub(crate) mask: Option<Mask>,
    pub(crate) treatment: Treatment,
}

impl Leaf {
    /// Whether anything of it leaves. `compare` does not: it answers elsewhere, with yes or no.
    pub(crate) fn shows(&self) -> bool {
        match self.treatment {
            Treatment::Mask | Treatment::Reveal => true,
            Treatment::Drop | Treatment::Compare => false,
        }
    }
}

/// One state.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks on one state, each set by one clause of the declaration"
)]
pub(crate) struct Node {
    members: HashMap<Box<str>, usize>,
    elements: Option<usize>,
    /// The field that ends here.
    pub(crate) leaf: Option<usize>,
    /// Something below, in an object, may leave.
    pub(crate) object_shows: bool,
    /// Something below, in an array, may leave.
    pub(crate) array_shows: bool,
    /// The owner's id ends here.
    pub(crate) owner: bool,
    /// The member or the elements that lead to it.
    pub(crate) owner_member: Option<Box<str>>,
    pub(crate) owner_elements: bool,
    /// The filter's value ends here.
    pub(crate) filter: bool,
    /// The elements of this array are filtered.
    pub(crate) filtered: bool,
    /// Ids to be listed end here.
    pub(crate) listed: bool,
    /// A string here holds JSON, and what is declared below is in it.
    pub(crate) json: bool,
}

impl Node {
    pub(crate) fn member(&self, name: &str) -> Option<usize> {
        self.members.get(name).copied()
    }

    pub(crate) fn has_members(&self) -> bool {
        !self.members.is_empty()
    }

    pub(crate) fn elements(&self) -> Option<usize> {
        self.elements
    }
}

/// How the answer must prove whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Not by the answer.
    Elsewhere,
    /// By a path, marked in the automaton.
    Path,
    /// By a path that cannot be read: nothing passes.
    Impossible,
}

/// A compiled allow-list. The root is state 0.
#[derive(Debug, Clone)]
pub struct Plan {
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
    pub(crate) proof: Proof,
    pub(crate) one_of: Vec<String>,
    /// A filter without `[]`: the whole answer stands or falls with it.
    pub(crate) whole: bool,
}

impl Plan {
    /// Compiles. A field whose path cannot be read never matches; an ownership path that cannot
    /// be read withholds every answer, and a filter's lets no element pass.
    pub fn compile(
        fields: &[Field],
        treatments: Treatments,
        ownership: &Ownership,
        filter: Option<Filter>,
    ) -> Self {
        let mut plan = Self {
            nodes: vec![Node::default()],
            leaves: Vec::with_capacity(fields.len()),
            proof: Proof::Elsewhere,
            one_of: Vec::new(),
            whole: false,
        };
        for field in fields {
            plan.declare(field, treatments.of(field.class));
        }
        if let Ownership::Checked { path } = ownership {
            plan.proof = plan.own(path);
        }
        if let Some(filter) = filter {
            plan.keep(&filter.path);
            plan.one_of = filter.one_of;
        }
        plan.light(0);
        plan
    }

    /// The same plan, also listing the values at `path` for another operation's proof of
    /// ownership ([`super::Projected::ids`]). A path that cannot be read lists nothing.
    #[must_use]
    pub fn listing(mut self, path: &str) -> Self {
        if let Some(end) = steps(path).and_then(|steps| self.walk(&steps))
            && let Some(node) = self.nodes.get_mut(end)
        {
            node.listed = true;
        }
        self
    }

    /// The same plan for answers that hold JSON in the strings at these paths. A path that cannot
    /// be read is passed over: its string does not leave.
    #[must_use]
    pub fn unfolding(mut self, paths: &[String]) -> Self {
        for path in paths {
            if let Some(end) = steps(path).and_then(|steps| self.walk(&steps))
                && let Some(node) = self.nodes.get_mut(end)
            {
                node.json = true;
            }
        }
        self
    }

    /// The leaf at a declared path.
    pub(crate) fn leaf_at(&self, path: &str) -> Option<usize> {
        self.leaves.iter().position(|leaf| &*leaf.path == path)
    }

    pub(crate) fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    pub(crate) fn leaf(&self, at: usize) -> Option<&Leaf> {
        self.leaves.get(at)
    }

    pub(crate) fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    fn declare(&mut self, field: &Field, treatment: Treatment) {
        let Some(end) = steps(&field.path).and_then(|steps| self.walk(&steps)) else {
            return;
        };
        let Some(node) = self.nodes.get_mut(end) else {
            return;
        };
        let leaf = Leaf {
            path: field.path.as_str().into(),
            class: field.class,
            shape: field.shape,
            text: field.text,
            mask: field.mask,
            treatment,
        };
        // Declared twice: the stricter stands, so that no order of lines opens a field.
        if let Some(first) = node.leaf.and_then(|at| self.leaves.get_mut(at)) {
            if leaf.treatment < first.treatment {
                *first = leaf;
            }
            return;
        }
        node.leaf = Some(self.leaves.len());
        self.leaves.push(leaf);
    }

    fn own(&mut self, path: &str) -> Proof {
        let Some(steps) = steps(path).filter(|s| !s.is_empty()) else {
            return Proof::Impossible;
        };
        for (upto, step) in steps.iter().enumerate() {
            let at = steps.get(..upto).and_then(|s| self.walk(s));
            let Some(node) = at.and_then(|at| self.nodes.get_mut(at)) else {
                return Proof::Impossible;
            };
            match step {
                Step::Member(name) => node.owner_member = Some((*name).into()),
                Step::Elements => node.owner_elements = true,
            }
        }
        match self.walk(&steps).and_then(|at| self.nodes.get_mut(at)) {
            Some(node) => {
                node.owner = true;
                Proof::Path
            }
            None => Proof::Impossible,
        }
    }

    fn keep(&mut self, path: &str) {
        let steps = steps(path);
        let array = steps
            .as_ref()
            .and_then(|s| s.iter().rposition(|step| *step == Step::Elements));
        // An unreadable path has no array either: the whole answer is dropped.
        let Some((steps, array)) = steps.as_ref().zip(array) else {
            self.whole = true;
            if let Some(node) = steps
                .and_then(|s| self.walk(&s))
                .and_then(|at| self.nodes.get_mut(at))
            {
                node.filter = true;
            }
            return;
        };
        let at = steps.get(..array).and_then(|s| self.walk(s));
        if let Some(node) = at.and_then(|at| self.nodes.get_mut(at)) {
            node.filtered = true;
        }
        if let Some(node) = self.walk(steps).and_then(|at| self.nodes.get_mut(at)) {
            node.filter = true;
        }
    }

    /// The state at the end of `steps`, made if need be.
    fn walk(&mut self, steps: &[Step<'_>]) -> Option<usize> {
        let mut at = 0;
        for step in steps {
            let fresh = self.nodes.len();
            let node = self.nodes.get_mut(at)?;
            at = match step {
                Step::Member(name) => *node.members.entry((*name).into()).or_insert(fresh),
                Step::Elements => *node.elements.get_or_insert(fresh),
            };
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        Some(at)
    }

    /// Marks the states below which something may leave; says whether `at` is one.
    fn light(&mut self, at: usize) -> bool {
        let Some(node) = self.nodes.get(at) else {
            return false;
        };
        let (members, elements) = (
            node.members.values().copied().collect::<Vec<_>>(),
            node.elements,
        );
        let leaf = node
            .leaf
            .and_then(|l| self.leaves.get(l))
            .is_some_and(Leaf::shows);
        let mut object = false;
        for member in members {
            object |= self.light(member);
        }
        let array = elements.is_some_and(|e| self.light(e));
        if let Some(node) = self.nodes.get_mut(at) {
            node.object_shows = object;
            node.array_shows = array;
        }
        leaf || object || array
    }
}

/// Deeper than this no answer is read, so no path is either; it bounds the compiler's recursion.
pub(crate) const DEEPEST: usize = 32;

/// `orders[].price` as steps; `None` if it is not well formed.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut out = Vec::new();
    if path.is_empty() {
        return Some(out);
    }
    for (at, part) in path.split('.').enumerate() {
        let name = part.trim_end_matches("[]");
        if name.contains(['[', ']']) || (name.is_empty() && (at > 0 || part.is_empty())) {
            return None;
        }
        if !name.is_empty() {
            out.push(Step::Member(name));
        }
        out.extend((0..(part.len() - name.len()) / 2).map(|_| Step::Elements));
    }
    (out.len() <= DEEPEST).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{Step, steps};

    #[test]
    fn paths_are_read() {
        assert_eq!(
            steps("a.b[][].c"),
            Some(vec![
                Step::Member("a"),
                Step::Member("b"),
                Step::Elements,
                Step::Elements,
                Step::Member("c")
            ])
        );
        assert_eq!(
            steps("[].tid"),
            Some(vec![Step::Elements, Step::Member("tid")])
        );
        assert_eq!(steps("[]"), Some(vec![Step::Elements]));
        assert_eq!(steps(""), Some(vec![]));
        for bad in [".", "a.", ".a", "a..b", "a[0]", "a[", "[]a", "a.[]", "a[]b"] {
            assert_eq!(steps(bad), None, "{bad}");
        }
    }
}
