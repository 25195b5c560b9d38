//! What the reference programs are to do for callers, whatever carries their events and requests.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::{Caller, Lab};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_secs(2);

/// Two callers meet in the conference, hear each other and not themselves, one mutes himself and leaves by a key; nothing
/// stays behind.
///
/// # Errors
/// Fails where they do not, with what was heard.
pub async fn conference(lab: &Lab) -> Result<()> {
    let caller = |name: &str, hertz| Caller::new("1000").named(name).tone(hertz);
    let mut anna = lab.phones().call(caller("anna", 440)).await?;
    let mut bert = lab.phones().call(caller("bert", 620)).await?;
    tokio::time::sleep(SHORT).await;
    let (to_anna, to_bert) = tokio::try_join!(anna.listen(SHORT), bert.listen(SHORT))?;
    ensure!(to_anna.holds(620) && to_anna.lacks(440), "anna hears {to_anna:?}");
    ensure!(to_bert.holds(440) && to_bert.lacks(620), "bert hears {to_bert:?}");

    bert.press("*1").await?;
    tokio::time::sleep(SHORT).await;
    let muted = anna.listen(SHORT).await?;
    ensure!(muted.lacks(620), "bert is heard although muted: {muted:?}");

    bert.press("#").await?;
    let cause = bert.ended(LONG).await?;
    ensure!(cause == 16, "bert left with cause {cause}");
    anna.hang_up().await?;
    lab.asterisk().becomes_empty(LONG).await
}

/// Two callers hear themselves and not the other; nothing stays behind.
///
/// # Errors
/// Fails where they do not, with what was heard.
pub async fn echo(lab: &Lab) -> Result<()> {
    let caller = |name: &str, hertz| Caller::new("600").named(name).tone(hertz);
    let mut anna = lab.phones().call(caller("anna", 440)).await?;
    let mut bert = lab.phones().call(caller("bert", 620)).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (to_anna, to_bert) = tokio::try_join!(anna.listen(SHORT), bert.listen(SHORT))?;
    ensure!(to_anna.holds(440) && to_anna.lacks(620), "anna hears {to_anna:?}");
    ensure!(to_bert.holds(620) && to_bert.lacks(440), "bert hears {to_bert:?}");
    anna.hang_up().await?;
    bert.hang_up().await?;
    lab.asterisk().becomes_empty(LONG).await
}
