//! Paths into an answer: `[].tid`, `profiles[].first_name`, `uid`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Deeper answers are refused.
const MAX_STEPS: usize = 16;

/// One step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The member of an object.
    Member(String),
    /// Every element of an array.
    Each,
}

/// A path into an answer, from its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

/// The path is not members of `A-Z a-z 0-9 _ -` separated by `.`, with `[]` for elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a path is members of A-Z a-z 0-9 _ - separated by `.`, with `[]` after a member or first for the elements of an array"
)]
pub struct BadPath;

impl FromStr for Path {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let mut steps = Vec::new();
        for (at, part) in text.split('.').enumerate() {
            let name = part.trim_end_matches("[]");
            let arrays = part.len().saturating_sub(name.len()) / 2;
            let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            if !name.bytes().all(fits) {
                return Err(BadPath);
            }
            if !name.is_empty() {
                steps.push(Step::Member(name.to_owned()));
            } else if at > 0 || arrays == 0 {
                return Err(BadPath);
            }
            steps.extend(std::iter::repeat_n(Step::Each, arrays));
            if steps.len() > MAX_STEPS {
                return Err(BadPath);
            }
        }
        Ok(Self(steps))
    }
}

impl Path {
    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether it goes through an array.
    pub fn in_array(&self) -> bool {
        self.0.contains(&Step::Each)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if at == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Each => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

/// The shape of an answer, made of its fields' paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Node {
    /// Nothing is known yet.
    #[default]
    Open,
    /// A field, by its place in the list of fields.
    Field(usize),
    /// An object.
    Object(BTreeMap<String, Self>),
    /// An array.
    Array(Box<Self>),
}

impl Node {
    /// Adds field number `field` at `steps`. The error says whether the very path was taken, or
    /// whether it wants a value to be of two kinds.
    pub(crate) fn insert(&mut self, steps: &[Step], field: usize) -> Result<(), Conflict> {
        let Some((step, rest)) = steps.split_first() else {
            return match self {
                Self::Open => {
                    *self = Self::Field(field);
                    Ok(())
                }
                Self::Field(_) => Err(Conflict::Same),
                Self::Object(_) | Self::Array(_) => Err(Conflict::Kind),
            };
        };
        if matches!(self, Self::Open) {
            *self = match step {
                Step::Member(_) => Self::Object(BTreeMap::new()),
                Step::Each => Self::Array(Box::default()),
            };
        }
        match (self, step) {
            (Self::Object(members), Step::Member(name)) => {
                members.entry(name.clone()).or_default().insert(rest, field)
            }
            (Self::Array(element), Step::Each) => element.insert(rest, field),
            (Self::Open | Self::Field(_) | Self::Object(_) | Self::Array(_), _) => {
                Err(Conflict::Kind)
            }
        }
    }
}

/// Why a path does not fit beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// It is declared already.
    Same,
    /// Another path has a value, an object or an array where this one has something else.
    Kind,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_read_and_print() {
        for text in ["uid", "[].tid", "a.b", "a[].b[].c", "[][]", "tags[]", "[]"] {
            let path: Path = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
        }
        let path: Path = "positions[].side".parse().unwrap();
        assert_eq!(path.steps().len(), 3);
        assert!(path.in_array());
    }

    #[test]
    fn bad_paths_are_refused() {
        for text in [
            "", ".", "a.", ".a", "a..b", "a.[]", "[]a", "a[0]", "a b", "a[", "é", "a[]b",
        ] {
            assert_eq!(text.parse::<Path>(), Err(BadPath), "{text}");
        }
        assert_eq!(["a"; 17].join(".").parse::<Path>(), Err(BadPath));
    }

    #[test]
    fn conflicting_paths_are_seen() {
        let mut node = Node::default();
        let mut add = |text: &str, i| node.insert(text.parse::<Path>().unwrap().steps(), i);
        assert_eq!(add("a.b", 0), Ok(()));
        assert_eq!(add("a.c", 1), Ok(()));
        assert_eq!(add("a.b", 2), Err(Conflict::Same));
        assert_eq!(add("a", 3), Err(Conflict::Kind));
        assert_eq!(add("a.b.c", 4), Err(Conflict::Kind));
        assert_eq!(add("a[].d", 5), Err(Conflict::Kind));
        assert_eq!(add("[].a", 6), Err(Conflict::Kind));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a.\\[\\]é-]{0,20}") {
            if let Ok(path) = text.parse::<Path>() {
                prop_assert_eq!(path.to_string(), text);
            }
        }
    }
}
