//! Masks that keep the coarse part of a value: the city of an address, the size of an amount, the
//! year of a date. Where the coarse part cannot be told from the fine one, nothing is kept.
//!
//! Limits: addresses are read by their commas, digits and a few street words, without a
//! gazetteer; a date must write its year with four digits.

/// Parts of an address with one of these words are streets, houses and flats.
const STREET: [&str; 46] = [
    "street",
    "st",
    "st.",
    "road",
    "rd",
    "rd.",
    "avenue",
    "ave",
    "ave.",
    "lane",
    "ln",
    "drive",
    "dr",
    "dr.",
    "square",
    "sq",
    "court",
    "way",
    "boulevard",
    "blvd",
    "apt",
    "apartment",
    "flat",
    "floor",
    "house",
    "block",
    "ул",
    "ул.",
    "улица",
    "пр",
    "пр.",
    "пр-т",
    "проспект",
    "пер",
    "пер.",
    "переулок",
    "шоссе",
    "ш.",
    "наб",
    "наб.",
    "бульвар",
    "площадь",
    "дом",
    "д.",
    "кв",
    "кв.",
];
/// What a region begins or ends with.
const REGION: [&str; 8] = [
    "область",
    "обл",
    "обл.",
    "край",
    "район",
    "region",
    "county",
    "state",
];
/// What German streets end with.
const STREET_ENDS: [&str; 5] = ["straße", "strasse", "str.", "allee", "platz"];
/// Countries, as they close or open an address.
const COUNTRY: [&str; 26] = [
    "россия",
    "рф",
    "российская федерация",
    "беларусь",
    "казахстан",
    "украина",
    "германия",
    "russia",
    "russian federation",
    "belarus",
    "kazakhstan",
    "ukraine",
    "germany",
    "deutschland",
    "united kingdom",
    "uk",
    "great britain",
    "england",
    "ireland",
    "france",
    "spain",
    "italy",
    "usa",
    "united states",
    "austria",
    "netherlands",
];

/// The city of a postal address in parts between commas.
pub(super) fn city(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split([',', '\n', ';']).map(str::trim).collect();
    // One part alone may be anything.
    if parts.len() < 2 || value.chars().count() > 400 {
        return None;
    }
    let named = parts.iter().find_map(|part| marked(part));
    let after_code = || parts.iter().find_map(|part| after_postcode(part));
    // Without a mark: the last part of letters alone, if all that is left of it is not one word
    // that could be a street's.
    let plain = || {
        let numbered = parts
            .iter()
            .any(|part| part.contains(|c: char| c.is_ascii_digit()) && part.chars().count() > 3);
        let plain: Vec<&&str> = parts.iter().filter(|part| is_place(part)).collect();
        match plain.as_slice() {
            [only] if numbered => Some(**only),
            _ => None,
        }
    };
    let city = named.or_else(after_code).or_else(plain)?;
    let fits = city.chars().count() * 2 <= value.chars().count();
    fits.then(|| city.to_owned())
}

/// `г. Москва`
fn marked(part: &str) -> Option<&str> {
    let (mark, name) = part.split_once([' ', '.'])?;
    let name = name.trim_start_matches(['.', ' ']);
    let is_mark = ["г", "город", "гор"].contains(&mark.to_lowercase().as_str());
    (is_mark && is_place(name)).then_some(name)
}

/// `10115 Berlin`
fn after_postcode(part: &str) -> Option<&str> {
    let (code, name) = part.split_once(' ')?;
    let is_code = (4..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
    (is_code && is_place(name.trim())).then(|| name.trim())
}

/// Whether a part is words that may be a city's name, and are no street, region or country.
fn is_place(part: &str) -> bool {
    let lower = part.to_lowercase();
    let letters = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    let words: Vec<&str> = lower.split_whitespace().collect();
    let other = |word: &&str| {
        STREET.contains(word)
            || REGION.contains(word)
            || STREET_ENDS.iter().any(|end| word.ends_with(end))
    };
    (1..=3).contains(&words.len())
        && lower.chars().all(letters)
        && lower.chars().count() > 1
        && !words.iter().any(other)
        && !COUNTRY.contains(&lower.as_str())
}

/// An amount by its first digit: `12345.67` is about 10000, `0.0962` about 0.1.
pub(super) fn rounded(value: &str) -> Option<String> {
    let (sign, digits) = match value.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", value),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number =
        |t: &str| !t.is_empty() && t.len() <= 40 && t.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(part) {
        return None;
    }
    // The place of the first digit that is not 0: 0 for ones, -1 for tenths.
    let all: Vec<u8> = whole
        .bytes()
        .chain(part.bytes())
        .map(|b| b - b'0')
        .collect();
    let Some(first) = all.iter().position(|digit| *digit != 0) else {
        return Some("~0".to_owned());
    };
    let lead = all.get(first).copied().unwrap_or_default();
    let up = all.get(first + 1).copied().unwrap_or_default() >= 5;
    let mut place = i32::try_from(whole.len()).ok()? - 1 - i32::try_from(first).ok()?;
    let mut digit = lead + u8::from(up);
    if digit == 10 {
        (digit, place) = (1, place + 1);
    }
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    Some(if place >= 0 {
        format!("~{sign}{digit}{}", zeros(place))
    } else {
        format!("~{sign}0.{}{digit}", zeros(-place - 1))
    })
}

/// The one year in a date.
pub(super) fn year(value: &str) -> Option<String> {
    if value.chars().count() < 8 {
        return None;
    }
    let mut years = value.split(|c: char| !c.is_ascii_digit()).filter(|digits| {
        digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
    });
    let year = years.next()?;
    years.next().is_none().then(|| year.to_owned())
}
