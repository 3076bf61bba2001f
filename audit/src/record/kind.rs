//! The closed lists of a leaf.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A word that is on none of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the format does not know this word")]
pub struct UnknownWord;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$says:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$says])* $variant,)* }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in the leaf.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text { $($word => Ok(Self::$variant),)* _ => Err(UnknownWord) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What happened.
    Kind {
        /// Something was said in a conversation.
        Turn = "turn",
        /// A conversation was opened or closed.
        Conversation = "conversation",
        /// Something was read.
        Lookup = "lookup",
        /// A call was refused.
        Refusal = "refusal",
        /// Something is about to be changed.
        Intent = "intent",
        /// What became of an intent.
        Outcome = "outcome",
        /// An intent whose outcome is unknown.
        Recovery = "recovery",
        /// A count of calls that had no record of their own.
        Refusals = "refusals",
        /// An officer's act; says nothing of what it is about.
        Duty = "duty",
        /// Somebody asked for erasure.
        ErasureRequested = "erasure.requested",
        /// An erasure was carried out.
        ErasureExecuted = "erasure.executed",
        /// A key reached the end of its term.
        KeyDestroyed = "key.destroyed",
        /// A policy came into force.
        Policy = "policy",
        /// A topic was switched on or off.
        Switch = "switch",
        /// An agent was admitted, changed or revoked.
        Agent = "agent",
        /// A process started.
        Started = "started",
        /// The keys that sign for the log.
        CheckpointKey = "checkpoint.key",
    }
}

words! {
    /// What was decided.
    Decision {
        /// The call was allowed.
        Allow = "allow",
        /// The call was denied.
        Deny = "deny",
        /// No decision could be reached.
        Error = "error",
    }
}
