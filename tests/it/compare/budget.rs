//! The budget of wrong guesses: one for all agents, conversations and replicas, and for good.

use super::{expect, told};
use crate::harness::child::Site;
use crate::harness::dice::Dice;
use crate::harness::stand::{Stand, metrics, open};
use crate::harness::{LOG, Place};
use crate::ledger::{lookup, subject};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::config::Config;
use tidewaiter::gateway::{Call, Gateway, Interface, Language, Refusal};
use tidewaiter::ledger::guess::{Budget, Spending};
use tidewaiter::ledger::{Effect, Ledger, Unrecorded};
use tidewaiter::running::Running;
use tokio::task::JoinSet;

const MINUTE_US: i64 = 60_000_000;

/// Records a call about customer `n` in which so many guesses were made and so many were wrong.
async fn guess(
    ledger: &Ledger,
    n: u32,
    fact: &str,
    (asked, wrong): (u32, u32),
    budget: Budget,
) -> Result<(), Unrecorded> {
    let mut spending = Spending::new(ledger.keys(), &subject(n), budget);
    (0..asked).for_each(|_| spending.ask(ledger.keys(), fact));
    (0..wrong).for_each(|_| spending.miss(fact));
    let mut draft = lookup(n);
    draft.effects = vec![Effect::GuessesSpend(spending)];
    ledger.append(draft).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_slides_with_the_window_and_counts_what_was_asked() {
    let spent = Err(Unrecorded::GuessesSpent);
    let budget = Budget { wrong: 3, hours: 2 };
    for place in Place::each().await {
        let clock = Clock::manual(1_800_000_000_000_000);
        let open = place.open_at(clock.clone()).await.unwrap();
        let ledger = &open.ledger;
        let try_one = async |wrong| guess(ledger, 1, "email", (1, wrong), budget).await;
        assert_eq!(try_one(1).await, Ok(()));
        clock.advance(60 * MINUTE_US);
        // Right ones are free; two at once must both fit, however many of them are right.
        assert_eq!(try_one(0).await, Ok(()));
        assert_eq!(try_one(1).await, Ok(()));
        assert_eq!(guess(ledger, 1, "email", (2, 0), budget).await, spent);
        assert_eq!(try_one(1).await, Ok(()));
        let size = ledger.size();
        assert_eq!(try_one(0).await, spent);
        assert_eq!(ledger.size(), size, "there is no record, so no answer");
        // Others and other facts are apart.
        assert_eq!(guess(ledger, 2, "email", (1, 1), budget).await, Ok(()));
        assert_eq!(guess(ledger, 1, "phone", (3, 3), budget).await, Ok(()));
        // The first has left the window: one more, and one only.
        clock.advance(62 * MINUTE_US);
        assert_eq!(try_one(1).await, Ok(()));
        assert_eq!(try_one(1).await, spent);
        // What no longer counts is swept away with the next guess.
        clock.advance(300 * MINUTE_US);
        assert_eq!(try_one(1).await, Ok(()));
        assert_eq!(rows(ledger).await, 1);
        open.close().await;
    }
}

async fn rows(ledger: &Ledger) -> i64 {
    let sql = "SELECT COUNT(*) FROM guess";
    let (rows,): (i64,) = match &ledger.store().log {
        tidewaiter::db::Db::Sqlite(pool) => sqlx::query_as(sql).fetch_one(pool).await.unwrap(),
        tidewaiter::db::Db::Postgres(pool) => sqlx::query_as(sql).fetch_one(pool).await.unwrap(),
    };
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_an_erasure_takes_the_guesses_along() {
    for place in Place::each().await {
        let open = place.open().await.unwrap();
        let ledger = &open.ledger;
        for n in [1, 2] {
            guess(ledger, n, "email", (2, 2), Budget::default())
                .await
                .unwrap();
        }
        let owner = ledger.keys().owner_id(&subject(1));
        let mut forget = lookup(3);
        forget.effects = vec![Effect::GuessesForget { owner }];
        ledger.append(forget).await.unwrap();
        assert_eq!(rows(ledger).await, 1, "the other's stay");
        open.close().await;
    }
}

/// The whole way: who is erased leaves no guesses behind.
#[tokio::test(flavor = "multi_thread")]
async fn i6_an_erased_customer_has_no_guesses() {
    use tidewaiter::identity::Role;
    let stand = Stand::sqlite().await;
    let person = stand.house.exchange.cast().leaving.clone();
    let (assistant, chat) = stand.chat(&person).await;
    let wrong = json!({"email": "x@else.example"});
    told(&expect(&assistant, &chat, "kyc.profile", json!({}), wrong).await);
    let ledger = stand.house.running.gateway.ledger().clone();
    assert_eq!(rows(&ledger).await, 1);
    let customer = stand.house.customer(&person).unwrap();
    let asked = customer.post("/v1/me/erasures", &json!({})).await.unwrap();
    let id = asked.json()["case"].as_str().unwrap().to_owned();
    let dpo = stand.house.officer("dora", &[Role::Dpo]).unwrap();
    let why = json!({"reason": "request of the customer", "case": "E-1"});
    let done = dpo
        .post(&format!("/v1/erasures/{id}/approve"), &why)
        .await
        .unwrap();
    assert_eq!(done.status, 200, "{}", done.json());
    assert_eq!(rows(&ledger).await, 0);
    drop(ledger);
    stand.close().await;
}

/// One gateway more on the place of another.
async fn replica(stand: &Stand) -> Running {
    let text = std::fs::read_to_string(stand.house.dir.join("tidewaiter.toml")).unwrap();
    let address = stand.house.running.address;
    let text = text.replace(
        &format!("listen = \"{address}\""),
        "listen = \"127.0.0.1:0\"",
    );
    let file = stand.house.dir.join("replica.toml");
    std::fs::write(&file, text).unwrap();
    let config = Config::load(&file).unwrap();
    Running::start(&config, metrics(), Clock::System)
        .await
        .unwrap()
}

fn compare(bearer: &str, chat: &str, value: &str) -> Call {
    Call {
        interface: Interface::Rest,
        bearer: Some(bearer.to_owned()),
        operation: "kyc.profile".to_owned(),
        arguments: Ok(serde_json::Map::new()),
        expect: Some(json!({"email": value})),
        purpose: None,
        conversation: Some(chat.to_owned()),
        idempotency_key: None,
        language: Language::En,
    }
}

/// 64 guesses at once: as many are answered as the budget has, whoever asks where, and those that
/// are refused do not tell whether they were right.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_guesses_at_once_no_more_are_answered_than_the_budget_has() {
    for stand in Stand::each().await {
        let person = stand.house.exchange.cast().queued.clone();
        let token = stand.house.issuer.agent_token(
            tidewaiter::demo::AGENT,
            &person.sub,
            &person.uid,
            Clock::System.now_s(),
        );
        let token = token.acr("low").sign().unwrap();
        let other = if stand.place.url.starts_with("postgres") {
            Some(replica(&stand).await)
        } else {
            None
        };
        let first = Arc::clone(&stand.house.running.gateway);
        let gateways: Vec<Arc<Gateway>> = match &other {
            Some(other) => vec![first, Arc::clone(&other.gateway)],
            None => vec![first],
        };
        let mut chats = Vec::new();
        for _ in 0..4 {
            let assistant = stand.house.client().unwrap().with_token(&token);
            chats.push(open(&assistant, &stand.house.now()).await);
        }
        let mut tasks = JoinSet::new();
        for n in 0..64_usize {
            let gateway = Arc::clone(&gateways[n % gateways.len()]);
            let value = format!("wrong{n}@else.example");
            let call = compare(&token, &chats[n % chats.len()], &value);
            tasks.spawn(async move {
                let answer = gateway.handle(call).await;
                let told = answer.outcome().map(|clean| clean.compared()[0].is_match);
                told.map_err(|refused| refused.refusal)
            });
        }
        let told = tasks.join_all().await;
        let answered: Vec<_> = told.iter().flatten().collect();
        assert_eq!(answered, vec![&Some(false); 5], "{}", stand.place.url);
        let refused: Vec<_> = told.iter().filter_map(|told| told.err()).collect();
        assert_eq!(refused, vec![Refusal::GuessesSpent; 59]);
        // It is spent for all of them, for the right value too.
        for gateway in &gateways {
            let answer = gateway
                .handle(compare(&token, &chats[0], &person.email))
                .await;
            assert_eq!(answer.outcome().unwrap_err().refusal, Refusal::GuessesSpent);
        }
        // Every answer and every refusal has its record, and only the answered hold an outcome.
        let whole = crate::harness::whole::Whole::of(gateways[0].ledger(), &stand.place).await;
        let held = |name: &str| {
            let bodies = whole.entries.iter().map(|(_, body)| body);
            bodies.filter(|body| !body[name].is_null()).count()
        };
        assert_eq!(
            (held("compared"), held("expected")),
            (5, 64 + gateways.len())
        );
        drop((whole, gateways));
        if let Some(other) = other {
            other.stop().await;
        }
        stand.close().await;
    }
}

/// Killed at any moment, again and again: what was answered is spent, and nothing is answered
/// beyond the budget.
async fn killed(place: Place) {
    let site = Site::on(place, "").await;
    let people = site.people();
    let mut dice = Dice::new("guesses");
    let mut answers = vec![0_u32; people.len()];
    for _ in 0..5 {
        let child = site.serve().await;
        let mut tasks = JoinSet::new();
        let heard = Arc::new(AtomicU64::new(0));
        for (at, person) in people.iter().enumerate() {
            let heard = Arc::clone(&heard);
            let assistant = site.assistant(person);
            let pause = Duration::from_millis(dice.below(150));
            tasks.spawn(async move {
                let mut answered = 0;
                let body = json!({"channel": "web", "locale": "en",
                    "disclosure": {"version": "ai-notice/3", "shown_at": rfc3339(Clock::System.now_us())}});
                let Ok(reply) = assistant.post("/v1/conversations", &body).await else {
                    return (at, 0);
                };
                let chat = reply.json()["conversation"].as_str().unwrap().to_owned();
                for n in 0.. {
                    tokio::time::sleep(pause).await;
                    let guess = json!({"arguments": {}, "conversation": chat,
                        "expect": {"email": format!("wrong{n}@else.example")}});
                    let Ok(reply) = assistant.post("/v1/operations/kyc.profile", &guess).await else {
                        break;
                    };
                    heard.fetch_add(1, Ordering::SeqCst);
                    match reply.status.as_u16() {
                        200 => {
                            assert_eq!(told(&reply), false);
                            answered += 1;
                        }
                        429 => assert_eq!(reply.json()["code"], "guesses_spent"),
                        status => panic!("{status}: {}", reply.json()),
                    }
                }
                (at, answered)
            });
        }
        // However slow the machine: after some answers, and a moment more.
        let (enough, began) = (1 + dice.below(12), Instant::now());
        while heard.load(Ordering::SeqCst) < enough && began.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(dice.below(40))).await;
        child.kill();
        for (at, answered) in tasks.join_all().await {
            answers[at] += answered;
        }
    }
    let sum: u32 = answers.iter().sum();
    println!("guesses under kill -9: {answers:?}");
    assert!(answers.iter().all(|answered| *answered <= 5), "{answers:?}");
    assert!(sum > 0, "nothing was answered, so nothing was tried");
    let child = site.serve().await;
    child.stop().await;
    let open = site.place.open().await.unwrap();
    assert_eq!(open.ledger.log(), LOG);
    let mut recorded = 0;
    for seq in 0..open.ledger.size() {
        let entry = open.ledger.entry(seq).await.unwrap();
        if entry.body.is_some() {
            let body = open.ledger.open_body(&entry).await.unwrap();
            recorded += u32::from(body["compared"] == json!([{"path": "email", "match": false}]));
        }
    }
    assert!(recorded >= sum, "{recorded} recorded, {sum} answered");
    open.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i9_a_kill_gives_no_guess_for_free_on_sqlite() {
    killed(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i9_a_kill_gives_no_guess_for_free_on_postgres() {
    if let Some(place) = Place::postgres().await {
        killed(place).await;
    }
}
