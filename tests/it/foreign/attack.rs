//! Ways to ask for somebody else's data, made from the catalog: a new operation is tried unasked.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use tidewaiter::catalog::{Argument, Operation, Shape};
use tidewaiter::demo::data::Person;

/// One way.
pub(super) struct Attack {
    pub(super) what: String,
    pub(super) arguments: Value,
    /// Members of the request beside `arguments` and `conversation`.
    pub(super) members: Value,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) key: String,
    /// Whether it must be refused. What names nobody may be answered, about the asker.
    pub(super) refused: bool,
    /// Whether nothing may be asked upstream at all.
    pub(super) before_forward: bool,
    /// Whether it names another customer's object.
    pub(super) names_object: bool,
}

/// Names by which some API knows whose something is.
const NAMES: [&str; 20] = [
    "uid",
    "UID",
    "user_uid",
    "member_uid",
    "member_id",
    "memberId",
    "user_id",
    "sub",
    "subject",
    "owner",
    "account",
    "account_id",
    "customer",
    "customer_id",
    "user",
    "email",
    "X-Member-Uid",
    "act",
    "conversation",
    "__proto__",
];

static KEY: AtomicU32 = AtomicU32::new(0);

impl Attack {
    /// A call with nothing wrong in it.
    pub(super) fn none(operation: &Operation, own: &Person) -> Self {
        Self {
            what: "nothing".to_owned(),
            arguments: arguments_of(operation, own),
            members: json!({}),
            headers: Vec::new(),
            key: format!("key-{}", KEY.fetch_add(1, Ordering::SeqCst)),
            refused: false,
            before_forward: false,
            names_object: false,
        }
    }

    fn argument(operation: &Operation, own: &Person, name: &str, value: Value) -> Self {
        let mut attack = Self::none(operation, own);
        attack.what = format!("{name} = {value}");
        attack.arguments[name] = value;
        attack
    }
}

/// Every attack on one operation.
pub(super) fn all(operation: &Operation, own: &Person, victim: &Person) -> Vec<Attack> {
    let mut attacks = extra_arguments(operation, own, victim);
    for argument in &operation.arguments {
        attacks.extend(values(operation, argument, own, victim));
    }
    attacks.extend(around(operation, own, victim));
    attacks
}

/// (a) Arguments that the operation does not declare.
fn extra_arguments(operation: &Operation, own: &Person, victim: &Person) -> Vec<Attack> {
    let undeclared = NAMES
        .iter()
        .filter(|name| operation.argument(name).is_none());
    let values = [json!(victim.uid), json!({"uid": victim.uid})];
    undeclared
        .flat_map(|name| values.iter().map(|value| (*name, value.clone())))
        .map(|(name, value)| {
            let mut attack = Attack::argument(operation, own, name, value);
            (attack.refused, attack.before_forward) = (true, true);
            attack
        })
        .collect()
}

/// Texts that name the other customer, for whatever takes a text.
fn texts_of(victim: &Person, fine: &str) -> [String; 19] {
    let uid = &victim.uid;
    let wide: String = uid
        .chars()
        .filter_map(|c| char::from_u32(u32::from(c) + 0xfee0))
        .collect();
    [
        uid.clone(),
        victim.sub.clone(),
        victim.email.clone(),
        format!("../users/{uid}"),
        format!("..%2f..%2fusers%2f{uid}"),
        format!("%2e%2e/{uid}"),
        format!("{fine}/../../margin/positions/{uid}"),
        format!("{fine}?uid={uid}"),
        format!("{fine}&uid={uid}"),
        format!("{fine};uid={uid}"),
        format!("{fine}#{uid}"),
        format!("{fine}\nX-Member-Uid: {uid}"),
        format!("{fine}\r\nX-Member-Uid: {uid}\r\n\r\n"),
        format!("{fine}\u{0}{uid}"),
        format!("{fine}\u{202e}{uid}"),
        format!("{fine}\",\"uid\":\"{uid}"),
        format!("' OR uid = '{uid}' --"),
        wide,
        json!({"uid": uid}).to_string(),
    ]
}

/// (b) and (c) A declared argument with what is not meant for it.
fn values(
    operation: &Operation,
    argument: &Argument,
    own: &Person,
    victim: &Person,
) -> Vec<Attack> {
    let fine = arguments_of(operation, own)[&argument.name].clone();
    let fine = fine.as_str().unwrap_or("btc");
    let uid = &victim.uid;
    let objects = victim.withdraws.iter().chain(&victim.deposits);
    let wrong = [
        json!({"uid": uid}),
        json!([fine, uid]),
        json!([{"uid": uid}]),
        json!(1_234_567),
        json!(1.5),
        json!(true),
        Value::Null,
    ];
    let free =
        argument.pattern.is_none() && argument.one_of.is_empty() && argument.shape == Shape::String;
    let mut attacks = Vec::new();
    for value in texts_of(victim, fine)
        .iter()
        .map(|text| json!(text))
        .chain(wrong)
    {
        let text = value.is_string();
        let mut attack = Attack::argument(operation, own, &argument.name, value);
        // Free text may say anything; an id of the right form is refused only by its owner.
        let fits = operation
            .check(attack.arguments.as_object().unwrap())
            .is_ok();
        attack.before_forward = !fits;
        attack.refused = !fits || argument.object;
        assert!(
            !fits
                || argument.object
                || (text && (free || argument.object || argument.pattern.is_some())),
            "{}",
            attack.what
        );
        attacks.push(attack);
    }
    let named = objects_of(operation, victim);
    let named = named.into_iter().filter(|_| argument.object);
    for object in objects.map(|tid| json!(tid)).chain(named) {
        let mut attack = Attack::argument(operation, own, &argument.name, object);
        attack.names_object = true;
        attack.refused = argument.object || !argument.one_of.is_empty();
        attacks.push(attack);
    }
    attacks
}

/// (d) Everything beside the arguments.
fn around(operation: &Operation, own: &Person, victim: &Person) -> Vec<Attack> {
    let uid = &victim.uid;
    let mut attacks = Vec::new();
    for members in [
        json!({"purpose": uid}),
        json!({"purpose": "support.withdrawal' OR '1'='1"}),
        json!({"purpose": "*"}),
        json!({"purpose": {"uid": uid}}),
        json!({"purpose": ["support.case"]}),
        json!({"uid": uid}),
        json!({"subject": {"sub": victim.sub, "uid": uid}}),
        json!({"sub": victim.sub}),
        json!({"conversation": uid}),
        json!({"conversation": {"uid": uid}}),
        json!({"conversation": "0".repeat(32)}),
    ] {
        let mut attack = Attack::none(operation, own);
        attack.what = members.to_string();
        attack.members = members;
        (attack.refused, attack.before_forward) = (true, true);
        attacks.push(attack);
    }
    for (name, value) in [
        ("x-member-uid", uid.clone()),
        ("X-Member-UID", uid.clone()),
        ("uid", uid.clone()),
        ("x-user-id", uid.clone()),
        ("x-auth-uid", uid.clone()),
        ("x-forwarded-user", uid.clone()),
        ("x-original-url", format!("/margin/positions/{uid}")),
        ("x-http-method-override", "PUT".to_owned()),
        ("forwarded", format!("for={uid}")),
        ("cookie", format!("uid={uid}; member_uid={uid}")),
        ("traceparent", format!("00-{uid}-01")),
        ("baggage", format!("uid={uid}")),
    ] {
        let mut attack = Attack::none(operation, own);
        attack.what = format!("{name}: {value}");
        attack.headers = vec![(name, value)];
        attacks.push(attack);
    }
    let mut key = Attack::none(operation, own);
    "the key names them".clone_into(&mut key.what);
    key.key = format!("{}-{uid}", key.key);
    attacks.push(key);
    attacks
}

/// What an operation's object argument may name, of one customer's.
pub(crate) fn objects_of(operation: &Operation, whose: &Person) -> Vec<Value> {
    let texts = |ids: &[String]| ids.iter().map(|id| json!(id)).collect();
    match &*operation.topic {
        "deposits" => texts(&whose.deposits),
        "orders" => whose.orders.iter().map(|id| json!(id)).collect(),
        "p2p" => texts(&whose.trades),
        _ => texts(&whose.withdraws),
    }
}

/// Arguments that fit an operation, about the asker's own objects: the required ones of its example.
pub(crate) fn arguments_of(operation: &Operation, own: &Person) -> Value {
    let example = operation.example.as_ref().expect("shipped ones have one");
    let required = operation.arguments.iter().filter(|it| it.required);
    let given = required.map(|argument| {
        let value = if argument.object {
            objects_of(operation, own).swap_remove(0)
        } else {
            example.arguments[&argument.name].clone()
        };
        (argument.name.clone(), value)
    });
    Value::Object(given.collect())
}
