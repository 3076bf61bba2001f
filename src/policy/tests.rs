//! The policy as a whole, against the engine itself.

use super::check::Kind;
use super::condition::Condition;
use super::decide::decide;
use super::switch::{Stop, Target};
use super::*;
use crate::catalog::{ArgumentError, Files, Reason, Risk};
use crate::identity::{AgentId, AgentKind};
use serde_json::{Value, json};
use std::fmt::Write as _;

mod equivalence;

fn id(name: &str) -> AgentId {
    AgentId::try_from(name.to_owned()).unwrap()
}

fn agents() -> Vec<(AgentId, AgentKind)> {
    vec![
        (id("support-bot"), AgentKind::Llm),
        (id("triage-flow"), AgentKind::Flow),
        (id("gateway"), AgentKind::Flow),
    ]
}

async fn with_policy(policy: &str) -> Result<Snapshot, crate::catalog::Faults> {
    Snapshot::compile(&Files::shipped().with("policy.csv", policy), &agents()).await
}

fn ask(operation: &str, arguments: impl Into<Value>) -> Ask {
    Ask {
        operation: operation.to_owned(),
        arguments: arguments.into().as_object().unwrap().clone(),
        purpose: None,
        conversation_disclosed: true,
    }
}

fn code(snapshot: &Snapshot, agent: &str, kind: AgentKind, ask: Ask) -> &'static str {
    let agent = id(agent);
    let who = Who {
        agent: &agent,
        kind,
        subject: true,
        assurance: Assurance::High,
        scopes: None,
    };
    let decided = decide(&who, ask, snapshot, &Switches::new());
    decided.map_or_else(|denied| denied.code(), |_| "allow")
}

#[tokio::test]
async fn every_shipped_case_is_as_expected() {
    let report = cases::run(&Files::shipped()).await.unwrap();
    assert!(report.passed(), "{report}");
    assert!(report.outcomes.len() >= 90);
}

/// No operation is shipped without somebody having thought of who may, and who may not.
#[test]
fn every_shipped_operation_has_a_case_that_is_granted_and_one_that_is_refused() {
    let files = Files::shipped();
    let catalog = crate::catalog::Catalog::parse(&files).unwrap();
    let mut cases = std::collections::HashSet::new();
    for (_, text) in files.under("cases") {
        let read: toml::Table = text.parse().unwrap();
        for case in read["case"].as_array().unwrap() {
            let text = |name: &str| case[name].as_str().unwrap().to_owned();
            cases.insert((text("operation"), text("expect")));
        }
    }
    for operation in catalog.operations() {
        let name = &operation.name;
        // Adding margin is in nobody's reach.
        let granted = name == "margin.add" || cases.contains(&(name.clone(), "allow".to_owned()));
        assert!(granted, "{name} is granted in no case");
        assert!(
            cases.contains(&(name.clone(), "deny".to_owned())),
            "{name} is refused in no case"
        );
    }
}

#[tokio::test]
async fn a_case_that_fails_says_why() {
    let policy = "g, support-bot, role:support\n\
                  p, role:support, topic:withdrawals, *, *, *, *, allow\n\
                  p2, role:support, *, wallet, reveal, allow\n";
    let files = Files::shipped().with("policy.csv", policy);
    let report = cases::run(&files).await.unwrap();
    assert!(!report.passed());
    let text = report.to_string();
    assert!(
        text.contains("FAIL cases/support.toml:3: where is my withdrawal"),
        "{text}"
    );
    assert!(text.contains("account is drop, expected reveal"), "{text}");
    assert!(
        text.contains("denied as not_granted, expected to be allowed"),
        "{text}"
    );
    assert!(text.contains("allowed, expected to be denied"), "{text}");
    let broken = Files::shipped().with("cases/support.toml", "[[case]]\nname = 1\n");
    let faults = cases::run(&broken).await.unwrap_err().to_string();
    assert!(faults.starts_with("cases/support.toml:2: "), "{faults}");
}

#[tokio::test]
async fn the_shipped_policy_says_nothing_in_vain() {
    let report = check::check(&Files::shipped(), &agents()).await;
    let vain: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.kind, f.at.line))
        .collect();
    assert_eq!(vain, [], "{report}");
}

#[tokio::test]
async fn what_is_said_in_vain_is_found() {
    let policy = "g, support-bot, role:support\n\
                  g, stranger, role:support\n\
                  g, triage-flow, role:idle\n\
                  p, role:support, topic:kyc, *, *, *, *, allow\n\
                  p, role:support, topic:kyc, *, *, flow, *, allow\n\
                  p, role:support, topic:margin, *, *, llm, *, allow\n\
                  p, *, topic:margin, *, *, *, *, deny\n\
                  p, role:nobody, topic:fees, *, *, *, *, allow\n\
                  p, role:support, topic:fees, support.kyc, *, *, *, allow\n\
                  p2, role:nobody, *, wallet, mask, allow\n";
    let report = check::check(&Files::shipped().with("policy.csv", policy), &agents()).await;
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.at.line, f.kind))
        .collect();
    assert_eq!(
        found,
        [
            (1, Kind::Bare),
            (2, Kind::Stranger),
            (3, Kind::Idle),
            (5, Kind::Dead),
            (6, Kind::Overruled),
            (8, Kind::Unheld),
            (9, Kind::Dead),
            (10, Kind::Unheld),
        ],
        "{report}"
    );
    assert!(
        report
            .to_string()
            .contains("policy.csv:5: this line can never match")
    );
}

/// A line and words of its fault.
const UNKNOWN: &[(&str, &str)] = &[
    (
        "p, role:support, operation:kyc.profil, *, *, *, *, deny",
        "is not in the catalog",
    ),
    (
        "p, role:support, topic:kcy, *, *, *, *, deny",
        "has no operation",
    ),
    (
        "p, role:support, risk:mony, *, *, *, *, deny",
        "an object is",
    ),
    (
        "p, role:support, kyc.profile, *, *, *, *, deny",
        "an object is",
    ),
    (
        "p, role:support, *, fun, *, *, *, deny",
        "is not in purposes.toml",
    ),
    (
        "p, role:support, *, *, some, *, *, allow",
        "an assurance is",
    ),
    (
        "p, role:support, *, *, high, *, *, deny",
        "holds at every assurance",
    ),
    (
        "p, role:support, *, *, *, bot, *, deny",
        "an agent's kind is",
    ),
    (
        "p, role:support, *, *, *, *, limit < 5, deny",
        "a condition is",
    ),
    (
        "p, role:support, topic:kyc, *, *, *, limit <= 5, deny",
        "declares every argument",
    ),
    ("p, role:support, *, *, *, *, *, forbid", "allow or deny"),
    ("p, Role, *, *, *, *, *, deny", "a role is"),
    ("p, role:support, *, *, *, *, deny", "a p line is"),
    ("p, role:support, , *, *, *, *, deny", "none empty"),
    ("p, \"role:support\", *, *, *, *, *, deny", "without quotes"),
    ("p2, role:support, *, secret, mask, allow", "is no class"),
    ("p2, role:support, *, wallet, drop, deny", "a treatment is"),
    ("p2, role:support, wallet, mask, allow", "a p2 line is"),
    ("g, support-bot", "starts with"),
    ("g, support-bot, support", "a g line is"),
    ("q, a, b", "starts with"),
];

#[tokio::test]
async fn a_name_nobody_knows_is_a_fault_at_its_line() {
    for (line, words) in UNKNOWN {
        let faults = with_policy(&format!("# one\n\n{line}\n"))
            .await
            .unwrap_err();
        let fault = faults.iter().next().unwrap();
        assert!(fault.file == "policy.csv" && fault.line == 3, "{fault}");
        assert!(fault.message.contains(words), "{line}: {fault}");
    }
    let twice = "g, a, role:b\n g,a ,role:b\n";
    let faults = with_policy(twice).await.unwrap_err().to_string();
    assert_eq!(faults, "policy.csv:2: this line is there twice");
}

#[tokio::test]
async fn i3_an_empty_policy_grants_nothing() {
    for policy in ["", "# nothing\n", "g, support-bot, role:support\n"] {
        let snapshot = with_policy(policy).await.unwrap();
        for operation in snapshot.catalog().operations() {
            let denied = code(
                &snapshot,
                "support-bot",
                AgentKind::Llm,
                ask(&operation.name, json!({})),
            );
            assert_eq!(denied, "not_granted");
        }
        assert!(
            snapshot
                .granted(&id("support-bot"), AgentKind::Llm, true)
                .is_empty()
        );
    }
}

#[tokio::test]
async fn i3_money_and_security_are_out_of_a_language_models_reach_whatever_is_granted() {
    let shipped = Files::shipped();
    let policy = format!(
        "{}\np, *, *, *, *, *, *, allow\np, support-bot, operation:margin.add, *, *, llm, *, allow\n",
        shipped.text("policy.csv").unwrap()
    );
    let snapshot = with_policy(&policy).await.unwrap();
    let given = json!({"amount": "1", "currency": "usdt"});
    let denied = code(
        &snapshot,
        "support-bot",
        AgentKind::Llm,
        ask("margin.add", given.clone()),
    );
    assert_eq!(denied, "not_granted");
    assert_eq!(
        code(
            &snapshot,
            "triage-flow",
            AgentKind::Flow,
            ask("margin.add", given)
        ),
        "allow"
    );
    let granted = snapshot.granted(&id("support-bot"), AgentKind::Llm, true);
    let reachable = |o: &&Arc<Operation>| !matches!(o.risk, Risk::Money | Risk::Security);
    let all = snapshot.catalog().operations().iter();
    assert_eq!(granted.len(), all.filter(reachable).count());
}

#[tokio::test]
async fn an_agent_of_another_kind_than_registered_may_nothing() {
    let snapshot = Snapshot::compile(&Files::shipped(), &agents())
        .await
        .unwrap();
    let status = || ask("withdrawals.status", json!({"tid": "TID1"}));
    assert_eq!(
        code(&snapshot, "support-bot", AgentKind::Llm, status()),
        "allow"
    );
    assert_eq!(
        code(&snapshot, "support-bot", AgentKind::Flow, status()),
        "not_granted"
    );
    assert_eq!(
        code(&snapshot, "other-bot", AgentKind::Llm, status()),
        "not_granted"
    );
}

#[tokio::test]
async fn refusals_come_in_an_order_that_tells_nothing_too_early() {
    let snapshot = Snapshot::compile(&Files::shipped(), &agents())
        .await
        .unwrap();
    let (bot, switches) = (id("support-bot"), Switches::new());
    let who = |subject| Who {
        agent: &bot,
        kind: AgentKind::Llm,
        subject,
        assurance: Assurance::Low,
        scopes: None,
    };
    let stop = Stop {
        reason: "r".to_owned(),
        who: "w".to_owned(),
        since_us: 0,
    };
    switches.stop(&"topic:margin".parse::<Target>().unwrap(), stop);
    let refused = |subject, ask: &Ask| {
        let denied = decide(&who(subject), ask.clone(), &snapshot, &switches).unwrap_err();
        (denied.code(), denied.trace())
    };
    let mut bare = Ask {
        operation: "margin.add".to_owned(),
        ..Ask::default()
    };
    let (code, trace) = refused(false, &bare);
    assert_eq!(code, "not_granted");
    assert!(trace.starts_with("policy.csv:"), "{trace}");
    assert!(
        trace.ends_with("p, *, risk:money, *, *, llm, *, deny"),
        "{trace}"
    );
    bare.operation = "margin.position".to_owned();
    assert_eq!(refused(false, &bare).1, "switch topic:margin");
    switches.replace([]);
    assert_eq!(refused(false, &bare).0, "subject_required");
    assert_eq!(refused(true, &bare).0, "conversation_required");
    bare.conversation_disclosed = true;
    let verdict = decide(&who(true), bare, &snapshot, &switches).unwrap();
    assert_eq!(verdict.purpose, "support.margin");
    assert_eq!(
        verdict.rule.text,
        "p, role:support, topic:margin, *, *, *, *, allow"
    );
}

#[tokio::test]
async fn a_condition_blames_its_argument_and_names_its_line() {
    let snapshot = Snapshot::compile(&Files::shipped(), &agents())
        .await
        .unwrap();
    let bot = id("support-bot");
    let who = Who {
        agent: &bot,
        kind: AgentKind::Llm,
        subject: true,
        assurance: Assurance::Low,
        scopes: None,
    };
    let over = ask("withdrawals.list", json!({"limit": 99}));
    let denied = decide(&who, over, &snapshot, &Switches::new()).unwrap_err();
    let Denied::Argument { error, rule } = &denied else {
        panic!("{denied:?}")
    };
    let expected = ArgumentError {
        argument: Some("limit".to_owned()),
        reason: Reason::NotAllowed,
    };
    assert_eq!((error, rule.is_some()), (&expected, true));
    assert!(!denied.trace().contains("99"));
}

#[tokio::test]
async fn explanations_name_the_line_and_what_kept_the_others_away() {
    let snapshot = Snapshot::compile(&Files::shipped(), &agents())
        .await
        .unwrap();
    let bot = id("support-bot");
    let who = Who {
        agent: &bot,
        kind: AgentKind::Llm,
        subject: true,
        assurance: Assurance::Low,
        scopes: None,
    };
    let text = |a: &Ask| explain(&who, a, &snapshot, &Switches::new());
    let no = text(&ask("withdrawals.cancel", json!({"tid": "TID1"})));
    assert!(no.contains("deny (not_granted)"), "{no}");
    assert!(
        no.contains("p, *, risk:money, *, *, llm, *, deny -> applies"),
        "{no}"
    );
    assert!(no.contains("flow, *, allow -> another role"), "{no}");
    let yes = text(&ask("withdrawals.status", json!({"tid": "TID1"})));
    assert!(
        yes.contains("allow withdrawals.status for support.withdrawal"),
        "{yes}"
    );
    assert!(yes.contains("wallet mask"), "{yes}");
    let condition = text(&ask("withdrawals.list", json!({"limit": 60})));
    assert!(
        condition.contains("limit <= 50, allow -> its condition does not hold"),
        "{condition}"
    );
    assert!(text(&ask("no.such", json!({}))).contains("the catalog does not name it"));
}

#[tokio::test]
async fn listings_follow_the_grants() {
    let snapshot = Snapshot::compile(&Files::shipped(), &agents())
        .await
        .unwrap();
    let names = |agent: &str, kind, subject| -> Vec<String> {
        let granted = snapshot.granted(&id(agent), kind, subject);
        granted.iter().map(|o| o.name.clone()).collect()
    };
    assert_eq!(
        names("support-bot", AgentKind::Llm, false),
        [
            "fees.withdrawal",
            "knowledge.article",
            "knowledge.search",
            "networks.status",
            "support.guest_case"
        ]
    );
    assert_eq!(names("support-bot", AgentKind::Llm, true).len(), 31);
    assert!(names("triage-flow", AgentKind::Flow, true).contains(&"withdrawals.cancel".to_owned()));
    assert_eq!(
        names("gateway", AgentKind::Flow, true),
        ["orders.open", "p2p.trades", "withdrawals.list"]
    );
    assert!(names("nobody", AgentKind::Flow, true).is_empty());
}

#[tokio::test]
async fn the_version_names_every_deciding_byte() {
    let version = async |files: &Files| {
        let snapshot = Snapshot::compile(files, &agents()).await.unwrap();
        snapshot.version().to_string()
    };
    let files = Files::shipped();
    let base = version(&files).await;
    assert!(
        base.len() == 64
            && base
                .bytes()
                .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    );
    assert_eq!(version(&files).await, base);
    for (name, text) in files.iter() {
        let changed = version(&files.clone().with(name, format!("{text}\n"))).await;
        assert_eq!(changed == base, name.starts_with("cases/"), "{name}");
    }
    // The canonical form, written out.
    let snapshot = Snapshot::compile(&files, &agents()).await.unwrap();
    let mut text = "tidewaiter policy v1\n".to_owned();
    for (name, source) in snapshot.sources() {
        write!(text, "{name}\n{}\n{source}\n", source.len()).unwrap();
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    assert_eq!(hex::encode(digest), base);
}

#[tokio::test]
async fn treatments_allow_what_is_less_and_deny_what_is_more() {
    let policy = "g, support-bot, role:a\ng, support-bot, role:b\n\
                  p, role:a, *, *, *, *, *, allow\n\
                  p2, role:a, *, financial, mask, allow\n\
                  p2, role:b, topic:balances, financial, reveal, allow\n\
                  p2, role:a, *, wallet, reveal, allow\n\
                  p2, role:b, operation:withdrawals.status, wallet, mask, deny\n";
    let snapshot = with_policy(policy).await.unwrap();
    let of = |operation: &str, class| {
        let cell = snapshot
            .cell(&id("support-bot"), AgentKind::Llm, operation)
            .unwrap();
        cell.treatments.of(class)
    };
    assert_eq!(of("deposits.list", Class::Financial), Treatment::Mask);
    assert_eq!(of("balances.balance", Class::Financial), Treatment::Reveal);
    assert_eq!(of("deposits.list", Class::Wallet), Treatment::Reveal);
    assert_eq!(of("withdrawals.status", Class::Wallet), Treatment::Compare);
    assert_eq!(of("balances.balance", Class::Internal), Treatment::Drop);
}

#[tokio::test]
async fn a_condition_that_is_possible_is_not_hidden() {
    let policy =
        "g, support-bot, role:a\np, role:a, operation:margin.add, *, *, *, amount <= 5, allow\n";
    let snapshot = with_policy(policy).await.unwrap();
    let add = |amount: &str| ask("margin.add", json!({"amount": amount, "currency": "usdt"}));
    assert_eq!(
        code(&snapshot, "support-bot", AgentKind::Llm, add("5.0")),
        "allow"
    );
    assert_eq!(
        code(&snapshot, "support-bot", AgentKind::Llm, add("5.00000001")),
        "argument"
    );
    assert!(Condition::parse("amount <= 5").is_ok());
}

#[tokio::test]
async fn a_call_costs_the_same_with_many_lines() {
    let mut policy = String::new();
    for at in 0..400 {
        writeln!(policy, "p, role:r{at}, topic:kyc, *, *, *, *, allow").unwrap();
    }
    policy.push_str("g, support-bot, role:r399\n");
    let snapshot = with_policy(&policy).await.unwrap();
    let ask = ask("kyc.profile", json!({}));
    assert_eq!(code(&snapshot, "support-bot", AgentKind::Llm, ask), "allow");
    let cell = snapshot
        .cell(&id("support-bot"), AgentKind::Llm, "kyc.profile")
        .unwrap();
    assert_eq!(
        cell.decision("support.kyc", Assurance::Low).unwrap().size(),
        1
    );
}

/// The fenced blocks of a language in the directory's README.
fn examples(language: &str) -> Vec<String> {
    let readme = include_str!("../../policies/README.md");
    let blocks = readme.split("```").skip(1).step_by(2);
    let blocks = blocks.filter_map(|b| b.strip_prefix(&format!("{language}\n")));
    blocks.map(str::to_owned).collect()
}

#[tokio::test]
async fn what_the_readme_shows_is_so() {
    let toml = examples("toml");
    let [
        operation,
        listed,
        folded,
        only,
        example,
        purpose,
        guesses,
        class,
        case,
    ] = toml.as_slice()
    else {
        panic!("{} examples", toml.len())
    };
    let shipped = Files::shipped();
    let with_json = operation.replace("fields = [", &format!("fields = [\n{},", folded.trim()));
    assert_ne!(&with_json, operation);
    for (file, text) in [
        ("purposes.toml", purpose),
        ("retention.toml", class),
        ("catalog/core.toml", operation),
        ("catalog/core.toml", &with_json),
    ] {
        let heading = text.lines().find(|l| l.starts_with("name")).unwrap();
        let kept = shipped
            .text(file)
            .unwrap()
            .replacen(heading, "name = \"other.name\"", 1);
        let kept = if file == "retention.toml" {
            kept.replace("other.name", "other")
        } else {
            kept
        };
        let files = match file {
            "catalog/core.toml" => shipped.clone().with(file, format!("{text}\n{example}")),
            _ => shipped.clone().with(file, format!("{kept}\n{text}")),
        };
        let faults = crate::catalog::check(&files);
        let own = faults.iter().filter(|f| f.file == file).count();
        assert_eq!(own, 0, "{faults}");
    }
    let core = shipped.text("catalog/core.toml").unwrap();
    assert!(core.contains(listed.trim()));
    let purposes = shipped.text("purposes.toml").unwrap();
    assert!(purposes.contains(guesses.trim()));
    assert!(
        shipped
            .text("catalog/accounts.toml")
            .unwrap()
            .contains(only.trim())
    );
    let report = cases::run(&shipped.clone().with("cases/readme.toml", case))
        .await
        .unwrap();
    assert!(report.passed(), "{report}");
    assert!(with_policy(&examples("csv").concat()).await.is_ok());
}

#[tokio::test]
async fn faults_of_lines_and_models_come_together() {
    let files = Files::shipped()
        .with("policy.csv", "x\n")
        .with("model.conf", "")
        .with("treatment.conf", "[matchers]\n");
    let faults = Snapshot::compile(&files, &agents()).await.unwrap_err();
    let named: Vec<_> = faults.iter().map(|f| f.file.as_str()).collect();
    assert_eq!(named, ["policy.csv", "model.conf", "treatment.conf"]);
}
