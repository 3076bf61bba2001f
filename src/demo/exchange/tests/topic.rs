//! Every route beyond balances and lists, over HTTP: what it gives, to whom, and how it refuses.

use super::*;

impl Bench {
    async fn put(&self, path: &str, asked: Value) -> Response {
        let request = self.client.put(self.url(CORE_BASE, path));
        request
            .bearer_auth("core-key")
            .json(&asked)
            .send()
            .await
            .unwrap()
    }

    async fn write(&self, path: &str, key: &str, asked: &Value) -> Response {
        let request = self.client.post(self.url(DESK_BASE, path));
        let request = request
            .bearer_auth("desk-key")
            .header("Idempotency-Key", key);
        request.json(asked).send().await.unwrap()
    }

    async fn locked(&self, person: &Person, currency: &str) -> (f64, f64) {
        let asked = json!({ "uid": person.uid, "currency": currency });
        let balance = body(self.core("/accounts/balance", asked).await).await;
        let of = |name: &str| balance[name].as_str().unwrap().parse().unwrap();
        (of("balance"), of("locked"))
    }
}

#[tokio::test]
async fn a_withdrawal_is_called_back_once_and_its_money_is_free() {
    let it = bench().await;
    let queued = it.exchange.cast().queued.clone();
    let before = it.locked(&queued, "btc").await;
    let asked = json!({ "tid": queued.tid, "action": "cancel" });
    let answer = it.put("/withdraws/action", asked.clone()).await;
    assert_eq!(answer.status(), 200);
    let withdraw = body(answer).await;
    assert_eq!(
        (&withdraw["state"], &withdraw["amount"]),
        (&json!("canceled"), &json!("0.4"))
    );
    let after = it.locked(&queued, "btc").await;
    assert!(
        (after.0 - before.0 - 0.4005).abs() < 1e-9 && (before.1 - after.1 - 0.4005).abs() < 1e-9
    );
    assert_eq!(it.put("/withdraws/action", asked).await.status(), 422);
    let sent = json!({ "tid": it.exchange.cast().sent.tid, "action": "cancel" });
    assert_eq!(it.put("/withdraws/action", sent).await.status(), 422);
    let missing = json!({ "tid": "TID0000000000", "action": "cancel" });
    assert_eq!(it.put("/withdraws/action", missing).await.status(), 404);
    let other = json!({ "tid": queued.tid, "action": "process" });
    assert_eq!(it.put("/withdraws/action", other).await.status(), 422);
    let state = json!({ "uid": queued.uid, "state": "canceled" });
    assert_eq!(
        body(it.core("/withdraws", state).await).await[0]["tid"],
        json!(queued.tid)
    );
}

#[tokio::test]
async fn an_order_is_cancelled_whoever_s_it_is() {
    let it = bench().await;
    let queued = it.exchange.cast().queued.clone();
    let path = format!("/orders/{}/cancel", queued.orders[0]);
    let waiting = json!({ "uid": queued.uid, "state": "wait" });
    let open = body(it.core("/orders", waiting.clone()).await).await;
    let answer = it.core(&path, json!({})).await;
    assert_eq!(answer.status(), 201);
    let order = body(answer).await;
    assert_eq!(
        (&order["id"], &order["state"]),
        (&json!(queued.orders[0]), &json!("cancel"))
    );
    let left = body(it.core("/orders", waiting).await).await;
    assert_eq!(
        left.as_array().unwrap().len(),
        open.as_array().unwrap().len() - 1
    );
    assert_eq!(it.core(&path, json!({})).await.status(), 422);
    assert_eq!(
        it.core("/orders/7777777/cancel", json!({})).await.status(),
        404
    );
    assert_eq!(it.core("/orders/x/cancel", json!({})).await.status(), 422);
}

#[tokio::test]
async fn the_core_knows_accounts_addresses_destinations_trades_and_terms() {
    let it = bench().await;
    let cast = it.exchange.cast().clone();
    let member = it
        .core("/members/get", json!({ "uid": cast.queued.uid }))
        .await;
    assert_eq!(member.status(), 201);
    let member = body(member).await;
    let accounts = member["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 8);
    let btc = accounts.iter().find(|it| it["currency"] == "btc").unwrap();
    assert_eq!(btc["locked"], "0.4005");
    let usd = accounts.iter().find(|it| it["currency"] == "usd").unwrap();
    assert!(usd["deposit_address"].is_null() && btc["deposit_address"]["address"].is_string());

    let of = |person: &Person| json!({ "uid": person.uid, "currency": "xrp" });
    let one = body(it.core("/deposit_address/get", of(&cast.queued)).await).await;
    let two = body(it.core("/deposit_address/get", of(&cast.victim)).await).await;
    assert_eq!(one["address"], two["address"]);
    assert_ne!(one["memo"], two["memo"]);
    let euros = json!({ "uid": cast.queued.uid, "currency": "eur" });
    assert_eq!(it.core("/deposit_address/get", euros).await.status(), 404);

    let customers = &it.exchange.dataset().customers;
    let thrifty = customers
        .iter()
        .find(|it| it.beneficiaries.len() > 1)
        .unwrap();
    let asked = json!({ "uid": thrifty.user.uid });
    let saved = body(it.core("/beneficiaries/list", asked).await).await;
    assert_eq!(saved.as_array().unwrap().len(), thrifty.beneficiaries.len());
    assert_eq!(saved[0]["uid"], json!(thrifty.user.uid));

    let asked = json!({ "uid": cast.queued.uid, "limit": 1 });
    let trades = body(it.core("/trades", asked).await).await;
    assert_eq!(trades.as_array().unwrap().len(), 1);
    assert!(trades[0]["order_id"].is_u64() && trades[0].get("uid").is_none());

    let terms = body(it.core("/currencies/BTC", json!({})).await).await;
    assert_eq!(
        (&terms["withdraw_fee"], &terms["min_confirmations"]),
        (&json!("0.0005"), &json!("3"))
    );
    assert_eq!(it.core("/currencies/doge", json!({})).await.status(), 404);

    let deposit = it
        .core("/deposits/get", json!({ "tid": cast.misrouted.tid }))
        .await;
    let deposit = body(deposit).await;
    assert_eq!(
        (&deposit["network"], &deposit["problem"]),
        (&json!("erc20"), &json!("wrong_network"))
    );
}

#[tokio::test]
async fn accounts_show_all_that_protects_them_and_lock() {
    let it = bench().await;
    let locked = it.exchange.cast().locked.clone();
    let asked = json!({ "uid": locked.uid });
    let security = body(it.accounts("/security/get", asked.clone()).await).await;
    assert_eq!(security["withdraw_lock"]["reason"], "password_changed");
    let logins = body(it.accounts("/activities/list", asked.clone()).await).await;
    assert_eq!(
        (&logins[0]["result"], &logins[0]["uid"]),
        (&json!("failed"), &json!(locked.uid))
    );
    let two = json!({ "uid": locked.uid, "limit": 2 });
    let two = body(it.accounts("/activities/list", two).await).await;
    assert_eq!(two.as_array().unwrap()[..], logins.as_array().unwrap()[..2]);

    let lock = json!({ "uid": locked.uid, "state": "locked" });
    let user = it.accounts("/users/update", lock).await;
    assert_eq!(user.status(), 201);
    assert_eq!(body(user).await["state"], "locked");
    let security = body(it.accounts("/security/get", asked).await).await;
    assert_eq!(security["withdraw_lock"]["reason"], "customer_request");
    assert!(security["withdraw_lock"]["until"].is_null());
    let nobody = json!({ "uid": "ID0000000000", "state": "locked" });
    for (path, status) in [
        ("/users/update", 404),
        ("/security/get", 404),
        ("/activities/list", 404),
    ] {
        assert_eq!(
            it.accounts(path, nobody.clone()).await.status(),
            status,
            "{path}"
        );
    }
    let free = json!({ "uid": locked.uid, "state": "free" });
    assert_eq!(it.accounts("/users/update", free).await.status(), 422);
}

#[tokio::test]
async fn margin_is_added_once_and_taken_from_the_balance() {
    let it = bench().await;
    let called = it.exchange.cast().called.clone();
    let path = format!("/margin/positions/{}", called.uid);
    let before = body(it.desk(&path).await).await;
    let free = it.locked(&called, "usdt").await.0;
    let asked = json!({ "uid": called.uid, "amount": "2.5", "currency": "usdt" });
    let first = it.write("/margin/add", "k", &asked).await;
    assert_eq!(first.status(), 201);
    let first = body(first).await;
    assert_eq!(
        body(it.write("/margin/add", "k", &asked).await).await,
        first
    );
    assert_eq!(body(it.desk(&path).await).await, first);
    let margin = |it: &Value| {
        it["positions"][0]["margin"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    assert!((margin(&first) - margin(&before) - 2.5).abs() < 1e-6);
    assert!((free - it.locked(&called, "usdt").await.0 - 2.5).abs() < 1e-6);
    let other = json!({ "uid": called.uid, "amount": "3", "currency": "usdt" });
    assert_eq!(it.write("/margin/add", "k", &other).await.status(), 422);
    for (amount, currency) in [
        ("0", "usdt"),
        ("-1", "usdt"),
        ("99999999", "usdt"),
        ("1", "btc"),
    ] {
        let asked = json!({ "uid": called.uid, "amount": amount, "currency": currency });
        assert_eq!(
            it.write("/margin/add", "k2", &asked).await.status(),
            422,
            "{amount} {currency}"
        );
    }
    let liquidated = &it.exchange.cast().liquidated.uid;
    let lost = body(it.desk(&format!("/margin/liquidations/{liquidated}")).await).await;
    assert_eq!(
        lost["liquidations"][0]["reason"],
        "margin_level_below_minimum"
    );
    assert_eq!(it.desk("/margin/liquidations/ID0").await.status(), 404);
}

#[tokio::test]
async fn a_trade_is_disputed_once_by_whoever_names_it() {
    let it = bench().await;
    let cast = it.exchange.cast().clone();
    let (seller, trade) = (&cast.receipt, &cast.receipt.trades[0]);
    let trades = body(it.desk(&format!("/p2p/trades?uid={}", seller.uid)).await).await;
    assert_eq!(
        (&trades[0]["trade_id"], &trades[0]["side"]),
        (&json!(trade), &json!("sell"))
    );
    assert_eq!(trades[0]["counterparty"]["name"], json!(cast.payer.name));
    let payment = body(it.desk(&format!("/p2p/trades/{trade}/payment")).await).await;
    assert_eq!(
        (&payment["amount"], &payment["payer_name"]),
        (&json!("48500.0"), &json!(cast.payer.name))
    );
    assert_eq!(payment.get("uid"), None);

    let seeded = it.exchange.disputes().await.unwrap().len();
    assert!(seeded > 5);
    let asked =
        json!({ "uid": seller.uid, "trade_id": trade, "reason": "wrong_amount", "statement": "s" });
    let first = it.write("/p2p/disputes", "k", &asked).await;
    assert_eq!(first.status(), 201);
    let first = body(first).await;
    assert_eq!(
        (&first["state"], &first["opened_by"]),
        (&json!("open"), &json!("you"))
    );
    for key in ["k", "k2"] {
        assert_eq!(
            body(it.write("/p2p/disputes", key, &asked).await).await,
            first
        );
    }
    let theirs = body(
        it.desk(&format!("/p2p/disputes?uid={}", cast.payer.uid))
            .await,
    )
    .await;
    assert_eq!(theirs["disputes"][0]["opened_by"], "counterparty");
    assert_eq!(theirs["disputes"][0]["dispute_id"], first["dispute_id"]);
    let trades = body(
        it.desk(&format!(
            "/p2p/trades?uid={}&state=disputed",
            cast.payer.uid
        ))
        .await,
    )
    .await;
    assert_eq!(trades[0]["dispute_id"], first["dispute_id"]);
    assert_eq!(it.exchange.disputes().await.unwrap().len(), seeded + 1);

    let over = json!({ "uid": cast.leaving.uid, "trade_id": cast.leaving.trades[0], "reason": "other", "statement": "s" });
    assert_eq!(it.write("/p2p/disputes", "k3", &over).await.status(), 422);
    let missing =
        json!({ "uid": seller.uid, "trade_id": "P2P0", "reason": "other", "statement": "s" });
    assert_eq!(
        it.write("/p2p/disputes", "k4", &missing).await.status(),
        404
    );
    assert_eq!(it.desk("/p2p/trades?uid=ID0").await.status(), 404);
    assert_eq!(it.desk("/p2p/trades/P2P0/payment").await.status(), 404);
}

#[tokio::test]
async fn help_pages_are_found_and_cases_listed() {
    let it = bench().await;
    let found = body(
        it.desk("/knowledge/search?q=lost%20phone%202fa&lang=en")
            .await,
    )
    .await;
    assert_eq!(found["hits"][0]["slug"], "lost-second-factor");
    assert!(found["hits"][0]["editors"].is_object());
    let page = body(
        it.desk("/knowledge/articles/lost-second-factor?lang=ru")
            .await,
    )
    .await;
    assert_eq!(page["lang"], "ru");
    assert!(page["body"].as_str().unwrap().contains("резервные коды"));
    let none = body(it.desk("/knowledge/search?q=zzzzzz").await).await;
    assert_eq!((&none["total"], &none["hits"]), (&json!(0), &json!([])));
    assert_eq!(it.desk("/knowledge/search").await.status(), 422);
    assert_eq!(it.desk("/knowledge/articles/none").await.status(), 404);

    let uid = it.exchange.cast().queued.uid.clone();
    let asked = json!({ "uid": uid, "topic": "kyc", "summary": "s" });
    let case = body(it.case("k", &asked).await).await;
    let cases = body(it.desk(&format!("/cases?uid={uid}")).await).await;
    assert_eq!(cases["cases"][0]["case_id"], case["case_id"]);
    assert!(cases["cases"][0]["internal_notes"].is_array());
    assert_eq!(it.desk("/cases").await.status(), 422);
}

#[tokio::test]
async fn foreign_answers_change_nothing_of_anybody_else_s() {
    let it = bench().await;
    let cast = it.exchange.cast().clone();
    it.exchange.misbehave(Misbehaviour::Foreign);
    let asked = json!({ "tid": cast.queued.tid, "action": "cancel" });
    let answer = body(it.put("/withdraws/action", asked).await).await;
    assert_ne!(answer["uid"], json!(cast.queued.uid));
    assert_eq!(answer["tid"], json!(cast.queued.tid));
    let trade = &cast.receipt.trades[0];
    let payment = body(it.desk(&format!("/p2p/trades/{trade}/payment")).await).await;
    assert_ne!(payment["trade_id"], json!(trade));
    let deposit = it
        .core("/deposits/get", json!({ "tid": cast.memoless.tid }))
        .await;
    assert_ne!(body(deposit).await["uid"], json!(cast.memoless.uid));
    let trades = body(
        it.desk(&format!("/p2p/trades?uid={}", cast.receipt.uid))
            .await,
    )
    .await;
    assert_ne!(trades[0]["uid"], json!(cast.receipt.uid));
    it.exchange.behave();
    let own = json!({ "tid": cast.queued.tid });
    let withdraw = body(it.core("/withdraws/get", own).await).await;
    assert_eq!(
        (&withdraw["uid"], &withdraw["state"]),
        (&json!(cast.queued.uid), &json!("canceled"))
    );
}
