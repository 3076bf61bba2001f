//! The canaries: what must never be stored, and what may lie in a sealed body alone.

use crate::harness::child::{CREDENTIALS, Site};

pub(super) const SEED: &str =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";
pub(super) const WIF: &str = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
pub(super) const HEX_KEY: &str = "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262";
pub(super) const PASSWORD: &str = "Tr0ub4dor-Canary-8812";
pub(super) const PEM_LINE: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr8";
/// Too short to look for in raw bytes; looked for in what was said, once it is opened.
pub(super) const SHORT: [(&str, &str); 2] = [
    ("The code from the SMS is 482913", "482913"),
    ("my CVV is 739", "739"),
];

/// What must never be stored, and the part of it that is looked for.
pub(super) fn forbidden() -> Vec<&'static str> {
    vec![
        "winner thank year wave sausage",
        WIF,
        HEX_KEY,
        PASSWORD,
        PEM_LINE,
    ]
}

/// Ways to say it.
pub(super) fn sayings() -> Vec<String> {
    vec![
        format!("my seed phrase is {SEED}"),
        format!("private key (WIF) {WIF}"),
        format!("my private key is 0x{HEX_KEY}"),
        format!("my password is {PASSWORD}"),
        format!("-----BEGIN PRIVATE KEY-----\n{PEM_LINE}\n-----END PRIVATE KEY-----"),
    ]
}

/// Texts of nobody's grammar, for every place that takes any text.
pub(super) const PLACED: [&str; 14] = [
    "argument-canary-0417",
    "argument-name-canary-0418",
    "purpose-canary-0419",
    "header-canary-0420",
    "agent-canary-0421",
    "path-canary-0422",
    "query-canary-0423",
    "key-canary-0424",
    "tool-canary-0425",
    "client-canary-0426",
    "conversation-canary-0427",
    "session-canary-0428",
    "junk-token-canary-0429",
    "case-canary-0430",
];

/// What may lie in a sealed body and nowhere in the clear.
pub(super) fn personal(site: &Site, tokens: &[String]) -> Vec<String> {
    let mut texts: Vec<String> = PLACED.map(str::to_owned).to_vec();
    for person in [&site.people()[0], &site.people()[1], &site.people()[4]] {
        texts.extend([&person.email, &person.uid, &person.sub, &person.name].map(Clone::clone));
        texts.push(person.phone.trim_start_matches('+').to_owned());
        texts.extend(person.withdraws.iter().chain(&person.deposits).cloned());
        let customer = site.exchange.dataset().customer(&person.uid).unwrap();
        for profile in &customer.user.profiles {
            texts.extend([profile.dob.clone(), profile.address.clone()]);
        }
        texts.extend(
            customer
                .user
                .documents
                .iter()
                .map(|it| it.doc_number.clone()),
        );
        texts.extend(customer.user.comments.iter().map(|it| it.data.clone()));
        texts.extend(customer.deposits.iter().filter_map(|it| it.memo.clone()));
        texts.extend(customer.withdraws.iter().map(|it| it.rid.clone()));
    }
    for token in tokens {
        let parts: Vec<&str> = token.split('.').collect();
        texts.extend([parts[1].to_owned(), parts[2].to_owned()]);
    }
    texts.extend(CREDENTIALS.map(|(_, secret)| secret.to_owned()));
    texts.retain(|text| text.len() >= 6);
    texts
}
