//! What an HMAC is computed over: literal text and parts of the request, in order.
//!
//! `{timestamp}{method}{target}{body}` and the like. Between braces stands a part's name; all
//! else, line feeds too, is taken as it is.

use serde::{Deserialize, Deserializer};

/// A part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Piece {
    /// The time, as it is sent.
    Timestamp,
    /// The number used once, as it is sent.
    Nonce,
    /// The API key, as it is sent.
    Key,
    /// `GET`, `POST`…
    Method,
    /// The path with the base path, percent-encoded, without the query.
    Path,
    /// The query without `?`, as it is sent, without the signature; empty if there is none.
    Query,
    /// Path, and `?` and query if there is one.
    Target,
    /// The body's bytes; none if there is no body.
    Body,
    /// SHA-256 of the body in lower-case hexadecimal.
    BodySha256,
}

impl Piece {
    const ALL: [(&str, Self); 9] = [
        ("timestamp", Self::Timestamp),
        ("nonce", Self::Nonce),
        ("key", Self::Key),
        ("method", Self::Method),
        ("path", Self::Path),
        ("query", Self::Query),
        ("target", Self::Target),
        ("body", Self::Body),
        ("body_sha256", Self::BodySha256),
    ];
}

/// One step of the string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// This text.
    Text(String),
    /// This part of the request.
    Of(Piece),
}

/// The string to be signed, as a sequence of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical(Vec<Part>);

/// It is not what it should be; whoever wrote it can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "string is text with {{timestamp}}, {{nonce}}, {{key}}, {{method}}, {{path}}, {{query}}, \
     {{target}}, {{body}} and {{body_sha256}} in it"
)]
pub struct NotCanonical;

const LONGEST: usize = 1_024;

impl Canonical {
    /// Its parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Whether a part of the request is in it.
    pub fn has(&self, piece: Piece) -> bool {
        self.0.contains(&Part::Of(piece))
    }
}

impl std::str::FromStr for Canonical {
    type Err = NotCanonical;

    fn from_str(text: &str) -> Result<Self, NotCanonical> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(NotCanonical)?;
            let known = Piece::ALL.iter().find(|(known, _)| *known == name);
            let (_, piece) = known.ok_or(NotCanonical)?;
            parts.extend(literal(before)?);
            parts.push(Part::Of(*piece));
            rest = after;
        }
        parts.extend(literal(rest)?);
        if text.len() > LONGEST {
            return Err(NotCanonical);
        }
        Ok(Self(parts))
    }
}

fn literal(text: &str) -> Result<Option<Part>, NotCanonical> {
    if text.contains('}') {
        return Err(NotCanonical);
    }
    Ok((!text.is_empty()).then(|| Part::Text(text.to_owned())))
}

impl<'de> Deserialize<'de> for Canonical {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_and_parts_stand_in_order() {
        let string: Canonical = "v1:{timestamp}\n{method}{target}".parse().unwrap();
        assert_eq!(
            string.parts(),
            [
                Part::Text("v1:".to_owned()),
                Part::Of(Piece::Timestamp),
                Part::Text("\n".to_owned()),
                Part::Of(Piece::Method),
                Part::Of(Piece::Target),
            ]
        );
        assert!(string.has(Piece::Target) && !string.has(Piece::Body));
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in [
            "{", "}", "{}", "{time}", "{body", "a}b", "{{body}}", "{Body}",
        ] {
            assert_eq!(text.parse::<Canonical>(), Err(NotCanonical), "{text}");
        }
        assert_eq!("x".repeat(1_025).parse::<Canonical>(), Err(NotCanonical));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_of_the_text_is_lost(text in "[a-z{}: \n_]{0,40}") {
            if let Ok(string) = text.parse::<Canonical>() {
                let again: String = string.parts().iter().map(|part| match part {
                    Part::Text(text) => text.clone(),
                    Part::Of(piece) => {
                        let named = Piece::ALL.iter().find(|(_, one)| one == piece);
                        format!("{{{}}}", named.unwrap().0)
                    }
                }).collect();
                prop_assert_eq!(again, text);
            }
        }
    }
}
