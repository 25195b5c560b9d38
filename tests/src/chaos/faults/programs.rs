//! Programs come and go.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use ari_client::{EndReason, ErrorKind};

use crate::chaos::scene::Scene;

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

/// The program dies without a last word; the next one takes up who waits.
pub(crate) async fn killed(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    scene.watch.broken();
    drop(scene.oldest_program()?);
    scene.start_program()?;
    scene.serves(calls).await
}
