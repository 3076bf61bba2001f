//! A whole gateway over real HTTP, with the demonstration exchange behind it, on any database.

use super::Place;
use std::net::SocketAddr;
use std::sync::OnceLock;
use tidewaiter::cli::{Client, Reply};
use tidewaiter::demo::data::Person;
use tidewaiter::demo::house::House;
use tidewaiter::telemetry::Metrics;

static METRICS: OnceLock<Metrics> = OnceLock::new();

/// The process's metrics, collected once.
pub(crate) fn metrics() -> Metrics {
    METRICS.get_or_init(|| Metrics::start().unwrap()).clone()
}

/// A gateway and what is around it. Ends with the whole ledger verified.
pub(crate) struct Stand {
    pub(crate) house: House,
    pub(crate) place: Place,
}

impl Stand {
    pub(crate) async fn on(place: Place) -> Self {
        let listen: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let house = House::build_on(&place.url, place.dir.path(), listen, 7, metrics())
            .await
            .unwrap();
        Self { house, place }
    }

    pub(crate) async fn sqlite() -> Self {
        Self::on(Place::sqlite()).await
    }

    /// One on every database there is.
    pub(crate) async fn each() -> Vec<Self> {
        let mut stands = Vec::new();
        for place in Place::each().await {
            stands.push(Self::on(place).await);
        }
        stands
    }

    /// The assistant for a customer, in an open conversation.
    pub(crate) async fn chat(&self, person: &Person) -> (Client, String) {
        let assistant = self.house.assistant_for(person).unwrap();
        let chat = open(&assistant, &self.house.now()).await;
        (assistant, chat)
    }

    /// Stops it in order and checks every record.
    pub(crate) async fn close(self) {
        super::verify_whole(self.house.running.gateway.ledger()).await;
        self.house.close().await;
    }
}

/// Opens a conversation.
pub(crate) async fn open(assistant: &Client, now: &str) -> String {
    let body = serde_json::json!({
        "channel": "web",
        "locale": "en",
        "disclosure": {"version": "ai-notice/3", "shown_at": now},
    });
    let reply = assistant.post("/v1/conversations", &body).await.unwrap();
    assert_eq!(reply.status, 201, "{:?}", reply.json());
    reply.json()["conversation"].as_str().unwrap().to_owned()
}

/// Calls an operation in a conversation.
pub(crate) async fn call(
    assistant: &Client,
    chat: &str,
    operation: &str,
    arguments: serde_json::Value,
) -> Reply {
    let body = serde_json::json!({"arguments": arguments, "conversation": chat});
    assistant
        .post(&format!("/v1/operations/{operation}"), &body)
        .await
        .unwrap()
}
