//! From a session and an agent to a delegated token, and every way that does not lead there.

use super::*;
use crate::config::{Secret, TokenExchange};

/// A town where sessions of the customers' issuer are exchanged.
struct Desk {
    town: Town,
    key: Signer,
    identity: Identity,
}

fn desk() -> Desk {
    desk_with(|_| ())
}

fn desk_with(change: impl FnOnce(&mut Setup)) -> Desk {
    let mut town = Town::new();
    let key = Signer::generate(SigningAlgorithm::Es256).unwrap();
    let file = town.dir.path().join("chatbot.json");
    std::fs::write(&file, key.jwks()).unwrap();
    town.setup.agents[0].jwks_file = Some(file);
    town.setup.issuers[0].issues = vec![Issues::Sessions, Issues::Guests];
    let own = Signer::generate(SigningAlgorithm::EdDsa).unwrap();
    town.setup.token_exchange = Some(TokenExchange {
        key: Secret::given(own.to_pem().as_str()),
        agents: vec!["chatbot".to_owned().try_into().unwrap()],
        lifetime: std::time::Duration::from_mins(5),
    });
    change(&mut town.setup);
    let identity = town.identity();
    Desk {
        town,
        key,
        identity,
    }
}

impl Desk {
    fn session(&self) -> TokenDraft<'_> {
        let draft = self.town.id.customer_token("alice", "IDA1", NOW - 100);
        let draft = draft.lifetime(1_000).session("s-1").acr("substantial");
        draft.about("Alice Doe", "a@x.test", "+491")
    }

    fn guest(&self) -> Acting {
        let token = self.town.id.guest_token("chatbot", NOW).lifetime(3_000);
        self.shows(&token.sign().unwrap()).unwrap()
    }

    fn shows(&self, token: &str) -> Result<Acting, Unknown> {
        let by = Credentials {
            actor_token: Some(token),
            ..Credentials::default()
        };
        self.identity.acting(by, NOW)
    }

    fn asserts(&self, assertion: &str) -> Result<Acting, Unknown> {
        let by = Credentials {
            assertion: Some(assertion),
            ..Credentials::default()
        };
        self.identity.acting(by, NOW)
    }

    fn mint(&self, draft: TokenDraft<'_>, asked: Option<&str>) -> Result<Minted, NotMinted> {
        let session = self.identity.session(&draft.sign().unwrap(), NOW).unwrap();
        let asked = asked.map(|text| Scopes::asked(text).unwrap());
        self.identity.mint(&self.guest(), &session, asked, NOW)
    }

    fn refused(&self, draft: TokenDraft<'_>) -> Unknown {
        let session = self.identity.session(&draft.sign().unwrap(), NOW);
        session.unwrap_err()
    }
}

fn claims(token: &str) -> Value {
    serde_json::from_str(&part(token, 1)).unwrap()
}

#[test]
fn i4_what_comes_out_says_of_both_what_they_proved_and_no_more() {
    let desk = desk();
    let session = desk.session().sign().unwrap();
    let minted = desk.mint(desk.session(), None).unwrap();
    assert_eq!(minted.expires_in_s, 300);
    assert!(!format!("{minted:?}").contains(&minted.token));
    let caller = caller(
        desk.identity
            .authenticate(Some(&minted.token), NOW)
            .unwrap(),
    );
    assert_eq!(caller.agent().id.as_str(), "chatbot");
    let subject = caller.subject().unwrap();
    assert_eq!(subject.issuer, "https://id.test");
    assert_eq!((&*subject.sub, &*subject.uid), ("alice", "IDA1"));
    assert_eq!(caller.assurance(), Assurance::Substantial);
    assert_eq!(caller.session(), Some("s-1"));
    assert_eq!(caller.known().len(), 4);
    // An erasure or a revocation of what is behind it reaches it.
    assert_eq!(caller.issued_at_s(), NOW - 100);
    let behind = desk.identity.session(&session, NOW).unwrap();
    assert_eq!(caller.behind(), Some(behind.customer().token()));
    let claims = claims(&minted.token);
    assert_eq!(claims["iss"], US);
    assert_eq!(claims["aud"], US);
    assert_eq!(claims["act"], json!({"sub": "chatbot"}));
    assert_eq!(claims["scope"], "tidewaiter:read tidewaiter:write");
    assert_eq!(claims["jti"], minted.jti.as_str());
    assert!(claims.get("roles").is_none());
    // It is no session that could be exchanged once more.
    let again = desk.identity.session(&minted.token, NOW).unwrap_err();
    assert_eq!(again, Unknown::Kind);
    assert_eq!(desk.shows(&minted.token).unwrap_err(), Unknown::Kind);
}

#[test]
fn a_token_ends_with_what_it_was_given_for() {
    let desk = desk();
    let short = desk
        .mint(desk.session().claim("exp", NOW + 30), None)
        .unwrap();
    assert_eq!(short.expires_in_s, 30);
    assert_eq!(claims(&short.token)["exp"], NOW + 30);
    // Let in by leeway only: there is no time left to give.
    for exp in [NOW, NOW - 30] {
        let over = desk.mint(desk.session().claim("exp", exp), None);
        assert_eq!(over.unwrap_err(), NotMinted::Ended);
    }
    let session = desk.identity.session(&desk.session().sign().unwrap(), NOW);
    let agent = desk.town.id.guest_token("chatbot", NOW).lifetime(20);
    let agent = desk.shows(&agent.sign().unwrap()).unwrap();
    let minted = desk.identity.mint(&agent, &session.unwrap(), None, NOW);
    assert_eq!(minted.unwrap().expires_in_s, 20);
    let shorter = desk_with(|setup| {
        let exchange = setup.token_exchange.as_mut().unwrap();
        exchange.lifetime = std::time::Duration::from_mins(1);
    });
    assert_eq!(
        shorter.mint(shorter.session(), None).unwrap().expires_in_s,
        60
    );
}

#[test]
fn i3_assurance_and_scope_are_never_more_than_they_were() {
    let desk = desk_with(|setup| setup.issuers[0].scopes = true);
    let with = |scope: &str| desk.session().claim("scope", scope);
    // The agent's own token has scopes too, as they count for its issuer.
    let agent = |scope: &str| {
        let token = desk
            .town
            .id
            .guest_token("chatbot", NOW)
            .claim("scope", scope);
        desk.shows(&token.sign().unwrap()).unwrap()
    };
    let all = "tidewaiter:read tidewaiter:write";
    let mint = |by: &str, of: &str, asked: Option<&str>| {
        let session = desk
            .identity
            .session(&with(of).sign().unwrap(), NOW)
            .unwrap();
        let asked = asked.map(|text| Scopes::asked(text).unwrap());
        let minted = desk.identity.mint(&agent(by), &session, asked, NOW);
        minted.map(|minted| minted.scope)
    };
    let kyc = "tidewaiter:read:kyc";
    assert_eq!(
        mint(all, "openid tidewaiter:read", None),
        Ok("tidewaiter:read".to_owned())
    );
    assert_eq!(mint(all, all, Some(kyc)), Ok(kyc.to_owned()));
    assert_eq!(mint(all, kyc, None), Ok(kyc.to_owned()));
    assert_eq!(mint(kyc, all, None), Ok(kyc.to_owned()));
    for (by, of, asked) in [
        (all, kyc, Some("tidewaiter:read")),
        (all, "tidewaiter:read", Some("tidewaiter:write")),
        (kyc, "tidewaiter:write", None),
        (all, "openid", None),
        ("", all, None),
    ] {
        assert_eq!(mint(by, of, asked), Err(NotMinted::Scope), "{by} {of}");
    }
    let low = desk.session().acr("unheard-of").claim("scope", all);
    let session = desk.identity.session(&low.sign().unwrap(), NOW).unwrap();
    let minted = desk
        .identity
        .mint(&agent(all), &session, None, NOW)
        .unwrap();
    assert_eq!(claims(&minted.token)["acr"], "low");
    let narrow = desk
        .identity
        .authenticate(Some(&minted.token), NOW)
        .unwrap();
    assert_eq!(caller(narrow).assurance(), Assurance::Low);
}

#[test]
fn only_a_customers_own_session_is_exchanged() {
    let desk = desk();
    let id = &desk.town.id;
    assert_eq!(desk.refused(id.guest_token("chatbot", NOW)), Unknown::Kind);
    assert_eq!(
        desk.refused(id.agent_token("chatbot", "alice", "IDA1", NOW)),
        Unknown::Kind
    );
    let staff = desk.town.staff.officer_token("olga", &[Role::Dpo], NOW);
    assert_eq!(desk.refused(staff), Unknown::Kind);
    let other = desk.town.staff.customer_token("alice", "IDA1", NOW);
    assert_eq!(desk.refused(other), Unknown::Kind);
    for (name, value, why) in [
        ("exp", json!(NOW - 60), Unknown::Expired),
        ("aud", json!("https://other.test"), Unknown::Audience),
        ("cnf", json!({"jkt": "x"}), Unknown::Bound),
        ("sub", json!("flow-1"), Unknown::Subject),
        ("client_id", json!("chatbot"), Unknown::NotDelegated),
        ("uid", Value::Null, Unknown::Uid),
    ] {
        assert_eq!(
            desk.refused(desk.session().claim(name, value)),
            why,
            "{name}"
        );
    }
    assert_eq!(
        desk.refused(desk.session().header("kid", "x")),
        Unknown::Key
    );
    let may = |sub: &str| desk.session().claim("may_act", json!({ "sub": sub }));
    assert!(desk.mint(may("chatbot"), None).is_ok());
    assert_eq!(
        desk.mint(may("flow-1"), None).unwrap_err(),
        NotMinted::MayNotAct
    );
    let odd = desk.session().claim("may_act", "chatbot");
    assert_eq!(desk.mint(odd, None).unwrap_err(), NotMinted::MayNotAct);
}

#[test]
fn an_agent_proves_itself_with_its_own_key_once() {
    let desk = desk();
    let assertion = |agent: &str, audience: &str, jti: &str| {
        desk.key.assertion(agent, audience, NOW, jti).unwrap()
    };
    let good = assertion("chatbot", US, "1");
    let acting = desk.asserts(&good).unwrap();
    assert_eq!(acting.caller().agent().id.as_str(), "chatbot");
    assert_eq!(acting.proof(), "private_key_jwt");
    assert_eq!(desk.asserts(&good).unwrap_err(), Unknown::Replayed);
    let endpoint = format!("{US}/oauth/token");
    desk.asserts(&assertion("chatbot", &endpoint, "2")).unwrap();
    for (agent, audience, why) in [
        ("chatbot", "https://other.test", Unknown::Audience),
        ("flow-1", US, Unknown::Agent),
        ("nobody", US, Unknown::Agent),
    ] {
        assert_eq!(
            desk.asserts(&assertion(agent, audience, "3")).unwrap_err(),
            why
        );
    }
    let thief = Signer::generate(SigningAlgorithm::Es256).unwrap();
    let forged = thief.assertion("chatbot", US, NOW, "4").unwrap();
    assert_eq!(desk.asserts(&forged).unwrap_err(), Unknown::Key);
    for (at, why) in [(NOW - 120, Unknown::Expired), (NOW + 61, Unknown::NotYet)] {
        let early = desk.key.assertion("chatbot", US, at, "5").unwrap();
        assert_eq!(desk.asserts(&early).unwrap_err(), why);
    }
    // Neither is an assertion an access token, nor the other way round.
    let shown = desk
        .identity
        .authenticate(Some(&assertion("chatbot", US, "6")), NOW);
    assert_eq!(shown.unwrap_err(), Unknown::Issuer);
    let token = desk.town.id.guest_token("chatbot", NOW).sign().unwrap();
    assert_eq!(desk.asserts(&token).unwrap_err(), Unknown::Agent);
}

#[test]
fn an_assertion_says_what_it_must() {
    let desk = desk();
    let sign = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let good = json!({"iss": "chatbot", "sub": "chatbot", "aud": US, "jti": "j",
            "iat": NOW, "exp": NOW + 60});
        let mut claims = good.as_object().unwrap().clone();
        change(&mut claims);
        desk.key.sign(desk.key.header("JWT"), claims).unwrap()
    };
    let with = |name: &'static str, value: Value| {
        sign(&move |claims| drop(claims.insert(name.to_owned(), value.clone())))
    };
    for (assertion, why) in [
        (with("sub", json!("flow-1")), Unknown::Subject),
        (with("sub", Value::Null), Unknown::Subject),
        (
            with("aud", json!([US, "https://other.test"])),
            Unknown::Audience,
        ),
        (with("aud", json!([])), Unknown::Audience),
        (with("aud", Value::Null), Unknown::Audience),
        (with("exp", json!(NOW + 301)), Unknown::Lifetime),
        (with("exp", Value::Null), Unknown::Lifetime),
        (with("iat", Value::Null), Unknown::Lifetime),
        (with("jti", Value::Null), Unknown::Replayed),
        (with("jti", json!("")), Unknown::Replayed),
        (with("cnf", json!({})), Unknown::Bound),
    ] {
        assert_eq!(desk.asserts(&assertion).unwrap_err(), why);
    }
    let typed = desk.key.header("at+jwt");
    let claims = json!({"iss": "chatbot", "sub": "chatbot", "aud": US, "jti": "j",
        "iat": NOW, "exp": NOW + 60});
    let claims = claims.as_object().unwrap().clone();
    let typed = desk.key.sign(typed, claims).unwrap();
    assert_eq!(desk.asserts(&typed).unwrap_err(), Unknown::WrongType);
    assert!(desk.asserts(&sign(&|_| ())).is_ok());
}

#[test]
fn all_that_is_brought_must_prove_one_agent() {
    let desk = desk();
    let guest = desk.town.id.guest_token("chatbot", NOW).sign().unwrap();
    let flow = desk.town.id.guest_token("flow-1", NOW).sign().unwrap();
    let acting = |actor: Option<&str>, jti: &str, client: Option<&str>| {
        let assertion = desk.key.assertion("chatbot", US, NOW, jti).unwrap();
        let by = Credentials {
            actor_token: actor,
            assertion: Some(&assertion),
            client_id: client,
        };
        desk.identity.acting(by, NOW)
    };
    let both = acting(Some(&guest), "1", Some("chatbot")).unwrap();
    assert_eq!(both.proof(), "private_key_jwt actor_token");
    assert_eq!(acting(Some(&flow), "2", None).unwrap_err(), Unknown::Actor);
    assert_eq!(
        acting(None, "3", Some("flow-1")).unwrap_err(),
        Unknown::Actor
    );
    let none = desk.identity.acting(Credentials::default(), NOW);
    assert_eq!(none.unwrap_err(), Unknown::Missing);
    // Known, and not one of those that may.
    assert!(desk.identity.may_exchange(&both));
    assert!(!desk.identity.may_exchange(&desk.shows(&flow).unwrap()));
    let customer = desk.session().sign().unwrap();
    assert_eq!(desk.shows(&customer).unwrap_err(), Unknown::Kind);
}

#[test]
fn i4_our_own_tokens_say_who_vouched() {
    let desk = desk();
    let minted = desk.mint(desk.session(), None).unwrap();
    let exchange = desk.identity.exchange.as_ref().unwrap();
    let good: Value = claims(&minted.token);
    let sign = |name: &str, value: Value| {
        let mut claims = good.as_object().unwrap().clone();
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.to_owned(), value);
        }
        exchange.sign_for_test(claims)
    };
    for (name, value, why) in [
        ("sub_id", Value::Null, Unknown::Subject),
        ("sub_id", json!("alice"), Unknown::Subject),
        (
            "sub_id",
            json!({"format": "iss_sub", "iss": "https://id.test", "sub": "bob"}),
            Unknown::Subject,
        ),
        ("tidewaiter", Value::Null, Unknown::Malformed),
        (
            "tidewaiter",
            json!({"iat": 1, "token": "00"}),
            Unknown::Malformed,
        ),
        ("act", Value::Null, Unknown::NotDelegated),
        ("exp", json!(NOW + 301), Unknown::Lifetime),
    ] {
        let token = sign(name, value);
        let refused = desk.identity.authenticate(Some(&token), NOW);
        assert_eq!(refused.unwrap_err(), why, "{name}");
    }
    // Nobody else speaks in our name.
    let theirs = desk.town.id.agent_token("chatbot", "alice", "IDA1", NOW);
    let theirs = theirs.claim("iss", US).sign().unwrap();
    let refused = desk.identity.authenticate(Some(&theirs), NOW);
    assert_eq!(refused.unwrap_err(), Unknown::Key);
}

#[test]
fn a_session_with_much_to_say_gets_no_token_that_nobody_could_read() {
    let desk = desk();
    let long = desk.session().claim("name", "ü".repeat(2_800));
    assert_eq!(desk.mint(long, None).unwrap_err(), NotMinted::TooLong);
}

#[test]
fn a_key_that_is_none_is_refused_at_the_start() {
    let town = Town::new();
    let mut setup = town.setup.clone();
    setup.token_exchange = Some(TokenExchange {
        key: Secret::given("no key"),
        agents: vec!["chatbot".to_owned().try_into().unwrap()],
        lifetime: std::time::Duration::from_mins(5),
    });
    assert_eq!(Identity::new(setup.clone()).unwrap_err(), Unready::Signer);
    let signer = Signer::generate(SigningAlgorithm::EdDsa).unwrap();
    setup.token_exchange.as_mut().unwrap().key = Secret::given(signer.to_pem().as_str());
    setup.agents[0].jwks_file = Some("/nowhere".into());
    let keys = BadKeys::Unreadable;
    let unready = Identity::new(setup.clone()).unwrap_err();
    assert_eq!(unready, Unready::Agent { at: 0, keys });
    // Without an exchange there is nothing to prove.
    assert!(town.identity().exchange_jwks().is_none());
    let asked = town.identity().acting(Credentials::default(), NOW);
    assert_eq!(asked.unwrap_err(), Unknown::Kind);
}
