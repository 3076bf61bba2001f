//! Who customers are and how their accounts are protected.

use super::{Row, Rows, Store};

impl Store {
    pub(in crate::demo::exchange) async fn user(&self, uid: &str) -> Row {
        self.one("SELECT body FROM customer WHERE uid = $1", uid)
            .await
    }

    pub(in crate::demo::exchange) async fn user_by_email(&self, email: &str) -> Row {
        self.one("SELECT body FROM customer WHERE email = $1", email)
            .await
    }

    pub(in crate::demo::exchange) async fn user_by_phone(&self, phone: &str) -> Row {
        self.one("SELECT body FROM customer WHERE phone = $1", phone)
            .await
    }

    pub(in crate::demo::exchange) async fn labels(&self, uid: &str) -> Row {
        self.one("SELECT labels FROM customer WHERE uid = $1", uid)
            .await
    }

    /// How an account is protected, all of it.
    pub(in crate::demo::exchange) async fn security(&self, uid: &str) -> Row {
        self.one("SELECT security FROM customer WHERE uid = $1", uid)
            .await
    }

    /// Sign-ins, newest first.
    pub(in crate::demo::exchange) async fn activities(&self, uid: &str, limit: i64) -> Rows {
        let sql = "SELECT body FROM activity WHERE uid = $1 ORDER BY at_us DESC, id LIMIT $2";
        sqlx::query_scalar(sql)
            .bind(uid)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
    }

    /// Puts an account into a state; a locked one also lets nothing be withdrawn. The user as it
    /// is then.
    pub(in crate::demo::exchange) async fn user_state(&self, uid: &str, state: &str) -> Row {
        let sql = "UPDATE customer SET body = json_set(body, '$.state', $2), \
            security = CASE WHEN $2 = 'locked' THEN json_set(security, '$.withdraw_lock', \
            json_object('reason', 'customer_request', 'until', NULL)) ELSE security END \
            WHERE uid = $1 RETURNING body";
        sqlx::query_scalar(sql)
            .bind(uid)
            .bind(state)
            .fetch_optional(&self.pool)
            .await
    }
}
