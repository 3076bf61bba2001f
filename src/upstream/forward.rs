//! Going upstream with a permit, and coming back with what may not leave yet.

use super::{Failed, Raw, Upstreams};
use crate::catalog::{Catalog, Operation, Ownership, UpstreamRequest};
use crate::gateway::Intended;
use crate::policy::Permit;
use bytes::Bytes;
use serde_json::{Map, Value};

/// Sends what was intended, with the gateway's own credentials, and keeps the permit beside the
/// answer for the redaction.
pub async fn forward(upstreams: &Upstreams, intended: Intended) -> Result<Raw, Failed> {
    let key = intended.upstream_key();
    let permit = intended.into_permit();
    let operation = permit.operation();
    let uid = permit
        .caller()
        .subject()
        .map(|subject| subject.uid.as_str());
    let request = operation
        .request(permit.arguments(), uid)
        .map_err(|_unfit| Failed::Misconfigured)?;
    let body = send(upstreams, operation, request, key.as_deref()).await?;
    Ok(Raw { body, permit })
}

/// Whether the object that an argument names appears in the subject's own list, where the
/// operation proves ownership by that; true where it does not, or where no object is named.
pub async fn is_listed(
    upstreams: &Upstreams,
    permit: &Permit,
    catalog: &Catalog,
) -> Result<bool, Failed> {
    let Ownership::Listed {
        operation,
        path,
        argument,
    } = &permit.operation().ownership
    else {
        return Ok(true);
    };
    let Some(object) = permit.arguments().get(argument) else {
        return Ok(true);
    };
    let list = catalog.operation(operation).ok_or(Failed::Misconfigured)?;
    let uid = permit
        .caller()
        .subject()
        .map(|subject| subject.uid.as_str())
        .ok_or(Failed::Misconfigured)?;
    let request = list
        .request(&Map::new(), Some(uid))
        .map_err(|_unfit| Failed::Misconfigured)?;
    let body = send(upstreams, list, request, None).await?;
    let answer: Value = serde_json::from_slice(&body).map_err(|_not_json| Failed::NotJson)?;
    if let Ownership::Checked { path } = &list.ownership
        && !all_at(&answer, path)
            .is_some_and(|owners| owners.iter().all(|o| o.as_str() == Some(uid)))
    {
        return Ok(false);
    }
    Ok(all_at(&answer, path).is_some_and(|ids| ids.contains(&object)))
}

async fn send(
    upstreams: &Upstreams,
    operation: &Operation,
    request: UpstreamRequest,
    key: Option<&str>,
) -> Result<Bytes, Failed> {
    let UpstreamRequest {
        method,
        path_and_query,
        mut headers,
        body,
    } = request;
    // The client sets the type of what it sends, and refuses headers that are its own to set.
    headers.remove(http::header::CONTENT_TYPE);
    upstreams
        .send(
            &operation.upstream,
            method,
            &path_and_query,
            headers,
            body.map(Bytes::from),
            key,
        )
        .await?
        .json()
}

/// Every value at a path such as `[].tid`; none if the path is missing anywhere.
fn all_at<'a>(value: &'a Value, path: &str) -> Option<Vec<&'a Value>> {
    let mut found = vec![value];
    for step in path.split('.').flat_map(steps) {
        let mut next = Vec::with_capacity(found.len());
        for value in found {
            match step {
                "[]" => next.extend(value.as_array()?),
                name => next.push(value.as_object()?.get(name)?),
            }
        }
        found = next;
    }
    Some(found)
}

/// `orders[]` is the member `orders` and then its elements.
fn steps(part: &str) -> impl Iterator<Item = &str> {
    let (name, elements) = match part.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (part, false),
    };
    let name = Some(name).filter(|name| !name.is_empty());
    name.into_iter().chain(elements.then_some("[]"))
}

#[cfg(test)]
mod tests {
    use super::all_at;
    use serde_json::json;

    #[test]
    fn i4_an_object_counts_only_where_the_path_says() {
        let list = json!([{"tid": "A", "uid": "1"}, {"tid": "B", "uid": "1"}]);
        assert_eq!(all_at(&list, "[].tid").unwrap(), [&json!("A"), &json!("B")]);
        assert!(all_at(&json!([{"other": "A"}]), "[].tid").is_none());
        assert!(all_at(&json!({"tid": "A"}), "[].tid").is_none());
        let nested = json!({"data": {"rows": [{"id": 1}]}});
        assert_eq!(all_at(&nested, "data.rows[].id").unwrap(), [&json!(1)]);
        assert!(all_at(&json!([]), "[].tid").unwrap().is_empty());
    }
}
