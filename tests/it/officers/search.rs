//! Search and figures over HTTP.

use super::*;
use crate::harness::stand::call;
use std::collections::BTreeSet;

/// Every page of a search, with calls recorded while it goes on.
async fn every(stand: &Stand, olga: &Client, question: &str) -> Vec<String> {
    let person = stand.house.exchange.cast().victim.clone();
    let (assistant, chat) = stand.chat(&person).await;
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/records?{question}{cursor}");
        let search = read(olga, &path);
        let noise = call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        );
        let (page, _noise) = tokio::join!(search, noise);
        let records = page["records"].as_array().unwrap().iter();
        found.extend(records.map(|record| record["record"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_complete_while_calls_are_recorded() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let (assistant, chat) = stand.chat(&person).await;
        let mut made = Vec::new();
        for _n in 0..9 {
            let got = call(
                &assistant,
                &chat,
                "balances.balance",
                json!({"currency": "btc"}),
            )
            .await;
            made.push(member(&got, "record"));
        }
        let olga = stand.officer("olga", &[Role::Officer]);
        let who = format!(
            "issuer={}&sub={}",
            url::form_urlencoded::byte_serialize(ISSUER.as_bytes()).collect::<String>(),
            person.sub
        );
        for limit in ["1", "4"] {
            let question = format!("{who}&operation=balances.balance&order=oldest&limit={limit}");
            assert_eq!(every(&stand, &olga, &question).await, made);
            let question = format!("{who}&operation=balances.balance&limit={limit}");
            let mut newest = every(&stand, &olga, &question).await;
            newest.reverse();
            assert_eq!(newest, made);
            let question = format!("conversation={chat}&kind=lookup&order=oldest&limit={limit}");
            assert_eq!(every(&stand, &olga, &question).await, made);
        }
        // Without a customer: everybody's, each once, and what was there at the first page.
        let all = every(&stand, &olga, "order=oldest&limit=7").await;
        let once: BTreeSet<&String> = all.iter().collect();
        assert_eq!(once.len(), all.len());
        assert!(made.iter().all(|rid| once.contains(rid)));
        let ledger = stand.house.running.gateway.ledger();
        for (at, rid) in all.iter().enumerate() {
            let entry = ledger.entry(i64::try_from(at).unwrap()).await.unwrap();
            assert_eq!(hex::encode(entry.leaf.rid), *rid, "none is left out");
        }
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_content_is_for_one_customer_and_recorded_with_nobody_named() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let (assistant, chat) = stand.chat(&person).await;
        let got = call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await;
        let olga = stand.officer("olga", &[Role::Officer]);
        let issuer: String = url::form_urlencoded::byte_serialize(ISSUER.as_bytes()).collect();
        let path = format!(
            "/v1/records?issuer={issuer}&sub={}&content=true",
            person.sub
        );
        let page = read(&olga, &path).await;
        let records = page["records"].as_array().unwrap();
        let lookup = records
            .iter()
            .find(|r| r["record"] == member(&got, "record"));
        assert_eq!(lookup.unwrap()["body"]["conversation"], chat);
        let act = stand.sealed(page["reading"].as_str().unwrap()).await;
        assert_eq!(act["act"], "record.search");
        assert_eq!(act["reason"], "complaint 7");
        let text = act.to_string();
        for secret in [&person.sub, &person.uid, &person.email, &person.name] {
            assert!(!text.contains(&format!("\"{secret}\"")), "{text}");
        }
        let reply = send(&olga, &Method::GET, "/v1/records?content=true", None).await;
        names(&reply, "content");
        let path = "/v1/records?issuer=https%3A%2F%2Fnobody.example&sub=x";
        names(&send(&olga, &Method::GET, path, None).await, "issuer");
        for odd in ["limit=1&limit=2", "colour=red", "from"] {
            let reply = send(&olga, &Method::GET, &format!("/v1/records?{odd}"), None).await;
            assert!(reply.status.is_client_error(), "{odd}");
        }
        let missing = format!("/v1/records?conversation={}", "0".repeat(32));
        is(
            &send(&olga, &Method::GET, &missing, None).await,
            404,
            "not_found",
        );
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_count_what_happened() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let (assistant, chat) = stand.chat(&person).await;
        for _n in 0..3 {
            call(
                &assistant,
                &chat,
                "balances.balance",
                json!({"currency": "btc"}),
            )
            .await;
        }
        call(&assistant, &chat, "margin.add", json!({})).await;
        let seed = "my phrase: legal winner thank year wave sausage worth useful legal winner thank yellow";
        let turn = json!({"speaker": "customer", "text": seed});
        let path = format!("/v1/conversations/{chat}/turns");
        assert_eq!(assistant.post(&path, &turn).await.unwrap().status, 201);
        let lena = stand.officer("lena", &[Role::Lead]);
        let figures = read(&lena, "/v1/figures?hours=2").await;
        assert_eq!(
            figures["operations"]["balances.balance"]["allow"], "3",
            "{figures}"
        );
        assert_eq!(figures["refused"]["denied"], "1", "{figures}");
        assert_eq!(figures["removed"]["SEED_PHRASE"], "1", "{figures}");
        assert_eq!(figures["turns"], "1");
        assert_eq!(figures["counted_since"], Value::Null);
        let text = figures.to_string();
        assert!(
            !text.contains(&person.sub) && !text.contains("hold"),
            "{text}"
        );
        for odd in ["0", "745", "x", "-1"] {
            let path = format!("/v1/figures?hours={odd}");
            names(&send(&lena, &Method::GET, &path, None).await, "hours");
        }
        assert_eq!(stand.newest_act().await["act"], "figures.read");
        stand.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_is_shown_by_its_version() {
    let stand = Stand::sqlite().await;
    let ada = stand.officer("ada", &[Role::Admin]);
    let policy = read(&ada, "/v1/policy").await;
    let in_force = stand.house.running.gateway.policy();
    assert_eq!(policy["version"], in_force.version().as_ref());
    for (name, text) in in_force.sources() {
        assert_eq!(policy["sources"][name], text.as_str());
    }
    let path = format!("/v1/policy?version={}", in_force.version());
    assert_eq!(read(&ada, &path).await["in_force"], true);
    let path = format!("/v1/policy?version={}", "0".repeat(64));
    is(
        &send(&ada, &Method::GET, &path, None).await,
        404,
        "not_found",
    );
    names(
        &send(&ada, &Method::GET, "/v1/policy?version=1", None).await,
        "version",
    );
    stand.close().await;
}
