//! Figures as tables, with their ratios to nginx, and as JSON.

use super::Options;
use super::append::Appended;
use super::reads::Cost;
use serde_json::{Value, json};

/// The median of a contender's turns.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) per_second: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Seconds of CPU per 1,000 answers.
    pub(crate) cpu: f64,
    pub(crate) database_cpu: f64,
    pub(crate) refused: f64,
}

impl Figure {
    pub(crate) fn of(name: &str, costs: &[Cost]) -> Self {
        let median = |of: &dyn Fn(&Cost) -> f64| {
            let mut all: Vec<f64> = costs.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        Self {
            name: name.to_owned(),
            per_second: median(&|cost| cost.turn.count() / cost.turn.seconds),
            p50: median(&|cost| cost.turn.within(0.5)),
            p99: median(&|cost| cost.turn.within(0.99)),
            cpu: median(&|cost| cost.cpu / (cost.turn.count() / 1e3)),
            database_cpu: median(&|cost| cost.database_cpu / (cost.turn.count() / 1e3)),
            refused: median(&|cost| cost.turn.refused as f64 / cost.turn.count()),
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name, "per_second": self.per_second, "p50_ms": self.p50, "p99_ms": self.p99,
            "cpu_s_per_1000": self.cpu, "database_cpu_s_per_1000": self.database_cpu,
            "refused_share": self.refused,
        })
    }
}

/// All figures of a run.
pub(crate) struct Report {
    pub(crate) reads: Vec<Figure>,
    pub(crate) paced: Vec<Figure>,
    /// Database, the ledger alone, CPU per 1,000 calls without it, and what it adds.
    pub(crate) audit: Vec<(String, Appended, f64, f64)>,
    pub(crate) growth: Vec<Figure>,
    pub(crate) sessions: Option<(f64, f64, f64)>,
    notes: Vec<String>,
    connections: usize,
    pace: u32,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            reads: Vec::new(),
            paced: Vec::new(),
            audit: Vec::new(),
            growth: Vec::new(),
            sessions: None,
            notes: Vec::new(),
            connections: options.connections,
            pace: options.pace,
        }
    }

    /// Says something at once, and again at the end.
    pub(crate) fn note(&mut self, text: String) {
        println!("{text}");
        self.notes.push(text);
    }

    pub(crate) fn end(&self, options: &Options) {
        println!(
            "\n{} cores, {} connections, medians of {} turns of {} s\n",
            cores(),
            self.connections,
            options.rounds,
            options.seconds
        );
        self.print_reads();
        self.print_paced();
        self.print_audit();
        self.print_growth();
        for note in &self.notes {
            println!("{note}");
        }
        if let Some(path) = &options.json {
            let text = serde_json::to_string_pretty(&self.json()).expect("JSON");
            std::fs::write(path, text).expect("a file");
        }
    }

    fn print_reads(&self) {
        if self.reads.is_empty() {
            return;
        }
        let nginx = self
            .reads
            .iter()
            .find(|figure| figure.name == "nginx `proxy_pass`");
        println!(
            "| one read of 2 KiB | requests/s | of nginx's | p50 / p99 ms | CPU s per 1,000 | × nginx | database's CPU |"
        );
        println!("|---|---|---|---|---|---|---|");
        for figure in &self.reads {
            let share = nginx.map_or_else(String::new, |nginx| {
                format!("{:.0} %", 100.0 * figure.per_second / nginx.per_second)
            });
            let times = nginx
                .filter(|_| figure.cpu > 0.0)
                .map_or_else(String::new, |nginx| {
                    format!("{:.1}", figure.cpu / nginx.cpu)
                });
            let own = if figure.cpu > 0.0 {
                format!("{:.4}", figure.cpu)
            } else {
                String::new()
            };
            let database = if figure.database_cpu > 0.0 {
                format!("{:.4}", figure.database_cpu)
            } else {
                String::new()
            };
            println!(
                "| {} | {:.0} | {share} | {:.2} / {:.2} | {own} | {times} | {database} |",
                figure.name, figure.per_second, figure.p50, figure.p99
            );
            if figure.refused > 0.0 {
                println!(
                    "\n**{:.2} % of these were not answered with 200.**\n",
                    figure.refused * 100.0
                );
            }
        }
        let of = |interface: &str| {
            self.reads
                .iter()
                .find(|f| f.name.contains(interface) && f.name.contains("SQLite"))
        };
        if let (Some(rest), Some(mcp)) = (of("REST"), of("MCP")) {
            println!("\nMCP costs {:.2} × the CPU of REST.", mcp.cpu / rest.cpu);
        }
        println!();
    }

    fn print_paced(&self) {
        if self.paced.is_empty() {
            return;
        }
        println!(
            "| {} requests/s offered | p50 / p99 ms | p99 above nginx | CPU s per 1,000 |",
            self.pace
        );
        println!("|---|---|---|---|");
        let nginx = self
            .paced
            .iter()
            .find(|figure| figure.name == "nginx `proxy_pass`");
        for figure in &self.paced {
            let above = nginx.map_or_else(String::new, |nginx| {
                format!("{:+.2} ms", figure.p99 - nginx.p99)
            });
            println!(
                "| {} | {:.2} / {:.2} | {above} | {:.4} |",
                figure.name, figure.p50, figure.p99, figure.cpu
            );
        }
        println!();
    }

    fn print_audit(&self) {
        for (database, appended, off, adds) in &self.audit {
            println!(
                "The ledger alone on {database} at {:.0} records/s: {:.4} CPU s per 1,000. A call without it would cost {off:.4}: \
                 audit adds {:.0} %.",
                appended.per_second,
                appended.cpu,
                adds * 100.0
            );
        }
        println!();
    }

    fn print_growth(&self) {
        let Some(base) = self.growth.first() else {
            return;
        };
        println!("| grown | requests/s | p99 ms | × | CPU s per 1,000 | × |");
        println!("|---|---|---|---|---|---|");
        for figure in &self.growth {
            println!(
                "| {} | {:.0} | {:.2} | {:.2} | {:.4} | {:.2} |",
                figure.name,
                figure.per_second,
                figure.p99,
                figure.p99 / base.p99,
                figure.cpu,
                figure.cpu / base.cpu
            );
        }
        println!();
    }

    fn json(&self) -> Value {
        let figures = |all: &[Figure]| all.iter().map(Figure::json).collect::<Vec<_>>();
        let audit = self.audit.iter().map(|(database, appended, off, adds)| {
            json!({"database": database, "ledger": appended, "cpu_s_per_1000_without": off, "adds": adds})
        });
        json!({
            "cores": cores(), "connections": self.connections, "pace": self.pace,
            "reads": figures(&self.reads), "paced": figures(&self.paced),
            "audit": audit.collect::<Vec<_>>(), "growth": figures(&self.growth),
            "sessions": self.sessions.map(|(per_second, cpu, memory)| json!({
                "per_second": per_second, "cpu_s_per_1000": cpu, "resident_mib_at_most": memory,
            })),
            "notes": self.notes,
        })
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
