//! `[tokens]` and `[officers]`: what holds whoever signs.

use super::fault::Faults;
use crate::identity::Role;
use serde::Deserialize;

/// What holds of every token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// How far an issuer's clock may be off ours, at most 60.
    #[serde(default = "leeway")]
    pub leeway_s: u32,
    /// Verified tokens remembered at once.
    #[serde(default = "remembered")]
    pub remembered: usize,
}

fn leeway() -> u32 {
    60
}
fn remembered() -> usize {
    8_192
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            leeway_s: leeway(),
            remembered: remembered(),
        }
    }
}

impl Tokens {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.unless(self.leeway_s <= 60, "tokens.leeway_s", "is more than 60");
        faults.unless(
            (16..=1_000_000).contains(&self.remembered),
            "tokens.remembered",
            "is not between 16 and 1000000",
        );
    }
}

/// What holds of every officer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officers {
    /// Pairs of roles that must not meet in one person. As shipped: `admin` with any that sees
    /// content.
    #[serde(default = "apart")]
    pub apart: Vec<[Role; 2]>,
}

fn apart() -> Vec<[Role; 2]> {
    let others = Role::ALL.into_iter().filter(|role| *role != Role::Admin);
    others.map(|role| [Role::Admin, role]).collect()
}

impl Default for Officers {
    fn default() -> Self {
        Self { apart: apart() }
    }
}
