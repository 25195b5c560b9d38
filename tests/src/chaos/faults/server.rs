//! Asterisk goes, stands still, or does not want us.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use crate::chaos::program::Manners;
use crate::chaos::scene::{BRIEF, Scene};

const STILL: Duration = Duration::from_secs(5);
const LOCKED_OUT: Duration = Duration::from_secs(4);
const CROWDED: Duration = Duration::from_secs(2);

/// Asterisk ends and is started again. All its calls are gone.
pub(crate) async fn restarted(scene: &mut Scene<'_>) -> Result<()> {
    scene.watch.broken();
    scene.house.asterisk.restart().await
}

/// The same, without a last word.
pub(crate) async fn killed(scene: &mut Scene<'_>) -> Result<()> {
    scene.watch.broken();
    scene.house.asterisk.signal("KILL").await?;
    scene.house.asterisk.restart().await
}

/// Asterisk stands still, while callers come and others hang up. Its sockets stay open.
pub(crate) async fn stopped(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.crowd;
    scene.call(Manners::Stay, calls, Some(BRIEF)).await?;
    scene.serves(calls * 2).await?;
    scene.watch.broken();
    scene.house.asterisk.signal("STOP").await?;
    let called = scene.call(Manners::Stay, calls, Some(BRIEF)).await;
    sleep(STILL).await;
    scene.house.asterisk.signal("CONT").await?;
    called
}

/// Asterisk reads all its configuration again.
pub(crate) async fn reloaded(scene: &mut Scene<'_>) -> Result<()> {
    scene.call(Manners::Stay, scene.crowd, None).await?;
    scene.house.asterisk.cli("core reload").await?;
    scene.serves(scene.crowd * 2).await
}

/// The password is another one, so that requests are refused; then the socket goes as well, and cannot be opened.
pub(crate) async fn password(scene: &mut Scene<'_>) -> Result<()> {
    let house = scene.house;
    let right = format!("password={}\n", house.asterisk.password());
    let wrong = "password=another\n";
    scene.watch.broken();
    house.reconfigure("ari.conf", &right, wrong, "res_ari.so").await?;
    let served = scene.roll.serving();
    scene.call(Manners::Fail, scene.crowd, None).await?;
    sleep(LOCKED_OUT).await;
    house.proxy.cut();
    let before = house.proxy.dials();
    sleep(LOCKED_OUT).await;
    let tries = house.proxy.dials() - before;
    house.reconfigure("ari.conf", wrong, &right, "res_ari.so").await?;
    ensure!(
        scene.roll.serving() >= served,
        "calls that were live have no task any more"
    );
    ensure!(
        (1..=10).contains(&tries),
        "{tries} tries with a wrong password within {LOCKED_OUT:?}"
    );
    Ok(())
}

/// Asterisk takes hardly any connection, and closes the others without a word.
pub(crate) async fn session_limit(scene: &mut Scene<'_>) -> Result<()> {
    let house = scene.house;
    let (many, few) = ("sessionlimit=100\n", "sessionlimit=1\n");
    scene.watch.broken();
    house.reconfigure("http.conf", many, few, "http").await?;
    scene.call(Manners::Stay, scene.crowd, None).await?;
    sleep(CROWDED).await;
    house.proxy.cut();
    sleep(CROWDED).await;
    house.reconfigure("http.conf", few, many, "http").await
}
