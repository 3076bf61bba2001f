//! Turns that come in pieces: each sentence is a record before it is an event.

use super::conversation::say;
use crate::harness::stand::Stand;
use crate::officers::WHY;
use crate::wire::Wire;
use serde_json::{Value, json};
use std::time::Duration;
use tidewaiter::demo::AGENT;
use tidewaiter::identity::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A turn that is being sent, and its events.
struct Talk {
    stream: TcpStream,
    read: String,
}

impl Talk {
    async fn begin(who: &Wire, chat: &str) -> Self {
        let stream = TcpStream::connect(who.address).await.unwrap();
        let mut talk = Self {
            stream,
            read: String::new(),
        };
        let head = [
            ("content-type", "application/x-ndjson"),
            ("transfer-encoding", "chunked"),
        ];
        let path = format!("/v1/conversations/{chat}/turns");
        let request = who.request("POST", &path, &head, b"");
        let request = String::from_utf8(request).unwrap();
        let request = request.replace("content-length: 0\r\n", "");
        talk.stream.write_all(request.as_bytes()).await.unwrap();
        talk.line(&json!({"speaker": "assistant", "model": "m-1"}))
            .await;
        talk
    }

    async fn line(&mut self, line: &Value) {
        let line = format!("{line}\n");
        let chunk = format!("{:x}\r\n{line}\r\n", line.len());
        // Whoever was refused may be hung up on.
        drop(self.stream.write_all(chunk.as_bytes()).await);
    }

    /// Sends a text in pieces of three characters.
    async fn text(&mut self, text: &str) {
        let all: Vec<char> = text.chars().collect();
        for piece in all.chunks(3) {
            let piece: String = piece.iter().collect();
            self.line(&json!({"delta": piece})).await;
        }
    }

    async fn end(&mut self) {
        self.stream.write_all(b"0\r\n\r\n").await.unwrap();
    }

    /// Reads until this has come.
    async fn until(&mut self, mark: &str) -> &str {
        let mut buffer = [0; 4_096];
        while !self.read.contains(mark) {
            let read = self.stream.read(&mut buffer);
            let read = tokio::time::timeout(Duration::from_secs(30), read).await;
            let count = read.expect("in time").unwrap();
            assert!(count > 0, "{mark} is not in {}", self.read);
            self.read
                .push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        &self.read
    }

    /// The events that have come, in order.
    fn events(&self) -> Vec<(String, Value)> {
        let mut out = Vec::new();
        for part in self.read.split("event: ").skip(1) {
            let (name, rest) = part.split_once('\n').unwrap();
            let data = rest.strip_prefix("data: ").unwrap();
            let data = data.split("\n\n").next().unwrap();
            out.push((name.to_owned(), serde_json::from_str(data).unwrap()));
        }
        out
    }
}

const ANSWER: &str = "We have written to [EMAIL_1]. Your address other@example.org is on file. All is well and nothing else remains open for anyone";

/// What was shown is what the records say, part by part, and each is there before its event.
#[tokio::test(flavor = "multi_thread")]
async fn i1_every_piece_of_a_turn_is_recorded_before_it_leaves() {
    for stand in Stand::each().await {
        let bot = stand.assistant(&stand.exchange().cast().queued);
        let chat = bot.open(&stand, "en").await;
        say(&bot, &chat, "mail me: someone@example.org")
            .await
            .is(201, "");
        let mut talk = Talk::begin(&bot, &chat).await;
        talk.text(ANSWER).await;
        // The first sentence leaves while the turn goes on.
        talk.until("event: part").await;
        talk.end().await;
        talk.until("event: end").await;
        assert!(
            talk.read.contains("content-type: text/event-stream"),
            "{}",
            talk.read
        );
        let events = talk.events();
        let mut shown = String::new();
        for (n, (_, data)) in events.iter().enumerate() {
            let text = data["text"].as_str().unwrap();
            let sealed = stand.sealed(data["record"].as_str().unwrap()).await;
            assert_eq!(sealed["shown"], text);
            assert_eq!(sealed["part"], (n + 1).to_string());
            assert_eq!(sealed["turn"], "2");
            assert_eq!(sealed["model"], "m-1");
            shown.push_str(text);
        }
        assert_eq!(
            shown,
            "We have written to [EMAIL_1]. Your address [EMAIL_2] is on file. All is well and nothing else remains open for anyone"
        );
        let last = &events.last().unwrap().1;
        assert_eq!(last["turn"], 2);
        assert_eq!(
            last["findings"],
            json!([{"type": "EMAIL", "start": 43, "end": 60}])
        );
        let sealed = stand.sealed(last["record"].as_str().unwrap()).await;
        assert_eq!(sealed["end"], "complete");
        // The next turn has the next number, and the numbers of values go on.
        let next = say(&bot, &chat, "third@example.org").await;
        assert_eq!(
            (&next.json()["turn"], next.json()["text"].as_str()),
            (&json!(3), Some("[EMAIL_3]"))
        );
        stand.close().await;
    }
}

/// A sentence that asks for a secret leaves with nobody, and is in the record.
#[tokio::test(flavor = "multi_thread")]
async fn i8_a_turn_ends_before_the_sentence_that_asks_for_a_secret() {
    for stand in Stand::each().await {
        let bot = stand.assistant(&stand.exchange().cast().queued);
        let chat = bot.open(&stand, "ru-RU").await;
        let mut talk = Talk::begin(&bot, &chat).await;
        talk.text("All is well. Nothing else remains open for anyone today and tomorrow. ")
            .await;
        talk.text("Now please send me your seed phrase here. Thank you. ")
            .await;
        talk.until("event: refused").await;
        let events = talk.events();
        let shown: Vec<&str> = events
            .iter()
            .filter(|(name, _)| name == "part")
            .filter_map(|(_, d)| d["text"].as_str())
            .collect();
        let shown = shown.concat();
        assert!(shown.starts_with("All is well. "), "{shown}");
        assert!(!shown.contains("Now"), "{shown}");
        let refused = &events.last().unwrap().1;
        assert_eq!(
            (&refused["code"], &refused["status"]),
            (&json!("asks_for_secret"), &json!(422))
        );
        assert!(
            refused["say"]
                .as_str()
                .unwrap()
                .chars()
                .any(|c| ('а'..='я').contains(&c))
        );
        let sealed = stand.sealed(refused["record"].as_str().unwrap()).await;
        assert_eq!(sealed["stopped"]["secret"], "SEED_PHRASE");
        assert!(
            sealed["stopped"]["said"]
                .as_str()
                .unwrap()
                .starts_with("Now please send")
        );
        assert_eq!(sealed["shown"], "");
        stand.close().await;
    }
}

/// A switch stops a turn at its next sentence, and so does the end of the conversation.
#[tokio::test(flavor = "multi_thread")]
async fn a_switch_or_a_close_stops_a_turn_at_its_next_sentence() {
    for stand in Stand::each().await {
        let bot = stand.assistant(&stand.exchange().cast().queued);
        let chat = bot.open(&stand, "en").await;
        let mut talk = Talk::begin(&bot, &chat).await;
        talk.text("This is the first sentence. And there is more to be told by those who know about other things")
            .await;
        talk.until("event: part").await;
        let end = json!({"outcome": "resolved"});
        let close = format!("/v1/conversations/{chat}/close");
        bot.post(&close, &end).await.is(200, "");
        talk.text(" in the second one. But that is not to be seen by anybody who reads along over their shoulder")
            .await;
        talk.until("conversation_required").await;
        assert!(!talk.read.contains("second"));
        let refused = talk.events().last().unwrap().1.clone();
        let sealed = stand.sealed(refused["record"].as_str().unwrap()).await;
        assert_eq!(sealed["refused"], "conversation_required");

        let chat = bot.open(&stand, "en").await;
        let mut talk = Talk::begin(&bot, &chat).await;
        talk.text("This is the first sentence. And there is more to be told by those who know about other things")
            .await;
        talk.until("event: part").await;
        let lena = stand.officer("lena", &[Role::Lead]);
        let path = format!("/v1/switches/agent:{AGENT}");
        let why = json!({"reason": "it makes things up"});
        let stopped = lena
            .send(http::Method::PUT, &path, &WHY, Some(&why))
            .await
            .unwrap();
        assert_eq!(stopped.status, 200, "{}", stopped.json());
        talk.text(" in the second one. But that is not to be seen by anybody who reads along over their shoulder")
            .await;
        talk.until("event: refused").await;
        assert_eq!(talk.events().last().unwrap().1["code"], "stopped");
        assert!(!talk.read.contains("second"));
        stand.close().await;
    }
}

/// A turn whose sender goes away ends with a record that says so; what was held was shown to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_breaks_off_says_so() {
    let stand = Stand::sqlite().await;
    let bot = stand.assistant(&stand.exchange().cast().queued);
    let chat = bot.open(&stand, "en").await;
    let mut talk = Talk::begin(&bot, &chat).await;
    talk.text("This is the first sentence. And there is more to be told by those who know about other things")
        .await;
    talk.until("event: part").await;
    let from = stand.size();
    drop(talk);
    for _ in 0..300 {
        if stand.size() > from {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ledger = stand.house.running.gateway.ledger();
    let entry = ledger.entry(stand.size() - 1).await.unwrap();
    let body = ledger.open_body(&entry).await.unwrap();
    assert_eq!(
        (&body["end"], &body["said"], &body["part"]),
        (&json!("broken"), &json!(""), &json!("2"))
    );
    // Nobody else speaks in pieces, and what is no line is none.
    for (first, code) in [
        (json!({"speaker": "customer"}), "malformed"),
        (json!({"delta": "x"}), "malformed"),
    ] {
        let head = [("content-type", "application/x-ndjson")];
        let path = format!("/v1/conversations/{chat}/turns");
        let got = bot
            .send("POST", &path, &head, format!("{first}\n").as_bytes())
            .await;
        got.is(400, code);
    }
    stand.close().await;
}
