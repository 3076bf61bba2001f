//! The forms a masked value can take.
//!
//! Which class a caller sees masked is the policy's; how a field of that class looks then is said
//! beside the field. The redaction makes the forms ([`crate::redaction`]).

use crate::catalog::Shape;
use serde::Deserialize;

/// What of a value a mask leaves. Values too short for their form are hidden whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Nothing.
    Hidden,
    /// The first four characters and the last four: addresses on a chain.
    Ends,
    /// The last two letters or digits.
    Last2,
    /// The last four letters or digits.
    Last4,
    /// Of a card's number the first six and the last four digits, as PCI DSS 3.4.1 allows; of
    /// anything else the last four.
    BinLast4,
    /// The first letter and the domain of an e-mail address.
    Email,
    /// The domain of an e-mail address.
    Domain,
    /// The first letter.
    FirstLetter,
    /// The city of a postal address, where it can be told from the rest.
    City,
    /// An amount, rounded to its first digit.
    Rounded,
    /// The year of a date.
    Year,
}

impl Mask {
    /// Whether values of this shape have such a form.
    pub fn fits(self, shape: Shape) -> bool {
        match (self, shape) {
            (_, Shape::String)
            | (Self::Hidden, _)
            | (Self::Rounded, Shape::Integer | Shape::Number) => true,
            (_, Shape::Integer | Shape::Number | Shape::Boolean) => false,
        }
    }
}
