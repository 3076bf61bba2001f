//! Who a customer is, as Barong's management API shows it (`UserWithKYC`): everything it has,
//! staff's comments and private labels included.

use serde::Serialize;
use serde_json::{Value, json};

use super::chance::Chance;
use super::kyc;
use super::name::{Locale, Name};
use super::place::{Country, Home};
use super::time::{DAY_US, MINUTE_US, date, iso};

/// `UserWithKYC`.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct User {
    pub email: String,
    pub uid: String,
    pub role: String,
    pub level: u8,
    pub otp: bool,
    pub state: String,
    pub referral_uid: Option<String>,
    pub data: String,
    pub profiles: Vec<Profile>,
    pub labels: Vec<Label>,
    pub phones: Vec<Phone>,
    pub documents: Vec<Document>,
    pub data_storages: Vec<Value>,
    pub comments: Vec<Comment>,
    pub created_at: String,
    pub updated_at: String,
}

/// `Profile`.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct Profile {
    pub first_name: String,
    pub last_name: String,
    pub dob: String,
    pub address: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub state: String,
    pub metadata: Value,
    pub created_at: String,
    pub updated_at: String,
}

/// `AdminLabelView`, with Barong's row number of the user.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct Label {
    pub user_id: u64,
    pub key: String,
    pub value: String,
    pub scope: String,
    pub description: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

/// `Phone`; the number has no plus.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct Phone {
    pub country: &'static str,
    pub number: String,
    pub validated_at: Option<String>,
}

/// `Document`.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct Document {
    pub upload: String,
    pub doc_type: String,
    pub doc_number: String,
    pub doc_expire: String,
    pub metadata: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

/// `Comment`, by staff about the customer.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct Comment {
    pub id: u64,
    pub author_uid: String,
    pub title: String,
    pub data: String,
    pub created_at: String,
    pub updated_at: String,
}

/// Who somebody is before the rest is drawn.
pub(super) struct Bearer {
    pub(super) number: u64,
    pub(super) uid: String,
    pub(super) name: Name,
    pub(super) mailbox: String,
    pub(super) referral_uid: Option<String>,
    /// Fully verified, whatever chance would say.
    pub(super) verified: bool,
}

/// Draws a verified customer; the cast's stories change single ones afterwards.
pub(super) fn draw(bearer: Bearer, base_time_us: i64, chance: &mut Chance) -> User {
    let joined_us = base_time_us.saturating_sub(chance.between(86_400, 2_016_000) * MINUTE_US);
    let seen_us = base_time_us.saturating_sub(chance.between(600, 57_600) * MINUTE_US);
    let home = Home::draw(Country::draw(bearer.name.locale, chance), chance);
    let drawn = chance.pick(&[1_u8, 2, 3, 3, 3, 3, 3]);
    let level = if bearer.verified { 3 } else { drawn };
    let domain = match bearer.name.locale {
        Locale::En => chance.pick(&["mail.example", "inbox.example", "post.example"]),
        Locale::De => chance.pick(&["mail.example", "post.example", "briefkasten.example"]),
        Locale::Ru => chance.pick(&["mail.example", "pochta.example", "yashchik.example"]),
    };
    let mut user = User {
        email: format!("{}@{domain}", bearer.mailbox),
        uid: bearer.uid,
        role: "member".to_owned(),
        level,
        otp: !chance.one_in(4),
        state: "active".to_owned(),
        referral_uid: bearer.referral_uid,
        data: json!({ "language": bearer.name.locale.code() }).to_string(),
        profiles: vec![profile(
            &bearer.name,
            &home,
            base_time_us,
            joined_us,
            chance,
        )],
        labels: Vec::new(),
        phones: vec![Phone {
            country: home.country.code(),
            number: home.country.phone(bearer.number, chance),
            validated_at: (level > 1).then(|| iso(joined_us)),
        }],
        documents: Vec::new(),
        data_storages: Vec::new(),
        comments: Vec::new(),
        created_at: iso(joined_us),
        updated_at: iso(seen_us),
    };
    if level > 2 {
        user.documents = documents(
            &user.uid,
            &bearer.name,
            &home,
            base_time_us,
            joined_us,
            chance,
        );
    }
    user.labels = kyc::labels(bearer.number, level, bearer.name.locale, joined_us, chance);
    user.data_storages = storages(level, chance);
    user.comments = comments(bearer.number, seen_us, chance);
    user
}

fn profile(
    name: &Name,
    home: &Home,
    base_time_us: i64,
    joined_us: i64,
    chance: &mut Chance,
) -> Profile {
    let year = date(base_time_us)
        .year()
        .saturating_sub(i16::try_from(chance.between(19, 71)).unwrap_or(40));
    Profile {
        first_name: name.first.clone(),
        last_name: name.last.clone(),
        dob: format!(
            "{year:04}-{:02}-{:02}",
            chance.between(1, 12),
            chance.between(1, 28)
        ),
        address: home.street.clone(),
        postcode: home.postcode.clone(),
        city: home.city.clone(),
        country: home.country.code().to_owned(),
        state: "verified".to_owned(),
        metadata: json!({
            "nationality": home.country.code(),
            "occupation": chance.pick(&["employed", "self-employed", "retired", "student"]),
        }),
        created_at: iso(joined_us),
        updated_at: iso(joined_us.saturating_add(2 * DAY_US)),
    }
}

fn documents(
    uid: &str,
    name: &Name,
    home: &Home,
    base_time_us: i64,
    joined_us: i64,
    chance: &mut Chance,
) -> Vec<Document> {
    let mut out = Vec::new();
    let mut paper = |doc_type: &str, doc_number: String, days: i64, file: String| {
        out.push(Document {
            upload: format!("https://kyc-files.exchange.example/{uid}/{file}.jpg"),
            doc_type: doc_type.to_owned(),
            doc_number,
            doc_expire: date(base_time_us.saturating_add(days * DAY_US)).to_string(),
            metadata: None,
            created_at: iso(joined_us.saturating_add(DAY_US)),
            updated_at: iso(joined_us.saturating_add(2 * DAY_US)),
        });
    };
    let (passport, days) = (home.country.passport(chance), chance.between(90, 3_000));
    paper("passport", passport, days, chance.hex::<8>());
    if chance.one_in(3) {
        let (licence, days) = (
            home.country.licence(&name.last_latin(), chance),
            chance.between(30, 3_000),
        );
        paper("driver license", licence, days, chance.hex::<8>());
    }
    out
}

/// What a questionnaire left: JSON in a text, as Barong keeps it.
fn storages(level: u8, chance: &mut Chance) -> Vec<Value> {
    if level < 3 || !chance.one_in(3) {
        return Vec::new();
    }
    let income = chance.pick(&["below 25000", "25000-50000", "50000-100000"]);
    let data = json!({ "yearly_income": income, "purpose": "savings", "pep": false });
    vec![json!({ "title": "questionnaire", "data": data.to_string() })]
}

/// A label as staff or the system put it.
pub(super) fn label(
    user_id: u64,
    (key, value, scope): (&str, &str, &str),
    description: Option<&str>,
    at_us: i64,
) -> Label {
    Label {
        user_id,
        key: key.to_owned(),
        value: value.to_owned(),
        scope: scope.to_owned(),
        description: description.map(str::to_owned),
        created_at: iso(at_us),
        updated_at: iso(at_us),
    }
}

/// A note by staff about the customer.
pub(super) fn comment(id: u64, author_uid: &str, title: &str, data: &str, at_us: i64) -> Comment {
    Comment {
        id,
        author_uid: author_uid.to_owned(),
        title: title.to_owned(),
        data: data.to_owned(),
        created_at: iso(at_us),
        updated_at: iso(at_us),
    }
}

fn comments(number: u64, at_us: i64, chance: &mut Chance) -> Vec<Comment> {
    if !chance.one_in(3) {
        return Vec::new();
    }
    let (title, data) = chance.pick(&[
        (
            "Call",
            "Rude on the phone, asked twice for a supervisor. Not a priority.",
        ),
        (
            "Source of funds",
            "Payslips look edited; asked second line for an opinion.",
        ),
        (
            "Duplicate?",
            "Same device as another account closed last year. Watch.",
        ),
        (
            "VIP",
            "Knows the head of sales. Do not promise fee cuts in writing.",
        ),
    ]);
    vec![comment(number * 10, STAFF, title, data, at_us)]
}

/// The member of staff who writes most comments.
pub(super) const STAFF: &str = "IDSTAFF00017";
