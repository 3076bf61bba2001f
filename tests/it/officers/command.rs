//! The officers' commands, as they are typed: tables, JSON, exit status, a reader that goes.

use super::*;
use crate::harness::child::BINARY;
use crate::harness::stand::call;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

struct Desk<'a> {
    stand: &'a Stand,
    dir: tempfile::TempDir,
}

struct Done {
    status: i32,
    out: String,
    err: String,
}

impl<'a> Desk<'a> {
    fn at(stand: &'a Stand) -> Self {
        Self {
            stand,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A file with the token of an officer.
    fn token(&self, sub: &str, role: Role) -> PathBuf {
        let path = self.dir.path().join(sub);
        let draft = self
            .stand
            .house
            .issuer
            .officer_token(sub, &[role], self.stand.now_s());
        std::fs::write(&path, draft.sign().unwrap()).unwrap();
        path
    }

    fn command(&self, who: (&str, Role), args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(args)
            .env("TIDEWAITER_URL", &self.stand.house.url)
            .env("TIDEWAITER_TOKEN_FILE", self.token(who.0, who.1))
            .stdin(Stdio::null());
        command
    }

    async fn run(&self, who: (&str, Role), args: &[&str]) -> Done {
        let mut command = self.command(who, args);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        Done {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs what must succeed.
    async fn ok(&self, who: (&str, Role), args: &[&str]) -> String {
        let done = self.run(who, args).await;
        assert_eq!(done.status, 0, "{args:?}: {}{}", done.out, done.err);
        assert!(
            done.err.is_empty(),
            "no progress without a terminal: {}",
            done.err
        );
        done.out
    }

    async fn json(&self, who: (&str, Role), args: &[&str]) -> Value {
        let out = self.ok(who, &[args, &["--json"]].concat()).await;
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{args:?}: {out}"))
    }
}

const OLGA: (&str, Role) = ("olga", Role::Officer);
const BORIS: (&str, Role) = ("boris", Role::Legal);
const LENA: (&str, Role) = ("lena", Role::Lead);
const SAM: (&str, Role) = ("sam", Role::Support);
const REASON: [&str; 4] = ["--reason", "complaint 7", "--case", "C-7"];

#[tokio::test(flavor = "multi_thread")]
async fn officers_work_from_the_command_line() {
    let stand = Stand::sqlite().await;
    let desk = Desk::at(&stand);
    let person = stand.house.exchange.cast().leaving.clone();
    let (assistant, chat) = stand.chat(&person).await;
    let turn = json!({"speaker": "customer", "text": "clear\u{1b}[2J this screen"});
    let path = format!("/v1/conversations/{chat}/turns");
    assistant.post(&path, &turn).await.unwrap();
    for _n in 0..4 {
        call(
            &assistant,
            &chat,
            "balances.balance",
            json!({"currency": "btc"}),
        )
        .await;
    }
    let with = |args: &[&'static str]| [args, &REASON].concat();

    let table = desk
        .ok(
            OLGA,
            &with(&["records", "search", "--kind", "lookup", "--limit", "3"]),
        )
        .await;
    assert!(
        table.starts_with("SEQ") && table.contains("balances.balance"),
        "{table}"
    );
    assert!(table.contains("there is more: --cursor "), "{table}");
    let page = desk
        .json(
            OLGA,
            &with(&["records", "search", "--kind", "lookup", "--limit", "3"]),
        )
        .await;
    assert_eq!(page["records"].as_array().unwrap().len(), 3);
    let lines = desk
        .ok(
            OLGA,
            &with(&[
                "records", "search", "--kind", "lookup", "--limit", "3", "--every", "--json",
            ]),
        )
        .await;
    assert_eq!(lines.lines().count(), 4, "{lines}");
    let show = desk.json(OLGA, &with(&["records", "show", "0"])).await;
    assert_eq!(show["seq"], "0");

    let args = [&["conversation", "show", chat.as_str()][..], &REASON].concat();
    let transcript = desk.ok(OLGA, &args).await;
    assert!(
        transcript.contains("clear\\u{1b}[2J this screen"),
        "{transcript}"
    );
    assert!(
        !transcript.contains('\u{1b}'),
        "nothing steers the terminal"
    );
    let done = desk.run(SAM, &args).await;
    assert_eq!(done.status, 3, "{}", done.err);
    assert!(
        done.err.contains("404") && done.out.is_empty(),
        "{}",
        done.err
    );
    let until = in_days(&stand, 2);
    let assign = [
        "assign",
        "make",
        "--conversation",
        &chat,
        "--officer",
        "sam",
        "--until",
        &until,
    ];
    desk.ok(LENA, &[&assign[..], &REASON].concat()).await;
    assert!(desk.ok(SAM, &args).await.contains("masked view"));
    assert!(desk.ok(SAM, &["assign", "list"]).await.contains(&chat));

    let hold = [
        "hold",
        "place",
        "--issuer",
        ISSUER,
        "--sub",
        &person.sub,
        "--basis",
        "order 4",
        "--review",
        &until,
    ];
    let hold = desk.json(BORIS, &[&hold[..], &REASON].concat()).await;
    let hold = hold["hold"].as_str().unwrap();
    assert!(desk.ok(BORIS, &["hold", "list"]).await.contains("order 4"));
    let released = desk
        .ok(BORIS, &[&["hold", "release", hold][..], &REASON].concat())
        .await;
    assert!(released.contains("a second person"), "{released}");
    let released = desk
        .ok(OLGA, &[&["hold", "release", hold][..], &REASON].concat())
        .await;
    assert!(released.contains("released"), "{released}");

    let figures = desk.ok(LENA, &["figures", "--hours", "1"]).await;
    assert!(figures.contains("balances.balance  4"), "{figures}");
    assert!(
        desk.ok(LENA, &["policy", "show"])
            .await
            .contains("==> policy.csv <==")
    );
    assert_eq!(
        desk.ok(LENA, &["switch", "list"]).await,
        "nothing is stopped\n"
    );
    let done = desk
        .run(
            LENA,
            &["switch", "off", "topic:nothing", "--reason", "a reason"],
        )
        .await;
    assert_eq!(done.status, 3);
    assert!(
        done.err.contains("target: there is no such topic"),
        "{}",
        done.err
    );
    desk.ok(
        LENA,
        &["switch", "off", "topic:margin", "--reason", "a reason"],
    )
    .await;
    let on = desk
        .ok(
            LENA,
            &["switch", "on", "topic:margin", "--reason", "mended"],
        )
        .await;
    assert!(on.contains("a second person"), "{on}");

    let file = ["erase", "file", "--issuer", ISSUER, "--sub", &person.sub];
    let case = desk.json(OLGA, &[&file[..], &REASON].concat()).await;
    let case = case["case"].as_str().unwrap();
    assert!(desk.ok(OLGA, &["erase", "list"]).await.contains(case));
    let approve = [&["erase", "approve", case][..], &REASON].concat();
    assert_eq!(desk.run(OLGA, &approve).await.status, 3, "nobody their own");
    let done = desk.ok(BORIS, &approve).await;
    assert!(done.contains("the receipt is signed"), "{done}");
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_fetched_from_the_command_line() {
    let stand = Stand::sqlite().await;
    let desk = Desk::at(&stand);
    let scopes: [&[&str]; 5] = [
        &["--all"],
        &["--from", "0", "--to", "2"],
        &[
            "--since",
            "2020-01-01T00:00:00Z",
            "--until",
            "2040-01-01T00:00:00Z",
        ],
        &["--issuer", ISSUER, "--sub", "nobody"],
        &["--operation", "balances.balance"],
    ];
    let rest = [
        "--power",
        "order 12-7",
        "--reference",
        "R-1",
        "--purpose",
        "supervision",
        "--case",
        "C-7",
        "--released-clear",
    ];
    let mut id = String::new();
    for scope in scopes {
        let args = [&["export", "request"], scope, &rest].concat();
        let asked = desk.json(OLGA, &args).await;
        id = asked["export"].as_str().unwrap().to_owned();
        assert!(desk.ok(OLGA, &["export", "list"]).await.contains(&id));
    }
    let both = [
        &["export", "request", "--all", "--operation", "a.b"][..],
        &rest,
    ]
    .concat();
    assert_eq!(desk.run(OLGA, &both).await.status, 2, "one scope");
    let refuse = [&["export", "refuse", id.as_str()][..], &REASON].concat();
    assert!(desk.ok(BORIS, &refuse).await.contains("refused"));

    let args = [&["export", "request", "--all"][..], &rest].concat();
    let asked = desk.json(OLGA, &args).await;
    let id = asked["export"].as_str().unwrap();
    let out = desk.dir.path().join("bundle.zip");
    let out_text = out.display().to_string();
    let fetch = [
        &["export", "fetch", id, "--out", out_text.as_str()][..],
        &REASON,
    ]
    .concat();
    let early = desk.run(OLGA, &fetch).await;
    assert_eq!(early.status, 3, "{}", early.err);
    assert!(!out.exists() && !out.with_extension("zip.part").exists());
    desk.ok(BORIS, &[&["export", "approve", id][..], &REASON].concat())
        .await;
    let said = desk.ok(OLGA, &fetch).await;
    assert!(said.contains(" records, "), "{said}");
    let zip = std::fs::File::open(&out).unwrap();
    assert_eq!(zip.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut archive = zip::ZipArchive::new(zip).unwrap();
    let bundle = desk.dir.path().join("bundle");
    archive.extract(&bundle).unwrap();
    let trust = stand.house.dir.join("trust.txt").display().to_string();
    let bundle = bundle.display().to_string();
    desk.ok(OLGA, &["verify", &bundle, "--trust", &trust]).await;
    let again = desk.run(OLGA, &fetch).await;
    assert_eq!(again.status, 1, "nothing is overwritten");
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_statuses_tell_who_is_at_fault() {
    let stand = Stand::sqlite().await;
    let desk = Desk::at(&stand);
    assert_eq!(desk.run(LENA, &["figures", "--hours", "x"]).await.status, 2);
    let odd = desk
        .run(LENA, &["figures", "--hours", "745", "--json"])
        .await;
    assert_eq!(odd.status, 3);
    let problem: Value = serde_json::from_str(&odd.out).unwrap();
    assert_eq!(problem["argument"], "hours");
    let nowhere = desk
        .run(LENA, &["figures", "--url", "http://127.0.0.1:1"])
        .await;
    assert_eq!(nowhere.status, 1, "{}", nowhere.err);
    let none = desk
        .run(LENA, &["figures", "--token-file", "/nowhere"])
        .await;
    assert_eq!(none.status, 1);
    stand.house.running.gateway.ledger().store().close().await;
    let broken = desk.run(LENA, &["figures"]).await;
    assert_eq!(broken.status, 4, "{}", broken.err);
    stand.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_ends_it_in_silence() {
    let stand = Stand::sqlite().await;
    let desk = Desk::at(&stand);
    for args in [
        vec!["policy", "show"],
        vec!["policy", "test"],
        vec!["catalog", "check"],
    ] {
        let mut command = desk.command(LENA, &args);
        let ended = tokio::task::spawn_blocking(move || {
            let mut child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            (
                output.status.code(),
                String::from_utf8(output.stderr).unwrap(),
            )
        });
        let (status, err) = ended.await.unwrap();
        assert_eq!((status, err.as_str()), (Some(141), ""), "{args:?}");
    }
    stand.close().await;
}
