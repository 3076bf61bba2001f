//! Officers and customers with real tokens: two people, one ledger, one bundle.

use super::*;
use crate::cli::{Client, Reply};
use crate::identity::Role;

const WHY: [(&str, &str); 2] = [("access-reason", "complaint 7"), ("access-case", "C-7")];

impl Door {
    fn officer(&self, sub: &str, roles: &[Role]) -> Client {
        self.house.officer(sub, roles).unwrap()
    }

    /// A withdrawal looked up for a customer, in a chat; the record's name.
    async fn looked_up(&self, person: &Person) -> String {
        let assistant = self.house.assistant_for(person).unwrap();
        let body = json!({"channel": "web", "locale": "en", "disclosure":
            {"version": "ai-notice/3", "shown_at": self.house.now()}});
        let opened = assistant.post("/v1/conversations", &body).await.unwrap();
        let chat = member(&opened, "conversation");
        let body = json!({"arguments": {}, "conversation": chat});
        let path = "/v1/operations/withdrawals.list";
        let reply = assistant.post(path, &body).await.unwrap();
        assert_eq!(reply.status, 200, "{:?}", reply.json());
        member(&reply, "record")
    }
}

fn member(reply: &Reply, name: &str) -> String {
    reply.json()[name].as_str().unwrap_or_default().to_owned()
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), member(reply, "code"))
}

fn refused(reply: &Reply, status: u16, why: &str) {
    assert_eq!(code(reply), (status, why.to_owned()), "{:?}", reply.json());
}

async fn send(client: &Client, method: Method, path: &str, body: Option<Value>) -> Reply {
    client
        .send(method, path, &WHY, body.as_ref())
        .await
        .unwrap()
}

#[tokio::test]
async fn i7_a_record_is_read_with_a_reason_and_by_those_who_may() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let record = door.looked_up(&person).await;
    let path = format!("/v1/records/{record}");
    let olga = door.officer("olga", &[Role::Officer]);
    let read = send(&olga, Method::GET, &path, None).await;
    assert_eq!(read.status, 200, "{:?}", read.json());
    assert_eq!(member(&read, "record"), record);
    assert!(!read.json()["body"].is_null());
    let by_number = format!("/v1/records/{}", member(&read, "seq"));
    let again = send(&olga, Method::GET, &by_number, None).await;
    assert_eq!(again.json()["leaf"], read.json()["leaf"]);

    refused(&olga.get(&path).await.unwrap(), 400, "reason_required");
    let admin = door.officer("ada", &[Role::Admin]);
    refused(&send(&admin, Method::GET, &path, None).await, 403, "denied");
    let missing = format!("/v1/records/{}", "0".repeat(32));
    refused(
        &send(&olga, Method::GET, &missing, None).await,
        404,
        "not_found",
    );
    refused(
        &send(&olga, Method::GET, "/v1/records/x", None).await,
        404,
        "not_found",
    );
    let assistant = door.house.assistant_for(&person).unwrap();
    refused(
        &send(&assistant, Method::GET, &path, None).await,
        403,
        "wrong_kind",
    );
    let nobody = door.house.client().unwrap();
    refused(
        &send(&nobody, Method::GET, &path, None).await,
        401,
        "unauthenticated",
    );
}

#[tokio::test]
async fn one_person_stops_and_two_let_go_on() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    let path = "/v1/switches/topic:withdrawals";
    let why = || Some(json!({"reason": "complaints rise"}));
    let lena = door.officer("lena", &[Role::Lead]);
    let olga = door.officer("olga", &[Role::Officer]);

    let stopped = send(&lena, Method::PUT, path, why()).await;
    assert_eq!(member(&stopped, "state"), "stopped", "{:?}", stopped.json());
    let assistant = door.house.assistant_for(&person).unwrap();
    let body = json!({"channel": "web", "locale": "en", "disclosure":
        {"version": "ai-notice/3", "shown_at": door.house.now()}});
    let chat = member(
        &assistant.post("/v1/conversations", &body).await.unwrap(),
        "conversation",
    );
    let body = json!({"arguments": {}, "conversation": chat});
    let call = async || {
        let path = "/v1/operations/withdrawals.list";
        assistant.post(path, &body).await.unwrap()
    };
    refused(&call().await, 403, "stopped");
    let all = olga.get("/v1/switches").await.unwrap().json();
    assert_eq!(all["switches"][0]["target"], "topic:withdrawals", "{all}");
    let one = olga.get(path).await.unwrap();
    assert_eq!(member(&one, "state"), "stopped");

    let asked = send(&lena, Method::DELETE, path, why()).await;
    assert_eq!(member(&asked, "state"), "asked");
    let again = send(&lena, Method::DELETE, path, why()).await;
    assert_eq!(member(&again, "state"), "asked", "one person is not two");
    refused(&call().await, 403, "stopped");
    let why_on = Some(json!({"state": "on", "reason": "it is mended"}));
    let on = send(&olga, Method::PUT, path, why_on).await;
    assert_eq!(member(&on, "state"), "on");
    assert_eq!(call().await.status, 200);

    let odd = send(&olga, Method::PUT, "/v1/switches/nonsense", why()).await;
    assert!(odd.status.is_client_error());
    let more = Some(json!({"reason": "complaints rise", "until": "tomorrow"}));
    refused(
        &send(&olga, Method::PUT, path, more).await,
        400,
        "malformed",
    );
    refused(
        &olga.get("/v1/switches/nonsense").await.unwrap(),
        404,
        "not_found",
    );
    refused(
        &assistant.get("/v1/switches").await.unwrap(),
        403,
        "wrong_kind",
    );
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one case from request to release")]
async fn a_bundle_takes_two_and_leaves_nothing_behind() {
    let door = door().await;
    let person = door.house.exchange.cast().queued.clone();
    door.looked_up(&person).await;
    let olga = door.officer("olga", &[Role::Officer]);
    let boris = door.officer("boris", &[Role::Legal]);
    let body = |scope: Value| {
        json!({"scope": scope, "power": "Art. 94 MiCA", "reference": "R-1",
            "purpose": "supervision", "case": "C-7", "recipients": [], "released_clear": true})
    };
    let asked = olga
        .post("/v1/exports", &body(json!({"kind": "all"})))
        .await
        .unwrap();
    assert_eq!(asked.status, 201, "{:?}", asked.json());
    let id = member(&asked, "export");
    let approve = format!("/v1/exports/{id}/approve");
    let bundle = format!("/v1/exports/{id}/bundle");
    refused(&boris.get(&bundle).await.unwrap(), 400, "reason_required");
    refused(
        &send(&boris, Method::GET, &bundle, None).await,
        409,
        "conflict",
    );
    refused(
        &send(&olga, Method::POST, &approve, None).await,
        409,
        "conflict",
    );
    let why = json!({"reason": "order checked", "case": "C-7"});
    let approved = boris.post(&approve, &why).await.unwrap();
    assert_eq!(
        member(&approved, "state"),
        "approved",
        "{:?}",
        approved.json()
    );

    let zip = send(&olga, Method::GET, &bundle, None).await;
    assert_eq!(zip.status, 200, "{:?}", zip.json());
    assert_eq!(zip.headers[CONTENT_TYPE], "application/zip");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip.body)).unwrap();
    assert!(archive.by_name("manifest.json").is_ok());
    let exports = door.house.dir.join("exports");
    assert_eq!(std::fs::read_dir(exports).unwrap().count(), 0);

    let range = json!({"kind": "range", "from": "0", "to": 2});
    assert_eq!(
        olga.post("/v1/exports", &body(range)).await.unwrap().status,
        201
    );
    for odd in [
        json!({"kind": "range", "from": "x", "to": 2}),
        json!({"kind": "all", "extra": 1}),
        json!({"kind": "everything"}),
    ] {
        refused(
            &olga.post("/v1/exports", &body(odd)).await.unwrap(),
            400,
            "malformed",
        );
    }
    let listed = olga.get("/v1/exports").await.unwrap().json();
    assert_eq!(listed["exports"].as_array().unwrap().len(), 2, "{listed}");
}

#[tokio::test]
async fn a_customer_sees_who_looked_and_is_erased_by_two() {
    let door = door().await;
    let person = door.house.exchange.cast().leaving.clone();
    door.looked_up(&person).await;
    let customer = door.house.customer(&person).unwrap();
    let seen = customer.get("/v1/me/lookups").await.unwrap();
    assert!(
        seen.json()["lookups"]
            .to_string()
            .contains("withdrawals.list"),
        "{:?}",
        seen.json()
    );
    refused(
        &customer.get("/v1/me/lookups?before=1").await.unwrap(),
        400,
        "malformed",
    );
    let assistant = door.house.assistant_for(&person).unwrap();
    refused(
        &assistant.get("/v1/me/lookups").await.unwrap(),
        403,
        "wrong_kind",
    );

    let more = json!({"everything": true});
    refused(
        &customer.post("/v1/me/erasures", &more).await.unwrap(),
        400,
        "malformed",
    );
    let asked = customer.post("/v1/me/erasures", &json!({})).await.unwrap();
    assert_eq!(asked.status, 201, "{:?}", asked.json());
    let id = member(&asked, "case");
    let again = send(&customer, Method::POST, "/v1/me/erasures", None).await;
    assert_eq!(member(&again, "case"), id);

    let dina = door.officer("dina", &[Role::Dpo]);
    let open = dina.get("/v1/erasures?state=requested").await.unwrap();
    assert_eq!(open.json()["cases"][0]["case"], id, "{:?}", open.json());
    for odd in [
        "",
        "?state=all",
        "?state=requested&state=done",
        "?status=done",
    ] {
        let reply = dina.get(&format!("/v1/erasures{odd}")).await.unwrap();
        assert!(reply.status.is_client_error(), "{odd}");
    }
    let approve = format!("/v1/erasures/{id}/approve");
    let bare = dina.post(&approve, &json!({})).await.unwrap();
    refused(&bare, 400, "reason_required");
    let done = send(&dina, Method::POST, &approve, None).await;
    assert_eq!(done.status, 200, "{:?}", done.json());

    let nobody = door.house.client().unwrap();
    let status = nobody.get(&format!("/v1/me/erasures/{id}")).await.unwrap();
    assert_eq!(member(&status, "state"), "done");
    assert!(!status.json()["receipt"].is_null());
    let guess = format!("/v1/me/erasures/{}", "0".repeat(32));
    refused(&nobody.get(&guess).await.unwrap(), 404, "not_found");
}
