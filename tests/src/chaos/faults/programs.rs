//! Programs come and go.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use ari_client::{EndReason, ErrorKind};
use tokio::time::{sleep, timeout};

use crate::chaos::proxy::Treatment;
use crate::chaos::scene::Scene;

/// Beyond the time that the program gives its calls.
const CUT_OFF: Duration = Duration::from_secs(7);
const GIVES_WAY: Duration = Duration::from_secs(20);
/// Of so many sockets that are opened when the one before is gone in the same moment, Asterisk forgets one or two.
const DEATHS: u32 = 30;

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
    let mut open = scene.house.proxy.open();
    scene.watch.broken();
    drop(scene.oldest_program()?);
    timeout(GIVES_WAY, open.wait_for(|open| *open == 0)).await??;
    scene.start_program()?;
    scene.serves(calls).await
}

/// Programs die and are started again at once, and callers come each time. Asterisk may clear up after the socket that is
/// gone when the next one is open already, and forget whose that is: how often it did, the dials tell that are more than one
/// for each program.
pub(crate) async fn killed_again_and_again(scene: &mut Scene<'_>) -> Result<()> {
    scene.house.proxy.close_late(true);
    let all_were_served = die_again_and_again(scene).await;
    scene.house.proxy.close_late(false);
    all_were_served
}

async fn die_again_and_again(scene: &mut Scene<'_>) -> Result<()> {
    for death in 1..=DEATHS {
        let after = || format!("after death {death}");
        killed(scene).await.with_context(after)?;
        scene.visit().await.with_context(after)?;
        // What a program leaves behind that dies over its last words, nobody can tell from what others made.
        scene.only_the_crowd_is_left().await.with_context(after)?;
    }
    Ok(())
}
