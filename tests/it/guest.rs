//! A guest signs in: the conversation becomes the customer's, and goes with them.

use crate::harness::stand::Stand;
use crate::path::conversation::say;
use crate::wire::{FLOW, Got, Wire};
use serde_json::{Value, json};
use tidewaiter::demo::AGENT;
use tidewaiter::demo::data::Person;
use tidewaiter::identity::{Role, Subject};
use tidewaiter::ledger::{Draft, Effect, Owner, Unrecorded};
use tidewaiter_audit::{Decision, Kind};

const CANARY: &str = "zq7-guest-canary";
const WHY: [(&str, &str); 2] = [
    ("access-reason", "letter of the 20th"),
    ("access-case", "D-1"),
];

/// A guest of the assistant, in a session or in none.
fn guest(stand: &Stand, session: Option<&str>) -> Wire {
    let token = stand.house.issuer.guest_token(AGENT, stand.now_s());
    stand.signed(match session {
        Some(sid) => token.session(sid),
        None => token,
    })
}

/// An agent for a customer, in a session or in none.
fn signed_in(stand: &Stand, agent: &str, person: &Person, session: Option<&str>) -> Wire {
    let issuer = &stand.house.issuer;
    let token = issuer.agent_token(agent, &person.sub, &person.uid, stand.now_s());
    let token = token.acr("low");
    stand.signed(match session {
        Some(sid) => token.session(sid),
        None => token,
    })
}

async fn attach(who: &Wire, chat: &str) -> Got {
    who.send(
        "POST",
        &format!("/v1/conversations/{chat}/attach"),
        &[],
        b"",
    )
    .await
}

fn owner(person: &Person) -> Owner {
    Owner::Subject(std::sync::Arc::new(Subject {
        issuer: tidewaiter::demo::ISSUER.to_owned(),
        sub: person.sub.clone(),
        uid: String::new(),
    }))
}

/// The records of a customer, as access and export find them.
async fn records_of(stand: &Stand, person: &Person) -> Vec<i64> {
    let ledger = stand.house.running.gateway.ledger();
    let owner = ledger.keys().owner_id(&owner(person));
    ledger.of_owner(&owner, 2, 1_000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guests_conversation_becomes_the_customers() {
    for stand in Stand::each().await {
        let person = stand.exchange().cast().queued.clone();
        let guest = guest(&stand, Some("chat-9"));
        let chat = guest.open(&stand, "ru").await;
        let said = say(&guest, &chat, "mail me: someone@example.org").await;
        assert_eq!(said.json()["text"], "mail me: [EMAIL_1]");
        let networks = guest
            .call("networks.status", &chat, &json!({"currency": "btc"}), &[])
            .await;
        networks.is(200, "");
        assert_eq!(records_of(&stand, &person).await, [0_i64; 0]);

        let from = stand.size();
        let bot = signed_in(&stand, AGENT, &person, Some("chat-9"));
        let attached = attach(&bot, &chat).await;
        attached.is(200, "");
        assert_eq!(attached.json()["conversation"], chat.as_str());
        let left = stand.only_record(from, &attached).await;
        assert_eq!(left, (Kind::Conversation, None));
        assert_eq!(stand.sealed(&attached.rid()).await["act"], "attach");

        // What the customer says goes on where the guest stopped, numbers and all.
        let next = say(&bot, &chat, "again: someone@example.org, other@example.org").await;
        assert_eq!((next.status, &next.json()["turn"]), (201, &json!(2)));
        assert_eq!(next.json()["text"], "again: [EMAIL_1], [EMAIL_2]");
        // The token's session finds it.
        let fees = bot.call("fees.tier", "", &json!({}), &[]).await;
        fees.is(200, "");
        assert_eq!(
            stand.sealed(&fees.rid()).await["conversation"],
            chat.as_str()
        );
        // The guest is out.
        for got in [
            say(&guest, &chat, "still me").await,
            guest
                .call("networks.status", &chat, &json!({"currency": "btc"}), &[])
                .await,
        ] {
            got.is(409, "conversation_required");
        }
        // The customer sees what was looked up for the guest as well; access finds every record.
        let customer = stand.house.customer(&person).unwrap();
        let looked = customer.get("/v1/me/lookups").await.unwrap().json();
        let looked = looked["lookups"].as_array().unwrap();
        let named = |rid: &str| looked.iter().any(|row| row["record"] == rid);
        assert!(named(&networks.rid()) && named(&fees.rid()), "{looked:?}");
        let mut found = Vec::new();
        for seq in records_of(&stand, &person).await {
            let ledger = stand.house.running.gateway.ledger();
            found.push(hex::encode(ledger.entry(seq).await.unwrap().leaf.rid));
        }
        for got in [&said, &networks, &attached, &next, &fees] {
            assert!(found.contains(&got.rid()), "{}", got.text());
        }
        stand.close().await;
    }
}

/// Whoever may not attach a conversation learns nothing of it, and has a record all the same.
#[tokio::test(flavor = "multi_thread")]
async fn i10_what_cannot_be_attached_is_as_good_as_not_there() {
    for stand in Stand::each().await {
        let cast = stand.exchange().cast().clone();
        let in_session = guest(&stand, Some("chat-1"));
        let chat = in_session.open(&stand, "en").await;
        let closed = guest(&stand, None).open(&stand, "en").await;
        let end = json!({"outcome": "resolved"});
        let path = format!("/v1/conversations/{closed}/close");
        guest(&stand, None).post(&path, &end).await.is(200, "");
        let victim = stand.assistant(&cast.victim);
        let foreign = victim.open(&stand, "en").await;
        let mine = signed_in(&stand, AGENT, &cast.queued, Some("chat-1"));
        let own = signed_in(&stand, AGENT, &cast.queued, None);
        let own = own.open(&stand, "en").await;

        let elsewhere = signed_in(&stand, AGENT, &cast.queued, Some("chat-2"));
        let flow = signed_in(&stand, FLOW, &cast.queued, Some("chat-1"));
        let mut answers = Vec::new();
        for (who, chat) in [
            (&elsewhere, &*chat),
            (&flow, &chat),
            (&mine, &closed),
            (&mine, &foreign),
            (&mine, &own),
            (&mine, "00112233445566778899aabbccddeeff"),
            (&mine, "zz"),
        ] {
            let from = stand.size();
            let got = attach(who, chat).await;
            let denied = (Kind::Refusal, Some(Decision::Deny));
            assert_eq!(stand.only_record(from, &got).await, denied, "{chat}");
            got.is(409, "conversation_required");
            answers.push(got.blind());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:#?}");
        attach(&in_session, &chat).await.is(403, "sign_in_required");
        let odd = mine
            .post(
                &format!("/v1/conversations/{chat}/attach"),
                &json!({"sub": "x"}),
            )
            .await;
        odd.is(400, "malformed");

        // It is still there for whom it is for, once; two at once are one.
        let mut both = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (mine, chat) = (mine.clone(), chat.clone());
            both.spawn(async move { attach(&mine, &chat).await });
        }
        let answers = both.join_all().await;
        let done = answers.iter().filter(|got| got.status == 200).count();
        let refused = answers.iter().filter(|got| got.status == 409).count();
        assert_eq!((done, refused), (1, 3), "{answers:?}");
        attach(&mine, &chat).await.is(409, "conversation_required");
        let other = signed_in(&stand, AGENT, &cast.victim, Some("chat-1"));
        attach(&other, &chat).await.is(409, "conversation_required");
        stand.close().await;
    }
}

/// Of two tokens one names a session: that is no reason to refuse.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_compared_where_both_name_one() {
    let stand = Stand::sqlite().await;
    let person = stand.exchange().cast().queued.clone();
    for (before, after) in [(Some("s-1"), None), (None, Some("s-2")), (None, None)] {
        let chat = guest(&stand, before).open(&stand, "en").await;
        let bot = signed_in(&stand, AGENT, &person, after);
        attach(&bot, &chat).await.is(200, "");
        say(&bot, &chat, "hello").await.is(201, "");
    }
    // A session that has a conversation keeps it.
    let bot = signed_in(&stand, AGENT, &person, Some("s-2"));
    let chat = guest(&stand, Some("s-2")).open(&stand, "en").await;
    attach(&bot, &chat).await.is(200, "");
    say(&bot, &chat, "hello").await.is(201, "");
    let first = bot.call("fees.tier", "", &json!({}), &[]).await;
    first.is(200, "");
    assert_ne!(
        stand.sealed(&first.rid()).await["conversation"],
        chat.as_str()
    );
    stand.close().await;
}

async fn erase(stand: &Stand, person: &Person) -> Value {
    let customer = stand.house.customer(person).unwrap();
    let asked = customer.post("/v1/me/erasures", &json!({})).await.unwrap();
    assert_eq!(asked.status, 201, "{:?}", asked.json());
    let case = asked.json()["case"].as_str().unwrap().to_owned();
    let dpo = stand.house.officer("dora", &[Role::Dpo]).unwrap();
    let path = format!("/v1/erasures/{case}/approve");
    let done = dpo.send(http::Method::POST, &path, &WHY, None).await;
    let done = done.unwrap().json();
    assert_eq!(done["state"], "done", "{done}");
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_what_a_guest_said_goes_with_the_customer_it_became() {
    for stand in Stand::each().await {
        let cast = stand.exchange().cast().clone();
        let (one, other) = (guest(&stand, None), guest(&stand, None));
        let (chat, others) = (one.open(&stand, "en").await, other.open(&stand, "en").await);
        let said = say(&one, &chat, &format!("{CANARY} one")).await;
        let kept = say(&other, &others, &format!("{CANARY} other")).await;
        let bot = signed_in(&stand, AGENT, &cast.queued, None);
        attach(&bot, &chat).await.is(200, "");
        let more = say(&bot, &chat, &format!("{CANARY} signed in")).await;
        assert!(
            stand.sealed(&said.rid()).await["said"]
                .as_str()
                .unwrap()
                .contains(CANARY)
        );

        erase(&stand, &cast.queued).await;
        let ledger = stand.house.running.gateway.ledger();
        for got in [&said, &more] {
            let rid: [u8; 16] = hex::decode(got.rid()).unwrap().try_into().unwrap();
            let entry = ledger
                .entry(ledger.find(&rid).await.unwrap())
                .await
                .unwrap();
            assert!(entry.body.is_none(), "its body is purged");
            assert!(ledger.open_body(&entry).await.is_err());
        }
        let guest_id: [u8; 16] = hex::decode(&chat).unwrap().try_into().unwrap();
        let keys = ledger.keys();
        let guest_id = keys.owner_id(&Owner::Guest(guest_id));
        assert_eq!(keys.of_one(&guest_id).await.unwrap(), []);
        let of = keys.owner_id(&owner(&cast.queued));
        assert!(
            keys.guests_of(&of).await.unwrap().is_empty(),
            "whose it was is forgotten"
        );
        // Another guest's stays, and the ledger verifies (as it is closed).
        assert!(
            stand.sealed(&kept.rid()).await["said"]
                .as_str()
                .unwrap()
                .contains(CANARY)
        );
        attach(&stand.assistant(&cast.victim), &others)
            .await
            .is(200, "");
        for got in [
            attach(&bot, &chat).await,
            say(&bot, &chat, "still there?").await,
        ] {
            assert!(
                ["sign_in_again", "conversation_required"].contains(&&*got.code()),
                "{}",
                got.text()
            );
        }
        stand.close().await;
    }
}

/// An erasure that looked for guests before one more was attached is not carried out past it.
#[tokio::test(flavor = "multi_thread")]
async fn i6_an_erasure_sees_every_guest_or_is_refused() {
    for stand in Stand::each().await {
        let person = stand.exchange().cast().queued.clone();
        let ledger = stand.house.running.gateway.ledger();
        let keys = ledger.keys();
        let of = keys.owner_id(&owner(&person));
        let chat = guest(&stand, None).open(&stand, "en").await;
        let bot = signed_in(&stand, AGENT, &person, None);
        attach(&bot, &chat).await.is(200, "");
        let forget = |guests: Vec<[u8; 32]>| {
            let mut draft = Draft::new(Kind::Started, Owner::Log, "service", json!({}));
            draft.effects = vec![Effect::GuestsForget {
                owner: of,
                guests: guests.clone(),
                gone: guests,
            }];
            draft
        };
        let missed = ledger.append_reserved(forget(Vec::new())).await;
        assert_eq!(missed.unwrap_err(), Unrecorded::Conflict);
        let all = keys.guests_of(&of).await.unwrap();
        assert_eq!(all.len(), 1);
        ledger.append_reserved(forget(all)).await.unwrap();
        assert!(keys.guests_of(&of).await.unwrap().is_empty());
        stand.close().await;
    }
}
