//! Keys from a server on loopback that rotates, dies, floods, hangs and lies.

use super::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the server does with each request.
#[derive(Clone)]
enum Does {
    Says { head: String, body: String },
    Floods,
    Hangs,
}

fn lists(keys: &str) -> Does {
    says("200 OK", "", keys)
}

fn says(status: &str, more: &str, body: &str) -> Does {
    let length = body.len();
    Does::Says {
        head: format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{more}\r\n"),
        body: body.to_owned(),
    }
}

/// A gateway whose customers' issuer has an endpoint.
struct Far {
    town: Town,
    identity: Arc<Identity>,
    does: Arc<Mutex<Does>>,
    asked: Arc<AtomicUsize>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

async fn far(does: Does, change: impl FnOnce(&mut crate::config::Issuer)) -> Far {
    let mut town = Town::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let (does, asked) = (Arc::new(Mutex::new(does)), Arc::new(AtomicUsize::new(0)));
    let (ours, count) = (Arc::clone(&does), Arc::clone(&asked));
    let (each, over) = (tasks.clone(), shutdown.clone());
    tasks.spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = over.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            count.fetch_add(1, Ordering::SeqCst);
            let does = ours.lock().unwrap().clone();
            let over = over.clone();
            each.spawn(async move {
                let answer = answer(accepted.unwrap().0, does);
                tokio::select! {
                    () = over.cancelled() => {}
                    _broken = answer => {}
                }
            });
        }
    });
    let issuer = &mut town.setup.issuers[0];
    issuer.jwks_file = None;
    issuer.jwks_url = Some(format!("http://{at}/keys"));
    issuer.jwks_gap = Duration::from_millis(50);
    issuer.jwks_refresh = Duration::from_mins(10);
    change(issuer);
    let identity = Arc::new(town.identity());
    for name in identity.endpoints() {
        let (fetcher, shutdown) = (Arc::clone(&identity), shutdown.clone());
        tasks.spawn(async move { fetcher.follow(&name, shutdown).await });
    }
    identity.asked_once().await;
    Far {
        town,
        identity,
        does,
        asked,
        tasks,
        shutdown,
    }
}

async fn answer(mut stream: tokio::net::TcpStream, does: Does) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    match does {
        Does::Says { head, body } => {
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await?;
            stream.shutdown().await
        }
        Does::Floods => {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            let chunk = format!("1000\r\n{}\r\n", " ".repeat(4_096));
            loop {
                stream.write_all(chunk.as_bytes()).await?;
            }
        }
        Does::Hangs => std::future::pending().await,
    }
}

impl Far {
    fn now_does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn check(&self, issuer: &LocalIssuer) -> Result<Verified, Unknown> {
        let token = issuer.agent_token("chatbot", "alice", "IDA1", NOW).sign();
        self.identity.authenticate(Some(&token.unwrap()), NOW)
    }

    /// Shows tokens until one is known or not known any more.
    async fn until(&self, issuer: &LocalIssuer, known: bool) {
        let end = Instant::now() + Duration::from_secs(10);
        while self.check(issuer).is_ok() != known {
            assert!(Instant::now() < end, "never");
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn close(self) {
        self.shutdown.cancel();
        self.tasks.close();
        let ended = tokio::time::timeout(Duration::from_secs(5), self.tasks.wait()).await;
        ended.expect("every task ends at shutdown");
    }
}

fn fresh() -> LocalIssuer {
    LocalIssuer::generate("https://id.test", US, SigningAlgorithm::Es256).unwrap()
}

#[tokio::test]
async fn a_rotation_is_seen_by_the_first_token_of_the_new_key() {
    let (old, new) = (fresh(), fresh());
    let far = far(lists(&old.jwks()), |_| ()).await;
    far.check(&old).unwrap();
    assert_eq!(far.asked(), 1);
    far.now_does(lists(&new.jwks()));
    // Remembered tokens cost no fetch, and are good as long as their key is listed.
    far.check(&old).unwrap();
    assert_eq!(far.asked(), 1);
    assert_eq!(far.check(&new).unwrap_err(), Unknown::Key);
    far.until(&new, true).await;
    assert_eq!(far.check(&old).unwrap_err(), Unknown::Key);
    far.close().await;
}

#[tokio::test]
async fn a_key_that_is_rotated_out_takes_remembered_tokens_with_it() {
    let (old, new) = (fresh(), fresh());
    let far = far(lists(&old.jwks()), |issuer| {
        issuer.jwks_refresh = Duration::from_millis(100);
    })
    .await;
    let token = old.agent_token("chatbot", "alice", "IDA1", NOW).sign();
    let token = token.unwrap();
    far.identity.authenticate(Some(&token), NOW).unwrap();
    far.now_does(lists(&new.jwks()));
    let end = Instant::now() + Duration::from_secs(10);
    while far.identity.authenticate(Some(&token), NOW).is_ok() {
        assert!(Instant::now() < end, "never forgotten");
        sleep(Duration::from_millis(10)).await;
    }
    // A set without any key takes the last one back too.
    far.check(&new).unwrap();
    far.now_does(lists(r#"{"keys":[]}"#));
    far.until(&new, false).await;
    far.close().await;
}

#[tokio::test]
async fn strangers_keys_wake_the_fetcher_seldom() {
    let issuer = fresh();
    let far = far(lists(&issuer.jwks()), |issuer| {
        issuer.jwks_gap = Duration::from_millis(200);
    })
    .await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(900) {
        for _ in 0..20 {
            assert_eq!(far.check(&fresh()).unwrap_err(), Unknown::Key);
        }
        sleep(Duration::from_millis(5)).await;
    }
    let asked = far.asked();
    assert!((2..=6).contains(&asked), "{asked}");
    // A token of an issuer that has no endpoint wakes nobody.
    sleep(Duration::from_millis(500)).await;
    let before = far.asked();
    let token = far.town.staff.officer_token("olga", &[Role::Dpo], NOW);
    let token = token.header("kid", "other").sign().unwrap();
    let refused = far.identity.authenticate(Some(&token), NOW).unwrap_err();
    assert_eq!(refused, Unknown::Key);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(far.asked(), before);
    far.close().await;
}

#[tokio::test]
async fn a_failing_endpoint_leaves_the_old_keys_for_a_bounded_time() {
    let issuer = fresh();
    let key = issuer.jwks();
    let private = key.replacen("\"kid\"", "\"d\":\"AAAA\",\"kid\"", 1);
    for does in [
        says("500 Oops", "", "{}"),
        says("404 Not Found", "", &key),
        says("302 Found", "location: http://127.0.0.1:1/\r\n", &key),
        lists("no json"),
        lists("[]"),
        lists(&private),
        lists(&format!("{key}{}", " ".repeat(140_000))),
        Does::Floods,
    ] {
        let far = far(lists(&key), |issuer| {
            issuer.jwks_refresh = Duration::from_millis(60);
            issuer.jwks_max_stale = Duration::from_millis(700);
        })
        .await;
        let began = Instant::now();
        far.now_does(does.clone());
        far.check(&issuer).unwrap();
        sleep(Duration::from_millis(300)).await;
        assert!(far.asked() >= 2);
        far.check(&issuer).unwrap();
        far.until(&issuer, false).await;
        assert!(began.elapsed() >= Duration::from_millis(400));
        // It comes back by itself.
        far.now_does(lists(&key));
        far.until(&issuer, true).await;
        far.close().await;
    }
}

#[tokio::test]
async fn an_issuer_that_is_not_there_yet_knows_nobody_until_it_is() {
    let issuer = fresh();
    let far = far(says("503 Soon", "", ""), |_| ()).await;
    assert_eq!(far.check(&issuer).unwrap_err(), Unknown::Key);
    // The other issuer is none the worse for it.
    let olga = far.town.staff.officer_token("olga", &[Role::Dpo], NOW);
    let olga = olga.sign().unwrap();
    far.identity.authenticate(Some(&olga), NOW).unwrap();
    far.now_does(lists(&issuer.jwks()));
    far.until(&issuer, true).await;
    far.close().await;
}

#[tokio::test]
async fn who_says_nothing_is_given_up_and_does_not_hold_up_the_end() {
    let issuer = fresh();
    let far = far(lists(&issuer.jwks()), |_| ()).await;
    far.now_does(Does::Hangs);
    assert_eq!(far.check(&fresh()).unwrap_err(), Unknown::Key);
    sleep(Duration::from_millis(200)).await;
    assert_eq!(far.asked(), 2);
    far.check(&issuer).unwrap();
    far.close().await;
}

#[tokio::test]
async fn caching_is_respected_within_bounds() {
    let issuer = fresh();
    let short = says("200 OK", "cache-control: max-age=0\r\n", &issuer.jwks());
    let far_ = far(short, |issuer| issuer.jwks_gap = Duration::from_millis(100)).await;
    sleep(Duration::from_millis(650)).await;
    let asked = far_.asked();
    assert!((3..=8).contains(&asked), "{asked}");
    far_.close().await;
    let long = says(
        "200 OK",
        "cache-control: max-age=99999999\r\n",
        &issuer.jwks(),
    );
    let far_ = far(long, |issuer| {
        issuer.jwks_refresh = Duration::from_millis(200);
    })
    .await;
    sleep(Duration::from_millis(700)).await;
    assert!(far_.asked() >= 3, "{}", far_.asked());
    far_.close().await;
}

#[test]
fn an_address_or_authority_that_cannot_be_used_is_refused_at_the_start() {
    let mut town = Town::new();
    let issuer = &mut town.setup.issuers[1];
    issuer.jwks_file = None;
    issuer.jwks_url = Some("https://staff.test/keys".to_owned());
    issuer.jwks_ca = Some("/nowhere".into());
    let unready = Identity::new(town.setup.clone()).unwrap_err();
    assert_eq!(unready, Unready::Endpoint { at: 1 });
    town.setup.issuers[1].jwks_ca = None;
    for url in [
        "http://staff.test/keys",
        "ftp://staff.test",
        "x",
        "https://u:p@s.test/",
    ] {
        town.setup.issuers[1].jwks_url = Some(url.to_owned());
        let unready = Identity::new(town.setup.clone()).unwrap_err();
        assert_eq!(unready, Unready::Endpoint { at: 1 }, "{url}");
    }
}
