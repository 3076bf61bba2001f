//! Upstreams over real connections: who the gateway is to them, and what becomes of a request
//! when they fail.

mod broken;
mod door;
mod server;
mod tls;

use bytes::Bytes;
use http::Method;
use std::sync::atomic::{AtomicUsize, Ordering};
use tidewaiter::catalog::{Effect, Encoding};
use tidewaiter::clock::Clock;
use tidewaiter::config::Upstream;
use tidewaiter::upstream::{Failed, Outgoing, Response, Upstreams};

/// An upstream with a name of its own, since metrics go by it.
fn settings(url: &str) -> Upstream {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let mut settings = Upstream::at(format!("test-{number}"), url);
    // Nothing of these tests depends on the time that something takes.
    settings.timeout = std::time::Duration::from_mins(1);
    settings
}

/// One upstream to ask.
struct One {
    name: String,
    all: Upstreams,
}

impl One {
    fn of(settings: Upstream, clock: &Clock) -> Self {
        let name = settings.name.clone();
        let all = Upstreams::new(&[settings], clock).unwrap();
        Self { name, all }
    }

    async fn read(&self) -> Result<Response, Failed> {
        self.all.send(&self.name, Outgoing::read("/x")).await
    }

    async fn post(&self, effect: Effect, body: &'static str) -> Result<Response, Failed> {
        let asked = Outgoing {
            method: Method::POST,
            body: Some((Encoding::Json, Bytes::from_static(body.as_bytes()))),
            effect,
            ..Outgoing::read("/x")
        };
        self.all.send(&self.name, asked).await
    }

    /// A line of the metrics that speaks of it.
    fn metric(&self, name: &str) -> Option<String> {
        let text = crate::harness::stand::metrics().render();
        let ours = format!("{name}{{upstream=\"{}\"", self.name);
        text.lines()
            .find(|line| line.starts_with(&ours))
            .map(str::to_owned)
    }
}
