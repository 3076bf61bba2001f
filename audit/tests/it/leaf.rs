//! The leaf's grammar.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tidewaiter_audit::record::{Decision, Kind, Leaf, LeafError};
use tidewaiter_audit::{Hash, LineError};

use crate::fixture::Log;

fn optional(text: &'static str) -> impl Strategy<Value = Option<String>> {
    prop_oneof![Just(None), text.prop_map(Some)]
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

prop_compose! {
    fn head()(
        agent in optional("[a-z0-9_-]{1,64}"),
        body in hash(),
        bucket in 10..=20_u32,
        class in "[a-z][a-z0-9_]{0,31}",
        decision in proptest::option::of(proptest::sample::select(Decision::ALL)),
        kc in hash(),
        kind in proptest::sample::select(Kind::ALL),
        log in "[a-z0-9][a-z0-9./-]{0,127}",
        n in 1..=i64::MAX.unsigned_abs(),
        operation in optional("[a-z][a-z0-9_]{0,19}(\\.[a-z][a-z0-9_]{0,19}){0,2}"),
    ) -> Leaf {
        Leaf {
            agent, body, body_len: 1 << bucket, class, decision, kc, kind, log, n, operation,
            ..Log::new(0).leaves[5].clone()
        }
    }
}

prop_compose! {
    fn leaf()(
        head in head(),
        policy in proptest::option::of(hash()),
        prev in hash(),
        purpose in optional("[a-z][a-z0-9_]{0,19}(\\.[a-z][a-z0-9_]{0,19}){0,2}"),
        request in proptest::option::of(any::<[u8; 16]>()),
        rid in any::<[u8; 16]>(),
        seq in 1..=i64::MAX.unsigned_abs(),
        tag in any::<[u8; 16]>(),
        time_us in 1_767_225_600_000_000..=253_402_300_799_999_999_i64,
        writer in "[A-Za-z0-9._+/-]{1,64}",
        x in proptest::collection::btree_map("[a-z][a-z0-9_.]{0,31}", "[ !#-\\[\\]-~]{0,40}", 0..4),
    ) -> Leaf {
        let leaf = Leaf {
            policy, prev, purpose, request, rid, seq, tag, time_us, writer, x,
            period: "2025-12".into(), ..head
        };
        if leaf.kind != Kind::Duty {
            return leaf;
        }
        Leaf {
            agent: None, decision: None, operation: None, policy: None, purpose: None,
            request: None, x: BTreeMap::new(), ..leaf
        }
    }
}

proptest! {
    #[test]
    fn a_leaf_comes_back_as_it_was_written(leaf in leaf()) {
        let line = leaf.to_line().unwrap();
        let back = Leaf::parse(line.as_bytes()).unwrap();
        prop_assert_eq!(&back, &leaf);
        prop_assert_eq!(back.to_line().unwrap(), line);
    }

    #[test]
    fn what_is_accepted_is_written_back_to_the_same_bytes(
        leaf in leaf(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3_u8,
    ) {
        let mut line = leaf.to_line().unwrap().into_bytes();
        let at = at.index(line.len());
        match how {
            0 => line[at] = byte,
            1 => line.insert(at, byte),
            _ => { line.remove(at); }
        }
        if let Ok(back) = Leaf::parse(&line) {
            prop_assert_eq!(back.to_line().unwrap().into_bytes(), line);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Leaf::parse(&bytes).is_err());
    }
}

/// Each line breaks one rule, and is refused for it when written and when read.
#[test]
fn every_rule_of_a_leaf_is_kept_by_writer_and_reader() {
    let good = Log::new(0).leaves[5].clone();
    let member = |name| Err(LeafError::Member(name));
    let long = "a".repeat(65);
    let cases: Vec<(fn(&mut Leaf, &str), _)> = vec![
        (|l, _| l.agent = Some(String::new()), member("agent")),
        (|l, long| l.agent = Some(long.into()), member("agent")),
        (|l, _| l.agent = Some("A".into()), member("agent")),
        (|l, _| l.body_len = 0, member("body_len")),
        (|l, _| l.body_len = 512, member("body_len")),
        (|l, _| l.body_len = 1025, member("body_len")),
        (|l, _| l.body_len = 1 << 21, member("body_len")),
        (|l, _| l.class = String::new(), member("class")),
        (|l, _| l.class = "1a".into(), member("class")),
        (|l, long| l.class = long[..33].into(), member("class")),
        (|l, _| l.log = "Exchange".into(), member("log")),
        (|l, _| l.log = "-a".into(), member("log")),
        (|l, long| l.log = long.repeat(2), member("log")),
        (|l, _| l.n = 0, member("n")),
        (|l, _| l.n = 1 << 63, member("n")),
        (
            |l, _| l.operation = Some("a..b".into()),
            member("operation"),
        ),
        (|l, _| l.operation = Some("a.".into()), member("operation")),
        (
            |l, long| l.operation = Some(long.into()),
            member("operation"),
        ),
        (|l, _| l.period = "2026-13".into(), member("period")),
        (|l, _| l.period = "2026-1".into(), member("period")),
        (|l, _| l.period = "2026-12".into(), Err(LeafError::Period)),
        (|l, _| l.purpose = Some("A".into()), member("purpose")),
        (
            |l, _| l.retain_until = "2031-02-29".into(),
            member("retain_until"),
        ),
        (
            |l, _| l.retain_until = "2031-1-1".into(),
            member("retain_until"),
        ),
        (|l, _| l.seq = 1 << 63, member("seq")),
        (|l, _| l.time_us = -1, Err(LeafError::Period)),
        (|l, _| l.time_us = i64::MAX, member("time")),
        (|l, _| l.writer = "a b".into(), member("writer")),
        (
            |l, _| {
                l.x.insert("A".into(), String::new());
            },
            member("x"),
        ),
        (
            |l, _| {
                l.x.insert("a".into(), "\"".into());
            },
            member("x"),
        ),
        (
            |l, _| {
                l.x.insert("a".into(), "\u{e9}".into());
            },
            member("x"),
        ),
        (
            |l, long| {
                l.x.insert("a".into(), long.repeat(16));
            },
            member("x"),
        ),
        (|l, _| l.kind = Kind::Duty, Err(LeafError::Duty("agent"))),
    ];
    for (n, (breaks, why)) in cases.into_iter().enumerate() {
        let mut leaf = good.clone();
        breaks(&mut leaf, &long);
        assert_eq!(leaf.to_line(), why, "case {n}");
    }
}

#[test]
fn other_lines_are_refused() {
    let line = Log::new(0).leaves[5].to_line().unwrap();
    let refused = |from: &str, to: &str, why: LeafError| {
        assert_eq!(line.matches(from).count(), 1, "{from}");
        assert_eq!(
            Leaf::parse(line.replacen(from, to, 1).as_bytes()),
            Err(why),
            "{to}"
        );
    };
    refused(r#""v":"tw/1""#, r#""v":"tw/2""#, LeafError::Member("v"));
    refused(r#","v":"tw/1""#, "", LeafError::Missing("v"));
    refused(r#""writer":"#, r#""vv":"x","writer":"#, LeafError::Unknown);
    refused(r#""seq":"5""#, r#""seq":"05""#, LeafError::Member("seq"));
    refused(r#""seq":"5""#, r#""seq":"""#, LeafError::Member("seq"));
    refused(
        r#""seq":"5""#,
        r#""seq":"9223372036854775808""#,
        LeafError::Member("seq"),
    );
    refused(r#""seq":"5""#, r#""seq":"-5""#, LeafError::Member("seq"));
    refused(
        r#""kind":"turn""#,
        r#""kind":"Turn""#,
        LeafError::Member("kind"),
    );
    refused(
        r#""kind":"turn""#,
        r#""kind":{}"#,
        LeafError::Member("kind"),
    );
    refused(
        r#""decision":"allow""#,
        r#""decision":"""#,
        LeafError::Member("decision"),
    );
    refused(
        r#""agent":"assistant-1""#,
        r#""agent":"""#,
        LeafError::Member("agent"),
    );
    refused(".000001Z", ".00001Z", LeafError::Member("time"));
    let rid = hex::encode(Log::new(0).leaves[5].rid);
    refused(&rid, &rid.to_uppercase(), LeafError::Member("rid"));
    refused(&rid, &rid[1..], LeafError::Member("rid"));
    let end = format!("{},\"x\":{{}}}}", &line[..line.len() - 1]);
    assert_eq!(Leaf::parse(end.as_bytes()), Err(LeafError::Member("x")));
    let syntax = |bytes: &str| {
        let refused = Leaf::parse(bytes.as_bytes());
        assert!(
            matches!(refused, Err(LeafError::Line(LineError::Syntax(_)))),
            "{refused:?}"
        );
    };
    syntax(&format!("{line}\n"));
    syntax(&line.replacen(':', ": ", 1));
    syntax(&line.replacen("\"5\"", "5", 1));
    let twice = line.replacen("\"body\":", "\"agent\":\"a\",\"body\":", 1);
    assert!(matches!(
        Leaf::parse(twice.as_bytes()),
        Err(LeafError::Line(LineError::Order(_)))
    ));
}

#[test]
fn the_first_leaf_names_the_logs_keys() {
    let good = Log::new(0).leaves[0].clone();
    assert!(good.to_line().is_ok());
    let forger = Log::new(1).leaves[0].clone();
    let cases: Vec<fn(&mut Leaf, &Leaf)> = vec![
        |l, _| l.kind = Kind::Started,
        |l, _| l.x.clear(),
        |l, _| {
            l.x.remove("receipt");
        },
        |l, _| {
            l.x.insert("more".into(), String::new());
        },
        |l, _| {
            l.x.insert("receipt".into(), l.x["manifest"].clone());
        },
        |l, _| {
            l.x.insert("receipt".into(), "x".into());
        },
        |l, f| {
            l.x.insert("checkpoint".into(), f.x["receipt"].clone());
        },
        |l, _| l.log = "other.example/ledger".into(),
    ];
    for (n, breaks) in cases.into_iter().enumerate() {
        let mut leaf = good.clone();
        breaks(&mut leaf, &forger);
        assert_eq!(leaf.to_line(), Err(LeafError::Genesis), "case {n}");
    }
    let leaf = Leaf {
        prev: Hash([1; 32]),
        ..good
    };
    assert_eq!(leaf.to_line(), Err(LeafError::Member("prev")));
}

#[test]
fn a_line_has_an_end() {
    let mut leaf = Log::new(0).leaves[5].clone();
    for n in 0..70 {
        leaf.x.insert(format!("x{n}"), "v".repeat(1024));
    }
    assert_eq!(leaf.to_line(), Err(LeafError::Line(LineError::TooLong)));
}
