use super::*;
use crate::identity::{Agent, Assurance};
use http::HeaderMap;
use serde_json::json;

const S: i64 = 1_000_000;

fn caller(agent: &str, sub: Option<&str>) -> Arc<Caller> {
    let agent: Agent =
        serde_json::from_value(json!({"id": agent, "kind": "llm", "title": "A"})).unwrap();
    let subject = sub.map(|sub| Subject {
        issuer: "https://login.test".to_owned(),
        sub: sub.to_owned(),
        uid: format!("uid-{sub}"),
    });
    Arc::new(Caller::for_test(agent, subject, Assurance::Low, Vec::new()))
}

fn quota(config: &str) -> (Quota, Clock) {
    let clock = Clock::manual(1_795_000_000 * S);
    let config: config::Quota = toml::from_str(config).unwrap();
    (Quota::new(&config, &clock), clock)
}

fn scope<T>(outcome: Result<T, OverQuota>) -> Option<(&'static str, u64)> {
    outcome.err().map(|over| (over.scope.as_str(), over.wait_s))
}

#[test]
fn what_is_spent_comes_back_evenly() {
    let (quota, clock) = quota("per_agent = \"6/min\"\nper_subject = \"6/min\"");
    let ask = || scope(quota.admit(caller("bot", None)));
    for _ in 0..6 {
        assert_eq!(ask(), None);
    }
    assert_eq!(ask(), Some(("agent", 10)));
    clock.advance(9 * S);
    assert_eq!(ask(), Some(("agent", 1)));
    clock.advance(S);
    assert_eq!(ask(), None, "one came back");
    assert_eq!(ask(), Some(("agent", 10)));
    clock.advance(60 * S);
    for _ in 0..6 {
        assert_eq!(ask(), None);
    }
    assert!(ask().is_some());
}

#[test]
fn a_customer_who_floods_takes_nothing_from_the_others() {
    let (quota, _clock) = quota("per_agent = 10\nper_subject = 3");
    let ask = |sub| scope(quota.admit(caller("bot", Some(sub))));
    for n in 0..1_000 {
        assert_eq!(ask("loud").is_some(), n >= 3);
    }
    for sub in ["a", "b", "c", "d", "e", "f", "g"] {
        assert_eq!(ask(sub), None, "{sub}");
    }
    assert_eq!(ask("h"), Some(("agent", 1)));
    let other = scope(quota.admit(caller("flow", Some("loud"))));
    assert_eq!(other, Some(("subject", 1)), "over all agents");
}

#[test]
fn an_operation_has_limits_of_its_own_and_those_of_all() {
    let (quota, clock) = quota(
        "per_operation = { per_subject = \"2/h\" }\n\
         [operations]\n\
         \"kyc.profile\" = { per_subject = \"1/day\" }\n\
         \"fees.tier\" = { per_agent = \"3/h\", per_subject = 100 }",
    );
    let ask = |agent: &str, sub: &str, operation: &str| {
        scope(quota.admit_operation(&caller(agent, Some(sub)), operation))
    };
    assert_eq!(ask("bot", "a", "kyc.profile"), None);
    assert_eq!(
        ask("flow", "a", "kyc.profile"),
        Some(("subject-operation", 86_400))
    );
    assert_eq!(ask("bot", "b", "kyc.profile"), None);
    for n in 0..4 {
        assert_eq!(ask("bot", "a", "orders.list").is_some(), n >= 2);
        assert_eq!(ask("bot", "a", "orders.one").is_some(), n >= 2);
        let sub = format!("s-{n}");
        assert_eq!(ask("bot", &sub, "fees.tier").is_some(), n >= 3);
    }
    assert_eq!(ask("flow", "a", "fees.tier"), None);
    let guest = scope(quota.admit_operation(&caller("flow", None), "orders.list"));
    assert_eq!(guest, None, "a guest is no customer");
    clock.advance(3_600 * S);
    assert_eq!(ask("bot", "a", "orders.list"), None);
    assert!(ask("bot", "a", "kyc.profile").is_some());
}

#[test]
fn what_is_full_again_is_forgotten() {
    let (quota, clock) =
        quota("per_agent = 1000000\n[operations]\n\"kyc.profile\" = { per_subject = \"10/min\" }");
    for n in 0..500 {
        let caller = caller("bot", Some(&format!("sub-{n}")));
        quota.admit(Arc::clone(&caller)).unwrap();
        quota.admit_operation(&caller, "kyc.profile").unwrap();
        quota
            .admit_person("https://staff.test", &format!("sub-{n}"))
            .unwrap();
    }
    let kept = || quota.all().map(Buckets::len).sum::<usize>();
    assert_eq!(kept(), 1_501);
    quota.sweep();
    assert_eq!(kept(), 1_501, "they asked just now");
    clock.advance(2 * S);
    quota.sweep();
    assert_eq!(kept(), 500, "a minute is not over");
    clock.advance(60 * S);
    quota.sweep();
    assert_eq!(kept(), 0);
}

#[tokio::test]
async fn the_answer_says_what_is_left_and_when_to_come_back() {
    let (quota, _clock) = quota(
        "per_agent = 5\nper_subject = 4\n[operations]\n\"kyc.profile\" = { per_subject = \"1/min\" }",
    );
    let headers = async |times: usize| {
        let meter = meter::Meter::default();
        let work = async {
            for _ in 0..times {
                let caller = caller("bot", Some("a"));
                quota.admit(Arc::clone(&caller)).unwrap();
                let _over = quota.admit_operation(&caller, "kyc.profile");
            }
        };
        meter.clone().measure(work).await;
        let mut headers = HeaderMap::new();
        meter.write(&mut headers);
        let text = |name: &str| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        (
            text("ratelimit-policy").unwrap(),
            text("ratelimit").unwrap(),
            text("retry-after"),
        )
    };
    let (policy, limit, wait) = headers(1).await;
    assert_eq!(
        policy,
        r#""subject";q=4;w=1, "agent";q=5;w=1, "subject-operation";q=1;w=60"#
    );
    assert_eq!(
        limit,
        r#""subject";r=3;t=1, "agent";r=4;t=1, "subject-operation";r=0;t=60"#
    );
    assert_eq!(wait, None);
    let (_policy, limit, wait) = headers(1).await;
    assert_eq!(
        limit,
        r#""subject";r=2;t=1, "agent";r=3;t=1, "subject-operation";r=0;t=60"#
    );
    assert_eq!(wait.as_deref(), Some("60"));
}
