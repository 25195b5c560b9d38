//! Programs come and go.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use ari_client::{EndReason, ErrorKind};
use tokio::time::sleep;

use crate::chaos::proxy::Treatment;
use crate::chaos::scene::Scene;

/// Beyond the time that the program gives its calls.
const CUT_OFF: Duration = Duration::from_secs(7);
const GIVES_WAY: Duration = Duration::from_secs(20);

/// A second program takes the application's name. The calls of the first end with `Replaced`, its `run` returns an
/// error, and the calls go on in the second.
pub(crate) async fn replaced(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    let mut first = scene.oldest_program()?;
    scene.start_program()?;
    scene.told(calls, 0, EndReason::Replaced).await?;
    match first.end(GIVES_WAY).await? {
        Ok(()) => bail!("`run` of the program that was replaced returned no error"),
        Err(failure) => {
            let error = failure.ari().context("an error of the application's")?;
            if error.kind() != ErrorKind::Replaced {
                bail!("`run` of the program that was replaced returned {error}");
            }
        }
    }
    scene.serves(calls).await
}

/// The program is asked to stop while nothing gets through: it ends, if not at once, and so do its calls.
pub(crate) async fn stopped(scene: &mut Scene<'_>) -> Result<()> {
    let first = scene.oldest_program()?;
    scene.watch.broken();
    scene.house.proxy.treat_all(Treatment::Refuse);
    scene.house.proxy.cut();
    let stops = tokio::spawn(first.stop());
    sleep(CUT_OFF).await;
    scene.house.proxy.treat_all(Treatment::Pass);
    stops.await??;
    let left = scene.house.view().inventory().await?.in_stasis.len();
    ensure!(left == 0, "{left} calls of a program that has ended are left");
    scene.start_program()?;
    Ok(())
}

/// The program dies without a last word; the next one takes up who waits.
pub(crate) async fn killed(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    scene.watch.broken();
    drop(scene.oldest_program()?);
    scene.start_program()?;
    scene.serves(calls).await
}
