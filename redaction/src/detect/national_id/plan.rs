//! The plans: shape, check, and how much context each needs.

use super::check;

/// What a plan's number needs beside its form and check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: the form means nothing else.
    Nothing,
    /// Its signs in their places; without them context, or to be the whole message.
    Signs,
    /// Context, or to be the whole message.
    Alone,
    /// Context.
    Context,
}

/// One state's number.
pub(super) struct Plan {
    /// Said to officers.
    pub(super) name: &'static str,
    /// `9` a digit, `A` a letter, `X` either; other characters are signs.
    pub(super) shape: &'static str,
    pub(super) needs: Needs,
    /// Over letters and digits alone, in upper case, already of the shape.
    pub(super) check: fn(&[u8]) -> bool,
}

const fn plan(
    name: &'static str,
    shape: &'static str,
    needs: Needs,
    check: fn(&[u8]) -> bool,
) -> Plan {
    Plan {
        name,
        shape,
        needs,
        check,
    }
}

use Needs::{Alone, Context, Nothing, Signs};

#[rustfmt::skip]
pub(super) const PLANS: &[Plan] = &[
    // Social Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000.
    plan("US social security number", "999-99-9999", Signs, check::ssn),
    // IRS: 9xx, group 50-65, 70-88, 90-92, 94-99.
    plan("US taxpayer number", "999-99-9999", Signs, check::itin),
    // Order of the Federal Tax Service of Russia, no. ММВ-7-6/435@.
    plan("INN of a company, check digit", "9999999999", Context, check::inn10),
    plan("INN of a person, two check digits", "999999999999", Context, check::inn12),
    // Resolution of the Pension Fund of Russia no. 192p.
    plan("SNILS, check digits", "999-999-999 99", Signs, check::snils),
    plan("OGRN, check digit", "9999999999999", Context, check::ogrn),
    plan("OGRNIP, check digit", "999999999999999", Context, check::ogrn),
    // Government resolution of Kazakhstan no. 853.
    plan("IIN of Kazakhstan, check digit", "999999999999", Context, check::iin),
    // HMRC NIM39110.
    plan("UK national insurance number", "AA 99 99 99 A", Nothing, check::nino),
    plan("UK NHS number, mod 11", "999 999 9999", Context, check::nhs),
    plan("UK NHS number, mod 11", "999-999-9999", Context, check::nhs),
    // ISO 7064 mod 11,10, as the Federal Central Tax Office uses it.
    plan("German tax number, ISO 7064", "99999999999", Alone, check::mod11_10),
    plan("German pension number", "99 999999 A 999", Nothing, check::any),
    plan("German health insurance number", "A999999999", Alone, check::kvnr),
    // Royal Decree 1553/2005.
    plan("Spanish NIF, check letter", "99999999-A", Nothing, check::nif),
    plan("Spanish NIF, check letter", "9999999-A", Alone, check::nif),
    plan("Spanish NIE, check letter", "A9999999-A", Nothing, check::nie),
    plan("Italian tax code", "AAAAAA99A99A999A", Nothing, check::any),
    // Ministry of Digital Affairs of Poland.
    plan("PESEL, date and check digit", "99999999999", Alone, check::pesel),
    plan("Turkish identity number, two check digits", "99999999999", Alone, check::turkish),
    plan("Finnish identity code, check character", "999999-999X", Nothing, check::hetu),
    plan("Finnish identity code, check character", "999999A999X", Nothing, check::hetu),
    plan("Swedish personal number, date and Luhn", "999999-9999", Signs, check::personnummer),
    plan("Swedish personal number, date and Luhn", "99999999-9999", Signs, check::personnummer),
    plan("Korean registration number, date", "999999-9999999", Signs, check::korean),
    plan("Thai identity number, check digit", "9999999999999", Alone, check::thai),
    plan("South African identity number, date and Luhn", "9999999999999", Alone, check::south_african),
    plan("Aadhaar, Verhoeff", "9999 9999 9999", Signs, check::aadhaar),
    plan("Indian PAN", "AAAAA9999A", Alone, check::pan),
    plan("Singapore NRIC, check letter", "A9999999A", Alone, check::nric),
    plan("CPF, two check digits", "999.999.999-99", Signs, check::cpf),
    plan("Canadian SIN, Luhn", "999-999-999", Alone, check::sin),
    plan("Australian tax file number, mod 11", "999 999 999", Alone, check::tfn),
    plan("Australian Medicare number, check digit", "9999 99999 9", Alone, check::medicare),
    plan("Philippine TIN", "999-999-999-999", Context, check::any),
    plan("Swiss AHV number, EAN-13", "756.9999.9999.99", Nothing, check::ahv),
    plan("French NIR, mod 97", "999999999999999", Alone, check::nir),
    plan("Dutch BSN, 11-test", "999999999", Context, check::bsn),
];
