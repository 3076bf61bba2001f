use super::reference::Reference;
use super::{Plan, Projected, Withheld};
use crate::catalog::{Class, Field, Ownership, Shape};
use crate::policy::{Treatment, Treatments};
use crate::redaction::{Filter, Kind};
use proptest::prelude::*;
use serde_json::Value;

fn field(path: &str, class: Class, shape: Shape) -> Field {
    Field {
        path: path.to_owned(),
        class,
        shape,
        text: path.ends_with("note"),
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
