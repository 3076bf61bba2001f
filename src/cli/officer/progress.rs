//! Progress of long work, on standard error and only where somebody looks at it.

use std::io::{IsTerminal, Write};

/// A line that is written over and over.
#[derive(Debug)]
pub(super) struct Progress {
    seen: bool,
    shown: bool,
}

impl Progress {
    /// Nothing is shown yet; nothing ever is if standard error is no terminal.
    pub(super) fn new() -> Self {
        Self {
            seen: std::io::stderr().is_terminal(),
            shown: false,
        }
    }

    /// Shows how far it is.
    pub(super) fn at(&mut self, text: &str) {
        if self.seen {
            self.shown = true;
            // Who closed standard error does not want to see it.
            drop(write!(std::io::stderr(), "\r\u{1b}[K{text}"));
            drop(std::io::stderr().flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            drop(write!(std::io::stderr(), "\r\u{1b}[K"));
        }
    }
}

/// A number of bytes for people.
pub(super) fn bytes(count: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut whole, mut tenth, mut at) = (count, 0, 0);
    while whole >= 1_024 && at + 1 < units.len() {
        tenth = whole % 1_024 * 10 / 1_024;
        whole /= 1_024;
        at += 1;
    }
    let unit = units.get(at).copied().unwrap_or_default();
    if at == 0 {
        format!("{whole} {unit}")
    } else {
        format!("{whole}.{tenth} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn bytes_are_readable() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(5 * 1_024 * 1_024), "5.0 MiB");
        assert_eq!(bytes(u64::MAX), "16777215.9 TiB");
    }
}
