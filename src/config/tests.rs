use super::*;
use std::fmt::Write as _;
use std::time::Duration;

const SAMPLE: &str = include_str!("../../deploy/tidewaiter.toml");

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
"#;

fn with(more: &str) -> Result<Config, Invalid> {
    Config::parse(&format!("{SMALL}{more}"), "t.toml")
}

fn instead(from: &str, to: &str) -> Result<Config, Invalid> {
    assert!(SMALL.contains(from), "{from}");
    Config::parse(&SMALL.replace(from, to), "t.toml")
}

fn at(result: Result<Config, Invalid>) -> Vec<String> {
    let faults = result.unwrap_err().faults().to_vec();
    faults.into_iter().map(|fault| fault.at).collect()
}

#[test]
fn the_sample_is_good_and_says_what_is_the_default() {
    let config = Config::parse(SAMPLE, "tidewaiter.toml").unwrap();
    assert!(config.server.tls.is_some());
    assert!(
        config
            .upstreams
            .iter()
            .all(|upstream| upstream.credential.is_some())
    );
    assert!(!config.allow_local_issuer);
    // Every line that is commented out is a setting too: all of them together are good.
    let mut all = String::new();
    for line in SAMPLE.lines() {
        let setting = line.strip_prefix("#:").map_or(line, str::trim_start);
        writeln!(all, "{setting}").unwrap();
    }
    assert_ne!(all, SAMPLE);
    let all = Config::parse(&all, "tidewaiter.toml").unwrap();
    assert_eq!(all.server.request_timeout, config.server.request_timeout);
    assert_eq!(all.server.max_connections, config.server.max_connections);
    assert_eq!(all.ledger.queue, config.ledger.queue);
    assert_eq!(all.tokens.leeway_s, config.tokens.leeway_s);
    assert_eq!(all.officers.apart, config.officers.apart);
}

#[test]
fn a_small_file_is_enough() {
    let config = with("").unwrap();
    assert_eq!(config.server.body_limit_bytes, 262_144);
    assert_eq!(config.server.drain, Duration::from_secs(20));
    assert!(config.server.is_plain());
    assert_eq!(config.log.format, Format::Json);
    let issuer = r#"
[[issuers]]
issuer = "https://id.test"
jwks_file = "id.json"
issues = ["agents"]
"#;
    let config = with(issuer).unwrap();
    let issuer = config.issuers.first().unwrap();
    let ours = ["http://127.0.0.1:8443", "http://127.0.0.1:8443/mcp"];
    assert_eq!(issuer.audience, ours);
    assert_eq!(issuer.max_lifetime, Duration::from_hours(1));
}

#[test]
fn an_unknown_key_is_refused_with_its_place() {
    let invalid = with("\nfour_eye = true\n").unwrap_err();
    let text = invalid.to_string();
    assert!(
        text.starts_with("t.toml:16:1: unknown field `four_eye`"),
        "{text}"
    );
    for section in ["[servr]", "[server.tls2]", "[[upstream]]"] {
        assert!(with(section).is_err(), "{section}");
    }
    let nested = r#"
[[agents]]
id = "chatbot"
kind = "llm"
title = "Chat"
secret = "x"
"#;
    assert!(with(nested).is_err());
}

#[test]
fn i8_no_message_repeats_a_value() {
    for text in [
        "[database]\nurl = \"sqlite:x\"\npassword = \"hunter2\"\n",
        "[database]\nurl = \"sqlite:x\"\npassword = { value = \"hunter2\" }\n",
        "[database]\nurl = \"sqlite:x\"\npassword = { file = \"a\", env = \"hunter2\" }\n",
        "[database]\nurl = \"sqlite:x\"\npasword = \"hunter2\"\n",
        "[database]\nmax_connections = \"hunter2\"\n",
        "[server]\nlisten = \"hunter2\"\n",
        "[log]\nformat = \"hunter2`, expected `hunter2\"\n",
        "[log]\nformat = \"hunter2\"\n",
        "[database]\nurl = \"hunter2\n",
    ] {
        let invalid = Config::parse(text, "t.toml").unwrap_err();
        assert!(!invalid.to_string().contains("hunter2"), "{invalid}");
        assert!(!format!("{invalid:?}").contains("hunter2"), "{invalid:?}");
    }
    let invalid = Config::parse("[database]\nurl = \"x\"\npassword = \"hunter2\"\n", "t");
    assert!(invalid.unwrap_err().to_string().contains("never inline"));
}

const ALL_WRONG: &str = r#"
[server]
listen = "0.0.0.0:443"
public_url = "http://api.example/"
allowed_origins = ["https://app.example/path"]
[log]
level = "=loud="
[database]
url = "postgres://user:hunter2@db.example/x"
[ledger]
origin = "Über"
vault = "v"
anchor = "a"
queue = 1
[policies]
dir = "p"
[exports]
dir = "e"
[tokens]
leeway_s = 61
[[issuers]]
issuer = ""
jwks_file = "x"
issues = []
[[issuers]]
issuer = ""
jwks_file = "x"
issues = ["agents", "customers"]
actor_claim = "azp"
[[agents]]
id = "a"
kind = "llm"
title = " "
recipients = [{ name = "n", country = "Germany", contact = "c", retention_days = 1 }]
[[agents]]
id = "a"
kind = "flow"
title = "t"
[[upstreams]]
name = "Core"
url = "http://10.0.0.1"
[[upstreams]]
name = "Core"
url = "https://u:p@core.example"
connect_timeout_ms = 0
"#;

#[test]
fn all_faults_are_named_at_once() {
    let at = at(Config::parse(ALL_WRONG, "t.toml"));
    for expected in [
        "server.tls",
        "server.public_url",
        "server.allowed_origins[0]",
        "log.level",
        "database.url",
        "ledger.origin",
        "ledger.queue",
        "tokens.leeway_s",
        "issuers[0].issuer",
        "issuers[0].issues",
        "issuers[1].issuer",
        "issuers[1].customer_clients",
        "agents[0].title",
        "agents[0].recipients[0].country",
        "agents[1].id",
        "upstreams[0].name",
        "upstreams[0].url",
        "upstreams[1].name",
        "upstreams[1].url",
        "upstreams[1].connect_timeout_ms",
    ] {
        assert!(at.iter().any(|at| at == expected), "{expected} in {at:?}");
    }
    let invalid = Config::parse(ALL_WRONG, "t.toml").unwrap_err();
    assert!(!invalid.to_string().contains("hunter2"));
}

fn issuer(more: &str) -> Result<Config, Invalid> {
    with(&format!(
        "[[issuers]]\nissuer = \"https://id.test\"\nissues = [\"agents\"]\n{more}"
    ))
}

#[test]
fn keys_come_from_a_file_or_an_endpoint() {
    let file = "jwks_file = \"x\"\n";
    let url = "jwks_url = \"https://id.test/keys?p=1\"\n";
    for good in [
        file.to_owned(),
        format!("{url}jwks_ca = \"ca.pem\""),
        "jwks_url = \"http://127.0.0.1:80/\"".to_owned(),
    ] {
        assert!(issuer(&good).is_ok(), "{good}");
    }
    for (more, expected) in [
        (String::new(), "jwks_file"),
        (format!("{file}{url}"), "jwks_file"),
        (format!("{file}jwks_ca = \"ca.pem\""), "jwks_ca"),
        ("jwks_url = \"http://id.test/keys\"".to_owned(), "jwks_url"),
        (
            "jwks_url = \"https://u:hunter2@id.test/\"".to_owned(),
            "jwks_url",
        ),
        ("jwks_url = \"file:///etc/passwd\"".to_owned(), "jwks_url"),
        ("jwks_url = \"hunter2\"".to_owned(), "jwks_url"),
        (format!("{url}jwks_gap_s = 0"), "jwks_gap_s"),
        (format!("{url}jwks_refresh_s = 9"), "jwks_refresh_s"),
        (format!("{url}jwks_refresh_s = 90000"), "jwks_refresh_s"),
        (format!("{url}jwks_max_stale_s = 60"), "jwks_max_stale_s"),
    ] {
        let expected = format!("issuers[0].{expected}");
        let invalid = issuer(&more);
        assert!(!format!("{invalid:?}").contains("hunter2"));
        assert!(at(invalid).contains(&expected), "{more}");
    }
}

#[test]
fn claims_are_named_or_refused() {
    let with = |more: &str| issuer(&format!("jwks_file = \"x\"\n{more}"));
    let config = with("roles_claim = \"realm_access.roles\"\nactor_claim = \"bot\"").unwrap();
    let issuer = config.issuers.first().unwrap();
    assert_eq!(issuer.roles_claim.names(), ["realm_access", "roles"]);
    assert_eq!(issuer.actor_claim, ActorClaim::Own(ClaimPath::new("bot")));
    let azp = with("actor_claim = \"azp\"").unwrap();
    assert_eq!(azp.issuers.first().unwrap().actor_claim, ActorClaim::Azp);
    let nine = format!("name_claims = {:?}", vec!["a"; 9]);
    for (more, expected) in [
        ("uid_claim = \"\"", "uid_claim"),
        ("subject_claim = \"a..b\"", "subject_claim"),
        ("session_claim = []", "session_claim"),
        ("roles_claim = \"a b\"", "roles_claim"),
        ("scope_claim = \"a.b.c.d.e.f.g\"", "scope_claim"),
        ("acr_claim = \"\"", "acr_claim"),
        ("actor_claim = \"a.\"", "actor_claim"),
        ("email_claims = [\"\"]", "email_claims"),
        (&nine, "name_claims"),
    ] {
        assert_eq!(at(with(more)), [format!("issuers[0].{expected}")], "{more}");
    }
}

#[test]
fn tokens_are_exchanged_for_registered_agents_and_not_for_long() {
    let agent = "[[agents]]\nid = \"a\"\nkind = \"llm\"\ntitle = \"A\"\njwks_file = \"a.json\"\n";
    let exchange = |more: &str| {
        with(&format!(
            "{agent}[token_exchange]\nkey = {{ file = \"k\" }}\n{more}"
        ))
    };
    let good = exchange("agents = [\"a\"]")
        .unwrap()
        .token_exchange
        .unwrap();
    assert_eq!(good.lifetime, Duration::from_mins(5));
    for (more, expected) in [
        ("agents = []", "token_exchange.agents"),
        ("agents = [\"a\", \"b\"]", "token_exchange.agents[1]"),
        (
            "agents = [\"a\"]\nlifetime_s = 0",
            "token_exchange.lifetime_s",
        ),
        (
            "agents = [\"a\"]\nlifetime_s = 301",
            "token_exchange.lifetime_s",
        ),
    ] {
        assert_eq!(at(exchange(more)), [expected], "{more}");
    }
    let inline = with("[token_exchange]\nkey = \"hunter2\"\nagents = []");
    assert!(!inline.unwrap_err().to_string().contains("hunter2"));
    let ours = "[[issuers]]\nissuer = \"http://127.0.0.1:8443\"\njwks_file = \"x\"\nissues = [\"agents\"]\n";
    let clash = exchange(&format!("agents = [\"a\"]\n{ours}"));
    assert_eq!(at(clash), ["token_exchange"]);
}

#[test]
fn listening_where_others_can_reach_needs_tls() {
    let open = "listen = \"0.0.0.0:8443\"";
    let loopback = "listen = \"127.0.0.1:8443\"";
    assert_eq!(at(instead(loopback, open)), ["server.tls"]);
    instead(loopback, &format!("{open}\nplain_http = true")).unwrap();
    let tls = format!("{open}\ntls = {{ cert = \"c\", key = \"k\" }}");
    assert!(!instead(loopback, &tls).unwrap().server.is_plain());
    let same = format!("{loopback}\nhealth_listen = \"0.0.0.0:8443\"");
    assert_eq!(at(instead(loopback, &same)), ["server.health_listen"]);
}

#[test]
fn postgres_over_tcp_is_verified_or_refused() {
    let url = |url: &str| instead("sqlite:data/ledger.db", url);
    for good in [
        "postgres://tw@db.example/tw?sslmode=verify-full",
        "postgres://tw@db.example/tw?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgresql://tw@%2Frun%2Fpostgresql/tw",
        "postgres:///tw?host=/run/postgresql",
    ] {
        assert!(url(good).is_ok(), "{good}");
    }
    for bad in [
        "postgres://tw@db.example/tw",
        "postgres://tw@db.example/tw?sslmode=require",
        "postgres://tw@db.example/tw?sslmode=verify-ca",
        "postgres://tw@db.example/tw?sslmode=VERIFY-FULL",
        "postgres://tw@127.0.0.1/tw",
        "postgres://tw@%2Frun%2Fpostgresql/tw?host=db.example",
        "postgres://tw@db.example/tw?sslmode=verify-full&sslmode=disable",
        "postgres://tw@db.example/tw?sslmode=disable&sslmode=verify-full",
        "postgres://tw@db.example/tw?sslmode=verify-full&ssl-mode=disable",
        "postgres:///tw?host=/run/postgresql&hostaddr=10.0.0.1",
        "postgres:///tw",
        "postgres://tw:pw@db.example/tw?sslmode=verify-full",
        "postgres://tw@db.example/tw?sslmode=verify-full&password=pw",
        "mysql://db.example/tw",
        "sqlite::memory:",
        "sqlite:",
        "sqlite:x?mode=memory",
    ] {
        assert_eq!(at(url(bad)).first().unwrap(), "database.url", "{bad}");
    }
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        let plain = format!("postgres://tw@{host}/tw\"\nallow_plain_loopback = true\n#\"");
        assert!(url(plain.trim_end_matches('"')).is_ok(), "{host}");
    }
    for host in [
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "localhost.evil.example",
    ] {
        let plain = format!("postgres://tw@{host}/tw\"\nallow_plain_loopback = true\n#");
        assert!(url(&plain).is_err(), "{host}");
    }
}

#[test]
fn i6_keys_and_anchor_lie_apart_from_the_database() {
    assert_eq!(
        at(instead("vault = \"vault\"", "vault = \"data\"")),
        ["ledger.vault"]
    );
    let beside = instead("anchor = \"anchor/head\"", "anchor = \"data/head\"");
    assert_eq!(at(beside), ["ledger.anchor"]);
}

#[cfg(unix)]
mod files {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn private(path: &Path, mode: u32, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("policies")).unwrap();
        let upstream = r#"
[[upstreams]]
name = "core"
url = "https://core.example"
credential = { file = "core.secret" }
"#;
        fs::write(dir.path().join("t.toml"), format!("{SMALL}{upstream}")).unwrap();
        dir
    }

    #[test]
    fn i8_a_secret_is_read_from_a_private_file_and_never_shown() {
        let dir = folder();
        let secret = dir.path().join("core.secret");
        private(&secret, 0o600, "hunter2\n");
        let config = Config::load(&dir.path().join("t.toml")).unwrap();
        let credential = config.upstreams[0].credential.as_ref().unwrap();
        assert_eq!(credential.expose(), "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(format!("{config:?}").contains("[secret]"));
        assert_eq!(config.ledger.vault, dir.path().join("vault"));
        let data = dir.path().join("data/ledger.db");
        assert_eq!(config.database.engine(), Some(Engine::Sqlite(data)));
    }

    #[test]
    fn i8_a_secret_that_others_can_read_is_refused() {
        let dir = folder();
        let secret = dir.path().join("core.secret");
        let load = || Config::load(&dir.path().join("t.toml"));
        for mode in [0o640, 0o604, 0o620, 0o666, 0o601] {
            private(&secret, mode, "hunter2");
            let invalid = load().unwrap_err();
            assert_eq!(invalid.faults().len(), 1);
            assert_eq!(invalid.faults()[0].at, "upstreams[0].credential");
            assert!(invalid.to_string().contains("chmod 600"), "{mode:o}");
        }
        private(&secret, 0o600, "\n");
        assert!(load().is_err());
        private(&secret, 0o600, &"x".repeat(70_000));
        assert!(load().is_err());
        fs::remove_file(&secret).unwrap();
        fs::remove_dir(dir.path().join("policies")).unwrap();
        let at = at(load());
        assert_eq!(at, ["upstreams[0].credential", "policies.dir"]);
    }

    #[test]
    fn a_secret_may_come_from_the_environment() {
        let dir = folder();
        let path = dir.path().join("t.toml");
        let text = fs::read_to_string(&path).unwrap();
        // Cargo sets this for every test.
        let from_env = |name: &str| {
            let env = format!("{{ env = \"{name}\" }}");
            fs::write(&path, text.replace("{ file = \"core.secret\" }", &env)).unwrap();
            Config::load(&path)
        };
        let config = from_env("CARGO_PKG_NAME").unwrap();
        let credential = config.upstreams[0].credential.as_ref().unwrap();
        assert_eq!(credential.expose(), "tidewaiter");
        assert_eq!(
            at(from_env("NO_SUCH_VARIABLE")),
            ["upstreams[0].credential"]
        );
    }
}

#[test]
fn i6_a_vault_beside_the_database_is_refused_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewaiter.toml");
    let text = |vault: &str| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\n\
             [database]\nurl = \"sqlite:ledger.db\"\n\
             [ledger]\norigin = \"a.example/log\"\nvault = \"{vault}\"\nanchor = \"anchor/head\"\n\
             [policies]\ndir = \".\"\n[exports]\ndir = \"exports\"\n"
        )
    };
    let refused = |vault: &str| {
        std::fs::write(&path, text(vault)).unwrap();
        let refused = Config::load(&path).err();
        refused.is_some_and(|error| error.to_string().contains("ledger.vault"))
    };
    let whole = folder.path().display().to_string();
    for vault in [".", "keys/..", "./.", whole.as_str()] {
        assert!(refused(vault), "{vault}");
    }
    assert!(!refused("keys"));
}
