//! Going upstream with a permit, and coming back with what may not leave yet.

use super::{Failed, Outgoing, Raw, Upstreams};
use crate::catalog::{Catalog, Operation, Ownership, UpstreamRequest};
use crate::gateway::Intended;
use crate::policy::{Permit, Treatments};
use crate::redaction::{Filter, Plan};
use bytes::Bytes;
use serde_json::Map;

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
    // The same strict walk as for an answer, showing nothing: ownership, filter, and the ids.
    let filter = list.only.as_ref().map(|only| Filter {
        path: only.path.clone(),
        one_of: only.one_of.clone(),
    });
    let plan = Plan::compile(&list.fields, Treatments::default(), &list.ownership, filter);
    let walked = plan
        .unfolding(&list.json)
        .listing(path)
        .apply(&body, Some(uid), &mut |_text| String::new());
    let Ok(walked) = walked else { return Ok(false) };
    let object = object
        .as_str()
        .map_or_else(|| object.to_string(), str::to_owned);
    Ok(walked.ids.contains(&object))
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
    let asked = Outgoing {
        method,
        path_and_query: &path_and_query,
        headers,
        body: body.map(|body| (operation.encoding, Bytes::from(body))),
        idempotency_key: key,
        effect: operation.effect,
    };
    upstreams.send(&operation.upstream, asked).await?.json()
}
