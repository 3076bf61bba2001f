//! Why a caller is not known: for metrics and the log, never for the caller.

/// The credentials do not make a caller. Which of these it was, the caller is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", Self::PUBLIC)]
pub enum Unknown {
    /// There is no token.
    Missing,
    /// It is longer than 8 KiB.
    TooLong,
    /// It is not three parts of base64url, or its JSON is not strict.
    Malformed,
    /// Its `typ` is not that of an access token.
    WrongType,
    /// Its `alg` is not one we verify, or not its key's.
    Algorithm,
    /// It has a critical or encryption header that we do not know.
    Critical,
    /// Nobody we know issued it.
    Issuer,
    /// The issuer has no such key.
    Key,
    /// Its signature is not the key's.
    Signature,
    /// It has expired.
    Expired,
    /// It is not valid yet, or issued in the future.
    NotYet,
    /// It is valid for longer than the issuer may say, or has no times.
    Lifetime,
    /// It is for somebody else.
    Audience,
    /// Its `sub` is missing or not 1 to 256 printable characters.
    Subject,
    /// Its subject has no id for the upstreams, or not one of 1 to 64 of `A-Z a-z 0-9 _ -`.
    Uid,
    /// It is bound to a key (`cnf`), and we cannot check that its sender holds it.
    Bound,
    /// Its `act` is not one agent: a chain, or an actor of somebody else.
    Actor,
    /// Its agent is not registered.
    Agent,
    /// An agent shows it as if it were the customer or officer itself.
    NotDelegated,
    /// Its issuer may not issue tokens of this kind.
    Kind,
    /// Its roles must not meet in one person.
    RolesApart,
    /// Its `jti` was seen before, is missing, or there is no room to remember it.
    Replayed,
}

impl Unknown {
    /// All of them, for tests and tables.
    pub const ALL: [Self; 22] = [
        Self::Missing,
        Self::TooLong,
        Self::Malformed,
        Self::WrongType,
        Self::Algorithm,
        Self::Critical,
        Self::Issuer,
        Self::Key,
        Self::Signature,
        Self::Expired,
        Self::NotYet,
        Self::Lifetime,
        Self::Audience,
        Self::Subject,
        Self::Uid,
        Self::Bound,
        Self::Actor,
        Self::Agent,
        Self::NotDelegated,
        Self::Kind,
        Self::RolesApart,
        Self::Replayed,
    ];

    /// All that a caller is told.
    pub const PUBLIC: &'static str = "the access token is missing or not accepted";

    /// Its name as a metric's label and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::WrongType => "wrong_type",
            Self::Algorithm => "algorithm",
            Self::Critical => "critical",
            Self::Issuer => "issuer",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Lifetime => "lifetime",
            Self::Audience => "audience",
            Self::Subject => "subject",
            Self::Uid => "uid",
            Self::Bound => "bound",
            Self::Actor => "actor",
            Self::Agent => "agent",
            Self::NotDelegated => "not_delegated",
            Self::Kind => "kind",
            Self::RolesApart => "roles_apart",
            Self::Replayed => "replayed",
        }
    }
}
