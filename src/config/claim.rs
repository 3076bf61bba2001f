//! Where a claim stands in a token: a name, or a way through nested objects.

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

const DEEPEST: usize = 6;
const LONGEST: usize = 128;

/// A claim by its place: `uid`, `realm_access.roles`, or `["app.example/roles"]` for a name with a
/// dot in it. A text with `://` in it is one name, as namespaced claims are URLs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimPath(Vec<String>);

impl ClaimPath {
    /// The claim that `text` names.
    pub fn new(text: &str) -> Self {
        if text.contains("://") {
            return Self(vec![text.to_owned()]);
        }
        Self(text.split('.').map(str::to_owned).collect())
    }

    /// The names on the way, outermost first.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether it has 1 to 6 names of 1 to 128 printable ASCII characters without a space.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |name: &String| {
            (1..=LONGEST).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
        };
        (1..=DEEPEST).contains(&self.0.len()) && self.0.iter().all(sound)
    }
}

impl<'de> Deserialize<'de> for ClaimPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Named)
    }
}

struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = ClaimPath;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim's name, a path with dots, or an array of names")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ClaimPath, E> {
        Ok(ClaimPath::new(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<ClaimPath, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = from.next_element()? {
            names.push(name);
        }
        Ok(ClaimPath(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct One {
        at: ClaimPath,
    }

    fn names(toml: &str) -> Vec<String> {
        toml::from_str::<One>(toml).unwrap().at.0
    }

    #[test]
    fn a_claim_has_one_place() {
        assert_eq!(names(r#"at = "uid""#), ["uid"]);
        assert_eq!(
            names(r#"at = "realm_access.roles""#),
            ["realm_access", "roles"]
        );
        assert_eq!(
            names(r#"at = "https://x.example/roles""#),
            ["https://x.example/roles"]
        );
        assert_eq!(names(r#"at = ["a.b", "c"]"#), ["a.b", "c"]);
        assert!(toml::from_str::<One>("at = 7").is_err());
    }

    #[test]
    fn what_is_no_claim_is_unsound() {
        assert!(ClaimPath::new("a.b.c.d.e.f").is_sound());
        for text in ["", ".", "a..b", "a b", "ü", "a.b.c.d.e.f.g", "a\n"] {
            assert!(!ClaimPath::new(text).is_sound(), "{text:?}");
        }
        assert!(!ClaimPath::new(&"x".repeat(129)).is_sound());
        assert!(!ClaimPath(Vec::new()).is_sound());
    }
}
