//! One stops, two let go on.

use super::super::switches::{resume, stop};
use super::*;

const TARGET: &str = "topic:withdrawals";

#[tokio::test]
async fn one_person_stops_and_two_let_go_on() {
    let h = Harness::new().await;
    let (lea, max) = (
        officer("lea", &[Role::Lead]),
        officer("max", &[Role::Officer]),
    );
    let stopped = stop(&h.ledger, &lea, TARGET, "complaints rise", &there)
        .await
        .unwrap();
    assert_eq!(stopped["state"], "stopped");
    let (leaf, body) = h.newest(Kind::Switch).await;
    assert_eq!(leaf.x["target"], TARGET);
    assert_eq!(body["reason"], "complaints rise");
    let asked = resume(&h.ledger, &lea, TARGET, "looks fine").await.unwrap();
    assert_eq!(asked["state"], "asked");
    let again = resume(&h.ledger, &lea, TARGET, "looks fine").await.unwrap();
    assert_eq!(again["state"], "asked", "one person is not two");
    assert_eq!(stopped_targets(&h).await, 1);
    let on = resume(&h.ledger, &max, TARGET, "agreed, fixed")
        .await
        .unwrap();
    assert_eq!(on["state"], "on");
    assert_eq!(stopped_targets(&h).await, 0);
    let outcome = resume(&h.ledger, &max, TARGET, "once more").await;
    assert_eq!(refused(outcome), Refusal::Conflict);
}

#[tokio::test]
async fn a_stop_in_between_voids_the_wish() {
    let h = Harness::new().await;
    let (lea, max) = (
        officer("lea", &[Role::Lead]),
        officer("max", &[Role::Admin]),
    );
    stop(&h.ledger, &lea, TARGET, "complaints rise", &there)
        .await
        .unwrap();
    resume(&h.ledger, &lea, TARGET, "looks fine").await.unwrap();
    h.clock.advance(1);
    stop(&h.ledger, &lea, TARGET, "it is back", &there)
        .await
        .unwrap();
    let asked = resume(&h.ledger, &max, TARGET, "agreed").await.unwrap();
    assert_eq!(asked["state"], "asked");
    assert_eq!(stopped_targets(&h).await, 1);
}

#[tokio::test]
async fn a_switch_needs_a_role_a_target_and_a_reason() {
    let h = Harness::new().await;
    let (lea, sam) = (
        officer("lea", &[Role::Lead]),
        officer("sam", &[Role::Auditor]),
    );
    for (who, target, reason, why) in [
        (&sam, TARGET, "a reason", Refusal::Denied),
        (&lea, "withdrawals", "a reason", Refusal::InvalidArguments),
        (&lea, "topic:\"", "a reason", Refusal::InvalidArguments),
        (&lea, TARGET, "  ", Refusal::ReasonRequired),
    ] {
        assert_eq!(
            refused(stop(&h.ledger, who, target, reason, &there).await),
            why
        );
        assert_eq!(h.newest(Kind::Duty).await.1["refused"], why.code());
    }
    assert_eq!(stopped_targets(&h).await, 0);
    h.break_down().await;
    let outcome = stop(&h.ledger, &lea, TARGET, "a reason", &there).await;
    assert_eq!(refused(outcome), Refusal::Unrecorded);
}

fn there(_target: &crate::policy::switch::Target) -> bool {
    true
}

async fn stopped_targets(h: &Harness) -> usize {
    let mut tx = h.ledger.store().log.read().await.unwrap();
    tx.switch_all().await.unwrap().len()
}
