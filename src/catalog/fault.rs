//! What is wrong with the files of a policy directory, by file and line.

use std::fmt;

/// One thing wrong, with its place. Whoever wrote the file is to mend it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Fault {
    /// The file's name inside the directory: `catalog/core.toml`.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Everything that is wrong, in the order of the files; never empty as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No fault yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The faults, in the order of files and lines.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a fault.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Adds the faults of `other`.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The value, if there is one; else its faults are added.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Self>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(faults) => {
                self.append(faults);
                None
            }
        }
    }

    /// `value` if nothing is wrong, else the faults, sorted.
    pub(crate) fn or<T>(mut self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            return Ok(value);
        }
        self.0.sort();
        self.0.dedup();
        Err(self)
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Collects the faults of one file, turning byte offsets into lines.
#[derive(Debug)]
pub(crate) struct Reporter<'a> {
    file: &'a str,
    text: &'a str,
    faults: Faults,
}

impl<'a> Reporter<'a> {
    /// A reporter for `file` with this text.
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            faults: Faults::new(),
        }
    }

    /// Notes `message` at the byte offset `at`.
    pub(crate) fn fault(&mut self, at: usize, message: impl Into<String>) {
        let fault = self.place(at, message.into());
        self.faults.push(fault);
    }

    /// Notes an error of the TOML reader.
    pub(crate) fn toml(&mut self, error: &toml::de::Error) {
        let at = error.span().map_or(0, |span| span.start);
        // The reader's hints may go over several lines; one fault is one line.
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        self.fault(at, message);
    }

    /// A message at the byte offset `at`, not noted.
    pub(crate) fn place(&self, at: usize, message: String) -> Fault {
        let breaks = self.text.bytes().take(at).filter(|b| *b == b'\n').count();
        Fault {
            file: self.file.to_owned(),
            line: breaks.saturating_add(1),
            message,
        }
    }

    /// What was collected.
    pub(crate) fn finish(self) -> Faults {
        self.faults
    }
}
