//! Any JSON (RFC 8259), as a body holds it: checked, not kept.
//!
//! A reader that keeps the last of two members of one name would show another body than one that
//! keeps the first, so a name stands once. No string of a body is copied but its names.

use std::collections::BTreeSet;

use super::{JsonError, Reader};

/// Arrays and objects within one another (README §3).
const NESTED_MAX: usize = 512;

/// What has begun and not ended.
enum Level {
    Array,
    /// The names so far.
    Object(BTreeSet<String>),
}

/// Exactly one value in UTF-8, no name twice in one object, no lone surrogate. Gives the text.
pub(crate) fn check(bytes: &[u8]) -> Result<&str, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|e| JsonError::Syntax(e.valid_up_to()))?;
    let mut reader = Reader { text, at: 0 };
    reader.any()?;
    reader.space();
    if reader.at == text.len() {
        Ok(text)
    } else {
        Err(reader.syntax())
    }
}

impl Level {
    const fn end(&self) -> u8 {
        match self {
            Self::Array => b']',
            Self::Object(_) => b'}',
        }
    }

    /// Reads the name before a value, where there is one.
    fn name(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        let Self::Object(names) = self else {
            return Ok(());
        };
        reader.space();
        if !names.insert(reader.string()?) {
            return Err(JsonError::Twice(reader.at));
        }
        reader.space();
        reader.expect(b':')
    }
}

impl Reader<'_> {
    /// One value. What is open lies in a list, so that depth costs no stack.
    fn any(&mut self) -> Result<(), JsonError> {
        let mut open: Vec<Level> = Vec::new();
        loop {
            self.space();
            if let Some(mut level) = self.begin(open.len())? {
                self.space();
                if !self.take(level.end()) {
                    level.name(self)?;
                    open.push(level);
                    continue;
                }
            }
            // A value ended; perhaps what holds it does too.
            loop {
                let Some(level) = open.last_mut() else {
                    return Ok(());
                };
                self.space();
                if self.take(b',') {
                    level.name(self)?;
                    break;
                }
                self.expect(level.end())?;
                open.pop();
            }
        }
    }

    /// Begins an array or an object, or reads any other value to its end.
    fn begin(&mut self, depth: usize) -> Result<Option<Level>, JsonError> {
        let level = match self.peek() {
            Some(b'[') => Level::Array,
            Some(b'{') => Level::Object(BTreeSet::new()),
            Some(b'"') => return self.chars(drop).map(|()| None),
            Some(b't') => return self.word("true").map(|()| None),
            Some(b'f') => return self.word("false").map(|()| None),
            Some(b'n') => return self.word("null").map(|()| None),
            _ => return self.number().map(|()| None),
        };
        if depth >= NESTED_MAX {
            return Err(self.syntax());
        }
        self.at += 1;
        Ok(Some(level))
    }

    fn word(&mut self, word: &str) -> Result<(), JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.syntax());
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), JsonError> {
        let from = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > from {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_of_every_sort_is_read() {
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        for good in [
            "null",
            " {\"a\" : [1, -2.5e9999, 0, 1E+2, true, false, null, \"\\ud83d\\ude00\"], \"b\":{}}\r\n",
            "\"\u{7f}\u{ffff}\\u0000\"",
            "[[],{},[{\"a\":{\"a\":\"a\"}}]]",
            "-0.0",
            &deep(NESTED_MAX),
        ] {
            assert_eq!(check(good.as_bytes()), Ok(good));
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deeper = "[".repeat(NESTED_MAX + 1) + &"]".repeat(NESTED_MAX + 1);
        for bad in [
            "",
            " ",
            "{",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "[}",
            "{]",
            "{}{}",
            "[] x",
            "\u{feff}{}",
            "nul",
            "nulll",
            "NaN",
            "Infinity",
            "-",
            "+1",
            "01",
            "-01",
            "1.",
            ".5",
            "1e",
            "1e+",
            "0x1",
            "1_0",
            "\u{661}",
            "\"",
            "\"\t\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\udfff\"",
            "\"\\ud800\\u0041\"",
            "\"\\ud800\\ud83d\\ude00\"",
            "{\"\\udc00\":1}",
            "'a'",
            "[1]//",
            "\u{b}1",
            "\u{a0}1",
            &deeper,
        ] {
            assert!(
                matches!(check(bad.as_bytes()), Err(JsonError::Syntax(_))),
                "{bad}"
            );
        }
        assert!(matches!(check(b"\"\xff\""), Err(JsonError::Syntax(1))));
        assert!(matches!(
            check(b"\"\xed\xa0\x80\""),
            Err(JsonError::Syntax(1))
        ));
        assert!(check("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn a_name_stands_once_in_one_object() {
        for twice in [
            "{\"a\":1,\"a\":1}",
            "[{\"b\":{\"a\":1,\"\\u0061\":2}}]",
            "{\"\":0,\"\":0}",
        ] {
            assert!(
                matches!(check(twice.as_bytes()), Err(JsonError::Twice(_))),
                "{twice}"
            );
        }
    }
}
