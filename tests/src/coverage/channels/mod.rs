//! `/channels`, by what is done to a channel.

mod life;
mod media;
mod movement;
mod refusals;
mod signals;
mod variables;

use super::stage::Stage;

/// The id of no channel.
const NOBODY: &str = "nobody";

pub(super) async fn cover(stage: &Stage) {
    life::cover(stage).await;
    signals::cover(stage).await;
    media::cover(stage).await;
    movement::cover(stage).await;
    refusals::cover(stage).await;
    variables::cover(stage).await;
}
