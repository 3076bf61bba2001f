//! `tidewaiter redact`.

use super::{run, run_with};

#[test]
fn redact_reads_text_and_writes_text() {
    let text = "Пишите на olga.k@example.org, карта 4111 1111 1111 1111.\n";
    let done = run_with(&["redact"], text.as_bytes());
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(done.out, "Пишите на [EMAIL_1], карта [CREDIT_CARD_1].\n");
    assert!(done.err.is_empty(), "{}", done.err);
    let done = run_with(&["redact", "--explain"], text.as_bytes());
    assert_eq!(done.out, "Пишите на [EMAIL_1], карта [CREDIT_CARD_1].\n");
    assert_eq!(done.err.lines().count(), 2, "{}", done.err);
    assert!(
        !done.err.contains("olga") && !done.err.contains("4111"),
        "{}",
        done.err
    );
    let done = run_with(&["redact", "--diff"], text.as_bytes());
    assert_eq!(
        done.out,
        "Пишите на [-olga.k@example.org-]{+[EMAIL_1]+}, карта [-4111 1111 1111 1111-]{+[CREDIT_CARD_1]+}.\n"
    );
    let stored = "мой пароль: Qwe123asd, olga.k@example.org";
    let done = run_with(&["redact", "--profile", "stored"], stored.as_bytes());
    assert_eq!(
        done.out,
        "мой пароль: [PASSWORD REMOVED, medium], olga.k@example.org"
    );
    let known = [
        "redact",
        "--known",
        "name=Ольга Ким",
        "--known",
        "birth-date=1990-05-17",
    ];
    let done = run_with(&known, "письмо Ольге, 17 мая 1990".as_bytes());
    assert_eq!(
        done.out, "письмо [NAME_1], [DATE_OF_BIRTH_1]",
        "{}",
        done.err
    );
    let done = run_with(&["redact", "--asks"], b"What is your password?");
    assert_eq!(
        (done.status, done.out.as_str()),
        (1, "What is your password?")
    );
    assert!(done.err.contains("asks for PASSWORD"), "{}", done.err);
    for wrong in [
        ["redact", "--region", "XX"],
        ["redact", "--known", "shoe=42"],
        ["redact", "--profile", "x"],
    ] {
        assert_eq!(run(&wrong).status, 2);
    }
    assert_eq!(run_with(&["redact"], b"").out, "");
    let done = run_with(&["redact"], b"\xff\xfe secret");
    assert_eq!((done.status, done.out.as_str()), (1, ""), "not UTF-8");
    assert!(!done.err.contains("secret"), "{}", done.err);
}

#[test]
fn redact_jsonl_gives_offsets_in_code_points() {
    let input = "{\"id\":\"1\",\"text\":\"Почта: a.b@example.org 👋\"}\n\
                 {\"id\":2,\"text\":\"nothing here\"}\n";
    let done = run_with(&["redact", "--jsonl"], input.as_bytes());
    assert_eq!(done.status, 0, "{}", done.err);
    let lines: Vec<serde_json::Value> = done
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let spans = serde_json::json!([{"start": 7, "end": 22, "type": "EMAIL"}]);
    assert_eq!(lines[0]["spans"], spans);
    assert_eq!(lines[0]["text"], "Почта: [EMAIL_1] 👋");
    assert_eq!(lines[1]["id"], 2, "an id comes back as it is");
    assert_eq!(lines[1]["spans"], serde_json::json!([]));
    let bad = "{\"id\":\"1\",\"text\":\"ok\"}\n{\"id\":\"2\",\"txt\":\"hunter2\"}\n";
    let done = run_with(&["redact", "--jsonl"], bad.as_bytes());
    assert_eq!(done.status, 1);
    assert!(
        done.err.contains("line 2") && !done.err.contains("hunter2"),
        "{}",
        done.err
    );
    assert_eq!(run(&["redact", "--explain", "--jsonl"]).status, 2);
    assert_eq!(run(&["redact", "--gold-names"]).status, 2);
}

#[test]
fn redact_eval_prints_the_table() {
    let corpus = "{\"id\":\"1\",\"text\":\"почта a.b@example.org, зовут Анна\",\"spans\":[\
                  {\"start\":6,\"end\":21,\"type\":\"EMAIL\"},{\"start\":29,\"end\":33,\"type\":\"WHO\"}]}\n\
                  {\"id\":\"2\",\"text\":\"nothing\",\"spans\":[],\"ignore\":[]}\n";
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("corpus.jsonl");
    std::fs::write(&file, corpus).unwrap();
    let file = file.to_str().unwrap();
    let done = run(&["redact", "eval", file, "--alone"]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(
        done.out.starts_with("corpus.jsonl: 2 texts, "),
        "{}",
        done.out
    );
    assert!(done.out.contains("EMAIL"), "{}", done.out);
    let done = run(&["redact", "eval", file, "--alone", "--json"]);
    let corpora: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    let figures = &corpora[0]["engines"][0];
    assert_eq!(figures["alarms_per_thousand"], 0.0, "{figures}");
    let email = figures["types"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["type"] == "EMAIL");
    assert_eq!(email.unwrap()["f1"], 1.0, "{figures}");
    std::fs::write(file, "{\"id\":1,\"text\":\"hunter2\"}").unwrap();
    let done = run(&["redact", "eval", file, "--alone"]);
    assert_eq!((done.status, done.out.as_str()), (1, ""));
    assert!(
        done.err.contains("line 1") && !done.err.contains("hunter2"),
        "{}",
        done.err
    );
    assert_eq!(run(&["redact", "eval"]).status, 2);
}
