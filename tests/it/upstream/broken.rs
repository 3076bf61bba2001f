//! Upstreams that fail: what is sent again, when nothing is sent any more, and that one upstream
//! does not take the others with it.

use super::server::{Does, Server, says, text};
use super::{One, settings};
use std::time::Duration;
use tidewaiter::catalog::Effect;
use tidewaiter::clock::Clock;
use tidewaiter::config::{Auth, Secret};
use tidewaiter::upstream::{Failed, Outgoing, Upstreams};

const SECOND: i64 = 1_000_000;

#[tokio::test]
async fn i9_a_write_is_never_sent_twice() {
    for status in [500, 502, 503, 504] {
        let server = Server::new(vec![says(status, "")]).await;
        let mut settings = settings(&server.url());
        settings.retries = 5;
        let one = One::of(settings, &Clock::System);
        let failed = one.post(Effect::Write, "{}").await.unwrap_err();
        assert_eq!(failed, Failed::Status(status));
        assert_eq!(server.count(), 1, "{status}");
        // Nor what another method does, or bears a key, whatever the catalog says of it.
        for asked in [
            Outgoing {
                method: http::Method::PUT,
                ..Outgoing::read("/x")
            },
            Outgoing {
                method: http::Method::DELETE,
                ..Outgoing::read("/x")
            },
            Outgoing {
                idempotency_key: Some("k"),
                ..Outgoing::read("/x")
            },
            Outgoing {
                effect: Effect::Write,
                ..Outgoing::read("/x")
            },
        ] {
            let before = server.count();
            one.all.send(&one.name, asked).await.unwrap_err();
            assert_eq!(server.count(), before + 1, "{status}");
        }
    }
    let server = Server::new(vec![Does::HangsUp]).await;
    let one = One::of(settings(&server.url()), &Clock::System);
    assert_eq!(
        one.post(Effect::Write, "{}").await.unwrap_err(),
        Failed::Broken
    );
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_read_is_sent_again_signed_anew_and_the_answer_counts() {
    let metrics = crate::harness::stand::metrics();
    for read in [true, false] {
        let script = vec![
            says(503, ""),
            says(502, "retry-after: 0\r\n"),
            says(200, ""),
        ];
        let server = Server::new(script).await;
        let mut settings = settings(&server.url());
        let mut hmac: tidewaiter::config::upstream::auth::Hmac = toml::from_str(
            r#"
            secret = { env = "S" }
            string = "{nonce}"
            send = { nonce = { header = "x-nonce" }, signature = { header = "x-sign" } }
            "#,
        )
        .unwrap();
        hmac.secret = Secret::given("s");
        settings.auth = vec![Auth::Hmac(hmac)];
        let one = One::of(settings, &Clock::System);
        let answer = if read {
            one.read().await
        } else {
            one.post(Effect::Read, r#"{"a":1}"#).await
        };
        assert_eq!(answer.unwrap().status, 200);
        let nonces: std::collections::HashSet<_> = server
            .seen()
            .iter()
            .map(|seen| {
                let nonce = seen.lines().find(|line| line.starts_with("x-nonce: "));
                nonce.unwrap().to_owned()
            })
            .collect();
        assert_eq!((server.count(), nonces.len()), (3, 3));
        assert!(
            one.metric("tidewaiter_upstream_retries_total")
                .unwrap()
                .ends_with(" 2")
        );
    }
    drop(metrics);
}

#[tokio::test]
async fn what_does_not_pass_is_not_asked_for_again() {
    for does in [
        says(500, ""),
        says(404, ""),
        says(401, ""),
        says(429, "retry-after: 0\r\n"),
        Does::HangsUp,
        // Longer than there is time.
        says(503, "retry-after: 3600\r\n"),
        says(503, "retry-after: Fri, 31 Dec 2060 23:59:59 GMT\r\n"),
    ] {
        let server = Server::new(vec![does.clone()]).await;
        let one = One::of(settings(&server.url()), &Clock::System);
        one.read().await.unwrap_err();
        assert_eq!(server.count(), 1, "{does:?}");
    }
    let server = Server::new(vec![says(503, "retry-after: 1\r\n"), says(200, "")]).await;
    let one = One::of(settings(&server.url()), &Clock::System);
    assert!(
        one.read().await.is_ok(),
        "an hour is too long, a second is not"
    );
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn nobody_is_asked_twice_as_much_because_he_fails() {
    let server = Server::new(vec![says(503, "")]).await;
    let mut settings = settings(&server.url());
    settings.retries = 5;
    settings.breaker.at_least = 1_000_000;
    let one = One::of(settings, &Clock::System);
    for _ in 0..100 {
        assert_eq!(one.read().await.unwrap_err(), Failed::Status(503));
    }
    // A tenth, and ten that were saved.
    assert!((101..=121).contains(&server.count()), "{}", server.count());
}

#[tokio::test]
async fn the_breaker_opens_lets_one_try_and_closes() {
    let _metrics = crate::harness::stand::metrics();
    let server = Server::new(vec![says(503, "")]).await;
    let clock = Clock::manual(1_795_352_700_000_000);
    let mut settings = settings(&server.url());
    settings.retries = 0;
    settings.breaker.at_least = 5;
    let one = One::of(settings, &clock);
    let gauge = || one.metric("tidewaiter_upstream_breaker").unwrap();
    assert!(gauge().ends_with(" 0"));
    for _ in 0..5 {
        assert_eq!(one.read().await.unwrap_err(), Failed::Status(503));
    }
    for effect in [Effect::Read, Effect::Write] {
        let failed = one.post(effect, "{}").await.unwrap_err();
        assert_eq!((failed, failed.maybe_happened()), (Failed::Open, false));
    }
    assert_eq!(server.count(), 5, "it is left in peace");
    assert!(gauge().ends_with(" 2"));

    // The probe fails: open again.
    clock.advance(5 * SECOND);
    assert_eq!(one.read().await.unwrap_err(), Failed::Status(503));
    assert_eq!(one.read().await.unwrap_err(), Failed::Open);
    assert_eq!(server.count(), 6);

    // Only one of many is the probe, and while it is out the others are turned away.
    clock.advance(5 * SECOND);
    server.does(vec![Does::Waits(text(200, ""))]);
    let (probe, others) = tokio::join!(one.read(), async {
        server.came(7).await;
        assert!(gauge().ends_with(" 1"));
        let mut others = Vec::new();
        for _ in 0..8 {
            others.push(one.read().await);
        }
        server.gate.add_permits(1);
        others
    });
    assert!(probe.is_ok());
    assert!(
        others
            .iter()
            .all(|other| matches!(other, Err(Failed::Open)))
    );
    assert_eq!(server.count(), 7);
    assert!(gauge().ends_with(" 0"));
    server.does(vec![says(200, "")]);
    assert!(one.read().await.is_ok());
}

#[tokio::test]
async fn a_probe_whose_caller_is_gone_is_followed_by_another() {
    let server = Server::new(vec![says(503, "")]).await;
    let clock = Clock::manual(1_795_352_700_000_000);
    let mut settings = settings(&server.url());
    settings.retries = 0;
    settings.breaker.at_least = 1;
    let one = One::of(settings, &clock);
    one.read().await.unwrap_err();
    clock.advance(5 * SECOND);
    server.does(vec![Does::Waits(text(200, "")), says(200, "")]);
    tokio::select! {
        _ = one.read() => panic!("it waits"),
        () = server.came(2) => {}
    }
    assert!(one.read().await.is_ok());
}

#[tokio::test]
async fn a_refusal_opens_no_breaker() {
    for status in [400, 401, 404, 422, 429, 500] {
        let server = Server::new(vec![says(status, "")]).await;
        let mut settings = settings(&server.url());
        settings.breaker.at_least = 1;
        let one = One::of(settings, &Clock::System);
        for _ in 0..5 {
            assert_eq!(one.read().await.unwrap_err(), Failed::Status(status));
        }
    }
}

#[tokio::test]
async fn a_slow_upstream_has_bounds_and_the_others_go_on() {
    let (slow, quick) = (
        Server::new(vec![Does::Waits(text(200, ""))]).await,
        Server::new(vec![says(200, "")]).await,
    );
    let (mut first, second) = (settings(&slow.url()), settings(&quick.url()));
    (first.max_concurrent, first.max_waiting) = (3, 2);
    let names = (first.name.clone(), second.name.clone());
    let all = Upstreams::new(&[first, second], &Clock::System).unwrap();
    let ask = |name: &str| {
        let name = name.to_owned();
        let all = &all;
        async move { all.send(&name, Outgoing::read("/x")).await }
    };
    let five = async {
        tokio::join!(
            ask(&names.0),
            ask(&names.0),
            ask(&names.0),
            ask(&names.0),
            ask(&names.0)
        )
    };
    let (five, ()) = tokio::join!(five, async {
        slow.came(3).await;
        for _ in 0..20 {
            let failed = ask(&names.0).await.unwrap_err();
            assert_eq!((failed, failed.maybe_happened()), (Failed::Busy, false));
            assert!(ask(&names.1).await.is_ok());
        }
        assert_eq!(slow.count(), 3, "the others wait here, not there");
        slow.gate.add_permits(5);
    });
    assert!(five.0.is_ok() && five.1.is_ok() && five.2.is_ok() && five.3.is_ok() && five.4.is_ok());
    assert_eq!(slow.count(), 5);
}

#[tokio::test]
async fn an_answer_that_drips_ends_with_the_time() {
    let server = Server::new(vec![Does::Drips]).await;
    let mut settings = settings(&server.url());
    settings.timeout = Duration::from_millis(300);
    settings.connect_timeout = Duration::from_millis(200);
    settings.breaker.at_least = 2;
    let one = One::of(settings, &Clock::System);
    for _ in 0..2 {
        assert_eq!(one.read().await.unwrap_err(), Failed::TimedOut);
    }
    assert_eq!(one.read().await.unwrap_err(), Failed::Open);
    assert_eq!(server.count(), 2, "nor is it asked again");
}

#[tokio::test]
async fn who_cannot_be_reached_is_tried_again_and_then_left_in_peace() {
    let _metrics = crate::harness::stand::metrics();
    let nobody = format!("http://127.0.0.1:{}", crate::harness::child::free_port());
    let mut settings = settings(&nobody);
    settings.breaker.at_least = 6;
    let one = One::of(settings, &Clock::System);
    for _ in 0..2 {
        assert_eq!(one.read().await.unwrap_err(), Failed::Unreachable);
    }
    let retries = one.metric("tidewaiter_upstream_retries_total").unwrap();
    assert!(retries.ends_with(" 4"), "{retries}");
    assert_eq!(
        one.read().await.unwrap_err(),
        Failed::Open,
        "two reads were six attempts"
    );
}
