//! Who looked.

use super::super::lookups::{Names, of_customer};
use super::*;
use crate::gateway::Language;

#[tokio::test]
async fn a_customer_sees_who_looked_and_nobody_elses() {
    let h = Harness::new().await;
    let (_, lookup) = h.customer("ann").await;
    h.customer("bob").await;
    let agents = agents();
    let names = Names {
        catalog: &h.catalog,
        agents: &agents,
    };
    let customer = customer("ann");
    let seen = of_customer(&h.ledger, &customer, Language::Ru, names, None)
        .await
        .unwrap();
    let lookups = seen["lookups"].as_array().unwrap();
    assert_eq!(lookups.len(), 2, "one by the assistant, and this one");
    let first = &lookups[0];
    assert_eq!(first["record"], lookup.rid());
    assert_eq!(first["agent"]["title"], "Support assistant");
    assert_eq!(first["recipients"][0]["country"], "IE");
    assert_eq!(first["recipients"][1], json!({"name": "Gone Desk"}));
    assert_eq!(first["decision"], "allow");
    let purpose = h.catalog.purposes().purpose("support.withdrawal").unwrap();
    assert_eq!(first["purpose"]["say"], purpose.say("ru"));
    let operation = h.catalog.operation("withdrawals.status").unwrap();
    assert_eq!(first["operation"]["title"], operation.title);
    assert_eq!(
        first["fields"],
        json!([{"path": "status", "class": "account", "treatment": "reveal"}])
    );
    assert!(!seen.to_string().contains("kept words"), "no values");
    assert_eq!(lookups[1]["operation"]["name"], "me.lookups");
    assert_eq!(seen["record"], lookups[1]["record"]);
    assert_eq!(seen["next"], Value::Null);
    let after = lookup.rid();
    let rest = of_customer(&h.ledger, &customer, Language::En, names, Some(&after)).await;
    let rest = rest.unwrap();
    assert_eq!(rest["lookups"][0]["record"], seen["record"]);
}

#[tokio::test]
async fn pages_have_every_consultation_once() {
    let h = Harness::new().await;
    for _ in 0..205 {
        h.record("ann", "regulated", Kind::Lookup, json!({})).await;
    }
    let agents = agents();
    let names = Names {
        catalog: &h.catalog,
        agents: &agents,
    };
    let customer = customer("ann");
    let (mut seen, mut after) = (std::collections::BTreeSet::new(), None);
    loop {
        let page = of_customer(&h.ledger, &customer, Language::En, names, after.as_deref());
        let page = page.await.unwrap();
        for lookup in page["lookups"].as_array().unwrap() {
            assert!(seen.insert(lookup["record"].as_str().unwrap().to_owned()));
        }
        after = page["next"].as_str().map(ToOwned::to_owned);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 207, "and the two pages themselves");
}

#[tokio::test]
async fn i1_without_a_record_nothing_is_shown() {
    let h = Harness::new().await;
    h.customer("ann").await;
    h.break_down().await;
    let names = Names {
        catalog: &h.catalog,
        agents: &[],
    };
    let outcome = of_customer(&h.ledger, &customer("ann"), Language::En, names, None).await;
    assert_eq!(refused(outcome), Refusal::Unrecorded);
}
