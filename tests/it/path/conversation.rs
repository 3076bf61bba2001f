//! Conversations: the disclosure, whose they are, and what of a turn is seen and kept.

use super::{Cast, DENIED};
use crate::harness::stand::Stand;
use crate::wire::{FLOW, Got, Wire};
use serde_json::{Value, json};
use tidewaiter::demo::AGENT;
use tidewaiter_audit::Kind;

fn opening(shown_at: &str) -> Value {
    let disclosure = json!({"version": "ai-notice/3", "shown_at": shown_at});
    json!({"channel": "web", "locale": "en", "disclosure": disclosure})
}

fn turns(chat: &str) -> String {
    format!("/v1/conversations/{chat}/turns")
}

async fn say(who: &Wire, chat: &str, text: &str) -> Got {
    who.post(&turns(chat), &json!({"speaker": "customer", "text": text}))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_conversation_opens_without_a_disclosure_of_today() {
    let stand = Stand::sqlite().await;
    let bot = stand.assistant(&stand.house.exchange.cast().queued);
    let at = |seconds: i64| {
        let now = jiff::Timestamp::from_second(stand.now_s()).unwrap();
        opening(&(now + jiff::SignedDuration::from_secs(seconds)).to_string())
    };
    for shown in [0, -23 * 3_600, 30] {
        assert_eq!(
            bot.post("/v1/conversations", &at(shown)).await.status,
            201,
            "{shown}"
        );
    }
    let without = |member: &str| {
        let mut body = opening(&stand.house.now());
        body["disclosure"].as_object_mut().unwrap().remove(member);
        body.as_object_mut().unwrap().remove(member);
        body
    };
    let with = |pointer: &str, value: Value| {
        let mut body = opening(&stand.house.now());
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for body in [
        at(-25 * 3_600),
        at(3_600),
        without("disclosure"),
        without("version"),
        without("shown_at"),
        without("channel"),
        with("/disclosure/shown_at", "yesterday".into()),
        with("/disclosure/shown_at", "".into()),
        with("/disclosure/shown_at", json!(1_800_000_000)),
        with("/disclosure/version", "".into()),
        with("/disclosure/version", "v\n3".into()),
        with("/disclosure", Value::Null),
        with("/channel", "Web Chat".into()),
        with("/locale", "e".into()),
        json!({}),
    ] {
        let from = stand.size();
        let got = bot.post("/v1/conversations", &body).await;
        assert_eq!((got.status, &*got.code()), (400, "malformed"), "{body}");
        assert_eq!(stand.only_record(from, &got).await, DENIED);
    }
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_happens_to_a_conversation_is_recorded() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let token = stand
            .house
            .issuer
            .agent_token(AGENT, &person.sub, &person.uid, stand.now_s());
        let bot = stand.signed(token.session("chat-7").acr("low"));
        let from = stand.size();
        let opened = bot
            .post("/v1/conversations", &opening(&stand.house.now()))
            .await;
        assert_eq!(
            stand.only_record(from, &opened).await,
            (Kind::Conversation, None)
        );
        let chat = opened.json()["conversation"].as_str().unwrap().to_owned();
        // The token's session opened it, so that a client which can send nothing but a token works.
        let fees = bot.call("fees.tier", "", &json!({}), &[]).await;
        assert_eq!(fees.status, 200, "{}", fees.text());
        let sealed = stand.sealed(&fees.rid()).await;
        assert_eq!(sealed["conversation"], chat.as_str());

        let from = stand.size();
        let twice = bot
            .post("/v1/conversations", &opening(&stand.house.now()))
            .await;
        assert_eq!(
            (twice.status, &*twice.code()),
            (409, "conflict"),
            "{}",
            twice.text()
        );
        assert_eq!(stand.only_record(from, &twice).await, DENIED);

        let from = stand.size();
        let turn = say(&bot, &chat, "hello").await;
        assert_eq!(
            (turn.status, &turn.json()["turn"]),
            (201, &json!(1)),
            "{}",
            turn.text()
        );
        assert_eq!(stand.only_record(from, &turn).await, (Kind::Turn, None));
        let bad = [
            (json!({"speaker": "customer", "text": ""}), "malformed"),
            (
                json!({"speaker": "customer", "text": "x".repeat(17_000)}),
                "malformed",
            ),
            (json!({"speaker": "robot", "text": "x"}), "malformed"),
            (
                json!({"speaker": "assistant", "text": "x", "model": "a b"}),
                "malformed",
            ),
        ];
        for (body, code) in bad {
            let from = stand.size();
            let got = bot.post(&turns(&chat), &body).await;
            assert_eq!(got.code(), code, "{}", got.text());
            assert_eq!(stand.only_record(from, &got).await, DENIED);
        }
        let close = format!("/v1/conversations/{chat}/close");
        for body in [
            json!({"outcome": "Resolved"}),
            json!({"outcome": "x", "rating": 6}),
            json!({}),
        ] {
            let from = stand.size();
            let got = bot.post(&close, &body).await;
            assert_eq!(got.code(), "malformed");
            assert_eq!(stand.only_record(from, &got).await, DENIED);
        }
        let from = stand.size();
        let closed = bot
            .post(&close, &json!({"outcome": "resolved", "rating": 5}))
            .await;
        assert_eq!(closed.status, 200, "{}", closed.text());
        assert_eq!(
            stand.only_record(from, &closed).await,
            (Kind::Conversation, None)
        );

        // A closed one takes no turns, no lookups, and no second end.
        for (got, from) in [
            (say(&bot, &chat, "still there?").await, stand.size() - 1),
            (
                bot.call("fees.tier", &chat, &json!({}), &[]).await,
                stand.size() - 1,
            ),
            (
                bot.call("fees.tier", "", &json!({}), &[]).await,
                stand.size() - 1,
            ),
            (
                bot.post(&close, &json!({"outcome": "resolved"})).await,
                stand.size() - 1,
            ),
        ] {
            assert_eq!(
                (got.status, &*got.code()),
                (409, "conversation_required"),
                "{}",
                got.text()
            );
            let records = stand.records_from(from).await;
            assert!(
                records.iter().any(|r| hex::encode(r.leaf.rid) == got.rid()),
                "{}",
                got.text()
            );
        }
        stand.close().await;
    }
}

/// Another customer's conversation, another agent's, a guest's and none at all are one answer.
#[tokio::test(flavor = "multi_thread")]
async fn i10_a_conversation_of_somebody_else_is_as_good_as_none() {
    for stand in Stand::each().await {
        let cast = Cast::of(&stand).await;
        let victim = stand.assistant(&stand.house.exchange.cast().victim);
        let victims = victim.open(&stand, "ru").await;
        let closed = cast.bot.open(&stand, "en").await;
        let path = format!("/v1/conversations/{closed}/close");
        assert_eq!(
            cast.bot
                .post(&path, &json!({"outcome": "resolved"}))
                .await
                .status,
            200
        );
        let chats = [
            &*victims,
            &*cast.flow_chat,
            &*cast.guest_chat,
            &*closed,
            "00112233445566778899aabbccddeeff",
            "zz",
        ];
        let (mut lookups, mut tools, mut said, mut ended) = (vec![], vec![], vec![], vec![]);
        for chat in chats {
            lookups.push(
                cast.bot
                    .call("fees.tier", chat, &json!({}), &[])
                    .await
                    .blind(),
            );
            tools.push(
                cast.bot
                    .tool("fees_tier", chat, &json!({}), None)
                    .await
                    .blind(),
            );
            said.push(say(&cast.bot, chat, "hello").await.blind());
            let path = format!("/v1/conversations/{chat}/close");
            ended.push(
                cast.bot
                    .post(&path, &json!({"outcome": "resolved"}))
                    .await
                    .blind(),
            );
        }
        for mut answers in [lookups, tools, said, ended] {
            answers.dedup();
            assert_eq!(answers.len(), 1, "{answers:#?}");
            assert!(answers[0].contains("conversation_required"), "{answers:?}");
        }
        // And it is still there for those it belongs to.
        assert_eq!(say(&victim, &victims, "ещё тут").await.status, 201);
        let flow = cast
            .flow
            .call("withdrawals.list", &cast.flow_chat, &json!({}), &[])
            .await;
        assert_eq!(flow.status, 200, "{}", flow.text());
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_a_guest_can_call_only_what_needs_no_customer() {
    for stand in Stand::each().await {
        let cast = Cast::of(&stand).await;
        let mut allowed = Vec::new();
        for operation in stand.operations() {
            let arguments =
                crate::foreign::arguments_of(&operation, &stand.house.exchange.cast().queued);
            let key = [("idempotency-key", "k-1")];
            stand.house.exchange.forget_seen();
            let got = cast
                .guest
                .call(&operation.name, &cast.guest_chat, &arguments, &key)
                .await;
            if got.status == 200 {
                assert!(!operation.needs_subject(), "{}", operation.name);
                allowed.push(operation.name.clone());
                continue;
            }
            assert!(
                operation.needs_subject(),
                "{}: {}",
                operation.name,
                got.text()
            );
            assert!(
                ["sign_in_required", "denied"].contains(&&*got.code()),
                "{}",
                got.text()
            );
            assert_eq!(stand.house.exchange.count(), 0, "{}", operation.name);
        }
        assert_eq!(allowed, ["networks.status", "support.guest_case"]);
        // A guest's case is nobody's, and its key is good for one.
        let guests = stand.house.exchange.cases().await.unwrap();
        assert_eq!(
            guests
                .iter()
                .map(|case| case.uid.clone())
                .collect::<Vec<_>>(),
            [None]
        );
        // Another guest is another guest: neither chat nor key is theirs.
        let other = cast.guest.open(&stand, "de").await;
        let case = json!({"topic": "other", "summary": "x"});
        let key = [("idempotency-key", "k-1")];
        assert_eq!(
            cast.guest
                .call("support.guest_case", &other, &case, &key)
                .await
                .status,
            200
        );
        assert_eq!(stand.house.exchange.cases().await.unwrap().len(), 2);
        stand.close().await;
    }
}

/// A turn is shown redacted and sealed without what must never be stored; numbers stay the same.
#[tokio::test(flavor = "multi_thread")]
async fn i8_what_is_pasted_is_shown_redacted_and_kept_without_secrets() {
    let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let password = "Tr0ub4dor&3-xyz";
    let card = "4111 1111 1111 1111";
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let bot = stand.assistant(&person);
        let mut warnings = Vec::new();
        for (locale, seed, pass) in [
            (
                "en",
                format!("here is my wallet: {phrase}"),
                format!("my password is {password}"),
            ),
            (
                "ru-RU",
                format!("вот мой кошелёк: {phrase}"),
                format!("мой пароль: {password}"),
            ),
            (
                "de",
                format!("mein Wallet: {phrase}"),
                format!("mein Passwort ist {password}"),
            ),
        ] {
            let chat = bot.open(&stand, locale).await;
            for (text, secret, kind) in
                [(seed, phrase, "SEED_PHRASE"), (pass, password, "PASSWORD")]
            {
                let got = say(&bot, &chat, &text).await;
                let turn = got.json();
                assert_eq!(got.status, 201, "{}", got.text());
                assert!(
                    !got.text().contains(secret),
                    "{locale} {text}: {}",
                    got.text()
                );
                assert!(
                    turn["findings"].to_string().contains(kind),
                    "{locale}: {turn}"
                );
                let sealed = stand.sealed(&got.rid()).await;
                assert!(!sealed.to_string().contains(secret), "{sealed}");
                assert!(!sealed.to_string().contains("sausage"), "{sealed}");
                assert_eq!(sealed["removed"], json!([kind]), "{sealed}");
                warnings.push(turn["warning"].as_str().unwrap().to_owned());
            }
            let got = say(&bot, &chat, &format!("pay with {card}")).await;
            assert!(!got.text().contains("1111"), "{}", got.text());
            assert!(got.text().contains("CARD"), "{}", got.text());
        }
        // Each kind has a sentence of its own in each language.
        warnings.sort();
        warnings.dedup();
        assert_eq!(warnings.len(), 6, "{warnings:#?}");
        assert!(
            warnings
                .iter()
                .filter(|w| w.chars().any(|c| ('а'..='я').contains(&c)))
                .count()
                == 2
        );
        stand.close().await;
    }
}

/// The same address is the same placeholder in every turn and in every lookup of a conversation.
#[tokio::test(flavor = "multi_thread")]
async fn placeholders_are_stable_over_turns_and_lookups() {
    for stand in Stand::each().await {
        let dataset = stand.house.exchange.dataset();
        let talks = |note: &Option<String>| note.as_ref().is_some_and(|note| note.contains('+'));
        let customer = dataset
            .customers
            .iter()
            .find(|c| c.withdraws.iter().any(|w| talks(&w.note)));
        let customer = customer.expect("somebody wrote a telephone number");
        let phone = format!("+{}", customer.user.phones[0].number);
        let token =
            stand
                .house
                .issuer
                .agent_token(AGENT, &customer.sub, &customer.user.uid, stand.now_s());
        let bot = stand.signed(token.about("Somebody", &customer.user.email, &phone));
        let chat = bot.open(&stand, "en").await;
        let text = |got: &Got| got.json()["text"].as_str().unwrap().to_owned();
        let first = say(
            &bot,
            &chat,
            "write to someone@example.org or else@example.org",
        )
        .await;
        assert_eq!(text(&first), "write to [EMAIL_1] or [EMAIL_2]");
        let second = say(
            &bot,
            &chat,
            "not Else@Example.org, but someone@example.org, third@example.org",
        )
        .await;
        assert_eq!(text(&second), "not [EMAIL_2], but [EMAIL_1], [EMAIL_3]");
        let sealed = stand.sealed(&second.rid()).await;
        assert!(
            sealed["said"]
                .as_str()
                .unwrap()
                .contains("someone@example.org"),
            "statutory records say it all"
        );
        assert_eq!(sealed["shown"], text(&second));
        let listed = bot
            .call("withdrawals.list", &chat, &json!({"limit": 50}), &[])
            .await;
        assert!(listed.text().contains("[PHONE_1]"), "{}", listed.text());
        assert!(!listed.text().contains(&phone[1..]));
        let own = say(
            &bot,
            &chat,
            &format!("my number is {phone}, or else@example.org"),
        )
        .await;
        assert_eq!(text(&own), "my number is [PHONE_1], or [EMAIL_2]");
        // Another conversation counts anew, and another agent's does not know these numbers.
        let other = bot.open(&stand, "en").await;
        assert_eq!(
            text(&say(&bot, &other, "else@example.org").await),
            "[EMAIL_1]"
        );
        let flow = stand.signed(stand.house.issuer.agent_token(
            FLOW,
            &customer.sub,
            &customer.user.uid,
            stand.now_s(),
        ));
        let flow_chat = flow.open(&stand, "en").await;
        assert_eq!(
            text(&say(&flow, &flow_chat, "third@example.org").await),
            "[EMAIL_1]"
        );
        stand.close().await;
    }
}
