//! Holds: what they keep, and that nobody sees them from outside.

use super::super::erasure::{approve, request, resume_unfinished, status};
use super::super::hold::{Placing, kept, list, place, release};
use super::*;
use crate::ledger::read::ReadError;

fn legal() -> Officer {
    officer("lena", &[Role::Legal])
}

async fn hold(h: &Harness, sub: &str) -> String {
    let placing = Placing {
        issuer: "https://login.test".to_owned(),
        sub: sub.to_owned(),
        basis: "claim 4 O 17/26".to_owned(),
        review: crate::clock::rfc3339(h.clock.now_us() + 100 * 86_400_000_000),
    };
    let held = place(&h.ledger, &legal(), &placing, Some(&access()), &known).await;
    held.unwrap()["hold"].as_str().unwrap().to_owned()
}

async fn erase(h: &Harness, sub: &str) -> Value {
    let case = request(&h.ledger, &customer(sub)).await.unwrap();
    let id = case["case"].as_str().unwrap().to_owned();
    let dpo = officer("dora", &[Role::Dpo]);
    approve(&h.ledger, &dpo, &id, Some(&access()), &h.terms())
        .await
        .unwrap()
}

async fn kept_texts(h: &Harness, id: &str) -> Vec<String> {
    let page = kept(&h.ledger, &legal(), id, None, Some(&access())).await;
    let page = page.unwrap();
    let records = page["records"].as_array().unwrap().iter();
    records.map(|record| record["body"].to_string()).collect()
}

#[tokio::test]
async fn i6_a_hold_beats_an_erasure_and_ends_by_two() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    let id = hold(&h, "ann").await;
    assert!(
        kept_texts(&h, &id).await.is_empty(),
        "nothing is erased yet"
    );
    let done = erase(&h, "ann").await;
    assert_eq!(done["state"], "done");

    // For everybody and everything it is erased.
    let entry = h
        .ledger
        .entry(i64::try_from(chat.seq()).unwrap())
        .await
        .unwrap();
    assert!(entry.body.is_none());
    let outcome = h.ledger.open_body(&entry).await;
    assert!(matches!(outcome, Err(ReadError::Key(_))));
    assert!(!h.raw_has(CANARY.as_bytes()));
    // For the hold it is not.
    let texts = kept_texts(&h, &id).await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains(&format!("{CANARY} of ann")));
    let (leaf, body) = h.newest(Kind::Duty).await;
    assert_eq!(body["act"], "hold.read");
    assert_eq!(leaf.body_len, 8_192);

    let asked = release(&h.ledger, &legal(), &id, Some(&access())).await;
    assert_eq!(asked.unwrap()["state"], "asked");
    let again = release(&h.ledger, &legal(), &id, Some(&access())).await;
    assert_eq!(again.unwrap()["state"], "asked", "one person is not two");
    assert_eq!(kept_texts(&h, &id).await.len(), 1);
    let olga = officer("olga", &[Role::Officer]);
    let released = release(&h.ledger, &olga, &id, Some(&access())).await;
    assert_eq!(released.unwrap()["state"], "released");
    assert!(kept_texts(&h, &id).await.is_empty(), "it went by itself");
    let outcome = release(&h.ledger, &olga, &id, Some(&access())).await;
    assert_eq!(refused(outcome), Refusal::Conflict);
    let mut tx = h.ledger.store().log.read().await.unwrap();
    let id: [u8; 16] = tidewaiter_audit::grammar::hex_array(&id).unwrap();
    assert!(tx.keeps(&id, &[], 10).await.unwrap().is_empty());
    let row = tx.hold(&id).await.unwrap().unwrap();
    assert!(row.sealed.is_empty() && row.place.is_empty());
}

/// What the leaves of an erasure show: kinds, classes, sizes, in order.
async fn leaves(h: &Harness, from: i64) -> Vec<String> {
    let mut lines = Vec::new();
    for seq in from..h.ledger.size() {
        let leaf = h.ledger.entry(seq).await.unwrap().leaf;
        lines.push(format!(
            "{} {} {} {:?} {:?} {:?}",
            leaf.kind, leaf.class, leaf.body_len, leaf.agent, leaf.decision, leaf.x
        ));
    }
    lines
}

#[tokio::test]
async fn t31_a_customer_under_a_hold_sees_what_any_other_sees() {
    let h = Harness::new().await;
    h.customer("ann").await;
    h.customer("bob").await;
    // The same number of acts for both: one is a hold, one a reading.
    let before = h.ledger.size();
    hold(&h, "bob").await;
    let dana = officer("dana", &[Role::Officer]);
    let which = Which::Seq(1);
    read_record(&h.ledger, &dana, which, Some(&access()))
        .await
        .unwrap();
    let acts = leaves(&h, before).await;
    assert_eq!(acts[0], acts[1], "placing looks like reading");

    let (mut seen, mut shown) = (Vec::new(), Vec::new());
    for sub in ["ann", "bob"] {
        let from = h.ledger.size();
        let asked = request(&h.ledger, &customer(sub)).await.unwrap();
        let mut done = erase(&h, sub).await;
        seen.push(leaves(&h, from).await);
        let mut receipt: Value =
            serde_json::from_str(done["receipt"]["json"].as_str().unwrap()).unwrap();
        for own in [
            "case",
            "requested",
            "keys_destroyed",
            "backups_kept_until",
            "checkpoint",
        ] {
            receipt.as_object_mut().unwrap().remove(own).unwrap();
        }
        let later = status(&h.ledger, done["case"].as_str().unwrap()).await;
        let mut later = later.unwrap();
        for view in [&mut done, &mut later] {
            for own in ["case", "record", "receipt", "requested", "done"] {
                view.as_object_mut().unwrap().remove(own).unwrap();
            }
        }
        shown.push(format!("{} {done} {later} {receipt}", asked["due"]));
    }
    assert_eq!(seen[0], seen[1], "leaves");
    assert_eq!(shown[0], shown[1], "states, days and receipts");
    assert!(shown[0].contains("\"claims\""), "said to everybody");
}

#[tokio::test]
async fn i6_a_crash_before_the_holds_were_served_loses_nothing() {
    use crate::ledger::Effect;
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    let id = hold(&h, "ann").await;
    let case = request(&h.ledger, &customer("ann")).await.unwrap();
    let case = case["case"].as_str().unwrap().to_owned();
    let case_id: [u8; 16] = tidewaiter_audit::grammar::hex_array(&case).unwrap();
    let mut executed = Draft::new(Kind::ErasureExecuted, Owner::Log, "duty", json!({}));
    let (from, to, approver) = ("requested", "executing", None);
    executed.effects = vec![Effect::ErasureMove {
        id: case_id,
        from,
        to,
        approver,
    }];
    h.ledger.append(executed).await.unwrap();
    let owner = super::super::duty::owner_of(&h.ledger, "https://login.test", "ann");
    let keys = h.ledger.keys().of_owner(&owner).await.unwrap();
    let (key_id, class) = keys
        .into_iter()
        .find(|(_, class)| class == "support")
        .unwrap();
    let mut gone = Draft::new(Kind::KeyDestroyed, Owner::Log, "duty", json!({}));
    let tag = h.leaf(&chat.rid()).await.tag;
    let tags = vec![super::super::store::ErasedTag { tag, key_id, class }];
    gone.effects = vec![
        Effect::ErasureKeysGone { id: case_id, tags },
        Effect::KeyDestroyed { ids: vec![key_id] },
    ];
    h.ledger.append(gone).await.unwrap();

    let h = h.restart().await;
    assert!(kept_texts(&h, &id).await.is_empty());
    resume_unfinished(&h.ledger, &h.terms()).await.unwrap();
    let texts = kept_texts(&h, &id).await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains(CANARY));
    assert_eq!(status(&h.ledger, &case).await.unwrap()["state"], "done");
    let h = h.restart().await;
    assert_eq!(kept_texts(&h, &id).await.len(), 1);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of what does not fit")]
async fn i7_a_hold_needs_a_role_a_reason_a_basis_and_a_review() {
    let h = Harness::new().await;
    let review = |days: i64| crate::clock::rfc3339(h.clock.now_us() + days * 86_400_000_000);
    let good = Placing {
        issuer: "https://login.test".to_owned(),
        sub: "ann".to_owned(),
        basis: "order of the court".to_owned(),
        review: review(10),
    };
    for role in [
        Role::Support,
        Role::Lead,
        Role::Dpo,
        Role::Auditor,
        Role::Admin,
    ] {
        let who = officer("eve", &[role]);
        let outcome = place(&h.ledger, &who, &good, Some(&access()), &known).await;
        assert_eq!(refused(outcome), Refusal::Denied);
    }
    let outcome = place(&h.ledger, &legal(), &good, None, &known).await;
    assert_eq!(refused(outcome), Refusal::ReasonRequired);
    let foreign = |from: &Placing, to: &str| Placing {
        issuer: to.to_owned(),
        ..from.clone()
    };
    for (name, bad) in [
        ("issuer", foreign(&good, "https://other.test")),
        (
            "basis",
            Placing {
                basis: "x".to_owned(),
                ..good.clone()
            },
        ),
        (
            "review",
            Placing {
                review: review(181),
                ..good.clone()
            },
        ),
        (
            "review",
            Placing {
                review: "soon".to_owned(),
                ..good.clone()
            },
        ),
    ] {
        let outcome = place(&h.ledger, &legal(), &bad, Some(&access()), &known).await;
        let refused = outcome.unwrap_err();
        assert_eq!(refused.refusal, Refusal::InvalidArguments);
        assert_eq!(refused.argument.unwrap().0, name);
        assert_eq!(h.newest(Kind::Duty).await.1["argument"], name);
    }
    hold(&h, "ann").await;
    let all = list(&h.ledger, &legal(), "placed").await.unwrap();
    assert_eq!(all["holds"][0]["says"]["matter"], "C-2026/11", "{all}");
    assert!(
        !h.raw_has(b"claim 4 O 17/26"),
        "why is sealed, whose is a digest"
    );
    let eve = officer("eve", &[Role::Support, Role::Lead]);
    let outcome = list(&h.ledger, &eve, "placed").await;
    assert_eq!(refused(outcome), Refusal::Denied);
}
