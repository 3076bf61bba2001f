//! What a caller asks, as REST and MCP hand it on. Nothing in it is trusted yet.

use serde_json::{Map, Value};

/// Where a call came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// `POST /v1/operations/{name}`.
    Rest,
    /// `POST /mcp`.
    Mcp,
}

impl Interface {
    /// Its name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Mcp => "mcp",
        }
    }
}

/// What was wrong with a request before anybody looked at what it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// Not UTF-8, not JSON, a name twice, too deep, trailing bytes, or of another form.
    Body,
    /// Larger than the limit.
    TooLarge,
    /// Not `application/json`.
    MediaType,
    /// A header is of another form, or contradicts the body.
    Header,
}

/// One call of one operation.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where it came in.
    pub interface: Interface,
    /// The bearer token, if there was one.
    pub bearer: Option<String>,
    /// The operation's name as asked: `withdrawals.status`. Over MCP the tool's name is turned
    /// into it by [`crate::gateway::Gateway::operation_of_tool`].
    pub operation: String,
    /// Its arguments; or why there are none.
    pub arguments: Result<Map<String, Value>, Malformed>,
    /// What the caller expects of the answer: values by field, to be compared.
    pub expect: Option<Value>,
    /// The purpose, else the operation's default.
    pub purpose: Option<String>,
    /// The conversation (32 hex digits), else the one the token's `sid` opened.
    pub conversation: Option<String>,
    /// For writes: the caller's idempotency key.
    pub idempotency_key: Option<String>,
    /// The language of `say`, where no conversation tells: `en`, `ru`, `de`.
    pub language: Language,
}

/// A language of the texts for customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
    /// German.
    De,
}

impl From<Language> for tidewaiter_redaction::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::English,
            Language::Ru => Self::Russian,
            Language::De => Self::German,
        }
    }
}

impl Language {
    /// From a BCP 47 tag or an `Accept-Language` header; English for anything else.
    pub fn parse(tag: &str) -> Self {
        for choice in tag.split(',') {
            let primary = choice
                .trim()
                .split(['-', ';', '_'])
                .next()
                .unwrap_or_default();
            match primary.to_ascii_lowercase().as_str() {
                "ru" => return Self::Ru,
                "de" => return Self::De,
                "en" => return Self::En,
                _ => {}
            }
        }
        Self::En
    }

    /// `en`, `ru`, `de`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::De => "de",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn languages_are_taken_from_headers() {
        assert_eq!(Language::parse("ru-RU,ru;q=0.9,en;q=0.8"), Language::Ru);
        assert_eq!(Language::parse("fr, de;q=0.5"), Language::De);
        assert_eq!(Language::parse("*"), Language::En);
    }
}
