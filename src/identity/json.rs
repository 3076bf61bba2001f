//! Strict JSON for what strangers send: one object, no key twice, nothing after it.
//!
//! With a key given twice two parsers may see two different tokens (RFC 7519 §4); here nobody does.

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

const DEEPEST: u8 = 16;

/// The bytes are no object, hold a key twice, or nest deeper than 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one JSON object without repeated keys")]
pub(super) struct NotStrict;

/// `bytes` as one object.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, NotStrict> {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(DEEPEST)
        .deserialize(&mut from)
        .map_err(|_error| NotStrict)?;
    from.end().map_err(|_error| NotStrict)?;
    match value {
        Value::Object(map) => Ok(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(NotStrict)
        }
    }
}

/// A value with at most this many levels below it.
#[derive(Clone, Copy)]
struct Strict(u8);

impl Strict {
    fn below<E: de::Error>(self) -> Result<Self, E> {
        let left = self.0.checked_sub(1);
        left.map(Self).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated keys")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut all = Vec::new();
        while let Some(value) = from.next_element_seed(below)? {
            all.push(value);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut map = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            let value = from.next_value_seed(below)?;
            if map.insert(key, value).is_some() {
                return Err(de::Error::custom("a key twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_given_twice_are_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
        ] {
            assert_eq!(object(text.as_bytes()), Err(NotStrict), "{text}");
        }
    }

    #[test]
    fn only_one_shallow_object_passes() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(17), "}".repeat(17));
        for text in ["", "[]", "1", "null", r#"{"a":1} {}"#, r#"{"a":1,}"#, &deep] {
            assert_eq!(object(text.as_bytes()), Err(NotStrict), "{text}");
        }
        assert_eq!(object(b"{\"a\":\xff}"), Err(NotStrict));
        assert!(object(br#" {"a":{"a":[1,-2,0.5,"x",null,true]}} "#).is_ok());
    }
}
