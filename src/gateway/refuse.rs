//! What each step's own error becomes for the caller.

use super::{Malformed, Refusal, Refused};
use crate::ledger::Unrecorded;
use crate::policy::Denied;

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::Body | Malformed::Header => Self::Malformed,
            Malformed::TooLarge => Self::TooLarge,
            Malformed::MediaType => Self::MediaType,
        }
    }
}

pub(super) fn refuse_denied(denied: &Denied) -> Refused {
    match denied {
        Denied::UnknownOperation | Denied::NotGranted { .. } | Denied::Purpose { .. } => {
            Refusal::Denied.into()
        }
        Denied::Scope { effect } => Refusal::InsufficientScope(*effect).into(),
        Denied::Stopped { .. } => Refusal::Stopped.into(),
        Denied::SubjectRequired => Refusal::SignInRequired.into(),
        Denied::Assurance { .. } => Refusal::StepUp.into(),
        Denied::ConversationRequired => Refusal::ConversationRequired.into(),
        Denied::Argument { error, .. } => Refused {
            refusal: Refusal::InvalidArguments,
            argument: error
                .argument
                .clone()
                .map(|name| (name, error.reason.as_str())),
            record: None,
            language: None,
        },
    }
}

/// The same for a call: only an intent or its outcome can conflict, and then nobody knows what
/// became of it.
pub(super) fn not_recorded(why: Unrecorded) -> Refusal {
    let refusal = unrecorded(why);
    if refusal == Refusal::Conflict {
        Refusal::Unrecorded
    } else {
        refusal
    }
}

/// What a caller is told when there is no record.
pub(crate) fn unrecorded(why: Unrecorded) -> Refusal {
    match why {
        Unrecorded::Erased => Refusal::SignInAgain,
        Unrecorded::Conflict => Refusal::Conflict,
        Unrecorded::Stopped => Refusal::Stopped,
        Unrecorded::Closed => Refusal::ConversationRequired,
        Unrecorded::GuessesSpent => Refusal::GuessesSpent,
        Unrecorded::Revoked => Refusal::Unauthenticated,
        Unrecorded::Failed
        | Unrecorded::Full
        | Unrecorded::TimedOut
        | Unrecorded::TooLarge
        | Unrecorded::KeyGone => Refusal::Unrecorded,
    }
}
