//! Agents, guests, customers and officers: nobody passes for another.

use super::*;

#[test]
fn i3_an_agent_must_be_registered() {
    let town = Town::new();
    for agent in ["stranger", "", "CHATBOT", "chatbot "] {
        let draft = town.id.agent_token(agent, "alice", "IDA1", NOW);
        assert_eq!(town.refused(draft), Unknown::Agent, "{agent:?}");
    }
    let draft = town.id.guest_token("stranger", NOW);
    assert_eq!(town.refused(draft), Unknown::Agent);
    // Registered, but vouched for by an issuer that has no customers.
    let draft = town.staff.agent_token("chatbot", "alice", "IDA1", NOW);
    assert_eq!(town.refused(draft), Unknown::Kind);
}

#[test]
fn one_agent_acts_and_no_chain() {
    let town = Town::new();
    for act in [
        json!({"sub": "chatbot", "act": {"sub": "flow-1"}}),
        json!({"sub": "chatbot", "act": null}),
        json!({"sub": "chatbot", "iss": "https://staff.test"}),
        json!({"client_id": "chatbot"}),
        json!({"sub": ["chatbot"]}),
        json!({}),
        json!("chatbot"),
        json!([{"sub": "chatbot"}]),
    ] {
        let refused = town.refused(town.good().claim("act", act.clone()));
        assert_eq!(refused, Unknown::Actor, "{act}");
    }
    let same = json!({"sub": "chatbot", "iss": "https://id.test"});
    town.check(&town.good().claim("act", same).sign().unwrap())
        .unwrap();
    let apart = town.good().claim("azp", "flow-1");
    assert_eq!(town.refused(apart), Unknown::Actor);
}

#[test]
fn a_guests_token_has_no_subject() {
    let town = Town::new();
    let token = town
        .id
        .guest_token("chatbot", NOW)
        .acr("high")
        .sign()
        .unwrap();
    let guest = caller(town.check(&token).unwrap());
    assert!(guest.subject().is_none());
    assert!(guest.known().is_empty());
    assert_eq!(guest.assurance(), Assurance::Low);
    let with_uid = town.id.guest_token("chatbot", NOW).claim("uid", "IDA1");
    assert_eq!(town.refused(with_uid), Unknown::Subject);
    let with_act = town
        .id
        .guest_token("chatbot", NOW)
        .claim("act", json!({"sub": "chatbot"}));
    assert_eq!(town.refused(with_act), Unknown::Subject);
    let for_agent = town.id.agent_token("chatbot", "flow-1", "IDA1", NOW);
    assert_eq!(town.refused(for_agent), Unknown::Subject);
    let mut only = Town::new();
    only.setup.issuers[0].issues = vec![Issues::Agents];
    assert_eq!(
        only.refused(only.id.guest_token("chatbot", NOW)),
        Unknown::Kind
    );
}

#[test]
fn an_agent_does_not_pass_for_the_customer() {
    let town = Town::new();
    let token = town.id.customer_token("alice", "IDA1", NOW).sign().unwrap();
    let Ok(Verified::Customer(alice)) = town.check(&token) else {
        panic!("no customer");
    };
    assert_eq!(alice.subject().uid, "IDA1");
    // The same with the `act` taken out, as an agent could not do; and through an agent's client.
    let bare = town.good().claim("act", Value::Null);
    assert_eq!(town.refused(bare), Unknown::NotDelegated);
    let azp = town.id.customer_token("alice", "IDA1", NOW);
    let azp = azp.claim("client_id", Value::Null).claim("azp", "chatbot");
    assert_eq!(town.refused(azp), Unknown::NotDelegated);
    let mut named = Town::new();
    named.setup.issuers[0].customer_clients = vec!["exchange-app".to_owned()];
    named
        .check(
            &named
                .id
                .customer_token("alice", "IDA1", NOW)
                .sign()
                .unwrap(),
        )
        .unwrap();
    for client in [json!("other-app"), Value::Null] {
        let other = named
            .id
            .customer_token("alice", "IDA1", NOW)
            .claim("client_id", client);
        assert_eq!(named.refused(other), Unknown::NotDelegated);
    }
    let mut none = Town::new();
    none.setup.issuers[0].issues = vec![Issues::Agents];
    assert_eq!(
        none.refused(none.id.customer_token("alice", "IDA1", NOW)),
        Unknown::Kind
    );
    assert_eq!(
        town.refused(town.staff.customer_token("alice", "IDA1", NOW)),
        Unknown::Kind
    );
}

#[test]
fn i7_officers_come_from_their_own_issuer() {
    let town = Town::new();
    let token = town
        .staff
        .officer_token("olga", &[Role::Dpo, Role::Legal], NOW);
    let Ok(Verified::Officer(olga)) = town.check(&token.sign().unwrap()) else {
        panic!("no officer");
    };
    assert_eq!((olga.issuer(), olga.sub()), ("https://staff.test", "olga"));
    assert!(olga.roles().has(Role::Dpo) && !olga.roles().has(Role::Admin));
    assert!(olga.roles().iter().eq([Role::Dpo, Role::Legal]));
    let theirs = town.id.officer_token("olga", &[Role::Dpo], NOW);
    assert_eq!(town.refused(theirs), Unknown::Kind);
    let as_customer = town
        .id
        .customer_token("alice", "IDA1", NOW)
        .claim("roles", "dpo");
    assert_eq!(town.refused(as_customer), Unknown::Kind);
    let through_agent = town.staff.officer_token("olga", &[Role::Dpo], NOW);
    let through_agent = through_agent.claim("act", json!({"sub": "chatbot"}));
    assert_eq!(town.refused(through_agent), Unknown::Kind);
    // Nor where one issuer vouches for staff and customers alike.
    let mut both = Town::new();
    both.setup.issuers[1].issues = vec![Issues::Agents, Issues::Officers];
    let delegated = both.staff.agent_token("chatbot", "olga", "IDO1", NOW);
    assert!(both.check(&delegated.sign().unwrap()).is_ok());
    let delegated = both.staff.agent_token("chatbot", "olga", "IDO1", NOW);
    let with_roles = delegated.claim("roles", json!(["dpo"]));
    assert_eq!(both.refused(with_roles), Unknown::Kind);
    let shown_by_agent = town.staff.officer_token("olga", &[Role::Dpo], NOW);
    let shown_by_agent = shown_by_agent.claim("client_id", "chatbot");
    assert_eq!(town.refused(shown_by_agent), Unknown::NotDelegated);
    let no_role = town
        .staff
        .officer_token("olga", &[], NOW)
        .claim("roles", json!(["DPO", "root"]));
    assert_eq!(town.refused(no_role), Unknown::Kind);
    for roles in [json!({"dpo": true}), json!([1]), json!(1)] {
        let odd = town
            .staff
            .officer_token("olga", &[], NOW)
            .claim("roles", roles);
        assert_eq!(town.refused(odd), Unknown::Malformed);
    }
}

#[test]
fn i7_roles_that_must_not_meet_are_refused() {
    let mut town = Town::new();
    for role in Role::ALL {
        let draft = town.staff.officer_token("olga", &[Role::Admin, role], NOW);
        let verified = town.check(&draft.sign().unwrap());
        if role == Role::Admin {
            assert!(verified.is_ok());
        } else {
            assert_eq!(verified.unwrap_err(), Unknown::RolesApart, "{role:?}");
        }
    }
    town.setup.officers.apart = vec![[Role::Officer, Role::Auditor]];
    let both = town
        .staff
        .officer_token("olga", &[Role::Auditor, Role::Lead, Role::Officer], NOW);
    assert_eq!(town.refused(both), Unknown::RolesApart);
}

#[test]
fn roles_are_called_what_the_issuer_calls_them() {
    let mut town = Town::new();
    let words = [("grp-compliance".to_owned(), Role::Officer)];
    town.setup.issuers[1].roles = words.into_iter().collect();
    let draft = town.staff.officer_token("olga", &[], NOW);
    let draft = draft.claim("roles", json!(["grp-compliance", "admin"]));
    let Ok(Verified::Officer(olga)) = town.check(&draft.sign().unwrap()) else {
        panic!("no officer");
    };
    assert!(olga.roles().iter().eq([Role::Officer]));
}

#[test]
fn an_issuer_without_act_names_the_agent_by_its_client() {
    for (claim, name) in [
        (ActorClaim::Azp, "azp"),
        (ActorClaim::ClientId, "client_id"),
    ] {
        let mut town = Town::new();
        town.setup.issuers[0].actor_claim = claim;
        town.setup.issuers[0].customer_clients = vec!["exchange-app".to_owned()];
        let draft = |client: &str| {
            let draft = town.id.customer_token("alice", "IDA1", NOW);
            draft.claim("client_id", Value::Null).claim(name, client)
        };
        let alice = caller(town.check(&draft("chatbot").sign().unwrap()).unwrap());
        assert_eq!(alice.agent().id.as_str(), "chatbot");
        assert_eq!(alice.subject().unwrap().sub, "alice");
        // An agent nobody registered, or no longer, is not taken for the customer.
        assert_eq!(town.refused(draft("retired-bot")), Unknown::Agent);
        let app = town.check(&draft("exchange-app").sign().unwrap());
        assert!(matches!(app, Ok(Verified::Customer(_))));
        assert_eq!(town.refused(town.good()), Unknown::Actor);
        let guest = draft("chatbot").claim("sub", "chatbot");
        let guest = guest.claim("uid", Value::Null);
        assert!(
            caller(town.check(&guest.sign().unwrap()).unwrap())
                .subject()
                .is_none()
        );
    }
}

#[test]
fn i7_two_tokens_of_one_officer_are_one_person() {
    let olga = Officer::for_test("olga", &[Role::Dpo]);
    assert!(olga.is(&Officer::for_test("olga", &[Role::Legal])));
    assert!(!olga.is(&Officer::for_test("oleg", &[Role::Dpo])));
    assert!(olga.roles().has_any(&[Role::Legal, Role::Dpo]));
}

#[test]
fn made_up_callers_are_what_they_are_made_of() {
    let alice = Subject {
        issuer: "https://id.test".to_owned(),
        sub: "alice".to_owned(),
        uid: "IDA1".to_owned(),
    };
    let caller = Caller::for_test(
        agent("chatbot"),
        Some(alice.clone()),
        Assurance::High,
        vec![],
    );
    let customer = Customer::for_test(alice, Assurance::High);
    assert_eq!(caller.subject(), Some(customer.subject()));
    assert_eq!(caller.assurance(), customer.assurance());
}
