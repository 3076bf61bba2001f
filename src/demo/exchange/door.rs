//! The way in: every request is noted, its credential checked, and answered well or badly.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use axum::response::{IntoResponse, Response};
use ring::digest::{Digest, SHA256, digest};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::ask::Fault;
use super::misbehave::{self, Mood};
use super::seen::{Asked, Journal};
use super::store::Store;
use super::{ACCOUNTS_BASE, CORE_BASE, Credentials, DESK_BASE, accounts, core, desk};
use crate::demo::data::Dataset;

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
    locks: [(&'static str, Digest); 3],
    rooms: Router,
}

impl Door {
    pub(super) fn new(
        store: Store,
        dataset: Dataset,
        credentials: &Credentials,
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
        Self {
            store,
            dataset,
            journal: Journal::default(),
            mood: Mood::default(),
            stop,
            locks: [
                (CORE_BASE, fingerprint(&credentials.core)),
                (ACCOUNTS_BASE, fingerprint(&credentials.accounts)),
                (DESK_BASE, fingerprint(&credentials.desk)),
            ],
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

    /// Whether the credential is the one of the upstream this path belongs to.
    fn opens(&self, path: &str, headers: &HeaderMap) -> bool {
        let lock = self.locks.iter().find(|(base, _)| {
            path.strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let mut keys = headers.get_all(AUTHORIZATION).iter();
        let (Some((_, lock)), Some(key), None) = (lock, keys.next(), keys.next()) else {
            return false;
        };
        let Some(key) = key.as_bytes().strip_prefix(b"Bearer ") else {
            return false;
        };
        // Digests have one length, so the comparison tells nothing about the credential's.
        digest(&SHA256, key).as_ref().ct_eq(lock.as_ref()).into()
    }
}

fn fingerprint(credential: &SecretString) -> Digest {
    digest(&SHA256, credential.expose_secret().as_bytes())
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
    door.journal.note(&asked);
    if !door.opens(asked.uri.path(), &asked.headers) {
        return Fault::new(StatusCode::UNAUTHORIZED, "Authorization failed").into_response();
    }
    match door.mood.next() {
        None => door.answer(asked).await,
        Some(how) => misbehave::answer(&door, how, asked).await,
    }
}
