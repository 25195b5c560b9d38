//! `/asterisk`: dynamic configuration, modules, log channels, global variables.

use anyhow::Result;
use ari_client::Resources as _;
use ari_client::models::ConfigTuple;

use super::stage::Stage;

/// A class of objects that the lab's Asterisk keeps in memory.
const CLASS: (&str, &str) = ("res_pjsip", "auth");
/// A module that nothing here needs.
const MODULE: &str = "app_echo.so";
const NO_MODULE: &str = "app_nosuch.so";

pub(super) async fn cover(stage: &Stage) {
    stage.step("configuration", configuration(stage)).await;
    stage.step("info and ping", info_and_ping(stage)).await;
    stage.step("modules", modules(stage)).await;
    stage.step("log channels", log_channels(stage)).await;
    stage.step("global variables", global_variables(stage)).await;
}

async fn configuration(stage: &Stage) -> Result<()> {
    let asterisk = stage.ari.asterisk();
    let (class, kind) = CLASS;
    let fields = [
        ("auth_type", "userpass"),
        ("username", "covered"),
        ("password", "secret"),
    ];
    stage
        .succeeds(asterisk.update_object(class, kind, "covered").fields(fields))
        .await?;
    let read: Vec<ConfigTuple> = stage
        .succeeds(asterisk.get_object(class, kind, "covered"))
        .await?;
    anyhow::ensure!(
        read.iter()
            .any(|tuple| tuple.attribute == "username" && tuple.value == "covered"),
        "the object was not kept: {read:?}"
    );
    stage
        .succeeds(asterisk.delete_object(class, kind, "covered"))
        .await?;
    stage
        .fails(asterisk.get_object(class, kind, "covered"), 404)
        .await?;
    stage
        .fails(
            asterisk.update_object(class, "nosuch", "covered").fields(fields),
            404,
        )
        .await?;
    stage
        .fails(asterisk.delete_object(class, kind, "covered"), 404)
        .await
}

async fn info_and_ping(stage: &Stage) -> Result<()> {
    stage.succeeds(stage.ari.asterisk().get_info()).await?;
    stage.refused(stage.stranger.asterisk().get_info()).await?;
    stage.succeeds(stage.ari.asterisk().ping()).await?;
    stage.refused(stage.stranger.asterisk().ping()).await
}

async fn modules(stage: &Stage) -> Result<()> {
    let asterisk = stage.ari.asterisk();
    stage.succeeds(asterisk.list_modules()).await?;
    stage.refused(stage.stranger.asterisk().list_modules()).await?;
    stage.succeeds(asterisk.get_module(MODULE)).await?;
    stage.fails(asterisk.get_module(NO_MODULE), 404).await?;
    stage.succeeds(asterisk.unload_module(MODULE)).await?;
    stage.fails(asterisk.unload_module(NO_MODULE), 404).await?;
    stage.succeeds(asterisk.load_module(MODULE)).await?;
    stage.fails(asterisk.load_module(MODULE), 409).await?;
    stage
        .succeeds(asterisk.reload_module("res_musiconhold.so"))
        .await?;
    stage.fails(asterisk.reload_module(NO_MODULE), 404).await
}

async fn log_channels(stage: &Stage) -> Result<()> {
    let asterisk = stage.ari.asterisk();
    stage
        .succeeds(asterisk.add_log("covered", "notice,warning"))
        .await?;
    stage
        .fails(asterisk.add_log("covered", "notice,warning"), 409)
        .await?;
    stage.succeeds(asterisk.list_log_channels()).await?;
    stage
        .refused(stage.stranger.asterisk().list_log_channels())
        .await?;
    stage.succeeds(asterisk.delete_log("covered")).await?;
    stage.fails(asterisk.delete_log("covered"), 404).await?;
    // Last, because it takes away whatever was added while Asterisk runs.
    stage.succeeds(asterisk.rotate_log("full")).await?;
    stage.fails(asterisk.rotate_log("nosuch"), 404).await
}

async fn global_variables(stage: &Stage) -> Result<()> {
    let asterisk = stage.ari.asterisk();
    stage
        .succeeds(asterisk.set_global_var("COVERED").value("äöü, and /?&%+"))
        .await?;
    let read = stage.succeeds(asterisk.get_global_var("COVERED")).await?;
    anyhow::ensure!(read.value == "äöü, and /?&%+", "{read:?}");
    stage.fails(asterisk.set_global_var(""), 400).await?;
    stage.fails(asterisk.get_global_var(""), 400).await
}
