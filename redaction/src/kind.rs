//! What can be found in free text, and how sure a detector is.

use std::fmt;

/// An attribute of the subject that the gateway knows beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Name, or a part of it.
    Name,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// The subject's id at the upstreams.
    Uid,
    /// Date of birth, in any form a date can be read from; best as `1990-05-17`.
    BirthDate,
    /// Number of a passport, identity card, licence or tax account.
    Document,
    /// Postal address, or a part of it that leads to a door.
    Address,
}

impl Attribute {
    /// The attribute of this name: `name`, `email`, `phone`, `uid`, `birth-date`, `document`, `address`.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "uid" => Self::Uid,
            "birth-date" => Self::BirthDate,
            "document" => Self::Document,
            "address" => Self::Address,
            _ => return None,
        })
    }
}

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// BIP-39 words that open a wallet.
    SeedPhrase,
    /// A private or extended private key of any format.
    PrivateKey,
    /// A password or PIN.
    Password,
    /// A one-time code, or the secret that makes them.
    Otp,
    /// A card's verification value.
    Cvv,
    /// An API key, API secret or bearer token.
    ApiKey,
    /// E-mail address.
    Email,
    /// Payment card number.
    CreditCard,
    /// International bank account number.
    Iban,
    /// Number of a passport or identity card, or its machine-readable lines.
    Passport,
    /// A state's number for a person: social security, tax, pension.
    NationalId,
    /// Number of a driving licence.
    DriverLicence,
    /// Date or year of birth.
    DateOfBirth,
    /// Telephone number.
    Phone,
    /// Wallet address on any chain.
    CryptoAddress,
    /// Internet address, version 4 or 6.
    IpAddress,
    /// A person's name.
    Name,
    /// A postal address, or a part of it that leads to a door.
    Address,
    /// A value of the subject that was known beforehand.
    Known(Attribute),
}

impl Kind {
    /// All kinds, most sensitive first: the order in which overlapping findings win.
    pub const ALL: [Self; 25] = [
        Self::SeedPhrase,
        Self::PrivateKey,
        Self::Password,
        Self::Otp,
        Self::Cvv,
        Self::ApiKey,
        Self::CreditCard,
        Self::Iban,
        Self::Known(Attribute::Document),
        Self::Passport,
        Self::NationalId,
        Self::DriverLicence,
        Self::Known(Attribute::BirthDate),
        Self::DateOfBirth,
        Self::Known(Attribute::Email),
        Self::Known(Attribute::Phone),
        Self::Known(Attribute::Name),
        Self::Known(Attribute::Uid),
        Self::Email,
        Self::Phone,
        Self::CryptoAddress,
        Self::IpAddress,
        Self::Known(Attribute::Address),
        Self::Address,
        Self::Name,
    ];

    /// The word in placeholders, JSON and records. A known e-mail address and one that was
    /// merely recognised share a label, and so a number.
    pub fn label(self) -> &'static str {
        match self {
            Self::SeedPhrase => "SEED_PHRASE",
            Self::PrivateKey => "PRIVATE_KEY",
            Self::Password => "PASSWORD",
            Self::Otp => "OTP",
            Self::Cvv => "CVV",
            Self::ApiKey => "API_KEY",
            Self::Email | Self::Known(Attribute::Email) => "EMAIL",
            Self::CreditCard => "CREDIT_CARD",
            Self::Iban => "IBAN",
            Self::Passport => "PASSPORT",
            Self::NationalId => "NATIONAL_ID",
            Self::DriverLicence => "DRIVER_LICENCE",
            Self::DateOfBirth | Self::Known(Attribute::BirthDate) => "DATE_OF_BIRTH",
            Self::Phone | Self::Known(Attribute::Phone) => "PHONE",
            Self::CryptoAddress => "CRYPTO_ADDRESS",
            Self::IpAddress => "IP_ADDRESS",
            Self::Name | Self::Known(Attribute::Name) => "NAME",
            Self::Known(Attribute::Uid) => "UID",
            Self::Known(Attribute::Document) => "DOCUMENT",
            Self::Address | Self::Known(Attribute::Address) => "ADDRESS",
        }
    }

    /// The type name of the public evaluation sets, which know all credentials as `SECRET`.
    pub fn gold(self) -> &'static str {
        match self {
            Self::SeedPhrase
            | Self::PrivateKey
            | Self::Password
            | Self::Otp
            | Self::Cvv
            | Self::ApiKey => "SECRET",
            Self::Name | Self::Known(Attribute::Name) => "PERSON",
            Self::Known(Attribute::Document) => "NATIONAL_ID",
            Self::Email
            | Self::CreditCard
            | Self::Iban
            | Self::Passport
            | Self::NationalId
            | Self::DriverLicence
            | Self::DateOfBirth
            | Self::Phone
            | Self::CryptoAddress
            | Self::IpAddress
            | Self::Address
            | Self::Known(_) => self.label(),
        }
    }

    /// Whether it must never be stored (I8). An API key opens an account as a password does, so
    /// it is treated as one.
    pub fn is_forbidden(self) -> bool {
        match self {
            Self::SeedPhrase
            | Self::PrivateKey
            | Self::Password
            | Self::Otp
            | Self::Cvv
            | Self::ApiKey => true,
            Self::Email
            | Self::CreditCard
            | Self::Iban
            | Self::Passport
            | Self::NationalId
            | Self::DriverLicence
            | Self::DateOfBirth
            | Self::Phone
            | Self::CryptoAddress
            | Self::IpAddress
            | Self::Name
            | Self::Address
            | Self::Known(_) => false,
        }
    }

    /// Its place in [`Kind::ALL`]: the lower, the more sensitive.
    pub(crate) fn rank(self) -> usize {
        Self::ALL
            .iter()
            .position(|k| *k == self)
            .unwrap_or(Self::ALL.len())
    }
}

/// How sure a detector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The form fits, nothing more.
    Possible,
    /// Form and context, or a long and rare form.
    Likely,
    /// A check digit, checksum or exact known value.
    Certain,
}

impl Confidence {
    /// Its name in JSON and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// How long a removed value was. All that is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// At most 8 characters.
    Short,
    /// At most 32 characters.
    Medium,
    /// More than that.
    Long,
}

impl Length {
    /// The class of a text.
    pub fn of(value: &str) -> Self {
        match value.chars().take(33).count() {
            0..=8 => Self::Short,
            9..=32 => Self::Medium,
            _ => Self::Long,
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Kind, Length};

    #[test]
    fn forbidden_kinds_outrank_all_others() {
        let last = Kind::ALL.iter().rposition(|k| k.is_forbidden());
        let first = Kind::ALL.iter().position(|k| !k.is_forbidden());
        assert!(last < first);
        for (at, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(kind.rank(), at);
        }
    }

    #[test]
    fn a_known_email_shares_the_label_of_a_recognised_one() {
        assert_eq!(Kind::Known(Attribute::Email).label(), Kind::Email.label());
    }

    #[test]
    fn length_counts_characters() {
        assert_eq!(Length::of("пароль12"), Length::Short);
        assert_eq!(Length::of("пароль123"), Length::Medium);
        assert_eq!(Length::of(&"я".repeat(33)), Length::Long);
    }
}
