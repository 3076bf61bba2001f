//! The only HTTP client: pooled connections, strict TLS, no redirects, bounded answers; bounded
//! in how much it asks of an upstream, and how often.

use super::address::Address;
use super::answer::{Response, drain, is_json, read};
use super::breaker::{Breaker, Health};
use super::connect::{Connect, connect};
use super::failed::Failed;
use super::outgoing::Outgoing;
use super::repeat::{Budget, is_passing, pause, retry_after};
use super::room::Room;
use super::sign::{self, Sign, SignFailed};
use crate::clock::Clock;
use crate::config::Upstream as Settings;
use crate::telemetry::metric;
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// An upstream cannot be set up; whoever configured it can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misconfigured {
    /// Its URL is not https, or http on loopback, or holds more than scheme, host, port and path.
    #[error("upstream {0}: its url cannot be used")]
    Url(String),
    /// Its CA file is not there or holds no certificate that can be trusted.
    #[error("upstream {0}: its ca file has no usable certificate")]
    Ca(String),
    /// Its credential cannot be used.
    #[error("upstream {0}: {1}")]
    Credential(String, SignFailed),
    /// Its name is used twice, or there is none of this name.
    #[error("upstream {0}: the name is used twice or not at all")]
    Name(String),
    /// TLS cannot be set up.
    #[error("upstream {0}: TLS cannot be set up")]
    Tls(String),
}

/// Every upstream, by name.
pub struct Upstreams(HashMap<String, Upstream>);

struct Upstream {
    name: String,
    address: Address,
    client: Client<Connect, Full<Bytes>>,
    sign: Box<dyn Sign>,
    timeout: Duration,
    most: usize,
    retries: u8,
    room: Room,
    breaker: Breaker,
    budget: Budget,
    clock: Clock,
    /// Whether it was said already that our credential is refused.
    refused: AtomicBool,
}

/// A failure, and how long the upstream asked us to wait.
struct Lost(Failed, Option<Duration>);

impl From<Failed> for Lost {
    fn from(failed: Failed) -> Self {
        Self(failed, None)
    }
}

impl std::fmt::Debug for Upstreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Upstreams {
    /// Sets up every upstream and its credential. Connects to none.
    pub fn new(settings: &[Settings], clock: &Clock) -> Result<Self, Misconfigured> {
        let mut all = HashMap::new();
        for one in settings {
            let name = one.name.clone();
            if all
                .insert(name.clone(), Upstream::new(one, clock)?)
                .is_some()
            {
                return Err(Misconfigured::Name(name));
            }
        }
        Ok(Self(all))
    }

    /// With `sign` in place of the credential of the upstream called `name`.
    pub fn signed_by(mut self, name: &str, sign: Box<dyn Sign>) -> Result<Self, Misconfigured> {
        match self.0.get_mut(name) {
            Some(upstream) => upstream.sign = sign,
            None => return Err(Misconfigured::Name(name.to_owned())),
        }
        Ok(self)
    }

    /// Whether there is an upstream called `name`.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Sends one request and reads the whole answer.
    ///
    /// A write that may have been sent is never sent twice. A read is sent again, signed anew, if
    /// the upstream could not be reached or said 502, 503 or 504, as long as there is time. What
    /// waits, is repeated and is answered has one time-out for all of it.
    pub async fn send(&self, upstream: &str, asked: Outgoing<'_>) -> Result<Response, Failed> {
        let upstream = self.0.get(upstream).ok_or(Failed::Misconfigured)?;
        let uri = upstream.address.uri(asked.path_and_query)?;
        let repeats = if asked.is_repeatable() {
            upstream.retries
        } else {
            0
        };
        let request = asked.request(uri)?;
        let started = Instant::now();
        let answer = upstream.deliver(&request, repeats, started).await;
        let failed = answer.as_ref().err().copied();
        metric::upstream(&upstream.name, started.elapsed(), failed);
        upstream.tell(failed);
        answer
    }
}

impl Upstream {
    fn new(settings: &Settings, clock: &Clock) -> Result<Self, Misconfigured> {
        let name = || settings.name.clone();
        let base = settings
            .base()
            .map_err(|_error| Misconfigured::Url(name()))?;
        let address = Address::new(&base).ok_or_else(|| Misconfigured::Url(name()))?;
        let sign = sign::of(settings, clock);
        let sign = sign.map_err(|failed| Misconfigured::Credential(name(), failed))?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(settings.max_concurrent)
            .http1_max_headers(64)
            .http1_max_buf_size(64 * 1024)
            .build(connect(settings, address.is_https())?);
        Ok(Self {
            name: name(),
            address,
            client,
            sign,
            timeout: settings.timeout,
            most: settings.max_response_bytes,
            retries: settings.retries,
            room: Room::new(settings.max_concurrent, settings.max_waiting),
            breaker: Breaker::new(&settings.name, settings.breaker, clock.clone()),
            budget: Budget::new(),
            clock: clock.clone(),
            refused: AtomicBool::new(false),
        })
    }

    /// Tries once, and again while that may help and there is time.
    async fn deliver(
        &self,
        request: &Request<Bytes>,
        repeats: u8,
        started: Instant,
    ) -> Result<Response, Failed> {
        let until = started + self.timeout;
        self.budget.earn();
        let mut before: Option<Failed> = None;
        for tries in 0..=repeats {
            let Lost(failed, asked) = match self.attempt(request, until).await {
                Ok(response) => return Ok(response),
                Err(lost) => lost,
            };
            // Not being allowed to repeat is not what went wrong.
            let cause = match (failed, before) {
                (Failed::Open | Failed::Busy, Some(before)) => before,
                (failed, _) => failed,
            };
            before = Some(cause);
            let pause = pause(tries, asked);
            let in_time = Instant::now() + pause < until;
            let again = tries < repeats && is_passing(failed) && in_time;
            if !again || !self.budget.spend() {
                return Err(cause);
            }
            metric::upstream_retry(&self.name);
            tokio::time::sleep(pause).await;
        }
        Err(before.unwrap_or(Failed::Misconfigured))
    }

    /// Sends it once: in its turn, if the upstream is not left in peace, signed for this time.
    async fn attempt(&self, request: &Request<Bytes>, until: Instant) -> Result<Response, Lost> {
        // While it is left in peace nobody waits for a place.
        if self.breaker.is_open() {
            return Err(Failed::Open.into());
        }
        // Whoever gets a place has half of the time left to be answered in.
        let now = Instant::now();
        let half = until.saturating_duration_since(now) / 2;
        let _place = self.room.enter(now + half).await?;
        let signed = self.signed(request)?;
        let pass = self.breaker.pass().ok_or(Failed::Open)?;
        let answer = tokio::time::timeout_at(until, self.exchange(signed)).await;
        let answer = answer.unwrap_or(Err(Failed::TimedOut.into()));
        let health = match &answer {
            Ok(_) => Some(Health::Well),
            Err(Lost(failed, _)) => failed.health(),
        };
        if let Some(health) = health {
            pass.settle(health);
        }
        answer
    }

    fn signed(&self, request: &Request<Bytes>) -> Result<Request<Bytes>, Failed> {
        let mut signed = request.clone();
        let done = self.sign.sign(&mut signed);
        done.map_err(|_failed| Failed::Misconfigured)?;
        // Whatever signed it: it goes where it was going.
        let stays = signed.method() == request.method() && extends(request.uri(), signed.uri());
        if stays {
            Ok(signed)
        } else {
            Err(Failed::Misconfigured)
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response, Lost> {
        let request = request.map(Full::new);
        let response = self.client.request(request).await.map_err(|error| {
            if error.is_connect() {
                Failed::Unreachable
            } else {
                Failed::Broken
            }
        })?;
        let status = response.status();
        let (head, mut body) = response.into_parts();
        if !status.is_success() {
            // The status counts, whether or not the rest of it comes.
            drop(tokio::time::timeout(Duration::from_millis(500), drain(&mut body)).await);
            let wait = retry_after(&head.headers, self.clock.now_us());
            return Err(if status.is_redirection() {
                Failed::Redirected.into()
            } else {
                Lost(Failed::Status(status.as_u16()), wait)
            });
        }
        let content_type_json = is_json(&head.headers);
        Ok(Response {
            status: status.as_u16(),
            body: read(body, self.most).await?,
            content_type_json,
        })
    }

    /// Says once that the credential is refused, and again only after it was taken.
    fn tell(&self, failed: Option<Failed>) {
        match failed {
            Some(failed @ Failed::Status(401 | 403 | 407)) => {
                if !self.refused.swap(true, Ordering::Relaxed) {
                    tracing::error!(
                        code = "upstream_credential", upstream = %self.name, cause = %failed,
                        "an upstream refuses the gateway's credential"
                    );
                }
            }
            Some(_) => {}
            None => self.refused.store(false, Ordering::Relaxed),
        }
    }
}

/// Whether `to` is `from`, with more parameters in the query at most.
fn extends(from: &Uri, to: &Uri) -> bool {
    let rest = match (from.query(), to.query()) {
        (None, _) => Some(""),
        (Some(before), Some(after)) => after.strip_prefix(before),
        (Some(_), None) => None,
    };
    from.scheme() == to.scheme()
        && from.authority() == to.authority()
        && from.path() == to.path()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('&'))
}
