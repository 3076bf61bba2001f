//! The snapshot against casbin's own enforcer, with its own effector and every line.

use super::{agents, id};
use crate::catalog::{Catalog, Class, Files, Operation};
use crate::identity::{AgentId, AgentKind, Assurance};
use crate::policy::compile::{request, shade_request};
use crate::policy::engine::{GRANTS, SHADES, enforcer, set_lines};
use crate::policy::line::Lines;
use crate::policy::snapshot::{ASSURANCES, Cell};
use crate::policy::{Snapshot, Treatment, Treatments};
use casbin::{CoreApi, Enforcer};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

fn pick(all: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    prop::sample::select(all.to_vec())
}

const OBJECTS: &[&str] = &[
    "*",
    "operation:withdrawals.list",
    "operation:margin.add",
    "operation:deposits.list",
    "topic:withdrawals",
    "topic:margin",
    "risk:money",
    "risk:account",
];

const CONDITIONS: &[&str] = &[
    "*",
    "*",
    "*",
    "limit <= 50",
    "limit absent",
    "currency in btc|eth",
    "currency not in usdt",
    "amount >= 10.5; currency in usdt",
    "state present",
];

fn grant() -> impl Strategy<Value = String> {
    let purposes = [
        "*",
        "*",
        "*",
        "support.withdrawal",
        "support.margin",
        "support.balance",
    ];
    let columns = (
        pick(&["role:a", "role:b", "role:c", "*", "support-bot"]),
        pick(OBJECTS),
        pick(&purposes),
        pick(&["*", "*", "low", "substantial", "high"]),
        pick(&["*", "*", "llm", "flow"]),
        pick(CONDITIONS),
        pick(&["allow", "allow", "allow", "allow", "deny"]),
    );
    columns.prop_map(
        |(role, object, purpose, assurance, kind, condition, effect)| {
            let assurance = if effect == "deny" { "*" } else { assurance };
            format!("p, {role}, {object}, {purpose}, {assurance}, {kind}, {condition}, {effect}")
        },
    )
}

fn shade() -> impl Strategy<Value = String> {
    let columns = (
        pick(&["role:a", "role:b", "*"]),
        pick(OBJECTS),
        pick(&["*", "wallet", "financial", "internal"]),
        pick(&["compare", "mask", "reveal"]),
        pick(&["allow", "allow", "deny"]),
    );
    columns.prop_map(|(role, object, class, treatment, effect)| {
        format!("p2, {role}, {object}, {class}, {treatment}, {effect}")
    })
}

fn member() -> impl Strategy<Value = String> {
    let columns = (
        pick(&["support-bot", "triage-flow", "role:a", "role:b"]),
        pick(&["role:a", "role:b", "role:c"]),
    );
    columns.prop_map(|(member, role)| format!("g, {member}, {role}"))
}

/// A policy of random lines over names of the shipped catalog.
fn policy() -> impl Strategy<Value = String> {
    let lines = (
        prop::collection::btree_set(member(), 1..5),
        prop::collection::btree_set(grant(), 1..12),
        prop::collection::btree_set(shade(), 1..8),
    );
    lines.prop_map(|(members, grants, shades)| {
        let all: Vec<String> = members.into_iter().chain(grants).chain(shades).collect();
        all.join("\n")
    })
}

fn arguments() -> impl Strategy<Value = Map<String, Value>> {
    let currency = prop::option::of(pick(&["btc", "BTC", "usdt", "ltc"]));
    let limit = prop::option::of(prop::sample::select(vec![1, 50, 51]));
    let amount = prop::option::of(pick(&["10.4", "10.5", "1000"]));
    (currency, limit, amount).prop_map(|(currency, limit, amount)| {
        let mut given = Map::new();
        given.extend(currency.map(|c| ("currency".to_owned(), json!(c))));
        given.extend(limit.map(|l| ("limit".to_owned(), json!(l))));
        given.extend(amount.map(|a| ("amount".to_owned(), json!(a))));
        given
    })
}

/// The policy without the lines that are refused: conditions no operation fits.
fn accepted(policy: &str, catalog: &Catalog) -> String {
    let refused: Vec<usize> = match Lines::parse(policy, catalog) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|f| f.line).collect(),
    };
    let kept = policy.lines().enumerate();
    let kept = kept.filter(|(at, _)| !refused.contains(&(at + 1)));
    kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

/// casbin itself.
struct Engines {
    grants: Enforcer,
    shades: Enforcer,
}

impl Engines {
    async fn new(files: &Files, catalog: &Catalog) -> Self {
        let lines = Lines::parse(files.text("policy.csv").unwrap(), catalog).unwrap();
        let mut grants = enforcer(&GRANTS, files, &lines.members).await.unwrap();
        set_lines(&mut grants, lines.grants.iter().map(|g| &g.columns));
        let mut shades = enforcer(&SHADES, files, &lines.members).await.unwrap();
        set_lines(&mut shades, lines.shades.iter().map(|s| &s.columns));
        Self { grants, shades }
    }

    /// How often the engine allows and denies, if the cell says the same each time.
    fn agree(
        &self,
        (agent, kind): (&AgentId, AgentKind),
        operation: &Operation,
        cell: &Cell,
        requests: &[Map<String, Value>],
    ) -> Result<(u32, u32), TestCaseError> {
        let (mut allowed, mut denied) = (0, 0);
        for purpose in &operation.purposes {
            for (assurance, given) in pairs(requests) {
                let ask = (purpose.as_str(), assurance);
                let asked = request(agent, kind, operation, ask, Some(given.clone()));
                let engine = self.grants.enforce(asked.clone()).unwrap();
                let ours = cell
                    .decision(purpose, assurance)
                    .unwrap()
                    .judge(given)
                    .is_ok();
                prop_assert_eq!(ours, engine, "{:?}", asked);
                *(if engine { &mut allowed } else { &mut denied }) += 1;
            }
        }
        Ok((allowed, denied))
    }

    fn agree_on_fields(
        &self,
        agent: &AgentId,
        operation: &Operation,
        cell: &Cell,
    ) -> Result<(), TestCaseError> {
        if !cell.possible() {
            prop_assert_eq!(cell.treatments, Treatments::default());
            return Ok(());
        }
        for class in Class::ALL {
            for treatment in [Treatment::Compare, Treatment::Mask, Treatment::Reveal] {
                let asked = shade_request(agent, operation, class, treatment);
                let engine = self.shades.enforce(asked.clone()).unwrap();
                let ours = cell.treatments.of(class) >= treatment;
                prop_assert_eq!(ours, engine, "{:?}", asked);
            }
        }
        Ok(())
    }
}

fn pairs(
    requests: &[Map<String, Value>],
) -> impl Iterator<Item = (Assurance, &Map<String, Value>)> {
    let assurances = ASSURANCES.into_iter();
    assurances.flat_map(move |assurance| requests.iter().map(move |given| (assurance, given)))
}

/// Every answer of the snapshot is the engine's own, for random policies and random requests.
#[test]
fn i3_the_snapshot_says_what_the_engine_says() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let catalog = Catalog::parse(&Files::shipped()).unwrap();
    let total = std::cell::Cell::new((0, 0));
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(24)
    });
    let requests = prop::collection::vec(arguments(), 3);
    let same = |(policy, requests): (String, Vec<Map<String, Value>>)| {
        let files = Files::shipped().with("policy.csv", accepted(&policy, &catalog));
        let snapshot = runtime
            .block_on(Snapshot::compile(&files, &agents()))
            .unwrap();
        let engines = runtime.block_on(Engines::new(&files, &catalog));
        for (name, kind) in [
            ("support-bot", AgentKind::Llm),
            ("triage-flow", AgentKind::Flow),
        ] {
            let agent = id(name);
            for operation in catalog.operations() {
                let cell = snapshot.cell(&agent, kind, &operation.name).unwrap();
                let (allowed, denied) =
                    engines.agree((&agent, kind), operation, cell, &requests)?;
                total.set((total.get().0 + allowed, total.get().1 + denied));
                engines.agree_on_fields(&agent, operation, cell)?;
            }
        }
        Ok(())
    };
    runner.run(&(policy(), requests), same).unwrap();
    let (allowed, denied) = total.get();
    assert!(allowed > 100 && denied > 100, "{allowed} {denied}");
}
