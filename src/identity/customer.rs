//! Customers with a token of their own, asking for what is held about them.

use super::{Assurance, Subject};
use std::sync::Arc;

/// A customer acting for themselves, with no agent between. Only `authenticate` makes one.
#[derive(Debug)]
pub struct Customer {
    pub(super) subject: Arc<Subject>,
    pub(super) assurance: Assurance,
    pub(super) session: Option<String>,
    pub(super) issued_at_s: i64,
    pub(super) token: [u8; 32],
    pub(super) token_id: Option<String>,
}

impl Customer {
    /// Who they are.
    pub fn subject(&self) -> &Arc<Subject> {
        &self.subject
    }
    /// How sure the issuer was.
    pub fn assurance(&self) -> Assurance {
        self.assurance
    }
    /// The token's `sid`.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }
    /// The token's `iat`, seconds.
    pub fn issued_at_s(&self) -> i64 {
        self.issued_at_s
    }
    /// SHA-256 of the token.
    pub fn token(&self) -> &[u8; 32] {
        &self.token
    }
    /// The token's `jti`.
    pub fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }

    /// A customer for unit tests elsewhere.
    #[cfg(test)]
    pub(crate) fn for_test(subject: Subject, assurance: Assurance) -> Self {
        Self {
            subject: Arc::new(subject),
            assurance,
            session: None,
            issued_at_s: 0,
            token: [0; 32],
            token_id: None,
        }
    }
}
