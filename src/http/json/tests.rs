use super::{DEPTH_MAX, NUMBER_MAX, NotStrict, check, read};
use crate::gateway::Malformed;
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::fmt::Write;

#[test]
fn what_json_allows_is_read() {
    for good in [
        "0",
        "-0.5e+10",
        " { } ",
        "[]",
        "[[],{},\"\",null,true,false]",
        r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#,
        r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#,
        "\"\u{7f}\u{10ffff}\"",
        "\r\n\t1\n",
    ] {
        assert_eq!(check(good.as_bytes()), Ok(()), "{good}");
        assert!(serde_json::from_str::<Value>(good).is_ok(), "{good}");
    }
}

#[test]
fn what_parsers_could_read_differently_is_refused() {
    for (bad, why) in [
        ("", NotStrict::Syntax),
        ("\u{feff}{}", NotStrict::Syntax),
        ("{\"a\":1,\"a\":1}", NotStrict::Duplicate),
        (r#"{"a":1,"\u0061":2}"#, NotStrict::Duplicate),
        (r#"{"\ud83d\ude00":1,"😀":2}"#, NotStrict::Duplicate),
        (r#"{"x":[{"b":{"c":1,"c":2}}]}"#, NotStrict::Duplicate),
        (r#"{"":1,"":2}"#, NotStrict::Duplicate),
        ("{} {}", NotStrict::Trailing),
        ("1 2", NotStrict::Trailing),
        ("{}\0", NotStrict::Trailing),
        ("null,", NotStrict::Trailing),
        ("01", NotStrict::Trailing),
        ("+1", NotStrict::Syntax),
        (".5", NotStrict::Syntax),
        ("1.", NotStrict::Syntax),
        ("1e", NotStrict::Syntax),
        ("-", NotStrict::Syntax),
        ("1e999", NotStrict::Number),
        ("-1e999", NotStrict::Number),
        ("NaN", NotStrict::Syntax),
        ("Infinity", NotStrict::Syntax),
        ("nul", NotStrict::Syntax),
        ("True", NotStrict::Syntax),
        ("'a'", NotStrict::Syntax),
        ("[1,]", NotStrict::Syntax),
        ("{\"a\":1,}", NotStrict::Syntax),
        ("{a:1}", NotStrict::Syntax),
        ("{\"a\" 1}", NotStrict::Syntax),
        ("[1 2]", NotStrict::Syntax),
        ("[1}", NotStrict::Syntax),
        ("{\"a\":1]", NotStrict::Syntax),
        ("[", NotStrict::Syntax),
        ("// a\n1", NotStrict::Syntax),
        ("\"\n\"", NotStrict::Syntax),
        (r#""\x41""#, NotStrict::Syntax),
        (r#""\u12""#, NotStrict::Syntax),
        (r#""\ud800""#, NotStrict::Syntax),
        (r#""\udc00""#, NotStrict::Syntax),
        (r#""\ud800\u0041""#, NotStrict::Syntax),
        ("\"a", NotStrict::Syntax),
    ] {
        assert_eq!(check(bad.as_bytes()), Err(why), "{bad}");
    }
    assert_eq!(check(b"\"\xff\""), Err(NotStrict::Encoding));
    assert_eq!(check(b"\"\xed\xa0\x80\""), Err(NotStrict::Encoding));
}

#[test]
fn depth_and_numbers_are_bounded_to_the_digit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(check(nested(DEPTH_MAX).as_bytes()), Ok(()));
    assert_eq!(
        check(nested(DEPTH_MAX + 1).as_bytes()),
        Err(NotStrict::Depth)
    );
    assert_eq!(
        check("[".repeat(1_000_000).as_bytes()),
        Err(NotStrict::Depth)
    );
    let digits = |count: usize| format!("0.{}", "1".repeat(count - 2));
    assert_eq!(check(digits(NUMBER_MAX).as_bytes()), Ok(()));
    assert_eq!(
        check(digits(NUMBER_MAX + 1).as_bytes()),
        Err(NotStrict::Number)
    );
}

#[test]
fn a_million_names_take_no_longer_than_their_length() {
    let names: Vec<String> = (0..200_000).map(|n| format!("\"{n}\":0")).collect();
    let wide = format!("{{{}}}", names.join(","));
    assert_eq!(check(wide.as_bytes()), Ok(()));
}

#[test]
fn another_form_is_malformed_and_says_no_more() {
    #[derive(Debug, serde::Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Form {
        a: u8,
    }
    assert_eq!(read::<Form>(br#"{"a":1}"#), Ok(Form { a: 1 }));
    for bad in [
        &br#"{"a":256}"#[..],
        br#"{"a":1,"b":2}"#,
        b"[]",
        b"{\"a\":1",
    ] {
        assert_eq!(read::<Form>(bad), Err(Malformed::Body));
    }
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 128, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Bytes that are nearly JSON, so that the scanner gets far before it refuses.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\"a\""),
        Just("\"\\u0061\""),
        Just("\"\\ud83d\\ude00\""),
        Just("\\"),
        Just("\""),
        Just("-1.5e3"),
        Just("1e400"),
        Just("0"),
        Just("true"),
        Just("null"),
        Just(" "),
        Just("é"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn every_document_that_is_written_is_read(value in document()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert_eq!(check(text.as_bytes()), Ok(()));
        }
    }

    #[test]
    fn nothing_passes_that_the_parser_refuses(bytes in nearly()) {
        let strict = check(&bytes);
        let parsed = serde_json::from_slice::<Value>(&bytes);
        match strict {
            Ok(()) => prop_assert!(parsed.is_ok()),
            // The parser knows neither duplicates nor our bounds; all else it refuses too.
            Err(NotStrict::Duplicate | NotStrict::Depth | NotStrict::Number) => {}
            Err(_) => prop_assert!(parsed.is_err()),
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        if check(&bytes).is_ok() {
            prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
    }

    #[test]
    fn a_second_name_is_found_however_it_is_written(name in any::<String>(), deep in 0_usize..20) {
        let plain = Value::from(name.as_str()).to_string();
        let mut escaped = String::new();
        for unit in name.encode_utf16() {
            write!(escaped, "\\u{unit:04x}").unwrap();
        }
        let object = format!("{{{plain}:1,\"{escaped}\":2}}");
        let text = format!("{}{object}{}", "[".repeat(deep), "]".repeat(deep));
        prop_assert_eq!(check(text.as_bytes()), Err(NotStrict::Duplicate));
    }
}
