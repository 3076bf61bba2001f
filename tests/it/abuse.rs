//! What strangers and talked-into models throw at a running process: floods of connections, bombs
//! of headers, oversized arguments, and text that would like to be a line of the log.

use crate::harness::Place;
use crate::harness::child::{Child, Site, read};
use crate::wire::Wire;
use serde_json::{Value, json};
use std::time::Duration;
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::identity::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What must not come back, nor be in a log.
const MARK: &str = "zq7Kanarienvogel";

struct Siege {
    site: Site,
    child: Child,
    bot: Wire,
    chat: String,
}

impl Siege {
    async fn on(more: &str) -> Self {
        let site = Site::on(Place::sqlite(), more).await;
        let child = site.serve().await;
        let address = site.url.strip_prefix("http://").unwrap().parse().unwrap();
        let token = site.token(&site.people()[0]).sign().unwrap();
        let bot = Wire {
            address,
            token: Some(token),
        };
        let shown_at = rfc3339(Clock::System.now_us());
        let opening = json!({"channel": "web", "locale": "en",
            "disclosure": {"version": "3", "shown_at": shown_at}});
        let opened = bot.post("/v1/conversations", &opening).await;
        let chat = opened.json()["conversation"].as_str().unwrap().to_owned();
        Self {
            site,
            child,
            bot,
            chat,
        }
    }

    /// A lookup that is answered and recorded, as if nothing were happening.
    async fn is_served(&self) {
        let arguments = json!({"currency": "btc"});
        let got = self
            .bot
            .call("balances.balance", &self.chat, &arguments, &[]);
        let got = tokio::time::timeout(Duration::from_mins(1), got).await;
        let got = got.expect("served in time");
        assert_eq!((got.status, got.rid().len()), (200, 32), "{}", got.text());
    }

    async fn end(self) -> Vec<Value> {
        let err = self.site.place.path("logs/0000.err");
        self.child.stop().await;
        let log = read(&err);
        assert!(!log.contains(MARK) && !log.contains("Kanarien"), "{log}");
        let lines = log.lines().map(serde_json::from_str::<Value>);
        lines.collect::<Result<_, _>>().expect("every line is ours")
    }
}

/// Everything until the other side closes, or nothing more comes.
async fn hear(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = stream.read_to_end(&mut all);
    drop(tokio::time::timeout(Duration::from_secs(30), read).await);
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_connections_leaves_room_and_health() {
    let more = "max_connections = 32\nheader_read_timeout_ms = 400";
    let siege = Siege::on(more).await;
    let mut idle = Vec::new();
    for n in 0..300 {
        let mut stream = TcpStream::connect(siege.bot.address).await.unwrap();
        if n % 2 == 0 {
            // Half of them say something that never ends.
            drop(
                stream
                    .write_all(b"GET /v1/operations HTTP/1.1\r\nx: ")
                    .await,
            );
        }
        idle.push(stream);
    }
    let health = siege.site.health().get("/readyz").await.unwrap();
    assert_eq!(health.status.as_u16(), 200, "health has a door of its own");
    // Who came first is let go in time, and so everybody's turn comes.
    siege.is_served().await;
    for mut stream in idle {
        let heard = hear(&mut stream).await;
        assert!(
            heard.is_empty() || heard.starts_with("HTTP/1.1 408 "),
            "{heard}"
        );
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn header_bombs_are_refused_and_others_are_served() {
    let siege = Siege::on("").await;
    let start = format!(
        "GET /v1/operations HTTP/1.1\r\nhost: {}\r\n",
        siege.bot.address
    );
    let many: Vec<String> = (0..20_000).map(|n| format!("x-{n}: {MARK}\r\n")).collect();
    let many = many.concat();
    let long = format!("x-long: {}\r\n", MARK.repeat(100_000));
    let same = format!("authorization: Bearer {MARK}\r\n").repeat(2_000);
    let folded = format!("x-folded: a\r\n {MARK}\r\n");
    for bomb in [many, long, same, folded] {
        let mut stream = TcpStream::connect(siege.bot.address).await.unwrap();
        let bytes = [start.as_bytes(), bomb.as_bytes(), b"\r\n"].concat();
        // It may hang up before it has heard everything.
        drop(stream.write_all(&bytes).await);
        let heard = hear(&mut stream).await;
        let refused = ["HTTP/1.1 400 ", "HTTP/1.1 431 "];
        assert!(
            heard.is_empty() || refused.iter().any(|start| heard.starts_with(start)),
            "{heard}"
        );
        assert!(!heard.contains(MARK));
        siege.is_served().await;
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_arguments_are_refused_recorded_and_not_repeated() {
    let siege = Siege::on("").await;
    let deep = (0..60).fold(json!(MARK), |inner, _| json!([inner]));
    let many: serde_json::Map<_, _> = (0..5_000).map(|n| (format!("a{n}"), json!(n))).collect();
    for arguments in [
        json!({"currency": MARK.repeat(10_000)}),
        json!({"currency": deep}),
        json!({"currency": vec![MARK; 5_000]}),
        json!({ MARK.repeat(5_000): "btc" }),
        Value::Object(many),
        json!({"currency": 1e300}),
        json!({"currency": "btc\u{0}"}),
    ] {
        for tool in [false, true] {
            let (bot, chat) = (&siege.bot, &siege.chat);
            let got = if tool {
                bot.tool("balances_balance", chat, &arguments, None).await
            } else {
                bot.call("balances.balance", chat, &arguments, &[]).await
            };
            let code = got.code();
            assert!(
                ["invalid_arguments", "malformed"].contains(&&*code),
                "{code}: {}",
                got.text()
            );
            assert!(!got.text().contains(MARK) && got.rid().len() == 32);
        }
    }
    siege.is_served().await;
    siege.end().await;
}

/// Text that would be a line of its own, or paint over one.
fn injections() -> [String; 4] {
    let line = json!({"level": "ERROR", "code": "unrecorded", "message": MARK});
    [
        format!("x\n{line}\n"),
        format!("x\r\n{line}\r\n"),
        format!("\u{1b}[2J\u{1b}[31m{MARK}\u{7}"),
        format!("\u{2028}{MARK}\u{202e}\u{85}"),
    ]
}

/// As it may stand in a path or a header.
fn encoded(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    bytes.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_no_text_becomes_a_line_of_the_log() {
    let siege = Siege::on("").await;
    let officer = siege.site.officer("dina", &[Role::Dpo]);
    for text in injections() {
        let (bot, chat) = (&siege.bot, &siege.chat);
        let path = format!("/v1/operations/{}", encoded(&text));
        bot.post(&path, &json!({"arguments": {}})).await;
        bot.get(&format!("/{}", encoded(&text))).await;
        for body in [
            json!({"arguments": {"currency": text}, "conversation": chat}),
            json!({"arguments": {text.as_str(): "btc"}, "conversation": chat}),
            json!({"arguments": {"currency": "btc"}, "conversation": text}),
            json!({"arguments": {"currency": "btc"}, "purpose": text, "conversation": chat}),
            json!({ text.as_str(): text }),
        ] {
            bot.post("/v1/operations/balances.balance", &body).await;
            bot.tool(&text, chat, &body, Some(&text)).await;
        }
        for speaker in ["customer", "assistant", text.as_str()] {
            let turn = json!({"speaker": speaker, "text": text, "model": text});
            bot.post(&format!("/v1/conversations/{chat}/turns"), &turn)
                .await;
        }
        let reason = encoded(&text);
        let why = [
            ("access-reason", reason.as_str()),
            ("access-case", reason.as_str()),
        ];
        let read = officer
            .send(http::Method::GET, "/v1/records/0", &why, None)
            .await;
        assert!(read.unwrap().status.as_u16() < 500);
        let stop = json!({"reason": text});
        let path = format!("/v1/switches/{}", encoded(&text));
        let put = officer
            .send(http::Method::PUT, &path, &[], Some(&stop))
            .await;
        assert!(put.unwrap().status.as_u16() < 500);
        let stranger = Wire {
            address: bot.address,
            token: Some(encoded(&text)),
        };
        assert_eq!(stranger.get("/v1/operations").await.status, 401);
    }
    siege.is_served().await;
    for line in siege.end().await {
        let target = line["target"].as_str().unwrap();
        assert!(target.starts_with("tidewaiter"), "{line}");
        assert_ne!(line["code"], "unrecorded", "{line}");
    }
}
