//! Every role at every endpoint: allowed, or refused and recorded.

use super::*;
use Role::{Admin, Auditor, Dpo, Lead, Legal, Officer, Support};

const CONTENT: &[Role] = &[Officer, Dpo, Legal, Auditor];
const OVERVIEW: &[Role] = &[Lead, Officer, Dpo, Legal, Auditor, Admin];
const NOBODY: &str = "00000000000000000000000000000000";

/// Method, path, body, who may.
fn table() -> Vec<(Method, String, Option<Value>, &'static [Role])> {
    let at = |path: &str| path.replace("ID", NOBODY);
    let why = Some(json!({"reason": "complaint 7", "case": "C-7"}));
    let get = |path: &str, who: &'static [Role]| (Method::GET, at(path), None, who);
    let post = |path: &str, body, who: &'static [Role]| (Method::POST, at(path), body, who);
    vec![
        get("/v1/records", CONTENT),
        get("/v1/records?kind=turn&limit=1", CONTENT),
        get("/v1/records/0", CONTENT),
        get(
            "/v1/conversations/ID",
            &[Support, Officer, Dpo, Legal, Auditor],
        ),
        get("/v1/figures", OVERVIEW),
        get("/v1/policy", OVERVIEW),
        get("/v1/assignments", &[Support, Lead, Officer, Auditor]),
        post(
            "/v1/assignments",
            Some(json!({"conversation": NOBODY, "officer": "sam",
            "until": "2030-01-01T00:00:00Z"})),
            &[Lead, Officer],
        ),
        (
            Method::DELETE,
            at("/v1/assignments/ID"),
            None,
            &[Lead, Officer],
        ),
        get("/v1/holds?state=placed", &[Officer, Legal, Dpo, Auditor]),
        get("/v1/holds/ID", &[Officer, Legal, Dpo, Auditor]),
        get("/v1/holds/ID/records", &[Officer, Legal]),
        post(
            "/v1/holds",
            Some(
                json!({"issuer": "https://x", "sub": "s", "basis": "an order",
            "review": "2030-01-01T00:00:00Z"}),
            ),
            &[Officer, Legal],
        ),
        post("/v1/holds/ID/release", why.clone(), &[Officer, Legal]),
        get("/v1/exports", CONTENT),
        get("/v1/exports/ID", CONTENT),
        post(
            "/v1/exports",
            Some(
                json!({"scope": {"kind": "all"}, "power": "", "reference": "R",
            "purpose": "p"}),
            ),
            CONTENT,
        ),
        post(
            "/v1/exports/ID/approve",
            why.clone(),
            &[Officer, Legal, Dpo],
        ),
        post("/v1/exports/ID/refuse", why.clone(), &[Officer, Legal, Dpo]),
        get("/v1/exports/ID/bundle", CONTENT),
        get("/v1/erasures?state=requested", CONTENT),
        get("/v1/erasures/ID", CONTENT),
        post(
            "/v1/erasures",
            Some(json!({"issuer": "https://x", "sub": "s"})),
            &[Officer, Legal, Dpo],
        ),
        post("/v1/erasures/ID/approve", why.clone(), &[Legal, Dpo]),
        post(
            "/v1/erasures/ID/refuse",
            Some(json!({"ground": "excessive"})),
            &[Legal, Dpo],
        ),
        (
            Method::PUT,
            at("/v1/switches/topic:nothing"),
            Some(json!({"reason": "a reason"})),
            &[Lead, Officer, Admin],
        ),
        (
            Method::DELETE,
            at("/v1/switches/topic:nothing"),
            Some(json!({"reason": "a reason"})),
            &[Lead, Officer, Admin],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_every_role_at_every_endpoint() {
    for stand in Stand::each().await {
        for role in Role::ALL {
            let client = stand.officer(&format!("one-{}", role.as_str()), &[role]);
            for (method, path, body, may) in table() {
                let reply = send(&client, &method, &path, body.as_ref()).await;
                let what = format!("{} {method} {path}: {}", role.as_str(), reply.json());
                if may.contains(&role) {
                    // Nothing of that name is there, or it does not fit; but they may ask.
                    assert_ne!(reply.status, 403, "{what}");
                    assert_ne!(reply.status, 401, "{what}");
                    assert!(reply.status.as_u16() < 500, "{what}");
                } else {
                    assert_eq!(reply.status, 403, "{what}");
                    let body = stand.record_of(&reply).await;
                    assert_eq!(body["refused"], "denied", "{what}");
                }
                if !reply.status.is_success() {
                    let body = stand.record_of(&reply).await;
                    assert_eq!(body["refused"], reply.json()["code"], "{what}");
                }
            }
        }
        stand.close().await;
    }
}

/// What shows or changes content needs a reason and a case.
#[tokio::test(flavor = "multi_thread")]
async fn i7_every_look_needs_a_reason() {
    let stand = Stand::sqlite().await;
    // Roles that may not meet in one person are refused as a token; so two people.
    let asks = [
        stand.officer("olga", &[Officer]),
        stand.officer("lena", &[Legal]),
    ];
    for (method, path, body) in [
        (Method::GET, "/v1/records", None),
        (Method::GET, "/v1/records/0", None),
        (Method::GET, "/v1/conversations/00", None),
        (Method::GET, "/v1/holds/00/records", None),
        (Method::POST, "/v1/holds/00/release", Some(json!({}))),
        (Method::POST, "/v1/exports/00/refuse", Some(json!({}))),
        (Method::GET, "/v1/exports/00/bundle", None),
    ] {
        for client in &asks {
            for headers in [&[][..], &WHY[..1], &WHY[1..]] {
                let reply = with(client, &method, path, headers, body.as_ref()).await;
                is(&reply, 400, "reason_required");
                let sealed = stand.record_of(&reply).await;
                assert_eq!(sealed["refused"], "reason_required", "{path}");
            }
        }
    }
    let person = stand.house.exchange.cast().queued.clone();
    let assistant = stand.house.assistant_for(&person).unwrap();
    let own = stand.house.customer(&person).unwrap();
    for path in [
        "/v1/records",
        "/v1/figures",
        "/v1/policy",
        "/v1/holds?state=placed",
    ] {
        for client in [&assistant, &own] {
            is(
                &send(client, &Method::GET, path, None).await,
                403,
                "wrong_kind",
            );
        }
        let stranger = stand.house.client().unwrap();
        is(
            &send(&stranger, &Method::GET, path, None).await,
            401,
            "unauthenticated",
        );
    }
    stand.close().await;
}
