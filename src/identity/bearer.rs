//! The token in a request's head (RFC 6750 §2.1).

use super::unknown::Unknown;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The bearer token of a request, for [`super::Identity::authenticate`]. Two `Authorization`
/// headers are refused: what stands in front of us may have read the other one.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Unknown> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = all.next() else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(Unknown::Malformed);
    }
    let value = value.to_str().map_err(|_error| Unknown::Malformed)?;
    let (scheme, token) = value.split_once(' ').ok_or(Unknown::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unknown::Malformed);
    }
    Ok(Some(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let values = values
            .iter()
            .map(|v| (AUTHORIZATION, HeaderValue::from_static(v)));
        values.collect()
    }

    #[test]
    fn one_bearer_token_is_found_and_nothing_else() {
        assert_eq!(bearer(&headers(&[])), Ok(None));
        assert_eq!(bearer(&headers(&["Bearer a.b.c"])), Ok(Some("a.b.c")));
        assert_eq!(bearer(&headers(&["bEARER a.b.c"])), Ok(Some("a.b.c")));
        for wrong in [
            &["Basic abc"][..],
            &["Bearer"],
            &["Bearer a", "Bearer b"],
            &["Bearer a", "Bearer a"],
        ] {
            assert_eq!(
                bearer(&headers(wrong)),
                Err(Unknown::Malformed),
                "{wrong:?}"
            );
        }
    }
}
