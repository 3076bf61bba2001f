//! The way in: every request is noted, its credential verified, and answered well or badly.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::ask::Fault;
use super::misbehave::{self, Mood};
use super::seen::{Asked, Journal};
use super::store::Store;
use super::{ACCOUNTS_BASE, CORE_BASE, Credentials, DESK_BASE, accounts, core, desk};
use crate::clock::Clock;
use crate::demo::data::Dataset;

mod hmac;
mod jws;
mod lock;
mod once;

pub use hmac::HmacLock;
pub use jws::{JwsLock, Signer};
pub use lock::Lock;

use once::Once;

/// Longest body taken.
const BODY_LIMIT: usize = 1024 * 1024;

/// What the door needs to let somebody in.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) store: Store,
    pub(super) dataset: Dataset,
    pub(super) journal: Journal,
    pub(super) mood: Mood,
    pub(super) stop: CancellationToken,
    locks: Vec<(&'static str, Lock, Once)>,
    clock: Clock,
    rooms: Router,
}

impl Door {
    pub(super) fn new(
        store: Store,
        dataset: Dataset,
        credentials: &Credentials,
        clock: Clock,
        stop: CancellationToken,
    ) -> Self {
        let rooms = Router::new()
            .nest(CORE_BASE, core::router())
            .nest(ACCOUNTS_BASE, accounts::router())
            .nest(DESK_BASE, desk::router())
            .fallback(|| async { Fault::new(StatusCode::NOT_FOUND, "404 Not Found") })
            .method_not_allowed_fallback(|| async {
                Fault::new(StatusCode::METHOD_NOT_ALLOWED, "405 Not Allowed")
            })
            .with_state(store.clone());
        let locks = [
            (CORE_BASE, &credentials.core),
            (ACCOUNTS_BASE, &credentials.accounts),
            (DESK_BASE, &credentials.desk),
        ];
        let locks = locks.map(|(base, lock)| (base, lock.clone(), Once::default()));
        Self {
            store,
            dataset,
            journal: Journal::default(),
            mood: Mood::default(),
            stop,
            locks: locks.into(),
            clock,
            rooms,
        }
    }

    /// The well-behaved answer.
    pub(super) async fn answer(&self, asked: Asked) -> Response {
        match self.rooms.clone().oneshot(asked.request()).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// What is asked, without its wrapping, if the credential is one for the upstream that the
    /// path belongs to.
    fn open(&self, asked: &Asked) -> Option<Asked> {
        let path = asked.uri.path();
        let lock = self.locks.iter().find(|(base, _, _)| {
            path.strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let (_, lock, once) = lock?;
        lock.open(asked, once, self.clock.now_us())
    }
}

/// Everything the listener serves.
pub(super) fn router(door: Arc<Door>) -> Router {
    Router::new().fallback(enter).with_state(door)
}

async fn enter(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "Request is too large").into_response();
    };
    let asked = Asked {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body,
    };
    let Some(asked) = door.open(&asked).inspect(|open| door.journal.note(open)) else {
        door.journal.note(&asked);
        return Fault::new(StatusCode::UNAUTHORIZED, "Authorization failed").into_response();
    };
    match door.mood.next() {
        None => door.answer(asked).await,
        Some(how) => misbehave::answer(&door, how, asked).await,
    }
}
