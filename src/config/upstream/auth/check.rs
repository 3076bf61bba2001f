//! What is wrong with a way of showing who the gateway is: what nobody could verify, what would be
//! good for ever, what belongs to somebody else.

use super::{Header, Hmac, Jws, Spot};
use crate::config::fault::Faults;
use crate::config::upstream::canonical::Piece;
use http::HeaderName;
use std::collections::HashSet;

impl Header {
    pub(super) fn check(&self, at: &str, faults: &mut Faults) {
        faults.unless(
            (1..=8).contains(&self.headers.len()),
            format!("{at}.headers"),
            "is empty or has more than 8",
        );
        let mut seen = HashSet::new();
        for name in self.headers.keys() {
            let at = format!("{at}.headers");
            faults.unless(may_carry(name), &at, NOT_OURS);
            faults.unless(
                seen.insert(name.to_ascii_lowercase()),
                at,
                "has a name twice",
            );
        }
    }
}

impl Hmac {
    pub(super) fn check(&self, at: &str, faults: &mut Faults) {
        let send = &self.send;
        let all = [
            ("key", send.key.as_ref()),
            ("timestamp", send.timestamp.as_ref()),
            ("nonce", send.nonce.as_ref()),
            ("signature", Some(&send.signature)),
        ];
        let mut seen = HashSet::new();
        for (part, spot) in all.iter().filter_map(|(part, spot)| Some((part, (*spot)?))) {
            let at = format!("{at}.send.{part}");
            match spot {
                Spot::Header(name) => faults.unless(may_carry(name), &at, NOT_OURS),
                Spot::Query(name) => {
                    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
                    faults.unless(
                        (1..=64).contains(&name.len()) && name.bytes().all(plain),
                        &at,
                        "is not 1 to 64 of A-Z a-z 0-9 - _",
                    );
                }
            }
            let lower = match spot {
                Spot::Header(name) => Spot::Header(name.to_ascii_lowercase()),
                Spot::Query(name) => Spot::Query(name.clone()),
            };
            faults.unless(seen.insert(lower), at, "goes where another part goes");
        }
        let signs = |piece| self.string.has(piece);
        let missing = |sent: Option<&Spot>, piece| sent.is_none() && signs(piece);
        faults.unless(
            !missing(send.timestamp.as_ref(), Piece::Timestamp)
                && !missing(send.nonce.as_ref(), Piece::Nonce),
            format!("{at}.string"),
            "has a timestamp or a nonce that is not sent: nobody could verify it",
        );
        faults.unless(
            self.key.is_some() || (send.key.is_none() && !signs(Piece::Key)),
            format!("{at}.key"),
            "is missing, although it is sent or signed",
        );
        faults.unless(
            self.is_fresh(),
            format!("{at}.string"),
            "covers no timestamp and no nonce: one signature would be good for ever",
        );
    }

    /// Whether what is signed differs from one request to the next.
    fn is_fresh(&self) -> bool {
        let in_query = |spot: &Option<Spot>| matches!(spot, Some(Spot::Query(_)));
        let query = self.string.has(Piece::Query) || self.string.has(Piece::Target);
        self.string.has(Piece::Timestamp)
            || self.string.has(Piece::Nonce)
            || (query && (in_query(&self.send.timestamp) || in_query(&self.send.nonce)))
    }
}

impl Jws {
    pub(super) fn check(&self, at: &str, faults: &mut Faults) {
        faults.unless(
            !self.issuer.is_empty() && self.issuer.len() <= 256,
            format!("{at}.issuer"),
            "is empty or longer than 256 bytes",
        );
        let seconds = self.lifetime.as_secs();
        faults.unless(
            (1..=300).contains(&seconds),
            format!("{at}.lifetime_s"),
            "is not between 1 and 300",
        );
        faults.unless(
            (1..=8).contains(&self.keys.len()),
            format!("{at}.keys"),
            "is empty or has more than 8",
        );
        let mut seen = HashSet::new();
        for (of, key) in self.keys.iter().enumerate() {
            let at = format!("{at}.keys[{of}].kid");
            let fits = (1..=128).contains(&key.kid.len());
            faults.unless(fits, &at, "is empty or longer than 128 bytes");
            faults.unless(seen.insert(&key.kid), at, "is used twice");
        }
    }
}

const NOT_OURS: &str = "is no header's name, or one that belongs to the connection or the client";

/// Whether a credential may go into the header of this name.
fn may_carry(name: &str) -> bool {
    let Ok(name) = name.parse::<HeaderName>() else {
        return false;
    };
    name == http::header::AUTHORIZATION
        || name == http::header::COOKIE
        || !crate::upstream::is_reserved(&name)
}
