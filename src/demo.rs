//! The demonstration: an exchange of its own on loopback, with believable customers, a gateway in
//! front of it, and a guided tour.
//!
//! [`data`] makes the customers, pure and repeatable from a seed; [`exchange`] serves them as an
//! internal API that trusts whoever holds its credential and asks nobody whose account it is;
//! [`house`] puts a real gateway in front, with real tokens over real HTTP; [`tour`] plays the
//! assistant, the customers, the officers and the attacker, and says whether every expectation held.

pub mod data;
pub mod exchange;
pub mod house;
pub mod stage;
pub mod tour;

/// The name of the demonstration's token issuer.
pub const ISSUER: &str = "https://id.demo.example";
/// How the name of a folder begins that is removed when the demonstration ends.
pub const TEMPORARY: &str = "tidewaiter-demo-";
/// The demonstration's assistant.
pub const AGENT: &str = "support-bot";
