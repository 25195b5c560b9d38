//! Callers do what they like while the socket is down.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::chaos::program::Manners;
use crate::chaos::proxy::Treatment;
use crate::chaos::scene::Scene;

/// How long the socket is down at least. The longer it is, the later it is tried again.
const DOWN: Duration = Duration::from_millis(1500);
/// When callers hang up who are to be gone by then.
const GOES: Duration = Duration::from_secs(2);
/// Calls in a second, in a burst.
const BURST: f64 = 100.0;
const CUTS: u32 = 3;
const BETWEEN_CUTS: Duration = Duration::from_millis(150);

/// Callers hang up, and the event that would tell so is never sent. Requests go on being answered.
pub(crate) async fn hang_up(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    scene.call(Manners::Stay, calls, Some(GOES)).await?;
    scene.serves(calls * 2).await?;
    scene.watch.broken();
    scene.house.proxy.treat_events(Treatment::Refuse);
    scene.house.proxy.cut();
    sleep(DOWN).await;
    scene.leaves(calls).await?;
    scene.house.proxy.treat_events(Treatment::Pass);
    Ok(())
}

/// Callers come, and knock.
pub(crate) async fn come(scene: &mut Scene<'_>) -> Result<()> {
    while_down(scene, 10.0, scene.crowd).await
}

/// Callers knock in numbers, so that many of them enter right when the socket opens.
pub(crate) async fn burst_at_reconnect(scene: &mut Scene<'_>) -> Result<()> {
    while_down(scene, BURST, scene.crowd * 4).await
}

async fn while_down(scene: &mut Scene<'_>, pace: f64, calls: u32) -> Result<()> {
    scene.watch.broken();
    scene.house.proxy.treat_all(Treatment::Refuse);
    scene.house.proxy.cut();
    scene.call_at(pace, Manners::Stay, calls, None).await?;
    sleep(DOWN).await;
    scene.knocked().await?;
    scene.house.proxy.treat_all(Treatment::Pass);
    Ok(())
}

/// The socket is cut in the midst of calls that come and go.
pub(crate) async fn cuts_in_a_burst(scene: &mut Scene<'_>) -> Result<()> {
    scene
        .call_at(
            BURST,
            Manners::Stay,
            scene.crowd * 4,
            Some(Duration::from_millis(200)),
        )
        .await?;
    for _ in 0..CUTS {
        sleep(BETWEEN_CUTS).await;
        scene.house.proxy.cut();
    }
    Ok(())
}
