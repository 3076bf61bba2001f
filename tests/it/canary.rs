//! I8, and records without personal data in the clear: canaries in every place a caller controls,
//! and then a look through everything the process wrote.

mod plant;
mod text;

use crate::harness::Place;
use crate::harness::canary::Search;
use crate::harness::child::Site;
use crate::harness::whole::Whole;
use plant::{knock, officers, talk};
use std::path::PathBuf;
use text::{PLACED, SHORT, forbidden, personal};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i8_nothing_forbidden_is_stored_and_nothing_personal_is_in_the_clear() {
    for place in Place::each().await {
        let site = Site::on(place, "").await;
        let child = site.serve().await;
        let mut tokens = Vec::new();
        let mut replies = Vec::new();
        for (at, person) in [0, 1, 4].map(|at| (at, site.people()[at].clone())) {
            let token = site
                .token(&person)
                .session(&format!("{}-{at}", PLACED[11]))
                .sign()
                .unwrap();
            let assistant = site.client().with_token(&token);
            tokens.push(token.clone());
            talk(&site, &assistant, &person, &mut replies).await;
            knock(&site, &token, &mut replies).await;
        }
        let bundle = officers(&site, &mut replies).await;
        let metrics = site.health().get("/metrics").await.unwrap().body;
        // Killed, so that the journal is still there to be looked through.
        child.kill();
        let clear = personal(&site, &tokens);
        look(&site, &clear, &metrics, &bundle);
        let search = Search::for_all(forbidden());
        for reply in &replies {
            let found = search.found_in(&reply.body);
            assert!(found.is_empty(), "{found:?} in {}", reply.json());
        }
        // Nor did any of it, or a caller's token, go to the exchange.
        let parts = tokens.iter().map(|token| token.rsplit('.').next().unwrap());
        let search = Search::for_all(forbidden().into_iter().chain(parts));
        for seen in site.exchange.seen() {
            let found = search.found_in(seen.text().as_bytes());
            assert!(found.is_empty(), "{found:?} in a request for {}", seen.path);
        }
        opened(&site, &clear).await;
        look(&site, &clear, &metrics, &bundle);
    }
}

/// Looks through everything that was written.
fn look(site: &Site, clear: &[String], metrics: &[u8], bundle: &[u8]) {
    let search = Search::for_all(
        forbidden()
            .into_iter()
            .chain(clear.iter().map(String::as_str)),
    );
    let dir = site.place.dir.path();
    // Not the gateway's: its own secrets, the exchange, and the policies it was given.
    let skip = ["secrets/", "exchange/", "policies/", "issuer."];
    let mut found = search.found_below(dir, &skip);
    let control = Search::for_all(["support-bot"]);
    let mut seen = control.found_below(dir, &skip);
    if let Some(data) = cluster(&site.place) {
        for part in ["base", "pg_wal"] {
            found.extend(search.found_below(&data.join(part), &[]));
            seen.extend(control.found_below(&data.join(part), &[]));
        }
    }
    let named = |(name, bytes): (&str, &[u8])| {
        search
            .found_in(bytes)
            .iter()
            .map(|text| format!("{name}: {text}"))
            .collect::<Vec<_>>()
    };
    found.extend(
        [("metrics", metrics), ("bundle", bundle)]
            .into_iter()
            .flat_map(named),
    );
    assert!(
        found.is_empty(),
        "{} finds:\n{}",
        found.len(),
        found.join("\n")
    );
    // The controls: what stands in the clear by design is found where it is.
    assert!(
        seen.iter().any(|name| !name.starts_with("tidewaiter.toml")),
        "{seen:?}"
    );
    let logs = site.logs();
    assert!(
        logs.contains("the gateway is up") && logs.contains("tidewaiter::"),
        "{logs}"
    );
    assert_eq!(
        Search::for_all(["tidewaiter_calls_total"])
            .found_in(metrics)
            .len(),
        1
    );
    assert_eq!(control.found_in(bundle).len(), 1);
}

/// PostgreSQL's data directory.
fn cluster(place: &Place) -> Option<PathBuf> {
    let (_, socket) = place.url.split_once("host=")?;
    Some(PathBuf::from(socket.split('&').next()?).join("data"))
}

/// Opens every body: personal texts were kept, and forbidden ones were not, even sealed.
async fn opened(site: &Site, clear: &[String]) {
    let open = site.place.open().await.unwrap();
    let whole = Whole::of(&open.ledger, &site.place).await;
    let mut all = String::new();
    let mut said = String::new();
    for (_, body) in &whole.entries {
        all.push_str(&body.to_string());
        for member in ["said", "shown"] {
            said.push_str(body[member].as_str().unwrap_or_default());
            said.push('\n');
        }
    }
    let search = Search::for_all(forbidden());
    for (entry, body) in &whole.entries {
        let body = body.to_string();
        let found = search.found_in(body.as_bytes());
        assert!(
            found.is_empty(),
            "{found:?} sealed: {} {}",
            entry.leaf.kind,
            body
        );
    }
    for (_, short) in SHORT {
        assert!(!said.contains(short), "{short} was kept");
    }
    let kept = Search::for_all(clear.iter().map(String::as_str));
    let kept = kept.found_in(all.as_bytes());
    let person = &site.people()[0];
    for expected in [&person.email, PLACED[0], PLACED[13], &person.name] {
        assert!(
            kept.contains(&expected),
            "the control: {expected} was sealed"
        );
    }
    open.crash().await;
}
