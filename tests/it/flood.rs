//! The queue under a flood: everybody gets a share, and the reserve stays the officers'.

use crate::harness::Place;
use crate::ledger::{lookup, subject};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tidewaiter::clock::Clock;
use tidewaiter::db::Tx;
use tidewaiter::ledger::{Draft, Ledger, Owner, Unrecorded};
use tidewaiter_audit::Kind;
use tokio::task::JoinSet;

/// Places of the queue, and those of them that are shared: a twentieth is in reserve.
const QUEUE: usize = 400;
const SHARED: usize = QUEUE - 20;

fn of_agent(agent: &str, owner: Owner) -> Draft {
    let mut draft = lookup(1);
    draft.owner = owner;
    draft.agent = Some(agent.to_owned());
    draft
}

fn act() -> Draft {
    let owner = Owner::Officer {
        issuer: "https://staff.example".into(),
        sub: "olga".into(),
    };
    Draft::new(Kind::Duty, owner, "duty", serde_json::json!({}))
}

/// Nothing is committed while this is held: who appends waits in the queue.
async fn stall(ledger: &Ledger) -> Tx {
    let mut tx = ledger.store().log.begin().await.unwrap();
    tx.ledger_head_lock().await.unwrap();
    tx
}

type Outcomes = JoinSet<Result<(), Unrecorded>>;

/// Appends at once as often as that. When this returns, each waits in the queue or was refused.
async fn flood(outcomes: &mut Outcomes, times: usize, ledger: &Ledger, draft: impl Fn() -> Draft) {
    let begun = Arc::new(AtomicUsize::new(0));
    for _ in 0..times {
        let (ledger, draft, begun) = (ledger.clone(), draft(), Arc::clone(&begun));
        outcomes.spawn(async move {
            let reserved = draft.kind == Kind::Duty;
            let append = async {
                if reserved {
                    ledger.append_reserved(draft).await
                } else {
                    ledger.append(draft).await
                }
            };
            let mut append = std::pin::pin!(append);
            // With its keys at hand, a draft is in the queue after it was polled once.
            let polled = std::future::poll_fn(|cx| Poll::Ready(append.as_mut().poll(cx))).await;
            begun.fetch_add(1, Ordering::SeqCst);
            match polled {
                Poll::Ready(ended) => ended.map(drop),
                Poll::Pending => append.await.map(drop),
            }
        });
    }
    let all = async {
        while begun.load(Ordering::SeqCst) < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all)
        .await
        .expect("each has begun");
    // Those that were refused end now.
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// How many were refused for want of a place so far; any other refusal is a failure.
fn refused(outcomes: &mut Outcomes) -> usize {
    let mut refused = 0;
    while let Some(ended) = outcomes.try_join_next() {
        assert_eq!(ended.unwrap(), Err(Unrecorded::Full));
        refused += 1;
    }
    refused
}

async fn all_are_recorded(all: impl IntoIterator<Item = Outcomes>) {
    for outcomes in all {
        for outcome in outcomes.join_all().await {
            outcome.expect("who had a place is recorded");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_agent_leaves_room_for_the_others_and_all_of_them_for_the_officers() {
    for place in Place::each().await {
        let open = place.open_with(Clock::System, QUEUE).await.unwrap();
        let ledger = &open.ledger;
        // The keys are there before nothing can be committed any more.
        let draft = of_agent("loud", Owner::Log);
        ledger.append(draft).await.map(drop).unwrap();
        ledger.append_reserved(act()).await.map(drop).unwrap();
        let stalled = stall(ledger).await;

        let mut loud = JoinSet::new();
        flood(&mut loud, 500, ledger, || of_agent("loud", Owner::Log)).await;
        assert_eq!(refused(&mut loud), 500 - SHARED / 2, "half is its share");
        let mut calm = JoinSet::new();
        flood(&mut calm, 50, ledger, || of_agent("calm", Owner::Log)).await;
        assert_eq!(refused(&mut calm), 0, "another agent finds room");

        // A crowd of agents takes every shared place there is.
        let mut crowd = JoinSet::new();
        for n in 0..40 {
            let agent = format!("crowd-{n}");
            flood(&mut crowd, 100, ledger, || of_agent(&agent, Owner::Log)).await;
        }
        let left_out = refused(&mut crowd);
        let held = loud.len() + calm.len() + crowd.len();
        assert_eq!(held, SHARED, "{left_out} were refused");
        let late = ledger.append(of_agent("late", Owner::Log)).await;
        assert_eq!(late.map(drop), Err(Unrecorded::Full));

        let mut acts = JoinSet::new();
        flood(&mut acts, QUEUE - SHARED, ledger, act).await;
        assert_eq!(refused(&mut acts), 0, "a twentieth is kept for officers");
        assert_eq!(acts.len(), QUEUE - SHARED);

        drop(stalled);
        all_are_recorded([loud, calm, crowd, acts]).await;
        let draft = of_agent("loud", Owner::Log);
        let again = ledger.append(draft).await.map(drop);
        again.expect("every place was given back");
        open.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_customer_leaves_room_for_the_agents_others() {
    for place in Place::each().await {
        let open = place.open_with(Clock::System, QUEUE).await.unwrap();
        let ledger = &open.ledger;
        for n in [1, 2] {
            let draft = of_agent("bot", subject(n));
            ledger.append(draft).await.map(drop).unwrap();
        }
        let stalled = stall(ledger).await;
        let mut loud = JoinSet::new();
        flood(&mut loud, 200, ledger, || of_agent("bot", subject(1))).await;
        // An eighth of what is free: 42 of 380 leave 338, of which 42 is the eighth.
        assert_eq!(refused(&mut loud), 200 - 42);
        let mut calm = JoinSet::new();
        flood(&mut calm, 30, ledger, || of_agent("bot", subject(2))).await;
        assert_eq!(refused(&mut calm), 0);
        drop(stalled);
        all_are_recorded([loud, calm]).await;
        open.close().await;
    }
}
