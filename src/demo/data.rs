//! The demonstration's customers: three hundred people who do not exist, with accounts that add up.
//!
//! Promises that the same seed and base time give the same data, that the first customers stay
//! the same when more are asked for, and that what pending withdrawals and waiting orders lock is
//! what the balances say. Leaves storage and HTTP to [`super::exchange`].

use std::collections::HashSet;

use serde::Serialize;

pub mod address;
pub mod amount;
pub mod article;
pub mod cast;
mod chance;
pub mod currency;
pub mod desk;
mod kyc;
pub mod name;
pub mod p2p;
mod place;
pub mod security;
pub mod terms;
pub(crate) mod time;
pub mod trading;
pub mod transfer;
pub mod user;
mod wallet;

pub use address::{Beneficiary, PaymentAddress};
pub use amount::Amount;
pub use article::Article;
pub use cast::{Cast, Person};
use chance::Chance;
pub use currency::Currency;
pub use desk::{Fees, Limits, Networks};
pub use name::Locale;
use name::Name;
pub use security::{Activity, Security};
pub use terms::Terms;
pub use trading::{Liquidations, Margin, Order};
pub use transfer::{Deposit, Withdraw};
pub use user::User;

/// Customers enough for every screen and every trouble.
pub const CUSTOMERS: usize = 300;

/// Everything the exchange serves.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The customers; the cast first.
    pub customers: Vec<Customer>,
    /// Trades between two of them.
    pub trades: Vec<p2p::Trade>,
    /// Disputes about those.
    pub disputes: Vec<p2p::Dispute>,
    /// The state of the networks.
    pub networks: Vec<Networks>,
    /// Fees and limits of every currency.
    pub terms: Vec<Terms>,
    /// The help pages.
    pub articles: Vec<Article>,
    /// The people of the guided tour.
    pub cast: Box<Cast>,
}

/// One customer and all that is theirs.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The row number: `member_id` in Peatio, `user_id` in Barong.
    pub number: u64,
    /// The identity provider's id.
    pub sub: String,
    /// The language they write in.
    pub locale: Locale,
    /// Barong's view.
    pub user: User,
    /// One account for every currency.
    pub balances: Vec<Balance>,
    /// Newest first.
    pub withdraws: Vec<Withdraw>,
    /// Newest first.
    pub deposits: Vec<Deposit>,
    /// Newest first.
    pub orders: Vec<Order>,
    /// Where their deposits go.
    pub addresses: Vec<PaymentAddress>,
    /// Where their withdrawals may go.
    pub beneficiaries: Vec<Beneficiary>,
    /// How the account is protected.
    pub security: Security,
    /// Sign-ins, newest first.
    pub activities: Vec<Activity>,
    /// The desk's view of leveraged positions.
    pub margin: Margin,
    /// Positions that were closed against their will.
    pub liquidations: Liquidations,
    /// What may leave in a day.
    pub limits: Limits,
    /// What trading costs.
    pub fees: Fees,
}

/// `Balance`; Peatio does not repeat the currency that was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Balance {
    /// Whose.
    pub uid: String,
    /// Of what; not part of the answer.
    #[serde(skip)]
    pub currency: Currency,
    /// Free to use.
    pub balance: Amount,
    /// Held for withdrawals and orders.
    pub locked: Amount,
}

impl Dataset {
    /// The trade of this id.
    pub fn trade(&self, id: &str) -> Option<&p2p::Trade> {
        self.trades.iter().find(|it| it.trade_id == id)
    }

    /// The data of this seed: at least the cast, times relative to `base_us`.
    pub fn generate(seed: u64, customers: usize, base_us: i64) -> Self {
        let mut taken = HashSet::new();
        let mut first: [Customer; cast::SIZE] =
            std::array::from_fn(|at| Customer::draw(seed, at, None, &mut taken, base_us));
        let stories = cast::tell(&mut first, seed, base_us);
        let mut all = Vec::from(first);
        for at in cast::SIZE..customers {
            let referrer = all.get(at / 2).map(|it| it.user.uid.clone());
            all.push(Customer::draw(seed, at, referrer, &mut taken, base_us));
        }
        for customer in &mut all {
            customer.settle(seed, base_us);
        }
        let (mut trades, mut disputes) = cast::deal(&all, seed, base_us);
        let rest = all.get(cast::SIZE..).unwrap_or_default();
        let drawn = p2p::draw(seed, rest, base_us);
        let cast = cast::name_all(&all, &stories, &trades);
        trades.extend(drawn.0);
        disputes.extend(drawn.1);
        Self {
            customers: all,
            trades,
            disputes,
            networks: desk::networks(),
            terms: terms::terms(),
            articles: article::articles(base_us),
            cast: Box::new(cast),
        }
    }

    /// The customer with this uid.
    pub fn customer(&self, uid: &str) -> Option<&Customer> {
        self.customers.iter().find(|it| it.user.uid == uid)
    }
}

impl Customer {
    /// Everything that does not depend on what the tour does to them.
    fn draw(
        seed: u64,
        at: usize,
        referrer: Option<String>,
        taken: &mut HashSet<String>,
        base_us: i64,
    ) -> Self {
        let number = u64::try_from(at).unwrap_or_default().saturating_add(1);
        let mut chance = Chance::new(seed, "customer", number);
        let name = cast::name(at).unwrap_or_else(|| Name::draw(Locale::of_place(at), &mut chance));
        let (owner, locale) = (name.clone(), name.locale);
        let bearer = user::Bearer {
            number,
            uid: uid(&mut chance, taken),
            mailbox: mailbox(&name, number, taken),
            referral_uid: referrer.filter(|_| chance.one_in(3)),
            verified: at < cast::SIZE,
            name,
        };
        let user = user::draw(bearer, base_us, &mut chance);
        let phone = user
            .phones
            .first()
            .map(|it| it.number.as_str())
            .unwrap_or_default();
        let country = user.phones.first().map_or("GB", |it| it.country);
        Self {
            number,
            sub: chance.uuid(),
            locale,
            balances: Vec::new(),
            withdraws: transfer::withdraws(&user.uid, locale, base_us, phone, &mut chance),
            deposits: transfer::deposits(&user.uid, locale, base_us, &mut chance),
            orders: trading::orders(number, base_us, &mut chance),
            addresses: address::addresses(seed, &user.uid, &mut chance),
            beneficiaries: address::beneficiaries(
                (number, &user.uid),
                &owner,
                base_us,
                &mut chance,
            ),
            security: security::draw(&user.uid, user.otp, base_us, &mut chance),
            activities: security::activities((number, &user.uid), country, base_us, &mut chance),
            margin: trading::margin(&user.uid, &mut chance),
            liquidations: trading::liquidations((number, &user.uid), base_us, &mut chance),
            limits: desk::limits(&user.uid, user.level, &[], base_us),
            fees: desk::fees(&user.uid, chance.pick(&[0, 0, 0, 1, 2])),
            user,
        }
    }

    /// Balances, limits, addresses: what follows from the transfers and orders.
    fn settle(&mut self, seed: u64, base_us: i64) {
        let mut chance = Chance::new(seed, "balance", self.number);
        self.limits = desk::limits(&self.user.uid, self.user.level, &self.withdraws, base_us);
        for deposit in &mut self.deposits {
            let own = |it: &&PaymentAddress| it.currencies.contains(&deposit.currency);
            if let Some(own) = self.addresses.iter().find(own) {
                deposit.address = Some(own.address.clone());
                if deposit.currency == Currency::Xrp && deposit.memo.is_some() {
                    deposit.memo.clone_from(&own.memo);
                }
            }
        }
        self.balances = Currency::ALL
            .into_iter()
            .map(|currency| {
                // Whoever is called for margin has something to add.
                let called = self.margin.call && currency == Currency::Usdt;
                let held = chance.one_in(2) || called;
                let usd = Amount::whole(chance.between(3, 12_000));
                let free = if held {
                    currency.worth(usd)
                } else {
                    Amount::default()
                };
                Balance {
                    uid: self.user.uid.clone(),
                    currency,
                    balance: free,
                    locked: self.locked(currency),
                }
            })
            .collect();
    }

    /// What pending withdrawals and waiting orders hold of a currency.
    fn locked(&self, currency: Currency) -> Amount {
        let withdraws = self
            .withdraws
            .iter()
            .filter(|it| it.currency == currency && it.is_pending())
            .map(|it| it.amount.plus(it.fee));
        let orders = self.orders.iter().filter_map(|it| it.locks);
        let orders = orders
            .filter(|(of, _)| *of == currency)
            .map(|(_, amount)| amount);
        withdraws.chain(orders).sum()
    }
}

/// A uid nobody has.
fn uid(chance: &mut Chance, taken: &mut HashSet<String>) -> String {
    loop {
        let uid = format!("ID{}", chance.digits(10));
        if taken.insert(uid.clone()) {
            return uid;
        }
    }
}

/// A mailbox nobody has: the name, and a number where it is taken.
fn mailbox(name: &Name, number: u64, taken: &mut HashSet<String>) -> String {
    let plain = name.mailbox();
    if taken.insert(plain.clone()) {
        return plain;
    }
    format!("{plain}{number}")
}

#[cfg(test)]
mod tests;
