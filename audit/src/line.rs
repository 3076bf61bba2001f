//! The restricted JSON of a leaf (README §1): one way to write a line, so one way to read it.

use thiserror::Error;

use crate::grammar::is_plain_byte;

/// The longest line.
pub const LINE_MAX: usize = 65_535;

/// Why bytes are not a line of restricted JSON. Says nothing of what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// Longer than [`LINE_MAX`].
    #[error("the line is longer than 65,535 bytes")]
    TooLong,
    /// Not the one shape the format has.
    #[error("the line is not restricted JSON (near byte {0})")]
    Syntax(usize),
    /// A name twice, or names out of order.
    #[error("names are not in order, or one occurs twice (near byte {0})")]
    Order(usize),
}

/// A member's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Object(Vec<(&'a str, &'a str)>),
}

/// Reads the one object of a line, its members in order.
pub(crate) fn read(line: &[u8]) -> Result<Vec<(&str, Value<'_>)>, LineError> {
    if line.len() > LINE_MAX {
        return Err(LineError::TooLong);
    }
    let mut reader = Reader { line, at: 0 };
    let members = reader.object(Reader::value)?;
    if reader.at == line.len() {
        Ok(members)
    } else {
        Err(reader.syntax())
    }
}

struct Reader<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn syntax(&self) -> LineError {
        LineError::Syntax(self.at)
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.line.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), LineError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn text(&mut self) -> Result<&'a str, LineError> {
        self.expect(b'"')?;
        let rest = self.line.get(self.at..).unwrap_or_default();
        let len = rest.iter().take_while(|b| is_plain_byte(**b)).count();
        let text = rest.get(..len).and_then(|b| std::str::from_utf8(b).ok());
        self.at += len;
        self.expect(b'"')?;
        text.ok_or(self.syntax())
    }

    fn value(&mut self) -> Result<Value<'a>, LineError> {
        if self.line.get(self.at) == Some(&b'{') {
            self.object(Self::text).map(Value::Object)
        } else {
            self.text().map(Value::Text)
        }
    }

    fn object<T>(
        &mut self,
        value: fn(&mut Self) -> Result<T, LineError>,
    ) -> Result<Vec<(&'a str, T)>, LineError> {
        let mut members: Vec<(&str, T)> = Vec::new();
        self.expect(b'{')?;
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            let name = self.text()?;
            if members.last().is_some_and(|(last, _)| *last >= name) {
                return Err(LineError::Order(self.at));
            }
            self.expect(b':')?;
            members.push((name, value(self)?));
            if !self.take(b',') {
                break;
            }
        }
        self.expect(b'}')?;
        Ok(members)
    }
}

/// Writes one object. The caller gives the names in order and values that need no escapes.
pub(crate) struct Writer(String);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(String::with_capacity(1024))
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push('"');
        self.0.push_str(value);
        self.0.push('"');
    }

    pub(crate) fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(crate) fn object(&mut self, name: &str, inner: Self) {
        self.name(name);
        self.0.push_str(&inner.finish());
    }

    pub(crate) fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_to_write_a_line() {
        let good = read(br#"{"a":"x y","b":{},"c":{"k":"v","l":""}}"#).unwrap();
        assert_eq!(good.len(), 3);
        assert_eq!(read(b"{}").unwrap(), vec![]);
        for bad in [
            &b""[..],
            b"{",
            b"{}\n",
            b" {}",
            br#"{"a": "x"}"#,
            br#"{"a":"x",}"#,
            br#"{"a":1}"#,
            br#"{"a":null}"#,
            br#"{"a":["x"]}"#,
            br#"{"a":{"b":{"c":"d"}}}"#,
            br#"{"a":"\u0041"}"#,
            b"{\"a\":\"\xc3\xa9\"}",
            b"{\"a\":\"\x7f\"}",
            b"{\"a\":\"\t\"}",
        ] {
            assert!(matches!(read(bad), Err(LineError::Syntax(_))), "{bad:?}");
        }
        for bad in [
            &br#"{"b":"","a":""}"#[..],
            br#"{"a":"","a":""}"#,
            br#"{"a":{"y":"","x":""}}"#,
        ] {
            assert!(matches!(read(bad), Err(LineError::Order(_))), "{bad:?}");
        }
        assert_eq!(read(&vec![b' '; LINE_MAX + 1]), Err(LineError::TooLong));
    }
}
