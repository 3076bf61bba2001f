//! The published document, held against the standard and against a running gateway by programs
//! that nobody here wrote.

use crate::harness::python::{self, FOLDER, run};
use crate::harness::stand::{Stand, open};
use serde_json::{Value, json};
use std::path::Path;
use tidewaiter::cli::Client;
use tidewaiter::demo::data::Person;
use tidewaiter::demo::{AGENT, ISSUER};
use tidewaiter::identity::Role;
use tokio::process::Command;

async fn programs() -> Option<std::path::PathBuf> {
    python::with("openapi", "schemathesis.txt").await
}

#[tokio::test]
async fn the_document_is_one_by_the_standard() {
    let Some(python) = programs().await else {
        return;
    };
    let printed = Command::new(env!("CARGO_BIN_EXE_tidewaiter"))
        .args(["openapi", "--url", "https://tidewaiter.example"])
        .output()
        .await
        .unwrap();
    assert!(printed.status.success());
    let document: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "https://tidewaiter.example");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("openapi.json");
    let validate = async |document: &Value| {
        std::fs::write(&file, document.to_string()).unwrap();
        run(Command::new(&python)
            .args(["-m", "openapi_spec_validator"])
            .arg(&file))
        .await
    };
    validate(&document)
        .await
        .unwrap_or_else(|said| panic!("{said}"));
    // The validator can fail.
    let mut broken = document;
    broken["paths"]["/mcp"]["post"]["responses"] = json!([]);
    validate(&broken).await.unwrap_err();
}

/// Makes something, and gives the name it was given.
async fn made(client: &Client, path: &str, form: &Value, name: &str) -> String {
    let reply = client.post(path, form).await.unwrap();
    let told = reply.json();
    let name = told[name].as_str();
    name.unwrap_or_else(|| panic!("{path}: {told}")).to_owned()
}

/// What the fuzzer is given: tokens, and names of things that are there.
struct Fixture {
    agent: String,
    opener: String,
    customer: String,
    officer: String,
    chats: Vec<String>,
    exports: Vec<String>,
    erasures: Vec<String>,
    holds: Vec<String>,
    assignments: Vec<String>,
    revocations: Vec<String>,
    own: Vec<String>,
}

impl Fixture {
    async fn on(stand: &Stand) -> Self {
        let house = &stand.house;
        let cast = house.exchange.cast();
        let (asker, owner) = (&cast.queued, &cast.refused);
        let now_s = tidewaiter::clock::Clock::System.now_s();
        let token = |person: &Person, session: Option<&str>| {
            let issuer = &house.issuer;
            let draft = issuer.agent_token(AGENT, &person.sub, &person.uid, now_s);
            let draft = draft.acr("low");
            let draft = match session {
                Some(session) => draft.session(session),
                None => draft,
            };
            draft.sign().unwrap()
        };
        let (agent, opener) = (token(asker, Some("fuzzed")), token(asker, None));
        let client = |token: &str| house.client().unwrap().with_token(token);
        open(&client(&agent), &house.now()).await;
        let mut chats = Vec::new();
        for _ in 0..5 {
            chats.push(open(&client(&opener), &house.now()).await);
        }
        let roles = [Role::Lead, Role::Officer, Role::Dpo];
        let olga = house.officer("olga", &roles).unwrap();
        let petra = house.officer("petra", &roles).unwrap();
        let (mut exports, mut erasures, mut holds) = (Vec::new(), Vec::new(), Vec::new());
        let (mut assignments, mut revocations) = (Vec::new(), Vec::new());
        for n in 0..4 {
            let export = json!({"scope": {"kind": "operation", "operation": "withdrawals.list"},
                "power": "Art. 70", "reference": "F-7", "purpose": "supervision",
                "case": "R-7", "released_clear": true});
            exports.push(made(&olga, "/v1/exports", &export, "export").await);
            let approved = made(&petra, "/v1/exports", &export, "export").await;
            let why = json!({"reason": "seen with a lawyer", "case": "R-7"});
            let path = format!("/v1/exports/{approved}/approve");
            exports.push(made(&olga, &path, &why, "export").await);
            let letter = json!({"issuer": ISSUER, "sub": format!("letter-{n}"),
                "reason": "asked by letter", "case": "L-7"});
            erasures.push(made(&olga, "/v1/erasures", &letter, "case").await);
            let hold = json!({"issuer": ISSUER, "sub": format!("held-{n}"), "case": "K-7",
                "basis": "GDPR Art. 17(3)(e)", "review": tomorrow(), "reason": "a claim"});
            holds.push(made(&olga, "/v1/holds", &hold, "hold").await);
            let chat = json!({"issuer": ISSUER, "sub": format!("asks-{n}"), "officer": "sam",
                "until": tomorrow(), "reason": "handed over", "case": "T-7"});
            assignments.push(made(&olga, "/v1/assignments", &chat, "assignment").await);
            let stolen = json!({"kind": "session", "session": format!("chat-{n}"),
                "reason": "a stolen device"});
            revocations.push(made(&olga, "/v1/revocations", &stolen, "revocation").await);
        }
        let app = house.customer(owner).unwrap();
        let own = vec![made(&app, "/v1/me/erasures", &json!({}), "case").await];
        let customer = house.issuer.customer_token(&owner.sub, &owner.uid, now_s);
        let petra = house.issuer.officer_token("petra", &roles, now_s);
        Self {
            agent,
            opener,
            customer: customer.sign().unwrap(),
            officer: petra.sign().unwrap(),
            chats,
            exports,
            erasures,
            holds,
            assignments,
            revocations,
            own,
        }
    }

    /// The fuzzer's settings, after those that are the same for every run.
    fn settings(&self, now: &str) -> String {
        let fixed = std::fs::read_to_string(format!("{FOLDER}/schemathesis.toml")).unwrap();
        fixed
            .replace("AGENT_TOKEN", &self.agent)
            .replace("OPENER_TOKEN", &self.opener)
            .replace("CUSTOMER_TOKEN", &self.customer)
            .replace("OFFICER_TOKEN", &self.officer)
            .replace("NOW", now)
            .replace("TOMORROW", &tomorrow())
            .replace("ISSUER", ISSUER)
            .replace("\"CHATS\"", &list(&self.chats))
            .replace("\"EXPORTS\"", &list(&self.exports))
            .replace("\"ERASURES\"", &list(&self.erasures))
            .replace("\"HOLDS\"", &list(&self.holds))
            .replace("\"ASSIGNMENTS\"", &list(&self.assignments))
            .replace("\"REVOCATIONS\"", &list(&self.revocations))
            .replace("\"OWN\"", &list(&self.own))
    }
}

fn tomorrow() -> String {
    let now_us = tidewaiter::clock::Clock::System.now_us();
    tidewaiter::clock::rfc3339(now_us + 86_400_000_000)
}

fn list(names: &[String]) -> String {
    json!(names).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_finds_nothing_that_the_document_does_not_say() {
    let Some(python) = programs().await else {
        return;
    };
    let stand = Stand::sqlite().await;
    let fixture = Fixture::on(&stand).await;
    let dir = stand.place.dir.path().join("fuzzer");
    std::fs::create_dir(&dir).unwrap();
    let settings = dir.join("schemathesis.toml");
    std::fs::write(&settings, fixture.settings(&stand.house.now())).unwrap();
    let document = format!("{}/openapi.json", stand.house.url);
    let report = fuzz(&python, &dir, &settings, &document).await;
    stand.close().await;
    if let Err(said) = report {
        panic!("{said}");
    }
}

async fn fuzz(python: &Path, dir: &Path, settings: &Path, document: &str) -> Result<(), String> {
    let said = run(Command::new(python.with_file_name("st"))
        .current_dir(dir)
        .env("NO_PROXY", "127.0.0.1")
        .arg("--config-file")
        .arg(settings)
        .args(["--no-color", "run", document])
        .args(["--checks", "all", "--max-examples", "20", "--seed", "7"]))
    .await?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    println!("{said}");
    Ok(())
}
