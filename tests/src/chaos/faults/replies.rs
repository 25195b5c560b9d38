//! Events come, and requests are answered badly or not at all.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::chaos::program::Manners;
use crate::chaos::proxy::Treatment;
use crate::chaos::scene::{BRIEF, Scene};

const SLOW: Duration = Duration::from_millis(1500);
const BAD: Duration = Duration::from_secs(4);
/// Longer than a call is let go of in one go.
const REFUSED: Duration = Duration::from_secs(15);

/// Each reply takes its time.
pub(crate) async fn slow(scene: &mut Scene<'_>) -> Result<()> {
    treated(scene, Treatment::Delay(SLOW), BAD).await
}

/// Each reply breaks off, so that nobody knows what became of the request.
pub(crate) async fn broken_off(scene: &mut Scene<'_>) -> Result<()> {
    treated(scene, Treatment::BreakOff, BAD).await
}

/// No request gets through.
pub(crate) async fn refused(scene: &mut Scene<'_>) -> Result<()> {
    treated(scene, Treatment::Refuse, REFUSED).await
}

async fn treated(scene: &mut Scene<'_>, treatment: Treatment, length: Duration) -> Result<()> {
    let calls = scene.crowd;
    // They end meanwhile, and what was made for them is to go.
    scene.call(Manners::Stay, calls, Some(BRIEF)).await?;
    scene.serves(calls * 2).await?;
    scene.watch.broken();
    scene.house.proxy.treat_requests(treatment);
    // Those that are there and wait for their next request.
    scene.house.proxy.cut();
    scene.call(Manners::Stay, calls, None).await?;
    scene.call(Manners::Fail, calls, None).await?;
    sleep(length).await;
    scene.house.proxy.treat_requests(Treatment::Pass);
    Ok(())
}
