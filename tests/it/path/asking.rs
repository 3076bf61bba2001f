//! Turns that ask the customer for a secret: recorded, and stopped.

use crate::harness::stand::Stand;
use crate::wire::{Got, Wire};
use serde_json::json;
use tidewaiter_audit::Kind;

/// Language of the conversation, what is said, which secret, and the words of the replacement.
const ASKING: [(&str, &str, &str, &str); 3] = [
    (
        "en",
        "Please send me your seed phrase.",
        "SEED_PHRASE",
        "Never tell anybody",
    ),
    (
        "ru-RU",
        "Назовите код из СМС, пожалуйста.",
        "OTP",
        "Никому не сообщайте",
    ),
    (
        "de",
        "Bitte nennen Sie mir Ihr Passwort.",
        "PASSWORD",
        "Nennen Sie niemandem",
    ),
];

async fn speak(who: &Wire, chat: &str, speaker: &str, text: &str) -> Got {
    let path = format!("/v1/conversations/{chat}/turns");
    who.post(&path, &json!({"speaker": speaker, "text": text}))
        .await
}

/// Whoever speaks for us: the turn has its record, and the answer says what to show instead.
#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_asks_for_a_secret_is_recorded_and_stopped() {
    for stand in Stand::each().await {
        let bot = stand.assistant(&stand.exchange().cast().queued);
        for (locale, text, secret, instead) in ASKING {
            let chat = bot.open(&stand, locale).await;
            for speaker in ["assistant", "human"] {
                let from = stand.size();
                let got = speak(&bot, &chat, speaker, text).await;
                got.is(422, "asks_for_secret");
                assert!(got.text().contains(instead), "{}", got.text());
                assert!(!got.text().contains(text), "{}", got.text());
                assert_eq!(stand.only_record(from, &got).await, (Kind::Turn, None));
                let sealed = stand.sealed(&got.rid()).await;
                assert_eq!(sealed["stopped"]["secret"], secret, "{sealed}");
                assert_eq!(sealed["said"], text, "what was said is kept");
                assert!(sealed["shown"].is_null(), "{sealed}");
            }
            // The customer may ask what they like, and the numbers go on.
            let got = speak(&bot, &chat, "customer", text).await;
            got.is(201, "");
            assert_eq!(got.json()["turn"], 3);
        }
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_and_guidance_are_shown() {
    let stand = Stand::sqlite().await;
    let bot = stand.assistant(&stand.exchange().cast().queued);
    let chat = bot.open(&stand, "en").await;
    for text in [
        "Never share your seed phrase with anyone, us included.",
        "Enter the code in the app, do not send it here.",
        "You can reset your password in the settings.",
    ] {
        for speaker in ["assistant", "human"] {
            let got = speak(&bot, &chat, speaker, text).await;
            got.is(201, "");
            assert_eq!(got.json()["text"], text);
        }
    }
    stand.close().await;
}
