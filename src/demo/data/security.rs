//! How an account is protected: second factor, sign-ins, keys, and locks after a change.
//!
//! Addresses are from the blocks that are kept for documentation (RFC 5737, RFC 3849).

use serde::Serialize;
use serde_json::json;

use super::chance::Chance;
use super::time::{DAY_US, HOUR_US, MINUTE_US, iso};

/// Everything the accounts service knows about a customer's protection, which is more than anybody
/// who asks for it should see.
#[derive(Debug, Clone, Serialize)]
pub struct Security {
    /// Whose.
    pub uid: String,
    /// The second factor.
    pub otp: Otp,
    /// When the password last changed.
    pub password_changed_at: String,
    /// A word of the customer's in every mail of the exchange, so that forged ones are known.
    pub anti_phishing_code: Option<String>,
    /// Why nothing may be withdrawn for now, if so.
    pub withdraw_lock: Option<Lock>,
    /// Keys for programs.
    pub api_keys: Vec<ApiKey>,
    /// Where they are signed in.
    pub sessions: Vec<Session>,
}

/// The second factor.
#[derive(Debug, Clone, Serialize)]
pub struct Otp {
    /// `enabled` or `disabled`.
    pub state: &'static str,
    /// `totp`, where there is one.
    pub method: Option<&'static str>,
    /// Since when.
    pub enabled_at: Option<String>,
    /// Where its secret is kept.
    pub secret_ref: Option<String>,
    /// How many codes are left for a lost device; a number in a string.
    pub backup_codes_left: Option<String>,
}

/// A stop of withdrawals after a change of the account's protection.
#[derive(Debug, Clone, Serialize)]
pub struct Lock {
    /// `password_changed`, `otp_reset` or `customer_request`.
    pub reason: &'static str,
    /// Until when; none for until a person has looked.
    pub until: Option<String>,
}

/// `APIKey`.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct ApiKey {
    pub kid: String,
    pub algorithm: &'static str,
    pub scope: &'static str,
    pub state: &'static str,
    pub secret: Option<String>,
    pub created_at: String,
}

/// One place where somebody is signed in.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the usual words of sessions")]
pub struct Session {
    pub session_id: String,
    pub user_ip: String,
    pub user_agent: &'static str,
    pub last_seen_at: String,
}

/// `Activity`, as Barong's administration shows it.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Barong's interface file"
)]
pub struct Activity {
    pub id: u64,
    pub uid: String,
    pub user_ip: String,
    pub user_ip_country: &'static str,
    pub user_agent: &'static str,
    pub topic: &'static str,
    pub action: &'static str,
    pub result: &'static str,
    pub data: Option<String>,
    pub created_at: String,
    /// When it was; not part of the answer.
    #[serde(skip)]
    pub at_us: i64,
}

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "ExchangeApp/7.12 (iPhone; iOS 18.1)",
    "ExchangeApp/7.12 (Android 15; Pixel 8)",
];

/// The protection of a customer's account.
pub(super) fn draw(uid: &str, otp: bool, base_us: i64, chance: &mut Chance) -> Security {
    let since_us = base_us.saturating_sub(chance.between(20, 700) * DAY_US);
    let keys = u8::from(chance.one_in(6));
    Security {
        uid: uid.to_owned(),
        otp: Otp {
            state: if otp { "enabled" } else { "disabled" },
            method: otp.then_some("totp"),
            enabled_at: otp.then(|| iso(since_us)),
            secret_ref: otp.then(|| format!("vault:totp/{}", chance.hex::<8>())),
            backup_codes_left: otp.then(|| chance.between(0, 10).to_string()),
        },
        password_changed_at: iso(since_us.saturating_add(9 * DAY_US)),
        anti_phishing_code: chance
            .one_in(3)
            .then(|| format!("kestrel-{}", chance.digits(4))),
        withdraw_lock: None,
        api_keys: (0..keys)
            .map(|_| ApiKey {
                kid: chance.hex::<8>(),
                algorithm: "HS256",
                scope: "trade",
                state: "active",
                secret: None,
                created_at: iso(since_us.saturating_add(30 * DAY_US)),
            })
            .collect(),
        sessions: vec![Session {
            session_id: chance.hex::<16>(),
            user_ip: ip(chance),
            user_agent: chance.pick(AGENTS),
            last_seen_at: iso(base_us.saturating_sub(chance.between(1, 90) * MINUTE_US)),
        }],
    }
}

/// Three to nine sign-ins, newest first.
pub(super) fn activities(
    (number, uid): (u64, &str),
    country: &'static str,
    base_us: i64,
    chance: &mut Chance,
) -> Vec<Activity> {
    let (home, agent) = (ip(chance), chance.pick(AGENTS));
    let mut out: Vec<_> = (0..u64::try_from(chance.between(3, 9)).unwrap_or(3))
        .map(|at| {
            let at_us = base_us.saturating_sub(chance.between(1, 1_400) * HOUR_US);
            let failed = chance.one_in(6);
            let why = json!({ "reason": "Invalid Email or Password" }).to_string();
            Activity {
                id: number * 1_000 + at,
                uid: uid.to_owned(),
                user_ip: if failed { ip(chance) } else { home.clone() },
                user_ip_country: country,
                user_agent: if failed { chance.pick(AGENTS) } else { agent },
                topic: "session",
                action: "login",
                result: if failed { "failed" } else { "succeed" },
                data: failed.then_some(why),
                created_at: iso(at_us),
                at_us,
            }
        })
        .collect();
    out.sort_by_key(|it| std::cmp::Reverse(it.at_us));
    out
}

/// Newest sign-in: from elsewhere, and refused for its second factor.
pub(super) fn intruder((number, uid): (u64, &str), at_us: i64, chance: &mut Chance) -> Activity {
    Activity {
        id: number * 1_000 + 900,
        uid: uid.to_owned(),
        user_ip: ip(chance),
        user_ip_country: "VN",
        user_agent: chance.pick(AGENTS),
        topic: "session",
        action: "login::2fa",
        result: "failed",
        data: Some(json!({ "reason": "Invalid 2FA code" }).to_string()),
        created_at: iso(at_us),
        at_us,
    }
}

fn ip(chance: &mut Chance) -> String {
    match chance.below(4) {
        0 => format!("192.0.2.{}", chance.between(1, 254)),
        1 => format!("198.51.100.{}", chance.between(1, 254)),
        2 => format!("203.0.113.{}", chance.between(1, 254)),
        _ => format!(
            "2001:db8:{:x}::{:x}",
            chance.below(65_535),
            chance.below(65_535)
        ),
    }
}
