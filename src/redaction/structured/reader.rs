//! JSON bytes, one token at a time, strict.
//!
//! RFC 8259 without leniency: no trailing bytes, no duplicate keys (the walk above checks those),
//! nesting bounded, lone surrogates refused, no byte order mark. Nothing is copied but strings
//! that hold escapes.

use super::super::plan::DEEPEST;
use super::Withheld;
use std::borrow::Cow;

/// What a value begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// A position in a JSON text.
#[derive(Debug)]
pub(super) struct Reader<'j> {
    text: &'j str,
    at: usize,
    depth: usize,
}

impl<'j> Reader<'j> {
    pub(super) fn new(bytes: &'j [u8]) -> Result<Self, Withheld> {
        let text = std::str::from_utf8(bytes).map_err(|_where| Withheld::NotUtf8)?;
        Ok(Self {
            text,
            at: 0,
            depth: 0,
        })
    }

    /// A text inside a string that was read at `depth`: its nesting counts on.
    pub(super) fn within(text: &'j str, depth: usize) -> Self {
        Self { text, at: 0, depth }
    }

    /// How deep it is.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// What comes next.
    pub(super) fn start(&mut self) -> Result<Start, Withheld> {
        self.space();
        match self.byte() {
            Some(b'{') => Ok(Start::Object),
            Some(b'[') => Ok(Start::Array),
            Some(b'"') => Ok(Start::String),
            Some(b'-' | b'0'..=b'9') => Ok(Start::Number),
            Some(b't' | b'f') => Ok(Start::Boolean),
            Some(b'n') => Ok(Start::Null),
            _ => Err(Withheld::NotJson),
        }
    }

    /// The opening bracket of an object or array.
    pub(super) fn open(&mut self) -> Result<(), Withheld> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Withheld::TooDeep);
        }
        Ok(())
    }

    /// Whether another element follows; consumes the comma before it or the closing bracket.
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, Withheld> {
        self.space();
        match self.byte() {
            Some(b) if b == close => {
                self.at += 1;
                self.depth = self.depth.saturating_sub(1);
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                self.space();
                // A trailing comma.
                if self.byte() == Some(close) {
                    return Err(Withheld::NotJson);
                }
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => Err(Withheld::NotJson),
        }
    }

    /// A member's name and its colon.
    pub(super) fn name(&mut self) -> Result<Cow<'j, str>, Withheld> {
        self.space();
        let name = self.string()?;
        self.space();
        if self.byte() != Some(b':') {
            return Err(Withheld::NotJson);
        }
        self.at += 1;
        Ok(name)
    }

    /// A string, its escapes resolved.
    pub(super) fn string(&mut self) -> Result<Cow<'j, str>, Withheld> {
        let start = self.at;
        if self.byte() != Some(b'"') {
            return Err(Withheld::NotJson);
        }
        let (mut escaped, mut ended) = (false, false);
        self.at += 1;
        while let Some(byte) = self.byte() {
            self.at += 1;
            match byte {
                b'"' => {
                    ended = true;
                    break;
                }
                b'\\' => {
                    escaped = true;
                    self.at += 1;
                }
                0..=0x1f => return Err(Withheld::NotJson),
                _ => {}
            }
        }
        if !ended {
            return Err(Withheld::NotJson);
        }
        if escaped {
            let quoted = self.text.get(start..self.at).ok_or(Withheld::NotJson)?;
            return serde_json::from_str(quoted)
                .map(Cow::Owned)
                .map_err(|_content| Withheld::NotJson);
        }
        self.text
            .get(start + 1..self.at - 1)
            .map(Cow::Borrowed)
            .ok_or(Withheld::NotJson)
    }

    /// A number as it is written.
    pub(super) fn number(&mut self) -> Result<&'j str, Withheld> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(Withheld::NotJson)
    }

    fn digits(&mut self) -> Result<(), Withheld> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(Withheld::NotJson);
        }
        Ok(())
    }

    /// `true`, `false` or `null` as it is written.
    pub(super) fn literal(&mut self) -> Result<&'j str, Withheld> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word = ["true", "false", "null"]
            .into_iter()
            .find(|w| rest.starts_with(w))
            .ok_or(Withheld::NotJson)?;
        let start = self.at;
        self.at += word.len();
        self.text.get(start..self.at).ok_or(Withheld::NotJson)
    }

    /// Nothing but white space may be left.
    pub(super) fn end(&mut self) -> Result<(), Withheld> {
        self.space();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(Withheld::TrailingBytes)
        }
    }
}
