//! The guided tour: twelve scenes a compliance officer can read, each with what was expected of it.
//!
//! Everything goes over HTTP with real tokens, as the assistant, the customers and the officers
//! would do it; only what is told as "recorded" is read from the ledger in the same process.

mod chat;
mod desk;
mod erasure;
mod export;
mod night;
mod secret;

use super::house::House;
use super::stage::Stage;
use anyhow::Result;

/// Plays the scenes; true if every expectation held.
pub async fn play(house: &House) -> Result<bool> {
    let mut stage = Stage::new(house);
    stage.line("Tidewaiter: an AI assistant served from an exchange's internals, with proof.")?;
    stage.line("")?;
    stage.tell(
        "exchange",
        &format!("{} (demonstration)", house.exchange.base_url()),
    )?;
    stage.tell("gateway", &house.url)?;
    let name = house.dir.file_name().and_then(|name| name.to_str());
    let is_temporary = name.is_some_and(|name| name.starts_with(super::TEMPORARY));
    let dir = house.dir.display().to_string();
    stage.tell(
        "data",
        if is_temporary {
            "a temporary folder (--dir keeps it)"
        } else {
            &dir
        },
    )?;
    chat::withdrawal(&mut stage).await?;
    chat::refused_kyc(&mut stage).await?;
    desk::deposit(&mut stage).await?;
    desk::margin(&mut stage).await?;
    desk::guest(&mut stage).await?;
    chat::injection(&mut stage).await?;
    secret::seed_phrase(&mut stage).await?;
    desk::receipt(&mut stage).await?;
    night::switch(&mut stage).await?;
    night::full_disk(&mut stage).await?;
    erasure::before(&stage).await?;
    export::letter(&mut stage).await?;
    erasure::who_looked_and_erase(&mut stage).await?;
    stage.end()
}
