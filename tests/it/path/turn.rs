//! Turns: what of them is seen, and what is kept.

use super::conversation::say;
use crate::harness::stand::Stand;
use crate::wire::{FLOW, Got, Wire};
use serde_json::json;
use tidewaiter::demo::AGENT;

/// Pasted secrets: language, text, secret, what it is.
const PASTED: [(&str, &str, &str, &str); 6] = [
    ("en", "here is my wallet: ", PHRASE, "SEED_PHRASE"),
    ("en", "my password is ", PASSWORD, "PASSWORD"),
    ("ru-RU", "вот мой кошелёк: ", PHRASE, "SEED_PHRASE"),
    ("ru-RU", "мой пароль: ", PASSWORD, "PASSWORD"),
    ("de", "mein Wallet: ", PHRASE, "SEED_PHRASE"),
    ("de", "mein Passwort ist ", PASSWORD, "PASSWORD"),
];
const PHRASE: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const PASSWORD: &str = "Tr0ub4dor&3-xyz";
const CARD: &str = "4111 1111 1111 1111";

fn text(got: &Got) -> String {
    got.json()["text"].as_str().unwrap().to_owned()
}

/// A turn is shown redacted and sealed without what must never be stored, and the customer is
/// warned in the conversation's language.
#[tokio::test(flavor = "multi_thread")]
async fn i8_what_is_pasted_is_shown_redacted_and_kept_without_secrets() {
    for stand in Stand::each().await {
        let bot = stand.assistant(&stand.exchange().cast().queued);
        let mut warnings = Vec::new();
        for (locale, before, secret, kind) in PASTED {
            let chat = bot.open(&stand, locale).await;
            let got = say(&bot, &chat, &format!("{before}{secret}")).await;
            got.is(201, "");
            assert!(!got.text().contains(secret), "{}", got.text());
            assert!(
                got.json()["findings"].to_string().contains(kind),
                "{}",
                got.text()
            );
            let sealed = stand.sealed(&got.rid()).await;
            for kept in [secret, "sausage", "Tr0ub4dor"] {
                assert!(!sealed.to_string().contains(kept), "{sealed}");
            }
            assert!(
                sealed["said"]
                    .as_str()
                    .unwrap()
                    .starts_with(before.trim_end()),
                "{sealed}"
            );
            assert_eq!(sealed["removed"], json!([kind]), "{sealed}");
            warnings.push(got.json()["warning"].as_str().unwrap().to_owned());
            let card = say(&bot, &chat, &format!("pay with {CARD}")).await;
            assert!(
                text(&card).contains("CARD") && !text(&card).contains("1111"),
                "{}",
                card.text()
            );
        }
        // Each kind has a sentence of its own in each language.
        let cyrillic = warnings
            .iter()
            .filter(|text| text.chars().any(|c| ('а'..='я').contains(&c)));
        assert_eq!(cyrillic.count(), 2);
        warnings.sort();
        warnings.dedup();
        assert_eq!(warnings.len(), PASTED.len(), "{warnings:#?}");
        stand.close().await;
    }
}

/// Somebody who wrote their telephone number into a withdrawal's note, and that number.
fn with_number_in_note(stand: &Stand, agent: &str) -> (Wire, String) {
    let customers = &stand.exchange().dataset().customers;
    let wrote = |note: &Option<String>| note.as_ref().is_some_and(|note| note.contains('+'));
    let mut all = customers.iter();
    let customer = all
        .find(|c| c.withdraws.iter().any(|w| wrote(&w.note)))
        .expect("somebody");
    let (sub, uid) = (&customer.sub, &customer.user.uid);
    let phone = format!("+{}", customer.user.phones[0].number);
    let token = stand
        .house
        .issuer
        .agent_token(agent, sub, uid, stand.now_s());
    (
        stand.signed(token.about("Somebody", &customer.user.email, &phone)),
        phone,
    )
}

/// The same address is the same placeholder in every turn and in every lookup of a conversation.
#[tokio::test(flavor = "multi_thread")]
async fn placeholders_are_stable_over_turns_and_lookups() {
    for stand in Stand::each().await {
        let (bot, phone) = with_number_in_note(&stand, AGENT);
        let chat = bot.open(&stand, "en").await;
        let first = say(
            &bot,
            &chat,
            "write to someone@example.org or else@example.org",
        )
        .await;
        assert_eq!(text(&first), "write to [EMAIL_1] or [EMAIL_2]");
        let said = "not Else@Example.org, but someone@example.org, third@example.org";
        let second = say(&bot, &chat, said).await;
        assert_eq!(text(&second), "not [EMAIL_2], but [EMAIL_1], [EMAIL_3]");
        let sealed = stand.sealed(&second.rid()).await;
        assert_eq!(sealed["said"], said, "statutory records say it all");
        assert_eq!(sealed["shown"], text(&second));

        let listed = bot
            .call("withdrawals.list", &chat, &json!({"limit": 50}), &[])
            .await;
        assert!(listed.text().contains("[PHONE_1]"), "{}", listed.text());
        assert!(!listed.text().contains(phone.trim_start_matches('+')));
        let own = say(
            &bot,
            &chat,
            &format!("my number is {phone}, or else@example.org"),
        )
        .await;
        assert_eq!(text(&own), "my number is [PHONE_1], or [EMAIL_2]");

        // Another conversation counts anew, and so does another agent's.
        let other = bot.open(&stand, "en").await;
        assert_eq!(
            text(&say(&bot, &other, "else@example.org").await),
            "[EMAIL_1]"
        );
        let (flow, _) = with_number_in_note(&stand, FLOW);
        let flows = flow.open(&stand, "en").await;
        assert_eq!(
            text(&say(&flow, &flows, "third@example.org").await),
            "[EMAIL_1]"
        );
        stand.close().await;
    }
}
