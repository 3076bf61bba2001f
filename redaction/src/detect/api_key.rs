//! API keys, API secrets, bearer tokens and the secrets of authenticator apps.
//!
//! By prefix: the formats that issuers publish (AWS, GitHub, GitLab, Slack, Stripe, Google,
//! `OpenAI` and its like, Telegram bots), JWT (RFC 7519). By context: a long random-looking string
//! after "api key", "token=" and their like; Base32 after "2FA secret" and `otpauth:` (kind OTP).
//! Limit: a secret of fewer than 16 characters, or one without digits, needs to be called a
//! password to be found.

use super::super::cue::Sense;
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Run, Scan};

const NAME: &str = "api_key";
/// How far after the phrase the value may begin.
const REACH: usize = 32;
const LONGEST: usize = 4_096;

/// Prefix, least length of the whole.
const PREFIXES: &[(&str, usize)] = &[
    ("ABIA", 20),
    ("ACCA", 20),
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("xapp-", 20),
    ("sk-", 24),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("rk_live_", 20),
    ("whsec_", 24),
    ("AIza", 39),
    ("ya29", 30),
    ("npm_", 36),
    ("pypi-", 40),
    ("hf_", 30),
    ("dop_v1_", 60),
    ("shpat_", 32),
    ("shpss_", 32),
    ("shppa_", 32),
    ("xoxe-", 20),
    ("xoxs-", 20),
    ("rk_test_", 20),
    ("glrt-", 20),
    ("glsa_", 40),
    ("gldt-", 20),
    ("dapi", 36),
    ("lin_api_", 40),
    ("sntrys_", 40),
    ("PMAK-", 40),
    ("sq0csp-", 40),
    ("EAAA", 60),
    ("hvs", 90),
    ("tskey-", 40),
    ("pscale_tkn_", 32),
    ("figd_", 40),
    ("gsk_", 40),
    ("xai-", 60),
    ("r8_", 37),
];

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let mut after = 0;
    for run in &scan.wide {
        scan.spend(run.len().min(64));
        if run.start < after || run.len() > LONGEST {
            continue;
        }
        let text = scan.slice(run.start, run.end);
        if let Some(end) = jwt(scan, *run, text) {
            hits.push(hit(
                run.start,
                end,
                Kind::ApiKey,
                Confidence::Certain,
                "JWT",
            ));
            after = end;
        } else if let Some((start, end)) =
            bot_token(scan, *run, text).or_else(|| dotted(scan, *run))
        {
            let reason = "published form and length";
            hits.push(hit(start, end, Kind::ApiKey, Confidence::Certain, reason));
            after = end;
        } else if prefixed(text) {
            let reason = "published prefix and length";
            hits.push(hit(
                run.start,
                run.end,
                Kind::ApiKey,
                Confidence::Certain,
                reason,
            ));
        } else if let Some(found) = by_context(scan, *run, text) {
            after = found.end;
            hits.push(found);
        }
    }
    grouped_base32(scan, hits);
}

fn hit(start: usize, end: usize, kind: Kind, confidence: Confidence, reason: &'static str) -> Hit {
    Hit {
        start,
        end,
        kind,
        detector: NAME,
        confidence,
        reason,
        canonical: None,
    }
}

fn prefixed(text: &str) -> bool {
    PREFIXES.iter().any(|(prefix, least)| {
        text.starts_with(prefix)
            && text.len() >= *least
            && text.bytes().any(|b| b.is_ascii_digit())
            && (!prefix.ends_with("IA")
                || text
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
    })
}

/// Where a JWT that begins with this run ends: three parts, the first a JSON object in Base64.
fn jwt(scan: &Scan<'_>, run: Run, text: &str) -> Option<usize> {
    if !text.starts_with("eyJ") {
        return None;
    }
    let mut end = run.end;
    let mut parts = 1;
    while parts < 5 && scan.byte(end) == Some(b'.') {
        let part = scan
            .bytes()
            .get(end + 1..)?
            .iter()
            .take(LONGEST)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            .count();
        scan.spend(part);
        if part == 0 {
            break;
        }
        end += 1 + part;
        parts += 1;
    }
    (parts >= 2).then_some(end)
}

/// A Telegram bot's token: its number, a colon, 35 characters that begin with `AA`.
fn bot_token(scan: &Scan<'_>, run: Run, text: &str) -> Option<(usize, usize)> {
    if text.len() != 35
        || !text.starts_with("AA")
        || scan.byte(run.start.checked_sub(1)?) != Some(b':')
    {
        return None;
    }
    let before = scan.slice(run.start.saturating_sub(12), run.start - 1);
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    (8..=10)
        .contains(&digits)
        .then(|| (run.start - 1 - digits, run.end))
}

/// A `SendGrid` key: `SG.`, 22 characters, a dot, 43 more.
fn dotted(scan: &Scan<'_>, run: Run) -> Option<(usize, usize)> {
    let start = run.start.checked_sub(3)?;
    let tail = scan.ahead(run.end, 44);
    let rest = tail.strip_prefix('.')?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let count = rest.bytes().take_while(|b| fits(*b)).count();
    scan.spend(44);
    (scan.slice(start, run.start) == "SG." && run.len() == 22 && count == 43)
        .then_some((start, run.end + 44))
}

fn by_context(scan: &Scan<'_>, run: Run, text: &str) -> Option<Hit> {
    // otpauth://totp/…?secret=…
    let parameter = scan.lower(run.start.saturating_sub(8), run.start);
    if matches!(parameter, "?secret=" | "&secret=") && is_base32(text) {
        return Some(base32_hit(run.start, run.end));
    }
    let cue = scan.cues_before(run.start, REACH + 16).next()?;
    let gap = scan.slice(cue.end, run.start);
    if gap.len() > REACH || gap.contains(". ") || gap.contains('\n') && !gap.contains(':') {
        return None;
    }
    let assigned = gap.trim_end().ends_with([':', '=']) || gap.trim_end().ends_with(": \"");
    let fits = match cue.sense {
        Sense::Api => true,
        Sense::Token => assigned,
        Sense::WeakKey => {
            let api = scan.said_before(&[Sense::Api], run.start, 120);
            // A key and a secret in a row are a pair, whatever each looks like.
            let pair = assigned
                && scan.lower(cue.start, cue.end).starts_with(['s', 'с'])
                && scan.said_before(&[Sense::WeakKey], cue.start, 120);
            api || pair || (assigned && text.len() >= 20 && !is_hex(text))
        }
        Sense::OtpSecret => {
            let found = is_base32(text).then(|| base32_hit(run.start, run.end));
            return found.or_else(|| random(text).then(|| base32_hit(run.start, run.end)));
        }
        Sense::Key
        | Sense::Seed
        | Sense::Password
        | Sense::WeakPassword
        | Sense::Pin
        | Sense::Otp
        | Sense::WeakOtp
        | Sense::Cvv
        | Sense::CvvOrOtp
        | Sense::Card
        | Sense::Wallet
        | Sense::Phone
        | Sense::Network
        | Sense::Version
        | Sense::Birth
        | Sense::NationalId
        | Sense::Passport
        | Sense::Licence
        | Sense::Identifier => false,
    };
    let random = fits && random(text) && !is_guid(text) && !is_address(text);
    random.then(|| whole(scan, run))
}

/// The value that begins with the run.
fn whole(scan: &Scan<'_>, run: Run) -> Hit {
    // Base64 goes on past its slashes and equal signs.
    let more = scan
        .bytes()
        .get(run.end..)
        .unwrap_or_default()
        .iter()
        .take(LONGEST)
        .take_while(|b| b.is_ascii_alphanumeric() || b"+/=_-.~".contains(b))
        .count();
    scan.spend(more);
    let tail = scan.slice(run.end, run.end + more);
    let end = run.end + tail.trim_end_matches('.').len();
    let reason = "long random string with context";
    hit(run.start, end, Kind::ApiKey, Confidence::Likely, reason)
}

fn base32_hit(start: usize, end: usize) -> Hit {
    let reason = "authenticator secret with context";
    hit(start, end, Kind::Otp, Confidence::Likely, reason)
}

/// Letters and digits, and enough changes between them not to be words.
fn random(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let upper = text.bytes().filter(u8::is_ascii_uppercase).count();
    let shuffled = digits >= 1 && text.len() >= 20 && upper >= 3 && letters - upper >= 3;
    (digits >= 2 && letters >= 2) || shuffled || (digits == 0 && is_base32(text))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// A token in the sense of a coin: `token: 0x…`.
fn is_address(text: &str) -> bool {
    text.len() == 42 && text.starts_with("0x")
}

/// The Base32 of an authenticator's secret, in one case and with no digit but 2 to 7.
fn is_base32(text: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b);
    let lower = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
    (16..=128).contains(&text.len()) && (text.bytes().all(upper) || text.bytes().all(lower))
}

/// `abcd efgh ijkl mnop` after "2FA secret", as authenticator apps show it.
fn grouped_base32(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for cue in scan.cues.iter().filter(|c| c.sense == Sense::OtpSecret) {
        let first = scan.token_at(cue.end);
        let mut groups = 0;
        let mut seen = None;
        for token in scan.tokens.get(first..).unwrap_or_default().iter().take(34) {
            scan.spend(8);
            let start = seen.map_or(token.start, |(start, _)| start);
            let far = token.start - seen.map_or(cue.end, |(_, end)| end) > 3;
            let fits = token.end - token.start == 4
                && scan
                    .slice(token.start, token.end)
                    .bytes()
                    .all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b));
            if !fits && seen.is_none() && token.start - cue.end < REACH {
                continue;
            }
            if !fits || (far && seen.is_some()) {
                break;
            }
            groups += 1;
            seen = Some((start, token.end));
        }
        if let Some((start, end)) = seen
            && groups >= 4
        {
            hits.push(base32_hit(start, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn prefixes_and_context() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "it is sk-proj-Gs8kvd4Q4EB2t4m6NAIIavBj1FEY5Jpged7CcjTkShJ40bti",
            "token=7x6W6vI6WDbpI6ETK8VKAE0OR9WCoLTq",
            "ключ API 1n44MbEpNaPnD1lTpjKBCLTzK709yl3QICdFkcxi не работает",
            "secret=dGhpcyBpcyBhIHNlY3JldCBrZXkhIQ==",
            "api secret: mYe9W1D4DRej3q4FdF5ihNOqLELyjXeEbeH39PpJ",
            "bot 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1 broke",
            "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",
            "it is glrt-t1_2ub8iLsq3GMzyx8Xs5K",
        ] {
            assert_eq!(kinds(text), [Kind::ApiKey], "{text}");
        }
        let pair =
            "key: 8f14e45fceea167a5a36dedd4bea2543\nsecret: c9f0f895fb98ab9159f51fd0297e236d";
        assert_eq!(kinds(pair).last(), Some(&Kind::ApiKey));
        let jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiAiNWY4bmx0In0.XVXSXYERtsoZWTABX8WgiOWDhurDo_fwwKMRuP0lxvA";
        assert_eq!(found(&format!("Bearer {jwt}.")), [jwt]);
    }

    #[test]
    fn authenticator_secrets_are_one_time_codes() {
        for text in [
            "2FA secret key 6GG6P3SKAC7XRZ3AYRC6KFWXZB42DVPF",
            "my authenticator secret is abcd efgh ijkl mnop",
            "otpauth://totp/Ex:ivan?secret=JBSWY3DPEHPK3PXP&issuer=Ex",
        ] {
            assert_eq!(kinds(text), [Kind::Otp], "{text}");
        }
    }

    #[test]
    fn near_misses_do_not_fire() {
        for text in [
            "which token is listed? see the contract",
            "order 8f14e45f-031a-493b-a7cd-90558da66373",
            "api key id 8f14e45f-031a-493b-a7cd-90558da66373",
            "at 12:30:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
            "how do I create an api key with withdrawal-permissions-enabled",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
