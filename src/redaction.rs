//! (provisional) What may leave.

use crate::catalog::Class;
use crate::policy::Treatment;

/// A reply fit to leave.
#[derive(Debug)]
pub struct Clean {
    json: Vec<u8>,
    treated: Vec<Treated>,
}

/// How a field was treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treated {
    /// Declared path.
    pub path: String,
    /// Its class.
    pub class: Class,
    /// What happened to it.
    pub treatment: Treatment,
}

impl Clean {
    /// The projected value, as JSON.
    pub fn json(&self) -> &[u8] {
        &self.json
    }
    /// How fields were treated.
    pub fn treated(&self) -> &[Treated] {
        &self.treated
    }
}
