//! What is asked: customers, operations, policy lines, and the answer they all get.

use super::load::Requests;
use super::nginx::Nginx;
use super::postgres::Cluster;
use super::upstream::Upstream;
use super::{Database, Options};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tidewaiter::identity::LocalIssuer;

/// Customers who are in a chat at the same time.
pub(crate) const ACTIVE: u64 = 2_000;
/// Agents that customers come through.
pub(crate) const AGENTS: u64 = 4;
/// What every call is given.
pub(crate) const ARGUMENTS: &str = r#"{"arguments":{"currency":"btc"}}"#;
/// Topics that operations belong to.
const TOPICS: usize = 20;
/// Agents that never call, with roles of their own, for the policy's length.
pub(crate) const OTHERS: usize = 40;

/// What runs beside the gateways, and where files go.
pub(crate) struct Place {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) upstream: Upstream,
    pub(crate) nginx: Option<Nginx>,
    pub(crate) logging: Option<Nginx>,
    pub(crate) cluster: Option<Cluster>,
    pub(crate) binary: PathBuf,
}

impl Place {
    pub(crate) async fn new(options: &Options) -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let upstream = Upstream::start();
        let (mut nginx, mut logging) = (None, None);
        if !options.alone {
            nginx = Nginx::start(dir.path(), upstream.port, false).await;
            logging = Nginx::start(dir.path(), upstream.port, true).await;
        }
        let wanted = options.on(Database::Postgres);
        let cluster = if wanted { Cluster::start() } else { None };
        let ours = PathBuf::from(env!("CARGO_BIN_EXE_tidewaiter"));
        Self {
            dir,
            upstream,
            nginx,
            logging,
            cluster,
            binary: options.binary.clone().unwrap_or(ours),
        }
    }
}

/// How large a policy and a catalog are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) lines: usize,
    pub(crate) operations: usize,
}

/// The size that calls are measured at.
pub(crate) const USUAL: Size = Size {
    lines: 100,
    operations: 20,
};

/// `splitmix64`: numbers in no order that are the same every time.
fn scatter(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A customer's id at the upstream.
pub(crate) fn uid(customer: u64) -> String {
    format!("ID{customer:010}")
}

/// A token of one of the agents for a customer, in a session of its own.
pub(crate) fn token(issuer: &LocalIssuer, customer: u64, now_s: i64) -> String {
    let agent = format!("agent-{}", customer % AGENTS);
    let draft = issuer
        .agent_token(
            &agent,
            &format!("customer-{customer}"),
            &uid(customer),
            now_s,
        )
        .about(
            &format!("Person{customer} Beispiel"),
            &format!("person{customer}@mail.example"),
            &format!("+4915{customer:09}"),
        )
        .session(&format!("session-{customer}"))
        .acr("low")
        .lifetime(3_600);
    draft.sign().expect("a token")
}

/// Whether request number `n` is for an operation that the policy denies: one of twenty where
/// denials are asked for.
fn is_denied(n: u64, denials: bool) -> bool {
    denials && n % 20 == 19
}

/// Reads over REST: customers and operations in no order.
pub(crate) fn rest(tokens: Arc<Vec<String>>, size: Size, denials: bool, host: String) -> Requests {
    Arc::new(move |n, out| {
        let at = scatter(n);
        let token = &tokens[(at % tokens.len() as u64) as usize];
        let operation = (at >> 32) as usize % size.operations;
        let name = if is_denied(n, denials) {
            "bench.payout".to_owned()
        } else {
            format!("bench.op{operation}")
        };
        post(
            out,
            &host,
            &format!("/v1/operations/{name}"),
            token,
            "",
            ARGUMENTS,
        );
    })
}

/// The same over MCP.
pub(crate) fn mcp(tokens: Arc<Vec<String>>, size: Size, host: String) -> Requests {
    Arc::new(move |n, out| {
        let at = scatter(n);
        let token = &tokens[(at % tokens.len() as u64) as usize];
        let operation = (at >> 32) as usize % size.operations;
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{n},"method":"tools/call","params":{{"name":"bench_op{operation}","arguments":{{"currency":"btc"}}}}}}"#
        );
        let headers =
            "accept: application/json, text/event-stream\r\nmcp-protocol-version: 2025-11-25\r\n";
        post(out, &host, "/mcp", token, headers, &body);
    })
}

/// What the gateway asks the upstream, asked directly.
pub(crate) fn plain(tokens: Arc<Vec<String>>, size: Size) -> Requests {
    Arc::new(move |n, out| {
        let at = scatter(n);
        let customer = at % tokens.len() as u64;
        let operation = (at >> 32) as usize % size.operations;
        let head = format!(
            "GET /accounts/{}/op{operation}?currency=btc HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\naccept: application/json\r\n\r\n",
            uid(customer),
            tokens[customer as usize],
        );
        out.extend_from_slice(head.as_bytes());
    })
}

/// A conversation's opening.
pub(crate) fn opening(out: &mut Vec<u8>, host: &str, token: &str, now: &str) {
    let body = format!(
        r#"{{"channel":"web","locale":"en","disclosure":{{"version":"ai-notice/3","shown_at":"{now}"}}}}"#
    );
    post(out, host, "/v1/conversations", token, "", &body);
}

pub(crate) fn post(
    out: &mut Vec<u8>,
    host: &str,
    path: &str,
    token: &str,
    headers: &str,
    body: &str,
) {
    let text = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    out.extend_from_slice(text.as_bytes());
}

/// The members of the upstream's answer that the catalog declares, each with its class.
const FIELDS: [(&str, &str, &str); 24] = [
    ("id", "account", "TID892F29F09400017"),
    ("currency", "account", "btc"),
    ("state", "account", "processing"),
    ("kind", "account", "coin"),
    ("created_at", "account", "2026-11-02T09:13:44Z"),
    ("updated_at", "account", "2026-11-02T09:15:02Z"),
    ("completed_at", "account", "2026-11-02T11:40:31Z"),
    ("tier", "account", "verified"),
    ("network", "public", "bitcoin"),
    (
        "notice",
        "public",
        "Withdrawals of this network take about an hour.",
    ),
    ("balance", "financial", "12.40817355"),
    ("locked", "financial", "0.40000000"),
    ("amount", "financial", "0.40000000"),
    ("fee", "financial", "0.00040000"),
    ("limit_day", "financial", "25.00000000"),
    ("limit_month", "financial", "400.00000000"),
    (
        "address",
        "wallet",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    ),
    (
        "txid",
        "wallet",
        "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
    ),
    ("name", "identity", "Marta Beispiel-Lindqvist"),
    ("country", "identity", "Portugal"),
    ("email", "contact", "marta.beispiel@mail.example"),
    ("phone", "contact", "+351912345678"),
    (
        "note",
        "account",
        "Please send it to my own wallet, thank you for the quick help last time.",
    ),
    ("device", "security", "hardware key, added in March"),
];

/// The answer before and after the customer's id: about 2 KiB.
pub(crate) fn answer() -> (String, String) {
    let mut text = String::new();
    for (name, _class, value) in FIELDS {
        write!(text, r#","{name}":"{value}""#).expect("a string");
    }
    // What nobody declared.
    for (name, value) in [
        ("staff_comment", "called twice, see the desk's thread"),
        ("risk_flag", "r2"),
        ("shard", "eu-3"),
    ] {
        write!(text, r#","{name}":"{value}""#).expect("a string");
    }
    let events = ["submitted", "accepted", "processing", "confirming", "succeed"].map(|state| {
        format!(
            r#"{{"at":"2026-11-02T09:13:44Z","state":"{state}","amount":"0.40000000","actor":"core/settlement","trace":"7f3c9a21d4"}}"#
        )
    });
    let events = events.join(",");
    (
        r#"{"uid":""#.to_owned(),
        format!(r#""{text},"events":[{events}]}}"#),
    )
}

/// The catalog's file: operations with the same fields, one of four with free text in them, and
/// one that moves money.
pub(crate) fn catalog(size: Size) -> String {
    let mut text = "upstream = \"core\"\n".to_owned();
    for at in 0..size.operations {
        let topic = format!("topic{}", at % TOPICS);
        operation(
            &mut text,
            &format!("op{at}"),
            &topic,
            "account",
            at % 4 == 0,
        );
    }
    operation(&mut text, "payout", "payouts", "money", false);
    text
}

fn operation(text: &mut String, name: &str, topic: &str, risk: &str, free_text: bool) {
    write!(
        text,
        r#"
[[operation]]
name = "bench.{name}"
title = "A read"
description = "The customer's {name}, with its history."
method = "GET"
path = "/accounts/{{uid}}/{name}"
subject = {{ in = "path", as = "uid" }}
ownership = {{ proof = "checked", path = "uid" }}
topic = "{topic}"
risk = "{risk}"
effect = "read"
retention = "regulated"
purposes = ["support.balance", "support.withdrawal", "support.deposit", "support.orders"]
arguments = [
  {{ name = "currency", description = "Currency code.", shape = "string", required = true, length = [2, 16], pattern = "^[a-z0-9]+$" }},
  {{ name = "limit", description = "How many at most.", shape = "integer", range = [1, 100] }},
]
fields = [
  {{ path = "uid", class = "account", description = "The customer's id." }},
  {{ path = "events[].at", class = "account", description = "When." }},
  {{ path = "events[].state", class = "account", description = "What." }},
  {{ path = "events[].amount", class = "financial", description = "How much." }},
  {{ path = "events[].actor", class = "internal", description = "Who did it." }},
"#
    )
    .expect("a string");
    for (member, class, _value) in FIELDS {
        let searched = if free_text && member == "note" {
            ", text = true"
        } else {
            ""
        };
        writeln!(text, "  {{ path = \"{member}\", class = \"{class}\"{searched}, description = \"The {member}.\" }},").expect("a string");
    }
    text.push_str("]\n");
}

/// `policy.csv` of so many lines that say something.
pub(crate) fn policy(size: Size) -> String {
    let mut lines: Vec<String> = (0..AGENTS)
        .map(|at| format!("g, agent-{at}, role:support"))
        .collect();
    lines.push("p, *, risk:money, *, *, llm, *, deny".to_owned());
    lines.push("p, *, risk:security, *, *, llm, *, deny".to_owned());
    for (class, treatment) in [
        ("public", "reveal"),
        ("account", "reveal"),
        ("financial", "reveal"),
        ("wallet", "mask"),
        ("identity", "mask"),
        ("contact", "mask"),
    ] {
        lines.push(format!("p2, role:support, *, {class}, {treatment}, allow"));
    }
    lines.push("p2, *, *, security, compare, deny".to_owned());
    lines.push("p2, *, *, internal, compare, deny".to_owned());
    if size.lines < 20 + TOPICS {
        lines.push("p, role:support, *, *, *, *, *, allow".to_owned());
    } else {
        for at in 0..TOPICS {
            lines.push(format!(
                "p, role:support, topic:topic{at}, *, *, *, limit absent, allow"
            ));
            if lines.len() + 1 < size.lines {
                lines.push(format!(
                    "p, role:support, topic:topic{at}, *, *, *, limit <= 50, allow"
                ));
            }
        }
    }
    // The rest: other agents' roles, and what they may.
    let purposes = [
        "support.balance",
        "support.withdrawal",
        "support.deposit",
        "support.orders",
    ];
    let assurances = ["low", "substantial", "high"];
    for at in 0..OTHERS.min(size.lines.saturating_sub(lines.len())) {
        lines.push(format!("g, desk-{at}, role:desk{at}"));
    }
    let mut at = 0;
    while lines.len() < size.lines {
        let (role, rest) = (at % OTHERS, at / OTHERS);
        let (operation, rest) = (rest % size.operations, rest / size.operations);
        let (purpose, rest) = (purposes[rest % 4], rest / 4);
        let (assurance, rest) = (assurances[rest % 3], rest / 3);
        lines.push(format!("p, role:desk{role}, operation:bench.op{operation}, {purpose}, {assurance}, flow, limit <= {}, allow", 10 + rest));
        at += 1;
    }
    lines.truncate(size.lines.max(20));
    lines.join("\n") + "\n"
}
