//! Where a request may go: one scheme, host and port, below one base path.

use super::failed::Failed;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use url::Url;

const LONGEST: usize = 4_096;

/// A fixed host and base path.
#[derive(Debug, Clone)]
pub(super) struct Address {
    scheme: Scheme,
    authority: Authority,
    /// Without a trailing slash; empty at the root.
    base: String,
}

impl Address {
    pub(super) fn new(url: &Url) -> Option<Self> {
        let scheme = match url.scheme() {
            "https" => Scheme::HTTPS,
            "http" => Scheme::HTTP,
            _ => return None,
        };
        let host = url.host_str()?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Some(Self {
            scheme,
            authority: authority.parse().ok()?,
            base: url.path().trim_end_matches('/').to_owned(),
        })
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The URI of `path_and_query` below the base path. It must begin with one slash and hold
    /// nothing that a server, or a proxy before it, could read as another place.
    pub(super) fn uri(&self, path_and_query: &str) -> Result<Uri, Failed> {
        let (path, _) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let visible = path_and_query.bytes().all(|b| b.is_ascii_graphic());
        let fits = path_and_query.len() <= LONGEST
            && visible
            && !path_and_query.contains(['#', '\\'])
            && path.starts_with('/')
            && path.split('/').skip(1).enumerate().all(|(at, segment)| {
                // Only the last segment may be empty: the path ends with a slash.
                let last = path.matches('/').count().saturating_sub(1) == at;
                stays(segment) && (last || !segment.is_empty())
            });
        if !fits {
            return Err(Failed::Misconfigured);
        }
        let whole = format!("{}{path_and_query}", self.base);
        let whole = PathAndQuery::try_from(whole).map_err(|_error| Failed::Misconfigured)?;
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(whole)
            .build()
            .map_err(|_error| Failed::Misconfigured)
    }
}

/// Whether a path's segment is one to every server: no dots that climb, and no slash, backslash,
/// control character or percent sign hidden in percent-encoding.
fn stays(segment: &str) -> bool {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (Some(high), Some(low)) = (digit(bytes.next()), digit(bytes.next())) else {
            return false;
        };
        match u8::try_from(high.saturating_mul(16).saturating_add(low)) {
            Ok(b'/' | b'\\' | b'%' | b'#' | b'?' | 0..=0x1f | 0x7f) | Err(_) => return false,
            Ok(byte) => decoded.push(byte),
        }
    }
    // Some servers cut a segment at its first semicolon.
    let name = decoded.split(|b| *b == b';').next().unwrap_or_default();
    !matches!(name, b"." | b"..") && !matches!(&*decoded, b"." | b"..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address() -> Address {
        Address::new(&Url::parse("https://core.example:8443/api/v2/").unwrap()).unwrap()
    }

    #[test]
    fn a_path_is_put_below_the_base() {
        for (path, whole) in [
            ("/x", "https://core.example:8443/api/v2/x"),
            ("/x/", "https://core.example:8443/api/v2/x/"),
            ("/", "https://core.example:8443/api/v2/"),
            (
                "/a/b%20c?d=e&f=//..",
                "https://core.example:8443/api/v2/a/b%20c?d=e&f=//..",
            ),
            ("/...", "https://core.example:8443/api/v2/..."),
        ] {
            assert_eq!(address().uri(path).unwrap().to_string(), whole);
        }
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for path in [
            "",
            "x",
            "//evil.example/x",
            "/a//b",
            "/a//",
            "/..",
            "/../admin",
            "/a/../../admin",
            "/a/./b",
            "/%2e%2e/admin",
            "/.%2E/admin",
            "/%2e",
            "/..;x=1/admin",
            "/a%2fb",
            "/a%2F..%2Fadmin",
            "/a%5cb",
            "/a\\b",
            "/%252e%252e/admin",
            "/a%00",
            "/a%0d%0ax: y",
            "/a%zz",
            "/a%2",
            "/a%3Fb",
            "/a b",
            "/a\r\nx: y",
            "/a\n",
            "/a?b\r\nx: y",
            "/a#b",
            "/é",
            "@evil.example/",
            ":80@evil.example/",
            "https://evil.example/x",
            "*",
            "?a=b",
        ] {
            assert_eq!(address().uri(path), Err(Failed::Misconfigured), "{path}");
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        assert_eq!(address().uri(&long), Err(Failed::Misconfigured));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_the_path_the_host_and_base_stay(path in "[/a.%2eE5cC;@:?#\\\\ \r\n]{0,24}") {
            if let Ok(uri) = address().uri(&path) {
                prop_assert_eq!(uri.scheme_str(), Some("https"));
                prop_assert_eq!(uri.authority().unwrap().as_str(), "core.example:8443");
                prop_assert!(uri.path().starts_with("/api/v2/"));
                // The strictest reader of all, which resolves dots, agrees.
                let read = Url::parse(&uri.to_string()).unwrap();
                prop_assert!(read.path().starts_with("/api/v2/"), "{}", read);
                prop_assert_eq!(read.host_str(), Some("core.example"));
            }
        }
    }
}
