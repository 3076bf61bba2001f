//! What the core says of a currency: fees, least amounts, limits. Numbers in strings, as there.

use serde::Serialize;
use serde_json::{Value, json};

use super::amount::Amount;
use super::currency::Currency;

/// `Currency`, as Peatio shows it to administrators.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "named and described by Peatio's interface file"
)]
pub struct Terms {
    pub id: Currency,
    pub code: Currency,
    pub name: &'static str,
    pub description: Option<&'static str>,
    pub homepage: Option<&'static str>,
    pub parent_id: Option<&'static str>,
    pub price: Amount,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub deposit_enabled: bool,
    pub withdrawal_enabled: bool,
    pub deposit_fee: Amount,
    pub min_deposit_amount: Amount,
    pub min_collection_amount: Amount,
    pub withdraw_fee: Amount,
    pub min_withdraw_amount: Amount,
    pub withdraw_limit_24h: Amount,
    pub withdraw_limit_72h: Amount,
    pub precision: u32,
    pub position: usize,
    pub min_confirmations: String,
    pub visible: bool,
    pub options: Value,
}

/// Every currency's, in the order of the list.
pub(super) fn terms() -> Vec<Terms> {
    let places = Currency::ALL.into_iter().enumerate();
    places
        .map(|(at, currency)| {
            let worth = |usd| currency.worth(Amount::whole(usd));
            Terms {
                id: currency,
                code: currency,
                name: currency.name(),
                description: None,
                homepage: None,
                parent_id: None,
                price: currency.price_usd(),
                kind: currency.kind(),
                deposit_enabled: true,
                withdrawal_enabled: true,
                deposit_fee: Amount::default(),
                min_deposit_amount: worth(5),
                min_collection_amount: worth(50),
                withdraw_fee: currency.withdraw_fee(),
                min_withdraw_amount: worth(10),
                withdraw_limit_24h: worth(100_000),
                withdraw_limit_72h: worth(250_000),
                precision: currency.decimals(),
                position: at.saturating_add(1),
                min_confirmations: currency.confirmations().to_string(),
                visible: true,
                options: json!({ "hot_wallet": format!("hw-{}-02", currency.code()), "gas_price": "fast" }),
            }
        })
        .collect()
}
