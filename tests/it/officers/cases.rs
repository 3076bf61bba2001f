//! Exports, erasures and switches: what is refused, withdrawn, or named as wrong; and what a
//! customer gets of their own.

use super::*;
use crate::harness::stand::call;

#[tokio::test(flavor = "multi_thread")]
async fn i7_an_export_is_shown_refused_and_withdrawn() {
    for stand in Stand::each().await {
        let olga = stand.officer("olga", &[Role::Officer]);
        let boris = stand.officer("boris", &[Role::Legal]);
        let body = json!({"scope": {"kind": "all"}, "power": "Art. 94", "reference": "R-1",
            "purpose": "supervision"});
        let why = json!({"reason": "not covered", "case": "C-7"});
        for (who, to) in [(&boris, "refused"), (&olga, "withdrawn")] {
            let asked = post(&olga, "/v1/exports", &body).await;
            let id = member(&asked, "export");
            let path = format!("/v1/exports/{id}");
            assert_eq!(read(&boris, &path).await["state"], "requested");
            let ended = post(who, &format!("{path}/refuse"), &why).await;
            assert_eq!(member(&ended, "state"), to, "{}", ended.json());
            assert_eq!(read(&boris, &path).await["state"], to);
            is(
                &post(&boris, &format!("{path}/approve"), &why).await,
                409,
                "conflict",
            );
            is(
                &post(&boris, &format!("{path}/refuse"), &why).await,
                409,
                "conflict",
            );
            let bundle = send(&olga, &Method::GET, &format!("{path}/bundle"), None).await;
            is(&bundle, 409, "conflict");
        }
        // Approved and then withdrawn, before anybody fetched it.
        let id = member(&post(&olga, "/v1/exports", &body).await, "export");
        post(&boris, &format!("/v1/exports/{id}/approve"), &why).await;
        let ended = post(&olga, &format!("/v1/exports/{id}/refuse"), &why).await;
        assert_eq!(member(&ended, "state"), "withdrawn");
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_an_export_is_named() {
    let stand = Stand::sqlite().await;
    let olga = stand.officer("olga", &[Role::Officer]);
    let good = json!({"scope": {"kind": "all"}, "power": "Art. 94", "reference": "R-1",
        "purpose": "supervision"});
    for (name, value, argument) in [
        ("power", json!("x"), "power"),
        ("reference", json!("\u{7}beep"), "reference"),
        ("purpose", json!("p".repeat(301)), "purpose"),
        ("recipients", json!(["age1nothing"]), "recipients"),
        ("withhold", json!(["No Class"]), "withhold"),
        (
            "scope",
            json!({"kind": "range", "from": 2, "to": 1}),
            "scope.to",
        ),
        (
            "scope",
            json!({"kind": "time", "from": "x", "to": "y"}),
            "scope.from",
        ),
        (
            "scope",
            json!({"kind": "subject", "issuer": "https://no.example", "sub": "1"}),
            "scope.issuer",
        ),
        (
            "scope",
            json!({"kind": "operation", "operation": "%"}),
            "scope.operation",
        ),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value;
        let reply = post(&olga, "/v1/exports", &wrong).await;
        names(&reply, argument);
        assert_eq!(stand.record_of(&reply).await["argument"], argument);
    }
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_an_erasure_is_shown_refused_and_withdrawn() {
    for stand in Stand::each().await {
        let dina = stand.officer("dina", &[Role::Dpo]);
        let nowhere = json!({"issuer": "https://nobody.example", "sub": "8841"});
        names(&post(&dina, "/v1/erasures", &nowhere).await, "issuer");
        let open = read(&dina, "/v1/erasures?state=requested").await;
        assert_eq!(
            open["cases"],
            json!([]),
            "no case, so no receipt over nothing"
        );
        names(
            &send(&dina, &Method::GET, "/v1/erasures?state=all", None).await,
            "state",
        );

        let person = stand.house.exchange.cast().leaving.clone();
        let own = stand.house.customer(&person).unwrap();
        let stranger = stand
            .house
            .customer(&stand.house.exchange.cast().queued)
            .unwrap();
        let ask = async || {
            member(
                &own.post("/v1/me/erasures", &json!({})).await.unwrap(),
                "case",
            )
        };
        let case = ask().await;
        assert_eq!(
            read(&dina, &format!("/v1/erasures/{case}")).await["state"],
            "requested"
        );
        let refuse = format!("/v1/erasures/{case}/refuse");
        for wrong in ["hold", "withdrawn", ""] {
            names(
                &post(&dina, &refuse, &json!({"ground": wrong})).await,
                "ground",
            );
        }
        let refused = post(&dina, &refuse, &json!({"ground": "not_verified"})).await;
        assert_eq!(member(&refused, "state"), "refused", "{}", refused.json());
        let mine = format!("/v1/me/erasures/{case}");
        let told = own.get(&mine).await.unwrap().json();
        assert_eq!(told["ended"]["ground"], "not_verified");
        assert!(told["ended"]["say"]["ru"].as_str().unwrap().len() > 40);
        assert_eq!(told["receipt"], Value::Null);
        let approve = format!("/v1/erasures/{case}/approve");
        is(&post(&dina, &approve, &json!({})).await, 409, "conflict");

        let again = ask().await;
        assert_ne!(again, case, "a refused case is over");
        let mine = format!("/v1/me/erasures/{again}");
        let foreign = stranger
            .send(Method::DELETE, &mine, &[], None)
            .await
            .unwrap();
        is(&foreign, 404, "not_found");
        let withdrawn = own.send(Method::DELETE, &mine, &[], None).await.unwrap();
        assert_eq!(
            member(&withdrawn, "state"),
            "withdrawn",
            "{}",
            withdrawn.json()
        );
        let twice = own.send(Method::DELETE, &mine, &[], None).await.unwrap();
        is(&twice, 404, "not_found");
        let approve = format!("/v1/erasures/{again}/approve");
        is(&post(&dina, &approve, &json!({})).await, 409, "conflict");

        // Who filed it takes it back.
        let filed = post(&dina, "/v1/erasures", &customer(&person)).await;
        let case = member(&filed, "case");
        let refuse = format!("/v1/erasures/{case}/refuse");
        let back = post(&dina, &refuse, &json!({"ground": "unfounded"})).await;
        assert_eq!(member(&back, "state"), "withdrawn", "{}", back.json());
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_of_what_does_not_exist_is_refused() {
    let stand = Stand::sqlite().await;
    let lena = stand.officer("lena", &[Role::Lead]);
    let why = json!({"reason": "complaints rise"});
    for target in [
        "topic:witdrawals",
        "operation:no.such",
        "agent:nobody",
        "nonsense",
    ] {
        let path = format!("/v1/switches/{target}");
        let reply = send(&lena, &Method::PUT, &path, Some(&why)).await;
        names(&reply, "target");
        is(
            &send(&lena, &Method::GET, &path, None).await,
            404,
            "not_found",
        );
    }
    let size = stand.size();
    let seen = read(&lena, "/v1/switches").await;
    assert_eq!(seen["switches"], json!([]));
    let rid = seen["record"].as_str().unwrap();
    assert_eq!(stand.sealed(rid).await["act"], "switch.list");
    read(&lena, "/v1/switches/topic:withdrawals").await;
    read(&lena, "/v1/revocations").await;
    assert_eq!(stand.size(), size + 3, "every look has a record");
    for target in [
        "topic:withdrawals",
        "operation:balances.balance",
        "agent:support-bot",
    ] {
        let path = format!("/v1/switches/{target}");
        assert_eq!(read(&lena, &path).await["state"], "on");
        let reply = send(&lena, &Method::PUT, &path, Some(&why)).await;
        assert_eq!(member(&reply, "state"), "stopped", "{}", reply.json());
    }
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_gets_a_copy_and_their_messages() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let (assistant, chat) = stand.chat(&person).await;
        let path = format!("/v1/conversations/{chat}/turns");
        for (speaker, text) in [("customer", "my own words"), ("assistant", "its words")] {
            let turn = json!({"speaker": speaker, "text": text});
            assert_eq!(assistant.post(&path, &turn).await.unwrap().status, 201);
        }
        call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await;
        let olga = stand.officer("olga", &[Role::Officer]);
        read(&olga, &format!("/v1/conversations/{chat}")).await;

        let own = stand.house.customer(&person).unwrap();
        let copy = own.get("/v1/me/data").await.unwrap().json();
        let text = copy.to_string();
        assert!(
            text.contains("my own words") && text.contains("its words"),
            "{text}"
        );
        assert!(text.contains("balances.balance") && text.contains("\"shown\""));
        assert!(!copy["about"]["rights"].as_str().unwrap().is_empty());
        assert!(
            !text.contains("person-") && !text.contains("duty"),
            "{text}"
        );
        let take = own.get("/v1/me/portable").await.unwrap().json();
        let messages = take["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 1, "{take}");
        assert_eq!(messages[0]["text"], "my own words");

        let other = stand
            .house
            .customer(&stand.house.exchange.cast().leaving)
            .unwrap();
        let text = other.get("/v1/me/data").await.unwrap().json().to_string();
        assert!(!text.contains("my own words"));
        let odd = other.get("/v1/me/data?after=00").await.unwrap();
        is(&odd, 422, "invalid_arguments");
        is(
            &assistant.get("/v1/me/data").await.unwrap(),
            403,
            "wrong_kind",
        );
        stand.close().await;
    }
}
