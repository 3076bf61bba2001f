//! A gateway that exchanges sessions of an issuer whose keys are at an endpoint of ours.

use crate::harness::child::Site;
use crate::harness::stand::metrics;
use crate::harness::{Place, verify_whole};
use crate::wire::{Got, Wire};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tidewaiter::clock::{Clock, rfc3339};
use tidewaiter::config::Config;
use tidewaiter::config::secret::write_private;
use tidewaiter::demo::AGENT;
use tidewaiter::demo::data::Person;
use tidewaiter::identity::{LocalIssuer, Role, Signer, SigningAlgorithm, Subject, TokenDraft};
use tidewaiter::running::Running;
use tidewaiter_audit::record::Leaf;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The issuer that knows no `act`.
pub(crate) const SESSIONS: &str = "https://sessions.test";

pub(crate) struct Desk {
    pub(crate) site: Site,
    pub(crate) running: Running,
    key: Signer,
    issuer: Mutex<Arc<LocalIssuer>>,
    listed: Arc<Mutex<String>>,
    tasks: TaskTracker,
    over: CancellationToken,
}

/// The body of a request.
pub(crate) fn form(pairs: &[(String, String)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    body.finish()
}

pub(crate) fn now_s() -> i64 {
    Clock::System.now_s()
}

fn fresh() -> LocalIssuer {
    LocalIssuer::generate(SESSIONS, "exchange-app", SigningAlgorithm::Es256).unwrap()
}

impl Desk {
    pub(crate) async fn on(place: Place) -> Self {
        let (tasks, over) = (TaskTracker::new(), CancellationToken::new());
        let issuer = fresh();
        let listed = Arc::new(Mutex::new(issuer.jwks()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let shown = Arc::clone(&listed);
        let keys = axum::routing::get(move || async move { shown.lock().unwrap().clone() });
        let router = axum::Router::new().route("/keys", keys);
        let ended = over.clone();
        tasks.spawn(async move {
            let server = axum::serve(listener, router);
            let server = server.with_graceful_shutdown(ended.cancelled_owned());
            server.await.unwrap();
        });
        let more = format!(
            r#"
[[issuers]]
issuer = "{SESSIONS}"
jwks_url = "http://{at}/keys"
jwks_gap_s = 1
audience = ["exchange-app"]
issues = ["sessions"]
uid_claim = "account.uid"
acr = {{ "low" = "low", "2fa" = "substantial" }}
[token_exchange]
key = {{ file = "exchange.pem" }}
agents = ["{AGENT}"]
"#
        );
        let site = Site::with(place, "http", "", &more).await;
        let key = Signer::generate(SigningAlgorithm::EdDsa).unwrap();
        let own = Signer::generate(SigningAlgorithm::Es256).unwrap();
        write_private(&site.place.path("exchange.pem"), own.to_pem().as_bytes()).unwrap();
        std::fs::write(site.place.path("bot.json"), key.jwks()).unwrap();
        let text = std::fs::read_to_string(&site.config).unwrap();
        let title = "title = \"Support assistant\"";
        assert!(text.contains(title));
        let with_keys = format!("{title}\njwks_file = \"bot.json\"");
        std::fs::write(&site.config, text.replace(title, &with_keys)).unwrap();
        let config = Config::load(&site.config).unwrap();
        let running = Running::start(&config, metrics(), Clock::System)
            .await
            .unwrap();
        Self {
            site,
            running,
            key,
            issuer: Mutex::new(Arc::new(issuer)),
            listed,
            tasks,
            over,
        }
    }

    pub(crate) fn person(&self) -> Person {
        self.site.exchange.cast().queued.clone()
    }

    pub(crate) fn issuer(&self) -> Arc<LocalIssuer> {
        Arc::clone(&self.issuer.lock().unwrap())
    }

    /// Lists another key in place of the old one.
    pub(crate) fn rotate(&self) -> Arc<LocalIssuer> {
        let new = Arc::new(fresh());
        *self.listed.lock().unwrap() = new.jwks();
        Arc::clone(&new)
    }

    /// A session of the customer in the exchange's app, as its issuer calls things.
    pub(crate) fn session_draft<'i>(&self, issuer: &'i LocalIssuer) -> TokenDraft<'i> {
        let person = self.person();
        issuer
            .customer_token(&person.sub, "ignored", now_s())
            .claim("uid", Value::Null)
            .claim("account", json!({"uid": person.uid}))
            .lifetime(3_600)
            .acr("2fa")
            .about(&person.name, &person.email, &person.phone)
    }

    pub(crate) fn session_of(&self, issuer: &LocalIssuer) -> String {
        self.session_draft(issuer).sign().unwrap()
    }

    pub(crate) fn session(&self) -> String {
        self.session_of(&self.issuer())
    }

    pub(crate) fn assertion(&self) -> String {
        let jti = hex::encode(tidewaiter::random::bytes::<16>().unwrap());
        let key = &self.key;
        key.assertion(AGENT, &self.site.url, now_s(), &jti).unwrap()
    }

    fn exchange(session: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let grant = "urn:ietf:params:oauth:grant-type:token-exchange";
        let typ = "urn:ietf:params:oauth:token-type:jwt";
        let all = [
            ("grant_type", grant),
            ("subject_token", session),
            ("subject_token_type", typ),
        ];
        let all = all.iter().chain(more);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// A request with the agent's assertion.
    pub(crate) fn asserted(assertion: &str, session: &str) -> Vec<(String, String)> {
        let typ = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let more = [
            ("client_assertion", assertion),
            ("client_assertion_type", typ),
        ];
        Self::exchange(session, &more)
    }

    /// A request with a token of the agent alone.
    pub(crate) fn shown(&self, session: &str) -> Vec<(String, String)> {
        let token = self.site.issuer.guest_token(AGENT, now_s());
        let token = token.lifetime(3_600).sign().unwrap();
        let typ = "urn:ietf:params:oauth:token-type:access_token";
        Self::exchange(
            session,
            &[("actor_token", &token), ("actor_token_type", typ)],
        )
    }

    pub(crate) fn wire(&self, token: Option<&str>) -> Wire {
        Wire {
            address: self.running.address,
            token: token.map(str::to_owned),
        }
    }

    pub(crate) async fn ask(&self, pairs: &[(String, String)]) -> Got {
        let typed = [("content-type", "application/x-www-form-urlencoded")];
        let body = form(pairs);
        let wire = self.wire(None);
        wire.send("POST", "/oauth/token", &typed, body.as_bytes())
            .await
    }

    /// The agent with an exchanged token.
    pub(crate) async fn bot(&self, scope: Option<&str>) -> Wire {
        let mut form = self.shown(&self.session());
        form.extend(scope.map(|scope| ("scope".to_owned(), scope.to_owned())));
        let got = self.ask(&form).await;
        assert_eq!(got.status, 200, "{}", got.text());
        self.wire(got.json()["access_token"].as_str())
    }

    pub(crate) fn opening() -> Value {
        let shown_at = rfc3339(Clock::System.now_us());
        json!({"channel": "web", "locale": "en",
            "disclosure": {"version": "ai-notice/3", "shown_at": shown_at}})
    }

    /// Opens a conversation.
    pub(crate) async fn open(&self, bot: &Wire) -> String {
        let got = bot.post("/v1/conversations", &Self::opening()).await;
        assert_eq!(got.status, 201, "{}", got.text());
        got.json()["conversation"].as_str().unwrap().to_owned()
    }

    pub(crate) fn size(&self) -> i64 {
        self.running.gateway.ledger().size()
    }

    /// The record of this name, and what is sealed in it.
    pub(crate) async fn record(&self, rid: &str) -> (Leaf, Value) {
        let ledger = self.running.gateway.ledger();
        for seq in (0..ledger.size()).rev() {
            let entry = ledger.entry(seq).await.unwrap();
            if hex::encode(entry.leaf.rid) == rid {
                let body = ledger.open_body(&entry).await.unwrap();
                return (entry.leaf, body);
            }
        }
        panic!("no record {rid}");
    }

    /// Has a customer erased, whatever they hold.
    pub(crate) async fn erase(&self, who: &Subject) {
        let officer = |sub: &str| {
            let token = self.site.issuer.officer_token(sub, &[Role::Dpo], now_s());
            self.wire(Some(&token.sign().unwrap()))
        };
        let why = [
            ("access-reason", "they asked by letter"),
            ("access-case", "C-7"),
        ];
        let filed = json!({"issuer": who.issuer, "sub": who.sub});
        let filed = filed.to_string();
        let asked = officer("dina")
            .send("POST", "/v1/erasures", &why, filed.as_bytes())
            .await;
        assert_eq!(asked.status, 201, "{}", asked.text());
        let id = asked.json()["case"].as_str().unwrap().to_owned();
        let path = format!("/v1/erasures/{id}/approve");
        let done = officer("dora").send("POST", &path, &why, b"{}").await;
        assert_eq!(done.status, 200, "{}", done.text());
    }

    /// Stops it in order and checks every record.
    pub(crate) async fn close(self) {
        verify_whole(self.running.gateway.ledger()).await;
        self.abandon().await;
    }

    /// Stops it, with a ledger nobody can read.
    pub(crate) async fn abandon(self) {
        self.running.stop().await;
        self.site.exchange.stop().await;
        self.over.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
