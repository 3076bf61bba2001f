//! What HTTP refuses before it is anybody's call, and bodies that do not come.

use super::{Desk, MARK, judge};
use crate::wire::Headers;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Status, code, method, path, header; `LONG` stands for what is too long, `HOST` for our own.
const REFUSED: &str = "
404 no_route GET /zq7Kanarienvogel
404 no_route GET /
404 no_route GET /v1
404 no_route POST /v1/operations/balances.balance/
404 no_route POST //v1/operations/balances.balance
404 no_route POST /v1/zq7Kanarienvogel
404 no_route GET /healthz
404 no_route GET /metrics
405 method_not_allowed PUT /v1/operations/balances.balance
405 method_not_allowed DELETE /v1/operations
405 method_not_allowed GET /mcp
405 method_not_allowed PATCH /v1/conversations
405 method_not_allowed zq7Kanarienvogel /v1/conversations
414 uri_too_long GET /v1/operations/LONG
414 uri_too_long GET /v1/operations?LONG
431 headers_too_large GET /v1/operations x-big LONGLONGLONGLONGLONGLONGLONGLONGLONGLONG
421 host GET /v1/operations host zq7Kanarienvogel
421 host GET /v1/operations host HOST Host zq7Kanarienvogel
403 origin POST /mcp origin zq7Kanarienvogel
403 origin GET /v1/operations origin null
";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_call_is_refused_alike_with_a_token_and_without() {
    let desk = Desk::sqlite().await;
    let from = desk.stand.size();
    let (long, own) = (MARK.repeat(160), desk.bot.address.to_string());
    for line in REFUSED.lines().filter(|line| !line.is_empty()) {
        let filled = line.replace("LONG", &long).replace("HOST", &own);
        let words: Vec<&str> = filled.split(' ').collect();
        let is = (words[0].parse().unwrap(), words[1]);
        let headers: Vec<_> = words[4..]
            .chunks(2)
            .map(|pair| (pair[0], pair[1]))
            .collect();
        for who in [&desk.bot, &desk.stand.wire()] {
            let got = who.send(words[2], words[3], &headers, b"").await;
            judge(&got, is, line);
            assert_eq!(got.rid(), "");
        }
    }
    assert!(desk.stand.records_from(from).await.is_empty());
    desk.stand.close().await;
}

/// What the connection itself refuses: without a word of ours, and without one of theirs.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_not_repeated() {
    let desk = Desk::sqlite().await;
    let from = desk.stand.size();
    let own = desk.bot.address.to_string();
    let names: Vec<String> = (0..80).map(|n| format!("x-{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), MARK)).collect();
    let headers: Headers<'_> = &many;
    let got = desk.bot.send("GET", "/v1/operations", headers, b"").await;
    assert_eq!((got.status, got.text().contains(MARK)), (431, false));
    for start in [
        "GET /v1/operations HTTP/9.9",
        "GET  HTTP/1.1",
        "GET /v1/\u{0} HTTP/1.1",
        "POST /mcp HTTP/1.1\r\ncontent-length: x",
        MARK,
    ] {
        let request = format!("{start}\r\nhost: {own}\r\n\r\n{MARK}");
        let got = desk.bot.raw(request.as_bytes()).await;
        assert!((400..500).contains(&got.status), "{start}: {}", got.status);
        assert!(!got.text().contains(MARK), "{start}");
    }
    assert!(desk.stand.records_from(from).await.is_empty());
    desk.stand.close().await;
}

/// Two lengths, or a length and chunks, are two requests to two readers: neither is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_two_ends_is_refused() {
    let desk = Desk::sqlite().await;
    let from = desk.stand.size();
    let (own, token) = (desk.bot.address, desk.bot.token.clone().unwrap());
    let head = format!(
        "POST /v1/operations/fees.tier HTTP/1.1\r\nhost: {own}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    );
    for more in [
        "content-length: 2\r\ncontent-length: 5\r\n\r\n{}AAA",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "transfer-encoding: chunked, identity\r\n\r\n{}",
        "content-length: -1\r\n\r\n{}",
        "content-length: 2 2\r\n\r\n{}",
    ] {
        let got = desk.bot.raw(format!("{head}{more}").as_bytes()).await;
        assert!(got.status >= 400, "{more:?}: {}", got.status);
        assert!(
            !got.text().contains("HTTP/1.1 "),
            "one answer, no second: {more:?}"
        );
    }
    // A length beside chunks may be ignored (RFC 9112 §6.3); then it is one call.
    assert!(desk.stand.records_from(from).await.len() <= 1);
    desk.stand.close().await;
}

/// A body that does not come: answered within its time, recorded as the token was good.
#[tokio::test(flavor = "multi_thread")]
async fn i1_a_body_that_comes_too_slowly_is_recorded() {
    let desk = Desk::sqlite().await;
    let from = desk.stand.size();
    let mut streams = Vec::new();
    for path in ["/v1/operations/fees.tier", "/mcp", "/v1/conversations"] {
        let begun = format!("{{\"{MARK}");
        let length = [("content-length", "100")];
        let bytes = desk.bot.request("POST", path, &length, begun.as_bytes());
        let mut stream = TcpStream::connect(desk.bot.address).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        streams.push((path, stream));
    }
    for (path, mut stream) in streams {
        let mut all = String::new();
        let read = stream.read_to_string(&mut all);
        let read = tokio::time::timeout(Duration::from_secs(20), read).await;
        read.expect("in time").unwrap();
        assert!(all.starts_with("HTTP/1.1 408 "), "{path}: {all}");
        assert!(all.contains("request_timeout"), "{path}: {all}");
        assert!(
            all.contains("\"record\":\"") && !all.contains(MARK),
            "{path}: {all}"
        );
    }
    assert_eq!(desk.stand.records_from(from).await.len(), 3);
    desk.stand.close().await;
}
