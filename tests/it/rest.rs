//! Bad input over REST: a fixed document, the right status, a record where the token was good, and
//! nothing of the input in any of it.

mod transport;

use crate::harness::stand::Stand;
use crate::wire::{Got, Headers, Wire};
use tidewaiter_audit::Kind;

/// What no answer may repeat.
const MARK: &str = "zq7Kanarienvogel";

/// A problem document with nothing in it but fixed texts.
fn judge(got: &Got, is: (u16, &str), what: &str) {
    assert_eq!((got.status, &*got.code()), is, "{what}: {}", got.text());
    let all = format!("{:?}{}", got.headers, got.text());
    assert!(
        !all.contains(MARK) && !all.contains("Kanarien"),
        "{what}: {all}"
    );
    assert_eq!(
        got.header("content-type"),
        Some("application/problem+json"),
        "{what}"
    );
    assert_eq!(got.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(
        got.header("x-content-type-options"),
        Some("nosniff"),
        "{what}"
    );
    let problem = got.json();
    let members = [
        "type", "title", "status", "code", "record", "say", "argument", "detail",
    ];
    for (name, value) in problem.as_object().expect("an object") {
        assert!(members.contains(&&**name), "{what}: {name}");
        assert!(value.is_string() || name == "status", "{what}: {name}");
    }
    assert_eq!(
        problem["type"],
        format!("urn:tidewaiter:problem:{}", is.1),
        "{what}"
    );
    assert_eq!(problem["status"], is.0, "{what}");
    assert!(
        problem["say"]
            .as_str()
            .is_some_and(|say| say.chars().count() > 10),
        "{what}"
    );
}

struct Desk {
    stand: Stand,
    bot: Wire,
    chat: String,
}

impl Desk {
    async fn sqlite() -> Self {
        let stand = Stand::sqlite().await;
        let bot = stand.assistant(&stand.exchange().cast().queued);
        Self {
            chat: bot.open(&stand, "en").await,
            bot,
            stand,
        }
    }

    /// Sends it with a token, and expects a record; and without one, and expects none.
    async fn expect(&self, path: &str, headers: Headers<'_>, body: &[u8], is: (u16, &str)) {
        let what = format!(
            "{path} {headers:?} {}",
            String::from_utf8_lossy(body)
                .chars()
                .take(120)
                .collect::<String>()
        );
        let from = self.stand.size();
        let got = self.bot.send("POST", path, headers, body).await;
        judge(&got, is, &what);
        let (kind, _) = self.stand.only_record(from, &got).await;
        assert_eq!(kind, Kind::Refusal, "{what}");
        let sealed = self.stand.sealed(&got.rid()).await;
        assert_eq!(sealed["refused"], is.1, "{what}: {sealed}");
        let from = self.stand.size();
        let stranger = self.stand.wire().send("POST", path, headers, body).await;
        judge(&stranger, (401, "unauthenticated"), &what);
        assert!(self.stand.records_from(from).await.is_empty(), "{what}");
    }
}

/// Bodies that are no strict JSON, one a line; `MARK` is replaced.
const NOT_STRICT: &str = r#"
MARK
"MARK"
["MARK"]
{"arguments":{"currency":"MARK"}
{"arguments":{"currency":"MARK"}}{}
{"arguments":{"currency":"MARK"}} MARK
{"MARK":1,"MARK":2}
{"MARK":1,"\u007aq7Kanarienvogel":2}
{"n":1e999,"MARK":1}
{"n":111111111111111111111111111111111111111111111111111111111111111111,"MARK":1}
{"a":"MARK\ud800"}
{'MARK':1}
{"MARK":NaN}
{"MARK":01}
{"MARK":1,}
// MARK {}
"#;

/// Forms and arguments of `withdrawals.list` that are refused; `CHAT` is an open conversation.
const UNFIT: &str = r#"
400 malformed {"MARK":1,"arguments":{},"conversation":"CHAT"}
400 malformed {"arguments":["MARK"],"conversation":"CHAT"}
400 malformed {"arguments":"MARK"}
400 malformed {"arguments":null}
400 malformed {"arguments":{},"conversation":7}
400 malformed {"arguments":{},"conversation":["MARK"]}
400 malformed {"arguments":{},"purpose":{"MARK":1}}
403 denied {"arguments":{},"conversation":"CHAT","purpose":"MARK"}
403 denied {"arguments":{},"conversation":"CHAT","purpose":""}
409 conversation_required {"arguments":{}}
409 conversation_required {"arguments":{},"conversation":"MARK"}
409 conversation_required {"arguments":{},"conversation":""}
409 conversation_required {"arguments":{},"conversation":"CHATMARK"}
409 conversation_required {"arguments":{},"conversation":"CHAT "}
409 conversation_required {"arguments":{},"conversation":"../CHAT"}
422 invalid_arguments {"arguments":{"MARK":"MARK"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":"MARK"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":{"a":"MARK"}},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":["MARK"]},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":null},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":"b"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":"btc\n"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":"btc\u0000MARK"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"currency":"LONG"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"state":"MARK"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":"MARK"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":"10"},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":0},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":-1},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":1.5},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":51},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":1e30},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":11111111111111111111111111111111111111},"conversation":"CHAT"}
422 invalid_arguments {"arguments":{"limit":true},"conversation":"CHAT"}
"#;

/// Every body that no route may take.
fn bodies() -> Vec<Vec<u8>> {
    let lines = NOT_STRICT.lines().map(|line| line.replace("MARK", MARK));
    let mut all: Vec<Vec<u8>> = lines.map(String::into_bytes).collect();
    for depth in [100, 100_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        all.push(format!("{{\"arguments\":{open}\"{MARK}\"{close}}}").into_bytes());
    }
    let mark = MARK.as_bytes();
    for bytes in [&b"\xff\xfe"[..], b"\xed\xa0\x80", b"\x01", b"\n", &[0; 64]] {
        all.push([b"{\"a\":\"", mark, bytes, b"\"}"].concat());
    }
    all.push([b"\xef\xbb\xbf{\"", mark, b"\":1}"].concat());
    all
}

impl Desk {
    /// Every route that takes a body.
    fn routes(&self) -> [String; 6] {
        [
            "/v1/operations/balances.balance".to_owned(),
            "/v1/operations/none.such".to_owned(),
            "/v1/conversations".to_owned(),
            format!("/v1/conversations/{}/turns", self.chat),
            format!("/v1/conversations/{}/close", self.chat),
            "/mcp".to_owned(),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_a_body_of_no_form_is_refused_recorded_and_not_repeated() {
    let desk = Desk::sqlite().await;
    let [first, others @ ..] = desk.routes();
    let malformed = (400, "malformed");
    for (body, other) in bodies().iter().zip(others.iter().cycle()) {
        // Every route reads with the same reader; each body is tried on the first and on another.
        desk.expect(&first, &[], body, malformed).await;
        desk.expect(other, &[], body, malformed).await;
    }
    desk.stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_too_large_or_of_another_type_are_told_apart_on_every_route() {
    let desk = Desk::sqlite().await;
    let large = format!("{{\"a\":\"{}\"}}", MARK.repeat(20_000));
    let types = "text/plain application/x-www-form-urlencoded multipart/form-data \
        application/json5 zq7Kanarienvogel";
    for path in desk.routes() {
        let too_large = (413, "too_large");
        desk.expect(&path, &[], large.as_bytes(), too_large).await;
        let media_type = (415, "media_type");
        for kind in types.split_whitespace() {
            let headers = [("content-type", kind)];
            desk.expect(&path, &headers, b"{}", media_type).await;
        }
        let packed = [("content-encoding", "gzip")];
        desk.expect(&path, &packed, MARK.as_bytes(), media_type)
            .await;
    }
    desk.stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_members_and_arguments_that_are_not_declared_are_refused() {
    let desk = Desk::sqlite().await;
    let path = "/v1/operations/withdrawals.list";
    for line in UNFIT.lines().filter(|line| !line.is_empty()) {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().unwrap();
        let (status, code) = (part().parse().unwrap(), part());
        let body = part().replace("CHAT", &desk.chat).replace("MARK", MARK);
        let body = body.replace("LONG", &"b".repeat(10_000));
        desk.expect(path, &[], body.as_bytes(), (status, code))
            .await;
    }
    desk.stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_names_of_no_form_are_refused() {
    let desk = Desk::sqlite().await;
    let case = format!(
        r#"{{"arguments":{{"topic":"other","summary":"{MARK}"}},"conversation":"{}"}}"#,
        desk.chat
    );
    let path = "/v1/operations/support.open_case";
    let malformed = (400, "malformed");
    for key in ["", &MARK.repeat(9), "k\u{e9}", "k\tk"] {
        let headers = [("idempotency-key", key)];
        desk.expect(path, &headers, case.as_bytes(), malformed)
            .await;
    }
    let twice = [("idempotency-key", MARK), ("Idempotency-Key", "other")];
    desk.expect(path, &twice, case.as_bytes(), malformed).await;
    let names = "zq7Kanarienvogel balances.balance%00 balances.balance%20 %2e%2e%2f%2e%2e%2fmcp \
        %ff %d0%b1%d0%b0%d0%bb%d0%b0%d0%bd%d1%81%d1%8b Balances.Balance balances_balance";
    for name in names.split_whitespace() {
        let path = format!("/v1/operations/{name}");
        desk.expect(&path, &[], br#"{"arguments":{}}"#, (403, "denied"))
            .await;
    }
    desk.stand.close().await;
}
