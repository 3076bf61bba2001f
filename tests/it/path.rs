//! The request path over HTTP.

use crate::harness::stand::{Stand, call};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_is_answered_and_recorded() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let (assistant, chat) = stand.chat(&person).await;
        let reply = call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        assert!(
            reply.json()["record"]
                .as_str()
                .is_some_and(|rid| rid.len() == 32)
        );
        stand.close().await;
    }
}
