//! What is wrong with a configuration, and where.

use std::fmt;

/// One thing that is wrong, without the value that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key, or line and column.
    pub at: String,
    /// What is wrong with it.
    pub what: String,
}

/// The configuration cannot be used; whoever wrote the file can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    name: String,
    faults: Vec<Fault>,
}

impl Invalid {
    /// All that is wrong.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    pub(super) fn one(name: &str, at: &str, what: String) -> Self {
        let fault = Fault {
            at: at.to_owned(),
            what,
        };
        Self {
            name: name.to_owned(),
            faults: vec![fault],
        }
    }

    /// The parser's message with its place and without what it quotes: the library would print
    /// the whole line, and the line may hold a password.
    pub(super) fn from_toml(name: &str, text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or_else(String::new, |span| {
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.matches('\n').count().saturating_add(1);
            let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
            let column = before.get(start..).map_or(0, |rest| rest.chars().count());
            format!("{line}:{}", column.saturating_add(1))
        });
        Self::one(name, &at, unquoted(error.message()))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", self.name)?;
            if !fault.at.is_empty() {
                write!(f, ":{}", fault.at)?;
            }
            write!(f, ": {}", fault.what)?;
        }
        Ok(())
    }
}

/// Faults gathered on the way.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.0.push(Fault {
            at: at.into(),
            what: what.into(),
        });
    }

    pub(super) fn unless(&mut self, holds: bool, at: impl Into<String>, what: &str) {
        if !holds {
            self.add(at, what);
        }
    }

    pub(super) fn into_result(self, name: &str) -> Result<(), Invalid> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Invalid {
            name: name.to_owned(),
            faults: self.0,
        })
    }
}

/// `message` without what it quotes of the file: values stand between double quotes, or in
/// backticks after "unknown variant". Names of keys, in backticks too, stay.
fn unquoted(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let expected = rest.rsplit_once("`, expected ").map(|(_, names)| names);
        return format!("unknown value, expected {}", expected.unwrap_or("another"));
    }
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let before = message.get(..first).unwrap_or_default();
            let after = message.get(last..).unwrap_or_default();
            format!("{before}\"…{after}")
        }
        _ => message.to_owned(),
    }
}
