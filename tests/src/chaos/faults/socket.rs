//! The event socket goes.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::chaos::program::Manners;
use crate::chaos::proxy::Treatment;
use crate::chaos::scene::{BRIEF, Scene};

const FLAPS: u32 = 5;
const BETWEEN_FLAPS: Duration = Duration::from_millis(300);
const LATE: Duration = Duration::from_millis(1500);
const SWALLOWED: Duration = Duration::from_secs(8);

/// A TCP reset, once.
pub(crate) async fn cut(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    scene.call(Manners::Stay, calls, Some(BRIEF)).await?;
    scene.serves(calls * 2).await?;
    scene.house.proxy.cut();
    scene.call(Manners::Stay, calls, Some(BRIEF)).await
}

/// Resets, again and again, while callers come.
pub(crate) async fn flapping(scene: &mut Scene<'_>) -> Result<()> {
    scene.watch.broken();
    let pace = f64::from(scene.crowd);
    scene
        .call_at(
            pace,
            Manners::Stay,
            scene.crowd * 2,
            Some(Duration::from_millis(500)),
        )
        .await?;
    for _ in 0..FLAPS {
        let mut open = scene.house.proxy.open();
        // A socket that is being dialled cannot be cut.
        open.wait_for(|open| *open > 0).await?;
        sleep(BETWEEN_FLAPS).await;
        scene.house.proxy.cut();
    }
    Ok(())
}

/// Events come so late that callers have hung up again when the program hears of them.
pub(crate) async fn late(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    scene.watch.broken();
    scene.house.proxy.treat_events(Treatment::Delay(LATE));
    scene.call(Manners::Fail, calls, None).await?;
    scene.call(Manners::Stay, calls, None).await?;
    sleep(LATE / 2).await;
    scene.hang_up_all().await?;
    sleep(LATE).await;
    scene.house.proxy.treat_events(Treatment::Pass);
    Ok(())
}

/// Nothing passes any more, and nobody says so. Callers come and hang up meanwhile: Asterisk believes that the
/// application is there.
pub(crate) async fn half_open(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    scene
        .call(Manners::Stay, calls, Some(Duration::from_secs(2)))
        .await?;
    scene.serves(calls * 2).await?;
    scene.watch.broken();
    scene.house.proxy.treat_all(Treatment::Swallow);
    scene.call(Manners::Stay, calls, None).await?;
    sleep(SWALLOWED).await;
    scene.house.proxy.treat_all(Treatment::Pass);
    Ok(())
}
