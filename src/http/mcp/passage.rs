//! What travels with a request through the library, in its extensions.

use crate::gateway::{Answer, Call, Listed};
use crate::quota::meter::Meter;
use std::sync::{Mutex, OnceLock, PoisonError};

/// One request's way through the library.
pub(super) struct Passage {
    call: Mutex<Option<Call>>,
    listed: Vec<Listed>,
    answer: OnceLock<Answer>,
    /// The library may serve a request in a task of its own.
    meter: Meter,
}

impl Passage {
    /// Of a call that lacks its arguments.
    pub(super) fn call(call: Call) -> Self {
        Self {
            call: Mutex::new(Some(call)),
            listed: Vec::new(),
            answer: OnceLock::new(),
            meter: Meter::current(),
        }
    }

    /// Of anything else, with what the token may call.
    pub(super) fn list(listed: Vec<Listed>) -> Self {
        Self {
            call: Mutex::new(None),
            listed,
            answer: OnceLock::new(),
            meter: Meter::current(),
        }
    }

    /// What the quotas of the request are measured with.
    pub(super) fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// What the token may call.
    pub(super) fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// The call, once.
    pub(super) fn take_call(&self) -> Option<Call> {
        let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        call.take()
    }

    /// Keeps the answer for whoever writes the response. There is one, as the call is taken once.
    pub(super) fn keep(&self, answer: Answer) {
        if self.answer.set(answer).is_err() {
            tracing::error!(code = "two_answers", "a call was answered twice");
        }
    }

    /// The answer, if the call was made.
    pub(super) fn answer(&self) -> Option<&Answer> {
        self.answer.get()
    }
}
