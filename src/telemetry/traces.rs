//! Spans sent to a collector by OTLP over HTTP.
//!
//! They are sent from a thread of the library's own; what cannot be sent is dropped: a trace is a
//! help for engineers and proves nothing, unlike a record.

use crate::config::Traces;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

/// The way to the collector. Dropping it sends what is waiting.
#[derive(Debug)]
pub(super) struct Collector(SdkTracerProvider);

impl Collector {
    /// Towards the configured endpoint; none if no exporter can be built for it.
    pub(super) fn open(traces: &Traces) -> Option<Self> {
        // Where the exporter's client was built with TLS it asks for the process's provider, though
        // it never uses it; somebody else may have named it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(&traces.endpoint)
            .build()
            .ok()?;
        let resource = Resource::builder().with_service_name("tidewaiter").build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                traces.sample,
            ))))
            .with_resource(resource)
            .build();
        super::span::begin();
        Some(Self(provider))
    }

    /// What turns our spans into theirs.
    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("tidewaiter"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // The collector may be gone, and then so are the last spans.
        drop(self.0.shutdown());
    }
}
