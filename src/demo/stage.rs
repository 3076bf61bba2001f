//! How the tour is told: asked → decided → shown → recorded, and what was expected of it.

use super::house::House;
use crate::cli::{Client, Reply};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::Write;
use tidewaiter_audit::Kind;

/// The stage of one tour: where it is told, and what did not hold.
pub struct Stage<'h> {
    /// Everything that runs.
    pub house: &'h House,
    held: u32,
    failed: Vec<String>,
    scene: String,
}

impl<'h> Stage<'h> {
    /// An empty stage.
    pub fn new(house: &'h House) -> Self {
        Self {
            house,
            held: 0,
            failed: Vec::new(),
            scene: String::new(),
        }
    }

    /// Begins a scene.
    pub fn scene(&mut self, number: u8, title: &str) -> Result<()> {
        self.scene = format!("scene {number}");
        let rule = "─".repeat(88_usize.saturating_sub(title.chars().count() + 12));
        self.line(&format!("\n── Scene {number} · {title} {rule}"))
    }

    /// A line of the tour, `what` in a column of its own.
    pub fn tell(&self, what: &str, text: &str) -> Result<()> {
        for (at, line) in wrap(text, 88).iter().enumerate() {
            let label = if at == 0 { what } else { "" };
            self.line(&format!("{label:<10}{line}"))?;
        }
        Ok(())
    }

    /// What was shown to the assistant, member by member.
    pub fn show(&self, shown: &Value) -> Result<()> {
        if let Some(elements) = shown.as_array() {
            return elements.iter().try_for_each(|element| self.show(element));
        }
        self.tell("shown", &plain(shown))
    }

    /// A line as it is.
    pub fn line(&self, text: &str) -> Result<()> {
        writeln!(std::io::stdout().lock(), "{text}")?;
        Ok(())
    }

    /// Something that must hold.
    pub fn expect(&mut self, holds: bool, what: &str) -> Result<()> {
        if holds {
            self.held += 1;
            self.tell("", &format!("✓ {what}"))
        } else {
            self.failed.push(format!("{}: {what}", self.scene));
            self.tell("", &format!("✗ NOT SO: {what}"))
        }
    }

    /// The end of the tour: true if everything held.
    pub fn end(&self) -> Result<bool> {
        self.line("")?;
        if self.failed.is_empty() {
            self.line(&format!("All {} expectations held.", self.held))?;
        } else {
            self.line(&format!("{} expectations held, these did not:", self.held))?;
            for failed in &self.failed {
                self.line(&format!("  {failed}"))?;
            }
        }
        Ok(self.failed.is_empty())
    }

    /// Opens a conversation with the disclosure that the person speaks with an AI.
    pub async fn open_chat(&self, assistant: &Client, locale: &str) -> Result<String> {
        let body = json!({
            "channel": "web",
            "locale": locale,
            "disclosure": {"version": "ai-notice/3", "shown_at": self.house.now()},
        });
        let reply = assistant.post("/v1/conversations", &body).await?;
        let opened = reply.json();
        let id = opened.get("conversation").and_then(Value::as_str);
        Ok(id.context("the conversation did not open")?.to_owned())
    }

    /// A turn of the chat.
    pub async fn say(
        &self,
        assistant: &Client,
        chat: &str,
        speaker: &str,
        text: &str,
    ) -> Result<Value> {
        let body = json!({"speaker": speaker, "text": text});
        let reply = assistant
            .post(&format!("/v1/conversations/{chat}/turns"), &body)
            .await?;
        Ok(reply.json())
    }

    /// A call of the assistant, told as it is asked.
    pub async fn call(
        &self,
        assistant: &Client,
        chat: &str,
        operation: &str,
        arguments: Value,
    ) -> Result<Reply> {
        self.tell("", &format!("assistant → {operation} {arguments}"))?;
        let body = json!({"arguments": arguments, "conversation": chat});
        assistant
            .post(&format!("/v1/operations/{operation}"), &body)
            .await
    }

    /// A call with more than arguments: `more` are members of the body beside them. A write gets an
    /// idempotency key of its own.
    pub async fn call_with(
        &self,
        assistant: &Client,
        chat: &str,
        operation: &str,
        (arguments, more): (Value, Value),
    ) -> Result<Reply> {
        let mut body = json!({"arguments": arguments, "conversation": chat});
        let told = if more.is_null() {
            arguments.to_string()
        } else {
            format!("{arguments} {more}")
        };
        self.tell("", &format!("assistant → {operation} {told}"))?;
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let key = hex::encode(crate::random::bytes::<8>()?);
        let path = format!("/v1/operations/{operation}");
        let key = [("idempotency-key", key.as_str())];
        assistant
            .send(http::Method::POST, &path, &key, Some(&body))
            .await
    }

    /// The sentence for the customer in an answer.
    pub fn sentence(&self, reply: &Reply) -> Result<String> {
        let said = reply.json();
        let say = said.get("say").and_then(Value::as_str).unwrap_or_default();
        self.tell("said", say)?;
        Ok(say.to_owned())
    }

    /// Tells what was decided and what was recorded, from the sealed record itself.
    pub async fn recorded(&self, reply: &Reply) -> Result<Value> {
        let body = reply.json();
        let rid = body
            .get("record")
            .and_then(Value::as_str)
            .context("the answer has no record")?;
        let ledger = self.house.running.gateway.ledger();
        let mut name = [0_u8; 16];
        hex::decode_to_slice(rid, &mut name).context("a record's name")?;
        let entry = ledger.entry(ledger.find(&name).await?).await?;
        let sealed = ledger.open_body(&entry).await?;
        let decision = entry.leaf.decision.map_or("", |decision| decision.as_str());
        let rule = sealed.get("rule").and_then(Value::as_str).unwrap_or("");
        let code = body.get("code").and_then(Value::as_str);
        let told = code.map(|code| format!(" ({code})")).unwrap_or_default();
        self.tell("decided", &format!("{decision}{told} · {rule}"))?;
        let kind = entry.leaf.kind;
        let before = if kind == Kind::Outcome {
            "intent and outcome"
        } else {
            kind.as_str()
        };
        self.tell(
            "recorded",
            &format!(
                "#{} {before} {rid}, sealed, chained and on disk before the answer left",
                entry.leaf.seq
            ),
        )?;
        Ok(sealed)
    }
}

/// A value without JSON's punctuation.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(elements) => elements.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            let parts: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name} {}", plain(value)))
                .collect();
            parts.join(" · ")
        }
    }
}

/// Breaks a text into lines of at most `width` characters, at spaces where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split(' ') {
            let word_length = word.chars().count();
            if length > 0 && length + 1 + word_length > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += word_length;
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("один два три", 8), ["один два", "три"]);
        assert_eq!(wrap("a\nb", 8), ["a", "b"]);
        assert_eq!(wrap("", 8), [""]);
    }
}
