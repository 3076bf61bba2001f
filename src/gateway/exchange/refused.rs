//! Why there is no token: a closed list with an error, a status and a text each (I10).

/// Why there is no token: the errors of RFC 6749 §5.2 and RFC 8693 §2.2.2, and ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotIssued {
    /// A parameter is missing, given twice, or not of a form it may have.
    Malformed,
    /// The customer's token is not accepted.
    Subject,
    /// The agent did not prove itself.
    Client,
    /// The agent may not exchange, or is stopped.
    Unauthorized,
    /// Another grant than token exchange.
    GrantType,
    /// The scope is not theirs to give.
    Scope,
    /// A token for somebody else.
    Target,
    /// Too many requests.
    OverQuota,
    /// The record could not be written, so there is no token.
    Unrecorded,
    /// Our own fault.
    Internal,
}

impl NotIssued {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::Subject,
        Self::Client,
        Self::Unauthorized,
        Self::GrantType,
        Self::Scope,
        Self::Target,
        Self::OverQuota,
        Self::Unrecorded,
        Self::Internal,
    ];

    /// `error`, the HTTP status, and `error_description`.
    pub fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::Malformed => (
                "invalid_request",
                400,
                "a parameter is missing, given twice, or not of the form it must have",
            ),
            Self::Subject => (
                "invalid_request",
                400,
                "the subject token is not accepted for this agent",
            ),
            Self::Client => ("invalid_client", 401, "the agent did not prove itself"),
            Self::Unauthorized => (
                "unauthorized_client",
                400,
                "this agent may not exchange tokens now",
            ),
            Self::GrantType => (
                "unsupported_grant_type",
                400,
                "only token exchange is supported",
            ),
            Self::Scope => (
                "invalid_scope",
                400,
                "the scope is unknown, or more than the tokens have",
            ),
            Self::Target => (
                "invalid_target",
                400,
                "tokens are issued for this service only",
            ),
            Self::OverQuota => ("temporarily_unavailable", 429, "too many requests"),
            Self::Unrecorded => (
                "temporarily_unavailable",
                503,
                "the record could not be written, so there is no token",
            ),
            Self::Internal => ("server_error", 500, "an error on our side"),
        }
    }
}

/// A refusal, and the public name of its record if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoToken {
    /// Why.
    pub why: NotIssued,
    /// Its record.
    pub record: Option<String>,
}

impl From<NotIssued> for NoToken {
    fn from(why: NotIssued) -> Self {
        Self { why, record: None }
    }
}
