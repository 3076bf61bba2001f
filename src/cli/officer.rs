//! Commands of officers. They go through the running gateway, with the officer's own token, so
//! that each is authorized and recorded there.

use super::{Client, Reply, block_on, say};
use anyhow::{Context, Result};
use http::Method;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

mod assign;
mod conversation;
mod erase;
mod export;
mod hold;
mod overview;
mod progress;
mod records;
pub(super) mod revocation;
mod switch;
mod table;

pub(super) use assign::Assign;
pub(super) use conversation::Conversation;
pub(super) use erase::Erase;
pub(super) use export::Export;
pub(super) use hold::Hold;
pub(super) use overview::{Figures, PolicyInForce};
pub(super) use records::Records;
pub(super) use switch::Switch;

use table::plain;

/// What every one of these commands exits with; part of its help.
pub(super) const EXITS: &str = "\
Exit status: 0 done; 1 failed on this side (file, network); 2 not of the form this help shows; \
3 refused by the gateway, which says why; 4 not now (busy, or the gateway is at fault): try again.";

/// The gateway refused.
const REFUSED: u8 = 3;
/// The gateway cannot now.
const NOT_NOW: u8 = 4;

/// Where the gateway is and who asks.
#[derive(Debug, clap::Args)]
pub(super) struct To {
    /// The gateway's address.
    #[arg(long, env = "TIDEWAITER_URL")]
    url: String,
    /// A file with the officer's token.
    #[arg(long, env = "TIDEWAITER_TOKEN_FILE")]
    token_file: PathBuf,
    /// A PEM file to trust instead of the web's authorities.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Prints the gateway's whole answer as JSON.
    #[arg(long)]
    json: bool,
}

impl To {
    fn client(&self) -> Result<Client> {
        let token = std::fs::read_to_string(&self.token_file).context("the token's file")?;
        Ok(Client::new(&self.url, self.ca.as_deref())?.with_token(&token))
    }

    /// Asks without a reason.
    fn get(&self, path: &str) -> Result<Reply> {
        block_on(async { self.client()?.get(path).await })
    }

    /// Asks with a reason.
    fn read(&self, path: &str, why: &Why) -> Result<Reply> {
        block_on(async {
            let client = self.client()?;
            client.send(Method::GET, path, &why.headers(), None).await
        })
    }

    /// Acts; the reason goes along.
    fn act(&self, method: Method, path: &str, why: &Why, body: Option<&Value>) -> Result<Reply> {
        block_on(async {
            let client = self.client()?;
            client.send(method, path, &why.headers(), body).await
        })
    }

    /// Prints an answer, or why there is none.
    fn show(&self, reply: &Reply, lines: impl FnOnce(&Value) -> String) -> Result<ExitCode> {
        if !reply.status.is_success() {
            return self.refused(reply);
        }
        let body = reply.json();
        if self.json {
            say(serde_json::to_string_pretty(&body)?)?;
        } else {
            say(lines(&body))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Prints why the gateway refused: for people on standard error, for programs as JSON.
    fn refused(&self, reply: &Reply) -> Result<ExitCode> {
        let body = reply.json();
        if self.json {
            say(serde_json::to_string_pretty(&body)?)?;
        }
        let mut why = format!("{}: {}", reply.status, title(&body));
        if let Some(argument) = body.get("argument").and_then(Value::as_str) {
            why.extend([format!(" {}: {}.", plain(argument), text(&body, "detail"))]);
        }
        if let Some(record) = body.get("record").and_then(Value::as_str) {
            why.extend([format!(" (record {})", plain(record))]);
        }
        writeln!(std::io::stderr(), "tidewaiter: {why}")?;
        let not_now = reply.status.is_server_error() || reply.status.as_u16() == 429;
        Ok(ExitCode::from(if not_now { NOT_NOW } else { REFUSED }))
    }
}

fn title(body: &Value) -> String {
    match body.get("title").and_then(Value::as_str) {
        Some(title) => plain(title),
        None => "no explanation".to_owned(),
    }
}

/// Why an officer acts; recorded.
#[derive(Debug, clap::Args)]
pub(super) struct Why {
    /// Why; recorded.
    #[arg(long)]
    reason: String,
    /// The case it belongs to; recorded.
    #[arg(long)]
    case: String,
}

impl Why {
    fn headers(&self) -> [(&'static str, &str); 2] {
        [("access-reason", &self.reason), ("access-case", &self.case)]
    }

    fn body(&self) -> Value {
        json!({"reason": self.reason, "case": self.case})
    }
}

/// The text of a member, fit for a terminal; empty if there is none.
fn text(body: &Value, name: &str) -> String {
    match body.get(name) {
        Some(Value::String(text)) => plain(text),
        Some(Value::Null) | None => String::new(),
        Some(other) => plain(&other.to_string()),
    }
}

/// The elements of a member that is a list.
fn list<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// One part of a path, whatever is in it.
fn part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.extend([format!("%{byte:02X}")]);
        }
    }
    out
}

/// A path with those parameters that were given.
fn query(path: &str, given: &[(&str, Option<&str>)]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in given {
        if let Some(value) = value {
            pairs.append_pair(name, value);
        }
    }
    let pairs = pairs.finish();
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{pairs}")
    }
}

/// Writes a file that only its owner reads; one that is there stays as it is.
fn private(path: &std::path::Path) -> Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    file.with_context(|| format!("{} cannot be made", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_an_address_stays_in_its_place() {
        assert_eq!(part("topic:withdrawals"), "topic:withdrawals");
        assert_eq!(part("../x?y=1 я"), "..%2Fx%3Fy%3D1%20%D1%8F");
        let given = [("a", Some("1&b=2")), ("c", None), ("d", Some("я"))];
        assert_eq!(query("/v1/x", &given), "/v1/x?a=1%26b%3D2&d=%D1%8F");
        assert_eq!(query("/v1/x", &[("c", None)]), "/v1/x");
    }

    #[test]
    fn members_are_fit_for_a_terminal() {
        let body = json!({"a": "x\u{1b}[31my\n", "n": 7, "none": null});
        assert_eq!(text(&body, "a"), "x\\u{1b}[31my\\n");
        assert_eq!(text(&body, "n"), "7");
        assert_eq!(text(&body, "none"), "");
        assert_eq!(text(&body, "missing"), "");
    }
}
