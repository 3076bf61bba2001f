//! Open and past orders (Peatio) and margin positions (the desk).

use serde::Serialize;

use super::amount::Amount;
use super::chance::Chance;
use super::currency::Currency;
use super::time::{MINUTE_US, iso};

/// A pair that is traded: its id, what is bought, with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Market {
    /// `btcusdt`.
    pub id: &'static str,
    /// What is bought or sold.
    pub base: Currency,
    /// What it is paid with.
    pub quote: Currency,
}

/// The markets.
pub const MARKETS: &[Market] = &[
    Market {
        id: "btcusdt",
        base: Currency::Btc,
        quote: Currency::Usdt,
    },
    Market {
        id: "ethusdt",
        base: Currency::Eth,
        quote: Currency::Usdt,
    },
    Market {
        id: "xrpusdt",
        base: Currency::Xrp,
        quote: Currency::Usdt,
    },
    Market {
        id: "btcusd",
        base: Currency::Btc,
        quote: Currency::Usd,
    },
    Market {
        id: "ltceur",
        base: Currency::Ltc,
        quote: Currency::Eur,
    },
    Market {
        id: "usdtrub",
        base: Currency::Usdt,
        quote: Currency::Rub,
    },
];

/// Every state of an order, as `POST /orders` takes it.
pub const ORDER_STATES: &[&str] = &["pending", "wait", "done", "cancel", "reject"];

/// `Order`: Peatio names its owner by row number only.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Peatio's interface file"
)]
pub struct Order {
    pub id: u64,
    pub member_id: u64,
    pub uuid: String,
    pub side: &'static str,
    pub ord_type: &'static str,
    pub price: Amount,
    pub avg_price: Amount,
    pub state: &'static str,
    pub market: &'static str,
    pub market_type: &'static str,
    pub created_at: String,
    pub updated_at: String,
    pub origin_volume: Amount,
    pub remaining_volume: Amount,
    pub executed_volume: Amount,
    pub maker_fee: Amount,
    pub taker_fee: Amount,
    pub trades_count: u64,
    pub trades: Vec<Trade>,
    /// What it locks while it waits: not part of the answer.
    #[serde(skip)]
    pub locks: Option<(Currency, Amount)>,
    /// When it was made; not part of the answer.
    #[serde(skip)]
    pub at_us: i64,
}

/// `Trade`.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Peatio's interface file"
)]
pub struct Trade {
    pub id: String,
    pub price: Amount,
    pub amount: Amount,
    pub total: Amount,
    pub fee_currency: Currency,
    pub fee: Amount,
    pub fee_amount: Amount,
    pub market: &'static str,
    pub market_type: &'static str,
    pub created_at: String,
    pub taker_type: &'static str,
    pub side: &'static str,
    pub order_id: u64,
}

/// The answer of the margin desk.
#[derive(Debug, Clone, Serialize)]
pub struct Margin {
    /// Whose.
    pub uid: String,
    /// The open positions.
    pub positions: Vec<Position>,
    /// Equity over the margin the positions need; none without positions.
    pub margin_level: Option<Amount>,
    /// Whether more margin was asked for.
    pub call: bool,
}

/// What was closed against a customer's will.
#[derive(Debug, Clone, Serialize)]
pub struct Liquidations {
    /// Whose.
    pub uid: String,
    /// Newest first.
    pub liquidations: Vec<Liquidation>,
}

/// One forced close.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the usual words of margin trading")]
pub struct Liquidation {
    pub id: u64,
    pub market: &'static str,
    pub side: &'static str,
    pub amount: Amount,
    pub entry_price: Amount,
    pub close_price: Amount,
    pub leverage: u8,
    pub margin_lost: Amount,
    pub fee: Amount,
    pub reason: &'static str,
    pub closed_at: String,
    /// Which robot closed it, and how it was tuned: staff's.
    pub engine: &'static str,
}

/// One leveraged position; `margin_ratio` is what it must keep over what it has.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the usual words of margin trading")]
pub struct Position {
    pub market: &'static str,
    pub side: &'static str,
    pub amount: Amount,
    pub entry_price: Amount,
    pub mark_price: Amount,
    pub liquidation_price: Amount,
    pub leverage: u8,
    pub margin: Amount,
    pub margin_ratio: Amount,
    pub state: &'static str,
}

/// None to five orders, newest first.
pub(super) fn orders(member_id: u64, base_us: i64, chance: &mut Chance) -> Vec<Order> {
    let mut out: Vec<_> = (0..chance.below(6))
        .map(|at| {
            let state = chance.pick(&["wait", "wait", "wait", "done", "cancel", "reject"]);
            order((member_id, member_id * 100 + at), state, base_us, chance)
        })
        .collect();
    out.sort_by_key(|it| std::cmp::Reverse(it.at_us));
    out
}

/// An order in this state.
pub(super) fn order(
    (member_id, id): (u64, u64),
    state: &'static str,
    base_us: i64,
    chance: &mut Chance,
) -> Order {
    let market = chance.pick(MARKETS);
    let buys = chance.one_in(2);
    let mark = market.base.price_usd().over(market.quote.price_usd());
    let (low, high) = if buys { (900, 995) } else { (1_005, 1_100) };
    let price = mark.times(Amount::milli(chance.between(low, high))).cut(2);
    let volume = market.base.worth(Amount::whole(chance.between(40, 6_000)));
    let executed = executed(state, volume, chance).cut(market.base.decimals());
    let remaining = volume.minus(executed);
    let at_us = base_us.saturating_sub(chance.between(20, 20_000) * MINUTE_US);
    let (side, pays) = if buys {
        (
            "buy",
            (
                market.quote,
                remaining.times(price).cut(market.quote.decimals()),
            ),
        )
    } else {
        ("sell", (market.base, remaining))
    };
    let nothing = Amount::default();
    let mut order = Order {
        id,
        member_id,
        uuid: chance.uuid(),
        side,
        ord_type: "limit",
        price,
        avg_price: if executed > nothing { price } else { nothing },
        state,
        market: market.id,
        market_type: "spot",
        created_at: iso(at_us),
        updated_at: iso(at_us.saturating_add(9 * MINUTE_US)),
        origin_volume: volume,
        remaining_volume: remaining,
        executed_volume: executed,
        maker_fee: Amount::units(100_000),
        taker_fee: Amount::units(200_000),
        trades_count: 0,
        trades: Vec::new(),
        locks: (state == "wait").then_some(pays),
        at_us,
    };
    if executed > nothing {
        order.trades = vec![trade(&order, market, chance)];
        order.trades_count = 1;
    }
    order
}

/// How much of an order in this state has found somebody.
fn executed(state: &str, volume: Amount, chance: &mut Chance) -> Amount {
    match state {
        "done" => volume,
        "reject" => Amount::default(),
        _ if chance.one_in(3) => volume.times(Amount::milli(chance.between(50, 700))),
        _ => Amount::default(),
    }
}

fn trade(order: &Order, market: Market, chance: &mut Chance) -> Trade {
    let total = order.executed_volume.times(order.price);
    let (fee_currency, gained) = match order.side {
        "buy" => (market.base, order.executed_volume),
        _ => (market.quote, total),
    };
    Trade {
        id: chance.digits(8),
        price: order.price,
        amount: order.executed_volume,
        total,
        fee_currency,
        fee: order.maker_fee,
        fee_amount: gained.times(order.maker_fee),
        market: order.market,
        market_type: order.market_type,
        created_at: order.updated_at.clone(),
        taker_type: if order.side == "buy" { "sell" } else { "buy" },
        side: order.side,
        order_id: order.id,
    }
}

/// The desk's view of a customer: one in four trades on margin.
pub(super) fn margin(uid: &str, chance: &mut Chance) -> Margin {
    let open = if chance.one_in(4) {
        chance.between(1, 2)
    } else {
        0
    };
    let positions = (0..open)
        .map(|_| {
            let market = chance.pick(MARKETS.get(..3).unwrap_or(MARKETS));
            let entry = chance.between(880, 1_000);
            let leverage = chance.pick(&[2_u8, 3, 5]);
            position(
                market,
                Amount::milli(entry),
                leverage,
                chance.between(800, 9_000),
            )
        })
        .collect();
    settle(uid, positions)
}

/// A long position entered at this fraction of today's price, for so many dollars.
pub(super) fn position(market: Market, entry: Amount, leverage: u8, usd: i64) -> Position {
    let lever = Amount::whole(i64::from(leverage));
    let mark_price = market
        .base
        .price_usd()
        .over(market.quote.price_usd())
        .cut(4);
    let entry_price = mark_price.times(entry).cut(4);
    let amount = market.base.worth(Amount::whole(usd));
    let margin = amount.times(entry_price).over(lever).cut(2);
    // A long is closed where what is left of the margin is half a per cent of the entry's value.
    let floor = Amount::milli(1_005).minus(Amount::whole(1).over(lever));
    let mut position = Position {
        market: market.id,
        side: "long",
        amount,
        entry_price,
        mark_price,
        liquidation_price: entry_price.times(floor).cut(4),
        leverage,
        margin,
        margin_ratio: Amount::default(),
        state: "open",
    };
    let needed = amount.times(mark_price).times(Amount::milli(5));
    position.margin_ratio = needed.over(equity(&position)).cut(4);
    position
}

/// The forced close of a position like this one, at the price it is closed at.
pub(super) fn liquidate(id: u64, position: &Position, at_us: i64) -> Liquidation {
    Liquidation {
        id,
        market: position.market,
        side: position.side,
        amount: position.amount,
        entry_price: position.entry_price,
        close_price: position.liquidation_price,
        leverage: position.leverage,
        margin_lost: position.margin,
        fee: position.margin.times(Amount::milli(15)).cut(2),
        reason: "margin_level_below_minimum",
        closed_at: iso(at_us),
        engine: "liq-engine-3 pass 2, partial closes off",
    }
}

/// One in eight who trades on margin, or did, has lost a position.
pub(super) fn liquidations(
    (number, uid): (u64, &str),
    base_us: i64,
    chance: &mut Chance,
) -> Liquidations {
    let mut out = Vec::new();
    if chance.one_in(8) {
        let market = chance.pick(MARKETS.get(..3).unwrap_or(MARKETS));
        let entry = Amount::milli(chance.between(1_050, 1_300));
        let lost = position(market, entry, 5, chance.between(500, 4_000));
        let at_us = base_us.saturating_sub(chance.between(9, 300) * 24 * 60 * MINUTE_US);
        out.push(liquidate(number * 10, &lost, at_us));
    }
    Liquidations {
        uid: uid.to_owned(),
        liquidations: out,
    }
}

fn equity(position: &Position) -> Amount {
    let gain = position
        .mark_price
        .minus(position.entry_price)
        .times(position.amount);
    position.margin.plus(gain)
}

/// Adds up positions: margin is called for below a level of 0.5.
pub(super) fn settle(uid: &str, positions: Vec<Position>) -> Margin {
    let needed: Amount = positions.iter().map(|it| it.margin).sum();
    let have: Amount = positions.iter().map(equity).sum();
    let margin_level = (!positions.is_empty()).then(|| have.over(needed).cut(4));
    let call = margin_level.is_some_and(|it| it < Amount::milli(500));
    Margin {
        uid: uid.to_owned(),
        positions,
        margin_level,
        call,
    }
}
