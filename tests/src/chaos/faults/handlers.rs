//! Handlers misbehave. Nothing is broken here, so that the judge is as strict as ever; and callers with a good handler
//! must notice nothing.

use anyhow::{Result, ensure};

use crate::chaos::program::Manners;
use crate::chaos::scene::Scene;

/// How many times as many calls there are in a crowd.
const MANY: u32 = 10;

/// Handlers panic.
pub(crate) async fn panic(scene: &mut Scene<'_>) -> Result<()> {
    beside_good_ones(scene, Manners::Panic, scene.crowd).await
}

/// Handlers return errors.
pub(crate) async fn fail(scene: &mut Scene<'_>) -> Result<()> {
    beside_good_ones(scene, Manners::Fail, scene.crowd).await
}

/// Handlers block their threads, one after the other: more of them than there are threads.
pub(crate) async fn block(scene: &mut Scene<'_>) -> Result<()> {
    beside_good_ones(scene, Manners::Block, 3).await
}

/// Handlers send requests in numbers.
pub(crate) async fn flood(scene: &mut Scene<'_>) -> Result<()> {
    beside_good_ones(scene, Manners::Flood, scene.crowd).await
}

/// All handlers are slow, and do not read their events.
pub(crate) async fn slow(scene: &mut Scene<'_>) -> Result<()> {
    beside_good_ones(scene, Manners::Slow, scene.crowd * MANY).await
}

async fn beside_good_ones(scene: &mut Scene<'_>, manners: Manners, calls: u32) -> Result<()> {
    scene.call(manners, calls, None).await?;
    scene.call(Manners::Stay, scene.crowd, None).await?;
    let good = scene.crowd * 2;
    scene.serves(good).await?;
    let told = scene
        .roll
        .entries()
        .iter()
        .filter(|entry| entry.told.is_some())
        .count();
    ensure!(told <= calls as usize, "calls with a good handler ended");
    Ok(())
}
