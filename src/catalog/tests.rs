//! The catalog as a whole: what it refuses, the requests it makes, the schemas it shows.

use super::*;
use crate::policy::{Treatment, Treatments};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A valid operation; tests change one thing at a time. Line 3 is `[[operation]]`.
const BASE: &str = r#"upstream = "core"

[[operation]]
name = "things.status"
title = "A thing"
description = "Shows a thing."
method = "POST"
path = "/things/{thing}"
body = { action = "show" }
subject = { in = "body", as = "uid" }
ownership = { proof = "checked", path = "uid" }
topic = "things"
risk = "account"
effect = "read"
retention = "support"
purposes = ["support.case"]
arguments = [
  { name = "thing", description = "Its id.", shape = "string", required = true, object = true, pattern = "^[A-Z]+$" },
  { name = "limit", description = "How many.", shape = "integer", range = [1, 10] },
]
fields = [
  { path = "uid", class = "account" },
  { path = "parts[].name", class = "account" },
]
"#;

/// A list of the same things.
const LIST: &str = r#"
[[operation]]
name = "things.list"
title = "Things"
description = "Lists things."
method = "GET"
path = "/things"
subject = { in = "query", as = "uid" }
ownership = { proof = "checked", path = "[].uid" }
topic = "things"
risk = "account"
effect = "read"
retention = "support"
purposes = ["support.case"]
fields = [
  { path = "[].uid", class = "account" },
  { path = "[].id", class = "account" },
]
"#;

fn files(text: &str) -> Files {
    let shipped = Files::shipped();
    let kept = shipped.iter().filter(|(n, _)| !n.starts_with("catalog/"));
    Files::new(kept.map(|(n, t)| (n.to_owned(), t.to_owned()))).with("catalog/core.toml", text)
}

fn parse(text: &str) -> Result<Catalog, Faults> {
    Catalog::parse(&files(text))
}

fn shipped() -> Catalog {
    Catalog::parse(&Files::shipped()).unwrap()
}

fn object(value: impl Into<Value>) -> Map<String, Value> {
    value.into().as_object().unwrap().clone()
}

#[test]
fn the_shipped_catalog_is_whole() {
    let catalog = shipped();
    let names: Vec<_> = catalog
        .operations()
        .iter()
        .map(|o| o.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "account.profile",
            "balances.balance",
            "balances.list",
            "deposits.address",
            "deposits.list",
            "deposits.status",
            "fees.tier",
            "fees.withdrawal",
            "knowledge.article",
            "knowledge.search",
            "kyc.profile",
            "kyc.refusal",
            "limits.withdrawal",
            "margin.add",
            "margin.liquidations",
            "margin.position",
            "networks.status",
            "orders.cancel",
            "orders.history",
            "orders.open",
            "orders.trades",
            "p2p.disputes",
            "p2p.open_dispute",
            "p2p.payment",
            "p2p.trades",
            "security.lock",
            "security.logins",
            "security.state",
            "support.cases",
            "support.guest_case",
            "support.open_case",
            "withdrawals.beneficiaries",
            "withdrawals.cancel",
            "withdrawals.list",
            "withdrawals.status",
        ]
    );
    for operation in catalog.operations() {
        assert_eq!(
            catalog.operation(&operation.name).unwrap().tool,
            operation.tool
        );
        assert_eq!(catalog.tool(&operation.tool).unwrap().name, operation.name);
    }
    assert!(catalog.operation("nothing").is_none() && catalog.tool("").is_none());
    assert_eq!(
        catalog.upstreams().into_iter().collect::<Vec<_>>(),
        ["accounts", "core", "desk"]
    );
    assert!(check(&Files::shipped()).is_empty());
}

/// What a model and a reviewer are shown of an operation is true, and whole but for what is staff's.
#[test]
fn every_shipped_operation_has_an_example_that_fits() {
    for operation in shipped().operations() {
        let name = &operation.name;
        let example = operation.example.as_ref().expect(name);
        assert!(operation.description.len() > 40, "{name}");
        let first = operation.arguments.first();
        let schema = operation.input_schema();
        let shown = schema["examples"][0]
            .as_object()
            .is_some_and(|it| *it == example.arguments);
        assert!(shown || example.arguments.is_empty(), "{name}");
        assert!(first.is_some() || example.arguments.is_empty(), "{name}");
        for field in &operation.fields {
            if matches!(field.class, Class::Internal | Class::Security) {
                continue;
            }
            assert!(!field.description.is_empty(), "{name} {}", field.path);
            let pointer = format!("/{}", field.path.replace("[]", "/0").replace('.', "/"));
            let pointer = pointer.replace("//", "/");
            assert!(
                example.answer.pointer(&pointer).is_some(),
                "{name} {pointer}"
            );
        }
    }
}

#[test]
fn the_base_of_these_tests_is_sound() {
    assert_eq!(
        parse(&format!("{BASE}{LIST}")).unwrap().operations().len(),
        2
    );
}

/// What is changed, what it becomes, the line of the fault, and words of its message.
const FAULTS: &[(&str, &str, usize, &str)] = &[
    (
        "upstream = \"core\"",
        "",
        1,
        "`upstream = \"name\"` is missing",
    ),
    (
        "upstream = \"core\"",
        "upstream = \"core\"\nmore = 1",
        2,
        "nothing else",
    ),
    (
        "title = \"A thing\"",
        "title = \"A thing\"\nsurprise = 1",
        6,
        "unknown field `surprise`",
    ),
    ("title = \"A thing\"", "", 3, "missing field `title`"),
    (
        "title = \"A thing\"",
        "title = \" \"",
        4,
        "must say something",
    ),
    (
        "name = \"things.status\"",
        "name = \"Things\"",
        4,
        "joined by dots",
    ),
    (
        "risk = \"account\"",
        "risk = \"some\"",
        13,
        "unknown variant",
    ),
    (
        "topic = \"things\"",
        "topic = \"a b\"",
        12,
        "a topic is one word",
    ),
    (
        "\"support\"",
        "\"forever\"",
        15,
        "`forever` is not in retention.toml",
    ),
    (
        "[\"support.case\"]",
        "[\"fun\"]",
        16,
        "purpose `fun` is not in purposes.toml",
    ),
    ("[\"support.case\"]", "[]", 16, "at least one purpose"),
    (
        "[\"support.case\"]",
        "[\"support.case\", \"support.case\"]",
        16,
        "there twice",
    ),
    ("\"POST\"", "\"TRACE\"", 7, "method is GET"),
    (
        "\"/things/{thing}\"",
        "\"things/{thing}\"",
        8,
        "starts with `/`",
    ),
    (
        "\"/things/{thing}\"",
        "\"/things/{thing}?a=b\"",
        8,
        "without a query",
    ),
    (
        "\"/things/{thing}\"",
        "\"/things/../{thing}\"",
        8,
        "a path is segments",
    ),
    (
        "\"/things/{thing}\"",
        "\"/things//{thing}\"",
        8,
        "a path is segments",
    ),
    (
        "\"/things/{thing}\"",
        "\"/{thing}/{thing}\"",
        8,
        "stands in the path once",
    ),
    (
        "\"/things/{thing}\"",
        "\"/things/{thing}/{part}\"",
        8,
        "`{part}` is filled by no argument",
    ),
    (
        "\"/things/{thing}\"",
        "\"/{user_uid}/{thing}\"",
        8,
        "left unbound",
    ),
    ("required = true, object", "object", 8, "must be required"),
    (
        "ownership = { proof = \"checked\", path = \"uid\" }\n",
        "",
        4,
        "no ownership proof",
    ),
    (
        "path = \"uid\" }\ntopic",
        "path = \"owner\" }\ntopic",
        11,
        "is not one of the fields",
    ),
    (
        "path = \"uid\" }\ntopic",
        "path = \"a..b\" }\ntopic",
        11,
        "is not one of the fields",
    ),
    (
        "{ proof = \"checked\", path = \"uid\" }",
        "{ proof = \"trust\" }",
        11,
        "unknown variant",
    ),
    (
        "{ proof = \"checked\", path = \"uid\" }",
        "{ proof = \"bound\" }",
        11,
        "must be `checked`",
    ),
    (
        "{ proof = \"checked\", path = \"uid\" }",
        "{ proof = \"none\" }",
        11,
        "is not `none`",
    ),
    (
        "name = \"limit\"",
        "name = \"uid\"",
        8,
        "choose the customer",
    ),
    (
        "name = \"limit\"",
        "name = \"limit\", as = \"userId\"",
        8,
        "choose the customer",
    ),
    ("name = \"limit\"", "name = \"thing\"", 19, "is there twice"),
    ("name = \"limit\"", "name = \"Limit\"", 19, "one word"),
    (
        "name = \"limit\"",
        "name = \"action\"",
        8,
        "put into the request twice",
    ),
    (
        "name = \"limit\"",
        "name = \"limit\", in = \"path\"",
        8,
        "the path has no `{limit}`",
    ),
    (
        "name = \"limit\"",
        "name = \"limit\", in = \"header\", as = \"Authorization\"",
        8,
        "not the catalog's",
    ),
    (
        "name = \"limit\"",
        "name = \"limit\", in = \"header\", as = \"Cookie\"",
        8,
        "not the catalog's",
    ),
    (
        "name = \"limit\"",
        "name = \"limit\", in = \"header\", as = \"X-Forwarded-For\"",
        8,
        "not the catalog's",
    ),
    (
        "name = \"limit\"",
        "name = \"limit\", in = \"query\", as = \"uid[]\"",
        8,
        "a name upstream",
    ),
    (", range = [1, 10]", "", 19, "a number needs a range"),
    ("range = [1, 10]", "range = [10, 1]", 19, "range is"),
    (
        "range = [1, 10]",
        "range = [1, 10], length = [1, 2]",
        19,
        "length is",
    ),
    (
        "range = [1, 10]",
        "range = [1, 10], one_of = [\"1\"]",
        19,
        "one_of is",
    ),
    (
        "range = [1, 10]",
        "range = [1, 10], pattern = \"^1$\"",
        19,
        "a pattern is for strings",
    ),
    (
        "\"^[A-Z]+$\"",
        "\"[A-Z]+\"",
        18,
        "starts with ^ and ends with $",
    ),
    ("\"^[A-Z]+$\"", "\"^[A-Z+$\"", 18, "does not compile"),
    (
        "\"^[A-Z]+$\"",
        "\"^(\\\\w{1000}){1000}$\"",
        18,
        "does not compile",
    ),
    (
        "object = true, ",
        "object = true, length = [1, 9999], ",
        18,
        "length is",
    ),
    (
        "description = \"How many.\"",
        "description = \"\"",
        19,
        "must say something",
    ),
    (
        "action = \"show\"",
        "action = [1]",
        9,
        "not a plain name with",
    ),
    (
        "action = \"show\"",
        "member_id = 7",
        9,
        "would choose the customer",
    ),
    ("\"parts[].name\"", "\"uid\"", 23, "is there twice"),
    (
        "\"parts[].name\"",
        "\"uid.name\"",
        23,
        "contradicts another",
    ),
    ("\"parts[].name\"", "\"[].name\"", 23, "contradicts another"),
    ("\"parts[].name\"", "\"parts[0]\"", 23, "separated by `.`"),
    (
        "class = \"account\" },\n]",
        "class = \"secret\" },\n]",
        23,
        "unknown variant",
    ),
    (
        "\"parts[].name\", class",
        "\"n\", shape = \"integer\", text = true, class",
        23,
        "free text",
    ),
    (
        "topic =",
        "only = { path = \"parts\", one_of = [\"a\"] }\ntopic =",
        12,
        "not a declared string field",
    ),
    (
        "topic =",
        "only = { path = \"parts[].other\", one_of = [\"a\"] }\ntopic =",
        12,
        "not a declared string field",
    ),
    (
        "topic =",
        "only = { path = \"parts[].name\", one_of = [] }\ntopic =",
        12,
        "at least one value",
    ),
    (
        "\"POST\"",
        "\"GET\"",
        8,
        "goes into a body, which this method has not",
    ),
    (
        "effect = \"read\"",
        "effect = \"write\"",
        11,
        "cannot be `checked` in its answer",
    ),
    (
        "effect = \"read\"",
        "effect = \"write\"",
        18,
        "must be `listed` with this argument",
    ),
    ("effect = \"read\"", "effect = \"write", 14, ""),
    (
        "topic =",
        "example = { arguments = { limit = 11 }, answer = {} }\ntopic =",
        12,
        "the example's arguments: `thing` is required",
    ),
    (
        "topic =",
        "example = { arguments = { thing = \"ABCD\" }, answer = { uid = 1 } }\ntopic =",
        12,
        "`uid` of the example is no string",
    ),
    (
        "topic =",
        "example = { arguments = { thing = \"ABCD\" }, answer = { parts = [{ more = true }] } }\ntopic =",
        12,
        "`parts[].more` of the example is not one of the fields",
    ),
    (
        "body = {",
        "encoding = \"xml\"\nbody = {",
        9,
        "expected `json` or `form`",
    ),
];

#[test]
fn a_form_holds_what_it_is_given_and_no_more_fields() {
    let text = BASE
        .replace("body = {", "encoding = \"form\"\nbody = {")
        .replace("\"^[A-Z]+$\"", "\"^.+$\"")
        .replace("/things/{thing}", "/things")
        .replace("object = true,", "object = true, in = \"body\",");
    let catalog = parse(&text).unwrap();
    let operation = catalog.operation("things.status").unwrap();
    let make = |thing: &str| {
        let given = operation.check(&object(json!({"thing": thing, "limit": 3})));
        operation.request(&given.unwrap(), Some("ID1")).unwrap()
    };
    for thing in [
        "a",
        "a&uid=ID2",
        "a=b;c",
        "%26uid%3DID2",
        "a b+c",
        "ü\u{1F600}",
        "\"'<",
    ] {
        let request = make(thing);
        let kind = &request.headers["content-type"];
        assert_eq!(kind, "application/x-www-form-urlencoded");
        let body = request.body.unwrap();
        assert!(body.is_ascii());
        let mut fields: Vec<_> = url::form_urlencoded::parse(&body).into_owned().collect();
        fields.sort();
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            own("action", "show"),
            own("limit", "3"),
            own("thing", thing),
            own("uid", "ID1"),
        ];
        assert_eq!(fields, expected, "{thing}");
    }
    let bodiless = LIST.replace("fields =", "encoding = \"form\"\nfields =");
    let faults = parse(&format!("{BASE}{bodiless}")).unwrap_err();
    assert!(faults.to_string().contains("which this method has not"));
}

#[test]
fn everything_wrong_is_found_at_its_line() {
    for (from, to, line, words) in FAULTS {
        assert!(BASE.contains(from), "{from}");
        let faults = parse(&BASE.replacen(from, to, 1)).expect_err(to);
        let found = faults
            .iter()
            .any(|f| f.line == *line && f.message.contains(words) && f.file == "catalog/core.toml");
        assert!(found, "{to}\n{faults}");
    }
}

#[test]
fn all_faults_of_all_files_come_together() {
    let text = BASE
        .replace("[\"support.case\"]", "[\"fun\"]")
        .replace("topic = \"things\"", "topic = \"A\"");
    let second = LIST.replace("title = \"Things\"", "titel = \"Things\"");
    let files = files(&format!("{text}{second}"))
        .with("catalog/other.toml", "upstream = 3\n")
        .with("retention.toml", "class = 1\n");
    let faults = Catalog::parse(&files).unwrap_err().to_string();
    let mut lines: Vec<&str> = faults.lines().collect();
    assert_eq!(lines.len(), 6, "{faults}");
    assert!(
        lines.remove(0).starts_with("retention.toml:1: "),
        "{faults}"
    );
    assert!(
        lines[0].starts_with("catalog/core.toml:12: a topic"),
        "{faults}"
    );
    assert!(
        lines[1].starts_with("catalog/core.toml:16: purpose `fun`"),
        "{faults}"
    );
    assert!(
        lines[2].starts_with("catalog/core.toml:28: unknown field `titel`"),
        "{faults}"
    );
    assert!(lines[3].starts_with("catalog/other.toml:1: "), "{faults}");
}

#[test]
fn names_and_tools_are_unique() {
    let again = BASE.split_once("\n\n").unwrap().1;
    let faults = parse(&format!("{BASE}\n{again}")).unwrap_err().to_string();
    assert!(
        faults.contains("operation `things.status` is there twice"),
        "{faults}"
    );
    let one = again.replace("things.status", "a.b_c");
    let other = again.replace("things.status", "a_b.c");
    let faults = parse(&format!("{BASE}\n{one}\n{other}"))
        .unwrap_err()
        .to_string();
    assert!(
        faults.contains("`a_b.c` and `a.b_c` are both the tool `a_b_c`"),
        "{faults}"
    );
}

#[test]
fn a_change_is_proven_by_a_list_that_can_be_asked() {
    let listed = |list: &str, path: &str| {
        let proof = format!(
            "{{ proof = \"listed\", operation = \"{list}\", path = \"{path}\", argument = \"thing\" }}"
        );
        BASE.replace("effect = \"read\"", "effect = \"write\"")
            .replace("{ proof = \"checked\", path = \"uid\" }", &proof)
    };
    let good = listed("things.list", "[].id");
    assert!(parse(&format!("{good}{LIST}")).is_ok());
    let wrong = |text: &str, words: &str| {
        let faults = parse(text).unwrap_err();
        let found = faults
            .iter()
            .any(|f| f.line == 11 && f.message.contains(words));
        assert!(found, "{words}\n{faults}");
    };
    wrong(&good, "there is no operation `things.list`");
    wrong(
        &format!("{}{LIST}", listed("things.list", "[].nothing")),
        "is not a field",
    );
    wrong(
        &format!("{}{LIST}", listed("things.status", "[].id")),
        "does not list for a bound",
    );
    let unbound = LIST.replace("subject = { in = \"query\", as = \"uid\" }\n", "");
    wrong(
        &format!("{good}{unbound}"),
        "does not list for a bound subject",
    );
    let asking = LIST.replace(
        "fields = [",
        "arguments = [{ name = \"q\", description = \"Q.\", shape = \"string\", required = true }]\nfields = [",
    );
    wrong(&format!("{good}{asking}"), "it requires `q`");
    let number = LIST.replace("\"[].id\", class", "\"[].id\", shape = \"integer\", class");
    wrong(
        &format!("{good}{number}"),
        "is string, but `[].id` of `things.list` is integer",
    );
    let unflagged = good.replace("object = true", "object = false");
    wrong(&format!("{unflagged}{LIST}"), "say `object = true`");
    let unsaid = good
        .replace("argument = \"thing\"", "argument = \"other\"")
        .replace("object = true, ", "");
    wrong(&format!("{unsaid}{LIST}"), "there is no argument `other`");
    let optional = good
        .replace("/{thing}", "")
        .replace("required = true, ", "")
        .replace("subject = { in = \"body\", as = \"uid\" }\n", "");
    let faults = parse(&format!("{optional}{LIST}")).unwrap_err().to_string();
    assert!(
        faults.contains("without `thing` nothing proves ownership"),
        "{faults}"
    );
    let tid = good.replace("\"limit\"", "\"order_id\"");
    let faults = parse(&format!("{tid}{LIST}")).unwrap_err().to_string();
    assert!(faults.contains("looks like an object's id"), "{faults}");
}

#[test]
fn i3_arguments_are_held_against_their_declaration() {
    let catalog = shipped();
    let list = catalog.operation("withdrawals.list").unwrap();
    let refused = |given: Value| list.check(&object(given)).unwrap_err();
    let named = |name: &str, reason| ArgumentError {
        argument: Some(name.to_owned()),
        reason,
    };
    assert_eq!(list.check(&Map::new()).unwrap(), Map::new());
    let given = object(json!({"currency": "btc", "limit": 5, "state": "succeed"}));
    assert_eq!(list.check(&given).unwrap(), given);
    let unknown = refused(json!({"4111111111111111": 1}));
    assert_eq!(
        (unknown.argument.as_ref(), unknown.reason),
        (None, Reason::Unknown)
    );
    assert!(!unknown.to_string().contains("4111"));
    for (given, name, reason) in [
        (json!({"limit": "5"}), "limit", Reason::Type),
        (json!({"limit": 5.0}), "limit", Reason::Type),
        (json!({"limit": null}), "limit", Reason::Type),
        (json!({"limit": 0}), "limit", Reason::Range),
        (json!({"limit": 101}), "limit", Reason::Range),
        (
            json!({"limit": 18_446_744_073_709_551_615_u64}),
            "limit",
            Reason::Range,
        ),
        (json!({"currency": ["btc"]}), "currency", Reason::Type),
        (json!({"currency": "b"}), "currency", Reason::Length),
        (
            json!({"currency": "b".repeat(10_000)}),
            "currency",
            Reason::Length,
        ),
        (json!({"currency": "BTC"}), "currency", Reason::Form),
        (json!({"currency": "btc\n"}), "currency", Reason::Form),
        (json!({"state": "lost"}), "state", Reason::NotListed),
    ] {
        let error = refused(given.clone());
        assert_eq!(error, named(name, reason), "{given}");
    }
    let status = catalog.operation("withdrawals.status").unwrap();
    assert_eq!(
        status.check(&Map::new()),
        Err(named("tid", Reason::Missing))
    );
    let case = catalog.operation("support.open_case").unwrap();
    let with = |summary: &str| case.check(&object(json!({"topic": "other", "summary": summary})));
    assert!(with("two\nlines").is_ok());
    assert_eq!(with("a\u{0}b"), Err(named("summary", Reason::Form)));
    assert_eq!(with(""), Err(named("summary", Reason::Length)));
    assert_eq!(
        with(&"я".repeat(1001)),
        Err(named("summary", Reason::Length))
    );
    assert!(with(&"я".repeat(1000)).is_ok());
}

#[test]
fn requests_are_made_of_template_arguments_and_subject() {
    let catalog = shipped();
    let make = |name: &str, given: Value| {
        let operation = catalog.operation(name).unwrap();
        let given = operation.check(&object(given)).unwrap();
        operation.request(&given, Some("ID1000000001")).unwrap()
    };
    let body = |request: &UpstreamRequest| -> Value {
        serde_json::from_slice(request.body.as_ref().unwrap()).unwrap()
    };
    let balance = make("balances.balance", json!({"currency": "btc"}));
    assert_eq!(
        (balance.method.as_str(), balance.path_and_query.as_str()),
        ("POST", "/accounts/balance")
    );
    assert_eq!(
        body(&balance),
        json!({"uid": "ID1000000001", "currency": "btc"})
    );
    assert_eq!(balance.headers["content-type"], "application/json");
    let cancel = make("withdrawals.cancel", json!({"tid": "TID1"}));
    assert_eq!(
        (cancel.method.as_str(), body(&cancel)),
        ("PUT", json!({"tid": "TID1", "action": "cancel"}))
    );
    let margin = make("margin.position", json!({}));
    assert_eq!(margin.path_and_query, "/margin/positions/ID1000000001");
    assert!(margin.body.is_none() && margin.headers.is_empty());
    assert_eq!(
        make("limits.withdrawal", json!({})).headers["x-member-uid"],
        "ID1000000001"
    );
    assert_eq!(
        make("fees.tier", json!({})).path_and_query,
        "/fees?uid=ID1000000001"
    );
    assert_eq!(
        make("networks.status", json!({"currency": "btc"})).path_and_query,
        "/networks/btc"
    );
    assert_eq!(
        body(&make("orders.open", json!({}))),
        json!({"uid": "ID1000000001", "state": "wait"})
    );
    assert!(!format!("{balance:?}").contains("ID1000000001"));
}

#[test]
fn i4_without_a_subject_there_is_no_request() {
    let catalog = shipped();
    for operation in catalog.operations().iter().filter(|o| o.needs_subject()) {
        for uid in [None, Some("")] {
            let refused = operation.request(&Map::new(), uid);
            assert_eq!(
                refused.unwrap_err(),
                RequestError::NoSubject,
                "{}",
                operation.name
            );
        }
    }
    let position = catalog.operation("margin.position").unwrap();
    for uid in [
        "..", ".", "a/b", "a%2fb", "a?b", "a b", "é", "a\\b", "a;b", "a#b", "a\n",
    ] {
        let refused = position.request(&Map::new(), Some(uid)).unwrap_err();
        assert_eq!(refused, RequestError::Subject, "{uid}");
    }
    let unchecked = object(json!({"uid": "ID2"}));
    let refused = position.request(&unchecked, Some("ID1")).unwrap_err();
    assert_eq!(refused, RequestError::Argument);
}

/// One operation with a value everywhere, and the subject in each place in turn.
fn everywhere(subject: &str) -> Catalog {
    let text = format!(
        r#"upstream = "core"
[[operation]]
name = "every.place"
title = "T"
description = "D"
method = "POST"
path = "/a/{{one}}/b/{}"
subject = {subject}
ownership = {{ proof = "checked", path = "uid" }}
topic = "t"
risk = "account"
effect = "read"
retention = "support"
purposes = ["support.case"]
arguments = [
  {{ name = "one", description = "D", shape = "string", required = true }},
  {{ name = "two", description = "D", shape = "string", in = "query" }},
  {{ name = "three", description = "D", shape = "string", in = "header", as = "X-Three" }},
  {{ name = "four", description = "D", shape = "string" }},
]
fields = [{{ path = "uid", class = "account" }}]
"#,
        if subject.contains("path") {
            "{uid}"
        } else {
            "end"
        }
    );
    parse(&text).unwrap()
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "/",
        "\\",
        "..",
        ".",
        "%2f",
        "%2e",
        "?uid=ID2",
        "&uid=ID2",
        "#",
        ";",
        "\r\n",
        "X-Uid: ID2",
        "\"",
        "\",\"uid\":\"ID2",
        "{uid}",
        "\u{0}",
        "\u{2215}",
        "é",
        " ",
        "a",
        "%",
        "=",
        "[]",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 1..6).prop_map(|p| p.concat()),
        ".{1,40}",
        "[a-z]{1,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever an agent sends, the request keeps its segments, its parameters and its subject.
    #[test]
    fn i4_hostile_values_change_neither_structure_nor_subject(
        values in prop::collection::vec(prop::option::of(hostile()), 4),
        place in prop::sample::select(vec!["path", "query", "header", "body"]),
        skip_check: bool,
    ) {
        let name = if place == "header" { "X-Uid" } else { "uid" };
        let catalog = everywhere(&format!("{{ in = \"{place}\", as = \"{name}\" }}"));
        let operation = catalog.operation("every.place").unwrap();
        let mut given = Map::new();
        for (argument, value) in ["one", "two", "three", "four"].iter().zip(&values) {
            if let Some(value) = value {
                given.insert((*argument).to_owned(), json!(value));
            }
        }
        let Some(arguments) = (if skip_check { Some(given) } else { operation.check(&given).ok() }) else {
            return Ok(());
        };
        let Ok(request) = operation.request(&arguments, Some("ID1")) else {
            prop_assert!(skip_check, "what was checked makes a request");
            return Ok(());
        };
        let address = url::Url::parse(&format!("http://upstream{}", request.path_and_query)).unwrap();
        let segments: Vec<&str> = address.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4);
        prop_assert_eq!((segments[0], segments[2]), ("a", "b"));
        prop_assert_eq!(segments[3], if place == "path" { "ID1" } else { "end" });
        prop_assert!(address.fragment().is_none());
        let pairs: Vec<(String, String)> = address.query_pairs().into_owned().collect();
        let expected = usize::from(arguments.contains_key("two")) + usize::from(place == "query");
        prop_assert_eq!(pairs.len(), expected);
        let two = pairs.iter().find(|(n, _)| n == "two").map(|(_, v)| json!(v));
        prop_assert_eq!(two.as_ref(), arguments.get("two"));
        if place == "query" {
            prop_assert!(pairs.contains(&("uid".to_owned(), "ID1".to_owned())));
        }
        if place == "header" {
            prop_assert_eq!(request.headers.get("x-uid").unwrap(), "ID1");
        }
        prop_assert!(request.headers.len() <= 3);
        let body: Value = request.body.as_ref().map_or(json!({}), |b| serde_json::from_slice(b).unwrap());
        prop_assert_eq!(body.get("four"), arguments.get("four"));
        let uid = (place == "body").then(|| json!("ID1"));
        prop_assert_eq!(body.get("uid"), uid.as_ref());
    }

    /// What passes the check stays within the declaration; nothing panics.
    #[test]
    fn i3_what_is_checked_is_declared(name in "[a-z]{1,8}|tid|limit|currency|state", value in any_json()) {
        let catalog = shipped();
        for operation in catalog.operations() {
            let given = object(json!({ name.clone(): value.clone() }));
            if let Ok(checked) = operation.check(&given) {
                prop_assert!(operation.argument(&name).is_some());
                prop_assert_eq!(&checked, &given);
            }
        }
    }

    /// A broken file costs faults, never a panic.
    #[test]
    fn any_catalog_is_read_or_refused(at in 0..BASE.len(), junk in "[\\[\\]{}\"=,.\\n0-9a-z\u{e9}]{0,6}", cut in 0usize..30) {
        let end = (at + cut).min(BASE.len());
        let text = format!("{}{junk}{}", BASE.get(..at).unwrap(), BASE.get(end..).unwrap());
        if let Err(faults) = parse(&text) {
            prop_assert!(!faults.is_empty());
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        hostile().prop_map(|s| json!(s)),
        Just(json!([])),
        Just(json!({"uid": "ID2"})),
    ]
}

fn support() -> Treatments {
    Treatments::default()
        .with(Class::Account, Treatment::Reveal)
        .with(Class::Financial, Treatment::Reveal)
        .with(Class::Wallet, Treatment::Mask)
        .with(Class::Identity, Treatment::Compare)
}

#[test]
fn an_input_schema_declares_every_bound() {
    let catalog = shipped();
    let schema = catalog
        .operation("withdrawals.list")
        .unwrap()
        .input_schema();
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["required"], json!([]));
    assert_eq!(schema["properties"]["limit"]["maximum"], json!(100));
    let currency = &schema["properties"]["currency"];
    assert_eq!(currency["pattern"], json!("^[a-z0-9]+$"));
    assert_eq!(
        (&currency["minLength"], &currency["maxLength"]),
        (&json!(2), &json!(16))
    );
    assert_eq!(
        schema["properties"]["state"]["enum"]
            .as_array()
            .unwrap()
            .len(),
        11
    );
    let status = catalog
        .operation("withdrawals.status")
        .unwrap()
        .input_schema();
    assert_eq!(status["required"], json!(["tid"]));
}

#[test]
fn i2_an_output_schema_has_only_what_may_leave() {
    let catalog = shipped();
    let profile = catalog
        .operation("kyc.profile")
        .unwrap()
        .output_schema(support());
    assert_eq!(profile["additionalProperties"], json!(false));
    let members: Vec<_> = profile["properties"].as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["documents", "level", "phones", "profiles", "state", "uid"]
    );
    let person = &profile["properties"]["profiles"]["items"];
    let members: Vec<_> = person["properties"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["country", "state"]);
    assert_eq!(
        profile["properties"]["level"]["type"],
        json!(["integer", "null"])
    );

    let list = catalog
        .operation("withdrawals.list")
        .unwrap()
        .output_schema(support());
    assert_eq!(list["type"], json!(["array", "null"]));
    assert_eq!(
        list["items"]["properties"]["rid"]["type"],
        json!(["string", "null"])
    );
    let nothing = catalog
        .operation("withdrawals.list")
        .unwrap()
        .output_schema(Treatments::default());
    assert_eq!(nothing["items"]["properties"], json!({}));

    let tool = catalog
        .operation("fees.tier")
        .unwrap()
        .tool_output_schema(support());
    assert_eq!(
        tool["properties"]["result"]["type"],
        json!(["object", "null"])
    );
    assert_eq!(tool["required"], json!(["result", "record"]));
    let masked = support().with(Class::Account, Treatment::Mask);
    let masked = catalog
        .operation("kyc.profile")
        .unwrap()
        .output_schema(masked);
    assert_eq!(
        masked["properties"]["level"]["type"],
        json!(["string", "null"])
    );
}

#[test]
fn what_may_be_expected_is_what_may_be_compared_and_is_not_shown() {
    let catalog = shipped();
    let masked = support().with(Class::Contact, Treatment::Mask);
    let profile = catalog.operation("kyc.profile").unwrap();
    let schema = profile.expect_schema(masked).unwrap();
    let members: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "documents[].doc_number",
            "email",
            "phones[].number",
            "profiles[].address",
            "profiles[].city",
            "profiles[].dob",
            "profiles[].first_name",
            "profiles[].last_name",
            "profiles[].postcode",
        ]
    );
    assert_eq!(schema["additionalProperties"], json!(false));
    let tool = profile.tool_output_schema(masked);
    assert_eq!(tool["properties"]["compared"]["type"], json!("array"));
    // Nothing hidden, nothing to expect; nor of a change, nor of what is nobody's.
    let shown = Class::ALL
        .into_iter()
        .fold(support(), |all, class| all.with(class, Treatment::Reveal));
    for (name, treatments) in [
        ("fees.tier", support()),
        ("fees.tier", Treatments::default()),
        ("fees.tier", shown),
        (
            "withdrawals.cancel",
            masked.with(Class::Financial, Treatment::Mask),
        ),
        (
            "networks.status",
            masked.with(Class::Public, Treatment::Compare),
        ),
    ] {
        let operation = catalog.operation(name).unwrap();
        assert_eq!(operation.expect_schema(treatments), None, "{name}");
        let tool = operation.tool_output_schema(treatments);
        assert_eq!(tool["properties"].get("compared"), None);
    }
    let facts = |path| profile.field(path).unwrap().fact.as_str();
    assert_eq!(
        (facts("email"), facts("phones[].number")),
        ("email", "phone")
    );
    assert_eq!(facts("profiles[].dob"), "dob");
}

/// The base with these fields in place of its own.
fn with_fields(fields: &str) -> String {
    let (before, _own) = BASE.split_once("fields = [").unwrap();
    format!("{before}fields = [\n  {{ path = \"uid\", class = \"account\" }},\n{fields}\n]\n")
}

#[test]
fn a_string_may_hold_json_with_fields_of_its_own() {
    let catalog = parse(&with_fields(
        r#"  { path = "parts[].extra", shape = "json", fields = [
    { path = "price", class = "financial", shape = "number", mask = "rounded" },
    { path = "[].mail", class = "contact", mask = "domain" },
  ] },
  { path = "parts[].name", class = "account" },"#,
    ));
    // An object and an array in one string are one too many.
    assert!(catalog.unwrap_err().to_string().contains("contradicts"));
    let catalog = parse(&with_fields(
        r#"  { path = "parts[].extra", shape = "json", fields = [
    { path = "price", class = "financial", shape = "number", mask = "rounded" },
    { path = "mails[]", class = "contact", mask = "domain", fact = "email" },
  ] },
  { path = "list", shape = "json", fields = [{ path = "[].id", class = "account" }] },"#,
    ))
    .unwrap();
    let operation = catalog.operation("things.status").unwrap();
    assert_eq!(operation.json, ["parts[].extra", "list"]);
    let paths: Vec<_> = operation
        .fields
        .iter()
        .map(|f| (&*f.path, &*f.fact))
        .collect();
    assert_eq!(
        paths,
        [
            ("uid", "uid"),
            ("parts[].extra.price", "price"),
            ("parts[].extra.mails[]", "email"),
            ("list[].id", "id"),
        ]
    );
    // What leaves is what the string holds.
    let schema = operation.output_schema(support());
    assert_eq!(schema["properties"]["list"]["type"], json!("array"));
    assert_eq!(
        schema["properties"]["parts"]["items"]["properties"]["extra"]["type"],
        json!("object")
    );
}

/// Fields that could be read in two ways, and words of the fault; `INNER` is one field.
const TWOFOLD: &[(&str, &str)] = &[
    (r#"{ path = "x" }"#, "has no class"),
    (r#"{ path = "x", shape = "json" }"#, "needs its `fields`"),
    (
        r#"{ path = "x", class = "account", INNER }"#,
        "only a string that holds JSON",
    ),
    (
        r#"{ path = "x", class = "account", shape = "json", INNER }"#,
        "and nothing else",
    ),
    (
        r#"{ path = "x", text = true, shape = "json", INNER }"#,
        "and nothing else",
    ),
    (
        r#"{ path = "x", shape = "json", fields = [{ path = "y", shape = "json", INNER }] }"#,
        "does not hold another one",
    ),
    (
        r#"{ path = "x.b", class = "account" }, { path = "x", shape = "json", INNER }"#,
        "all that is below stands in its `fields`",
    ),
    (
        r#"{ path = "x", shape = "json", INNER }, { path = "x.b", class = "account" }"#,
        "put it into its `fields`",
    ),
    (
        r#"{ path = "x", shape = "json", INNER }, { path = "x", shape = "json", INNER }"#,
        "put it into its `fields`",
    ),
    (
        r#"{ path = "x", class = "account", shape = "integer", mask = "last4" }"#,
        "no such mask",
    ),
    (
        r#"{ path = "x", class = "account", shape = "boolean", mask = "rounded" }"#,
        "no such mask",
    ),
    (
        r#"{ path = "x", class = "account", mask = "all" }"#,
        "unknown variant",
    ),
    (
        r#"{ path = "x", class = "account", fact = "E mail" }"#,
        "a fact is one word",
    ),
];

#[test]
fn i3_fields_that_could_be_read_in_two_ways_are_refused() {
    let inner = r#"fields = [{ path = "a", class = "account" }]"#;
    for (fields, why) in TWOFOLD {
        let fields = fields.replace("INNER", inner);
        let faults = parse(&with_fields(&fields)).unwrap_err().to_string();
        assert!(faults.contains(why), "{fields}: {faults}");
    }
}

#[test]
fn no_argument_is_called_expect() {
    let text = BASE.replace("name = \"limit\"", "name = \"expect\"");
    let faults = parse(&text).unwrap_err().to_string();
    assert!(faults.contains("what a caller expects"), "{faults}");
}
