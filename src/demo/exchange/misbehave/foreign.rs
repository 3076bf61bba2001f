//! Answers that are somebody else's: what a confused cache or a wrong join gives.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::{as_json, read, shape};
use crate::demo::data::{Customer, Dataset};
use crate::demo::exchange::door::Door;
use crate::demo::exchange::seen::Asked;

/// Whom another customer's answer would be of.
pub(super) fn other_uid(door: &Door, asked: &Asked) -> Option<String> {
    let own = owner(&door.dataset, asked)?;
    Some(stranger(&door.dataset, own)?.user.uid.clone())
}

/// The whole answer is another customer's.
pub(super) async fn all(door: &Door, asked: Asked) -> Response {
    let pair =
        owner(&door.dataset, &asked).and_then(|own| Some((own, stranger(&door.dataset, own)?)));
    let Some((own, other)) = pair else {
        return door.answer(asked).await;
    };
    if writes(&asked) {
        // It is done for whom it was asked; only what is said of it is wrong.
        let (status, body) = read(door.answer(asked).await).await;
        let mut value: Value = serde_json::from_slice(&body).unwrap_or_default();
        shape::reown(&mut value, &other.user.uid);
        return as_json(status, Body::from(value.to_string()));
    }
    let asked = swap(asked, &door.dataset, own, other);
    door.answer(asked).await
}

/// Whether a request changes something.
fn writes(asked: &Asked) -> bool {
    let path = asked.uri.path();
    let changing = ["/cases", "/p2p/disputes", "/margin/add", "/users/update"];
    let cores = ["/withdraws/action", "/cancel"];
    asked.method != Method::GET && changing.iter().chain(&cores).any(|it| path.ends_with(it))
}

/// A list gets another customer's element at its end.
pub(super) async fn last(door: &Door, asked: Asked) -> Response {
    let (status, own) = read(door.answer(asked.clone()).await).await;
    let Ok(Value::Array(mut items)) = serde_json::from_slice(&own) else {
        return all(door, asked).await;
    };
    let (_, foreign) = read(all(door, asked).await).await;
    if let Ok(Value::Array(foreign)) = serde_json::from_slice(&foreign) {
        items.extend(foreign.into_iter().take(1));
    }
    as_json(status, Body::from(Value::Array(items).to_string()))
}

/// Whose data was asked for, wherever the request names them.
fn owner<'a>(dataset: &'a Dataset, asked: &Asked) -> Option<&'a Customer> {
    let header = asked
        .headers
        .get("x-member-uid")
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let body = String::from_utf8_lossy(&asked.body);
    let text = format!("{} {} {body}", asked.uri, String::from_utf8_lossy(header));
    let mut customers = dataset.customers.iter();
    let named = customers.clone().find(|it| text.contains(&it.user.uid));
    named.or_else(|| {
        customers.find(|it| {
            let objects = objects(dataset, it);
            objects.iter().flatten().any(|it| text.contains(it))
        })
    })
}

/// The ids of a customer's objects: withdrawals, deposits, P2P trades, orders as they stand in a
/// path.
fn objects(dataset: &Dataset, customer: &Customer) -> [Vec<String>; 4] {
    let uid = &customer.user.uid;
    let trades = dataset.trades.iter();
    let trades = trades.filter(|it| it.buyer.uid == *uid || it.seller.uid == *uid);
    [
        customer.withdraws.iter().map(|it| it.tid.clone()).collect(),
        customer.deposits.iter().map(|it| it.tid.clone()).collect(),
        trades.map(|it| it.trade_id.clone()).collect(),
        customer
            .orders
            .iter()
            .map(|it| format!("/orders/{}/", it.id))
            .collect(),
    ]
}

/// Another customer, with something of everything where there is one.
fn stranger<'a>(dataset: &'a Dataset, own: &Customer) -> Option<&'a Customer> {
    let mut others = dataset
        .customers
        .iter()
        .filter(|it| it.user.uid != own.user.uid);
    let rich = others.clone().find(|it| {
        !it.withdraws.is_empty()
            && !it.deposits.is_empty()
            && !it.orders.is_empty()
            && !it.margin.positions.is_empty()
            && !it.beneficiaries.is_empty()
            && objects(dataset, it).iter().all(|it| !it.is_empty())
    });
    rich.or_else(|| others.next())
}

/// The same request about somebody else; lists without their filters, so as not to be empty.
fn swap(asked: Asked, dataset: &Dataset, own: &Customer, other: &Customer) -> Asked {
    let path = asked.uri.path();
    let lists = ["/withdraws", "/deposits", "/orders", "/trades"];
    let theirs = ["/beneficiaries/list", "/activities/list"];
    let is_list = lists.iter().chain(&theirs).any(|it| path.ends_with(it));
    let (from, to) = (own.user.uid.as_str(), other.user.uid.as_str());
    let mut uri = asked.uri.to_string().replace(from, to);
    let mut body = String::from_utf8_lossy(&asked.body).replace(from, to);
    for (mine, theirs) in objects(dataset, own).iter().zip(objects(dataset, other)) {
        if let Some(their) = theirs.first() {
            for it in mine {
                uri = uri.replace(it, their);
                body = body.replace(it, their);
            }
        }
    }
    let uri = uri.parse::<Uri>();
    if is_list {
        body = json!({ "uid": to }).to_string();
    }
    let mut headers = asked.headers;
    if let (Some(header), Ok(to)) = (headers.get_mut("x-member-uid"), HeaderValue::from_str(to)) {
        *header = to;
    }
    headers.remove("content-length");
    Asked {
        method: asked.method,
        uri: uri.unwrap_or(asked.uri),
        headers,
        body: Bytes::from(body),
    }
}
