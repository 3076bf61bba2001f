//! An agent's own proof that it is itself: a JWT signed with its registered key (RFC 7523 §3,
//! `private_key_jwt`), good once.
//!
//! Promises that an assertion shown twice to one process proves nothing the second time, and that
//! remembering them takes bounded memory, which no agent can take from another.

use super::claim::{Claims, Span, Times};
use super::key::Keys;
use super::signer::{Signer, Unsigned};
use super::token::Parsed;
use super::unknown::Unknown;
use serde_json::Map;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// The longest an assertion may be good for.
pub(super) const LONGEST_S: i64 = 300;
/// Assertions remembered for one agent.
const MOST: usize = 16_384;

/// An assertion whose signature, audience and times hold. It may have been shown before.
#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) agent: String,
    pub(super) times: Times,
    jti: String,
}

impl Assertion {
    /// Who says to have made it: to find the keys with, and for nothing else.
    pub(super) fn maker<'p>(parsed: &'p Parsed<'_>) -> Option<&'p str> {
        parsed.issuer()
    }

    /// Verifies it with the keys of its maker. It must name one audience, one of `ours`.
    pub(super) fn verify(
        parsed: Parsed<'_>,
        keys: &Keys,
        ours: &[String],
        (leeway_s, now_s): (i64, i64),
    ) -> Result<Self, Unknown> {
        if !parsed.is_assertion() {
            return Err(Unknown::WrongType);
        }
        let key = match (parsed.kid(), keys.len()) {
            (Some(kid), _) => keys.get(kid),
            (None, 1) => keys.values().next(),
            (None, _) => None,
        };
        let claims = Claims(parsed.verify(key.ok_or(Unknown::Key)?)?);
        claims.unbound()?;
        match (claims.text("iss")?, claims.text("sub")?) {
            (Some(issuer), Some(sub)) if issuer == sub => {}
            _ => return Err(Unknown::Subject),
        }
        if claims.texts("aud").is_ok_and(|all| all.len() != 1) {
            return Err(Unknown::Audience);
        }
        claims.is_for(ours)?;
        let times = claims.times(Span {
            now_s,
            leeway_s,
            longest_s: LONGEST_S,
        })?;
        let jti = claims.text("jti")?.filter(|jti| super::claim::is_name(jti));
        Ok(Self {
            agent: claims.text("iss")?.unwrap_or_default().to_owned(),
            times,
            jti: jti.ok_or(Unknown::Replayed)?.to_owned(),
        })
    }
}

/// Which assertions were shown, until they would have expired anyway.
#[derive(Debug, Default)]
pub(super) struct Replays(Mutex<HashMap<String, Shown>>);

#[derive(Debug, Default)]
struct Shown {
    digests: HashSet<[u8; 32]>,
    by_end: BTreeSet<(i64, [u8; 32])>,
}

impl Replays {
    /// Uses an assertion up. What there is no room to remember is refused rather than forgotten.
    pub(super) fn spend(&self, assertion: &Assertion, now_s: i64) -> Result<(), Unknown> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = all.entry(assertion.agent.clone()).or_default();
        while let Some((until_s, digest)) = shown.by_end.first().copied() {
            if until_s > now_s {
                break;
            }
            shown.by_end.remove(&(until_s, digest));
            shown.digests.remove(&digest);
        }
        let digest = super::authenticate::sha256(&assertion.jti);
        if shown.digests.len() >= MOST || !shown.digests.insert(digest) {
            return Err(Unknown::Replayed);
        }
        shown.by_end.insert((assertion.times.until_s, digest));
        Ok(())
    }
}

impl Signer {
    /// An assertion of `agent` for `audience`, good for a minute, once.
    pub fn assertion(
        &self,
        agent: &str,
        audience: &str,
        now_s: i64,
        jti: &str,
    ) -> Result<String, Unsigned> {
        let mut claims = Map::new();
        for (name, text) in [
            ("iss", agent),
            ("sub", agent),
            ("aud", audience),
            ("jti", jti),
        ] {
            claims.insert(name.to_owned(), text.into());
        }
        claims.insert("iat".to_owned(), now_s.into());
        claims.insert("exp".to_owned(), now_s.saturating_add(60).into());
        self.sign(self.header("client-authentication+jwt"), claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assertion(agent: &str, jti: &str, until_s: i64) -> Assertion {
        Assertion {
            agent: agent.to_owned(),
            times: Times {
                issued_at_s: 0,
                expires_at_s: until_s,
                until_s,
            },
            jti: jti.to_owned(),
        }
    }

    #[test]
    fn an_assertion_is_good_once_until_it_has_ended() {
        let replays = Replays::default();
        let one = assertion("a", "1", 100);
        assert_eq!(replays.spend(&one, 0), Ok(()));
        assert_eq!(replays.spend(&one, 99), Err(Unknown::Replayed));
        // Another agent's names are its own.
        assert_eq!(replays.spend(&assertion("b", "1", 100), 0), Ok(()));
        assert_eq!(replays.spend(&assertion("a", "2", 100), 99), Ok(()));
        assert_eq!(replays.spend(&assertion("a", "2", 300), 100), Ok(()));
    }

    #[test]
    fn what_cannot_be_remembered_is_refused_and_only_for_its_agent() {
        let replays = Replays::default();
        for n in 0..MOST {
            let one = assertion("a", &n.to_string(), 100);
            assert_eq!(replays.spend(&one, 0), Ok(()));
        }
        let more = assertion("a", "more", 100);
        assert_eq!(replays.spend(&more, 0), Err(Unknown::Replayed));
        assert_eq!(replays.spend(&assertion("b", "more", 100), 0), Ok(()));
        assert_eq!(replays.spend(&more, 100), Ok(()));
    }
}
