//! The demonstration exchange: three internal APIs on one loopback listener, with data of their
//! own in a SQLite file of their own.
//!
//! They look like what exchanges run: `core` like Peatio's management API, `accounts` like
//! Barong's, `desk` like the support desk's home-made service. Like those they are powerful and
//! trusting: whoever holds the credential may name any `uid` or `tid`, and nobody asks whose it
//! is. That is what the gateway in front is for. [`Misbehaviour`] makes them hostile as well.
//!
//! Who may come in they verify as the real ones do, each by its [`Lock`]: `core` and `accounts`
//! want the body in a token with several signatures, `desk` a keyed digest of the request; what
//! is wrong, stale or used before is turned away.
//!
//! Differs from the real ones in what it leaves out: of their hundred paths it has the ones a chat
//! needs, and whoever has signed may do everything.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod accounts;
mod ask;
mod core;
mod desk;
mod door;
mod misbehave;
mod seen;
mod store;

pub use desk::Case;
pub use door::{HmacLock, JwsLock, Lock, Signer};
pub use misbehave::{CANARY, Misbehaviour};
pub use seen::Seen;
pub use store::Dispute;

use super::data::{CUSTOMERS, Cast, Dataset};
use crate::clock::Clock;
use door::Door;
use store::Store;

/// Base path of the trading core.
pub const CORE_BASE: &str = "/api/v2/management/peatio";
/// Base path of the accounts and KYC service.
pub const ACCOUNTS_BASE: &str = "/api/v2/barong/management";
/// Base path of the support desk's service.
pub const DESK_BASE: &str = "/api/v2/desk";

/// How long [`Exchange::stop`] waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the exchange could not start or answer; never its callers' fault.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No port on loopback.
    #[error("the demonstration exchange found no port on loopback")]
    Listen(#[source] std::io::Error),
    /// Its database file cannot be written or read.
    #[error("the demonstration exchange's database failed")]
    Store(#[from] sqlx::Error),
    /// Its data cannot be written as JSON.
    #[error("the demonstration exchange's data cannot be written")]
    Data(#[from] serde_json::Error),
}

/// What opens each service. A secret by itself is a bearer token.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// For the trading core.
    pub core: Lock,
    /// For accounts and KYC.
    pub accounts: Lock,
    /// For the desk.
    pub desk: Lock,
}

/// A running exchange; stops serving when dropped.
#[derive(Debug)]
pub struct Exchange {
    address: SocketAddr,
    door: Arc<Door>,
    stop: CancellationToken,
    tracker: TaskTracker,
    serving: JoinHandle<()>,
}

impl Exchange {
    /// Serves [`CUSTOMERS`] customers of this seed on a free port of 127.0.0.1. The data is
    /// written anew to `exchange.sqlite` in `dir`, with times relative to `now_us`.
    pub async fn start(
        dir: &Path,
        seed: u64,
        now_us: i64,
        credentials: Credentials,
    ) -> Result<Self, ExchangeError> {
        let dataset = Dataset::generate(seed, CUSTOMERS, now_us);
        Self::serve(dir, dataset, now_us, &credentials).await
    }

    /// As [`Exchange::start`], with data of the caller's choice.
    pub async fn serve(
        dir: &Path,
        dataset: Dataset,
        now_us: i64,
        credentials: &Credentials,
    ) -> Result<Self, ExchangeError> {
        Self::serve_at(dir, dataset, now_us, credentials, Clock::System).await
    }

    /// The same, with a clock by which signatures are fresh or stale.
    pub async fn serve_at(
        dir: &Path,
        dataset: Dataset,
        now_us: i64,
        credentials: &Credentials,
        clock: Clock,
    ) -> Result<Self, ExchangeError> {
        let store = Store::create(dir, &dataset, now_us).await?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(ExchangeError::Listen)?;
        let address = listener.local_addr().map_err(ExchangeError::Listen)?;
        let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
        let door = Arc::new(Door::new(store, dataset, credentials, clock, stop.clone()));
        let app: Router = door::router(Arc::clone(&door));
        let ended = stop.clone().cancelled_owned();
        let serving = tracker.spawn(async move {
            if let Err(error) = axum::serve(listener, app)
                .with_graceful_shutdown(ended)
                .await
            {
                tracing::error!(%error, "the demonstration exchange stopped serving");
            }
        });
        Ok(Self {
            address,
            door,
            stop,
            tracker,
            serving,
        })
    }

    /// `http://127.0.0.1:PORT`, to which the base paths are appended.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Who is who in the guided tour.
    pub fn cast(&self) -> &Cast {
        &self.door.dataset.cast
    }

    /// What was generated; not what was written since.
    pub fn dataset(&self) -> &Dataset {
        &self.door.dataset
    }

    /// The last requests, oldest first, authorized or not; at most [`Seen::KEPT`].
    pub fn seen(&self) -> Vec<Seen> {
        self.door.journal.seen()
    }

    /// How many requests have come in.
    pub fn count(&self) -> u64 {
        self.door.journal.count()
    }

    /// Forgets the requests seen so far, and their count.
    pub fn forget_seen(&self) {
        self.door.journal.clear();
    }

    /// The cases opened at the desk, in order.
    pub async fn cases(&self) -> Result<Vec<Case>, ExchangeError> {
        Ok(self.door.store.cases().await?)
    }

    /// The P2P disputes, in order, each as who opened it sees it.
    pub async fn disputes(&self) -> Result<Vec<Dispute>, ExchangeError> {
        Ok(self.door.store.disputes().await?)
    }

    /// Every authorized request from now on is answered like this.
    pub fn misbehave(&self, how: Misbehaviour) {
        self.door.mood.set(how, None);
    }

    /// The next `times` authorized requests are answered like this, later ones well again.
    pub fn misbehave_next(&self, how: Misbehaviour, times: u64) {
        self.door.mood.set(how, Some(times));
    }

    /// Well again.
    pub fn behave(&self) {
        self.door.mood.clear();
    }

    /// Stops taking requests, waits a little for those under way, closes the database.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(PATIENCE, self.tracker.wait())
            .await
            .is_err()
        {
            self.serving.abort();
        }
        self.door.store.close().await;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[cfg(test)]
mod tests;
