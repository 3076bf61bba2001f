//! Completing an answer for the customer.

use super::conversation::say;
use crate::harness::stand::Stand;
use crate::officers::WHY;
use serde_json::{Value, json};
use tidewaiter::demo::AGENT;
use tidewaiter::identity::Role;

const SEED: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const ANSWER: &str =
    "We wrote to [EMAIL_1] and called [PHONE_1], not [EMAIL_9]. [SEED_PHRASE REMOVED, long]";

/// The customer gets what they wrote themselves, and nobody else does.
#[tokio::test(flavor = "multi_thread")]
async fn i8_an_answer_is_completed_for_its_customer_alone() {
    for stand in Stand::each().await {
        let cast = stand.exchange().cast().clone();
        let bot = stand.assistant(&cast.queued);
        let chat = bot.open(&stand, "en").await;
        say(
            &bot,
            &chat,
            &format!("mail Someone@example.org, or +1 415 555 0132; seed {SEED}"),
        )
        .await
        .is(201, "");
        let path = format!("/v1/conversations/{chat}/reveal");
        let asked = json!({"text": ANSWER});
        let own = stand.house.customer(&cast.queued).unwrap();
        let got = own.post(&path, &asked).await.unwrap();
        assert_eq!(got.status, 200, "{}", got.json());
        assert_eq!(
            got.json()["text"],
            "We wrote to Someone@example.org and called +1 415 555 0132, not [EMAIL_9]. [SEED_PHRASE REMOVED, long]"
        );
        assert_eq!(got.json()["unknown"], json!(["[EMAIL_9]"]));
        let sealed = stand.sealed(got.json()["record"].as_str().unwrap()).await;
        assert_eq!(sealed["placeholders"], json!(["[EMAIL_1]", "[PHONE_1]"]));
        assert!(!sealed.to_string().contains("Someone"), "{sealed}");
        let looked = own.get("/v1/me/lookups").await.unwrap().json();
        assert!(
            looked.to_string().contains("Values put into an answer"),
            "{looked}"
        );

        // Not the agent, not staff it is assigned to, not another customer.
        bot.post(&path, &asked).await.is(403, "wrong_kind");
        let lena = stand.officer("lena", &[Role::Lead]);
        let until = jiff::Timestamp::from_second(stand.now_s() + 86_400).unwrap();
        let assigning = json!({"conversation": chat, "officer": "sam", "until": until.to_string()});
        let assigned = lena
            .send(
                http::Method::POST,
                "/v1/assignments",
                &WHY,
                Some(&assigning),
            )
            .await
            .unwrap();
        assert_eq!(assigned.status, 201, "{}", assigned.json());
        let sam = stand.officer("sam", &[Role::Support]);
        assert_eq!(
            code(&sam.post(&path, &asked).await.unwrap().json()),
            "wrong_kind"
        );
        let other = stand.house.customer(&cast.victim).unwrap();
        let foreign = other.post(&path, &asked).await.unwrap();
        let nowhere = format!("/v1/conversations/{}/reveal", "0".repeat(32));
        let missing = other.post(&nowhere, &asked).await.unwrap();
        for refused in [foreign, missing] {
            assert_eq!(
                (refused.status.as_u16(), code(&refused.json())),
                (404, "not_found".to_owned())
            );
        }

        // A switch stops it, for all or for the agent's conversations.
        let why = json!({"reason": "to be looked at"});
        for target in [
            "operation:conversation.reveal".to_owned(),
            format!("agent:{AGENT}"),
        ] {
            let switch = format!("/v1/switches/{target}");
            let put = lena
                .send(http::Method::PUT, &switch, &WHY, Some(&why))
                .await
                .unwrap();
            assert_eq!(put.status, 200, "{}", put.json());
            let got = own.post(&path, &asked).await.unwrap();
            assert_eq!(code(&got.json()), "stopped", "{target}");
            let resume = lena
                .send(http::Method::GET, &switch, &WHY, None)
                .await
                .unwrap();
            assert_eq!(resume.json()["state"], "stopped");
        }
        stand.close().await;
    }
}

/// After an erasure there is nothing to complete with.
#[tokio::test(flavor = "multi_thread")]
async fn i6_after_an_erasure_nothing_is_completed() {
    for stand in Stand::each().await {
        let person = stand.exchange().cast().leaving.clone();
        let bot = stand.assistant(&person);
        let chat = bot.open(&stand, "en").await;
        say(&bot, &chat, "mail someone@example.org")
            .await
            .is(201, "");
        let own = stand.house.customer(&person).unwrap();
        let case = own
            .post("/v1/me/erasures", &json!({}))
            .await
            .unwrap()
            .json();
        let dina = stand.officer("dina", &[Role::Dpo]);
        let approve = format!("/v1/erasures/{}/approve", case["case"].as_str().unwrap());
        let done = dina
            .send(http::Method::POST, &approve, &WHY, Some(&json!({})))
            .await
            .unwrap();
        assert_eq!(done.status, 200, "{}", done.json());
        let path = format!("/v1/conversations/{chat}/reveal");
        let got = own
            .post(&path, &json!({"text": "to [EMAIL_1]"}))
            .await
            .unwrap();
        assert!(
            !got.json().to_string().contains("someone"),
            "{}",
            got.json()
        );
        assert_ne!(code(&got.json()), "internal");
        stand.close().await;
    }
}

fn code(document: &Value) -> String {
    document["code"].as_str().unwrap_or_default().to_owned()
}
