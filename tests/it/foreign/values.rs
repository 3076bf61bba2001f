//! What is a customer's and nobody else's: what must not be seen in another's chat.

use serde_json::Value;
use std::collections::HashSet;
use tidewaiter::demo::data::{Customer, Dataset, Person};

/// Strings that only one customer has.
pub(crate) struct Values(Vec<String>);

impl Values {
    /// Everything of `whose` that `asker` does not have too.
    pub(crate) fn of(dataset: &Dataset, whose: &Person, asker: &Person) -> Self {
        let all = |person: &Person| {
            let mut leaves = HashSet::new();
            let mut found = |text: &str| {
                leaves.insert(text.to_lowercase());
            };
            each(dataset.customer(&person.uid).unwrap(), &mut found);
            for trade in &dataset.trades {
                let seen = trade.seen_by(&person.uid);
                if !seen.is_null() {
                    walk(&seen, &mut found);
                    walk(&json(serde_json::to_value(&trade.payment)), &mut found);
                }
            }
            leaves
        };
        let own = all(asker);
        // A state or a currency is everybody's; what has a digit, an @ or letters of a name is not.
        let telling = |text: &String| {
            text.chars().count() >= 8
                && text
                    .chars()
                    .any(|c| c.is_ascii_digit() || c == '@' || !c.is_ascii())
        };
        let mut values: HashSet<String> = all(whose).into_iter().filter(telling).collect();
        let plain = whose.phone.trim_start_matches('+').to_owned();
        values.extend(
            [
                &whose.uid,
                &whose.sub,
                &whose.email,
                &whose.name,
                &whose.last_name,
                &plain,
            ]
            .map(|v| v.to_lowercase()),
        );
        values.extend(
            whose
                .withdraws
                .iter()
                .chain(&whose.deposits)
                .map(|tid| tid.to_lowercase()),
        );
        values.retain(|value| !own.contains(value));
        assert!(
            values.len() > 20,
            "the other customer has something to lose"
        );
        Self(values.into_iter().collect())
    }

    /// The first that is in a text.
    pub(crate) fn find(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        self.0
            .iter()
            .find(|value| text.contains(&***value))
            .map(String::as_str)
    }
}

fn walk(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => found(text),
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Object(members) => members.values().for_each(|member| walk(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn json(value: serde_json::Result<Value>) -> Value {
    value.unwrap()
}

/// Every string of a customer's records.
fn each(customer: &Customer, found: &mut impl FnMut(&str)) {
    for value in [
        json(serde_json::to_value(&customer.user)),
        json(serde_json::to_value(&customer.withdraws)),
        json(serde_json::to_value(&customer.deposits)),
        json(serde_json::to_value(&customer.orders)),
        json(serde_json::to_value(&customer.balances)),
        json(serde_json::to_value(&customer.margin)),
        json(serde_json::to_value(&customer.limits)),
        json(serde_json::to_value(&customer.addresses)),
        json(serde_json::to_value(&customer.beneficiaries)),
        json(serde_json::to_value(&customer.security)),
        json(serde_json::to_value(&customer.activities)),
        json(serde_json::to_value(&customer.liquidations)),
    ] {
        walk(&value, found);
    }
}
