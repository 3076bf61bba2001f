//! Erasure.

use super::super::erasure::{approve, file, list, request, resume_unfinished, status};
use super::super::store::ErasedTag;
use super::*;
use crate::ledger::Unrecorded;
use crate::ledger::read::ReadError;
use tidewaiter_audit::checkpoint::{Note, receipt_text};

async fn erase(h: &Harness, sub: &str) -> Value {
    let case = request(&h.ledger, &customer(sub)).await.unwrap();
    let id = case["case"].as_str().unwrap().to_owned();
    let dpo = officer("dora", &[Role::Dpo]);
    let done = approve(&h.ledger, &dpo, &id, Some(&access()), &h.terms()).await;
    done.unwrap()
}

#[tokio::test]
async fn i6_what_is_erased_is_gone_and_what_law_keeps_stays() {
    let h = Harness::new().await;
    let (chat, lookup) = h.customer("ann").await;
    let (other, _) = h.customer("bob").await;
    let owner = h
        .ledger
        .keys()
        .owner_id(&Owner::Subject(Arc::new(subject("ann"))));
    let keys = h.ledger.keys().of_owner(&owner).await.unwrap();
    let (support, _) = keys.iter().find(|(_, class)| class == "support").unwrap();
    let key = h.ledger.keys().by_id(support, "support").await.unwrap();
    let stored = h
        .ledger
        .entry(i64::try_from(chat.seq()).unwrap())
        .await
        .unwrap();
    let ciphertext = stored.body.unwrap().stored;
    let wrapped = wrapped_key(&h, support).await;
    assert!(
        h.raw_has(&ciphertext[..64]) && h.raw_has(&wrapped),
        "the search finds what is there"
    );

    let done = erase(&h, "ann").await;
    assert_eq!(done["state"], "done");
    for needle in [
        &ciphertext[..64],
        &ciphertext[500..564],
        &wrapped[..],
        &key.key[..],
    ] {
        assert!(!h.raw_has(needle));
    }
    assert!(!h.raw_log_has(&owner), "the case names nobody any more");
    assert!(!h.raw_has(CANARY.as_bytes()));
    assert!(
        !h.raw_has(b"https://login.test"),
        "no table names a subject"
    );

    let dana = officer("dana", &[Role::Auditor]);
    let which = Which::parse(&chat.rid()).unwrap();
    let shown = read_record(&h.ledger, &dana, which, Some(&access()))
        .await
        .unwrap();
    assert_eq!(shown["body"], Value::Null);
    let gone = h.leaf(shown["erased"]["record"].as_str().unwrap()).await;
    assert_eq!(gone.kind, Kind::KeyDestroyed);
    assert_eq!(shown["leaf"]["kind"], "turn", "the leaf remains");
    for (rid, words) in [(lookup.rid(), "kept words of ann"), (other.rid(), CANARY)] {
        assert!(h.body(&rid).await.to_string().contains(words));
    }
}

async fn wrapped_key(h: &Harness, id: &[u8; 16]) -> Vec<u8> {
    use crate::db::on;
    let mut tx = h.ledger.store().keys.read().await.unwrap();
    let sql = "SELECT wrapped FROM subject_key WHERE id = $1";
    let row: (Vec<u8>,) =
        on!(&mut tx, c => sqlx::query_as(sql).bind(id.as_slice()).fetch_one(c).await).unwrap();
    row.0
}

#[tokio::test]
async fn the_receipt_is_signed_and_names_nobody() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    let done = erase(&h, "ann").await;
    let json = done["receipt"]["json"].as_str().unwrap();
    let note = done["receipt"]["note"].as_str().unwrap();
    let note = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(
        note.text,
        receipt_text("tests/privacy", &Hash::of(&[json.as_bytes()]))
    );
    note.verify(h.ledger.signers().receipt.verifier()).unwrap();
    for name in ["ann", "dora", "person-", "login.test", &chat.rid(), "hold"] {
        assert!(!json.contains(&format!("\"{name}")), "{name}");
    }
    let receipt: Value = serde_json::from_str(json).unwrap();
    assert_eq!(receipt["case"], done["case"]);
    assert_eq!(receipt["erased"][0]["class"], "support");
    assert_eq!(receipt["erased"][0]["records"], "1");
    let kept: Vec<_> = receipt["kept"].as_array().unwrap().iter().collect();
    let names: Vec<_> = kept
        .iter()
        .map(|class| class["class"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["aml", "regulated", "security", "claims"]);
    for class in kept {
        for language in ["en", "ru", "de"] {
            assert!(class["until"][language].as_str().unwrap().len() > 20);
            assert!(!class["ground"][language].as_str().unwrap().is_empty());
        }
    }
    assert_eq!(receipt["recipients"][0]["name"], "Model Works");
    let at = |name: &str| {
        receipt[name]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    let days = at("backups_kept_until").duration_since(at("keys_destroyed"));
    assert_eq!(days.as_hours(), 35 * 24);
    let size = |name: &str| {
        receipt["checkpoint"][name]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    assert!(size("before") < size("after"));
    let later = status(&h.ledger, done["case"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(later["receipt"], done["receipt"]);
}

/// A customer whose records under confidential classes differ gets the same receipt.
#[tokio::test]
async fn t31_receipts_do_not_tell_what_is_kept_of_whom() {
    let h = Harness::new().await;
    h.customer("ann").await;
    h.customer("bob").await;
    h.record("bob", "aml", Kind::Lookup, json!({"assessed": true}))
        .await;
    let mut texts = Vec::new();
    for sub in ["ann", "bob"] {
        let done = erase(&h, sub).await;
        let mut receipt: Value =
            serde_json::from_str(done["receipt"]["json"].as_str().unwrap()).unwrap();
        for own in ["case", "requested", "keys_destroyed", "backups_kept_until"] {
            receipt.as_object_mut().unwrap().remove(own).unwrap();
        }
        receipt
            .as_object_mut()
            .unwrap()
            .remove("checkpoint")
            .unwrap();
        texts.push(receipt.to_string());
    }
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test]
async fn i7_nobody_approves_their_own_request() {
    let h = Harness::new().await;
    h.customer("ann").await;
    let dora = officer("dora", &[Role::Dpo]);
    let case = file(
        &h.ledger,
        &dora,
        ("https://login.test", "ann"),
        Some(&access()),
        &known,
    )
    .await;
    let case = case.unwrap();
    let id = case["case"].as_str().unwrap();
    let terms = h.terms();
    let outcome = approve(&h.ledger, &dora, id, Some(&access()), &terms).await;
    assert_eq!(refused(outcome), Refusal::Conflict);
    assert_eq!(h.newest(Kind::Duty).await.1["refused"], "conflict");
    for (who, reason, why) in [
        (
            officer("olaf", &[Role::Officer]),
            Some(access()),
            Refusal::Denied,
        ),
        (
            officer("lena", &[Role::Legal]),
            None,
            Refusal::ReasonRequired,
        ),
    ] {
        let outcome = approve(&h.ledger, &who, id, reason.as_ref(), &terms).await;
        assert_eq!(refused(outcome), why);
    }
    assert_eq!(status(&h.ledger, id).await.unwrap()["state"], "requested");
    let lena = officer("lena", &[Role::Legal]);
    let done = approve(&h.ledger, &lena, id, Some(&access()), &terms)
        .await
        .unwrap();
    assert_eq!(done["state"], "done");
    let outcome = approve(&h.ledger, &lena, id, Some(&access()), &terms).await;
    assert_eq!(refused(outcome), Refusal::Conflict);
}

#[tokio::test]
async fn t36_asking_again_is_the_same_case() {
    let h = Harness::new().await;
    h.customer("ann").await;
    let first = request(&h.ledger, &customer("ann")).await.unwrap();
    let (leaf, body) = h.newest(Kind::ErasureRequested).await;
    let said = format!("{leaf:?}{body}");
    assert!(!said.contains("ann") && !said.contains("person-"));
    assert_eq!(first["due"], "2026-12-18");
    let again = request(&h.ledger, &customer("ann")).await.unwrap();
    assert_eq!(first["case"], again["case"]);
    assert_ne!(first["record"], again["record"], "but a record of its own");
    let dora = officer("dora", &[Role::Dpo]);
    let open = list(&h.ledger, &dora, "requested").await.unwrap();
    assert_eq!(open["cases"].as_array().unwrap().len(), 1);
    assert_eq!(
        refused(status(&h.ledger, &"0".repeat(32)).await),
        Refusal::NotFound
    );
}

#[tokio::test]
async fn an_old_token_is_refused_and_a_new_one_gets_tags_that_link_to_nothing() {
    let h = Harness::new().await;
    let (chat, _) = h.customer("ann").await;
    erase(&h, "ann").await;
    let draft = |issued_at_s: i64| {
        let owner = Owner::Subject(Arc::new(subject("ann")));
        let mut draft = Draft::new(Kind::Turn, owner, "support", json!({"text": "back"}));
        draft.issued_at_s = issued_at_s;
        draft
    };
    let old = h.clock.now_s();
    let outcome = h.ledger.append(draft(old)).await;
    assert_eq!(outcome, Err(Unrecorded::Erased));
    let names = super::super::lookups::Names {
        catalog: &h.catalog,
        agents: &[],
    };
    let (language, ann) = (crate::gateway::Language::En, customer("ann"));
    let seen = super::super::lookups::of_customer(&h.ledger, &ann, language, names, None).await;
    assert_eq!(refused(seen), Refusal::SignInAgain);
    h.clock.advance(5_000_000);
    let back = h.ledger.append(draft(h.clock.now_s())).await.unwrap();
    let (before, after) = (h.leaf(&chat.rid()).await, h.leaf(&back.rid()).await);
    assert_ne!(before.tag, after.tag);
    assert_eq!(after.n, 1);
}

/// Leaves an erasure as a crash would. 0: only approved. 1: keys recorded as destroyed. 2: keys
/// gone too.
async fn crash(h: &Harness, chat: &Recorded, after: u8) -> String {
    use crate::ledger::Effect;
    let case = request(&h.ledger, &customer("ann")).await.unwrap();
    let case = case["case"].as_str().unwrap().to_owned();
    let id: [u8; 16] = tidewaiter_audit::grammar::hex_array(&case).unwrap();
    let mut executed = Draft::new(Kind::ErasureExecuted, Owner::Log, "duty", json!({}));
    let (from, to, approver) = ("requested", "executing", None);
    executed.effects = vec![Effect::ErasureMove {
        id,
        from,
        to,
        approver,
    }];
    h.ledger.append(executed).await.unwrap();
    let owner = h
        .ledger
        .keys()
        .owner_id(&Owner::Subject(Arc::new(subject("ann"))));
    let keys = h.ledger.keys().of_owner(&owner).await.unwrap();
    let (key_id, class) = keys
        .into_iter()
        .find(|(_, class)| class == "support")
        .unwrap();
    if after > 0 {
        let mut gone = Draft::new(Kind::KeyDestroyed, Owner::Log, "duty", json!({}));
        let tag = h.leaf(&chat.rid()).await.tag;
        let tags = vec![ErasedTag { tag, key_id, class }];
        let ids = vec![key_id];
        gone.effects = vec![
            Effect::ErasureKeysGone { id, tags },
            Effect::KeyDestroyed { ids },
        ];
        h.ledger.append(gone).await.unwrap();
    }
    if after > 1 {
        h.ledger.keys().destroy(&[key_id]).await.unwrap();
    }
    case
}

#[tokio::test]
async fn i6_a_crash_after_any_step_is_finished_at_the_next_start() {
    for after in 0..3 {
        let h = Harness::new().await;
        let (chat, lookup) = h.customer("ann").await;
        let case = crash(&h, &chat, after).await;
        let h = h.restart().await;
        assert_eq!(resume_unfinished(&h.ledger, &h.terms()).await.unwrap(), 1);
        assert_eq!(resume_unfinished(&h.ledger, &h.terms()).await.unwrap(), 0);
        let done = status(&h.ledger, &case).await.unwrap();
        assert_eq!(done["state"], "done");
        let receipt = done["receipt"]["json"].as_str().unwrap();
        let receipt: Value = serde_json::from_str(receipt).unwrap();
        assert_eq!(receipt["erased"][0]["records"], "1");
        let entry = h
            .ledger
            .entry(i64::try_from(chat.seq()).unwrap())
            .await
            .unwrap();
        assert!(entry.body.is_none());
        assert!(matches!(
            h.ledger.open_body(&entry).await,
            Err(ReadError::Key(_))
        ));
        assert!(
            h.body(&lookup.rid())
                .await
                .to_string()
                .contains("kept words")
        );
        h.restart().await;
    }
}

#[tokio::test]
async fn i1_a_request_that_cannot_be_recorded_has_no_case() {
    let h = Harness::new().await;
    h.break_down().await;
    let outcome = request(&h.ledger, &customer("ann")).await;
    assert_eq!(refused(outcome), Refusal::Unrecorded);
}
