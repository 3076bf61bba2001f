//! JSON of the wrong shape.

use serde_json::{Map, Value, json};

use super::CANARY;

/// The member that says whose an object is.
const OWNER: &str = "uid";

/// Adds members to every object, at every level.
pub(super) fn grow(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(grow);
            map.insert("internal_note".to_owned(), json!(CANARY));
            map.insert(
                "internal_owner".to_owned(),
                json!({ "email": CANARY, "cards": [{ "number": CANARY }], "tags": [CANARY] }),
            );
        }
        Value::Array(items) => items.iter_mut().for_each(grow),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Puts every scalar and every inner array one level deeper.
pub(super) fn nest(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut().filter(|(key, _)| *key != OWNER) {
                let is_list = inner.is_array();
                nest(inner);
                if is_list {
                    *inner = json!({ "items": inner.take(), "note": key });
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(nest),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            *value = json!({ "value": value.take() });
        }
    }
}

/// Gives every scalar another type, a different one each time.
pub(super) fn retype(value: &mut Value, count: &mut u32) {
    *count = count.wrapping_add(1);
    match value {
        Value::Object(map) => {
            for (_, inner) in map.iter_mut().filter(|(key, _)| *key != OWNER) {
                retype(inner, count);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| retype(it, count)),
        Value::String(_) => {
            *value = match *count % 5 {
                0 => json!(4_711.5),
                1 => json!({ "canary": CANARY }),
                2 => json!([CANARY, { "canary": CANARY }]),
                3 => json!(true),
                _ => Value::Null,
            };
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => *value = json!(CANARY),
    }
}

/// Removes the owner everywhere.
pub(super) fn disown(value: &mut Value) {
    each_object(value, &mut |map| {
        map.remove(OWNER);
    });
}

/// Makes every owner a list of two.
pub(super) fn share(value: &mut Value, other: &str) {
    each_object(value, &mut |map| {
        if let Some(owner) = map.get_mut(OWNER) {
            *owner = json!([owner.take(), other]);
        }
    });
}

/// Puts another owner in the place of every owner.
pub(super) fn reown(value: &mut Value, other: &str) {
    each_object(value, &mut |map| {
        if let Some(owner) = map.get_mut(OWNER) {
            *owner = json!(other);
        }
    });
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            change(map);
            map.values_mut().for_each(|it| each_object(it, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| each_object(it, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Writes every member twice; most parsers keep the second.
pub(super) fn duplicate(value: &Value, other: &str) -> String {
    match value {
        Value::Object(map) => {
            let members = map.iter().map(|(key, inner)| {
                let second = if key == OWNER { other } else { CANARY };
                let (key, second) = (json!(key), json!(second));
                format!("{key}:{},{key}:{second}", duplicate(inner, other))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|it| duplicate(it, other)).collect();
            format!("[{}]", items.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        json!({ "uid": "ID1", "n": 1, "list": [{ "uid": "ID1", "t": "text" }] })
    }

    #[test]
    fn every_level_grows() {
        let mut value = sample();
        grow(&mut value);
        assert_eq!(value["internal_note"], CANARY);
        assert_eq!(
            value["list"][0]["internal_owner"]["cards"][0]["number"],
            CANARY
        );
        assert_eq!(value["list"][0]["t"], "text");
    }

    #[test]
    fn values_move_one_level_deeper_and_owners_stay() {
        let mut value = sample();
        nest(&mut value);
        assert_eq!(value["uid"], "ID1");
        assert_eq!(value["n"]["value"], 1);
        assert_eq!(value["list"]["items"][0]["t"]["value"], "text");
        assert_eq!(value["list"]["items"][0]["uid"], "ID1");
    }

    #[test]
    fn types_change_and_owners_stay() {
        let mut value = json!({ "uid": "ID1", "a": "x", "b": "x", "c": "x", "d": "x", "n": 1 });
        retype(&mut value, &mut 0);
        assert_eq!(value["uid"], "ID1");
        assert_eq!(value["n"], CANARY);
        for key in ["a", "b", "c", "d"] {
            assert!(!value[key].is_string(), "{value}");
        }
    }

    #[test]
    fn owners_go_or_are_shared_at_every_level() {
        let (mut gone, mut shared, mut swapped) = (sample(), sample(), sample());
        disown(&mut gone);
        assert_eq!(gone, json!({ "n": 1, "list": [{ "t": "text" }] }));
        share(&mut shared, "ID2");
        assert_eq!(shared["list"][0]["uid"], json!(["ID1", "ID2"]));
        reown(&mut swapped, "ID2");
        assert_eq!(swapped["list"][0]["uid"], "ID2");
    }

    #[test]
    fn members_come_twice() {
        let text = duplicate(&json!({ "uid": "ID1", "l": [{ "t": "x" }] }), "ID2");
        assert_eq!(text.matches("\"uid\"").count(), 2);
        assert_eq!(text.matches("\"t\"").count(), 2);
        let lax: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(lax, json!({ "uid": "ID2", "l": CANARY }));
    }
}
