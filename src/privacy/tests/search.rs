//! Search: complete, without repeats, bounded, recorded with nobody named.

use super::super::search::{Question, records};
use super::*;

fn dana() -> Officer {
    officer("dana", &[Role::Officer])
}

async fn ask(h: &Harness, question: &Question) -> Value {
    records(&h.ledger, &dana(), question, Some(&access()), &known)
        .await
        .unwrap()
}

fn names(page: &Value) -> Vec<String> {
    let records = page["records"].as_array().unwrap().iter();
    records
        .map(|record| record["record"].as_str().unwrap().to_owned())
        .collect()
}

/// Every page of a question, with something recorded between them.
async fn all(h: &Harness, question: &Question) -> Vec<String> {
    let mut question = question.clone();
    let mut found = Vec::new();
    for _page in 0..100 {
        let page = ask(h, &question).await;
        found.extend(names(&page));
        let Some(next) = page["next"].as_str() else {
            assert_eq!(page["ended"], "range");
            return found;
        };
        assert_ne!(page["ended"], "range");
        question.cursor = Some(next.to_owned());
        h.customer("meanwhile").await;
    }
    panic!("it never ends");
}

fn of_ann() -> Question {
    Question {
        issuer: Some("https://login.test".to_owned()),
        sub: Some("ann".to_owned()),
        ..Question::default()
    }
}

#[tokio::test]
async fn pages_are_complete_and_without_repeats_while_records_come() {
    let h = Harness::new().await;
    let (mut anns, mut turns) = (Vec::new(), Vec::new());
    for _n in 0..7 {
        for sub in ["ann", "bob"] {
            let (chat, lookup) = h.customer(sub).await;
            turns.push(chat.rid());
            if sub == "ann" {
                anns.extend([chat.rid(), lookup.rid()]);
            }
        }
    }
    for limit in ["1", "3", "50"] {
        let ann = Question {
            limit: Some(limit.to_owned()),
            order: Some("oldest".to_owned()),
            ..of_ann()
        };
        assert_eq!(all(&h, &ann).await, anns, "by customer, {limit} a page");
        let mut newest = anns.clone();
        newest.reverse();
        let ann = Question { order: None, ..ann };
        assert_eq!(all(&h, &ann).await, newest, "newest first, {limit} a page");
    }
    let kind = Question {
        kind: Some("turn".to_owned()),
        order: Some("oldest".to_owned()),
        limit: Some("4".to_owned()),
        ..Question::default()
    };
    let found = all(&h, &kind).await;
    assert_eq!(found[..turns.len()], turns);
    let mut once = found.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), found.len());
}

#[tokio::test]
async fn every_part_of_a_question_narrows() {
    let h = Harness::new().await;
    let (chat, lookup) = h.customer("ann").await;
    h.customer("bob").await;
    let time = crate::clock::rfc3339(lookup.time_us());
    let set = |name: &str, value: &str| {
        let question = json!({name: value});
        serde_json::from_value::<Question>(question).unwrap()
    };
    for (name, value, expected) in [
        ("operation", "withdrawals.status", 2),
        ("operation", "no.such", 0),
        ("agent", "support-bot", 4),
        ("agent", "another", 0),
        ("decision", "allow", 2),
        ("decision", "deny", 0),
        ("purpose", "support.withdrawal", 2),
        ("kind", "turn", 2),
        ("record", chat.rid().as_str(), 1),
        ("to", time.as_str(), 2),
    ] {
        let page = ask(&h, &set(name, value)).await;
        let mut found = page["records"].as_array().unwrap().clone();
        found.retain(|record| {
            ["turn", "lookup", "started"].contains(&record["kind"].as_str().unwrap())
        });
        let expected = if name == "to" { 2 } else { expected };
        assert_eq!(found.len(), expected, "{name} {value}: {page}");
    }
    let from = ask(&h, &set("from", &time)).await;
    assert!(names(&from).contains(&lookup.rid()) && !names(&from).contains(&chat.rid()));
}

#[tokio::test]
async fn i7_a_search_is_a_record_that_names_nobody() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    let question = Question {
        content: Some("true".to_owned()),
        ..of_ann()
    };
    let page = ask(&h, &question).await;
    assert!(page.to_string().contains(&format!("{CANARY} of ann")));
    let (leaf, body) = h.newest(Kind::Duty).await;
    assert_eq!(page["reading"], hex::encode(leaf.rid));
    assert_eq!(leaf.body_len, 8_192);
    assert_eq!(body["act"], "record.search");
    let text = body.to_string();
    assert!(
        body["filter"]["customer"]
            .as_str()
            .unwrap()
            .starts_with("person-")
    );
    assert!(
        !text.contains("\"ann\"") && !text.contains("login.test"),
        "{text}"
    );
    assert!(text.contains(&chat.rid()), "which were shown");

    let bare = ask(&h, &of_ann()).await;
    assert!(!bare.to_string().contains(CANARY), "no body unasked");
    let outcome = records(&h.ledger, &dana(), &question, None, &known).await;
    assert_eq!(refused(outcome), Refusal::ReasonRequired);
    for role in [Role::Support, Role::Lead, Role::Admin] {
        let who = officer("eve", &[role]);
        let outcome = records(&h.ledger, &who, &question, Some(&access()), &known).await;
        assert_eq!(refused(outcome), Refusal::Denied);
        assert_eq!(h.newest(Kind::Duty).await.1["refused"], "denied");
    }
    h.break_down().await;
    let outcome = records(&h.ledger, &dana(), &question, Some(&access()), &known).await;
    assert!(outcome.is_err());
}

#[tokio::test]
async fn what_does_not_fit_is_named() {
    let h = Harness::new().await;
    h.customer("ann").await;
    for (named, question) in [
        ("from", json!({"from": "yesterday"})),
        (
            "to",
            json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}),
        ),
        ("issuer", json!({"sub": "ann"})),
        ("sub", json!({"issuer": "https://login.test"})),
        (
            "issuer",
            json!({"issuer": "https://other.test", "sub": "ann"}),
        ),
        ("agent", json!({"agent": "A B"})),
        ("operation", json!({"operation": "%"})),
        ("kind", json!({"kind": "hold"})),
        ("decision", json!({"decision": "maybe"})),
        ("purpose", json!({"purpose": "?"})),
        ("conversation", json!({"conversation": "x"})),
        ("record", json!({"record": "17"})),
        ("order", json!({"order": "random"})),
        ("limit", json!({"limit": "51"})),
        ("limit", json!({"limit": "0"})),
        ("content", json!({"content": "true"})),
        ("content", json!({"content": "1"})),
        ("cursor", json!({"cursor": "00"})),
    ] {
        let question: Question = serde_json::from_value(question).unwrap();
        let outcome = records(&h.ledger, &dana(), &question, Some(&access()), &known).await;
        let refused = outcome.unwrap_err();
        assert_eq!(refused.refusal, Refusal::InvalidArguments, "{question:?}");
        assert_eq!(refused.argument.unwrap().0, named, "{question:?}");
        assert!(refused.record.is_some());
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_question_and_its_officer_alone() {
    let h = Harness::new().await;
    for _n in 0..3 {
        h.customer("ann").await;
    }
    let question = Question {
        limit: Some("2".to_owned()),
        ..of_ann()
    };
    let page = ask(&h, &question).await;
    let cursor = page["next"].as_str().unwrap().to_owned();
    let with = |question: &Question, cursor: &str| Question {
        cursor: Some(cursor.to_owned()),
        ..question.clone()
    };
    ask(&h, &with(&question, &cursor)).await;
    let other = Question {
        kind: Some("turn".to_owned()),
        ..question.clone()
    };
    let mut forged = cursor.clone();
    let last = if forged.ends_with('0') { "1" } else { "0" };
    forged.replace_range(65.., last);
    let mut shifted = cursor.clone();
    shifted.replace_range(2..4, "01");
    for wrong in [
        with(&other, &cursor),
        with(&question, &forged),
        with(&question, &shifted),
    ] {
        let outcome = records(&h.ledger, &dana(), &wrong, Some(&access()), &known).await;
        assert_eq!(outcome.unwrap_err().argument.unwrap().0, "cursor");
    }
    let olaf = officer("olaf", &[Role::Officer]);
    let wrong = with(&question, &cursor);
    let outcome = records(&h.ledger, &olaf, &wrong, Some(&access()), &known).await;
    assert_eq!(outcome.unwrap_err().argument.unwrap().0, "cursor");
}

#[tokio::test]
async fn nothing_is_found_of_who_was_erased() {
    use super::super::erasure::{approve, request};
    let h = Harness::new().await;
    h.customer("ann").await;
    let case = request(&h.ledger, &customer("ann")).await.unwrap();
    let id = case["case"].as_str().unwrap();
    let dora = officer("dora", &[Role::Dpo]);
    approve(&h.ledger, &dora, id, Some(&access()), &h.terms())
        .await
        .unwrap();
    let page = ask(&h, &of_ann()).await;
    let kinds: Vec<_> = page["records"].as_array().unwrap().iter().collect();
    assert_eq!(kinds.len(), 1, "what law keeps: {page}");
    assert_eq!(kinds[0]["class"], "regulated");
}
