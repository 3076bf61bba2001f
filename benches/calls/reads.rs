//! Reads as fast as they go and at a fixed pace, beside nginx; and the ledger alone at their rate.

use super::append::{self, Told};
use super::load::{Load, Requests, Turn, Until};
use super::plan::{self, ACTIVE, Place, USUAL};
use super::process::{cpu, memory};
use super::report::{Figure, Report};
use super::site::{Gateway, Site};
use super::{Database, Options, Part};
use std::sync::Arc;
use std::time::Duration;

/// Somebody who answers.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) load: Load,
    pub(crate) process: Option<u32>,
    pub(crate) database: Option<u32>,
}

/// What one turn of a contender cost.
#[derive(Debug, Clone)]
pub(crate) struct Cost {
    pub(crate) turn: Turn,
    pub(crate) cpu: f64,
    pub(crate) database_cpu: f64,
}

impl Contender {
    pub(crate) fn new(name: &str, port: u16, requests: Requests, options: &Options) -> Self {
        let load = Load {
            port,
            connections: options.connections,
            requests,
            next: Arc::default(),
            pace: None,
        };
        Self {
            name: name.to_owned(),
            load,
            process: None,
            database: None,
        }
    }

    pub(crate) fn of(mut self, process: u32, database: Option<u32>) -> Self {
        self.process = Some(process);
        self.database = database;
        self
    }

    pub(crate) async fn turn(&self, pace: Option<u32>, until: Until) -> Cost {
        let spent = || {
            (
                self.process.map_or(0.0, cpu),
                self.database.map_or(0.0, cpu),
            )
        };
        let before = spent();
        let load = Load {
            pace,
            ..self.load.clone()
        };
        let turn = load.run(until).await;
        let after = spent();
        Cost {
            turn,
            cpu: after.0 - before.0,
            database_cpu: after.1 - before.1,
        }
    }
}

/// Every contender has its turns, in rounds.
pub(crate) async fn rounds(
    contenders: &[Contender],
    options: &Options,
    pace: Option<u32>,
) -> Vec<Figure> {
    let time = Until::Elapsed(Duration::from_secs_f64(options.seconds));
    let mut costs: Vec<Vec<Cost>> = contenders.iter().map(|_one| Vec::new()).collect();
    for one in contenders {
        one.turn(pace, Until::Elapsed(Duration::from_secs(1))).await;
    }
    for _round in 0..options.rounds {
        for (one, costs) in contenders.iter().zip(&mut costs) {
            costs.push(one.turn(pace, time).await);
        }
    }
    let pairs = contenders.iter().zip(&costs);
    pairs
        .map(|(one, costs)| Figure::of(&one.name, costs))
        .collect()
}

struct Standing {
    database: Database,
    gateway: Gateway,
    cluster: Option<u32>,
}

pub(crate) async fn measure(options: &Options, place: &Place, report: &mut Report) {
    let standing = stand(options, place).await;
    let contenders = contenders(options, place, &standing);
    if options.has(Part::Reads) || options.has(Part::Audit) {
        report.reads = rounds(&contenders, options, None).await;
        for one in &standing {
            let (now, most) = memory(one.gateway.process.id());
            report.note(format!("resident memory of the gateway on {:?} after the reads: {now:.0} MiB, at most {most:.0}", one.database));
        }
    }
    if options.has(Part::Paced) {
        report.paced = rounds(&contenders, options, Some(options.pace)).await;
    }
    drop(contenders);
    for one in standing {
        one.gateway.process.stop();
    }
    if options.has(Part::Audit) {
        audit(options, place, report).await;
    }
}

async fn stand(options: &Options, place: &Place) -> Vec<Standing> {
    let mut standing = Vec::new();
    for database in [Database::Sqlite, Database::Postgres] {
        let Some(url) = url(options, place, database) else {
            continue;
        };
        let site = Site::new(place, &format!("reads-{database:?}"), url, USUAL);
        let gateway = site.serve(place).await.welcome(ACTIVE).await;
        let cluster = place
            .cluster
            .as_ref()
            .filter(|_| database == Database::Postgres);
        standing.push(Standing {
            database,
            gateway,
            cluster: cluster.map(super::postgres::Cluster::id),
        });
    }
    standing
}

/// The database's URL, or none for a file; nothing if it is not there to be measured.
fn url(options: &Options, place: &Place, database: Database) -> Option<Option<String>> {
    if !options.on(database) {
        return None;
    }
    match database {
        Database::Sqlite => Some(None),
        Database::Postgres => Some(Some(place.cluster.as_ref()?.database())),
    }
}

fn contenders(options: &Options, place: &Place, standing: &[Standing]) -> Vec<Contender> {
    let mut all = Vec::new();
    let tokens = standing.first().map(|one| Arc::clone(&one.gateway.tokens));
    let plain = plan::plain(tokens.unwrap_or_default(), USUAL);
    if !options.alone {
        all.push(Contender::new(
            "the upstream itself",
            place.upstream.port,
            Arc::clone(&plain),
            options,
        ));
    }
    for (name, nginx) in [
        ("nginx `proxy_pass`", &place.nginx),
        ("nginx, JSON access log", &place.logging),
    ] {
        if let Some(nginx) = nginx {
            all.push(
                Contender::new(name, nginx.port, Arc::clone(&plain), options)
                    .of(nginx.process.id(), None),
            );
        }
    }
    for one in standing {
        let gateway = &one.gateway;
        let (tokens, host) = (&gateway.tokens, gateway.site.host());
        let database = match one.database {
            Database::Sqlite => "SQLite",
            Database::Postgres => "PostgreSQL",
        };
        for (interface, requests) in [
            (
                "REST",
                plan::rest(Arc::clone(tokens), USUAL, false, host.clone()),
            ),
            ("MCP", plan::mcp(Arc::clone(tokens), USUAL, host)),
        ] {
            let name = format!("Tidewaiter, {interface}, {database}");
            let contender = Contender::new(&name, gateway.site.port, requests, options);
            all.push(contender.of(gateway.process.id(), one.cluster));
        }
    }
    all
}

/// The ledger by itself, at the rate that the reads had: what durable audit costs of each.
async fn audit(options: &Options, place: &Place, report: &mut Report) {
    for database in [Database::Sqlite, Database::Postgres] {
        let Some(url) = url(options, place, database) else {
            continue;
        };
        let name = format!("{database:?}").to_lowercase();
        let read = report.reads.iter().find(|figure| {
            let row = figure.name.to_lowercase();
            row.contains("rest") && row.contains(&name)
        });
        let Some((rate, whole)) = read.map(|read| (read.per_second, read.cpu)) else {
            continue;
        };
        let site = Site::new(place, &format!("audit-{database:?}"), url, USUAL);
        let told = Told {
            config: site.config.clone(),
            callers: options.connections,
            rate: Some(rate),
            seconds: options.seconds * options.rounds as f64,
        };
        let appended = append::in_a_process(&told);
        let off = whole - appended.cpu;
        report.audit.push((name, appended, off, whole / off - 1.0));
    }
}
