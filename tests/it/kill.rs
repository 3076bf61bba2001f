//! I1 and I9 under `kill -9`: the real binary, killed at random moments under load, restarted on
//! the same place, and in the end held to everything it ever answered.

use crate::harness::Place;
use crate::harness::child::{Child, Site};
use crate::harness::dice::Dice;
use crate::harness::stand::open;
use crate::harness::whole::Whole;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tidewaiter::cli::{Client, Reply};
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::demo::data::Person;
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter_audit::{Decision, Kind};

/// How often the process is killed, unless `TW_KILLS` says otherwise.
const KILLS: u64 = 10;
const CLIENTS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i1_i9_killed_at_any_moment_on_sqlite() {
    killed(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i1_i9_killed_at_any_moment_on_postgres() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    killed(place).await;
}

fn kills() -> u64 {
    let given = std::env::var_os("TW_KILLS");
    given.map_or(KILLS, |text| text.to_str().unwrap().parse().unwrap())
}

async fn killed(place: Place) {
    let site = Site::on(place, "").await;
    let mut dice = Dice::new("kill");
    let people = site.people();
    let mut talkers: Vec<Talker> = (0..CLIENTS)
        .map(|at| Talker::new(at, people[at % people.len()].clone(), dice.split()))
        .collect();
    let kills = kills();
    for round in 0..kills {
        let child = site.serve().await;
        // Half of the time the exchange is slow, so that intents are open when the end comes.
        if round % 2 == 1 {
            site.exchange
                .misbehave(Misbehaviour::Slow(Duration::from_millis(40)));
        } else {
            site.exchange.behave();
        }
        let life = Duration::from_millis(100 + dice.below(900));
        talkers = talk_until_killed(&site, child, talkers, life).await;
    }
    site.exchange.behave();
    let child = site.serve().await;
    for talker in &mut talkers {
        let client = site.assistant(&talker.person);
        talker.repeat_everything(&client).await;
    }
    every_intent_ends(&site).await;
    child.stop().await;
    let answers = talkers
        .iter()
        .map(|talker| talker.answers.len())
        .sum::<usize>();
    let lost = talkers.iter().map(|talker| talker.lost).sum::<usize>();
    println!("kill: {kills} times, {answers} answers, {lost} calls cut off");
    assert!(
        answers > 200 && lost > 0,
        "no load: {answers} answers, {lost} cut off"
    );
    hold_to_account(&site, &talkers).await;
}

async fn talk_until_killed(
    site: &Site,
    child: Child,
    talkers: Vec<Talker>,
    life: Duration,
) -> Vec<Talker> {
    let mut tasks = tokio::task::JoinSet::new();
    for talker in talkers {
        let client = site.assistant(&talker.person);
        tasks.spawn(talker.talk(client));
    }
    tokio::time::sleep(life).await;
    child.kill();
    let mut back = tasks.join_all().await;
    back.sort_by_key(|talker| talker.number);
    back
}

/// Waits until no intent is open: on PostgreSQL a dead writer's lease must end first.
async fn every_intent_ends(site: &Site) {
    let store = tidewaiter::db::Store::open(&site.place.url).await.unwrap();
    let began = Instant::now();
    loop {
        let open = store
            .log
            .read()
            .await
            .unwrap()
            .intent_orphans(i64::MAX)
            .await
            .unwrap();
        if open.is_empty() {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(40),
            "{} intents never ended",
            open.len()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    store.close().await;
}

/// An answer that was received.
struct Answered {
    rid: String,
    kinds: &'static [Kind],
    decision: Option<Decision>,
    result: Value,
}

/// A write that was sent, at least once.
struct Write {
    key: String,
    summary: String,
    case: Option<String>,
}

struct Talker {
    number: usize,
    person: Person,
    dice: Dice,
    chat: Option<String>,
    answers: Vec<Answered>,
    writes: Vec<Write>,
    lost: usize,
}

impl Talker {
    fn new(number: usize, person: Person, dice: Dice) -> Self {
        let (answers, writes) = (Vec::new(), Vec::new());
        Self {
            number,
            person,
            dice,
            chat: None,
            answers,
            writes,
            lost: 0,
        }
    }

    /// Talks until the gateway is gone.
    async fn talk(mut self, client: Client) -> Self {
        while self.once(&client).await.is_some() {}
        self.lost += 1;
        self
    }

    /// One call; none if there was no answer to it.
    async fn once(&mut self, client: &Client) -> Option<()> {
        if self.chat.is_none() {
            let body = json!({"channel": "web", "locale": "en",
                "disclosure": {"version": "ai-notice/3", "shown_at": rfc3339(Clock::System.now_us())}});
            let reply = client.post("/v1/conversations", &body).await.ok()?;
            self.note(&reply, &[Kind::Conversation], None);
            self.chat = reply.json()["conversation"].as_str().map(str::to_owned);
            return Some(());
        }
        match self.dice.below(8) {
            0 | 1 => {
                let reply = self
                    .call(client, "balances.balance", json!({"currency": "btc"}))
                    .await?;
                assert_eq!(reply.status, 200, "{}", reply.json());
                self.note(&reply, &[Kind::Lookup], Some(Decision::Allow));
            }
            2 => {
                let foreign = json!({"tid": "TID0000000000"});
                let reply = self.call(client, "withdrawals.status", foreign).await?;
                assert_eq!(reply.status, 404, "{}", reply.json());
                self.note(&reply, &[Kind::Lookup], Some(Decision::Error));
            }
            3 => {
                let money = json!({"amount": "1", "currency": "usdt"});
                let reply = self.call(client, "margin.add", money).await?;
                assert_eq!(reply.status, 403, "{}", reply.json());
                self.note(&reply, &[Kind::Refusal], Some(Decision::Deny));
            }
            4 => {
                let body = json!({"speaker": "customer", "text": format!("My mail is {}", self.person.email)});
                let path = format!("/v1/conversations/{}/turns", self.chat.as_ref()?);
                let reply = client.post(&path, &body).await.ok()?;
                assert_eq!(reply.status, 201, "{}", reply.json());
                self.note(&reply, &[Kind::Turn], None);
            }
            5 if !self.writes.is_empty() => {
                let at = self.dice.place(self.writes.len());
                self.write(client, at).await?;
            }
            _ => {
                let number = format!("{}-{}", self.number, self.writes.len());
                self.writes.push(Write {
                    key: format!("key-{number}"),
                    summary: format!("case {number}"),
                    case: None,
                });
                self.write(client, self.writes.len() - 1).await?;
            }
        }
        Some(())
    }

    async fn call(&self, client: &Client, operation: &str, arguments: Value) -> Option<Reply> {
        let body = json!({"arguments": arguments, "conversation": self.chat});
        client
            .post(&format!("/v1/operations/{operation}"), &body)
            .await
            .ok()
    }

    /// Sends a write, for the first time or again.
    async fn write(&mut self, client: &Client, at: usize) -> Option<()> {
        let write = &self.writes[at];
        let arguments = json!({"topic": "other", "summary": write.summary});
        let body = json!({"arguments": arguments, "conversation": self.chat});
        let headers = [("idempotency-key", write.key.as_str())];
        let path = "/v1/operations/support.open_case";
        let reply = client
            .send(http::Method::POST, path, &headers, Some(&body))
            .await
            .ok()?;
        let body = reply.json();
        let known = write.case.clone();
        match reply.status.as_u16() {
            200 => {
                let case = body["result"]["case_id"]
                    .as_str()
                    .expect("a case")
                    .to_owned();
                assert!(
                    known.is_none_or(|known| known == case),
                    "a second case for one key"
                );
                self.writes[at].case = Some(case);
                self.note(
                    &reply,
                    &[Kind::Outcome, Kind::Lookup],
                    Some(Decision::Allow),
                );
            }
            404 => {
                assert!(known.is_none(), "a case that was shown is gone");
                let kinds = &[Kind::Outcome, Kind::Lookup];
                self.note(&reply, kinds, Some(Decision::Error));
            }
            409 => {
                assert!(known.is_none(), "a case that was shown is open again");
                if body["code"] == "outcome_unknown" {
                    // Recovered, or lost on the way: nobody knows, and it says so.
                    let kinds = &[Kind::Outcome, Kind::Lookup];
                    self.note(&reply, kinds, Some(Decision::Error));
                } else {
                    assert_eq!(body["code"], "still_open", "{body}");
                    self.note(&reply, &[Kind::Refusal], Some(Decision::Deny));
                }
            }
            other => panic!("{other}: {body}"),
        }
        Some(())
    }

    async fn repeat_everything(&mut self, client: &Client) {
        for at in 0..self.writes.len() {
            self.write(client, at).await.expect("an answer");
        }
    }

    fn note(&mut self, reply: &Reply, kinds: &'static [Kind], decision: Option<Decision>) {
        let body = reply.json();
        let rid = body["record"]
            .as_str()
            .unwrap_or_else(|| panic!("no record: {body}"));
        let result = body["result"].clone();
        self.answers.push(Answered {
            rid: rid.to_owned(),
            kinds,
            decision,
            result,
        });
    }
}

/// Opens the ledger in this process and compares it with what was answered and what was done.
async fn hold_to_account(site: &Site, talkers: &[Talker]) {
    let open = site.place.open().await.unwrap();
    let whole = Whole::of(&open.ledger, &site.place).await;
    for answer in talkers.iter().flat_map(|talker| &talker.answers) {
        let (entry, body) = whole
            .named(&answer.rid)
            .expect("every answer has its record");
        assert!(answer.kinds.contains(&entry.leaf.kind), "{}", entry.line);
        assert_eq!(entry.leaf.decision, answer.decision, "{}", entry.line);
        if answer.decision == Some(Decision::Allow) {
            assert_eq!(
                body["shown"], answer.result,
                "what was shown is what was recorded"
            );
        }
    }
    let intents = whole.intents();
    for (request, ends) in &intents {
        assert_eq!(ends.len(), 1, "intent {request} ended {ends:?}");
    }
    let cases = site.exchange.cases().await.unwrap();
    assert!(cases.len() <= intents.len());
    let mut summaries = HashSet::new();
    for case in &cases {
        assert!(
            intents.contains_key(&case.idempotency_key),
            "a change without its intent"
        );
        assert!(
            summaries.insert(&case.summary),
            "a second case for one key: {}",
            case.summary
        );
    }
    let ids: HashSet<&str> = cases.iter().map(|case| case.case_id.as_str()).collect();
    for write in talkers.iter().flat_map(|talker| &talker.writes) {
        assert!(
            write.case.as_deref().is_none_or(|case| ids.contains(case)),
            "a case was made up"
        );
    }
    println!(
        "kill: {} records, {} intents, {} recovered, {} cases",
        whole.entries.len(),
        intents.len(),
        whole.count(Kind::Recovery),
        cases.len(),
    );
    assert_eq!(
        whole.count(Kind::Started),
        usize::try_from(kills()).unwrap() + 2
    );
    open.close().await;
}

/// The load's first conversation opens as any other.
#[tokio::test(flavor = "multi_thread")]
async fn i9_a_place_is_gone_on_with_after_a_kill() {
    let site = Site::on(Place::sqlite(), "").await;
    let child = site.serve().await;
    let person = site.people()[0].clone();
    let assistant = site.assistant(&person);
    let chat = open(&assistant, &rfc3339(Clock::System.now_us())).await;
    child.kill();
    let child = site.serve().await;
    let body = json!({"arguments": {"currency": "btc"}, "conversation": chat});
    let reply = site
        .assistant(&person)
        .post("/v1/operations/balances.balance", &body)
        .await
        .unwrap();
    assert_eq!(reply.status, 200, "{}", reply.json());
    child.stop().await;
}
