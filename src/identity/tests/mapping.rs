//! Issuers that call things by other names.

use super::*;
use crate::config::ClaimPath;

fn path(text: &str) -> ClaimPath {
    ClaimPath::new(text)
}

/// A town whose customers' issuer calls everything something else.
fn town() -> Town {
    let mut town = Town::new();
    let issuer = &mut town.setup.issuers[0];
    issuer.subject_claim = path("user.id");
    issuer.uid_claim = path("https://exchange.example/uid");
    issuer.session_claim = path("session_state");
    issuer.acr_claim = path("auth.level");
    issuer.name_claims = vec![path("profile.full_name"), path("profile.latin")];
    issuer.email_claims = vec![path("profile.emails")];
    issuer.phone_claims = Vec::new();
    issuer.document_claims = vec![path("profile.passport")];
    town
}

fn mapped(town: &Town) -> TokenDraft<'_> {
    let draft = town.id.agent_token("chatbot", "ignored", "ignored", NOW);
    let draft = draft.claim("sub", Value::Null).claim("uid", Value::Null);
    draft
        .claim("user", json!({"id": "alice"}))
        .claim("https://exchange.example/uid", "IDA1")
        .claim("session_state", "s-1")
        .claim("auth", json!({"level": "high"}))
        .claim(
            "profile",
            json!({"full_name": "Алиса", "latin": "Alisa", "emails": ["a@x.test", " ", "b@x.test"],
                "passport": "45 12 345678"}),
        )
        .claim("birthdate", "1990-05-17")
        .claim("address", json!({"formatted": "12 High Street, Leeds"}))
        .claim("phone_number", "+491")
}

#[test]
fn claims_are_found_where_the_issuer_has_them() {
    let town = town();
    let caller = caller(town.check(&mapped(&town).sign().unwrap()).unwrap());
    let subject = caller.subject().unwrap();
    assert_eq!((&*subject.sub, &*subject.uid), ("alice", "IDA1"));
    assert_eq!(caller.session(), Some("s-1"));
    assert_eq!(caller.assurance(), Assurance::High);
    let known: Vec<_> = caller.known().iter().map(|a| (a.kind, &*a.value)).collect();
    assert_eq!(
        known,
        [
            (AttributeKind::Uid, "IDA1"),
            (AttributeKind::Name, "Алиса"),
            (AttributeKind::Name, "Alisa"),
            (AttributeKind::Email, "a@x.test"),
            (AttributeKind::Email, "b@x.test"),
            (AttributeKind::BirthDate, "1990-05-17"),
            (AttributeKind::Document, "45 12 345678"),
            (AttributeKind::Address, "12 High Street, Leeds"),
        ]
    );
}

#[test]
fn i4_a_claim_somewhere_else_is_not_taken_for_it() {
    let town = town();
    let refused = |name: &str, value: Value| town.refused(mapped(&town).claim(name, value));
    for user in [Value::Null, json!("alice"), json!(["alice"]), json!({})] {
        assert_eq!(refused("user", user), Unknown::Subject);
    }
    assert_eq!(refused("user", json!({"id": 7})), Unknown::Malformed);
    let flat = mapped(&town).claim("user", Value::Null);
    assert_eq!(
        town.refused(flat.claim("user.id", "mallory")),
        Unknown::Subject
    );
    let url = "https://exchange.example/uid";
    assert_eq!(refused(url, Value::Null), Unknown::Uid);
    assert_eq!(refused("auth", json!({"level": 3})), Unknown::Malformed);
    // What is known is text or nothing.
    let odd = json!({"full_name": {"first": "A"}});
    assert_eq!(refused("profile", odd), Unknown::Malformed);
}

#[test]
fn i7_roles_may_be_nested() {
    let mut town = Town::new();
    town.setup.issuers[1].roles_claim = path("realm_access.roles");
    let draft = |roles: Value| {
        let draft = town.staff.officer_token("olga", &[], NOW);
        draft
            .claim("roles", json!(["admin"]))
            .claim("realm_access", roles)
    };
    let token = draft(json!({"roles": ["offline_access", "dpo"]}));
    let Ok(Verified::Officer(olga)) = town.check(&token.sign().unwrap()) else {
        panic!("no officer");
    };
    assert!(olga.roles().iter().eq([Role::Dpo]));
    assert_eq!(
        town.refused(draft(json!({"other": ["dpo"]}))),
        Unknown::Kind
    );
    let odd = draft(json!({"roles": {"dpo": true}}));
    assert_eq!(town.refused(odd), Unknown::Malformed);
}

#[test]
fn the_agent_may_stand_in_a_claim_of_the_issuers_own() {
    let mut town = Town::new();
    town.setup.issuers[0].actor_claim = ActorClaim::Own(path("acting.bot"));
    let draft = || {
        let draft = town.id.customer_token("alice", "IDA1", NOW);
        draft.claim("acting", json!({"bot": "chatbot"}))
    };
    let alice = caller(town.check(&draft().sign().unwrap()).unwrap());
    assert_eq!(alice.agent().id.as_str(), "chatbot");
    let retired = draft().claim("acting", json!({"bot": "retired"}));
    assert_eq!(town.refused(retired), Unknown::Agent);
    assert_eq!(town.refused(town.good()), Unknown::Actor);
    let own = town.check(&town.id.customer_token("alice", "IDA1", NOW).sign().unwrap());
    assert!(matches!(own, Ok(Verified::Customer(_))));
    let guest = town.id.guest_token("chatbot", NOW).sign().unwrap();
    assert!(caller(town.check(&guest).unwrap()).subject().is_none());
}

#[test]
fn i3_scopes_count_where_the_issuer_says_so() {
    let mut town = Town::new();
    let scoped = |town: &Town, scope: Value| {
        let token = town.good().claim("scope", scope).sign().unwrap();
        town.check(&token).map(caller)
    };
    let free = scoped(&town, json!("openid tidewaiter:read")).unwrap();
    assert_eq!(free.scopes(), None);
    town.setup.issuers[0].scopes = true;
    for (scope, text) in [
        (json!("openid tidewaiter:read"), "tidewaiter:read"),
        (json!(["tidewaiter:write:cases"]), "tidewaiter:write:cases"),
        (Value::Null, ""),
        (json!(""), ""),
        (json!("*"), ""),
    ] {
        let caller = scoped(&town, scope).unwrap();
        assert_eq!(caller.scopes().unwrap().to_string(), text);
    }
    assert_eq!(scoped(&town, json!(7)).unwrap_err(), Unknown::Malformed);
}

#[test]
fn only_where_it_is_said_a_plain_jwt_is_an_access_token() {
    let mut town = Town::new();
    let plain = |town: &Town| {
        let draft = town.good().header("typ", "JWT").sign().unwrap();
        town.check(&draft)
    };
    assert_eq!(plain(&town).unwrap_err(), Unknown::WrongType);
    town.setup.issuers[0].plain_typ = true;
    plain(&town).unwrap();
    town.check(&town.good().header("typ", Value::Null).sign().unwrap())
        .unwrap();
    for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt", "id_token"] {
        assert_eq!(
            town.refused(town.good().header("typ", typ)),
            Unknown::WrongType
        );
    }
    // What only id tokens, refresh tokens and events have.
    for (claim, value) in [
        ("at_hash", json!("x")),
        ("c_hash", json!("x")),
        ("events", json!({})),
        ("token_use", json!("id")),
        ("typ", json!("ID")),
        ("typ", json!("Refresh")),
    ] {
        let draft = town.good().header("typ", "JWT").claim(claim, value);
        assert_eq!(town.refused(draft), Unknown::WrongType, "{claim}");
    }
}

#[test]
fn a_session_token_is_good_for_nothing_else() {
    let mut town = Town::new();
    town.setup.issuers[0].issues = vec![Issues::Sessions];
    let customer = town.id.customer_token("alice", "IDA1", NOW);
    assert_eq!(town.refused(customer), Unknown::Kind);
    assert_eq!(town.refused(town.good()), Unknown::Kind);
}
