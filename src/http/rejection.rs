//! What HTTP itself refuses before a request is anybody's call: a closed list of fixed texts.
//!
//! None of these is recorded: nobody was authenticated, and nothing was asked of the gateway.
//! Whatever has reached it is refused by [`crate::gateway::Refusal`] instead.

use crate::gateway::Language;
use http::StatusCode;

/// Why HTTP refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// There is no such path.
    NoRoute,
    /// The path knows other methods.
    Method,
    /// An MCP client must accept both media types.
    NotAcceptable,
    /// The body did not arrive in time.
    Slow,
    /// The path and query are too long.
    UriTooLong,
    /// The headers are too large.
    HeadersTooLarge,
    /// Not a host of ours.
    Host,
    /// A browser's origin that may not call.
    Origin,
    /// The answer took too long. The call goes on, and is recorded as it ends.
    Elapsed,
}

impl Rejection {
    /// Every rejection, for tables and tests.
    pub const ALL: [Self; 9] = [
        Self::NoRoute,
        Self::Method,
        Self::NotAcceptable,
        Self::Slow,
        Self::UriTooLong,
        Self::HeadersTooLarge,
        Self::Host,
        Self::Origin,
        Self::Elapsed,
    ];

    /// The code in problem documents and metrics.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        self.row().1
    }

    /// A sentence for the developer.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::NoRoute => ("no_route", StatusCode::NOT_FOUND, "There is no such path."),
            Self::Method => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "The path does not know this method.",
            ),
            Self::NotAcceptable => (
                "not_acceptable",
                StatusCode::NOT_ACCEPTABLE,
                "Accept must name application/json and text/event-stream.",
            ),
            Self::Slow => (
                "request_timeout",
                StatusCode::REQUEST_TIMEOUT,
                "The body did not arrive in time.",
            ),
            Self::UriTooLong => (
                "uri_too_long",
                StatusCode::URI_TOO_LONG,
                "The path is too long.",
            ),
            Self::HeadersTooLarge => (
                "headers_too_large",
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "The headers are too large.",
            ),
            Self::Host => (
                "host",
                StatusCode::MISDIRECTED_REQUEST,
                "This is not the host of this service.",
            ),
            Self::Origin => (
                "origin",
                StatusCode::FORBIDDEN,
                "This origin may not call this service.",
            ),
            Self::Elapsed => (
                "timeout",
                StatusCode::GATEWAY_TIMEOUT,
                "The answer took too long. What was begun is recorded.",
            ),
        }
    }

    /// A sentence fit for the customer, with the next step.
    pub fn say(self, language: Language) -> &'static str {
        match language {
            Language::En => "I cannot answer right now. Please try again soon, or ask for a person.",
            Language::Ru => {
                "Сейчас я не могу ответить. Попробуйте чуть позже или позовите сотрудника."
            }
            Language::De => {
                "Ich kann gerade nicht antworten. Bitte versuchen Sie es bald wieder oder fragen Sie nach einem Menschen."
            }
        }
    }
}
