//! Accounts and KYC, after Barong's management API: it gives everything it has.

use axum::Router;
use axum::extract::State;
use axum::routing::post;

use super::ask::{Ask, Fault, Reply};
use super::store::Store;

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/users/get", post(user))
        .route("/labels/list", post(labels))
}

/// By exactly one of uid, mail address and telephone number.
async fn user(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let keys = (ask.text("uid")?, ask.text("email")?, ask.text("phone_num")?);
    let body = match keys {
        (Some(uid), None, None) => store.user(&uid).await?,
        (None, Some(email), None) => store.user_by_email(&email).await?,
        (None, None, Some(phone)) => store.user_by_phone(&phone).await?,
        (None, None, None) => {
            let text = "uid, email, phone_num are missing, exactly one parameter must be provided";
            return Err(Fault::invalid(text));
        }
        (_, _, _) => {
            return Err(Fault::invalid(
                "uid, email, phone_num are mutually exclusive",
            ));
        }
    };
    body.map(Reply::created).ok_or_else(Fault::barong_missing)
}

async fn labels(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let body = store.labels(&ask.need("user_uid")?).await?;
    body.map(Reply::created).ok_or_else(Fault::barong_missing)
}
