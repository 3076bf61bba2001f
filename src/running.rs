//! A whole gateway from its configuration: what `serve`, the demonstration and the tests start.
//!
//! Promises that everything is checked before anything listens, and that stopping drains: no new
//! connections, requests in flight end, a last checkpoint is signed.

use crate::catalog::{Encoding, Retention};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Store;
use crate::gateway::{Gateway, Parts};
use crate::http::serve::{Limits, serve};
use crate::http::tls::Certificate;
use crate::http::{self, HttpSettings};
use crate::identity::{AgentId, AgentKind, Assurance, Identity};
use crate::ledger::anchor::Anchor;
use crate::ledger::vault::Directory;
use crate::ledger::{Ledger, Settings};
use crate::policy::Snapshot;
use crate::quota::Quota;
use crate::redaction::Profiles;
use crate::revocation::Horizon;
use crate::telemetry::Metrics;
use crate::upstream::Upstreams;
use anyhow::{Context, Result, bail};
use arc_swap::ArcSwap;
use sqlx::postgres::PgConnectOptions;
use std::fs::{File, OpenOptions, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// For how long a call waits for its record before it is `unrecorded`.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running gateway.
#[derive(Debug)]
pub struct Running {
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// Where agents, officers and customers reach it.
    pub address: SocketAddr,
    /// Where health and metrics are, if configured.
    pub health: Option<SocketAddr>,
    shutdown: CancellationToken,
    /// Ends after the listeners have drained: calls end, strangers are counted a last time.
    calls_shutdown: CancellationToken,
    /// Ends after the calls, so that the last checkpoint covers what they recorded.
    ledger_shutdown: CancellationToken,
    listeners: TaskTracker,
    calls: TaskTracker,
    tracker: TaskTracker,
    store: Store,
    retention: Arc<ArcSwap<Retention>>,
    certificate: Option<Arc<Certificate>>,
    _alone: Option<File>,
}

impl Running {
    /// Checks the configuration's parts, opens the ledger and listens.
    pub async fn start(config: &Config, metrics: Metrics, clock: Clock) -> Result<Self> {
        // Much is put together in there, and whoever waits for it need not carry it about.
        Box::pin(Self::put_together(config, metrics, clock)).await
    }

    #[expect(clippy::too_many_lines, reason = "the order of a start, step by step")]
    async fn put_together(config: &Config, metrics: Metrics, clock: Clock) -> Result<Self> {
        let alone = take_lock(config)?;
        let policy = Snapshot::load(&config.policies.dir, &agents(config))
            .await
            .context("the policies are refused")?;
        let identity = Identity::new(config.identity()).context("the issuers are refused")?;
        let profiles =
            Profiles::load(config.redaction.models.as_deref()).context("the models are refused")?;
        let upstreams = Upstreams::new(&config.upstreams, &clock)?;
        check_upstreams(&policy, config)?;
        let listener = TcpListener::bind(config.server.listen)
            .await
            .context("cannot listen")?;
        let certificate = config.server.tls.as_ref().map(Certificate::load);
        let certificate = certificate.transpose()?;
        let tls = certificate.as_ref().map(Certificate::server_config);
        let tls = tls.transpose()?;
        forget_bundles(&config.exports.dir)?;
        let store = open_store(config)
            .await
            .context("the database cannot be opened")?;

        let (shutdown, calls_shutdown) = (CancellationToken::new(), CancellationToken::new());
        let ledger_shutdown = CancellationToken::new();
        let (listeners, calls, tracker) =
            (TaskTracker::new(), TaskTracker::new(), TaskTracker::new());
        let retention = Arc::new(ArcSwap::from_pointee(policy.catalog().retention().clone()));
        let terms = Arc::clone(&retention);
        let ledger = Ledger::open(Settings {
            log: config.ledger.origin.clone(),
            store: store.clone(),
            vault: Arc::new(Directory::open(&config.ledger.vault).context("the vault")?),
            anchor: Anchor::open(&config.ledger.anchor).context("the anchor")?,
            clock: clock.clone(),
            retain_until: Arc::new(move |class, month| {
                let day = terms.load().retain_until(class, month);
                day.map(|day| day.to_string())
            }),
            queue: config.ledger.queue,
            patience: PATIENCE,
            checkpoint_every: config.ledger.checkpoint_interval,
            alone: alone.is_some(),
            tracker: tracker.clone(),
            shutdown: ledger_shutdown.clone(),
        })
        .await
        .context("the ledger is refused")?;
        let gateway = Gateway::start(Parts {
            identity,
            quota: Quota::new(&config.quota, &clock),
            horizon: horizon(config),
            policy,
            upstreams,
            ledger,
            profiles,
            exports: config.exports.dir.clone(),
            clock,
            tracker: calls.clone(),
            shutdown: calls_shutdown.clone(),
        })
        .await?;

        let address = listener.local_addr()?;
        let upkeep = Upkeep {
            gateway: Arc::clone(&gateway),
            metrics: metrics.clone(),
            certificate: certificate.clone(),
        };
        tracker.spawn(upkeep.run(ledger_shutdown.clone()));
        let router = http::router(Arc::clone(&gateway), settings(config));
        let limits = Limits::from(&config.server);
        let serving = serve(listener, tls, router, limits.clone(), shutdown.clone());
        listeners.spawn(async move {
            let _drained = serving.await;
        });
        let health = match config.server.health_listen {
            None => None,
            Some(at) => {
                let listener = TcpListener::bind(at)
                    .await
                    .context("cannot listen for health")?;
                let address = listener.local_addr()?;
                let ready = Arc::clone(&gateway);
                let router = http::health_router(
                    move || {
                        let gateway = Arc::clone(&ready);
                        async move { gateway.ledger().is_ready().await }
                    },
                    move || metrics.render(),
                );
                let serving = serve(listener, None, router, limits, ledger_shutdown.clone());
                tracker.spawn(async move {
                    let _drained = serving.await;
                });
                Some(address)
            }
        };
        tracing::info!(code = "listening", %address, "the gateway is up");
        Ok(Self {
            gateway,
            address,
            health,
            shutdown,
            calls_shutdown,
            ledger_shutdown,
            listeners,
            calls,
            tracker,
            store,
            retention,
            certificate,
            _alone: alone,
        })
    }

    /// Reads the certificate, the policies and then the issuers' keys again. Whatever is faulty is
    /// left as it was.
    pub async fn reload(&self, config: &Config) -> Result<()> {
        if let Some(certificate) = &self.certificate {
            certificate.renew().context("the certificate is refused")?;
        }
        let policy = Snapshot::load(&config.policies.dir, &agents(config))
            .await
            .context("the policies are refused")?;
        check_upstreams(&policy, config)?;
        self.gateway
            .reload_keys()
            .context("the issuers' keys are refused")?;
        let retention = Arc::new(policy.catalog().retention().clone());
        self.gateway.adopt(policy).await?;
        self.retention.store(retention);
        Ok(())
    }

    /// Stops in order: listeners drain, calls end and are recorded, the ledger signs once more.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.listeners.close();
        self.listeners.wait().await;
        self.calls_shutdown.cancel();
        self.calls.close();
        self.calls.wait().await;
        self.ledger_shutdown.cancel();
        drop(self.gateway);
        self.tracker.close();
        self.tracker.wait().await;
        self.store.close().await;
        tracing::info!(code = "stopped", "the gateway has drained");
    }
}

/// What is done now and then.
struct Upkeep {
    gateway: Arc<Gateway>,
    metrics: Metrics,
    certificate: Option<Arc<Certificate>>,
}

impl Upkeep {
    /// Folds metrics and forgets idle quota keys, so that memory stays bounded; once a minute looks
    /// for a renewed certificate, goes on with erasures that were not finished, and lets go of
    /// revocations that have ended.
    async fn run(self, shutdown: CancellationToken) {
        for round in 1_u64.. {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
            self.metrics.upkeep();
            self.gateway.quota().sweep();
            if round.is_multiple_of(12) {
                self.renew();
                self.gateway.finish_erasures().await;
                self.gateway.sweep_revocations().await;
            }
        }
    }

    /// Shows a renewed certificate. One that does not fit yet may be half written: next time.
    fn renew(&self) {
        match self.certificate.as_ref().map(|one| one.renew()) {
            None | Some(Ok(false)) => {}
            Some(Ok(true)) => tracing::info!(code = "certificate_renewed", "shown from now on"),
            Some(Err(error)) => {
                tracing::error!(code = "certificate_refused", %error, "the old one is shown");
            }
        }
    }
}

/// What the interfaces are told.
fn settings(config: &Config) -> HttpSettings {
    let server = &config.server;
    let satisfying = |issuer: &crate::config::Issuer| {
        let strong = issuer
            .acr
            .iter()
            .filter(|(_acr, worth)| **worth > Assurance::Low);
        strong.map(|(acr, _worth)| acr.clone()).collect::<Vec<_>>()
    };
    // Tokens that are only good to be exchanged are none for us.
    let direct = |issuer: &&crate::config::Issuer| issuer.is_believed_directly();
    let issuers = config.issuers.iter().filter(direct);
    let mut authorization_servers: Vec<_> = issuers.map(|i| i.issuer.clone()).collect();
    if config.token_exchange.is_some() {
        authorization_servers.push(server.public_url.clone());
    }
    HttpSettings {
        allowed_hosts: vec![server.listen.to_string()],
        allowed_origins: server.allowed_origins.clone(),
        authorization_servers,
        scopes: config.token_exchange.is_some() || config.issuers.iter().any(|i| i.scopes),
        acr_values: config.issuers.iter().flat_map(satisfying).collect(),
        body_limit: server.body_limit_bytes,
        body_timeout: server.header_read_timeout,
        request_timeout: server.request_timeout,
        ..HttpSettings::new(&server.public_url)
    }
}

/// Removes what a crash left of bundles that were being built: they may hold keys in the clear.
fn forget_bundles(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).context("the folder of exports")?;
    for entry in std::fs::read_dir(dir).context("the folder of exports")? {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        if stem.len() != 32 || !stem.bytes().all(|b| b.is_ascii_hexdigit()) {
            continue;
        }
        if path.is_dir() {
            std::fs::remove_dir_all(&path)?;
        } else {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Every upstream of the catalog must be configured, and what is asked of it must be such that its
/// credential can be put on; every operation with a quota must be there.
fn check_upstreams(policy: &Snapshot, config: &Config) -> Result<()> {
    for upstream in policy.catalog().upstreams() {
        if !config.upstreams.iter().any(|one| one.name == upstream) {
            bail!("the catalog names the upstream {upstream:?}, the configuration does not");
        }
    }
    for operation in policy.catalog().operations() {
        let mut all = config.upstreams.iter();
        let wraps = all.any(|one| one.name == operation.upstream && one.wraps_bodies());
        let fits = operation.encoding == Encoding::Json
            && operation.method != hyper::Method::GET
            && operation.method != hyper::Method::DELETE;
        if wraps && !fits {
            let name = &operation.name;
            bail!("the operation {name:?} has no JSON body, and its upstream's auth is jws");
        }
    }
    for name in config.quota.operations.keys() {
        if policy.catalog().operation(name).is_none() {
            bail!("quota.operations names {name:?}, the catalog does not");
        }
    }
    Ok(())
}

/// How long a token of any issuer can be good.
fn horizon(config: &Config) -> Horizon {
    let longest = config.issuers.iter().map(|issuer| issuer.max_lifetime);
    Horizon {
        longest: longest.max().unwrap_or_default(),
        leeway: Duration::from_secs(config.tokens.leeway_s.into()),
    }
}

/// The registered agents, as the policy compiler wants them.
pub fn agents(config: &Config) -> Vec<(AgentId, AgentKind)> {
    config
        .agents
        .iter()
        .map(|agent| (agent.id.clone(), agent.kind))
        .collect()
}

/// The configured databases. A password given apart from the URL is put in here.
pub async fn open_store(config: &Config) -> Result<Store> {
    let database = &config.database;
    if database.url.starts_with("sqlite:") {
        return Ok(Store::open(&database.url).await?);
    }
    let mut options = PgConnectOptions::from_str(&database.url)?;
    if let Some(password) = &database.password {
        options = options.password(password.expose());
    }
    Ok(Store::open_postgres(options, database.max_connections).await?)
}

/// On SQLite, the lock that keeps a second process away; none on PostgreSQL.
pub fn take_lock(config: &Config) -> Result<Option<File>> {
    let Some(path) = config.database.url.strip_prefix("sqlite:") else {
        return Ok(None);
    };
    let path = path
        .trim_start_matches("//")
        .split('?')
        .next()
        .unwrap_or_default();
    let path = PathBuf::from(format!("{path}.lock"));
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let lock = lock.context("the database's folder cannot be written")?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => {
            bail!("another process has this database open; stop it, or go through it")
        }
        Err(TryLockError::Error(error)) => Err(error).context("the database cannot be locked"),
    }
}
