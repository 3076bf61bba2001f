//! The log: lines on standard error, or in memory for tests.

use crate::config::{Format, Log, Traces};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt};

/// The log cannot be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unlogged {
    /// `log.level` is not a filter.
    #[error("log.level is not a level or a list of target=level")]
    Level,
    /// Spans cannot be sent.
    #[error("traces.endpoint cannot be sent to, or this build has no traces")]
    Traces,
    /// There is a log already.
    #[error("the log has been started before")]
    Twice,
}

/// What keeps telling until it is dropped: then the last spans are sent.
#[derive(Debug)]
#[must_use]
pub struct Telling {
    #[cfg(feature = "otel")]
    _collector: Option<super::traces::Collector>,
}

/// Starts the process's log on standard error, and its traces where they are configured. Once.
#[cfg(feature = "otel")]
pub fn start(log: &Log, traces: Option<&Traces>) -> Result<Telling, Unlogged> {
    let collector = match traces {
        None => None,
        Some(traces) => Some(super::traces::Collector::open(traces).ok_or(Unlogged::Traces)?),
    };
    log_to(log, io::stderr)?
        .with(collector.as_ref().map(super::traces::Collector::layer))
        .try_init()
        .map_err(|_error| Unlogged::Twice)?;
    Ok(Telling {
        _collector: collector,
    })
}

/// Starts the process's log on standard error. Once.
#[cfg(not(feature = "otel"))]
pub fn start(log: &Log, traces: Option<&Traces>) -> Result<Telling, Unlogged> {
    if traces.is_some() {
        return Err(Unlogged::Traces);
    }
    log_to(log, io::stderr)?
        .try_init()
        .map_err(|_error| Unlogged::Twice)?;
    Ok(Telling {})
}

/// A log to `writer`, for one thread by `tracing::subscriber::with_default`.
pub fn log_to<W>(
    log: &Log,
    writer: W,
) -> Result<impl Subscriber + for<'span> LookupSpan<'span> + Send + Sync, Unlogged>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let levels = EnvFilter::builder().parse(&log.level);
    let levels = levels.map_err(|_error| Unlogged::Level)?;
    let lines = fmt::layer().with_writer(writer);
    let lines = match log.format {
        Format::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_current_span(false)
            .boxed(),
        Format::Text => lines.with_ansi(false).boxed(),
    };
    // Not as filters of one layer: such a filter keeps what a library asked on this thread, whether
    // its own line would be heard, and then loses ours that follows.
    Ok(Registry::default()
        .with(levels)
        .with(filter_fn(is_ours_or_grave))
        .with(lines))
}

/// Libraries print headers, statements and arguments at their lower levels; the MCP library does
/// so in its warnings too, and is not heard at all.
fn is_ours_or_grave(about: &Metadata<'_>) -> bool {
    let target = about.target();
    if target == "rmcp" || target.starts_with("rmcp::") {
        return false;
    }
    let ours = target == "tidewaiter" || target.starts_with("tidewaiter::");
    ours || *about.level() <= Level::WARN
}

/// A log kept in memory, to be searched by a test.
#[derive(Debug, Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// All that was written.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Captured {
    type Writer = Self;
    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(level: &str, format: Format, say: impl FnOnce()) -> String {
        let log = Log {
            level: level.to_owned(),
            format,
        };
        let captured = Captured::default();
        let subscriber = log_to(&log, captured.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, say);
        captured.text()
    }

    #[test]
    fn a_line_is_one_json_object() {
        let text = logged("info", Format::Json, || {
            tracing::info!(record = "r-1", took_us = 12, "looked up\nand back");
            tracing::debug!("unheard");
        });
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(line["record"], "r-1");
        assert_eq!(line["took_us"], 12);
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "looked up\nand back");
    }

    #[test]
    fn i8_libraries_are_heard_from_warn_up_whatever_the_level() {
        let text = logged("trace", Format::Text, || {
            tracing::trace!("ours");
            tracing::info!(target: "hyper::proto", "authorization: hunter2");
            tracing::debug!(target: "tidewaiterish", "hunter2");
            tracing::warn!(target: "hyper::proto", "grave");
        });
        assert!(text.contains("ours") && text.contains("grave"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_level_that_is_none_is_refused() {
        let log = Log {
            level: "=loud=".to_owned(),
            format: Format::Text,
        };
        assert!(log_to(&log, Captured::default()).is_err());
    }
}
