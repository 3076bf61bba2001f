//! Panics: where, never what. A panic's words may quote the data it tripped over.

use super::metric;
use std::panic::PanicHookInfo;

/// Logs a fixed text and the place from now on, in every thread, and counts.
pub fn hush_panics() {
    std::panic::set_hook(Box::new(hushed));
}

fn hushed(panic: &PanicHookInfo<'_>) {
    metrics::counter!(metric::PANICS).increment(1);
    let (file, line) = panic
        .location()
        .map_or(("unknown", 0), |at| (at.file(), at.line()));
    tracing::error!(
        code = "panic",
        file,
        line,
        "a task panicked; what it was doing has no answer"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Log;
    use crate::telemetry::{Captured, log_to};

    #[test]
    fn i8_a_panic_is_logged_by_its_place_alone() {
        let captured = Captured::default();
        let subscriber = log_to(&Log::default(), captured.clone()).unwrap();
        let before = std::panic::take_hook();
        hush_panics();
        let caught = tracing::subscriber::with_default(subscriber, || {
            std::panic::catch_unwind(|| panic!("seed phrase: {}", "hunter2"))
        });
        std::panic::set_hook(before);
        assert!(caught.is_err());
        let text = captured.text();
        assert!(text.contains("a task panicked"), "{text}");
        assert!(text.contains("panic.rs"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
