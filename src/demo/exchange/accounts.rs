//! Accounts and KYC, after Barong's management API: it gives everything it has.

use axum::Router;
use axum::extract::State;
use axum::routing::post;

use super::ask::{Ask, Fault, Reply};
use super::store::Store;

pub(super) fn router() -> Router<Store> {
    Router::new()
        .route("/users/get", post(user))
        .route("/users/update", post(update))
        .route("/labels/list", post(labels))
        .route("/security/get", post(security))
        .route("/activities/list", post(activities))
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

/// Sets a user's state. The original takes a role here as well, from whoever holds the credential.
async fn update(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let uid = ask.need("uid")?;
    let Some(state) = ask.one_of("state", &["active", "pending", "locked", "banned"])? else {
        return Err(Fault::invalid("state is missing"));
    };
    let body = store.user_state(&uid, &state).await?;
    body.map(Reply::created).ok_or_else(Fault::barong_missing)
}

/// Everything about an account's protection in one answer.
async fn security(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let body = store.security(&ask.need("uid")?).await?;
    body.map(Reply::created).ok_or_else(Fault::barong_missing)
}

async fn activities(State(store): State<Store>, ask: Ask) -> Result<Reply, Fault> {
    let (uid, limit) = (ask.need("uid")?, ask.integer("limit", 100, 1_000)?);
    if !store.knows(&uid).await? {
        return Err(Fault::barong_missing());
    }
    Ok(Reply::list(&store.activities(&uid, limit).await?))
}
