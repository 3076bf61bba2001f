use super::{Sample, Spot, canonical, score};

fn samples(lines: &str) -> Vec<Sample> {
    lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn spots(rows: &[(usize, usize, &str)]) -> Vec<Spot> {
    rows.iter()
        .map(|(start, end, kind)| Spot {
            start: *start,
            end: *end,
            kind: (*kind).to_owned(),
        })
        .collect()
}

const GOLD: &str = r#"{"id":1,"text":"Анна Белл, 12 Oak St, London, born 1.2.90","spans":[{"start":0,"end":9,"type":"PERSON"},{"start":11,"end":28,"type":"ADDRESS"},{"start":35,"end":41,"type":"DATE_OF_BIRTH"}],"ignore":[]}
{"id":2,"text":"nothing here at all","spans":[]}
{"id":3,"text":"call Acme Ltd now","spans":[{"start":5,"end":13,"type":"ORGANISATION"}],"ignore":[{"start":14,"end":17}]}"#;

#[test]
fn hits_cover_and_alarms() {
    let samples = samples(GOLD);
    let predictions = [
        // Half a name, an address in two parts, a date of another name.
        spots(&[
            (0, 4, "PERSON"),
            (11, 20, "ADDRESS"),
            (22, 28, "ADDRESS"),
            (35, 41, "DATE_TIME"),
        ]),
        spots(&[(0, 7, "PERSON"), (8, 12, "PERSON")]),
        spots(&[(14, 17, "PERSON")]),
    ];
    let all = score(&samples, &predictions, &[]);
    let total = all.total();
    assert_eq!(
        (total.gold, total.hits, total.false_hits),
        (4, [2, 2], [3, 3])
    );
    assert_eq!((total.letters, total.leaked, total.covered), (32, 11, 2));
    assert_eq!((all.plain, all.alarms, all.alarmed), (1, 2, 1));
    assert!(
        all.alarms_per_thousand()
            .is_some_and(|n| (n - 2000.0).abs() < 1e-9)
    );
    let without = score(&samples, &predictions, &["ORGANISATION"]);
    assert_eq!(without.total().gold, 3);
    let kinds: Vec<&str> = all.types().iter().map(|(k, _)| *k).collect();
    assert_eq!(
        kinds,
        ["ADDRESS", "DATE_OF_BIRTH", "ORGANISATION", "PERSON"]
    );
}

#[test]
fn offsets_past_the_text_harm_nobody() {
    let samples = samples(r#"{"id":1,"text":"ab","spans":[{"start":1,"end":90,"type":"X"}]}"#);
    let scores = score(&samples, &[spots(&[(7, 3, "X"), (1, 99, "X")])], &[]);
    assert_eq!(scores.total().hits, [1, 0]);
}

#[test]
fn other_engines_names_are_ours() {
    assert_eq!(canonical("US_SSN"), Some("NATIONAL_ID"));
    assert_eq!(canonical("PERSON"), Some("PERSON"));
    assert_eq!(canonical("NRP"), None);
}
