//! Does a call cost more as policies, catalogs and stores grow, and how much memory is kept?

use super::append;
use super::load::{Requests, Until};
use super::plan::{self, ACTIVE, Place, Size, USUAL};
use super::process::{cpu, memory};
use super::reads::{Contender, rounds};
use super::report::Report;
use super::site::Site;
use super::{Database, Options};
use std::sync::Arc;
use tidewaiter::clock::{Clock, rfc3339};

/// Sessions that begin before the first of them asks again.
const LANES: u64 = 1_000;
/// Requests of a session: one opens the chat.
const STEPS: u64 = 5;

/// Calls against one thing grown at a time, one of twenty of them denied; on `SQLite`.
pub(crate) async fn measure(options: &Options, place: &Place, report: &mut Report) {
    if !options.on(Database::Sqlite) {
        return;
    }
    let (subjects, records) = (options.subjects as u64, options.records as u64);
    let few = Size { lines: 20, ..USUAL };
    let grown: [(String, Size, u64, u64); 6] = [
        (
            "20 policy lines, 20 operations, 2,000 customers, no records".to_owned(),
            few,
            0,
            0,
        ),
        ("100 policy lines".to_owned(), USUAL, 0, 0),
        (
            "10,000 policy lines".to_owned(),
            Size {
                lines: 10_000,
                ..USUAL
            },
            0,
            0,
        ),
        (
            "1,000 operations".to_owned(),
            Size {
                operations: 1_000,
                ..few
            },
            0,
            0,
        ),
        (
            format!("{subjects} customers with keys, chats and records"),
            few,
            subjects,
            subjects,
        ),
        (format!("{records} records"), few, ACTIVE, records),
    ];
    let mut gateways = Vec::new();
    let mut contenders = Vec::new();
    for (at, (name, size, subjects, records)) in grown.into_iter().enumerate() {
        let site = Site::new(place, &format!("grown-{at}"), None, size);
        if records > 0 {
            println!("filling: {name}");
            append::fill(&site.config, subjects, records).await;
        }
        let gateway = site.serve(place).await.welcome(ACTIVE).await;
        let requests = plan::rest(Arc::clone(&gateway.tokens), size, true, gateway.site.host());
        let contender = Contender::new(&name, gateway.site.port, requests, options);
        contenders.push(contender.of(gateway.process.id(), None));
        gateways.push(gateway);
    }
    report.growth = rounds(&contenders, options, None).await;
    for gateway in gateways {
        gateway.process.stop();
    }
}

/// Every session another customer: it opens a chat, reads four times and is never seen again.
pub(crate) async fn sessions(options: &Options, place: &Place, report: &mut Report) {
    if !options.on(Database::Sqlite) {
        return;
    }
    let site = Site::new(place, "sessions", None, USUAL);
    let (issuer, host) = (Arc::clone(&site.issuer), site.host());
    let gateway = site.serve(place).await;
    let (now_s, now) = (Clock::System.now_s(), rfc3339(Clock::System.now_us()));
    let requests: Requests = Arc::new(move |n, out| {
        let (block, rest) = (n / (LANES * STEPS), n % (LANES * STEPS));
        let (step, lane) = (rest / LANES, rest % LANES);
        let token = plan::token(&issuer, block * LANES + lane, now_s);
        if step == 0 {
            plan::opening(out, &host, &token, &now);
        } else {
            let operation = (lane + step) % USUAL.operations as u64;
            let path = format!("/v1/operations/bench.op{operation}");
            plan::post(out, &host, &path, &token, "", plan::ARGUMENTS);
        }
    });
    let contender = Contender::new("sessions", gateway.site.port, requests, options);
    let spent = cpu(gateway.process.id());
    let last = options.subjects as u64 * STEPS;
    let turn = contender.load.run(Until::Number(last)).await;
    let spent = cpu(gateway.process.id()) - spent;
    let (now, most) = memory(gateway.process.id());
    report.note(format!(
        "{} customers, one session each (a chat opened, four reads): {:.0} requests/s, {:.4} CPU s per 1,000, {} refused; \
         resident memory {now:.0} MiB, at most {most:.0} MiB",
        options.subjects,
        turn.count() / turn.seconds,
        spent / (turn.count() / 1e3),
        turn.refused,
    ));
    report.sessions = Some((
        turn.count() / turn.seconds,
        spent / (turn.count() / 1e3),
        most,
    ));
    gateway.process.stop();
}
