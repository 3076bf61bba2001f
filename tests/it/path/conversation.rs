//! Conversations: the disclosure they open with, and whose they are.

use super::{Cast, DENIED, assert_one};
use crate::harness::stand::Stand;
use crate::wire::{Got, Wire};
use serde_json::{Value, json};
use tidewaiter::demo::AGENT;
use tidewaiter_audit::Kind;

const CONVERSATIONS: &str = "/v1/conversations";

fn opening(shown_at: &str) -> Value {
    let disclosure = json!({"version": "ai-notice/3", "shown_at": shown_at});
    json!({"channel": "web", "locale": "en", "disclosure": disclosure})
}

/// Says something as the customer.
pub(crate) async fn say(who: &Wire, chat: &str, text: &str) -> Got {
    let said = json!({"speaker": "customer", "text": text});
    who.post(&format!("{CONVERSATIONS}/{chat}/turns"), &said)
        .await
}

async fn close(who: &Wire, chat: &str) -> Got {
    let end = json!({"outcome": "resolved", "rating": 5});
    who.post(&format!("{CONVERSATIONS}/{chat}/close"), &end)
        .await
}

/// Sends what is not of its form, and expects a refusal with its record.
async fn refuse(stand: &Stand, who: &Wire, path: &str, body: &Value) {
    let from = stand.size();
    let got = who.post(path, body).await;
    got.is(400, "malformed");
    assert_eq!(stand.only_record(from, &got).await, DENIED, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_conversation_opens_without_a_disclosure_of_today() {
    let stand = Stand::sqlite().await;
    let bot = stand.assistant(&stand.exchange().cast().queued);
    let at = |seconds: i64| {
        let now = jiff::Timestamp::from_second(stand.now_s()).unwrap();
        opening(&(now + jiff::SignedDuration::from_secs(seconds)).to_string())
    };
    for shown in [0, -23 * 3_600, 30] {
        bot.post(CONVERSATIONS, &at(shown)).await.is(201, "");
    }
    let with = |pointer: &str, value: Value| {
        let mut body = opening(&stand.house.now());
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for body in [
        at(-25 * 3_600),
        at(3_600),
        json!({}),
        json!({"channel": "web", "locale": "en"}),
        with("/disclosure", json!({"version": "ai-notice/3"})),
        with("/disclosure", json!({"shown_at": stand.house.now()})),
        with("/disclosure", Value::Null),
        with("/disclosure/shown_at", "yesterday".into()),
        with("/disclosure/shown_at", "".into()),
        with("/disclosure/shown_at", json!(1_800_000_000)),
        with("/disclosure/version", "".into()),
        with("/disclosure/version", "v\n3".into()),
        with("/channel", "Web Chat".into()),
        with("/locale", "e".into()),
    ] {
        refuse(&stand, &bot, CONVERSATIONS, &body).await;
    }
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_happens_to_a_conversation_is_recorded() {
    for stand in Stand::each().await {
        let person = stand.exchange().cast().queued.clone();
        let issuer = &stand.house.issuer;
        let token = issuer.agent_token(AGENT, &person.sub, &person.uid, stand.now_s());
        let bot = stand.signed(token.session("chat-7").acr("low"));
        let now = opening(&stand.house.now());
        let happened = (Kind::Conversation, None);

        let from = stand.size();
        let opened = bot.post(CONVERSATIONS, &now).await;
        assert_eq!(stand.only_record(from, &opened).await, happened);
        let chat = opened.json()["conversation"].as_str().unwrap().to_owned();
        // The token's session opened it: a client that can send nothing but a token works.
        let fees = bot.call("fees.tier", "", &json!({}), &[]).await;
        fees.is(200, "");
        assert_eq!(
            stand.sealed(&fees.rid()).await["conversation"],
            chat.as_str()
        );

        let from = stand.size();
        let twice = bot.post(CONVERSATIONS, &now).await;
        twice.is(409, "conflict");
        assert_eq!(stand.only_record(from, &twice).await, DENIED);

        let from = stand.size();
        let turn = say(&bot, &chat, "hello").await;
        assert_eq!((turn.status, &turn.json()["turn"]), (201, &json!(1)));
        assert_eq!(stand.only_record(from, &turn).await, (Kind::Turn, None));
        i1_bad_turns_and_ends(&stand, &bot, &chat).await;

        let from = stand.size();
        let closed = close(&bot, &chat).await;
        assert_eq!(stand.only_record(from, &closed).await, happened);
        i1_nothing_after_the_end(&stand, &bot, &chat).await;
        stand.close().await;
    }
}

async fn i1_bad_turns_and_ends(stand: &Stand, bot: &Wire, chat: &str) {
    for body in [
        json!({"speaker": "customer", "text": ""}),
        json!({"speaker": "customer", "text": "x".repeat(17_000)}),
        json!({"speaker": "robot", "text": "x"}),
        json!({"speaker": "assistant", "text": "x", "model": "a b"}),
        json!({"speaker": "customer"}),
    ] {
        refuse(stand, bot, &format!("{CONVERSATIONS}/{chat}/turns"), &body).await;
    }
    for body in [
        json!({"outcome": "Resolved"}),
        json!({"outcome": "x", "rating": 6}),
        json!({}),
    ] {
        refuse(stand, bot, &format!("{CONVERSATIONS}/{chat}/close"), &body).await;
    }
}

/// A closed one takes no turns, no lookups, by name or by session, and no second end.
async fn i1_nothing_after_the_end(stand: &Stand, bot: &Wire, chat: &str) {
    let from = stand.size();
    let answers = [
        say(bot, chat, "still there?").await,
        bot.call("fees.tier", chat, &json!({}), &[]).await,
        bot.call("fees.tier", "", &json!({}), &[]).await,
        close(bot, chat).await,
    ];
    let records = stand.records_from(from).await;
    assert_eq!(records.len(), answers.len());
    for (got, record) in answers.iter().zip(records) {
        got.is(409, "conversation_required");
        assert_eq!(got.rid(), hex::encode(record.leaf.rid));
    }
}

/// Two who close at once: one does, both are answered and recorded.
#[tokio::test(flavor = "multi_thread")]
async fn i1_a_conversation_is_closed_once() {
    for stand in Stand::each().await {
        let bot = stand.assistant(&stand.exchange().cast().queued);
        let chat = bot.open(&stand, "en").await;
        let from = stand.size();
        let mut ends = tokio::task::JoinSet::new();
        for _n in 0..6 {
            let (bot, chat) = (bot.clone(), chat.clone());
            ends.spawn(async move { close(&bot, &chat).await });
        }
        let answers = ends.join_all().await;
        let closed = answers.iter().filter(|got| got.status == 200).count();
        let refused = answers
            .iter()
            .filter(|got| got.code() == "conversation_required");
        assert_eq!((closed, refused.count()), (1, 5), "{answers:?}");
        let records = stand.records_from(from).await;
        let named = |got: &Got| records.iter().any(|r| hex::encode(r.leaf.rid) == got.rid());
        assert!(
            records.len() == 6 && answers.iter().all(named),
            "{answers:?}"
        );
        stand.close().await;
    }
}

/// Another customer's conversation, another agent's, a guest's and none at all are one answer.
#[tokio::test(flavor = "multi_thread")]
async fn i10_a_conversation_of_somebody_else_is_as_good_as_none() {
    for stand in Stand::each().await {
        let cast = Cast::of(&stand).await;
        let victim = stand.assistant(&stand.exchange().cast().victim);
        let victims = victim.open(&stand, "ru").await;
        let closed = cast.bot.open(&stand, "en").await;
        close(&cast.bot, &closed).await.is(200, "");
        let missing = "00112233445566778899aabbccddeeff";
        let chats = [
            &victims,
            &*cast.flow_chat,
            &*cast.guest_chat,
            &*closed,
            missing,
            "zz",
        ];
        let (mut lookups, mut tools, mut said, mut ended) = (vec![], vec![], vec![], vec![]);
        for chat in chats {
            let none = json!({});
            lookups.push(cast.bot.call("fees.tier", chat, &none, &[]).await.blind());
            tools.push(cast.bot.tool("fees_tier", chat, &none, None).await.blind());
            said.push(say(&cast.bot, chat, "hello").await.blind());
            ended.push(close(&cast.bot, chat).await.blind());
        }
        for answers in [lookups, tools, said, ended] {
            assert_one(answers, "conversation_required");
        }
        // And they are still there for those they belong to.
        say(&victim, &victims, "ещё тут").await.is(201, "");
        let flows = cast
            .flow
            .call("withdrawals.list", &cast.flow_chat, &json!({}), &[])
            .await;
        flows.is(200, "");
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_a_guest_can_call_only_what_needs_no_customer() {
    for stand in Stand::each().await {
        let Cast {
            guest, guest_chat, ..
        } = Cast::of(&stand).await;
        let key = [("idempotency-key", "k-1")];
        let mut allowed = Vec::new();
        for operation in stand.operations() {
            let own = &stand.exchange().cast().queued;
            let arguments = crate::foreign::arguments_of(&operation, own);
            stand.exchange().forget_seen();
            let got = guest
                .call(&operation.name, &guest_chat, &arguments, &key)
                .await;
            let refused = ["sign_in_required", "denied"].contains(&&*got.code());
            assert_eq!(refused, operation.needs_subject(), "{}", got.text());
            if refused {
                assert_eq!(stand.exchange().count(), 0, "{}", operation.name);
            } else {
                got.is(200, "");
                allowed.push(operation.name.clone());
            }
        }
        assert_eq!(
            allowed,
            [
                "fees.withdrawal",
                "knowledge.article",
                "knowledge.search",
                "networks.status",
                "support.guest_case"
            ]
        );
        // A guest's case is nobody's, and its key is good for one; another guest is another.
        let operations = stand.operations().into_iter();
        let mut guests = operations.filter(|it| it.name == "support.guest_case");
        let own = &stand.exchange().cast().queued;
        let case = crate::foreign::arguments_of(&guests.next().unwrap(), own);
        guest
            .call("support.guest_case", &guest_chat, &case, &key)
            .await
            .is(200, "");
        assert_eq!(stand.exchange().cases().await.unwrap().len(), 1);
        let other = guest.open(&stand, "de").await;
        guest
            .call("support.guest_case", &other, &case, &key)
            .await
            .is(200, "");
        let cases = stand.exchange().cases().await.unwrap();
        assert_eq!(
            cases
                .iter()
                .map(|case| case.uid.clone())
                .collect::<Vec<_>>(),
            [None, None]
        );
        stand.close().await;
    }
}
