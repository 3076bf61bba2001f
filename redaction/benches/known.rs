//! What known values cost: to compile once a conversation, and on a turn of 2 kB.
//!
//! `cargo bench -p tidewaiter-redaction --bench known`

#![expect(clippy::print_stdout, reason = "figures for people")]

use std::time::{Duration, Instant};
use tidewaiter_redaction::{Attribute, Known, Profile, findings};

const ROUNDS: u32 = 2_000;

const VALUES: [(Attribute, &str); 7] = [
    (Attribute::Name, "Щербакова Юлия Сергеевна"),
    (Attribute::Email, "yulia.shch@inbox.example"),
    (Attribute::Phone, "+79261234502"),
    (Attribute::Uid, "U-77412"),
    (Attribute::BirthDate, "1991-07-23"),
    (Attribute::Document, "4510 223452"),
    (
        Attribute::Address,
        "420111, г. Казань, ул. Баумана, д. 7, кв. 18",
    ),
];

/// The median time of `run`.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let count = |n: usize| {
        median(|| {
            std::hint::black_box(Known::new(VALUES.into_iter().take(n)));
        })
    };
    println!("compile a name: {:?}", count(1));
    println!("compile name, e-mail, phone, id: {:?}", count(4));
    println!("compile all seven attributes: {:?}", count(7));
    let turns = [
        (
            "English",
            "My withdrawal of 250 USDT to my wallet is stuck since Monday, can you check what the network says? ",
            2_048,
        ),
        (
            "Russian",
            "Мой вывод 250 USDT завис с понедельника, проверьте, пожалуйста, что говорит сеть, и напишите мне. ",
            2_048,
        ),
    ];
    let known = Known::new(VALUES);
    for (language, sentence, size) in turns {
        let turn = sentence.repeat(size / sentence.len() + 1);
        for (who, known) in [("nobody", &Known::none()), ("seven values", &known)] {
            let time = median(|| {
                std::hint::black_box(findings(&turn, known, &Profile::agent()));
            });
            println!("{language} turn of {} B, {who} known: {time:?}", turn.len());
        }
    }
}
