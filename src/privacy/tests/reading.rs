//! Reading with a reason.

use super::*;

#[tokio::test]
async fn i7_a_reading_is_recorded_before_it_is_shown() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    let dana = officer("dana", &[Role::Officer]);
    let which = Which::parse(&chat.rid()).unwrap();
    let shown = read_record(&h.ledger, &dana, which, Some(&access()))
        .await
        .unwrap();
    assert_eq!(shown["body"]["text"], format!("{CANARY} of ann"));
    assert_eq!(shown["leaf"]["kind"], "turn");
    assert_eq!(shown["erased"], Value::Null);
    let (leaf, body) = h.newest(Kind::Duty).await;
    assert_eq!(shown["reading"], hex::encode(leaf.rid));
    assert_eq!(leaf.class, "duty");
    assert_eq!(body["act"], "record.read");
    assert_eq!(body["of"], chat.rid());
    assert_eq!(body["reason"], "complaint about a payout");
    assert_eq!(body["case"], "C-2026/11");
    assert!(!body.to_string().contains("dana"));
    let by_seq = Which::parse(&chat.seq().to_string()).unwrap();
    let again = read_record(&h.ledger, &dana, by_seq, Some(&access()))
        .await
        .unwrap();
    assert_eq!(again["record"], chat.rid());
}

#[tokio::test]
async fn i7_without_reason_or_role_nothing_is_shown_and_it_is_recorded() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    let which = Which::parse(&chat.rid()).unwrap();
    let dana = officer("dana", &[Role::Officer]);
    let outcome = read_record(&h.ledger, &dana, which, None).await;
    assert_eq!(refused(outcome), Refusal::ReasonRequired);
    assert_eq!(h.newest(Kind::Duty).await.1["refused"], "reason_required");
    for role in [Role::Support, Role::Lead, Role::Admin] {
        let other = officer("eve", &[role]);
        let outcome = read_record(&h.ledger, &other, which, Some(&access())).await;
        assert_eq!(refused(outcome), Refusal::Denied);
        assert_eq!(h.newest(Kind::Duty).await.1["refused"], "denied");
    }
    let nothing = Which::Rid([9; 16]);
    let outcome = read_record(&h.ledger, &dana, nothing, Some(&access())).await;
    assert_eq!(refused(outcome), Refusal::NotFound);
    assert_eq!(h.newest(Kind::Duty).await.1["refused"], "not_found");
}

#[tokio::test]
async fn i1_a_reading_that_cannot_be_recorded_shows_nothing() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    // Found and readable, but the key the duty record needs is out of reach.
    let keys = h.ledger.store().keys.clone();
    keys.close().await;
    let which = Which::Seq(i64::try_from(chat.seq()).unwrap());
    let dana = officer("dana", &[Role::Officer]);
    let outcome = read_record(&h.ledger, &dana, which, Some(&access())).await;
    assert_eq!(refused(outcome), Refusal::Unrecorded);
    h.break_down().await;
    let outcome = read_record(&h.ledger, &dana, which, Some(&access())).await;
    assert_eq!(refused(outcome), Refusal::Unrecorded);
}

#[tokio::test]
async fn acts_of_all_kinds_look_alike_from_outside() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    let dana = officer("dana", &[Role::Officer, Role::Dpo]);
    let before = h.ledger.size();
    let which = Which::parse(&chat.rid()).unwrap();
    read_record(&h.ledger, &dana, which, Some(&access()))
        .await
        .unwrap();
    read_record(&h.ledger, &dana, which, None)
        .await
        .unwrap_err();
    let long = Access::new(&"\u{44f}".repeat(500), &"c".repeat(64)).unwrap();
    read_record(&h.ledger, &dana, which, Some(&long))
        .await
        .unwrap();
    super::super::erasure::list(&h.ledger, &dana, "requested")
        .await
        .unwrap();
    super::super::export::list(&h.ledger, &dana).await.unwrap();
    assert_eq!(h.ledger.size(), before + 5);
    let mut tags = std::collections::BTreeSet::new();
    for seq in before..h.ledger.size() {
        let leaf = h.ledger.entry(seq).await.unwrap().leaf;
        assert_eq!((leaf.kind, leaf.class.as_str()), (Kind::Duty, "duty"));
        assert_eq!(leaf.body_len, 8_192);
        tags.insert(leaf.tag);
    }
    assert_eq!(tags.len(), 1, "the officer's tag, not the subject's");
}
