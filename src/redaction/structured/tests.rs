use super::reference::Reference;
use super::{Plan, Projected, Withheld};
use crate::catalog::{Class, Field, Ownership, Shape};
use crate::policy::{Treatment, Treatments};
use crate::redaction::{Expected, Filter, Kind};
use proptest::prelude::*;
use serde_json::Value;

fn field(path: &str, class: Class, shape: Shape) -> Field {
    Field {
        path: path.to_owned(),
        class,
        shape,
        text: path.ends_with("note"),
        mask: None,
        fact: path.to_owned(),
        description: String::new(),
    }
}

fn treatments() -> Treatments {
    Treatments::default()
        .with(Class::Public, Treatment::Reveal)
        .with(Class::Account, Treatment::Reveal)
        .with(Class::Wallet, Treatment::Mask)
        .with(Class::Contact, Treatment::Mask)
        .with(Class::Identity, Treatment::Compare)
}

fn fields() -> Vec<Field> {
    vec![
        field("[].tid", Class::Account, Shape::String),
        field("[].state", Class::Account, Shape::String),
        field("[].amount", Class::Account, Shape::Number),
        field("[].confirmations", Class::Account, Shape::Integer),
        field("[].done", Class::Account, Shape::Boolean),
        field("[].rid", Class::Wallet, Shape::String),
        field("[].user.email", Class::Contact, Shape::String),
        field("[].user.name", Class::Identity, Shape::String),
        field("[].secret", Class::Security, Shape::String),
        field("[].note", Class::Account, Shape::String),
    ]
}

fn plan(ownership: &Ownership, filter: Option<Filter>) -> Plan {
    Plan::compile(&fields(), treatments(), ownership, filter)
}

fn apply(plan: &Plan, input: &str, uid: Option<&str>) -> Result<Projected, Withheld> {
    plan.apply(input.as_bytes(), uid, &mut |s| {
        s.replace("Anna", "[NAME_1]")
    })
}

fn shown(input: &str) -> String {
    let projected = apply(&plan(&Ownership::Bound, None), input, None).unwrap();
    String::from_utf8(projected.json).unwrap()
}

#[test]
fn what_was_declared_leaves_as_treated() {
    let input = r#"[ {"tid":"T1", "amount": 0.400000000000000000001, "confirmations": 99999999999999999999,
        "done":true, "rid":"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "user":{"email":"ivan@mail.example","name":"Ivan"},
        "secret":"s", "note":"for Anna \"x\"\n", "state":null} ]"#;
    let projected = apply(&plan(&Ownership::Bound, None), input, None).unwrap();
    assert_eq!(
        String::from_utf8(projected.json).unwrap(),
        r#"[{"tid":"T1","amount":0.400000000000000000001,"confirmations":99999999999999999999,"done":true,"rid":"1BvB…NVN2","user":{"email":"i***@mail.example"},"note":"for [NAME_1] \"x\"\n","state":null}]"#
    );
    assert_eq!(projected.dropped, 0);
    let treated: Vec<_> = projected
        .treated
        .iter()
        .map(|t| (&*t.path, t.treatment, t.count))
        .collect();
    assert!(treated.contains(&("[].user.name", Treatment::Compare, 1)));
    assert!(treated.contains(&("[].secret", Treatment::Drop, 1)));
    assert_eq!(treated.len(), 10);
}

#[test]
fn i2_an_added_member_leaks_nothing() {
    assert_eq!(
        shown(r#"[{"tid":"T1","pwned":"SECRET","user":{"email":null,"ssn":"SECRET"}}]"#),
        r#"[{"tid":"T1","user":{"email":null}}]"#
    );
    assert_eq!(
        shown(r#"[{"TID":"SECRET","tid ":"SECRET","t\u0069d":"T1"}]"#),
        r#"[{"tid":"T1"}]"#
    );
}

#[test]
fn i2_a_value_nested_one_deeper_leaks_nothing() {
    for input in [
        r#"{"data":[{"tid":"SECRET"}]}"#,
        r#"[[{"tid":"SECRET"}]]"#,
        r#"{"tid":"SECRET"}"#,
        r#""SECRET""#,
    ] {
        assert!(!shown(input).contains("SECRET"), "{input}");
    }
    assert_eq!(
        shown(
            r#"[{"tid":{"tid":"SECRET"}},{"tid":["SECRET"]},{"user":"SECRET"},{"user":["SECRET"]}]"#
        ),
        "[{},{},{},{}]"
    );
}

#[test]
fn i2_a_changed_type_leaks_nothing() {
    assert_eq!(
        shown(
            r#"[{"tid":7,"amount":"1","confirmations":1.5,"done":"yes","state":true,"rid":1},1,"x",true,null]"#
        ),
        "[{},null]"
    );
    let projected = apply(
        &plan(&Ownership::Bound, None),
        r#"[{"tid":7,"x":{"y":1}}]"#,
        None,
    )
    .unwrap();
    assert_eq!(projected.dropped, 2);
    // JSON inside a string stays a string.
    assert_eq!(
        shown(r#"[{"tid":"{\"tid\":1}"}]"#),
        r#"[{"tid":"{\"tid\":1}"}]"#
    );
}

#[test]
fn i2_nothing_declared_nothing_leaves() {
    let none = Plan::compile(&[], treatments(), &Ownership::None, None);
    assert_eq!(apply(&none, r#"[{"a":1}]"#, None).unwrap().json, b"null");
    let denied = Plan::compile(&fields(), Treatments::default(), &Ownership::None, None);
    assert_eq!(
        apply(&denied, r#"[{"tid":"x"}]"#, None).unwrap().json,
        b"null"
    );
    let twice = [
        field("a", Class::Account, Shape::String),
        field("a", Class::Security, Shape::String),
    ];
    let twice = Plan::compile(&twice, treatments(), &Ownership::None, None);
    assert_eq!(apply(&twice, r#"{"a":"x"}"#, None).unwrap().json, b"null");
}

#[test]
fn i2_what_is_not_strict_json_is_withheld() {
    let plan = plan(&Ownership::Bound, None);
    for (input, why) in [
        (r#"[{"tid":"a","tid":"b"}]"#, Withheld::DuplicateKey),
        (r#"[{"x":{"a":1,"\u0061":2}}]"#, Withheld::DuplicateKey),
        ("[] []", Withheld::TrailingBytes),
        ("[]x", Withheld::TrailingBytes),
        ("", Withheld::NotJson),
        ("<html>", Withheld::NotJson),
        ("\u{feff}[]", Withheld::NotJson),
        ("[1,]", Withheld::NotJson),
        (r#"[{"a":1,}]"#, Withheld::NotJson),
        ("[01]", Withheld::NotJson),
        ("[1.]", Withheld::NotJson),
        ("[+1]", Withheld::NotJson),
        ("[NaN]", Withheld::NotJson),
        ("[\"\u{1}\"]", Withheld::NotJson),
        (r#"["\ud800"]"#, Withheld::NotJson),
        (r#"["\x"]"#, Withheld::NotJson),
        (r#"["a"#, Withheld::NotJson),
        (r#"["a\"#, Withheld::NotJson),
        ("[nul]", Withheld::NotJson),
        (r#"{"a" 1}"#, Withheld::NotJson),
        ("[1 2]", Withheld::NotJson),
        ("{1:2}", Withheld::NotJson),
        ("[", Withheld::NotJson),
    ] {
        assert_eq!(apply(&plan, input, None), Err(why), "{input}");
    }
    assert_eq!(
        plan.apply(b"[\"\xff\"]", None, &mut str::to_owned),
        Err(Withheld::NotUtf8)
    );
    let deep = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(apply(&plan, &deep(32), None).is_ok());
    assert_eq!(apply(&plan, &deep(33), None), Err(Withheld::TooDeep));
    assert_eq!(
        apply(&plan, &"[".repeat(1 << 20), None),
        Err(Withheld::TooDeep)
    );
}

#[test]
fn i4_every_element_must_be_the_subjects() {
    let checked = plan(
        &Ownership::Checked {
            path: "[].uid".to_owned(),
        },
        None,
    );
    let mine = r#"[{"tid":"a","uid":"U1"},{"tid":"b","uid":"U1"}]"#;
    assert_eq!(
        apply(&checked, mine, Some("U1")).unwrap().json,
        br#"[{"tid":"a"},{"tid":"b"}]"#
    );
    assert_eq!(apply(&checked, "[]", Some("U1")).unwrap().json, b"[]");
    assert!(apply(&checked, r#"[{"uid":7}]"#, Some("7")).is_ok());
    for (input, uid) in [
        (mine, Some("U2")),
        (mine, None),
        ("[]", None),
        (
            r#"[{"tid":"a","uid":"U1"},{"tid":"b","uid":"U2"}]"#,
            Some("U1"),
        ),
        (r#"[{"tid":"a","uid":"U1"},{"tid":"b"}]"#, Some("U1")),
        (r#"[{"uid":"U1"},null]"#, Some("U1")),
        (r#"[{"uid":"U1"},[]]"#, Some("U1")),
        (r#"[{"uid":null}]"#, Some("U1")),
        (r#"[{"uid":{"uid":"U1"}}]"#, Some("U1")),
        (r#"[{"uid":["U1"]}]"#, Some("U1")),
        (r#"[{"uid":1.0}]"#, Some("1.0")),
        (r#"{"uid":"U1"}"#, Some("U1")),
        ("null", Some("U1")),
        ("\"U1\"", Some("U1")),
    ] {
        assert_eq!(
            apply(&checked, input, uid),
            Err(Withheld::NotOwned),
            "{input}"
        );
    }
}

#[test]
fn i4_ownership_paths_of_other_shapes() {
    let check = |path: &str, input: &str| {
        let ownership = Ownership::Checked {
            path: path.to_owned(),
        };
        apply(&plan(&ownership, None), input, Some("U1")).is_ok()
    };
    assert!(check("owner.uid", r#"{"owner":{"uid":"U1"}}"#));
    assert!(!check("owner.uid", r#"{"owner":null}"#));
    assert!(!check("owner.uid", r#"{"owner":[{"uid":"U1"}]}"#));
    assert!(check(
        "data.rows[].uid",
        r#"{"data":{"rows":[{"uid":"U1"}]}}"#
    ));
    assert!(!check(
        "data.rows[].uid",
        r#"{"data":{"rows":[]},"total":9}"#
    ));
    assert!(!check("data.rows[].uid", r#"{"data":{}}"#));
    // What cannot be read proves nothing.
    for path in ["", ".", "a..b", "a[0]"] {
        assert!(!check(path, r#"{"a":"U1"}"#), "{path}");
    }
}

#[test]
fn elements_that_do_not_pass_the_filter_are_not_there() {
    let filter = Filter {
        path: "[].state".to_owned(),
        one_of: vec!["ok".to_owned(), "7".to_owned()],
    };
    let plan = plan(&Ownership::Bound, Some(filter)).listing("[].tid");
    let input = r#"[{"tid":"a","state":"ok"},{"tid":"b","state":"x"},{"tid":"c"},{"tid":"d","state":null},{"state":7,"tid":"e"},9]"#;
    let projected = apply(&plan, input, None).unwrap();
    assert_eq!(projected.json, br#"[{"tid":"a","state":"ok"},{"tid":"e"}]"#);
    assert_eq!(projected.ids, ["a", "e"]);
    let tid = projected
        .treated
        .iter()
        .find(|t| &*t.path == "[].tid")
        .unwrap();
    assert_eq!(tid.count, 2);
}

#[test]
fn a_filter_without_elements_is_for_the_whole() {
    let filter = Filter {
        path: "kind".to_owned(),
        one_of: vec!["a".to_owned()],
    };
    let plan = Plan::compile(
        &[field("x", Class::Account, Shape::Integer)],
        treatments(),
        &Ownership::Bound,
        Some(filter),
    );
    assert_eq!(
        apply(&plan, r#"{"kind":"a","x":1}"#, None).unwrap().json,
        br#"{"x":1}"#
    );
    assert_eq!(
        apply(&plan, r#"{"kind":"b","x":1}"#, None),
        Err(Withheld::Filtered)
    );
    assert_eq!(apply(&plan, r#"{"x":1}"#, None), Err(Withheld::Filtered));
}

#[test]
fn i8_forbidden_kinds_leave_no_string_declared_as_text_or_not() {
    let plan = plan(&Ownership::Bound, None);
    let input = r#"[{"tid":"my password: hunter2!","note":"cvv 123 Anna","rid":"legal winner thank year wave sausage worth useful legal winner thank yellow"}]"#;
    let projected = apply(&plan, input, None).unwrap();
    assert_eq!(
        String::from_utf8(projected.json).unwrap(),
        r#"[{"tid":"my password: [PASSWORD REMOVED, short]","note":"cvv [CVV REMOVED, short] [NAME_1]","rid":"***"}]"#
    );
    assert_eq!(
        projected.forbidden,
        [Kind::Password, Kind::Cvv, Kind::SeedPhrase]
    );
}

#[test]
fn invisible_characters_are_stripped() {
    assert_eq!(
        shown("[{\"tid\":\"a\u{e0041}\u{200b}b\u{202e}\\u200bc\",\"note\":\"x\u{feff}\"}]"),
        r#"[{"tid":"abc","note":"x"}]"#
    );
}

#[test]
fn compile_is_for_odd_paths_too() {
    let odd = [
        field("", Class::Account, Shape::String),
        field("a.b", Class::Account, Shape::String),
        field("a", Class::Account, Shape::String),
        field("l[][]", Class::Account, Shape::Integer),
    ];
    let plan = Plan::compile(&odd, treatments(), &Ownership::None, None);
    assert_eq!(apply(&plan, r#""x""#, None).unwrap().json, br#""x""#);
    assert_eq!(
        apply(&plan, r#"{"a":"x","l":[[1,"2",3],4]}"#, None)
            .unwrap()
            .json,
        br#"{"a":"x","l":[[1,3]]}"#
    );
    assert_eq!(
        apply(&plan, r#"{"a":{"b":"x"}}"#, None).unwrap().json,
        br#"{"a":{"b":"x"}}"#
    );
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        prop_oneof![Just("U1".to_owned()), "[a-c]{0,20}", "\\PC{0,4}"].prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::hash_map("[abu]|\\PC", inner, 0..5)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

fn paths() -> impl Strategy<Value = String> {
    (
        any::<bool>(),
        proptest::collection::vec("[abu](\\[\\])?", 0..4),
    )
        .prop_map(|(array, parts)| {
            let tail = parts.join(".");
            match (array, tail.is_empty()) {
                (true, true) => "[]".to_owned(),
                (true, false) => format!("[].{tail}"),
                (false, _) => tail,
            }
        })
}

fn declared() -> impl Strategy<Value = Vec<Field>> {
    let class = proptest::sample::select(Class::ALL.to_vec());
    let shape = proptest::sample::select(vec![
        Shape::String,
        Shape::Integer,
        Shape::Number,
        Shape::Boolean,
    ]);
    let one = (paths(), class, shape).prop_map(|(path, class, shape)| field(&path, class, shape));
    proptest::collection::vec(one, 0..8).prop_map(|mut fields| {
        fields.sort_by(|a, b| a.path.cmp(&b.path));
        fields.dedup_by(|a, b| a.path == b.path);
        fields
    })
}

/// The paths of all scalars in `value`.
fn leaves(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, v) in members {
                let here = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                leaves(v, &here, out);
            }
        }
        Value::Array(elements) => {
            for v in elements {
                leaves(v, &format!("{path}[]"), out);
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push(path.to_owned()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn i2_equals_the_reference_and_stays_within_the_declared_paths(
        input in document(),
        fields in declared(),
        levels in proptest::collection::vec(0..4_usize, 8),
        owner in proptest::option::of(paths()),
        filter in proptest::option::of(paths()),
    ) {
        let level = [Treatment::Drop, Treatment::Compare, Treatment::Mask, Treatment::Reveal];
        let treatments = Class::ALL.into_iter().zip(&levels)
            .fold(Treatments::default(), |t, (class, n)| t.with(class, level[*n]));
        let ownership = match owner {
            Some(path) if !path.is_empty() => Ownership::Checked { path },
            _ => Ownership::Bound,
        };
        let filter = filter.map(|path| Filter { path, one_of: vec!["U1".to_owned(), "true".to_owned()] });
        let reference = Reference { fields: &fields, treatments, ownership: &ownership, filter: filter.as_ref() };
        // As it reads back: its decimals are not exact to the last digit.
        let text = input.to_string();
        let input: Value = serde_json::from_str(&text).unwrap();
        let expected = reference.apply(&input, Some("U1"));
        let plan = Plan::compile(&fields, treatments, &ownership, filter.clone());
        let actual = plan.apply(text.as_bytes(), Some("U1"), &mut str::to_owned);
        let actual = actual.ok().map(|p| serde_json::from_slice::<Value>(&p.json).unwrap());
        prop_assert_eq!(&actual, &expected);
        let mut out = Vec::new();
        leaves(&actual.unwrap_or_default(), "", &mut out);
        for path in out {
            prop_assert!(fields.iter().any(|f| f.path == path && treatments.of(f.class) >= Treatment::Mask));
        }
    }

    #[test]
    fn what_is_json_is_what_everybody_calls_json(
        input in document(),
        at in any::<proptest::sample::Index>(),
        insert in "[\\[\\]{},:\"0-9a\\\\ .eE+-]{0,2}",
        remove in 0..3_usize,
    ) {
        let mut chars: Vec<char> = input.to_string().chars().collect();
        let at = at.index(chars.len() + 1);
        let to = (at + remove).min(chars.len());
        chars.splice(at..to, insert.chars());
        let text: String = chars.into_iter().collect();
        let plan = Plan::compile(&[], treatments(), &Ownership::None, None);
        let ours = plan.apply(text.as_bytes(), None, &mut str::to_owned);
        let theirs: Result<Value, _> = serde_json::from_str(&text);
        match ours {
            Ok(_) => prop_assert!(theirs.is_ok() || theirs.unwrap_err().to_string().contains("out of range")),
            Err(Withheld::DuplicateKey) => prop_assert!(theirs.is_ok()),
            Err(_) => prop_assert!(theirs.is_err()),
        }
    }
}

/// An operation over the same fields, for what is expected of it.
fn operation() -> crate::catalog::Operation {
    let catalog = crate::catalog::Catalog::parse(&crate::catalog::Files::shipped()).unwrap();
    let mut operation = (**catalog.operation("withdrawals.list").unwrap()).clone();
    operation.fields = fields();
    operation
}

fn expected(expect: &Value) -> Vec<Expected> {
    Expected::read(Some(expect), &operation(), treatments()).unwrap()
}

fn compare(plan: &Plan, input: &str, expect: &Value) -> Vec<(String, Option<bool>)> {
    let expected = expected(expect);
    let found = plan
        .compare(input.as_bytes(), None, &expected, &mut str::to_owned)
        .unwrap();
    let compared = found.compared.into_iter();
    compared.map(|c| (c.path.to_string(), c.is_match)).collect()
}

fn only(plan: &Plan, input: &str, path: &str, value: &str) -> Option<bool> {
    let mut expect = serde_json::Map::new();
    expect.insert(path.to_owned(), value.into());
    compare(plan, input, &expect.into())[0].1
}

#[test]
fn what_is_expected_is_told_and_the_value_is_not() {
    let plan = plan(&Ownership::Bound, None);
    let input = r#"[{"user":{"name":"Иван Петров","email":"ivan@mail.example"},"amount":100.0}]"#;
    let expect = serde_json::json!({
        "[].user.name": "иван  петров", "[].user.email": "other@mail.example", "[].amount": 100});
    let told = compare(&plan, input, &expect);
    assert_eq!(
        told,
        [
            ("[].amount".to_owned(), Some(true)),
            ("[].user.email".to_owned(), Some(false)),
            ("[].user.name".to_owned(), Some(true)),
        ]
    );
    let expected = expected(&serde_json::json!({"[].user.name": "Иван Петров"}));
    let found = plan
        .compare(input.as_bytes(), None, &expected, &mut str::to_owned)
        .unwrap();
    assert!(!String::from_utf8(found.json).unwrap().contains("Петров"));
    assert!(!format!("{expected:?}").contains("Петров"));
}

#[test]
fn of_none_and_of_several_values_nothing_is_told() {
    let plan = plan(&Ownership::Bound, None);
    let name = "[].user.name";
    for input in [
        "[]",
        "[{}]",
        r#"[{"user":{"name":null}}]"#,
        r#"[{"user":{"name":{"name":"Anna"}}}]"#,
        r#"[{"user":{"name":["Anna"]}}]"#,
        r#"[{"user":{"name":7}}]"#,
        r#"[{"user":{"name":""}}]"#,
        r#"[{"user":{"name":"Anna"}},{"user":{"name":"Anna"}}]"#,
        r#"[{"user":{"name":"Anna"}},{"user":{"name":null}}]"#,
        r#"[{"user":{"name":"Anna"}},{"user":{"name":[]}}]"#,
        // About a secret nothing is told, right or wrong.
        r#"[{"user":{"name":"Anna, password: hunter2-Kx9"}}]"#,
    ] {
        assert_eq!(only(&plan, input, name, "Anna"), None, "{input}");
    }
    let one = r#"[{"user":{"name":"Anna"}},{"user":{}},{"tid":"x"}]"#;
    assert_eq!(only(&plan, one, name, "Anna"), Some(true));
    assert_eq!(only(&plan, one, name, "Maria"), Some(false));
}

#[test]
fn what_a_filter_drops_is_not_compared() {
    let filter = Filter {
        path: "[].state".to_owned(),
        one_of: vec!["wait".to_owned()],
    };
    let plan = plan(&Ownership::Bound, Some(filter));
    let input =
        r#"[{"user":{"name":"Anna"},"state":"wait"},{"user":{"name":"Maria"},"state":"secret"}]"#;
    assert_eq!(only(&plan, input, "[].user.name", "Anna"), Some(true));
    assert_eq!(only(&plan, input, "[].user.name", "Maria"), Some(false));
    let hidden = r#"[{"state":"secret","user":{"name":"Maria"}}]"#;
    assert_eq!(only(&plan, hidden, "[].user.name", "Maria"), None);
}

#[test]
fn i3_what_may_not_be_compared_is_refused_alike() {
    use crate::catalog::Reason;
    let read = |expect: Value| Expected::read(Some(&expect), &operation(), treatments());
    let refused = |expect: Value| {
        let error = read(expect).unwrap_err();
        (error.argument.unwrap_or_default(), error.reason)
    };
    let nowhere = ("expect".to_owned(), Reason::NotComparable);
    // Dropped by the policy, never declared, and a boolean, which one guess would reveal.
    for path in ["[].secret", "[].nothing", "", "[].user", "[].done"] {
        let mut expect = serde_json::Map::new();
        expect.insert(path.to_owned(), "x".into());
        assert_eq!(refused(expect.into()), nowhere, "{path}");
    }
    let named = "expect.[].user.name".to_owned();
    for value in [
        Value::Null,
        true.into(),
        serde_json::json!([]),
        serde_json::json!({}),
    ] {
        assert_eq!(
            refused(serde_json::json!({"[].user.name": value})),
            (named.clone(), Reason::Type)
        );
    }
    for value in ["", "  ", &"x".repeat(257), &"я".repeat(100_000)] {
        assert_eq!(
            refused(serde_json::json!({"[].user.name": value})),
            (named.clone(), Reason::Length)
        );
    }
    for expect in [serde_json::json!([]), "x".into(), 1.into(), true.into()] {
        assert_eq!(refused(expect), ("expect".to_owned(), Reason::Type));
    }
    let many: serde_json::Map<String, Value> =
        (0..9).map(|n| (format!("[].{n}"), "x".into())).collect();
    assert_eq!(refused(many.into()), ("expect".to_owned(), Reason::TooMany));
    assert!(read(Value::Null).unwrap().is_empty());
    // A change is not compared, and where there is no customer nobody's value is.
    let mut write = operation();
    write.effect = crate::catalog::Effect::Write;
    let expect = serde_json::json!({"[].user.name": "x"});
    assert!(Expected::read(Some(&expect), &write, treatments()).is_err());
    // What is shown whole can be compared and costs nothing.
    let facts = |expect| read(expect).unwrap()[0].fact().map(str::to_owned);
    assert_eq!(facts(serde_json::json!({"[].amount": 1})), None);
    assert!(
        facts(serde_json::json!({"[].note": "x"})).is_some(),
        "free text is not shown whole"
    );
    assert!(facts(serde_json::json!({"[].rid": "x"})).is_some());
}

fn folded() -> Plan {
    let fields = [
        field("payload.amount", Class::Account, Shape::String),
        field("payload.user.email", Class::Contact, Shape::String),
        field("payload.user.name", Class::Identity, Shape::String),
        field("payload.secret", Class::Security, Shape::String),
        field("lines[].id", Class::Account, Shape::Integer),
        field("id", Class::Account, Shape::String),
    ];
    Plan::compile(&fields, treatments(), &Ownership::Bound, None)
        .unfolding(&["payload".to_owned(), "lines".to_owned()])
}

fn unfolded(input: &Value) -> Projected {
    let bytes = serde_json::to_vec(input).unwrap();
    folded().apply(&bytes, None, &mut str::to_owned).unwrap()
}

#[test]
fn i2_json_in_a_string_is_treated_like_the_answer() {
    let inside = r#"{"amount":"1","secret":"SECRET","x":{"y":"SECRET"},
        "user":{"email":"ivan@mail.example","name":"SECRET"}}"#;
    let found = unfolded(
        &serde_json::json!({"id": "a", "payload": inside, "lines": "[{\"id\":7,\"x\":1}]"}),
    );
    assert_eq!(
        String::from_utf8(found.json).unwrap(),
        r#"{"id":"a","lines":[{"id":7}],"payload":{"amount":"1","user":{"email":"i***@mail.example"}}}"#
    );
    assert_eq!(found.dropped, 2);
    for (inside, why) in [
        (r#"{"amount":"SECRET""#, "not whole"),
        (r#"{"amount":"SECRET","amount":"SECRET"}"#, "twice"),
        (r#"{"amount":"SECRET"}{}"#, "more"),
        (r#""SECRET""#, "a string"),
        (r#""{\"amount\":\"SECRET\"}""#, "JSON once more"),
        ("SECRET", "no JSON"),
        ("7", "a number"),
        ("", "nothing"),
    ] {
        let found = unfolded(&serde_json::json!({"payload": inside, "id": "a"}));
        assert_eq!(
            String::from_utf8(found.json).unwrap(),
            r#"{"id":"a"}"#,
            "{why}"
        );
        assert_eq!((found.dropped, found.treated.len()), (1, 1), "{why}");
    }
    let deep = format!("{}{}", "[".repeat(32), "]".repeat(32));
    assert_eq!(unfolded(&serde_json::json!({"payload": deep})).json, b"{}");
}

/// A member that is a string in one answer and an object in the next is what was declared, or
/// nothing.
#[test]
fn i2_a_member_of_two_kinds_leaks_nothing() {
    let object = serde_json::json!({"amount": "SECRET", "user": {"email": "SECRET"}});
    for payload in [
        object.clone(),
        serde_json::json!([object]),
        7.into(),
        true.into(),
    ] {
        let found = unfolded(&serde_json::json!({"payload": payload, "id": "a"}));
        assert_eq!(found.json, br#"{"id":"a"}"#);
        assert_eq!(found.dropped, 1);
    }
    let found = unfolded(&serde_json::json!({"id": {"id": "SECRET"}, "payload": null}));
    assert_eq!(found.json, br#"{"payload":null}"#);
    assert_eq!(
        shown(r#"[{"tid":{"x":"SECRET"},"user":"SECRET"},{"tid":"T1","user":{"email":null}}]"#),
        r#"[{},{"tid":"T1","user":{"email":null}}]"#
    );
}

#[test]
fn i4_an_owner_inside_a_string_must_be_the_subject() {
    let fields = [
        field("payload.uid", Class::Account, Shape::String),
        field("payload.amount", Class::Account, Shape::String),
    ];
    let ownership = Ownership::Checked {
        path: "payload.uid".to_owned(),
    };
    let plan =
        Plan::compile(&fields, treatments(), &ownership, None).unfolding(&["payload".to_owned()]);
    let owned = |payload: Value| {
        let input = serde_json::json!({ "payload": payload }).to_string();
        apply(&plan, &input, Some("U1")).map(|found| found.json)
    };
    assert!(owned(r#"{"uid":"U1","amount":"1"}"#.into()).is_ok());
    for foreign in [
        Value::from(r#"{"uid":"U2","amount":"1"}"#),
        r#"{"amount":"1"}"#.into(),
        r#"{"uid":"U1"#.into(),
        "".into(),
        Value::Null,
        serde_json::json!({"uid": "U1"}),
    ] {
        assert_eq!(owned(foreign.clone()), Err(Withheld::NotOwned), "{foreign}");
    }
}

#[test]
fn what_a_string_holds_is_compared() {
    let expect = |value: &str| {
        let mut operation = operation();
        operation.fields = vec![field("payload.user.name", Class::Identity, Shape::String)];
        let expect = serde_json::json!({"payload.user.name": value});
        Expected::read(Some(&expect), &operation, treatments()).unwrap()
    };
    let told = |payload: &str, value: &str| {
        let input = serde_json::json!({ "payload": payload }).to_string();
        let expected = expect(value);
        let found = folded().compare(input.as_bytes(), None, &expected, &mut str::to_owned);
        found.unwrap().compared[0].is_match
    };
    assert_eq!(told(r#"{"user":{"name":"Anna"}}"#, "anna"), Some(true));
    assert_eq!(told(r#"{"user":{"name":"Anna"}}"#, "Maria"), Some(false));
    assert_eq!(told(r#"{"user":{"name":"Anna"}"#, "Anna"), None);
}

#[test]
fn masks_are_the_fields_own_where_they_say_so() {
    use crate::catalog::Mask;
    let masked = |class, shape, form| Field {
        mask: Some(form),
        ..field("v", class, shape)
    };
    let treatments = Treatments::default()
        .with(Class::Financial, Treatment::Mask)
        .with(Class::Identity, Treatment::Mask);
    let shown = |field: Field, value: Value| {
        let plan = Plan::compile(&[field], treatments, &Ownership::Bound, None);
        let input = serde_json::json!({ "v": value }).to_string();
        let json: Value =
            serde_json::from_slice(&apply(&plan, &input, None).unwrap().json).unwrap();
        json["v"].clone()
    };
    let number = |form| masked(Class::Financial, Shape::Number, form);
    assert_eq!(shown(number(Mask::Rounded), 12345.5.into()), "~10000");
    assert_eq!(shown(number(Mask::Hidden), 12345.5.into()), "***");
    let text = |form| masked(Class::Identity, Shape::String, form);
    assert_eq!(shown(text(Mask::Last4), "4509123456".into()), "***3456");
    assert_eq!(shown(text(Mask::Year), "1990-05-17".into()), "1990");
    // What must never be stored is not shown in part either.
    let secret = "password: hunter2-Kx9";
    assert_eq!(shown(text(Mask::Last4), secret.into()), "***");
}

/// Memo fields as people fill them: HTML out of an editor, lines of a table.
#[test]
fn memos_in_html_and_csv_are_read_like_text() {
    use crate::redaction::{Known, Numbering, Profile, redact};
    let note = |text: &str| {
        let plan = plan(&Ownership::Bound, None);
        let input = serde_json::json!([{ "note": text }]).to_string();
        let (known, profile) = (Known::new([]), Profile::agent());
        let mut numbering = Numbering::new(&[7; 32]);
        let mut text = |text: &str| redact(text, &known, &profile, &mut numbering).text;
        let found = plan.apply(input.as_bytes(), None, &mut text).unwrap();
        let json: Value = serde_json::from_slice(&found.json).unwrap();
        json[0]["note"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        note("<p>Write to an<b>na</b>.k@mail&#46;example</p>").trim(),
        "Write to [EMAIL_1]"
    );
    assert_eq!(note("&#91;EMAIL_7&#93;"), "(EMAIL_7)");
    let csv = note(
        "id,mail,card\r\n1,\"anna@mail.example\",\"4111 1111 1111 1111\"\r\n2,maria@mail.example,",
    );
    assert_eq!(
        csv,
        "id,mail,card\r\n1,\"[EMAIL_1]\",\"[CREDIT_CARD_1]\"\r\n2,[EMAIL_2],"
    );
    let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let cut = phrase
        .replace("sausage", "sau<i></i>sage")
        .replace(' ', "&nbsp;");
    assert!(note(&format!("<div>{cut}</div>")).contains("REMOVED"));
}
