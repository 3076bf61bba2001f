//! A panic of the steps caught where it happens, so that it still ends in a record (I1).

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The steps panicked; what they noted before is in the trail.
#[derive(Debug)]
pub(super) struct Panicked;

/// A future whose panic is its outcome. A task of its own would do the same, and cost a change of
/// thread for every call.
pub(super) struct Guarded<F>(Pin<Box<F>>);

impl<F: Future> Guarded<F> {
    pub(super) fn new(steps: F) -> Self {
        Self(Box::pin(steps))
    }
}

impl<F: Future> Future for Guarded<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // What is left of the steps is dropped and never polled again; the trail is behind a lock
        // whose poison is looked through.
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(_payload) => Poll::Ready(Err(Panicked)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn i1_a_panic_is_an_outcome_before_and_after_waiting() {
        assert_eq!(Guarded::new(async { 7 }).await.unwrap(), 7);
        let at_once = Guarded::new(async { panic!("at once") });
        assert!(at_once.await.is_err());
        let later = Guarded::new(async {
            tokio::task::yield_now().await;
            panic!("later")
        });
        assert!(later.await.is_err());
    }
}
