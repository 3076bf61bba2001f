//! The grammar of names: operations, topics, arguments, headers.

/// `a-z`, then `a-z 0-9 _`; at most 64.
pub(crate) fn is_word(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && text.len() <= 64
}

/// Two or more words joined by dots: `withdrawals.status`.
pub(crate) fn is_dotted(text: &str) -> bool {
    text.contains('.') && text.split('.').all(is_word)
}

/// A name as upstreams use them in bodies and queries: a letter or `_`, then those, digits and
/// `-`. Brackets and dots are out: some servers read structure into them.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && text.len() <= 64
}

/// Names by which internals know a customer. As an argument they would let an agent choose one.
const SUBJECTS: [&str; 24] = [
    "accountid",
    "accountuid",
    "clientid",
    "clientuid",
    "customer",
    "customerid",
    "customeruid",
    "email",
    "login",
    "member",
    "memberid",
    "memberuid",
    "owner",
    "ownerid",
    "owneruid",
    "phone",
    "phonenum",
    "phonenumber",
    "sub",
    "subject",
    "uid",
    "user",
    "userid",
    "useruid",
];

/// Whether a name says "which customer", in any spelling: `user_uid`, `userId`, `X-Member-Uid`.
pub(crate) fn names_subject(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_prefix("x-").unwrap_or(&lower);
    let letters: String = bare.chars().filter(|c| *c != '_' && *c != '-').collect();
    SUBJECTS.binary_search(&letters.as_str()).is_ok()
}

/// Whether a name looks like that of an object: `id`, `tid`, `order_id`, `uuid`.
pub(crate) fn names_object(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "id" | "ids" | "tid" | "rid" | "uuid" | "ref" | "reference"
    ) || ["_id", "-id", "_ids", "_tid", "_uuid", "_ref"]
        .iter()
        .any(|end| lower.ends_with(end))
        || name.ends_with("Id")
}

/// Headers that say who calls, how the message is framed, where it goes or what is done: the
/// gateway's and the HTTP client's own.
const OWN_HEADERS: [&str; 26] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "idempotency-key",
    "keep-alive",
    "range",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-api-key",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
];

/// Headers by how they start, for the same reason.
const OWN_PREFIXES: [&str; 8] = [
    "access-control-",
    "proxy-",
    "sec-",
    "trace",
    "x-forwarded",
    "x-original",
    "x-request",
    "x-rewrite",
];

/// Whether a header may not be set from the catalog.
pub(crate) fn is_own_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    OWN_HEADERS.contains(&lower.as_str()) || OWN_PREFIXES.iter().any(|p| lower.starts_with(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_grammar() {
        assert!(is_dotted("withdrawals.status") && is_dotted("a.b_2.c"));
        for bad in [
            "withdrawals",
            "A.b",
            "a..b",
            ".a",
            "a.",
            "1a.b",
            "a.b-c",
            "_a.b",
            "",
            "é.b",
        ] {
            assert!(!is_dotted(bad), "{bad}");
        }
        assert!(is_plain("user_uid") && is_plain("ordType") && is_plain("X-Member-Uid"));
        for bad in ["uid[]", "a.b", "", "1a", "a b", "a=b"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn a_customer_is_recognised_in_any_spelling() {
        assert!(SUBJECTS.is_sorted());
        for name in [
            "uid",
            "UID",
            "user_uid",
            "userId",
            "member",
            "X-Member-Uid",
            "owner-id",
        ] {
            assert!(names_subject(name), "{name}");
        }
        for name in ["tid", "currency", "user_agent", "limit", "uuid"] {
            assert!(!names_subject(name), "{name}");
        }
    }

    #[test]
    fn the_gateways_own_headers_are_known() {
        assert!(is_own_header("Authorization") && is_own_header("X-Forwarded-For"));
        assert!(!is_own_header("X-Member-Uid") && !is_own_header("X-Market"));
    }
}
