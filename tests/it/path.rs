//! The request path over HTTP: every answer has its record, and none leaves without it.

mod asking;
pub(crate) mod conversation;
mod loss;
mod record;
mod reveal;
mod speech;
mod stranger;
mod turn;

use crate::harness::stand::{Stand, call};
use crate::wire::{FLOW, Wire};
use serde_json::json;
use tidewaiter::demo::AGENT;
use tidewaiter_audit::{Decision, Kind};

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

/// What a refusal leaves.
const DENIED: (Kind, Option<Decision>) = (Kind::Refusal, Some(Decision::Deny));
/// What an answer leaves.
const ALLOWED: (Kind, Option<Decision>) = (Kind::Lookup, Some(Decision::Allow));
/// What is left of something that was asked upstream in vain.
const IN_VAIN: (Kind, Option<Decision>) = (Kind::Lookup, Some(Decision::Error));

/// Everybody who asks in these tests.
struct Cast {
    bot: Wire,
    chat: String,
    flow: Wire,
    flow_chat: String,
    guest: Wire,
    guest_chat: String,
    /// A withdrawal of the customer's own, and one of somebody else.
    own: String,
    foreign: String,
}

impl Cast {
    async fn of(stand: &Stand) -> Self {
        let cast = stand.house.exchange.cast().clone();
        let bot = stand.assistant(&cast.queued);
        let flow = stand.agent(FLOW, &cast.queued, "low");
        let issuer = &stand.house.issuer;
        let guest = stand.signed(issuer.guest_token(AGENT, stand.now_s()));
        Self {
            chat: bot.open(stand, "en").await,
            flow_chat: flow.open(stand, "en").await,
            guest_chat: guest.open(stand, "en").await,
            bot,
            flow,
            guest,
            own: cast.queued.withdraws[0].clone(),
            foreign: cast.victim.withdraws[0].clone(),
        }
    }
}

/// Answers that must be one.
fn assert_one(mut answers: Vec<String>, code: &str) {
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(answers[0].contains(code), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_an_operation_that_is_not_there_and_one_that_is_not_granted_are_one() {
    let stand = Stand::sqlite().await;
    let cast = Cast::of(&stand).await;
    let (mut rest, mut mcp) = (Vec::new(), Vec::new());
    let key = [("idempotency-key", "k")];
    let names = "none.such margin.add withdrawals.cancel a margin_add margin.add%2e";
    for name in names.split(' ') {
        for arguments in [json!({}), json!({"amount": "1"}), json!({"uid": 1})] {
            let got = cast.bot.call(name, &cast.chat, &arguments, &key).await;
            rest.push(got.blind());
        }
    }
    for name in "none_such margin_add withdrawals_cancel margin.add".split(' ') {
        let got = cast.bot.tool(name, &cast.chat, &json!({}), Some("k")).await;
        mcp.push(got.blind());
    }
    assert_one(rest, "denied");
    assert_one(mcp, "denied");
    stand.close().await;
}
