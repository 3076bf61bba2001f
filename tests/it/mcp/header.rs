//! Headers and ids: what stands around a message, and comes back with it.

use super::{Desk, LEGACY, MARK, MODERN, assert_error};
use serde_json::{Value, json};
use tidewaiter_audit::Kind;

/// Headers that name something else than a call of `balances_balance`, one set a line.
const CONTRADICT: &str = "
mcp-name kyc_profile
mcp-name zq7Kanarienvogel
mcp-name BALANCES_BALANCE
mcp-name =?base64?enE3?=
mcp-name =?base64?*?=
mcp-name balances_balance Mcp-Name zq7Kanarienvogel
mcp-method tools/list
mcp-method zq7Kanarienvogel
mcp-method tools/call Mcp-Method tools/list
mcp-protocol-version 2026-07-28
";

/// Headers that name the same.
const AGREE: &str = "
mcp-name balances_balance mcp-method tools/call
mcp-name =?base64?YmFsYW5jZXNfYmFsYW5jZQ==?=
";

fn sets(table: &str) -> Vec<Vec<(&str, &str)>> {
    let lines = table.lines().filter(|line| !line.is_empty());
    let sets = lines.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let mut set = vec![("mcp-protocol-version", LEGACY)];
        set.extend(words.chunks(2).map(|pair| (pair[0], pair[1])));
        set
    });
    sets.collect()
}

/// Whoever routed a request by its headers has seen another one than we do: it is not carried out.
#[tokio::test(flavor = "multi_thread")]
async fn i1_headers_that_contradict_the_body_are_refused_and_recorded() {
    let desk = Desk::sqlite().await;
    let meta = json!({"tidewaiter/conversation": desk.chat});
    let btc = json!({"currency": "btc"});
    let params = json!({"name": "balances_balance", "arguments": btc, "_meta": meta});
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let call = call.to_string();
    desk.stand.exchange().forget_seen();
    let mut wrong = sets(CONTRADICT);
    wrong.push(vec![("mcp-protocol-version", LEGACY), ("mcp-name", "")]);
    // The newer version needs them; without them nothing says what was routed.
    wrong.push(vec![("mcp-protocol-version", MODERN)]);
    for headers in wrong {
        let from = desk.stand.size();
        let got = desk.post(&headers, &call).await;
        assert_error(&got, 400, -32_020);
        let records = desk.stand.records_from(from).await;
        assert_eq!(records.len(), 1, "{headers:?}");
        assert_eq!(records[0].leaf.kind, Kind::Refusal, "{headers:?}");
    }
    assert_eq!(desk.stand.exchange().count(), 0, "none was carried out");
    for headers in sets(AGREE) {
        let got = desk.post(&headers, &call).await;
        assert_eq!(got.json()["result"]["isError"], false, "{}", got.text());
    }
    desk.stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_come_back_as_they_were_written() {
    let desk = Desk::sqlite().await;
    let version = [("mcp-protocol-version", LEGACY)];
    let ping = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
    let long = format!("\"{}\"", "i".repeat(126));
    let good = r#"0 1 -7 9007199254740993 "" "a-b" "\u0416""#;
    for id in good.split(' ').chain([&*long]) {
        let got = desk.post(&version, &ping(id)).await;
        got.is(200, "");
        let sent: Value = serde_json::from_str(id).unwrap();
        assert_eq!(got.json()["id"], sent, "{}", got.text());
    }
    let over = format!("\"{MARK}{}\"", "i".repeat(128));
    for id in "1.5 1e3 true {} [1]".split(' ').chain([&*over]) {
        let from = desk.stand.size();
        let got = desk.post(&version, &ping(id)).await;
        got.is(400, "malformed");
        assert_eq!(desk.stand.only_record(from, &got).await.0, Kind::Refusal);
        assert!(!got.text().contains(MARK));
    }
    assert_error(&desk.post(&version, &ping("null")).await, 400, -32_600);
    desk.stand.close().await;
}
