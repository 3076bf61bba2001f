//! The plain JSON of a bundle (README §6): strings and objects of strings, read strictly.
//!
//! [`check`] is for bodies, which may hold any JSON.
//!
//! A general JSON reader would keep the last of two members of one name, or round a number; here
//! either is an error, as is everything the bundle's files have no use for.

mod value;

use std::collections::BTreeMap;

use thiserror::Error;

pub(crate) use self::value::check;
use crate::calendar::parse_time;
use crate::grammar::{dec, hex_array};

/// Objects in objects: the manifest needs three.
const DEPTH_MAX: u32 = 8;

/// Why JSON is refused. Names the members of the format, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// Not JSON of strings and objects.
    #[error("not JSON as the format has it: objects and strings (near byte {0})")]
    Syntax(usize),
    /// One name twice in one object.
    #[error("a name occurs twice in one object (near byte {0})")]
    Twice(usize),
    /// A required member is not there.
    #[error("`{0}` is not there")]
    Missing(&'static str),
    /// A member breaks its grammar.
    #[error("`{0}` is not as the format says")]
    Member(&'static str),
    /// A member that the format does not know.
    #[error("there is a member that the format does not know")]
    Unknown,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Text(String),
    Object(BTreeMap<String, Self>),
}

/// Reads one object.
pub(crate) fn parse(bytes: &[u8]) -> Result<Fields, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|e| JsonError::Syntax(e.valid_up_to()))?;
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let object = reader.object(0)?;
    reader.space();
    if reader.at == text.len() {
        Ok(Fields(object))
    } else {
        Err(reader.syntax())
    }
}

/// Writes a string with its quotes and escapes.
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An object's members not yet taken. [`Fields::finish`] refuses what is left.
pub(crate) struct Fields(BTreeMap<String, Json>);

impl Fields {
    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, JsonError> {
        match self.0.remove(name) {
            Some(Json::Text(text)) => Ok(text),
            Some(Json::Object(_)) => Err(JsonError::Member(name)),
            None => Err(JsonError::Missing(name)),
        }
    }

    pub(crate) fn object(&mut self, name: &'static str) -> Result<Self, JsonError> {
        match self.0.remove(name) {
            Some(Json::Object(object)) => Ok(Self(object)),
            Some(Json::Text(_)) => Err(JsonError::Member(name)),
            None => Err(JsonError::Missing(name)),
        }
    }

    pub(crate) fn dec(&mut self, name: &'static str) -> Result<u64, JsonError> {
        dec(&self.text(name)?).ok_or(JsonError::Member(name))
    }

    pub(crate) fn hex<const N: usize>(&mut self, name: &'static str) -> Result<[u8; N], JsonError> {
        hex_array(&self.text(name)?).ok_or(JsonError::Member(name))
    }

    pub(crate) fn time(&mut self, name: &'static str) -> Result<i64, JsonError> {
        parse_time(&self.text(name)?).ok_or(JsonError::Member(name))
    }

    /// The members as pairs, for an object whose names are data.
    pub(crate) fn into_objects(self, name: &'static str) -> Result<Vec<(String, Self)>, JsonError> {
        let each = self.0.into_iter().map(|(key, value)| match value {
            Json::Object(object) => Ok((key, Self(object))),
            Json::Text(_) => Err(JsonError::Member(name)),
        });
        each.collect()
    }

    pub(crate) fn finish(self) -> Result<(), JsonError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(JsonError::Unknown)
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn syntax(&self) -> JsonError {
        JsonError::Syntax(self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn space(&mut self) {
        while self
            .peek()
            .is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
        {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: u32) -> Result<Json, JsonError> {
        if self.peek() == Some(b'{') {
            self.object(depth + 1).map(Json::Object)
        } else {
            self.string().map(Json::Text)
        }
    }

    fn object(&mut self, depth: u32) -> Result<BTreeMap<String, Json>, JsonError> {
        if depth > DEPTH_MAX {
            return Err(self.syntax());
        }
        let mut members = BTreeMap::new();
        self.expect(b'{')?;
        self.space();
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
            let value = self.value(depth)?;
            if members.insert(name, value).is_some() {
                return Err(JsonError::Twice(self.at));
            }
            self.space();
            if !self.take(b',') {
                break;
            }
        }
        self.expect(b'}')?;
        Ok(members)
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let mut out = String::new();
        self.chars(|c| out.push(c))?;
        Ok(out)
    }

    /// Reads a string, character by character.
    fn chars(&mut self, mut take: impl FnMut(char)) -> Result<(), JsonError> {
        self.expect(b'"')?;
        loop {
            let rest = self.text.get(self.at..).ok_or(self.syntax())?;
            let c = rest.chars().next().ok_or(self.syntax())?;
            if u32::from(c) < 0x20 {
                return Err(self.syntax());
            }
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(()),
                '\\' => take(self.escape()?),
                c => take(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let byte = self.peek().ok_or(self.syntax())?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.syntax()),
        })
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.four()?;
        let units = match first {
            0xd800..=0xdbff => {
                self.expect(b'\\')?;
                self.expect(b'u')?;
                vec![first, self.four()?]
            }
            _ => vec![first],
        };
        let mut chars = char::decode_utf16(units);
        match (chars.next(), chars.next()) {
            (Some(Ok(c)), None) => Ok(c),
            _ => Err(self.syntax()),
        }
    }

    fn four(&mut self) -> Result<u16, JsonError> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(self.syntax())?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(self.syntax());
        }
        let unit = u16::from_str_radix(digits, 16).map_err(|_digits| self.syntax())?;
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_objects_and_nothing_else() {
        let mut good =
            parse(" {\"a\" : \"\\u00e9\\ud83d\\ude00\\n\u{e9}\", \"b\":{}}\r\n".as_bytes())
                .unwrap();
        assert_eq!(good.text("a").unwrap(), "\u{e9}\u{1f600}\n\u{e9}");
        good.object("b").unwrap().finish().unwrap();
        good.finish().unwrap();
        for bad in [
            "",
            "\"a\"",
            "{",
            "{}x",
            "\u{feff}{}",
            "{\"a\":1}",
            "{\"a\":null}",
            "{\"a\":[]}",
            "{\"a\":true}",
            "{\"a\":\"x\",}",
            "{\"a\":\"\t\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00\"}",
            "{\"a\":\"\\ud800\\u0041\"}",
            "{\"a\":\"\\u+041\"}",
            "{'a':'b'}",
            "{\"a\":\"x\"//\n}",
        ] {
            assert!(
                matches!(parse(bad.as_bytes()), Err(JsonError::Syntax(_))),
                "{bad}"
            );
        }
        assert!(matches!(
            parse(b"{\"a\":\"\xff\"}"),
            Err(JsonError::Syntax(6))
        ));
        let twice = parse(b"{\"a\":\"x\",\"\\u0061\":\"y\"}");
        assert!(matches!(twice, Err(JsonError::Twice(_))));
        let deep = "{\"a\":".repeat(100_000);
        assert!(matches!(parse(deep.as_bytes()), Err(JsonError::Syntax(_))));
    }
}
