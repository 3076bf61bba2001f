//! Strict JSON: every body is read over once, byte by byte, before anything is parsed.
//!
//! Promises that a document which two parsers could read differently is refused: not UTF-8, a
//! name twice in one object (after unescaping), a number that is not finite, anything behind the
//! one value. Depth and length of numbers are bounded; the time is linear in the length, and
//! nothing recurses. What passes, `serde_json` reads too.
//! Leaves the size of the body to whoever reads it, and its meaning to the routes.

use crate::gateway::Malformed;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashSet;

/// Most arrays and objects inside each other.
pub const DEPTH_MAX: usize = 32;
/// Longest number, characters.
pub const NUMBER_MAX: usize = 64;

/// Why a body is not strict JSON. The sender's fault, each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStrict {
    /// It is not UTF-8.
    #[error("the body is not UTF-8")]
    Encoding,
    /// It is not JSON (RFC 8259).
    #[error("the body is not JSON")]
    Syntax,
    /// An object has a name twice.
    #[error("the body has a name twice in one object")]
    Duplicate,
    /// It is nested too deep.
    #[error("the body is nested too deep")]
    Depth,
    /// A number is too long, or too large for any parser.
    #[error("the body has a number that is too long or too large")]
    Number,
    /// Something follows the value.
    #[error("the body goes on behind its value")]
    Trailing,
}

/// Checks `bytes` and reads them as a `T`, which should refuse unknown members itself.
pub(super) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Malformed> {
    check(bytes).map_err(|why| {
        tracing::debug!(code = "not_strict", %why, "a body was refused");
        Malformed::Body
    })?;
    serde_json::from_slice(bytes).map_err(|_other_form| Malformed::Body)
}

/// Whether `bytes` are one strict JSON value.
pub fn check(bytes: &[u8]) -> Result<(), NotStrict> {
    let text = std::str::from_utf8(bytes).map_err(|_where| NotStrict::Encoding)?;
    let mut scanner = Scanner {
        text,
        at: 0,
        open: Vec::new(),
    };
    let mut next = Next::Value;
    loop {
        scanner.skip_space();
        if matches!(next, Next::Follow) && scanner.open.is_empty() {
            break;
        }
        next = match next {
            Next::Value => scanner.value()?,
            Next::ItemOrEnd => scanner.item_or_end()?,
            Next::Name => scanner.name()?,
            Next::NameOrEnd => scanner.name_or_end()?,
            Next::Follow => scanner.follow()?,
        };
    }
    if scanner.at == bytes.len() {
        Ok(())
    } else {
        Err(NotStrict::Trailing)
    }
}

/// What may come next.
enum Next {
    Value,
    /// After `[`.
    ItemOrEnd,
    /// After a comma in an object.
    Name,
    /// After `{`.
    NameOrEnd,
    /// After a value.
    Follow,
}

/// What is open, outermost first.
enum Open<'a> {
    Array,
    /// With the names so far. The set's hash is keyed at random, so names cannot be chosen to
    /// collide.
    Object(HashSet<Cow<'a, str>>),
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open<'a>>,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), NotStrict> {
        if self.take() == Some(wanted) {
            Ok(())
        } else {
            Err(NotStrict::Syntax)
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn enter(&mut self, open: Open<'a>) -> Result<(), NotStrict> {
        if self.open.len() >= DEPTH_MAX {
            return Err(NotStrict::Depth);
        }
        self.open.push(open);
        Ok(())
    }

    fn leave(&mut self) -> Next {
        self.open.pop();
        Next::Follow
    }

    fn value(&mut self) -> Result<Next, NotStrict> {
        match self.peek().ok_or(NotStrict::Syntax)? {
            b'{' => {
                self.at += 1;
                self.enter(Open::Object(HashSet::new()))?;
                return Ok(Next::NameOrEnd);
            }
            b'[' => {
                self.at += 1;
                self.enter(Open::Array)?;
                return Ok(Next::ItemOrEnd);
            }
            b'"' => {
                self.string()?;
            }
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => return Err(NotStrict::Syntax),
        }
        Ok(Next::Follow)
    }

    fn item_or_end(&mut self) -> Result<Next, NotStrict> {
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(self.leave());
        }
        self.value()
    }

    fn name_or_end(&mut self) -> Result<Next, NotStrict> {
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(self.leave());
        }
        self.name()
    }

    fn name(&mut self) -> Result<Next, NotStrict> {
        let name = self.string()?;
        let Some(Open::Object(names)) = self.open.last_mut() else {
            return Err(NotStrict::Syntax);
        };
        if !names.insert(name) {
            return Err(NotStrict::Duplicate);
        }
        self.skip_space();
        self.expect(b':')?;
        Ok(Next::Value)
    }

    fn follow(&mut self) -> Result<Next, NotStrict> {
        let byte = self.take();
        match (self.open.last(), byte) {
            (Some(Open::Array), Some(b',')) => Ok(Next::Value),
            (Some(Open::Object(_)), Some(b',')) => Ok(Next::Name),
            (Some(Open::Array), Some(b']')) | (Some(Open::Object(_)), Some(b'}')) => {
                Ok(self.leave())
            }
            _ => Err(NotStrict::Syntax),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), NotStrict> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(NotStrict::Syntax);
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NotStrict> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == from {
            return Err(NotStrict::Syntax);
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), NotStrict> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = self.text.get(from..self.at).unwrap_or_default();
        if number.len() > NUMBER_MAX || !number.parse().is_ok_and(f64::is_finite) {
            return Err(NotStrict::Number);
        }
        Ok(())
    }

    /// A string, unescaped; borrowed where it has no escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, NotStrict> {
        self.expect(b'"')?;
        let mut plain_from = self.at;
        let mut unescaped: Option<String> = None;
        loop {
            let plain = self.text.get(plain_from..self.at).unwrap_or_default();
            match self.take().ok_or(NotStrict::Syntax)? {
                b'"' => {
                    return Ok(match unescaped {
                        Some(text) => Cow::Owned(text + plain),
                        None => Cow::Borrowed(plain),
                    });
                }
                b'\\' => {
                    let text = unescaped.get_or_insert_default();
                    text.push_str(plain);
                    let escaped = self.escape()?;
                    unescaped.get_or_insert_default().push(escaped);
                    plain_from = self.at;
                }
                0..=0x1f => return Err(NotStrict::Syntax),
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<char, NotStrict> {
        Ok(match self.take().ok_or(NotStrict::Syntax)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err(NotStrict::Syntax),
        })
    }

    /// What follows `\u`: one unit, or a pair of surrogates. A lone one is refused.
    fn code_point(&mut self) -> Result<char, NotStrict> {
        let first = self.unit()?;
        let scalar = match first {
            0xd800..=0xdbff => {
                self.expect(b'\\')?;
                self.expect(b'u')?;
                let second = self.unit()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(NotStrict::Syntax);
                }
                0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            _ => first,
        };
        char::from_u32(scalar).ok_or(NotStrict::Syntax)
    }

    fn unit(&mut self) -> Result<u32, NotStrict> {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.take().ok_or(NotStrict::Syntax)?;
            let digit = char::from(byte).to_digit(16).ok_or(NotStrict::Syntax)?;
            unit = unit * 16 + digit;
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests;
