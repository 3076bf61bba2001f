//! The figures as people read them.

use super::Corpus;
use super::figures::Figures;
use std::fmt::Write;

/// A line of the upper part: what, and the figure of one engine.
type Line = (&'static str, fn(&Figures) -> String);

const LINES: [Line; 9] = [
    ("F1", |f| marked(f, share(f.f1))),
    ("F1 without ORGANISATION, DATE_TIME", |f| {
        marked(f, share(f.f1_without))
    }),
    ("leak", |f| marked(f, percent(f.leak))),
    ("leak without ORGANISATION, DATE_TIME", |f| {
        marked(f, percent(f.leak_without))
    }),
    ("spans covered", |f| marked(f, percent(f.cover))),
    ("false spans per 1,000 texts without any", |f| {
        f.alarms_per_thousand
            .map_or_else(|| "-".to_owned(), |n| format!("{n:.1}"))
    }),
    ("texts/s", |f| format!("{:.0}", f.texts_per_second)),
    ("MB/s", |f| format!("{:.3}", f.megabytes_per_second)),
    ("p99 of a 2 kB turn, ms", |f| {
        f.p99_ms
            .map_or_else(|| "-".to_owned(), |ms| format!("{ms:.2}"))
    }),
];

/// The table of one corpus.
pub(super) fn of(corpus: &Corpus) -> String {
    let mut out = String::new();
    let written = write(&mut out, corpus);
    debug_assert!(written.is_ok(), "a string takes everything");
    out
}

fn write(out: &mut String, corpus: &Corpus) -> std::fmt::Result {
    writeln!(
        out,
        "{}: {} texts, {} bytes",
        corpus.file, corpus.texts, corpus.bytes
    )?;
    write!(out, "{:<42}", "")?;
    for engine in &corpus.engines {
        write!(out, "{:>34}", engine.engine)?;
    }
    writeln!(out)?;
    for (what, figure) in LINES {
        write!(out, "{what:<42}")?;
        for engine in &corpus.engines {
            write!(out, "{:>34}", figure(engine))?;
        }
        writeln!(out)?;
    }
    types(out, corpus)
}

/// Precision, recall and F1 of every type that is marked or was found.
fn types(out: &mut String, corpus: &Corpus) -> std::fmt::Result {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for row in corpus.engines.iter().flat_map(|e| &e.types) {
        if kinds.iter().all(|(kind, _)| *kind != row.kind) {
            kinds.push((&row.kind, row.gold));
        }
    }
    write!(out, "{:<20}{:>8}{:>14}", "type", "marked", "")?;
    for _ in &corpus.engines {
        write!(out, "{:>10}{:>8}{:>8}{:>8}", "P", "R", "F1", "false")?;
    }
    writeln!(out)?;
    for (kind, gold) in kinds {
        write!(out, "{kind:<20}{gold:>8}{:>14}", "")?;
        for engine in &corpus.engines {
            match engine.types.iter().find(|r| r.kind == kind) {
                Some(r) => write!(
                    out,
                    "{:>10}{:>8}{:>8}{:>8}",
                    share(r.precision),
                    share(r.recall),
                    share(r.f1),
                    r.false_hits
                )?,
                None => write!(out, "{:>10}{:>8}{:>8}{:>8}", "-", "-", "-", "-")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A figure that means something only where something is marked.
fn marked(figures: &Figures, figure: String) -> String {
    let any = figures.types.iter().any(|t| t.gold > 0);
    if any { figure } else { "-".to_owned() }
}

fn share(share: f64) -> String {
    format!("{share:.3}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
