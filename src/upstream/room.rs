//! How many requests an upstream takes at a time, and how many wait: a slow one must not take the
//! gateway's memory and connections with it.

use super::failed::Failed;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The places of one upstream.
#[derive(Debug)]
pub(super) struct Room {
    places: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
}

impl Room {
    pub(super) fn new(places: usize, most_waiting: usize) -> Self {
        Self {
            places: Semaphore::new(places),
            waiting: AtomicUsize::new(0),
            most_waiting,
        }
    }

    /// A place, in the order of asking; [`Failed::Busy`] at once if too many wait already, and
    /// later if none came free in time.
    pub(super) async fn enter(&self, until: Instant) -> Result<SemaphorePermit<'_>, Failed> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let _turn = Turn(&self.waiting);
        if before >= self.most_waiting {
            return Err(Failed::Busy);
        }
        match tokio::time::timeout_at(until, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Failed::Busy),
        }
    }
}

/// Leaves the queue however the wait ends.
struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn later() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_place_waits_and_who_finds_the_queue_full_does_not() {
        let room = Room::new(1, 1);
        let first = room.enter(later()).await.unwrap();
        let second = room.enter(later());
        tokio::pin!(second);
        assert!(futures_now(second.as_mut()).await.is_none(), "it waits");
        assert!(matches!(room.enter(later()).await, Err(Failed::Busy)));
        drop(first);
        let second = second.await.unwrap();
        // The queue is empty again, and a wait has an end.
        assert!(matches!(room.enter(later()).await, Err(Failed::Busy)));
        drop(second);
        assert!(room.enter(later()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_leaves_the_queue() {
        let room = Room::new(1, 1);
        let _first = room.enter(later()).await.unwrap();
        for _ in 0..3 {
            let mut waits = Box::pin(room.enter(later()));
            assert!(futures_now(waits.as_mut()).await.is_none());
        }
        assert_eq!(room.waiting.load(Ordering::SeqCst), 0);
    }

    /// What a future has to say at once.
    async fn futures_now<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        tokio::select! {
            biased;
            said = future => Some(said),
            () = std::future::ready(()) => None,
        }
    }
}
