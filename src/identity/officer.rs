//! Officers: members of staff, and what they may be.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What an officer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Tiers 1 to 3: masked transcripts of assigned cases.
    Support,
    /// Figures and switches.
    Lead,
    /// Compliance officer.
    Officer,
    /// Data protection officer.
    Dpo,
    /// Legal.
    Legal,
    /// Reads only.
    Auditor,
    /// Runs the machine, sees no content.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 7] = [
        Self::Support,
        Self::Lead,
        Self::Officer,
        Self::Dpo,
        Self::Legal,
        Self::Auditor,
        Self::Admin,
    ];

    /// Its name in tokens, files and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Lead => "lead",
            Self::Officer => "officer",
            Self::Dpo => "dpo",
            Self::Legal => "legal",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// The role called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    fn bit(self) -> u8 {
        match self {
            Self::Support => 1,
            Self::Lead => 2,
            Self::Officer => 4,
            Self::Dpo => 8,
            Self::Legal => 16,
            Self::Auditor => 32,
            Self::Admin => 64,
        }
    }
}

/// Some roles.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RoleSet(u8);

impl RoleSet {
    /// Whether `role` is among them.
    pub fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether any of `roles` is among them.
    pub fn has_any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The roles, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for RoleSet {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | role.bit()))
    }
}

impl fmt::Debug for RoleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// A member of staff. Only `authenticate` makes one.
#[derive(Debug)]
pub struct Officer {
    pub(super) issuer: String,
    pub(super) sub: String,
    pub(super) roles: RoleSet,
    pub(super) name: Option<String>,
    pub(super) session: Option<String>,
    pub(super) issued_at_s: i64,
    pub(super) token: [u8; 32],
    pub(super) token_id: Option<String>,
}

impl Officer {
    /// Who vouches for them: the token's `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
    /// The token's `sub`.
    pub fn sub(&self) -> &str {
        &self.sub
    }
    /// What they may be; at least one role.
    pub fn roles(&self) -> RoleSet {
        self.roles
    }
    /// The token's `name`.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
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
    /// Whether both are one person, whatever token they hold: nobody approves their own request.
    pub fn is(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.sub == other.sub
    }

    /// An officer for unit tests elsewhere.
    #[cfg(test)]
    pub(crate) fn for_test(sub: &str, roles: &[Role]) -> Self {
        Self {
            issuer: "https://staff.test".to_owned(),
            sub: sub.to_owned(),
            roles: roles.iter().copied().collect(),
            name: None,
            session: None,
            issued_at_s: 0,
            token: [0; 32],
            token_id: None,
        }
    }
}
