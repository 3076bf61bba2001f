//! Requests as they go over the wire, byte for byte; what came back; and what was recorded of it.

use crate::harness::stand::Stand;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tidewaiter::demo::AGENT;
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::Exchange;
use tidewaiter::identity::TokenDraft;
use tidewaiter::ledger::read::Entry;
use tidewaiter_audit::{Decision, Kind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The scenario agent of the demonstration.
pub(crate) const FLOW: &str = "triage-flow";

/// Headers by name.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

/// Somebody with a token, or without one.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    pub(crate) token: Option<String>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Got {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .expect("a status");
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            status: status.parse().expect("a number"),
            headers: headers
                .map(|(n, v)| (n.to_lowercase(), v.to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// What REST answered, or what an MCP tool result says.
    pub(crate) fn document(&self) -> Value {
        let json = self.json();
        match json
            .pointer("/result/content/0/text")
            .and_then(Value::as_str)
        {
            Some(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            None => json,
        }
    }

    pub(crate) fn code(&self) -> String {
        self.document()["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The public name of the record.
    pub(crate) fn rid(&self) -> String {
        self.document()["record"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Asserts status and code; a success has none.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) {
        let found = (self.status, &*self.code());
        assert_eq!(found, (status, code), "{}", self.text());
    }

    /// Everything that left, head and body, without what is random, a time of ours, or what is left
    /// of a quota.
    pub(crate) fn blind(&self) -> String {
        let mut headers = self.headers.clone();
        headers.retain(|(name, _)| name != "date" && name != "ratelimit");
        headers.sort();
        let text = format!("{} {headers:?} {}", self.status, self.text());
        let rid = self.rid();
        if rid.is_empty() {
            text
        } else {
            text.replace(&rid, "RID")
        }
    }
}

impl Wire {
    /// Sends bytes as they are and reads until the other side has finished.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Got {
        let talk = async {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            // Who is refused early may be hung up on while still sending.
            drop(stream.write_all(bytes).await);
            let mut all = Vec::new();
            drop(stream.read_to_end(&mut all).await);
            all
        };
        let all = tokio::time::timeout(Duration::from_mins(1), talk)
            .await
            .expect("an answer");
        Got::parse(&all)
    }

    /// The bytes of a request. `headers` come after ours and replace those of the same name.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: &[u8],
    ) -> Vec<u8> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        let ours = [
            ("host", self.address.to_string()),
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json, text/event-stream".to_owned()),
            ("content-length", body.len().to_string()),
        ];
        let ours = ours.iter().map(|(name, value)| (*name, value.as_str()));
        let token = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let token = token
            .as_ref()
            .map(|token| ("authorization", token.as_str()));
        let given = |name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        let ours = ours.chain(token).filter(|(name, _)| !given(name));
        for (name, value) in ours.chain(headers.iter().copied()) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        [head.as_bytes(), b"\r\n", body].concat()
    }

    /// Sends a request; again, if there were too many in this second.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: &[u8],
    ) -> Got {
        let bytes = self.request(method, path, headers, body);
        loop {
            let got = self.raw(&bytes).await;
            if got.status != 429 && got.code() != "over_quota" {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send("GET", path, &[], b"").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        self.send("POST", path, &[], body.to_string().as_bytes())
            .await
    }

    /// Calls an operation over REST; `more` are members beside `arguments` and `conversation`.
    pub(crate) async fn call(
        &self,
        operation: &str,
        chat: &str,
        arguments: &Value,
        headers: Headers<'_>,
    ) -> Got {
        let mut body = json!({"arguments": arguments});
        if !chat.is_empty() {
            body["conversation"] = chat.into();
        }
        let path = format!("/v1/operations/{operation}");
        self.send("POST", &path, headers, body.to_string().as_bytes())
            .await
    }

    /// Calls a tool over MCP, protocol 2025-11-25.
    pub(crate) async fn tool(
        &self,
        tool: &str,
        chat: &str,
        arguments: &Value,
        key: Option<&str>,
    ) -> Got {
        let mut meta = json!({});
        if !chat.is_empty() {
            meta["tidewaiter/conversation"] = chat.into();
        }
        if let Some(key) = key {
            meta["tidewaiter/idempotency-key"] = key.into();
        }
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let version = [("mcp-protocol-version", "2025-11-25")];
        self.send("POST", "/mcp", &version, message.to_string().as_bytes())
            .await
    }

    /// Opens a conversation in a language.
    pub(crate) async fn open(&self, stand: &Stand, locale: &str) -> String {
        let disclosure = json!({"version": "ai-notice/3", "shown_at": stand.house.now()});
        let body = json!({"channel": "web", "locale": locale, "disclosure": disclosure});
        let got = self.post("/v1/conversations", &body).await;
        assert_eq!(got.status, 201, "{}", got.text());
        got.json()["conversation"].as_str().unwrap().to_owned()
    }
}

impl Stand {
    /// The exchange behind the gateway.
    pub(crate) fn exchange(&self) -> &Exchange {
        &self.house.exchange
    }

    /// A stranger.
    pub(crate) fn wire(&self) -> Wire {
        Wire {
            address: self.house.running.address,
            token: None,
        }
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.house.running.gateway.clock().now_s()
    }

    /// Whoever the token says.
    pub(crate) fn signed(&self, token: TokenDraft<'_>) -> Wire {
        Wire {
            token: Some(token.sign().unwrap()),
            ..self.wire()
        }
    }

    /// An agent for a customer, at some assurance.
    pub(crate) fn agent(&self, agent: &str, person: &Person, acr: &str) -> Wire {
        let issuer = &self.house.issuer;
        let token = issuer.agent_token(agent, &person.sub, &person.uid, self.now_s());
        let token = token.about(&person.name, &person.email, &person.phone);
        self.signed(token.acr(acr))
    }

    /// The assistant for a customer.
    pub(crate) fn assistant(&self, person: &Person) -> Wire {
        self.agent(AGENT, person, "low")
    }

    /// How many records there are.
    pub(crate) fn size(&self) -> i64 {
        self.house.running.gateway.ledger().size()
    }

    /// The records of calls from an index on: without what the service writes by itself.
    pub(crate) async fn records_from(&self, from: i64) -> Vec<Entry> {
        let ledger = self.house.running.gateway.ledger();
        let mut found = Vec::new();
        for seq in from..ledger.size() {
            let entry = ledger.entry(seq).await.unwrap();
            if entry.leaf.kind != Kind::Refusals {
                found.push(entry);
            }
        }
        found
    }

    /// The one record since `from`, which must be the one that was named.
    pub(crate) async fn only_record(&self, from: i64, got: &Got) -> (Kind, Option<Decision>) {
        let records = self.records_from(from).await;
        assert_eq!(records.len(), 1, "{} {}", got.status, got.text());
        assert_eq!(
            hex::encode(records[0].leaf.rid),
            got.rid(),
            "{}",
            got.text()
        );
        (records[0].leaf.kind, records[0].leaf.decision)
    }

    /// What is sealed in the record of this name.
    pub(crate) async fn sealed(&self, rid: &str) -> Value {
        let ledger = self.house.running.gateway.ledger();
        let rid: [u8; 16] = hex::decode(rid).unwrap().try_into().unwrap();
        let entry = ledger
            .entry(ledger.find(&rid).await.unwrap())
            .await
            .unwrap();
        ledger.open_body(&entry).await.unwrap()
    }

    /// The catalog's operations.
    pub(crate) fn operations(&self) -> Vec<std::sync::Arc<tidewaiter::catalog::Operation>> {
        self.house
            .running
            .gateway
            .policy()
            .catalog()
            .operations()
            .to_vec()
    }
}
