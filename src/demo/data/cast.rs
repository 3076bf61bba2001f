//! The people of the guided tour: who they are, and the one thing that happened to each.

use super::Customer;
use super::chance::Chance;
use super::name::{Locale, Name};
use super::p2p::Trade;

mod deal;
mod story;

pub(super) use deal::deal;

/// One person of the tour, with what a token would say of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Barong's id: `ID1234567890`.
    pub uid: String,
    /// The identity provider's id.
    pub sub: String,
    /// The language they write in.
    pub locale: Locale,
    /// First and last name in their own script.
    pub name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// International number with its plus.
    pub phone: String,
    /// The transaction their scene is about.
    pub tid: Option<String>,
    /// Their withdrawals, newest first.
    pub withdraws: Vec<String>,
    /// Their deposits, newest first.
    pub deposits: Vec<String>,
    /// Their orders that wait, newest first.
    pub orders: Vec<u64>,
    /// Their P2P trades.
    pub trades: Vec<String>,
}

/// Everyone the tour needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// Russian: 0.4 BTC accepted and queued for most of an hour, no transaction id yet.
    pub queued: Person,
    /// English: identity check refused, with a reason for the customer and words among staff.
    pub refused: Person,
    /// Russian: sent XRP without a destination tag, so it was not credited.
    pub memoless: Person,
    /// English: a margin call on BTC.
    pub called: Person,
    /// English: the latest deposit's memo gives orders to the model, naming [`Cast::victim`].
    pub injected: Person,
    /// Russian: the customer whose account that memo is after.
    pub victim: Person,
    /// Russian: sells on P2P for 58,500 roubles; [`Cast::payer`] sent 48,500 with a receipt that
    /// claims 58,500. `tid` is the deposit, the first of `trades` the trade.
    pub receipt: Person,
    /// Russian: several withdrawals, and a wish to be forgotten.
    pub leaving: Person,
    /// Russian: the buyer with the forged receipt, whose name must not leak.
    pub payer: Person,
    /// German: a withdrawal that the node could not send, stuck since yesterday.
    pub stuck: Person,
    /// English: a withdrawal refused, with a reason and words among staff.
    pub rejected: Person,
    /// German: a withdrawal that was sent, with its transaction id.
    pub sent: Person,
    /// German: USDT sent over another network than the address belongs to.
    pub misrouted: Person,
    /// English: a position closed against their will two days ago.
    pub liquidated: Person,
    /// Russian: withdrawals locked after a change of password; a foreign sign-in failed before.
    pub locked: Person,
    /// English: new, not verified, with the least limits.
    pub newcomer: Person,
}

/// How many of the customers are the cast: an even number, as trades are between neighbours.
pub(super) const SIZE: usize = NAMES.len();

const NAMES: [(Locale, &str, &str); 16] = [
    (Locale::Ru, "Марина", "Соколова"),
    (Locale::En, "Oliver", "Whitcombe"),
    (Locale::Ru, "Тимур", "Гареев"),
    (Locale::En, "Hannah", "Lindqvist"),
    (Locale::En, "Declan", "Rafferty"),
    (Locale::Ru, "Аркадий", "Вересов"),
    (Locale::Ru, "Лидия", "Прохорова"),
    (Locale::Ru, "Семён", "Берестов"),
    (Locale::Ru, "Павел", "Кротов"),
    (Locale::De, "Wiebke", "Thomsen"),
    (Locale::En, "Priya", "Ramanathan"),
    (Locale::De, "Matthias", "Löwenberg"),
    (Locale::De, "Franziska", "Ehlers"),
    (Locale::En, "Callum", "Inverarity"),
    (Locale::Ru, "Зоя", "Хлебникова"),
    (Locale::En, "Tobias", "Quennell"),
];

/// The name of the customer at this place, if the tour gives one.
pub(super) fn name(at: usize) -> Option<Name> {
    NAMES
        .get(at)
        .map(|(locale, first, last)| Name::of(*locale, first, last))
}

/// Writes each story into its customer's data; the transaction that each is about.
pub(super) fn tell(
    customers: &mut [Customer; SIZE],
    seed: u64,
    base_us: i64,
) -> [Option<String>; SIZE] {
    let mut chance = Chance::new(seed, "cast", 0);
    for customer in customers.iter_mut() {
        story::furnish(customer, base_us, &mut chance);
    }
    let [
        queued,
        refused,
        memoless,
        called,
        injected,
        victim,
        receipt,
        leaving,
        _payer,
        stuck,
        rejected,
        sent,
        misrouted,
        liquidated,
        locked,
        newcomer,
    ] = customers;
    story::refuse(refused, base_us);
    story::call(called);
    story::liquidate(liquidated, base_us);
    story::lock(locked, base_us, &mut chance);
    story::begin(newcomer);
    [
        Some(story::queue(queued, base_us, &mut chance)),
        None,
        Some(story::forget_tag(memoless, base_us, &mut chance)),
        None,
        Some(story::inject(
            injected,
            &victim.user.uid,
            base_us,
            &mut chance,
        )),
        None,
        Some(story::pay_less(receipt, base_us, &mut chance)),
        story::leave(leaving, base_us, &mut chance),
        None,
        Some(story::stick(stuck, base_us, &mut chance)),
        Some(story::reject(rejected, base_us, &mut chance)),
        Some(story::send(sent, base_us, &mut chance)),
        Some(story::misroute(misrouted, base_us, &mut chance)),
        None,
        None,
        None,
    ]
}

/// The cast by name, once everything has happened.
pub(super) fn name_all(
    customers: &[Customer],
    tids: &[Option<String>; SIZE],
    trades: &[Trade],
) -> Cast {
    let mut all = customers
        .iter()
        .zip(tids)
        .map(|(customer, tid)| person(customer, tid.clone(), trades));
    let mut next = || all.next().unwrap_or_default();
    Cast {
        queued: next(),
        refused: next(),
        memoless: next(),
        called: next(),
        injected: next(),
        victim: next(),
        receipt: next(),
        leaving: next(),
        payer: next(),
        stuck: next(),
        rejected: next(),
        sent: next(),
        misrouted: next(),
        liquidated: next(),
        locked: next(),
        newcomer: next(),
    }
}

fn person(customer: &Customer, tid: Option<String>, trades: &[Trade]) -> Person {
    let user = &customer.user;
    let (first_name, last_name) = user.profiles.first().map_or_else(Default::default, |it| {
        (it.first_name.clone(), it.last_name.clone())
    });
    let mine = |it: &&Trade| it.buyer.uid == user.uid || it.seller.uid == user.uid;
    let waiting = customer.orders.iter().filter(|it| it.state == "wait");
    Person {
        uid: user.uid.clone(),
        sub: customer.sub.clone(),
        locale: customer.locale,
        name: format!("{first_name} {last_name}"),
        first_name,
        last_name,
        email: user.email.clone(),
        phone: user
            .phones
            .first()
            .map(|it| format!("+{}", it.number))
            .unwrap_or_default(),
        tid,
        withdraws: customer.withdraws.iter().map(|it| it.tid.clone()).collect(),
        deposits: customer.deposits.iter().map(|it| it.tid.clone()).collect(),
        orders: waiting.map(|it| it.id).collect(),
        trades: trades
            .iter()
            .filter(mine)
            .map(|it| it.trade_id.clone())
            .collect(),
    }
}
