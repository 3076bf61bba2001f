//! Reading conversations: content roles, support with an assignment, and nobody else.

use super::*;
use crate::harness::stand::call;

const MAIL: &str = "olga.k@example.org";

/// A conversation with a turn that names an address, and a lookup.
async fn chat(stand: &Stand, person: &Person) -> String {
    let (assistant, chat) = stand.chat(person).await;
    let text = format!("Where is my payout? Write to {MAIL}.\u{1b}[2J");
    let turn = json!({"speaker": "customer", "text": text});
    let path = format!("/v1/conversations/{chat}/turns");
    let said = assistant.post(&path, &turn).await.unwrap();
    assert_eq!(said.status, 201, "{}", said.json());
    let got = call(
        &assistant,
        &chat,
        "balances.balance",
        json!({"currency": "btc"}),
    )
    .await;
    assert_eq!(got.status, 200, "{}", got.json());
    call(&assistant, &chat, "margin.add", json!({})).await;
    chat
}

fn kinds(transcript: &Value) -> Vec<String> {
    let entries = transcript["entries"].as_array().unwrap().iter();
    entries
        .map(|e| e["kind"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_a_transcript_is_in_order_and_masked_for_support() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let other = stand.house.exchange.cast().leaving.clone();
        let id = chat(&stand, &person).await;
        let others = chat(&stand, &other).await;
        let path = format!("/v1/conversations/{id}");

        let olga = stand.officer("olga", &[Role::Officer]);
        let whole = read(&olga, &path).await;
        assert_eq!(
            kinds(&whole),
            ["conversation", "turn", "lookup", "refusal"],
            "{whole}"
        );
        assert_eq!(whole["view"], "original");
        let entries = &whole["entries"];
        assert!(entries[1]["said"].as_str().unwrap().contains(MAIL));
        assert!(entries[1]["text"].as_str().unwrap().contains("[EMAIL_1]"));
        assert_eq!(entries[2]["arguments"]["currency"], "btc");
        assert!(!entries[2]["shown"].is_null() && !entries[2]["treated"].is_null());
        assert_eq!(entries[3]["refused"], "denied");
        let act = stand.sealed(whole["reading"].as_str().unwrap()).await;
        assert_eq!(
            (&act["act"], &act["view"]),
            (&json!("conversation.read"), &json!("original"))
        );
        assert_eq!(act["conversation"], id);

        let sam = stand.officer("sam", &[Role::Support]);
        let missing = format!("/v1/conversations/{}", "0".repeat(32));
        let unassigned = send(&sam, &Method::GET, &path, None).await;
        is(&unassigned, 404, "not_found");
        is(
            &send(&sam, &Method::GET, &missing, None).await,
            404,
            "not_found",
        );
        assert_eq!(stand.record_of(&unassigned).await["refused"], "not_found");

        let lena = stand.officer("lena", &[Role::Lead]);
        let assigning = json!({"conversation": id, "officer": "sam", "until": in_days(&stand, 1)});
        let made = post(&lena, "/v1/assignments", &assigning).await;
        assert_eq!(made.status, 201, "{}", made.json());
        is(&send(&lena, &Method::GET, &path, None).await, 403, "denied");
        let masked = read(&sam, &path).await;
        assert_eq!(masked["view"], "masked");
        assert_eq!(kinds(&masked), kinds(&whole));
        assert!(!masked.to_string().contains(MAIL), "{masked}");
        assert!(masked.to_string().contains("[EMAIL_1]"));
        let own = read(&sam, "/v1/assignments").await;
        assert_eq!(own["assignments"][0]["conversations"][0], id);
        let path_other = format!("/v1/conversations/{others}");
        is(
            &send(&sam, &Method::GET, &path_other, None).await,
            404,
            "not_found",
        );
        let sue = stand.officer("sue", &[Role::Support]);
        is(
            &send(&sue, &Method::GET, &path, None).await,
            404,
            "not_found",
        );
        assert_eq!(
            read(&sue, "/v1/assignments").await["assignments"],
            json!([])
        );

        let end = format!("/v1/assignments/{}", member(&made, "assignment"));
        assert_eq!(send(&lena, &Method::DELETE, &end, None).await.status, 200);
        is(
            &send(&lena, &Method::DELETE, &end, None).await,
            404,
            "not_found",
        );
        is(
            &send(&sam, &Method::GET, &path, None).await,
            404,
            "not_found",
        );
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_of_a_customer_opens_their_chats_and_ends_with_their_erasure() {
    let stand = Stand::sqlite().await;
    let person = stand.house.exchange.cast().leaving.clone();
    let id = chat(&stand, &person).await;
    let lena = stand.officer("lena", &[Role::Lead]);
    let mut assigning = customer(&person);
    assigning["officer"] = json!("sam");
    for (name, value, argument) in [
        ("until", json!(in_days(&stand, 31)), "until"),
        ("until", json!("tomorrow"), "until"),
        ("issuer", json!("https://nobody.example"), "issuer"),
        ("conversation", json!(id), "conversation"),
        ("officer", json!(""), "officer"),
    ] {
        let mut wrong = assigning.clone();
        wrong["until"] = json!(in_days(&stand, 3));
        wrong[name] = value;
        names(&post(&lena, "/v1/assignments", &wrong).await, argument);
    }
    assigning["until"] = json!(in_days(&stand, 3));
    assert_eq!(post(&lena, "/v1/assignments", &assigning).await.status, 201);
    let sam = stand.officer("sam", &[Role::Support]);
    let own = read(&sam, "/v1/assignments").await;
    assert_eq!(own["assignments"][0]["conversations"], json!([id]), "{own}");
    let path = format!("/v1/conversations/{id}");
    assert_eq!(read(&sam, &path).await["view"], "masked");

    let own = stand.house.customer(&person).unwrap();
    let case = member(
        &own.post("/v1/me/erasures", &json!({})).await.unwrap(),
        "case",
    );
    let dina = stand.officer("dina", &[Role::Dpo]);
    let approved = post(&dina, &format!("/v1/erasures/{case}/approve"), &json!({})).await;
    assert_eq!(approved.status, 200, "{}", approved.json());
    is(
        &send(&sam, &Method::GET, &path, None).await,
        404,
        "not_found",
    );
    assert_eq!(
        read(&sam, "/v1/assignments").await["assignments"],
        json!([])
    );
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_goes_on_where_its_page_ended() {
    let stand = Stand::sqlite().await;
    let person = stand.house.exchange.cast().queued.clone();
    let (assistant, id) = stand.chat(&person).await;
    let path = format!("/v1/conversations/{id}/turns");
    for n in 1..=103 {
        let turn = json!({"speaker": "customer", "text": format!("line {n}")});
        send(&assistant, &Method::POST, &path, Some(&turn)).await;
    }
    let olga = stand.officer("olga", &[Role::Officer]);
    let path = format!("/v1/conversations/{id}");
    let first = read(&olga, &path).await;
    assert_eq!(
        (first["entries"].as_array().unwrap().len(), &first["ended"]),
        (100, &json!("page"))
    );
    let next = first["next"].as_str().unwrap();
    let rest = read(&olga, &format!("{path}?after={next}")).await;
    let turns = |page: &Value| {
        let entries = page["entries"].as_array().unwrap().clone();
        let turns = entries
            .into_iter()
            .filter_map(|e| e["turn"].as_str().map(str::to_owned));
        turns.collect::<Vec<_>>()
    };
    let all = [turns(&first), turns(&rest)].concat();
    let expected: Vec<String> = (1..=103).map(|n| n.to_string()).collect();
    assert_eq!(all, expected);
    assert_eq!(rest["next"], Value::Null);
    let olaf = stand.officer("olaf", &[Role::Officer]);
    let stolen = send(&olaf, &Method::GET, &format!("{path}?after={next}"), None).await;
    names(&stolen, "after");
    stand.close().await;
}
