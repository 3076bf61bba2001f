//! Traces, in builds that have them: spans of a call's steps reach a collector, and say no more
//! than the log may.

use crate::harness::Place;
use crate::harness::child::Site;
use serde_json::json;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tidewaiter::clock::{Clock, rfc3339};

/// A collector on loopback: what is posted to it, body by body.
fn collector() -> (String, Receiver<Vec<u8>>) {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (posted, bodies) = channel();
    let take = move |stream: TcpStream| {
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap() == 0 {
                return;
            }
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                reader.get_mut().write_all(answer).unwrap();
                drop(posted.send(body));
            }
        }
    };
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let take = take.clone();
            std::thread::spawn(move || take(stream.unwrap()));
        }
    });
    (url, bodies)
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_steps_of_a_call_are_traced_and_nobody_is_named() {
    let (url, bodies) = collector();
    let rest = format!("[traces]\nendpoint = \"{url}\"\nsample = 1.0");
    let site = Site::with(Place::sqlite(), "http", "", &rest).await;
    let child = site.serve().await;
    let person = site.people()[0].clone();
    let assistant = site.assistant(&person);
    let opening = json!({"channel": "web", "locale": "en",
        "disclosure": {"version": "3", "shown_at": rfc3339(Clock::System.now_us())}});
    let opened = assistant.post("/v1/conversations", &opening).await.unwrap();
    let chat = opened.json()["conversation"].clone();
    let body = json!({"arguments": {"currency": "btc"}, "conversation": chat});
    let answer = assistant
        .post("/v1/operations/balances.balance", &body)
        .await;
    assert_eq!(answer.unwrap().status.as_u16(), 200);
    let body = json!({"arguments": {"oops": "made-up"}, "conversation": chat});
    assistant
        .post("/v1/operations/made.up", &body)
        .await
        .unwrap();
    child.stop().await;
    let mut all = Vec::new();
    while let Ok(body) = bodies.recv_timeout(Duration::from_secs(10)) {
        all.extend(body);
        if text(&all).contains("denied") {
            break;
        }
    }
    let all = text(&all);
    for said in [
        "tidewaiter",
        "call",
        "forward",
        "redact",
        "append",
        "balances.balance",
        "denied",
    ] {
        assert!(all.contains(said), "{said}: {all}");
    }
    for unsaid in [
        &person.uid,
        &person.email,
        &person.last_name,
        "made-up",
        "made.up",
    ] {
        assert!(!all.contains(unsaid), "{unsaid}: {all}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
