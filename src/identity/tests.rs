//! What strangers send: every token here but the good ones must make nobody known.

use super::*;
use crate::config::{ActorClaim, Issues, Officers, Tokens};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use proptest::prelude::*;
use serde_json::{Value, json};

mod endpoint;
mod exchange;
mod kind;
mod mapping;
mod rsa;
mod vector;

const NOW: i64 = 1_800_000_000;
const US: &str = "https://gateway.test";

struct Town {
    dir: tempfile::TempDir,
    id: LocalIssuer,
    staff: LocalIssuer,
    setup: Setup,
}

fn agent(id: &str) -> Agent {
    Agent {
        id: id.to_owned().try_into().unwrap(),
        kind: AgentKind::Llm,
        title: id.to_owned(),
        recipients: Vec::new(),
        jwks_file: None,
    }
}

impl Town {
    fn with(algorithm: SigningAlgorithm) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let id = LocalIssuer::generate("https://id.test", US, algorithm).unwrap();
        let staff = LocalIssuer::generate("https://staff.test", US, algorithm).unwrap();
        let mut customers = id.trust(&dir.path().join("id.json")).unwrap();
        customers.issues = vec![Issues::Agents, Issues::Guests, Issues::Customers];
        let mut officers = staff.trust(&dir.path().join("staff.json")).unwrap();
        officers.issues = vec![Issues::Officers];
        let setup = Setup {
            issuers: vec![customers, officers],
            agents: vec![agent("chatbot"), agent("flow-1")],
            tokens: Tokens::default(),
            officers: Officers::default(),
            allow_local_issuer: true,
            public_url: US.to_owned(),
            token_exchange: None,
        };
        Self {
            dir,
            id,
            staff,
            setup,
        }
    }

    fn new() -> Self {
        Self::with(SigningAlgorithm::EdDsa)
    }

    fn identity(&self) -> Identity {
        Identity::new(self.setup.clone()).unwrap()
    }

    fn good(&self) -> TokenDraft<'_> {
        self.id.agent_token("chatbot", "alice", "IDA1", NOW)
    }

    fn check(&self, token: &str) -> Result<Verified, Unknown> {
        self.identity().authenticate(Some(token), NOW)
    }

    fn refused(&self, draft: TokenDraft<'_>) -> Unknown {
        self.check(&draft.sign().unwrap()).unwrap_err()
    }

    /// A token of `header` and `claims` as they stand, with `signature`.
    fn forged(header: &str, claims: &str, signature: &[u8]) -> String {
        let encode = |part: &[u8]| B64.encode(part);
        [header.as_bytes(), claims.as_bytes(), signature]
            .map(encode)
            .join(".")
    }
}

fn part(token: &str, at: usize) -> String {
    let bytes = B64.decode(token.split('.').nth(at).unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn caller(verified: Verified) -> Arc<Caller> {
    let Verified::Agent(caller) = verified else {
        panic!("{verified:?}");
    };
    caller
}

#[test]
fn i4_a_delegated_token_makes_a_caller_and_says_for_whom() {
    for algorithm in [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256] {
        let town = Town::with(algorithm);
        let draft = town.good().acr("substantial").session("s-1");
        let token = draft.about("Alice Doe", "a@x.test", "+491").sign().unwrap();
        let caller = caller(town.check(&token).unwrap());
        assert_eq!(caller.agent().id.as_str(), "chatbot");
        let subject = caller.subject().unwrap();
        assert_eq!(subject.issuer, "https://id.test");
        assert_eq!((&*subject.sub, &*subject.uid), ("alice", "IDA1"));
        assert_eq!(caller.assurance(), Assurance::Substantial);
        assert_eq!(caller.session(), Some("s-1"));
        assert_eq!(caller.issued_at_s(), NOW);
        let known: Vec<_> = caller.known().iter().map(|a| (a.kind, &*a.value)).collect();
        assert_eq!(
            known,
            [
                (AttributeKind::Uid, "IDA1"),
                (AttributeKind::Name, "Alice Doe"),
                (AttributeKind::Email, "a@x.test"),
                (AttributeKind::Phone, "+491"),
            ]
        );
    }
}

#[test]
fn tokens_of_another_implementation_are_known() {
    let town = Town::new();
    let file = town.dir.path().join("vector.json");
    std::fs::write(&file, vector::KEYS).unwrap();
    let mut setup = town.setup.clone();
    let issuer = setup.issuers.first_mut().unwrap();
    issuer.issuer = "https://id.vector.test".to_owned();
    issuer.jwks_file = Some(file);
    issuer.acr.insert("2fa".to_owned(), Assurance::Substantial);
    let identity = Identity::new(setup).unwrap();
    for token in [vector::EDDSA, vector::ES256] {
        let caller = caller(identity.authenticate(Some(token), NOW).unwrap());
        assert_eq!(caller.subject().unwrap().uid, "IDA1");
        assert_eq!(caller.known().get(1).unwrap().value, "Алиса Иванова");
        assert_eq!(caller.assurance(), Assurance::Substantial);
        // One bit of any part, and it is nobody's.
        for (at, _) in token.match_indices(|c: char| c != '.').step_by(97) {
            let mut bytes = token.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(
                identity.authenticate(Some(&changed), NOW).is_err(),
                "at {at}"
            );
        }
    }
}

#[test]
fn a_signature_that_is_not_the_keys_is_refused() {
    for algorithm in [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256] {
        let town = Town::with(algorithm);
        let token = town.good().sign().unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let raw = B64.decode(signature).unwrap();
        let (header, claims) = (part(&token, 0), part(&token, 1));
        let refused = |token: &str| town.check(token).unwrap_err();

        assert_eq!(refused(&format!("{signed}.")), Unknown::Signature);
        assert_eq!(refused(signed), Unknown::Malformed);
        let other = town
            .staff
            .agent_token("chatbot", "alice", "IDA1", NOW)
            .sign()
            .unwrap();
        let theirs = other.rsplit_once('.').unwrap().1;
        assert_eq!(refused(&format!("{signed}.{theirs}")), Unknown::Signature);
        let changed = claims.replace("IDA1", "IDB2");
        assert_eq!(
            refused(&Town::forged(&header, &changed, &raw)),
            Unknown::Signature
        );
        for short in [
            &raw[..63],
            &raw[..32],
            &[0; 64],
            &[raw.clone(), vec![0]].concat(),
        ] {
            assert_eq!(
                refused(&Town::forged(&header, &claims, short)),
                Unknown::Signature
            );
        }
        // ASN.1 DER of the same (r, s), as libraries outside JOSE write it.
        let integer = |n: &[u8]| [&[2, 33, 0], n].concat();
        let body = [integer(&raw[..32]), integer(&raw[32..])].concat();
        let length = u8::try_from(body.len()).unwrap();
        let der = [vec![0x30, length], body].concat();
        assert_eq!(
            refused(&Town::forged(&header, &claims, &der)),
            Unknown::Signature
        );
    }
}

#[test]
fn the_header_does_not_choose_the_algorithm() {
    let town = Town::new();
    let token = town.good().sign().unwrap();
    let claims = part(&token, 1);
    let kid = town.id.kid();
    for alg in [
        "none", "None", "NONE", "", "HS256", "RS256", "ES384", "PS256", "EDDSA", "Ed25519",
    ] {
        let header = json!({"typ": "at+jwt", "alg": alg, "kid": kid}).to_string();
        let unsigned = Town::forged(&header, &claims, &[]);
        assert_eq!(
            town.check(&unsigned).unwrap_err(),
            Unknown::Algorithm,
            "{alg}"
        );
    }
    // HS256 with the public key as the secret.
    let jwks: Value = serde_json::from_str(&town.id.jwks()).unwrap();
    let x = jwks["keys"][0]["x"].as_str().unwrap();
    let header = json!({"typ": "at+jwt", "alg": "HS256", "kid": kid}).to_string();
    let signed = format!("{}.{}", B64.encode(&header), B64.encode(&claims));
    for secret in [x.as_bytes().to_vec(), B64.decode(x).unwrap()] {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
        let tag = B64.encode(ring::hmac::sign(&key, signed.as_bytes()));
        let forged = format!("{signed}.{tag}");
        assert_eq!(town.check(&forged).unwrap_err(), Unknown::Algorithm);
    }
    // An Ed25519 key under an ES256 header, and the other way round.
    assert_eq!(
        town.refused(town.good().header("alg", "ES256")),
        Unknown::Algorithm
    );
    let curve = Town::with(SigningAlgorithm::Es256);
    assert_eq!(
        curve.refused(curve.good().header("alg", "EdDSA")),
        Unknown::Algorithm
    );
    assert_eq!(
        town.refused(town.good().header("alg", Value::Null)),
        Unknown::Algorithm
    );
    assert_eq!(
        town.refused(town.good().header("alg", json!(["EdDSA"]))),
        Unknown::Algorithm
    );
}

#[test]
fn headers_we_do_not_know_or_must_not_trust_are_refused_or_ignored() {
    let town = Town::new();
    let refused = |name: &str, value: Value| town.refused(town.good().header(name, value));
    assert_eq!(refused("crit", json!(["exp"])), Unknown::Critical);
    assert_eq!(refused("crit", json!([])), Unknown::Critical);
    assert_eq!(refused("b64", json!(false)), Unknown::Critical);
    assert_eq!(refused("zip", json!("DEF")), Unknown::Critical);
    for typ in [
        Value::Null,
        json!("JWT"),
        json!("jwt"),
        json!("at+jwt "),
        json!("logout+jwt"),
    ] {
        assert_eq!(refused("typ", typ), Unknown::WrongType);
    }
    for kid in [
        Value::Null,
        json!(""),
        json!("other"),
        json!("../../id.json"),
    ] {
        assert_eq!(refused("kid", kid), Unknown::Key);
    }
    // A key that the token brings along is not looked at.
    let thief = LocalIssuer::generate("https://id.test", US, SigningAlgorithm::EdDsa).unwrap();
    let jwks: Value = serde_json::from_str(&thief.jwks()).unwrap();
    let own = thief.agent_token("chatbot", "alice", "IDA1", NOW);
    let own = own
        .header("jwk", jwks["keys"][0].clone())
        .header("jku", "https://evil.test/k");
    assert_eq!(
        town.refused(own.header("kid", town.id.kid())),
        Unknown::Signature
    );
}

#[test]
fn a_token_is_three_strict_parts_of_at_most_8_kib() {
    let town = Town::new();
    let token = town.good().sign().unwrap();
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let identity = town.identity();
    let refused = |token: &str| identity.authenticate(Some(token), NOW).unwrap_err();

    assert_eq!(
        identity.authenticate(None, NOW).unwrap_err(),
        Unknown::Missing
    );
    assert_eq!(refused(""), Unknown::Missing);
    for text in [".", "..", "...", "a.b.c", "a.b", " ", "é.é.é"] {
        assert_eq!(refused(text), Unknown::Malformed, "{text}");
    }
    for odd in [
        format!("{token}="),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{token}.x"),
        format!("x.{token}"),
        token.replacen('.', "=.", 1),
        token.replacen('.', "\n.", 1),
        token.replacen('.', "+.", 1),
    ] {
        assert_ne!(odd, token);
        assert_eq!(refused(&odd), Unknown::Malformed, "{odd}");
    }
    let twice = header.replacen('{', r#"{"alg":"none","#, 1);
    assert_eq!(
        refused(&Town::forged(&twice, &claims, &[0; 64])),
        Unknown::Malformed
    );
    let twice = claims.replacen('{', r#"{"sub":"mallory","#, 1);
    assert_eq!(
        refused(&Town::forged(&header, &twice, &[0; 64])),
        Unknown::Malformed
    );
    for claims in ["", "[]", "null", "\"x\"", "{", "{}{}", "\u{feff}{}"] {
        assert_eq!(
            refused(&Town::forged(&header, claims, &[0; 64])),
            Unknown::Malformed
        );
    }
    let huge = town.good().claim("pad", "x".repeat(8_192)).sign().unwrap();
    assert_eq!(refused(&huge), Unknown::TooLong);
    assert_eq!(refused(&"a".repeat(10_000_000)), Unknown::TooLong);
}

/// Flips the bits of base64 that decode to nothing: a lax decoder takes both spellings.
#[test]
fn base64_has_one_spelling() {
    let town = Town::new();
    let token = town.good().sign().unwrap();
    let last = token.chars().last().unwrap();
    // 64 bytes leave 4 unused bits in the last character.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    let other = alphabet.chars().nth(at | 1).unwrap();
    let odd = format!("{}{other}", token.strip_suffix(last).unwrap());
    assert_ne!(odd, token);
    assert_eq!(town.check(&odd).unwrap_err(), Unknown::Malformed);
}

#[test]
fn times_are_kept() {
    let town = Town::new();
    let refused = |name: &str, value: Value| town.refused(town.good().claim(name, value));
    assert_eq!(refused("exp", json!(NOW - 60)), Unknown::Expired);
    assert_eq!(refused("exp", json!(0)), Unknown::Expired);
    assert_eq!(refused("exp", json!(-5)), Unknown::Lifetime);
    assert_eq!(refused("exp", json!(NOW + 3_601)), Unknown::Lifetime);
    assert_eq!(refused("exp", json!(i64::MAX)), Unknown::Lifetime);
    assert_eq!(refused("exp", json!(u64::MAX)), Unknown::Lifetime);
    assert_eq!(refused("exp", json!(1e300)), Unknown::Lifetime);
    assert_eq!(refused("exp", json!("1900000000")), Unknown::Lifetime);
    assert_eq!(refused("exp", Value::Null), Unknown::Lifetime);
    assert_eq!(refused("iat", Value::Null), Unknown::Lifetime);
    assert_eq!(refused("iat", json!(NOW + 61)), Unknown::NotYet);
    assert_eq!(refused("nbf", json!(NOW + 61)), Unknown::NotYet);
    assert_eq!(refused("nbf", json!("soon")), Unknown::Lifetime);
    let at_iat = town.good().claim("exp", NOW);
    assert_eq!(town.refused(at_iat), Unknown::Lifetime);
    for (name, value) in [("nbf", NOW + 60), ("iat", NOW + 60), ("exp", NOW + 3_600)] {
        town.check(&town.good().claim(name, value).sign().unwrap())
            .unwrap();
    }
    let old = town
        .id
        .agent_token("chatbot", "alice", "IDA1", NOW - 359)
        .sign()
        .unwrap();
    town.check(&old).unwrap();
    let mut strict = town.setup.clone();
    strict.tokens.leeway_s = 0;
    let strict = Identity::new(strict).unwrap();
    assert_eq!(
        strict.authenticate(Some(&old), NOW).unwrap_err(),
        Unknown::Expired
    );
}

#[test]
fn a_token_is_for_us_from_one_we_know() {
    let town = Town::new();
    let refused = |name: &str, value: Value| town.refused(town.good().claim(name, value));
    for aud in [
        Value::Null,
        json!([]),
        json!("https://gateway.test/"),
        json!("https://gateway.test.evil"),
        json!(["a", "b"]),
        json!({US: 1}),
        json!([[US]]),
    ] {
        assert_eq!(refused("aud", aud), Unknown::Audience);
    }
    town.check(&town.good().claim("aud", json!(["x", US])).sign().unwrap())
        .unwrap();
    for iss in [
        Value::Null,
        json!("https://id.test/"),
        json!("https://evil.test"),
        json!(["https://id.test"]),
    ] {
        assert_eq!(refused("iss", iss), Unknown::Issuer);
    }
    // The staff's issuer in the name of the customers'.
    let theirs = town.staff.agent_token("chatbot", "alice", "IDA1", NOW);
    assert_eq!(
        town.refused(theirs.claim("iss", "https://id.test")),
        Unknown::Key
    );
    assert_eq!(refused("cnf", json!({"jkt": "x"})), Unknown::Bound);
    assert_eq!(refused("cnf", json!({})), Unknown::Bound);
}

#[test]
fn i4_subject_and_uid_are_what_they_must_be() {
    let town = Town::new();
    let refused = |name: &str, value: Value| town.refused(town.good().claim(name, value));
    for sub in [
        Value::Null,
        json!(""),
        json!("a\nb"),
        json!("a\u{202e}b"),
        json!("a\u{200b}"),
        json!("x".repeat(257)),
    ] {
        assert_eq!(refused("sub", sub), Unknown::Subject);
    }
    assert_eq!(refused("sub", json!(7)), Unknown::Malformed);
    assert_eq!(refused("sub", json!("flow-1")), Unknown::Subject);
    for uid in [
        Value::Null,
        json!(""),
        json!(17),
        json!("a/b"),
        json!("../x"),
        json!("a b"),
        json!("ид"),
        json!("x".repeat(65)),
        json!(["IDA1"]),
    ] {
        assert_eq!(refused("uid", uid), Unknown::Uid);
    }
    assert_eq!(refused("sid", json!("a\nb")), Unknown::Malformed);
    assert_eq!(refused("acr", json!(3)), Unknown::Malformed);
    let unknown = town.good().acr("unheard-of").sign().unwrap();
    assert_eq!(
        caller(town.check(&unknown).unwrap()).assurance(),
        Assurance::Low
    );
    town.check(&town.good().claim("sub", "ü".repeat(256)).sign().unwrap())
        .unwrap();
}

#[test]
fn a_token_is_remembered_until_it_expires_or_is_forgotten() {
    let town = Town::new();
    let identity = town.identity();
    let token = town.good().sign().unwrap();
    let first = caller(identity.authenticate(Some(&token), NOW).unwrap());
    let again = caller(identity.authenticate(Some(&token), NOW + 359).unwrap());
    assert!(Arc::ptr_eq(&first, &again));
    identity.forget(first.token());
    let anew = caller(identity.authenticate(Some(&token), NOW).unwrap());
    assert!(!Arc::ptr_eq(&first, &anew));
    let late = identity.authenticate(Some(&token), NOW + 360);
    assert_eq!(late.unwrap_err(), Unknown::Expired);
    // New keys in the file: what the old ones signed is nobody's, at once.
    identity.authenticate(Some(&token), NOW).unwrap();
    let fresh = LocalIssuer::generate("https://id.test", US, SigningAlgorithm::EdDsa).unwrap();
    let file = town.dir.path().join("id.json");
    std::fs::write(&file, "{").unwrap();
    let keys = BadKeys::NoJwks;
    assert_eq!(
        identity.reload().unwrap_err(),
        Unready::Issuer { at: 0, keys }
    );
    identity.authenticate(Some(&token), NOW).unwrap();
    fresh.write_jwks(&file).unwrap();
    identity.reload().unwrap();
    assert_eq!(
        identity.authenticate(Some(&token), NOW).unwrap_err(),
        Unknown::Key
    );
}

#[test]
fn the_memory_of_tokens_is_bounded() {
    let mut town = Town::new();
    town.setup.tokens.remembered = 16;
    let identity = town.identity();
    let tokens: Vec<_> = (0..200)
        .map(|n| town.good().claim("jti", n).sign().unwrap())
        .collect();
    let round = || {
        let seen = tokens
            .iter()
            .map(|token| identity.authenticate(Some(token), NOW).unwrap());
        seen.map(caller).collect::<Vec<_>>()
    };
    let (first, second) = (round(), round());
    let same = |pair: &(&Arc<Caller>, &Arc<Caller>)| Arc::ptr_eq(pair.0, pair.1);
    assert!(first.iter().zip(&second).filter(same).count() <= 16);
}

#[test]
fn bad_key_files_are_refused() {
    let keys = |text: &str| key::keys(text.as_bytes(), false).map(|keys| keys.len());
    let x = "8v78tieRyAkUNMcaenuxpwjvqnsx39I3Twtkiy1-bn8";
    let ed = |more: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"{more}}}"#);
    let set = |list: &[String]| format!(r#"{{"keys":[{}]}}"#, list.join(","));
    let a = ed(r#","kid":"a""#);
    assert_eq!(keys(&set(&[a.clone(), ed(r#","kid":"b""#)])), Ok(2));
    assert_eq!(keys(&set(&[a.clone(), a.clone()])), Err(BadKeys::SameKid));
    assert_eq!(keys(&set(&[ed("")])), Err(BadKeys::NoKid));
    assert_eq!(
        keys(&set(&[ed(r#","kid":"a","d":"AAAA""#)])),
        Err(BadKeys::Private)
    );
    assert_eq!(
        keys(&set(&[ed(r#","kid":"a","kid":"b""#)])),
        Err(BadKeys::NoJwks)
    );
    assert_eq!(
        keys(&set(&[ed(r#","kid":"a","alg":"ES256""#)])),
        Err(BadKeys::Misfit)
    );
    assert_eq!(
        keys(&set(&[ed(r#","kid":"a","alg":"HS256""#)])),
        Err(BadKeys::Misfit)
    );
    assert_eq!(
        keys(&set(&[ed(r#","kid":"a","use":"enc""#)])),
        Err(BadKeys::Count)
    );
    let short = r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","kid":"a"}"#.to_owned();
    assert_eq!(keys(&set(&[short])), Err(BadKeys::Misfit));
    let shared = r#"{"kty":"oct","k":"AAAA","kid":"a"}"#.to_owned();
    assert_eq!(keys(&set(&[a.clone(), shared])), Err(BadKeys::Private));
    let rsa = r#"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"r"}"#.to_owned();
    let new = r#"{"kty":"AKP","pub":"AQAB","kid":"n"}"#.to_owned();
    assert_eq!(keys(&set(&[a.clone(), rsa, new])), Ok(1));
    let many: Vec<_> = (0..33).map(|n| ed(&format!(r#","kid":"{n}""#))).collect();
    assert_eq!(keys(&set(&many)), Err(BadKeys::Count));
    for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[1]}"#] {
        assert_eq!(keys(text), Err(BadKeys::NoJwks), "{text}");
    }
    assert_eq!(keys(r#"{"keys":[]}"#), Err(BadKeys::Count));
}

#[test]
fn the_local_issuer_is_refused_unless_allowed() {
    let mut town = Town::new();
    town.setup.allow_local_issuer = false;
    let unready = Identity::new(town.setup.clone()).unwrap_err();
    let keys = BadKeys::Local;
    assert_eq!(unready, Unready::Issuer { at: 0, keys });
    town.setup
        .issuers
        .iter_mut()
        .for_each(|i| i.jwks_file = Some("/nowhere".into()));
    let unready = Identity::new(town.setup.clone()).unwrap_err();
    let keys = BadKeys::Unreadable;
    assert_eq!(unready, Unready::Issuer { at: 0, keys });
}

#[test]
fn the_local_issuers_key_is_kept_private_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("issuer.key");
    let first = LocalIssuer::open("https://id.test", US, &file).unwrap();
    let again = LocalIssuer::open("https://id.test", US, &file).unwrap();
    assert_eq!(first.jwks(), again.jwks());
    std::fs::write(&file, "not a key").unwrap();
    let broken = LocalIssuer::open("https://id.test", US, &file);
    assert!(matches!(broken, Err(Unsigned::Key)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let seen = LocalIssuer::open("https://id.test", US, &file);
        assert!(matches!(seen, Err(Unsigned::Private(_))));
    }
}

#[test]
fn reasons_have_names_of_their_own_and_one_public_text() {
    let names: std::collections::HashSet<_> = Unknown::ALL.map(Unknown::as_str).into();
    assert_eq!(names.len(), Unknown::ALL.len());
    for reason in Unknown::ALL {
        assert_eq!(reason.to_string(), Unknown::PUBLIC);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn nothing_a_stranger_sends_panics(
        text in any::<String>(),
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 3),
        claims in r#"\{("(iss|sub|aud|exp|act|cnf)":(null|1|-1|1e9|""|"x"|\[\]|\{\}|\[1\]),?){0,6}\}"#,
    ) {
        let town = Town::new();
        let identity = town.identity();
        prop_assert!(identity.authenticate(Some(&text), NOW).is_err());
        let bytes = parts.iter().map(|part| B64.encode(part)).collect::<Vec<_>>().join(".");
        prop_assert!(identity.authenticate(Some(&bytes), NOW).is_err());
        let header = part(&town.good().sign().unwrap(), 0);
        let forged = Town::forged(&header, &claims, parts.concat().as_slice());
        prop_assert!(identity.authenticate(Some(&forged), NOW).is_err());
    }

    /// Claims of any shape, rightly signed: an issuer may be careless, too.
    #[test]
    fn no_claim_of_any_shape_panics_or_speaks_for_another(
        name in "iss|sub|aud|exp|nbf|iat|act|cnf|uid|roles|acr|sid|name|email|azp|client_id",
        value in shape(),
    ) {
        let town = Town::new();
        let token = town.good().claim(&name, value.clone()).sign().unwrap();
        if let Ok(Verified::Agent(caller)) = town.check(&token) {
            let subject = caller.subject().unwrap();
            prop_assert!(name == "sub" || subject.sub == "alice");
            prop_assert!(name == "uid" || subject.uid == "IDA1");
            prop_assert_eq!(caller.agent().id.as_str(), "chatbot");
        }
    }
}

fn shape() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("sub|act|iss|[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
