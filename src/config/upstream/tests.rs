//! What `[[upstreams]]` may say, and what it is told when it says something else.

use crate::config::Config;
use std::fmt::Write as _;

const SMALL: &str = r#"
[server]
listen = "127.0.0.1:8443"
public_url = "http://127.0.0.1:8443"
[database]
url = "sqlite:data/ledger.db"
[ledger]
origin = "test.example/log"
vault = "vault"
anchor = "anchor/head"
[policies]
dir = "policies"
[exports]
dir = "bundles"
[[upstreams]]
name = "core"
url = "https://core.example"
"#;

/// What is wrong with an upstream that also says this: places and messages.
fn faults(more: &str) -> Vec<(String, String)> {
    match Config::parse(&format!("{SMALL}{more}"), "t.toml") {
        Ok(_) => Vec::new(),
        Err(invalid) => {
            let each = invalid.faults().iter();
            each.map(|fault| (fault.at.clone(), fault.what.clone()))
                .collect()
        }
    }
}

fn places(more: &str) -> Vec<String> {
    faults(more).into_iter().map(|(at, _)| at).collect()
}

const HMAC: &str = r#"
[upstreams.auth]
kind = "hmac"
secret = { env = "S" }
key = { env = "K" }
string = "{timestamp}{body}"
[upstreams.auth.send]
key = { header = "X-Key" }
timestamp = { header = "X-Time" }
signature = { header = "X-Sign" }
"#;

const JWS: &str = r#"
[upstreams.auth]
kind = "jws"
issuer = "tidewaiter"
keys = [
    { kid = "a", alg = "RS256", key = { env = "A" } },
    { kid = "b", alg = "EdDSA", key = { env = "B" } },
]
"#;

#[test]
fn every_kind_is_read() {
    for good in [
        "credential = { env = \"T\" }",
        "auth = { kind = \"bearer\", token = { env = \"T\" } }",
        "auth = { kind = \"header\", headers = { X-Api-Key = { env = \"A\" }, Authorization = { env = \"B\" } } }",
        "auth = { kind = \"basic\", user = \"u\", password = { env = \"P\" } }",
        "auth = { kind = \"mtls\", cert = \"c.pem\", key = { file = \"k.pem\" } }",
        "auth = [{ kind = \"mtls\", cert = \"c.pem\", key = { file = \"k.pem\" } }, { kind = \"bearer\", token = { env = \"T\" } }]",
        "credential = { env = \"T\" }\nauth = { kind = \"mtls\", cert = \"c.pem\", key = { file = \"k.pem\" } }",
        HMAC,
        JWS,
        "retries = 0\nmax_waiting = 0\nbreaker = { open_s = 30 }",
    ] {
        assert_eq!(faults(good), [], "{good}");
    }
}

#[test]
fn who_we_are_is_said_once() {
    let bearer = "{ kind = \"bearer\", token = { env = \"T\" } }";
    let mtls = "{ kind = \"mtls\", cert = \"c\", key = { env = \"K\" } }";
    for twice in [
        format!("credential = {{ env = \"T\" }}\nauth = {bearer}"),
        format!("auth = [{bearer}, {bearer}]"),
        format!("auth = [{mtls}, {mtls}]"),
    ] {
        assert_eq!(places(&twice), ["upstreams[0].auth"], "{twice}");
    }
    let plain = "\n[[upstreams]]\nname = \"b\"\nurl = \"http://127.0.0.1:1\"\n";
    let on_http = format!("{plain}auth = {mtls}");
    assert_eq!(places(&on_http), ["upstreams[1].auth"]);
}

#[test]
fn an_hmac_that_nobody_could_verify_or_that_is_good_for_ever_is_refused() {
    for (from, to, at) in [
        ("{timestamp}{body}", "{body}", "string"),
        ("{timestamp}{body}", "{nonce}", "string"),
        ("{timestamp}{body}", "{query}", "string"),
        ("key = { env = \"K\" }\n", "", "key"),
        ("X-Sign", "X-Time", "send.signature"),
        ("X-Sign", "x-time", "send.signature"),
        ("X-Sign", "Host", "send.signature"),
        ("X-Sign", "Content-Length", "send.signature"),
        ("X-Sign", "a b", "send.signature"),
        (
            "{ header = \"X-Sign\" }",
            "{ query = \"a&b\" }",
            "send.signature",
        ),
    ] {
        assert!(HMAC.contains(from), "{from}");
        let faults = places(&HMAC.replace(from, to));
        assert_eq!(faults, [format!("upstreams[0].auth.{at}")], "{to}");
    }
    // A timestamp in the query is signed with the query.
    let query = HMAC
        .replace("{timestamp}{body}", "{query}{body}")
        .replace("{ header = \"X-Time\" }", "{ query = \"timestamp\" }");
    assert_eq!(places(&query), Vec::<String>::new());
}

#[test]
fn the_rest_is_bounded() {
    for (more, at) in [
        ("max_concurrent = 0", "max_concurrent"),
        ("max_concurrent = 5000", "max_concurrent"),
        ("max_waiting = 100000", "max_waiting"),
        ("retries = 6", "retries"),
        ("breaker = { failed_percent = 0 }", "breaker.failed_percent"),
        (
            "breaker = { failed_percent = 101 }",
            "breaker.failed_percent",
        ),
        ("breaker = { at_least = 0 }", "breaker.at_least"),
        ("breaker = { window_s = 0 }", "breaker.window_s"),
        ("breaker = { open_s = 601 }", "breaker.open_s"),
        ("auth = { kind = \"header\", headers = {} }", "auth.headers"),
        (
            "auth = { kind = \"header\", headers = { Connection = { env = \"A\" } } }",
            "auth.headers",
        ),
        (
            "auth = { kind = \"basic\", user = \"a:b\", password = { env = \"P\" } }",
            "auth.user",
        ),
    ] {
        assert_eq!(places(more), [format!("upstreams[0].{at}")], "{more}");
    }
    for (from, to, at) in [
        ("\"tidewaiter\"", "\"\"", "issuer"),
        ("issuer", "lifetime_s = 301\nissuer", "lifetime_s"),
        ("issuer", "lifetime_s = 0\nissuer", "lifetime_s"),
        ("\"b\"", "\"a\"", "keys[1].kid"),
        ("\"b\"", "\"\"", "keys[1].kid"),
    ] {
        let faults = places(&JWS.replace(from, to));
        assert_eq!(faults, [format!("upstreams[0].auth.{at}")], "{to}");
    }
    let none = "auth = { kind = \"jws\", issuer = \"i\", keys = [] }";
    assert_eq!(places(none), ["upstreams[0].auth.keys"]);
}

#[test]
fn i8_no_fault_repeats_a_value_or_a_secret() {
    for more in [
        "auth = { kind = \"hunter2\" }",
        "auth = { kind = \"bearer\", token = \"hunter2\" }",
        "auth = { kind = \"basic\", user = \"u\", password = \"hunter2\" }",
        "auth = { kind = \"header\", headers = { X-Api-Key = \"hunter2\" } }",
        "auth = { kind = \"header\", headers = \"hunter2\" }",
        "auth = \"hunter2\"",
        "auth = [\"hunter2\"]",
        "auth = { kind = \"mtls\", cert = \"c\", key = \"hunter2\" }",
        "auth = { kind = \"basic\", user = \"hunter2:\", password = { env = \"P\" } }",
        "breaker = { open_s = \"hunter2\" }",
        &HMAC.replace("{timestamp}{body}", "{hunter2}"),
        &HMAC.replace("X-Sign", "hunter2 "),
        &HMAC.replace("{ env = \"S\" }", "\"hunter2\""),
        &HMAC.replace("string =", "hash = \"hunter2\"\nstring ="),
        &JWS.replace("EdDSA", "hunter2"),
        &JWS.replace("{ env = \"A\" }", "\"hunter2\""),
        &JWS.replace("issuer = \"tidewaiter\"", "issuer = [\"hunter2\"]"),
    ] {
        let faults = faults(more);
        assert!(!faults.is_empty(), "{more}");
        let said = format!("{faults:?}");
        assert!(!said.contains("hunter2"), "{more}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn i8_every_secret_is_read_with_the_same_care() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("policies")).unwrap();
    let upstreams = format!(
        "{JWS}[[upstreams]]\nname = \"b\"\nurl = \"https://b.example\"\n{HMAC}[[upstreams]]\nname = \"c\"\n\
         url = \"https://c.example\"\nauth = [{{ kind = \"mtls\", cert = \"c.pem\", key = {{ env = \"K\" }} }}, \
         {{ kind = \"header\", headers = {{ X-Api-Key = {{ env = \"K\" }} }} }}]\n"
    );
    let mut names = Vec::new();
    let mut text = String::new();
    // Each reference becomes a file of its own.
    for (at, part) in format!("{SMALL}{upstreams}").split("{ env = ").enumerate() {
        if at == 0 {
            text.push_str(part);
            continue;
        }
        let (_, rest) = part.split_once('}').unwrap();
        names.push(format!("secret-{at}"));
        write!(text, "{{ file = \"secret-{at}\" }}{rest}").unwrap();
    }
    let file = dir.path().join("t.toml");
    std::fs::write(&file, text).unwrap();
    std::fs::write(dir.path().join("c.pem"), "").unwrap();
    for name in &names {
        let path = dir.path().join(name);
        std::fs::write(&path, "swordfish").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let invalid = Config::load(&file).unwrap_err();
    let at: Vec<_> = invalid
        .faults()
        .iter()
        .map(|fault| fault.at.as_str())
        .collect();
    assert_eq!(
        at,
        [
            "upstreams[0].auth.keys[0].key",
            "upstreams[0].auth.keys[1].key",
            "upstreams[1].auth.secret",
            "upstreams[1].auth.key",
            "upstreams[2].auth[0].key",
            "upstreams[2].auth[1].headers.X-Api-Key",
        ]
    );
    for name in &names {
        let path = dir.path().join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    }
    let config = Config::load(&file).unwrap();
    assert!(!format!("{config:?}").contains("swordfish"));
    std::fs::remove_file(dir.path().join("c.pem")).unwrap();
    let invalid = Config::load(&file).unwrap_err();
    assert_eq!(invalid.faults()[0].at, "upstreams[2].auth.cert");
}
