//! Check digits and date rules of the plans. All take letters and digits in upper case.

pub(super) fn any(text: &[u8]) -> bool {
    // Not one character throughout.
    text.iter().any(|b| Some(b) != text.first())
}

fn digits(text: &[u8]) -> impl DoubleEndedIterator<Item = u32> + Clone + '_ {
    text.iter()
        .filter(|b| b.is_ascii_digit())
        .map(|b| u32::from(b - b'0'))
}

/// The number that some digits make.
fn value(text: &[u8]) -> u64 {
    digits(text).fold(0, |n, d| n.wrapping_mul(10).wrapping_add(u64::from(d)))
}

fn part(text: &[u8], from: usize, to: usize) -> u64 {
    value(text.get(from..to).unwrap_or_default())
}

fn nth(text: &[u8], at: usize) -> u32 {
    digits(text).nth(at).unwrap_or(0)
}

fn weighted(text: &[u8], weights: &[u32]) -> u32 {
    digits(text).zip(weights).map(|(d, w)| d * w).sum()
}

fn luhn(text: &[u8]) -> bool {
    let sum: u32 = digits(text)
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = d << (at % 2);
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn month_day(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

pub(super) fn ssn(text: &[u8]) -> bool {
    let (area, group, serial) = (part(text, 0, 3), part(text, 3, 5), part(text, 5, 9));
    // Two that were printed on sample cards and advertisements.
    let sample = [78_051_120, 219_099_999, 123_456_789, 987_654_321].contains(&value(text));
    !matches!(area, 0 | 666 | 900..) && group > 0 && serial > 0 && !sample && any(text)
}

pub(super) fn itin(text: &[u8]) -> bool {
    let group = part(text, 3, 5);
    part(text, 0, 1) == 9 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

pub(super) fn inn10(text: &[u8]) -> bool {
    weighted(text, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == nth(text, 9) && any(text)
}

pub(super) fn inn12(text: &[u8]) -> bool {
    let first = weighted(text, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    let second = weighted(text, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    first == nth(text, 10) && second == nth(text, 11) && any(text)
}

pub(super) fn snils(text: &[u8]) -> bool {
    let sum = weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    u64::from(sum) == part(text, 9, 11) && part(text, 0, 9) > 1_001_998
}

pub(super) fn ogrn(text: &[u8]) -> bool {
    let (body, modulus) = if text.len() == 13 { (12, 11) } else { (14, 13) };
    part(text, 0, body) % modulus % 10 == part(text, body, body + 1)
        && matches!(text.first(), Some(b'1' | b'2' | b'3' | b'5'))
}

pub(super) fn iin(text: &[u8]) -> bool {
    let first = weighted(text, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = weighted(text, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    let check = if first == 10 { second } else { first };
    check == nth(text, 11) && any(text)
}

pub(super) fn nino(text: &[u8]) -> bool {
    let (first, second, last) = (text.first(), text.get(1), text.last());
    let barred = [b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"];
    !first.is_none_or(|b| b"DFIQUV".contains(b))
        && !second.is_none_or(|b| b"DFIQUVO".contains(b))
        && !barred.iter().any(|p| text.starts_with(*p))
        && last.is_some_and(|b| b"ABCD".contains(b))
}

pub(super) fn nhs(text: &[u8]) -> bool {
    let sum = weighted(text, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (11 - sum % 11) % 11 == nth(text, 9) && any(text)
}

/// ISO 7064 mod 11,10.
pub(super) fn mod11_10(text: &[u8]) -> bool {
    let product = digits(text).take(10).fold(10, |product, d| {
        let sum = (d + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == nth(text, 10) && text.first() != Some(&b'0')
}

/// The letter counts as two digits, A as 01; weights 1 and 2 from the left, sums of digits.
pub(super) fn kvnr(text: &[u8]) -> bool {
    let Some(letter) = text.first().map(|b| u32::from(b.wrapping_sub(b'A')) + 1) else {
        return false;
    };
    let all = [letter / 10, letter % 10]
        .into_iter()
        .chain(digits(text).take(8));
    let sum: u32 = all
        .zip([1, 2].into_iter().cycle())
        .map(|(d, w)| d * w / 10 + d * w % 10)
        .sum();
    sum % 10 == nth(text, 8)
}

fn spanish(number: u64, letter: Option<&u8>) -> bool {
    let table = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let at = usize::try_from(number % 23).unwrap_or(0);
    table.get(at) == letter
}

pub(super) fn nif(text: &[u8]) -> bool {
    spanish(value(text), text.last())
}

pub(super) fn nie(text: &[u8]) -> bool {
    let lead = match text.first() {
        Some(b'X') => 0,
        Some(b'Y') => 10_000_000,
        Some(b'Z') => 20_000_000,
        _ => return false,
    };
    spanish(lead + value(text), text.last())
}

pub(super) fn pesel(text: &[u8]) -> bool {
    let sum = weighted(text, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    let day = part(text, 4, 6);
    (10 - sum % 10) % 10 == nth(text, 10) && month_day(part(text, 2, 4) % 20, day)
}

pub(super) fn turkish(text: &[u8]) -> bool {
    let sum = |from: usize| digits(text).take(9).skip(from).step_by(2).sum::<u32>();
    let tenth = (sum(0) * 7 + 100 - sum(1)) % 10;
    let eleventh = digits(text).take(10).sum::<u32>() % 10;
    text.first() != Some(&b'0') && tenth == nth(text, 9) && eleventh == nth(text, 10)
}

pub(super) fn hetu(text: &[u8]) -> bool {
    let century = text.get(6).filter(|b| b.is_ascii_alphabetic());
    let numbers: Vec<u8> = text
        .get(..text.len().saturating_sub(1))
        .unwrap_or_default()
        .to_vec();
    let table = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let at = usize::try_from(value(&numbers) % 31).unwrap_or(0);
    month_day(part(text, 2, 4), part(text, 0, 2))
        && century.is_none_or(|b| b"ABCDEFUVWXY".contains(b))
        && table.get(at) == text.last()
}

pub(super) fn personnummer(text: &[u8]) -> bool {
    let short = text
        .get(text.len().saturating_sub(10)..)
        .unwrap_or_default();
    // A coordination number has 60 added to its day.
    month_day(part(short, 2, 4), part(short, 4, 6) % 60) && luhn(short)
}

pub(super) fn korean(text: &[u8]) -> bool {
    month_day(part(text, 2, 4), part(text, 4, 6)) && (1..=8).contains(&nth(text, 6))
}

pub(super) fn thai(text: &[u8]) -> bool {
    let sum = weighted(text, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (11 - sum % 11) % 10 == nth(text, 12) && matches!(text.first(), Some(b'1'..=b'8'))
}

pub(super) fn south_african(text: &[u8]) -> bool {
    month_day(part(text, 2, 4), part(text, 4, 6)) && nth(text, 10) < 3 && luhn(text)
}

pub(super) fn aadhaar(text: &[u8]) -> bool {
    const MULTIPLY: [&[u8; 10]; 10] = [
        b"0123456789",
        b"1234067895",
        b"2340178956",
        b"3401289567",
        b"4012395678",
        b"5987604321",
        b"6598710432",
        b"7659821043",
        b"8765932104",
        b"9876543210",
    ];
    const PERMUTE: [&[u8; 10]; 8] = [
        b"0123456789",
        b"1576283094",
        b"5803796142",
        b"8916043527",
        b"9453126870",
        b"4286573901",
        b"2793806415",
        b"7046913258",
    ];
    let look = |table: &[&[u8; 10]], row: usize, column: usize| {
        let cell = table.get(row).and_then(|r| r.get(column));
        cell.map_or(0, |b| usize::from(b - b'0'))
    };
    let rest = digits(text).rev().enumerate().fold(0, |rest, (at, d)| {
        let column = usize::try_from(d).unwrap_or(0);
        look(&MULTIPLY, rest, look(&PERMUTE, at % 8, column))
    });
    rest == 0 && matches!(text.first(), Some(b'2'..=b'9'))
}

pub(super) fn pan(text: &[u8]) -> bool {
    text.get(3).is_some_and(|b| b"ABCFGHJLPT".contains(b))
}

pub(super) fn nric(text: &[u8]) -> bool {
    let sum = weighted(text, &[2, 7, 6, 5, 4, 3, 2]);
    let (offset, table): (u32, &[u8; 11]) = match text.first() {
        Some(b'S') => (0, b"JZIHGFEDCBA"),
        Some(b'T') => (4, b"JZIHGFEDCBA"),
        Some(b'F') => (0, b"XWUTRQPNMLK"),
        Some(b'G') => (4, b"XWUTRQPNMLK"),
        Some(b'M') => (3, b"KLJNPQRTUWX"),
        _ => return false,
    };
    let at = usize::try_from((sum + offset) % 11).unwrap_or(0);
    table.get(at) == text.last()
}

pub(super) fn cpf(text: &[u8]) -> bool {
    let digit = |weights: &[u32]| match weighted(text, weights) * 10 % 11 {
        10 => 0,
        n => n,
    };
    any(text)
        && digit(&[10, 9, 8, 7, 6, 5, 4, 3, 2]) == nth(text, 9)
        && digit(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == nth(text, 10)
}

pub(super) fn sin(text: &[u8]) -> bool {
    luhn(text) && any(text) && !matches!(text.first(), Some(b'0' | b'8'))
}

pub(super) fn tfn(text: &[u8]) -> bool {
    weighted(text, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && any(text)
}

pub(super) fn medicare(text: &[u8]) -> bool {
    weighted(text, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == nth(text, 8)
        && matches!(text.first(), Some(b'2'..=b'6'))
}

pub(super) fn ahv(text: &[u8]) -> bool {
    let sum = weighted(text, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
    text.starts_with(b"756") && (10 - sum % 10) % 10 == nth(text, 12)
}

pub(super) fn nir(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'1' | b'2')) && 97 - part(text, 0, 13) % 97 == part(text, 13, 15)
}

pub(super) fn bsn(text: &[u8]) -> bool {
    let sum = weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum % 11 == nth(text, 8) && any(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        type Case = (fn(&[u8]) -> bool, &'static str, &'static str);
        let cases: &[Case] = &[
            (inn10, "7707083893", "7707083894"),
            (inn12, "500100732259", "500100732258"),
            (snils, "11223344595", "11223344596"),
            (ogrn, "1027700132195", "1027700132196"),
            (ogrn, "304500116000157", "304500116000158"),
            (nhs, "4010232137", "4010232138"),
            (mod11_10, "98765432106", "98765432107"),
            (kvnr, "M123456785", "M123456789"),
            (nif, "12345678Z", "12345678A"),
            (nie, "Y8063915Z", "Y8063915Q"),
            (pesel, "44051401458", "44051401459"),
            (turkish, "10000000146", "10000000147"),
            (hetu, "010594Y9032", "010594Y9033"),
            (personnummer, "8712202384", "8712202385"),
            (thai, "1234567890121", "1234567890122"),
            (south_african, "8001015009087", "8001015009088"),
            (aadhaar, "312345678909", "312345678908"),
            (nric, "S2740116C", "S2740116D"),
            (cpf, "52998224725", "52998224726"),
            (sin, "130692544", "130692545"),
            (tfn, "876543210", "876543211"),
            (medicare, "2123456701", "2123258701"),
            (ahv, "7569217076985", "7569217076986"),
            (nir, "255081416802538", "255081416802539"),
            (bsn, "111222333", "111222334"),
            (ssn, "078051123", "666051123"),
            (itin, "911701234", "911671234"),
            (nino, "AA123456B", "AA123456H"),
        ];
        for (check, good, bad) in cases {
            assert!(check(good.as_bytes()), "{good}");
            assert!(!check(bad.as_bytes()), "{bad}");
        }
    }
}
