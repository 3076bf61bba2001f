//! Officers over real HTTP on every database: who may what, what each leaves behind, and that
//! pages, transcripts, holds and figures are what they say.

mod cases;
mod chat;
mod command;
mod hold;
mod role;
mod search;

use crate::harness::stand::Stand;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tidewaiter::cli::{Client, Reply};
use tidewaiter::demo::ISSUER;
use tidewaiter::demo::data::Person;
use tidewaiter::identity::Role;

/// A reason and a case.
pub(crate) const WHY: [(&str, &str); 2] =
    [("access-reason", "complaint 7"), ("access-case", "C-7")];

impl Stand {
    pub(crate) fn officer(&self, sub: &str, roles: &[Role]) -> Client {
        self.house.officer(sub, roles).unwrap()
    }

    /// What is sealed in the record an answer names.
    async fn record_of(&self, reply: &Reply) -> Value {
        self.sealed(reply.json()["record"].as_str().unwrap()).await
    }

    /// The newest record an officer left.
    async fn newest_act(&self) -> Value {
        let ledger = self.house.running.gateway.ledger();
        for seq in (0..ledger.size()).rev() {
            let entry = ledger.entry(seq).await.unwrap();
            if entry.leaf.kind == tidewaiter_audit::Kind::Duty {
                return ledger.open_body(&entry).await.unwrap();
            }
        }
        panic!("no officer acted");
    }
}

/// Sends with a reason; again, if there were too many in this second.
pub(crate) async fn send(
    client: &Client,
    method: &Method,
    path: &str,
    body: Option<&Value>,
) -> Reply {
    with(client, method, path, &WHY, body).await
}

async fn with(
    client: &Client,
    method: &Method,
    path: &str,
    headers: &[(&'static str, &str)],
    body: Option<&Value>,
) -> Reply {
    loop {
        let reply = client.send(method.clone(), path, headers, body).await;
        let reply = reply.unwrap();
        if reply.status != 429 {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
}

async fn read(client: &Client, path: &str) -> Value {
    let reply = send(client, &Method::GET, path, None).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.json());
    reply.json()
}

async fn post(client: &Client, path: &str, body: &Value) -> Reply {
    send(client, &Method::POST, path, Some(body)).await
}

fn member(reply: &Reply, name: &str) -> String {
    reply.json()[name].as_str().unwrap_or_default().to_owned()
}

#[track_caller]
fn is(reply: &Reply, status: u16, code: &str) {
    let found = (reply.status.as_u16(), member(reply, "code"));
    assert_eq!(found, (status, code.to_owned()), "{}", reply.json());
}

/// A 422 that names its argument.
#[track_caller]
fn names(reply: &Reply, argument: &str) {
    is(reply, 422, "invalid_arguments");
    assert_eq!(member(reply, "argument"), argument, "{}", reply.json());
    assert!(!member(reply, "detail").is_empty());
}

/// The moment some days from now.
fn in_days(stand: &Stand, days: i64) -> String {
    let now_us = stand.house.running.gateway.clock().now_us();
    tidewaiter::clock::rfc3339(now_us + days * 86_400_000_000)
}

fn customer(person: &Person) -> Value {
    json!({"issuer": ISSUER, "sub": person.sub})
}
