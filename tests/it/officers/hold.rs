//! Holds over HTTP, on every database.

use super::*;
use crate::harness::stand::call;
use tidewaiter_audit::Kind;

async fn placed(stand: &Stand, person: &Person) -> String {
    let olga = stand.officer("olga", &[Role::Officer]);
    let mut hold = customer(person);
    hold["basis"] = json!("order of the court of 4 May");
    hold["review"] = json!(in_days(stand, 90));
    let reply = post(&olga, "/v1/holds", &hold).await;
    assert_eq!(reply.status, 201, "{}", reply.json());
    member(&reply, "hold")
}

async fn said(stand: &Stand, person: &Person, text: &str) {
    let (assistant, chat) = stand.chat(person).await;
    let turn = json!({"speaker": "customer", "text": text});
    let path = format!("/v1/conversations/{chat}/turns");
    assert_eq!(assistant.post(&path, &turn).await.unwrap().status, 201);
    call(
        &assistant,
        &chat,
        "balances.balance",
        json!({"currency": "btc"}),
    )
    .await;
}

/// Erases a customer; what they see of it, without what is random or a time.
async fn erased(stand: &Stand, person: &Person) -> (String, Vec<(Kind, u64)>) {
    let from = stand.size();
    let own = stand.house.customer(person).unwrap();
    let asked = own.post("/v1/me/erasures", &json!({})).await.unwrap();
    let case = member(&asked, "case");
    let dina = stand.officer("dina", &[Role::Dpo]);
    let done = post(&dina, &format!("/v1/erasures/{case}/approve"), &json!({})).await;
    assert_eq!(member(&done, "state"), "done", "{}", done.json());
    let nobody = stand.house.client().unwrap();
    let status = nobody
        .get(&format!("/v1/me/erasures/{case}"))
        .await
        .unwrap();
    let mut status = status.json();
    let receipt = status["receipt"]["json"].as_str().unwrap();
    let mut receipt: Value = serde_json::from_str(receipt).unwrap();
    for own in [
        "case",
        "requested",
        "keys_destroyed",
        "backups_kept_until",
        "checkpoint",
    ] {
        receipt.as_object_mut().unwrap().remove(own).unwrap();
    }
    for own in ["case", "record", "receipt", "requested", "done"] {
        status.as_object_mut().unwrap().remove(own).unwrap();
    }
    let records = stand.records_from(from).await;
    let leaves = records.iter().map(|e| (e.leaf.kind, e.leaf.body_len));
    (format!("{status} {receipt}"), leaves.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_hold_keeps_what_is_erased_until_two_end_it() {
    for stand in Stand::each().await {
        let cast = stand.house.exchange.cast().clone();
        let (under, free) = (cast.leaving, cast.queued);
        said(&stand, &under, "the sentence under a hold").await;
        said(&stand, &free, "the sentence without a one").await;
        let hold = placed(&stand, &under).await;
        let (seen_held, leaves_held) = erased(&stand, &under).await;
        let (seen_free, leaves_free) = erased(&stand, &free).await;
        assert_eq!(seen_held, seen_free, "the customer cannot tell");
        assert_eq!(leaves_held, leaves_free, "nor can who reads leaves");

        let kept = format!("/v1/holds/{hold}/records");
        let lena = stand.officer("lena", &[Role::Legal]);
        let page = read(&lena, &kept).await;
        assert!(
            page.to_string().contains("the sentence under a hold"),
            "{page}"
        );
        assert!(!page.to_string().contains("without"));
        let turn = page["records"].as_array().unwrap().iter();
        let turn = turn.clone().find(|r| r["leaf"]["kind"] == "turn").unwrap();
        let rid = turn["record"].as_str().unwrap();
        let dana = stand.officer("dana", &[Role::Auditor]);
        let shown = read(&dana, &format!("/v1/records/{rid}")).await;
        assert_eq!(
            shown["body"],
            Value::Null,
            "to every other reader it is erased"
        );
        assert!(!shown["erased"]["record"].is_null());
        let shown = read(&lena, &format!("/v1/holds/{hold}")).await;
        assert_eq!(shown["says"]["basis"], "order of the court of 4 May");

        let release = format!("/v1/holds/{hold}/release");
        let why = json!({"reason": "the matter is over", "case": "L-31"});
        for _twice in 0..2 {
            let asked = post(&lena, &release, &why).await;
            assert_eq!(member(&asked, "state"), "asked", "one person is not two");
        }
        assert!(
            !read(&lena, &kept).await["records"]
                .as_array()
                .unwrap()
                .is_empty()
        );
        let olga = stand.officer("olga", &[Role::Officer]);
        let over = post(&olga, &release, &why).await;
        assert_eq!(member(&over, "state"), "released", "{}", over.json());
        assert_eq!(read(&lena, &kept).await["records"], json!([]));
        is(&post(&lena, &release, &why).await, 409, "conflict");
        let none = format!("/v1/holds/{}/release", "0".repeat(32));
        is(&post(&lena, &none, &why).await, 404, "not_found");
        stand.close().await;
    }
}

/// Two holds on one customer: each keeps, and each goes, by itself.
#[tokio::test(flavor = "multi_thread")]
async fn i6_one_hold_ends_and_the_other_keeps() {
    let stand = Stand::sqlite().await;
    let person = stand.house.exchange.cast().leaving.clone();
    said(&stand, &person, "under two holds").await;
    let (first, second) = (placed(&stand, &person).await, placed(&stand, &person).await);
    erased(&stand, &person).await;
    let why = json!({"reason": "the matter is over", "case": "L-31"});
    for (sub, role) in [("lena", Role::Legal), ("olga", Role::Officer)] {
        let who = stand.officer(sub, &[role]);
        post(&who, &format!("/v1/holds/{first}/release"), &why).await;
    }
    let lena = stand.officer("lena", &[Role::Legal]);
    let gone = read(&lena, &format!("/v1/holds/{first}/records")).await;
    assert_eq!(gone["records"], json!([]));
    let kept = read(&lena, &format!("/v1/holds/{second}/records")).await;
    assert!(kept.to_string().contains("under two holds"));
    let all = read(&lena, "/v1/holds?state=placed").await;
    assert_eq!(all["holds"].as_array().unwrap().len(), 1);
    names(
        &send(&lena, &Method::GET, "/v1/holds?state=all", None).await,
        "state",
    );
    stand.close().await;
}
