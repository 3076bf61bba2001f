//! The detectors, one file per family, and the table that runs them.
//!
//! A detector reads a [`Scan`] and reports [`Hit`]s; it never sees the others' and never changes
//! the text. Candidates are found cheaply, validators decide. A new family is a file and a line
//! in [`ALL`] or [`LOCAL`].

pub(crate) mod api_key;
pub(crate) mod base58;
pub(crate) mod bech;
pub(crate) mod card;
pub(crate) mod code;
pub(crate) mod date;
pub(crate) mod document;
pub(crate) mod email;
pub(crate) mod iban;
pub(crate) mod ip;
pub(crate) mod name_ru;
pub(crate) mod national_id;
pub(crate) mod password;
pub(crate) mod pem;
pub(crate) mod person;
pub(crate) mod phone;
pub(crate) mod postal;
pub(crate) mod private_key;
pub(crate) mod seed;
pub(crate) mod wallet;
pub(crate) mod word_list;

use super::kind::Kind;
use super::scan::{Hit, Scan};

/// A family of detectors.
pub(crate) struct Detector {
    /// What it may find.
    pub(crate) finds: &'static [Kind],
    /// Finds it.
    pub(crate) run: fn(&Scan<'_>, &mut Vec<Hit>),
}

/// Those that look at the whole text, and a bounded way to either side. Their order does not matter.
pub(crate) const ALL: &[Detector] = &[
    Detector {
        finds: &[Kind::SeedPhrase],
        run: seed::detect,
    },
    Detector {
        finds: &[Kind::PrivateKey],
        run: pem::detect,
    },
    Detector {
        finds: &[Kind::PrivateKey],
        run: private_key::detect,
    },
    Detector {
        finds: &[Kind::ApiKey],
        run: api_key::detect,
    },
    Detector {
        finds: &[Kind::Password],
        run: password::detect,
    },
    Detector {
        finds: &[Kind::Otp, Kind::Cvv, Kind::Password],
        run: code::detect,
    },
    Detector {
        finds: &[Kind::Email],
        run: email::detect,
    },
    Detector {
        finds: &[Kind::CreditCard, Kind::Cvv],
        run: card::detect,
    },
    Detector {
        finds: &[Kind::Iban],
        run: iban::detect,
    },
    Detector {
        finds: &[Kind::CryptoAddress],
        run: wallet::detect,
    },
    Detector {
        finds: &[Kind::Phone],
        run: phone::detect,
    },
    Detector {
        finds: &[Kind::IpAddress],
        run: ip::detect,
    },
    Detector {
        finds: &[Kind::DateOfBirth],
        run: date::detect,
    },
    Detector {
        finds: &[Kind::NationalId],
        run: national_id::detect,
    },
    Detector {
        finds: &[Kind::Passport, Kind::DriverLicence],
        run: document::detect,
    },
];

/// Those that look at one stretch of a text at a time ([`crate::segment`]), for what they find
/// depends on words far away.
pub(crate) const LOCAL: &[Detector] = &[
    Detector {
        finds: &[Kind::Name],
        run: person::detect,
    },
    Detector {
        finds: &[Kind::Address],
        run: postal::detect,
    },
    Detector {
        finds: &[Kind::Name],
        run: name_ru::detect,
    },
];
