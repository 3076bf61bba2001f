//! The demonstration: an exchange of its own on loopback, with believable customers.
//!
//! [`data`] makes the customers, pure and repeatable from a seed; [`exchange`] serves them as an
//! internal API that trusts whoever holds its credential and asks nobody whose account it is.
//! Leaves the guided tour and the gateway's own policies to others.

pub mod data;
pub mod exchange;
